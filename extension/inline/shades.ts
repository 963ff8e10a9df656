/** How large the gradients are that have come to each line by now, and which expressions feed the current node; pure. */
import { magnitudeOf } from "../../trace/magnitude.ts";
import { contains } from "../../trace/names.ts";
import type { Edge, Node, Range, Trace } from "../../trace/schema.ts";
import { stateAt } from "../../trace/stepper.ts";
import type { SessionState } from "../session.ts";
import { type DocumentRange, toDocument } from "../source/pieces.ts";

/** Steps of the scale, from the smallest gradient of the pass that is not zero to its largest. */
export const LEVELS = 8;

export interface Shade {
  readonly uri: string;
  readonly line: number;
  /** 1 to LEVELS by the logarithm; 0 where every element is zero; "broken" where NaN or an infinity is among them. */
  readonly level: number | "broken";
}

/** Of each line the largest gradient that has arrived at a node made there, as far as the walk has come. */
export function shadesOf(state: SessionState): Shade[] {
  if (state.kind !== "ready" || state.place === null) return [];
  const { trace, place, job, edited } = state;
  const { visited } = stateAt(trace, place);
  const steps = trace.backwards[place.backward]?.steps ?? [];
  const sizes = steps.map(({ upstream }) => {
    const all = upstream.flatMap((value) => (value === null ? [] : [magnitudeOf(value)]));
    return { rms: Math.max(0, ...all.map(({ rms }) => rms)), broken: all.some(({ broken }) => broken) };
  });
  const logs = sizes.flatMap(({ rms }) => (rms > 0 ? [Math.log10(rms)] : []));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const lines = new Map<string, Shade>();
  steps.forEach(({ node }, at) => {
    const range = trace.nodes[node]?.range ?? null;
    const shown = range === null ? null : toDocument(job.pieces, range);
    const size = sizes[at];
    if (!visited.has(node) || shown === null || edited.has(shown.uri) || size === undefined) return;
    const share = most > least ? (Math.log10(size.rms) - least) / (most - least) : 1;
    const level = size.broken ? "broken" : size.rms === 0 ? 0 : 1 + Math.round(share * (LEVELS - 1));
    const key = `${shown.uri} ${shown.start.line}`;
    const known = lines.get(key)?.level;
    if (known === undefined || (known !== "broken" && (level === "broken" || level > known)))
      lines.set(key, { uri: shown.uri, line: shown.start.line, level });
  });
  return [...lines.values()];
}

/** Where the expressions stand that the current node took: within its own where they are written there. */
export function feedingExpressions(state: SessionState): DocumentRange[] {
  if (state.kind !== "ready" || state.place === null) return [];
  const { trace, place, job, edited } = state;
  const step = trace.backwards[place.backward]?.steps[place.step];
  const node = step === undefined ? undefined : trace.nodes[step.node];
  if (node === undefined) return [];
  const ranges = node.edges.flatMap((edge) => operandOf(trace, node, edge) ?? []);
  const places = ranges.flatMap((range) => toDocument(job.pieces, range) ?? []);
  const seen = new Set<string>();
  return places.filter((shown) => {
    const key = JSON.stringify(shown);
    const isNew = !seen.has(key) && !edited.has(shown.uri);
    seen.add(key);
    return isNew;
  });
}

function operandOf(trace: Trace, { range }: Node, { tensor, node }: Edge): Range | null {
  const bound = trace.bindings.filter((binding) => tensor !== null && binding.tensor === tensor);
  const isWithin = (inner: Range): boolean =>
    range !== null && contains(range, inner) && !contains(inner, range);
  return (
    bound.find((binding) => isWithin(binding.range))?.range ??
    trace.nodes[node ?? -1]?.range ??
    bound[0]?.range ??
    null
  );
}
