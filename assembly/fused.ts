/**
 * a·b + c rounded once. PyTorch's kernels and the C library are compiled with this instruction. The relaxed build has it
 * (the host takes that build only where it rounds once); in the plain one the result is put together from ordinary ones
 * (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums").
 */

const SPLIT: f64 = 134217729; // 2^27 + 1
/** Beyond these magnitudes the error of a product leaves the range of f64. */
const LARGE: f64 = 1e290;

export let rest: f64 = 0;

/** a + b; what rounding took away is left in `rest`. */
export function sum(a: f64, b: f64): f64 {
  const s = a + b;
  const t = s - a;
  rest = a - (s - t) + (b - t);
  return s;
}

/** a·b; what rounding took away is left in `rest`. */
export function product(a: f64, b: f64): f64 {
  const p = a * b;
  const ta = SPLIT * a;
  const ah = ta - (ta - a);
  const al = a - ah;
  const tb = SPLIT * b;
  const bh = tb - (tb - b);
  const bl = b - bh;
  rest = ah * bh - p + ah * bl + al * bh + al * bl;
  return p;
}

/** a + b rounded to odd: the last bit is set where something was taken away, so that one more rounding is exact. */
function sumToOdd(a: f64, b: f64): f64 {
  const s = sum(a, b);
  const bits = reinterpret<i64>(s);
  if (rest === 0 || (bits & 1) !== 0) return s;
  return reinterpret<f64>(rest > 0 === s > 0 ? bits + 1 : bits - 1);
}

/** In line, because a call costs more than the instruction. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Fma {
  @inline static of64(a: f64, b: f64, c: f64): f64 {
    if (ASC_FEATURE_RELAXED_SIMD)
      return f64x2.extract_lane(v128.relaxed_madd<f64>(f64x2.splat(a), f64x2.splat(b), f64x2.splat(c)), 0);
    return assembled(a, b, c);
  }

  /** The product of two f32 is exact in f64, so that only the sum needs care. */
  @inline static of32(a: f32, b: f32, c: f32): f32 {
    return <f32>sumToOdd(<f64>a * <f64>b, <f64>c);
  }
}

function assembled(a: f64, b: f64, c: f64): f64 {
  const p = product(a, b);
  if (!(abs(p) < LARGE && abs(a) < LARGE && abs(b) < LARGE && abs(c) < LARGE)) return p + c;
  const below = rest;
  const t = sum(c, below);
  const tRest = rest;
  const v = sum(p, t);
  const z = sumToOdd(tRest, rest);
  return z === 0 ? v : v + z;
}
