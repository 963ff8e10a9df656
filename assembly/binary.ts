/** out = op(a, b), element by element: a row here is a class with the number form and, where it is fast, the lane form. */
import { zip, zipLanes } from "./map";
import { floorDiv, power, powerScalar, remainder } from "./number";
import { Binary } from "./shared/codes";

class Add {
  @inline scalar<T>(a: T, b: T): T {
    return isBoolean<T>() ? <T>(a | b) : <T>(a + b);
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }
}

class Sub {
  @inline scalar<T>(a: T, b: T): T {
    return <T>(a - b);
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b);
  }
}

class Mul {
  @inline scalar<T>(a: T, b: T): T {
    return isBoolean<T>() ? <T>(a & b) : <T>(a * b);
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b);
  }
}

class Div {
  @inline scalar<T>(a: T, b: T): T {
    return <T>(a / b);
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.div<T>(a, b);
  }
}

class Maximum {
  @inline scalar<T>(a: T, b: T): T {
    return a < b || (isFloat<T>() && b !== b && a === a) ? b : a;
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.bitselect(a, v128.bitselect(b, v128.pmax<T>(a, b), v128.ne<T>(b, b)), v128.ne<T>(a, a));
  }
}

class Minimum {
  @inline scalar<T>(a: T, b: T): T {
    return b < a || (isFloat<T>() && b !== b && a === a) ? b : a;
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.bitselect(a, v128.bitselect(b, v128.pmin<T>(a, b), v128.ne<T>(b, b)), v128.ne<T>(a, a));
  }
}

class FloorDiv {
  @inline scalar<T>(a: T, b: T): T {
    return floorDiv<T>(a, b);
  }
}

class Remainder {
  @inline scalar<T>(a: T, b: T): T {
    return remainder<T>(a, b);
  }
}

class Pow {
  @inline scalar<T>(a: T, b: T): T {
    return power<T>(a, b);
  }
}

class PowScalar {
  @inline scalar<T>(a: T, b: T): T {
    return powerScalar<T>(a, b);
  }
}

class Atan2 {
  @inline scalar<T>(a: T, b: T): T {
    return sizeof<T>() === 4 ? <T>NativeMathf.atan2(<f32>a, <f32>b) : <T>NativeMath.atan2(<f64>a, <f64>b);
  }
}

class Eq {
  @inline scalar<T>(a: T, b: T): bool {
    return a === b;
  }
}

class Ne {
  @inline scalar<T>(a: T, b: T): bool {
    return a !== b;
  }
}

class Lt {
  @inline scalar<T>(a: T, b: T): bool {
    return a < b;
  }
}

class Le {
  @inline scalar<T>(a: T, b: T): bool {
    return a <= b;
  }
}

class Gt {
  @inline scalar<T>(a: T, b: T): bool {
    return a > b;
  }
}

class Ge {
  @inline scalar<T>(a: T, b: T): bool {
    return a >= b;
  }
}

class LogicalAnd {
  @inline scalar<T>(a: T, b: T): bool {
    return a !== 0 && b !== 0;
  }
}

class LogicalOr {
  @inline scalar<T>(a: T, b: T): bool {
    return a !== 0 || b !== 0;
  }
}

class LogicalXor {
  @inline scalar<T>(a: T, b: T): bool {
    return (a !== 0) !== (b !== 0);
  }
}

/** The rows that every type has, then those of numbers, then those of floats. */
export class BinaryFamily {
  run<T>(op: i32): bool {
    switch (op) {
      case Binary.add:
        return isFloat<T>() ? zipLanes<T, Add>() : zip<T, T, Add>();
      case Binary.mul:
        return isFloat<T>() ? zipLanes<T, Mul>() : zip<T, T, Mul>();
      case Binary.maximum:
        return isFloat<T>() ? zipLanes<T, Maximum>() : zip<T, T, Maximum>();
      case Binary.minimum:
        return isFloat<T>() ? zipLanes<T, Minimum>() : zip<T, T, Minimum>();
      case Binary.eq:
        return zip<T, bool, Eq>();
      case Binary.ne:
        return zip<T, bool, Ne>();
      case Binary.lt:
        return zip<T, bool, Lt>();
      case Binary.le:
        return zip<T, bool, Le>();
      case Binary.gt:
        return zip<T, bool, Gt>();
      case Binary.ge:
        return zip<T, bool, Ge>();
      case Binary.logicalAnd:
        return zip<T, bool, LogicalAnd>();
      case Binary.logicalOr:
        return zip<T, bool, LogicalOr>();
      case Binary.logicalXor:
        return zip<T, bool, LogicalXor>();
    }
    if (isBoolean<T>()) return false;
    switch (op) {
      case Binary.sub:
        return isFloat<T>() ? zipLanes<T, Sub>() : zip<T, T, Sub>();
      case Binary.floorDiv:
        return zip<T, T, FloorDiv>();
      case Binary.remainder:
        return zip<T, T, Remainder>();
      case Binary.pow:
        return zip<T, T, Pow>();
      case Binary.powScalar:
        return zip<T, T, PowScalar>();
    }
    if (!isFloat<T>()) return false;
    switch (op) {
      case Binary.div:
        return zipLanes<T, Div>();
      case Binary.atan2:
        return zip<T, T, Atan2>();
    }
    return false;
  }
}
