/** tanh, expm1 and erf of four float32 as `sleef.ts`: by way of an exp that is kept with what rounding takes away from it. */
import { Four } from "./single";
import { EXP, K, timesPowerOf2 } from "./sleef";

/** exp's polynomial from the highest power down. */
const POWERS: usize = memory.data<f32>(
  [1.980960224e-4, 1.394256484e-3, 8.333456703e-3, 4.166637361e-2, 0.166666659414234244791],
  16,
);

/** Steps of exp(x + xRest) = 2^q · exp(s + sRest), in line. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
class Parts {
  @inline static u(s: v128): v128 {
    let u = Four.fma(K.of(POWERS, 0), s, K.of(POWERS, 1));
    u = Four.fma(u, s, K.of(POWERS, 2));
    return Four.fma(u, s, K.of(POWERS, 3));
  }
  /** What rounding took away from v = s + s²·b, b = s·a + 1/2, a = s·u + c. */
  @inline static rest(s: v128, sRest: v128, u: v128, a: v128, b: v128, v: v128): v128 {
    const su = f32x4.mul(s, u);
    const aRest = f32x4.add(Four.far(su, K.of(POWERS, 4), a), Four.timesRest(s, sRest, u, su));
    const sa = f32x4.mul(s, a);
    const bRest = f32x4.add(Four.far(sa, K.of(EXP, 8), b), Four.productRest(s, sRest, a, aRest, sa));
    const ss = f32x4.mul(s, s);
    const ssRest = Four.fma(f32x4.add(s, s), sRest, Four.lost(s, s, ss));
    const sb = f32x4.mul(ss, b);
    const sbRest = Four.productRest(ss, ssRest, b, bRest, sb);
    return f32x4.add(Four.far(s, sb, v), f32x4.add(sRest, sbRest));
  }
}

/** What is to be added to the result of `expWithRest`. */
let expRest: v128 = i64x2.splat(0);

/** exp(x + xRest), x between -104 and 104. */
function expWithRest(x: v128, xRest: v128): v128 {
  const q = f32x4.nearest(f32x4.mul(f32x4.add(x, xRest), K.of(EXP, 0)));
  const first = f32x4.mul(q, K.of(EXP, 1));
  const r = f32x4.add(x, first);
  const rRest = f32x4.add(Four.far(x, first, r), xRest);
  const second = f32x4.mul(q, K.of(EXP, 2));
  const s = f32x4.add(r, second);
  const sRest = f32x4.add(Four.far(r, second, s), rRest);
  const u = Parts.u(s);
  const a = f32x4.add(f32x4.mul(s, u), K.of(POWERS, 4));
  const b = f32x4.add(f32x4.mul(s, a), K.of(EXP, 8));
  const v = f32x4.add(s, f32x4.mul(f32x4.mul(s, s), b));
  const vRest = Parts.rest(s, sRest, u, a, b, v);
  const one = K.of(EXP, 9);
  const w = f32x4.add(one, v);
  const power = i32x4.trunc_sat_f32x4_s(q);
  expRest = timesPowerOf2(f32x4.add(Four.near(one, v, w), vRest), power);
  return timesPowerOf2(w, power);
}

/** tanh(x) = (e^y - e^-y) / (e^y + e^-y) with the sign of x, y = |x|; e^y as `expWithRest`. */
export function tanh4(x: v128): v128 {
  const y = f32x4.abs(x);
  // From 8.66 on it is 1.
  const bounded = f32x4.pmin(y, f32x4.splat(10));
  const magic = K.of(EXP, 10);
  const whole = f32x4.add(f32x4.mul(bounded, K.of(EXP, 0)), magic);
  const q = f32x4.sub(whole, magic);
  const first = f32x4.mul(q, K.of(EXP, 1));
  const r = f32x4.add(bounded, first);
  const second = f32x4.mul(q, K.of(EXP, 2));
  const s = f32x4.add(r, second);
  const sRest = f32x4.add(Four.far(r, second, s), Four.far(bounded, first, r));
  const u = Parts.u(s);
  const a = f32x4.add(f32x4.mul(s, u), K.of(POWERS, 4));
  const b = f32x4.add(f32x4.mul(s, a), K.of(EXP, 8));
  const v = f32x4.add(s, f32x4.mul(f32x4.mul(s, s), b));
  const vRest = Parts.rest(s, sRest, u, a, b, v);
  const one = K.of(EXP, 9);
  const w = f32x4.add(one, v);
  const power = i32x4.add(i32x4.shl(whole, 23), one);
  const eRest = f32x4.mul(f32x4.add(Four.near(one, v, w), vRest), power);
  return fromPowers(x, y, f32x4.mul(w, power), eRest);
}

