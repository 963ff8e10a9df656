/** Systems of linear equations, also with triangular matrices and with factors that are there. */
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, sameShape } from "../kernels.ts";
import { solveLeft, solveRight } from "../lapack/blas.ts";
import { choleskyInverse, choleskySolve, luSolve } from "../lapack/factors.ts";
import type { Matrix } from "../lapack/matrix.ts";
import {
  batched,
  commonBatch,
  floatCheck,
  matrices,
  matrixCheck,
  mT,
  pivotRows,
  squareCheck,
} from "../matrices.ts";
import { composite, type OpRow, op } from "../row.ts";
import { isContiguous, type Tensor } from "../tensor.ts";
import { checkInfo, factoredAsItLies, infoOf, swapped } from "./factors.ts";

const TWICE = "PyTorch computes a solution once for both inputs";

/** Is `b` a vector for each matrix of `a`? */
const isVector = (a: Tensor, b: Tensor): boolean =>
  b.shape.length === 1 || (a.shape.length - 1 === b.shape.length && sameShape(b.shape, a.shape.slice(0, -1)));

function checkSystem(name: string, a: Tensor, b: Tensor, left: boolean): void {
  matrixCheck(name, b, "B");
  squareCheck(name, a);
  if (a.dtype !== b.dtype)
    fail(
      `${name}: Expected A and B to have the same dtype, but found A of type ${dtypeRow(a.dtype).scalarType} and B of type ${dtypeRow(b.dtype).scalarType} instead`,
    );
  const [m, n] = a.shape.slice(-2);
  const [p, q] = b.shape.slice(-2);
  if (left ? n !== p : m !== q)
    fail(
      `${name}: Incompatible shapes of A and B for the equation ${left ? "AX = B" : "XA = B"} (${m}x${n} and ${p}x${q})`,
    );
}

function solve(k: Kernels, a: Tensor, given: Tensor, left: boolean, check: boolean): readonly Tensor[] {
  const name = "linalg.solve";
  floatCheck(name, a);
  const vector = isVector(a, given);
  if (vector && !left)
    fail(
      `${name}: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)`,
    );
  const b = vector ? k.view(given, [...given.shape, 1], [...given.strides, 0]) : given;
  checkSystem(name, a, b, left);
  const batch = commonBatch(a, b);
  const { list, lu, pivots, mirrored } = factoredAsItLies(k, a);
  const info = infoOf(k, a.shape.slice(0, -2), list);
  if (check)
    checkInfo(
      k,
      "torch.linalg.solve",
      a,
      info,
      () => "The solver failed because the input matrix is singular.",
    );
  const [rows, columns] = b.shape.slice(-2) as [number, number];
  const results = solvedWith(k, lu, pivots, b, left, mirrored);
  const x = batched(k, batch, results, [rows, columns], a.dtype, left);
  const result = vector ? vectorsOf(k, x) : x;
  return [result, lu, pivots, info];
}

/** The solutions, matrix by matrix, with factors that are there; `transposed`: with those of the transposed matrices. */
function solvedWith(
  k: Kernels,
  lu: Tensor,
  pivots: Tensor,
  b: Tensor,
  left: boolean,
  transposed: boolean,
): Matrix[] {
  const batch = commonBatch(lu, b);
  const factors = matrices(k, lu, batch);
  const exchanges = pivotRows(k, pivots, batch, lu.shape.at(-1) as number);
  return matrices(k, b, batch).map((m, i) => {
    const [f, p] = [factors[i] as Matrix, exchanges[i] as number[]];
    return left ? luSolve(f, p, m, transposed) : luSolve(f, p, m.transposed(), !transposed).transposed();
  });
}

/** Solutions that are vectors: PyTorch lays several of them as if they were the columns of a matrix. */
function vectorsOf(k: Kernels, x: Tensor): Tensor {
  const flat = k.reshaped(k.contiguous(x), x.shape.slice(0, -1));
  if (flat.shape.length < 2) return flat;
  const strides = [...flat.strides];
  const rows = flat.shape.at(-2) as number;
  strides.splice(-2, 2, 1, Math.max(rows, 1));
  const out = k.emptyStrided(flat.shape, strides, flat.dtype);
  k.copyInto(out, flat);
  return out;
}

