/** Eigenvalues and eigenvectors of a symmetric matrix: dsytrd, dsteqr. */
import { type Floats, Matrix, reflectColumns, reflection, rotation, sign } from "./matrix.ts";

/** A = Q·T·Qᵀ with T tridiagonal; only the lower triangle of A is looked at. */
function tridiagonal(a: Matrix): { d: Floats; e: Floats; q: Matrix } {
  const n = a.rows;
  const { array } = a.precision;
  const [d, e] = [array(n), array(Math.max(n - 1, 0))];
  const reflections: { v: Floats; tau: number }[] = [];
  const at = (i: number, j: number): number => (i >= j ? a.get(i, j) : a.get(j, i));
  for (let i = 0; i < n - 1; i++) {
    const v = a.vector(n - 1 - i, (k) => a.get(i + 1 + k, i));
    const { beta, tau } = reflection(v, a.precision);
    e[i] = beta;
    reflections.push({ v, tau });
    if (tau !== 0) {
      const w = a.vector(v.length, (r) => {
        let sum = 0;
        for (let c = 0; c < v.length; c++) sum += at(i + 1 + r, i + 1 + c) * (v[c] as number);
        return tau * sum;
      });
      let dot = 0;
      for (let r = 0; r < v.length; r++) dot += (w[r] as number) * (v[r] as number);
      const alpha = -0.5 * tau * dot;
      for (let r = 0; r < v.length; r++) w[r] = (w[r] as number) + alpha * (v[r] as number);
      for (let r = 0; r < v.length; r++)
        for (let c = 0; c <= r; c++)
          a.add(
            i + 1 + r,
            i + 1 + c,
            -(v[r] as number) * (w[c] as number) - (w[r] as number) * (v[c] as number),
          );
    }
    d[i] = a.get(i, i);
  }
  if (n > 0) d[n - 1] = a.get(n - 1, n - 1);
  const q = Matrix.identity(a.precision, n);
  for (const [i, { v, tau }] of reflections.entries()) reflectColumns(q, v, tau, 0, i + 1);
  return { d, e, q };
}

/** Eigenvalues and the eigenvector of [[a, b], [b, c]]: dlaev2. */
function twoByTwo(a: number, b: number, c: number): { rt1: number; rt2: number; c: number; s: number } {
  const [sum, diff, twice] = [a + c, a - c, b + b];
  const [most, least] = Math.abs(a) > Math.abs(c) ? [a, c] : [c, a];
  const [adf, ab] = [Math.abs(diff), Math.abs(twice)];
  const rt =
    adf > ab
      ? adf * Math.sqrt(1 + (ab / adf) ** 2)
      : adf < ab
        ? ab * Math.sqrt(1 + (adf / ab) ** 2)
        : ab * Math.SQRT2;
  let [rt1, rt2, sign1] = [0.5 * rt, -0.5 * rt, 1];
  if (sum !== 0) {
    sign1 = sum < 0 ? -1 : 1;
    rt1 = 0.5 * (sum + sign1 * rt);
    rt2 = (most / rt1) * least - (b / rt1) * b;
  }
  const sign2 = diff >= 0 ? 1 : -1;
  const cs = diff + sign2 * rt;
  let [c1, s1] = [1, 0];
  if (Math.abs(cs) > ab) {
    const ct = -twice / cs;
    s1 = 1 / Math.sqrt(1 + ct * ct);
    c1 = ct * s1;
  } else if (ab !== 0) {
    const tn = -cs / twice;
    c1 = 1 / Math.sqrt(1 + tn * tn);
    s1 = tn * c1;
  }
  return sign1 === sign2 ? { rt1, rt2, c: -s1, s: c1 } : { rt1, rt2, c: c1, s: s1 };
}

