/** Elements at positions that a tensor names: indexing, gather and scatter, masks. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, type Kernels, normalDim, sameShape, showShape } from "../kernels.ts";
import { along, flat, indexed, int64s, maskOf, spread, trueAt } from "../positions.ts";
import { composite, type OpRow, op } from "../row.ts";
import { Tensor } from "../tensor.ts";

function taken(k: Kernels, self: Tensor, positions: Tensor, shape: readonly number[]): Tensor {
  const out = k.empty(shape, self.dtype);
  if (out.numel > 0) k.core.indexSelect(k.reshaped(out, [out.numel]), flat(k, self), 0, positions);
  return out;
}

/** A copy of `self` with `values` (flat) at `positions`, put or added. */
function withValues(k: Kernels, self: Tensor, positions: Tensor, values: Tensor, add: boolean): Tensor {
  const out = k.clone(self);
  const into = k.reshaped(out, [out.numel]);
  if (values.numel === 0) return out;
  if (add) k.core.indexAdd(into, 0, positions, values);
  else k.core.indexPut(into, 0, positions, values);
  return out;
}

function indexPut(
  k: Kernels,
  self: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate: boolean,
): Tensor {
  const { shape, positions } = indexed(k, self, indices);
  const own =
    !accumulate && fills(indices, values) ? k.full(values.shape, k.core.item(values), self.dtype) : values;
  return withValues(k, self, positions, spread(k, self, own, shape), accumulate);
}

/** Whether PyTorch fills instead, with a number: where one mask takes one element. */
function fills(indices: readonly (Tensor | null)[], values: Tensor): boolean {
  const given = indices.filter((index) => index !== null);
  const { dtype } = given[0] ?? {};
  return values.numel === 1 && given.length === 1 && (dtype === DType.bool || dtype === DType.u8);
}

function needsInt64(index: Tensor, name: string): void {
  if (index.dtype !== DType.i64) fail(`${name}(): Expected dtype int64 for index`);
}

/** What `scatter` and `gather` ask of the shapes. */
function checkIndex(name: string, self: Tensor, dim: number, index: Tensor): void {
  const n = (t: Tensor): number => Math.max(t.shape.length, 1);
  if (n(index) !== n(self))
    fail("Index tensor must have the same number of dimensions as self tensor".replace("self", name));
  for (const [d, size] of index.shape.entries())
    if (d !== dim && size > (self.shape[d] ?? 1))
      fail(
        `Size does not match at dimension ${d} expected index ${showShape(index.shape)} to be smaller than self ${showShape(self.shape)} apart from dimension ${dim}`,
      );
}

function gather(k: Kernels, self: Tensor, dim: number, index: Tensor): Tensor {
  const axis = normalDim(dim, self.shape.length);
  needsInt64(index, "gather");
  if (index.numel === 0) return k.empty(index.shape, self.dtype);
  checkIndex("input", self, axis, index);
  return taken(k, self, along(k, self.shape, axis, index).positions, index.shape);
}

function scatter(k: Kernels, self: Tensor, dim: number, index: Tensor, src: Tensor, add: boolean): Tensor {
  const name = add ? "scatter_add" : "scatter";
  const axis = normalDim(dim, self.shape.length);
  needsInt64(index, name);
  if (index.numel === 0) return k.clone(self);
  checkIndex("self", self, axis, index);
  if (src.dtype !== self.dtype) fail(`${name}(): Expected self.dtype to be equal to src.dtype`);
  for (const [d, size] of index.shape.entries())
    if (size > (src.shape[d] ?? 1))
      fail(
        `Expected index ${showShape(index.shape)} to be smaller than self ${showShape(self.shape)} apart from dimension ${axis} and to be smaller size than src ${showShape(src.shape)}`,
      );
  const part = k.view(src, index.shape, src.strides);
  const { positions } = along(k, self.shape, axis, index);
  return withValues(k, self, positions, flat(k, part), add);
}

function rows(k: Kernels, self: Tensor, dim: number, index: Tensor): { axis: number; index: Tensor } {
  const axis = normalDim(dim, self.shape.length);
  if (index.shape.length > 1) fail("index_select(): Index is supposed to be a vector", "IndexError");
  if (index.dtype === DType.i32) return rows(k, self, dim, k.cast(index, DType.i64));
  if (index.dtype !== DType.i64) fail("index_select(): Expected dtype int32 or int64 for index");
  const size = self.shape[axis] ?? 1;
  for (const value of k.core.read(index) as BigInt64Array)
    if (value < 0n || value >= BigInt(size)) fail("index out of range in self", "IndexError");
  return { axis, index: k.reshaped(k.contiguous(index), [index.numel]) };
}

