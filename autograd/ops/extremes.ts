/** The greatest and the least: of two tensors, along dimensions, between bounds, in order. */
import { ArgReduce, Binary, DType, Reduce } from "../../assembly/shared/codes.ts";
import { byValue, type Less, select, sort } from "../cxx.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, normalDims } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import { contiguousStrides, type Tensor } from "../tensor.ts";

type Extreme = "extreme.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)";

/** The values and the positions of the extremes along a dimension. */
const extremeAlong = (name: string, node: string, reduce: Reduce, arg: ArgReduce): OpRow =>
  op({
    schema:
      `${name}.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)` as Extreme,
    node,
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, dim, keepdim) => {
      const axis = normalDim(dim, self.shape.length);
      if (self.shape.length === 0) return [k.clone(self), k.full([], 0, DType.i64)];
      if (self.shape[axis] === 0)
        fail(`${name}(): Expected reduction dim ${axis} to have non-zero size.`, "IndexError");
      return [k.reduce(reduce, self, [axis], keepdim), k.argReduce(arg, self, axis, keepdim)];
    },
    backward: { self: "value_selecting_reduction_backward(grad, dim, indices, self.sizes(), keepdim)" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: [
      `a.${name}(1)`,
      `a.${name}(0, keepdim=True)`,
      `torch.${name}(m, -1).values`,
      `torch.${name}(a, dim=1)[0] * v[:2]`,
      `i.${name}(1)`,
      `c.${name}(0)`,
      `v[0].${name}(0)`,
    ],
  });

type Reduced = "extreme(Tensor self, int[] dim=[], bool keepdim=False) -> Tensor";

