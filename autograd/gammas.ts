/** Drawing from gamma, Dirichlet and binomial distributions, number by number as PyTorch does, and their gradients. */
import { Binary, DType, Random } from "../assembly/shared/codes.ts";
import { draw, notFor } from "./draws.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import { broadcastShapes, type Kernels } from "./kernels.ts";
import type { Generator } from "./random.ts";
import { digamma } from "./real/gamma.ts";
import type { Tensor } from "./tensor.ts";

type Source = Generator | null;
type Round = (x: number) => number;

const TINY = { [DType.f32]: 1.1754943508222875e-38, [DType.f64]: 2.2250738585072014e-308 };
const THIRD = Math.fround(1 / 3);
const SQUEEZE = Math.fround(0.0331);

/** A normal number at a time, from PyTorch's stream. */
function normals(k: Kernels, source: Source): () => number {
  const one = k.empty([1], DType.f64);
  return () => {
    draw(k, Random.normalEach, "normal_kernel_cpu", one, source, { p: 0, q: 1 });
    return (k.core.read(one) as Float64Array)[0] as number;
  };
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables" (2000). `round`: to PyTorch's type of the shape. */
function gamma(shape: number, unit: () => number, normal: () => number, round: Round): number {
  let scale = 1;
  let alpha = shape;
  if (alpha < 1) {
    if (alpha === 0) return 0;
    scale = (1 - unit()) ** round(1 / alpha);
    alpha = round(alpha + 1);
  }
  const d = round(alpha - THIRD);
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    let x = normal();
    let y = 1 + c * x;
    while (y <= 0) {
      x = normal();
      y = 1 + c * x;
    }
    const v = y * y * y;
    const u = 1 - unit();
    const square = x * x;
    if (u < 1 - SQUEEZE * square * square) return scale * d * v;
    if (Math.log(u) < 0.5 * square + d * (1 - v + Math.log(v))) return scale * d * v;
  }
}

const rounding = (dtype: DType): Round => (dtype === DType.f64 ? Number : Math.fround);
const tiny = (dtype: DType): number => (dtype === DType.f64 ? TINY[DType.f64] : TINY[DType.f32]);

/** `least` in the place of what is not above it, NaN included. */
const atLeast = (least: number, x: number): number => (x > least ? x : least);

export function standardGamma(k: Kernels, shapes: Tensor, source: Source): Tensor {
  if (!isFloat(shapes.dtype)) notFor("gamma_cpu", shapes);
  const out = k.empty(shapes.shape, shapes.dtype);
  const [unit, normal] = [() => (source ?? k.generator).unit(), normals(k, source)];
  const round = rounding(shapes.dtype);
  const least = tiny(shapes.dtype);
  const values = Array.from(k.core.read(shapes) as Float64Array, (alpha) =>
    atLeast(least, round(gamma(alpha, unit, normal, round))),
  );
  k.core.write(out, values);
  return out;
}

/** Along the last dimension the numbers add up to one. */
export function dirichlet(k: Kernels, weights: Tensor, source: Source): Tensor {
  if (!isFloat(weights.dtype)) notFor("dirichlet", weights);
  const out = k.empty(weights.shape, weights.dtype);
  const [unit, normal] = [() => (source ?? k.generator).unit(), normals(k, source)];
  const drawn = Array.from(k.core.read(weights) as Float64Array, (alpha) =>
    gamma(alpha, unit, normal, Number),
  );
  const n = weights.shape.at(-1) ?? 1;
  const least = tiny(weights.dtype);
  const most = 1 - (weights.dtype === DType.f64 ? 2 ** -53 : 2 ** -24);
  for (let row = 0; row < drawn.length; row += n) {
    const sum = drawn.slice(row, row + n).reduce((a, b) => a + b, 0);
    for (let i = row; i < row + n; i++)
      drawn[i] = Math.min(Math.max((drawn[i] as number) / sum, least), most);
  }
  k.core.write(out, drawn);
  return out;
}

