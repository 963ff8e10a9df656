/** out = op(a), element by element: a row here is a class with the number form and, where it is fast, the lane form. */

import { expC, logC, log as logOfDouble } from "./clib";
import { runFunction } from "./functions";
import { map, mapFour, mapLanes, mapMixed, mapQuick } from "./map";
import { Unary } from "./shared/codes";
import { EXP_LIMIT, Exp4, exp4, LOG_LIMIT, Log4, log4 } from "./sleef";
import { tanh4 } from "./sleef-rest";
import { cos4, sin4 } from "./sleef-trig";
import { cos, sin } from "./trig";

class Neg {
  @inline scalar<T>(a: T): T {
    return <T>-a;
  }
  @inline lanes<T>(a: v128): v128 {
    // One instruction less than the sign's own; a zero changes its sign too.
    return isFloat<T>() ? v128.sub<T>(v128.splat<T>(<T>-0.0), a) : v128.neg<T>(a);
  }
}

class Abs {
  @inline scalar<T>(a: T): T {
    return isFloat<T>() ? abs<T>(a) : a < 0 ? <T>(0 - a) : a;
  }
  @inline lanes<T>(a: v128): v128 {
    return isSigned<T>() || isFloat<T>() ? v128.abs<T>(a) : a;
  }
}

class Sign {
  @inline scalar<T>(a: T): T {
    return <T>(<i32>(a > 0) - <i32>(a < 0));
  }
  @inline lanes<T>(a: v128): v128 {
    const zero = v128.splat<T>(0);
    const one = v128.splat<T>(1);
    return v128.sub<T>(v128.and(v128.gt<T>(a, zero), one), v128.and(v128.lt<T>(a, zero), one));
  }
}

class Relu {
  @inline scalar<T>(a: T): T {
    return a < 0 ? <T>0 : a;
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.andnot(a, v128.lt<T>(a, v128.splat<T>(0)));
  }
}

