/** What an op was called with, kept while gradients are to be checked, so that it can be called again. */
import { Observation } from "../observe.ts";
import type { ArgValue } from "../schema.ts";
import { Counted, release, retain, Tensor } from "../tensor.ts";

type Plain = Exclude<ArgValue, Tensor | readonly (Tensor | null)[]>;
/** Tensors by observation: what they were then. */
export type HeldArg = Observation | readonly (Observation | null)[] | Plain;

export class Called extends Counted {
  readonly args: readonly HeldArg[];

  /** `again`: of a custom function, the callback that runs its forward, and whether that draws random numbers; the arguments are its tensors, in order. */
  constructor(
    args: readonly ArgValue[],
    observe: (t: Tensor) => Observation,
    readonly again: { readonly id: number; readonly draws: boolean } | null = null,
  ) {
    super();
    const hold = (t: Tensor): Observation => retain(observe(t));
    this.args = args.map((value): HeldArg => {
      if (value instanceof Tensor) return hold(value);
      if (Array.isArray(value) && value.some((v) => v instanceof Tensor))
        return value.map((v) => (v instanceof Tensor ? hold(v) : null));
      return value as Plain;
    });
  }

  dispose(): void {
    for (const value of this.args) {
      if (value instanceof Observation) release(value);
      else if (Array.isArray(value)) for (const one of value) if (one instanceof Observation) release(one);
    }
  }
}
