/**
 * Reductions. The walk goes over the kept elements; the reduced dimensions stand in the table at `REDUCED`,
 * innermost first, as pairs of size and byte stride. Everything is joined pairwise, by halves, so the rounding error of a
 * float sum grows with the logarithm of the count.
 */
import { ArgReduce, Reduce } from "./shared/codes";
import { length, nextRow, p0, p1, s0, s1 } from "./walk";

export const REDUCED: usize = memory.data(64 * 8, 16);
let dims: i32 = 0;

export function reduceOver(count: i32): void {
  dims = count;
}

/** So many elements are joined one after the other before halving stops. */
const LEAF = 128;

class Sum {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return <T>(a + b);
  }
}

class Prod {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return <T>(a * b);
  }
}

class Max {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return isFloat<T>() ? max<T>(a, b) : a > b ? a : b;
  }
}

class Min {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return isFloat<T>() ? min<T>(a, b) : a < b ? a : b;
  }
}

class Any {
  @inline first<T>(a: T): bool {
    return a !== 0;
  }
  @inline join<R>(a: R, b: R): R {
    return <R>(a | b);
  }
}

class All {
  @inline first<T>(a: T): bool {
    return a !== 0;
  }
  @inline join<R>(a: R, b: R): R {
    return <R>(a & b);
  }
}

/** Join `count` steps of dimension `d` from `ptr` on. */
function fold<T, R, OP>(d: i32, ptr: usize, count: i32): R {
  const op = changetype<OP>(0);
  const stride = load<i32>(REDUCED + (d << 3), 4);
  if (d === 0 && count <= LEAF) {
    let result: R = op.first<T>(load<T>(ptr));
    let a = ptr;
    for (let left = count - 1; left > 0; left--) {
      a += stride;
      result = op.join<R>(result, op.first<T>(load<T>(a)));
    }
    return result;
  }
  if (count === 1) return fold<T, R, OP>(d - 1, ptr, load<i32>(REDUCED + ((d - 1) << 3)));
  const half = count >> 1;
  const low = fold<T, R, OP>(d, ptr, half);
  return op.join<R>(low, fold<T, R, OP>(d, ptr + half * stride, count - half));
}

function foldEach<T, R, OP>(): bool {
  const top = dims - 1;
  const count = load<i32>(REDUCED + (top << 3));
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

export class ReduceFamily {
  run<T>(op: i32): bool {
    switch (op) {
      case Reduce.max:
        return foldEach<T, T, Max>();
      case Reduce.min:
        return foldEach<T, T, Min>();
      case Reduce.any:
        return foldEach<T, bool, Any>();
      case Reduce.all:
        return foldEach<T, bool, All>();
    }
    if (isBoolean<T>()) return false;
    switch (op) {
      case Reduce.sum:
        return foldEach<T, T, Sum>();
      case Reduce.prod:
        return foldEach<T, T, Prod>();
    }
    return false;
  }
}

class Greater {
  @inline better<T>(a: T, best: T): bool {
    return a > best;
  }
}

class Less {
  @inline better<T>(a: T, best: T): bool {
    return a < best;
  }
}

/** The position of the first extreme along the one reduced dimension; the first NaN beats all. */
function locate<T, OP>(): bool {
  const op = changetype<OP>(0);
  const count = load<i32>(REDUCED);
  const stride = load<i32>(REDUCED, 4);
  do {
    let o = p0;
    let start = p1;
    for (let left = length; left > 0; left--) {
      let best = load<T>(start);
      let where = 0;
      let a = start;
      for (let i = 1; i < count && (!isFloat<T>() || best === best); i++) {
        a += stride;
        const value = load<T>(a);
        if (op.better<T>(value, best) || (isFloat<T>() && value !== value)) {
          best = value;
          where = i;
        }
      }
      store<i64>(o, where);
      o += s0;
      start += s1;
    }
  } while (nextRow());
  return true;
}

export class ArgReduceFamily {
  run<T>(op: i32): bool {
    switch (op) {
      case ArgReduce.max:
        return locate<T, Greater>();
      case ArgReduce.min:
        return locate<T, Less>();
    }
    return false;
  }
}
