/** Activations with a shape of their own; relu, sigmoid and tanh are among the pointwise ops. */
import { Unary } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

function floats(k: Kernels, kernel: string, self: Tensor): Calc {
  if (!isFloat(self.dtype)) fail(`"${kernel}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  return new Calc(k);
}

export const ACTIVATION: readonly OpRow[] = [
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
      return [c.sub(c.min(self, 0), c.k.unary(Unary.log, c.add(buffer, 1))), buffer];
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
];
