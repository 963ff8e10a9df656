/** Parts of a tensor that share its memory, and the gradients that go back to the whole. */
import { fail } from "../errors.ts";
import { type Kernels, normalDim, showShape } from "../kernels.ts";
import { int64s } from "../positions.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** One past the last position that a strided tensor reaches. */
const reach = (size: readonly number[], stride: readonly number[], from: number): number =>
  size.reduce((at, n, d) => at + (n - 1) * (stride[d] as number), from) + 1;

/** May two of its elements be the same memory? PyTorch's test: by growing strides, each must step over all before it. */
function mayOverlap(size: readonly number[], stride: readonly number[]): boolean {
  let last = 0;
  const order = size.map((_, d) => d).sort((a, b) => (stride[a] as number) - (stride[b] as number));
  return order.some((d) => {
    if ((stride[d] as number) <= last) return true;
    last += ((size[d] as number) - 1) * (stride[d] as number);
    return false;
  });
}

/** The gradient of `as_strided`: laid into one dimension long enough for both, then looked at as the base. */
function asStridedBackward(
  call: Call,
  k: Kernels,
  grad: Tensor,
  baseSize: readonly number[],
  baseStride: readonly number[],
  baseOffset: number,
  size: readonly number[],
  stride: readonly number[],
  offset: number | null,
): Tensor {
  if (size.includes(0)) return k.full(baseSize, 0, grad.dtype);
  let given = grad;
  for (let d = size.length - 1; d >= 0; d--) {
    if (size[d] === 1) given = call("squeeze", given, d);
    else if (stride[d] === 0) given = call("sum", given, [d], false);
  }
  const real = size.flatMap((n, d) => (n === 1 || stride[d] === 0 ? [] : [d]));
  const [sizes, strides] = [real.map((d) => size[d] as number), real.map((d) => stride[d] as number)];
  const from = offset ?? baseOffset;
  const first = Math.min(from, baseOffset);
  const length = Math.max(reach(baseSize, baseStride, baseOffset), reach(sizes, strides, from)) - first;
  const storage = k.full([length], 0, grad.dtype);
  if (mayOverlap(sizes, strides)) {
    const at = stridedPositions(sizes, strides, from - first);
    call("index_add_", storage, 0, int64s(k, [at.length], at), call("reshape", given, [at.length]));
  } else call("copy_", call("as_strided", storage, sizes, strides, from - first), given);
  return call("as_strided", storage, baseSize, baseStride, baseOffset - first);
}

/** Where the elements of a strided tensor are, in row-major order. */
function stridedPositions(size: readonly number[], stride: readonly number[], from: number): number[] {
  return size.reduce(
    (all, n, d) => all.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * (stride[d] as number))),
    [from],
  );
}

/** Where a Python slice begins in a dimension of `size`, and how many elements it takes. */
function span(
  size: number,
  start: number | null,
  end: number | null,
  step: number,
): { from: number; length: number } {
  const clip = (x: number): number => Math.min(Math.max(x < 0 ? x + size : x, 0), size);
  const from = clip(start ?? 0);
  const to = Math.max(clip(end ?? size), from);
  return { from, length: Math.ceil((to - from) / step) };
}

