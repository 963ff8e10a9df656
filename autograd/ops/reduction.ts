/** Sums, means and extremes over all elements or some dimensions. */
import { ArgReduce, Binary, DType, Reduce } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, normalDims } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

function mean(
  k: Kernels,
  self: Tensor,
  dim: readonly number[] | null,
  keepdim: boolean,
  dtype: DType | null,
): Tensor {
  const wanted = dtype ?? self.dtype;
  if (!isFloat(wanted))
    fail(
      `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${dtypeRow(wanted).scalarType}`,
    );
  const axes = normalDims(dim, self.shape.length);
  const count = axes.reduce((n, axis) => n * (self.shape[axis] as number), 1);
  const total = k.sum(self, dim, keepdim, wanted);
  return k.binary(Binary.div, total, k.full([], count, wanted), undefined, true);
}

function needsElements(self: Tensor, name: string): void {
  if (self.numel === 0)
    fail(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
}

function argExtreme(
  k: Kernels,
  name: string,
  op: ArgReduce,
  self: Tensor,
  dim: number | null,
  keepdim: boolean,
): Tensor {
  if (dim !== null) {
    const axis = normalDim(dim, self.shape.length);
    if (self.shape[axis] === 0)
      fail(`${name}(): Expected reduction dim ${axis} to have non-zero size.`, "IndexError");
    return k.argReduce(op, self, axis, keepdim);
  }
  if (self.numel === 0)
    fail(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`, "IndexError");
  const out = k.argReduce(op, k.reshaped(k.contiguous(self), [self.numel]), 0, false);
  const ones = self.shape.map(() => 1);
  return keepdim ? k.reshaped(out, ones) : out;
}

/** `any` and `all`, which give bytes for bytes. */
export function verdict(
  k: Kernels,
  op: Reduce,
  self: Tensor,
  dims: readonly number[] | null,
  keepdim: boolean,
): Tensor {
  const found = k.reduce(op, self, dims, keepdim, DType.bool);
  return self.dtype === DType.u8 ? k.cast(found, DType.u8) : found;
}

export const REDUCTION: readonly OpRow[] = [
  op({
    schema: "sum(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    node: "SumBackward0",
    pattern: "copy",
    forward: (k, self, dtype) => k.sum(self, null, false, dtype),
    backward: { self: "grad.expand(self.sizes())" },
    samples: ["a.sum()", "torch.sum(i)", "c.sum()", "a.sum(dtype=torch.float64)"],
  }),
  op({
    schema:
      "sum.dim_IntList(Tensor self, int[]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    node: "SumBackward1",
    pattern: "copy",
    forward: (k, self, dim, keepdim, dtype) => k.sum(self, dim, keepdim, dtype),
    backward: {
      self: "keepdim || dim == null ? grad.expand(self.sizes()) : unsqueeze_multiple(grad, dim, self.sizes()).expand(self.sizes())",
    },
    alsoSaves: ["dim", "keepdim"],
    samples: ["a.sum(0)", "a.sum(1, keepdim=True)", "a.sum((0, 1))", "torch.sum(m, dim=-1)", "i.sum(0)"],
  }),
  op({
    schema: "mean(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    rounds: "each",
    node: "MeanBackward0",
    pattern: "copy",
    forward: (k, self, dtype) => mean(k, self, null, false, dtype),
    backward: { self: "grad.expand(self.sizes()) / self.numel()" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["a.mean()", "torch.mean(m)"],
  }),
  op({
    schema: "mean.dim(Tensor self, int[]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    rounds: "each",
    node: "MeanBackward1",
    pattern: "copy",
    forward: (k, self, dim, keepdim, dtype) => mean(k, self, dim, keepdim, dtype),
    backward: {
      self: "keepdim || dim == null ? grad.expand(self.sizes()) / count(self.sizes(), dim) : unsqueeze_multiple(grad, dim, self.sizes()).expand(self.sizes()) / count(self.sizes(), dim)",
    },
    alsoSaves: ["dim", "keepdim", "self"],
    samples: ["a.mean(0)", "a.mean(1, keepdim=True)", "torch.mean(m, dim=(0, 1))"],
  }),
  op({
    schema: "max(Tensor self) -> Tensor",
    node: "MaxBackward1",
    pattern: "route",
    forward: (k, self) => {
      needsElements(self, "max");
      return k.reduce(Reduce.max, self, null, false);
    },
    backward: { self: "evenly_distribute_backward(grad, self, result)" },
    samples: ["a.max()", "torch.max(i)"],
  }),
  op({
    schema: "min(Tensor self) -> Tensor",
    node: "MinBackward1",
    pattern: "route",
    forward: (k, self) => {
      needsElements(self, "min");
      return k.reduce(Reduce.min, self, null, false);
    },
    backward: { self: "evenly_distribute_backward(grad, self, result)" },
    samples: ["a.min()", "torch.min(i)"],
  }),
  composite({
    schema: "evenly_distribute_backward(Tensor grad, Tensor input, Tensor value) -> Tensor",
    variants: "internal",
    means: "where(input == value, grad / (input == value).sum(), 0)",
    compose: (call, k, grad, input, value) => {
      const mask = Number.isNaN(Number(k.core.item(value))) ? call("isnan", input) : call("eq", input, value);
      const zeros = k.full(input.shape, 0, input.dtype);
      return call("masked_fill_", zeros, mask, call("div", grad, call("sum", mask)));
    },
    samples: [],
  }),
  op({
    schema: "argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",
    forward: (k, self, dim, keepdim) => argExtreme(k, "argmax", ArgReduce.max, self, dim, keepdim),
    samples: ["a.argmax()", "a.argmax(1)", "torch.argmax(i, dim=0, keepdim=True)"],
  }),
  op({
    schema: "argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",
    forward: (k, self, dim, keepdim) => argExtreme(k, "argmin", ArgReduce.min, self, dim, keepdim),
    samples: ["a.argmin()", "a.argmin(1)"],
  }),
  op({
    schema: "any(Tensor self) -> Tensor",
    forward: (k, self) => verdict(k, Reduce.any, self, null, false),
    samples: ["c.any()", "torch.any(i)"],
  }),
  op({
    schema: "all(Tensor self) -> Tensor",
    forward: (k, self) => verdict(k, Reduce.all, self, null, false),
    samples: ["c.all()", "torch.all(i)"],
  }),
];
