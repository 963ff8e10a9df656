/** Elements in another order: dimensions merged, moved and split, copies side by side. */
import { fail } from "../errors.ts";
import { type Kernels, normalDim, normalDims, ownDim, showShape } from "../kernels.ts";
import { int64s } from "../positions.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** `self` at other positions along a dimension. */
function picked(k: Kernels, self: Tensor, axis: number, from: (i: number) => number): Tensor {
  const size = self.shape[axis] as number;
  const out = k.empty(self.shape, self.dtype);
  const index = int64s(
    k,
    [size],
    Array.from({ length: size }, (_, i) => from(i)),
  );
  if (out.numel > 0) k.core.indexSelect(out, self, axis, index);
  return out;
}

function movedim(
  call: Call,
  self: Tensor,
  source: readonly number[],
  destination: readonly number[],
): Tensor {
  if (source.length !== destination.length)
    fail(
      `movedim: Invalid source or destination dims: source (${showShape(source)} dims) should contain the same number of dims as destination (${showShape(destination)} dims)`,
    );
  const n = self.shape.length;
  const from = source.map((dim) => normalDim(dim, n));
  const to = destination.map((dim) => normalDim(dim, n));
  if (new Set(from).size !== from.length) fail(`movedim: repeated dim in \`source\` (${showShape(source)})`);
  if (new Set(to).size !== to.length)
    fail(`movedim: repeated dim in \`destination\` (${showShape(destination)})`);
  const rest = self.shape.map((_, i) => i).filter((i) => !from.includes(i));
  const order = self.shape.map((_, i) =>
    to.includes(i) ? (from[to.indexOf(i)] as number) : (rest.shift() as number),
  );
  return call("permute", self, order);
}

/** Views of the parts of `self` with these lengths along `dim`. */
function parts(k: Kernels, self: Tensor, lengths: readonly number[], dim: number): readonly Tensor[] {
  const axis = normalDim(dim, self.shape.length);
  const step = self.strides[axis] as number;
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return k.view(self, self.shape.with(axis, length), self.strides, self.offset + (start - length) * step);
  });
}

const atLeast1d = (call: Call, t: Tensor): Tensor => (t.shape.length === 0 ? call("reshape", t, [1]) : t);
const atLeast2d = (call: Call, t: Tensor): Tensor =>
  t.shape.length === 0 ? call("reshape", t, [1, 1]) : t.shape.length === 1 ? call("unsqueeze", t, 0) : t;

type Moved = "moved.intlist(Tensor self, int[] source, int[] destination) -> Tensor";
type MovedOne = "moved.int(Tensor self, int source, int destination) -> Tensor";
type Swapped = "swapped(Tensor self, int axis0, int axis1) -> Tensor";

