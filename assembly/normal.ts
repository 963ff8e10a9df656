/**
 * Normal numbers by Box and Muller: sixteen at a time out of as many uniform ones, or two at a time of which one is
 * kept. float32 goes by PyTorch's AVX2 kernel, with its own polynomials, operation by operation.
 */
import { cos, log, sin, sincos } from "./clib";
import { fma32, fma64 } from "./fused";
import { unit32, unit64 } from "./mersenne";

const TWO_PI: f64 = 6.283185307179586;
/** Offsets in a generator's block: is a number kept, and which. */
const KEPT: usize = 2504;
const VALUE: usize = 2512;

/** One number; every second one is what the call before kept. */
export function normal64(g: usize, mean: f64, std: f64): f64 {
  let x: f64;
  if (load<i32>(g, KEPT)) {
    x = load<f64>(g, VALUE);
    store<i32>(g, 0, KEPT);
  } else {
    const u = unit64(g);
    const radius = sqrt(-2 * log(1 - unit64(g)));
    sincos(TWO_PI * u);
    store<i32>(g, 1, KEPT);
    store<f64>(g, radius * sin, VALUE);
    x = radius * cos;
  }
  return fma64(x, std, mean);
}

/** Sixteen uniform numbers become normal ones. */
function sixteen64(at: usize, mean: f64, std: f64): void {
  for (let j = 0; j < 8; j++, at += 8) {
    const radius = sqrt(-2 * log(1 - load<f64>(at)));
    sincos(TWO_PI * load<f64>(at, 64));
    store<f64>(at, fma64(radius * cos, std, mean));
    store<f64>(at, fma64(radius * sin, std, mean), 64);
  }
}

/** `n` ≥ 16 numbers side by side; where 16 does not divide n, the last sixteen are drawn anew. */
export function fill64(g: usize, o: usize, n: i32, mean: f64, std: f64): void {
  for (let i = 0; i < n; i++) store<f64>(o + ((<usize>i) << 3), unit64(g));
  for (let i = 0; i < n - 15; i += 16) sixteen64(o + ((<usize>i) << 3), mean, std);
  if ((n & 15) === 0) return;
  const last = o + ((<usize>(n - 16)) << 3);
  for (let i = 0; i < 16; i++) store<f64>(last + ((<usize>i) << 3), unit64(g));
  sixteen64(last, mean, std);
}

/** As `fill64`. */
export function fill32(g: usize, o: usize, n: i32, mean: f32, std: f32): void {
  for (let i = 0; i < n; i++) store<f32>(o + ((<usize>i) << 2), unit32(g));
  for (let i = 0; i < n - 15; i += 16) sixteen32(o + ((<usize>i) << 2), mean, std);
  if ((n & 15) === 0) return;
  const last = o + ((<usize>(n - 16)) << 2);
  for (let i = 0; i < 16; i++) store<f32>(last + ((<usize>i) << 2), unit32(g));
  sixteen32(last, mean, std);
}

function sixteen32(at: usize, mean: f32, std: f32): void {
  for (let from: usize = 0; from < 32; from += 16) {
    const u = v128.load(at + from);
    const v = v128.load(at + from, 32);
    doubtful = i64x2.splat(0);
    let radius = radius4<f32>(u);
    const theta = f32x4.mul(v, f32x4.splat(6.2831854820251465));
    turn4<f32>(theta);
    if (v128.any_true(doubtful)) {
      radius = radius4<f64>(u);
      turn4<f64>(theta);
    }
    scaled(at + from, f32x4.mul(radius, cosines), mean, std);
    scaled(at + from + 32, f32x4.mul(radius, sines), mean, std);
  }
}

/** Four numbers times std plus mean, which may be anything: rounded with care. */
function scaled(at: usize, x: v128, mean: f32, std: f32): void {
  if (mean === 0 && std === 1) {
    v128.store(at, f32x4.add(x, f32x4.splat(0)));
    return;
  }
  v128.store(at, exact4(x, f32x4.splat(std), f32x4.splat(mean)));
}

/** Lanes in which a product and sum, rounded to f64, lies halfway between two f32: one more rounding may go wrong. */
let doubtful: v128 = i64x2.splat(0);

function exact4(a: v128, b: v128, c: v128): v128 {
  let r = f32x4.splat(fma32(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0), f32x4.extract_lane(c, 0)));
  r = f32x4.replace_lane(
    r,
    1,
    fma32(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1), f32x4.extract_lane(c, 1)),
  );
  r = f32x4.replace_lane(
    r,
    2,
    fma32(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2), f32x4.extract_lane(c, 2)),
  );
  return f32x4.replace_lane(
    r,
    3,
    fma32(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3), f32x4.extract_lane(c, 3)),
  );
}

