/** Loads core.wasm and calls its kernels: merged dimensions go in as arguments, memory is handed out and taken back here. */
import { type ArgReduce, Binary, type DType, Reduce, Softmax, Unary } from "../assembly/shared/codes.ts";
import type { Core, Strided } from "./core.ts";
import { dtypeName, dtypeSize } from "./dtype.ts";
import { instantiate, type Kernels } from "./exports.ts";
import { Memory } from "./memory.ts";
import { Merged } from "./merge.ts";
import { walkOrder } from "./order.ts";
import { outOfRange, rounding } from "./rounding.ts";
import { contiguousStrides } from "./tensor.ts";

export { chooseCore } from "./exports.ts";

/** A whole run may hold this much, in bytes, unless `loadCore` is told otherwise. */
const DEFAULT_LIMIT = 2 ** 30;

type Three = readonly [number, number, number];

/** Words of one outer dimension in the kernels' table. */
const DIM_WORDS = 6;

/** The core from the bytes of one of its builds. `limit`: bytes that may be allocated at one time. */
export function loadCore(bytes: Uint8Array, limit = DEFAULT_LIMIT): Core {
  return new RoundingCore(instantiate(bytes), limit);
}

class WasmCore implements Core {
  private readonly merged = new Merged();
  private readonly dimsTable: number;
  private readonly reducedTable: number;
  /** One element, for values that a kernel reads from memory. */
  private readonly cell: number;
  private readonly memory: Memory;
  readonly random: Core["random"];
  readonly series: Core["series"];
  readonly dense: Core["dense"];

  constructor(
    private readonly kernels: Kernels,
    limit: number,
  ) {
    this.random = this.series = this.dense = kernels;
    this.memory = new Memory(kernels, limit);
    this.dimsTable = kernels.dimsTable() >> 2;
    this.reducedTable = kernels.reducedTable() >> 2;
    this.cell = kernels.cell();
  }

  alloc(bytes: number): number {
    return this.memory.alloc(bytes);
  }

  free(ptr: number): void {
    this.memory.free(ptr);
  }

  get allocated(): number {
    return this.memory.allocated;
  }

  get bytes(): Uint8Array {
    return this.memory.u8;
  }

  /** For kernels that may visit elements in any order: all dimensions but the row to the table; gives their count. */
  private putOuter(): number {
    if (this.merged.dims === 1) return 0;
    this.merged.preferLongRows();
    return this.putDims(1);
  }

  /** Write the dimensions from `from` on to the kernels' table; gives their count. */
  private putDims(from: number): number {
    const { dims, size, strides } = this.merged;
    const s0 = strides[0];
    const s1 = strides[1];
    const s2 = strides[2];
    const s3 = strides[3];
    let at = this.dimsTable;
    for (let d = from; d < dims; d++) {
      this.putDim(at, size[d] as number, s0[d] as number, s1[d] as number, s2[d] as number, s3[d] as number);
      at += DIM_WORDS;
    }
    return dims - from;
  }

  private putDim(at: number, size: number, s0: number, s1: number, s2: number, s3: number): void {
    const { i32 } = this.memory;
    i32[at] = size;
    i32[at + 1] = s0;
    i32[at + 2] = s1;
    i32[at + 3] = s2;
    i32[at + 4] = s3;
  }

  copy(out: Strided, a: Strided): void {
    const { kernels, merged } = this;
    if (!merged.merge(out.shape, out, a, out, a)) return;
    const dims = this.putOuter();
    const { row } = merged;
    const s0 = merged.step(0);
    const s1 = merged.step(1);
    if (out.dtype === a.dtype) kernels.move(dtypeSize(a.dtype), dims, row, out.ptr, s0, a.ptr, s1);
    else kernels.convert(out.dtype, a.dtype, dims, row, out.ptr, s0, a.ptr, s1);
  }

  fill(out: Strided, value: number | bigint): void {
    this.memory.put(out.dtype, this.cell, value);
    const one = { dtype: out.dtype, shape: out.shape, strides: out.shape.map(() => 0), ptr: this.cell };
    this.copy(out, one);
  }

  unary(op: Unary, out: Strided, a: Strided): void {
    const { merged } = this;
    if (!merged.merge(out.shape, out, a, out, a)) return;
    const dims = this.putOuter();
    const { row } = merged;
    if (!this.kernels.unary(op, a.dtype, dims, row, out.ptr, merged.step(0), a.ptr, merged.step(1)))
      throw noKernel(Unary[op], a.dtype);
  }

  binary(op: Binary, out: Strided, a: Strided, b: Strided): void {
    const { merged } = this;
    if (!merged.merge(out.shape, out, a, b, b)) return;
    const dims = this.putOuter();
    const done = this.kernels.binary(
      op,
      a.dtype,
      dims,
      merged.row,
      out.ptr,
      merged.step(0),
      a.ptr,
      merged.step(1),
      b.ptr,
      merged.step(2),
    );
    if (!done) throw noKernel(Binary[op], a.dtype);
  }

