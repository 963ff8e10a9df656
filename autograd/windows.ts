/** Sliding windows over images [N, C, H, W]: taken apart into columns, put together again. What convolution and pooling share. */
import { Binary } from "../assembly/shared/codes.ts";
import { Calc } from "./calc.ts";
import type { Kernels } from "./kernels.ts";
import { Tensor } from "./tensor.ts";

/** By dimension (height, width). */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

const at = (list: readonly number[], i: number): number => list[i] as number;

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

/** [N, C, kh, kw, oh, ow] over the memory of a padded image. */
function windowsOf(k: Kernels, wide: Tensor, w: Windows, count: readonly number[]): Tensor {
  const [n = 0, c = 0] = wide.shape;
  const [sn = 0, sc = 0, sh = 0, sw = 0] = wide.strides;
  const strides = [
    sn,
    sc,
    sh * at(w.dilation, 0),
    sw * at(w.dilation, 1),
    sh * at(w.stride, 0),
    sw * at(w.stride, 1),
  ];
  return k.scope.own(
    new Tensor(wide.storage, wide.dtype, [n, c, ...w.kernel, ...count], strides, wide.offset),
  );
}

/** [N, C, kh, kw, oh, ow], dense; what lies outside the image is `value`. */
export function columns(k: Kernels, x: Tensor, w: Windows, count: readonly number[], value = 0): Tensor {
  return k.clone(windowsOf(k, padded(k, x, w, count, value), w, count));
}

/** The columns added up where they were taken: an image of the given shape. */
export function fromColumns(k: Kernels, col: Tensor, shape: readonly number[], w: Windows): Tensor {
  const count = col.shape.slice(4);
  const wide = padded(k, k.full(shape, 0, col.dtype), w, count, 0);
  const all = windowsOf(k, wide, w, count);
  const [height = 0, width = 0] = w.kernel;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const into = part(k, all, i, j);
      k.core.binary(Binary.add, into, into, part(k, col, i, j));
    }
  }
  return k.clone(inside(k, wide, shape, w));
}

/** The element (i, j) of every window: [N, C, oh, ow]. */
function part(k: Kernels, t: Tensor, i: number, j: number): Tensor {
  const [n = 0, c = 0, , , oh = 0, ow = 0] = t.shape;
  const [sn = 0, sc = 0, si = 0, sj = 0, sh = 0, sw = 0] = t.strides;
  return k.scope.own(
    new Tensor(t.storage, t.dtype, [n, c, oh, ow], [sn, sc, sh, sw], t.offset + i * si + j * sj),
  );
}

/** How many elements of the padded image each window covers, or of the image itself: [oh, ow]. */
export function covered(
  k: Kernels,
  size: readonly number[],
  w: Windows,
  count: readonly number[],
  withPadding: boolean,
  like: Tensor,
): Tensor {
  const along = (i: number): number[] =>
    Array.from({ length: at(count, i) }, (_, o) => {
      const start = o * at(w.stride, i) - at(w.padding, i);
      const end = Math.min(start + at(w.kernel, i), at(size, i) + at(w.padding, i));
      return withPadding ? end - start : Math.min(end, at(size, i)) - Math.max(start, 0);
    });
  const put = (numbers: readonly number[], shape: readonly number[]): Tensor => {
    const out = k.empty(shape, like.dtype);
    k.core.write(out, numbers);
    return out;
  };
  return new Calc(k).mul(put(along(0), [at(count, 0), 1]), put(along(1), [at(count, 1)]));
}
