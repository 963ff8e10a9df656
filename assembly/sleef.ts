/**
 * exp and log of four float32, operation by operation as in the vector library that PyTorch calls (SLEEF 3.5, within
 * one unit of the last place, for processors with fused multiply-add), so that the last digit is PyTorch's too.
 */
import { Four } from "./single";

/** Constants stand in memory: as part of the code they cost more. */
const SINGLE: usize = memory.data<f32>(
  [
    // exp: 1 / ln 2, -ln 2 in two parts; p from the highest power down, exp(s) = 1 + s + s²·p(s).
    1.442695040888963407, -0.693145751953125, -1.428606765330187045e-6, 1.98527617612853646278e-4,
    1.39304355252534151077e-3, 8.33336077630519866943e-3, 4.16664853692054748535e-2, 0.166666671633720397949,
    0.5, 1,
    // 1.5 · 2^23.
    12582912,
    // log: 4 / 3, ln 2 in two parts; log((1 + x) / (1 - x)) = 2x + x³·p(x²).
    1.3333333333333333, 0.69314718246459960938, -1.904654323148236017e-9, 0.3027294874, 0.3996108174,
    0.666669488,
  ],
  16,
);
export const EXP: usize = SINGLE;
const LOG: usize = SINGLE + 44;

/**
 * exp's in double. Where the binade of a sum is known, a number so large is added that the sum is rounded to the last place
 * of a float32, and taken off again: each coefficient with it, then it alone.
 */
const DOUBLE: usize = memory.data<f64>(
  [
    -0.693145751953125, -0.000001428606765330187, 0.00019852761761285365, 786432.0013930436, 786432,
    6291456.008333361, 6291456, 25165824.041666485, 25165824, 100663296.16666667, 100663296, 0.5,
  ],
  16,
);

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class K {
  /** The constant at `i` of a table of float32, in all lanes. */
  @inline static of(table: usize, i: usize): v128 {
    return v128.load32_splat(table + (i << 2));
  }
  @inline static wide(i: usize): v128 {
    return v128.load64_splat(DOUBLE + (i << 3));
  }
}

/** Numbers that one formula serves are those whose `off`, a whole number, is not above a limit. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Off {
  @inline static some(off: v128, limit: i32): bool {
    return v128.any_true(i32x4.gt_s(off, i32x4.splat(limit)));
  }
  @inline static worst(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
    return i32x4.max_s(i32x4.max_s(x0, x1), i32x4.max_s(x2, x3));
  }
}

/** exp(r) - 1 for r = x - q·ln 2, two at a time, not yet rounded to float32. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
class Half {
  @inline static round(a: v128): v128 {
    return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(a));
  }
  @inline static step(u: v128, s: v128, i: usize): v128 {
    return f64x2.sub(f64x2.add(f64x2.mul(u, s), K.wide(i)), K.wide(i + 1));
  }
  @inline static exp(x: v128, q: v128): v128 {
    const r = f64x2.add(x, f64x2.mul(q, K.wide(0)));
    const s = Half.round(f64x2.add(r, f64x2.mul(q, K.wide(1))));
    let u = Half.step(K.wide(2), s, 3);
    u = Half.step(u, s, 5);
    u = Half.step(u, s, 7);
    u = Half.step(u, s, 9);
    u = Half.round(f64x2.add(f64x2.mul(u, s), K.wide(11)));
    return f64x2.add(f64x2.mul(Half.round(f64x2.mul(s, s)), u), s);
  }
}

/** The last number before 87. */
export const EXP_LIMIT: i32 = 0x42adffff;

/** exp of what needs no care: four at a time, in line. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Exp4 {
  /** See `Off`: where |x| < 87 the result is a normal number. */
  @inline static off(x: v128): v128 {
    return v128.and(x, i32x4.splat(0x7fffffff));
  }

  /** exp(r) - 1 for r = x - q·ln 2. */
  @inline static rest(x: v128, q: v128): v128 {
    if (!ASC_FEATURE_RELAXED_SIMD)
      return Four.narrow(Half.exp(Four.low(x), Four.low(q)), Half.exp(Four.high(x), Four.high(q)));
    const s = Four.fma(q, K.of(EXP, 2), Four.fma(q, K.of(EXP, 1), x));
    let u = Four.fma(K.of(EXP, 3), s, K.of(EXP, 4));
    u = Four.fma(u, s, K.of(EXP, 5));
    u = Four.fma(u, s, K.of(EXP, 6));
    u = Four.fma(u, s, K.of(EXP, 7));
    u = Four.fma(u, s, K.of(EXP, 8));
    return Four.fma(f32x4.mul(s, s), u, s);
  }

  /**
   * exp(x) = 2^q · exp(r) of tame numbers. Adding 1.5 · 2^23 rounds to the nearest whole number, which then stands in the low
   * bits: from there it is added to the result's exponent.
   */
  @inline static quick(x: v128): v128 {
    const magic = K.of(EXP, 10);
    const whole = f32x4.add(f32x4.mul(x, K.of(EXP, 0)), magic);
    const value = f32x4.add(Exp4.rest(x, f32x4.sub(whole, magic)), K.of(EXP, 9));
    return i32x4.add(value, i32x4.shl(whole, 23));
  }
}

