/**
 * log, sin, cos and exp of the C library that the reference PyTorch calls (glibc on a processor with fused
 * multiply-add), operation by operation: a last place that differs would make another random number.
 */
import { Fma, product, rest, sum } from "./fused";
import { LOGS, SINGLE_LOGS } from "./logs";

/** ln x for finite x > 0. */
export function log(x: f64): f64 {
  let bits = reinterpret<i64>(x);
  if (x >= 0.9375 && x < 1.064697265625) return x === 1 ? 0 : logNearOne(x - 1);
  if (bits < 0x0010000000000000) bits = reinterpret<i64>(x * 4503599627370496.0) - ((<i64>52) << 52);
  const from = bits - 0x3fe6000000000000;
  const row = LOGS + ((<usize>(from >> 45) & 127) << 4);
  const k = <f64>(from >> 52);
  // x = 2^k · z; ln x = k ln 2 + ln c + ln(1 + r), where r = z / c - 1.
  const r = Fma.of64(reinterpret<f64>(bits - (from & ~0xfffffffffffff)), load<f64>(row), -1);
  const w = Fma.of64(k, 0.6931471805598903, load<f64>(row, 8));
  const high = w + r;
  const r2 = r * r;
  const low = Fma.of64(r2, -0.5000000000000001, Fma.of64(k, 5.497923018708371e-14, w - high + r));
  const p = Fma.of64(-0.2499999999622955, r, 0.33333333331825593);
  const q = Fma.of64(r, -0.16667054827627667, 0.20000304511814496);
  return Fma.of64(r * r2, Fma.of64(q, r2, p), low) + high;
}

function logNearOne(r: f64): f64 {
  const r2 = r * r;
  const r3 = r * r2;
  const a = Fma.of64(r2, 0.19999999999320328, Fma.of64(-0.24999999999998432, r, 0.3333333333333352));
  const b = Fma.of64(r2, -0.12499997863982555, Fma.of64(0.14285715076560868, r, -0.16666666669929706));
  const c = Fma.of64(r2, 0.09181994006195467, Fma.of64(-0.10000486757818193, r, 0.11110712032936046));
  const y = Fma.of64(Fma.of64(Fma.of64(r3, -0.08328363062289341, c), r3, b), r3, a);
  // r - r²/2 in two parts, by way of the high half of r.
  const half = Fma.of64(-134217728.0, r, Fma.of64(r, 134217728.0, r));
  const square = half * half;
  const high = Fma.of64(square, -0.5, r);
  const low = Fma.of64(-0.5 * (r - half), r + half, Fma.of64(square, -0.5, r - high));
  return high + Fma.of64(y, r3, low);
}

/** sin and cos of i / 128, each as a sum of two numbers. */
const SINES: usize = memory.data(112 * 32, 16);
let known = false;

/** Taylor's series of i / 128 in twice the precision: `n` is the number of its first term's power, 1 or 0. */
function series(at: usize, x: f64, n: f64): void {
  const square = x * x; // exact: x has seven bits
  let high = n === 0 ? 1.0 : x;
  let low: f64 = 0;
  let total = high;
  let below: f64 = 0;
  for (let k = n + 1; k < 30; k += 2) {
    const p = product(high, square);
    const pRest = rest + low * square;
    const by = -k * (k + 1);
    high = p / by;
    low = (Fma.of64(-high, by, p) + pRest) / by;
    total = sum(total, high);
    below += rest + low;
  }
  const s = sum(total, below);
  store<f64>(at, s);
  store<f64>(at, rest, 8);
}

function makeSines(): void {
  for (let i = 0; i < 112; i++) {
    series(SINES + i * 32, <f64>i / 128, 1);
    series(SINES + i * 32 + 16, <f64>i / 128, 0);
  }
  known = true;
}

