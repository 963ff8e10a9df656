/**
 * The loops of reductions. The walk goes over the kept elements; the reduced dimensions stand in the table at `REDUCED`,
 * innermost first, as pairs of size and byte stride. Everything is joined pairwise, by halves, so the rounding
 * error of a float sum grows with the logarithm of the count.
 */
import { length, nextRow, p0, p1, s0, s1 } from "./walk";

export const REDUCED: usize = memory.data(64 * 8, 16);
let dims: i32 = 0;

export function reduceOver(count: i32): void {
  dims = count;
}

/** So many elements are joined one after the other before halving stops: alone, in 8 vectors, and rows of a strip. */
const LEAF = 64;
const LEAF_LANES = 1024;
const LEAF_ROWS = 32;

/** Bytes of columns that are folded side by side: 8 vectors. */
const STRIP = 128;

/** Partial strips, one for each level of halving. */
const PARTS: usize = memory.data(STRIP * 128, 16);

export function reducedDims(): i32 {
  return dims;
}

export function reducedSize(d: i32): i32 {
  return load<i32>(REDUCED + (d << 3));
}

export function reducedStride(d: i32): i32 {
  return load<i32>(REDUCED + (d << 3), 4);
}

/** Join `count` steps of dimension `d` from `ptr` on. */
function fold<T, R, OP>(d: i32, ptr: usize, count: i32): R {
  const op = changetype<OP>(0);
  const stride = reducedStride(d);
  if (d === 0 && count <= LEAF) {
    let result: R = op.first<T>(load<T>(ptr));
    let a = ptr;
    for (let left = count - 1; left > 0; left--) {
      a += stride;
      result = op.join<R>(result, op.first<T>(load<T>(a)));
    }
    return result;
  }
  if (count === 1) return fold<T, R, OP>(d - 1, ptr, reducedSize(d - 1));
  const half = count >> 1;
  const low = fold<T, R, OP>(d, ptr, half);
  return op.join<R>(low, fold<T, R, OP>(d, ptr + half * stride, count - half));
}

/** As `fold`, where the elements of the innermost dimension lie side by side. */
function foldLanes<T, OP>(d: i32, ptr: usize, count: i32): T {
  const op = changetype<OP>(0);
  if (d === 0) {
    if (count < STRIP / <i32>sizeof<T>()) return fold<T, T, OP>(0, ptr, count);
    if (count <= LEAF_LANES) return leafLanes<T, OP>(ptr, count);
  } else if (count === 1) return foldLanes<T, OP>(d - 1, ptr, reducedSize(d - 1));
  // Halves of a row of whole vectors.
  const half = d === 0 ? (count >> 1) & -16 : count >> 1;
  const low = foldLanes<T, OP>(d, ptr, half);
  return op.join<T>(low, foldLanes<T, OP>(d, ptr + half * reducedStride(d), count - half));
}

function leafLanes<T, OP>(ptr: usize, count: i32): T {
  const op = changetype<OP>(0);
  let a = ptr;
  let v0 = v128.load(a);
  let v1 = v128.load(a, 16);
  let v2 = v128.load(a, 32);
  let v3 = v128.load(a, 48);
  let v4 = v128.load(a, 64);
  let v5 = v128.load(a, 80);
  let v6 = v128.load(a, 96);
  let v7 = v128.load(a, 112);
  const step = 128 / <i32>sizeof<T>();
  let left = count - step;
  for (; left >= step; left -= step) {
    a += 128;
    v0 = op.lanes<T>(v0, v128.load(a));
    v1 = op.lanes<T>(v1, v128.load(a, 16));
    v2 = op.lanes<T>(v2, v128.load(a, 32));
    v3 = op.lanes<T>(v3, v128.load(a, 48));
    v4 = op.lanes<T>(v4, v128.load(a, 64));
    v5 = op.lanes<T>(v5, v128.load(a, 80));
    v6 = op.lanes<T>(v6, v128.load(a, 96));
    v7 = op.lanes<T>(v7, v128.load(a, 112));
  }
  v0 = op.lanes<T>(op.lanes<T>(v0, v1), op.lanes<T>(v2, v3));
  v4 = op.lanes<T>(op.lanes<T>(v4, v5), op.lanes<T>(v6, v7));
  v128.store(PARTS, op.lanes<T>(v0, v4));
  let result = load<T>(PARTS);
  for (let i: usize = sizeof<T>(); i < 16; i += sizeof<T>()) result = op.join<T>(result, load<T>(PARTS + i));
  a += 128;
  for (; left > 0; left--) {
    result = op.join<T>(result, load<T>(a));
    a += sizeof<T>();
  }
  return result;
}