/** `transposed`: of the matrices as they are given, the transposed ones are solved with. */
function triangularSolve(
  k: Kernels,
  a: Tensor,
  b: Tensor,
  triangle: { readonly upper: boolean; readonly unit: boolean; readonly transposed: boolean },
  left = true,
): Tensor {
  const batch = commonBatch(a, b);
  const as = matrices(k, a, batch);
  const xs = matrices(k, b, batch);
  for (const [i, x] of xs.entries()) (left ? solveLeft : solveRight)({ ...triangle, of: as[i] as Matrix }, x);
  return batched(k, batch, xs, b.shape.slice(-2) as [number, number], b.dtype);
}

/** A matrix that lies row by row is given to BLAS as the transposed one that it then sees. */
function solveAsItLies(
  k: Kernels,
  a: Tensor,
  b: Tensor,
  { upper, left, unit }: { upper: boolean; left: boolean; unit: boolean },
): Tensor {
  const flipped = k.view(a, swapped(a.shape), swapped(a.strides));
  const isSpread = !sameShape(a.shape.slice(0, -2), commonBatch(a, b));
  const transposed = isContiguous(a) && !isContiguous(flipped) && !isSpread;
  const triangle = { upper: upper !== transposed, unit, transposed };
  return triangularSolve(k, transposed ? flipped : a, b, triangle, left);
}

