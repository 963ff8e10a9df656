/** The order in which PyTorch's TensorIterator visits elements: that of their addresses, whatever the dimensions' order. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Strided } from "./core.ts";
import { fail } from "./errors.ts";
import type { Kernels } from "./kernels.ts";
import { isContiguous, type Tensor } from "./tensor.ts";

/** The dimensions from the innermost (visited first) outwards. */
export const walkOrder = ({ shape, strides }: Pick<Strided, "shape" | "strides">): number[] =>
  orderOfAll(shape, [strides]);

/** The same of several operands that are visited together: the first that says something of two dimensions decides. */
function orderOfAll(shape: readonly number[], operands: readonly (readonly number[])[]): number[] {
  const order = shape.map((_, i) => shape.length - 1 - i);
  // Above 0: `a` belongs outside `b`; 0 where nothing is said, as for a repeated dimension.
  const compare = (a: number, b: number): number => {
    for (const strides of operands) {
      const [x, y] = [strides[a] as number, strides[b] as number];
      if (x === 0 || y === 0) continue;
      if (x !== y) return x - y;
      if ((shape[a] as number) > (shape[b] as number)) return 1;
    }
    return 0;
  };
  // An insertion sort, because of the comparisons that say nothing.
  for (let i = 1; i < order.length; i++) {
    let at = i;
    for (let j = i - 1; j >= 0; j--) {
      const found = compare(order[j] as number, order[at] as number);
      if (found < 0) break;
      if (found === 0) continue;
      [order[j], order[at]] = [order[at] as number, order[j] as number];
      at = j;
    }
  }
  return order;
}

/** Whether several elements share one place in memory, as after `expand`. */
export const repeats = ({ shape, strides }: Strided): boolean =>
  shape.some((size, i) => size > 1 && strides[i] === 0);

/** PyTorch's error where several elements that are to be written share one place in memory. */
export function refuseOverlap(t: Strided): void {
  if (repeats(t))
    fail(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    );
}

/** Without gaps, its dimensions in the order in which those of `like` lie in memory, as PyTorch's empty_like. */
export function emptyLike(k: Kernels, like: Tensor, dtype: DType = like.dtype): Tensor {
  if (isContiguous(like)) return k.empty(like.shape, dtype);
  return k.emptyStrided(like.shape, packed(like.shape, walkOrder(like)), dtype);
}

/** Strides without gaps for dimensions in an order from the innermost outwards. */
function packed(shape: readonly number[], order: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (const dim of order) {
    strides[dim] = step;
    step *= shape[dim] as number;
  }
  return strides;
}

/** Whether elements of that shape lie in the same places by both strides. */
export const sameLayout = (shape: readonly number[], a: readonly number[], b: readonly number[]): boolean =>
  shape.includes(0) || shape.every((size, i) => size === 1 || a[i] === b[i]);

/** Whether its elements fill their stretch of memory, each place once, in whatever order. */
export const isGapless = (t: Strided): boolean =>
  isContiguous(t) || sameLayout(t.shape, t.strides, packed(t.shape, walkOrder(t)));

/** `t`, which lies row by row, as PyTorch lays out what it works out element by element: as the operands lie. */
export function laidAs(k: Kernels, t: Tensor, operands: readonly Tensor[]): Tensor {
  const strides = operands.map((operand) => k.broadcast(operand, t.shape).strides);
  const out = k.emptyStrided(t.shape, packed(t.shape, orderOfAll(t.shape, strides)), t.dtype);
  if (isContiguous(out)) return t;
  k.copyInto(out, t);
  return out;
}
