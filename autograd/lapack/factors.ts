/** Triangular factors: LU with row exchanges, Cholesky, QR; and what is solved with them. */
import { Matrix, reflection, reflectRows } from "./matrix.ts";

export interface Lu {
  /** L below the diagonal (which is 1), U on and above it. */
  readonly lu: Matrix;
  /** The row, counted from 1, with which each was exchanged. */
  readonly pivots: number[];
  /** The number of the first 0 on the diagonal of U, counted from 1; 0 where there is none. */
  readonly info: number;
}

export function luFactor(a: Matrix, pivot = true): Lu {
  const lu = a.copy();
  const n = Math.min(a.rows, a.columns);
  const pivots: number[] = [];
  let info = 0;
  for (let j = 0; j < n; j++) {
    let best = j;
    if (pivot)
      for (let i = j + 1; i < a.rows; i++) if (Math.abs(lu.get(i, j)) > Math.abs(lu.get(best, j))) best = i;
    pivots.push(best + 1);
    if (lu.get(best, j) === 0) {
      if (info === 0) info = j + 1;
      continue;
    }
    if (best !== j) lu.swapRows(best, j);
    for (let i = j + 1; i < a.rows; i++) {
      const factor = lu.get(i, j) / lu.get(j, j);
      lu.set(i, j, factor);
      if (factor !== 0) for (let k = j + 1; k < a.columns; k++) lu.add(i, k, -factor * lu.get(j, k));
    }
  }
  return { lu, pivots, info };
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

/** X with A·X = B, or Aᵀ·X = B. */
export function luSolve(lu: Matrix, pivots: readonly number[], b: Matrix, transposed = false): Matrix {
  const order = permutation(pivots, lu.rows);
  if (!transposed) {
    const x = new Matrix(b.rows, b.columns, b.precision);
    for (const [i, from] of order.entries()) for (let j = 0; j < b.columns; j++) x.set(i, j, b.get(from, j));
    return solveTriangular(lu, solveTriangular(lu, x, false, true), true, false);
  }
  const t = lu.transposed();
  const y = solveTriangular(t, solveTriangular(t, b, false, false), true, true);
  const x = new Matrix(b.rows, b.columns, b.precision);
  for (const [i, to] of order.entries()) for (let j = 0; j < b.columns; j++) x.set(to, j, y.get(i, j));
  return x;
}

/** X with T·X = B, of which only a triangle is looked at; `unit`: its diagonal is taken for 1. */
export function solveTriangular(t: Matrix, b: Matrix, upper: boolean, unit: boolean): Matrix {
  const x = b.copy();
  const n = t.rows;
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    for (let j = 0; j < b.columns; j++) {
      let value = x.get(i, j);
      const [from, to] = upper ? [i + 1, n] : [0, i];
      for (let k = from; k < to; k++) value -= t.get(i, k) * x.get(k, j);
      x.set(i, j, unit ? value : value / t.get(i, i));
    }
  }
  return x;
}

/** L with L·Lᵀ = A, of which the lower triangle is looked at; `info`: the first leading minor that is not positive, or 0. */
export function cholesky(a: Matrix): { readonly l: Matrix; readonly info: number } {
  const n = a.rows;
  const l = new Matrix(n, n, a.precision);
  for (let j = 0; j < n; j++) {
    let d = a.get(j, j);
    for (let k = 0; k < j; k++) d -= l.get(j, k) ** 2;
    if (!(d > 0)) return { l, info: j + 1 };
    const root = Math.sqrt(d);
    l.set(j, j, root);
    for (let i = j + 1; i < n; i++) {
      let x = a.get(i, j);
      for (let k = 0; k < j; k++) x -= l.get(i, k) * l.get(j, k);
      l.set(i, j, x / root);
    }
  }
  return { l, info: 0 };
}

/** Householder's reflections: R above the diagonal, the reflections' vectors below it. */
export function householder(a: Matrix): { readonly qr: Matrix; readonly tau: number[] } {
  const qr = a.copy();
  const taus: number[] = [];
  for (let j = 0; j < Math.min(a.rows, a.columns); j++) {
    const v = qr.vector(a.rows - j, (i) => qr.get(j + i, j));
    const { beta, tau } = reflection(v, a.precision);
    reflectRows(qr, v, tau, j, j + 1);
    qr.set(j, j, beta);
    for (let i = 1; i < v.length; i++) qr.set(j + i, j, v[i] as number);
    taus.push(tau);
  }
  return { qr, tau: taus };
}

/** The first `columns` columns of the product of the reflections. */
export function orthogonal(qr: Matrix, taus: readonly number[], columns: number): Matrix {
  const q = Matrix.identity(qr.precision, qr.rows, columns);
  for (let j = taus.length - 1; j >= 0; j--) {
    const v = qr.vector(qr.rows - j, (i) => (i === 0 ? 1 : qr.get(j + i, j)));
    reflectRows(q, v, taus[j] as number, j, 0);
  }
  return q;
}