const S1: f64 = -0.16666666666666666;
const S2: f64 = 0.008333333333332329;
const S3: f64 = -0.00019841269834414642;
const S4: f64 = 2.755729806860771e-6;
const S5: f64 = -2.5022014848318398e-8;
const SN3: f64 = -0.16666666666666488;
const SN5: f64 = 0.008333332142857223;
const CS4: f64 = -0.04166666666666644;
const CS6: f64 = 0.001388888740079376;
const BIG: f64 = 52776558133248.0; // 1.5 · 2^45: the last bits of BIG + x count 128ths

/** sin(x + dx), |x| < 0.86. */
function sine(x: f64, dx: f64): f64 {
  const size = abs(x);
  if (size < 0.126) {
    const xx = x * x;
    const p = Fma.of64(Fma.of64(Fma.of64(Fma.of64(S5, xx, S4), xx, S3), xx, S2), xx, S1);
    return x + Fma.of64(xx, Fma.of64(p, x, -0.5 * dx), dx);
  }
  const d = x <= 0 ? -dx : dx;
  const u = BIG + size;
  const row = SINES + ((<usize>reinterpret<u64>(u) & 0xffff) << 5);
  const y = size - (u - BIG);
  const yy = y * y;
  const s = Fma.of64(yy * y, Fma.of64(yy, SN5, SN3), d) + y;
  const c = Fma.of64(d, y, yy * Fma.of64(Fma.of64(yy, CS6, CS4), yy, 0.5));
  const sn = load<f64>(row);
  const cs = load<f64>(row, 16);
  const correction = Fma.of64(s, cs, Fma.of64(-c, sn, Fma.of64(s, load<f64>(row, 24), load<f64>(row, 8))));
  return copysign(sn + correction, x);
}

/** cos(x + dx), |x| < 0.86. */
function cosine(x: f64, dx: f64): f64 {
  const size = abs(x);
  const u = BIG + size;
  const row = SINES + ((<usize>reinterpret<u64>(u) & 0xffff) << 5);
  const y = size - (u - BIG) + (x < 0 ? -dx : dx);
  const yy = y * y;
  const s = Fma.of64(y * yy, Fma.of64(yy, SN5, SN3), y);
  const c = yy * Fma.of64(Fma.of64(yy, CS6, CS4), yy, 0.5);
  const sn = load<f64>(row);
  const cs = load<f64>(row, 16);
  return cs + Fma.of64(-s, sn, Fma.of64(-c, cs, Fma.of64(-s, load<f64>(row, 8), load<f64>(row, 24))));
}

export let sin: f64 = 0;
export let cos: f64 = 0;

/** Leaves both in `sin` and `cos`; for |x| < 10^8. */
export function sincos(x: f64): void {
  if (!known) makeSines();
  const size = abs(x);
  const top = <i32>(reinterpret<u64>(size) >> 32);
  if (top <= 0x3e3fffff) {
    sin = x;
    cos = 1;
  } else if (top <= 0x3feb5fff) {
    sin = sine(x, 0);
    cos = cosine(x, 0);
  } else if (top <= 0x400368fc) {
    // By way of π/2 - |x|.
    const y = 1.5707963267948966 - size;
    const a = y + 6.123233995736766e-17;
    const da = y - a + 6.123233995736766e-17;
    sin = copysign(cosine(a, da), x);
    cos = sine(a, da);
  } else reduced(x);
}

/** x less the nearest multiple n of π/2, which is taken off in four parts. */
function reduced(x: f64): void {
  const t = Fma.of64(x, 0.6366197723675814, 6755399441055744.0);
  const n = t - 6755399441055744.0;
  const quadrant = <i32>reinterpret<u64>(t) & 3;
  let a = Fma.of64(-n, -1.3909067564377153e-8, Fma.of64(-n, 1.5707963407039642, x));
  const b = Fma.of64(-n, -4.97899623147991e-17, a);
  let da = Fma.of64(-n, -4.97899623147991e-17, a - b);
  a = Fma.of64(-n, -1.9034889620193266e-25, b);
  da += Fma.of64(-n, -1.9034889620193266e-25, b - a);
  if (quadrant === 1 || quadrant === 2) {
    a = -a;
    da = -da;
  }
  const first = sine(a, da);
  const second = quadrant & 2 ? -cosine(a, da) : cosine(a, da);
  sin = quadrant & 1 ? second : first;
  cos = quadrant & 1 ? first : second;
}

