/** Singular values of an upper bidiagonal matrix by the implicit QR iteration, with the vectors that follow: bdsqr. */
import { columnOf, rowOf, swap, turn } from "./blas.ts";
import { type Floats, type Matrix, type Precision, type Rotation, rotation, sign } from "./matrix.ts";

const ROUNDS = 6;

/** The singular value decomposition of [[f, g], [0, h]]: lasv2. */
function twoByTwo({ round, epsilon }: Precision, f: number, g: number, h: number) {
  const swapped = Math.abs(h) > Math.abs(f);
  const [ft, ht] = swapped ? [h, f] : [f, h];
  const [fa, ha, ga] = [Math.abs(ft), Math.abs(ht), Math.abs(g)];
  let greatest = swapped ? 3 : 1;
  let [ssmin, ssmax, clt, crt, slt, srt] = [ha, fa, 1, 1, 0, 0];
  if (ga !== 0) {
    if (ga > fa) greatest = 2;
    if (ga > fa && round(fa / ga) < epsilon) {
      ssmax = ga;
      ssmin = ha > 1 ? round(fa / round(ga / ha)) : round(round(fa / ga) * ha);
      [clt, slt, srt, crt] = [1, round(ht / g), 1, round(ft / g)];
    } else {
      const d = round(fa - ha);
      let l = d === fa ? 1 : round(d / fa);
      const m = round(g / ft);
      let t = round(2 - l);
      const mm = round(m * m);
      const s = round(Math.sqrt(round(round(t * t) + mm)));
      const r = l === 0 ? Math.abs(m) : round(Math.sqrt(round(round(l * l) + mm)));
      const a = round(0.5 * round(s + r));
      ssmin = round(ha / a);
      ssmax = round(fa * a);
      if (mm === 0) t = l === 0 ? sign(2, ft) * sign(1, g) : round(round(g / sign(d, ft)) + round(m / t));
      else t = round(round(round(m / round(s + t)) + round(m / round(r + l))) * round(1 + a));
      l = round(Math.sqrt(round(round(t * t) + 4)));
      crt = round(2 / l);
      srt = round(t / l);
      clt = round(round(crt + round(srt * m)) / a);
      slt = round(round(round(ht / ft) * srt) / a);
    }
  }
  const [csl, snl, csr, snr] = swapped ? [srt, crt, slt, clt] : [clt, slt, crt, srt];
  const of =
    greatest === 1
      ? sign(1, csr) * sign(1, csl) * sign(1, f)
      : greatest === 2
        ? sign(1, snr) * sign(1, csl) * sign(1, g)
        : sign(1, snr) * sign(1, snl) * sign(1, h);
  return { least: sign(ssmin, of * sign(1, f) * sign(1, h)), most: sign(ssmax, of), csl, snl, csr, snr };
}

/** The smaller singular value of [[f, g], [0, h]]: las2. */
function smallerOf({ round }: Precision, f: number, g: number, h: number): number {
  const [fa, ga, ha] = [Math.abs(f), Math.abs(g), Math.abs(h)];
  const [low, high] = [Math.min(fa, ha), Math.max(fa, ha)];
  if (low === 0) return 0;
  const square = (x: number): number => round(x * x);
  const root = (x: number): number => round(Math.sqrt(round(x)));
  const [as, at] = [round(1 + round(low / high)), round(round(high - low) / high)];
  if (ga < high) {
    const au = square(round(ga / high));
    return round(low * round(2 / round(root(square(as) + au) + root(square(at) + au))));
  }
  const au = round(high / ga);
  if (au === 0) return round(round(low * high) / ga);
  const c = round(1 / round(root(1 + square(round(as * au))) + root(1 + square(round(at * au)))));
  return 2 * round(round(low * c) * au);
}