/** A copy of `self` with one value at positions along a dimension; negative ones count from the end. */
function indexFilled(k: Kernels, self: Tensor, dim: number, index: Tensor, value: Tensor): Tensor {
  const axis = normalDim(dim, self.shape.length);
  if (index.dtype !== DType.i64) fail("index_fill_(): Expected dtype int64 for index.", "IndexError");
  if (index.shape.length > 1) fail("Index has to be a vector/scalar", "IndexError");
  const size = BigInt(self.shape[axis] ?? 1);
  const places = (k.core.read(index) as BigInt64Array).map((i) => {
    if (i < -size || i >= size)
      fail(`index ${i} is out of bounds for dimension ${axis} with size ${size}`, "IndexError");
    return i < 0n ? i + size : i;
  });
  const out = k.clone(self);
  if (out.numel === 0 || places.length === 0) return out;
  const whole = out.shape.length === 0 ? k.reshaped(out, [1]) : out;
  const shape = whole.shape.with(axis, places.length);
  const filling = { ...k.broadcast(value, shape) };
  k.core.indexPut(whole, axis, int64s(k, [places.length], places), filling);
  return out;
}

/** The mask and `self` under their common shape, `self` flat. */
function masked(k: Kernels, self: Tensor, mask: Tensor): { all: Tensor; positions: Tensor } {
  const shape = broadcastShapes(mask.shape, self.shape);
  const all = k.empty(shape, self.dtype);
  k.copyInto(all, self);
  const spreadMask = k.empty(shape, DType.bool);
  k.copyInto(spreadMask, mask);
  const [positions] = trueAt(k, k.reshaped(spreadMask, [spreadMask.numel]));
  return { all, positions: positions as Tensor };
}

