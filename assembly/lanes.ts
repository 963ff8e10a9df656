/**
 * Functions of four float32 at a time. Polynomials are those of Cephes (exp, log, tanh) and of FreeBSD's msun (sin, cos).
 * The errors, in units of the last place, are stated in test/assembly/accuracy.test.ts.
 */
import { cos, sin } from "./trig";

/** a·b + c, rounded once where the build allows it. */
export function fma<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_madd<T>(a, b, c) : v128.add<T>(v128.mul<T>(a, b), c);
}

/** The sum of the lanes of a float vector. */
export function total<T>(a: v128): T {
  if (sizeof<T>() === 8) return <T>(f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1));
  const pairs = f32x4.add(a, v128.shuffle<i64>(a, a, 1, 0));
  return <T>(f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1));
}

/** ln 2 in two parts: the first has 9 bits, so that its product with an exponent is exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

/** The constants of `exp4` in its order. A loop loads them once: as constants in its body they cost half its time. */
export const EXP: usize = memory.data<f32>(
  [
    89, -104, 1.44269504088896341, 12582912, -0.693359375, 2.1219444e-4, 1.98756915e-4, 1.3981999507e-3,
    8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
  ],
  16,
);

/**
 * exp(x) = 2^n · exp(r), r in [-ln 2 / 2, ln 2 / 2], where exp(r) = 1 + r + r²·p(r). Beyond `high` and `low` the result
 * is infinite or 0. Adding `magic` = 1.5 · 2^23 rounds to a whole number that stands in the low bits.
 */
export function exp4(
  x: v128,
  high: v128,
  low: v128,
  log2e: v128,
  magic: v128,
  ln2High: v128,
  ln2Low: v128,
  c7: v128,
  c6: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  one: v128,
): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, high), low);
  const whole = f32x4.add(f32x4.mul(bounded, log2e), magic);
  const n = f32x4.sub(whole, magic);
  const r = fma<f32>(n, ln2Low, fma<f32>(n, ln2High, bounded));
  let p = fma<f32>(c7, r, c6);
  p = fma<f32>(p, r, c5);
  p = fma<f32>(p, r, c4);
  p = fma<f32>(p, r, c3);
  p = fma<f32>(p, r, c2);
  p = f32x4.add(fma<f32>(p, f32x4.mul(r, r), r), one);
  // 2^n in two factors, each made in the exponent of 1: n goes from -150 to 128, and below 2^-126 is rounded once.
  const half = i32x4.shr_s(whole, 1);
  const first = i32x4.add(i32x4.shl(half, 23), one);
  const second = i32x4.add(i32x4.shl(i32x4.sub(whole, half), 23), one);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** The constant at `i` of a table, in all lanes: from memory it costs less than as part of the code. */
function k4(table: usize, i: usize): v128 {
  return v128.load32_splat(table + (i << 2));
}

function k2(table: usize, i: usize): v128 {
  return v128.load64_splat(table + (i << 3));
}

/** Coefficients of log4, from the highest power down. */
const LOG: usize = memory.data<f32>(
  [
    7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, -2.1219444e-4, -0.5, 0.693359375, 1, 23,
  ],
  16,
);

/** log(x) = e · ln 2 + log(1 + m), 1 + m in [√½, √2). */
export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, subnormal);
  const bits = i32x4.sub(scaled, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(bits, 23);
  const m = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), k4(LOG, 12));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(k4(LOG, 13), subnormal));
  const z = f32x4.mul(m, m);
  let p = fma<f32>(k4(LOG, 0), m, k4(LOG, 1));
  p = fma<f32>(p, m, k4(LOG, 2));
  p = fma<f32>(p, m, k4(LOG, 3));
  p = fma<f32>(p, m, k4(LOG, 4));
  p = fma<f32>(p, m, k4(LOG, 5));
  p = fma<f32>(p, m, k4(LOG, 6));
  p = fma<f32>(p, m, k4(LOG, 7));
  p = fma<f32>(p, m, k4(LOG, 8));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = fma<f32>(e, k4(LOG, 9), p);
  p = fma<f32>(z, k4(LOG, 10), p);
  const value = fma<f32>(e, k4(LOG, 11), f32x4.add(m, p));
  // Infinity and NaN stay; below 0 there is none; 0 gives -infinity.
  const high = v128.bitselect(x, value, f32x4.eq(x, f32x4.splat(Infinity)));
  const low = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(high, low, f32x4.gt(x, f32x4.splat(0)));
}

