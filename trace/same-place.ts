/** Where a walk stands after the program has run anew, with another value or another text: by the node that it was at. */
import { sourceText } from "./names.ts";
import type { Place } from "./place.ts";
import type { Trace } from "./schema.ts";
import { start, wholeStep } from "./stepper.ts";

/** What a node may be known by, the surest first: an edit may move it, change its text, or both. */
const KEYS: readonly ((trace: Trace, node: number) => string)[] = [
  (trace, node) => `${lineOf(trace, node)} ${textOf(trace, node)}`,
  textOf,
  lineOf,
  () => "",
];

function textOf(trace: Trace, node: number): string {
  const { range = null, variable = null } = trace.nodes[node] ?? {};
  return variable === null
    ? (sourceText(trace, range) ?? "")
    : (trace.tensors[variable]?.names.join(" ") ?? "");
}

function lineOf(trace: Trace, node: number): string {
  const { range = null } = trace.nodes[node] ?? {};
  return range === null ? textOf(trace, node) : `${range.source}:${range.start.line}`;
}

/**
 * The place in `after` that `place` is in `before`: the same step of the pass with the same number (else the last), by the
 * node that PyTorch calls the same, of the same expression, in the same turn. Null where `after` has no pass.
 */
export function samePlace(before: Trace, place: Place | null, after: Trace): Place | null {
  const begin = start(after);
  if (place === null || begin === null) return begin;
  const backward = Math.min(place.backward, after.backwards.length - 1);
  if (place.step < 0) return wholeStep(after, backward, -1);
  const step = sameStep(before, place, after, backward);
  const whole = wholeStep(after, backward, step);
  const was = wholeStep(before, place.backward, place.step);
  return was.phase === whole.phase ? { ...whole, phase: place.phase } : whole;
}

function sameStep(before: Trace, { backward: pass, step }: Place, after: Trace, backward: number): number {
  const old = before.backwards[pass]?.steps.map(({ node }) => node) ?? [];
  const now = after.backwards[backward]?.steps.map(({ node }) => node) ?? [];
  for (const key of KEYS) {
    const known = (trace: Trace, node: number): string => `${trace.nodes[node]?.name} ${key(trace, node)}`;
    const wanted = known(before, old[step] as number);
    const turn = old.slice(0, step).filter((node) => known(before, node) === wanted).length;
    const same = [...now.keys()].filter((at) => known(after, now[at] as number) === wanted)[turn];
    if (same !== undefined) return same;
  }
  return Math.min(step, now.length - 1);
}
