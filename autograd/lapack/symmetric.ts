/** Eigenvalues and eigenvectors of a symmetric matrix: sytd2, steqr, ormtr, as syevd takes them for small ones. */
import { columnOf, dot, type Run, swap, turn } from "./blas.ts";
import { type Floats, Matrix, type Precision, rotation, sign } from "./matrix.ts";
import { hypotenuse, reflection, reflectLeft } from "./reflections.ts";

/**
 * A = Q·T·Qᵀ with T tridiagonal, of which one triangle is looked at. `a` keeps the reflections that make up Q, each with
 * the 1 that its vector has; `byQ` multiplies the columns of a matrix by Q.
 */
function tridiagonal(a: Matrix, upper: boolean): { d: Floats; e: Floats; byQ: (z: Matrix) => void } {
  const { precision, rows: n } = a;
  const { round, array } = precision;
  const [d, e, taus] = [array(n), array(Math.max(n - 1, 0)), array(n)];
  /** The i-th reflection's vector, and what it leaves of the matrix. */
  const vectorOf = (i: number): Run => (upper ? columnOf(a, i + 1, 0, i + 1) : columnOf(a, i, i + 1));
  const restOf = (m: Matrix, i: number): Matrix =>
    upper ? m.block(0, 0, i + 1, i + 1) : m.block(i + 1, i + 1);
  for (let step = 0; step < n - 1; step++) {
    const i = upper ? n - 2 - step : step;
    const [row, column] = upper ? [i, i + 1] : [i + 1, i];
    const v = vectorOf(i);
    const others = upper ? columnOf(a, column, 0, i) : columnOf(a, column, i + 2);
    const { beta, tau } = reflection(precision, a.get(row, column), others);
    e[i] = beta;
    taus[i] = tau;
    a.set(row, column, 1);
    if (tau !== 0) {
      const w: Run = { data: array(v.length), start: 0, step: 1, length: v.length };
      timesSymmetric(restOf(a, i), upper, tau, v, w);
      const alpha = round(round(-0.5 * tau) * dot(round, w, v));
      for (let r = 0; r < v.length; r++)
        w.data[r] = (w.data[r] as number) + round(alpha * (v.data[v.start + r] as number));
      subtractOuters(restOf(a, i), upper, v, w);
    }
    const at = upper ? i + 1 : i;
    d[at] = a.get(at, at);
  }
  const last = upper ? 0 : n - 1;
  if (n > 0) d[last] = a.get(last, last);
  const byQ = (z: Matrix): void => {
    for (let step = 0; step < n - 1; step++) {
      const i = upper ? step : n - 2 - step;
      reflectLeft(upper ? z.block(0, 0, i + 1) : z.block(i + 1, 0), vectorOf(i), taus[i] as number);
    }
  };
  return { d, e, byQ };
}

/** y := alpha·A·x, of which one triangle is looked at (symv). */
function timesSymmetric(a: Matrix, upper: boolean, alpha: number, x: Run, y: Run): void {
  const { round } = a.precision;
  const X = (i: number): number => x.data[x.start + i] as number;
  const add = (i: number, value: number): void => {
    y.data[y.start + i] = (y.data[y.start + i] as number) + value;
  };
  for (let j = 0; j < a.columns; j++) {
    const factor = round(alpha * X(j));
    let sum = 0;
    if (!upper) add(j, round(factor * a.get(j, j)));
    for (let i = upper ? 0 : j + 1; i < (upper ? j : a.rows); i++) {
      add(i, round(factor * a.get(i, j)));
      sum = round(sum + round(a.get(i, j) * X(i)));
    }
    if (upper) add(j, round(factor * a.get(j, j)));
    add(j, round(alpha * sum));
  }
}

/** The triangle of A := A - x·yᵀ - y·xᵀ (syr2). */
function subtractOuters(a: Matrix, upper: boolean, x: Run, y: Run): void {
  const { round } = a.precision;
  const X = (i: number): number => x.data[x.start + i] as number;
  const Y = (i: number): number => y.data[y.start + i] as number;
  for (let j = 0; j < a.columns; j++) {
    if (X(j) === 0 && Y(j) === 0) continue;
    for (let i = upper ? 0 : j; i < (upper ? j + 1 : a.rows); i++)
      a.set(i, j, round(a.get(i, j) + round(X(i) * -Y(j))) + round(Y(i) * -X(j)));
  }
}

