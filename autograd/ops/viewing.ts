/** More ways to look at a tensor, and to lay several side by side: windows, splits by sections, at least so many dimensions. */
import { Binary, DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, ownDim, showShape } from "../kernels.ts";
import { int64s } from "../positions.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** All windows of a size along a dimension, as a new last dimension. */
function unfold(k: Kernels, self: Tensor, dim: number, size: number, step: number): Tensor {
  const axis = normalDim(dim, self.shape.length);
  const whole = self.shape[axis] ?? 1;
  if (size > whole) fail(`maximum size for tensor at dimension ${axis} is ${whole} but size is ${size}`);
  if (step <= 0) fail(`step is ${step} but must be > 0`);
  const stride = self.strides[axis] ?? 1;
  const count = Math.floor((whole - size) / step) + 1;
  const [shape, strides] =
    self.shape.length === 0
      ? [[size], [1]]
      : [
          [...self.shape.with(axis, count), size],
          [...self.strides.with(axis, stride * step), stride],
        ];
  return k.view(self, shape, strides);
}

function flipped(k: Kernels, self: Tensor, dims: readonly number[]): Tensor {
  return dims.reduce((t, axis) => {
    const size = t.shape[axis] as number;
    const out = k.empty(t.shape, t.dtype);
    const order = int64s(
      k,
      [size],
      Array.from({ length: size }, (_, i) => size - 1 - i),
    );
    if (out.numel > 0) k.core.indexSelect(out, t, axis, order);
    return out;
  }, self);
}

