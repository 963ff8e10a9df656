/** Householder's reflections, and the QR factors that are made of them, as LAPACK does. */
import {
  addOuter,
  addProduct,
  addTransposedProduct,
  columnOf,
  norm,
  type Run,
  rowOf,
  scale,
  timesRight,
  timesTriangle,
  timesVector,
} from "./blas.ts";
import { Matrix, type Precision, sign } from "./matrix.ts";

/** √(x² + y²) without overflow: lapy2. */
export function hypotenuse({ round }: Precision, x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const most = Math.max(Math.abs(x), Math.abs(y));
  const least = Math.min(Math.abs(x), Math.abs(y));
  if (least === 0 || most === Number.POSITIVE_INFINITY) return most;
  const ratio = round(least / most);
  return round(most * round(Math.sqrt(round(1 + round(ratio * ratio)))));
}

/**
 * The reflection I - tau·v·vᵀ that makes (alpha, x) to (beta, 0): larfg. `x` becomes v without its first number,
 * which is 1.
 */
export function reflection(
  precision: Precision,
  alpha: number,
  x: Run,
): { readonly beta: number; readonly tau: number } {
  const { round, tiny, epsilon } = precision;
  const betaOf = (first: number): number => -sign(hypotenuse(precision, first, norm(round, x)), first);
  if (norm(round, x) === 0) return { beta: alpha, tau: 0 };
  let [first, beta] = [alpha, betaOf(alpha)];
  // Too small for its reciprocal: brought to where it has one, and back at the end.
  const least = tiny / epsilon;
  let times = 0;
  if (Math.abs(beta) < least) {
    for (; Math.abs(beta) < least && times < 20; times++) {
      scale(x, 1 / least);
      beta = round(beta / least);
      first = round(first / least);
    }
    beta = betaOf(first);
  }
  const tau = round(round(beta - first) / beta);
  scale(x, round(1 / round(first - beta)));
  for (let i = 0; i < times; i++) beta = round(beta * least);
  return { beta, tau };
}

/** How many of v's numbers are left without the zeros at its end. */
function lengthOf({ data, start, step, length }: Run): number {
  let n = length;
  while (n > 0 && data[start + (n - 1) * step] === 0) n--;
  return n;
}

/** m := (I - tau·v·vᵀ)·m, or m·(I - tau·v·vᵀ) (larf); rows and columns at the end that are 0 stay so. */
function reflect(m: Matrix, v: Run, tau: number, fromLeft: boolean): void {
  if (tau === 0) return;
  const along = lengthOf(v);
  const isZero = (j: number): boolean => {
    for (let i = 0; i < along; i++) if ((fromLeft ? m.get(i, j) : m.get(j, i)) !== 0) return false;
    return true;
  };
  let across = fromLeft ? m.columns : m.rows;
  while (across > 0 && isZero(across - 1)) across--;
  if (along === 0 || across === 0) return;
  const used = fromLeft ? m.block(0, 0, along, across) : m.block(0, 0, across, along);
  const short = { ...v, length: along };
  const work = { data: m.precision.array(across), start: 0, step: 1, length: across };
  timesVector(used, fromLeft, 1, short, work);
  if (fromLeft) addOuter(used, -tau, short, work);
  else addOuter(used, -tau, work, short);
}

export const reflectLeft = (m: Matrix, v: Run, tau: number): void => reflect(m, v, tau, true);
export const reflectRight = (m: Matrix, v: Run, tau: number): void => reflect(m, v, tau, false);

/** Do `work` while the number at the place is 1, as the first of a reflection's vector is. */
function withOne(m: Matrix, i: number, j: number, work: () => void): void {
  const kept = m.get(i, j);
  m.set(i, j, 1);
  work();
  m.set(i, j, kept);
}

/** Columns that are reflected at a time, and how many columns there must be for that. */
const BLOCK = 32;
const CROSSOVER = 128;

/** R on and above the diagonal, the reflections' vectors below it: geqrf. */
export function householder(a: Matrix): { readonly qr: Matrix; readonly tau: number[] } {
  const qr = a.copy();
  const count = Math.min(a.rows, a.columns);
  const taus: number[] = [];
  let i = 0;
  for (; count > CROSSOVER && i < count - CROSSOVER; i += BLOCK) {
    const panel = qr.block(i, i, a.rows - i, BLOCK);
    const own = householderPanel(panel);
    taus.push(...own);
    if (i + BLOCK < a.columns) reflectAll(qr.block(i, i + BLOCK), panel, own, true);
  }
  if (i < count) taus.push(...householderPanel(qr.block(i, i)));
  return { qr, tau: taus };
}

/** geqr2: column after column, in place. */
function householderPanel(qr: Matrix): number[] {
  const taus: number[] = [];
  for (let j = 0; j < Math.min(qr.rows, qr.columns); j++) {
    const { beta, tau } = reflection(qr.precision, qr.get(j, j), columnOf(qr, j, j + 1));
    qr.set(j, j, beta);
    taus.push(tau);
    if (j + 1 < qr.columns) withOne(qr, j, j, () => reflectLeft(qr.block(j, j + 1), columnOf(qr, j, j), tau));
  }
  return taus;
}

