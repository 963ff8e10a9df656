/**
 * MT19937 as PyTorch's CPU generator runs it. A generator is a block of the caller's: the state words, how many are
 * left, where the next one stands, and the normal numbers that are kept for later (see `BLOCK`).
 */

const N = 624;
const M = 397;
/** Offsets in the block; autograd/random.ts reads and writes them too. */
const LEFT: usize = 2496;
const NEXT: usize = 2500;

/** Begin the stream of `seed`. */
export function seed(g: usize, seed: u32): void {
  let word = seed;
  store<u32>(g, word);
  for (let j = 1; j < N; j++) {
    word = 1812433253 * (word ^ (word >> 30)) + j;
    store<u32>(g + ((<usize>j) << 2), word);
  }
  store<i32>(g, 1, LEFT);
  store<i32>(g, 0, NEXT);
}

/** One renewed word, from it, the one after it and one further on. */
function mix(word: u32, after: u32, other: u32): u32 {
  const mixed = (word & 0x80000000) | (after & 0x7fffffff);
  return other ^ (mixed >> 1) ^ (after & 1 ? 0x9908b0df : 0);
}

function twist(g: usize, from: i32, to: i32, shift: i32): void {
  const top = i32x4.splat(0x80000000);
  const magic = i32x4.splat(0x9908b0df);
  const one = i32x4.splat(1);
  let at = g + ((<usize>from) << 2);
  const end = g + ((<usize>to) << 2);
  const apart = <usize>(shift << 2);
  for (; at + 16 <= end; at += 16) {
    const after = v128.load(at, 4);
    const mixed = v128.bitselect(v128.load(at), after, top);
    const odd = v128.and(i32x4.eq(v128.and(after, one), one), magic);
    v128.store(at, v128.xor(v128.xor(v128.load(at + apart), i32x4.shr_u(mixed, 1)), odd));
  }
  for (; at < end; at += 4) store<u32>(at, mix(load<u32>(at), load<u32>(at, 4), load<u32>(at + apart)));
}

function nextState(g: usize): void {
  twist(g, 0, N - M, M);
  twist(g, N - M, N - 1, M - N);
  const last = g + ((N - 1) << 2);
  store<u32>(last, mix(load<u32>(last), load<u32>(g), load<u32>(g + ((M - 1) << 2))));
  store<i32>(g, N, LEFT);
  store<i32>(g, 0, NEXT);
}

function temper(word: u32): u32 {
  let y = word;
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >> 18);
}

/** 32 random bits. */
export function draw32(g: usize): u32 {
  const left = load<i32>(g, LEFT) - 1;
  store<i32>(g, left, LEFT);
  if (left === 0) nextState(g);
  const next = load<i32>(g, NEXT);
  store<i32>(g, next + 1, NEXT);
  let y = load<u32>(g + ((<usize>next) << 2));
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >> 18);
}

/** 64 random bits: the first draw is the upper half. */
export function draw64(g: usize): u64 {
  const high = draw32(g);
  return ((<u64>high) << 32) | draw32(g);
}

/** A multiple of 2^-24 in [0, 1). */
export function unit32(g: usize): f32 {
  return <f32>(draw32(g) & 0xffffff) * <f32>5.960464477539063e-8;
}

/** A multiple of 2^-53 in [0, 1). */
export function unit64(g: usize): f64 {
  return <f64>(draw64(g) & 0x1fffffffffffff) * 1.1102230246251565e-16;
}

/** `n` numbers of `unit64`, side by side. */
export function units64(g: usize, o: usize, n: i32): void {
  let at = o;
  for (let i = 0; i < n; ) {
    const left = load<i32>(g, LEFT) - 1;
    const next = load<i32>(g, NEXT);
    const count = min(left >> 1, n - i);
    // Two words each, as long as they are there; else by way of a renewal.
    const words = g + ((<usize>next) << 2);
    for (let j = 0; j < count; j++) {
      const high = <u64>temper(load<u32>(words + ((<usize>j) << 3)));
      const bits = (high << 32) | temper(load<u32>(words + ((<usize>j) << 3), 4));
      store<f64>(at + ((<usize>j) << 3), <f64>(bits & 0x1fffffffffffff) * 1.1102230246251565e-16);
    }
    store<i32>(g, left + 1 - 2 * count, LEFT);
    store<i32>(g, next + 2 * count, NEXT);
    at += (<usize>count) << 3;
    i += count;
    if (i === n) return;
    store<f64>(at, unit64(g));
    at += 8;
    i++;
  }
}

/** `n` numbers of `unit32`, side by side. */
export function units32(g: usize, o: usize, n: i32): void {
  let at = o;
  for (let wanted = n; wanted > 0; ) {
    // A renewal is part of the draw that finds nothing left.
    let left = load<i32>(g, LEFT) - 1;
    if (left === 0) {
      nextState(g);
      left = N;
    }
    const next = load<i32>(g, NEXT);
    const count = min(left, wanted);
    someUnits(g + ((<usize>next) << 2), at, count);
    store<i32>(g, left + 1 - count, LEFT);
    store<i32>(g, next + count, NEXT);
    at += (<usize>count) << 2;
    wanted -= count;
  }
}

function someUnits(words: usize, o: usize, n: i32): void {
  const scale: f32 = 5.960464477539063e-8;
  let i = 0;
  for (; i <= n - 4; i += 4) {
    let y = v128.load(words + ((<usize>i) << 2));
    y = v128.xor(y, i32x4.shr_u(y, 11));
    y = v128.xor(y, v128.and(i32x4.shl(y, 7), i32x4.splat(0x9d2c5680)));
    y = v128.xor(y, v128.and(i32x4.shl(y, 15), i32x4.splat(0xefc60000)));
    y = v128.and(v128.xor(y, i32x4.shr_u(y, 18)), i32x4.splat(0xffffff));
    v128.store(o + ((<usize>i) << 2), f32x4.mul(f32x4.convert_i32x4_s(y), f32x4.splat(scale)));
  }
  for (; i < n; i++) {
    const y = temper(load<u32>(words + ((<usize>i) << 2))) & 0xffffff;
    store<f32>(o + ((<usize>i) << 2), <f32>y * scale);
  }
}
