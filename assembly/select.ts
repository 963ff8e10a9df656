/** Taking, putting and adding rows at positions along one axis; the walk goes over the other dimensions. */
import { length, nextRow, p0, p1, s0, s1 } from "./walk";

let axisOut: i32 = 0;
let axisIn: i32 = 0;
let index: usize = 0;
let indexStride: i32 = 0;
let count: i32 = 0;

/** Where the positions are (`n` int64s) and the byte strides of the axis in out and in a. */
export function along(strideOut: i32, strideIn: i32, at: usize, stride: i32, n: i32): void {
  axisOut = strideOut;
  axisIn = strideIn;
  index = at;
  indexStride = stride;
  count = n;
}

/** Whether each position is in [0, size). */
export function inRange(at: usize, stride: i32, n: i32, size: i32): bool {
  let p = at;
  for (let left = n; left > 0; left--) {
    if (load<u64>(p) >= <u64>size) return false;
    p += stride;
  }
  return true;
}

/** out[…, i, …] = a[…, index[i], …], bit by bit. */
export class SelectFamily {
  run<T>(op: i32): bool {
    const size = <i32>sizeof<T>();
    const near = s0 === size && s1 === size;
    do {
      let at = index;
      let to = p0;
      for (let i = 0; i < count; i++) {
        let a = p1 + <i32>load<i64>(at) * axisIn;
        if (near && length > 1) memory.copy(to, a, length * size);
        else {
          let o = to;
          for (let left = length; left > 0; left--) {
            store<T>(o, load<T>(a));
            o += s0;
            a += s1;
          }
        }
        to += axisOut;
        at += indexStride;
      }
    } while (nextRow());
    return true;
  }
}

/** out[…, index[i], …] = a[…, i, …], bit by bit; of equal positions the last one stays. */
export class PutFamily {
  run<T>(op: i32): bool {
    do {
      let at = index;
      let from = p1;
      for (let i = 0; i < count; i++) {
        let o = p0 + <i32>load<i64>(at) * axisOut;
        let a = from;
        for (let left = length; left > 0; left--) {
          store<T>(o, load<T>(a));
          o += s0;
          a += s1;
        }
        from += axisIn;
        at += indexStride;
      }
    } while (nextRow());
    return true;
  }
}

/** out[…, index[i], …] += a[…, i, …] */
export class IndexAddFamily {
  run<T>(op: i32): bool {
    do {
      let at = index;
      let from = p1;
      for (let i = 0; i < count; i++) {
        let o = p0 + <i32>load<i64>(at) * axisOut;
        let a = from;
        for (let left = length; left > 0; left--) {
          store<T>(o, isBoolean<T>() ? <T>(load<T>(o) | load<T>(a)) : <T>(load<T>(o) + load<T>(a)));
          o += s0;
          a += s1;
        }
        from += axisIn;
        at += indexStride;
      }
    } while (nextRow());
    return true;
  }
}
