/** Triangular factors of a matrix: Cholesky's, and L, U and a permutation. */
import { isFloat } from "../dtype.ts";
import { fail, type PythonError } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import { cholesky, luFactor, permutation } from "../lapack/factors.ts";
import { Matrix } from "../lapack/matrix.ts";
import {
  batchElement,
  batched,
  floatCheck,
  INDEX,
  matrices,
  matrixCheck,
  mT,
  pivotRows,
  scalars,
  squareCheck,
  vectors,
} from "../matrices.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import { isContiguous, type Tensor } from "../tensor.ts";

const NOT_SQUARE =
  "the derivative of an LU factorization of matrices that are not square is not in the embedded engine (yet); the PyTorch engine has it";

const LIES = "a transposed product lies in memory another way";

export const half = new Scalar(0.5, "float");

export interface Factored {
  readonly batch: readonly number[];
  readonly list: readonly ReturnType<typeof luFactor>[];
  readonly lu: Tensor;
  readonly pivots: Tensor;
}

function factored(k: Kernels, a: Tensor, pivot = true): Factored {
  const batch = a.shape.slice(0, -2);
  const list = matrices(k, a).map((m) => luFactor(m, pivot));
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const lu = batched(
    k,
    batch,
    list.map((f) => f.lu),
    [rows, columns],
    a.dtype,
  );
  const pivots = vectors(
    k,
    batch,
    list.map((f) => f.pivots),
    Math.min(rows, columns),
    INDEX,
  );
  return { batch, list, lu, pivots };
}

/** As PyTorch factors for a determinant or a solution: a matrix that lies row by row is taken transposed (`mirrored`). */
export function factoredAsItLies(k: Kernels, a: Tensor): Factored & { readonly mirrored: boolean } {
  const mirrored = isContiguous(a);
  const lies = mirrored ? k.view(a, swapped(a.shape), swapped(a.strides)) : a;
  return { ...factored(k, lies), mirrored };
}

/** What each factorization of a batch tells of itself: 0, or the place of the first pivot that failed. */
export const infoOf = (
  k: Kernels,
  batch: readonly number[],
  list: readonly { readonly info: number }[],
): Tensor =>
  scalars(
    k,
    batch,
    list.map(({ info }) => info),
    INDEX,
  );

/** PyTorch's error where a factorization found a 0. */
export function checkInfo(
  k: Kernels,
  name: string,
  of: Tensor,
  info: Tensor,
  message: (info: number) => string,
  type: PythonError = "_LinAlgError",
): void {
  for (const [i, value] of Array.from(k.core.read(info), Number).entries())
    if (value > 0) fail(`${batchElement(name, of, i)} ${message(value)}`, type);
}

const NOT_POSITIVE = (i: number): string =>
  `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${i} is not positive-definite).`;

function choleskies(k: Kernels, name: string, a: Tensor, upper: boolean, check: boolean): [Tensor, Tensor] {
  floatCheck(name, a);
  squareCheck(name, a);
  const batch = a.shape.slice(0, -2);
  const n = a.shape.at(-1) as number;
  const all = matrices(k, a).map((m) => cholesky(m, upper));
  const info = infoOf(k, batch, all);
  if (check) checkInfo(k, name, a, info, NOT_POSITIVE);
  const factor = batched(
    k,
    batch,
    all.map(({ factor }) => factor),
    [n, n],
    a.dtype,
  );
  return [factor, info];
}

/** L, U and the permutation as a matrix, from the factors in one. */
function unpacked(k: Kernels, lu: Tensor, pivots: Tensor): readonly Tensor[] {
  const batch = lu.shape.slice(0, -2);
  const [rows, columns] = lu.shape.slice(-2) as [number, number];
  const n = Math.min(rows, columns);
  const all = matrices(k, lu);
  const orders = pivotRows(k, pivots, batch, n).map((row) => permutation(row, rows));
  const part = (height: number, width: number, at: (m: Matrix, i: number, j: number) => number): Tensor =>
    batched(
      k,
      batch,
      all.map((m) => {
        const out = new Matrix(height, width, m.precision);
        for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) out.set(i, j, at(m, i, j));
        return out;
      }),
      [height, width],
      lu.dtype,
      false,
    );
  const l = part(rows, n, (m, i, j) => (i === j ? 1 : i > j ? m.get(i, j) : 0));
  const u = part(n, columns, (m, i, j) => (i <= j ? m.get(i, j) : 0));
  const p = batched(
    k,
    batch,
    orders.map((order, b) => {
      const out = new Matrix(rows, rows, (all[b] as Matrix).precision);
      for (const [i, from] of order.entries()) out.set(from, i, 1);
      return out;
    }),
    [rows, rows],
    lu.dtype,
    false,
  );
  return [l, u, p];
}