function wide(a: v128, b: v128, c: v128): v128 {
  const s = f64x2.add(
    f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)),
    f64x2.promote_low_f32x4(c),
  );
  doubtful = v128.or(doubtful, i64x2.eq(v128.and(s, i64x2.splat(0x1fffffff)), i64x2.splat(0x10000000)));
  return s;
}

/** a·b + c; `F` is f64 where every lane is to be rounded with care, f32 where doubtful ones are to be noted. */
function fma4<F>(a: v128, b: v128, c: v128): v128 {
  if (sizeof<F>() === 8) return exact4(a, b, c);
  const low = f32x4.demote_f64x2_zero(wide(a, b, c));
  const high = f32x4.demote_f64x2_zero(wide(upper(a), upper(b), upper(c)));
  return v128.shuffle<i64>(low, high, 0, 2);
}

function upper(a: v128): v128 {
  return v128.shuffle<i64>(a, a, 1, 1);
}

/** √(-2 ln(1 - u)) */
function radius4<F>(u: v128): v128 {
  const one = f32x4.splat(1);
  const half = f32x4.splat(0.5);
  const x = f32x4.sub(one, u);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126)));
  const m = v128.or(v128.and(x, i32x4.splat(0x807fffff)), half);
  const small = f32x4.lt(m, f32x4.splat(0.7071067690849304));
  e = f32x4.sub(e, v128.and(one, small));
  const r = f32x4.add(f32x4.sub(m, one), v128.and(m, small));
  let y = f32x4.splat(0.07037683576345444);
  y = fma4<F>(y, r, f32x4.splat(-0.11514610052108765));
  y = fma4<F>(y, r, f32x4.splat(0.11676998436450958));
  y = fma4<F>(y, r, f32x4.splat(-0.12420140951871872));
  y = fma4<F>(y, r, f32x4.splat(0.14249323308467865));
  y = fma4<F>(y, r, f32x4.splat(-0.16668057441711426));
  y = fma4<F>(y, r, f32x4.splat(0.2000071406364441));
  y = fma4<F>(y, r, f32x4.splat(-0.24999994039535522));
  y = fma4<F>(y, r, f32x4.splat(0.3333333134651184));
  const rr = f32x4.mul(r, r);
  y = fma4<F>(f32x4.mul(y, r), rr, f32x4.mul(e, f32x4.splat(-0.00021219444170128554)));
  y = f32x4.add(r, fma4<F>(rr, f32x4.splat(-0.5), y));
  y = fma4<F>(e, f32x4.splat(0.693359375), y);
  return f32x4.sqrt(f32x4.mul(y, f32x4.splat(-2)));
}

let sines: v128 = i64x2.splat(0);
let cosines: v128 = i64x2.splat(0);

/** Leaves sine and cosine of x ≥ 0 in `sines` and `cosines`. */
function turn4<F>(x: v128): void {
  // The octant, made even: x less it times π/4, which is taken off in three parts.
  const j = v128.and(
    i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.mul(x, f32x4.splat(1.2732394933700562))), i32x4.splat(1)),
    i32x4.splat(-2),
  );
  const octant = f32x4.convert_i32x4_s(j);
  const sineSign = i32x4.shl(v128.and(j, i32x4.splat(4)), 29);
  const cosineSign = i32x4.shl(v128.andnot(i32x4.splat(4), i32x4.sub(j, i32x4.splat(2))), 29);
  const asItIs = i32x4.eq(v128.and(j, i32x4.splat(2)), i32x4.splat(0));
  let r = fma4<F>(octant, f32x4.splat(-0.78515625), x);
  r = fma4<F>(octant, f32x4.splat(-0.00024187564849853516), r);
  r = fma4<F>(octant, f32x4.splat(-3.774895063202166e-8), r);
  const z = f32x4.mul(r, r);
  let c = fma4<F>(f32x4.splat(2.44331567955669e-5), z, f32x4.splat(-0.0013887316454201937));
  c = fma4<F>(c, z, f32x4.splat(0.04166664555668831));
  c = fma4<F>(f32x4.mul(c, z), z, f32x4.mul(z, f32x4.splat(-0.5)));
  c = f32x4.add(c, f32x4.splat(1));
  let s = fma4<F>(f32x4.splat(-0.00019515295571181923), z, f32x4.splat(0.008332161232829094));
  s = fma4<F>(s, z, f32x4.splat(-0.16666655242443085));
  s = fma4<F>(f32x4.mul(s, z), r, r);
  sines = v128.xor(v128.bitselect(s, c, asItIs), sineSign);
  cosines = v128.xor(v128.bitselect(c, s, asItIs), cosineSign);
}