/** Eigenvalues and the eigenvector of [[a, b], [b, c]]: laev2. */
function twoByTwo(
  { round }: Precision,
  a: number,
  b: number,
  c: number,
): { rt1: number; rt2: number; c: number; s: number } {
  const [sum, diff, twice] = [round(a + c), round(a - c), round(b + b)];
  const [most, least] = Math.abs(a) > Math.abs(c) ? [a, c] : [c, a];
  const [adf, ab] = [Math.abs(diff), Math.abs(twice)];
  const root = (x: number): number => round(Math.sqrt(round(1 + round(x * x))));
  const rt =
    adf > ab
      ? round(adf * root(round(ab / adf)))
      : adf < ab
        ? round(ab * root(round(adf / ab)))
        : round(ab * round(Math.SQRT2));
  let [rt1, rt2, sign1] = [round(0.5 * rt), round(-0.5 * rt), 1];
  if (sum !== 0) {
    sign1 = sum < 0 ? -1 : 1;
    rt1 = round(0.5 * round(sum + sign1 * rt));
    rt2 = round(round(round(most / rt1) * least) - round(round(b / rt1) * b));
  }
  const sign2 = diff >= 0 ? 1 : -1;
  const cs = round(diff + sign2 * rt);
  let [c1, s1] = [1, 0];
  if (Math.abs(cs) > ab) {
    const ct = round(-twice / cs);
    s1 = round(1 / root(ct));
    c1 = round(ct * s1);
  } else if (ab !== 0) {
    const tn = round(-cs / twice);
    c1 = round(1 / root(tn));
    s1 = round(tn * c1);
  }
  return sign1 === sign2 ? { rt1, rt2, c: -s1, s: c1 } : { rt1, rt2, c: c1, s: s1 };
}

/** The implicit QL and QR iteration on a tridiagonal matrix; the columns of z follow. */
function diagonalise(d: Floats, e: Floats, z: Matrix): void {
  const { epsilon: EPS, tiny: TINY, round } = z.precision;
  const n = d.length;
  const D = (i: number): number => d[i] as number;
  const E = (i: number): number => e[i] as number;
  const turnColumns = (i: number, c: number, s: number): void =>
    turn(round, columnOf(z, i), columnOf(z, i + 1), c, s);
  let left = n * 30;
  const negligible = (i: number, a: number, b: number): boolean =>
    round(E(i) * E(i)) <= round(round(round(EPS * EPS) * Math.abs(a)) * Math.abs(b)) + TINY;
  /** Wilkinson's shift. */
  const shiftOf = (next: number, p: number, off: number, last: number): number => {
    const g = round(round(next - p) / round(2 * off));
    const r = hypotenuse(z.precision, g, 1);
    return round(round(last - p) + round(off / round(g + sign(r, g))));
  };
  for (let first = 0; first < n; ) {
    if (first > 0) e[first - 1] = 0;
    let m = first;
    for (; m < n - 1; m++) {
      const size = Math.abs(E(m));
      if (size === 0) break;
      const root = (i: number): number => round(Math.sqrt(Math.abs(D(i))));
      if (size <= round(round(root(m) * root(m + 1)) * EPS)) {
        e[m] = 0;
        break;
      }
    }
    const [low, high] = [first, m];
    if (low === high) {
      first = m + 1;
      continue;
    }
    const swap = Math.abs(D(high)) < Math.abs(D(low));
    if (swap) left = qr(low, high, left);
    else left = ql(low, high, left);
    if (left <= 0) return;
    // Blocks that did not fall apart wholly are taken up again.
    let done = true;
    for (let i = low; i < high; i++) if (E(i) !== 0) done = false;
    if (done) first = m + 1;
  }

  function ql(low: number, end: number, budget: number): number {
    let l = low;
    while (l <= end) {
      let m = l;
      for (; m < end; m++) if (negligible(m, D(m), D(m + 1))) break;
      if (m < end) e[m] = 0;
      if (m === l) {
        l++;
        continue;
      }
      if (m === l + 1) {
        const { rt1, rt2, c, s } = twoByTwo(z.precision, D(l), E(l), D(l + 1));
        turnColumns(l, c, s);
        d[l] = rt1;
        d[l + 1] = rt2;
        e[l] = 0;
        l += 2;
        continue;
      }
      if (budget-- === 0) return 0;
      let p = D(l);
      let g = shiftOf(D(l + 1), p, E(l), D(m));
      let [s, c] = [1, 1];
      p = 0;
      const turns: [number, number, number][] = [];
      for (let i = m - 1; i >= l; i--) {
        const [f, b] = [round(s * E(i)), round(c * E(i))];
        const turn = rotation(g, f, z.precision);
        ({ c, s } = turn);
        if (i !== m - 1) e[i + 1] = turn.r;
        g = round(D(i + 1) - p);
        const r = round(round(round(D(i) - g) * s) + round(2 * c * b));
        p = round(s * r);
        d[i + 1] = g + p;
        g = round(round(c * r) - b);
        turns.push([i, c, -s]);
      }
      for (const [i, cc, ss] of turns) turnColumns(i, cc, ss);
      d[l] = D(l) - p;
      e[l] = g;
    }
    return budget;
  }

  function qr(end: number, high: number, budget: number): number {
    let l = high;
    while (l >= end) {
      let m = l;
      for (; m > end; m--) if (negligible(m - 1, D(m), D(m - 1))) break;
      if (m > end) e[m - 1] = 0;
      if (m === l) {
        l--;
        continue;
      }
      if (m === l - 1) {
        const { rt1, rt2, c, s } = twoByTwo(z.precision, D(l - 1), E(l - 1), D(l));
        turnColumns(l - 1, c, s);
        d[l - 1] = rt1;
        d[l] = rt2;
        e[l - 1] = 0;
        l -= 2;
        continue;
      }
      if (budget-- === 0) return 0;
      let p = D(l);
      let g = shiftOf(D(l - 1), p, E(l - 1), D(m));
      let [s, c] = [1, 1];
      p = 0;
      const turns: [number, number, number][] = [];
      for (let i = m; i < l; i++) {
        const [f, b] = [round(s * E(i)), round(c * E(i))];
        const turn = rotation(g, f, z.precision);
        ({ c, s } = turn);
        if (i !== m) e[i - 1] = turn.r;
        g = round(D(i) - p);
        const r = round(round(round(D(i + 1) - g) * s) + round(2 * c * b));
        p = round(s * r);
        d[i] = g + p;
        g = round(round(c * r) - b);
        turns.push([i, c, s]);
      }
      for (const [i, cc, ss] of turns) turnColumns(i, cc, ss);
      d[l] = D(l) - p;
      e[l - 1] = g;
    }
    return budget;
  }
}

