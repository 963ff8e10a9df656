/** What is computed from singular values and eigenvalues: pseudo-inverses, ranks, least squares; exponentials; shapes of systems. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow, epsilonOf } from "../dtype.ts";
import { made, relaid } from "../each.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { columnOf, product as multiplied, scale } from "../lapack/blas.ts";
import { type Floats, Matrix } from "../lapack/matrix.ts";
import { svd } from "../lapack/singular.ts";
import { eigh } from "../lapack/symmetric.ts";
import {
  batched,
  commonBatch,
  floatCheck,
  matrices,
  matrixCheck,
  mT,
  scalars,
  squareCheck,
  vectors,
} from "../matrices.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { FILLED, product } from "./decompositions.ts";

/** e^A by scaling, Taylor's series and squaring. */
function exponential(a: Matrix): Matrix {
  const n = a.rows;
  let size = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(a.get(i, j));
    size = Math.max(size, sum);
  }
  const halvings = Math.max(0, Math.ceil(Math.log2(size)) + 2);
  const scaled = a.copy();
  for (let i = 0; i < scaled.data.length; i++) scaled.data[i] = (scaled.data[i] as number) / 2 ** halvings;
  let result = Matrix.identity(a.precision, n);
  let term = Matrix.identity(a.precision, n);
  for (let i = 1; i < 20; i++) {
    term = multiplied(term, scaled);
    for (let j = 0; j < term.data.length; j++) {
      term.data[j] = (term.data[j] as number) / i;
      result.data[j] = (result.data[j] as number) + (term.data[j] as number);
    }
  }
  for (let i = 0; i < halvings; i++) result = multiplied(result, result);
  return result;
}

/** Singular values, or the sizes of eigenvalues, at or below which one counts as 0: for rank and pseudo-inverse. */
function tolerance(a: Tensor, most: number, atol: number | null, rtol: number | null): number {
  const n = Math.max(a.shape.at(-2) as number, a.shape.at(-1) as number);
  const absolute = atol ?? 0;
  return Math.max(absolute, most * (rtol ?? (absolute > 0 ? 0 : epsilonOf(a.dtype) * n)));
}

/** A = left · diag(values) · right, by singular values or, of a symmetric matrix, by eigenvalues. */
function spectrum(m: Matrix, hermitian: boolean): { left: Matrix; values: Floats; right: Matrix } {
  if (!hermitian) {
    const { u, s, vt } = svd(m, false);
    return { left: u, values: s, right: vt };
  }
  const { values, vectors } = eigh(m);
  return { left: vectors, values, right: vectors.transposed() };
}

const greatest = (values: Floats): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

function pseudoInverse(
  k: Kernels,
  a: Tensor,
  atol: number | null,
  rtol: number | null,
  hermitian: boolean,
): Tensor {
  matrixCheck("linalg.pinv", a);
  floatCheck("linalg.pinv", a);
  const [m, n] = a.shape.slice(-2) as [number, number];
  const batch = a.shape.slice(0, -2);
  if (a.numel === 0) return k.empty([...batch, n, m], a.dtype);
  const all = matrices(k, a).map((x) => {
    const { left, values, right } = spectrum(x, hermitian);
    const limit = tolerance(a, greatest(values), atol, rtol);
    const scaled = right.transposed();
    for (const [j, value] of values.entries())
      scale(columnOf(scaled, j), Math.abs(value) > limit ? x.precision.round(1 / value) : 0);
    return multiplied(scaled, left.transposed());
  });
  return batched(k, batch, all, [n, m], a.dtype, false);
}

function rank(k: Kernels, a: Tensor, atol: number | null, rtol: number | null, hermitian: boolean): Tensor {
  matrixCheck("torch.linalg.matrix_rank", a, "input");
  floatCheck("torch.linalg.matrix_rank", a);
  const batch = a.shape.slice(0, -2);
  if (a.numel === 0) return k.full(batch, 0, DType.i64);
  const ranks = matrices(k, a).map((m) => {
    const { values } = spectrum(m, hermitian);
    const limit = tolerance(a, greatest(values), atol, rtol);
    return values.filter((x) => Math.abs(x) > limit).length;
  });
  const out = scalars(k, batch, ranks, DType.i64);
  // PyTorch sums into it.
  out.counter.value = 1;
  return out;
}

function conditioned(call: Call, self: Tensor, norm: (t: Tensor) => Tensor): Tensor {
  const before = norm(self);
  const [inverse, info] = call("linalg_inv_ex", self) as readonly Tensor[] as [Tensor, Tensor];
  const failed = call("unsqueeze", call("unsqueeze", call("gt", info, 0), -1), -1);
  const infinite = Number.POSITIVE_INFINITY;
  call("masked_fill_", inverse, failed, infinite);
  return call("nan_to_num_", call("mul", before, norm(inverse)), infinite, infinite, -infinite);
}

