/** Special functions: gamma, error and Bessel functions and their kin. */
import { DType, Unary } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, epsilonOf, isFloat } from "../dtype.ts";
import { each, eachTwo, inFloats } from "../each.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { i0, i0e, i1, i1e } from "../real/bessel.ts";
import { erfc, erfcx, erfinv, logNdtr, ndtri } from "../real/errors.ts";
import { digamma, digammaSingle, igamma, igammac, lgamma, polygamma, zeta } from "../real/gamma.ts";
import { erfinvf } from "../real/single.ts";
import { composite, elementwise, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

type One = "one(Tensor self) -> Tensor";
type Two = "two(Tensor self, Tensor other) -> Tensor";

interface Extra {
  readonly variants?: "special";
  readonly inplace?: true;
  readonly alsoSaves?: readonly string[];
}

const unary = (
  name: string,
  node: string,
  f: (x: number) => number,
  rule: string,
  samples: readonly string[],
  extra: Extra = { inplace: true },
  single = f,
): OpRow =>
  op({
    schema: `${name}(Tensor self) -> Tensor` as One,
    node,
    pattern: "scale",
    forward: (k, self) => each(k, self, f, single),
    backward: { self: rule },
    samples,
    ...extra,
  });

const SPECIAL_ONLY: Extra = { variants: "special" };

/** x · f(y), which is 0 where x is, whatever f(y). */
const timesLog =
  (f: (c: Calc, y: Tensor) => Tensor) =>
  (k: Kernels, self: Tensor, other: Tensor): Tensor => {
    const c = new Calc(k);
    return inFloats(k, [self, other], (x, y) => {
      const product = c.where(c.eq(x, 0), 0, c.mul(x, f(c, y)));
      return c.where(k.unary(Unary.isnan, y, DType.bool), y, product);
    });
  };
const xlogy = timesLog((c, y) => c.logSingle(y));
const xlog1py = timesLog((c, y) => c.log1p(y));

/** The incomplete gamma functions; PyTorch has no derivative by the first argument. */
const incomplete = (name: string, node: string, f: (a: number, x: number) => number, sign: string): OpRow =>
  op({
    schema: `${name}(Tensor self, Tensor other) -> Tensor` as Two,
    node,
    pattern: "scale",
    inplace: true,
    forward: (k, self, other) => {
      const dtype = k.resultType(self, other);
      if (!isFloat(dtype)) fail(`"${name}_cpu" not implemented for '${dtypeRow(dtype).scalarType}'`);
      return eachTwo(k, self, other, f);
    },
    backward: {
      self: `underivable("${name}: input")`,
      other: `${sign}grad * exp((self - 1) * log(other) - other - lgamma(self))`,
    },
    exempt: { differences: "PyTorch has no derivative by the first argument" },
    samples: [
      `torch.${name}(p, p * 2)`,
      `torch.${name}(p.detach(), p * 2)`,
      `p.detach().${name}(v.abs())`,
      `torch.${name}(i, i)`,
      `torch.${name}(torch.tensor([0., 0., 1., float('inf')]), torch.tensor([0., 1., 0., 2.]))`,
    ],
  });

type Products = {
  tensors: "x.Tensor(Tensor self, Tensor other) -> Tensor";
  left: "x.Scalar_Self(Scalar self, Tensor other) -> Tensor";
  right: "x.Scalar_Other(Tensor self, Scalar other) -> Tensor";
};

/** xlogy and xlog1py with a tensor or a number on either side. */
const logProducts = (
  name: string,
  node: string,
  f: typeof xlogy,
  least: number,
  denominator: string,
  extra: { readonly variants?: "special"; readonly inplace?: true },
): readonly OpRow[] => {
  const call = name.startsWith("special_") ? `torch.special.${name.slice(8)}` : `torch.${name}`;
  const { variants, ...inplace } = extra;
  const where = variants === undefined ? {} : { variants };
  return [
    op({
      schema: `${name}(Tensor self, Tensor other) -> Tensor` as Products["tensors"],
      node: `${node}0`,
      pattern: "scale",
      forward: f,
      backward: {
        self: `${name}(grad, other).masked_fill((self == 0.0) & (other <= ${least}), 0)`,
        other: `grad * self / ${denominator}`,
      },
      samples: [`${call}(a, p)`, `${call}(i, i)`],
      ...where,
      ...inplace,
    }),
    op({
      schema: `${name}.Scalar_Self(Scalar self, Tensor other) -> Tensor` as Products["left"],
      variants: variants ?? "function",
      node: `${node}1`,
      pattern: "scale",
      forward: (k, self, other) => f(k, k.wrap(self), other),
      backward: { other: `grad * self / ${denominator}` },
      samples: [`${call}(2., p)`],
    }),
    op({
      schema: `${name}.Scalar_Other(Tensor self, Scalar other) -> Tensor` as Products["right"],
      node: `${node}2`,
      pattern: "scale",
      forward: (k, self, other) => f(k, self, k.wrap(other)),
      backward: {
        self: `other > ${least} ? ${name}(grad, other) : ${name}(grad, other).masked_fill(self == 0.0, 0)`,
      },
      samples: [`${call}(a, 2.)`, `${call}(i, 3)`],
      ...where,
      ...inplace,
    }),
  ];
};

/** -p/2 + 1/2, … , 0 in steps of 1/2: what the multivariate gamma function adds to its argument. */
const halves = (k: Kernels, p: number, like: Tensor): Tensor => {
  const out = k.empty([p], isFloat(like.dtype) ? like.dtype : k.defaultDtype);
  k.core.write(
    out,
    Array.from({ length: p }, (_, i) => -p / 2 + 0.5 + i / 2),
  );
  return out;
};

export const SPECIAL: readonly OpRow[] = elementwise([
  unary("erfc", "ErfcBackward0", erfc, "-1.1283791670955126 * exp(-self.pow(2)) * grad", [
    "a.erfc()",
    "torch.erfc(i)",
  ]),
  unary(
    "erfinv",
    "ErfinvBackward0",
    erfinv,
    "0.886226925452758 * exp(self.erfinv().pow(2)) * grad",
    ["(a / 3).erfinv()", "torch.erfinv(torch.tensor([-1., 0., 1., 2., 0.999]))"],
    undefined,
    erfinvf,
  ),
  unary("exp2", "Exp2Backward0", (x) => 2 ** x, "grad * result * 0.6931471805599453", [
    "a.exp2()",
    "torch.exp2(i)",
  ]),
  unary("lgamma", "LgammaBackward0", lgamma, "grad * digamma(self)", ["p.lgamma()", "torch.lgamma(i)"]),
  unary(
    "digamma",
    "DigammaBackward0",
    digamma,
    "grad * polygamma(1, self)",
    ["p.digamma()", "a.digamma()", "torch.digamma(i)"],
    { inplace: true },
    digammaSingle,
  ),
  op({
    schema: "polygamma(int n, Tensor self) -> Tensor",
    node: "PolygammaBackward0",
    pattern: "scale",
    forward: (k, n, self) => {
      if (n < 0) fail("polygamma(n, x) does not support negative n.");
      return each(k, self, (x) => polygamma(n, x));
    },
    backward: { self: "grad * polygamma(n + 1, self)" },
    samples: ["torch.polygamma(1, p)", "p.polygamma(2)", "torch.polygamma(0, p)"],
  }),
  composite({
    schema: "polygamma_(Tensor self, int n) -> Tensor",
    variants: "method",
    inplace: "only",
    compose: (call, _k, self, n) => call("copy_", self, call("polygamma", n, self)),
    samples: ["torch.tensor([0.5, 2.]).polygamma_(1)"],
  }),
  op({
    schema: "mvlgamma(Tensor self, int p) -> Tensor",
    node: "MvlgammaBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, p) => {
      if (p < 1) fail("p has to be greater than or equal to 1");
      const values = halves(k, p, self);
      const shifts = Array.from(k.core.read(values) as Float64Array);
      const constant = (p * (p - 1) * Math.log(Math.PI)) / 4;
      return each(k, self, (x) => shifts.reduce((sum, shift) => sum + lgamma(x + shift), constant));
    },
    backward: { self: "mvlgamma_backward(grad, self, p)" },
    samples: ["torch.mvlgamma(p + 2, 2)", "(p + 3).mvlgamma(3)"],
  }),
  composite({
    schema: "mvlgamma_backward(Tensor grad, Tensor self, int p) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, self, p) => {
      const args = call("add", halves(k, p, self), call("unsqueeze", self, -1));
      return call("mul", grad, call("sum", call("digamma_", args), [-1], false));
    },
    samples: [],
  }),
  incomplete("igamma", "IgammaBackward0", igamma, ""),
  incomplete("igammac", "IgammacBackward0", igammac, "-"),
  unary("i0", "I0Backward0", i0, "grad * special_i1(self)", ["a.i0()", "torch.i0(i)"]),
  unary(
    "special_i0e",
    "SpecialI0EBackward0",
    i0e,
    "grad * (special_i1e(self) - self.sgn() * result)",
    ["torch.special.i0e(a)"],
    SPECIAL_ONLY,
  ),
  unary(
    "special_i1",
    "SpecialI1Backward0",
    i1,
    "i1_backward(grad, self, result)",
    ["torch.special.i1(a)"],
    SPECIAL_ONLY,
  ),
  unary(
    "special_i1e",
    "SpecialI1EBackward0",
    i1e,
    "i1e_backward(grad, self, result)",
    ["torch.special.i1e(a)"],
    SPECIAL_ONLY,
  ),
  composite({
    schema: "i1_backward(Tensor grad, Tensor self, Tensor result) -> Tensor",
    variants: "internal",
    means: "grad * (i0(self) - result / self)",
    compose: (call, k, grad, self, result) => {
      const { large, safe } = awayFromZero(call, k, self);
      const slope = call("sub", call("i0", safe), call("mul", result, call("reciprocal", safe)));
      return call("mul", grad, call("where", large, slope, k.full([], 0.5, self.dtype)));
    },
    samples: [],
  }),
  composite({
    schema: "i1e_backward(Tensor grad, Tensor self, Tensor result) -> Tensor",
    variants: "internal",
    means: "grad * (special_i0e(self) - result * (self.sgn() + 1 / self))",
    compose: (call, k, grad, self, result) => {
      const { large, safe } = awayFromZero(call, k, self);
      const rest = call("mul", result, call("add", call("sgn", safe), call("reciprocal", safe)));
      const slope = call("sub", call("special_i0e", safe), rest);
      return call("mul", grad, call("where", large, slope, k.full([], 0.5, self.dtype)));
    },
    samples: [],
  }),
  unary(
    "special_entr",
    "SpecialEntrBackward0",
    (x) => (x > 0 ? -x * Math.log(x) : x === 0 ? 0 : Number.isNaN(x) ? x : Number.NEGATIVE_INFINITY),
    "grad * -(1 + self.log())",
    ["torch.special.entr(p)", "torch.special.entr(i - 1)"],
    SPECIAL_ONLY,
  ),
  unary(
    "special_erfcx",
    "SpecialErfcxBackward0",
    erfcx,
    "(2.0 * self * result - 1.1283791670955126) * grad",
    ["torch.special.erfcx(a)"],
    SPECIAL_ONLY,
  ),
  composite({
    schema: "special_ndtr(Tensor self) -> Tensor",
    variants: "special",
    compose: (call, _k, self) => {
      const scaled = call("mul.Scalar", self, new Scalar(Math.SQRT1_2, "float"));
      return call("mul.Scalar", call("add.Scalar", call("erf", scaled), 1), new Scalar(0.5, "float"));
    },
    samples: ["torch.special.ndtr(a)"],
  }),
  unary(
    "special_ndtri",
    "SpecialNdtriBackward0",
    ndtri,
    "grad * 2.5066282746310002 * (result.square() / 2).exp()",
    ["torch.special.ndtri(p / 4)"],
    SPECIAL_ONLY,
  ),
  unary(
    "special_log_ndtr",
    "SpecialLogNdtrBackward0",
    logNdtr,
    "grad / 2.5066282746310002 * (result + self.pow(2) / 2).neg().exp()",
    ["torch.special.log_ndtr(a)"],
    SPECIAL_ONLY,
  ),
  op({
    schema: "special_zeta(Tensor self, Tensor other) -> Tensor",
    variants: "special",
    node: "SpecialZetaBackward0",
    pattern: "scale",
    forward: (k, self, other) => eachTwo(k, self, other, zeta),
    backward: { self: 'underivable("zeta")', other: "grad * -self * special_zeta(self + 1.0, other)" },
    exempt: { differences: "PyTorch has no derivative by the first argument" },
    samples: ["torch.special.zeta(p + 1, p)", "torch.special.zeta(p.detach() + 1, p)"],
  }),
  op({
    schema: "special_zeta.self_scalar(Scalar self, Tensor other) -> Tensor",
    variants: "special",
    node: "SpecialZetaBackward1",
    pattern: "scale",
    forward: (k, self, other) => eachTwo(k, k.wrap(self), other, zeta),
    backward: { other: "grad * -self * special_zeta(self + 1.0, other)" },
    samples: ["torch.special.zeta(2., p)"],
  }),
  op({
    schema: "special_zeta.other_scalar(Tensor self, Scalar other) -> Tensor",
    variants: "special",
    node: "SpecialZetaBackward2",
    pattern: "scale",
    forward: (k, self, other) => eachTwo(k, self, k.wrap(other), zeta),
    backward: { self: 'underivable("zeta")' },
    exempt: { differences: "PyTorch has no derivative by the first argument" },
    samples: ["torch.special.zeta(p + 1, 2.)"],
  }),
  ...logProducts("xlogy", "XlogyBackward", xlogy, 0, "other", { inplace: true }),
  ...logProducts("special_xlog1py", "SpecialXlog1PyBackward", xlog1py, -1, "(other + 1)", {
    variants: "special",
  }),
]);

/** Where `self` is not all but 0, and `self` with a tiny number in the other places. */
function awayFromZero(
  call: (name: string, ...args: unknown[]) => Tensor,
  k: Kernels,
  self: Tensor,
): { readonly large: Tensor; readonly safe: Tensor } {
  const epsilon = epsilonOf(self.dtype);
  const least = k.full([], epsilon, self.dtype);
  const large = call("gt", call("abs", self), least);
  return { large, safe: call("where", large, self, least) };
}
