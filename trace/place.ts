/** Places and sub-steps of a walk. */
import * as z from "zod";

/**
 * Where the walk stands. `step` -1 with `phase` 0 is the start of the pass: only the seed is there. In a step,
 * `phase` counts the sub-steps (see `phasesOf`) that have been done: 1 after the first, as many as there are
 * where the step is whole. A step without sub-steps stands at 1.
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
