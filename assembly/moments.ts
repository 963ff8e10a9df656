/**
 * Mean and variance of a row as PyTorch's CPU kernel has them on 256-bit registers: lane by lane, step by step, in chunks that
 * are joined by halves. That part of PyTorch is compiled without fused multiply-add.
 */
import { mulAdd } from "./lanes";
import { VECTOR } from "./registers";

/** Moments of so many registers are taken one after the other, then joined by halves. */
const CHUNK = 16;
/** 1 / (j + 1) */
const SHARES: usize = memory.data<f64>(
  [
    1, 0.5, 0.3333333333333333, 0.25, 0.2, 0.16666666666666666, 0.14285714285714285, 0.125,
    0.1111111111111111, 0.1, 0.09090909090909091, 0.08333333333333333, 0.07692307692307693,
    0.07142857142857142, 0.06666666666666667, 0.0625,
  ],
  16,
);
const SHARES32: usize = memory.data<f32>(
  [
    1, 0.5, 0.3333333333333333, 0.25, 0.2, 0.16666666666666666, 0.14285714285714285, 0.125,
    0.1111111111111111, 0.1, 0.09090909090909091, 0.08333333333333333, 0.07692307692307693,
    0.07142857142857142, 0.06666666666666667, 0.0625,
  ],
  16,
);
/** For each level of halving: a register of means, one of sums of squares, and how many elements they are of. */
const LEVELS: usize = memory.data(32 * 80, 16);
const LEVEL: usize = 80;
const SQUARES: usize = 32;
const COUNT: usize = 64;
/** Means and sums of squares of a register's lanes. */
const FIRST: usize = LEVELS;
const SECOND: usize = LEVELS + SQUARES;

/** Joins `count` more elements in each lane, of means `low` and `high` and sums of squares `low2` and `high2`, into level `to`. */
function addMoments<T>(count: i32, low: v128, high: v128, low2: v128, high2: v128, to: usize): void {
  const before = load<i32>(to, COUNT);
  const n = before + count;
  const share = v128.splat<T>(n === 0 ? <T>0 : <T>(<T>count / <T>n));
  const held = v128.splat<T>(<T>before);
  for (let half: usize = 0; half < 32; half += 16) {
    const at = to + half;
    const mean = v128.load(at);
    const delta = v128.sub<T>(half ? high : low, mean);
    v128.store(at, mulAdd<T>(share, delta, mean));
    const spread = v128.mul<T>(v128.mul<T>(delta, delta), share);
    const more = mulAdd<T>(spread, held, half ? high2 : low2);
    v128.store(at, v128.add<T>(v128.load(at, SQUARES), more), SQUARES);
  }
  store<i32>(to, n, COUNT);
}

function addLevel<T>(to: usize, from: usize): void {
  const count = load<i32>(from, COUNT);
  addMoments<T>(
    count,
    v128.load(from),
    v128.load(from, 16),
    v128.load(from, SQUARES),
    v128.load(from, SQUARES + 16),
    to,
  );
}

function clear(level: usize): void {
  const zero = i64x2.splat(0);
  for (let i: usize = 0; i < LEVEL; i += 16) v128.store(level + i, zero);
}