/** 2^q in the exponent of a float32. */
export function powerOf2(q: v128): v128 {
  return i32x4.shl(i32x4.add(q, i32x4.splat(127)), 23);
}

/** exp(x) = 2^q · exp(r) */
export function exp4(x: v128): v128 {
  if (!Off.some(Exp4.off(x), EXP_LIMIT)) return Exp4.quick(x);
  // Beyond these the result is infinite or 0. A NaN stays.
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(100)), f32x4.splat(-105));
  const q = f32x4.nearest(f32x4.mul(bounded, K.of(EXP, 0)));
  const value = f32x4.add(Exp4.rest(bounded, q), K.of(EXP, 9));
  return timesPowerOf2(value, i32x4.trunc_sat_f32x4_s(q));
}

/** x · 2^q in two factors: q goes beyond the exponents there are, and what is subnormal is rounded once. */
export function timesPowerOf2(x: v128, q: v128): v128 {
  const half = i32x4.shr_s(q, 1);
  return f32x4.mul(f32x4.mul(x, powerOf2(half)), powerOf2(i32x4.sub(q, half)));
}

/** The last normal number as `Log4.off` has it. */
export const LOG_LIMIT: i32 = -0x01000001;

/** log of positive normal numbers, in line. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Log4 {
  /** See `Off`: the first normal number becomes the least int32, what is above the last or has a sign more than the limit. */
  @inline static off(x: v128): v128 {
    return i32x4.add(x, i32x4.splat(0x7f800000));
  }
  @inline static quick(x: v128): v128 {
    return Log4.normal(x, i32x4.splat(0));
  }

  /** The logarithm of x · 2^more. */
  @inline static normal(x: v128, more: v128): v128 {
    const exponent = Log4.exponent(x);
    const m = i32x4.sub(x, i32x4.shl(exponent, 23));
    const one = K.of(EXP, 9);
    const d = f32x4.add(m, one);
    return Log4.of(i32x4.add(exponent, more), f32x4.sub(m, one), d, Four.far(one, m, d));
  }

  /** e for which x / 2^e lies in [0.75, 1.5). */
  @inline static exponent(x: v128): v128 {
    return i32x4.sub(i32x4.shr_u(f32x4.mul(x, K.of(LOG, 0)), 23), i32x4.splat(127));
  }

  /** e · ln 2 + log(m), where n = m - 1 and d with its rest m + 1. */
  @inline static of(exponent: v128, n: v128, d: v128, dRest: v128): v128 {
    const one = K.of(EXP, 9);
    const e = f32x4.convert_i32x4_s(exponent);
    const high = f32x4.mul(K.of(LOG, 1), e);
    const low = Four.timesRest(K.of(LOG, 1), K.of(LOG, 2), e, high);
    const t = f32x4.div(one, d);
    const q = f32x4.mul(n, t);
    const off = Four.fma(f32x4.neg(dRest), t, Four.lost(d, f32x4.neg(t), f32x4.neg(one)));
    const qRest = Four.fma(q, off, Four.lost(t, n, q));
    const z = f32x4.mul(q, q);
    const p = Four.fma(Four.fma(K.of(LOG, 3), z, K.of(LOG, 4)), z, K.of(LOG, 5));
    const twice = f32x4.add(q, q);
    const sum = f32x4.add(high, twice);
    const rest = f32x4.add(f32x4.add(Four.near(high, twice, sum), low), f32x4.add(qRest, qRest));
    const cubic = f32x4.mul(f32x4.mul(z, q), p);
    const whole = f32x4.add(sum, cubic);
    return f32x4.add(whole, f32x4.add(Four.near(sum, cubic, whole), rest));
  }
}

/** log(x) = e · ln 2 + log(m), m in [0.75, 1.5). */
export function log4(x: v128): v128 {
  if (!Off.some(Log4.off(x), LOG_LIMIT)) return Log4.quick(x);
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(1.8446744073709552e19)), x, subnormal);
  const value = Log4.normal(scaled, v128.and(i32x4.splat(-64), subnormal));
  // Infinity and NaN stay; below 0 there is none; 0 gives -infinity.
  const high = v128.bitselect(x, value, f32x4.eq(x, f32x4.splat(Infinity)));
  const low = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(high, low, f32x4.gt(x, f32x4.splat(0)));
}

/** log(1 + x) */
export function log1p4(x: v128): v128 {
  const one = K.of(EXP, 9);
  const sum = f32x4.add(x, one);
  const subnormal = f32x4.lt(sum, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(sum, f32x4.splat(1.8446744073709552e19)), sum, subnormal);
  const exponent = Log4.exponent(scaled);
  const t = i32x4.sub(one, i32x4.shl(exponent, 23));
  const n = Four.fma(x, t, f32x4.sub(t, one));
  const two = f32x4.splat(2);
  const d = f32x4.add(two, n);
  let value = Log4.of(i32x4.add(exponent, v128.and(i32x4.splat(-64), subnormal)), n, d, Four.near(two, n, d));
  value = v128.bitselect(f32x4.splat(Infinity), value, f32x4.gt(x, f32x4.splat(1e38)));
  value = v128.bitselect(value, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(-1)));
  value = v128.bitselect(f32x4.splat(-Infinity), value, f32x4.eq(x, f32x4.splat(-1)));
  return v128.bitselect(x, value, i32x4.eq(x, i32x4.splat(0x80000000)));
}