/** The implicit QL and QR iteration on a tridiagonal matrix; the columns of z follow. */
function diagonalise(d: Floats, e: Floats, z: Matrix): void {
  const { epsilon: EPS, tiny: TINY, round } = z.precision;
  const n = d.length;
  const D = (i: number): number => d[i] as number;
  const E = (i: number): number => e[i] as number;
  let left = n * 30;
  for (let first = 0; first < n; ) {
    if (first > 0) e[first - 1] = 0;
    let m = first;
    for (; m < n - 1; m++) {
      const size = Math.abs(E(m));
      if (size === 0) break;
      if (size <= Math.sqrt(Math.abs(D(m))) * Math.sqrt(Math.abs(D(m + 1))) * EPS) {
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
      for (; m < end; m++) if (E(m) ** 2 <= EPS ** 2 * Math.abs(D(m)) * Math.abs(D(m + 1)) + TINY) break;
      if (m < end) e[m] = 0;
      if (m === l) {
        l++;
        continue;
      }
      if (m === l + 1) {
        const { rt1, rt2, c, s } = twoByTwo(D(l), E(l), D(l + 1));
        z.rotateColumns(l, l + 1, c, s);
        d[l] = rt1;
        d[l + 1] = rt2;
        e[l] = 0;
        l += 2;
        continue;
      }
      if (budget-- === 0) return 0;
      let p = D(l);
      let g = round((D(l + 1) - p) / (2 * E(l)));
      g = round(D(m) - p + E(l) / (g + sign(Math.hypot(g, 1), g)));
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
      for (const [i, cc, ss] of turns) z.rotateColumns(i, i + 1, cc, ss);
      d[l] = D(l) - p;
      e[l] = g;
    }
    return budget;
  }

  function qr(end: number, high: number, budget: number): number {
    let l = high;
    while (l >= end) {
      let m = l;
      for (; m > end; m--) if (E(m - 1) ** 2 <= EPS ** 2 * Math.abs(D(m)) * Math.abs(D(m - 1)) + TINY) break;
      if (m > end) e[m - 1] = 0;
      if (m === l) {
        l--;
        continue;
      }
      if (m === l - 1) {
        const { rt1, rt2, c, s } = twoByTwo(D(l - 1), E(l - 1), D(l));
        z.rotateColumns(l - 1, l, c, s);
        d[l - 1] = rt1;
        d[l] = rt2;
        e[l - 1] = 0;
        l -= 2;
        continue;
      }
      if (budget-- === 0) return 0;
      let p = D(l);
      let g = round((D(l - 1) - p) / (2 * E(l - 1)));
      g = round(D(m) - p + E(l - 1) / (g + sign(Math.hypot(g, 1), g)));
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
      for (const [i, cc, ss] of turns) z.rotateColumns(i, i + 1, cc, ss);
      d[l] = D(l) - p;
      e[l - 1] = g;
    }
    return budget;
  }
}

/** The same from the upper triangle, whose reflections go from the last row to the first. */
function fromUpper(a: Matrix): ReturnType<typeof tridiagonal> {
  const n = a.rows;
  const turned = (m: Matrix): Matrix =>
    new Matrix(
      n,
      n,
      m.precision,
      m.vector(n * n, (i) => m.data[n * n - 1 - i] as number),
    );
  const { d, e, q } = tridiagonal(turned(a));
  return { d: d.reverse(), e: e.reverse(), q: turned(q) };
}

/** Eigenvalues in ascending order, eigenvectors in the columns; only one triangle is looked at. */
export function eigh(given: Matrix, upper = false): { readonly values: Floats; readonly vectors: Matrix } {
  const { d, e, q } = upper ? fromUpper(given) : tridiagonal(given.copy());
  const z = Matrix.identity(given.precision, given.rows);
  diagonalise(d, e, z);
  const n = d.length;
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if ((d[j] as number) < (d[least] as number)) least = j;
    if (least === i) continue;
    [d[least], d[i]] = [d[i] as number, d[least] as number];
    z.swapColumns(i, least);
  }
  return { values: d, vectors: q.times(z) };
}
