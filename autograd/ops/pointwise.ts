/** Functions of one element, and those that choose between elements. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { dtypeRow, overflows } from "../dtype.ts";
import { fail } from "../errors.ts";
import { maskOf } from "../positions.ts";
import { composite, elementwise, type OpRow, op } from "../row.ts";
import type { Scalar } from "../schema.ts";

const WHERE_BYTES =
  "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of PyTorch. Use a boolean condition instead. (Triggered internally at  ./aten/src/ATen/native/TensorCompare.cpp:413.)";

export const POINTWISE: readonly OpRow[] = elementwise([
  op({
    schema: "exp(Tensor self) -> Tensor",
    node: "ExpBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.exp, self),
    backward: { self: "grad * result" },
    samples: ["a.exp()", "torch.exp(i)"],
  }),
  op({
    schema: "log(Tensor self) -> Tensor",
    node: "LogBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.log, self),
    backward: { self: "grad.div(self)" },
    samples: ["p.log()", "torch.log(i)"],
  }),
  op({
    schema: "sqrt(Tensor self) -> Tensor",
    node: "SqrtBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.sqrt, self),
    backward: { self: "grad / (2 * result)" },
    samples: ["p.sqrt()", "torch.sqrt(i)"],
  }),
  op({
    schema: "rsqrt(Tensor self) -> Tensor",
    node: "RsqrtBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.rsqrt, self),
    backward: { self: "-0.5 * grad * result.pow(3)" },
    samples: ["p.rsqrt()"],
  }),
  op({
    schema: "sin(Tensor self) -> Tensor",
    node: "SinBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.sin, self),
    backward: { self: "grad * self.cos()" },
    samples: ["a.sin()", "torch.sin(i)"],
  }),
  op({
    schema: "cos(Tensor self) -> Tensor",
    node: "CosBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.cos, self),
    backward: { self: "grad * -self.sin()" },
    samples: ["a.cos()", "torch.cos(i)"],
  }),
  op({
    schema: "abs(Tensor self) -> Tensor",
    node: "AbsBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => {
      if (self.dtype === DType.bool) fail(`"abs_cpu" not implemented for 'Bool'`);
      return k.unary(Unary.abs, self);
    },
    backward: { self: "grad * self.sgn()" },
    samples: ["a.abs()", "torch.abs(i)", "abs(a)"],
  }),
  op({
    schema: "sign(Tensor self) -> Tensor",
    node: "SignBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unary(Unary.sign, self),
    backward: { self: "zeros_like(grad)" },
    samples: ["a.sign()", "torch.sign(i)"],
  }),
  op({
    schema: "sgn(Tensor self) -> Tensor",
    node: "SgnBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unary(Unary.sign, self),
    backward: { self: "zeros_like(grad)" },
    alsoSaves: ["self", "result"],
    samples: ["a.sgn()"],
  }),
  op({
    schema: "relu(Tensor self) -> Tensor",
    node: "ReluBackward0",
    pattern: "route",
    inplace: true,
    forward: (k, self) => {
      if (self.dtype === DType.bool) fail("Boolean inputs not supported for relu");
      return k.unary(Unary.relu, self);
    },
    backward: { self: "threshold_backward(grad, result, 0)" },
    samples: ["a.relu()", "torch.relu(i)"],
  }),
  op({
    schema: "threshold_backward(Tensor grad_output, Tensor self, Scalar threshold) -> Tensor",
    variants: "internal",
    means: "where(self > threshold, grad_output, 0)",
    node: "ThresholdBackwardBackward0",
    pattern: "route",
    forward: (k, gradOutput, self, threshold) =>
      k.where(k.compare(Binary.le, self, k.wrap(threshold)), k.full([], 0, gradOutput.dtype), gradOutput),
    backward: { grad_output: "threshold_backward(grad, self, threshold)", self: "zeros_like(grad)" },
    samples: [],
  }),
  op({
    schema: "sigmoid(Tensor self) -> Tensor",
    node: "SigmoidBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.sigmoid, self),
    backward: { self: "sigmoid_backward(grad, result)" },
    samples: ["a.sigmoid()", "torch.sigmoid(i)"],
  }),
  op({
    schema: "sigmoid_backward(Tensor grad_output, Tensor output) -> Tensor",
    variants: "internal",
    means: "grad_output * (1 - output) * output",
    node: "SigmoidBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, output) =>
      k.binary(
        Binary.mul,
        k.binary(Binary.mul, gradOutput, k.binary(Binary.sub, k.one(output), output)),
        output,
      ),
    backward: {
      grad_output: "sigmoid_backward(grad, output)",
      output: "grad * grad_output * (-2 * output + 1)",
    },
    samples: [],
  }),
  op({
    schema: "tanh(Tensor self) -> Tensor",
    node: "TanhBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.unaryFloat(Unary.tanh, self),
    backward: { self: "tanh_backward(grad, result)" },
    samples: ["a.tanh()", "torch.tanh(i)"],
  }),
  op({
    schema: "tanh_backward(Tensor grad_output, Tensor output) -> Tensor",
    variants: "internal",
    means: "grad_output * (1 - output * output)",
    node: "TanhBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, output) =>
      k.binary(Binary.mul, gradOutput, k.mulAdd(k.unary(Unary.neg, output), output, k.one(output))),
    backward: { grad_output: "tanh_backward(grad, output)", output: "grad * (-2 * output * grad_output)" },
    samples: [],
  }),
  op({
    schema: "masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor",
    overlaps: true,
    elementwise: false,
    node: "MaskedFillBackward0",
    pattern: "route",
    inplace: true,
    rounds: "each",
    forward: (k, self, mask, value) =>
      k.where(maskOf(k, mask, "masked_fill_"), k.full([], value.value, self.dtype), self),
    backward: { self: "grad.masked_fill(mask, 0)" },
    samples: ["a.masked_fill(c, 0.)", "a.masked_fill(a > 0, -1)"],
  }),
  op({
    schema: "masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor",
    overlaps: true,
    elementwise: false,
    node: "MaskedFillBackward1",
    pattern: "route",
    inplace: true,
    forward: (k, self, mask, value) => {
      if (value.shape.length > 0)
        fail(
          `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
        );
      return k.where(maskOf(k, mask, "masked_fill_"), k.full([], k.core.item(value), self.dtype), self);
    },
    rounds: "each",
    backward: { self: "grad.masked_fill(mask, 0)", value: "grad.masked_select(mask).sum()" },
    samples: ["a.masked_fill(c, v[0])", "a.clone().masked_fill_(a > 0, v.sum())"],
  }),
  op({
    schema: "maximum(Tensor self, Tensor other) -> Tensor",
    node: "MaximumBackward0",
    pattern: "route",
    forward: (k, self, other) => k.binary(Binary.maximum, self, other),
    backward: {
      self: "where(self == other, grad / 2, grad).masked_fill(self < other, 0)",
      other: "where(self == other, grad / 2, grad).masked_fill(self > other, 0)",
    },
    samples: ["torch.maximum(a, b)", "torch.maximum(a, v)"],
  }),
  op({
    schema: "where.self(Tensor condition, Tensor|Scalar self, Tensor|Scalar other) -> Tensor",
    node: "WhereBackward0",
    pattern: "route",
    forward: (k, condition, self, other) => {
      const dtype = k.resultType(self, other);
      for (const t of [self, other])
        if (t.wrapped && overflows(k.core.item(t), dtype))
          fail(`value cannot be converted to type ${dtypeRow(dtype).cxx[0]} without overflow`);
      if (condition.dtype === DType.u8) k.warnOnce(WHERE_BYTES);
      return k.where(condition, self, other);
    },
    backward: { self: "where(condition, grad, 0)", other: "where(condition, 0, grad)" },
    samples: ["torch.where(c, a, b)", "torch.where(c, a, 0.)", "torch.where(a > 0, a, v)"],
  }),
  op({
    schema: "clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
    node: "ClampBackward1",
    pattern: "route",
    inplace: true,
    forward: (k, self, min, max) => {
      if (min === null && max === null) fail("torch.clamp: At least one of 'min' or 'max' must not be None");
      // A single bound that is NaN bounds nothing.
      if ((min === null || max === null) && Number.isNaN((min ?? max)?.number))
        return k.clone(self, k.resultType(self, k.wrap((min ?? max) as Scalar)));
      const low = min === null ? self : k.binary(Binary.maximum, self, k.wrap(min));
      return max === null ? low : k.binary(Binary.minimum, low, k.wrap(max));
    },
    backward: {
      self: "max == null ? where(self >= min, grad, 0) : min == null ? where(self <= max, grad, 0) : where((self >= min) & (self <= max), grad, 0)",
    },
    samples: ["a.clamp(-1, 1)", "a.clamp(min=0)", "torch.clamp(a, max=0.5)", "i.clamp(1, 2)"],
  }),
  composite({
    schema: "square(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("pow", self, 2),
    samples: ["a.square()"],
  }),
]);
