/** Elements taken from and put to places: take and put, copies and reductions along an index, parts replaced. */
import { DType } from "../../assembly/shared/codes.ts";
import { notFor } from "../draws.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, type Kernels, normalDim, ownDim, sameShape } from "../kernels.ts";
import { flat, int64s } from "../positions.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** Where the elements are that a flat index names; negative ones count from the end. */
function flatPlaces(k: Kernels, name: string, self: Tensor, index: Tensor): Tensor {
  if (index.dtype !== DType.i64)
    fail(`${name}(): Expected a long tensor for index, but got ${dtypeRow(index.dtype).scalarType}`);
  const n = BigInt(self.numel);
  if (n === 0n && index.numel > 0) fail(`${name}(): tried to take from an empty tensor`, "IndexError");
  const places = (k.core.read(index) as BigInt64Array).map((i) => {
    if (i < -n || i >= n)
      fail(`out of range: tried to access index ${i} on a tensor of ${n} elements.`, "IndexError");
    return i < 0n ? i + n : i;
  });
  return int64s(k, [places.length], places);
}

function put(k: Kernels, self: Tensor, index: Tensor, source: Tensor, accumulate: boolean): Tensor {
  if (self.dtype !== source.dtype)
    fail(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${dtypeRow(self.dtype).scalarType} and source.dtype = ${dtypeRow(source.dtype).scalarType}`,
    );
  if (index.numel !== source.numel)
    fail(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel}, index.numel() = ${index.numel}`,
      "IndexError",
    );
  const places = flatPlaces(k, "put_", self, index);
  const out = k.clone(self);
  if (places.numel === 0) return out;
  const whole = k.reshaped(out, [out.numel]);
  if (accumulate) k.core.indexAdd(whole, 0, places, flat(k, source));
  else k.core.indexPut(whole, 0, places, flat(k, source));
  return out;
}

function indexCopy(k: Kernels, self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const axis = normalDim(dim, self.shape.length);
  if (index.shape.length >= 2)
    fail(`index_copy_(): Index should have dimension 1 or 0 (got ${index.shape.length})`, "IndexError");
  if (index.dtype !== DType.i64)
    fail(`index_copy_(): Expected a long tensor for index, but got ${dtypeRow(index.dtype).scalarType}`);
  if (self.dtype !== source.dtype)
    fail(
      `index_copy_(): self and source expected to have the same dtype, but got (self) ${dtypeRow(self.dtype).scalarType} and (source) ${dtypeRow(source.dtype).scalarType}`,
    );
  const count = index.numel;
  const wanted = self.shape.length === 0 ? [] : self.shape.with(axis, count);
  const given = source.shape.length === 0 ? wanted.map(() => 1) : source.shape;
  if (!sameShape(given, wanted))
    fail(
      `index_copy_(): Number of indices (${count}) should be equal to source.size(dim) (${source.shape[axis] ?? 1})`,
      "IndexError",
    );
  const size = BigInt(self.shape[axis] ?? 1);
  for (const i of k.core.read(index) as BigInt64Array)
    if (i < 0n || i >= size)
      fail(
        `index_copy_(): index ${i} is out of bounds for dimension ${axis} with size ${size}`,
        "IndexError",
      );
  const out = k.clone(self);
  if (out.numel === 0 || count === 0) return out;
  const one = (t: Tensor): Tensor => (t.shape.length === 0 ? k.reshaped(k.contiguous(t), [1]) : t);
  k.core.indexPut(one(out), axis, k.reshaped(k.contiguous(index), [count]), one(source));
  return out;
}

function nonzeroColumns(call: Call, self: Tensor): readonly Tensor[] {
  const whole = self.shape.length === 0 ? call("unsqueeze", self, 0) : self;
  return call("unbind", call("nonzero", whole), 1);
}

/** Each place as often as its count says. */
function repeated(k: Kernels, counts: Tensor): Tensor {
  if (counts.shape.length !== 1) fail("repeat_interleave only accept 1D vector as repeat");
  if (counts.dtype !== DType.i64 && counts.dtype !== DType.i32) notFor("repeat_interleave_cpu", counts);
  const places: bigint[] = [];
  for (const [i, n] of Array.from(k.core.read(counts), Number).entries()) {
    if (n < 0) fail("repeats can not be negative");
    for (let j = 0; j < n; j++) places.push(BigInt(i));
  }
  return k.cast(int64s(k, [places.length], places), counts.dtype);
}

