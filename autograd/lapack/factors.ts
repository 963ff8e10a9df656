/** Triangular factors: LU with row exchanges, Cholesky; and what is solved with them, as LAPACK does. */
import {
  addProduct,
  addTransposedProduct,
  columnOf,
  dot,
  greatest,
  rowOf,
  scale,
  solveLeft,
  solveRight,
  subtractSquare,
  swap,
  timesTriangle,
  timesVector,
} from "./blas.ts";
import { Matrix } from "./matrix.ts";

/** Columns that are factored at a time. */
const BLOCK = 64;

export interface Lu {
  /** L below the diagonal (which is 1), U on and above it. */
  readonly lu: Matrix;
  /** The row, counted from 1, with which each was exchanged. */
  readonly pivots: number[];
  /** The number of the first 0 on the diagonal of U, counted from 1; 0 where there is none. */
  readonly info: number;
}

/** getrf; without pivots as PyTorch does without LAPACK. */
export function luFactor(a: Matrix, pivot = true): Lu {
  const lu = a.copy();
  const n = Math.min(a.rows, a.columns);
  const pivots = Array.from({ length: n }, (_, i) => i);
  if (!pivot) return { lu, pivots: pivots.map((p) => p + 1), info: withoutPivots(lu) };
  let info = 0;
  for (let j = 0; j < n; j += BLOCK) {
    const width = Math.min(n - j, BLOCK);
    const failed = factorPanel(lu.block(j, j, a.rows - j, width), pivots, j);
    if (info === 0 && failed > 0) info = failed + j;
    exchange(lu.block(0, 0, a.rows, j), pivots, j, j + width);
    if (j + width < a.columns) {
      const right = lu.block(0, j + width);
      exchange(right, pivots, j, j + width);
      const above = right.block(j, 0, width);
      const triangle = {
        of: lu.block(j, j, width, width),
        upper: false,
        unit: true,
        transposed: false,
      };
      solveLeft(triangle, above);
      if (j + width < a.rows)
        addProduct(right.block(j + width, 0), -1, lu.block(j + width, j, a.rows - j - width, width), above);
    }
  }
  return { lu, pivots: pivots.map((p) => p + 1), info };
}

/** getrf2: in halves, down to a column. `pivots` (from 0, of the whole matrix) are written from `at` on. */
function factorPanel(a: Matrix, pivots: number[], at: number): number {
  const { round, tiny } = a.precision;
  if (a.rows === 1) {
    pivots[at] = at;
    return a.get(0, 0) === 0 ? 1 : 0;
  }
  if (a.columns === 1) {
    const best = greatest(columnOf(a, 0));
    pivots[at] = at + best;
    const pivot = a.get(best, 0);
    if (pivot === 0) return 1;
    if (best !== 0) swap(rowOf(a, 0), rowOf(a, best));
    if (Math.abs(pivot) >= tiny) scale(columnOf(a, 0, 1), round(1 / pivot));
    else for (let i = 1; i < a.rows; i++) a.set(i, 0, a.get(i, 0) / pivot);
    return 0;
  }
  const n = Math.min(a.rows, a.columns);
  const half = Math.floor(n / 2);
  const left = a.block(0, 0, a.rows, half);
  const right = a.block(0, half);
  const local = Array.from({ length: n }, (_, i) => i);
  let info = factorPanel(left, local, 0);
  exchange(right, local, 0, half);
  const above = right.block(0, 0, half);
  solveLeft({ of: a.block(0, 0, half, half), upper: false, unit: true, transposed: false }, above);
  const below = right.block(half, 0);
  addProduct(below, -1, left.block(half, 0), above);
  const rest: number[] = [];
  const failed = factorPanel(below, rest, 0);
  if (info === 0 && failed > 0) info = failed + half;
  for (const [i, p] of rest.entries()) local[half + i] = p + half;
  exchange(left, local, half, n);
  for (const [i, p] of local.entries()) pivots[at + i] = at + p;
  return info;
}

/** laswp: the rows from `from` up to `to` exchanged in turn, or back again. */
function exchange(a: Matrix, pivots: readonly number[], from: number, to: number, back = false): void {
  for (let step = 0; step < to - from; step++) {
    const i = back ? to - 1 - step : from + step;
    const other = pivots[i] as number;
    if (other !== i) swap(rowOf(a, i), rowOf(a, other));
  }
}

function withoutPivots(lu: Matrix): number {
  let info = 0;
  const { round } = lu.precision;
  for (let j = 0; j < Math.min(lu.rows, lu.columns); j++) {
    const pivot = lu.get(j, j);
    if (pivot === 0) {
      if (info === 0) info = j + 1;
      continue;
    }
    for (let i = j + 1; i < lu.rows; i++) {
      lu.set(i, j, lu.get(i, j) / pivot);
      for (let k = j + 1; k < lu.columns; k++) lu.add(i, k, -round(lu.get(i, j) * lu.get(j, k)));
    }
  }
  return info;
}

/** Which row of the product each row of the factored matrix is, by the exchanges. */
export function permutation(pivots: readonly number[], rows: number): number[] {
  const order = Array.from({ length: rows }, (_, i) => i);
  for (const [i, pivot] of pivots.entries()) {
    const other = pivot - 1;
    [order[i], order[other]] = [order[other] as number, order[i] as number];
  }
  return order;
}

