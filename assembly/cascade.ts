/**
 * Sums of floats in the very order in which PyTorch's CPU kernels add them on 256-bit registers, so that the last
 * digit is PyTorch's too: four partial sums side by side, each of them a vector where elements lie side by side, and
 * each cascading through four levels that take up the sum of the level below every `step` elements.
 */
import { reducedDims, reducedSize, reducedStride } from "./fold";
import { length, nextRow, p0, p1, s0, s1 } from "./walk";

const LEVELS = 4;
const ROWS = 4;
/** Bytes of a register of PyTorch's: two of ours. */
const VECTOR = 32;
/** The sums of each level: four rows of a vector. The lowest holds the result. */
const SUMS: usize = memory.data(LEVELS * ROWS * VECTOR, 16);
const LEVEL = ROWS * VECTOR;

/** log2 of how many elements a level takes before it is handed up. */
function levelPower(count: i32): i32 {
  const log = count <= 2 ? 1 : 32 - clz<i32>(count - 1);
  return max<i32>(4, log / LEVELS);
}

/** How many levels so many elements come to: those above stay empty, and are not looked at. */
function levelsOf(count: i32, power: i32): i32 {
  let levels = 1;
  for (let left = count >> power; left > 0 && levels < LEVELS; left >>= power) levels++;
  return levels;
}

function clearLevel(at: usize): void {
  const zero = i64x2.splat(0);
  for (let i = 0; i < LEVEL; i += 32) {
    v128.store(at + i, zero);
    v128.store(at + i, zero, 16);
  }
}

function addLevel<T>(to: usize, from: usize): void {
  for (let i = 0; i < LEVEL; i += 32) {
    v128.store(to + i, v128.add<T>(v128.load(to + i), v128.load(from + i)));
    v128.store(to + i, v128.add<T>(v128.load(to + i, 16), v128.load(from + i, 16)), 16);
  }
}

/** Hand on from `level`, after `done` elements, as far as is due. */
function handUp<T>(level: i32, done: i32, power: i32): void {
  const mask = (1 << power) - 1;
  for (; level < LEVELS - 1; level++) {
    const from = SUMS + level * LEVEL;
    addLevel<T>(from + LEVEL, from);
    clearLevel(from);
    if ((done & (mask << ((level + 1) * power))) !== 0) return;
  }
}

