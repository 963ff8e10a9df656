/** Determinants, their logarithms, and inverses. */
import { Binary, Reduce, Unary } from "../../assembly/shared/codes.ts";
import { epsilonOf } from "../dtype.ts";
import type { Kernels } from "../kernels.ts";
import { luSolve } from "../lapack/factors.ts";
import { Matrix } from "../lapack/matrix.ts";
import { batched, floatCheck, mT, scalars, squareCheck } from "../matrices.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { checkInfo, type Factored, factoredAsItLies, infoOf } from "./factors.ts";

/** The factors of a batch's matrices, with the diagonal of each U and the sign of its exchanges. */
function diagonals(k: Kernels, name: string, a: Tensor): Factored & { diagonal: Tensor; flips: Tensor } {
  squareCheck(name, a);
  floatCheck(name, a);
  const all = factoredAsItLies(k, a);
  const { batch, list, lu } = all;
  const [down, across] = lu.strides.slice(-2) as [number, number];
  const diagonal = k.view(lu, lu.shape.slice(0, -1), [...lu.strides.slice(0, -2), down + across]);
  const flips = list.map(({ pivots }) =>
    pivots.reduce((sign, pivot, i) => (pivot === i + 1 ? sign : -sign), 1),
  );
  return { ...all, diagonal, flips: scalars(k, batch, flips, lu.dtype) };
}

const product = (k: Kernels, of: Tensor, flips: Tensor): Tensor =>
  k.binary(Binary.mul, flips, k.reduce(Reduce.prod, of, [of.shape.length - 1], false));

const SINGULAR = (i: number): string =>
  `The diagonal element ${i} is zero, the inversion could not be completed because the input matrix is singular.`;

function inverse(k: Kernels, a: Tensor): { inverse: Tensor; info: Tensor } {
  const { batch, list, mirrored } = factoredAsItLies(k, a);
  const n = a.shape.at(-1) as number;
  const all = list.map(({ lu, pivots }) => luSolve(lu, pivots, Matrix.identity(lu.precision, n), mirrored));
  const info = infoOf(k, batch, list);
  return { inverse: batched(k, batch, all, [n, n], a.dtype), info };
}