/** X with A·X = B, or Aᵀ·X = B: getrs. */
export function luSolve(lu: Matrix, pivots: readonly number[], b: Matrix, transposed = false): Matrix {
  const x = b.copy();
  const exchanges = pivots.map((p) => p - 1);
  const lower = { of: lu, upper: false, unit: true, transposed };
  const upper = { of: lu, upper: true, unit: false, transposed };
  if (!transposed) exchange(x, exchanges, 0, exchanges.length);
  for (const triangle of transposed ? [upper, lower] : [lower, upper]) solveLeft(triangle, x);
  if (transposed) exchange(x, exchanges, 0, exchanges.length, true);
  return x;
}

export interface Cholesky {
  /** L with L·Lᵀ = A, or U with Uᵀ·U = A; 0 in the other triangle. */
  readonly factor: Matrix;
  /** The first leading minor that is not positive, counted from 1; 0 where all are. */
  readonly info: number;
}

/** potrf, of which only one triangle of A is looked at. */
export function cholesky(a: Matrix, upper: boolean): Cholesky {
  const n = a.rows;
  const factor = new Matrix(n, n, a.precision);
  for (let j = 0; j < n; j++)
    for (let i = upper ? 0 : j; i < (upper ? j + 1 : n); i++) factor.set(i, j, a.get(i, j));
  for (let j = 0; j < n; j += BLOCK) {
    const width = Math.min(n - j, BLOCK);
    const corner = factor.block(j, j, width, width);
    const before = upper ? factor.block(0, j, j, width) : factor.block(j, 0, width, j);
    subtractSquare(corner, before, upper);
    const failed = rootOf(corner, upper);
    if (failed > 0) return { factor, info: failed + j };
    const left = n - j - width;
    if (left === 0) break;
    if (upper) {
      const rest = factor.block(j, j + width, width, left);
      addTransposedProduct(rest, -1, before, factor.block(0, j + width, j, left));
      solveLeft({ of: corner, upper, unit: false, transposed: true }, rest);
    } else {
      const rest = factor.block(j + width, j, left, width);
      addProduct(rest, -1, factor.block(j + width, 0, left, j), before, true);
      solveRight({ of: corner, upper, unit: false, transposed: true }, rest);
    }
  }
  return { factor, info: 0 };
}

/** potrf2: in halves, down to a number. */
function rootOf(a: Matrix, upper: boolean): number {
  const n = a.rows;
  if (n === 1) {
    const x = a.get(0, 0);
    if (!(x > 0)) return 1;
    a.set(0, 0, Math.sqrt(x));
    return 0;
  }
  const half = Math.floor(n / 2);
  const first = a.block(0, 0, half, half);
  const failed = rootOf(first, upper);
  if (failed > 0) return failed;
  const between = upper ? a.block(0, half, half) : a.block(half, 0, n - half, half);
  const triangle = { of: first, upper, unit: false, transposed: true };
  if (upper) solveLeft(triangle, between);
  else solveRight(triangle, between);
  const rest = a.block(half, half);
  subtractSquare(rest, between, upper);
  const later = rootOf(rest, upper);
  return later === 0 ? 0 : later + half;
}

/** X with A·X = B, from A's factor: potrs. */
export function choleskySolve(factor: Matrix, upper: boolean, b: Matrix): Matrix {
  const x = b.copy();
  for (const transposed of upper ? [true, false] : [false, true])
    solveLeft({ of: factor, upper, unit: false, transposed }, x);
  return x;
}

/** A⁻¹ from A's factor: potri, by columns one at a time. */
export function choleskyInverse(factor: Matrix, upper: boolean): Matrix {
  const a = factor.copy();
  const n = a.rows;
  for (let step = 0; step < n; step++) {
    const j = upper ? step : n - 1 - step;
    a.set(j, j, 1 / a.get(j, j));
    const column = upper ? columnOf(a, j, 0, j) : columnOf(a, j, j + 1);
    const of = upper ? a.block(0, 0, j, j) : a.block(j + 1, j + 1);
    timesTriangle({ of, upper, unit: false }, column);
    scale(column, -a.get(j, j));
  }
  const { round } = a.precision;
  for (let i = 0; i < n; i++) {
    const own = a.get(i, i);
    const out = upper ? columnOf(a, i, 0, i) : rowOf(a, i, 0, i);
    const rest = upper ? rowOf(a, i, i) : columnOf(a, i, i);
    if (i === n - 1) {
      scale(upper ? columnOf(a, i) : rowOf(a, i), own);
      break;
    }
    a.set(i, i, dot(round, rest, rest));
    scale(out, own);
    if (upper) timesVector(a.block(0, i + 1, i), false, 1, rowOf(a, i, i + 1), out);
    else timesVector(a.block(i + 1, 0, n - i - 1, i), true, 1, columnOf(a, i, i + 1), out);
  }
  for (let j = 0; j < n; j++)
    for (let i = 0; i < j; i++)
      if (upper) a.set(j, i, a.get(i, j));
      else a.set(i, j, a.get(j, i));
  return a;
}