/** Fold a strip of columns into `to`; the parts beyond `to` are free. */
function foldStrip<T, OP>(d: i32, ptr: usize, count: i32, to: usize): void {
  const op = changetype<OP>(0);
  const stride = reducedStride(d);
  if (d === 0 && count <= LEAF_ROWS) {
    let a = ptr;
    let v0 = v128.load(a);
    let v1 = v128.load(a, 16);
    let v2 = v128.load(a, 32);
    let v3 = v128.load(a, 48);
    let v4 = v128.load(a, 64);
    let v5 = v128.load(a, 80);
    let v6 = v128.load(a, 96);
    let v7 = v128.load(a, 112);
    for (let left = count - 1; left > 0; left--) {
      a += stride;
      v0 = op.lanes<T>(v0, v128.load(a));
      v1 = op.lanes<T>(v1, v128.load(a, 16));
      v2 = op.lanes<T>(v2, v128.load(a, 32));
      v3 = op.lanes<T>(v3, v128.load(a, 48));
      v4 = op.lanes<T>(v4, v128.load(a, 64));
      v5 = op.lanes<T>(v5, v128.load(a, 80));
      v6 = op.lanes<T>(v6, v128.load(a, 96));
      v7 = op.lanes<T>(v7, v128.load(a, 112));
    }
    v128.store(to, v0);
    v128.store(to, v1, 16);
    v128.store(to, v2, 32);
    v128.store(to, v3, 48);
    v128.store(to, v4, 64);
    v128.store(to, v5, 80);
    v128.store(to, v6, 96);
    v128.store(to, v7, 112);
    return;
  }
  if (count === 1) {
    foldStrip<T, OP>(d - 1, ptr, reducedSize(d - 1), to);
    return;
  }
  const half = count >> 1;
  const other = to + STRIP;
  foldStrip<T, OP>(d, ptr, half, to);
  foldStrip<T, OP>(d, ptr + half * stride, count - half, other);
  for (let i = 0; i < STRIP; i += 16) {
    v128.store(to + i, op.lanes<T>(v128.load(to + i), v128.load(other + i)));
  }
}

/** Every kept element by itself. */
export function foldEach<T, R, OP>(): bool {
  const top = dims - 1;
  const count = reducedSize(top);
  do {
    let o = p0;
    let a = p1;
    for (let left = length; left > 0; left--) {
      store<R>(o, fold<T, R, OP>(top, a, count));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}

/** Floats: in lanes along the reduced dimension or across the kept one, whichever lies side by side. */
export function foldFloats<T, OP>(): bool {
  const size = <i32>sizeof<T>();
  const top = dims - 1;
  const count = reducedSize(top);
  const along = reducedStride(0) === size;
  const across = s0 === size && s1 === size;
  if (!along && !across) return foldEach<T, T, OP>();
  do {
    let o = p0;
    let a = p1;
    let left = length;
    if (across) {
      for (; left >= STRIP / size; left -= STRIP / size) {
        foldStrip<T, OP>(top, a, count, PARTS);
        memory.copy(o, PARTS, STRIP);
        o += STRIP;
        a += STRIP;
      }
    }
    for (; left > 0; left--) {
      store<T>(o, along ? foldLanes<T, OP>(top, a, count) : fold<T, T, OP>(top, a, count));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}