function leastSquares(
  k: Kernels,
  a: Tensor,
  given: Tensor,
  rcond: number | null,
  driver: string | null,
): readonly Tensor[] {
  const name = "torch.linalg.lstsq";
  if (a.shape.length < 2) fail(`${name}: input must have at least 2 dimensions.`);
  if (given.shape.length < 1) fail(`${name}: other must have at least 1 dimension.`);
  if (a.dtype !== given.dtype)
    fail(
      `${name}: Expected input and other to have the same dtype, but got input's dtype ${dtypeRow(a.dtype).scalarType} and other's dtype ${dtypeRow(given.dtype).scalarType}`,
    );
  const method = driver ?? "gelsy";
  if (!["gels", "gelsy", "gelsd", "gelss"].includes(method))
    fail(`${name}: parameter \`driver\` should be one of (gels, gelsy, gelsd, gelss)`);
  const vector = given.shape.length < a.shape.length;
  const b = vector ? k.view(given, [...given.shape, 1], [...given.strides, 0]) : given;
  if (a.shape.at(-2) !== b.shape.at(-2)) fail(`${name}: input.size(-2) should match other.size(-2)`);
  const batch = commonBatch(a, b);
  const [m, n] = a.shape.slice(-2) as [number, number];
  const columns = b.shape.at(-1) as number;
  const limit = rcond ?? epsilonOf(a.dtype) * Math.max(m, n);
  const bs = matrices(k, b, batch);
  const all = matrices(k, a, batch).map((x, i) => {
    const { u, s, vt } = svd(x, false);
    const kept = Array.from(s, (value) => value > limit * (s[0] as number));
    const inner = multiplied(u.transposed(), bs[i] as Matrix);
    for (let r = 0; r < inner.rows; r++)
      for (let c = 0; c < columns; c++) inner.set(r, c, kept[r] ? inner.get(r, c) / (s[r] as number) : 0);
    const solution = multiplied(vt.transposed(), inner);
    const left = multiplied(x, solution);
    const residuals = Array.from({ length: columns }, (_, c) => {
      let sum = 0;
      for (let r = 0; r < m; r++) sum += ((bs[i] as Matrix).get(r, c) - left.get(r, c)) ** 2;
      return sum;
    });
    return { solution, s, rank: kept.filter(Boolean).length, residuals };
  });
  const full = all.every((one) => one.rank === n) && m > n && method !== "gelsy";
  // The solution lies where LAPACK had the right-hand sides, which may have more rows.
  const rows = Math.max(m, n);
  const place = batched(
    k,
    batch,
    all.map(({ solution }) => {
      const whole = new Matrix(rows, columns, solution.precision);
      whole.block(0, 0, n).assign(solution);
      return whole;
    }),
    [rows, columns],
    a.dtype,
  );
  const x = vector
    ? relaid(k, place, [...batch, n], place.strides.slice(0, -1))
    : relaid(k, place, [...batch, n, columns], place.strides);
  const none = (): Tensor => k.empty([0], a.dtype);
  return [
    x,
    full
      ? vectors(
          k,
          batch,
          all.map((one) => one.residuals),
          columns,
          a.dtype,
        )
      : none(),
    method === "gels"
      ? made(k, [0], DType.i64, [])
      : scalars(
          k,
          batch,
          all.map((one) => one.rank),
          DType.i64,
        ),
    method === "gelsd" || method === "gelss"
      ? vectors(
          k,
          batch,
          all.map((one) => one.s),
          Math.min(m, n),
          a.dtype,
        )
      : none(),
  ];
}