export const SOLVING: readonly OpRow[] = [
  op({
    schema:
      "_linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor LU, Tensor pivots, Tensor info)",
    variants: "internal",
    node: "LinalgSolveExBackward0",
    pattern: "mix",
    nonDifferentiable: [1, 2, 3],
    forward: solve,
    backward: {
      A: "linalg_solve_backward_A(grad, A, result, left)",
      B: "linalg_solve_backward(grad, A, result, left)",
    },
    alsoSaves: ["LU", "pivots"],
    exempt: { second: TWICE },
    samples: [],
  }),
  composite({
    schema: "linalg_solve_backward(Tensor grad, Tensor A, Tensor result, bool left) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, a, result, left) => {
      const vector = isVector(a, result);
      const from = vector ? call("unsqueeze", grad, -1) : grad;
      const solved = call("linalg_solve", mT(call, a), from, left);
      return vector ? call("squeeze", solved, -1) : solved;
    },
    samples: [],
  }),
  composite({
    schema: "linalg_solve_backward_A(Tensor grad, Tensor A, Tensor result, bool left) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, a, result, left) => {
      const vector = isVector(a, result);
      const open = (t: Tensor): Tensor => (vector ? call("unsqueeze", t, -1) : t);
      const solved = call("linalg_solve", mT(call, a), open(grad), left);
      const xt = mT(call, open(result));
      const out = left ? call("neg", call("matmul", solved, xt)) : call("matmul", call("neg", xt), solved);
      return vector ? call("squeeze", out, -1) : out;
    },
    samples: [],
  }),
  composite({
    schema:
      "linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)",
    variants: "linalg",
    compose: (call, _k, a, b, left, check) => {
      const [x, , , info] = call("_linalg_solve_ex", a, b, left, check) as readonly Tensor[];
      return [x as Tensor, info as Tensor];
    },
    exempt: { second: TWICE },
    samples: ["torch.linalg.solve_ex(m, v)"],
  }),
  composite({
    schema: "linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor",
    variants: "linalg",
    compose: (call, _k, a, b, left) => call("_linalg_solve_ex", a, b, left, true)[0] as Tensor,
    exempt: { second: TWICE },
    samples: [
      "torch.linalg.solve(m, v)",
      "torch.linalg.solve(m, m.t())",
      "torch.linalg.solve(m, a, left=False)",
      "torch.linalg.solve(torch.stack([m, m.t()]), m)",
      "torch.linalg.solve(torch.stack([m, m.t()]), a)",
    ],
  }),
  op({
    schema:
      "linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor",
    variants: "linalg",
    node: "LinalgSolveTriangularBackward0",
    pattern: "mix",
    forward: (k, a, b, upper, left, unit) => {
      checkSystem("linalg.solve_triangular", a, b, left);
      floatCheck("linalg.solve_triangular", a);
      return solveAsItLies(k, a, b, { upper, left, unit });
    },
    backward: {
      self: "solve_triangular_backward_A(grad, self, result, upper, left, unitriangular)",
      B: "linalg_solve_triangular(self.transpose(-2, -1), grad, !upper, left, unitriangular)",
    },
    exempt: { second: TWICE },
    samples: [
      "torch.linalg.solve_triangular(m, v.unsqueeze(1), upper=True)",
      "torch.linalg.solve_triangular(m, m, upper=False, left=False)",
      "torch.linalg.solve_triangular(m, m, upper=False, unitriangular=True)",
    ],
  }),
  composite({
    schema:
      "solve_triangular_backward_A(Tensor grad, Tensor A, Tensor X, bool upper, bool left, bool unitriangular) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, a, x, upper, left, unit) => {
      const g = call("linalg_solve_triangular", mT(call, a), grad, !upper, left, unit);
      const xt = mT(call, x);
      const product = left ? call("neg", call("matmul", g, xt)) : call("neg", call("matmul", xt, g));
      return upper ? call("triu", product, Number(unit)) : call("tril", product, -Number(unit));
    },
    samples: [],
  }),
  op({
    schema:
      "triangular_solve(Tensor self, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False) -> (Tensor solution, Tensor cloned_coefficient)",
    node: "TriangularSolveBackward0",
    pattern: "mix",
    nonDifferentiable: [1],
    forward: (k, b, a, upper, transpose, unit) => {
      checkSystem("triangular_solve", a, b, true);
      return [triangularSolve(k, a, b, { upper, unit, transposed: transpose }), k.clone(a)];
    },
    backward: {
      self: "triangular_solve(grad, A, upper, !transpose, unitriangular)[0]",
      A: "triangular_solve_backward_A(grad, A, solution, upper, transpose, unitriangular)",
    },
    alsoSaves: ["self"],
    exempt: { second: TWICE },
    samples: [
      "torch.triangular_solve(v.unsqueeze(1), m)[0]",
      "m.triangular_solve(m, upper=False, transpose=True)[0]",
    ],
  }),
  composite({
    schema:
      "triangular_solve_backward_A(Tensor grad, Tensor A, Tensor X, bool upper, bool transpose, bool unitriangular) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, a, x, upper, transpose, unit) => {
      const g = call("triangular_solve", grad, a, upper, !transpose, unit)[0] as Tensor;
      const product = transpose
        ? call("neg", call("matmul", x, mT(call, g)))
        : call("neg", call("matmul", g, mT(call, x)));
      return upper ? call("triu", product, Number(unit)) : call("tril", product, -Number(unit));
    },
    samples: [],
  }),
  op({
    schema: "cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor",
    node: "CholeskySolveBackward0",
    pattern: "mix",
    forward: (k, b, factor, upper) => {
      checkSystem("cholesky_solve", factor, b, true);
      const batch = commonBatch(factor, b);
      const factors = matrices(k, factor, batch);
      const xs = matrices(k, b, batch).map((m, i) => choleskySolve(factors[i] as Matrix, upper, m));
      return batched(k, batch, xs, b.shape.slice(-2) as [number, number], b.dtype);
    },
    backward: {
      self: "grad.cholesky_solve(input2, upper)",
      input2: "cholesky_solve_backward_L(grad, self, input2, result, upper)",
    },
    alsoSaves: ["self"],
    exempt: { second: TWICE },
    samples: [
      "torch.cholesky_solve(v.unsqueeze(1), torch.eye(3) + m.tril())",
      "m.cholesky_solve(torch.eye(3) + m.triu(), upper=True)",
    ],
  }),
  composite({
    schema:
      "cholesky_solve_backward_L(Tensor grad, Tensor self, Tensor L, Tensor result, bool upper) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, _self, l, result, upper) => {
      const g = call("cholesky_solve", grad, l, upper);
      const half = call("matmul", g, mT(call, result));
      const both = call("add", half, mT(call, half));
      return call("neg", upper ? call("matmul", l, both) : call("matmul", both, l));
    },
    samples: [],
  }),
  op({
    schema: "cholesky_inverse(Tensor self, bool upper=False) -> Tensor",
    node: "CholeskyInverseBackward0",
    pattern: "mix",
    forward: (k, self, upper) => {
      squareCheck("cholesky_inverse", self);
      const batch = self.shape.slice(0, -2);
      const n = self.shape.at(-1) as number;
      const all = matrices(k, self).map((m) => choleskyInverse(m, upper));
      return batched(k, batch, all, [n, n], self.dtype);
    },
    backward: { self: "cholesky_inverse_backward(grad, self, upper, result)" },
    samples: [
      "torch.cholesky_inverse(torch.eye(3) + m.tril())",
      "(torch.eye(3) + m.triu()).cholesky_inverse(upper=True)",
    ],
  }),
  composite({
    schema: "cholesky_inverse_backward(Tensor grad, Tensor L, bool upper, Tensor inverse) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, l, upper, inverse) => {
      const both = call("add", grad, mT(call, grad));
      const common = call("matmul", inverse, call("matmul", both, inverse));
      return call("neg", upper ? call("matmul", l, common) : call("matmul", common, l));
    },
    samples: [],
  }),
  op({
    schema:
      "linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor",
    variants: "linalg",
    node: "LinalgLuSolveBackward0",
    pattern: "mix",
    forward: (k, lu, pivots, b, left, adjoint) => {
      checkSystem("torch.linalg.lu_solve", lu, b, left);
      const xs = solvedWith(k, lu, pivots, b, left, adjoint);
      return batched(k, commonBatch(lu, b), xs, b.shape.slice(-2) as [number, number], b.dtype);
    },
    backward: {
      LU: "lu_solve_backward_LU(grad, LU, pivots, result, left, adjoint)",
      B: "linalg_lu_solve(LU, pivots, grad, left, !adjoint)",
    },
    exempt: { second: "PyTorch unpacks both factors in one node" },
    samples: [
      "torch.linalg.lu_solve(*torch.linalg.lu_factor(m), v.unsqueeze(1))",
      "torch.linalg.lu_solve(*torch.linalg.lu_factor(m), m, adjoint=True)",
    ],
  }),
  composite({
    schema:
      "lu_solve_backward_LU(Tensor grad, Tensor LU, Tensor pivots, Tensor X, bool left, bool adjoint) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, lu, pivots, x, left, adjoint) => {
      const [p, l, u] = call("lu_unpack", lu, pivots) as readonly Tensor[] as [Tensor, Tensor, Tensor];
      const g = call("linalg_lu_solve", lu, pivots, grad, left, !adjoint);
      const [gt, xt] = [mT(call, g), mT(call, x)];
      const product = adjoint
        ? left
          ? call("matmul", x, gt)
          : call("matmul", gt, x)
        : left
          ? call("matmul", g, xt)
          : call("matmul", xt, g);
      const inner = call("matmul", mT(call, p), call("neg", product));
      const low = call("tril", call("matmul", inner, mT(call, u)), -1);
      return call("add", low, call("triu", call("matmul", mT(call, l), inner)));
    },
    samples: [],
  }),
  composite({
    schema: "lu_solve(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor",
    compose: (call, _k, self, lu, pivots) => call("linalg_lu_solve", lu, pivots, self),
    exempt: { second: "PyTorch unpacks both factors in one node" },
    samples: ["torch.lu_solve(v.unsqueeze(1), *torch.linalg.lu_factor(m))"],
  }),
];
