/** Weights as a direction times a length. */
import { Calc } from "../calc.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** All dimensions but one. */
const others = (t: Tensor, dim: number): number[] => t.shape.flatMap((_, i) => (i === dim ? [] : [i]));

function normed(k: Kernels, v: Tensor, g: Tensor, dim: number): readonly Tensor[] {
  if (dim !== 0 && dim !== v.shape.length - 1)
    fail("fused kernels can only be applied for first or last dim");
  const c = new Calc(k);
  const norms = c.sqrt(c.sum(c.mul(v, v), others(v, dim), true));
  return [c.mul(v, c.div(g, norms)), norms];
}

export const WEIGHT_NORM: readonly OpRow[] = [
  op({
    schema: "_weight_norm_interface(Tensor v, Tensor g, int dim=0) -> (Tensor result0, Tensor result1)",
    variants: "function",
    node: "WeightNormInterfaceBackward0",
    pattern: "scale",
    nonDifferentiable: [1],
    forward: normed,
    backward: {
      v: "(grad - v * (weight_norm_sums(grad, v, dim) / (result1 * result1))) * (g / result1)",
      g: "weight_norm_sums(grad, v, dim) / result1",
    },
    alsoSaves: ["v", "g", "result1"],
    exempt: {
      second: "PyTorch puts the gradients together in another order",
      differences: "as in PyTorch, a second derivative takes the lengths for constants",
    },
    samples: [
      "torch._weight_norm_interface(a, p[:, :1] * 1, 0)[0]",
      "torch._weight_norm_interface(a, v[None], 1)[0]",
    ],
  }),
  composite({
    schema: "weight_norm_sums(Tensor grad, Tensor v, int dim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, v, dim) => call("sum.dim_IntList", call("mul", grad, v), others(v, dim), true),
    samples: [],
  }),
];
