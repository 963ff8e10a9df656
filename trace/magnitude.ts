/** How large gradients are: one number for each edge of a pass, so that a whole pass can be read at once. */
import { finish } from "./finish.ts";
import { edgeKey } from "./keys.ts";
import type { Element, Step, Trace, Value } from "./schema.ts";
import { numel } from "./shape.ts";

export interface Magnitude {
  /** Root of the mean square of the finite elements; 0 where all are zero. */
  readonly rms: number;
  /** How many elements are exactly zero, of how many. */
  readonly zeros: number;
  readonly count: number;
  /** Whether NaN or an infinity is among them. */
  readonly broken: boolean;
}

const known = new WeakMap<Value, Magnitude>();

export function magnitudeOf(value: Value): Magnitude {
  let magnitude = known.get(value);
  if (magnitude === undefined) {
    magnitude = value.kind === "inline" ? ofInline(value.data) : ofSummary(value);
    known.set(value, magnitude);
  }
  return magnitude;
}

function ofInline(data: readonly Element[]): Magnitude {
  let [largest, zeros, finite] = [0, 0, 0];
  for (const element of data) {
    const size = Math.abs(Number(element));
    if (size === 0) zeros++;
    if (!Number.isFinite(size)) continue;
    finite++;
    if (size > largest) largest = size;
  }
  // Divided by the largest first: squares of 1e-200 would vanish.
  let sum = 0;
  if (largest > 0)
    for (const element of data) {
      const size = Math.abs(Number(element));
      if (Number.isFinite(size)) sum += (size / largest) ** 2;
    }
  const rms = largest === 0 ? 0 : largest * Math.sqrt(sum / finite);
  return { rms, zeros, count: data.length, broken: finite < data.length };
}

function ofSummary({ shape, statistics }: Value & { kind: "summary" }): Magnitude {
  const count = numel(shape);
  const broken = statistics.nans + statistics.infinities > 0;
  const norm = Number(statistics.norm);
  const extremes = [statistics.min, statistics.max]
    .map((end) => Math.abs(Number(end)))
    .filter(Number.isFinite);
  // The norm of something with a NaN in it is none: the largest finite number stands for the rest.
  const rms = Number.isFinite(norm) && count > 0 ? norm / Math.sqrt(count) : Math.max(0, ...extremes);
  return { rms, zeros: statistics.zeros, count, broken };
}

export const allZero = ({ zeros, count }: Magnitude): boolean => count > 0 && zeros === count;

/** What all gradients of a pass look like together. */
export interface PassMagnitudes {
  /** By `edgeKey`. */
  readonly edges: ReadonlyMap<string, Magnitude>;
  /** The upstream gradient of each node that ran. */
  readonly nodes: ReadonlyMap<number, Magnitude>;
  /** log10 of the rms: least, middle and greatest of those that are neither zero nor broken; null where there are none. */
  readonly range: { readonly low: number; readonly middle: number; readonly high: number } | null;
}

const passes = new WeakMap<Trace, Map<number, PassMagnitudes>>();

export const magnitudesOf = (trace: Trace, backward: number): PassMagnitudes =>
  finish(measuringMagnitudes(trace, backward));

/** The magnitudes where they are measured already; else null. */
export const measuredMagnitudes = (trace: Trace, backward: number): PassMagnitudes | null =>
  passes.get(trace)?.get(backward) ?? null;

/** The same, resting at each `yield`. */
export function* measuringMagnitudes(trace: Trace, backward: number): Generator<void, PassMagnitudes> {
  let own = passes.get(trace);
  if (own === undefined) {
    own = new Map();
    passes.set(trace, own);
  }
  let magnitudes = own.get(backward);
  if (magnitudes === undefined) {
    magnitudes = yield* measure(trace.backwards[backward]?.steps ?? []);
    own.set(backward, magnitudes);
  }
  return magnitudes;
}

function* measure(steps: readonly Step[]): Generator<void, PassMagnitudes> {
  const edges = new Map<string, Magnitude>();
  const nodes = new Map<number, Magnitude>();
  const logs: number[] = [];
  for (const step of steps) {
    yield;
    for (const { edge, value } of step.downstream) {
      if (value === null) continue;
      const magnitude = magnitudeOf(value);
      edges.set(edgeKey(step.node, edge), magnitude);
      if (magnitude.rms > 0) logs.push(Math.log10(magnitude.rms));
    }
    const came = step.upstream.flatMap((value) => (value === null ? [] : [magnitudeOf(value)]));
    const [first] = came;
    if (first !== undefined)
      nodes.set(
        step.node,
        came.reduce((most, next) => (next.rms > most.rms ? next : most), first),
      );
  }
  logs.sort((a, b) => a - b);
  const range =
    logs.length === 0
      ? null
      : { low: logs[0] as number, middle: logs[logs.length >> 1] as number, high: logs.at(-1) as number };
  return { edges, nodes, range };
}

/**
 * Of a switch (relu, dropout, max …): how many elements of the gradient that came were stopped. null where the
 * node did not run, or its gradients are not of one shape.
 */
export function stopped(step: Step): { readonly closed: number; readonly count: number } | null {
  const came = step.upstream[0];
  const went = step.downstream[0]?.value;
  if (came == null || went == null || numel(came.shape) !== numel(went.shape)) return null;
  const before = magnitudeOf(came);
  const after = magnitudeOf(went);
  if (came.kind === "inline" && went.kind === "inline") {
    let closed = 0;
    came.data.forEach((element, i) => {
      if (Number(element) !== 0 && Number(went.data[i]) === 0) closed++;
    });
    return { closed, count: came.data.length };
  }
  return { closed: Math.max(0, after.zeros - before.zeros), count: after.count };
}
