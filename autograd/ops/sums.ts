/** Sums of many kinds: without NaN, of logarithms, differences and areas, variances with means, covariances. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { doubles } from "../each.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, ownDim } from "../kernels.ts";
import { joined, linesOf } from "../lines.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

const float = (x: number): Scalar => new Scalar(x, "float");
const slice = (call: Call, t: Tensor, dim: number, start: number | null, end: number | null): Tensor =>
  call("slice", t, dim, start, end);

function withoutNan(k: Kernels, self: Tensor): Tensor {
  if (!isFloat(self.dtype)) return self;
  return k.where(k.unary(Unary.isnan, self, DType.bool), k.full([], 0, self.dtype), self);
}

type Spread =
  "x_mean.correction(Tensor self, int[]? dim, *, int? correction, bool keepdim=False) -> (Tensor result0, Tensor result1)";
type SpreadWhole = "x_mean(Tensor self, bool unbiased=True) -> (Tensor result0, Tensor result1)";
type SpreadAlong =
  "x_mean.dim(Tensor self, int[]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor result0, Tensor result1)";
type Corrected = "x.corrected(Tensor self, int[]? dim, *, int? correction, bool keepdim=False) -> Tensor";

/** var_mean and std_mean: a measure of spread, and the mean. */
const spreadsAndMeans = (name: string, node: string): readonly OpRow[] => {
  const rule =
    name === "std"
      ? "std_backward(result0, arrived[0], self, dim, correction, keepdim)"
      : "var_backward(arrived[0], self, dim, correction, keepdim)";
  const mean = "mean_backward(arrived[1], self.sizes(), dim, keepdim)";
  return [
    op({
      schema:
        `${name}_mean.correction(Tensor self, int[]? dim, *, int? correction, bool keepdim=False) -> (Tensor result0, Tensor result1)` as Spread,
      node,
      pattern: "scale",
      forward: (k, self, dim, correction, keepdim) =>
        spreadAndMean(k, name, self, dim, correction ?? 1, keepdim),
      backward: {
        self: `arrived[1] == null ? ${rule} : arrived[0] == null ? ${mean} : ${rule} + ${mean}`,
      },
      savedNames: { "self.sizes()": "" },
      samples: [
        `torch.${name}_mean(a, dim=1, correction=0)`,
        `torch.${name}_mean(a, (0, 1), correction=2, keepdim=True)[0]`,
        `torch.${name}_mean(a, dim=0, correction=1)[1]`,
      ],
    }),
    composite({
      schema:
        `${name}_mean(Tensor self, bool unbiased=True) -> (Tensor result0, Tensor result1)` as SpreadWhole,
      variants: "function",
      compose: (call, _k, self, unbiased) =>
        call(`${name}_mean.correction`, self, null, Number(unbiased), false),
      samples: [`torch.${name}_mean(a)`, `torch.${name}_mean(a, unbiased=False)`],
    }),
    composite({
      schema:
        `${name}_mean.dim(Tensor self, int[]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor result0, Tensor result1)` as SpreadAlong,
      variants: "function",
      compose: (call, _k, self, dim, unbiased, keepdim) =>
        call(`${name}_mean.correction`, self, dim, Number(unbiased), keepdim),
      samples: [`torch.${name}_mean(a, 1)`, `torch.${name}_mean(a, (0, 1), keepdim=True)`],
    }),
    composite({
      schema:
        `${name}.corrected(Tensor self, int[]? dim, *, int? correction, bool keepdim=False) -> Tensor` as Corrected,
      compose: (call, _k, self, dim, correction, keepdim) =>
        call(`${name}.correction`, self, dim, correction, keepdim),
      samples: [`torch.${name}(a, dim=1, correction=0)`, `a.${name}((0, 1), correction=2, keepdim=True)`],
    }),
  ];
};

