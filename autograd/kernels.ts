/** What a row's `forward` computes with: whole tensors, with PyTorch's promotion and broadcasting, over the core. No graph here. */
import { type ArgReduce, Binary, DType, Reduce, type Softmax, type Unary } from "../assembly/shared/codes.ts";
import type { Core, Strided } from "./core.ts";
import { dtypeName, dtypeRow, dtypeSize, isFloat, overflows, resultType } from "./dtype.ts";
import { fail } from "./errors.ts";
import { Generator } from "./random.ts";
import type { Scalar } from "./schema.ts";
import { contiguousStrides, isContiguous, numelOf, type Scope, Storage, Tensor } from "./tensor.ts";

export class Kernels {
  defaultDtype: DType = DType.f32;
  /** The default generator; its seed is arbitrary until a program gives one. */
  readonly generator: Generator;
  /** Warn at the user's line, in PyTorch's words. */
  warn: (message: string) => void = () => {};
  private readonly warned = new Set<string>();

  constructor(
    readonly core: Core,
    readonly scope: Scope,
  ) {
    this.generator = new Generator(core, null);
  }

  /** The same, once in a process. */
  warnOnce(message: string): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    this.warn(message);
  }

  empty(shape: readonly number[], dtype: DType): Tensor {
    const bytes = numelOf(shape) * dtypeSize(dtype);
    let storage: Storage;
    try {
      storage = new Storage(this.core, bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fail(
        `[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate ${bytes} bytes. Error code 12 (Cannot allocate memory)`,
      );
    }
    return this.scope.own(new Tensor(storage, dtype, shape, contiguousStrides(shape), 0));
  }

  /** Without gaps in memory but in the given order. */
  emptyStrided(shape: readonly number[], strides: readonly number[], dtype: DType): Tensor {
    const last = shape.reduce((at, size, i) => at + (size - 1) * (strides[i] as number), 0);
    const { storage } = this.empty([shape.includes(0) ? 0 : last + 1], dtype);
    return this.scope.own(new Tensor(storage, dtype, shape, strides, 0));
  }

  full(shape: readonly number[], value: number | bigint, dtype: DType): Tensor {
    const out = this.empty(shape, dtype);
    this.fill(out, value);
    return out;
  }

  /** A zero-dimensional 1 of the dtype of `like`. */
  one(like: Tensor): Tensor {
    return this.full([], 1, like.dtype);
  }

  /** With PyTorch's error where the dtype does not hold the number. */
  fill(out: Strided, value: number | bigint): void {
    if (overflows(value, out.dtype))
      fail(`value cannot be converted to type ${dtypeRow(out.dtype).cxx[0]} without overflow`);
    this.core.fill(out, value);
  }

  /** A Python number as a zero-dimensional tensor of lowest priority in promotion. */
  wrap(scalar: Scalar): Tensor {
    const dtype = { bool: DType.bool, int: DType.i64, float: DType.f64 }[scalar.kind];
    const out = this.full([], scalar.value, dtype);
    out.wrapped = true;
    return out;
  }

  /** Shares the storage of `a`. */
  view(a: Tensor, shape: readonly number[], strides: readonly number[], offset: number = a.offset): Tensor {
    const out = this.scope.own(new Tensor(a.storage, a.dtype, shape, strides, offset));
    out.inference = a.inference;
    out.setBase(a);
    return out;
  }

  /** The same numbers and storage under a new identity, without history and not a view. */
  alias(a: Tensor): Tensor {
    const out = this.scope.own(new Tensor(a.storage, a.dtype, a.shape, a.strides, a.offset));
    out.wrapped = a.wrapped;
    out.inference = a.inference;
    out.counter = a.counter;
    return out;
  }

  clone(a: Tensor, dtype: DType = a.dtype): Tensor {
    const out = this.empty(a.shape, dtype);
    this.core.copy(out, a);
    return out;
  }

  /** The same tensor where it has that dtype already. */
  cast(a: Tensor, dtype: DType): Tensor {
    return a.dtype === dtype ? a : this.clone(a, dtype);
  }

  contiguous(a: Tensor): Tensor {
    return isContiguous(a) ? a : this.clone(a);
  }

  copyInto(out: Tensor, a: Tensor): void {
    this.core.copy(out, this.broadcast(a, out.shape));
  }

  resultType(...operands: readonly Tensor[]): DType {
    return resultType(operands, this.defaultDtype);
  }

  /** Stride 0 where `a` is repeated. The caller has checked that the shapes fit. */
  broadcast(a: Tensor, shape: readonly number[]): Strided {
    return { dtype: a.dtype, shape, strides: broadcastStrides(a, shape), ptr: a.ptr };
  }

  /** Elementwise after promotion; `float` turns integers into the default float first, as `div` does. */
  binary(op: Binary, a: Tensor, b: Tensor, result?: DType, float = false): Tensor {
    let common = this.resultType(a, b);
    if (float && !isFloat(common)) common = this.defaultDtype;
    const shape = broadcastShapes(a.shape, b.shape);
    const out = this.empty(shape, result ?? common);
    this.core.binary(
      op,
      out,
      this.broadcast(this.cast(a, common), shape),
      this.broadcast(this.cast(b, common), shape),
    );
    return out;
  }

  /**
   * `c + a * b`. Of float32 it is rounded once, as PyTorch's kernels are compiled: in float64 the product is exact.
   */
  mulAdd(a: Tensor, b: Tensor, c: Tensor): Tensor {
    const isSingle = a.dtype === DType.f32 && b.dtype === DType.f32 && c.dtype === DType.f32;
    if (isSingle && sameShape(a.shape, c.shape) && isContiguous(a) && isContiguous(c)) {
      const alone = b.shape.length === 0;
      if (alone || (sameShape(b.shape, c.shape) && isContiguous(b))) {
        const out = this.empty(c.shape, DType.f32);
        this.core.dense.mulAdd(out.numel, out.ptr, a.ptr, b.ptr, alone ? 0 : 4, c.ptr);
        return out;
      }
    }
    const wide = (t: Tensor): Tensor => (isSingle ? this.cast(t, DType.f64) : t);
    const sum = this.binary(Binary.add, wide(c), this.binary(Binary.mul, wide(a), wide(b)));
    return isSingle ? this.cast(sum, DType.f32) : sum;
  }

  /** A number as a zero-dimensional tensor of a dtype. */
  number(scalar: Scalar, dtype: DType): Tensor {
    if (scalar.kind !== "float" || (dtype !== DType.f32 && dtype !== DType.f64))
      return this.cast(this.wrap(scalar), dtype);
    const out = this.empty([], dtype);
    this.core.fill(out, scalar.value);
    return out;
  }

  scaled(a: Tensor, factor: Scalar): Tensor {
    return factor.number === 1 ? a : this.binary(Binary.mul, a, this.wrap(factor));
  }

  compare(op: Binary, a: Tensor, b: Tensor): Tensor {
    return this.binary(op, a, b, DType.bool);
  }

  unary(op: Unary, a: Tensor, result: DType = a.dtype): Tensor {
    const out = this.empty(a.shape, result);
    this.core.unary(op, out, a);
    return out;
  }

  /** For functions of real numbers: integers become the default float. */
  unaryFloat(op: Unary, a: Tensor): Tensor {
    return this.unary(op, isFloat(a.dtype) ? a : this.cast(a, this.defaultDtype));
  }

  where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
    if (condition.dtype === DType.u8) return this.where(this.cast(condition, DType.bool), a, b);
    if (condition.dtype !== DType.bool)
      fail(
        `where expected condition to be a boolean tensor, but got a tensor with dtype ${dtypeRow(condition.dtype).scalarType}`,
      );
    const dtype = this.resultType(a, b);
    const shape = broadcastShapes(broadcastShapes(condition.shape, a.shape), b.shape);
    const out = this.empty(shape, dtype);
    this.core.where(
      out,
      this.broadcast(condition, shape),
      this.broadcast(this.cast(a, dtype), shape),
      this.broadcast(this.cast(b, dtype), shape),
    );
    return out;
  }

  /** `dims` null or empty means all of them. */
  reduce(
    op: Reduce,
    a: Tensor,
    dims: readonly number[] | null,
    keepdim: boolean,
    result: DType = a.dtype,
  ): Tensor {
    const axes = normalDims(dims, a.shape.length);
    const kept = a.shape.map((size, i) => (axes.includes(i) ? 1 : size));
    const out = this.empty(kept, result);
    this.core.reduce(op, out, a, axes);
    if (keepdim) return out;
    const shape = a.shape.filter((_, i) => !axes.includes(i));
    return this.reshaped(out, shape);
  }

  argReduce(op: ArgReduce, a: Tensor, dim: number, keepdim: boolean): Tensor {
    const axis = normalDim(dim, a.shape.length);
    if (a.shape.length === 0) return this.full([], 0, DType.i64);
    const out = this.empty(
      a.shape.map((size, i) => (i === axis ? 1 : size)),
      DType.i64,
    );
    this.core.argReduce(op, out, a, axis);
    return keepdim
      ? out
      : this.reshaped(
          out,
          a.shape.filter((_, i) => i !== axis),
        );
  }

  /** Sum with integers and bools taken to int64, as PyTorch does. */
  sum(a: Tensor, dims: readonly number[] | null, keepdim: boolean, dtype: DType | null): Tensor {
    const wanted = dtype ?? (isFloat(a.dtype) ? a.dtype : DType.i64);
    return this.reduce(Reduce.sum, this.cast(a, wanted), dims, keepdim);
  }

  /** Softmax or one of its kind; no dimensions count as one. For a gradient `a` is the upstream one, `b` the result. */
  softmax(op: Softmax, a: Tensor, dim: number, b: Tensor = a): Tensor {
    const shape = a.shape.length > 0 ? a.shape : [1];
    const strides = contiguousStrides(shape);
    const dense = (t: Tensor): Strided => ({ dtype: t.dtype, shape, strides, ptr: t.ptr });
    const out = this.empty(a.shape, a.dtype);
    const [first, second] = [this.contiguous(a), this.contiguous(b)];
    if (a.numel > 0)
      this.core.softmax(op, dense(out), dense(first), dense(second), normalDim(dim, shape.length));
    return out;
  }

  /** A fresh contiguous tensor under another shape of as many elements; not a view. */
  reshaped(a: Tensor, shape: readonly number[]): Tensor {
    return this.scope.own(new Tensor(a.storage, a.dtype, shape, contiguousStrides(shape), a.offset));
  }

  /** [b, m, k] @ [b, k, n], dtypes equal. */
  bmm(a: Tensor, b: Tensor): Tensor {
    this.sameDtype(a, b);
    const [batch = 0, m = 0, k = 0] = a.shape;
    const n = b.shape[2] ?? 0;
    const out = this.empty([batch, m, n], a.dtype);
    if (k === 0) this.fill(out, 0);
    else this.core.bmm(out, a, b);
    return out;
  }

  /** [m, k] @ [k, n], as a batch of one. */
  mm(a: Tensor, b: Tensor): Tensor {
    this.sameDtype(a, b);
    const out = this.empty([a.shape[0] as number, b.shape[1] as number], a.dtype);
    if (a.shape[1] === 0) this.fill(out, 0);
    else this.core.bmm(single(out), single(a), single(b));
    return out;
  }

  private sameDtype(a: Tensor, b: Tensor): void {
    if (a.dtype !== b.dtype)
      fail(`expected scalar type ${dtypeRow(a.dtype).scalarType} but found ${dtypeRow(b.dtype).scalarType}`);
  }
}

