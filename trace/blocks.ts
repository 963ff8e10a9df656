/** Blocks of a note and cells: whose pass is it that a trace shows? */
import type { Trace } from "./schema.ts";

export interface Elsewhere {
  /** Names of the block that ran last and of the one that called backward. */
  readonly last: string;
  readonly caller: string;
  /** Where it called, from 1. */
  readonly line: number;
}

const BLOCK = /#[\d.]+$/;

/**
 * Where a pass was called from an earlier block than the one that was chosen to run, and that one called none: its
 * reader would take the pass for its own. null where the last block called a pass, or where there are no blocks.
 */
export function calledElsewhere(trace: Trace, backward: number): Elsewhere | null {
  const at = trace.sources.findLastIndex(({ name }) => BLOCK.test(name));
  const range = trace.backwards[backward]?.range ?? null;
  if (at < 0 || range === null || range.source === at) return null;
  const caller = trace.sources[range.source]?.name ?? "";
  if (!BLOCK.test(caller) || trace.backwards.some((pass) => pass.range?.source === at)) return null;
  return { last: trace.sources[at]?.name ?? "", caller, line: range.start.line + 1 };
}