export const SLICING: readonly OpRow[] = [
  op({
    schema: "select.int(Tensor self, int dim, int index) -> Tensor",
    node: "SelectBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, dim, index) => {
      const n = self.shape.length;
      if (n === 0) fail("select() cannot be applied to a 0-dim tensor.", "IndexError");
      const axis = normalDim(dim, n);
      const size = self.shape[axis] as number;
      if (index < -size || index >= size)
        fail(
          `select(): index ${index} out of range for tensor of size ${showShape(self.shape)} at dimension ${axis}`,
          "IndexError",
        );
      const offset = self.offset + (index < 0 ? index + size : index) * (self.strides[axis] as number);
      return k.view(self, self.shape.toSpliced(axis, 1), self.strides.toSpliced(axis, 1), offset);
    },
    backward: { self: "select_backward(grad, self.sizes(), dim, index)" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a[0]", "a[:, 1]", "a[-1]", "a.select(1, 0)", "torch.select(a, 0, 1)"],
  }),
  op({
    schema: "select_backward(Tensor grad_output, int[] input_sizes, int dim, int index) -> Tensor",
    variants: "internal",
    node: "SelectBackwardBackward0",
    pattern: "move",
    forward: (k, grad, sizes, dim, index) => {
      const out = k.full(sizes, 0, grad.dtype);
      const axis = normalDim(dim, sizes.length);
      const size = sizes[axis] as number;
      const offset = (index < 0 ? index + size : index) * (out.strides[axis] as number);
      k.core.copy(k.view(out, out.shape.toSpliced(axis, 1), out.strides.toSpliced(axis, 1), offset), grad);
      return out;
    },
    backward: { grad_output: "grad.select(dim, index)" },
    samples: [],
  }),
  op({
    schema: "slice.Tensor(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
    variants: "internal",
    node: "SliceBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, dim, start, end, step) => {
      const n = self.shape.length;
      if (n === 0) fail("slice() cannot be applied to a 0-dim tensor.", "IndexError");
      const axis = normalDim(dim, n);
      if (step <= 0) fail("slice step must be positive");
      const { from, length } = span(self.shape[axis] as number, start, end, step);
      const stride = self.strides[axis] as number;
      return k.view(
        self,
        self.shape.with(axis, length),
        self.strides.with(axis, stride * step),
        self.offset + from * stride,
      );
    },
    backward: { self: "slice_backward(grad, self.sizes(), dim, start, end, step)" },
    samples: ["v[0:1]", "a[:, 1:]", "v[::2]", "a[1:, :2]", "v[-2:]", "v[5:]"],
  }),
  op({
    schema:
      "slice_backward(Tensor grad_output, int[] input_sizes, int dim, int? start, int? end, int step) -> Tensor",
    variants: "internal",
    node: "SliceBackwardBackward0",
    pattern: "move",
    forward: (k, grad, sizes, dim, start, end, step) => {
      const out = k.full(sizes, 0, grad.dtype);
      const axis = normalDim(dim, sizes.length);
      const { from, length } = span(sizes[axis] as number, start, end, step);
      const stride = out.strides[axis] as number;
      k.core.copy(
        k.view(out, out.shape.with(axis, length), out.strides.with(axis, stride * step), from * stride),
        grad,
      );
      return out;
    },
    backward: { grad_output: "slice(grad, dim, start, end, step)" },
    samples: [],
  }),
  composite({
    schema: "narrow(Tensor self, int dim, int start, int length) -> Tensor",
    compose: (call, _k, self, dim, start, length) => {
      if (self.shape.length === 0) fail("narrow() cannot be applied to a 0-dim tensor.");
      const size = self.shape[normalDim(dim, self.shape.length)] as number;
      if (length < 0) fail("narrow(): length must be non-negative.");
      const from = start < 0 ? start + size : start;
      if (start !== size && (from < 0 || from + length > size))
        fail(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
      return call("slice", self, dim, from, from + length, 1);
    },
    samples: ["a.narrow(0, 0, 1)", "torch.narrow(a, 1, 1, 2)"],
  }),
  op({
    schema: "as_strided(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    node: "AsStridedBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, size, stride, offset) => {
      if (size.length !== stride.length) fail("mismatch in length of strides and shape");
      return k.view(self, size, stride, offset ?? self.offset);
    },
    backward: {
      self: "as_strided_backward(grad, self.sizes(), self.strides(), self.offset(), size, stride, storage_offset)",
    },
    savedNames: { "self.sizes()": "", "self.strides()": "", "self.offset()": "" },
    samples: [
      "m.as_strided((2, 2), (1, 2))",
      "m.as_strided((2, 2), (3, 1), 1)",
      "v.as_strided((2, 2), (1, 1))",
      "x = a * 1; y = x[0]; y.mul_(b[1]); x",
      "x = a * 1; y = x[0]; y.mul_(b[1]); y",
      "x = a * 1; y = x[0]; x.mul_(b); y",
      "x = a * 1; y = x.t(); y[1].exp_(); x * y.t()",
      "x = v.new_zeros(3); y = x[:2]; x[1] = v[0]; y * 2",
    ],
  }),
  composite({
    schema:
      "as_strided_backward(Tensor grad, int[] base_size, int[] base_stride, int base_offset, int[] size, int[] stride, int? storage_offset) -> Tensor",
    variants: "internal",
    compose: asStridedBackward,
    samples: [],
  }),
];