const extremeOver = (name: string, node: string, reduce: Reduce): OpRow =>
  op({
    schema: `${name}(Tensor self, int[] dim=[], bool keepdim=False) -> Tensor` as Reduced,
    node,
    pattern: "route",
    forward: (k, self, dim, keepdim) => {
      const axes = normalDims(dim, self.shape.length);
      const none = axes.findIndex((axis) => self.shape[axis] === 0);
      if (none >= 0 && dim.length > 0)
        fail(`${name}(): Expected reduction dim ${dim[none]} to have non-zero size.`, "IndexError");
      if (none >= 0)
        fail(
          `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
        );
      return k.reduce(reduce, self, dim, keepdim);
    },
    backward: {
      self: "scale_grad_by_count(restore_reduced_dims(grad, dim, keepdim), restore_reduced_dims(result, dim, keepdim) == self, dim)",
    },
    samples: [
      `a.${name}(1)`,
      `a.${name}()`,
      `a.${name}((0, 1), keepdim=True)`,
      `torch.${name}(m, dim=(-1, 0))`,
      `torch.tensor([1., 2., 2., 1.], requires_grad=True).${name}()`,
    ],
    exempt: { differences: "two of a sample's numbers are equal" },
  });

type Sorted = "sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)";

/** Puts the places of a line into an order. */
type Order = (places: number[], before: Less<number>) => void;

const stably: Order = (places, before) => {
  places.sort((a, b) => (before(a, b) ? -1 : Number(before(b, a))));
};

/** The order of each line of `self` along `axis`, NaN as the greatest. */
function ordered(
  k: Kernels,
  self: Tensor,
  axis: number,
  descending: boolean,
  length: number,
  arrange: Order,
): readonly Tensor[] {
  const shape = self.shape.length === 0 ? [1] : self.shape;
  const all = k.core.read(self);
  const [size, step] = [shape[axis] as number, contiguousStrides(shape)[axis] as number];
  const outShape = self.shape.length === 0 ? [] : self.shape.with(axis, length);
  const values = k.empty(outShape, self.dtype);
  const indices = k.empty(outShape, DType.i64);
  const [outValues, outIndices] = [new Array<number | bigint>(values.numel), new Array<number>(values.numel)];
  for (let line = 0; line < all.length / Math.max(size, 1); line++) {
    const inner = line % step;
    const outer = Math.floor(line / step);
    const from = outer * size * step + inner;
    const order = Array.from({ length: size }, (_, i) => i);
    arrange(
      order,
      byValue((i) => all[from + i * step] as number | bigint, descending),
    );
    for (let i = 0; i < length; i++) {
      const to = outer * length * step + i * step + inner;
      outValues[to] = all[from + (order[i] as number) * step] as number | bigint;
      outIndices[to] = order[i] as number;
    }
  }
  k.core.write(values, outValues);
  k.core.write(indices, outIndices);
  return [values, indices];
}

const SORTED = "value_selecting_reduction_backward(grad, dim, indices, self.sizes(), true)";

export const EXTREMES: readonly OpRow[] = [
  op({
    schema: "minimum(Tensor self, Tensor other) -> Tensor",
    elementwise: true,
    node: "MinimumBackward0",
    pattern: "route",
    forward: (k, self, other) => k.binary(Binary.minimum, self, other),
    backward: {
      self: "where(self == other, grad / 2, grad).masked_fill(self > other, 0)",
      other: "where(self == other, grad / 2, grad).masked_fill(self < other, 0)",
    },
    samples: ["torch.minimum(a, b)", "torch.minimum(a, v)", "torch.minimum(i, a)"],
  }),
  composite({
    schema: "max.other(Tensor self, Tensor other) -> Tensor",
    compose: (call, _k, self, other) => call("maximum", self, other),
    samples: ["torch.max(a, b)", "a.max(v)"],
  }),
  composite({
    schema: "min.other(Tensor self, Tensor other) -> Tensor",
    compose: (call, _k, self, other) => call("minimum", self, other),
    samples: ["torch.min(a, b)", "a.min(v)"],
  }),
  extremeAlong("max", "MaxBackward0", Reduce.max, ArgReduce.max),
  extremeAlong("min", "MinBackward0", Reduce.min, ArgReduce.min),
  composite({
    schema:
      "value_selecting_reduction_backward(Tensor grad, int dim, Tensor indices, int[] sizes, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, dim, indices, sizes, keepdim) => {
      const opens = !keepdim && sizes.length > 0;
      const [from, at] = opens
        ? [call("unsqueeze", grad, dim), call("unsqueeze", indices, dim)]
        : [grad, indices];
      return call("scatter_", k.full(sizes, 0, grad.dtype), dim, at, from);
    },
    samples: [],
  }),
  extremeOver("amax", "AmaxBackward0", Reduce.max),
  extremeOver("amin", "AminBackward0", Reduce.min),
  composite({
    schema: "restore_reduced_dims(Tensor output, int[] dims, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, _k, output, dims, keepdim) => {
      if (keepdim) return output;
      const n = output.shape.length + dims.length;
      const reduced = dims.map((dim) => normalDim(dim, n));
      const sizes = [...output.shape];
      return call(
        "reshape",
        output,
        Array.from({ length: n }, (_, i) => (reduced.includes(i) ? 1 : (sizes.shift() as number))),
      );
    },
    samples: [],
  }),
  composite({
    schema: "scale_grad_by_count(Tensor grad, Tensor mask, int[] dims) -> Tensor",
    variants: "internal",
    means: "grad / mask.sum(dims, true) * mask",
    compose: (call, _k, grad, mask, dims) =>
      call("mul", call("div", grad, call("sum", mask, dims, true)), mask),
    samples: [],
  }),
  op({
    schema: "clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
    elementwise: true,
    node: "ClampBackward0",
    pattern: "route",
    inplace: true,
    forward: (k, self, min, max) => {
      if (min === null && max === null) fail("torch.clamp: At least one of 'min' or 'max' must not be None");
      const low = min === null ? self : k.binary(Binary.maximum, self, min);
      return max === null ? low : k.binary(Binary.minimum, low, max);
    },
    backward: {
      self: "max == null ? where(self >= min, grad, 0) : min == null ? where(self <= max, grad, 0) : where((self >= min) & (self <= max), grad, 0)",
      min: "min == null ? null : max == null ? where(self < min, grad, 0) : where((min < max) & (self < min), grad, 0)",
      max: "max == null ? null : min == null ? where(self > max, grad, 0) : where((self > max) | (max < min), grad, 0)",
    },
    samples: ["torch.clamp(a, b, p)", "torch.clamp(a, min=b)", "a.clamp(max=v)", "a.clamp(p, b)"],
  }),
  op({
    schema: "clamp_min(Tensor self, Scalar min) -> Tensor",
    elementwise: true,
    node: "ClampMinBackward0",
    pattern: "route",
    inplace: true,
    forward: (k, self, min) => k.binary(Binary.maximum, self, k.wrap(min)),
    backward: { self: "where(self >= min, grad, 0)" },
    samples: ["a.clamp_min(0)", "torch.clamp_min(i, 2)"],
  }),
  op({
    schema: "clamp_min.Tensor(Tensor self, Tensor min) -> Tensor",
    elementwise: true,
    node: "ClampMinBackward1",
    pattern: "route",
    inplace: true,
    forward: (k, self, min) => k.binary(Binary.maximum, self, min),
    backward: { self: "where(self >= min, grad, 0)", min: "where(self < min, grad, 0)" },
    samples: ["a.clamp_min(b)"],
  }),
  op({
    schema: "clamp_max(Tensor self, Scalar max) -> Tensor",
    elementwise: true,
    node: "ClampMaxBackward0",
    pattern: "route",
    inplace: true,
    forward: (k, self, max) => k.binary(Binary.minimum, self, k.wrap(max)),
    backward: { self: "where(self <= max, grad, 0)" },
    samples: ["a.clamp_max(1)"],
  }),
  op({
    schema: "clamp_max.Tensor(Tensor self, Tensor max) -> Tensor",
    elementwise: true,
    node: "ClampMaxBackward1",
    pattern: "route",
    inplace: true,
    forward: (k, self, max) => k.binary(Binary.minimum, self, max),
    backward: { self: "where(self <= max, grad, 0)", max: "where(self > max, grad, 0)" },
    samples: ["a.clamp_max(b)"],
  }),
  op({
    schema:
      "sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)" as Sorted,
    elementwise: true,
    node: "SortBackward0",
    pattern: "move",
    nonDifferentiable: [1],
    forward: (k, self, dim, descending) => {
      const axis = normalDim(dim, self.shape.length);
      return ordered(k, self, axis, descending, self.shape[axis] ?? 1, sort);
    },
    backward: { self: SORTED },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: [
      "a.sort()",
      "torch.sort(m, 0)",
      "a.sort(1, descending=True)",
      "i.sort(descending=True)",
      "v.sort()[0]",
    ],
  }),
  op({
    schema:
      "sort.stable(Tensor self, *, bool stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)",
    elementwise: true,
    node: "SortBackward1",
    pattern: "move",
    nonDifferentiable: [1],
    forward: (k, self, stable, dim, descending) => {
      const axis = normalDim(dim, self.shape.length);
      return ordered(k, self, axis, descending, self.shape[axis] ?? 1, stable ? stably : sort);
    },
    backward: { self: SORTED },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["torch.sort(a, stable=True)", "m.sort(dim=0, descending=True, stable=True)"],
  }),
  composite({
    schema: "argsort.stable(Tensor self, *, bool stable, int dim=-1, bool descending=False) -> Tensor",
    compose: (call, _k, self, stable, dim, descending) =>
      call("sort.stable", self, stable, dim, descending)[1] as Tensor,
    samples: ["torch.argsort(a, stable=True)", "m.argsort(dim=0, stable=True)"],
  }),
  composite({
    schema: "argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor",
    compose: (call, _k, self, dim, descending) => call("sort", self, dim, descending)[1] as Tensor,
    samples: ["a.argsort()", "torch.argsort(m, 0, descending=True)"],
  }),
  op({
    schema:
      "topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)",
    node: "TopkBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, count, dim, largest, sorted) => {
      const axis = normalDim(dim, self.shape.length);
      if (count < 0 || count > (self.shape[axis] ?? 1)) fail("selected index k out of range");
      if (self.dtype === DType.bool)
        fail(`"topk_cpu" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
      return ordered(k, self, axis, largest, count, (places, before) =>
        select(places, before, count, sorted),
      );
    },
    backward: { self: SORTED },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.topk(2)", "torch.topk(m, 1, 0, largest=False)", "v.topk(2).values"],
  }),
];
