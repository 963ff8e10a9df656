/** Norms of vectors and matrices. */
import { Binary, DType, Reduce, Unary } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { doubles, made } from "../each.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, normalDims } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";
import { refuseBools } from "./arithmetic.ts";

export const float = (x: number): Scalar => new Scalar(x, "float");

/** x^p as the C library has it for one number: a float32 is rounded once. */
function power(k: Kernels, x: Tensor, p: number): Tensor {
  if (x.dtype !== DType.f32) return k.binary(Binary.powScalar, x, k.wrap(float(p)));
  const exact = k.binary(Binary.powScalar, k.cast(x, DType.f64), k.full([], Math.fround(p), DType.f64));
  return k.cast(exact, DType.f32);
}

/** (Σ |x|^p)^(1/p) over `dims` (null or empty: all); the count of what is not 0 for p = 0, the extremes for ±∞. */
export function norm(
  k: Kernels,
  self: Tensor,
  p: number,
  dims: readonly number[] | null,
  keepdim: boolean,
): Tensor {
  const axes = dims ?? [];
  const size = (): Tensor => k.unary(Unary.abs, self);
  if (p === 0) {
    const nonzero = k.compare(Binary.ne, self, k.full([], 0, self.dtype));
    return k.sum(nonzero, axes, keepdim, self.dtype);
  }
  if (p < 0 || p === Number.POSITIVE_INFINITY) {
    const empty = normalDims(axes, self.shape.length).find((axis) => self.shape[axis] === 0);
    const where =
      axes.length === 0 ? "an empty tensor" : `the dimension ${empty}because this dimension is empty and`;
    if (empty !== undefined)
      fail(
        `linalg.vector_norm cannot compute the ${String(p).replace("Infinity", "inf")} norm on ${where}${axes.length === 0 ? " because" : ""} the operation does not have an identity`,
      );
  }
  if (!Number.isFinite(p)) return k.reduce(p > 0 ? Reduce.max : Reduce.min, size(), axes, keepdim);
  if (p === 1) return k.reduce(Reduce.sizes, self, axes, keepdim);
  if (p === 2) return k.unary(Unary.sqrt, k.reduce(Reduce.squares, self, axes, keepdim));
  const sum = k.reduce(Reduce.inOrder, power(k, size(), p), axes, keepdim);
  return power(k, sum, self.dtype === DType.f32 ? 1 / Math.fround(p) : 1 / p);
}

/** The same as torch.norm, which has words of its own for an integer. */
function oldNorm(
  k: Kernels,
  self: Tensor,
  p: Scalar | null,
  dims: readonly number[] | null,
  keepdim: boolean,
): Tensor {
  if (!isFloat(self.dtype))
    fail(
      `norm(): input dtype should be either floating point or complex. Got ${dtypeRow(self.dtype).scalarType} instead.`,
    );
  // Of nothing each of them is 0.
  return norm(k, self, self.numel === 0 ? 2 : (p?.number ?? 2), dims, keepdim);
}

/** PyTorch's rule for a norm, by the exponent. */
function normBackward(
  call: Call,
  k: Kernels,
  upstream: Tensor,
  self: Tensor,
  p: number,
  result: Tensor,
  dims: readonly number[],
  keepdim: boolean,
): Tensor {
  const open = (t: Tensor): Tensor =>
    keepdim || self.shape.length === 0 ? t : call("unsqueeze_multiple", t, dims, self.shape);
  const [grad, whole] = [open(upstream), open(result)];
  const isZero = (t: Tensor): Tensor => call("eq", t, 0);
  if (p === 0) return k.full(self.shape, 0, grad.dtype);
  if (p === 1) return call("mul", call("sgn", self), grad);
  if (p === 2) return call("mul", grad, call("masked_fill_", call("div", self, whole), isZero(whole), 0));
  if (!Number.isFinite(p)) {
    const bothNan = call("logical_and", call("isnan", self), call("isnan", whole));
    const mask = call("logical_or", call("eq", call("abs", self), whole), bothNan);
    const shared = call("mul", call("div", grad, call("sum", mask, dims, true)), mask);
    return call("mul", call("sgn", self), shared);
  }
  const power = (t: Tensor, e: number): Tensor => call("pow", t, float(e));
  if (p < 1) {
    const steep = call("masked_fill_", call("pow_", call("abs", self), float(p - 1)), isZero(self), 0);
    return call("mul", call("mul", call("mul", call("sgn", self), steep), grad), power(whole, 1 - p));
  }
  const scaled =
    p < 2
      ? call("mul", call("sgn", self), call("pow_", call("abs", self), float(p - 1)))
      : call("mul", self, call("pow_", call("abs", self), float(p - 2)));
  const scale = call("masked_fill_", call("div", grad, power(whole, p - 1)), isZero(whole), 0);
  return call("mul", scaled, scale);
}