function spreadAndMean(
  k: Kernels,
  name: string,
  self: Tensor,
  dim: readonly number[] | null,
  correction: number,
  keepdim: boolean,
): readonly Tensor[] {
  if (!isFloat(self.dtype)) fail(`${name}_mean only support floating point and complex dtypes`);
  const n = self.shape.length;
  const axes =
    dim === null || dim.length === 0 ? self.shape.map((_, i) => i) : dim.map((d) => normalDim(d, n));
  const count = axes.reduce((x, axis) => x * (self.shape[axis] ?? 1), 1);
  const wide = k.cast(self, DType.f64);
  const total = k.sum(wide, dim, true, DType.f64);
  const mean = k.binary(Binary.div, total, k.wrap(float(count)));
  const apart = k.binary(Binary.sub, wide, mean);
  const squares = k.sum(k.binary(Binary.mul, apart, apart), dim, keepdim, DType.f64);
  const variance = k.binary(Binary.div, squares, k.wrap(float(Math.max(count - correction, 0))));
  const spread = name === "std" ? k.unary(Unary.sqrt, variance) : variance;
  return [k.cast(spread, self.dtype), k.cast(k.reshaped(mean, squares.shape), self.dtype)];
}

function logSumOf(x: number, y: number): number {
  const larger = Math.max(x, y);
  if (larger === Number.NEGATIVE_INFINITY || !Number.isFinite(larger)) return larger;
  return larger + Math.log1p(Math.exp(Math.min(x, y) - larger));
}

/** Differences of neighbours, `n` times over. */
function diff(
  call: Call,
  self: Tensor,
  n: number,
  dim: number,
  prepend: Tensor | null,
  append: Tensor | null,
): Tensor {
  if (self.shape.length < 1) fail("diff expects input to be at least one-dimensional");
  const parts = [prepend, self, append].filter((t) => t !== null);
  const axis = normalDim(dim, self.shape.length);
  let result = parts.length > 1 ? call("cat", parts, dim) : self;
  if (n <= 0) return call("copy_", call("zeros_like", result), result);
  for (let i = 0; i < Math.min(n, self.shape[axis] as number); i++) {
    const length = (result.shape[axis] as number) - 1;
    if (length < 0) break;
    // The second operand first, as PyTorch's compiler has it.
    const before = call("narrow", result, dim, 0, length);
    const after = call("narrow", result, dim, 1, length);
    result = self.dtype === DType.bool ? call("logical_xor", after, before) : call("sub", after, before);
  }
  return result;
}

/** Differences at the edges, and across two steps inside. */
function gradientAlong(call: Call, self: Tensor, step: Scalar, dim: number, edge: number): Tensor {
  const axis = normalDim(dim, self.shape.length);
  const at = (start: number | null, end: number | null): Tensor => slice(call, self, axis, start, end);
  const over = (t: Tensor): Tensor => call("div.Scalar", t, step);
  /** One piece less another, which is taken first. */
  const less = (
    from: readonly [number | null, number | null],
    by: readonly [number | null, number | null],
  ): Tensor => {
    const right = at(...by);
    return over(call("sub", at(...from), right));
  };
  const center = less([2, null], [0, -2]);
  const scaled = (factor: number, t: Tensor): Tensor =>
    call("mul.Scalar", t, Number.isInteger(factor) ? factor : float(factor));
  let first: Tensor;
  let last: Tensor;
  if (edge === 1) {
    first = less([1, 2], [0, 1]);
    last = less([-1, null], [-2, -1]);
  } else {
    const sum = (x: Tensor, y: Tensor, z: Tensor): Tensor => over(call("sub", call("add", x, y), z));
    first = sum(scaled(-1.5, at(0, 1)), scaled(2, at(1, 2)), scaled(0.5, at(2, 3)));
    last = over(
      call("add", call("sub", scaled(0.5, at(-3, -2)), scaled(2, at(-2, -1))), scaled(1.5, at(-1, null))),
    );
  }
  return call("cat", [first, call("div.Scalar", center, 2), last], axis);
}