/** `d` and `e` become the singular values, greatest first; the rows of `vt` and the columns of `u` follow. */
export function diagonalise(d: Floats, e: Floats, vt: Matrix, u: Matrix): void {
  const { epsilon: EPS, round } = vt.precision;
  const TOLERANCE = round(Math.max(10, Math.min(100, EPS ** -0.125)) * EPS);
  const rotationOf = (f: number, g: number): Rotation => rotation(f, g, vt.precision);
  /** The row i and the next, and of `u` the columns. */
  const turnRows = (i: number, c: number, s: number): void =>
    turn(round, rowOf(vt, i), rowOf(vt, i + 1), c, s);
  const turnColumns = (i: number, c: number, s: number): void =>
    turn(round, columnOf(u, i), columnOf(u, i + 1), c, s);
  const n = d.length;
  const D = (i: number): number => d[i] as number;
  const E = (i: number): number => e[i] as number;
  const thresh = threshold(vt.precision, d, e, TOLERANCE);
  let [m, direction, oldLow, oldHigh] = [n - 1, 0, -1, -1];
  let budget = ROUNDS * n * n;

  /** Where the block that ends at m begins; a block of one is passed over. */
  const blockStart = (): { low: number; smax: number } | null => {
    let smax = Math.abs(D(m));
    for (let l = m - 1; l >= 0; l--) {
      if (Math.abs(E(l)) <= thresh) {
        e[l] = 0;
        return l === m - 1 ? null : { low: l + 1, smax };
      }
      smax = Math.max(smax, Math.abs(D(l)), Math.abs(E(l)));
    }
    return { low: 0, smax };
  };

  /** The least singular value of the block, roughly; null where something became negligible. */
  const leastOf = (low: number): number | null => {
    const down = direction === 1;
    const [edge, corner] = down ? [m - 1, m] : [low, low];
    if (Math.abs(E(edge)) <= round(TOLERANCE * Math.abs(D(corner)))) {
      e[edge] = 0;
      return null;
    }
    let mu = Math.abs(D(down ? low : m));
    let least = mu;
    for (let step = 0; step < m - low; step++) {
      const i = down ? low + step : m - 1 - step;
      if (Math.abs(E(i)) <= round(TOLERANCE * mu)) {
        e[i] = 0;
        return null;
      }
      mu = round(Math.abs(D(down ? i + 1 : i)) * round(mu / round(mu + Math.abs(E(i)))));
      least = Math.min(least, mu);
    }
    return least;
  };

  while (m > 0 && budget > 0) {
    const block = blockStart();
    if (block === null) {
      m--;
      continue;
    }
    const { low, smax } = block;
    if (low === m - 1) {
      const { least, most, csl, snl, csr, snr } = twoByTwo(vt.precision, D(m - 1), E(m - 1), D(m));
      d[m - 1] = most;
      e[m - 1] = 0;
      d[m] = least;
      turnRows(m - 1, csr, snr);
      turnColumns(m - 1, csl, snl);
      m -= 2;
      continue;
    }
    if (low > oldHigh || m < oldLow) direction = Math.abs(D(low)) >= Math.abs(D(m)) ? 1 : 2;
    const least = leastOf(low);
    if (least === null) continue;
    [oldLow, oldHigh] = [low, m];
    let shift = 0;
    if (round(round(n * TOLERANCE) * round(least / smax)) > Math.max(EPS, round(round(0.01) * TOLERANCE))) {
      const down = direction === 1;
      const start = Math.abs(D(down ? low : m));
      const [i, p] = [down ? m - 1 : low, vt.precision];
      shift = smallerOf(p, D(i), E(i), D(i + 1));
      const part = round(shift / start);
      if (start > 0 && round(part * part) < EPS) shift = 0;
    }
    budget -= m - low;
    if (shift === 0) sweepWithoutShift(low);
    else sweep(low, shift);
  }

  function sweepWithoutShift(low: number): void {
    let [cs, oldCs, oldSn] = [1, 1, 0];
    if (direction === 1) {
      for (let i = low; i < m; i++) {
        const one = rotationOf(round(D(i) * cs), E(i));
        if (i > low) e[i - 1] = oldSn * one.r;
        const two = rotationOf(round(oldCs * one.r), round(D(i + 1) * one.s));
        d[i] = two.r;
        [cs, oldCs, oldSn] = [one.c, two.c, two.s];
        turnRows(i, one.c, one.s);
        turnColumns(i, two.c, two.s);
      }
      const h = round(D(m) * cs);
      d[m] = h * oldCs;
      e[m - 1] = h * oldSn;
      if (Math.abs(E(m - 1)) <= thresh) e[m - 1] = 0;
      return;
    }
    for (let i = m; i > low; i--) {
      const one = rotationOf(round(D(i) * cs), E(i - 1));
      if (i < m) e[i] = oldSn * one.r;
      const two = rotationOf(round(oldCs * one.r), round(D(i - 1) * one.s));
      d[i] = two.r;
      [cs, oldCs, oldSn] = [one.c, two.c, two.s];
      turnRows(i - 1, two.c, -two.s);
      turnColumns(i - 1, one.c, -one.s);
    }
    const h = round(D(low) * cs);
    d[low] = h * oldCs;
    e[low] = h * oldSn;
    if (Math.abs(E(low)) <= thresh) e[low] = 0;
  }

  function sweep(low: number, shift: number): void {
    const from = direction === 1 ? low : m;
    let f = round(round(Math.abs(D(from)) - shift) * round(sign(1, D(from)) + round(shift / D(from))));
    let g = direction === 1 ? E(low) : E(m - 1);
    if (direction === 1) {
      for (let i = low; i < m; i++) {
        const right = rotationOf(f, g);
        if (i > low) e[i - 1] = right.r;
        f = round(round(right.c * D(i)) + round(right.s * E(i)));
        e[i] = round(right.c * E(i)) - round(right.s * D(i));
        g = round(right.s * D(i + 1));
        d[i + 1] = right.c * D(i + 1);
        const left = rotationOf(f, g);
        d[i] = left.r;
        f = round(round(left.c * E(i)) + round(left.s * D(i + 1)));
        d[i + 1] = round(left.c * D(i + 1)) - round(left.s * E(i));
        if (i < m - 1) {
          g = round(left.s * E(i + 1));
          e[i + 1] = left.c * E(i + 1);
        }
        turnRows(i, right.c, right.s);
        turnColumns(i, left.c, left.s);
      }
      e[m - 1] = f;
      if (Math.abs(E(m - 1)) <= thresh) e[m - 1] = 0;
      return;
    }
    for (let i = m; i > low; i--) {
      const right = rotationOf(f, g);
      if (i < m) e[i] = right.r;
      f = round(round(right.c * D(i)) + round(right.s * E(i - 1)));
      e[i - 1] = round(right.c * E(i - 1)) - round(right.s * D(i));
      g = round(right.s * D(i - 1));
      d[i - 1] = right.c * D(i - 1);
      const left = rotationOf(f, g);
      d[i] = left.r;
      f = round(round(left.c * E(i - 1)) + round(left.s * D(i - 1)));
      d[i - 1] = round(left.c * D(i - 1)) - round(left.s * E(i - 1));
      if (i > low + 1) {
        g = round(left.s * E(i - 2));
        e[i - 2] = left.c * E(i - 2);
      }
      turnRows(i - 1, left.c, -left.s);
      turnColumns(i - 1, right.c, -right.s);
    }
    e[low] = f;
    if (Math.abs(E(low)) <= thresh) e[low] = 0;
  }

  for (let i = 0; i < n; i++) {
    if (D(i) >= 0) continue;
    d[i] = -D(i);
    for (let j = 0; j < vt.columns; j++) vt.set(i, j, -vt.get(i, j));
  }
  for (let last = n - 1; last > 0; last--) {
    let least = 0;
    for (let j = 1; j <= last; j++) if (D(j) <= D(least)) least = j;
    if (least === last) continue;
    [d[least], d[last]] = [D(last), D(least)];
    swap(rowOf(vt, least), rowOf(vt, last));
    swap(columnOf(u, least), columnOf(u, last));
  }
}

/** Below this an off-diagonal element counts as 0. */
function threshold({ round, tiny }: Precision, d: Floats, e: Floats, tolerance: number): number {
  const n = d.length;
  let mu = Math.abs(d[0] ?? 0);
  let least = mu;
  for (let i = 1; i < n && least !== 0; i++) {
    mu = round(Math.abs(d[i] as number) * round(mu / round(mu + Math.abs(e[i - 1] as number))));
    least = Math.min(least, mu);
  }
  const mean = round(least / round(Math.sqrt(n)));
  return Math.max(round(tolerance * mean), ROUNDS * n * n * tiny);
}
