/** Windows of one to three dimensions reduced to their largest element or their mean: what the poolings share. */
import { DType } from "../assembly/shared/codes.ts";
import type { Kernels } from "./kernels.ts";
import type { Tensor } from "./tensor.ts";
import { product } from "./windows.ts";

/** Where a window lies along each dimension, by the output's position: its first element and one past its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** From one element to the next. */
  readonly step: number;
}

/** By dimension, the spans of the output's positions. */
export type Spans = readonly (readonly Span[])[];

export const numbers = (k: Kernels, t: Tensor): Float64Array => k.core.read(t) as Float64Array;

export function written(
  k: Kernels,
  shape: readonly number[],
  dtype: DType,
  data: ArrayLike<number | bigint>,
): Tensor {
  const out = k.empty(shape, dtype);
  if (out.numel > 0) k.core.write(out, data);
  return out;
}

/** To three dimensions: those that lack have one position with one element. */
function threefold<T>(list: readonly T[], fill: T): readonly [T, T, T] {
  const full = [...new Array<T>(3 - list.length).fill(fill), ...list];
  return full as unknown as readonly [T, T, T];
}

const ALONE: readonly Span[] = [{ start: 0, end: 1, step: 1 }];

/**
 * The largest element of each window and where it lies in its image, counted row by row. The last `size.length`
 * dimensions of `x` are the image; `spansOf` gives the windows of each image by its number.
 */
export function largest(
  k: Kernels,
  x: Tensor,
  count: readonly number[],
  spansOf: (image: number) => Spans,
): readonly [Tensor, Tensor] {
  const n = count.length;
  const size = x.shape.slice(-n);
  const shape = [...x.shape.slice(0, -n), ...count];
  const [, height, width] = threefold(size, 1);
  const [area, perImage] = [product(size), product(count)];
  const data = numbers(k, x);
  const images = area === 0 ? 0 : data.length / area;
  const values = new Float64Array(images * perImage);
  const places = new BigInt64Array(images * perImage);
  let at = 0;
  for (let image = 0; image < images; image++) {
    const [depths, rows, columns] = threefold(spansOf(image), ALONE);
    const base = image * area;
    for (const d of depths)
      for (const r of rows)
        for (const c of columns) {
          let best = Number.NEGATIVE_INFINITY;
          let place = (d.start * height + r.start) * width + c.start;
          for (let i = d.start; i < d.end; i += d.step)
            for (let j = r.start; j < r.end; j += r.step)
              for (let l = c.start; l < c.end; l += c.step) {
                const here = (i * height + j) * width + l;
                const value = data[base + here] as number;
                if (value > best || Number.isNaN(value)) {
                  best = value;
                  place = here;
                }
              }
          values[at] = best;
          places[at++] = BigInt(place);
        }
  }
  return [written(k, shape, x.dtype, values), written(k, shape, DType.i64, places)];
}

/** What one float operation after another gives: each result is rounded, as is the share of a window of one dimension after another. */
function precisely(dtype: DType): {
  readonly round: (x: number) => number;
  readonly shared: (x: number, ...window: readonly Span[]) => number;
} {
  const round = dtype === DType.f32 ? Math.fround : Number;
  return {
    round,
    shared: (x, ...window) => window.reduce((y, { start, end }) => round(y / (end - start)), x),
  };
}

/** The mean of each window. */
export function means(k: Kernels, x: Tensor, count: readonly number[], spans: Spans): Tensor {
  const n = count.length;
  const size = x.shape.slice(-n);
  const [, height, width] = threefold(size, 1);
  const area = product(size);
  const data = numbers(k, x);
  const [depths, rows, columns] = threefold(spans, ALONE);
  const out = new Float64Array((area === 0 ? 0 : data.length / area) * product(count));
  const { round, shared } = precisely(x.dtype);
  let at = 0;
  for (let base = 0; base < data.length; base += area)
    for (const d of depths)
      for (const r of rows)
        for (const c of columns) {
          let sum = 0;
          for (let i = d.start; i < d.end; i++)
            for (let j = r.start; j < r.end; j++)
              for (let l = c.start; l < c.end; l++)
                sum = round(sum + (data[base + (i * height + j) * width + l] as number));
          out[at++] = shared(sum, d, r, c);
        }
  return written(k, [...x.shape.slice(0, -n), ...count], x.dtype, out);
}

/** The transpose of `means`: each gradient shared among the elements of its window. */
export function meansBackward(
  k: Kernels,
  grad: Tensor,
  shape: readonly number[],
  n: number,
  spans: Spans,
): Tensor {
  const size = shape.slice(-n);
  const [, height, width] = threefold(size, 1);
  const area = product(size);
  const data = numbers(k, grad);
  const [depths, rows, columns] = threefold(spans, ALONE);
  const out = new Float64Array(product(shape));
  const { round, shared } = precisely(grad.dtype);
  let at = 0;
  for (let base = 0; base < out.length && at < data.length; base += area)
    for (const d of depths)
      for (const r of rows)
        for (const c of columns) {
          const share = shared(data[at++] as number, d, r, c);
          for (let i = d.start; i < d.end; i++)
            for (let j = r.start; j < r.end; j++)
              for (let l = c.start; l < c.end; l++) {
                const place = base + (i * height + j) * width + l;
                out[place] = round((out[place] as number) + share);
              }
        }
  return written(k, shape, grad.dtype, out);
}

/** Each gradient added where its element came from: `indices` count row by row in images of the last n dimensions. */
export function scattered(
  k: Kernels,
  grad: Tensor,
  indices: Tensor,
  shape: readonly number[],
  n: number,
): Tensor {
  const data = numbers(k, grad);
  const places = k.core.read(indices) as BigInt64Array;
  const area = product(shape.slice(-n));
  const perImage = product(indices.shape.slice(-n));
  const single = grad.dtype === DType.f32;
  const out = single ? new Float32Array(product(shape)) : new Float64Array(product(shape));
  for (let i = 0; i < data.length; i++)
    (out[Math.floor(i / perImage) * area + Number(places[i])] as number) += data[i] as number;
  return written(k, shape, grad.dtype, out);
}

/** Windows that cover `size` with `parts` of nearly the same length. */
export const evenSpans = (size: number, parts: number): Span[] =>
  Array.from({ length: parts }, (_, o) => ({
    start: Math.floor((o * size) / parts),
    end: Math.ceil(((o + 1) * size) / parts),
    step: 1,
  }));
