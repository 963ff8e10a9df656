/** The singular value decomposition: dgesdd. */
import { diagonalise } from "./bidiagonal.ts";
import { householder, orthogonal } from "./factors.ts";
import { type Floats, Matrix, reflectColumns, reflection, reflectRows, rotation, sign } from "./matrix.ts";

export interface Svd {
  readonly u: Matrix;
  /** Greatest first. */
  readonly s: Floats;
  readonly vt: Matrix;
}

/** A = U·diag(s)·Vt; `full`: U and Vt are square. */
export function svd(a: Matrix, full: boolean): Svd {
  // Much longer than wide: a triangular factor first.
  const least = Math.min(a.rows, a.columns);
  const much = Math.max(a.rows, a.columns) >= Math.floor((least * 11) / 6);
  if (a.rows >= a.columns && much && a.rows > a.columns) return long(a, full);
  if (a.rows < a.columns && much) {
    const { u, s, vt } = long(a.transposed(), full, true);
    return { u: vt.transposed(), s, vt: u.transposed() };
  }
  return direct(a, full);
}

function long(a: Matrix, full: boolean, mirrored = false): Svd {
  const n = a.columns;
  const { qr, tau } = householder(a);
  const r = new Matrix(n, n, a.precision);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) r.set(i, j, qr.get(i, j));
  // Of a wide matrix it is the lower factor that is taken further.
  const inner = direct(mirrored ? r.transposed() : r, true);
  const [left, right] = mirrored ? [inner.vt.transposed(), inner.u.transposed()] : [inner.u, inner.vt];
  const q = orthogonal(qr, tau, full ? a.rows : n);
  const u = q.copy();
  const first = new Matrix(a.rows, n, a.precision);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < n; j++) first.set(i, j, q.get(i, j));
  const turned = first.times(left);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < n; j++) u.set(i, j, turned.get(i, j));
  return { u, s: inner.s, vt: right };
}

function direct(given: Matrix, full: boolean): Svd {
  const a = given.copy();
  const { rows, columns } = a;
  const k = Math.min(rows, columns);
  const tall = rows >= columns;
  const [d, e] = [a.precision.array(k), a.precision.array(Math.max(k - 1, 0))];
  const lefts: { v: Floats; tau: number; at: number }[] = [];
  const rights: { v: Floats; tau: number; at: number }[] = [];
  const column = (i: number, from: number): number => {
    const v = a.vector(rows - from, (r) => a.get(from + r, i));
    const { beta, tau } = reflection(v, a.precision);
    reflectRows(a, v, tau, from, i + 1);
    lefts.push({ v, tau, at: from });
    return beta;
  };
  const row = (i: number, from: number): number => {
    const v = a.vector(columns - from, (c) => a.get(i, from + c));
    const { beta, tau } = reflection(v, a.precision);
    reflectColumns(a, v, tau, i + 1, from);
    rights.push({ v, tau, at: from });
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
  const vt = padded(smallT.transposed(), columns, full ? columns : k);
  for (const { v, tau, at } of lefts.reverse()) reflectRows(u, v, tau, at, 0);
  for (const { v, tau, at } of rights.reverse()) reflectRows(vt, v, tau, at, 0);
  return { u, s: d, vt: vt.transposed() };
}

/** A lower bidiagonal matrix is turned into an upper one first: dbdsdc. */
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
    u.rotateRows(i, i + 1, c, s);
  }
}

/** The matrix in the corner of a larger one, 1 on the rest of the diagonal. */
function padded(m: Matrix, rows: number, columns: number): Matrix {
  const out = Matrix.identity(m.precision, rows, columns);
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.columns; j++) out.set(i, j, m.get(i, j));
  return out;
}