export const SPECTRA: readonly OpRow[] = [
  op({
    schema: "_linalg_pinv(Tensor self, float? atol, float? rtol, bool hermitian) -> Tensor",
    variants: "internal",
    node: "LinalgPinvBackward0",
    pattern: "mix",
    forward: pseudoInverse,
    backward: { self: "pinv_backward(grad, result, self)" },
    exempt: { second: "a transposed product lies in memory another way" },
    samples: [],
  }),
  composite({
    schema: "pinv_backward(Tensor grad, Tensor result, Tensor self) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, pinv, a) => {
      const [pt, gt] = [mT(call, pinv), mT(call, grad)];
      const times = (...factors: readonly Tensor[]): Tensor => product(call, ...factors);
      const neg = (t: Tensor): Tensor => call("neg", t);
      if ((a.shape.at(-2) as number) <= (a.shape.at(-1) as number)) {
        const inner = times(gt, pinv);
        const more = times(inner, pt);
        const rest = call(
          "sub",
          call("add", mT(call, neg(times(pinv, inner))), more),
          times(times(a, pinv), more),
        );
        return call("add", rest, times(times(pt, pinv), call("sub", gt, times(inner, a))));
      }
      const inner = times(pinv, gt);
      const more = times(pt, inner);
      const rest = call(
        "add",
        mT(call, neg(times(inner, pinv))),
        times(times(call("sub", gt, times(a, inner)), pinv), pt),
      );
      return call("sub", call("add", rest, more), times(times(more, pinv), a));
    },
    samples: [],
  }),
  composite({
    schema: "linalg_pinv(Tensor self, float rcond, bool hermitian=False) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, rcond, hermitian) => call("_linalg_pinv", self, 0, rcond, hermitian),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: ["torch.linalg.pinv(a.double(), 1e-3)"],
  }),
  composite({
    schema:
      "linalg_pinv.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, atol, rtol, hermitian) => call("_linalg_pinv", self, atol, rtol, hermitian),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: [
      "torch.linalg.pinv(a.double())",
      "torch.linalg.pinv(a.double().t())",
      "torch.linalg.pinv(m.double() + m.double().t(), hermitian=True)",
    ],
  }),
  composite({
    schema: "pinverse(Tensor self, float rcond=1e-15) -> Tensor",
    compose: (call, _k, self, rcond) => call("_linalg_pinv", self, 0, rcond, false),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: ["torch.pinverse(a.double())", "m.double().pinverse()"],
  }),
  op({
    schema:
      "linalg_lstsq(Tensor self, Tensor b, float? rcond=None, *, str? driver=None) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)",
    variants: "linalg",
    node: "LinalgLstsqBackward0",
    pattern: "mix",
    nonDifferentiable: [1, 2, 3],
    forward: (k, self, b, rcond, driver) => leastSquares(k, self, b, rcond, driver),
    backward: {
      self: "pinv_backward(matmul(grad, vector_to_matrix(b, self).transpose(-2, -1)), linalg_pinv(self), self)",
      b: "matmul(linalg_pinv(self).transpose(-2, -1), grad)",
    },
    alsoSaves: ["driver", "rcond"],
    exempt: { second: "PyTorch computes the pseudo-inverse once for both inputs" },
    samples: [
      "torch.linalg.lstsq(a.double().t(), v.double().unsqueeze(1))",
      "torch.linalg.lstsq(m.double(), m.double().t())[0]",
      "torch.linalg.lstsq(a.double(), b.double())",
    ],
  }),
  composite({
    schema: "vector_to_matrix(Tensor b, Tensor a) -> Tensor",
    variants: "internal",
    compose: (call, _k, b, a) => (b.shape.length < a.shape.length ? call("unsqueeze", b, -1) : b),
    samples: [],
  }),
  op({
    schema: "linalg_matrix_exp(Tensor self) -> Tensor",
    variants: "linalg",
    node: "LinalgMatrixExpBackward0",
    pattern: "mix",
    forward: (k, self) => {
      squareCheck("linalg.matrix_exp", self);
      floatCheck("linalg.matrix_exp", self);
      const n = self.shape.at(-1) as number;
      return batched(
        k,
        self.shape.slice(0, -2),
        matrices(k, self).map(exponential),
        [n, n],
        self.dtype,
        false,
      );
    },
    backward: { self: "matrix_exp_backward(self, grad)" },
    exempt: { second: "PyTorch writes the blocks in place" },
    samples: [
      "torch.linalg.matrix_exp(m.double())",
      "torch.linalg.matrix_exp(torch.stack([m.double(), m.double() * 3]))",
    ],
  }),
  composite({
    schema: "matrix_exp_backward(Tensor self, Tensor grad) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, grad) => {
      const n = self.shape.at(-1) as number;
      const turned = mT(call, self);
      const above = call("cat", [turned, grad], -1);
      const below = call("cat", [call("zeros_like", turned), turned], -1);
      const whole = call("linalg_matrix_exp", call("cat", [above, below], -2));
      return call("narrow", call("narrow", whole, -2, 0, n), -1, n, n);
    },
    samples: [],
  }),
  composite({
    schema: "matrix_exp(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("linalg_matrix_exp", self),
    exempt: { second: "PyTorch writes the blocks in place" },
    samples: ["torch.matrix_exp(m.double())", "m.double().matrix_exp()"],
  }),
  op({
    schema: "linalg_matrix_rank.tol(Tensor self, float tol, bool hermitian=False) -> Tensor",
    variants: "linalg",
    forward: (k, self, tol, hermitian) => rank(k, self, tol, 0, hermitian),
    samples: ["torch.linalg.matrix_rank(m.double(), 1e-3)"],
  }),
  op({
    schema:
      "linalg_matrix_rank(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor",
    variants: "linalg",
    forward: rank,
    samples: [
      "torch.linalg.matrix_rank(m.double())",
      "torch.linalg.matrix_rank(torch.ones(3, 3))",
      "torch.linalg.matrix_rank(torch.stack([m.double(), m.double() * 0]))",
      "torch.linalg.matrix_rank(m.double() + m.double().t(), hermitian=True)",
    ],
  }),
  composite({
    schema: "linalg_cond(Tensor self, Scalar? p=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, p) => {
      matrixCheck("linalg.cond", self);
      const order = p?.number ?? 2;
      if (Math.abs(order) === 2) {
        const s = call("linalg_svdvals", self);
        const [most, least] = [call("narrow", s, -1, 0, 1), call("narrow", s, -1, -1, 1)];
        return call("squeeze", order === 2 ? call("div", most, least) : call("div", least, most), -1);
      }
      squareCheck(`linalg.cond(ord=${order})`, self);
      return conditioned(call, self, (t) => call("linalg_matrix_norm", t, p, [-2, -1], false));
    },
    exempt: { second: FILLED },
    samples: [
      "torch.linalg.cond(m.double())",
      "torch.linalg.cond(m.double(), 1)",
      "torch.linalg.cond(a.double(), -2)",
    ],
  }),
  composite({
    schema: "linalg_cond.p_str(Tensor self, str p) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, p) => {
      squareCheck(`linalg.cond(ord=${p})`, self);
      if (p !== "nuc")
        return conditioned(call, self, (t) => call("linalg_matrix_norm.str_ord", t, p, [-2, -1], false));
      const s = call("linalg_svdvals", self);
      const inverses = call("sum", call("reciprocal", s), [-1], false);
      return call("mul", call("sum", s, [-1], false), inverses);
    },
    exempt: { second: FILLED },
    samples: ["torch.linalg.cond(m.double(), 'fro')", "torch.linalg.cond(m.double(), 'nuc')"],
  }),
  composite({
    schema: "linalg_tensorinv(Tensor self, int ind=2) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, ind) => {
      if (ind <= 0) fail("Expected a strictly positive integer for 'ind'");
      const [first, rest] = [self.shape.slice(0, ind), self.shape.slice(ind)];
      const count = (list: readonly number[]): number => list.reduce((n, x) => n * x, 1);
      if (count(first) !== count(rest))
        fail(
          `Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${count(rest)} != ${count(first)}`,
        );
      const flat = call("reshape", self, [count(rest), count(first)]);
      return call("reshape", call("linalg_inv", flat), [...rest, ...first]);
    },
    samples: ["torch.linalg.tensorinv((torch.eye(4, dtype=v.dtype) * v[0]).reshape(2, 2, 4), ind=2)"],
  }),
  composite({
    schema: "linalg_tensorsolve(Tensor self, Tensor other, int[]? dims=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, other, dims) => {
      const n = self.shape.length;
      const last = dims?.map((dim) => normalDim(dim, n)) ?? [];
      const order = [...self.shape.map((_, i) => i).filter((i) => !last.includes(i)), ...last];
      const moved = last.length > 0 ? call("permute", self, order) : self;
      const shape = moved.shape.slice(other.shape.length);
      const count = shape.reduce((x, y) => x * y, 1);
      const flat = call("reshape", moved, [other.numel, count]);
      return call("reshape", call("linalg_solve", flat, call("flatten", other)), shape);
    },
    exempt: { second: "PyTorch computes a solution once for both inputs" },
    samples: ["torch.linalg.tensorsolve(m.double(), v.double())"],
  }),
  composite({
    schema: "linalg_vander(Tensor x, *, int? N=None) -> Tensor",
    variants: "linalg",
    compose: (call, k, x, given) => {
      const n = given ?? (x.shape.at(-1) as number);
      if (n <= 1) fail("N must be greater than 1.");
      const base = call("expand", call("unsqueeze", x, -1), [...x.shape, n - 1]);
      const ones = k.full([...x.shape, 1], 1, x.dtype);
      return call("cat", [ones, call("cumprod", base, -1)], -1);
    },
    exempt: { second: "PyTorch counts a dimension from the front" },
    samples: ["torch.linalg.vander(v)", "torch.linalg.vander(v, N=4)"],
  }),
  composite({
    schema: "linalg_diagonal(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor",
    variants: "linalg",
    compose: (call, _k, a, offset, dim1, dim2) => call("diagonal", a, offset, dim1, dim2),
    samples: ["torch.linalg.diagonal(m)"],
  }),
];
