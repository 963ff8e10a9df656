/** The singular value decomposition: gesdd, whose way with small matrices is taken for large ones too. */
import { diagonalise } from "./bidiagonal.ts";
import { columnOf, product, rowOf, turn } from "./blas.ts";
import { type Floats, Matrix, rotation, sign } from "./matrix.ts";
import {
  householder,
  orthogonal,
  reflection,
  reflectLeft,
  reflectRight,
  rowHouseholder,
  rowOrthogonal,
} from "./reflections.ts";

export interface Svd {
  readonly u: Matrix;
  /** Greatest first. */
  readonly s: Floats;
  readonly vt: Matrix;
}

/** A = U·diag(s)·Vt; `full`: U and Vt are square. */
export function svd(a: Matrix, full: boolean): Svd {
  // Much longer or wider than the other way: a triangular factor first.
  const [most, least] = [Math.max(a.rows, a.columns), Math.min(a.rows, a.columns)];
  if (most === least || most < Math.floor((least * 11) / 6)) return direct(a, full);
  return a.rows > a.columns ? tall(a, full) : wide(a, full);
}

function tall(a: Matrix, full: boolean): Svd {
  const n = a.columns;
  const { qr, tau } = householder(a);
  const r = new Matrix(n, n, a.precision);
  for (let j = 0; j < n; j++) for (let i = 0; i <= j; i++) r.set(i, j, qr.get(i, j));
  const { u: left, s, vt } = direct(r, true);
  const u = orthogonal(qr, tau, full ? a.rows : n);
  const first = u.block(0, 0, a.rows, n);
  first.assign(product(first, left));
  return { u, s, vt };
}

function wide(a: Matrix, full: boolean): Svd {
  const n = a.rows;
  const { lq, tau } = rowHouseholder(a);
  const l = new Matrix(n, n, a.precision);
  for (let j = 0; j < n; j++) for (let i = j; i < n; i++) l.set(i, j, lq.get(i, j));
  const { u, s, vt: right } = direct(l, true);
  const vt = rowOrthogonal(lq, tau, full ? a.columns : n);
  const first = vt.block(0, 0, n);
  first.assign(product(right, first));
  return { u, s, vt };
}

function direct(given: Matrix, full: boolean): Svd {
  const a = given.copy();
  const { rows, columns, precision } = a;
  const k = Math.min(rows, columns);
  const tall = rows >= columns;
  const [d, e] = [precision.array(k), precision.array(Math.max(k - 1, 0))];
  const [tauQ, tauP] = [precision.array(k), precision.array(k)];
  // gebd2: column i from row `from` on, and row i from column `from` on.
  const column = (i: number, from: number): number => {
    const { beta, tau } = reflection(precision, a.get(from, i), columnOf(a, i, from + 1));
    a.set(from, i, 1);
    if (i + 1 < columns) reflectLeft(a.block(from, i + 1), columnOf(a, i, from), tau);
    tauQ[i] = tau;
    return beta;
  };
  const row = (i: number, from: number): number => {
    const { beta, tau } = reflection(precision, a.get(i, from), rowOf(a, i, from + 1));
    a.set(i, from, 1);
    if (i + 1 < rows) reflectRight(a.block(i + 1, from), rowOf(a, i, from), tau);
    tauP[i] = tau;
    return beta;
  };
  for (let i = 0; i < k; i++) {
    d[i] = tall ? column(i, i) : row(i, i);
    if (i < k - 1) e[i] = tall ? row(i, i + 1) : column(i, i + 1);
  }
  const [small, smallT] = [Matrix.identity(a.precision, k), Matrix.identity(a.precision, k)];
  if (k === 1) {
    small.set(0, 0, sign(1, d[0] as number));
    d[0] = Math.abs(d[0] as number);
  } else if (tall) diagonalise(d, e, smallT, small);
  else lower(d, e, smallT, small);
  const u = padded(small, rows, full ? rows : k);
  const vt = padded(smallT, full ? columns : k, columns);
  // The first number of each reflection's vector still stands in `a` as 1.
  for (let i = k - 1; i >= 0; i--) {
    const [left, right] = tall ? [i, i + 1] : [i + 1, i];
    if (left < rows) reflectLeft(u.block(left, 0), columnOf(a, i, left), tauQ[i] as number);
    if (right < columns) reflectRight(vt.block(0, right), rowOf(a, i, right), tauP[i] as number);
  }
  return { u, s: d, vt };
}

/** A lower bidiagonal matrix is turned into an upper one first: bdsdc. */
function lower(d: Floats, e: Floats, vt: Matrix, u: Matrix): void {
  const turns: { c: number; s: number }[] = [];
  for (let i = 0; i < d.length - 1; i++) {
    const { c, s, r } = rotation(d[i] as number, e[i] as number, vt.precision);
    d[i] = r;
    e[i] = s * (d[i + 1] as number);
    d[i + 1] = c * (d[i + 1] as number);
    turns.push({ c, s: -s });
  }
  diagonalise(d, e, vt, u);
  for (let i = turns.length - 1; i >= 0; i--) {
    const { c, s } = turns[i] as { c: number; s: number };
    turn(u.precision.round, rowOf(u, i), rowOf(u, i + 1), c, s);
  }
}

/** The matrix in the corner of a larger one, 1 on the rest of the diagonal. */
function padded(m: Matrix, rows: number, columns: number): Matrix {
  const out = Matrix.identity(m.precision, rows, columns);
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) out.set(i, j, m.get(i, j));
  return out;
}