/** The same over points that are not at equal distances. */
function gradientOver(call: Call, self: Tensor, points: Tensor, dim: number, edge: number): Tensor {
  const axis = normalDim(dim, self.shape.length);
  const shape = self.shape.map((_, i) => (i === axis ? -1 : 1));
  const steps = diff(call, points, 1, -1, null, null);
  const [d1, d2] = [slice(call, steps, 0, 0, -1), slice(call, steps, 0, 1, null)];
  const both = call("add", d1, d2);
  const as = (t: Tensor): Tensor => call("reshape", t, shape);
  const a = as(call("div", call("neg", d2), call("mul", d1, both)));
  const b = as(call("div", call("sub", d2, d1), call("mul", d1, d2)));
  const c = as(call("div", d1, call("mul", d2, both)));
  const at = (start: number | null, end: number | null): Tensor => slice(call, self, axis, start, end);
  const center = call(
    "add",
    call("add", call("mul", a, at(0, -2)), call("mul", b, at(1, -1))),
    call("mul", c, at(2, null)),
  );
  if (edge !== 1)
    fail(
      "torch.gradient with edge_order=2 over coordinates is not in the embedded engine (yet); the PyTorch engine has it",
      "NotImplementedError",
    );
  const first = call("div", call("sub", at(1, 2), at(0, 1)), call("select", steps, 0, 0));
  const last = call("div", call("sub", at(-1, null), at(-2, -1)), call("select", steps, 0, -1));
  return call("cat", [first, center, last], axis);
}

function checkGradient(self: Tensor, dims: readonly number[], edge: number): void {
  if (edge !== 1 && edge !== 2) fail("torch.gradient only supports edge_order=1 and edge_order=2.");
  for (const dim of dims)
    if ((self.shape[normalDim(dim, self.shape.length)] ?? 0) < edge + 1)
      fail("torch.gradient expected each dimension size to be at least edge_order+1");
}

/** The points of a trapezoid rule, under a shape that spreads over `y`. */
function pointsFor(call: Call, y: Tensor, x: Tensor, dim: number, name: string): Tensor {
  if (x.shape.length === 1) {
    if (x.shape[0] !== y.shape[dim]) fail(`${name}: There must be one \`x\` value for each sample point`);
    return call(
      "view",
      x,
      y.shape.map((_, i) => (i === dim ? (x.shape[0] as number) : 1)),
    );
  }
  if (x.shape.length >= y.shape.length) return x;
  const pad = new Array<number>(y.shape.length - x.shape.length).fill(1);
  return call("view", x, [...pad, ...x.shape]);
}

