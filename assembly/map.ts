/** The loops of elementwise kernels: `T` is the type read, `R` the type written, `OP` the row that computes. */
import { Off } from "./sleef";
import { length, nextRow, p0, p1, p2, s0, s1, s2 } from "./walk";

/** out = op(a), one number at a time. */
export function map<T, R, OP>(): bool {
  const op = changetype<OP>(0);
  do {
    let o = p0;
    let a = p1;
    const so = s0;
    const sa = s1;
    for (let left = length; left > 0; left--) {
      store<R>(o, op.scalar<T>(load<T>(a)));
      o += so;
      a += sa;
    }
  } while (nextRow());
  return true;
}

/** One row of out = op(a) where both lie side by side, four times sixteen bytes at a time. */
export function rowLanes<T, OP>(): void {
  const op = changetype<OP>(0);
  const step = <i32>(16 / sizeof<T>());
  let o = p0;
  let a = p1;
  let left = length;
  for (; left >= 4 * step; left -= 4 * step) {
    v128.store(o, op.lanes<T>(v128.load(a)));
    v128.store(o, op.lanes<T>(v128.load(a, 16)), 16);
    v128.store(o, op.lanes<T>(v128.load(a, 32)), 32);
    v128.store(o, op.lanes<T>(v128.load(a, 48)), 48);
    o += 64;
    a += 64;
  }
  for (; left >= step; left -= step) {
    v128.store(o, op.lanes<T>(v128.load(a)));
    o += 16;
    a += 16;
  }
  for (; left > 0; left--) {
    store<T>(o, op.scalar<T>(load<T>(a)));
    o += sizeof<T>();
    a += sizeof<T>();
  }
}

/** out = op(a), in lanes where it can be. */
export function mapLanes<T, OP>(): bool {
  if (s0 !== sizeof<T>() || s1 !== sizeof<T>()) return map<T, T, OP>();
  do {
    rowLanes<T, OP>();
  } while (nextRow());
  return true;
}

/**
 * As many of `left` float32 that lie side by side as are whole sixteens: those that need no care at once, so that the
 * processor can work on four vectors at a time. Gives how many are done.
 */
function rowSixteens<OP>(to: usize, from: usize, left: i32): i32 {
  const op = changetype<OP>(0);
  let o = to;
  let a = from;
  const end = from + ((<usize>(left & -16)) << 2);
  for (; a < end; a += 64) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const x2 = v128.load(a, 32);
    const x3 = v128.load(a, 48);
    if (!Off.some(Off.worst(op.off(x0), op.off(x1), op.off(x2), op.off(x3)), op.limit())) {
      // All before the first is stored: their steps are then taken side by side, as far as registers go.
      const y0 = op.quick(x0);
      const y1 = op.quick(x1);
      const y2 = op.quick(x2);
      const y3 = op.quick(x3);
      v128.store(o, y0);
      v128.store(o, y1, 16);
      v128.store(o, y2, 32);
      v128.store(o, y3, 48);
    } else {
      v128.store(o, op.four(x0));
      v128.store(o, op.four(x1), 16);
      v128.store(o, op.four(x2), 32);
      v128.store(o, op.four(x3), 48);
    }
    o += 64;
  }
  return left & -16;
}

/** One row of float32, four at a time: the last few, and elements that lie apart, go through the same lanes one by one. */
function rowFour<OP>(to: usize, from: usize, left: i32, near: bool): void {
  const op = changetype<OP>(0);
  let o = to;
  let a = from;
  if (near) {
    for (; left >= 4; left -= 4) {
      v128.store(o, op.four(v128.load(a)));
      o += 16;
      a += 16;
    }
  }
  for (; left > 0; left--) {
    v128.store_lane<f32>(o, op.four(v128.load32_splat(a)), 0);
    o += s0;
    a += s1;
  }
}

/** out = op(a) in float32, in lanes wherever the elements lie. */
export function mapFour<OP>(): bool {
  const near = s0 === 4 && s1 === 4;
  do {
    rowFour<OP>(p0, p1, length, near);
  } while (nextRow());
  return true;
}

/** The same of a function that is quicker where no number is special. */
export function mapQuick<OP>(): bool {
  const near = s0 === 4 && s1 === 4;
  do {
    const done = near ? rowSixteens<OP>(p0, p1, length) : 0;
    rowFour<OP>(p0 + 4 * done, p1 + 4 * done, length - done, near);
  } while (nextRow());
  return true;
}

/**
 * out = op(a) in float32 as PyTorch's mixed loops run: sixteen at a time in registers where they lie side by side, the rest by
 * the C library.
 */
