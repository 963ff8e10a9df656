/** Views and copies: the same numbers under another shape. */
import type { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastStrides, expandable, type Kernels, normalDim, showShape } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import { contiguousStrides, isContiguous, Tensor } from "../tensor.ts";

/** Replace the one -1 in `shape` by what is left. */
function inferred(shape: readonly number[], numel: number): readonly number[] {
  const at = shape.indexOf(-1);
  const known = shape.reduce((n, size) => (size === -1 ? n : n * size), 1);
  const bad = (): string => `shape '${showShape(shape)}' is invalid for input of size ${numel}`;
  const negative = shape.find((size) => size < -1);
  if (negative !== undefined) fail(`invalid shape dimension ${negative}`);
  if (at < 0) return known === numel ? shape : fail(bad());
  if (shape.lastIndexOf(-1) !== at) fail("only one dimension can be inferred");
  if (known === 0 && numel === 0)
    fail(
      `cannot reshape tensor of 0 elements into shape ${showShape(shape)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    );
  if (numel % known !== 0) fail(bad());
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
  const a = normalDim(dim0, n);
  const b = normalDim(dim1, n);
  return k.view(self, swapped(self.shape, a, b), swapped(self.strides, a, b));
}

function swapped(list: readonly number[], a: number, b: number): readonly number[] {
  const out = list.slice();
  if (out.length === 0) return out;
  out[a] = list[b] as number;
  out[b] = list[a] as number;
  return out;
}

function squeezed(k: Kernels, self: Tensor, dim: number | null): Tensor {
  const n = self.shape.length;
  const axis = dim === null ? null : normalDim(dim, n);
  const keep = self.shape.flatMap((size, i) => (size === 1 && (axis === null || axis === i) ? [] : [i]));
  return permuted(k, self, keep);
}

function matrixTransposed(k: Kernels, self: Tensor): Tensor {
  const n = self.shape.length;
  if (n > 2) fail(`t() expects a tensor with <= 2 dimensions, but self is ${n}D`);
  return n < 2 ? k.view(self, self.shape, self.strides) : transposed(k, self, 0, 1);
}

function unsqueezed(k: Kernels, self: Tensor, dim: number): Tensor {
  const axis = normalDim(dim, self.shape.length + 1);
  const step = axis < self.shape.length ? (self.shape[axis] as number) * (self.strides[axis] as number) : 1;
  return k.view(self, self.shape.toSpliced(axis, 0, 1), self.strides.toSpliced(axis, 0, step));
}

/** The same bytes as numbers of another dtype: the last dimension grows or shrinks with their width. */
function bitsAs(k: Kernels, self: Tensor, dtype: DType): Tensor {
  const [from, to] = [dtypeRow(self.dtype), dtypeRow(dtype)];
  const { shape, strides, offset } = self;
  if (from.size === to.size) return seenAs(k, self, dtype, shape, strides, offset);
  const how = `to view ${from.scalarType} as ${to.scalarType} (different element sizes)`;
  if (shape.length === 0) fail(`self.dim() cannot be 0 ${how}`);
  const last = shape.length - 1;
  const width = shape[last] as number;
  const ratio = Math.max(from.size, to.size) / Math.min(from.size, to.size);
  const grows = to.size < from.size;
  const divides = (n: number, what: string): void => {
    if (n % ratio !== 0) fail(`self.${what} must be divisible by ${ratio} ${how}, but got ${n}`);
  };
  if (!grows) {
    divides(width, "size(-1)");
    divides(offset, "storage_offset()");
  }
  if (strides[last] !== 1) fail(`self.stride(-1) must be 1 ${how}, but got ${strides[last]}`);
  if (!grows) for (const [i, step] of strides.slice(0, last).entries()) divides(step, `stride(${i})`);
  const scaled = (n: number): number => (grows ? n * ratio : n / ratio);
  const sizes = shape.with(last, scaled(width));
  return seenAs(k, self, dtype, sizes, strides.map(scaled).with(last, 1), scaled(offset));
}

function seenAs(
  k: Kernels,
  self: Tensor,
  dtype: DType,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Tensor {
  const out = k.scope.own(new Tensor(self.storage, dtype, shape, strides, offset));
  // Not a view to autograd, but it shares the numbers.
  out.counter = self.counter;
  return out;
}

type Swapped = "swapaxes_(Tensor self, int axis0, int axis1) -> Tensor";

export const SHAPE: readonly OpRow[] = [
  op({
    schema: "view.dtype(Tensor self, ScalarType? dtype) -> Tensor",
    variants: "method",
    rounds: "each",
    forward: (k, self, dtype) => bitsAs(k, self, dtype ?? self.dtype),
    samples: [
      "a.view(torch.int32)",
      "i.view(torch.int32)",
      "i.int().view(torch.int64)",
      "v.view(torch.float64)",
    ],
  }),
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
        : call("_unsafe_view", call("clone.contiguous", self), shape);
    },
    samples: ["a.reshape(-1)", "a.t().reshape(6)", "torch.reshape(a, (3, 2))", "a[:, 0:1].reshape(2)"],
  }),
  op({
    schema: "t(Tensor self) -> Tensor",
    node: "TBackward0",
    pattern: "move",
    view: true,
    forward: matrixTransposed,
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
      const shape = size.map((n, i) => (n === -1 && i >= lead ? (self.shape[i - lead] as number) : n));
      if (!expandable(self.shape, shape)) {
        const at = shape.findLastIndex(
          (n, i) => i >= lead && self.shape[i - lead] !== 1 && self.shape[i - lead] !== n,
        );
        fail(
          `The expanded size of the tensor (${shape[at]}) must match the existing size (${self.shape[at - lead]}) at non-singleton dimension ${at}.  Target sizes: ${showShape(size)}.  Tensor sizes: ${showShape(self.shape)}`,
        );
      }
      const missing = shape.lastIndexOf(-1);
      if (missing >= 0)
        fail(
          `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${missing}`,
        );
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
      if (size.length === 0) return call("sum", self);
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
    forward: unsqueezed,
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
    schema: "squeeze_(Tensor self) -> Tensor",
    variants: "method",
    node: "SqueezeBackward2",
    pattern: "move",
    inplace: "only",
    reshapesSelf: true,
    forward: (k, self) => squeezed(k, self, null),
    backward: { self: "unsqueeze_to(grad, self.sizes())" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["(a * 2)[None].clone().squeeze_()"],
  }),
  op({
    schema: "unsqueeze_(Tensor self, int dim) -> Tensor",
    variants: "method",
    node: "UnsqueezeBackward1",
    pattern: "move",
    inplace: "only",
    reshapesSelf: true,
    forward: unsqueezed,
    backward: { self: "grad.squeeze(dim)" },
    samples: ["(a * 2).unsqueeze_(1)"],
  }),
  op({
    schema: "t_(Tensor self) -> Tensor",
    variants: "method",
    node: "TBackward1",
    pattern: "move",
    inplace: "only",
    reshapesSelf: true,
    forward: matrixTransposed,
    backward: { self: "grad.t()" },
    samples: ["(a * 2).t_()"],
  }),
  op({
    schema: "transpose_(Tensor self, int dim0, int dim1) -> Tensor",
    variants: "method",
    node: "TransposeBackward1",
    pattern: "move",
    inplace: "only",
    reshapesSelf: true,
    forward: transposed,
    backward: { self: "grad.transpose(dim0, dim1)" },
    samples: ["(a * 2).transpose_(0, 1)"],
  }),
  ...(["swapaxes_", "swapdims_"] as const).map((name) =>
    composite({
      schema: (name === "swapaxes_"
        ? "swapaxes_(Tensor self, int axis0, int axis1) -> Tensor"
        : "swapdims_(Tensor self, int dim0, int dim1) -> Tensor") as Swapped,
      variants: "method",
      inplace: "only",
      compose: (call, _k, self, axis0, axis1) => call("transpose_", self, axis0, axis1),
      samples: [`(a * 2).${name}(0, 1)`],
    }),
  ),
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
    schema: "alias(Tensor self) -> Tensor",
    variants: "internal",
    node: "AliasBackward0",
    pattern: "pass",
    view: true,
    forward: (k, self) => k.view(self, self.shape, self.strides),
    backward: { self: "grad" },
    samples: ["a[...]", "v[()]"],
  }),
];