export const INDEXING: readonly OpRow[] = [
  op({
    schema: "index.Tensor(Tensor self, Tensor?[] indices) -> Tensor",
    variants: "internal",
    node: "IndexBackward0",
    pattern: "move",
    forward: (k, self, indices) => {
      const { shape, positions } = indexed(k, self, indices);
      return taken(k, self, positions, shape);
    },
    backward: { self: "index_backward(grad, self.sizes(), indices)" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: [
      "a[torch.tensor([1, 0, 1])]",
      "a[:, torch.tensor([2, -1])]",
      "a[torch.tensor([0, 1]), torch.tensor([2, 0])]",
      "m[torch.tensor([[0], [2]]), torch.tensor([1, 2])]",
      "torch.stack([m, m])[torch.tensor([1]), :, torch.tensor([0, 2])]",
      "a[a > 0]",
      "m[torch.tensor([True, False, True])]",
      "i[i > 1]",
    ],
  }),
  composite({
    schema: "index_backward(Tensor grad, int[] sizes, Tensor?[] indices) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, sizes, indices) =>
      call("_index_put_impl_", k.full(sizes, 0, grad.dtype), indices, grad, true, true),
    samples: [],
  }),
  op({
    schema:
      "_index_put_impl_(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False, bool unsafe=False) -> Tensor",
    variants: "internal",
    inplace: "only",
    node: "IndexPutImplBackward0",
    pattern: "move",
    forward: (k, self, indices, values, accumulate) => indexPut(k, self, indices, values, accumulate),
    savedNames: { "values.sizes()": "" },
    backward: {
      self: "accumulate ? grad : index_put(grad, indices, grad.new_zeros(values.sizes()))",
      values: "index(grad, indices)",
    },
    samples: [],
  }),
  op({
    schema: "index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor",
    overlaps: "self",
    inplace: true,
    node: "IndexPutBackward0",
    pattern: "move",
    forward: indexPut,
    savedNames: { "values.sizes()": "" },
    backward: {
      self: "accumulate ? grad : index_put(grad, indices, grad.new_zeros(values.sizes()))",
      values: "index(grad, indices)",
    },
    samples: [
      "a.index_put((torch.tensor([0, 1]), torch.tensor([2, 0])), v[:2])",
      "a.index_put((torch.tensor([0, 0]),), m[:2], accumulate=True)",
      "x = a * 2; x[a > 1] = 0.; x",
      "x = a * 2; x[torch.tensor([1])] = v; x",
      "x = a * 2; x[:, torch.tensor([0, 2])] = b[:, :2]; x",
    ],
  }),
  op({
    schema: "gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor",
    node: "GatherBackward0",
    pattern: "move",
    forward: (k, self, dim, index) => gather(k, self, dim, index),
    backward: { self: "gather_backward(grad, self, dim, index)" },
    alsoSaves: ["sparse_grad"],
    samples: ["a.gather(1, torch.tensor([[0, 0], [2, 1]]))", "torch.gather(m, 0, torch.tensor([[2, 1, 0]]))"],
  }),
  composite({
    schema: "gather_backward(Tensor grad, Tensor self, int dim, Tensor index) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, self, dim, index) =>
      call("scatter_add_", k.full(self.shape, 0, grad.dtype), dim, index, grad),
    samples: [],
  }),
  op({
    schema: "scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
    inplace: true,
    node: "ScatterAddBackward0",
    pattern: "move",
    forward: (k, self, dim, index, src) => scatter(k, self, dim, index, src, true),
    backward: { self: "grad", src: "grad.gather(dim, index)" },
    samples: ["a.scatter_add(1, torch.tensor([[0, 0, 1], [2, 1, 1]]), b)"],
  }),
  op({
    schema: "scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
    inplace: true,
    node: "ScatterBackward0",
    pattern: "move",
    forward: (k, self, dim, index, src) => scatter(k, self, dim, index, src, false),
    backward: { self: "grad.scatter(dim, index, 0)", src: "grad.gather(dim, index)" },
    samples: ["a.scatter(1, torch.tensor([[0, 1, 2], [2, 1, 0]]), b)"],
  }),
  op({
    schema: "scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
    inplace: true,
    node: "ScatterBackward1",
    pattern: "move",
    forward: (k, self, dim, index, value) =>
      scatter(k, self, dim, index, k.full(index.shape, value.value, self.dtype), false),
    backward: { self: "grad.scatter(dim, index, 0)" },
    samples: [
      "a.scatter(1, torch.tensor([[0, 1], [2, 1]]), 7.)",
      "torch.zeros(2, 3).scatter_(1, i[:, 1:2] % 3, 1.)",
    ],
  }),
  op({
    schema: "index_select(Tensor self, int dim, Tensor index) -> Tensor",
    node: "IndexSelectBackward0",
    pattern: "move",
    forward: (k, self, dim, index) => {
      const at = rows(k, self, dim, index);
      const shape = self.shape.length === 0 ? [] : self.shape.with(at.axis, at.index.numel);
      const out = k.empty(shape, self.dtype);
      const one = (t: Tensor): Tensor => (t.shape.length === 0 ? k.reshaped(t, [1]) : t);
      k.core.indexSelect(one(out), one(self), at.axis, at.index);
      return out;
    },
    backward: { self: "index_select_backward(grad, self.sizes(), dim, index)" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.index_select(1, torch.tensor([2, 0, 2]))", "torch.index_select(m, 0, torch.tensor([1]))"],
  }),
  composite({
    schema: "index_select_backward(Tensor grad, int[] self_sizes, int dim, Tensor index) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, sizes, dim, index) =>
      call("index_add_", k.full(sizes, 0, grad.dtype), dim, index, grad),
    samples: [],
  }),
  op({
    schema: "index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
    inplace: true,
    node: "IndexAddBackward0",
    pattern: "move",
    forward: (k, self, dim, index, source, alpha) => {
      const length = source.shape.length === 0 ? 1 : source.shape[normalDim(dim, source.shape.length)];
      if (index.shape.length <= 1 && index.numel !== length)
        fail(
          `index_add_(): Number of indices (${index.numel}) should be equal to source.size(dim): (${length}), for dim: ${dim}`,
        );
      const at = rows(k, self, dim, index);
      if (source.dtype !== self.dtype)
        fail(
          `index_add_(): self (${dtypeRow(self.dtype).scalarType}) and source (${dtypeRow(source.dtype).scalarType}) must have the same scalar type`,
        );
      const alone = self.shape.length === 0;
      const fits = alone || sameShape(source.shape, self.shape.with(at.axis, at.index.numel));
      if (!fits) fail("source tensor shape must match self tensor shape, excluding the specified dimension.");
      const out = k.clone(self);
      const scaled = alpha.number === 1 ? source : k.cast(k.scaled(source, alpha), self.dtype);
      const line = (t: Tensor): Tensor => (alone ? k.reshaped(t, [1]) : t);
      k.core.indexAdd(line(out), at.axis, at.index, line(scaled));
      return out;
    },
    backward: {
      self: "grad",
      source:
        "source.dim() == 0 ? grad.index_select(dim, index.squeeze(0)) * alpha : alpha == 1 ? grad.index_select(dim, index).expand_as(source) : grad.index_select(dim, index).expand_as(source) * alpha",
    },
    samples: [
      "a.index_add(1, torch.tensor([2, 0]), b[:, :2])",
      "m.index_add(0, torch.tensor([1, 1]), a, alpha=2)",
    ],
  }),
  op({
    schema: "index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
    overlaps: true,
    inplace: true,
    node: "IndexFillBackward0",
    pattern: "route",
    forward: (k, self, dim, index, value) =>
      indexFilled(k, self, dim, index, k.full([], value.value, self.dtype)),
    backward: { self: "grad.index_fill(dim, index, 0)" },
    samples: [
      "a.index_fill(1, torch.tensor([2, 0]), 7.)",
      "m.index_fill(0, torch.tensor(1), -1)",
      "(a * 1).index_fill_(-1, torch.tensor([0]), 2)",
      "v[0].index_fill(0, torch.tensor([0]), 3.)",
    ],
  }),
  op({
    schema: "index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) -> Tensor",
    overlaps: true,
    inplace: true,
    node: "IndexFillBackward1",
    pattern: "route",
    forward: (k, self, dim, index, value) => {
      if (value.shape.length > 0)
        fail(
          `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
        );
      return indexFilled(k, self, dim, index, k.cast(value, self.dtype));
    },
    backward: {
      self: "grad.index_fill(dim, index, 0)",
      value: "grad.index_select(dim, distinct(index)).sum()",
    },
    samples: ["a.index_fill(1, torch.tensor([2, 0]), v[0])"],
  }),
  composite({
    schema: "distinct(Tensor index) -> Tensor",
    variants: "internal",
    // The last one first, as a set of PyTorch's gives them.
    compose: (_call, k, index) => {
      const values = [...new Set(k.core.read(index) as BigInt64Array)].reverse();
      return int64s(k, [values.length], values);
    },
    samples: [],
  }),
  op({
    schema: "masked_select(Tensor self, Tensor mask) -> Tensor",
    node: "MaskedSelectBackward0",
    pattern: "move",
    forward: (k, self, mask) => {
      if (mask.dtype !== DType.bool && mask.dtype !== DType.u8)
        fail("masked_select: expected BoolTensor or ByteTensor for mask");
      const { all, positions } = masked(k, self, maskOf(k, mask, "masked_select"));
      return taken(k, all, positions, [positions.numel]);
    },
    backward: { self: "masked_select_backward(grad, self, mask)" },
    samples: ["a.masked_select(c)", "torch.masked_select(v, c)"],
  }),
  composite({
    schema: "masked_select_backward(Tensor grad, Tensor input, Tensor mask) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, input, mask) =>
      call("masked_scatter_", k.full(broadcastShapes(input.shape, mask.shape), 0, input.dtype), mask, grad),
    samples: [],
  }),
  op({
    schema: "masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor",
    inplace: true,
    node: "MaskedScatterBackward0",
    pattern: "move",
    forward: (k, self, mask, source) => {
      if (self.dtype !== source.dtype)
        fail(
          `masked_scatter: expected self and source to have same dtypes but got${dtypeRow(self.dtype).scalarType} and ${dtypeRow(source.dtype).scalarType}`,
        );
      const { all, positions } = masked(k, self, maskOf(k, mask, "masked_scatter_"));
      if (positions.numel > source.numel) fail("Number of elements of source < number of ones in mask");
      const values = k.view(flat(k, source), [positions.numel], [1]);
      return withValues(k, all, positions, values, false);
    },
    backward: {
      self: "grad.masked_fill(mask, 0)",
      source: "masked_scatter_backward(grad, mask, source.sizes())",
    },
    savedNames: { "source.sizes()": "_saved_source_sizes" },
    samples: ["a.masked_scatter(c, b)"],
  }),
  composite({
    schema: "masked_scatter_backward(Tensor grad, Tensor mask, int[] sizes) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, mask, sizes) => {
      const numel = sizes.reduce((n, size) => n * size, 1);
      const selected = call("masked_select", grad, mask);
      const missing = numel - selected.numel;
      const whole = missing > 0 ? call("cat", [selected, k.full([missing], 0, grad.dtype)], 0) : selected;
      return call("view", whole, sizes);
    },
    samples: [],
  }),
  op({
    schema: "nonzero(Tensor self) -> Tensor",
    forward: (k, self) => {
      const columns = trueAt(k, self.dtype === DType.bool ? self : k.cast(self, DType.bool));
      const n = columns[0]?.numel ?? (Number(k.core.item(self)) === 0 ? 0 : 1);
      const lists = columns.map((column) => k.core.read(column) as BigInt64Array);
      // Column by column in memory, as PyTorch lays it.
      const values = lists.flatMap((list) => Array.from(list));
      const out = int64s(k, [columns.length, n], values);
      return k.scope.own(new Tensor(out.storage, DType.i64, [n, columns.length], [1, Math.max(n, 1)], 0));
    },
    samples: ["i.nonzero()", "torch.nonzero(a > 0)", "c.nonzero()"],
  }),
];
