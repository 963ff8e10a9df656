/** Turning a tensor's numbers into the Trace's Value: inline where small, statistics and a picture where large. */
import { DType } from "../assembly/shared/codes.ts";
import type { Element, Value } from "../trace/schema.ts";
import type { Core, Strided } from "./core.ts";
import { dtypeName } from "./dtype.ts";
import { numelOf } from "./tensor.ts";

/** Up to this many elements a value is inline. */
export const INLINE_LIMIT = 256;
export const HISTOGRAM_BINS = 32;
export const THUMBNAIL_SIDE = 16;

export function measure(core: Core, t: Strided): Value {
  const shape = [...t.shape];
  const dtype = dtypeName(t.dtype);
  const data = core.read(t);
  if (numelOf(shape) <= INLINE_LIMIT)
    return {
      kind: "inline",
      shape,
      dtype,
      data: Array.from<number | bigint, Element>(data, (x) => element(x, t.dtype)),
    };
  return { kind: "summary", shape, dtype, ...summary(data, shape, t.dtype) };
}

/** JSON has no NaN, no infinity, no -0 and no exact 64-bit integer. */
export function element(x: number | bigint, dtype: DType): Element {
  if (typeof x === "bigint") return Number.isSafeInteger(Number(x)) ? Number(x) : x.toString();
  if (dtype === DType.bool) return x !== 0;
  if (Object.is(x, -0)) return "-0";
  return Number.isFinite(x) ? x : (String(x) as Element);
}

type Summary = Omit<Extract<Value, { kind: "summary" }>, "kind" | "shape" | "dtype">;

function summary(data: ArrayLike<number | bigint>, shape: readonly number[], dtype: DType): Summary {
  const n = data.length;
  let [min, max, mean, squares, deviation] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  let [zeros, nans, infinities, finite] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const x = Number(data[i]);
    if (Number.isNaN(x)) nans++;
    else if (!Number.isFinite(x)) infinities++;
    else {
      // Welford's running mean and sum of squared deviations.
      finite++;
      const delta = x - mean;
      mean += delta / finite;
      deviation += delta * (x - mean);
      squares += x * x;
      if (x === 0) zeros++;
      if (x < min) min = x;
      if (x > max) max = x;
    }
  }
  if (finite === 0) [min, max, mean] = [Number.NaN, Number.NaN, Number.NaN];
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  const width = max - min;
  for (let i = 0; i < n; i++) {
    const x = Number(data[i]);
    if (!Number.isFinite(x)) continue;
    const bin =
      width > 0 ? Math.min(HISTOGRAM_BINS - 1, Math.floor(((x - min) / width) * HISTOGRAM_BINS)) : 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const plain = (x: number): Element => element(x, DType.f64);
  return {
    statistics: {
      min: plain(min),
      max: plain(max),
      mean: plain(mean),
      std: plain(finite > 1 ? Math.sqrt(deviation / (finite - 1)) : Number.NaN),
      norm: plain(nans > 0 ? Number.NaN : infinities > 0 ? Number.POSITIVE_INFINITY : Math.sqrt(squares)),
      zeros,
      nans,
      infinities,
    },
    histogram: { min: plain(min), max: plain(max), counts },
    thumbnail: thumbnail(data, shape, dtype),
  };
}

/** The last two dimensions (first index of the others), averaged over equal cells. */
function thumbnail(
  data: ArrayLike<number | bigint>,
  shape: readonly number[],
  _dtype: DType,
): Summary["thumbnail"] {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.length > 1 ? (shape.at(-2) as number) : 1;
  const [height, width] = [Math.min(rows, THUMBNAIL_SIDE), Math.min(columns, THUMBNAIL_SIDE)];
  const cells: Element[] = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      let [total, count] = [0, 0];
      const [top, bottom] = [Math.floor((i * rows) / height), Math.floor(((i + 1) * rows) / height)];
      const [left, right] = [Math.floor((j * columns) / width), Math.floor(((j + 1) * columns) / width)];
      for (let r = top; r < bottom; r++) {
        for (let c = left; c < right; c++) {
          total += Number(data[r * columns + c]);
          count++;
        }
      }
      cells.push(element(total / count, DType.f64));
    }
  }
  return { shape: [height, width], data: cells };
}
