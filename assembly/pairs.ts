/** Functions of four pairs of float32 at a time, by way of doubles, two at a time; what is special goes one by one. */
import { mulAdd } from "./lanes";
import { remainder } from "./number";

/** Coefficients, lowest power first: log2(m) / s in s², s = (m - 1) / (m + 1), m in [√½, √2]; 2^f, f in [-½, ½]. */
const LOG2: usize = memory.data<f64>(
  [2.8853900817900877, 0.9617966733421851, 0.5770835848752656, 0.4116727250490513, 0.34072998558994455],
  16,
);
const EXP2: usize = memory.data<f64>(
  [
    0.9999999999997651, 0.6931471805465079, 0.2402265069887924, 0.05550410939351008, 0.009618128543151597,
    0.0013333452053692699, 0.0001540385151021558, 1.5309739649478626e-5, 1.3175916449836844e-6,
  ],
  16,
);

function k2(table: usize, i: usize): v128 {
  return v128.load64_splat(table + (i << 3));
}

/** The upper two float32 as doubles. */
function upper(a: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 1));
}

/** log2 of m = 1 + … with exponent e. */
function log2(m: v128, e: v128): v128 {
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  let p = mulAdd<f64>(k2(LOG2, 4), z, k2(LOG2, 3));
  p = mulAdd<f64>(p, z, k2(LOG2, 2));
  p = mulAdd<f64>(p, z, k2(LOG2, 1));
  p = mulAdd<f64>(p, z, k2(LOG2, 0));
  return mulAdd<f64>(s, p, e);
}

/** 2^t for |t| < 1000; adding 1.5 · 2^52 rounds to a whole number that stands in the low bits. */
function exp2(t: v128): v128 {
  const magic = f64x2.splat(6755399441055744);
  const whole = f64x2.add(t, magic);
  const f = f64x2.sub(t, f64x2.sub(whole, magic));
  let p = mulAdd<f64>(k2(EXP2, 8), f, k2(EXP2, 7));
  p = mulAdd<f64>(p, f, k2(EXP2, 6));
  p = mulAdd<f64>(p, f, k2(EXP2, 5));
  p = mulAdd<f64>(p, f, k2(EXP2, 4));
  p = mulAdd<f64>(p, f, k2(EXP2, 3));
  p = mulAdd<f64>(p, f, k2(EXP2, 2));
  p = mulAdd<f64>(p, f, k2(EXP2, 1));
  p = mulAdd<f64>(p, f, k2(EXP2, 0));
  return f64x2.mul(p, i64x2.shl(i64x2.add(whole, i64x2.splat(1023)), 52));
}

/** C's pow. Below 0 there is one for whole exponents only; its sign is that of the odd ones. */
export function pow4(a: v128, b: v128): v128 {
  const size = f32x4.abs(a);
  const bits = i32x4.sub(size, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(bits, 23);
  const m = i32x4.sub(size, i32x4.shl(exponent, 23));
  const low = f64x2.mul(
    f64x2.promote_low_f32x4(b),
    log2(f64x2.promote_low_f32x4(m), f64x2.convert_low_i32x4_s(exponent)),
  );
  const high = f64x2.mul(
    upper(b),
    log2(upper(m), f64x2.convert_low_i32x4_s(v128.shuffle<i64>(exponent, exponent, 1, 1))),
  );
  // Normal numbers, exponents that float32 tells apart by ones, results that are normal.
  const normal = i32x4.lt_u(i32x4.sub(size, i32x4.splat(0x00800000)), i32x4.splat(0x7f000000));
  const tame = v128.and(normal, f32x4.lt(f32x4.abs(b), f32x4.splat(4194304)));
  const limit = f64x2.splat(126);
  const within = v128.and(f64x2.lt(f64x2.abs(low), limit), f64x2.lt(f64x2.abs(high), limit));
  if (!i32x4.all_true(tame) || !i64x2.all_true(within)) return singly4<Pow>(a, b);
  const value = v128.shuffle<i64>(
    f32x4.demote_f64x2_zero(exp2(low)),
    f32x4.demote_f64x2_zero(exp2(high)),
    0,
    2,
  );
  const negative = f32x4.lt(a, f32x4.splat(0));
  if (!v128.any_true(negative)) return value;
  const integer = i32x4.trunc_sat_f32x4_s(b);
  const whole = f32x4.eq(f32x4.convert_i32x4_s(integer), b);
  const signed = v128.xor(value, v128.and(i32x4.shl(integer, 31), negative));
  return v128.bitselect(f32x4.splat(NaN), signed, v128.andnot(negative, whole));
}

/** What is left of two doubles, with the sign of a; exact where the quotient has fewer than 29 bits. */
function rest2(a: v128, b: v128, quotient: v128): v128 {
  return f64x2.sub(a, f64x2.mul(quotient, b));
}

/** Python's modulo: the sign of the divisor. */
export function remainder4(a: v128, b: v128): v128 {
  const a0 = f64x2.promote_low_f32x4(a);
  const b0 = f64x2.promote_low_f32x4(b);
  const a1 = upper(a);
  const b1 = upper(b);
  const q0 = f64x2.trunc(f64x2.div(a0, b0));
  const q1 = f64x2.trunc(f64x2.div(a1, b1));
  const limit = f64x2.splat(268435456);
  const within = v128.and(f64x2.lt(f64x2.abs(q0), limit), f64x2.lt(f64x2.abs(q1), limit));
  const finite = f32x4.lt(f32x4.abs(b), f32x4.splat(Infinity));
  if (!i64x2.all_true(within) || !i32x4.all_true(finite)) return singly4<Remainder>(a, b);
  const r = v128.shuffle<i64>(
    f32x4.demote_f64x2_zero(rest2(a0, b0, q0)),
    f32x4.demote_f64x2_zero(rest2(a1, b1, q1)),
    0,
    2,
  );
  const zero = f32x4.splat(0);
  const rest = v128.bitselect(v128.and(a, f32x4.splat(-0.0)), r, f32x4.eq(r, zero));
  const other = v128.and(v128.xor(f32x4.lt(r, zero), f32x4.lt(b, zero)), f32x4.ne(r, zero));
  return v128.bitselect(f32x4.add(rest, b), rest, other);
}

class Pow {
  @inline of(a: f32, b: f32): f32 {
    if (b === 0 || a === 1 || (a === -1 && abs(b) === <f32>Infinity)) return 1;
    return NativeMathf.pow(a, b);
  }
}

class Remainder {
  @inline of(a: f32, b: f32): f32 {
    return remainder<f32>(a, b);
  }
}

function singly4<OP>(a: v128, b: v128): v128 {
  const op = changetype<OP>(0);
  let r = f32x4.splat(op.of(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  r = f32x4.replace_lane(r, 1, op.of(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  r = f32x4.replace_lane(r, 2, op.of(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(r, 3, op.of(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}
