/** What can be said of a tensor's numbers as a whole: from the numbers where they are inline, else from the summary. */
import type { Element, Statistics, Value } from "./schema.ts";

const BINS = 24;

export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly counts: readonly number[];
}

export function statisticsOf(value: Value): Statistics {
  if (value.kind === "summary") return value.statistics;
  const all = value.data.map(Number);
  const finite = all.filter(Number.isFinite);
  const count = finite.length;
  const total = finite.reduce((sum, x) => sum + x, 0);
  const mean = total / count;
  const spread = finite.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const nans = all.filter(Number.isNaN).length;
  const infinities = all.length - count - nans;
  const norm = Math.hypot(...all);
  return {
    min: count === 0 ? "NaN" : asElement(Math.min(...finite)),
    max: count === 0 ? "NaN" : asElement(Math.max(...finite)),
    mean: asElement(mean),
    std: asElement(count > 1 ? Math.sqrt(spread / (count - 1)) : Number.NaN),
    norm: asElement(nans > 0 ? Number.NaN : norm),
    zeros: finite.filter((x) => x === 0).length,
    nans,
    infinities,
  };
}

/** JSON's numbers, and the words that the trace has for the others. */
function asElement(x: number): Element {
  return Number.isFinite(x) ? x : (String(x) as Element);
}

/** Counts over equal bins of the finite elements; null where there are none. */
export function histogramOf(value: Value): Histogram | null {
  if (value.kind === "summary") {
    const { min, max, counts } = value.histogram;
    const [from, to] = [Number(min), Number(max)];
    return Number.isFinite(from) && Number.isFinite(to) ? { min: from, max: to, counts } : null;
  }
  const finite = value.data.map(Number).filter(Number.isFinite);
  if (finite.length === 0) return null;
  const [min, max] = [Math.min(...finite), Math.max(...finite)];
  const counts = new Array<number>(BINS).fill(0);
  for (const x of finite) {
    const bin = max > min ? Math.min(BINS - 1, Math.floor(((x - min) / (max - min)) * BINS)) : 0;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { min, max, counts };
}

/** The numbers that are on show: a matrix of them, and how each is reached. */
export interface Slice {
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly Element[];
  /** Place in the whole tensor of the first one, row-major. */
  readonly offset: number;
}

/** How many dimensions are left out of a picture with rows and columns. */
export const ahead = (shape: readonly number[]): number => Math.max(0, shape.length - 2);

/** The last two dimensions, at an index of the others; null where the numbers are not there. */
export function sliceOf(value: Value, at: readonly number[]): Slice | null {
  const { shape } = value;
  const rows = shape.length > 1 ? (shape.at(-2) as number) : 1;
  const columns = shape.at(-1) ?? 1;
  if (value.kind === "summary") return null;
  let offset = 0;
  for (let d = 0; d < ahead(shape); d++) offset = offset * (shape[d] as number) + (at[d] ?? 0);
  offset *= rows * columns;
  return { rows, columns, data: value.data.slice(offset, offset + rows * columns), offset };
}

/** The greatest finite size: what a scale that is centred on zero ends at; 0 where everything is zero. */
export function greatest(data: readonly Element[]): number {
  let most = 0;
  for (const element of data) {
    const size = Math.abs(Number(element));
    if (Number.isFinite(size) && size > most) most = size;
  }
  return most;
}
