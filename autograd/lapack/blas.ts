/**
 * The steps that LAPACK's algorithms are made of, as the reference BLAS takes them: each number comes from the same
 * products and sums in the same order, rounded after each, so that the results have the same bits.
 */
import { type Floats, Matrix } from "./matrix.ts";

/** Where in a vector of numbers an operand lies: every `step`th from `start`. */
export interface Run {
  readonly data: Floats;
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

export const columnOf = (m: Matrix, j: number, from = 0, to = m.rows): Run => ({
  data: m.data,
  start: m.start + j * m.lead + from,
  step: 1,
  length: to - from,
});

export const rowOf = (m: Matrix, i: number, from = 0, to = m.columns): Run => ({
  data: m.data,
  start: m.start + i + from * m.lead,
  step: m.lead,
  length: to - from,
});

/** y := y + alpha·x over `n` numbers that lie side by side. */
function add(
  round: (x: number) => number,
  n: number,
  alpha: number,
  x: Floats,
  xAt: number,
  y: Floats,
  yAt: number,
): void {
  for (let i = 0; i < n; i++) y[yAt + i] = (y[yAt + i] as number) + round(alpha * (x[xAt + i] as number));
}

export function scale({ data, start, step, length }: Run, alpha: number): void {
  for (let i = 0, at = start; i < length; i++, at += step) data[at] = (data[at] as number) * alpha;
}

export function swap(x: Run, y: Run): void {
  for (let i = 0, a = x.start, b = y.start; i < x.length; i++, a += x.step, b += y.step)
    [x.data[a], y.data[b]] = [y.data[b] as number, x.data[a] as number];
}

/** x and y turned into each other: y' = c·y - s·x, x' = s·y + c·x (lasr). */
export function turn(round: (x: number) => number, x: Run, y: Run, c: number, s: number): void {
  if (c === 1 && s === 0) return;
  const [xs, ys, xStep, yStep] = [x.data, y.data, x.step, y.step];
  for (let i = 0, a = x.start, b = y.start; i < x.length; i++, a += xStep, b += yStep) {
    const one = xs[a] as number;
    const other = ys[b] as number;
    ys[b] = round(c * other) - round(s * one);
    xs[a] = round(s * other) + round(c * one);
  }
}

export function dot(round: (x: number) => number, x: Run, y: Run): number {
  let sum = 0;
  for (let i = 0, a = x.start, b = y.start; i < x.length; i++, a += x.step, b += y.step)
    sum = round(sum + round((x.data[a] as number) * (y.data[b] as number)));
  return sum;
}

/** Where the number of the greatest size is, from 0. */
export function greatest({ data, start, step, length }: Run): number {
  let [best, most] = [0, Math.abs(data[start] as number)];
  for (let i = 1; i < length; i++) {
    const size = Math.abs(data[start + i * step] as number);
    if (size > most) [best, most] = [i, size];
  }
  return best;
}

/** Sizes between which squares neither vanish nor overflow, and what brings the others there (Blue, 1978). */
const BLUE = {
  32: { small: 2 ** -63, big: 2 ** 52, enlarge: 2 ** 75, reduce: 2 ** -76, most: 3.4028234663852886e38 },
  64: { small: 2 ** -511, big: 2 ** 486, enlarge: 2 ** 537, reduce: 2 ** -538, most: Number.MAX_VALUE },
} as const;

/** The Euclidean norm (nrm2). */
export function norm(round: (x: number) => number, { data, start, step, length }: Run): number {
  const { small, big, enlarge, reduce, most } = BLUE[data instanceof Float32Array ? 32 : 64];
  let [low, mid, high] = [0, 0, 0];
  let notBig = true;
  for (let i = 0; i < length; i++) {
    const size = Math.abs(data[start + i * step] as number);
    if (size > big) {
      const x = round(size * reduce);
      high = round(high + round(x * x));
      notBig = false;
    } else if (size < small) {
      const x = round(size * enlarge);
      if (notBig) low = round(low + round(x * x));
    } else mid = round(mid + round(size * size));
  }
  const between = mid > 0 || mid > most || Number.isNaN(mid);
  if (high > 0) {
    if (between) high = round(high + round(round(mid * reduce) * reduce));
    return round(round(1 / reduce) * round(Math.sqrt(high)));
  }
  if (low === 0) return round(Math.sqrt(mid));
  if (!between) return round(round(1 / enlarge) * round(Math.sqrt(low)));
  const [a, b] = [round(Math.sqrt(mid)), round(round(Math.sqrt(low)) / enlarge)];
  const [least, greater] = b > a ? [a, b] : [b, a];
  const ratio = round(least / greater);
  return round(Math.sqrt(round(round(greater * greater) * round(1 + round(ratio * ratio)))));
}

/** y := alpha·A·x + y, or with Aᵀ (gemv; what `y` is times beta is the caller's). */
export function timesVector(a: Matrix, transposed: boolean, alpha: number, x: Run, y: Run): void {
  const { round } = a.precision;
  for (let j = 0; j < a.columns; j++) {
    if (transposed) {
      const sum = dot(round, columnOf(a, j), x);
      const at = y.start + j * y.step;
      y.data[at] = (y.data[at] as number) + round(alpha * sum);
    } else {
      const factor = round(alpha * (x.data[x.start + j * x.step] as number));
      for (let i = 0; i < a.rows; i++) {
        const at = y.start + i * y.step;
        y.data[at] = (y.data[at] as number) + round(factor * a.get(i, j));
      }
    }
  }
}

/** A := A + alpha·x·yᵀ (ger). */
export function addOuter(a: Matrix, alpha: number, x: Run, y: Run): void {
  const { round } = a.precision;
  for (let j = 0; j < a.columns; j++) {
    const other = y.data[y.start + j * y.step] as number;
    if (other === 0) continue;
    const factor = round(alpha * other);
    for (let i = 0; i < a.rows; i++) a.add(i, j, round((x.data[x.start + i * x.step] as number) * factor));
  }
}

/** C := C + alpha·A·B, or with Bᵀ (gemm). */
export function addProduct(c: Matrix, alpha: number, a: Matrix, b: Matrix, bTransposed = false): void {
  const { round } = c.precision;
  for (let j = 0; j < c.columns; j++)
    for (let l = 0; l < a.columns; l++) {
      const factor = round(alpha * (bTransposed ? b.get(j, l) : b.get(l, j)));
      add(round, c.rows, factor, a.data, a.start + l * a.lead, c.data, c.start + j * c.lead);
    }
}

export function product(a: Matrix, b: Matrix): Matrix {
  const out = new Matrix(a.rows, b.columns, a.precision);
  addProduct(out, 1, a, b);
  return out;
}

/** C := alpha·Aᵀ·B + C (gemm). */
export function addTransposedProduct(c: Matrix, alpha: number, a: Matrix, b: Matrix): void {
  const { round } = c.precision;
  for (let j = 0; j < c.columns; j++)
    for (let i = 0; i < c.rows; i++)
      c.set(i, j, round(alpha * dot(round, columnOf(a, i), columnOf(b, j))) + c.get(i, j));
}

/** The triangle of C := C - A·Aᵀ, or, of the upper one, of C - Aᵀ·A (syrk). */
export function subtractSquare(c: Matrix, a: Matrix, upper: boolean): void {
  const { round } = c.precision;
  for (let j = 0; j < c.columns; j++) {
    if (upper) for (let i = 0; i <= j; i++) c.add(i, j, -dot(round, columnOf(a, i), columnOf(a, j)));
    else
      for (let l = 0; l < a.columns; l++) {
        const factor = -a.get(j, l);
        if (factor !== 0)
          add(round, c.rows - j, factor, a.data, a.start + j + l * a.lead, c.data, c.start + j + j * c.lead);
      }
  }
}

export interface Triangle {
  readonly of: Matrix;
  readonly upper: boolean;
  /** The diagonal counts as 1. */
  readonly unit: boolean;
  readonly transposed: boolean;
}

/** Where the others of a triangle's i-th row or column are, beside its diagonal. */
const others = (upper: boolean, i: number, n: number): [number, number] => (upper ? [0, i] : [i + 1, n]);

/** Column j of B := itself and `factor` times column k. */
function addColumn(b: Matrix, j: number, k: number, factor: number): void {
  if (factor === 0) return;
  add(b.precision.round, b.rows, factor, b.data, b.start + k * b.lead, b.data, b.start + j * b.lead);
}

/** B := X with T·X = B (trsm from the left). */
export function solveLeft({ of: a, upper, unit, transposed }: Triangle, b: Matrix): void {
  const { round } = a.precision;
  const m = b.rows;
  for (let j = 0; j < b.columns; j++) {
    const at = b.start + j * b.lead;
    if (transposed)
      for (let step = 0; step < m; step++) {
        const i = upper ? step : m - 1 - step;
        const [from, to] = others(upper, i, m);
        let value = b.get(i, j);
        for (let k = from; k < to; k++) value = round(value - round(a.get(k, i) * b.get(k, j)));
        b.set(i, j, unit ? value : value / a.get(i, i));
      }
    else
      for (let step = 0; step < m; step++) {
        const k = upper ? m - 1 - step : step;
        if (b.get(k, j) === 0) continue;
        if (!unit) b.set(k, j, b.get(k, j) / a.get(k, k));
        const [from, to] = others(upper, k, m);
        add(round, to - from, -b.get(k, j), a.data, a.start + from + k * a.lead, b.data, at + from);
      }
  }
}

/** B := X with X·T = B (trsm from the right). */
export function solveRight({ of: a, upper, unit, transposed }: Triangle, b: Matrix): void {
  const { round } = a.precision;
  const n = b.columns;
  const forward = upper !== transposed;
  for (let step = 0; step < n; step++) {
    const j = forward ? step : n - 1 - step;
    const [from, to] = others(upper, j, n);
    if (!transposed) for (let k = from; k < to; k++) addColumn(b, j, k, -a.get(k, j));
    if (!unit) scale(columnOf(b, j), round(1 / a.get(j, j)));
    if (transposed) for (let k = from; k < to; k++) addColumn(b, k, j, -a.get(k, j));
  }
}

/** B := B·T (trmm from the right). */
export function timesRight({ of: a, upper, unit, transposed }: Triangle, b: Matrix): void {
  const n = b.columns;
  const forward = upper === transposed;
  for (let step = 0; step < n; step++) {
    const j = forward ? step : n - 1 - step;
    const [from, to] = others(upper, j, n);
    if (transposed) for (let k = from; k < to; k++) addColumn(b, k, j, a.get(k, j));
    if (!unit) scale(columnOf(b, j), a.get(j, j));
    if (!transposed) for (let k = from; k < to; k++) addColumn(b, j, k, a.get(k, j));
  }
}

/** x := T·x (trmv). */
export function timesTriangle({ of: a, upper, unit }: Omit<Triangle, "transposed">, x: Run): void {
  const { round } = a.precision;
  const n = a.rows;
  for (let step = 0; step < n; step++) {
    const j = upper ? step : n - 1 - step;
    const at = x.start + j * x.step;
    const factor = x.data[at] as number;
    if (factor === 0) continue;
    const [from, to] = others(upper, j, n);
    for (let i = from; i < to; i++) {
      const other = x.start + i * x.step;
      x.data[other] = (x.data[other] as number) + round(factor * a.get(i, j));
    }
    if (!unit) x.data[at] = factor * a.get(j, j);
  }
}
