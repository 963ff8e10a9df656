/** The order in which PyTorch's TensorIterator visits elements: that of their addresses, whatever the dimensions' order. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Strided } from "./core.ts";
import { dtypeSize } from "./dtype.ts";
import { fail } from "./errors.ts";
import { broadcastStrides, expandable, type Kernels, sameShape } from "./kernels.ts";
import { isContiguous, Tensor } from "./tensor.ts";

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

/**
 * What the op `name` writes in place may not share memory with itself or with what it reads, other than element by element. Where
 * PyTorch looks no further (there are gaps) its numbers depend on the order in which it goes, so that is refused too.
 */
export function checkMemory(
  name: string,
  overlaps: true | "self" | undefined,
  self: Tensor,
  args: readonly unknown[],
): void {
  if (overlaps === true) return;
  for (const value of args) {
    if (!(value instanceof Tensor) || value === self || value.storage !== self.storage) continue;
    // One element is put by its number.
    if (overlaps === "self" && value.numel === 1) continue;
    if (meet(self, value))
      fail(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
      );
  }
  if (overlaps === "self") return;
  refuseOverlap(self);
  // A copy comes out the same here as there.
  if (name !== "copy_" && runsOver(self))
    fail(
      "unsupported operation: windows of the written-to tensor share memory, where PyTorch's result depends on its order. Please clone() the tensor before performing the operation.",
    );
}

/** Whether an element of `read`, spread over the shape of `self`, lies where another element of `self` does. */
function meet(self: Tensor, read: Tensor): boolean {
  const size = dtypeSize(self.dtype);
  const first = Math.min(self.ptr, read.ptr);
  const reach = [self, read].map((t) => extent(t) * dtypeSize(t.dtype));
  const end = Math.max(self.ptr + (reach[0] as number), read.ptr + (reach[1] as number));
  if (end - first >= (reach[0] as number) + (reach[1] as number)) return false;
  if (size !== dtypeSize(read.dtype)) return true;
  if (isGapless(self) && isGapless(read))
    return self.ptr !== read.ptr || self.numel !== read.numel || !sameShape(self.strides, read.strides);
  if (!expandable(read.shape, self.shape)) return false;
  const owner = new Int32Array((end - first) / size);
  for (const [i, at] of places(self.shape, self.strides).entries())
    owner[(self.ptr - first) / size + at] = i + 1;
  return places(self.shape, broadcastStrides(read, self.shape)).some((at, i) => {
    const other = owner[(read.ptr - first) / size + at];
    return other !== 0 && other !== i + 1;
  });
}

/** How many elements of memory it reaches over. */
const extent = ({ shape, strides }: Strided): number =>
  shape.includes(0) ? 0 : shape.reduce((sum, n, i) => sum + (n - 1) * (strides[i] as number), 1);

/** Where elements lie, row by row, counted from the first one. */
const places = (shape: readonly number[], strides: readonly number[]): readonly number[] =>
  shape.reduce<readonly number[]>(
    (found, n, i) =>
      found.flatMap((at) => Array.from({ length: n }, (_, j) => at + j * (strides[i] as number))),
    [0],
  );

/** Whether its elements may share memory by windows that run over each other, as after `unfold`. */
function runsOver(t: Strided): boolean {
  if (isContiguous(t)) return false;
  let reach = 0;
  for (const dim of walkOrder(t)) {
    const [n, stride] = [t.shape[dim] as number, t.strides[dim] as number];
    if (n <= 1) continue;
    if (stride <= reach) return true;
    reach += (n - 1) * stride;
  }
  return false;
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
