/** One pass laid out in time, a tick for each sub-step: built once for a trace, then only looked up. */
import { finish } from "./finish.ts";
import { countUpTo, History } from "./history.ts";
import { edgeKey, outputKey } from "./keys.ts";
import type { Phase, Place } from "./place.ts";
import type { Step, Trace, Value } from "./schema.ts";
import { sameValue } from "./value.ts";

export interface Timeline {
  readonly phases: readonly (readonly Phase[])[];
  /** Node to the index of its step. */
  readonly stepOf: ReadonlyMap<number, number>;
  readonly visited: History<number, true>;
  readonly edges: History<string, Value>;
  readonly upstream: History<string, Value>;
  readonly grads: History<number, Value | null>;
  /** The tick at which a step is whole, by step. */
  readonly ends: readonly number[];
}

const timelines = new WeakMap<Trace, Map<number, Timeline>>();

/** The timeline of a pass that the trace has. */
export const timelineOf = (trace: Trace, backward: number): Timeline =>
  finish(buildingTimeline(trace, backward));

/** The same, resting at each `yield`: of a long pass it takes long to build. */
export function* buildingTimeline(trace: Trace, backward: number): Generator<void, Timeline> {
  let passes = timelines.get(trace);
  if (passes === undefined) {
    passes = new Map();
    timelines.set(trace, passes);
  }
  let timeline = passes.get(backward);
  if (timeline === undefined) {
    timeline = yield* build(trace, backward);
    passes.set(backward, timeline);
  }
  return timeline;
}

/** The tick of a place: 0 at the start of the pass, one more for each sub-step. */
export const tickOf = (timeline: Timeline, { step, phase }: Place): number =>
  step < 0 ? 0 : (timeline.ends[step - 1] ?? 0) + phase;

export function placeAt(timeline: Timeline, backward: number, tick: number): Place {
  if (tick <= 0) return { backward, step: -1, phase: 0 };
  const step = countUpTo(timeline.ends, tick - 1);
  return { backward, step, phase: tick - (timeline.ends[step - 1] ?? 0) };
}

function* build(trace: Trace, backward: number): Generator<void, Timeline> {
  const pass = trace.backwards[backward] as Trace["backwards"][number];
  const phases: Phase[][] = [];
  const stepOf = new Map<number, number>();
  const ends: number[] = [];
  const visited = new History<number, true>();
  const edges = new History<string, Value>();
  const upstream = new History<string, Value>();
  const grads = new History<number, Value | null>();

  const seeded = new Set<string>();
  for (const root of pass.roots) {
    const key = outputKey(root.node, root.outputNr);
    if (!seeded.has(key)) upstream.set(0, key, root.seed);
    seeded.add(key);
  }
  for (const [leaf, grad] of gradsBefore(trace, backward)) grads.set(0, leaf, grad);

  let tick = 0;
  for (const [index, step] of pass.steps.entries()) {
    yield;
    const own = phasesOfStep(step);
    phases.push(own);
    stepOf.set(step.node, index);
    visited.set(tick + 1, step.node, true);
    for (const phase of own) {
      tick++;
      switch (phase.kind) {
        case "arrive": {
          const arrival = step.arrivals[phase.arrival] as Step["arrivals"][number];
          upstream.set(tick, outputKey(step.node, arrival.outputNr), arrival.sum ?? arrival.value);
          // What the rule received may differ from the plain sum: a hook may have changed it.
          if (phase.arrival === step.arrivals.length - 1)
            step.upstream.forEach((value, outputNr) => {
              if (value !== null) upstream.set(tick, outputKey(step.node, outputNr), value);
            });
          break;
        }
        case "apply": {
          const sent = step.downstream[phase.downstream] as Step["downstream"][number];
          const value = sent.unbroadcast?.before ?? sent.value;
          if (value !== null) edges.set(tick, edgeKey(step.node, sent.edge), value);
          break;
        }
        case "unbroadcast": {
          const sent = step.downstream[phase.downstream] as Step["downstream"][number];
          if (sent.value !== null) edges.set(tick, edgeKey(step.node, sent.edge), sent.value);
          break;
        }
        case "accumulate": {
          const { accumulate } = step;
          if (accumulate !== null)
            for (const leaf of leafOf(trace, step)) grads.set(tick, leaf, accumulate.after);
        }
      }
    }
    // A step in which nothing came and nothing went still takes a tick, so that the walk can stand on it.
    if (own.length === 0) tick++;
    ends.push(tick);
  }
  return { phases, stepOf, visited, edges, upstream, grads, ends };
}

function phasesOfStep(step: Step): Phase[] {
  const phases: Phase[] = step.arrivals.map((_, arrival) => ({ kind: "arrive", arrival }));
  step.downstream.forEach((sent, downstream) => {
    phases.push({ kind: "apply", downstream });
    if (sent.unbroadcast !== null) phases.push({ kind: "unbroadcast", downstream });
  });
  if (step.accumulate !== null) phases.push({ kind: "accumulate" });
  return phases;
}

/** Every record of the leaf to which the step adds: one object may have been seen at several moments. */
function leafOf(trace: Trace, step: Step): readonly number[] {
  const leaf = trace.nodes[step.node]?.variable ?? null;
  return leaf === null ? [] : recordsOf(trace, leaf);
}

const objectTables = new WeakMap<Trace, Map<number, number[]>>();

/** All records of the object that `tensor` is a record of. */
export function recordsOf(trace: Trace, tensor: number): readonly number[] {
  let table = objectTables.get(trace);
  if (table === undefined) {
    table = new Map();
    for (const [index, { object }] of trace.tensors.entries()) {
      const records = table.get(object);
      if (records === undefined) table.set(object, [index]);
      else records.push(index);
    }
    objectTables.set(trace, table);
  }
  return table.get(trace.tensors[tensor]?.object ?? -1) ?? [];
}

/**
 * Each leaf's `.grad` as the pass began. For a leaf that the pass does not reach, the trace only has what
 * stood before and after it: where those differ the program itself changed `.grad` at a moment that was not
 * recorded, and the leaf is left out.
 */
function gradsBefore(trace: Trace, backward: number): Map<number, Value | null> {
  const grads = new Map<number, Value | null>();
  const each = (index: number, visit: (leaf: number, step: Step["accumulate"] & object) => void): void => {
    for (const step of trace.backwards[index]?.steps ?? [])
      if (step.accumulate !== null) for (const leaf of leafOf(trace, step)) visit(leaf, step.accumulate);
  };
  each(backward, (leaf, { before }) => {
    if (!grads.has(leaf)) grads.set(leaf, before);
  });

  const earlier = new Map<number, Value | null>();
  for (let index = 0; index < backward; index++)
    each(index, (leaf, { after }) => void earlier.set(leaf, after));
  const later = new Map<number, Value | null>();
  for (let index = trace.backwards.length - 1; index > backward; index--)
    each(index, (leaf, { before }) => void later.set(leaf, before));

  trace.tensors.forEach((tensor, leaf) => {
    if (!tensor.isLeaf || !tensor.requiresGrad || grads.has(leaf)) return;
    const before = earlier.get(leaf) ?? null;
    const after = later.has(leaf) ? (later.get(leaf) ?? null) : tensor.grad;
    if (sameValue(before, after)) grads.set(leaf, before);
  });
  return grads;
}
