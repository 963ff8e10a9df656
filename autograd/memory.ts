/** The core's memory as TypeScript sees it: blocks given out and taken back, single numbers and runs of them. */
import { DType } from "../assembly/shared/codes.ts";
import { dtypeRow, dtypeSize } from "./dtype.ts";
import type { Kernels } from "./exports.ts";
import { fromBrain, fromHalf, toBrain, toHalf } from "./half.ts";

/** TLSF has no larger blocks. */
const MAX_BLOCK = 2 ** 30 - 16;

export class Memory {
  /** Views of all the memory, renewed when it grows. */
  u8 = new Uint8Array();
  i32 = new Int32Array();
  private i8 = new Int8Array();
  private i16 = new Int16Array();
  private u16 = new Uint16Array();
  private i64 = new BigInt64Array();
  private f32 = new Float32Array();
  private f64 = new Float64Array();

  constructor(
    private readonly kernels: Kernels,
    private readonly limit: number,
  ) {
    this.look();
  }

  /** To be called after a kernel that takes memory. */
  look(): void {
    const { buffer } = this.kernels.memory;
    if (this.u8.buffer === buffer) return;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  alloc(bytes: number): number {
    if (!(bytes >= 0 && bytes <= MAX_BLOCK) || bytes + this.allocated > this.limit) {
      throw this.exhausted(`${bytes} bytes asked for`);
    }
    let ptr: number;
    try {
      ptr = this.kernels.alloc(bytes) >>> 0;
    } catch {
      throw this.exhausted(`${bytes} bytes asked for`);
    }
    if (this.u8.length === 0) this.look();
    return ptr;
  }

  free(ptr: number): void {
    if (!this.kernels.free(ptr)) throw new Error(`free: ${ptr} is not a block in use; free each block once`);
  }

  get allocated(): number {
    return this.kernels.allocated() >>> 0;
  }

  exhausted(wanted: string): RangeError {
    const use = `${this.allocated} in use, ${this.limit} allowed`;
    return new RangeError(`out of memory: ${wanted}, ${use}; use smaller tensors or keep fewer of them`);
  }

  get(dtype: DType, ptr: number): number | bigint {
    switch (dtype) {
      case DType.f32:
        return this.f32[ptr >>> 2] as number;
      case DType.f64:
        return this.f64[ptr >>> 3] as number;
      case DType.f16:
        return fromHalf(this.u16[ptr >>> 1] as number);
      case DType.bf16:
        return fromBrain(this.u16[ptr >>> 1] as number);
      case DType.bool:
        return this.u8[ptr] as number;
      case DType.i64:
        return this.i64[ptr >>> 3] as bigint;
      case DType.i32:
        return BigInt(this.i32[ptr >>> 2] as number);
      case DType.i16:
        return BigInt(this.i16[ptr >>> 1] as number);
      case DType.i8:
        return BigInt(this.i8[ptr] as number);
      case DType.u8:
        return BigInt(this.u8[ptr] as number);
    }
  }

  /** The number converted to the dtype. */
  put(dtype: DType, ptr: number, value: number | bigint): void {
    switch (dtype) {
      case DType.f32:
        this.f32[ptr >>> 2] = Number(value);
        break;
      case DType.f64:
        this.f64[ptr >>> 3] = Number(value);
        break;
      case DType.f16:
        this.u16[ptr >>> 1] = toHalf(Number(value));
        break;
      case DType.bf16:
        this.u16[ptr >>> 1] = toBrain(Number(value));
        break;
      case DType.bool:
        // biome-ignore lint/suspicious/noDoubleEquals: 0 and 0n are both false
        this.u8[ptr] = value != 0 ? 1 : 0;
        break;
      case DType.i64:
        this.i64[ptr >>> 3] = toInt64(value);
        break;
      case DType.i32:
        this.i32[ptr >>> 2] = toInt32(value);
        break;
      case DType.i16:
        this.i16[ptr >>> 1] = toInt32(value);
        break;
      case DType.i8:
        this.i8[ptr] = toInt32(value);
        break;
      case DType.u8:
        this.u8[ptr] = Number(BigInt.asUintN(8, toInt64(value)));
        break;
    }
  }

  /** A copy of `count` numbers that lie side by side: see `Core.read`. */
  slice(dtype: DType, ptr: number, count: number): Float64Array | BigInt64Array | Uint8Array {
    switch (dtype) {
      case DType.f32:
        return new Float64Array(this.f32.subarray(ptr >>> 2, (ptr >>> 2) + count));
      case DType.f64:
        return this.f64.slice(ptr >>> 3, (ptr >>> 3) + count);
      case DType.i64:
        return this.i64.slice(ptr >>> 3, (ptr >>> 3) + count);
      case DType.bool:
        return this.u8.slice(ptr, ptr + count);
    }
    const out = dtypeRow(dtype).kind === "float" ? new Float64Array(count) : new BigInt64Array(count);
    const size = dtypeSize(dtype);
    for (let i = 0, at = ptr; i < count; i++, at += size) out[i] = this.get(dtype, at);
    return out;
  }
}

/** As C on x86, and as the kernels: what does not fit is the least int64. */
function toInt64(value: number | bigint): bigint {
  if (typeof value === "bigint") return value;
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** The same for int32, which is also what a float becomes on its way to a smaller one. */
function toInt32(value: number | bigint): number {
  if (typeof value === "bigint") return Number(BigInt.asIntN(32, value));
  const whole = Math.trunc(value);
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole : -(2 ** 31);
}