export const PLACING: readonly OpRow[] = [
  op({
    schema: "take(Tensor self, Tensor index) -> Tensor",
    node: "TakeBackward0",
    pattern: "move",
    forward: (k, self, index) => {
      const places = flatPlaces(k, "take", self, index);
      const out = k.empty(index.shape, self.dtype);
      if (out.numel > 0) k.core.indexSelect(k.reshaped(out, [out.numel]), flat(k, self), 0, places);
      return out;
    },
    backward: { self: "take_backward(grad, self, index)" },
    samples: ["torch.take(a, torch.tensor([0, 5]))", "m.take(torch.tensor([[1, 1], [-1, 3]]))"],
  }),
  composite({
    schema: "take_backward(Tensor grad, Tensor self, Tensor index) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, self, index) =>
      call("put_", k.full(self.shape, 0, grad.dtype), index, grad, true),
    samples: [],
  }),
  op({
    schema: "put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor",
    inplace: true,
    node: "PutBackward0",
    pattern: "move",
    forward: put,
    backward: {
      self: "accumulate ? grad : grad.put(index, zeros_like(source), false)",
      source: "grad.take(index).reshape_as(source)",
    },
    exempt: { second: "PyTorch keeps no source that needs no gradient" },
    samples: [
      "torch.put(a, torch.tensor([0, 5]), v[:2])",
      "a.put(torch.tensor([1, 1]), v[:2], accumulate=True)",
      "(a * 1).put_(torch.tensor([0, -1]), v[:2])",
    ],
  }),
  composite({
    schema: "take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor",
    compose: (call, _k, self, indices, dim) => {
      if (dim === null) return call("gather", call("view", self, [-1]), 0, call("view", indices, [-1]));
      if (self.shape.length !== indices.shape.length)
        fail(
          `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${self.shape.length} dimensions for input, and ${indices.shape.length} dimensions for indices`,
        );
      if (indices.dtype !== DType.i64)
        fail(
          `torch.take_along_dim(): dtype of indices should be Long but got ${dtypeRow(indices.dtype).scalarType}`,
        );
      const axis = normalDim(dim, self.shape.length);
      const common = broadcastShapes(self.shape.with(axis, 1), indices.shape.with(axis, 1));
      const index = call("expand", indices, common.with(axis, indices.shape[axis] as number));
      const own = call("expand", self, common.with(axis, self.shape[axis] as number));
      return call("gather", own, axis, index);
    },
    samples: [
      "torch.take_along_dim(a, i % 3, 1)",
      "a.take_along_dim(a.argsort(1), dim=1)",
      "torch.take_along_dim(a, torch.tensor([4, 0]))",
    ],
  }),
  op({
    schema: "index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor",
    inplace: true,
    node: "IndexCopyBackward0",
    pattern: "move",
    forward: indexCopy,
    backward: {
      self: "grad.index_fill(dim, index, 0)",
      source:
        "source.dim() > 0 ? grad.index_select(dim, index).expand_as(source) : grad.index_select(dim, index.squeeze(0))",
    },
    samples: [
      "torch.index_copy(a, 1, torch.tensor([0, 2]), b[:, :2])",
      "(m * 1).index_copy_(0, torch.tensor([2, 0]), a)",
    ],
  }),
  composite({
    schema: "where(Tensor condition) -> Tensor[]",
    variants: "function",
    compose: (call, _k, condition) => nonzeroColumns(call, condition),
    samples: ["torch.where(c)", "torch.where(i > 2)[0]"],
  }),
  composite({
    schema: "nonzero_numpy(Tensor self) -> Tensor[]",
    variants: "internal",
    compose: (call, _k, self) => nonzeroColumns(call, self),
    samples: ["torch.nonzero(c, as_tuple=True)", "i.nonzero(as_tuple=True)[1]"],
  }),
  op({
    schema: "repeat_interleave.Tensor(Tensor repeats, *, int? output_size=None) -> Tensor",
    rounds: "each",
    variants: "function",
    forward: (k, repeats) => repeated(k, repeats),
    samples: ["torch.repeat_interleave(torch.tensor([1, 0, 2]))"],
  }),
  composite({
    schema:
      "repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor",
    compose: (call, k, self, repeats, dim) => {
      const input = dim === null ? call("flatten", self) : self;
      const axis = dim === null ? 0 : ownDim(dim, self.shape.length);
      const size = input.shape.at(axis) ?? 1;
      let counts = repeats;
      if (repeats.shape.length === 0 || repeats.numel === 1)
        counts = call("expand", call("reshape", repeats, [1]), [size]);
      else if (repeats.shape.length === 1) {
        if (repeats.numel !== size) fail("repeats must have the same size as input along dim");
      } else fail("repeats must be 0-dim or 1-dim tensor");
      return call("index_select", input, axis, repeated(k, counts));
    },
    samples: [
      "torch.repeat_interleave(a, torch.tensor([1, 2]), dim=0)",
      "v.repeat_interleave(torch.tensor([2, 0, 1]))",
      "a.repeat_interleave(torch.tensor(2), dim=1)",
    ],
  }),
  composite({
    schema:
      "repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor",
    compose: (call, k, self, repeats, dim) => {
      const input = dim === null ? call("flatten", self) : self;
      const axis = dim === null ? 0 : ownDim(dim, self.shape.length);
      const size = input.shape.at(axis) ?? 1;
      const counts = k.full([size], BigInt(repeats), DType.i64);
      return call("index_select", input, axis, repeated(k, counts));
    },
    samples: [
      "torch.repeat_interleave(a, 2)",
      "a.repeat_interleave(2, dim=1)",
      "torch.repeat_interleave(v, 0)",
    ],
  }),
];
