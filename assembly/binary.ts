/** out = op(a, b), element by element: a row here is a class with the number form and, where it is fast, the lane form. */
import { rowLanes, rowLanesWith, rowPairs, testLanes, zip, zipLanes } from "./map";
import { floorDiv, fmod, power, powerScalar, remainder } from "./number";
import { pow4, remainder4 } from "./pairs";
import { Binary } from "./shared/codes";
import { Reciprocal, Rsqrt, Sqrt } from "./unary";
import { nextRow, p2, s0, s1, s2 } from "./walk";

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

/** The first of equals. In lanes, a bare p-max keeps a NaN only on the left; a mask of ones, or-ed on, is a NaN. */
class Maximum {
  @inline scalar<T>(a: T, b: T): T {
    return a < b || (isFloat<T>() && b !== b && a === a) ? b : a;
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.or(v128.pmax<T>(a, b), v128.ne<T>(b, b));
  }
}

class Minimum {
  @inline scalar<T>(a: T, b: T): T {
    return b < a || (isFloat<T>() && b !== b && a === a) ? b : a;
  }
  @inline lanes<T>(a: v128, b: v128): v128 {
    return v128.or(v128.pmin<T>(a, b), v128.ne<T>(b, b));
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
  /** Of float32 only. */
  @inline lanes<T>(a: v128, b: v128): v128 {
    return remainder4(a, b);
  }
}

class Fmod {
  @inline scalar<T>(a: T, b: T): T {
    return isFloat<T>() ? fmod<T>(a, b) : b === 0 || (isSigned<T>() && <i64>b === -1) ? <T>0 : <T>(a % b);
  }
}

class BitAnd {
  @inline scalar<T>(a: T, b: T): T {
    return <T>(a & b);
  }
}

class BitOr {
  @inline scalar<T>(a: T, b: T): T {
    return <T>(a | b);
  }
}

class BitXor {
  @inline scalar<T>(a: T, b: T): T {
    return <T>(a ^ b);
  }
}

class Pow {
  @inline scalar<T>(a: T, b: T): T {
    return power<T>(a, b);
  }
  /** Of float32 only. */
  @inline lanes<T>(a: v128, b: v128): v128 {
    return pow4(a, b);
  }
}

class PowScalar {
  @inline scalar<T>(a: T, b: T): T {
    return powerScalar<T>(a, b);
  }
}

class Square {
  @inline scalar<T>(a: T): T {
    return <T>(a * a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.mul<T>(a, a);
  }
}

class Cube {
  @inline scalar<T>(a: T): T {
    return <T>(a * a * a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.mul<T>(v128.mul<T>(a, a), a);
  }
}

/** The exponents for which `powerScalar` needs no pow, in lanes where they can be. */
function powers<T>(): bool {
  const size = <i32>sizeof<T>();
  const near = isFloat<T>() && s0 === size && s1 === size && s2 === 0;
  do {
    const exponent = load<T>(p2);
    if (near && exponent === 2) rowLanes<T, Square>();
    else if (near && exponent === 3) rowLanes<T, Cube>();
    else if (near && exponent === -1) rowLanes<T, Reciprocal>();
    else if (near && exponent === <T>0.5) rowLanes<T, Sqrt>();
    else if (near && exponent === <T>-0.5) rowLanes<T, Rsqrt>();
    else if (near && sizeof<T>() === 4 && exponent !== -2 && exponent !== 1 && exponent !== 0) {
      rowLanesWith<T, Pow>();
    } else rowPairs<T, T, PowScalar>();
  } while (nextRow());
  return true;
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
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.eq<T>(a, b);
  }
}

class Ne {
  @inline scalar<T>(a: T, b: T): bool {
    return a !== b;
  }
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.ne<T>(a, b);
  }
}

class Lt {
  @inline scalar<T>(a: T, b: T): bool {
    return a < b;
  }
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.lt<T>(a, b);
  }
}

class Le {
  @inline scalar<T>(a: T, b: T): bool {
    return a <= b;
  }
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.le<T>(a, b);
  }
}

class Gt {
  @inline scalar<T>(a: T, b: T): bool {
    return a > b;
  }
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.gt<T>(a, b);
  }
}

class Ge {
  @inline scalar<T>(a: T, b: T): bool {
    return a >= b;
  }
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.ge<T>(a, b);
  }
}

class LogicalAnd {
  @inline scalar<T>(a: T, b: T): bool {
    return a !== 0 && b !== 0;
  }
  /** Of bools only, which are 0 or 1. */
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.and(a, b);
  }
}

class LogicalOr {
  @inline scalar<T>(a: T, b: T): bool {
    return a !== 0 || b !== 0;
  }
  /** Of bools only, which are 0 or 1. */
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.or(a, b);
  }
}

class LogicalXor {
  @inline scalar<T>(a: T, b: T): bool {
    return (a !== 0) !== (b !== 0);
  }
  /** Of bools only, which are 0 or 1. */
  @inline mask<T>(a: v128, b: v128): v128 {
    return v128.xor(a, b);
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
        return isBoolean<T>() ? testLanes<u8, Eq>() : testLanes<T, Eq>();
      case Binary.ne:
        return isBoolean<T>() ? testLanes<u8, Ne>() : testLanes<T, Ne>();
      case Binary.lt:
        return isBoolean<T>() ? testLanes<u8, Lt>() : testLanes<T, Lt>();
      case Binary.le:
        return isBoolean<T>() ? testLanes<u8, Le>() : testLanes<T, Le>();
      case Binary.gt:
        return isBoolean<T>() ? testLanes<u8, Gt>() : testLanes<T, Gt>();
      case Binary.ge:
        return isBoolean<T>() ? testLanes<u8, Ge>() : testLanes<T, Ge>();
      case Binary.logicalAnd:
        return isBoolean<T>() ? testLanes<u8, LogicalAnd>() : zip<T, bool, LogicalAnd>();
      case Binary.logicalOr:
        return isBoolean<T>() ? testLanes<u8, LogicalOr>() : zip<T, bool, LogicalOr>();
      case Binary.logicalXor:
        return isBoolean<T>() ? testLanes<u8, LogicalXor>() : zip<T, bool, LogicalXor>();
    }
    if (isBoolean<T>()) return false;
    switch (op) {
      case Binary.sub:
        return isFloat<T>() ? zipLanes<T, Sub>() : zip<T, T, Sub>();
      case Binary.floorDiv:
        return zip<T, T, FloorDiv>();
      case Binary.remainder:
        return isFloat<T>() && sizeof<T>() === 4 ? zipLanes<T, Remainder>() : zip<T, T, Remainder>();
      case Binary.fmod:
        return zip<T, T, Fmod>();
      case Binary.pow:
        return isFloat<T>() && sizeof<T>() === 4 ? zipLanes<T, Pow>() : zip<T, T, Pow>();
      case Binary.powScalar:
        return isFloat<T>() ? powers<T>() : zip<T, T, PowScalar>();
    }
    if (!isFloat<T>()) {
      switch (op) {
        case Binary.bitAnd:
          return zip<T, T, BitAnd>();
        case Binary.bitOr:
          return zip<T, T, BitOr>();
        case Binary.bitXor:
          return zip<T, T, BitXor>();
      }
      return false;
    }
    switch (op) {
      case Binary.div:
        return zipLanes<T, Div>();
      case Binary.atan2:
        return zip<T, T, Atan2>();
    }
    return false;
  }
}
