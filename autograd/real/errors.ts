/** The error function and its kin, for one double. */

/** Chebyshev coefficients of log(erfc(x) · exp(x²) / t) in 4t - 2, t = 2 / (2 + x). */
const CHEBYSHEV = [
  -1.3026537197817094, 0.6419697923564902, 0.019476473204185836, -0.00956151478680863, -0.000946595344482036,
  0.000366839497852761, 4.2523324806907e-5, -2.0278578112534e-5, -1.624290004647e-6, 1.30365583558e-6,
  1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9, 5.059343495e-9, -9.91364156e-10, -2.27365122e-10,
  9.6467911e-11, 2.394038e-12, -6.886027e-12, 8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15,
  -1.523e-15, -9.4e-17, 1.21e-16, -2.8e-17,
];

/** log(erfc(x)) + x², for x ≥ 0. */
function logScaled(x: number): number {
  const t = 2 / (2 + x);
  const y = 4 * t - 2;
  let [d, before] = [0, 0];
  for (let j = CHEBYSHEV.length - 1; j > 0; j--) [d, before] = [y * d - before + (CHEBYSHEV[j] as number), d];
  return Math.log(t) + 0.5 * ((CHEBYSHEV[0] as number) + y * d) - before;
}

export function erf(x: number): number {
  if (Math.abs(x) > 1) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  return x < 0.5 ? 1 - erf(x) : Math.exp(logScaled(x) - x * x);
}

/** exp(x²) · erfc(x) */
export function erfcx(x: number): number {
  return x < 0 ? 2 * Math.exp(x * x) - erfcx(-x) : Math.exp(logScaled(x));
}

/** log(erfc(x)) */
const logErfc = (x: number): number => (x < 0 ? Math.log(erfc(x)) : logScaled(x) - x * x);

export function erfinv(y: number): number {
  if (Math.abs(y) >= 1) return Math.abs(y) === 1 ? y * Number.POSITIVE_INFINITY : Number.NaN;
  if (y === 0 || Number.isNaN(y)) return y;
  return Math.abs(y) < 0.5 ? newton(y) : -Math.sign(y) * (ndtri((1 - Math.abs(y)) / 2) / Math.SQRT2);
}

function newton(y: number): number {
  let x = (Math.sqrt(Math.PI) / 2) * (y + (Math.PI / 12) * y ** 3);
  for (let i = 0; i < 4; i++) x -= (erf(x) - y) / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
  return x;
}

/** The normal distribution function. */
export const ndtr = (x: number): number => erfc(-x / Math.SQRT2) / 2;

export const logNdtr = (x: number): number =>
  x > 1 ? Math.log1p(-erfc(x / Math.SQRT2) / 2) : logErfc(-x / Math.SQRT2) - Math.LN2;

/** Its inverse. */
export function ndtri(p: number): number {
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!(p > 0 && p < 1)) return Number.NaN;
  if (p > 0.5) return -ndtri(1 - p);
  // From a rough root, Newton's method on log(ndtr(x)) = log(p), which is nearly a parabola.
  const target = Math.log(p);
  const t = Math.sqrt(-2 * target);
  let x = -(t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t)));
  for (let i = 0; i < 8; i++) {
    const ratio = Math.exp(logNdtr(x) + (x * x) / 2) * Math.sqrt(2 * Math.PI);
    const step = (logNdtr(x) - target) * ratio;
    x -= step;
    if (Math.abs(step) < 1e-16 * Math.abs(x)) break;
  }
  return x;
}
