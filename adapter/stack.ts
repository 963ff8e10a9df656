/** The call stack of a backward pass: from the current node along what it received, back to the call that began it. */
import { sourceText, tensorName } from "../trace/names.ts";
import type { Place } from "../trace/place.ts";
import type { Range, Step, Trace } from "../trace/schema.ts";

export interface Frame {
  /** The step; null for the call of the pass itself. */
  readonly step: number | null;
  readonly name: string;
  readonly range: Range | null;
}

/** Innermost first. Where several contributions met, the way of the last that arrived is taken. */
export function framesAt(trace: Trace, place: Place): readonly Frame[] {
  const pass = trace.backwards[place.backward];
  if (pass === undefined) return [];
  const frames: Frame[] = [];
  let step: number | null = place.step < 0 ? null : place.step;
  while (step !== null) {
    const at: Step | undefined = pass.steps[step];
    if (at === undefined) break;
    const node = trace.nodes[at.node];
    const range = rangeOfNode(trace, at.node);
    // A leaf is called by its name: it may stand nowhere in the source, as a module's weights do.
    const leaf = node?.variable == null ? null : tensorName(trace, node.variable);
    const text = leaf ?? sourceText(trace, range)?.replace(/\s+/g, " ").trim();
    frames.push({ step, name: text === undefined ? (node?.name ?? "") : `${node?.name}  ${text}`, range });
    step = at.arrivals.findLast(({ from }) => from !== null)?.from?.step ?? null;
  }
  const call = sourceText(trace, pass.range)?.replace(/\s+/g, " ").trim();
  frames.push({ step: null, name: call ?? `${pass.kind}()`, range: pass.range });
  return frames;
}

const byLine = new WeakMap<Trace, ReadonlyMap<string, ReadonlySet<number>>>();

/** The nodes, leaves aside, that were made by an expression that begins on a line of a source. */
export function nodesOfLine(trace: Trace, source: number, line: number): ReadonlySet<number> {
  let lines = byLine.get(trace);
  if (lines === undefined) {
    const found = new Map<string, Set<number>>();
    trace.nodes.forEach(({ variable, range }, node) => {
      if (variable !== null || range === null) return;
      const key = `${range.source}:${range.start.line}`;
      found.set(key, (found.get(key) ?? new Set()).add(node));
    });
    lines = found;
    byLine.set(trace, lines);
  }
  return lines.get(`${source}:${line}`) ?? new Set();
}

/** A node's expression; of an AccumulateGrad the place at which its leaf is first written. */
function rangeOfNode(trace: Trace, node: number): Range | null {
  const { range, variable } = trace.nodes[node] ?? { range: null, variable: null };
  return range ?? trace.bindings.find(({ tensor }) => tensor === variable)?.range ?? null;
}
