/** What each elementwise op must give, in plain JavaScript, one element at a time. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { encode, isStored, rounded } from "./formats.ts";

type F1 = (a: number) => number;
type F2 = (a: number, b: number) => number;
/** Integers are exact here; the caller wraps them around. */
type I1 = (a: bigint) => bigint | number;
type I2 = (a: bigint, b: bigint) => bigint | number;

const roundEven: F1 = (x) => {
  if (Math.abs(x) >= 2 ** 52 || Number.isNaN(x)) return x;
  const down = Math.floor(x);
  const rest = x - down;
  const whole = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
  return whole === 0 && (x < 0 || Object.is(x, -0)) ? -0 : whole;
};
/** Math.max and Math.min order -0 before 0; PyTorch takes the first of equals. */
const first = <T>(a: T, b: T, change: boolean): T => (change ? b : a);
const sign: F1 = (x) => (x > 0 ? 1 : x < 0 ? -1 : 0);

/** In double precision, but where PyTorch's steps show, those are rounded by `round`; the caller rounds to the dtype. */
export const UNARY_FLOAT: { readonly [op in Unary]: (a: number, round: F1) => number } = {
  [Unary.neg]: (a) => -a,
  [Unary.abs]: Math.abs,
  [Unary.sign]: sign,
  [Unary.exp]: Math.exp,
  [Unary.expMixed]: Math.exp,
  [Unary.logSingle]: Math.log,
  [Unary.logMixed]: Math.log,
  [Unary.log]: Math.log,
  [Unary.sqrt]: Math.sqrt,
  [Unary.rsqrt]: (a, round) => 1 / round(Math.sqrt(a)),
  [Unary.sin]: Math.sin,
  [Unary.cos]: Math.cos,
  [Unary.tanh]: Math.tanh,
  [Unary.sigmoid]: (a, round) => 1 / (1 + round(Math.exp(-a))),
  [Unary.relu]: (a) => first(a, 0, a < 0),
  [Unary.reciprocal]: (a) => 1 / a,
  [Unary.floor]: Math.floor,
  [Unary.ceil]: Math.ceil,
  [Unary.round]: roundEven,
  [Unary.trunc]: Math.trunc,
  [Unary.logicalNot]: (a) => (a === 0 ? 1 : 0),
  [Unary.isnan]: (a) => (Number.isNaN(a) ? 1 : 0),
  [Unary.isinf]: (a) => (Math.abs(a) === Infinity ? 1 : 0),
  [Unary.log2]: Math.log2,
  [Unary.log10]: Math.log10,
  // PyTorch's vector library gives infinity from 1e38 on in float32.
  [Unary.log1p]: (a, round) => (a > 1e38 && round(1e300) === Infinity ? Infinity : Math.log1p(a)),
  [Unary.expm1]: Math.expm1,
  [Unary.tan]: Math.tan,
  [Unary.asin]: Math.asin,
  [Unary.acos]: Math.acos,
  [Unary.atan]: Math.atan,
  [Unary.sinh]: Math.sinh,
  [Unary.cosh]: Math.cosh,
  [Unary.asinh]: Math.asinh,
  [Unary.acosh]: Math.acosh,
  [Unary.atanh]: Math.atanh,
  [Unary.erf]: erf,
};

/** A series without cancellation: erf(x) = 2/√π · exp(-x²) · Σ 2ⁿ·x²ⁿ⁺¹ / (1·3·…·(2n+1)). */
function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  if (Math.abs(x) < 1e-8) return (2 / Math.sqrt(Math.PI)) * x;
  let [term, sum] = [x, 0];
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const UNARY_INT: { readonly [op in Unary]?: I1 } = {
  [Unary.neg]: (a) => -a,
  [Unary.abs]: (a) => (a < 0n ? -a : a),
  [Unary.sign]: (a) => (a > 0n ? 1n : a < 0n ? -1n : 0n),
  [Unary.relu]: (a) => (a < 0n ? 0n : a),
  [Unary.floor]: (a) => a,
  [Unary.ceil]: (a) => a,
  [Unary.round]: (a) => a,
  [Unary.trunc]: (a) => a,
  [Unary.logicalNot]: (a) => (a === 0n ? 1 : 0),
  [Unary.isnan]: () => 0,
  [Unary.isinf]: () => 0,
};

export const UNARY_BOOL: { readonly [op in Unary]?: F1 } = {
  [Unary.sign]: (a) => a,
  [Unary.logicalNot]: (a) => 1 - a,
  [Unary.isnan]: () => 0,
  [Unary.isinf]: () => 0,
};

/** The three steps of PyTorch's kernels, in the precision given by `round`. */
function floorDiv(a: number, b: number, round: F1): number {
  if (b === 0) return round(a / b);
  const mod = a % b;
  let div = round(round(a - mod) / b);
  if (mod !== 0 && b < 0 !== mod < 0) div = round(div - 1);
  if (div === 0) return a / b < 0 || Object.is(round(a / b), -0) ? -0 : 0;
  const down = Math.floor(div);
  return div - down > 0.5 ? round(down + 1) : down;
}

function remainder(a: number, b: number, round: F1): number {
  const mod = a % b;
  return mod !== 0 && b < 0 !== mod < 0 ? round(mod + b) : mod;
}

