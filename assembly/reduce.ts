/** out = op over the reduced dimensions: a row here is a class that takes up an element and joins two results. */
import { cascadeSum } from "./cascade";
import { foldEach, foldFloats, REDUCED } from "./fold";
import { ArgReduce, Reduce } from "./shared/codes";
import { products, sizes } from "./sizes";
import { length, nextRow, p0, p1, s0, s1 } from "./walk";

class Sum {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return <T>(a + b);
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
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

/** In lanes as `maximum`: the instruction that keeps every NaN costs twice as much. */
class Max {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return isFloat<T>() ? max<T>(a, b) : a > b ? a : b;
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.or(v128.pmax<T>(a, b), v128.ne<T>(b, b));
  }
}

class Min {
  @inline first<T>(a: T): T {
    return a;
  }
  @inline join<T>(a: T, b: T): T {
    return isFloat<T>() ? min<T>(a, b) : a < b ? a : b;
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.or(v128.pmin<T>(a, b), v128.ne<T>(b, b));
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

export class ReduceFamily {
  run<T>(op: i32): bool {
    switch (op) {
      case Reduce.max:
        return isFloat<T>() ? foldFloats<T, Max>() : foldEach<T, T, Max>();
      case Reduce.min:
        return isFloat<T>() ? foldFloats<T, Min>() : foldEach<T, T, Min>();
      case Reduce.any:
        return foldEach<T, bool, Any>();
      case Reduce.all:
        return foldEach<T, bool, All>();
    }
    if (isBoolean<T>()) return false;
    switch (op) {
      case Reduce.sum:
        return isFloat<T>() ? cascadeSum<T>() : foldEach<T, T, Sum>();
      case Reduce.prod:
        return isFloat<T>() ? products<T>() : foldEach<T, T, Prod>();
      case Reduce.sizes:
      case Reduce.squares:
      case Reduce.inOrder:
        return sizes<T>(op);
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