  where(out: Strided, condition: Strided, a: Strided, b: Strided): void {
    const { merged } = this;
    if (!merged.merge(out.shape, out, condition, a, b)) return;
    const dims = this.putOuter();
    this.kernels.where(
      dtypeSize(a.dtype),
      dims,
      merged.row,
      out.ptr,
      merged.step(0),
      condition.ptr,
      merged.step(1),
      a.ptr,
      merged.step(2),
      b.ptr,
      merged.step(3),
    );
  }

  reduce(op: Reduce, out: Strided, a: Strided, axes: readonly number[]): void {
    if (out.shape.includes(0)) return;
    if (a.shape.includes(0)) {
      this.fill(out, identity(op, a));
      return;
    }
    const still = standing(out, a, axes);
    this.merged.merge(a.shape, still, a, still, a);
    const [reduced, dims, n, s0, s1] = this.split();
    if (!this.kernels.reduce(op, a.dtype, reduced, dims, n, out.ptr, s0, a.ptr, s1)) {
      throw noKernel(Reduce[op], a.dtype);
    }
  }

  argReduce(op: ArgReduce, out: Strided, a: Strided, axis: number): void {
    if (out.shape.includes(0)) return;
    if (a.shape[axis] === 0)
      throw new RangeError(
        `the position of an extreme over axis ${axis} of size 0: give at least one element`,
      );
    const still = standing(out, a, [axis]);
    this.merged.merge(a.shape, still, a, still, a);
    const [, dims, n, s0, s1] = this.split();
    this.kernels.argReduce(op, a.dtype, dims, n, out.ptr, s0, a.ptr, s1);
  }

  /**
   * Write the reduced dimensions (where out stands still) and the kept ones to their tables, at least one of
   * each. Gives the count of the reduced, of the kept but the innermost, and that one's size and strides.
   */
  private split(): [number, number, number, number, number] {
    const { dims, size, strides } = this.merged;
    const [s0, s1] = strides;
    let reducedAt = this.reducedTable;
    let keptAt = this.dimsTable;
    let reduced = 0;
    let kept = 0;
    let [n, t0, t1] = [1, 0, 0];
    for (let d = 0; d < dims; d++) {
      const m = size[d] as number;
      const step0 = s0[d] as number;
      const step1 = s1[d] as number;
      if (m > 1 && step0 === 0) {
        this.memory.i32[reducedAt] = m;
        this.memory.i32[reducedAt + 1] = step1;
        reducedAt += 2;
        reduced++;
      } else if (kept++ === 0) [n, t0, t1] = [m, step0, step1];
      else {
        this.putDim(keptAt, m, step0, step1, 0, 0);
        keptAt += DIM_WORDS;
      }
    }
    reduced = inOrder(this.memory.i32, this.reducedTable, reduced);
    if (reduced === 0) {
      this.memory.i32[reducedAt] = 1;
      this.memory.i32[reducedAt + 1] = 0;
      reduced = 1;
    }
    return [reduced, Math.max(kept - 1, 0), n, t0, t1];
  }

  bmm(out: Strided, a: Strided, b: Strided): void {
    const shape = out.shape as Three;
    const k = a.shape[2] as number;
    if (shape[0] * shape[1] * shape[2] === 0) return;
    const w = dtypeSize(a.dtype);
    const o = out.strides as Three;
    const s = a.strides as Three;
    const t = b.strides as Three;
    let done: number;
    try {
      done = this.kernels.bmm(
        a.dtype,
        shape[0],
        shape[1],
        shape[2],
        k,
        out.ptr,
        o[0] * w,
        o[1] * w,
        o[2] * w,
        a.ptr,
        s[0] * w,
        s[1] * w,
        s[2] * w,
        b.ptr,
        t[0] * w,
        t[1] * w,
        t[2] * w,
      );
    } catch {
      throw this.memory.exhausted("room asked for the blocks of a product");
    } finally {
      // The kernel takes room for its blocks.
      this.memory.look();
    }
    if (!done) throw noKernel("bmm", a.dtype);
  }