/** The eigenvalues alone, in ascending order, by an iteration without square roots: sterf. */
function valuesOf(p: Precision, d: Floats, e: Floats): void {
  const { round, epsilon } = p;
  const n = d.length;
  const D = (i: number): number => d[i] as number;
  const E = (i: number): number => e[i] as number;
  const squared = round(epsilon * epsilon);
  let budget = n * 30;
  for (let first = 0; first < n; ) {
    let last = first;
    const root = (i: number): number => round(Math.sqrt(Math.abs(D(i))));
    while (last < n - 1 && Math.abs(E(last)) > round(round(root(last) * root(last + 1)) * epsilon)) last++;
    if (last < n - 1) e[last] = 0;
    for (let i = first; i < last; i++) e[i] = round(E(i) * E(i));
    // From the end with the larger number to the other one; between i and its neighbour lies e[i] or the one before.
    const step = Math.abs(D(last)) < Math.abs(D(first)) ? -1 : 1;
    const [end, off] = step > 0 ? [last, 0] : [first, -1];
    let l = step > 0 ? first : last;
    while ((end - l) * step >= 0) {
      let m = l;
      while (m !== end && Math.abs(E(m + off)) > round(squared * Math.abs(round(D(m) * D(m + step)))))
        m += step;
      if (m !== end) e[m + off] = 0;
      if (m === l) {
        l += step;
        continue;
      }
      const between = round(Math.sqrt(E(l + off)));
      if (m === l + step) {
        const { rt1, rt2 } = twoByTwo(p, D(l), between, D(m));
        d[l] = rt1;
        d[m] = rt2;
        e[l + off] = 0;
        l += 2 * step;
        continue;
      }
      if (budget-- === 0) return;
      const start = D(l);
      let sigma = round(round(D(l + step) - start) / round(2 * between));
      sigma = round(start - round(between / round(sigma + sign(hypotenuse(p, sigma, 1), sigma))));
      let [c, s, gamma] = [1, 0, round(D(m) - sigma)];
      let product = round(gamma * gamma);
      for (let i = m - step; i !== l - step; i -= step) {
        const square = E(i + off);
        const r = round(product + square);
        if (i !== m - step) e[i + step + off] = round(s * r);
        const [oldC, oldGamma, alpha] = [c, gamma, D(i)];
        c = round(product / r);
        s = round(square / r);
        gamma = round(round(c * round(alpha - sigma)) - round(s * oldGamma));
        d[i + step] = oldGamma + round(alpha - gamma);
        product = c === 0 ? round(oldC * square) : round(round(gamma * gamma) / c);
      }
      e[l + off] = round(s * product);
      d[l] = sigma + gamma;
    }
    first = last + 1;
  }
  d.sort();
}

/** In ascending order; only one triangle is looked at. */
export function eigenvalues(given: Matrix, upper: boolean): Floats {
  const { d, e } = tridiagonal(given.copy(), upper);
  valuesOf(given.precision, d, e);
  return d;
}

/** Eigenvalues in ascending order, eigenvectors in the columns; only one triangle is looked at. */
export function eigh(given: Matrix, upper = false): { readonly values: Floats; readonly vectors: Matrix } {
  const { d, e, byQ } = tridiagonal(given.copy(), upper);
  const z = Matrix.identity(given.precision, given.rows);
  diagonalise(d, e, z);
  const n = d.length;
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if ((d[j] as number) < (d[least] as number)) least = j;
    if (least === i) continue;
    [d[least], d[i]] = [d[i] as number, d[least] as number];
    swap(columnOf(z, i), columnOf(z, least));
  }
  byQ(z);
  return { values: d, vectors: z };
}
