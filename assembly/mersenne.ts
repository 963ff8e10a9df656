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

function twist(g: usize, from: i32, to: i32, shift: i32): void {
  for (let j = from; j < to; j++) {
    const at = g + ((<usize>j) << 2);
    const low = load<u32>(at, 4);
    const mixed = (load<u32>(at) & 0x80000000) | (low & 0x7fffffff);
    const other = load<u32>(at + <usize>(shift << 2));
    store<u32>(at, other ^ (mixed >> 1) ^ (low & 1 ? 0x9908b0df : 0));
  }
}

function nextState(g: usize): void {
  twist(g, 0, N - M, M);
  twist(g, N - M, N - 1, M - N);
  const last = g + ((N - 1) << 2);
  const low = load<u32>(g);
  const mixed = (load<u32>(last) & 0x80000000) | (low & 0x7fffffff);
  store<u32>(last, load<u32>(g + ((M - 1) << 2)) ^ (mixed >> 1) ^ (low & 1 ? 0x9908b0df : 0));
  store<i32>(g, N, LEFT);
  store<i32>(g, 0, NEXT);
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