  softmax(op: Softmax, out: Strided, a: Strided, b: Strided, axis: number): void {
    const count = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);
    const { shape, dtype } = out;
    const [outer, size, inner] = [
      count(shape.slice(0, axis)),
      shape[axis] as number,
      count(shape.slice(axis + 1)),
    ];
    if (!this.kernels.softmax(op, dtype, outer, size, inner, out.ptr, a.ptr, b.ptr))
      throw noKernel(`softmax (${Softmax[op]})`, dtype);
  }

  indexSelect(out: Strided, a: Strided, axis: number, index: Strided): void {
    const count = this.along(out, a, axis, index, a.shape[axis] as number);
    if (count === 0 || !this.merged.merge(out.shape, out, a, out, a, axis)) return;
    const dims = this.putDims(1);
    const { merged } = this;
    this.kernels.select(dtypeSize(a.dtype), dims, merged.row, out.ptr, merged.step(0), a.ptr, merged.step(1));
  }

  indexPut(out: Strided, axis: number, index: Strided, a: Strided): void {
    const count = this.along(out, a, axis, index, out.shape[axis] as number);
    if (count === 0 || !this.merged.merge(a.shape, out, a, out, a, axis)) return;
    const dims = this.putDims(1);
    const { merged } = this;
    this.kernels.put(dtypeSize(a.dtype), dims, merged.row, out.ptr, merged.step(0), a.ptr, merged.step(1));
  }

  indexAdd(out: Strided, axis: number, index: Strided, a: Strided): void {
    const count = this.along(out, a, axis, index, out.shape[axis] as number);
    if (count === 0 || !this.merged.merge(a.shape, out, a, out, a, axis)) return;
    const dims = this.putDims(1);
    const { merged } = this;
    this.kernels.indexAdd(a.dtype, dims, merged.row, out.ptr, merged.step(0), a.ptr, merged.step(1));
  }

  /** Tell the kernels the positions and the axis; gives the count of positions. */
  private along(out: Strided, a: Strided, axis: number, index: Strided, size: number): number {
    const count = index.shape[0] as number;
    const stride = (index.strides[0] as number) * 8;
    if (!this.kernels.indexInRange(index.ptr, stride, count, size)) throw outOfRange(size);
    const w = dtypeSize(a.dtype);
    this.kernels.axis(
      (out.strides[axis] as number) * w,
      (a.strides[axis] as number) * w,
      index.ptr,
      stride,
      count,
    );
    return count;
  }

  read(a: Strided): Float64Array | BigInt64Array | Uint8Array {
    let count = 1;
    for (const size of a.shape) count *= size;
    if (count === 0) return this.memory.slice(a.dtype, 0, 0);
    this.merged.merge(a.shape, a, a, a, a);
    if (this.merged.dims === 1 && (count === 1 || this.merged.strides[0][0] === dtypeSize(a.dtype))) {
      return this.memory.slice(a.dtype, a.ptr, count);
    }
    const ptr = this.alloc(count * dtypeSize(a.dtype));
    try {
      this.copy({ dtype: a.dtype, shape: a.shape, strides: contiguousStrides(a.shape), ptr }, a);
      return this.memory.slice(a.dtype, ptr, count);
    } finally {
      this.free(ptr);
    }
  }

  item(a: Strided): number | bigint {
    return this.memory.get(a.dtype, a.ptr);
  }

  write(out: Strided, data: ArrayLike<number | bigint>): void {
    const step = dtypeSize(out.dtype);
    for (let i = 0, ptr = out.ptr; i < data.length; i++, ptr += step) {
      this.memory.put(out.dtype, ptr, data[i] as number | bigint);
    }
  }
}

const RoundingCore = rounding(WasmCore);

/** `out` with the shape of `a`: it stands still along the reduced axes. */
function standing(out: Strided, a: Strided, axes: readonly number[]): Strided {
  const strides = out.strides.slice();
  for (const axis of axes) strides[axis] = 0;
  return { dtype: out.dtype, shape: a.shape, strides, ptr: out.ptr };
}

/**
 * Put the reduced dimensions at `at` (pairs of size and stride, innermost first) into the order in which PyTorch's
 * iterator walks them, and make one of those that lie evenly; gives how many are left. The last digit depends on it.
 */
function inOrder(table: Int32Array, at: number, count: number): number {
  if (count < 2) return count;
  const shape = Array.from({ length: count }, (_, i) => table[at + 2 * (count - 1 - i)] as number);
  const strides = shape.map((_, i) => table[at + 2 * (count - 1 - i) + 1] as number);
  let last = -1;
  for (const d of walkOrder({ shape, strides })) {
    const [size, stride] = [shape[d] as number, strides[d] as number];
    const below = at + 2 * last;
    if (last >= 0 && (table[below] as number) * (table[below + 1] as number) === stride)
      table[below] = (table[below] as number) * size;
    else {
      last++;
      table[at + 2 * last] = size;
      table[at + 2 * last + 1] = stride;
    }
  }
  return last + 1;
}

/** What a reduction over nothing gives. */
function identity(op: Reduce, a: Strided): number {
  switch (op) {
    case Reduce.sum:
    case Reduce.any:
    case Reduce.sizes:
    case Reduce.squares:
    case Reduce.inOrder:
      return 0;
    case Reduce.prod:
    case Reduce.all:
      return 1;
    case Reduce.max:
    case Reduce.min:
      throw new RangeError(
        `${Reduce[op]} over no elements of a tensor of shape [${a.shape}]: give at least one`,
      );
  }
}

function noKernel(name: string | undefined, dtype: DType): TypeError {
  return new TypeError(`the core has no ${name} for ${dtypeName(dtype)}: convert the input first`);
}
