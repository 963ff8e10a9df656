/** Bessel functions of the first and second kind, modified ones of the second, and Airy's, for one double. */

const EULER = 0.5772156649015329;
/** Beyond this Hankel's asymptotic series are exact to the last digits. */
const FAR = 30;

/** J of the orders 0 … by recurrence from above, for 0 < x ≤ FAR. */
function ordersOf(x: number): readonly number[] {
  const top = 2 * Math.ceil((x + 40) / 2);
  const j = new Array<number>(top + 1).fill(0);
  j[top] = 1e-300;
  for (let n = top - 1; n >= 0; n--) j[n] = ((2 * (n + 1)) / x) * (j[n + 1] as number) - (j[n + 2] ?? 0);
  // J0 + 2 (J2 + J4 + …) is 1.
  let sum = j[0] as number;
  for (let n = 2; n <= top; n += 2) sum += 2 * (j[n] as number);
  return j.map((value) => value / sum);
}

/** Hankel's P and Q of an order. */
function hankel(order: number, x: number): readonly [p: number, q: number] {
  const mu = 4 * order * order;
  let [p, q, term] = [1, 0, 1];
  for (let k = 1; k < 80; k++) {
    const next = (term * (mu - (2 * k - 1) ** 2)) / (k * 8 * x);
    if (Math.abs(next) >= Math.abs(term) || Math.abs(next) < 1e-18) break;
    term = next;
    const sign = k % 4 < 2 ? 1 : -1;
    if (k % 2 === 1) q += sign * term;
    else p += (k % 4 === 0 ? 1 : -1) * term;
  }
  return [p, q];
}

function first(order: 0 | 1, x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const size = Math.abs(x);
  const sign = order === 1 && x < 0 ? -1 : 1;
  if (size === 0) return 1 - order;
  if (size <= FAR) return sign * (ordersOf(size)[order] as number);
  const [p, q] = hankel(order, size);
  const phase = size - (order / 2 + 0.25) * Math.PI;
  return sign * Math.sqrt(2 / (Math.PI * size)) * (p * Math.cos(phase) - q * Math.sin(phase));
}

function second(order: 0 | 1, x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return Number.NaN;
  if (x > FAR) {
    const [p, q] = hankel(order, x);
    const phase = x - (order / 2 + 0.25) * Math.PI;
    return Math.sqrt(2 / (Math.PI * x)) * (p * Math.sin(phase) + q * Math.cos(phase));
  }
  // Neumann's series in the other orders.
  const j = ordersOf(x);
  const log = Math.log(x / 2) + EULER;
  let sum = 0;
  for (let k = 1; 2 * k + order < j.length; k++) {
    const weight = order === 0 ? 2 / k : (2 * k + 1) / (k * (k + 1));
    sum += (k % 2 === 1 ? 1 : -1) * weight * (j[2 * k + order] as number);
  }
  if (order === 0) return (2 / Math.PI) * (log * (j[0] as number) + sum);
  return (2 / Math.PI) * ((log - 1) * (j[1] as number) - (j[0] as number) / x + sum);
}

/** exp(x) K(order, x) for x > 0: the integral of exp(-x (cosh t - 1)) cosh(order t), by a rule that is exact for it. */
function scaledK(order: number, x: number): number {
  const step = 1 / 16;
  let sum = 0.5;
  for (let n = 1; ; n++) {
    const t = n * step;
    const half = Math.sinh(t / 2);
    const value = Math.exp(-2 * x * half * half) * Math.cosh(order * t);
    sum += value;
    if (value < 1e-18 * sum) return sum * step;
  }
}

const atEnds =
  (f: (x: number) => number) =>
  (x: number): number => {
    if (x === 0) return Number.POSITIVE_INFINITY;
    if (x === Number.POSITIVE_INFINITY) return 0;
    return x > 0 ? f(x) : Number.NaN;
  };

export const j0 = (x: number): number => first(0, x);
export const j1 = (x: number): number => first(1, x);
export const y0 = (x: number): number => second(0, x);
export const y1 = (x: number): number => second(1, x);
export const k0e = atEnds((x) => scaledK(0, x));
export const k1e = atEnds((x) => scaledK(1, x));
export const k0 = atEnds((x) => Math.exp(-x) * scaledK(0, x));
export const k1 = atEnds((x) => Math.exp(-x) * scaledK(1, x));

/** sin(x) / x, with PyTorch's polynomial near 0. */
export function sphericalJ0(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return 0;
  if (Math.abs(x) >= 0.5) return Math.sin(x) / x;
  let [term, sum] = [1, 1];
  for (let n = 1; n < 7; n++) {
    term *= (-x * x) / (2 * n * (2 * n + 1));
    sum += term;
  }
  return sum;
}

/** Where PyTorch gives 0. */
const AIRY_ZERO = 103.892;

export function airy(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (x > AIRY_ZERO) return 0;
  if (x > 1) {
    const zeta = (2 / 3) * x * Math.sqrt(x);
    return (Math.sqrt(x / 3) / Math.PI) * Math.exp(-zeta) * scaledK(1 / 3, zeta);
  }
  if (x < -10) return airyFar(-x);
  // Ai'' = x Ai, by Taylor's series from 0 on.
  let [at, value, slope] = [0, 0.3550280538878172, -0.2588194037928068];
  const steps = Math.max(1, Math.ceil(Math.abs(x) * 2));
  const h = x / steps;
  for (let step = 0; step < steps; step++) {
    const c = [value, slope, (at * value) / 2];
    for (let n = 1; n < 30; n++)
      c[n + 2] = (at * (c[n] as number) + (c[n - 1] as number)) / ((n + 1) * (n + 2));
    [value, slope] = [0, 0];
    for (let n = c.length - 1; n >= 0; n--) {
      value = value * h + (c[n] as number);
      if (n > 0) slope = slope * h + n * (c[n] as number);
    }
    at += h;
  }
  return value;
}

/** Ai(-x) for large x. */
function airyFar(x: number): number {
  const zeta = (2 / 3) * x * Math.sqrt(x);
  let [even, odd, term] = [1, 0, 1];
  for (let k = 1; k < 40; k++) {
    const next = (term * (6 * k - 5) * (6 * k - 3) * (6 * k - 1)) / (216 * k * (2 * k - 1) * zeta);
    if (next >= term || next < 1e-18) break;
    term = next;
    const sign = k % 4 < 2 ? 1 : -1;
    if (k % 2 === 1) odd += sign * term;
    else even += (k % 4 === 0 ? 1 : -1) * term;
  }
  const phase = zeta + Math.PI / 4;
  return (Math.sin(phase) * even - Math.cos(phase) * odd) / (Math.sqrt(Math.PI) * x ** 0.25);
}
