/** Products, running sums, variances, and the logarithm of a sum of exponentials. */
import { Binary, DType, Reduce, Unary } from "../../assembly/shared/codes.ts";
import { isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, normalDims } from "../kernels.ts";
import { laidAs } from "../order.ts";
import { int64s } from "../positions.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import { Tensor } from "../tensor.ts";
import { verdict } from "./reduction.ts";

const float = (x: number): Scalar => new Scalar(x, "float");

function prod(
  k: Kernels,
  self: Tensor,
  dims: readonly number[] | null,
  keepdim: boolean,
  dtype: DType | null,
): Tensor {
  const wanted = dtype ?? (isFloat(self.dtype) ? self.dtype : DType.i64);
  return k.reduce(Reduce.prod, k.cast(self, wanted), dims, keepdim);
}

/** Along `dim`, each element joined with all before it; floats in double precision, as PyTorch does. */
function running(k: Kernels, op: Binary, self: Tensor, dim: number, dtype: DType | null): Tensor {
  const axis = normalDim(dim, self.shape.length);
  const wanted = dtype ?? (isFloat(self.dtype) ? self.dtype : DType.i64);
  const out = k.clone(self, isFloat(wanted) ? DType.f64 : wanted);
  const size = self.shape[axis] ?? 1;
  const step = out.strides[axis] ?? 0;
  const line = (i: number): Tensor =>
    k.scope.own(
      new Tensor(
        out.storage,
        out.dtype,
        out.shape.toSpliced(axis, 1),
        out.strides.toSpliced(axis, 1),
        out.offset + i * step,
      ),
    );
  for (let i = 1; i < size; i++) {
    const to = line(i);
    k.core.binary(op, to, line(i - 1), to);
  }
  return k.cast(out, wanted);
}

/** Everything but itself: the products of what stands before and after each element along a dimension. */
function othersProduct(call: Call, k: Kernels, grad: Tensor, input: Tensor, dim: number): Tensor {
  const size = input.shape[dim] as number;
  if (size === 1) return grad;
  const ones = k.full(input.shape.with(dim, 1), 1, grad.dtype);
  const before = call("cumprod", call("cat", [ones, call("narrow", input, dim, 0, size - 1)], dim), dim);
  const reverse = (t: Tensor): Tensor => {
    const n = t.shape[dim] as number;
    const index = Array.from({ length: n }, (_, i) => n - 1 - i);
    return call("index_select", t, dim, int64s(k, [n], index));
  };
  const turned = reverse(call("narrow", input, dim, 1, size - 1));
  const after = reverse(call("cumprod", call("cat", [ones, turned], dim), dim));
  return call("mul", grad, call("mul", before, after));
}

function zerosIn(k: Kernels, t: Tensor): number {
  const zero = k.compare(Binary.eq, t, k.wrap(float(0)));
  return Number(k.core.item(k.sum(zero, null, false, DType.i64)));
}

/** PyTorch's slow way for inputs with zeros: element by element along `dim`, everything but itself. */
function cumprodWithZeros(call: Call, k: Kernels, grad: Tensor, input: Tensor, dim: number): Tensor {
  const size = input.shape[dim] as number;
  const ones = k.full(input.shape.with(dim, 1), 1, grad.dtype);
  const parts = Array.from({ length: size }, (_, i) => {
    const until = i === 0 ? ones : call("prod", call("narrow", input, dim, 0, i), dim, true);
    if (i === size - 1) return [i, until] as const;
    const from = call("cumprod", call("narrow", input, dim, i + 1, size - i - 1), dim);
    return [i, call("cat", [until, call("mul", call("expand_as", until, from), from)], dim)] as const;
  });
  const sums = parts.map(([i, omitted]) =>
    call("sum", call("mul", call("narrow", grad, dim, i, size - i), omitted), [dim], false),
  );
  return call("stack", sums, dim);
}

/** In double precision, the root too where it is asked for; `dims` null or empty means all. */
function variance(
  k: Kernels,
  self: Tensor,
  dims: readonly number[] | null,
  correction: number,
  keepdim: boolean,
  root = false,
): Tensor {
  if (!isFloat(self.dtype)) fail("std and var only support floating point and complex dtypes");
  const axes = normalDims(dims, self.shape.length);
  const count = axes.reduce((n, axis) => n * (self.shape[axis] as number), 1);
  const wide = k.cast(self, DType.f64);
  // One result of all elements is taken from the mean as the dtype holds it.
  const whole = count === self.numel;
  const sum = k.reduce(Reduce.sum, whole ? self : wide, axes, true);
  const mean = k.cast(k.binary(Binary.div, sum, k.wrap(float(count))), DType.f64);
  const apart = k.binary(Binary.sub, wide, mean);
  const squares = k.reduce(
    Reduce.sum,
    k.binary(Binary.mul, apart, apart),
    axes.length > 0 ? axes : null,
    keepdim,
  );
  const out = k.binary(Binary.div, squares, k.wrap(float(Math.max(count - correction, 0))));
  return k.cast(root ? k.unary(Unary.sqrt, out) : out, self.dtype);
}

