/** Where elements lie in a row-major tensor, as int64 tensors: what indexing by tensors comes down to. */
import { Binary, DType } from "../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import { broadcastShapes, expandable, type Kernels, showShape } from "./kernels.ts";
import { contiguousStrides, type Tensor } from "./tensor.ts";

/** The elements in row-major order, as one dimension. */
export function flat(k: Kernels, t: Tensor): Tensor {
  return k.reshaped(k.contiguous(t), [t.numel]);
}

export function int64s(k: Kernels, shape: readonly number[], values: ArrayLike<number | bigint>): Tensor {
  const out = k.empty(shape, DType.i64);
  k.core.write(out, values);
  return out;
}

/** `t` under a shape of `ndim` dimensions, its own ones from `at` on, the others of size 1. */
function placed(k: Kernels, t: Tensor, ndim: number, at: number): Tensor {
  const shape = new Array<number>(ndim).fill(1);
  for (const [i, size] of t.shape.entries()) shape[at + i] = size;
  return k.reshaped(k.contiguous(t), shape);
}

interface Part {
  readonly positions: Tensor;
  readonly stride: number;
  /** The first dimension of the result that it is spread over. */
  readonly at: number;
}

/** For a result of `shape`, the sum of every part's positions times its stride. */
function combined(k: Kernels, shape: readonly number[], parts: readonly Part[]): Tensor {
  let sum = k.full(shape, 0, DType.i64);
  for (const { positions, stride, at } of parts) {
    const factor = k.full([], stride, DType.i64);
    const scaled = k.binary(Binary.mul, positions, factor);
    sum = k.binary(Binary.add, sum, placed(k, scaled, shape.length, at));
  }
  return sum;
}

const counted = (k: Kernels, n: number): Tensor =>
  int64s(
    k,
    [n],
    Array.from({ length: n }, (_, i) => i),
  );

/** Where the elements are that `gather` takes and `scatter` puts: `index` along `dim`, the others in their order. */
export function along(
  k: Kernels,
  shape: readonly number[],
  dim: number,
  index: Tensor,
): { readonly positions: Tensor } {
  const sizes = shape.length === 0 ? [1] : shape;
  const own = index.shape.length === 0 ? k.reshaped(index, [1]) : index;
  const values = k.core.read(own) as BigInt64Array;
  const size = sizes[dim] as number;
  for (const value of values)
    if (value < 0n || value >= BigInt(size))
      fail(`index ${value} is out of bounds for dimension ${dim} with size ${size}`);
  const strides = contiguousStrides(sizes);
  const parts = own.shape.map(
    (n, i): Part =>
      i === dim
        ? { positions: own, stride: strides[i] as number, at: 0 }
        : { positions: counted(k, n), stride: strides[i] as number, at: i },
  );
  return { positions: k.reshaped(combined(k, own.shape, parts), [own.numel]) };
}

const MASK_READERS = { masked_fill_: 1646, masked_select: 1729, masked_scatter_: 2153 } as const;
type MaskReader = keyof typeof MASK_READERS;

/**
 * A mask as bool. PyTorch 1.13 takes any dtype and reads the lowest byte of each element, which has to be 0 or 1: 256
 * is false, 2 an error. What the lowest byte of a float holds is no answer to a question, so those are refused.
 * `by`: PyTorch's op, with the line of its file that warns of bytes.
 */
export function maskOf(k: Kernels, mask: Tensor, by: MaskReader): Tensor {
  if (mask.dtype === DType.bool) return mask;
  if (mask.dtype === DType.u8)
    k.warn(
      `${by} received a mask with dtype torch.uint8, this behavior is now deprecated,please use a mask with dtype torch.bool instead. (Triggered internally at  ./aten/src/ATen/native/TensorAdvancedIndexing.cpp:${MASK_READERS[by]}.)`,
    );
  if (isFloat(mask.dtype))
    fail(
      `a mask of dtype torch.${dtypeRow(mask.dtype).name} is not in the embedded engine (PyTorch 1.13 reads the lowest byte of each element); give it as mask.bool()`,
      "NotImplementedError",
    );
  const bytes = k.cast(mask, DType.u8);
  if ((k.core.read(bytes) as Uint8Array).some((byte) => byte > 1))
    fail("Mask tensor can take 0 and 1 values only");
  return k.cast(bytes, DType.bool);
}

/** The positions at which a bool tensor is true, one int64 tensor per dimension. */
export function trueAt(k: Kernels, mask: Tensor): readonly Tensor[] {
  const values = k.core.read(mask) as Uint8Array;
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) found.push(i);
  return contiguousStrides(mask.shape).map((stride, d) =>
    int64s(
      k,
      [found.length],
      found.map((i) => Math.floor(i / stride) % (mask.shape[d] as number)),
    ),
  );
}

export interface Indexed {
  /** The shape of `self[indices]`. */
  readonly shape: readonly number[];
  /** Where each of its elements is in `self`, in one dimension. */
  readonly positions: Tensor;
}