/** The `i`th chunk is joined: hand on as far as is due. */
function handUp<T>(i: i32, depth: i32): void {
  let mask = i + 1;
  for (let j = 1; j < depth && (mask & 1) === 0; j++) {
    const to = LEVELS + <usize>j * LEVEL;
    addLevel<T>(to, to - LEVEL);
    clear(to - LEVEL);
    mask >>= 1;
  }
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
class Moments {
  @inline static share<T>(j: i32): v128 {
    return sizeof<T>() === 4
      ? v128.load32_splat(SHARES32 + ((<usize>j) << 2))
      : v128.load64_splat(SHARES + ((<usize>j) << 3));
  }
}

/** The moments of `length` registers from `p` on. */
function oneChunk<T>(p: usize, length: i32): void {
  let m0 = v128.splat<T>(0);
  let m1 = m0;
  let q0 = m0;
  let q1 = m0;
  for (let j = 0; j < length; j++) {
    const share = Moments.share<T>(j);
    const x0 = v128.load(p);
    const x1 = v128.load(p, 16);
    const d0 = v128.sub<T>(x0, m0);
    const d1 = v128.sub<T>(x1, m1);
    m0 = mulAdd<T>(d0, share, m0);
    m1 = mulAdd<T>(d1, share, m1);
    q0 = mulAdd<T>(d0, v128.sub<T>(x0, m0), q0);
    q1 = mulAdd<T>(d1, v128.sub<T>(x1, m1), q1);
    p += VECTOR;
  }
  addMoments<T>(length, m0, m1, q0, q1, LEVELS);
}

/** Those of two whole chunks, side by side: each step waits for the one before. */
function twoChunks<T>(p: usize, i: i32, depth: i32): void {
  const apart: usize = CHUNK * VECTOR;
  let m0 = v128.splat<T>(0);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  let q0 = m0;
  let q1 = m0;
  let q2 = m0;
  let q3 = m0;
  for (let j = 0; j < CHUNK; j++) {
    const share = Moments.share<T>(j);
    const x0 = v128.load(p);
    const x1 = v128.load(p, 16);
    const x2 = v128.load(p, apart);
    const x3 = v128.load(p, apart + 16);
    const d0 = v128.sub<T>(x0, m0);
    const d1 = v128.sub<T>(x1, m1);
    const d2 = v128.sub<T>(x2, m2);
    const d3 = v128.sub<T>(x3, m3);
    m0 = mulAdd<T>(d0, share, m0);
    m1 = mulAdd<T>(d1, share, m1);
    m2 = mulAdd<T>(d2, share, m2);
    m3 = mulAdd<T>(d3, share, m3);
    q0 = mulAdd<T>(d0, v128.sub<T>(x0, m0), q0);
    q1 = mulAdd<T>(d1, v128.sub<T>(x1, m1), q1);
    q2 = mulAdd<T>(d2, v128.sub<T>(x2, m2), q2);
    q3 = mulAdd<T>(d3, v128.sub<T>(x3, m3), q3);
    p += VECTOR;
  }
  addMoments<T>(CHUNK, m0, m1, q0, q1, LEVELS);
  handUp<T>(i, depth);
  addMoments<T>(CHUNK, m2, m3, q2, q3, LEVELS);
  handUp<T>(i + 1, depth);
}

/** Lanes' moments over `count` registers from `p` on, to `FIRST` and `SECOND`. */
function laneMoments<T>(p: usize, count: i32): void {
  const chunks = (count + CHUNK - 1) / CHUNK;
  const depth = chunks <= 2 ? 1 : 32 - clz<i32>(chunks - 1);
  for (let j = 0; j < depth; j++) clear(LEVELS + <usize>j * LEVEL);
  const whole = count / CHUNK;
  for (let i = 0; i < chunks; ) {
    const at = p + <usize>(i * CHUNK) * VECTOR;
    if (i + 2 <= whole) {
      twoChunks<T>(at, i, depth);
      i += 2;
    } else {
      oneChunk<T>(at, min<i32>(CHUNK, count - i * CHUNK));
      handUp<T>(i, depth);
      i++;
    }
  }
  for (let j = 1; j < depth; j++) addLevel<T>(LEVELS, LEVELS + <usize>j * LEVEL);
}

/** Mean and 1 / √(variance + eps) of a row of `size` to where they belong. */
export function rowMoments<T>(p: usize, size: i32, eps: f64, toMean: usize, toInvstd: usize): void {
  const lanes = VECTOR / <i32>sizeof<T>();
  const vectors = size / lanes;
  laneMoments<T>(p, vectors);
  let count = 0;
  let first: T = 0;
  let second: T = 0;
  for (let i = vectors * lanes; i < size; i++) {
    const value = load<T>(p + <usize>i * sizeof<T>());
    const delta = <T>(value - first);
    count++;
    first = <T>(first + <T>(delta / <T>count));
    second = <T>(second + <T>(delta * <T>(value - first)));
  }
  for (let i: usize = 0; vectors > 0 && i < <usize>lanes; i++) {
    const n = count + vectors;
    const share = <T>(<T>vectors / <T>n);
    const delta = <T>(load<T>(FIRST + i * sizeof<T>()) - first);
    first = <T>(first + <T>(share * delta));
    const spread = <T>(<T>(delta * delta) * share);
    second = <T>(second + <T>(load<T>(SECOND + i * sizeof<T>()) + <T>(spread * <T>count)));
    count = n;
  }
  store<T>(toMean, first);
  store<T>(toInvstd, <T>(1 / sqrt<T>(<T>(<T>(second / <T>size) + <T>eps))));
}
