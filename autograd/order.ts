/** The order in which PyTorch's TensorIterator visits elements: that of their addresses, whatever the dimensions' order. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Strided } from "./core.ts";
import type { Kernels } from "./kernels.ts";
import { isContiguous, type Tensor } from "./tensor.ts";

/** The dimensions from the innermost (visited first) outwards. */
export function walkOrder({ shape, strides }: Strided): number[] {
  const order = shape.map((_, i) => shape.length - 1 - i);
  // Above 0: `a` belongs outside `b`; 0 where nothing is said, as for a repeated dimension.
  const compare = (a: number, b: number): number => {
    const [x, y] = [strides[a] as number, strides[b] as number];
    if (x === 0 || y === 0) return 0;
    return x !== y ? x - y : (shape[a] as number) > (shape[b] as number) ? 1 : 0;
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

/** Without gaps, its dimensions in the order in which those of `like` lie in memory, as PyTorch's empty_like. */
export function emptyLike(k: Kernels, like: Tensor, dtype: DType = like.dtype): Tensor {
  if (isContiguous(like)) return k.empty(like.shape, dtype);
  const strides = new Array<number>(like.shape.length);
  let step = 1;
  for (const dim of walkOrder(like)) {
    strides[dim] = step;
    step *= like.shape[dim] as number;
  }
  return k.emptyStrided(like.shape, strides, dtype);
}
