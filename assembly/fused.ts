/**
 * a·b + c rounded once. PyTorch's kernels and the C library are compiled with this instruction. WebAssembly has one that
 * may round twice: where it is seen to do so, and in the build without it, the result is put together from ordinary
 * ones (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums").
 */

const CELL: usize = memory.data(16, 16);

/** Whether this processor's relaxed instruction rounds once. */
export const FUSED: bool = isFused();

function isFused(): bool {
  if (!ASC_FEATURE_RELAXED_SIMD) return false;
  // From memory, so that no compiler works it out: the squares of 1 + 2^-12 and 1 + 2^-27 lose their last bit.
  store<f32>(CELL, 1.000244140625);
  store<f64>(CELL, 1.0000000074505806, 8);
  const x = v128.load32_splat(CELL);
  const y = v128.load64_splat(CELL + 8);
  const single = v128.relaxed_madd<f32>(x, x, f32x4.splat(-1.00048828125));
  const double = v128.relaxed_madd<f64>(y, y, f64x2.splat(-1.0000000149011612));
  return f32x4.extract_lane(single, 0) !== 0 && f64x2.extract_lane(double, 0) !== 0;
}

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
    if (ASC_FEATURE_RELAXED_SIMD && FUSED)
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