/** What `self[indices]` takes, by NumPy's rules: indices are broadcast; where they are not side by side, they come first. */
export function indexed(k: Kernels, self: Tensor, indices: readonly (Tensor | null)[]): Indexed {
  const byDim = expanded(k, self, indices);
  const given = byDim.flatMap((index, dim) => (index === null ? [] : [{ index, dim }]));
  const common = given.reduce<readonly number[]>(
    (shape, { index }) => broadcastIndex(shape, index, given),
    [],
  );
  const [first, last] = [given[0]?.dim ?? 0, given.at(-1)?.dim ?? -1];
  const together = last - first + 1 === given.length;
  const at = together ? first : 0;
  const rest = byDim.flatMap((index, dim) => (index === null ? [dim] : []));
  const before = together ? rest.filter((dim) => dim < first) : [];
  const after = rest.filter((dim) => !before.includes(dim));
  const sizeOf = (dim: number): number => self.shape[dim] as number;
  const shape = [...before.map(sizeOf), ...common, ...after.map(sizeOf)];
  const strides = contiguousStrides(self.shape);
  const parts: Part[] = given.map(({ index, dim }, i) => ({
    positions: wrapped(k, index, i, sizeOf(dim)),
    stride: strides[dim] as number,
    at: at + common.length - index.shape.length,
  }));
  for (const [i, dim] of before.entries())
    parts.push({ positions: counted(k, sizeOf(dim)), stride: strides[dim] as number, at: i });
  for (const [i, dim] of after.entries())
    parts.push({
      positions: counted(k, sizeOf(dim)),
      stride: strides[dim] as number,
      at: before.length + common.length + i,
    });
  const positions = combined(k, shape, parts);
  return { shape, positions: k.reshaped(positions, [positions.numel]) };
}

/** One int64 index, or null, for each dimension of `self`: masks are replaced by the positions where they are true. */
function expanded(k: Kernels, self: Tensor, indices: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
  const out: (Tensor | null)[] = [];
  for (const index of indices) {
    if (index === null) out.push(null);
    else if (index.dtype === DType.bool || index.dtype === DType.u8) {
      for (const [j, size] of index.shape.entries())
        if (size !== self.shape[out.length + j])
          fail(
            `The shape of the mask ${showShape(index.shape)} at index ${j} does not match the shape of the indexed tensor ${showShape(self.shape)} at index ${out.length + j}`,
            "IndexError",
          );
      out.push(...trueAt(k, index));
    } else if (index.dtype === DType.i64) out.push(index);
    else fail("tensors used as indices must be long, byte or bool tensors", "IndexError");
  }
  if (out.length > self.shape.length)
    fail(`too many indices for tensor of dimension ${self.shape.length}`, "IndexError");
  while (out.length < self.shape.length) out.push(null);
  return out;
}

function broadcastIndex(
  shape: readonly number[],
  index: Tensor,
  all: readonly { readonly index: Tensor }[],
): readonly number[] {
  const longer = Math.max(shape.length, index.shape.length);
  for (let i = 1; i <= longer; i++) {
    const [x, y] = [shape.at(-i) ?? 1, index.shape.at(-i) ?? 1];
    if (i <= shape.length && i <= index.shape.length && x !== y && x !== 1 && y !== 1)
      fail(
        `shape mismatch: indexing tensors could not be broadcast together with shapes ${all.map((g) => showShape(g.index.shape)).join(", ")}`,
        "IndexError",
      );
  }
  return broadcastShapes(shape, index.shape);
}

/** Negative positions count from the end. `place`: which of the indices it is, by which PyTorch's error names the dimension. */
function wrapped(k: Kernels, index: Tensor, place: number, size: number): Tensor {
  const values = k.core.read(index) as BigInt64Array;
  const n = BigInt(size);
  const out = values.map((value) => {
    if (value < -n || value >= n)
      fail(`index ${value} is out of bounds for dimension ${place} with size ${size}`, "IndexError");
    return value < 0n ? value + n : value;
  });
  return int64s(k, index.shape, out);
}

/** `values` spread over the shape that `self[indices] = values` writes to. */
export function spread(k: Kernels, self: Tensor, values: Tensor, shape: readonly number[]): Tensor {
  if (values.dtype !== self.dtype)
    fail(
      `Index put requires the source and destination dtypes match, got ${dtypeRow(self.dtype).scalarType} for the destination and ${dtypeRow(values.dtype).scalarType} for the source.`,
    );
  const slim = values.shape.slice(
    Math.max(
      0,
      values.shape.findIndex((n) => n !== 1),
    ),
  );
  const own = expandable(values.shape, shape) ? values : k.reshaped(k.contiguous(values), slim);
  if (!expandable(own.shape, shape))
    fail(
      `shape mismatch: value tensor of shape ${showShape(values.shape)} cannot be broadcast to indexing result of shape ${showShape(shape)}`,
    );
  const out = k.empty(shape, self.dtype);
  k.copyInto(out, own);
  return k.reshaped(out, [out.numel]);
}
