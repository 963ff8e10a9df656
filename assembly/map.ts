/** The loops of elementwise kernels: `T` is the type read, `R` the type written, `OP` the row that computes. */
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

/** out = op(a), sixteen bytes at a time where both lie side by side. */
export function mapLanes<T, OP>(): bool {
  if (s0 !== sizeof<T>() || s1 !== sizeof<T>()) return map<T, T, OP>();
  const op = changetype<OP>(0);
  const step = <i32>(16 / sizeof<T>());
  do {
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
  } while (nextRow());
  return true;
}

/** out = op(a, b), one number at a time. */
export function zip<T, R, OP>(): bool {
  const op = changetype<OP>(0);
  do {
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
