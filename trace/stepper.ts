/** The walk over a recorded pass: pure functions of a Trace and a Place. Nothing is executed here. */
import * as z from "zod";
import { outputKey } from "./keys.ts";
import { outOfModule, overModule } from "./modules.ts";
import { type Phase, Place } from "./place.ts";
import type { Trace, Value } from "./schema.ts";
import { placeAt, recordsOf, type Timeline, tickOf, timelineOf } from "./timeline.ts";

export { edgeKey, outputKey } from "./keys.ts";

export const Move = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("forward") }),
  z.object({ kind: z.literal("back") }),
  z.object({ kind: z.literal("phaseForward") }),
  z.object({ kind: z.literal("phaseBack") }),
  z.object({ kind: z.literal("first") }),
  z.object({ kind: z.literal("last") }),
  /** To the end of the module that the next step enters, or one step where it enters none. */
  z.object({ kind: z.literal("overModule") }),
  /** To the first step outside of the module that the walk stands in. */
  z.object({ kind: z.literal("outOfModule") }),
  /** To the step of that node, wherever the walk stands now. */
  z.object({ kind: z.literal("toNode"), node: z.int().nonnegative() }),
  /** To the next (previous) step whose node has a breakpoint, else to the end (start). */
  z.object({ kind: z.literal("toBreakpoint"), direction: z.enum(["forward", "back"]) }),
  z.object({ kind: z.literal("toPlace"), place: Place }),
  /** To the start of another pass. */
  z.object({ kind: z.literal("toBackward"), backward: z.int().nonnegative() }),
]);
export type Move = z.infer<typeof Move>;

/** What has happened by a Place. */
export interface State {
  readonly place: Place;
  /** The node of the current step; null at the start. */
  readonly node: number | null;
  /** Nodes whose step is behind or at the place. */
  readonly visited: ReadonlySet<number>;
  /** The gradient that has been sent along an edge, by `edgeKey`. */
  readonly edges: ReadonlyMap<string, Value>;
  /** The sum that has arrived at a node's output so far, by `outputKey`. */
  readonly upstream: ReadonlyMap<string, Value>;
  /** `.grad` of each leaf (tensor index) as it stands; null for None. Leaves not yet reached keep what they had. */
  readonly grads: ReadonlyMap<number, Value | null>;
}

/** The first place of the last pass, or null where the trace has no pass. */
export function start(trace: Trace): Place | null {
  const last = trace.backwards.length - 1;
  return last < 0 ? null : { backward: last, step: -1, phase: 0 };
}

/** The sub-steps of the step that the place is in; none at the start of the pass. */
export const phasesOf = (trace: Trace, place: Place): readonly Phase[] =>
  checked(trace, place).phases[place.step] ?? [];

/** The place at which a step of a pass is whole; the start of the pass for step -1. */
export function wholeStep(trace: Trace, backward: number, step: number): Place {
  const timeline = passOf(trace, backward);
  return placeAt(timeline, backward, step < 0 ? 0 : (timeline.ends[step] ?? 0));
}

/**
 * Where the move leads; the same place where it leads nowhere. `forward` finishes the step that the walk is
 * in the middle of, or else does the next one whole; `back` leaves the step and stands where the one before it was
 * whole. Throws RangeError for a place, node or pass that the trace lacks.
 */
export function move(trace: Trace, place: Place, move: Move, breakpoints: ReadonlySet<number>): Place {
  const timeline = checked(trace, place);
  const { backward, step } = place;
  const tick = tickOf(timeline, place);
  const lastStep = timeline.ends.length - 1;
  const end = timeline.ends[lastStep] ?? 0;
  switch (move.kind) {
    case "forward":
      return tick < (timeline.ends[step] ?? 0)
        ? wholeStep(trace, backward, step)
        : wholeStep(trace, backward, Math.min(step + 1, lastStep));
    case "back":
      return wholeStep(trace, backward, step - 1);
    case "phaseForward":
      return placeAt(timeline, backward, Math.min(tick + 1, end));
    case "phaseBack":
      return placeAt(timeline, backward, tick - 1);
    case "first":
      return placeAt(timeline, backward, 0);
    case "last":
      return placeAt(timeline, backward, end);
    case "overModule":
    case "outOfModule": {
      const { steps } = trace.backwards[backward] as Trace["backwards"][number];
      const to = move.kind === "overModule" ? overModule : outOfModule;
      return wholeStep(trace, backward, to(trace, steps, step));
    }
    case "toNode":
      return toNode(trace, place, move.node);
    case "toBreakpoint": {
      const by = move.direction === "forward" ? 1 : -1;
      const { steps } = trace.backwards[backward] as Trace["backwards"][number];
      let next = step + by;
      while (next >= 0 && next < lastStep && !breakpoints.has((steps[next] as { node: number }).node))
        next += by;
      return wholeStep(trace, backward, Math.min(next, lastStep));
    }
    case "toPlace":
      checked(trace, move.place);
      return move.place;
    case "toBackward":
      return placeAt(passOf(trace, move.backward), move.backward, 0);
  }
}