export class Sqrt {
  @inline scalar<T>(a: T): T {
    return sqrt<T>(a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.sqrt<T>(a);
  }
}

export class Rsqrt {
  @inline scalar<T>(a: T): T {
    return <T>(1 / sqrt<T>(a));
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.div<T>(v128.splat<T>(1), v128.sqrt<T>(a));
  }
}

export class Reciprocal {
  @inline scalar<T>(a: T): T {
    return <T>(1 / a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.div<T>(v128.splat<T>(1), a);
  }
}

class Floor {
  @inline scalar<T>(a: T): T {
    return floor<T>(a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.floor<T>(a);
  }
}

class Ceil {
  @inline scalar<T>(a: T): T {
    return ceil<T>(a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.ceil<T>(a);
  }
}

class Round {
  @inline scalar<T>(a: T): T {
    return nearest<T>(a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.nearest<T>(a);
  }
}

class Trunc {
  @inline scalar<T>(a: T): T {
    return trunc<T>(a);
  }
  @inline lanes<T>(a: v128): v128 {
    return v128.trunc<T>(a);
  }
}

class Same {
  @inline scalar<T>(a: T): T {
    return a;
  }
}

class Exp {
  @inline off(x: v128): v128 {
    return Exp4.off(x);
  }
  @inline limit(): i32 {
    return EXP_LIMIT;
  }
  @inline quick(x: v128): v128 {
    return Exp4.quick(x);
  }
  @inline four(x: v128): v128 {
    return exp4(x);
  }
  @inline alone(x: f32): f32 {
    return expC(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.exp(<f64>a);
  }
}

class Sigmoid {
  @inline off(x: v128): v128 {
    return Exp4.off(x);
  }
  @inline limit(): i32 {
    return EXP_LIMIT;
  }
  @inline quick(x: v128): v128 {
    const one = f32x4.splat(1);
    return f32x4.div(one, f32x4.add(one, Exp4.quick(v128.xor(x, f32x4.splat(-0.0)))));
  }
  @inline four(x: v128): v128 {
    const one = f32x4.splat(1);
    return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
  }
  @inline alone(x: f32): f32 {
    return 1 / (1 + expC(-x));
  }
  @inline scalar<T>(a: T): T {
    return <T>(1.0 / (1.0 + NativeMath.exp(-(<f64>a))));
  }
}

class Tanh {
  @inline four(x: v128): v128 {
    return tanh4(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.tanh(<f64>a);
  }
}

class Log {
  @inline off(x: v128): v128 {
    return Log4.off(x);
  }
  @inline limit(): i32 {
    return LOG_LIMIT;
  }
  @inline quick(x: v128): v128 {
    return Log4.quick(x);
  }
  @inline four(x: v128): v128 {
    return log4(x);
  }
  @inline alone(x: f32): f32 {
    return logC(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.log(<f64>a);
  }
}

class LogSingle {
  @inline scalar<T>(a: T): T {
    if (sizeof<T>() === 4) return <T>logC(<f32>a);
    const x = <f64>a;
    if (x > 0 && x < Infinity) return <T>logOfDouble(x);
    return <T>(x === 0 ? -Infinity : x > 0 ? x : NaN);
  }
}

class Sin {
  @inline four(x: v128): v128 {
    return sin4(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>sin<f64>(<f64>a);
  }
}

class Cos {
  @inline four(x: v128): v128 {
    return cos4(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>cos<f64>(<f64>a);
  }
}

class LogicalNot {
  @inline scalar<T>(a: T): bool {
    return a === 0;
  }
}

class IsNan {
  @inline scalar<T>(a: T): bool {
    return a !== a;
  }
}

class IsInf {
  @inline scalar<T>(a: T): bool {
    return isFloat<T>() ? abs<T>(a) === <T>Infinity : false;
  }
}

/** The rows that every type has, then those of floats, for which integers are converted by the caller. */
export class UnaryFamily {
  run<T>(op: i32): bool {
    switch (op) {
      case Unary.logicalNot:
        return map<T, bool, LogicalNot>();
      case Unary.isnan:
        return map<T, bool, IsNan>();
      case Unary.isinf:
        return map<T, bool, IsInf>();
    }
    if (isBoolean<T>()) return op === Unary.sign ? map<T, T, Same>() : false;
    switch (op) {
      case Unary.neg:
        return mapLanes<T, Neg>();
      case Unary.abs:
        return mapLanes<T, Abs>();
      case Unary.sign:
        return mapLanes<T, Sign>();
    }
    if (!isFloat<T>()) {
      switch (op) {
        case Unary.relu:
          return map<T, T, Relu>();
        case Unary.floor:
        case Unary.ceil:
        case Unary.round:
        case Unary.trunc:
          return map<T, T, Same>();
      }
      return false;
    }
    switch (op) {
      case Unary.relu:
        return mapLanes<T, Relu>();
      case Unary.sqrt:
        return mapLanes<T, Sqrt>();
      case Unary.rsqrt:
        return mapLanes<T, Rsqrt>();
      case Unary.reciprocal:
        return mapLanes<T, Reciprocal>();
      case Unary.floor:
        return mapLanes<T, Floor>();
      case Unary.ceil:
        return mapLanes<T, Ceil>();
      case Unary.round:
        return mapLanes<T, Round>();
      case Unary.trunc:
        return mapLanes<T, Trunc>();
      case Unary.exp:
        return sizeof<T>() === 4 ? mapQuick<Exp>() : map<T, T, Exp>();
      case Unary.expMixed:
        return sizeof<T>() === 4 ? mapMixed<Exp>() : map<T, T, Exp>();
      case Unary.log:
        return sizeof<T>() === 4 ? mapQuick<Log>() : map<T, T, Log>();
      case Unary.logMixed:
        return sizeof<T>() === 4 ? mapMixed<Log>() : map<T, T, Log>();
      case Unary.logSingle:
        return map<T, T, LogSingle>();
      case Unary.tanh:
        return sizeof<T>() === 4 ? mapFour<Tanh>() : map<T, T, Tanh>();
      case Unary.sigmoid:
        return sizeof<T>() === 4 ? mapMixed<Sigmoid>() : map<T, T, Sigmoid>();
      case Unary.sin:
        return sizeof<T>() === 4 ? mapFour<Sin>() : map<T, T, Sin>();
      case Unary.cos:
        return sizeof<T>() === 4 ? mapFour<Cos>() : map<T, T, Cos>();
    }
    return runFunction<T>(op);
  }
}