/** C's pow: JavaScript's but for bases 1 and -1. */
export function powC(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

/** What PyTorch computes for an exponent that is one Python number. */
function powScalar(a: number, b: number, round: F1): number {
  if (b === 2) return a * a;
  if (b === 3) return round(a * a) * a;
  if (b === -1) return 1 / a;
  if (b === -2) return 1 / round(a * a);
  if (b === 0.5) return Math.sqrt(a);
  if (b === -0.5) return 1 / round(Math.sqrt(a));
  return powC(a, b);
}

const nan2 =
  (f: F2): F2 =>
  (a, b) =>
    Number.isNaN(a) ? a : Number.isNaN(b) ? b : f(a, b);

/** Null where floats do not have it. */
export function binaryFloat(op: Binary, a: number, b: number, round: F1): number | null {
  const table: { readonly [op in Binary]?: F2 } = {
    [Binary.add]: (a, b) => a + b,
    [Binary.sub]: (a, b) => a - b,
    [Binary.mul]: (a, b) => a * b,
    [Binary.div]: (a, b) => a / b,
    [Binary.floorDiv]: (a, b) => floorDiv(a, b, round),
    [Binary.remainder]: (a, b) => remainder(a, b, round),
    [Binary.pow]: powC,
    [Binary.powScalar]: (a, b) => powScalar(a, b, round),
    [Binary.maximum]: nan2((a, b) => first(a, b, a < b)),
    [Binary.minimum]: nan2((a, b) => first(a, b, b < a)),
    [Binary.atan2]: Math.atan2,
    [Binary.fmod]: (a, b) => a % b,
    ...comparisons,
    [Binary.logicalAnd]: (a, b) => Number(a !== 0 && b !== 0),
    [Binary.logicalOr]: (a, b) => Number(a !== 0 || b !== 0),
    [Binary.logicalXor]: (a, b) => Number((a !== 0) !== (b !== 0)),
  };
  return table[op]?.(a, b) ?? null;
}

const comparisons = {
  [Binary.eq]: (a: number | bigint, b: number | bigint) => Number(a === b),
  [Binary.ne]: (a: number | bigint, b: number | bigint) => Number(a !== b),
  [Binary.lt]: (a: number | bigint, b: number | bigint) => Number(a < b),
  [Binary.le]: (a: number | bigint, b: number | bigint) => Number(a <= b),
  [Binary.gt]: (a: number | bigint, b: number | bigint) => Number(a > b),
  [Binary.ge]: (a: number | bigint, b: number | bigint) => Number(a >= b),
};

function powInt(a: bigint, b: bigint): bigint {
  if (b < 0n) return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let left = b, base = a; left > 0n; left >>= 1n, base = BigInt.asIntN(64, base * base)) {
    if (left & 1n) result = BigInt.asIntN(64, result * base);
  }
  return result;
}

const modInt: I2 = (a, b) => (b === 0n ? 0n : (((a as bigint) % b) + b) % b);

export const BINARY_INT: { readonly [op in Binary]?: I2 } = {
  [Binary.add]: (a, b) => a + b,
  [Binary.sub]: (a, b) => a - b,
  [Binary.mul]: (a, b) => a * b,
  [Binary.floorDiv]: (a, b) => (b === 0n ? 0n : (a - (modInt(a, b) as bigint)) / b),
  [Binary.remainder]: modInt,
  [Binary.fmod]: (a, b) => (b === 0n ? 0n : a % b),
  [Binary.bitAnd]: (a, b) => a & b,
  [Binary.bitOr]: (a, b) => a | b,
  [Binary.bitXor]: (a, b) => a ^ b,
  [Binary.pow]: powInt,
  [Binary.powScalar]: powInt,
  [Binary.maximum]: (a, b) => first(a, b, a < b),
  [Binary.minimum]: (a, b) => first(a, b, b < a),
  ...comparisons,
  [Binary.logicalAnd]: (a, b) => Number(a !== 0n && b !== 0n),
  [Binary.logicalOr]: (a, b) => Number(a !== 0n || b !== 0n),
  [Binary.logicalXor]: (a, b) => Number((a !== 0n) !== (b !== 0n)),
};

export const BINARY_BOOL: { readonly [op in Binary]?: F2 } = {
  [Binary.add]: (a, b) => a | b,
  [Binary.mul]: (a, b) => a & b,
  [Binary.maximum]: (a, b) => a | b,
  [Binary.minimum]: (a, b) => a & b,
  ...comparisons,
  [Binary.logicalAnd]: (a, b) => a & b,
  [Binary.logicalOr]: (a, b) => a | b,
  [Binary.logicalXor]: (a, b) => a ^ b,
};

/** A double as the dtype holds it. */
export function rounder(dtype: DType): F1 {
  return (x) => rounded(dtype, x);
}

/** In which precision a kernel for the dtype computes. */
export const stepsRounder = (dtype: DType): F1 => rounder(isStored(dtype) ? DType.f32 : dtype);

/** How many representable numbers of the dtype lie between two values; NaN equals NaN, -0 differs from 0 by 1. */
export function ulps(dtype: DType, a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  const view = new DataView(new ArrayBuffer(8));
  const order = (x: number): bigint => {
    if (isStored(dtype)) return BigInt(x < 0 || Object.is(x, -0) ? -1 - encode(dtype, -x) : encode(dtype, x));
    if (dtype === DType.f32) view.setFloat32(0, x);
    else view.setFloat64(0, x);
    const bits = dtype === DType.f32 ? BigInt(view.getInt32(0)) : view.getBigInt64(0);
    const least = dtype === DType.f32 ? -(2n ** 31n) : -(2n ** 63n);
    return bits < 0n ? least - bits - 1n : bits;
  };
  const distance = order(a) - order(b);
  return Number(distance < 0n ? -distance : distance);
}
