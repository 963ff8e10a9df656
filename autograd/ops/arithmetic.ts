/** add, sub, mul, div, pow and their kin. The `.Scalar` overloads are what a formula's `tensor * number` calls, as in PyTorch's C++. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { composite, elementwise, type OpRow, op } from "../row.ts";
import type { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

/** `self + alpha * other`, with PyTorch's conditions on `alpha`. */
function added(k: Kernels, self: Tensor, other: Tensor, alpha: Scalar): Tensor {
  checkAlpha(k.resultType(self, other), alpha);
  if (alpha.number === 1) return k.binary(Binary.add, self, other);
  const common = k.resultType(self, other);
  return k.mulAdd(k.cast(other, common), k.number(alpha, common), k.cast(self, common));
}

/** PyTorch's errors for a difference of bools. */
export function refuseBools(self: Tensor, other: Tensor): void {
  if (self.dtype === DType.bool && other.dtype === DType.bool)
    fail(
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    );
  if (self.dtype === DType.bool || other.dtype === DType.bool)
    fail(
      "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
}

/** `self - alpha * other`; bools are not subtracted. */
function subtracted(k: Kernels, self: Tensor, other: Tensor, alpha: Scalar): Tensor {
  refuseBools(self, other);
  checkAlpha(k.resultType(self, other), alpha);
  if (alpha.number === 1) return k.binary(Binary.sub, self, other);
  const common = k.resultType(self, other);
  const factor = k.unary(Unary.neg, k.number(alpha, common));
  return k.mulAdd(k.cast(other, common), factor, k.cast(self, common));
}

function checkAlpha(result: DType, alpha: Scalar): void {
  if (alpha.kind === "bool" && result !== DType.bool)
    fail("Boolean alpha only supported for Boolean results.");
  if (alpha.kind === "float" && !isFloat(result))
    fail("For integral input tensors, argument alpha must not be a floating point number.");
}

function powScalar(k: Kernels, self: Tensor, exponent: Scalar): Tensor {
  const power = k.wrap(exponent);
  if (k.resultType(self, power) === DType.bool) fail(`"pow" not implemented for 'Bool'`);
  if (!isFloat(k.resultType(self, power)) && exponent.number < 0)
    fail("Integers to negative integer powers are not allowed.");
  return k.binary(Binary.powScalar, self, power);
}

export const ARITHMETIC: readonly OpRow[] = elementwise([
  op({
    schema: "add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    rounds: "each",
    variants: "internal",
    node: "AddBackward1",
    pattern: "pass",
    forward: (k, self, other, alpha) => added(k, self, k.wrap(other), alpha),
    backward: { self: "grad" },
    exempt: { graph: "a number is added to a tensor in third derivatives only" },
    samples: [],
  }),
  op({
    schema: "add.Tensor(Tensor self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor",
    rounds: "each",
    node: "AddBackward0",
    pattern: "pass",
    inplace: true,
    forward: added,
    backward: { self: "grad", other: "alpha == 1 ? grad : grad * alpha" },
    samples: ["torch.add(a, b)", "a + 2", "2.5 + a", "a + v", "torch.add(a, b, alpha=3)", "i + 1", "i + a"],
  }),
  op({
    schema: "sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    rounds: "each",
    variants: "internal",
    node: "SubBackward1",
    pattern: "pass",
    forward: (k, self, other, alpha) => subtracted(k, self, k.wrap(other), alpha),
    backward: { self: "grad" },
    samples: [],
  }),
  op({
    schema: "sub.Tensor(Tensor self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor",
    rounds: "each",
    node: "SubBackward0",
    pattern: "pass",
    inplace: true,
    forward: subtracted,
    backward: { self: "grad", other: "alpha == 1 ? -grad : -grad * alpha" },
    samples: ["torch.sub(a, b)", "a - 2", "a - v", "torch.sub(a, b, alpha=3)", "i - 1"],
  }),
  composite({
    schema: "sub.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    variants: "internal",
    compose: (call, k, self, other) => call("sub.Tensor", k.full([], self.value, other.dtype), other),
    samples: [],
  }),
  op({
    schema: "rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    rounds: "each",
    variants: "function",
    node: "RsubBackward1",
    pattern: "pass",
    forward: (k, self, other, alpha) => subtracted(k, k.wrap(other), self, alpha),
    backward: { self: "alpha == 1 ? -grad : -grad * alpha" },
    samples: ["2 - a", "torch.rsub(a, 2.5)", "3 - i"],
  }),
  op({
    schema: "rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    rounds: "each",
    variants: "function",
    node: "RsubBackward0",
    pattern: "pass",
    forward: (k, self, other, alpha) => subtracted(k, other, self, alpha),
    backward: { self: "alpha == 1 ? -grad : -grad * alpha", other: "grad" },
    samples: ["torch.rsub(a, b)", "torch.rsub(a, v, alpha=2)"],
  }),
  op({
    schema: "mul.Scalar(Tensor self, Scalar other) -> Tensor",
    rounds: "each",
    variants: "internal",
    node: "MulBackward1",
    pattern: "scale",
    forward: (k, self, other) => k.binary(Binary.mul, self, k.wrap(other)),
    backward: { self: "to(grad * scalar_tensor(other), self.scalar_type())" },
    savedNames: { "self.scalar_type()": "" },
    samples: [],
  }),
  composite({
    schema: "scalar_tensor(Scalar s) -> Tensor",
    variants: "internal",
    compose: (_call, k, s) => k.full([], s.value, s.kind === "float" ? DType.f64 : DType.i64),
    samples: [],
  }),
  op({
    schema: "mul.Tensor(Tensor self, Tensor|Scalar other) -> Tensor",
    rounds: "each",
    node: "MulBackward0",
    pattern: "swap",
    inplace: true,
    forward: (k, self, other) => k.binary(Binary.mul, self, other),
    backward: { self: "grad * other", other: "grad * self" },
    samples: ["torch.mul(a, b)", "a * 2", "2.5 * a", "a * v", "i * a", "i * 3", "c * a"],
  }),
  op({
    schema: "div.Scalar(Tensor self, Scalar other) -> Tensor",
    rounds: "each",
    variants: "internal",
    node: "DivBackward1",
    pattern: "scale",
    forward: (k, self, other) => k.binary(Binary.div, self, k.wrap(other), undefined, true),
    backward: { self: "to(grad / scalar_tensor(other), self.scalar_type())" },
    savedNames: { "self.scalar_type()": "" },
    samples: [],
  }),
  op({
    schema: "div.Tensor(Tensor self, Tensor|Scalar other) -> Tensor",
    rounds: "each",
    node: "DivBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, other) => k.binary(Binary.div, self, other, undefined, true),
    backward: { self: "grad / other", other: "-grad * ((self / other) / other)" },
    samples: ["torch.div(a, p)", "a / 2", "a / v", "i / 2", "i / a"],
  }),
  op({
    schema: "neg(Tensor self) -> Tensor",
    node: "NegBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => {
      if (self.dtype === DType.bool)
        fail(
          "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
        );
      return k.unary(Unary.neg, self);
    },
    backward: { self: "-grad" },
    samples: ["-a", "torch.neg(i)", "a.neg()"],
  }),
  op({
    schema: "reciprocal(Tensor self) -> Tensor",
    node: "ReciprocalBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.reciprocal, self),
    backward: { self: "-grad * (result * result)" },
    samples: ["p.reciprocal()", "2 / p", "1 / i"],
  }),
  op({
    schema: "pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    rounds: "each",
    node: "PowBackward0",
    pattern: "scale",
    inplace: true,
    forward: powScalar,
    doubles: ["exponent"],
    backward: { self: "exponent == 0 ? zeros_like(self) : grad * (exponent * self.pow(exponent - 1))" },
    samples: ["a**2", "p**2.5", "p.pow(-1)", "a**0", "torch.pow(a, 3)", "i**2", "p**0.5"],
  }),
  op({
    schema: "pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    rounds: "each",
    node: "PowBackward1",
    pattern: "scale",
    inplace: true,
    forward: (k, self, exponent) => k.binary(Binary.pow, self, exponent),
    backward: {
      self: "where(exponent == 0, 0, grad * (exponent * self.pow(exponent - 1)))",
      exponent: "grad * where((self == 0) & (exponent >= 0), 0, result * self.log())",
    },
    samples: ["p**b", "p.pow(v)", "torch.pow(p, p)"],
  }),
  op({
    schema: "pow.Scalar(Scalar self, Tensor exponent) -> Tensor",
    rounds: "each",
    variants: "function",
    node: "PowBackward2",
    // PyTorch writes this one row by row.
    elementwise: false,
    pattern: "scale",
    forward: (k, self, exponent) => k.binary(Binary.pow, k.wrap(self), exponent),
    backward: {
      exponent:
        "self == 0 ? grad * where(exponent >= 0, 0, result * log(self)) : grad * (result * log(self))",
    },
    samples: ["2**a", "2.5**p", "torch.pow(2, a)", "torch.pow(2.5, i)", "3**i"],
  }),
]);