/** Two dimensions of a matrix, put last. */
function toBack(call: Call, self: Tensor, dim0: number, dim1: number): Tensor {
  const rest = self.shape.map((_, i) => i).filter((i) => i !== dim0 && i !== dim1);
  return call("permute", self, [...rest, dim0, dim1]);
}

function reopened(call: Call, result: Tensor, n: number, dims: readonly [number, number]): Tensor {
  const open = call("unsqueeze", result, -1);
  const rest = Array.from({ length: n }, (_, i) => i).filter((i) => !dims.includes(i));
  const order = [...rest, ...dims];
  return call(
    "permute",
    open,
    order.map((_, i) => order.indexOf(i)),
  );
}

/** What `renorm` reckons in; its gradient is reckoned in double. */
const atLeastSingle = ({ dtype }: Tensor): DType => (dtype === DType.f64 ? dtype : DType.f32);

const cast = (call: Call, self: Tensor, dtype: number | null): Tensor =>
  dtype === null ? self : call("to", self, dtype);

function refuseIntegers(self: Tensor, kind: "vector" | "matrix"): void {
  if (!isFloat(self.dtype))
    fail(
      `linalg.${kind}_norm: Expected a floating point or complex tensor as input. Got ${dtypeRow(self.dtype).scalarType}`,
    );
}

function matrixDims(self: Tensor, dim: readonly number[]): [number, number] {
  const n = self.shape.length;
  if (n < 2) fail("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.");
  refuseIntegers(self, "matrix");
  if (dim.length !== 2) fail(`linalg.matrix_norm: dim must be a 2-tuple. Got ${dim.join(" ")}`);
  const [first, second] = dim.map((d) => normalDim(d, n)) as [number, number];
  if (first === second) fail(`linalg.matrix_norm: dims must be different. Got (${dim.join(", ")})`);
  return [first, second];
}

function matrixNorm(
  call: Call,
  given: Tensor,
  order: number,
  dim: readonly number[],
  keepdim: boolean,
  dtype: number | null,
): Tensor {
  const dims = matrixDims(given, dim);
  const size = Math.abs(order);
  if (size !== 2 && size !== 1 && size !== Number.POSITIVE_INFINITY)
    fail(`linalg.matrix_norm: Order ${order} not supported.`);
  const self = cast(call, given, dtype);
  const extreme = order > 0 ? "amax" : "amin";
  if (size === 2) {
    const singular = call("linalg_svdvals", toBack(call, self, ...dims));
    const result = call(extreme, singular, [-1], keepdim);
    return keepdim ? reopened(call, result, self.shape.length, dims) : result;
  }
  let [over, kept] = size === 1 ? dims : [dims[1], dims[0]];
  const sums = call("linalg_vector_norm", self, float(1), [over], keepdim);
  if (!keepdim && over < kept) kept--;
  return call(extreme, sums, [kept], keepdim);
}

function namedMatrixNorm(
  call: Call,
  given: Tensor,
  order: string,
  dim: readonly number[],
  keepdim: boolean,
  dtype: number | null,
): Tensor {
  if (order !== "fro" && order !== "nuc") fail(`linalg.matrix_norm: Order ${order} not supported.`);
  const dims = matrixDims(given, dim);
  if (order === "fro") return call("linalg_vector_norm", given, 2, dims, keepdim, dtype);
  const self = cast(call, given, dtype);
  const result = call("sum", call("linalg_svdvals", toBack(call, self, ...dims)), [-1], keepdim);
  return keepdim ? reopened(call, result, self.shape.length, dims) : result;
}

function checkNormDims(self: Tensor, dim: readonly number[] | null, order: unknown): void {
  if (dim !== null && dim.length !== 1 && dim.length !== 2)
    fail(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dim.join(", ")}]`);
  if (dim === null && order !== null && self.shape.length !== 1 && self.shape.length !== 2)
    fail(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${self.shape.length}D.`,
    );
}