/** The last steps, from e^y. */
function fromPowers(x: v128, y: v128, e: v128, eRest: v128): v128 {
  const one = K.of(EXP, 9);
  const t = f32x4.div(one, e);
  const tRest = f32x4.mul(t, Four.off(eRest, t, Four.off(e, t, one)));
  const minus = f32x4.sub(e, t);
  const minusRest = f32x4.sub(f32x4.add(f32x4.sub(f32x4.sub(e, minus), t), eRest), tRest);
  const plus = f32x4.add(e, t);
  const plusRest = f32x4.add(f32x4.add(Four.near(e, t, plus), eRest), tRest);
  const inverse = f32x4.div(one, plus);
  const q = f32x4.mul(minus, inverse);
  const value = f32x4.add(q, Four.quotientRest(minus, minusRest, plus, plusRest, inverse, q));
  const bounded = v128.bitselect(value, one, f32x4.le(y, f32x4.splat(8.664339742)));
  const signed = v128.bitselect(x, bounded, f32x4.splat(-0.0));
  return v128.bitselect(signed, x, f32x4.eq(x, x));
}

/** e^x - 1 */
export function expm14(x: v128): v128 {
  const e = expWithRest(f32x4.pmax(f32x4.pmin(x, f32x4.splat(104)), f32x4.splat(-104)), f32x4.splat(0));
  const minusOne = f32x4.splat(-1);
  const d = f32x4.add(e, minusOne);
  let value = f32x4.add(d, f32x4.add(Four.far(e, minusOne, d), expRest));
  value = v128.bitselect(f32x4.splat(Infinity), value, f32x4.gt(x, f32x4.splat(88.72283172607421875)));
  value = v128.bitselect(minusOne, value, f32x4.lt(x, f32x4.splat(-16.635532333438687)));
  return v128.bitselect(x, value, i32x4.eq(x, i32x4.splat(0x80000000)));
}

/**
 * For |x| below 1.1, 2.4 and beyond: the coefficients of t from the highest power down, then two constants with what rounding
 * takes away from them.
 */
const ERF: usize = memory.data<f32>(
  [
    7.089292194e-5, -1.792667899e-5, -9.495757695e-6, -7.768311189e-4, 3.93763301e-4, 2.481465926e-4,
    5.159463733e-3, -3.949181177e-3, -2.918176819e-3, -2.683781274e-2, 2.44547464e-2, 2.059706673e-2,
    0.1128318012, -0.107099615, -9.901899844e-2, -0.37612587213516235, -0.634588897228241,
    -0.6435980796813965, -3.865495035171307e-9, -8.680169472086163e-9, 2.9133504497735885e-8,
    1.1283791065216064, -1.1287986040115356, -1.1246148347854614, 5.368898570168312e-8, 4.574459211426074e-8,
    -4.264299491296697e-8,
  ],
  16,
);

/** The three in row `i` of the table, each in its lanes. */
function pick(i: usize, small: v128, middle: v128): v128 {
  return v128.bitselect(
    K.of(ERF, 3 * i),
    v128.bitselect(K.of(ERF, 3 * i + 1), K.of(ERF, 3 * i + 2), middle),
    small,
  );
}

/** A polynomial in x² below 1.1; else 1 - exp of one in |x|. */
export function erf4(x: v128): v128 {
  const y = f32x4.abs(x);
  const small = f32x4.lt(y, f32x4.splat(1.1));
  const middle = f32x4.lt(y, f32x4.splat(2.4));
  const u = v128.bitselect(f32x4.mul(y, y), y, small);
  let t = pick(0, small, middle);
  for (let i: usize = 1; i < 5; i++) t = Four.fma(t, u, pick(i, small, middle));
  const tu = f32x4.mul(t, u);
  const c = pick(5, small, middle);
  const a = f32x4.add(tu, c);
  const aRest = f32x4.add(Four.far(tu, c, a), f32x4.add(Four.lost(t, u, tu), pick(6, small, middle)));
  const au = f32x4.mul(a, u);
  const auRest = Four.timesRest(a, aRest, u, au);
  const k = pick(7, small, middle);
  const b = f32x4.add(au, k);
  const bRest = f32x4.add(Four.far(au, k, b), f32x4.add(auRest, pick(8, small, middle)));
  const d = f32x4.mul(b, y);
  const dRest = Four.timesRest(b, bRest, y, d);
  let value = f32x4.add(d, dRest);
  if (!i32x4.all_true(small)) {
    const one = K.of(EXP, 9);
    // Below 1.1 and from 4 on it does not count.
    const near = v128.andnot(f32x4.lt(y, f32x4.splat(4)), small);
    const e = f32x4.neg(expWithRest(v128.and(d, near), v128.and(dRest, near)));
    const s = f32x4.add(one, e);
    const large = f32x4.add(s, f32x4.sub(Four.near(one, e, s), expRest));
    value = v128.bitselect(value, v128.bitselect(large, one, near), small);
  }
  const signed = v128.bitselect(x, value, f32x4.splat(-0.0));
  return v128.bitselect(signed, x, f32x4.eq(x, x));
}
