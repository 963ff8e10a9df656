/** Singular values of an upper bidiagonal matrix by the implicit QR iteration, with the vectors that follow: dbdsqr. */
import { type Floats, type Matrix, type Rotation, rotation, sign } from "./matrix.ts";

const ROUNDS = 6;

/** The singular value decomposition of [[f, g], [0, h]]: dlasv2. */
function twoByTwo(f: number, g: number, h: number, EPS: number) {
  const swapped = Math.abs(h) > Math.abs(f);
  const [ft, ht] = swapped ? [h, f] : [f, h];
  const [fa, ha, ga] = [Math.abs(ft), Math.abs(ht), Math.abs(g)];
  let greatest = swapped ? 3 : 1;
  let [ssmin, ssmax, clt, crt, slt, srt] = [ha, fa, 1, 1, 0, 0];
  if (ga !== 0) {
    if (ga > fa) greatest = 2;
    if (ga > fa && fa / ga < EPS) {
      ssmax = ga;
      ssmin = ha > 1 ? fa / (ga / ha) : (fa / ga) * ha;
      [clt, slt, srt, crt] = [1, ht / g, 1, ft / g];
    } else {
      const d = fa - ha;
      let l = d === fa ? 1 : d / fa;
      const m = g / ft;
      let t = 2 - l;
      const mm = m * m;
      const s = Math.sqrt(t * t + mm);
      const r = l === 0 ? Math.abs(m) : Math.sqrt(l * l + mm);
      const a = 0.5 * (s + r);
      ssmin = ha / a;
      ssmax = fa * a;
      if (mm === 0) t = l === 0 ? sign(2, ft) * sign(1, g) : g / sign(d, ft) + m / t;
      else t = (m / (s + t) + m / (r + l)) * (1 + a);
      l = Math.sqrt(t * t + 4);
      crt = 2 / l;
      srt = t / l;
      clt = (crt + srt * m) / a;
      slt = ((ht / ft) * srt) / a;
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

/** The smaller singular value of [[f, g], [0, h]]: dlas2. */
function smallerOf(f: number, g: number, h: number): number {
  const [fa, ga, ha] = [Math.abs(f), Math.abs(g), Math.abs(h)];
  const [low, high] = [Math.min(fa, ha), Math.max(fa, ha)];
  if (low === 0) return 0;
  const [as, at] = [1 + low / high, (high - low) / high];
  if (ga < high) {
    const au = (ga / high) ** 2;
    return low * (2 / (Math.sqrt(as * as + au) + Math.sqrt(at * at + au)));
  }
  const au = high / ga;
  if (au === 0) return (low * high) / ga;
  const c = 1 / (Math.sqrt(1 + (as * au) ** 2) + Math.sqrt(1 + (at * au) ** 2));
  return 2 * (low * c * au);
}

/** `d` and `e` become the singular values, greatest first; the rows of `vt` and the columns of `u` follow. */
export function diagonalise(d: Floats, e: Floats, vt: Matrix, u: Matrix): void {
  const { epsilon: EPS, tiny: TINY, round } = vt.precision;
  const TOLERANCE = Math.max(10, Math.min(100, EPS ** -0.125)) * EPS;
  const turn = (f: number, g: number): Rotation => rotation(f, g, vt.precision);
  const n = d.length;
  const D = (i: number): number => d[i] as number;
  const E = (i: number): number => e[i] as number;
  const thresh = threshold(d, e, TOLERANCE, TINY);
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
    if (Math.abs(E(edge)) <= TOLERANCE * Math.abs(D(corner))) {
      e[edge] = 0;
      return null;
    }
    let mu = Math.abs(D(down ? low : m));
    let least = mu;
    for (let step = 0; step < m - low; step++) {
      const i = down ? low + step : m - 1 - step;
      if (Math.abs(E(i)) <= TOLERANCE * mu) {
        e[i] = 0;
        return null;
      }
      mu = round(Math.abs(D(down ? i + 1 : i)) * (mu / (mu + Math.abs(E(i)))));
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
      const { least, most, csl, snl, csr, snr } = twoByTwo(D(m - 1), E(m - 1), D(m), EPS);
      d[m - 1] = most;
      e[m - 1] = 0;
      d[m] = least;
      vt.rotateRows(m - 1, m, csr, snr);
      u.rotateColumns(m - 1, m, csl, snl);
      m -= 2;
      continue;
    }
    if (low > oldHigh || m < oldLow) direction = Math.abs(D(low)) >= Math.abs(D(m)) ? 1 : 2;
    const least = leastOf(low);
    if (least === null) continue;
    [oldLow, oldHigh] = [low, m];
    let shift = 0;
    if (n * TOLERANCE * (least / smax) > Math.max(EPS, 0.01 * TOLERANCE)) {
      const down = direction === 1;
      const start = Math.abs(D(down ? low : m));
      shift = round(down ? smallerOf(D(m - 1), E(m - 1), D(m)) : smallerOf(D(low), E(low), D(low + 1)));
      if (start > 0 && (shift / start) ** 2 < EPS) shift = 0;
    }
    budget -= m - low;
    if (shift === 0) sweepWithoutShift(low);
    else sweep(low, shift);
  }

  function sweepWithoutShift(low: number): void {
    let [cs, oldCs, oldSn] = [1, 1, 0];
    if (direction === 1) {
      for (let i = low; i < m; i++) {
        const one = turn(D(i) * cs, E(i));
        if (i > low) e[i - 1] = oldSn * one.r;
        const two = turn(oldCs * one.r, D(i + 1) * one.s);
        d[i] = two.r;
        [cs, oldCs, oldSn] = [one.c, two.c, two.s];
        vt.rotateRows(i, i + 1, one.c, one.s);
        u.rotateColumns(i, i + 1, two.c, two.s);
      }
      const h = D(m) * cs;
      d[m] = h * oldCs;
      e[m - 1] = h * oldSn;
      if (Math.abs(E(m - 1)) <= thresh) e[m - 1] = 0;
      return;
    }
    for (let i = m; i > low; i--) {
      const one = turn(D(i) * cs, E(i - 1));
      if (i < m) e[i] = oldSn * one.r;
      const two = turn(oldCs * one.r, D(i - 1) * one.s);
      d[i] = two.r;
      [cs, oldCs, oldSn] = [one.c, two.c, two.s];
      vt.rotateRows(i - 1, i, two.c, -two.s);
      u.rotateColumns(i - 1, i, one.c, -one.s);
    }
    const h = D(low) * cs;
    d[low] = h * oldCs;
    e[low] = h * oldSn;
    if (Math.abs(E(low)) <= thresh) e[low] = 0;
  }

  function sweep(low: number, shift: number): void {
    const from = direction === 1 ? low : m;
    let f = round((Math.abs(D(from)) - shift) * (sign(1, D(from)) + shift / D(from)));
    let g = direction === 1 ? E(low) : E(m - 1);
    if (direction === 1) {
      for (let i = low; i < m; i++) {
        const right = turn(f, g);
        if (i > low) e[i - 1] = right.r;
        f = round(right.c * D(i) + right.s * E(i));
        e[i] = right.c * E(i) - right.s * D(i);
        g = round(right.s * D(i + 1));
        d[i + 1] = right.c * D(i + 1);
        const left = turn(f, g);
        d[i] = left.r;
        f = round(left.c * E(i) + left.s * D(i + 1));
        d[i + 1] = left.c * D(i + 1) - left.s * E(i);
        if (i < m - 1) {
          g = round(left.s * E(i + 1));
          e[i + 1] = left.c * E(i + 1);
        }
        vt.rotateRows(i, i + 1, right.c, right.s);
        u.rotateColumns(i, i + 1, left.c, left.s);
      }
      e[m - 1] = f;
      if (Math.abs(E(m - 1)) <= thresh) e[m - 1] = 0;
      return;
    }
    for (let i = m; i > low; i--) {
      const right = turn(f, g);
      if (i < m) e[i] = right.r;
      f = round(right.c * D(i) + right.s * E(i - 1));
      e[i - 1] = right.c * E(i - 1) - right.s * D(i);
      g = round(right.s * D(i - 1));
      d[i - 1] = right.c * D(i - 1);
      const left = turn(f, g);
      d[i] = left.r;
      f = round(left.c * E(i - 1) + left.s * D(i - 1));
      d[i - 1] = left.c * D(i - 1) - left.s * E(i - 1);
      if (i > low + 1) {
        g = round(left.s * E(i - 2));
        e[i - 2] = left.c * E(i - 2);
      }
      vt.rotateRows(i - 1, i, left.c, -left.s);
      u.rotateColumns(i - 1, i, right.c, -right.s);
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
    vt.swapRows(least, last);
    u.swapColumns(least, last);
  }
}

/** Below this an off-diagonal element counts as 0. */
function threshold(d: Floats, e: Floats, TOLERANCE: number, TINY: number): number {
  const n = d.length;
  let mu = Math.abs(d[0] ?? 0);
  let least = mu;
  for (let i = 1; i < n && least !== 0; i++) {
    mu = Math.abs(d[i] as number) * (mu / (mu + Math.abs(e[i - 1] as number)));
    least = Math.min(least, mu);
  }
  return Math.max((TOLERANCE * least) / Math.sqrt(n), ROUNDS * n * n * TINY);
}
