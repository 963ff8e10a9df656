/** Draws from gamma, Dirichlet and binomial distributions, which torch.distributions is made of. */
import { binomial, dirichlet, dirichletGrad, standardGamma, standardGammaGrad } from "../gammas.ts";
import { type OpRow, op } from "../row.ts";

const seeded = (...calls: readonly string[]): string[] =>
  calls.map((call) => `torch.manual_seed(3); ${call}`);

const EXEMPT = {
  differences: "another seed would give another draw: the gradient is that of the draw's quantile",
};

export const GAMMAS: readonly OpRow[] = [
  op({
    schema: "_standard_gamma(Tensor self, Generator? generator=None) -> Tensor",
    variants: "function",
    node: "StandardGammaBackward0",
    pattern: "scale",
    forward: standardGamma,
    backward: { self: "grad * _standard_gamma_grad(self, result)" },
    exempt: EXEMPT,
    samples: seeded("torch._standard_gamma(p)", "torch._standard_gamma(p.double() * 8)"),
  }),
  op({
    schema: "_standard_gamma_grad(Tensor self, Tensor output) -> Tensor",
    variants: "function",
    node: "NotImplemented",
    forward: standardGammaGrad,
    backward: { self: "not_implemented('_standard_gamma_grad')" },
    samples: ["torch._standard_gamma_grad(p.detach() * 4, p.detach() * 3)"],
  }),
  op({
    schema: "_sample_dirichlet(Tensor self, Generator? generator=None) -> Tensor",
    variants: "function",
    forward: dirichlet,
    samples: seeded("torch._sample_dirichlet(p.detach())"),
  }),
  op({
    schema: "_dirichlet_grad(Tensor x, Tensor alpha, Tensor total) -> Tensor",
    variants: "function",
    forward: dirichletGrad,
    samples: ["torch._dirichlet_grad(p.detach() / 4, p.detach() * 3, p.detach() * 5)"],
  }),
  op({
    schema: "binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor",
    variants: "function",
    forward: binomial,
    samples: seeded(
      "torch.binomial(torch.full((5,), 10.), torch.full((5,), 0.4))",
      "torch.binomial(torch.full((5,), 100.), torch.full((5,), 0.7))",
    ),
  }),
];
