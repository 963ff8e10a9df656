/** `backstep compare`: the two engines' traces of one program side by side, or of many, each in a line. */
import { compareTraces } from "../trace/compare.ts";
import { UNPRINTABLE } from "../trace/export.ts";
import { ENGLISH } from "../trace/l10n.ts";
import type { Trace } from "../trace/schema.ts";
import { sideBySide, verdict } from "../trace/sides.ts";

/** Prints the comparison; the exit code: 0 where they agree, else 1. */
export function compared(embedded: Trace, pytorch: Trace): 0 | 1 {
  const comparison = sideBySide(embedded, pytorch);
  const { differences, total, from, passes } = comparison;
  const lines = [`embedded engine | PyTorch ${pytorch.engine.torch}`];
  for (const [i, steps] of passes.entries()) {
    lines.push(`pass ${from + i + 1}`);
    const texts = steps.map(({ left, right }) => [left, right].map(sideText));
    const width = Math.min(WIDEST, Math.max(...texts.map(([text = ""]) => text.length)));
    steps.forEach(({ same }, step) => {
      const [left = "", right = ""] = texts[step] ?? [];
      const number = String(step + 1).padStart(4);
      lines.push(same ? `${number} = ${left}` : `${number} ≠ ${left.padEnd(width)}  |  ${right}`);
    });
  }
  lines.push("", verdict(comparison, ENGLISH));
  for (const { at, left, right } of differences) lines.push(`  ${at}: ${left} | ${right}`);
  if (total > differences.length) lines.push(`  and ${total - differences.length} more`);
  process.stdout.write(`${lines.join("\n").replace(UNPRINTABLE, " ")}\n`);
  return total === 0 ? 0 : 1;
}

/** The traces of one program by both engines; null where one of them did not come to an end. */
export type Both = { readonly embedded: Trace; readonly pytorch: Trace } | null;

/**
 * Compares programs, several at a time, prints a line for each in their order and how many agree; the exit code: 0 where
 * all do, else 1. Ends at the first that did not come to an end (null), for it has been said why.
 */
export async function comparedAll<P extends { readonly name: string }>(
  programs: readonly P[],
  width: number,
  traces: (program: P) => Promise<Both>,
): Promise<0 | 1 | null> {
  const running: Promise<Both>[] = [];
  let agree = 0;
  for (const [i, program] of programs.entries()) {
    for (let next = running.length; next < programs.length && next < i + width; next++)
      running.push(traces(programs[next] as P));
    const both = await running[i];
    if (both == null) {
      await Promise.all(running);
      return null;
    }
    const differences = compareTraces(both.embedded, both.pytorch);
    if (differences.length === 0) agree++;
    const lines = [`${differences.length === 0 ? "=" : "≠"} ${program.name}`];
    for (const { at, left, right } of differences.slice(0, FIRST))
      lines.push(`    ${at}: ${left} | ${right}`);
    if (differences.length > FIRST) lines.push(`    and ${differences.length - FIRST} more`);
    process.stdout.write(`${lines.map((line) => line.replace(UNPRINTABLE, " ")).join("\n")}\n`);
  }
  const part = programs.length - agree;
  const many = programs.length === 1 ? "1 program" : `${programs.length} programs`;
  process.stdout.write(`\n${many}: ${agree} agree, ${part} part (embedded | pytorch)\n`);
  return part === 0 ? 0 : 1;
}

/** Differences that are shown of each of many programs. */
const FIRST = 3;

/** Columns for the left side. */
const WIDEST = 70;

const sideText = (side: { node: string; upstream: string; sends: string } | null): string =>
  side === null ? "–" : `${side.node}  ${side.upstream} → ${side.sends}`;