/** The derivative of a gamma draw `x` with respect to its shape. */
function gammaGradient(alpha: number, x: number): number {
  if (x < 0.8) {
    let [numerator, denominator] = [1, alpha];
    let first = 1 / alpha;
    let second = 1 / (alpha * alpha);
    for (let i = 1; i <= 5; i++) {
      numerator *= -x / i;
      denominator += 1;
      first += numerator / denominator;
      second += numerator / (denominator * denominator);
    }
    const power = x ** alpha;
    const density = x ** (alpha - 1) * Math.exp(-x);
    const cdf = power * first;
    const result = -((Math.log(x) - digamma(alpha)) * cdf - power * second) / density;
    return Number.isNaN(result) ? 0 : result;
  }
  if (alpha > 8) {
    if (0.9 * alpha <= x && x <= 1.1 * alpha) {
      const a = 1 + 24 * alpha * (1 + 12 * alpha);
      const b =
        1440 * (alpha * alpha) + 6 * x * (53 - 120 * x) - (65 * x * x) / alpha + alpha * (107 + 3600 * x);
      return (a * b) / (1244160 * (alpha * alpha) * (alpha * alpha));
    }
    const root = Math.sqrt(8 * alpha);
    const two = root / (alpha - x);
    const three = (x - alpha - alpha * Math.log(x / alpha)) ** -1.5;
    const both = x < alpha ? two - three : two + three;
    const one =
      Math.log(x / alpha) * both - (Math.sqrt(2 / alpha) * (alpha + x)) / ((alpha - x) * (alpha - x));
    const stirling = 1 + (1 / (12 * alpha)) * (1 + 1 / (24 * alpha));
    return (-stirling * (x * one)) / root;
  }
  const u = Math.log(x / alpha);
  const c = GAMMA[0].map((a, i) => a + u * ((GAMMA[1][i] as number) + u * (GAMMA[2][i] as number)));
  const v = Math.log(alpha);
  return Math.exp(cubic(c.slice(0, 4), v) / cubic(c.slice(4), v));
}

const cubic = (c: readonly number[], v: number): number =>
  (c[0] as number) + v * ((c[1] as number) + v * ((c[2] as number) + v * (c[3] as number)));

/** PyTorch's rational approximation. */
const GAMMA = [
  [0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1, 0.32668115, 0.10406089, 0.0014179084],
  [0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915, -0.00058392623],
  [
    0.040121004, -0.0065914022, -0.0026286047, -0.0013441777, 0.017050642, -0.0021309326, 0.00085092367,
    -1.5247877e-7,
  ],
] as const;

export function standardGammaGrad(k: Kernels, shapes: Tensor, drawn: Tensor): Tensor {
  const out = k.empty(shapes.shape, shapes.dtype);
  const x = k.core.read(drawn) as Float64Array;
  k.core.write(
    out,
    Array.from(k.core.read(shapes) as Float64Array, (alpha, i) => gammaGradient(alpha, x[i] as number)),
  );
  return out;
}

function betaSmallAlpha(x: number, alpha: number, beta: number): number {
  const factor = digamma(alpha) - digamma(alpha + beta) - Math.log(x);
  let numerator = 1;
  let series = (numerator / alpha) * (factor + 1 / alpha);
  for (let i = 1; i <= 10; i++) {
    numerator *= ((i - beta) * x) / i;
    const denominator = alpha + i;
    series += (numerator / denominator) * (factor + 1 / denominator);
  }
  const result = x * (1 - x) ** -beta * series;
  return Number.isNaN(result) ? 0 : result;
}

function betaSmallBeta(x: number, alpha: number, beta: number): number {
  const factor = digamma(alpha + beta) - digamma(beta);
  let [numerator, betas, changes] = [1, 1, 0];
  let series = factor / alpha;
  for (let i = 1; i <= 8; i++) {
    numerator *= -x / i;
    changes = changes * (beta - i) + betas;
    betas *= beta - i;
    series += (numerator / (alpha + i)) * (changes + factor * betas);
  }
  const result = -((1 - x) ** (1 - beta)) * series;
  return Number.isNaN(result) ? 0 : result;
}

function betaLarge(x: number, alpha: number, beta: number): number {
  const total = alpha + beta;
  const mean = alpha / total;
  const deviation = Math.sqrt((alpha * beta) / (total + 1)) / total;
  if (mean - 0.1 * deviation <= x && x <= mean + 0.1 * deviation) {
    const b2 = beta * beta;
    const inner = (453 + 1620 * beta * (1 - x) - 455 * x) * beta + alpha * (8 * (1 - x) * (135 * beta - 11));
    const poly =
      47 * x * b2 * b2 +
      alpha *
        ((43 + 20 * (16 + 27 * beta) * x) * b2 * beta +
          alpha * (3 * (59 + 180 * beta - 90 * x) * b2 + alpha * inner));
    const above = ((1 + 12 * alpha) * (1 + 12 * beta)) / (total * total);
    return ((above / (1 - x)) * poly) / (12960 * alpha * alpha * alpha * b2 * (1 + 12 * total));
  }
  const prefactor = -x / Math.sqrt((2 * alpha * beta) / total);
  const stirling = (a: number): number => 1 + 1 / (12 * a) + 1 / (288 * a * a);
  const scale = (stirling(alpha) * stirling(beta)) / stirling(total);
  const away = alpha * (x - 1) + beta * x;
  const one =
    (2 * (alpha * alpha) * (x - 1) + alpha * beta * (x - 1) - x * (beta * beta)) /
    (Math.sqrt((2 * alpha) / beta) * total ** 1.5 * away * away);
  const two = 0.5 * Math.log(alpha / (total * x));
  const three = Math.sqrt((8 * alpha * beta) / total) / away;
  const four = (beta * Math.log(beta / (total * (1 - x))) + alpha * Math.log(alpha / (total * x))) ** -1.5;
  return scale * prefactor * (one + two * (three + (x < mean ? four : -four)));
}

