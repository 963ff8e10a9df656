/** Views and copies: the same numbers under another shape. */
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastStrides, expandable, type Kernels, normalDim, showShape } from "../kernels.ts";
import { int64s } from "../positions.ts";
import { composite, type OpRow, op } from "../row.ts";
import { contiguousStrides, isContiguous, type Tensor } from "../tensor.ts";

/** Replace the one -1 in `shape` by what is left. */
function inferred(shape: readonly number[], numel: number): readonly number[] {
  const at = shape.indexOf(-1);
  const known = shape.reduce((n, size) => (size === -1 ? n : n * size), 1);
  const bad = `shape '${showShape(shape)}' is invalid for input of size ${numel}`;
  const negative = shape.find((size) => size < -1);
  if (negative !== undefined) fail(`invalid shape dimension ${negative}`);
  if (at < 0) return known === numel ? shape : fail(bad);
  if (shape.lastIndexOf(-1) !== at) fail("only one dimension can be inferred");
  if (known === 0)
    fail(
      `cannot reshape tensor of 0 elements into shape ${showShape(shape)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    );
  if (numel % known !== 0) fail(bad);
  return shape.map((size) => (size === -1 ? numel / known : size));
}

/** Strides under which the same memory has the new shape; null where it would have to be copied. */
function viewStrides(t: Tensor, shape: readonly number[]): number[] | null {
  if (t.numel === 0 || isContiguous(t)) return contiguousStrides(shape);
  const strides = new Array<number>(shape.length).fill(0);
  let to = shape.length - 1;
  let chunk = 1;
  let base = t.strides.at(-1) ?? 1;
  for (let from = t.shape.length - 1; from >= 0; from--) {
    chunk *= t.shape[from] as number;
    const joins = from > 0 && ((t.shape[from - 1] as number) === 1 || t.strides[from - 1] === chunk * base);
    if (joins) continue;
    let filled = 1;
    while (to >= 0 && (filled < chunk || shape[to] === 1)) {
      strides[to] = filled * base;
      filled *= shape[to] as number;
      to--;
    }
    if (filled !== chunk) return null;
    if (from > 0) {
      base = t.strides[from - 1] as number;
      chunk = 1;
    }
  }
  return to < 0 ? strides : null;
}

function viewAs(k: Kernels, self: Tensor, size: readonly number[]): Tensor {
  const shape = inferred(size, self.numel);
  const strides = viewStrides(self, shape);
  if (strides === null)
    fail(
      "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
    );
  return k.view(self, shape, strides);
}

function permuted(k: Kernels, self: Tensor, axes: readonly number[]): Tensor {
  return k.view(
    self,
    axes.map((axis) => self.shape[axis] as number),
    axes.map((axis) => self.strides[axis] as number),
  );
}

function transposed(k: Kernels, self: Tensor, dim0: number, dim1: number): Tensor {
  const n = self.shape.length;
  const [a, b] = [normalDim(dim0, n), normalDim(dim1, n)];
  const axes = self.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return permuted(k, self, axes);
}

function squeezed(k: Kernels, self: Tensor, dim: number | null): Tensor {
  const n = self.shape.length;
  const axis = dim === null ? null : normalDim(dim, n);
  const keep = self.shape.flatMap((size, i) => (size === 1 && (axis === null || axis === i) ? [] : [i]));
  return permuted(k, self, keep);
}

export const SHAPE: readonly OpRow[] = [
  op({
    schema: "view(Tensor self, int[] size) -> Tensor",
    variants: "method",
    node: "ViewBackward0",
    pattern: "move",
    view: true,
    forward: viewAs,
    backward: { self: "grad.reshape(self.sizes())" },
    samples: ["a.view(-1)", "a.view(3, 2)", "a.view((1, -1, 1))"],
  }),
  op({
    schema: "_reshape_alias(Tensor self, int[] size) -> Tensor",
    variants: "internal",
    node: "ReshapeAliasBackward0",
    pattern: "move",
    view: true,
    forward: viewAs,
    backward: { self: "grad.reshape(self.sizes())" },
    samples: [],
  }),
  op({
    schema: "_unsafe_view(Tensor self, int[] size) -> Tensor",
    variants: "internal",
    node: "UnsafeViewBackward0",
    pattern: "move",
    forward: (k, self, size) => k.reshaped(self, inferred(size, self.numel)),
    backward: { self: "grad.reshape(self.sizes())" },
    samples: [],
  }),
  composite({
    schema: "reshape(Tensor self, int[] shape) -> Tensor",
    compose: (call, _k, self, size) => {
      const shape = inferred(size, self.numel);
      return viewStrides(self, shape) !== null
        ? call("_reshape_alias", self, shape)
        : call("_unsafe_view", call("clone", self), shape);
    },
    samples: ["a.reshape(-1)", "a.t().reshape(6)", "torch.reshape(a, (3, 2))", "a[:, 0:1].reshape(2)"],
  }),
  op({
    schema: "t(Tensor self) -> Tensor",
    node: "TBackward0",
    pattern: "move",
    view: true,
    forward: (k, self) => {
      const n = self.shape.length;
      if (n > 2) fail(`t() expects a tensor with <= 2 dimensions, but self is ${n}D`);
      return n < 2 ? k.view(self, self.shape, self.strides) : transposed(k, self, 0, 1);
    },
    backward: { self: "grad.t()" },
    samples: ["a.t()", "v.t()", "torch.t(a)"],
  }),
  op({
    schema: "transpose.int(Tensor self, int dim0, int dim1) -> Tensor",
    node: "TransposeBackward0",
    pattern: "move",
    view: true,
    forward: transposed,
    backward: { self: "grad.transpose(dim0, dim1)" },
    samples: ["a.transpose(0, 1)", "torch.transpose(a, -1, 0)"],
  }),
  op({
    schema: "permute(Tensor self, int[] dims) -> Tensor",
    node: "PermuteBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, dims) => {
      const n = self.shape.length;
      if (dims.length !== n)
        fail(
          `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${n} is not equal to len(dims) = ${dims.length}`,
        );
      const axes = dims.map((dim) => normalDim(dim, n));
      if (new Set(axes).size !== n) fail("permute(): duplicate dims are not allowed.");
      return permuted(k, self, axes);
    },
    backward: { self: "permute_backwards(grad, dims)" },
    samples: ["a.permute(1, 0)", "torch.permute(a, (1, 0))", "a.T", "torch.stack([a, b]).permute(2, 0, 1)"],
  }),
  composite({
    schema: "permute_backwards(Tensor grad, int[] dims) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, dims) => {
      const back = new Array<number>(dims.length);
      for (const [i, dim] of dims.entries()) back[normalDim(dim, dims.length)] = i;
      return call("permute", grad, back);
    },
    samples: [],
  }),
  op({
    schema: "expand(Tensor self, int[] size) -> Tensor",
    variants: "method",
    node: "ExpandBackward0",
    pattern: "sum",
    view: true,
    forward: (k, self, size) => {
      const lead = size.length - self.shape.length;
      if (lead < 0)
        fail(
          `expand(${dtypeRow(self.dtype).tensorType}{${showShape(self.shape)}}, size=${showShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${self.shape.length})`,
        );
      const shape = size.map((n, i) => {
        if (n !== -1) return n;
        if (i < lead)
          fail(
            `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}`,
          );
        return self.shape[i - lead] as number;
      });
      if (!expandable(self.shape, shape)) {
        const at = shape.findLastIndex(
          (n, i) => i >= lead && self.shape[i - lead] !== 1 && self.shape[i - lead] !== n,
        );
        fail(
          `The expanded size of the tensor (${shape[at]}) must match the existing size (${self.shape[at - lead]}) at non-singleton dimension ${at}.  Target sizes: ${showShape(shape)}.  Tensor sizes: ${showShape(self.shape)}`,
        );
      }
      return k.view(self, shape, broadcastStrides(self, shape));
    },
    backward: { self: "sum_to_size(grad, self.sizes())" },
    samples: ["v.expand(2, 3)", "v.expand(2, -1)", "a.sum(1, keepdim=True).expand(2, 3)"],
  }),
  composite({
    schema: "expand_as(Tensor self, Tensor other) -> Tensor",
    variants: "method",
    compose: (call, _k, self, other) => call("expand", self, other.shape),
    samples: ["v.expand_as(a)"],
  }),
  composite({
    schema: "sum_to_size(Tensor self, int[] size) -> Tensor",
    variants: "method",
    compose: (call, _k, self, size) => {
      const lead = self.shape.length - size.length;
      const axes = self.shape.flatMap((n, i) => (i < lead || (size[i - lead] === 1 && n !== 1) ? [i] : []));
      if (!expandable(size, self.shape))
        fail(`size {${showShape(size)}} is not expandable to size {${showShape(self.shape)}}.`);
      const summed = axes.length > 0 ? call("sum.dim_IntList", self, axes, true) : self;
      return lead > 0 ? call("view", summed, size) : summed;
    },
    samples: ["a.sum_to_size(3)", "a.sum_to_size(2, 1)"],
  }),
  op({
    schema: "unsqueeze(Tensor self, int dim) -> Tensor",
    node: "UnsqueezeBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, dim) => {
      const axis = normalDim(dim, self.shape.length + 1);
      const step =
        axis < self.shape.length ? (self.shape[axis] as number) * (self.strides[axis] as number) : 1;
      return k.view(self, self.shape.toSpliced(axis, 0, 1), self.strides.toSpliced(axis, 0, step));
    },
    backward: { self: "grad.squeeze(dim)" },
    samples: ["v.unsqueeze(0)", "a.unsqueeze(-1)", "v[None]", "a[:, None]"],
  }),
  composite({
    schema: "unsqueeze_multiple(Tensor self, int[]? dim, int[] sizes) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, dim, sizes) => {
      const n = sizes.length;
      if (n === 0 || dim?.length === 0) return self;
      if (dim?.length === 1) return call("unsqueeze", self, dim[0]);
      const axes = (dim?.map((d) => normalDim(d, n)) ?? sizes.map((_, i) => i)).sort((x, y) => x - y);
      return axes.reduce<Tensor>((t, axis) => call("unsqueeze", t, axis), self);
    },
    samples: [],
  }),
  op({
    schema: "squeeze(Tensor self) -> Tensor",
    node: "SqueezeBackward0",
    pattern: "move",
    view: true,
    forward: (k, self) => squeezed(k, self, null),
    backward: { self: "unsqueeze_to(grad, self.sizes())" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.unsqueeze(0).squeeze()", "a.squeeze()"],
  }),
  op({
    schema: "squeeze.dim(Tensor self, int dim) -> Tensor",
    node: "SqueezeBackward1",
    pattern: "move",
    view: true,
    forward: squeezed,
    backward: { self: "unsqueeze_to(grad, dim, self.sizes())" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.unsqueeze(0).squeeze(0)", "a.squeeze(0)"],
  }),
  op({
    schema: "squeeze_.dim(Tensor self, int dim) -> Tensor",
    variants: "method",
    node: "SqueezeBackward3",
    pattern: "move",
    inplace: "only",
    reshapesSelf: true,
    forward: squeezed,
    backward: { self: "unsqueeze_to(grad, dim, self.sizes())" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["(a * 2)[None].clone().squeeze_(0)", "v @ m"],
  }),
  composite({
    schema: "unsqueeze_to(Tensor self, int[] sizes) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, sizes) =>
      sizes.reduce((t, size, dim) => (size === 1 ? call("unsqueeze", t, dim) : t), self),
    samples: [],
  }),
  composite({
    schema: "unsqueeze_to.dim(Tensor self, int dim, int[] sizes) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, dim, sizes) => {
      const axis = normalDim(dim, sizes.length);
      return sizes[axis] === 1 ? call("unsqueeze", self, axis) : self;
    },
    samples: [],
  }),
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
    schema: "alias(Tensor self) -> Tensor",
    variants: "internal",
    node: "AliasBackward0",
    pattern: "pass",
    view: true,
    forward: (k, self) => k.view(self, self.shape, self.strides),
    backward: { self: "grad" },
    samples: ["a[...]", "v[()]"],
  }),
  op({
    schema: "clone(Tensor self) -> Tensor",
    node: "CloneBackward0",
    pattern: "pass",
    forward: (k, self) => k.clone(self),
    backward: { self: "grad" },
    samples: ["a.clone()", "torch.clone(i)"],
  }),
  composite({
    schema: "contiguous(Tensor self) -> Tensor",
    variants: "method",
    compose: (call, _k, self) => (isContiguous(self) ? self : call("clone", self)),
    samples: ["a.t().contiguous()", "a.contiguous()"],
  }),
  op({
    schema: "_to_copy(Tensor self, ScalarType? dtype) -> Tensor",
    variants: "internal",
    node: "ToCopyBackward0",
    pattern: "pass",
    forward: (k, self, dtype) => k.clone(self, dtype ?? self.dtype),
    backward: { self: "to(grad, self.scalar_type())" },
    savedNames: { "self.scalar_type()": "" },
    samples: ["a.double()", "a.to(torch.float64)", "a.long()", "i.float()", "a.bool()"],
  }),
  composite({
    schema: "to(Tensor self, ScalarType? dtype) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, dtype) => (self.dtype === dtype ? self : call("_to_copy", self, dtype)),
    samples: [],
  }),
  op({
    schema: "copy_(Tensor self, Tensor src, bool non_blocking=False) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "CopyBackwards",
    pattern: "pass",
    forward: (k, self, src) => {
      if (!expandable(src.shape, self.shape))
        fail(
          `The size of tensor a (${self.shape.at(-1)}) must match the size of tensor b (${src.shape.at(-1)}) at non-singleton dimension ${self.shape.length - 1}`,
        );
      const out = k.empty(self.shape, self.dtype);
      k.copyInto(out, src);
      return out;
    },
    backward: { self: "zeros_like(grad)", src: "grad" },
    samples: [
      "(a * 1).copy_(b)",
      "(a * 1).copy_(v)",
      "torch.zeros(2, 3).copy_(a)",
      "x = a * 1; x[0] = v; x",
      "x = a * 1; x[:, 1] = 5.; x",
      "x = torch.zeros(2, 3); x[1, 1:] = v[:2]; x * b",
      "x = a * 1; x[0] = x[1]; x",
    ],
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
      "x = torch.zeros(3); y = x[:2]; x[1] = v[0]; y * 2",
    ],
  }),
  composite({
    schema:
      "as_strided_backward(Tensor grad, int[] base_size, int[] base_stride, int base_offset, int[] size, int[] stride, int? storage_offset) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, baseSize, baseStride, baseOffset, size, stride, offset) => {
      // One dimension long enough for both; elements that several positions name get the sum.
      const reach = (shape: readonly number[], strides: readonly number[]): number =>
        shape.reduce((at, n, i) => at + (n - 1) * (strides[i] as number), 0) + 1;
      const from = (offset ?? baseOffset) - baseOffset;
      const low = Math.min(from, 0);
      const length = Math.max(reach(baseSize, baseStride), from + reach(size, stride)) - low;
      const where = stridedPositions(size, stride, from - low);
      const storage = call(
        "index_add_",
        k.full([length], 0, grad.dtype),
        0,
        int64s(k, [where.length], where),
        call("reshape", grad, [grad.numel]),
      );
      return call("as_strided", storage, baseSize, baseStride, -low);
    },
    samples: [],
  }),
  op({
    schema: "fill_.Scalar(Tensor self, Scalar value) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "FillBackward2",
    pattern: "pass",
    forward: (k, self, value) => k.full(self.shape, value.value, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 1).fill_(2)", "torch.zeros(2).fill_(1.5)", "x = a * 1; x[0].fill_(3.); x"],
  }),
  op({
    schema: "fill_.Tensor(Tensor self, Tensor value) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "FillBackward3",
    pattern: "pass",
    forward: (k, self, value) => {
      if (value.shape.length > 0)
        fail(
          `fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
        );
      const out = k.empty(self.shape, self.dtype);
      k.copyInto(out, value);
      return out;
    },
    backward: { self: "zeros_like(grad)", value: "grad.sum()" },
    samples: ["(a * 1).fill_(v[0])", "torch.zeros(2).fill_(v.sum())"],
  }),
  op({
    schema: "zero_(Tensor self) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "ZeroBackward0",
    pattern: "pass",
    forward: (k, self) => k.full(self.shape, 0, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 1).zero_()", "torch.ones(2).zero_()"],
  }),
];

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
