/**
 * float32 arithmetic, four at a time, that WebAssembly lacks: a·b + c rounded once, and what rounding takes away from sums,
 * products and quotients, for numbers kept as a float32 and the rest of it.
 */
import { Fma } from "./fused";

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Four {
  /**
   * a·b + c. The product of two float32 is exact in double; the sum is rounded there and again to float32, which differs
   * from one rounding in about one of 2^29 cases. The functions that use it were tried on every float32 there is.
   */
  @inline static fma(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
    return Four.narrow(
      f64x2.add(f64x2.mul(Four.low(a), Four.low(b)), Four.low(c)),
      f64x2.add(f64x2.mul(Four.high(a), Four.high(b)), Four.high(c)),
    );
  }

  /** a·b + c for numbers that may be anything: where rounding twice may differ, lane by lane with care. */
  @inline static sure(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
    return careful(a, b, c);
  }

  /** c - a·b */
  @inline static off(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<f32>(a, b, c);
    return Four.fma(f32x4.neg(a), b, c);
  }

  /** a·b - p, where p is the product rounded. */
  @inline static lost(a: v128, b: v128, p: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, f32x4.neg(p));
    return Four.narrow(
      f64x2.sub(f64x2.mul(Four.low(a), Four.low(b)), Four.low(p)),
      f64x2.sub(f64x2.mul(Four.high(a), Four.high(b)), Four.high(p)),
    );
  }

  /** The lower two as doubles. */
  @inline static low(a: v128): v128 {
    return f64x2.promote_low_f32x4(a);
  }

  /** The upper two as doubles. */
  @inline static high(a: v128): v128 {
    return f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 1));
  }

  @inline static narrow(low: v128, high: v128): v128 {
    return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
  }

  /** What rounding took away from s = x + y, where x is the larger one. */
  @inline static near(x: v128, y: v128, s: v128): v128 {
    return f32x4.add(f32x4.sub(x, s), y);
  }

  /** The same, whichever is larger. */
  @inline static far(x: v128, y: v128, s: v128): v128 {
    const v = f32x4.sub(s, x);
    return f32x4.add(f32x4.sub(x, f32x4.sub(s, v)), f32x4.sub(y, v));
  }

  /** The rest of (x + xRest) · y, whose first part is p = x·y. */
  @inline static timesRest(x: v128, xRest: v128, y: v128, p: v128): v128 {
    return Four.fma(xRest, y, Four.lost(x, y, p));
  }

  /** The rest of (x + xRest) · (y + yRest), whose first part is p = x·y. */
  @inline static productRest(x: v128, xRest: v128, y: v128, yRest: v128, p: v128): v128 {
    return Four.fma(x, yRest, Four.fma(xRest, y, Four.lost(x, y, p)));
  }

  /** The rest of (n + nRest) / (d + dRest), whose first part is q = n·t with t = 1/d. */
  @inline static quotientRest(n: v128, nRest: v128, d: v128, dRest: v128, t: v128, q: v128): v128 {
    const one = f32x4.splat(1);
    const left = Four.off(dRest, t, Four.off(d, t, one));
    return Four.fma(q, left, Four.fma(nRest, t, Four.lost(t, n, q)));
  }
}

/** A sum that, rounded to double, lies halfway between two float32 goes wrong when it is rounded again. */
function careful(a: v128, b: v128, c: v128): v128 {
  const low = f64x2.add(f64x2.mul(Four.low(a), Four.low(b)), Four.low(c));
  const high = f64x2.add(f64x2.mul(Four.high(a), Four.high(b)), Four.high(c));
  const mask = i64x2.splat(0x1fffffff);
  const half = i64x2.splat(0x10000000);
  const doubtful = v128.or(i64x2.eq(v128.and(low, mask), half), i64x2.eq(v128.and(high, mask), half));
  if (!v128.any_true(doubtful)) return Four.narrow(low, high);
  let r = f32x4.splat(lane(a, b, c));
  for (let i = 1; i < 4; i++) {
    a = turned(a);
    b = turned(b);
    c = turned(c);
    r = f32x4.replace_lane(turned(r), 3, lane(a, b, c));
  }
  return r;
}

function lane(a: v128, b: v128, c: v128): f32 {
  return Fma.of32(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0), f32x4.extract_lane(c, 0));
}

/** The next lane in the first one's place. */
function turned(a: v128): v128 {
  return v128.shuffle<i32>(a, a, 1, 2, 3, 0);
}

/** o = c + a·b of `n` dense float32, rounded once; `step` from one b to the next: 4, or 0 for a single one. */
export function mulAddAll(n: i32, o: usize, a: usize, b: usize, step: usize, c: usize): void {
  let left = n;
  for (; left >= 4; left -= 4) {
    const factor = step === 0 ? v128.load_splat<f32>(b) : v128.load(b);
    v128.store(o, Four.sure(v128.load(a), factor, v128.load(c)));
    o += 16;
    a += 16;
    b += 4 * step;
    c += 16;
  }
  for (; left > 0; left--) {
    store<f32>(o, Fma.of32(load<f32>(a), load<f32>(b), load<f32>(c)));
    o += 4;
    a += 4;
    b += step;
    c += 4;
  }
}