/** The first `columns` columns of the product of the reflections: orgqr. */
export function orthogonal(qr: Matrix, taus: readonly number[], columns: number): Matrix {
  const count = taus.length;
  const q = Matrix.identity(qr.precision, qr.rows, columns);
  for (let j = 0; j < count; j++) for (let i = j + 1; i < qr.rows; i++) q.set(i, j, qr.get(i, j));
  const blocked = count > CROSSOVER;
  const last = blocked ? Math.floor((count - CROSSOVER - 1) / BLOCK) * BLOCK : 0;
  const done = blocked ? Math.min(count, last + BLOCK) : 0;
  if (done < columns) orthogonalPanel(q.block(done, done), taus.slice(done));
  for (let i = last; blocked && i >= 0; i -= BLOCK) {
    const width = Math.min(BLOCK, count - i);
    const panel = q.block(i, i, qr.rows - i, width);
    const own = taus.slice(i, i + width);
    if (i + width < columns) reflectAll(q.block(i, i + width), panel, own, false);
    orthogonalPanel(panel, own);
  }
  return q;
}

/** org2r, in place. */
function orthogonalPanel(q: Matrix, taus: readonly number[]): void {
  const { round } = q.precision;
  for (let i = taus.length - 1; i >= 0; i--) {
    const tau = taus[i] as number;
    q.set(i, i, 1);
    if (i + 1 < q.columns) reflectLeft(q.block(i, i + 1), columnOf(q, i, i), tau);
    scale(columnOf(q, i, i + 1), -tau);
    q.set(i, i, round(1 - tau));
    for (let l = 0; l < i; l++) q.set(l, i, 0);
  }
}

/** The triangle T with H₁·H₂·… = I - V·T·Vᵀ: larft. */
function triangleOf(v: Matrix, taus: readonly number[]): Matrix {
  const { round } = v.precision;
  const n = taus.length;
  const t = new Matrix(n, n, v.precision);
  let before = v.rows;
  for (const [i, tau] of taus.entries()) {
    before = Math.max(i + 1, before);
    if (tau === 0) continue;
    let rows = v.rows;
    while (rows > i + 1 && v.get(rows - 1, i) === 0) rows--;
    for (let j = 0; j < i; j++) t.set(j, i, round(-tau * v.get(i, j)));
    const used = Math.min(rows, before);
    const column = columnOf(t, i, 0, i);
    if (used > i + 1)
      timesVector(v.block(i + 1, 0, used - i - 1, i), true, -tau, columnOf(v, i, i + 1, used), column);
    timesTriangle({ of: t.block(0, 0, i, i), upper: true, unit: false }, column);
    t.set(i, i, tau);
    before = i > 0 ? Math.max(before, rows) : rows;
  }
  return t;
}

/** C := H·C for all of a panel's reflections at once, or Hᵀ·C: larfb. */
function reflectAll(c: Matrix, v: Matrix, taus: readonly number[], transposed: boolean): void {
  const n = taus.length;
  const t = triangleOf(v, taus);
  const work = c.block(0, 0, n).transposed();
  const first = { of: v.block(0, 0, n, n), upper: false, unit: true };
  timesRight({ ...first, transposed: false }, work);
  const [below, rest] = [c.block(n, 0), v.block(n, 0)];
  if (c.rows > n) addTransposedProduct(work, 1, below, rest);
  timesRight({ of: t, upper: true, unit: false, transposed: !transposed }, work);
  if (c.rows > n) addProduct(below, -1, rest, work, true);
  timesRight({ ...first, transposed: true }, work);
  for (let j = 0; j < n; j++) for (let i = 0; i < c.columns; i++) c.add(j, i, -work.get(i, j));
}

/** L on and below the diagonal, the reflections' vectors right of it: gelq2. */
export function rowHouseholder(a: Matrix): { readonly lq: Matrix; readonly tau: number[] } {
  const lq = a.copy();
  const taus: number[] = [];
  for (let i = 0; i < Math.min(a.rows, a.columns); i++) {
    const { beta, tau } = reflection(a.precision, lq.get(i, i), rowOf(lq, i, i + 1));
    lq.set(i, i, beta);
    taus.push(tau);
    if (i + 1 < a.rows) withOne(lq, i, i, () => reflectRight(lq.block(i + 1, i), rowOf(lq, i, i), tau));
  }
  return { lq, tau: taus };
}

/** The first `rows` rows of the product of those reflections: orgl2. */
export function rowOrthogonal(lq: Matrix, taus: readonly number[], rows: number): Matrix {
  const q = Matrix.identity(lq.precision, rows, lq.columns);
  const { round } = lq.precision;
  for (let i = 0; i < taus.length; i++) for (let j = i + 1; j < lq.columns; j++) q.set(i, j, lq.get(i, j));
  for (let i = taus.length - 1; i >= 0; i--) {
    const tau = taus[i] as number;
    q.set(i, i, 1);
    if (i + 1 < rows) reflectRight(q.block(i + 1, i), rowOf(q, i, i), tau);
    scale(rowOf(q, i, i + 1), -tau);
    q.set(i, i, round(1 - tau));
    for (let l = 0; l < i; l++) q.set(i, l, 0);
  }
  return q;
}
