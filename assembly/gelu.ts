/**
 * GELU of dense float32, and its slope, as the library has them that PyTorch calls for it (oneDNN): the error function by
 * Abramowitz and Stegun's approximation, with an exp of its own.
 */
import { Four } from "./single";

/** erf: p and the polynomial in 1 / (1 + p|x|) from the highest power down; exp's polynomial; √½, 1 / √π, 1 / ln 2, ln 2. */
const GELU: usize = memory.data<u32>(
  [
    0x3ea7ba05, 0x3f87dc22, 0xbfba00e3, 0x3fb5f0e3, 0xbe91a98e, 0x3e827906, 0x3c07cfce, 0x3d2b9d0d,
    0x3e2aad40, 0x3efffee3, 0x3f7ffffb, 0x3f3504f3, 0x3f106eba, 0x3fb8aa3b, 0x3f317218,
  ],
  16,
);

function k(i: usize): v128 {
  return v128.load32_splat(GELU + (i << 2));
}

/** exp(x) for x ≤ 0; 0 where it would be subnormal. */
function exp(x: v128): v128 {
  const least = f32x4.splat(-87.33654022216797);
  const one = f32x4.splat(1);
  const bounded = f32x4.pmax(x, least);
  const n = f32x4.floor(f32x4.add(f32x4.mul(bounded, k(13)), f32x4.splat(0.5)));
  const r = Four.sure(f32x4.neg(n), k(14), bounded);
  let p = k(6);
  for (let i: usize = 7; i <= 10; i++) p = Four.sure(p, r, k(i));
  p = Four.sure(p, r, one);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.sub(n, one)), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(f32x4.mul(p, power), f32x4.splat(2)), f32x4.lt(x, least));
}

/** GELU(x) = h + h·erf(x/√2), h = x/2; its slope (1 + erf(x/√2)) / 2 + x·exp(-x²/2) / √(2π). */
function gelu4(x: v128, slope: bool): v128 {
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  const r = f32x4.mul(x, k(11));
  const q = exp(f32x4.neg(f32x4.mul(r, r)));
  const t = f32x4.div(one, Four.sure(k(0), f32x4.abs(r), one));
  let p = k(1);
  for (let i: usize = 2; i <= 5; i++) p = Four.sure(p, t, k(i));
  const size = Four.sure(f32x4.neg(f32x4.mul(q, t)), p, one);
  const erf = v128.xor(size, v128.and(r, f32x4.splat(-0.0)));
  if (slope) return Four.sure(erf, half, f32x4.add(f32x4.mul(f32x4.mul(r, k(12)), q), half));
  const h = f32x4.mul(x, half);
  return Four.sure(erf, h, h);
}

export function geluAll(n: i32, o: usize, a: usize, slope: bool): void {
  let left = n;
  for (; left >= 4; left -= 4) {
    v128.store(o, gelu4(v128.load(a), slope));
    o += 16;
    a += 16;
  }
  for (; left > 0; left--) {
    v128.store_lane<f32>(o, gelu4(v128.load32_splat(a), slope), 0);
    o += 4;
    a += 4;
  }
}