/** A matrix as a batch of one. */
const single = ({ dtype, shape, strides, ptr }: Tensor): Strided => ({
  dtype,
  shape: [1, shape[0] as number, shape[1] as number],
  strides: [0, strides[0] as number, strides[1] as number],
  ptr,
});

/** Strides of `a` under a larger shape: 0 where it is repeated. */
export function broadcastStrides(a: Strided, shape: readonly number[]): readonly number[] {
  if (a.shape === shape) return a.strides;
  const lead = shape.length - a.shape.length;
  return shape.map((size, i) =>
    i < lead || (a.shape[i - lead] === 1 && size !== 1) ? 0 : (a.strides[i - lead] as number),
  );
}

export function broadcastShapes(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a === b || sameShape(a, b)) return a;
  const n = Math.max(a.length, b.length);
  const shape = new Array<number>(n);
  for (let i = n - 1; i >= 0; i--) {
    const x = a[i - n + a.length] ?? 1;
    const y = b[i - n + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      fail(
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${i}`,
      );
    shape[i] = x === 1 ? y : x;
  }
  return shape;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Could `from` be broadcast to `to`? */
export function expandable(from: readonly number[], to: readonly number[]): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((size, i) => size === 1 || size === to[lead + i]);
}

/** The same where PyTorch lets no dimension be named of a zero-dimensional tensor. */
export function ownDim(dim: number, ndim: number): number {
  if (ndim === 0) fail(`Dimension specified as ${dim} but tensor has no dimensions`, "IndexError");
  return normalDim(dim, ndim);
}

/** 0 ≤ dim < ndim from a Python-style dim; PyTorch's IndexError otherwise. A zero-dimensional tensor counts as one. */
export function normalDim(dim: number, ndim: number): number {
  const n = Math.max(ndim, 1);
  if (dim < -n || dim >= n)
    fail(
      `Dimension out of range (expected to be in range of [${-n}, ${n - 1}], but got ${dim})`,
      "IndexError",
    );
  return dim < 0 ? dim + n : dim;
}

export function normalDims(dims: readonly number[] | null, ndim: number): number[] {
  if (dims === null || dims.length === 0) return Array.from({ length: ndim }, (_, i) => i);
  const axes = dims.map((dim) => normalDim(dim, ndim));
  const twice = axes.find((axis, i) => axes.indexOf(axis) !== i);
  if (twice !== undefined) fail(`dim ${twice} appears multiple times in the list of dims`);
  return ndim === 0 ? [] : axes;
}

/** `[2, 3]`, as PyTorch writes sizes in messages. */
export const showShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

export const dtypeOf = (t: Tensor): string => dtypeName(t.dtype);