export const SUMS: readonly OpRow[] = [
  op({
    schema: "nansum(Tensor self, int[]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    node: "NansumBackward0",
    pattern: "copy",
    forward: (k, self, dim, keepdim, dtype) => k.sum(withoutNan(k, self), dim, keepdim, dtype),
    backward: {
      self: "sum_backward(to(grad, self.scalar_type()), self.sizes(), dim, keepdim) * isnan(self).logical_not()",
    },
    savedNames: { "self.sizes()": "", "self.scalar_type()": "" },
    alsoSaves: ["dim", "keepdim", "self"],
    samples: ["torch.nansum(a)", "a.nansum(1)", "torch.nansum(a, (0, 1), keepdim=True)", "i.nansum(0)"],
  }),
  composite({
    schema: "sum_backward(Tensor grad, int[] sizes, int[]? dims, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, sizes, dims, keepdim) => {
      const open =
        !keepdim && sizes.length > 0 && dims !== null && dims.length > 0
          ? call("unsqueeze_multiple", grad, dims, sizes)
          : grad;
      return call("expand", open, sizes);
    },
    samples: [],
  }),
  composite({
    schema: "mean_backward(Tensor grad, int[] sizes, int[]? dim, bool keepdim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, sizes, dim, keepdim) => {
      const all = dim === null || dim.length === 0;
      const axes = all ? sizes.map((_, i) => i) : dim;
      const count = axes.reduce((n, axis) => n * (sizes.at(axis) as number), 1);
      return call("div.Scalar", call("sum_backward", grad, sizes, dim, keepdim), count);
    },
    samples: [],
  }),
  composite({
    schema: "nanmean(Tensor self, int[]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    compose: (call, k, self, dim, keepdim, dtype) => {
      if (!isFloat(self.dtype))
        fail(
          `nanmean(): expected input to have floating point dtype but got ${dtypeRow(self.dtype).scalarType}`,
        );
      const there = k.unary(Unary.logicalNot, k.unary(Unary.isnan, self, DType.bool));
      const count = k.sum(there, dim, keepdim, DType.i64);
      return call("div", call("nansum", self, dim, keepdim, dtype), count);
    },
    samples: ["torch.nanmean(a)", "a.nanmean(1)", "torch.nanmean(a, 0, keepdim=True)"],
  }),
  ...spreadsAndMeans("var", "VarMeanBackward0"),
  ...spreadsAndMeans("std", "StdMeanBackward0"),
  op({
    schema: "logcumsumexp(Tensor self, int dim) -> Tensor",
    node: "LogcumsumexpBackward0",
    pattern: "scale",
    forward: (k, self, dim) => {
      normalDim(dim, self.shape.length);
      if (self.numel === 0) return k.empty(self.shape, self.dtype);
      const lines = linesOf(k, self, dim);
      const all = Array.from({ length: lines.count }, (_, i) => {
        let sum = Number.NEGATIVE_INFINITY;
        return lines.line(i).map((x) => {
          sum = logSumOf(sum, Number(x));
          return sum;
        });
      });
      return joined(k, self, lines.axis, all, self.dtype, true);
    },
    backward: { self: "logcumsumexp_backward(grad, self, result, dim)" },
    exempt: {
      differences: "PyTorch's second derivative is not the function's: the least number stands for log 0",
    },
    samples: ["torch.logcumsumexp(a, 1)", "m.logcumsumexp(0)"],
  }),
  composite({
    schema: "logcumsumexp_backward(Tensor grad, Tensor self, Tensor result, int dim) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, self, result, dim) => {
      if (grad.shape.length === 0 || grad.numel === 0) return grad;
      const least = k.full(grad.shape, Number(dtypeRow(grad.dtype).min), grad.dtype);
      const part = (sign: "gt" | "lt"): Tensor => {
        const size = call("log", sign === "gt" ? grad : call("neg", grad));
        const logs = call("sub", call("where", call(sign, grad, 0), size, least), result);
        const sums = call("flip", call("logcumsumexp", call("flip", logs, [dim]), dim), [dim]);
        return call("exp", call("add", sums, self));
      };
      const positive = part("gt");
      return call("sub", positive, part("lt"));
    },
    samples: [],
  }),
  composite({
    schema: "diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor",
    compose: (call, _k, self, n, dim, prepend, append) => diff(call, self, n, dim, prepend, append),
    exempt: { second: "PyTorch counts a dimension from the front" },
    samples: [
      "torch.diff(a)",
      "a.diff(2)",
      "torch.diff(m, dim=0)",
      "torch.diff(v, prepend=v[:1], append=v[:2])",
      "torch.diff(c, dim=1)",
      "torch.diff(a, n=0)",
    ],
  }),
  composite({
    schema: "_gradient(Tensor self, float[]? spacing, int[] dim, int edge_order) -> Tensor[]",
    variants: "function",
    compose: (call, _k, self, spacing, dim, edge) => {
      checkGradient(self, dim, edge);
      return dim.map((d, i) => gradientAlong(call, self, float(spacing?.[i] ?? 1), d, edge));
    },
    exempt: { second: "PyTorch writes the end of an open slice as a number" },
    samples: [
      "torch.gradient(torch.cat([a, b]))",
      "torch.gradient(m, spacing=2., dim=0)",
      "torch.gradient(m, spacing=(2., 3.))",
      "torch.gradient(m.detach(), dim=1, edge_order=2)",
    ],
  }),
  composite({
    schema: "_gradient.coordinates(Tensor self, Tensor[] spacing, int[] dim, int edge_order) -> Tensor[]",
    variants: "function",
    compose: (call, _k, self, spacing, dim, edge) => {
      checkGradient(self, dim, edge);
      return dim.map((d, i) => gradientOver(call, self, spacing[i] as Tensor, d, edge));
    },
    exempt: { second: "PyTorch keeps what it made of the coordinates" },
    samples: ["torch.gradient(m.detach(), spacing=(torch.tensor([1., 2., 4.]),), dim=1)"],
  }),
  composite({
    schema: "trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
    variants: "function",
    compose: (call, k, y, x, dim) => {
      const axis = ownDim(dim, y.shape.length);
      if (y.shape[axis] === 0) return k.full(y.shape.toSpliced(axis, 1), 0, y.dtype);
      if (y.dtype === DType.bool || x.dtype === DType.bool)
        fail("trapezoid: received a bool input for `x` or `y`, but bool is not supported");
      const points = pointsFor(call, y, x, axis, "trapezoid");
      const steps = call("sub", slice(call, points, axis, 1, null), slice(call, points, axis, 0, -1));
      const sides = call("add", slice(call, y, axis, 0, -1), slice(call, y, axis, 1, null));
      return call("div.Scalar", call("sum", call("mul", sides, steps), [axis], false), float(2));
    },
    exempt: { second: "PyTorch slices the points in another order" },
    samples: ["torch.trapezoid(a, v)", "torch.trapezoid(m, v, dim=0)", "torch.trapezoid(a, b)"],
  }),
  composite({
    schema: "trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
    variants: "function",
    compose: (call, k, y, dx, dim) => {
      const axis = ownDim(dim, y.shape.length);
      if (y.shape[axis] === 0) return k.full(y.shape.toSpliced(axis, 1), 0, y.dtype);
      if (y.dtype === DType.bool) fail("trapezoid: received a bool input for `y`, but bool is not supported");
      const last = call("select", y, dim, -1);
      const ends = call("mul.Scalar", call("add", call("select", y, dim, 0), last), float(0.5));
      return call("mul.Scalar", call("sub", call("sum", y, [dim], false), ends), float(dx.number));
    },
    exempt: { second: "PyTorch counts a dimension from the end" },
    samples: ["torch.trapezoid(a)", "torch.trapezoid(a, dx=2.)", "torch.trapezoid(m, dim=0)"],
  }),
  composite({
    schema: "cumulative_trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
    variants: "function",
    compose: (call, _k, y, x, dim) => {
      const axis = ownDim(dim, y.shape.length);
      if (y.dtype === DType.bool || x.dtype === DType.bool)
        fail("cumulative_trapezoid: received a bool input for `x` or `y`, but bool is not supported");
      const points = pointsFor(call, y, x, axis, "cumulative_trapezoid");
      const steps = call("sub", slice(call, points, axis, 1, null), slice(call, points, axis, 0, -1));
      const sides = call("add", slice(call, y, axis, 0, -1), slice(call, y, axis, 1, null));
      return call("div.Scalar", call("cumsum", call("mul", sides, steps), axis), float(2));
    },
    exempt: { second: "PyTorch slices the points in another order" },
    samples: ["torch.cumulative_trapezoid(a, v)"],
  }),
  composite({
    schema: "cumulative_trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
    variants: "function",
    compose: (call, _k, y, dx, dim) => {
      if (y.dtype === DType.bool)
        fail("cumulative_trapezoid: received a bool input for `y`, but bool is not supported");
      const sides = call("add", slice(call, y, dim, 0, -1), slice(call, y, dim, 1, null));
      return call("cumsum", call("mul.Scalar", sides, float(dx.number / 2)), dim);
    },
    exempt: { second: "PyTorch counts a dimension from the end" },
    samples: ["torch.cumulative_trapezoid(a)", "torch.cumulative_trapezoid(m, dx=2., dim=0)"],
  }),
  composite({
    schema: "cov(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor",
    compose: (call, k, self, correction, fweights, aweights) => {
      if (self.shape.length > 2)
        fail(
          `cov(): expected input to have two or fewer dimensions but got an input with ${self.shape.length} dimensions`,
        );
      if (self.dtype === DType.bool) fail("cov(): bool dtype is not supported for input");
      const rows = self.shape.length < 2 ? call("view", self, [1, -1]) : self;
      const count = rows.shape[1] as number;
      const w = fweights === null ? aweights : aweights === null ? fweights : call("mul", fweights, aweights);
      const total = w === null ? k.full([], BigInt(count), DType.i64) : call("sum", w);
      const weighted = (t: Tensor): Tensor => (w === null ? t : call("mul", t, w));
      const mean = call("div", call("sum", weighted(rows), [1], false), total);
      const factor =
        w !== null && aweights !== null && correction !== 0
          ? call(
              "sub",
              total,
              call("div", call("mul", call("sum", call("mul", w, aweights)), correction), total),
            )
          : call("sub", total, correction);
      const apart = call("sub", rows, call("unsqueeze", mean, 1));
      const products = call("mm", apart, call("t", weighted(apart)));
      const positive = (doubles(k, factor)[0] as number) > 0;
      if (!positive)
        k.warn(
          "cov(): degrees of freedom is <= 0 (Triggered internally at  ./aten/src/ATen/native/Correlation.cpp:100.)",
        );
      return call("squeeze", call("div", products, positive ? factor : k.full([], 0, factor.dtype)));
    },
    samples: [
      "torch.cov(a)",
      "a.cov(correction=0)",
      "torch.cov(v)",
      "torch.cov(a, fweights=torch.tensor([1, 2, 1]))",
    ],
  }),
  composite({
    schema: "corrcoef(Tensor self) -> Tensor",
    compose: (call, _k, self) => {
      if (self.shape.length > 2)
        fail(
          `corrcoef(): expected input to have two or fewer dimensions but got an input with ${self.shape.length} dimensions`,
        );
      const c = call("cov", self);
      if (c.shape.length === 0) return call("div", c, c);
      const spread = call("sqrt", call("diag", c));
      const once = call("div", c, call("view", spread, [-1, 1]));
      const twice = call("div", once, call("view", spread, [1, -1]));
      return call("clamp", twice, -1, 1);
    },
    samples: ["torch.corrcoef(a)", "m.corrcoef()"],
  }),
  composite({
    schema: "vander(Tensor x, int? N=None, bool increasing=False) -> Tensor",
    variants: "function",
    compose: (call, k, x, given, increasing) => {
      if (x.shape.length !== 1) fail("x must be a one-dimensional tensor.");
      const n = given ?? (x.shape[0] as number);
      if (n < 0) fail("N must be non-negative.");
      const out = k.full([x.shape[0] as number, n], 0, isFloat(x.dtype) ? x.dtype : DType.i64);
      if (n > 0) call("fill_", call("select", out, 1, 0), 1);
      if (n > 1) {
        call("copy_", call("slice", out, 1, 1, null), call("unsqueeze", x, 1));
        call("copy_", call("slice", out, 1, 1, null), call("cumprod", call("slice", out, 1, 1, null), 1));
      }
      return increasing ? out : call("flip", out, [1]);
    },
    samples: [
      "torch.vander(v)",
      "torch.vander(v, 2, increasing=True)",
      "torch.vander(torch.tensor([1, 2, 3]))",
    ],
  }),
];
