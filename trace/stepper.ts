/** The walk over a recorded pass: pure functions of a Trace and a Place. Nothing is executed here. */
import { z } from "zod";
import type { Trace, Value } from "./schema.ts";

/**
 * Where the walk stands. `step` -1 is the start of the pass: only the seed is there. `phase` counts the
 * sub-steps of a step (see `phasesOf`) that have been done; a whole step stands at its last phase.
 */
export const Place = z.object({
  backward: z.int().nonnegative(),
  step: z.int().min(-1),
  phase: z.int().nonnegative(),
});
export type Place = z.infer<typeof Place>;

/** A sub-step, in the order in which a person meets them. */
export type Phase =
  /** A contribution arrives (and joins the running sum). */
  | { readonly kind: "arrive"; readonly arrival: number }
  /** The local rule is applied; `edge` indexes the step's `downstream`. */
  | { readonly kind: "apply"; readonly downstream: number }
  /** Broadcasting is undone for that downstream gradient. */
  | { readonly kind: "unbroadcast"; readonly downstream: number }
  /** The leaf's `.grad` takes what arrived. */
  | { readonly kind: "accumulate" };

export const Move = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("forward") }),
  z.object({ kind: z.literal("back") }),
  z.object({ kind: z.literal("phaseForward") }),
  z.object({ kind: z.literal("phaseBack") }),
  z.object({ kind: z.literal("first") }),
  z.object({ kind: z.literal("last") }),
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

export const edgeKey = (node: number, edge: number): string => `${node}:${edge}`;
export const outputKey = (node: number, outputNr: number): string => `${node}:${outputNr}`;

export interface Stepper {
  /** The first place of the last pass, or null where the trace has no pass. */
  start(trace: Trace): Place | null;
  phasesOf(trace: Trace, place: Place): readonly Phase[];
  /** Where the move leads; the same place where it leads nowhere. Throws RangeError for a place or node that the trace lacks. */
  move(trace: Trace, place: Place, move: Move, breakpoints: ReadonlySet<number>): Place;
  stateAt(trace: Trace, place: Place): State;
  /** The gradient of a tensor at a place: its `.grad` for a leaf, what has arrived at its node's output otherwise. */
  gradientOf(trace: Trace, state: State, tensor: number): Value | null;
}
