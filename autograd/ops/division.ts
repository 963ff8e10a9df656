/** Division with rounding, its remainders, and the bits of integers. */
import { Binary, DType, Reduce, Unary } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { elementwise, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

/** Integers have no quotient by 0. */
function nonZero(k: Kernels, self: Tensor, other: Tensor): void {
  if (isFloat(k.resultType(self, other))) return;
  const zero = k.compare(Binary.eq, other, k.wrap(new Scalar(0, "int")));
  if (k.core.item(k.reduce(Reduce.any, zero, null, false, DType.bool)) !== 0) fail("ZeroDivisionError");
}

function floored(k: Kernels, self: Tensor, other: Tensor): Tensor {
  if (k.resultType(self, other) === DType.bool) fail(`"div_floor_cpu" not implemented for 'Bool'`);
  nonZero(k, self, other);
  return k.binary(Binary.floorDiv, self, other);
}

function truncated(k: Kernels, self: Tensor, other: Tensor): Tensor {
  nonZero(k, self, other);
  if (isFloat(k.resultType(self, other))) return k.unary(Unary.trunc, k.binary(Binary.div, self, other));
  // Without its remainder, which has the sign of the dividend, the quotient is whole.
  const whole = k.binary(Binary.sub, self, k.binary(Binary.fmod, self, other));
  return k.binary(Binary.floorDiv, whole, other);
}

const rest =
  (op: Binary) =>
  (k: Kernels, self: Tensor, other: Tensor): Tensor => {
    nonZero(k, self, other);
    if (k.resultType(self, other) === DType.bool)
      fail(`"${op === Binary.fmod ? "fmod" : "remainder"}_cpu" not implemented for 'Bool'`);
    return k.binary(op, self, other);
  };
const remainder = rest(Binary.remainder);
const fmod = rest(Binary.fmod);

const MODES = "expected rounding_mode to be one of None, 'trunc', or 'floor' but found";

type Bits = "bits.Tensor(Tensor self, Tensor|Scalar other) -> Tensor";

const bits = (name: string, whole: Binary, logical: Binary, sign: string): OpRow =>
  op({
    schema: `bitwise_${name}.Tensor(Tensor self, Tensor|Scalar other) -> Tensor` as Bits,
    inplace: true,
    forward: (k, self, other) => {
      const dtype = k.resultType(self, other);
      if (isFloat(dtype)) fail(`"bitwise_${name}_cpu" not implemented for '${dtypeRow(dtype).scalarType}'`);
      return k.binary(dtype === DType.bool ? logical : whole, self, other);
    },
    samples: [`i ${sign} 1`, `c ${sign} (a > 0)`, `torch.bitwise_${name}(i, i + 1)`, `c ${sign} i`],
  });

/** Floor division in its three forms, for which PyTorch has no derivative. */
const floorDivide = (schema: string, samples: readonly string[]): OpRow =>
  op({
    schema: schema as "floor_divide(Tensor self, Tensor other) -> Tensor",
    ...(schema.includes("(Scalar") ? { variants: "function" } : { inplace: true }),
    node: "NotImplemented",
    rounds: "each",
    forward: (k, self, other) => {
      const tensor = (x: Tensor | Scalar): Tensor => (x instanceof Scalar ? k.wrap(x) : x);
      return floored(k, tensor(self), tensor(other));
    },
    backward: {
      self: 'not_implemented("aten::floor_divide")',
      other: 'not_implemented("aten::floor_divide")',
    },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples,
  });

export const DIVISION: readonly OpRow[] = elementwise([
  op({
    schema: "div.Tensor_mode(Tensor self, Tensor|Scalar other, *, str? rounding_mode) -> Tensor",
    rounds: "each",
    node: "DivBackward2",
    pattern: "scale",
    inplace: true,
    forward: (k, self, other, mode) => {
      if (mode === null) return k.binary(Binary.div, self, other, undefined, true);
      if (mode !== "floor" && mode !== "trunc") fail(`div ${MODES} '${mode}'`);
      return mode === "floor" ? floored(k, self, other) : truncated(k, self, other);
    },
    backward: {
      self: "rounding_mode == null ? grad / other : zeros_like(grad)",
      other: "rounding_mode == null ? -grad * ((self / other) / other) : zeros_like(grad)",
    },
    samples: [
      "torch.div(a, b, rounding_mode='floor')",
      "torch.div(a, 0.9, rounding_mode='trunc')",
      "torch.div(i, 2, rounding_mode='trunc')",
      "torch.div(-i, 2, rounding_mode='floor')",
      "torch.div(-i, 2, rounding_mode='trunc')",
      "torch.div(a, p, rounding_mode=None)",
    ],
  }),
  floorDivide("floor_divide.Scalar(Tensor self, Scalar other) -> Tensor", ["a // 0.9", "i // 2", "-i // 2"]),
  floorDivide("floor_divide(Tensor self, Tensor other) -> Tensor", ["a // b"]),
  floorDivide("floor_divide.Scalar_Tensor(Scalar self, Tensor other) -> Tensor", ["2 // a"]),
  op({
    schema: "remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    rounds: "each",
    variants: "function",
    node: "NotImplemented",
    forward: (k, self, other) => remainder(k, k.wrap(self), other),
    backward: { other: 'not_implemented("aten::remainder")' },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: ["torch.remainder(3, p)"],
  }),
  op({
    schema: "remainder.Scalar(Tensor self, Scalar other) -> Tensor",
    rounds: "each",
    node: "RemainderBackward0",
    pattern: "pass",
    inplace: true,
    forward: (k, self, other) => remainder(k, self, k.wrap(other)),
    backward: { self: "grad" },
    samples: ["a % 0.9", "i % 3", "-i % 3", "a.remainder(-2)"],
  }),
  op({
    schema: "remainder.Tensor(Tensor self, Tensor other) -> Tensor",
    rounds: "each",
    node: "RemainderBackward1",
    pattern: "pass",
    inplace: true,
    forward: remainder,
    backward: { self: "grad", other: '-grad * div(self, other, "floor")' },
    samples: ["a % b", "torch.remainder(a, v)", "i % (i + 1)"],
  }),
  op({
    schema: "fmod.Scalar(Tensor self, Scalar other) -> Tensor",
    rounds: "each",
    node: "FmodBackward0",
    pattern: "pass",
    inplace: true,
    forward: (k, self, other) => fmod(k, self, k.wrap(other)),
    backward: { self: "grad" },
    samples: ["a.fmod(0.9)", "torch.fmod(-i, 3)"],
  }),
  op({
    schema: "fmod.Tensor(Tensor self, Tensor other) -> Tensor",
    rounds: "each",
    node: "FmodBackward1",
    pattern: "pass",
    inplace: true,
    forward: fmod,
    backward: { self: "grad", other: '-grad * div(self, other, "trunc")' },
    samples: ["torch.fmod(a, b)"],
  }),
  bits("and", Binary.bitAnd, Binary.logicalAnd, "&"),
  bits("or", Binary.bitOr, Binary.logicalOr, "|"),
  bits("xor", Binary.bitXor, Binary.logicalXor, "^"),
  op({
    schema: "bitwise_not(Tensor self) -> Tensor",
    inplace: true,
    forward: (k, self) => {
      if (isFloat(self.dtype))
        fail(`"bitwise_not_cpu" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
      return self.dtype === DType.bool
        ? k.unary(Unary.logicalNot, self)
        : k.binary(Binary.bitXor, self, k.wrap(new Scalar(-1, "int")));
    },
    samples: ["~c", "~i", "torch.bitwise_not(i)"],
  }),
]);
