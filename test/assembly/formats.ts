/** The number formats by their definition: what each dtype can hold, and its bits; without the core's help. */
import { DType } from "../../assembly/shared/codes.ts";

interface FloatFormat {
  readonly exponent: number;
  readonly fraction: number;
}

const FLOAT_FORMATS: { readonly [D in DType]?: FloatFormat } = {
  [DType.f16]: { exponent: 5, fraction: 10 },
  [DType.bf16]: { exponent: 8, fraction: 7 },
  [DType.f32]: { exponent: 8, fraction: 23 },
  [DType.f64]: { exponent: 11, fraction: 52 },
};

/** Bits and whether there is a sign; bool apart. */
const INT_FORMATS: { readonly [D in DType]?: readonly [bits: number, signed: boolean] } = {
  [DType.i64]: [64, true],
  [DType.i32]: [32, true],
  [DType.i16]: [16, true],
  [DType.i8]: [8, true],
  [DType.u8]: [8, false],
};

export const isFloat = (dtype: DType): boolean => FLOAT_FORMATS[dtype] !== undefined;
export const isInt = (dtype: DType): boolean => INT_FORMATS[dtype] !== undefined;
/** Those that are computed with in float32. */
export const isStored = (dtype: DType): boolean => dtype === DType.f16 || dtype === DType.bf16;

export function widthOf(dtype: DType): number {
  const float = FLOAT_FORMATS[dtype];
  if (float !== undefined) return (1 + float.exponent + float.fraction) / 8;
  return (INT_FORMATS[dtype]?.[0] ?? 8) / 8;
}

/** An integer as its type holds it: it wraps around. */
export function wrap(dtype: DType, x: bigint): bigint {
  const [bits, signed] = INT_FORMATS[dtype] ?? [64, true];
  return signed ? BigInt.asIntN(bits, x) : BigInt.asUintN(bits, x);
}

/** The least and the largest integer of a type. */
export function range(dtype: DType): readonly [bigint, bigint] {
  const [bits, signed] = INT_FORMATS[dtype] ?? [64, true];
  const all = 2n ** BigInt(bits);
  return signed ? [-all / 2n, all / 2n - 1n] : [0n, all - 1n];
}

/** The exponent of the power of two at or below |x|. */
function exponentOf(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const biased = (view.getUint16(0) >> 4) & 0x7ff;
  return biased === 0 ? -1022 : biased - 1023;
}

const toEven = (x: number): number => {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
};

/** How many of a format's least steps |x| is above 0, once x is rounded to it: the bits without the sign. */
function steps(x: number, { exponent, fraction }: FloatFormat): number {
  const bias = 2 ** (exponent - 1) - 1;
  const power = Math.max(exponentOf(x), 1 - bias);
  const inRow = toEven(Math.abs(x) * 2 ** (fraction - power));
  return Math.min(inRow + (power + bias - 1) * 2 ** fraction, (2 ** exponent - 1) * 2 ** fraction);
}

/** What a float of the dtype is after rounding to it; float16 and bfloat16 by way of float32. */
export function rounded(dtype: DType, x: number): number {
  if (dtype === DType.f64 || !Number.isFinite(x)) return x;
  const single = Math.fround(x);
  return dtype === DType.f32 || !Number.isFinite(single) ? single : decode(dtype, encode(dtype, single));
}

/** Bits of a float16 or bfloat16. */
export function encode(dtype: DType, x: number): number {
  const format = FLOAT_FORMATS[dtype] as FloatFormat;
  const sign = Object.is(x, -0) || x < 0 ? 2 ** (format.exponent + format.fraction) : 0;
  const infinity = (2 ** format.exponent - 1) * 2 ** format.fraction;
  if (Number.isNaN(x)) return infinity + 2 ** (format.fraction - 1);
  return sign + (Number.isFinite(x) ? steps(x, format) : infinity);
}

export function decode(dtype: DType, bits: number): number {
  const { exponent, fraction } = FLOAT_FORMATS[dtype] as FloatFormat;
  const negative = bits >= 2 ** (exponent + fraction);
  const size = negative ? bits - 2 ** (exponent + fraction) : bits;
  const power = Math.floor(size / 2 ** fraction);
  const rest = size % 2 ** fraction;
  const bias = 2 ** (exponent - 1) - 1;
  if (power === 2 ** exponent - 1) return rest > 0 ? Number.NaN : negative ? -Infinity : Infinity;
  const value =
    power === 0 ? rest * 2 ** (1 - bias - fraction) : (2 ** fraction + rest) * 2 ** (power - bias - fraction);
  return negative ? -value : value;
}