const correctionOf = (unbiased: boolean): number => (unbiased ? 1 : 0);

type Whole = "spread(Tensor self, bool unbiased=True) -> Tensor";
type Along = "spread.dim(Tensor self, int[]? dim, bool unbiased=True, bool keepdim=False) -> Tensor";

/** `var` and `std` in PyTorch's shorter forms. */
const spreads = (name: string): readonly OpRow[] => [
  composite({
    schema: `${name}(Tensor self, bool unbiased=True) -> Tensor` as Whole,
    compose: (call, _k, self, unbiased) =>
      call(`${name}.correction`, self, null, correctionOf(unbiased), false),
    samples: [`a.${name}()`, `torch.${name}(a, unbiased=False)`],
  }),
  composite({
    schema: `${name}.dim(Tensor self, int[]? dim, bool unbiased=True, bool keepdim=False) -> Tensor` as Along,
    compose: (call, _k, self, dim, unbiased, keepdim) =>
      call(`${name}.correction`, self, dim, correctionOf(unbiased), keepdim),
    samples: [`a.${name}(1)`, `a.${name}((0, 1), keepdim=True)`, `a.${name}(0, False)`],
  }),
];

export const STATISTICS: readonly OpRow[] = [
  op({
    schema: "prod(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    node: "ProdBackward0",
    pattern: "scale",
    forward: (k, self, dtype) => prod(k, self, null, false, dtype),
    backward: { self: "prod_backward(grad, to(self, grad.scalar_type()), result)" },
    samples: ["a.prod()", "torch.prod(i)", "(a * c).prod()", "torch.prod(a, dtype=torch.float64)"],
  }),
  op({
    schema: "prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    node: "ProdBackward1",
    pattern: "scale",
    forward: (k, self, dim, keepdim, dtype) => prod(k, self, [dim], keepdim, dtype),
    backward: { self: "prod_backward(grad, to(self, grad.scalar_type()), result, dim, keepdim)" },
    samples: ["a.prod(1)", "a.prod(0, keepdim=True)", "(a * c).prod(1)"],
  }),
  composite({
    schema: "prod_backward(Tensor grad, Tensor input, Tensor result) -> Tensor",
    variants: "internal",
    means: "grad * (result / input)",
    compose: (call, k, grad, input, result) => {
      if (input.shape.length === 0) return call("clone", grad);
      const zeros = zerosIn(k, input);
      if (zeros === 0) return call("mul", grad, call("div", result, input));
      if (zeros > 1) return k.full(input.shape, 0, grad.dtype);
      const flat = call("view", call("contiguous", input), [-1]);
      return call("view", othersProduct(call, k, grad, flat, 0), input.shape);
    },
    samples: [],
  }),
  composite({
    schema: "prod_backward.dim(Tensor grad, Tensor input, Tensor result, int dim, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, input, result, dim, keepdim) => {
      if (input.shape.length === 0) return call("clone", grad);
      const axis = normalDim(dim, input.shape.length);
      const open = (t: Tensor): Tensor => (keepdim ? t : call("unsqueeze", t, axis));
      const [from, whole] = [open(grad), open(result)];
      return zerosIn(k, input) > 0
        ? othersProduct(call, k, from, input, axis)
        : call("mul", from, call("div", whole, input));
    },
    samples: [],
  }),
  op({
    schema: "cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
    node: "CumsumBackward0",
    pattern: "sum",
    inplace: true,
    forward: (k, self, dim, dtype) => running(k, Binary.add, self, dim, dtype),
    backward: { self: "cumsum_backward(grad, dim)" },
    samples: ["a.cumsum(1)", "torch.cumsum(i, 0)", "v.cumsum(-1)", "c.cumsum(1)", "a[:1].cumsum(0)"],
  }),
  composite({
    schema: "cumsum_backward(Tensor grad, int dim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, dim) =>
      grad.numel <= 1 || grad.shape.at(dim) === 1
        ? grad
        : call("flip", call("cumsum", call("flip", grad, [dim]), dim), [dim]),
    samples: [],
  }),
  op({
    schema: "cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
    node: "CumprodBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, dim, dtype) => running(k, Binary.mul, self, dim, dtype),
    backward: { self: "cumprod_backward(grad, self, dim, result)" },
    samples: ["a.cumprod(1)", "torch.cumprod(i, 0)", "v.cumprod(0)"],
  }),
  composite({
    schema: "cumprod_backward(Tensor grad, Tensor input, int dim, Tensor output) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, input, dim, output) => {
      const axis = normalDim(dim, input.shape.length);
      if (input.numel <= 1 || input.shape[axis] === 1) return grad;
      if (zerosIn(k, input) > 0) return cumprodWithZeros(call, k, grad, input, axis);
      return call("div", call("cumsum_backward", call("mul", output, grad), axis), input);
    },
    samples: [],
  }),
  op({
    schema: "var.correction(Tensor self, int[]? dim, int? correction, bool keepdim=False) -> Tensor",
    variants: "internal",
    node: "VarBackward0",
    pattern: "scale",
    forward: (k, self, dim, correction, keepdim) => variance(k, self, dim, correction ?? 1, keepdim),
    backward: { self: "var_backward(grad, self, dim, correction, keepdim)" },
    samples: [],
  }),
  composite({
    schema: "var_backward(Tensor grad, Tensor self, int[]? dim, int? correction, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, self, dim, correction, keepdim) => {
      const n = self.shape.length;
      const all = n === 0 || dim === null;
      const axes = all ? self.shape.map((_, i) => i) : normalDims(dim, n);
      const dof = axes.reduce((count, axis) => count * (self.shape[axis] as number), 1) - (correction ?? 1);
      const given = !all && !keepdim && n > 1 ? call("unsqueeze_multiple", grad, dim, self.shape) : grad;
      if (dof === 0) return call("mul.Scalar", given, float(Number.POSITIVE_INFINITY));
      const mean = all ? call("mean", self) : call("mean", self, dim, true);
      const centred = call("sub", self, mean);
      return call("mul", call("mul.Scalar", given, float(2 / dof)), centred);
    },
    samples: [],
  }),
  ...spreads("var"),
  op({
    schema: "std.correction(Tensor self, int[]? dim, int? correction, bool keepdim=False) -> Tensor",
    variants: "internal",
    node: "StdBackward0",
    pattern: "scale",
    forward: (k, self, dim, correction, keepdim) => variance(k, self, dim, correction ?? 1, keepdim, true),
    backward: { self: "std_backward(result, grad, self, dim, correction, keepdim)" },
    samples: [],
  }),
  composite({
    schema:
      "std_backward(Tensor result, Tensor grad, Tensor self, int[]? dim, int? correction, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, k, result, grad, self, dim, correction, keepdim) => {
      const zero = k.compare(Binary.eq, result, k.wrap(float(0)));
      const through = call("masked_fill_", call("div", grad, call("mul.Scalar", result, 2)), zero, 0);
      return call("var_backward", through, self, dim, correction, keepdim);
    },
    samples: [],
  }),
  ...spreads("std"),
  op({
    schema: "logsumexp(Tensor self, int[] dim, bool keepdim=False) -> Tensor",
    node: "LogsumexpBackward0",
    pattern: "scale",
    rounds: "each",
    forward: (k, self, dim, keepdim) => {
      const own = isFloat(self.dtype) ? self : k.cast(self, k.defaultDtype);
      // Of nothing: the logarithm of an empty sum.
      if (own.numel === 0) return k.unary(Unary.log, k.reduce(Reduce.sum, own, dim, keepdim));
      const greatest = k.reduce(Reduce.max, own, dim, true);
      const infinite = k.unary(Unary.isinf, greatest, DType.bool);
      const top = k.where(infinite, k.full([], 0, own.dtype), greatest);
      const below = laidAs(k, k.binary(Binary.sub, own, top), [own, top]);
      const sum = k.reduce(Reduce.sum, laidAs(k, k.unary(Unary.exp, below), [below]), dim, keepdim);
      return k.binary(Binary.add, k.unary(Unary.log, sum), keepdim ? top : k.reshaped(top, sum.shape));
    },
    backward: { self: "logsumexp_backward(grad, self, result, dim, keepdim)" },
    samples: ["a.logsumexp(1)", "torch.logsumexp(a, (0, 1))", "a.logsumexp(0, keepdim=True)"],
  }),
  composite({
    schema: "logsumexp_backward(Tensor grad, Tensor self, Tensor result, int[] dim, bool keepdim) -> Tensor",
    variants: "internal",
    means:
      "keepdim ? grad * exp(self - result) : unsqueeze_multiple(grad, dim, self.sizes()) * exp(self - unsqueeze_multiple(result, dim, self.sizes()))",
    compose: (call, _k, grad, self, result, dim, keepdim) => {
      const open = (t: Tensor): Tensor =>
        keepdim || self.shape.length === 0 ? t : call("unsqueeze_multiple", t, dim, self.shape);
      const [from, whole] = [open(grad), open(result)];
      return call("mul", from, call("exp", call("sub", self, whole)));
    },
    samples: [],
  }),
  op({
    schema: "any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor",
    forward: (k, self, dim, keepdim) => verdict(k, Reduce.any, self, [dim], keepdim),
    samples: ["c.any(1)", "torch.any(a > 0, 0, keepdim=True)"],
  }),
  op({
    schema: "all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor",
    forward: (k, self, dim, keepdim) => verdict(k, Reduce.all, self, [dim], keepdim),
    samples: ["c.all(1)", "torch.all(a > 0, 0, keepdim=True)"],
  }),
];
