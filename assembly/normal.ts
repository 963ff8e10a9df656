/**
 * Normal numbers by Box and Muller: sixteen at a time out of as many uniform ones, or two at a time of which one is
 * kept. float32 goes by PyTorch's AVX2 kernel, with its own polynomials, operation by operation.
 */
import { cos, log, sin, sincos } from "./clib";
import { Fma } from "./fused";
import { unit64, units32, units64 } from "./mersenne";
import { Four } from "./single";

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
  return Fma.of64(x, std, mean);
}

/** Sixteen uniform numbers become normal ones. */
function sixteen64(at: usize, mean: f64, std: f64): void {
  for (let j = 0; j < 8; j++, at += 8) {
    const radius = sqrt(-2 * log(1 - load<f64>(at)));
    sincos(TWO_PI * load<f64>(at, 64));
    store<f64>(at, Fma.of64(radius * cos, std, mean));
    store<f64>(at, Fma.of64(radius * sin, std, mean), 64);
  }
}

/** `n` ≥ 16 numbers side by side; where 16 does not divide n, the last sixteen are drawn anew. */
export function fill64(g: usize, o: usize, n: i32, mean: f64, std: f64): void {
  units64(g, o, n);
  for (let i = 0; i < n - 15; i += 16) sixteen64(o + ((<usize>i) << 3), mean, std);
  if ((n & 15) === 0) return;
  const last = o + ((<usize>(n - 16)) << 3);
  units64(g, last, 16);
  sixteen64(last, mean, std);
}

/** As `fill64`. */
export function fill32(g: usize, o: usize, n: i32, mean: f32, std: f32): void {
  units32(g, o, n);
  for (let i = 0; i < n - 15; i += 16) sixteen32(o + ((<usize>i) << 2), mean, std);
  if ((n & 15) === 0) return;
  const last = o + ((<usize>(n - 16)) << 2);
  units32(g, last, 16);
  sixteen32(last, mean, std);
}

function sixteen32(at: usize, mean: f32, std: f32): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    four<i32>(at, mean, std);
    four<i32>(at + 16, mean, std);
    return;
  }
  for (let from = at; from < at + 32; from += 16) {
    const u = v128.load(from);
    const v = v128.load(from, 32);
    doubtful = i64x2.splat(0);
    four<f32>(from, mean, std);
    if (v128.any_true(doubtful)) {
      v128.store(from, u);
      v128.store(from, v, 32);
      four<f64>(from, mean, std);
    }
  }
}

/** Four pairs, 32 bytes apart. `F` says how products and sums are rounded; see `Fma4`. */
function four<F>(at: usize, mean: f32, std: f32): void {
  const radius = radius4<F>(v128.load(at));
  turn4<F>(f32x4.mul(v128.load(at, 32), f32x4.splat(6.2831854820251465)));
  scaled(at, f32x4.mul(radius, cosines), mean, std);
  scaled(at + 32, f32x4.mul(radius, sines), mean, std);
}

/** Four numbers times std plus mean, which may be anything: rounded with care. */
function scaled(at: usize, x: v128, mean: f32, std: f32): void {
  if (mean === 0 && std === 1) v128.store(at, f32x4.add(x, f32x4.splat(0)));
  else v128.store(at, Four.sure(x, f32x4.splat(std), f32x4.splat(mean)));
}

/** Lanes in which a product and sum, rounded to f64, lies halfway between two f32: one more rounding may go wrong. */
let doubtful: v128 = i64x2.splat(0);

/** a·b + c: by the instruction where `F` is i32, every lane with care where it is f64, the doubtful ones noted where it is f32. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
class Fma4 {
  @inline static of<F>(a: v128, b: v128, c: v128): v128 {
    if (isInteger<F>()) return v128.relaxed_madd<f32>(a, b, c);
    if (sizeof<F>() === 8) return Four.sure(a, b, c);
    const low = f64x2.add(f64x2.mul(Four.low(a), Four.low(b)), Four.low(c));
    const high = f64x2.add(f64x2.mul(Four.high(a), Four.high(b)), Four.high(c));
    const mask = i64x2.splat(0x1fffffff);
    const half = i64x2.splat(0x10000000);
    const either = v128.or(i64x2.eq(v128.and(low, mask), half), i64x2.eq(v128.and(high, mask), half));
    doubtful = v128.or(doubtful, either);
    return Four.narrow(low, high);
  }
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
  y = Fma4.of<F>(y, r, f32x4.splat(-0.11514610052108765));
  y = Fma4.of<F>(y, r, f32x4.splat(0.11676998436450958));
  y = Fma4.of<F>(y, r, f32x4.splat(-0.12420140951871872));
  y = Fma4.of<F>(y, r, f32x4.splat(0.14249323308467865));
  y = Fma4.of<F>(y, r, f32x4.splat(-0.16668057441711426));
  y = Fma4.of<F>(y, r, f32x4.splat(0.2000071406364441));
  y = Fma4.of<F>(y, r, f32x4.splat(-0.24999994039535522));
  y = Fma4.of<F>(y, r, f32x4.splat(0.3333333134651184));
  const rr = f32x4.mul(r, r);
  y = Fma4.of<F>(f32x4.mul(y, r), rr, f32x4.mul(e, f32x4.splat(-0.00021219444170128554)));
  // Products with a number of few bits are exact.
  y = f32x4.add(r, f32x4.sub(y, f32x4.mul(rr, half)));
  y = f32x4.add(f32x4.mul(e, f32x4.splat(0.693359375)), y);
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
  let r = f32x4.sub(x, f32x4.mul(octant, f32x4.splat(0.78515625)));
  r = f32x4.sub(r, f32x4.mul(octant, f32x4.splat(0.00024187564849853516)));
  r = Fma4.of<F>(octant, f32x4.splat(-3.774895063202166e-8), r);
  const z = f32x4.mul(r, r);
  let c = Fma4.of<F>(f32x4.splat(2.44331567955669e-5), z, f32x4.splat(-0.0013887316454201937));
  c = Fma4.of<F>(c, z, f32x4.splat(0.04166664555668831));
  c = Fma4.of<F>(f32x4.mul(c, z), z, f32x4.mul(z, f32x4.splat(-0.5)));
  c = f32x4.add(c, f32x4.splat(1));
  let s = Fma4.of<F>(f32x4.splat(-0.00019515295571181923), z, f32x4.splat(0.008332161232829094));
  s = Fma4.of<F>(s, z, f32x4.splat(-0.16666655242443085));
  s = Fma4.of<F>(f32x4.mul(s, z), r, r);
  sines = v128.xor(v128.bitselect(s, c, asItIs), sineSign);
  cosines = v128.xor(v128.bitselect(c, s, asItIs), cosineSign);
}
