/** Activations with a shape of their own; relu, sigmoid and tanh are among the pointwise ops. */
import { Binary, DType } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat, isIntegral } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { composite, elementwise, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import { isContiguous, type Tensor } from "../tensor.ts";

function floats(k: Kernels, kernel: string, self: Tensor): Calc {
  if (!isFloat(self.dtype)) fail(`"${kernel}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  return new Calc(k);
}

export const ACTIVATION: readonly OpRow[] = elementwise([
  op({
    schema: "leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
    variants: "nn",
    node: "LeakyReluBackward0",
    pattern: "scale",
    forward: (k, self, slope) => {
      const c = floats(k, "leaky_relu_cpu", self);
      return c.where(c.gt(self, 0), self, c.mul(self, slope.number));
    },
    backward: { self: "leaky_relu_backward(grad, self, negative_slope)" },
    samples: ["torch.nn.functional.leaky_relu(a)", "torch.nn.functional.leaky_relu(a, 0.2)"],
  }),
  op({
    schema: "leaky_relu_(Tensor self, Scalar negative_slope=0.01) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "LeakyReluBackward1",
    pattern: "scale",
    forward: (k, self, slope) => {
      const c = floats(k, "leaky_relu_cpu", self);
      return c.where(c.gt(self, 0), self, c.mul(self, slope.number));
    },
    backward: { self: "leaky_relu_backward(grad, result, negative_slope)" },
    samples: ["torch.nn.functional.leaky_relu(a * 1, inplace=True)"],
  }),
  op({
    schema: "leaky_relu_backward(Tensor grad_output, Tensor self, Scalar negative_slope) -> Tensor",
    variants: "internal",
    means: "where(self > 0, grad_output, grad_output * negative_slope)",
    node: "LeakyReluBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, slope) => {
      const c = new Calc(k);
      return c.where(c.gt(self, 0), gradOutput, c.mul(gradOutput, slope.number));
    },
    backward: {
      grad_output: "leaky_relu_backward(grad, self, negative_slope)",
      self: "zeros_like(grad)",
    },
    alsoSaves: ["self"],
    samples: [],
  }),
  composite({
    schema: "log_sigmoid(Tensor self) -> Tensor",
    variants: "nn",
    compose: (call, _k, self) => call("log_sigmoid_forward", self)[0] as Tensor,
    samples: ["torch.nn.functional.logsigmoid(a)", "torch.nn.functional.logsigmoid(a * 50)"],
  }),
  op({
    schema: "log_sigmoid_forward(Tensor self) -> (Tensor output, Tensor buffer)",
    variants: "internal",
    node: "LogSigmoidBackward0",
    pattern: "scale",
    nonDifferentiable: [1],
    forward: (k, self) => {
      const c = floats(k, "log_sigmoid_cpu", self);
      const buffer = c.exp(c.neg(c.abs(self)));
      return [c.sub(c.min(self, 0), c.log1p(buffer)), buffer];
    },
    backward: { self: "log_sigmoid_backward(grad, self, buffer)" },
    samples: [],
  }),
  op({
    schema: "log_sigmoid_backward(Tensor grad_output, Tensor self, Tensor buffer) -> Tensor",
    variants: "internal",
    means: "grad_output * (1 - self.sigmoid())",
    node: "LogSigmoidBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, buffer) => {
      const c = new Calc(k);
      const part = c.div(buffer, c.add(buffer, 1));
      return c.mul(gradOutput, c.where(c.lt(self, 0), c.sub(1, part), part));
    },
    backward: {
      grad_output: "log_sigmoid_backward(grad, self, buffer)",
      self: "log_sigmoid_double_backward(grad * grad_output, self)",
    },
    samples: [],
  }),
  composite({
    schema: "log_sigmoid_double_backward(Tensor grad, Tensor input) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input) => {
      const z = call("sigmoid", input);
      return call("mul", call("mul", grad, call("sub.Tensor", z, 1)), z);
    },
    samples: [],
  }),
  op({
    schema: "elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
    variants: "nn",
    node: "EluBackward0",
    pattern: "scale",
    forward: elu,
    backward: { self: "elu_backward(grad, alpha, scale, input_scale, false, self)" },
    samples: ["torch.nn.functional.elu(a)", "torch.nn.functional.elu(a, 0.5)", "torch.nn.functional.selu(a)"],
  }),
  op({
    schema: "elu_(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "EluBackward1",
    pattern: "scale",
    forward: elu,
    backward: { self: "elu_backward(grad, alpha, scale, input_scale, true, result)" },
    samples: ["torch.nn.functional.elu(a * 1, inplace=True)"],
  }),
  op({
    schema:
      "elu_backward(Tensor grad_output, Scalar alpha, Scalar scale, Scalar input_scale, bool is_result, Tensor self_or_result) -> Tensor",
    variants: "internal",
    node: "EluBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, alpha, scale, inputScale, isResult, self) => {
      const c = new Calc(k);
      const factor = alpha.number * scale.number;
      const below = isResult
        ? c.mul(c.mul(gradOutput, inputScale.number), c.add(self, factor))
        : c.mul(c.mul(gradOutput, inputScale.number * factor), c.expMixed(c.mul(self, inputScale.number)));
      return c.where(c.le(self, 0), below, c.mul(gradOutput, scale.number));
    },
    backward: {
      grad_output: "elu_backward(grad, alpha, scale, input_scale, is_result, self_or_result)",
      self_or_result:
        "where(self_or_result <= 0, is_result ? grad * grad_output * input_scale : grad * grad_output * (input_scale * input_scale * alpha * scale) * (self_or_result * input_scale).exp(), 0)",
    },
    samples: [],
  }),
  op({
    schema: "celu(Tensor self, Scalar alpha=1.0) -> Tensor",
    variants: "function",
    node: "CeluBackward0",
    pattern: "scale",
    forward: celu,
    backward: { self: "elu_backward(grad, alpha, 1, 1 / alpha, false, self)" },
    samples: ["torch.nn.functional.celu(a, 0.5)"],
  }),
  op({
    schema: "celu_(Tensor self, Scalar alpha=1.0) -> Tensor",
    variants: "function",
    inplace: "only",
    node: "CeluBackward1",
    pattern: "scale",
    forward: celu,
    backward: { self: "elu_backward(grad, alpha, 1, 1 / alpha, true, result)" },
    samples: ["torch.celu_(a * 1, 0.5)"],
  }),
  composite({
    schema: "selu(Tensor self) -> Tensor",
    variants: "function",
    compose: (call, _k, self) => call("elu", self, SELU_ALPHA, SELU_SCALE),
    samples: ["torch.selu(a)"],
  }),
  composite({
    schema: "selu_(Tensor self) -> Tensor",
    variants: "function",
    compose: (call, _k, self) => call("elu_", self, SELU_ALPHA, SELU_SCALE),
    samples: ["torch.selu_(a * 1)"],
  }),
  op({
    schema: "gelu(Tensor self, *, str approximate='none') -> Tensor",
    variants: "nn",
    node: "GeluBackward0",
    pattern: "scale",
    forward: (k, self, approximate) => {
      const c = floats(k, "GeluKernelImpl", self);
      if (approximate === "none" && isForLibrary(self)) return byLibrary(k, self, false);
      return c.mul(c.mul(self, 0.5), c.add(normalCurve(c, self, approximate), 1));
    },
    backward: { self: "gelu_backward(grad, self, approximate)" },
    samples: ["torch.nn.functional.gelu(a)", "torch.nn.functional.gelu(a, approximate='tanh')"],
  }),
  op({
    schema: "gelu_backward(Tensor grad_output, Tensor self, str approximate) -> Tensor",
    variants: "internal",
    node: "GeluBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, approximate) => {
      const c = new Calc(k);
      if (approximate === "none" && isForLibrary(self)) return c.mul(byLibrary(k, self, true), gradOutput);
      const curve = normalCurve(c, self, approximate);
      const half = c.mul(c.add(curve, 1), 0.5);
      if (approximate === "none") {
        const density = c.mul(c.exp(c.mul(c.mul(self, self), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return c.mul(gradOutput, c.fma(self, density, half));
      }
      const inner = c.mul(c.fma(c.mul(self, self), 3 * CUBIC, 1), Math.sqrt(2 / Math.PI));
      const slope = c.mul(c.mul(c.mul(self, 0.5), c.fma(c.neg(curve), curve, 1)), inner);
      return c.mul(gradOutput, c.add(half, slope));
    },
    backward: {
      grad_output: "gelu_backward(grad, self, approximate)",
      self: "gelu_double_backward(grad, grad_output, self, approximate)",
    },
    samples: [],
  }),
  composite({
    schema: "gelu_double_backward(Tensor grad, Tensor grad_output, Tensor self, str approximate) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, gradOutput, self, approximate) => {
      const square = call("mul", self, self);
      const both = call("mul", grad, gradOutput);
      if (approximate === "none") {
        const density = call("mul", call("exp", call("mul", square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return call("mul", call("mul", both, density), call("rsub", square, 2));
      }
      // With u = b (x + c x³): t = tanh u; the second derivative of x (1 + t) / 2 is (1 - t²) (u' + x (u'' / 2 - t u'²)).
      const b = Math.sqrt(2 / Math.PI);
      const u = call("mul", call("mul", self, call("add", call("mul", square, CUBIC), 1)), b);
      const t = call("tanh", u);
      const first = call("mul", call("add", call("mul", square, 3 * CUBIC), 1), b);
      const half = call("mul", self, 3 * CUBIC * b);
      const bent = call("sub", half, call("mul", t, call("mul", first, first)));
      const inner = call("add", first, call("mul", self, bent));
      return call("mul", both, call("mul", call("rsub", call("mul", t, t), 1), inner));
    },
    samples: [],
  }),
  op({
    schema: "silu(Tensor self) -> Tensor",
    rounds: "each",
    variants: "nn",
    node: "SiluBackward0",
    pattern: "scale",
    forward: silu,
    backward: { self: "silu_backward(grad, self)" },
    samples: ["torch.nn.functional.silu(a)"],
  }),
  op({
    schema: "silu_(Tensor self) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "SiluBackward0",
    pattern: "scale",
    forward: silu,
    backward: { self: "silu_backward(grad, self)" },
    samples: ["torch.nn.functional.silu(a * 1, inplace=True)"],
  }),
  composite({
    schema: "silu_backward(Tensor grad, Tensor self) -> Tensor",
    variants: "internal",
    means: "grad * self.sigmoid() * (1 + self * (1 - self.sigmoid()))",
    compose: (call, k, grad, self) => {
      const s = call("sigmoid", self);
      const rest = call("mul", self, call("sub", k.full(s.shape, 1, s.dtype), s));
      const slope = call("add.Scalar", rest, 1);
      return call("mul", call("mul", grad, s), slope);
    },
    fused: (k, grad, self) => {
      const c = new Calc(k);
      const s = c.sigmoid(self);
      return c.mul(c.mul(grad, s), c.fma(self, c.sub(1, s), 1));
    },
    samples: [],
  }),
  op({
    schema: "softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
    variants: "nn",
    node: "SoftplusBackward0",
    pattern: "scale",
    forward: (k, self, beta, threshold) => {
      const c = floats(k, "softplus_cpu", self);
      const scaled = c.mul(self, beta.number);
      return c.where(c.gt(scaled, threshold.number), self, c.div(c.log1p(c.expMixed(scaled)), beta.number));
    },
    backward: { self: "softplus_backward(grad, self, beta, threshold)" },
    samples: ["torch.nn.functional.softplus(a)", "torch.nn.functional.softplus(a * 10, beta=2, threshold=5)"],
  }),
  op({
    schema: "softplus_backward(Tensor grad_output, Tensor self, Scalar beta, Scalar threshold) -> Tensor",
    variants: "internal",
    means: "grad_output * (self * beta).sigmoid()",
    node: "SoftplusBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, beta, threshold) => {
      const c = new Calc(k);
      const scaled = c.mul(self, beta.number);
      const z = c.expMixed(scaled);
      return c.where(c.gt(scaled, threshold.number), gradOutput, c.div(c.mul(gradOutput, z), c.add(z, 1)));
    },
    backward: {
      grad_output: "softplus_backward(grad, self, beta, threshold)",
      self: "softplus_double_backward(grad * grad_output, self, beta, threshold)",
    },
    samples: [],
  }),
  composite({
    schema: "softplus_double_backward(Tensor grad, Tensor self, Scalar beta, Scalar threshold) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, self, beta, threshold) => {
      const scaled = call("mul", self, beta);
      const slope = call("mul", call("sigmoid_backward", grad, call("sigmoid", scaled)), beta);
      return call("where", call("lt", scaled, threshold), slope, 0);
    },
    samples: [],
  }),
  op({
    schema: "hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
    variants: "nn",
    node: "HardtanhBackward0",
    pattern: "route",
    forward: hardtanh,
    backward: { self: "hardtanh_backward(grad, self, min_val, max_val)" },
    samples: ["torch.nn.functional.hardtanh(a)", "torch.nn.functional.relu6(a * 5)"],
  }),
  op({
    schema: "hardtanh_(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "HardtanhBackward0",
    pattern: "route",
    forward: hardtanh,
    backward: { self: "hardtanh_backward(grad, self, min_val, max_val)" },
    samples: ["torch.nn.functional.hardtanh(a * 1, -2, 1.5, inplace=True)"],
  }),
  op({
    schema: "hardtanh_backward(Tensor grad_output, Tensor self, Scalar min_val, Scalar max_val) -> Tensor",
    variants: "internal",
    means: "where((self <= min_val) | (self >= max_val), 0, grad_output)",
    node: "HardtanhBackwardBackward0",
    pattern: "route",
    forward: (k, gradOutput, self, low, high) => {
      const c = new Calc(k);
      return c.where(c.le(self, low.number), 0, c.where(c.ge(self, high.number), 0, gradOutput));
    },
    backward: {
      grad_output: "hardtanh_backward(grad, self, min_val, max_val)",
      self: "zeros_like(grad)",
    },
    samples: [],
  }),
]);

const ONE = new Scalar(1, "int");
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
/** Of the cube, in the approximation of GELU. */
const CUBIC = 0.044715;

function elu(k: Kernels, self: Tensor, alpha: Scalar, scale: Scalar, inputScale: Scalar): Tensor {
  const c = floats(k, "elu_cpu", self);
  const below = c.mul(c.sub(c.expMixed(c.mul(self, inputScale.number)), 1), alpha.number * scale.number);
  return c.where(c.le(self, 0), below, c.mul(self, scale.number));
}

function celu(k: Kernels, self: Tensor, alpha: Scalar): Tensor {
  if (alpha.number === 0) fail("ZeroDivisionError: alpha cannot be 0 for CELU");
  return elu(k, self, alpha, ONE, new Scalar(1 / alpha.number, "float"));
}

function silu(k: Kernels, self: Tensor): Tensor {
  const c = floats(k, "silu_cpu", self);
  return c.div(self, c.add(c.expMixed(c.neg(self)), 1));
}

function hardtanh(k: Kernels, self: Tensor, low: Scalar, high: Scalar): Tensor {
  if (self.dtype === DType.bool) fail("Bool inputs not supported for hardtanh");
  if (!isIntegral(self.dtype)) {
    const c = floats(k, "hardtanh_cpu", self);
    return c.min(c.max(self, low.number), high.number);
  }
  const [from, to] = [Math.trunc(low.number), Math.trunc(high.number)];
  if (self.dtype === DType.u8 && (from < 0 || to < 0))
    fail("cannot do hardtanh on an unsigned type with negative limits");
  const bound = (x: number): Tensor => k.wrap(new Scalar(x, "int"));
  return k.binary(Binary.minimum, k.binary(Binary.maximum, self, bound(from)), bound(to));
}

/** PyTorch leaves these to a library, whose error function is another. */
const isForLibrary = (self: Tensor): boolean =>
  self.dtype === DType.f32 && self.numel > 1 && isContiguous(self);

function byLibrary(k: Kernels, self: Tensor, slope: boolean): Tensor {
  const out = k.empty(self.shape, self.dtype);
  k.core.dense.gelu(self.numel, out.ptr, self.ptr, slope);
  return out;
}

/** erf(x / √2), or its approximation by tanh. */
function normalCurve(c: Calc, x: Tensor, approximate: string): Tensor {
  if (approximate === "none") return c.erf(c.mul(x, Math.SQRT1_2));
  if (approximate !== "tanh") fail("approximate argument must be either none or tanh.");
  const cube = c.mul(c.mul(x, x), x);
  return c.tanh(c.mul(c.fma(cube, CUBIC, x), Math.sqrt(2 / Math.PI)));
}
