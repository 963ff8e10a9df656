/** What is left of passes that are not kept whole: the loss, and how large the gradient of each leaf was. */

import { DType } from "../assembly/shared/codes.ts";
import type * as T from "../trace/schema.ts";
import type { Core, Strided } from "./core.ts";
import type { PassRecord } from "./record.ts";
import { numelOf } from "./tensor.ts";
import { element } from "./value.ts";

/** Summaries that are kept; where there are more, every second goes, and from then on every second is made. */
export const SUMMARIES = 4096;

/** A summary that knows its leaves by the uid of their tensors. */
export interface Remembered extends Omit<T.PassSummary, "leaves"> {
  readonly leaves: readonly { readonly uid: number; readonly norm: T.Element }[];
}

export class Summaries {
  readonly all: Remembered[] = [];
  private every = 1;

  constructor(private readonly core: Core) {}

  /** The pass with that number in the run is about to go. */
  add(pass: PassRecord, number: number): void {
    if (number % this.every !== 0) return;
    this.all.push(this.of(pass, number));
    if (this.all.length <= SUMMARIES) return;
    this.every *= 2;
    this.all.splice(0, this.all.length, ...this.all.filter(({ pass: at }) => at % this.every === 0));
  }

  private of(pass: PassRecord, number: number): Remembered {
    const [root, ...others] = pass.roots;
    const single = root !== undefined && others.length === 0 && numelOf(root.tensor.shape) === 1;
    const loss = single
      ? element(this.core.read(root.tensor)[0] as number | bigint, root.tensor.dtype)
      : null;
    const leaves = pass.steps.flatMap(({ node, upstream: [added] }) => {
      const uid = node.variable === null ? undefined : node.observedOutputs[0]?.uid;
      return uid === undefined || added == null ? [] : [{ uid, norm: this.norm(added) }];
    });
    return { pass: number, kind: pass.options.accumulate ? "backward" : "grad", loss, leaves };
  }

  private norm(t: Strided): T.Element {
    const numbers = this.core.read(t);
    let squares = 0;
    for (let i = 0; i < numbers.length; i++) squares += Number(numbers[i]) ** 2;
    return element(Math.sqrt(squares), DType.f64);
  }
}