/** PyTorch's rule for the factors L and U of a square, tall or wide matrix. */
function luBackward(
  call: Call,
  gradL: Tensor | null,
  gradU: Tensor | null,
  p: Tensor,
  l: Tensor,
  u: Tensor,
): Tensor {
  const [m, n] = [l.shape.at(-2) as number, u.shape.at(-1) as number];
  const [lt, ut] = [mT(call, l), mT(call, u)];
  if (m !== n) fail(NOT_SQUARE, "NotImplementedError");
  const low = gradL === null ? null : call("tril", call("matmul", lt, gradL), -1);
  const high = gradU === null ? null : call("triu", call("matmul", gradU, ut));
  const inner = low === null ? (high as Tensor) : high === null ? low : call("add", low, high);
  const right = call("linalg_solve_triangular", ut, inner, false, false);
  return call("matmul", p, call("linalg_solve_triangular", lt, right, true, true, true));
}

export const swapped = (list: readonly number[]): number[] => [
  ...list.slice(0, -2),
  ...list.slice(-2).reverse(),
];

export const FACTORS: readonly OpRow[] = [
  op({
    schema:
      "linalg_cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)",
    variants: "linalg",
    node: "LinalgCholeskyExBackward0",
    pattern: "mix",
    nonDifferentiable: [1],
    forward: (k, self, upper, check) => choleskies(k, "linalg.cholesky", self, upper, check),
    backward: { self: "cholesky_backward(grad, upper, L)" },
    samples: ["torch.linalg.cholesky_ex(m @ m.t())"],
  }),
  composite({
    schema: "linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, upper) => call("linalg_cholesky_ex", self, upper, true)[0] as Tensor,
    exempt: { second: LIES },
    samples: ["torch.linalg.cholesky(m @ m.t())", "torch.linalg.cholesky(m @ m.t(), upper=True)"],
  }),
  op({
    schema: "cholesky(Tensor self, bool upper=False) -> Tensor",
    node: "CholeskyBackward0",
    pattern: "mix",
    forward: (k, self, upper) => choleskies(k, "cholesky", self, upper, true)[0],
    backward: { self: "cholesky_backward(grad, upper, result)" },
    exempt: { second: LIES },
    samples: ["torch.cholesky(m @ m.t())", "(m @ m.t()).cholesky(upper=True)"],
  }),
  composite({
    schema: "cholesky_backward(Tensor grad, bool upper, Tensor L) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, upper, factor) => {
      const l = upper ? mT(call, factor) : factor;
      const g = upper ? mT(call, grad) : grad;
      const low = call("tril", call("matmul", mT(call, l), g));
      const both = call("mul.Scalar", call("add", low, mT(call, call("tril", low, -1))), half);
      const right = call("linalg_solve_triangular", mT(call, l), both, true, true);
      return call("linalg_solve_triangular", l, right, false, false);
    },
    samples: [],
  }),
  op({
    schema:
      "linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)",
    variants: "linalg",
    node: "LinalgLuFactorExBackward0",
    pattern: "mix",
    nonDifferentiable: [1, 2],
    forward: (k, a, pivot, check) => {
      if (a.shape.length < 2)
        fail(
          `torch.lu_factor: Expected tensor with 2 or more dimensions. Got size: ${showShape(a.shape)} instead`,
        );
      const { batch, list, lu, pivots } = factored(k, a, pivot);
      const info = infoOf(k, batch, list);
      if (check)
        checkInfo(
          k,
          "torch.linalg.lu_factor",
          a,
          info,
          (i) =>
            `U[${i},${i}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`,
          "RuntimeError",
        );
      return [lu, pivots, info];
    },
    backward: { A: "lu_factor_backward(grad, LU, pivots, pivot)" },
    exempt: { second: "PyTorch unpacks both factors in one node" },
    samples: ["torch.linalg.lu_factor_ex(m)"],
  }),
  composite({
    schema: "lu_factor_backward(Tensor grad, Tensor LU, Tensor pivots, bool pivot) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, lu, pivots) => {
      const [p, l, u] = call("lu_unpack", lu, pivots) as readonly Tensor[] as [Tensor, Tensor, Tensor];
      const n = Math.min(lu.shape.at(-1) as number, lu.shape.at(-2) as number);
      return luBackward(call, call("narrow", grad, -1, 0, n), call("narrow", grad, -2, 0, n), p, l, u);
    },
    samples: [],
  }),
  composite({
    schema: "linalg_lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)",
    variants: "linalg",
    compose: (call, _k, a, pivot) =>
      (call("linalg_lu_factor_ex", a, pivot, true) as readonly Tensor[]).slice(0, 2),
    exempt: { second: "PyTorch unpacks both factors in one node" },
    samples: ["torch.linalg.lu_factor(m)"],
  }),
  composite({
    schema:
      "_lu_with_info(Tensor self, bool pivot=True, bool check_errors=True) -> (Tensor LU, Tensor pivots, Tensor info)",
    variants: "function",
    compose: (call, _k, a, pivot, check) => call("linalg_lu_factor_ex", a, pivot, check),
    exempt: { second: "PyTorch unpacks both factors in one node" },
    samples: ["torch.lu(m)", "torch.lu(m, get_infos=True)", "m.lu()"],
  }),
  op({
    schema: "_lu_unpack(Tensor LU_data, Tensor LU_pivots) -> (Tensor L, Tensor U, Tensor P)",
    variants: "internal",
    node: "LuUnpackBackward0",
    pattern: "move",
    nonDifferentiable: [2],
    forward: unpacked,
    backward: { LU_data: "lu_unpack_backward(grads[0], grads[1])" },
    alsoSaves: ["LU_data"],
    exempt: { second: "PyTorch computes the factors' gradients in one node" },
    samples: [],
  }),
  composite({
    schema:
      "lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor P, Tensor L, Tensor U)",
    variants: "function",
    compose: (call, k, lu, pivots, data, withPivots) => {
      if (lu.numel > 0 && isFloat(pivots.dtype))
        fail(
          "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor",
        );
      const [l, u, p] = call("_lu_unpack", lu, pivots) as readonly Tensor[] as [Tensor, Tensor, Tensor];
      const none = (): Tensor => k.empty([0], lu.dtype);
      return [withPivots ? p : none(), data ? l : none(), data ? u : none()];
    },
    exempt: { second: "PyTorch computes the factors' gradients in one node" },
    samples: ["torch.lu_unpack(*torch.linalg.lu_factor(m))"],
  }),
  composite({
    schema: "lu_unpack_backward(Tensor L, Tensor U) -> Tensor",
    variants: "internal",
    compose: (call, _k, l, u) => {
      if (l.shape.at(-2) !== u.shape.at(-1)) fail(NOT_SQUARE, "NotImplementedError");
      return call("add", call("tril", l, -1), call("triu", u));
    },
    samples: [],
  }),
  op({
    schema: "_linalg_lu(Tensor A, bool pivot) -> (Tensor L, Tensor U, Tensor P)",
    variants: "internal",
    node: "LinalgLuBackward0",
    pattern: "mix",
    nonDifferentiable: [2],
    forward: (k, a, pivot) => {
      matrixCheck("linalg.lu", a);
      const { lu, pivots } = factored(k, a, pivot);
      return unpacked(k, lu, pivots);
    },
    backward: { A: "linalg_lu_backward(arrived[0], arrived[1], P, L, U)" },
    alsoSaves: ["pivot"],
    exempt: { second: LIES },
    samples: [],
  }),
  composite({
    schema: "linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)",
    variants: "linalg",
    compose: (call, _k, a, pivot) => {
      const [l, u, p] = call("_linalg_lu", a, pivot) as readonly Tensor[] as [Tensor, Tensor, Tensor];
      return [p, l, u];
    },
    exempt: { second: LIES },
    samples: ["torch.linalg.lu(m)", "torch.linalg.lu(m)[2]"],
  }),
  composite({
    schema: "linalg_lu_backward(Tensor? L_grad, Tensor? U_grad, Tensor P, Tensor L, Tensor U) -> Tensor",
    variants: "internal",
    compose: (call, _k, gradL, gradU, p, l, u) => luBackward(call, gradL, gradU, p, l, u),
    samples: [],
  }),
];
