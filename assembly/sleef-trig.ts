/** sin and cos of four float32 as `sleef.ts`: x less a multiple of π with what rounding takes away, then a polynomial. */
import { Four } from "./single";
import { EXP, K } from "./sleef";
import { cos, sin } from "./trig";

/** 1 / π, -π in three parts, then p from the highest power down: sin(r) = r·(1 + r²·(c + r²·p(r²))). */
const SINE: usize = memory.data<f32>(
  [
    0.318309886183790671538, -3.1414794921875, -0.00011315941810607910156, -1.9841872589410058936e-9,
    2.6083159809786593541503e-6, -0.0001981069071916863322258, 0.00833307858556509017944336,
    -0.166666597127914428710938,
  ],
  16,
);

/** From here on, and for what is no number, one by one. */
const FAR: f32 = 125;

/** sin(r + rRest) for |r| up to π / 2. */
function fromReduced(r: v128, rRest: v128): v128 {
  const s = f32x4.mul(r, r);
  const sRest = Four.fma(f32x4.add(r, r), rRest, Four.lost(r, r, s));
  let u = Four.fma(K.of(SINE, 4), s, K.of(SINE, 5));
  u = Four.fma(u, s, K.of(SINE, 6));
  const us = f32x4.mul(u, s);
  const c = K.of(SINE, 7);
  const a = f32x4.add(c, us);
  const as = f32x4.mul(a, s);
  const asRest = Four.productRest(a, Four.near(c, us, a), s, sRest, as);
  const one = K.of(EXP, 9);
  const x = f32x4.add(one, as);
  const xRest = f32x4.add(Four.near(one, as, x), asRest);
  return Four.fma(r, x, Four.fma(rRest, x, f32x4.mul(r, xRest)));
}

export function sin4(x: v128): v128 {
  if (!i32x4.all_true(f32x4.lt(f32x4.abs(x), f32x4.splat(FAR)))) return each(x, 0);
  const u = f32x4.nearest(f32x4.mul(x, K.of(SINE, 0)));
  const v = Four.fma(u, K.of(SINE, 1), x);
  const second = f32x4.mul(u, K.of(SINE, 2));
  const s = f32x4.add(v, second);
  const third = f32x4.mul(u, K.of(SINE, 3));
  const r = f32x4.add(s, third);
  const rRest = f32x4.add(Four.near(s, third, r), Four.far(v, second, s));
  const odd = i32x4.shl(i32x4.trunc_sat_f32x4_s(u), 31);
  return v128.bitselect(x, v128.xor(fromReduced(r, rRest), odd), i32x4.eq(x, i32x4.splat(0x80000000)));
}

export function cos4(x: v128): v128 {
  if (!i32x4.all_true(f32x4.lt(f32x4.abs(x), f32x4.splat(FAR)))) return each(x, 1);
  // An odd multiple of π / 2.
  const half = f32x4.splat(0.5);
  const turns = f32x4.nearest(Four.fma(x, K.of(SINE, 0), f32x4.neg(half)));
  const q = f32x4.add(f32x4.add(turns, turns), K.of(EXP, 9));
  const first = f32x4.mul(q, f32x4.mul(K.of(SINE, 1), half));
  const s = f32x4.add(x, first);
  const second = f32x4.mul(q, f32x4.mul(K.of(SINE, 2), half));
  const t = f32x4.add(s, second);
  const tRest = f32x4.add(Four.far(s, second, t), Four.far(x, first, s));
  const third = f32x4.mul(q, f32x4.mul(K.of(SINE, 3), half));
  const r = f32x4.add(t, third);
  const rRest = f32x4.add(Four.far(t, third, r), tRest);
  const down = i32x4.shl(v128.not(i32x4.shr_s(i32x4.trunc_sat_f32x4_s(q), 1)), 31);
  return v128.xor(fromReduced(r, rRest), down);
}

function each(x: v128, quarters: i32): v128 {
  let value = f32x4.splat(one(f32x4.extract_lane(x, 0), quarters));
  value = f32x4.replace_lane(value, 1, one(f32x4.extract_lane(x, 1), quarters));
  value = f32x4.replace_lane(value, 2, one(f32x4.extract_lane(x, 2), quarters));
  return f32x4.replace_lane(value, 3, one(f32x4.extract_lane(x, 3), quarters));
}

/** Among numbers that are far off, one that is near goes as if it were alone. */
function one(x: f32, quarters: i32): f32 {
  if (abs(x) < FAR) {
    const four = f32x4.splat(x);
    return f32x4.extract_lane(quarters ? cos4(four) : sin4(four), 0);
  }
  return quarters ? cos<f32>(x) : sin<f32>(x);
}
