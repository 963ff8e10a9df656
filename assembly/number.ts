/** Arithmetic on one number that WebAssembly has no instruction for, with the results of C and of PyTorch. */

import { pow4 } from "./pairs";

/** As C on x86: what does not fit (NaN too) is the least int64. */
export function toI64(x: f64): i64 {
  return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? <i64>x : i64.MIN_VALUE;
}

/** As C on x86: what does not fit (NaN too) is the least int32. */
function toI32(x: f64): i32 {
  return x > -2147483649.0 && x < 2147483648.0 ? <i32>x : i32.MIN_VALUE;
}

/** Any number to any other as PyTorch's `.to`: a float goes by way of int32 to a smaller signed integer. */
export function convert<TO, FROM>(x: FROM): TO {
  if (isBoolean<TO>()) return <TO>(x !== <FROM>0);
  if (isInteger<TO>() && isFloat<FROM>()) {
    return isSigned<TO>() && sizeof<TO>() < 8 ? <TO>toI32(<f64>x) : <TO>toI64(<f64>x);
  }
  return <TO>x;
}

/** The rest of the division towards zero, exact, with the sign of `a`. */
export function fmod<T>(a: T, b: T): T {
  if (abs<T>(a) < abs<T>(b)) return a;
  if (sizeof<T>() === 8) return <T>NativeMath.mod(<f64>a, <f64>b);
  const quotient = trunc<f64>(<f64>a / <f64>b);
  // In double, a quotient of at most 28 bits times the 24 of b is exact, and so is the difference.
  if (!(abs<f64>(quotient) < 268435456.0)) return <T>NativeMathf.mod(<f32>a, <f32>b);
  return copysign<T>(<T>(<f64>a - quotient * <f64>b), a);
}

/** -1, where the type has it. */
function isMinusOne<T>(x: T): bool {
  return isSigned<T>() && <i64>x === -1;
}

/** Python's modulo: the sign of the divisor. An integer by zero gives 0: the caller has raised before. */
export function remainder<T>(a: T, b: T): T {
  if (isFloat<T>()) {
    const mod = fmod<T>(a, b);
    return mod !== 0 && b < 0 !== mod < 0 ? <T>(mod + b) : mod;
  }
  if (b === 0 || isMinusOne<T>(b)) return <T>0;
  const rest = <T>(a % b);
  return rest !== 0 && (rest ^ b) < 0 ? <T>(rest + b) : rest;
}

/** Python's division rounding down. An integer by zero gives 0: the caller has raised before. */
export function floorDiv<T>(a: T, b: T): T {
  if (isFloat<T>()) {
    if (b === 0) return <T>(a / b);
    const mod = fmod<T>(a, b);
    let div = <T>((a - mod) / b);
    if (mod !== 0 && b < 0 !== mod < 0) div = <T>(div - 1);
    if (div === 0) return copysign<T>(0, <T>(a / b));
    const down = floor<T>(div);
    return div - down > 0.5 ? <T>(down + 1) : down;
  }
  if (b === 0) return <T>0;
  if (isMinusOne<T>(b)) return <T>(0 - a);
  const div = <T>(a / b);
  return (a ^ b) < 0 && div * b !== a ? <T>(div - 1) : div;
}

/** C's pow for floats; integers wrap around, and a negative exponent leaves only 1 and -1 different from 0. */
export function power<T>(a: T, b: T): T {
  if (isFloat<T>()) {
    if (b === 2) return <T>(a * a);
    if (b === 1) return a;
    if (b === -1) return <T>(1 / a);
    if (b === 0 || a === 1 || (a === -1 && abs<T>(b) === <T>Infinity)) return <T>1;
    // One lane, so that a value does not depend on where it lies.
    if (sizeof<T>() === 4) return <T>f32x4.extract_lane(pow4(f32x4.splat(<f32>a), f32x4.splat(<f32>b)), 0);
    return <T>NativeMath.pow(<f64>a, <f64>b);
  }
  if (b < 0) return a === 1 ? <T>1 : isMinusOne<T>(a) ? (b & 1 ? <T>-1 : <T>1) : <T>0;
  let result: T = 1;
  let base = a;
  for (let left = b; left > 0; left >>= 1) {
    if (left & 1) result = <T>(result * base);
    base = <T>(base * base);
  }
  return result;
}

/** PyTorch's pow(Tensor, Scalar): these exponents are not left to pow, which differs at -0, at -inf and in the last place. */
export function powerScalar<T>(a: T, b: T): T {
  if (isFloat<T>()) {
    if (b === 3) return <T>(a * a * a);
    if (b === -2) return <T>(1 / (a * a));
    if (b === <T>0.5) return sqrt<T>(a);
    if (b === <T>-0.5) return <T>(1 / sqrt<T>(a));
  }
  return power<T>(a, b);
}