/** Coefficients of tanh4, from the highest power down. */
const TANH: usize = memory.data<f32>(
  [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1, 1, 2, 0.625],
  16,
);

/** tanh(x) from `power` = exp(2|x|): x + x³·p(x²) for small x, else 1 - 2 / (power + 1) with the sign of x. */
export function tanh4(x: v128, power: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = fma<f32>(k4(TANH, 0), z, k4(TANH, 1));
  p = fma<f32>(p, z, k4(TANH, 2));
  p = fma<f32>(p, z, k4(TANH, 3));
  p = fma<f32>(p, z, k4(TANH, 4));
  const small = fma<f32>(f32x4.mul(p, z), size, size);
  const large = f32x4.sub(k4(TANH, 5), f32x4.div(k4(TANH, 6), f32x4.add(power, k4(TANH, 5))));
  const value = v128.bitselect(small, large, f32x4.lt(size, k4(TANH, 7)));
  return v128.bitselect(x, value, f32x4.splat(-0.0));
}

/** 2/π, π/2 in two parts, 1.5 · 2^52; coefficients of sin and of cos from the highest power down. */
const SINE: usize = memory.data<f64>(
  [
    0.63661977236758134308, 1.57079632673412561417, 6.07710050650619224932e-11, 6755399441055744,
    2.718311493989822e-6, -1.983934735985085e-4, 8.333329385889463e-3, -0.16666666641626524,
    2.439044879627741e-5, -1.388676377460993e-3, 4.16666233237390631894e-2, -0.499999997251031, 1,
  ],
  16,
);

/** sin(x + quarters · π/2) of two doubles that hold float32, |x| below 2^20. */
function sine2(x: v128, quarters: i32): v128 {
  // Adding 1.5 · 2^52 rounds to a whole number that stands in the low bits: bit 0 chooses cos, bit 1 the sign.
  const whole = f64x2.add(f64x2.mul(x, k2(SINE, 0)), k2(SINE, 3));
  const n = f64x2.sub(whole, k2(SINE, 3));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, k2(SINE, 1))), f64x2.mul(n, k2(SINE, 2)));
  const z = f64x2.mul(r, r);
  let s = fma<f64>(k2(SINE, 4), z, k2(SINE, 5));
  s = fma<f64>(s, z, k2(SINE, 6));
  s = fma<f64>(s, z, k2(SINE, 7));
  s = fma<f64>(f64x2.mul(s, z), r, r);
  let c = fma<f64>(k2(SINE, 8), z, k2(SINE, 9));
  c = fma<f64>(c, z, k2(SINE, 10));
  c = fma<f64>(c, z, k2(SINE, 11));
  c = fma<f64>(c, z, k2(SINE, 12));
  const quadrant = i64x2.add(whole, i64x2.splat(quarters));
  const odd = i64x2.neg(v128.and(quadrant, i64x2.splat(1)));
  const sign = i64x2.shl(i64x2.shr_u(quadrant, 1), 63);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

/** Large arguments, infinities and NaN go one by one. */
function sine4(x: v128, quarters: i32): v128 {
  if (!i32x4.all_true(f32x4.lt(f32x4.abs(x), f32x4.splat(1048576)))) {
    let result = x;
    result = f32x4.replace_lane(result, 0, one(f32x4.extract_lane(x, 0), quarters));
    result = f32x4.replace_lane(result, 1, one(f32x4.extract_lane(x, 1), quarters));
    result = f32x4.replace_lane(result, 2, one(f32x4.extract_lane(x, 2), quarters));
    return f32x4.replace_lane(result, 3, one(f32x4.extract_lane(x, 3), quarters));
  }
  const low = f32x4.demote_f64x2_zero(sine2(f64x2.promote_low_f32x4(x), quarters));
  const upper = v128.shuffle<i64>(x, x, 1, 1);
  const high = f32x4.demote_f64x2_zero(sine2(f64x2.promote_low_f32x4(upper), quarters));
  return v128.shuffle<i64>(low, high, 0, 2);
}

function one(x: f32, quarters: i32): f32 {
  return quarters ? cos<f32>(x) : sin<f32>(x);
}

/** Next to 0, and for -0, x itself. */
export function sin4(x: v128): v128 {
  return v128.bitselect(x, sine4(x, 0), f32x4.lt(f32x4.abs(x), f32x4.splat(0.000244140625)));
}

export function cos4(x: v128): v128 {
  return sine4(x, 1);
}
