/** float16 and bfloat16 as bits; numbers become float32 first, as in PyTorch, and are then rounded to even. */
import { DType } from "../assembly/shared/codes.ts";

const cell = new DataView(new ArrayBuffer(4));

function bitsOf(x: number): number {
  cell.setFloat32(0, x);
  return cell.getUint32(0);
}

export function toHalf(value: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(Math.fround(value));
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Steps of the least denormal up to 2^-14, then of one in 1024 of the power of two below.
  const exponent = Math.max(((bitsOf(size) >>> 23) & 0xff) - 127, -14);
  const steps = toEven(size * 2 ** (10 - exponent));
  return sign | (steps + (exponent + 14) * 1024);
}

export function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export function toBrain(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = bitsOf(value);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function fromBrain(bits: number): number {
  cell.setUint32(0, bits << 16);
  return cell.getFloat32(0);
}

/** A number as a float dtype holds it. */
export function rounder(dtype: DType): (x: number) => number {
  if (dtype === DType.f16) return (x) => fromHalf(toHalf(x));
  if (dtype === DType.bf16) return (x) => fromBrain(toBrain(x));
  return dtype === DType.f32 ? Math.fround : Number;
}

function toEven(x: number): number {
  const whole = Math.floor(x);
  const rest = x - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}
