/** Logarithms, trigonometric and hyperbolic functions, rounding: one element in, one out. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { elementwise, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

type One = "one(Tensor self) -> Tensor";

/** A function of real numbers; integers become the default float. */
const smooth = (name: string, node: string, code: Unary, rule: string, samples: readonly string[]): OpRow =>
  op({
    schema: `${name}(Tensor self) -> Tensor` as One,
    node,
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(code, self),
    backward: { self: rule },
    samples,
  });

/** An inverse hyperbolic function, of whose in-place form PyTorch has no derivative. */
const areaFunction = (
  name: string,
  node: string,
  code: Unary,
  rule: string,
  sample: string,
): readonly OpRow[] => [
  op({
    schema: `${name}(Tensor self) -> Tensor` as One,
    node: `${node}0`,
    pattern: "scale",
    forward: (k, self) => k.unaryFloat(code, self),
    backward: { self: rule },
    samples: [sample],
  }),
  ...[name, name.replace("a", "arc")].map((each) =>
    op({
      schema: `${each}_(Tensor self) -> Tensor` as One,
      inplace: "only",
      node: `${node}1`,
      forward: (k, self) => k.unaryFloat(code, self),
      backward: { self: `underivable("inplace version of ${name}")` },
      exempt: { differences: "PyTorch has no derivative for it" },
      samples: [`(p * 0.3).${each}_()`, `(p.detach() * 0.3).${each}_()`],
    }),
  ),
];

/** A step function: its gradient is 0 everywhere. */
const stepwise = (name: string, node: string, code: Unary): OpRow =>
  op({
    schema: `${name}(Tensor self) -> Tensor` as One,
    node,
    pattern: "scale",
    inplace: true,
    forward: (k, self) => {
      if (self.dtype === DType.bool) fail(`"${name}_vml_cpu" not implemented for 'Bool'`);
      return k.unary(code, self);
    },
    backward: { self: "zeros_like(grad)" },
    samples: [`a.${name}()`, `torch.${name}(i)`, `(b * 9.7).${name}()`],
  });

const finite = (k: Kernels, self: Tensor): Tensor => {
  const infinite = k.unary(Unary.isinf, self, DType.bool);
  const nan = k.unary(Unary.isnan, self, DType.bool);
  return k.unary(Unary.logicalNot, k.binary(Binary.logicalOr, infinite, nan));
};

export const FUNCTIONS: readonly OpRow[] = elementwise([
  smooth("log2", "Log2Backward0", Unary.log2, "grad / (self * 0.6931471805599453)", [
    "p.log2()",
    "torch.log2(i)",
  ]),
  smooth("log10", "Log10Backward0", Unary.log10, "grad / (self * 2.3025850929940456)", ["p.log10()"]),
  smooth("log1p", "Log1PBackward0", Unary.log1p, "grad / (self + 1)", ["p.log1p()"]),
  smooth("expm1", "Expm1Backward0", Unary.expm1, "grad * (result + 1)", ["a.expm1()"]),
  smooth("tan", "TanBackward0", Unary.tan, "grad * (result.pow(2) + 1)", ["a.tan()"]),
  smooth("asin", "AsinBackward0", Unary.asin, "grad * (-self * self + 1).rsqrt()", ["(a / 3).asin()"]),
  smooth("acos", "AcosBackward0", Unary.acos, "grad * -(-self * self + 1).rsqrt()", ["(a / 3).acos()"]),
  smooth("atan", "AtanBackward0", Unary.atan, "grad / (self * self + 1)", ["a.atan()"]),
  smooth("sinh", "SinhBackward0", Unary.sinh, "grad * self.cosh()", ["a.sinh()"]),
  smooth("cosh", "CoshBackward0", Unary.cosh, "grad * self.sinh()", ["a.cosh()"]),
  ...areaFunction("asinh", "AsinhBackward", Unary.asinh, "grad * (self.pow(2) + 1).rsqrt()", "a.asinh()"),
  ...areaFunction(
    "acosh",
    "AcoshBackward",
    Unary.acosh,
    "grad * (self * self - 1).rsqrt()",
    "(p + 1).acosh()",
  ),
  ...areaFunction("atanh", "AtanhBackward", Unary.atanh, "grad * 1 / (1 - self.pow(2))", "(a / 3).atanh()"),
  smooth("erf", "ErfBackward0", Unary.erf, "1.1283791670955126 * exp(-self.pow(2)) * grad", [
    "a.erf()",
    "torch.erf(i)",
  ]),
  stepwise("floor", "FloorBackward0", Unary.floor),
  stepwise("ceil", "CeilBackward0", Unary.ceil),
  stepwise("round", "RoundBackward0", Unary.round),
  stepwise("trunc", "TruncBackward0", Unary.trunc),
  op({
    schema: "frac(Tensor self) -> Tensor",
    node: "FracBackward0",
    pattern: "pass",
    inplace: true,
    forward: (k, self) => {
      if (!isFloat(self.dtype)) fail(`"frac_cpu" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
      return k.binary(Binary.sub, self, k.unary(Unary.trunc, self));
    },
    backward: { self: "grad" },
    samples: ["a.frac()"],
  }),
  op({
    schema: "atan2(Tensor self, Tensor other) -> Tensor",
    node: "Atan2Backward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, other) => {
      const float = (t: Tensor): Tensor =>
        isFloat(k.resultType(self, other)) ? t : k.cast(t, k.defaultDtype);
      return k.binary(Binary.atan2, float(self), float(other));
    },
    backward: {
      self: "grad * other * (self * self + other * other).reciprocal()",
      other: "grad * -self * (self * self + other * other).reciprocal()",
    },
    exempt: { second: "PyTorch computes the reciprocal once for both inputs" },
    samples: ["torch.atan2(a, b)", "torch.atan2(a, v)", "torch.atan2(i, i)"],
  }),
  op({
    schema: "isinf(Tensor self) -> Tensor",
    forward: (k, self) => k.unary(Unary.isinf, self, DType.bool),
    samples: ["torch.isinf(a / 0)", "i.isinf()"],
  }),
  op({
    schema: "isfinite(Tensor self) -> Tensor",
    forward: finite,
    samples: ["torch.isfinite(a / 0)", "i.isfinite()"],
  }),
]);