/** The step of that node in this pass, else in the latest pass that ran it, else nowhere. */
function toNode(trace: Trace, place: Place, node: number): Place {
  if (node >= trace.nodes.length)
    throw new RangeError(`node ${node} is not in this trace: it has ${counted(trace.nodes.length, "node")}`);
  const passes = [place.backward, ...[...trace.backwards.keys()].reverse()];
  for (const backward of passes) {
    const step = timelineOf(trace, backward).stepOf.get(node);
    if (step !== undefined) return wholeStep(trace, backward, step);
  }
  return place;
}

/** What has happened by that place. Throws RangeError for a place that the trace lacks. */
export function stateAt(trace: Trace, place: Place): State {
  const timeline = checked(trace, place);
  const tick = tickOf(timeline, place);
  return {
    place,
    node: trace.backwards[place.backward]?.steps[place.step]?.node ?? null,
    visited: timeline.visited.keysAt(tick),
    edges: timeline.edges.at(tick),
    upstream: timeline.upstream.at(tick),
    grads: timeline.grads.at(tick),
  };
}

/**
 * The gradient of a tensor at a place: its `.grad` for a leaf, what has arrived at its node's output otherwise.
 * In a pass of `autograd.grad`, which leaves `.grad` alone, a leaf's is what has arrived at it.
 */
export function gradientOf(trace: Trace, state: State, tensor: number): Value | null {
  const record = trace.tensors[tensor];
  if (record === undefined)
    throw new RangeError(
      `tensor ${tensor} is not in this trace: it has ${counted(trace.tensors.length, "tensor")}`,
    );
  if (record.node !== null) return state.upstream.get(outputKey(record.node, record.outputNr)) ?? null;
  if (trace.backwards[state.place.backward]?.kind !== "grad") return state.grads.get(tensor) ?? null;
  const leaf = leafNode(trace, state.place.backward, tensor);
  return leaf === null ? null : (state.upstream.get(outputKey(leaf, 0)) ?? null);
}

/** The AccumulateGrad node through which a pass reaches a leaf; null where it does not. */
export function leafNode(trace: Trace, backward: number, tensor: number): number | null {
  const records = recordsOf(trace, tensor);
  const steps = trace.backwards[backward]?.steps ?? [];
  const step = steps.find(({ node }) => records.includes(trace.nodes[node]?.variable ?? -1));
  return step?.node ?? null;
}

function passOf(trace: Trace, backward: number): Timeline {
  if (backward >= trace.backwards.length)
    throw new RangeError(
      `backward pass ${backward} is not in this trace: it has ${counted(trace.backwards.length, "pass", "passes")}`,
    );
  return timelineOf(trace, backward);
}

function checked(trace: Trace, place: Place): Timeline {
  const timeline = passOf(trace, place.backward);
  const { step, phase } = place;
  if (step >= timeline.ends.length)
    throw new RangeError(
      `step ${step} is not in backward pass ${place.backward}: it has ${counted(timeline.ends.length, "step")}`,
    );
  const most = step < 0 ? 0 : Math.max(1, (timeline.phases[step] as readonly Phase[]).length);
  if (phase > most || (step >= 0 && phase < 1))
    throw new RangeError(
      `phase ${phase} is not in step ${step}: it may be ${step < 0 ? 0 : `1 to ${most}`} (sub-steps done)`,
    );
  return timeline;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return count === 0 ? `no ${many}` : count === 1 ? `one ${one}, 0` : `${count} ${many}, 0 to ${count - 1}`;
}
