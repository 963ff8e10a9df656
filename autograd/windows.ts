/** Sliding windows over [N, C, …size], in any number of dimensions: taken apart into columns, put together again. */
import { Binary } from "../assembly/shared/codes.ts";
import type { Kernels } from "./kernels.ts";
import { Tensor } from "./tensor.ts";

/** By dimension (depth, height, width). */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

const at = (list: readonly number[], i: number): number => list[i] as number;

export const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

/** One number for all dimensions, or one for each. */
export const each = (list: readonly number[], n: number): readonly number[] =>
  list.length === n ? list : new Array<number>(n).fill(list[0] as number);

/** How many windows fit along a dimension; `ceil` lets the last one start inside and end outside. */
export function windowCount(size: number, w: Windows, i: number, ceil = false): number {
  const room = size + 2 * at(w.padding, i) - at(w.dilation, i) * (at(w.kernel, i) - 1) - 1;
  const stride = at(w.stride, i);
  if (!ceil) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  return (count - 1) * stride >= size + at(w.padding, i) ? count - 1 : count;
}

/** The image inside a border of `value`, wide enough for `count` windows. */
function padded(k: Kernels, x: Tensor, w: Windows, count: readonly number[], value: number): Tensor {
  const [n = 0, c = 0, ...size] = x.shape;
  const need = size.map((s, i) =>
    Math.max(
      s + 2 * at(w.padding, i),
      (at(count, i) - 1) * at(w.stride, i) + at(w.dilation, i) * (at(w.kernel, i) - 1) + 1,
    ),
  );
  const out = k.full([n, c, ...need], value, x.dtype);
  k.copyInto(inside(k, out, x.shape, w), x);
  return out;
}

/** The part of a padded image that is the image. */
function inside(k: Kernels, wide: Tensor, shape: readonly number[], w: Windows): Tensor {
  const start = w.padding.reduce((sum, p, i) => sum + p * at(wide.strides, i + 2), wide.offset);
  return k.scope.own(new Tensor(wide.storage, wide.dtype, shape, wide.strides, start));
}

/** [N, C, …kernel, …count] over the memory of a padded image. */
function windowsOf(k: Kernels, wide: Tensor, w: Windows, count: readonly number[]): Tensor {
  const [n = 0, c = 0] = wide.shape;
  const [sn = 0, sc = 0, ...steps] = wide.strides;
  const strides = [
    sn,
    sc,
    ...steps.map((s, i) => s * at(w.dilation, i)),
    ...steps.map((s, i) => s * at(w.stride, i)),
  ];
  return k.scope.own(
    new Tensor(wide.storage, wide.dtype, [n, c, ...w.kernel, ...count], strides, wide.offset),
  );
}

/** [N, C, …kernel, …count], dense; what lies outside the image is `value`. */
export function columns(k: Kernels, x: Tensor, w: Windows, count: readonly number[], value = 0): Tensor {
  return k.clone(windowsOf(k, padded(k, x, w, count, value), w, count));
}

/** The columns added up where they were taken: an image of the given shape. */
export function fromColumns(k: Kernels, col: Tensor, shape: readonly number[], w: Windows): Tensor {
  const n = w.kernel.length;
  const count = col.shape.slice(2 + n);
  const wide = padded(k, k.full(shape, 0, col.dtype), w, count, 0);
  const all = windowsOf(k, wide, w, count);
  for (let i = 0; i < product(w.kernel); i++) {
    const place = positionIn(w.kernel, i);
    const into = part(k, all, place);
    k.core.binary(Binary.add, into, into, part(k, col, place));
  }
  return k.clone(inside(k, wide, shape, w));
}

/** The i-th position in a box of that size, row by row. */
export function positionIn(size: readonly number[], i: number): number[] {
  let left = i;
  return [...size]
    .reverse()
    .map((n) => {
      const here = left % n;
      left = Math.floor(left / n);
      return here;
    })
    .reverse();
}

/** The element at `place` of every window: [N, C, …count]. */
function part(k: Kernels, t: Tensor, place: readonly number[]): Tensor {
  const n = place.length;
  const keep = (list: readonly number[]): number[] => [...list.slice(0, 2), ...list.slice(2 + n)];
  const offset = place.reduce((sum, p, i) => sum + p * at(t.strides, 2 + i), t.offset);
  return k.scope.own(new Tensor(t.storage, t.dtype, keep(t.shape), keep(t.strides), offset));
}

/** How many elements of the padded image each window covers, or of the image itself: a tensor of the shape `count`. */
export function covered(
  k: Kernels,
  size: readonly number[],
  w: Windows,
  count: readonly number[],
  withPadding: boolean,
  like: Tensor,
): Tensor {
  const along = size.map((s, i) =>
    Array.from({ length: at(count, i) }, (_, o) => {
      const start = o * at(w.stride, i) - at(w.padding, i);
      const end = Math.min(start + at(w.kernel, i), s + at(w.padding, i));
      return withPadding ? end - start : Math.min(end, s) - Math.max(start, 0);
    }),
  );
  const out = k.empty(count, like.dtype);
  const numbers = Array.from({ length: out.numel }, (_, i) =>
    positionIn(count, i).reduce((all, o, dim) => all * (along[dim]?.[o] as number), 1),
  );
  k.core.write(out, numbers);
  return out;
}
