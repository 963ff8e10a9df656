/** The tensor core as TypeScript sees it: typed calls over core.wasm. It knows numbers and shapes, no graph. */
import type { ArgReduce, Binary, DType, Reduce, Softmax, Unary } from "../assembly/shared/codes.ts";
import type { Kernels } from "./exports.ts";

/** Where a tensor's numbers lie: strides in elements, `ptr` the byte address of element [0, …, 0]. */
export interface Strided {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly ptr: number;
}

/**
 * All shapes are equal unless said: the caller broadcasts by giving stride 0. Outputs are allocated by the
 * caller and may be strided; inputs and output may be the same memory only where they coincide exactly.
 */
export interface Core {
  /** A block of at least `bytes` bytes, 16-aligned, not cleared; the caller owns it. Throws RangeError when memory is out. */
  alloc(bytes: number): number;
  free(ptr: number): void;
  /** Bytes now allocated and not freed, for tests of ownership. */
  readonly allocated: number;
  /** Views of the memory that are valid until the next `alloc`. */
  readonly bytes: Uint8Array;
  /** Random numbers as the kernels make them; autograd/random.ts knows how a generator's block is laid out. */
  readonly random: Pick<Kernels, "seed" | "draw32" | "draw64" | "random">;
  /** Numbers at equal distances, into a contiguous block: `arange(dtype, out, n, first, step)`, `linspace(…, first, last)`. */
  readonly series: Pick<Kernels, "arange" | "linspace">;
  /** Layer and batch norm over dense blocks, see autograd/normalize.ts; GELU and c + a·b of dense blocks of float32. */
  readonly dense: Pick<Kernels, "norm" | "gelu" | "mulAdd">;

  /** out = a, converted to the dtype of `out` as PyTorch's `.to` does (float to int truncates; to bool is != 0). */
  copy(out: Strided, a: Strided): void;
  /** The number is converted to the dtype, as C does on x86 where it does not fit. */
  fill(out: Strided, value: number | bigint): void;
  unary(op: Unary, out: Strided, a: Strided): void;
  binary(op: Binary, out: Strided, a: Strided, b: Strided): void;
  /** out = condition ? a : b; `condition` is bool. */
  where(out: Strided, condition: Strided, a: Strided, b: Strided): void;
  /** `out` has the shape of `a` with 1 at each of `axes` (keepdim form). Float sums are pairwise. */
  reduce(op: Reduce, out: Strided, a: Strided, axes: readonly number[]): void;
  /** `out` is int64 with 1 at `axis`. */
  argReduce(op: ArgReduce, out: Strided, a: Strided, axis: number): void;
  /** out[b,m,n] = a[b,m,k] @ b[b,k,n]; floats and int64; strides may be 0 or transposed. */
  bmm(out: Strided, a: Strided, b: Strided): void;
  /** Softmax along `axis`, all dense. Of a gradient, `a` is the upstream one and `b` the result; else `b` is left alone. */
  softmax(op: Softmax, out: Strided, a: Strided, b: Strided, axis: number): void;
  /** out = a at integer positions along `axis`: out.shape[axis] = index.length; `index` is 1-D int64, in range. */
  indexSelect(out: Strided, a: Strided, axis: number, index: Strided): void;
  /** out[..., index[i], ...] = a[..., i, ...] along `axis`; of equal positions the last one stays. */
  indexPut(out: Strided, axis: number, index: Strided, a: Strided): void;
  /** out[..., index[i], ...] += a[..., i, ...] along `axis`. */
  indexAdd(out: Strided, axis: number, index: Strided, a: Strided): void;

  /** The elements in row-major order; integers as bigint, bool as 0 or 1. */
  read(a: Strided): Float64Array | BigInt64Array | Uint8Array;
  /** The element at [0, …, 0]. */
  item(a: Strided): number | bigint;
  /** Fill a contiguous tensor from numbers, converted to its dtype. */
  write(out: Strided, data: ArrayLike<number | bigint>): void;
}