function joinLevels<T>(levels: i32): void {
  for (let level = 1; level < levels; level++) addLevel<T>(SUMS, SUMS + level * LEVEL);
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
class Sums {
  /**
   * Two of the four sums over `count` steps, added to what is at `to`. Not all four in one loop: the compiler loads first and
   * adds then, and that many vectors are more than there are registers.
   */
  @inline static two<T>(to: usize, from: usize, apart: i32, stride: i32, count: i32): void {
    let v0 = v128.splat<T>(0);
    let v1 = v0;
    let v2 = v0;
    let v3 = v0;
    let a = from;
    let left = count;
    for (; left > 1; left -= 2) {
      const b = a + apart;
      const c = a + stride;
      const d = c + apart;
      v0 = v128.add<T>(v128.add<T>(v0, v128.load(a)), v128.load(c));
      v1 = v128.add<T>(v128.add<T>(v1, v128.load(a, 16)), v128.load(c, 16));
      v2 = v128.add<T>(v128.add<T>(v2, v128.load(b)), v128.load(d));
      v3 = v128.add<T>(v128.add<T>(v3, v128.load(b, 16)), v128.load(d, 16));
      a = c + stride;
    }
    if (left > 0) {
      const b = a + apart;
      v0 = v128.add<T>(v0, v128.load(a));
      v1 = v128.add<T>(v1, v128.load(a, 16));
      v2 = v128.add<T>(v2, v128.load(b));
      v3 = v128.add<T>(v3, v128.load(b, 16));
    }
    v128.store(to, v128.add<T>(v128.load(to), v0));
    v128.store(to, v128.add<T>(v128.load(to, 16), v1), 16);
    v128.store(to, v128.add<T>(v128.load(to, 32), v2), 32);
    v128.store(to, v128.add<T>(v128.load(to, 48), v3), 48);
  }

  /** All four sums of vectors that lie side by side, added to what is at `to`. */
  @inline static near<T>(to: usize, from: usize, count: i32): void {
    let v0 = v128.splat<T>(0);
    let v1 = v0;
    let v2 = v0;
    let v3 = v0;
    let v4 = v0;
    let v5 = v0;
    let v6 = v0;
    let v7 = v0;
    const end = from + <usize>count * LEVEL;
    for (let a = from; a < end; a += LEVEL) {
      v0 = v128.add<T>(v0, v128.load(a));
      v1 = v128.add<T>(v1, v128.load(a, 16));
      v2 = v128.add<T>(v2, v128.load(a, 32));
      v3 = v128.add<T>(v3, v128.load(a, 48));
      // Never: it parts the loop in two blocks, each of which loads first and adds then.
      if (a === 0) break;
      v4 = v128.add<T>(v4, v128.load(a, 64));
      v5 = v128.add<T>(v5, v128.load(a, 80));
      v6 = v128.add<T>(v6, v128.load(a, 96));
      v7 = v128.add<T>(v7, v128.load(a, 112));
    }
    v128.store(to, v128.add<T>(v128.load(to), v0));
    v128.store(to, v128.add<T>(v128.load(to, 16), v1), 16);
    v128.store(to, v128.add<T>(v128.load(to, 32), v2), 32);
    v128.store(to, v128.add<T>(v128.load(to, 48), v3), 48);
    v128.store(to, v128.add<T>(v128.load(to, 64), v4), 64);
    v128.store(to, v128.add<T>(v128.load(to, 80), v5), 80);
    v128.store(to, v128.add<T>(v128.load(to, 96), v6), 96);
    v128.store(to, v128.add<T>(v128.load(to, 112), v7), 112);
  }

  /** All four sums of one step or less, added to what is at `to`. */
  @inline static step<T>(to: usize, from: usize, stride: i32, apart: i32, count: i32): void {
    if (stride === LEVEL && apart === VECTOR) Sums.near<T>(to, from, count);
    else {
      Sums.two<T>(to, from, apart, stride, count);
      Sums.two<T>(to + 2 * VECTOR, from + 2 * apart, apart, stride, count);
    }
  }
}

/** Into `SUMS`: four sums of vectors, `apart` bytes from one another, over `count` steps of `stride`. */
function sumVectors<T>(ptr: usize, stride: i32, apart: i32, count: i32): void {
  const power = levelPower(count);
  const step = 1 << power;
  const levels = levelsOf(count, power);
  for (let level = 0; level < levels; level++) clearLevel(SUMS + level * LEVEL);
  let a = ptr;
  let done = 0;
  while (done + step <= count) {
    // What a whole step gives goes to the second level at once.
    Sums.step<T>(SUMS + LEVEL, a, stride, apart, step);
    done += step;
    a += stride << power;
    if ((done & ((step - 1) << power)) === 0) handUp<T>(1, done, power);
  }
  Sums.step<T>(SUMS, a, stride, apart, count - done);
  joinLevels<T>(levels);
}

/** The same of single elements: each of the four sums is the first element of its row. */
function sumElements<T>(ptr: usize, stride: i32, apart: i32, count: i32): void {
  const power = levelPower(count);
  const step = 1 << power;
  const levels = levelsOf(count, power);
  for (let level = 0; level < levels; level++) clearLevel(SUMS + level * LEVEL);
  let a = ptr;
  let done = 0;
  while (done < count) {
    const whole = done + step <= count;
    let e0 = load<T>(SUMS);
    let e1 = load<T>(SUMS, 32);
    let e2 = load<T>(SUMS, 64);
    let e3 = load<T>(SUMS, 96);
    for (let left = whole ? step : count - done; left > 0; left--) {
      e0 = <T>(e0 + load<T>(a));
      e1 = <T>(e1 + load<T>(a + apart));
      e2 = <T>(e2 + load<T>(a + 2 * apart));
      e3 = <T>(e3 + load<T>(a + 3 * apart));
      a += stride;
    }
    store<T>(SUMS, e0);
    store<T>(SUMS, e1, 32);
    store<T>(SUMS, e2, 64);
    store<T>(SUMS, e3, 96);
    done += step;
    if (whole) handUp<T>(0, done, power);
  }
  joinLevels<T>(levels);
}

/** The sum of a row of elements: every fourth goes to one of four sums. */
function rowOfElements<T>(ptr: usize, stride: i32, count: i32): T {
  const quarter = count >> 2;
  sumElements<T>(ptr, stride * ROWS, stride, quarter);
  let first = load<T>(SUMS);
  for (let i = quarter * ROWS; i < count; i++) first = <T>(first + load<T>(ptr + i * stride));
  first = <T>(first + load<T>(SUMS, 32));
  first = <T>(first + load<T>(SUMS, 64));
  return <T>(first + load<T>(SUMS, 96));
}

/** The same of vectors; the sum is left at `SUMS`. */
function rowOfVectors<T>(ptr: usize, stride: i32, count: i32): void {
  const quarter = count >> 2;
  sumVectors<T>(ptr, stride * ROWS, stride, quarter);
  for (let half = 0; half < VECTOR; half += 16) {
    let first = v128.load(SUMS + half);
    for (let i = quarter * ROWS; i < count; i++)
      first = v128.add<T>(first, v128.load(ptr + i * stride + half));
    for (let row = 1; row < ROWS; row++) first = v128.add<T>(first, v128.load(SUMS + row * VECTOR + half));
    v128.store(SUMS + half, first);
  }
}

/** The sum of elements that lie side by side: in vectors, and what is left over before their parts. */
function rowSideBySide<T>(ptr: usize, count: i32): T {
  const size = <i32>sizeof<T>();
  const lanes = VECTOR / size;
  const vectors = count / lanes;
  rowOfVectors<T>(ptr, VECTOR, vectors);
  let sum: T = 0;
  for (let i = vectors * lanes; i < count; i++) sum = <T>(sum + load<T>(ptr + i * size));
  for (let i = 0; i < VECTOR; i += size) sum = <T>(sum + load<T>(SUMS + i));
  return sum;
}

/** The innermost reduced dimension from `ptr` on. */
function innermost<T>(ptr: usize): T {
  const size = <i32>sizeof<T>();
  const count = reducedSize(0);
  const stride = reducedStride(0);
  const sideBySide = stride === size && count >= VECTOR / size;
  return sideBySide ? rowSideBySide<T>(ptr, count) : rowOfElements<T>(ptr, stride, count);
}

/** Dimensions beyond the innermost are added to what is there, one after the other. */
function outer<T>(d: i32, ptr: usize, sum: T): T {
  if (d === 0) return <T>(sum + innermost<T>(ptr));
  const stride = reducedStride(d);
  for (let left = reducedSize(d); left > 0; left--) {
    sum = outer<T>(d - 1, ptr, sum);
    ptr += stride;
  }
  return sum;
}

/** One reduced dimension beside kept ones that lie closer together: their columns are summed side by side. */
function columns<T>(): void {
  const size = <i32>sizeof<T>();
  const lanes = VECTOR / size;
  const count = reducedSize(0);
  const stride = reducedStride(0);
  const vectors = s1 === size && length >= lanes;
  const wide = vectors ? ROWS * lanes : ROWS;
  let o = p0;
  let a = p1;
  let left = length;
  for (; left >= wide; left -= wide) {
    if (vectors) sumVectors<T>(a, stride, VECTOR, count);
    else sumElements<T>(a, stride, s1, count);
    for (let i = 0; i < wide; i++) {
      store<T>(o, <T>(0 + load<T>(SUMS + (vectors ? i * size : i * VECTOR))));
      o += s0;
    }
    a += wide * s1;
  }
  for (; vectors && left >= lanes; left -= lanes) {
    rowOfVectors<T>(a, stride, count);
    for (let i = 0; i < lanes; i++) {
      store<T>(o, <T>(0 + load<T>(SUMS + i * size)));
      o += s0;
    }
    a += VECTOR;
  }
  for (; left > 0; left--) {
    store<T>(o, <T>(0 + rowOfElements<T>(a, stride, count)));
    o += s0;
    a += s1;
  }
}

export function cascadeSum<T>(): bool {
  const size = <i32>sizeof<T>();
  const dims = reducedDims();
  const stride = reducedStride(0);
  const count = reducedSize(0);
  const sideBySide = stride === size && count >= VECTOR / size;
  const asColumns = dims === 1 && !sideBySide && (s1 <= stride || (s1 === size && length >= VECTOR / size));
  do {
    if (asColumns && length > 1) {
      columns<T>();
      continue;
    }
    let o = p0;
    let a = p1;
    for (let left = length; left > 0; left--) {
      store<T>(o, outer<T>(dims - 1, a, 0));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}