export const ARRANGING: readonly OpRow[] = [
  composite({
    schema: "flatten.using_ints(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor",
    compose: (call, _k, self, startDim, endDim) => {
      const n = self.shape.length;
      const [start, end] = [normalDim(startDim, n), normalDim(endDim, n)];
      if (start > end) fail("flatten() has invalid args: start_dim cannot come after end_dim");
      if (n === 0) return call("reshape", self, [1]);
      if (start === end) return self;
      const merged = self.shape.slice(start, end + 1).reduce((x, y) => x * y, 1);
      return call("reshape", self, self.shape.toSpliced(start, end - start + 1, merged));
    },
    samples: [
      "a.flatten()",
      "torch.flatten(torch.stack([a, b]), 1)",
      "a.t().flatten()",
      "v.flatten()",
      "v[0].flatten()",
    ],
  }),
  composite({
    schema: "ravel(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("view", call("contiguous", self), [-1]),
    samples: ["a.ravel()", "a.t().ravel()"],
  }),
  ...(["movedim", "moveaxis"] as const).map((name) =>
    composite({
      schema: `${name}.intlist(Tensor self, int[] source, int[] destination) -> Tensor` as Moved,
      compose: (call, _k, self, source, destination) => movedim(call, self, source, destination),
      samples: [`torch.${name}(torch.stack([a, b]), (0, 1), (-1, 0))`],
    }),
  ),
  ...(["movedim", "moveaxis"] as const).map((name) =>
    composite({
      schema: `${name}.int(Tensor self, int source, int destination) -> Tensor` as MovedOne,
      compose: (call, _k, self, source, destination) => movedim(call, self, [source], [destination]),
      samples: [`torch.stack([a, b]).${name}(0, 2)`],
    }),
  ),
  ...(["swapaxes", "swapdims"] as const).map((name) =>
    composite({
      schema: (name === "swapaxes"
        ? "swapaxes(Tensor self, int axis0, int axis1) -> Tensor"
        : "swapdims(Tensor self, int dim0, int dim1) -> Tensor") as Swapped,
      compose: (call, _k, self, axis0, axis1) => call("transpose", self, axis0, axis1),
      samples: [`a.${name}(0, 1)`],
    }),
  ),
  op({
    schema: "split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]",
    node: "SplitBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, size, dim) => {
      if (self.shape.length === 0) fail("split expects at least a 1-dimensional tensor");
      if (size < 0) fail(`split expects split_size be non-negative, but got split_size=${size}`);
      const whole = self.shape[normalDim(dim, self.shape.length)] as number;
      if (size === 0 && whole !== 0)
        fail(`split_size can only be 0 if dimension size is 0, but got dimension size of ${whole}`);
      const count = size === 0 ? 1 : Math.max(Math.ceil(whole / size), 1);
      const lengths = Array.from({ length: count }, (_, i) => Math.min(size, whole - i * size));
      return parts(k, self, lengths, dim);
    },
    backward: { self: "cat(grads, dim)" },
    alsoSaves: ["split_size", "self.sizes()"],
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["torch.split(a, 2, 1)", "a.split(1)[1]", "v.split(2)"],
  }),
  op({
    schema: "split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]",
    node: "SplitWithSizesBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, sizes, dim) => {
      if (self.shape.length === 0) fail("split expects at least a 1-dimensional tensor");
      const whole = self.shape[normalDim(dim, self.shape.length)] as number;
      const negative = sizes.find((size) => size < 0);
      if (negative !== undefined)
        fail(
          `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${showShape(sizes)}`,
        );
      if (sizes.reduce((x, y) => x + y, 0) !== whole)
        fail(
          `split_with_sizes expects split_sizes to sum exactly to ${whole} (input tensor's size at dimension ${dim}), but got split_sizes=${showShape(sizes)}`,
        );
      return parts(k, self, sizes, dim);
    },
    backward: { self: "cat(grads, dim)" },
    alsoSaves: ["split_sizes", "self.sizes()"],
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.split_with_sizes([1, 2], 1)", "torch.split_with_sizes(v, [1, 2])[1]"],
  }),
  composite({
    schema: "split.sizes(Tensor self, int[] split_size, int dim=0) -> Tensor[]",
    compose: (call, _k, self, sizes, dim) => call("split_with_sizes", self, sizes, dim),
    samples: ["a.split([1, 2], 1)", "torch.split(v, [2, 1])[0]"],
  }),
  composite({
    schema: "chunk(Tensor self, int chunks, int dim=0) -> Tensor[]",
    compose: (call, _k, self, chunks, dim) => {
      if (self.shape.length === 0) fail("chunk expects at least a 1-dimensional tensor");
      if (chunks <= 0) fail(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
      const whole = self.shape[normalDim(dim, self.shape.length)] as number;
      const size = Math.ceil(whole / chunks);
      return size === 0
        ? call("split_with_sizes", self, new Array<number>(chunks).fill(0), dim)
        : call("split.Tensor", self, size, dim);
    },
    samples: ["a.chunk(2, 1)", "torch.chunk(v, 2)[0]"],
  }),
  op({
    schema: "repeat(Tensor self, int[] repeats) -> Tensor",
    variants: "method",
    node: "RepeatBackward0",
    pattern: "copy",
    forward: (k, self, repeats) => {
      const lead = repeats.length - self.shape.length;
      if (lead < 0)
        fail("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
      const sizes = repeats.map((_, i) => (i < lead ? 1 : (self.shape[i - lead] as number)));
      const shape = sizes.map((size, i) => size * (repeats[i] as number));
      const negative = shape.find((size) => size < 0);
      if (negative !== undefined)
        fail(`Trying to create tensor with negative dimension ${negative}: ${showShape(shape)}`);
      const out = k.empty(shape, self.dtype);
      // [repeat, size] for each dimension: the same memory, and self is broadcast over the repeats.
      const pairs = sizes.flatMap((size, i) => [repeats[i] as number, size]);
      const strides = sizes.flatMap((_, i) => [0, i < lead ? 0 : (self.strides[i - lead] as number)]);
      if (out.numel > 0) k.core.copy(k.reshaped(out, pairs), k.view(self, pairs, strides));
      return out;
    },
    backward: { self: "repeat_backward(grad, repeats, self.sizes())" },
    samples: ["a.repeat(2, 2)", "v.repeat(2)", "v.repeat(2, 1)", "a.repeat(1, 2, 1)"],
  }),
  composite({
    schema: "repeat_backward(Tensor grad, int[] repeats, int[] input_shape) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, repeats, shape) => {
      if (repeats.includes(0)) return k.full(shape, 0, grad.dtype);
      const lead = grad.shape.length - shape.length;
      let from = grad;
      for (let i = 0; i < lead; i++) from = call("sum", from, [0], false);
      const sizes: number[] = [];
      const summed: number[] = [];
      for (const [i, size] of shape.entries()) {
        const times = repeats[i + lead] as number;
        if (times !== 1) summed.push(sizes.push(times) - 1);
        sizes.push(size);
      }
      return summed.length > 0 ? call("sum", call("reshape", from, sizes), summed, false) : from;
    },
    samples: [],
  }),
  op({
    schema: "flip(Tensor self, int[] dims) -> Tensor",
    elementwise: true,
    node: "FlipBackward0",
    pattern: "move",
    forward: (k, self, dims) =>
      dims.length === 0
        ? k.clone(self)
        : normalDims(dims, self.shape.length).reduce(
            (t, axis) => picked(k, t, axis, (i) => (t.shape[axis] as number) - 1 - i),
            self,
          ),
    backward: { self: "grad.flip(dims)" },
    samples: ["a.flip(0)", "torch.flip(a, (0, 1))", "v.flip(-1)", "i.flip(1)"],
  }),
  op({
    schema: "roll(Tensor self, int[] shifts, int[] dims=[]) -> Tensor",
    node: "RollBackward0",
    pattern: "move",
    forward: (k, self, shifts, dims) => {
      if (shifts.length === 0) fail("`shifts` required");
      if (dims.length === 0 && shifts.length === 1) {
        const flat = k.reshaped(k.contiguous(self), [self.numel]);
        return k.reshaped(rolled(k, flat, shifts[0] as number, 0), self.shape);
      }
      if (shifts.length !== dims.length)
        fail(`shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`);
      return dims.reduce(
        (t, dim, i) => rolled(k, t, shifts[i] as number, ownDim(dim, self.shape.length)),
        self,
      );
    },
    backward: { self: "roll_back(grad, shifts, dims)" },
    samples: ["a.roll(1)", "torch.roll(a, 1, 1)", "a.roll((1, -1), (0, 1))"],
  }),
  composite({
    schema: "roll_back(Tensor grad, int[] shifts, int[] dims) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, shifts, dims) =>
      call("roll", grad, shifts.map((shift) => -shift).reverse(), [...dims].reverse()),
    samples: [],
  }),
  composite({
    schema: "hstack(Tensor[] tensors) -> Tensor",
    variants: "function",
    compose: (call, _k, tensors) => {
      if (tensors.length === 0) fail("hstack expects a non-empty TensorList");
      const all = tensors.map((t) => atLeast1d(call, t));
      return call("cat", all, (all[0] as Tensor).shape.length === 1 ? 0 : 1);
    },
    samples: ["torch.hstack([a, b])", "torch.hstack((v, v[0]))"],
  }),
  composite({
    schema: "vstack(Tensor[] tensors) -> Tensor",
    variants: "function",
    compose: (call, _k, tensors) => {
      if (tensors.length === 0) fail("vstack expects a non-empty TensorList");
      return call(
        "cat",
        tensors.map((t) => atLeast2d(call, t)),
        0,
      );
    },
    samples: ["torch.vstack([a, b])", "torch.vstack((v, v))"],
  }),
  composite({
    schema: "view_as(Tensor self, Tensor other) -> Tensor",
    variants: "method",
    compose: (call, _k, self, other) => call("view", self, other.shape),
    samples: ["a.view_as(a.t().contiguous())"],
  }),
  composite({
    schema: "reshape_as(Tensor self, Tensor other) -> Tensor",
    variants: "method",
    compose: (call, _k, self, other) => call("reshape", self, other.shape),
    samples: ["a.t().reshape_as(b)"],
  }),
];

function rolled(k: Kernels, self: Tensor, shift: number, axis: number): Tensor {
  const size = self.shape[axis] as number;
  return picked(k, self, axis, (i) => (((i - shift) % size) + size) % size);
}
