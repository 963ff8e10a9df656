/** What the drawing of the graph reads: the picture, where things stand, and how far the walk has come. */
import type { PassMagnitudes } from "../../trace/magnitude.ts";
import type { Trace } from "../../trace/schema.ts";
import type { State } from "../../trace/stepper.ts";
import type { Arrangement } from "../layout/plan.ts";
import type { Picture } from "../picture.ts";

export interface Scene {
  readonly trace: Trace;
  readonly picture: Picture;
  readonly arrangement: Arrangement;
  /** null: the trace has no pass. */
  readonly state: State | null;
  readonly breakpoints: ReadonlySet<number>;
  /** The sizes of the pass's gradients, least, middle and greatest (log10). */
  readonly range: PassMagnitudes["range"];
  /** Where the sizes of all gradients are shown at once: those. */
  readonly sizes: PassMagnitudes | null;
  /** Edges (by `edgeKey`) of a path that is looked at; null where none is. */
  readonly path: ReadonlySet<string> | null;
  /** What differs from the pinned run, by node; null where none is pinned. */
  readonly changes: ReadonlyMap<number, Differs> | null;
  /** Nodes that the person searches for; null where nothing is searched. */
  readonly found: Found | null;
}

export interface Differs {
  readonly kind: "added" | "changed" | "same";
  /** What stood here in the pinned run and is gone: the expressions. */
  readonly gone: readonly string[];
}

export interface Found {
  readonly nodes: ReadonlySet<number>;
  /** Where they stand in the order of the groups' tree, ascending. */
  readonly positions: readonly number[];
}
