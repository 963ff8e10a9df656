/** What the drawing of the graph reads: the picture, where things stand, and how far the walk has come. */
import type { Trace } from "../../trace/schema.ts";
import type { State } from "../../trace/stepper.ts";
import type { Placement } from "../layout/plan.ts";
import type { Picture } from "../picture.ts";

export interface Scene {
  readonly trace: Trace;
  readonly picture: Picture;
  readonly placement: Placement;
  /** null: the trace has no pass. */
  readonly state: State | null;
  readonly breakpoints: ReadonlySet<number>;
}
