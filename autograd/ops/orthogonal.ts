/** Functions under torch.special through which no gradient flows in PyTorch: Bessel functions, Airy's, orthogonal polynomials. */
import { DType } from "../../assembly/shared/codes.ts";
import { isFloat } from "../dtype.ts";
import { each, eachTwo } from "../each.ts";
import type { Kernels } from "../kernels.ts";
import { i0, i1 } from "../real/bessel.ts";
import { airy, j0, j1, k0, k0e, k1, k1e, sphericalJ0, y0, y1 } from "../real/cylinder.ts";
import { POLYNOMIALS, type Polynomial } from "../real/polynomials.ts";
import { elementwise, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

const finite =
  (f: (x: number) => number) =>
  (x: number): number =>
    Number.isFinite(x) ? f(x) : Number.NaN;

const BESSEL: Readonly<Record<string, (x: number) => number>> = {
  airy_ai: airy,
  bessel_j0: j0,
  bessel_j1: j1,
  bessel_y0: y0,
  bessel_y1: y1,
  modified_bessel_i0: finite(i0),
  modified_bessel_i1: finite(i1),
  modified_bessel_k0: k0,
  modified_bessel_k1: k1,
  scaled_modified_bessel_k0: k0e,
  scaled_modified_bessel_k1: k1e,
  spherical_bessel_j0: sphericalJ0,
};

const bessel = ([name, f]: [string, (x: number) => number]): OpRow => {
  // The one whose argument has another name.
  const x = name === "airy_ai" || name.includes("scaled") || name.startsWith("spherical") ? "x" : "self";
  return op({
    schema: `special_${name}(Tensor ${x}) -> Tensor` as "one(Tensor self) -> Tensor",
    variants: "special",
    forward: (k, self) => each(k, self, f),
    samples: [`torch.special.${name}(p.detach())`, `torch.special.${name}(i)`],
  });
};

function evaluated(k: Kernels, f: Polynomial, x: Tensor, n: Tensor): Tensor {
  const common = k.resultType(x, n);
  const dtype = isFloat(common) ? common : k.defaultDtype;
  const round = dtype === DType.f32 ? Math.fround : (value: number) => value;
  return eachTwo(k, x, n, (value, degree) => {
    const whole = Math.trunc(degree);
    return whole < 0 ? 0 : f(value, whole, round);
  });
}

const polynomial = ([name, f]: [string, Polynomial]): readonly OpRow[] => [
  op({
    schema: `special_${name}(Tensor x, Tensor n) -> Tensor` as "two(Tensor x, Tensor n) -> Tensor",
    variants: "special",
    forward: (k, x, n) => evaluated(k, f, x, n),
    samples: [`torch.special.${name}(a.detach(), torch.tensor([0, 1, 4]))`],
  }),
  op({
    schema: `special_${name}.x_scalar(Scalar x, Tensor n) -> Tensor` as "two.x(Scalar x, Tensor n) -> Tensor",
    variants: "special",
    forward: (k, x, n) => evaluated(k, f, k.wrap(x), n),
    samples: [`torch.special.${name}(0.3, i)`],
  }),
  op({
    schema: `special_${name}.n_scalar(Tensor x, Scalar n) -> Tensor` as "two.n(Tensor x, Scalar n) -> Tensor",
    variants: "special",
    forward: (k, x, n) => evaluated(k, f, x, k.wrap(n)),
    samples: [`torch.special.${name}(a.detach(), 3)`, `torch.special.${name}(i, 2)`],
  }),
];

export const ORTHOGONAL: readonly OpRow[] = elementwise([
  ...Object.entries(BESSEL).map(bessel),
  ...Object.entries(POLYNOMIALS).flatMap(polynomial),
]);
