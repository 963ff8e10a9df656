/** The error function and its inverse in float32, step by step as glibc and PyTorch reckon them. */
const f = Math.fround;

/** A polynomial, its constant first. */
const polynomial = (z: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, c) => f(f(c) + f(z * sum)), 0);

/** The same with fused multiply-add, as PyTorch's compiler makes it. */
const fused = (z: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, c) => f(sum * z + f(c)), 0);

const NEAR = [
  [1.2837916613e-1, -3.2504209876e-1, -2.8481749818e-2, -5.770270247e-3, -2.3763017452e-5],
  [1, 3.9791721106e-1, 6.50222525e-2, 5.0813062117e-3, 1.3249473704e-4, -3.9602282413e-6],
] as const;
const AT_ONE = [
  [
    -2.3621185683e-3, 4.1485610604e-1, -3.7220788002e-1, 3.1834661961e-1, -1.1089469492e-1, 3.5478305072e-2,
    -2.1663755178e-3,
  ],
  [1, 1.0642088205e-1, 5.4039794207e-1, 7.1828655899e-2, 1.2617121637e-1, 1.3637083583e-2, 1.1984500103e-2],
] as const;
const BEYOND = [
  [
    -9.8649440333e-3, -6.938585639e-1, -1.0558626175e1, -6.2375331879e1, -1.6239666748e2, -1.8460508728e2,
    -8.1287437439e1, -9.8143291473,
  ],
  [
    1, 1.965127182e1, 1.3765776062e2, 4.3456588745e2, 6.4538726807e2, 4.2900814819e2, 1.0863500214e2,
    6.5702495575, -6.0424413532e-2,
  ],
] as const;
const FAR = [
  [
    -9.864943102e-3, -7.9928326607e-1, -1.7757955551e1, -1.6063638306e2, -6.3756646729e2, -1.0250950928e3,
    -4.8351919556e2,
  ],
  [
    1, 3.0338060379e1, 3.2579251099e2, 1.5367296143e3, 3.1998581543e3, 2.553050293e3, 4.7452853394e2,
    -2.2440952301e1,
  ],
] as const;
/** Where the second of the outer pieces begins: 1 / 0.35. */
const MIDDLE = 2.857142925262451;

const exp = (x: number): number => f(Math.exp(x));
const ratio = (z: number, [top, bottom]: readonly [readonly number[], readonly number[]]): number =>
  f(polynomial(z, top) / polynomial(z, bottom));

/** x, without its last twelve bits. */
function head(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] = (bits[0] as number) & 0xfffff000;
  return new Float32Array(bits.buffer)[0] as number;
}

/** glibc's erff (fdlibm). */
export function erff(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x) || a >= 6) return Number.isNaN(x) ? x : Math.sign(x);
  if (a < 2 ** -28) return f(x + f(f(1.2837916613e-1) * x));
  if (a < 0.84375) return f(x + f(x * ratio(f(x * x), NEAR)));
  if (a < 1.25) return Math.sign(x) * f(f(8.4506291151e-1) + ratio(f(a - 1), AT_ONE));
  const quotient = ratio(f(1 / f(a * a)), a < MIDDLE ? BEYOND : FAR);
  const z = head(a);
  const r = f(exp(f(f(-z * z) - 0.5625)) * exp(f(f(f(z - a) * f(z + a)) + quotient)));
  return Math.sign(x) * f(1 - f(r / a));
}

const CENTRAL = [
  [0.886226899, -1.645349621, 0.914624893, -0.140543331],
  [1, -2.118377725, 1.442710462, -0.329097515, 0.012229801],
] as const;
const OUTER = [
  [-1.970840454, -1.624906493, 3.429567803, 1.641345311],
  [1, 3.5438892, 1.6370678],
] as const;
const SLOPE = f(2 / f(Math.sqrt(Math.PI)));

/** PyTorch's calc_erfinv<float>: a rational function, then two of Newton's steps. */
export function erfinvf(y: number): number {
  const a = Math.abs(y);
  if (!(a < 1)) return a === 1 ? y * Number.POSITIVE_INFINITY : Number.NaN;
  let x: number;
  if (a <= f(0.7)) {
    const z = f(y * y);
    x = f(f(y * fused(z, CENTRAL[0])) / fused(z, CENTRAL[1]));
  } else {
    const z = f(Math.sqrt(f(-f(Math.log(f(f(1 - a) / 2))))));
    x = f((Math.sign(y) * fused(z, OUTER[0])) / fused(z, OUTER[1]));
  }
  for (let step = 0; step < 2; step++) x = f(x - f(f(erff(x) - y) / f(SLOPE * exp(f(-x * x)))));
  return x;
}