function rotated(k: Kernels, self: Tensor, times: number, dims: readonly number[]): Tensor {
  const n = self.shape.length;
  if (dims.length !== 2) fail(`expected total rotation dims == 2, but got dims = ${dims.length}`);
  if (n < 2) fail(`expected total dims >= 2, but got total dims = ${n}`);
  const [a, b] = dims as readonly [number, number];
  if (a === b || Math.abs(a - b) === n)
    fail(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`);
  for (const [i, dim] of dims.entries())
    if (dim >= n || dim < -n) fail(`Rotation dim${i} out of range, dim${i} = ${dim}`);
  const [x, y] = [normalDim(a, n), normalDim(b, n)];
  const turns = ((times % 4) + 4) % 4;
  if (turns === 0) return k.clone(self);
  if (turns === 2) return flipped(k, self, [x, y]);
  const turned = flipped(k, self, [turns === 1 ? y : x]);
  const swap = (list: readonly number[]): number[] =>
    list.map((_, i) => list[i === x ? y : i === y ? x : i] as number);
  const out = k.emptyStrided(swap(turned.shape), swap(turned.strides), self.dtype);
  k.copyInto(out, k.view(turned, swap(turned.shape), swap(turned.strides)));
  return out;
}

/** Sizes after sections of equal length, the first ones longer by one where it does not come out even. */
function sections(call: Call, self: Tensor, count: number, dim: number): readonly Tensor[] {
  if (count <= 0) fail(`number of sections must be larger than 0, got ${count}`);
  const axis = normalDim(dim, self.shape.length);
  const size = self.shape[axis] as number;
  const [least, longer] = [Math.floor(size / count), size % count];
  let start = 0;
  return Array.from({ length: count }, (_, i) => {
    const end = start + least + Number(i < longer);
    const part = call("slice", self, axis, start, end);
    start = end;
    return part;
  });
}

function atIndices(call: Call, self: Tensor, indices: readonly number[], dim: number): readonly Tensor[] {
  const axis = normalDim(dim, self.shape.length);
  const ends = [...indices, self.shape[axis] as number];
  let start = 0;
  return ends.map((end) => {
    const part = call("slice", self, axis, start, end);
    start = end;
    return part;
  });
}

function needsDims(self: Tensor, name: string): void {
  if (self.shape.length === 0)
    fail(`${name} expected at least a 1-dimensional tensor, but got a tensor with 0 dims`);
}

const AXES: Readonly<Record<string, { least: number; axis: (n: number) => number }>> = {
  hsplit: { least: 1, axis: (n) => (n === 1 ? 0 : 1) },
  vsplit: { least: 2, axis: () => 0 },
  dsplit: { least: 3, axis: () => 2 },
};

type Sections = "x.int(Tensor self, int sections) -> Tensor[]";
type Indices = "x.array(Tensor self, int[] indices) -> Tensor[]";

/** hsplit, vsplit, dsplit. */
const splits = (name: string): readonly OpRow[] => {
  const { least, axis } = AXES[name] as (typeof AXES)[string];
  const check = (self: Tensor): number => {
    if (self.shape.length < least)
      fail(
        `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${self.shape.length} dimensions!`,
      );
    return axis(self.shape.length);
  };
  const sample = name === "dsplit" ? "torch.stack([a, b], 2)" : "a";
  const count = name === "hsplit" ? 3 : 2;
  return [
    composite({
      schema: `${name}.int(Tensor self, int sections) -> Tensor[]` as Sections,
      compose: (call, _k, self, n) => {
        const dim = check(self);
        if (n === 0)
          fail(
            `torch.${name} attempted to split along dimension ${dim}, but the size of the dimension ${self.shape[dim]} is not divisible by the split_size ${n}!`,
          );
        if ((self.shape[dim] as number) % n !== 0)
          fail(
            `torch.${name} attempted to split along dimension ${dim}, but the size of the dimension ${self.shape[dim]} is not divisible by the split_size ${n}!`,
          );
        return sections(call, self, n, dim);
      },
      samples: [`torch.${name}(${sample}, ${count})`],
    }),
    composite({
      schema: `${name}.array(Tensor self, int[] indices) -> Tensor[]` as Indices,
      compose: (call, _k, self, indices) => atIndices(call, self, indices, check(self)),
      samples: [`${sample}.${name}([1])[0]`],
    }),
  ];
};

const atLeast = (call: Call, t: Tensor, n: 1 | 2 | 3): Tensor => {
  const dims = t.shape.length;
  if (dims === 0) return call("reshape", t, new Array<number>(n).fill(1));
  if (dims === 1 && n === 2) return call("unsqueeze", t, 0);
  if (dims === 1 && n === 3) return call("unsqueeze", call("unsqueeze", t, 0), -1);
  return dims === 2 && n === 3 ? call("unsqueeze", t, -1) : t;
};

type AtLeast = "atleast(Tensor self) -> Tensor";
type AtLeastAll = "atleast.Sequence(Tensor[] tensors) -> Tensor[]";

const atLeasts = (n: 1 | 2 | 3): readonly OpRow[] => [
  composite({
    schema: `atleast_${n}d(Tensor self) -> Tensor` as AtLeast,
    variants: "function",
    compose: (call, _k, self) => atLeast(call, self, n),
    samples: [`torch.atleast_${n}d(v[0])`, `torch.atleast_${n}d(v)`, `torch.atleast_${n}d(a)`],
  }),
  composite({
    schema: `atleast_${n}d.Sequence(Tensor[] tensors) -> Tensor[]` as AtLeastAll,
    variants: "function",
    compose: (call, _k, tensors) => tensors.map((t) => atLeast(call, t, n)),
    samples: [`torch.atleast_${n}d(v[0], a)`, `torch.atleast_${n}d([v, a])`],
  }),
];

export const VIEWING: readonly OpRow[] = [
  op({
    schema: "unfold(Tensor self, int dimension, int size, int step) -> Tensor",
    variants: "method",
    node: "UnfoldBackward0",
    pattern: "move",
    view: true,
    forward: unfold,
    backward: { self: "unfold_backward(grad, self.sizes(), dimension, size, step)" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.unfold(1, 2, 1)", "v.unfold(0, 2, 1)", "m.unfold(0, 2, 2)", "v[0].unfold(0, 1, 1)"],
  }),
  op({
    schema: "unfold_backward(Tensor grad_in, int[] input_sizes, int dim, int size, int step) -> Tensor",
    variants: "internal",
    node: "UnfoldBackwardBackward0",
    pattern: "move",
    forward: (k, grad, sizes, dim, size, step) => {
      const out = k.full(sizes, 0, grad.dtype);
      const windows = unfold(k, out, dim, size, step);
      const last = windows.shape.length - 1;
      // Window element after window element: those of one place do not overlap.
      for (let i = 0; i < size; i++) {
        const part = (t: Tensor): Tensor =>
          k.view(
            t,
            t.shape.slice(0, last),
            t.strides.slice(0, last),
            t.offset + i * (t.strides[last] as number),
          );
        const into = part(windows);
        k.copyInto(into, k.binary(Binary.add, into, part(grad)));
      }
      return out;
    },
    backward: { grad_in: "grad.unfold(dim, size, step)" },
    samples: [],
  }),
  composite({
    schema: "unflatten.int(Tensor self, int dim, int[] sizes) -> Tensor",
    compose: (call, _k, self, dim, sizes) => {
      if (sizes.length === 0) fail("unflatten: sizes must be non-empty");
      const axis = ownDim(dim, self.shape.length);
      const size = self.shape[axis] as number;
      const unknown = sizes.includes(-1);
      const known = sizes.filter((n) => n !== -1).reduce((x, y) => x * y, 1);
      if (unknown ? size % known !== 0 : known !== size)
        fail(
          `unflatten: Provided sizes ${showShape(sizes)} don't multiply up to the size of dim ${axis} (${size}) in the input tensor`,
        );
      return call(
        "view",
        self,
        self.shape.toSpliced(axis, 1, ...sizes.map((n) => (n === -1 ? size / known : n))),
      );
    },
    samples: ["torch.unflatten(a, 1, (3, 1))", "a.unflatten(-1, (1, -1))"],
  }),
  composite({
    schema: "tensor_split.sections(Tensor self, int sections, int dim=0) -> Tensor[]",
    compose: (call, _k, self, count, dim) => {
      needsDims(self, "tensor_split");
      return sections(call, self, count, dim);
    },
    samples: ["torch.tensor_split(a, 2, 1)", "v.tensor_split(2)[1]"],
  }),
  composite({
    schema: "tensor_split.indices(Tensor self, int[] indices, int dim=0) -> Tensor[]",
    compose: (call, _k, self, indices, dim) => {
      needsDims(self, "tensor_split");
      return atIndices(call, self, indices, dim);
    },
    samples: ["torch.tensor_split(a, (1,), 1)", "a.tensor_split([1, 2], dim=1)"],
  }),
  composite({
    schema:
      "tensor_split.tensor_indices_or_sections(Tensor self, Tensor tensor_indices_or_sections, int dim=0) -> Tensor[]",
    compose: (call, k, self, places, dim) => {
      needsDims(self, "tensor_split");
      if (places.dtype !== DType.i64)
        fail(
          `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${dtypeRow(places.dtype).scalarType}`,
        );
      if (places.shape.length > 1)
        fail(
          `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${places.shape.length} dims`,
        );
      const numbers = Array.from(k.core.read(places), Number);
      return places.shape.length === 0
        ? sections(call, self, numbers[0] as number, dim)
        : atIndices(call, self, numbers, dim);
    },
    samples: ["torch.tensor_split(a, torch.tensor([1]), 1)[0]"],
  }),
  ...splits("hsplit"),
  ...splits("vsplit"),
  ...splits("dsplit"),
  ...atLeasts(1),
  ...atLeasts(2),
  ...atLeasts(3),
  composite({
    schema: "dstack(Tensor[] tensors) -> Tensor",
    variants: "function",
    compose: (call, _k, tensors) => {
      if (tensors.length === 0) fail("dstack expects a non-empty TensorList");
      return call(
        "cat",
        tensors.map((t) => atLeast(call, t, 3)),
        2,
      );
    },
    samples: ["torch.dstack([a, b])", "torch.dstack((v, v))"],
  }),
  composite({
    schema: "column_stack(Tensor[] tensors) -> Tensor",
    variants: "function",
    compose: (call, _k, tensors) => {
      if (tensors.length === 0) fail("column_stack expects a non-empty TensorList");
      const columns = tensors.map((t) => (t.shape.length <= 1 ? call("reshape", t, [t.numel, 1]) : t));
      return call("hstack", columns);
    },
    samples: ["torch.column_stack([v, v])", "torch.column_stack((a, b))"],
  }),
  composite({
    schema: "tile(Tensor self, int[] dims) -> Tensor",
    compose: (call, _k, self, dims) => {
      const missing = self.shape.length - dims.length;
      return call("repeat", self, missing > 0 ? [...new Array<number>(missing).fill(1), ...dims] : dims);
    },
    samples: ["torch.tile(a, (2, 1))", "a.tile((2,))", "v.tile(2, 2)"],
  }),
  op({
    schema: "rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor",
    rounds: "each",
    node: "Rot90Backward0",
    pattern: "move",
    forward: (kernels, self, k, dims) => rotated(kernels, self, k, dims),
    backward: { self: "grad.rot90(-k, dims)" },
    samples: [
      "torch.rot90(a)",
      "a.rot90(2)",
      "torch.rot90(m, 3, [1, 0])",
      "torch.rot90(a, 0)",
      "a.rot90(-1, (0, 1))",
    ],
  }),
  composite({
    schema: "fliplr(Tensor self) -> Tensor",
    compose: (call, _k, self) => {
      if (self.shape.length < 2) fail("Input must be >= 2-d.");
      return call("flip", self, [1]);
    },
    samples: ["torch.fliplr(a)", "m.fliplr()"],
  }),
  composite({
    schema: "flipud(Tensor self) -> Tensor",
    compose: (call, _k, self) => {
      if (self.shape.length < 1) fail("Input must be >= 1-d.");
      return call("flip", self, [0]);
    },
    samples: ["torch.flipud(a)", "v.flipud()"],
  }),
  composite({
    schema: "adjoint(Tensor self) -> Tensor",
    compose: (call, _k, self) => {
      if (self.shape.length === 0) return self;
      if (self.shape.length === 1)
        fail("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.");
      return call("transpose", self, -2, -1);
    },
    samples: ["torch.adjoint(m)", "a.adjoint()"],
  }),
  composite({
    schema: "broadcast_to(Tensor self, int[] size) -> Tensor",
    compose: (call, _k, self, size) => call("expand", self, size),
    samples: ["torch.broadcast_to(v, (2, 3))", "v.broadcast_to((2, 3))"],
  }),
  op({
    schema: "narrow_copy(Tensor self, int dim, int start, int length) -> Tensor",
    node: "NotImplemented",
    forward: (k, self, dim, start, length) => {
      const axis = normalDim(dim, self.shape.length);
      const size = self.shape[axis] as number;
      const from = start < 0 ? start + size : start;
      if (from + length > size)
        fail(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
      const stride = self.strides[axis] as number;
      return k.clone(k.view(self, self.shape.with(axis, length), self.strides, self.offset + from * stride));
    },
    backward: { self: 'not_implemented("aten::narrow_copy")' },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: ["torch.narrow_copy(a, 1, 0, 2)", "a.detach().narrow_copy(0, 1, 1)"],
  }),
  ...(["real", "resolve_conj", "resolve_neg", "conj", "conj_physical"] as const).map((name) =>
    composite({
      schema: `${name}(Tensor self) -> Tensor` as "real(Tensor self) -> Tensor",
      ...(name === "real" ? { variants: "function" as const } : {}),
      compose: (_call, _k, self) => self,
      samples: name === "real" ? ["torch.real(a)"] : [`torch.${name}(a)`, `(a * 2).${name}()`],
    }),
  ),
  composite({
    schema: "imag(Tensor self) -> Tensor",
    variants: "function",
    compose: () => fail("imag is not implemented for tensors with non-complex dtypes."),
    samples: ["torch.imag(a)"],
  }),
  op({
    schema: "as_strided_(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    inplace: "only",
    reshapesSelf: true,
    node: "AsStridedBackward1",
    pattern: "move",
    forward: (k, self, size, stride, offset) => k.view(self, size, stride, offset ?? self.offset),
    backward: {
      self: "as_strided_backward(grad, self.sizes(), self.strides(), self.offset(), size, stride, storage_offset)",
    },
    savedNames: { "self.sizes()": "", "self.strides()": "", "self.offset()": "" },
    samples: [
      "(a * 1).as_strided_((2, 2), (1, 2))",
      "torch.arange(6.).as_strided_((2, 2), (1, 2))",
      "torch.arange(6.).as_strided_((2,), (3,), 1)",
    ],
  }),
];
