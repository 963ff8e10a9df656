/** The loops of elementwise kernels: `T` is the type read, `R` the type written, `OP` the row that computes. */
import { EXP, exp4 } from "./lanes";
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

/** One row of out = op(a) where both lie side by side, sixteen bytes at a time. */
export function rowLanes<T, OP>(): void {
  const op = changetype<OP>(0);
  const step = <i32>(16 / sizeof<T>());
  let o = p0;
  let a = p1;
  let left = length;
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

/** out = op.after(a, exp(op.before(a))) in float32. */
export function mapExp<OP>(): bool {
  const op = changetype<OP>(0);
  const high = v128.load32_splat(EXP, 0);
  const low = v128.load32_splat(EXP, 4);
  const log2e = v128.load32_splat(EXP, 8);
  const magic = v128.load32_splat(EXP, 12);
  const ln2High = v128.load32_splat(EXP, 16);
  const ln2Low = v128.load32_splat(EXP, 20);
  const c7 = v128.load32_splat(EXP, 24);
  const c6 = v128.load32_splat(EXP, 28);
  const c5 = v128.load32_splat(EXP, 32);
  const c4 = v128.load32_splat(EXP, 36);
  const c3 = v128.load32_splat(EXP, 40);
  const c2 = v128.load32_splat(EXP, 44);
  const one = v128.load32_splat(EXP, 48);
  const near = s0 === 4 && s1 === 4;
  do {
    let o = p0;
    let a = p1;
    let left = length;
    // The last few, and elements that lie apart, go through the same lanes one by one.
    while (left > 0) {
      const whole = near && left >= 4;
      const x = whole ? v128.load(a) : v128.load32_splat(a);
      const power = exp4(op.before(x), high, low, log2e, magic, ln2High, ln2Low, c7, c6, c5, c4, c3, c2, one);
      const value = op.after(x, power);
      if (whole) {
        v128.store(o, value);
        o += 16;
        a += 16;
        left -= 4;
      } else {
        v128.store_lane<f32>(o, value, 0);
        o += s0;
        a += s1;
        left--;
      }
    }
  } while (nextRow());
  return true;
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
      for (; left >= step; left -= step) {
        v128.store(o, op.lanes<T>(v128.load(a), v128.load(b)));
        o += 16;
        a += 16;
        b += 16;
      }
    } else if (sa !== 0) {
      const right = v128.splat<T>(load<T>(b));
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
      else {
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
