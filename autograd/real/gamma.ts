/** The gamma function's logarithm, its derivatives and its incomplete forms, for one double. */

/** ζ(n, x) = Σ (x + k)^-n, by the Euler-Maclaurin formula. */
export function zeta(n: number, x: number): number {
  if (n === 1) return Number.POSITIVE_INFINITY;
  if (n < 1) return Number.NaN;
  if (x <= 0) {
    if (x === Math.floor(x)) return Number.POSITIVE_INFINITY;
    if (n !== Math.floor(n)) return Number.NaN;
  }
  let sum = x ** -n;
  let a = x;
  let term = 0;
  for (let i = 0; i < 9 || a <= 9; i++) {
    a += 1;
    term = a ** -n;
    sum += term;
    if (Math.abs(term / sum) < 1e-16) return sum;
  }
  sum += (term * a) / (n - 1) - term / 2;
  let [factor, k] = [1, 0];
  for (const even of BERNOULLI) {
    factor *= n + k;
    term /= a;
    const t = (factor * term) / even;
    sum += t;
    if (Math.abs(t / sum) < 1e-16) break;
    k++;
    factor *= n + k;
    term /= a;
    k++;
  }
  return sum;
}

/** (2k)! / B(2k) */
const BERNOULLI = [
  12, -720, 30240, -1209600, 47900160, -1892437580.3183792, 74724249600.0, -2950130727918.164,
  116467828143500.67, -4597978722407473.0, 1.8152105401943546e17, -7.166165256175667e18,
];

const EULER = 0.5772156649015329;
/** ζ(k) - 1 for k from 2 on. */
const ZETA_LESS_1 = Array.from({ length: 60 }, (_, i) => zeta(i + 2, 2));

/** log Γ(2 + z) for |z| ≤ 1/2; exactly 0 at 0. */
function nearTwo(z: number): number {
  let [power, sum] = [z, z * (1 - EULER)];
  for (const [i, value] of ZETA_LESS_1.entries()) {
    power *= -z;
    sum -= (value * power) / (i + 2);
    if (Math.abs(power) < 1e-18) break;
  }
  return sum;
}

/** log |Γ(x)| */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
  if (x <= 0 && x === Math.floor(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  if (x <= 1.5) return nearTwo(x - 1) - Math.log1p(x - 1);
  if (x <= 2.5) return nearTwo(x - 2);
  let [shifted, product] = [x, 1];
  while (shifted < 12) product *= shifted++;
  const inverse = 1 / (shifted * shifted);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / shifted;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
  );
}

/** sin(πx), exact at whole numbers. */
function sinPi(x: number): number {
  const rest = x - 2 * Math.floor(x / 2);
  return Math.sin(Math.PI * rest);
}

/** Of the asymptotic series of digamma, the factors of z^6 to z^0, where z = x^-2; as in PyTorch, which has it from Cephes. */
const SERIES = [1 / 12, -0.021092796092796094, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12];
const DIGAMMA_10 = 2.251752589066721;

/** The derivative of lgamma in PyTorch's order of operations, each result rounded. */
const digammaBy =
  (round: (x: number) => number) =>
  (x: number): number => {
    if (x === 0) return Object.is(x, -0) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    if (x < 0) {
      if (x === Math.trunc(x)) return Number.NaN;
      const rest = round(Math.PI / Math.tan(Math.PI * (x % 1)));
      return round(digammaBy(round)(round(1 - x)) - rest);
    }
    let [shifted, sum] = [x, 0];
    for (; shifted < 10; shifted = round(shifted + 1)) sum = round(sum - round(1 / shifted));
    if (shifted === 10) return round(sum + round(DIGAMMA_10));
    const z = round(1 / round(shifted * shifted));
    let series = 0;
    for (const factor of SERIES) series = round(round(series * z) + round(factor));
    const end = shifted < 1e17 ? round(z * series) : 0;
    return round(round(round(sum + round(Math.log(shifted))) - round(0.5 / shifted)) - end);
  };
export const digamma = digammaBy((x) => x);
/** The same in float32. */
export const digammaSingle = digammaBy(Math.fround);

/** The n-th derivative of digamma. */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (n === 1 && x < 0.5) {
    const sine = Math.sin(Math.PI * x);
    return -polygamma(1, 1 - x) + (Math.PI * Math.PI) / (sine * sine);
  }
  const factorial = Math.exp(lgamma(n + 1));
  return (n % 2 === 1 ? 1 : -1) * factorial * zeta(n + 1, x);
}

/** The regularised lower incomplete gamma function P(a, x). */
export function igamma(a: number, x: number): number {
  return incomplete(a, x)[0];
}

/** The upper one, Q(a, x) = 1 - P(a, x). */
export function igammac(a: number, x: number): number {
  return incomplete(a, x)[1];
}

function incomplete(a: number, x: number): readonly [number, number] {
  if (!(a >= 0 && x >= 0)) return [Number.NaN, Number.NaN];
  if (a === 0) return x > 0 ? [1, 0] : [Number.NaN, Number.NaN];
  if (x === 0) return [0, 1];
  if (!Number.isFinite(a)) return Number.isFinite(x) ? [0, 1] : [Number.NaN, Number.NaN];
  if (!Number.isFinite(x)) return [1, 0];
  const scale = Math.exp(a * Math.log(x) - x - lgamma(a));
  if (x < a + 1) {
    let [sum, term] = [1 / a, 1 / a];
    for (let n = a + 1; term > sum * 1e-17; n++) {
      term *= x / n;
      sum += term;
    }
    const lower = sum * scale;
    return [lower, 1 - lower];
  }
  const upper = scale * fraction(a, x);
  return [1 - upper, upper];
}

/** Lentz's method for the continued fraction of Γ(a, x). */
function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 2000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return h;
}