export const NORMS: readonly OpRow[] = [
  op({
    schema: "norm.Scalar(Tensor self, Scalar p=2) -> Tensor",
    variants: "function",
    node: "NormBackward0",
    pattern: "scale",
    forward: (k, self, p) => oldNorm(k, self, p, null, false),
    backward: { self: "p == 0 ? null : norm_backward(grad, self, p, result, [], true)" },
    samples: ["torch.frobenius_norm(a)"],
  }),
  op({
    schema: "norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False) -> Tensor",
    variants: "function",
    node: "NormBackward1",
    pattern: "scale",
    forward: oldNorm,
    backward: { self: "p == 0 ? null : norm_backward(grad, self, p, result, dim, keepdim)" },
    samples: [
      "torch.norm(a)",
      "torch.norm(a, 2)",
      "torch.norm(a, 1)",
      "torch.norm(a, dim=1)",
      "torch.norm(a, 3, dim=1, keepdim=True)",
      "torch.norm(a, 1.5, 0)",
      "torch.norm(a, 0.5, 0)",
      "a.norm()",
      "a.norm(p=float('inf'))",
      "a.norm(float('-inf'), 1)",
      "a.detach().norm(0)",
      "a.norm(dim=(0, 1))",
    ],
  }),
  op({
    schema:
      "norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool keepdim=False, *, ScalarType? dtype) -> Tensor",
    variants: "function",
    node: "NormBackward3",
    pattern: "scale",
    forward: (k, self, p, dim, keepdim, dtype) =>
      oldNorm(k, dtype === null ? self : k.cast(self, dtype), p, dim, keepdim),
    backward: { self: "norm_backward(grad, to(self, grad.scalar_type()), p, result, dim, keepdim)" },
    samples: ["torch.norm(a, 2, 1, dtype=torch.float64)"],
  }),
  composite({
    schema:
      "norm_backward(Tensor grad, Tensor self, Scalar? p, Tensor result, int[] dim, bool keepdim) -> Tensor",
    variants: "internal",
    means: "grad * self.sgn() * (self.abs() / result).pow(p - 1)",
    compose: (call, k, grad, self, p, result, dim, keepdim) =>
      normBackward(call, k, grad, self, p?.number ?? 2, result, dim, keepdim),
    samples: [],
  }),
  composite({
    schema: "frobenius_norm.dim(Tensor self, int[1] dim, bool keepdim=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, dim, keepdim) => {
      if (dim.length > 2) fail(`Expected at most 2 dimensions, but got ${dim.length} dimensions instead.`);
      if (dim.length < 2) return call("norm.ScalarOpt_dim", self, 2, dim, keepdim);
      const [first, second] = dim.map((d) => normalDim(d, self.shape.length));
      if (first === second) fail(`Expected dims to be different, got [${dim.join(", ")}] instead`);
      return call("sqrt", call("sum", call("mul", self, self), dim, keepdim));
    },
    samples: ["torch.norm(a, 'fro', dim=(0, 1))", "torch.norm(a, dim=(0, 1), keepdim=True)"],
  }),
  composite({
    schema: "frobenius_norm(Tensor self) -> Tensor",
    variants: "function",
    compose: (call, _k, self) => call("norm.Scalar", self, 2),
    samples: ["torch.frobenius_norm(a)"],
  }),
  composite({
    schema: "nuclear_norm(Tensor self, bool keepdim=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, keepdim) => {
      if (self.shape.length !== 2)
        fail(
          `Expected a tensor with 2 dimensions, but got a tensor with ${self.shape.length} dimensions instead.`,
        );
      return namedMatrixNorm(call, self, "nuc", [0, 1], keepdim, null);
    },
    exempt: { second: "a transposed product lies in memory another way" },
    samples: ["torch.nuclear_norm(m)", "torch.norm(m, 'nuc')"],
  }),
  composite({
    schema: "nuclear_norm.dim(Tensor self, int[2] dim, bool keepdim=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, dim, keepdim) => namedMatrixNorm(call, self, "nuc", dim, keepdim, null),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: ["torch.norm(torch.stack([a, b]), 'nuc', dim=(1, 2))"],
  }),
  op({
    schema:
      "linalg_vector_norm(Tensor self, Scalar ord=2, int[]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    variants: "linalg",
    node: "LinalgVectorNormBackward0",
    pattern: "scale",
    forward: (k, self, ord, dim, keepdim, dtype) => {
      refuseIntegers(self, "vector");
      return norm(k, dtype === null ? self : k.cast(self, dtype), ord.number, dim, keepdim);
    },
    backward: {
      self: "ord == 0 ? null : dim == null ? norm_backward(grad, self, ord, result, [], keepdim) : norm_backward(grad, self, ord, result, dim, keepdim)",
    },
    samples: [
      "torch.linalg.vector_norm(a)",
      "torch.linalg.vector_norm(a, 1, dim=1)",
      "torch.linalg.vector_norm(a, 3.5, dim=1, keepdim=True)",
      "torch.linalg.vector_norm(a, float('inf'))",
      "torch.linalg.vector_norm(a.detach(), 0)",
      "torch.linalg.vector_norm(a, dim=(0, 1))",
    ],
  }),
  composite({
    schema:
      "linalg_norm(Tensor self, Scalar? ord=None, int[]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, ord, dim, keepdim, dtype) => {
      checkNormDims(self, dim, ord);
      if (ord !== null && (dim?.length === 2 || (dim === null && self.shape.length === 2)))
        return matrixNorm(call, self, ord.number, dim ?? [-2, -1], keepdim, dtype);
      return call("linalg_vector_norm", self, ord ?? float(2), dim, keepdim, dtype);
    },
    exempt: { second: "a transposed product lies in memory another way" },
    samples: [
      "torch.linalg.norm(a)",
      "torch.linalg.norm(a, 2)",
      "torch.linalg.norm(a, 1)",
      "torch.linalg.norm(v, 3)",
      "torch.linalg.norm(a, dim=1)",
      "torch.linalg.norm(a, float('inf'))",
      "torch.linalg.norm(a, 2, dim=1)",
    ],
  }),
  composite({
    schema:
      "linalg_norm.ord_str(Tensor self, str ord, int[]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, ord, dim, keepdim, dtype) => {
      if (dim !== null && dim.length !== 1 && dim.length !== 2)
        fail(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dim.join(", ")}]`);
      return namedMatrixNorm(call, self, ord, dim ?? [-2, -1], keepdim, dtype);
    },
    exempt: { second: "a transposed product lies in memory another way" },
    samples: ["torch.linalg.norm(a, 'fro')", "torch.linalg.norm(m, 'nuc')"],
  }),
  composite({
    schema:
      "linalg_matrix_norm(Tensor self, Scalar ord, int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, ord, dim, keepdim, dtype) =>
      matrixNorm(call, self, ord.number, dim, keepdim, dtype),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: [
      "torch.linalg.matrix_norm(m, 1)",
      "torch.linalg.matrix_norm(m, -2)",
      "torch.linalg.matrix_norm(m, float('inf'), keepdim=True)",
      "torch.linalg.matrix_norm(torch.stack([a, b]), 2, keepdim=True)",
    ],
  }),
  composite({
    schema:
      "linalg_matrix_norm.str_ord(Tensor self, str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, ord, dim, keepdim, dtype) =>
      namedMatrixNorm(call, self, ord, dim, keepdim, dtype),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: [
      "torch.linalg.matrix_norm(m)",
      "torch.linalg.matrix_norm(m, 'nuc')",
      "torch.linalg.matrix_norm(a, keepdim=True)",
    ],
  }),
  op({
    schema: "dist(Tensor self, Tensor other, Scalar p=2) -> Tensor",
    node: "DistBackward0",
    pattern: "scale",
    forward: (k, self, other, p) => {
      refuseBools(self, other);
      return oldNorm(k, k.binary(Binary.sub, self, other), p, null, false);
    },
    backward: {
      self: "p == 0 ? null : norm_backward(grad, self - other, p, result, [], true)",
      other: "p == 0 ? null : -norm_backward(grad, self - other, p, result, [], true)",
    },
    samples: ["torch.dist(a, b)", "a.dist(b, 1)", "torch.dist(a, v, 3)", "torch.dist(a, b, float('inf'))"],
  }),
  op({
    schema: "renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor",
    node: "RenormBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, p, dim, maxnorm) => {
      if (p.number <= 0) fail("renorm: non-positive-norm not supported");
      if (maxnorm.number < 0) fail(`renorm: expected maxnorm to be >= 0 but got ${maxnorm.number}`);
      const n = self.shape.length;
      if (n < 2) fail(`renorm: input needs at least 2 dimensions, got ${n} dimensions`);
      const axis = normalDim(dim, n);
      refuseIntegers(self, "vector");
      const others = self.shape.map((_, i) => i).filter((i) => i !== axis);
      const sizes = norm(k, k.cast(self, atLeastSingle(self)), p.number, others, true);
      const round = sizes.dtype === DType.f64 ? Number : Math.fround;
      const factors = doubles(k, sizes).map((x) =>
        x > maxnorm.number ? round(maxnorm.number) / round(x + round(1e-7)) : 1,
      );
      return k.binary(Binary.mul, self, made(k, sizes.shape, self.dtype, factors));
    },
    backward: { self: "renorm_backward(grad, self, p, dim, maxnorm)" },
    samples: ["torch.renorm(a, 2, 0, 1.)", "a.renorm(1, 1, 1.5)"],
  }),
  composite({
    schema: "renorm_backward(Tensor grad, Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, self, p, dim, maxnorm) => {
      const axis = normalDim(dim, self.shape.length);
      const others = self.shape.map((_, i) => i).filter((i) => i !== axis);
      const size = call("linalg_vector_norm", self, p, others, true, DType.f64);
      const total = call("sum", call("mul", self, grad), others, true, DType.f64);
      const through = normBackward(call, k, total, self, p.number, size, others, true);
      const inverse = call("reciprocal", call("add.Scalar", size, float(1e-7)));
      const apart = call("sub", grad, call("mul", inverse, through));
      const scaled = call("mul", call("mul.Scalar", inverse, maxnorm), apart);
      return call("where", call("gt", size, maxnorm), call("to", scaled, grad.dtype), grad);
    },
    samples: [],
  }),
];