export const DETERMINANTS: readonly OpRow[] = [
  op({
    schema: "_linalg_det(Tensor A) -> (Tensor result, Tensor LU, Tensor pivots)",
    variants: "internal",
    node: "LinalgDetBackward0",
    pattern: "scale",
    nonDifferentiable: [1, 2],
    forward: (k, a) => {
      const { diagonal, flips, lu, pivots } = diagonals(k, "linalg.det", a);
      return [product(k, diagonal, flips), lu, pivots];
    },
    backward: { A: "linalg_det_backward(grad, result, A)" },
    alsoSaves: ["LU", "pivots"],
    samples: [],
  }),
  composite({
    schema: "linalg_det_backward(Tensor grad, Tensor det, Tensor A) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, det, a) => {
      if (a.numel === 0) return k.full(a.shape, 0, a.dtype);
      const tiny = 100 * epsilonOf(a.dtype);
      const singular = Array.from(k.core.read(det) as Float64Array).some((x) => Math.abs(x) < tiny);
      if (singular) {
        const [u, s, vh] = call("linalg_svd", a) as readonly Tensor[] as [Tensor, Tensor, Tensor];
        const alpha = call("mul", call("mul", call("linalg_det", u), call("linalg_det", vh)), grad);
        const rest = call(
          "prod_backward",
          call("unsqueeze", alpha, -1),
          s,
          call("prod", s, -1, true),
          -1,
          true,
        );
        return call("matmul", call("mul", u, call("unsqueeze", rest, -2)), vh);
      }
      const scaled = call("unsqueeze", call("mul", grad, det), -1);
      const d = call("diag_embed", call("expand", scaled, a.shape.slice(0, -1)));
      return call("linalg_solve", mT(call, a), mT(call, d));
    },
    samples: [],
  }),
  composite({
    schema: "linalg_det(Tensor A) -> Tensor",
    variants: "linalg",
    compose: (call, _k, a) => call("_linalg_det", a)[0] as Tensor,
    samples: ["torch.linalg.det(m)", "torch.linalg.det(torch.stack([m, m.t() * 2]))"],
  }),
  composite({
    schema: "det(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("_linalg_det", self)[0] as Tensor,
    samples: ["torch.det(m)", "m.det()"],
  }),
  op({
    schema: "_linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet, Tensor LU, Tensor pivots)",
    variants: "internal",
    node: "LinalgSlogdetBackward0",
    pattern: "scale",
    nonDifferentiable: [2, 3],
    forward: (k, a) => {
      const { diagonal, flips, lu, pivots } = diagonals(k, "linalg.slogdet", a);
      const sign = product(k, k.unary(Unary.sign, diagonal), flips);
      const log = k.sum(k.unary(Unary.log, k.unary(Unary.abs, diagonal)), [-1], false, null);
      return [sign, log, lu, pivots];
    },
    backward: { A: "slogdet_backward(grads[1], A)" },
    alsoSaves: ["LU", "pivots", "sign"],
    samples: [],
  }),
  composite({
    schema: "slogdet_backward(Tensor grad, Tensor A) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, a) => {
      const d = call("diag_embed", call("expand", call("unsqueeze", grad, -1), a.shape.slice(0, -1)));
      return call("linalg_solve", mT(call, a), mT(call, d));
    },
    samples: [],
  }),
  composite({
    schema: "linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)",
    variants: "linalg",
    compose: (call, _k, a) => (call("_linalg_slogdet", a) as readonly Tensor[]).slice(0, 2),
    samples: ["torch.linalg.slogdet(m)", "torch.linalg.slogdet(-m)[1]"],
  }),
  composite({
    schema: "slogdet(Tensor self) -> (Tensor sign, Tensor logabsdet)",
    compose: (call, _k, self) => (call("_linalg_slogdet", self) as readonly Tensor[]).slice(0, 2),
    samples: ["torch.slogdet(m)", "m.slogdet().logabsdet"],
  }),
  composite({
    schema: "logdet(Tensor self) -> Tensor",
    compose: (call, k, self) => {
      squareCheck("logdet", self);
      const [sign, log] = call("_linalg_slogdet", self) as readonly Tensor[] as [Tensor, Tensor];
      return call("where", call("eq", sign, -1), k.full([], Number.NaN, self.dtype), log);
    },
    samples: ["torch.logdet(m @ m.t() + torch.eye(3))", "m.logdet()"],
  }),
  op({
    schema: "linalg_inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)",
    variants: "linalg",
    node: "LinalgInvExBackward0",
    pattern: "mix",
    nonDifferentiable: [1],
    forward: (k, a, check) => {
      squareCheck("linalg.inv", a);
      floatCheck("linalg.inv", a);
      const { inverse: made, info } = inverse(k, a);
      if (check) checkInfo(k, "linalg.inv", a, info, SINGULAR);
      return [made, info];
    },
    backward: {
      A: "-matmul(inverse.transpose(-2, -1), matmul(grad, inverse.transpose(-2, -1)))",
    },
    samples: ["torch.linalg.inv_ex(m)", "torch.linalg.inv_ex(torch.zeros(2, 2))[1]"],
  }),
  composite({
    schema: "linalg_inv(Tensor A) -> Tensor",
    variants: "linalg",
    compose: (call, _k, a) => call("linalg_inv_ex", a, true)[0] as Tensor,
    samples: ["torch.linalg.inv(m)", "torch.linalg.inv(torch.stack([m, m.t() * 2]))"],
  }),
  composite({
    schema: "inverse(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("linalg_inv_ex", self, true)[0] as Tensor,
    samples: ["torch.inverse(m)", "m.inverse()"],
  }),
];