/** PyTorch's rational approximation: numerator and denominator, by powers of u and a, cubic in b. */
const BETA = [
  [
    [1.003668233, -0.01061107488, -0.0657888334, 0.01201642863],
    [0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033],
    [-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013],
    [0.221950385, -0.3187676331, 0.01799915743, 0.01074823814],
    [-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057],
    [0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-5],
    [-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565],
    [0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181],
    [0.005900514878, -0.001936558688, -9.495446725e-6, 5.385558597e-5],
  ],
  [
    [1, -0.02924021934, -0.04438342661, 0.007285809825],
    [0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521],
    [-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149],
    [0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273],
    [0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956],
    [-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-5],
    [0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-5],
    [0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-5],
    [-0.0003477407336, 6.959756487e-5, 1.097287507e-5, -1.650964693e-6],
  ],
] as const;

/** The derivative of a Dirichlet draw's part `x` with respect to its own weight `alpha`. */
function dirichletGradient(x: number, alpha: number, total: number): number {
  const beta = total - alpha;
  const boundary = total * x * (1 - x);
  if (x <= 0.5 && boundary < 2.5) return betaSmallAlpha(x, alpha, beta);
  if (x >= 0.5 && boundary < 0.75) return -betaSmallBeta(1 - x, beta, alpha);
  if (alpha > 6 && beta > 6) return betaLarge(x, alpha, beta);
  const u = Math.log(x);
  const a = Math.log(alpha) - u;
  const b = Math.log(total) - a;
  const [p, q] = BETA.map((table) =>
    table.reduce((sum, c, i) => sum + u ** Math.floor(i / 3) * a ** (i % 3) * cubic(c, b), 0),
  ) as [number, number];
  return ((p / q) * (x * (digamma(total) - digamma(alpha)))) / beta;
}

export function dirichletGrad(k: Kernels, x: Tensor, alpha: Tensor, total: Tensor): Tensor {
  const out = k.empty(x.shape, x.dtype);
  const [as, ts] = [k.core.read(alpha) as Float64Array, k.core.read(total) as Float64Array];
  k.core.write(
    out,
    Array.from(k.core.read(x) as Float64Array, (value, i) =>
      dirichletGradient(value, as[i] as number, ts[i] as number),
    ),
  );
  return out;
}

/** How many of `count` trials succeed. */
export function binomial(k: Kernels, count: Tensor, prob: Tensor, source: Source): Tensor {
  if (count.dtype !== prob.dtype)
    fail(`Found dtype ${dtypeRow(prob.dtype).scalarType} but expected ${dtypeRow(count.dtype).scalarType}`);
  const shape = broadcastShapes(count.shape, prob.shape);
  const whole = (t: Tensor): Tensor => k.binary(Binary.add, t, k.full(shape, 0, t.dtype));
  const [counts, chances] = [whole(count), whole(prob)];
  const n = k.core.read(counts) as Float64Array;
  const out = k.empty(shape, count.dtype);
  const unit = (): number => (source ?? k.generator).unit();
  k.core.write(
    out,
    Array.from(k.core.read(chances) as Float64Array, (p, i) => successes(n[i] as number, p, unit)),
  );
  return out;
}

function successes(n: number, p: number, unit: () => number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (!(n >= 0 && p >= 0)) return Number.NaN;
  if (p <= 0.5) return n * p >= 10 ? byRejection(n, p, unit) : byWaiting(n, p, unit);
  const q = 1 - p;
  return n - (n * q >= 10 ? byRejection(n, q, unit) : byWaiting(n, q, unit));
}

/** Counting how often a geometric number of trials fits into `n`. */
function byWaiting(n: number, p: number, unit: () => number): number {
  const logFailure = Math.log1p(-p);
  let [successes, trials] = [0, 0];
  for (;;) {
    trials += Math.ceil(Math.log(unit()) / logFailure);
    if (trials > n) return successes;
    successes++;
  }
}

/** Hörmann's transformed rejection, "The generation of binomial random variates" (1993). */
function byRejection(n: number, p: number, unit: () => number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const vr = 0.92 - 4.2 / b;
  const r = p / (1 - p);
  const alpha = (2.83 + 5.1 / b) * deviation;
  const m = Math.floor((n + 1) * p);
  for (;;) {
    const u = unit() - 0.5;
    let v = unit();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || k > n) continue;
    v = Math.log((v * alpha) / (a / (us * us) + b));
    const bound =
      (m + 0.5) * Math.log((m + 1) / (r * (n - m + 1))) +
      (n + 1) * Math.log((n - m + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((r * (n - k + 1)) / (k + 1)) +
      stirlingTail(m) +
      stirlingTail(n - m) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (v <= bound) return k;
  }
}

const TAILS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

function stirlingTail(k: number): number {
  if (k <= 9) return TAILS[k] as number;
  const square = (k + 1) * (k + 1);
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