/** For each of 128 parts of an octave: by how much 2^(i/128) is more than its f64, in proportion; the bits of that, less i · 2^45. */
const POWERS: usize = memory.data(128 * 16, 16);
let powersKnown = false;

function makePowers(): void {
  // 2^(1/128) in twice the precision, by seven square roots; then its powers.
  let high: f64 = 2;
  let low: f64 = 0;
  for (let i = 0; i < 7; i++) {
    const root = sqrt(high);
    const next = (Fma.of64(-root, root, high) + low) / (2 * root);
    high = sum(root, next);
    low = rest;
  }
  const step = high;
  const stepLow = low;
  high = 1;
  low = 0;
  for (let i = 0; i < 128; i++) {
    store<f64>(POWERS + ((<usize>i) << 4), low / high);
    store<i64>(POWERS + ((<usize>i) << 4), reinterpret<i64>(high) - ((<i64>i) << 45), 8);
    const p = product(high, step);
    const below = rest + high * stepLow + low * step;
    high = sum(p, below);
    low = rest;
  }
  powersKnown = true;
}

/** e^x */
export function exp(x: f64): f64 {
  const size = abs(x);
  if (size < 5.551115123125783e-17) return 1 + x;
  if (!(size < 512)) return NativeMath.exp(x);
  if (!powersKnown) makePowers();
  const t = Fma.of64(x, 184.6649652337873, 6755399441055744.0);
  const n = t - 6755399441055744.0;
  const bits = reinterpret<i64>(t);
  const r = Fma.of64(n, -1.2864023111638346e-14, Fma.of64(n, -0.005415212348111709, x));
  const row = POWERS + ((<usize>bits & 127) << 4);
  const scale = reinterpret<f64>(load<i64>(row, 8) + (bits << 45));
  const r2 = r * r;
  const near = Fma.of64(Fma.of64(0.16666666666665886, r, 0.49999999999996786), r2, r + load<f64>(row));
  return Fma.of64(
    scale,
    Fma.of64(r2 * r2, Fma.of64(r, 0.008333335853059549, 0.0416666808410674), near),
    scale,
  );
}

/** e^x of a float32, by the table's every fourth row. */
export function expC(x: f32): f32 {
  if (x !== x) return x;
  if (x > 88.72283172607422) return Infinity;
  if (x < -103.97208404541016) return 0;
  if (!powersKnown) makePowers();
  const t = Fma.of64(x, 46.166241308446828, 6755399441055744.0);
  const bits = reinterpret<i64>(t);
  const r = Fma.of64(x, 46.166241308446828, 6755399441055744.0 - t);
  const row = POWERS + ((<usize>bits & 31) << 6);
  const scale = reinterpret<f64>(load<i64>(row, 8) + (bits << 47));
  const p = Fma.of64(1.6938359250920212e-6, r, 0.00023459809789509004);
  const q = Fma.of64(0.021660849396613134, r, 1);
  return <f32>(Fma.of64(p, r * r, q) * scale);
}

/** ln x of a float32, by a table of its own. */
export function logC(x: f32): f32 {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return x;
  let bits = reinterpret<i32>(x);
  if (bits < 0x00800000) bits = reinterpret<i32>(x * 8388608) - (23 << 23);
  const from = bits - 0x3f330000;
  const row = SINGLE_LOGS + ((<usize>(from >> 19) & 15) << 4);
  const k = <f64>(from >> 23);
  const z = reinterpret<f32>(bits - (from & ~0x7fffff));
  const r = Fma.of64(z, load<f64>(row), -1);
  const high = Fma.of64(k, 0.6931471805599453, load<f64>(row, 8)) + r;
  const r2 = r * r;
  const p = Fma.of64(0.333456765744066, r, -0.4999997485802103);
  return <f32>Fma.of64(Fma.of64(-0.25089342214237154, r2, p), r2, high);
}