export function mapMixed<OP>(): bool {
  const op = changetype<OP>(0);
  const near = s0 === 4 && s1 === 4;
  do {
    const done = near ? rowSixteens<OP>(p0, p1, length) : 0;
    let o = p0 + 4 * done;
    let a = p1 + 4 * done;
    for (let left = length - done; left > 0; left--) {
      store<f32>(o, op.alone(load<f32>(a)));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}

/** One row of out = op(a, b) where b stands still and the others lie side by side. */
export function rowLanesWith<T, OP>(): void {
  const op = changetype<OP>(0);
  const step = <i32>(16 / sizeof<T>());
  const b = v128.splat<T>(load<T>(p2));
  let o = p0;
  let a = p1;
  let left = length;
  for (; left >= step; left -= step) {
    v128.store(o, op.lanes<T>(v128.load(a), b));
    o += 16;
    a += 16;
  }
  for (; left > 0; left--) {
    store<T>(o, op.scalar<T>(load<T>(a), load<T>(p2)));
    o += sizeof<T>();
    a += sizeof<T>();
  }
}

/** One row of out = op(a, b), one number at a time. */
export function rowPairs<T, R, OP>(): void {
  const op = changetype<OP>(0);
  let o = p0;
  let a = p1;
  let b = p2;
  const so = s0;
  const sa = s1;
  const sb = s2;
  for (let left = length; left > 0; left--) {
    store<R>(o, op.scalar<T>(load<T>(a), load<T>(b)));
    o += so;
    a += sa;
    b += sb;
  }
}

/** out = op(a, b), one number at a time. */
export function zip<T, R, OP>(): bool {
  do {
    rowPairs<T, R, OP>();
  } while (nextRow());
  return true;
}

/** out = op(a, b), sixteen bytes at a time where out and one input lie side by side and the other does or stands still. */
export function zipLanes<T, OP>(): bool {
  const size = <i32>sizeof<T>();
  if (s0 !== size || (s1 !== size && s1 !== 0) || (s2 !== size && s2 !== 0)) return zip<T, T, OP>();
  const op = changetype<OP>(0);
  const step = <i32>(16 / sizeof<T>());
  const sa = s1;
  const sb = s2;
  do {
    let o = p0;
    let a = p1;
    let b = p2;
    let left = length;
    if (sa !== 0 && sb !== 0) {
      for (; left >= 4 * step; left -= 4 * step) {
        v128.store(o, op.lanes<T>(v128.load(a), v128.load(b)));
        v128.store(o, op.lanes<T>(v128.load(a, 16), v128.load(b, 16)), 16);
        v128.store(o, op.lanes<T>(v128.load(a, 32), v128.load(b, 32)), 32);
        v128.store(o, op.lanes<T>(v128.load(a, 48), v128.load(b, 48)), 48);
        o += 64;
        a += 64;
        b += 64;
      }
      for (; left >= step; left -= step) {
        v128.store(o, op.lanes<T>(v128.load(a), v128.load(b)));
        o += 16;
        a += 16;
        b += 16;
      }
    } else if (sa !== 0) {
      const right = v128.splat<T>(load<T>(b));
      for (; left >= 4 * step; left -= 4 * step) {
        v128.store(o, op.lanes<T>(v128.load(a), right));
        v128.store(o, op.lanes<T>(v128.load(a, 16), right), 16);
        v128.store(o, op.lanes<T>(v128.load(a, 32), right), 32);
        v128.store(o, op.lanes<T>(v128.load(a, 48), right), 48);
        o += 64;
        a += 64;
      }
      for (; left >= step; left -= step) {
        v128.store(o, op.lanes<T>(v128.load(a), right));
        o += 16;
        a += 16;
      }
    } else if (sb !== 0) {
      const left_ = v128.splat<T>(load<T>(a));
      for (; left >= step; left -= step) {
        v128.store(o, op.lanes<T>(left_, v128.load(b)));
        o += 16;
        b += 16;
      }
    }
    for (; left > 0; left--) {
      store<T>(o, op.scalar<T>(load<T>(a), load<T>(b)));
      o += size;
      a += sa;
      b += sb;
    }
  } while (nextRow());
  return true;
}

/** Sixteen bytes of an operand that lies side by side or stands still. */
function operand<T>(ptr: usize, stride: i32, vector: i32): v128 {
  return stride === 0 ? v128.load_splat<T>(ptr) : v128.load(ptr + (vector << 4));
}

/** The `vector`th mask of a test of two operands. */
function mask<T, OP>(a: usize, sa: i32, b: usize, sb: i32, vector: i32): v128 {
  const op = changetype<OP>(0);
  return op.mask<T>(operand<T>(a, sa, vector), operand<T>(b, sb, vector));
}

/** The `four`th group of four 32-bit masks, as they are or from two groups of two 64-bit ones. */
function mask32<T, OP>(a: usize, sa: i32, b: usize, sb: i32, four: i32): v128 {
  if (sizeof<T>() === 4) return mask<T, OP>(a, sa, b, sb, four);
  const low = mask<T, OP>(a, sa, b, sb, 2 * four);
  return v128.shuffle<i32>(low, mask<T, OP>(a, sa, b, sb, 2 * four + 1), 0, 2, 4, 6);
}

/** out = op(a, b) as bool, sixteen elements at a time; conditions as in `zipLanes`. */
export function testLanes<T, OP>(): bool {
  const size = <i32>sizeof<T>();
  if (s0 !== 1 || (s1 !== size && s1 !== 0) || (s2 !== size && s2 !== 0)) return zip<T, bool, OP>();
  const op = changetype<OP>(0);
  const sa = s1;
  const sb = s2;
  do {
    let o = p0;
    let a = p1;
    let b = p2;
    let left = length;
    for (; left >= 16; left -= 16) {
      let bytes: v128;
      if (size === 1) bytes = mask<T, OP>(a, sa, b, sb, 0);
      else if (size === 2) {
        bytes = i8x16.narrow_i16x8_s(mask<T, OP>(a, sa, b, sb, 0), mask<T, OP>(a, sa, b, sb, 1));
      } else {
        const low = i16x8.narrow_i32x4_s(mask32<T, OP>(a, sa, b, sb, 0), mask32<T, OP>(a, sa, b, sb, 1));
        const high = i16x8.narrow_i32x4_s(mask32<T, OP>(a, sa, b, sb, 2), mask32<T, OP>(a, sa, b, sb, 3));
        bytes = i8x16.narrow_i16x8_s(low, high);
      }
      v128.store(o, v128.and(bytes, i8x16.splat(1)));
      o += 16;
      a += sa << 4;
      b += sb << 4;
    }
    for (; left > 0; left--) {
      store<bool>(o, op.scalar<T>(load<T>(a), load<T>(b)));
      o++;
      a += sa;
      b += sb;
    }
  } while (nextRow());
  return true;
}
