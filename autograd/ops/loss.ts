/** Losses. `reduction` is PyTorch's number: 0 none, 1 mean, 2 sum. */

import { DType } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { canCast, dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** A loss made of ops, reduced: 1 is the mean, 2 the sum, every other number none. */
export function reduced(call: Call, loss: Tensor, reduction: number): Tensor {
  if (reduction === 1) return call("mean", loss);
  return reduction === 2 ? call("sum", loss) : loss;
}

/** What each element's part in the loss is divided by. */
const share = (t: Tensor, reduction: number): number => (reduction === 1 ? t.numel : 1);

function onlyFloats(kernel: string, k: Kernels, ...operands: readonly Tensor[]): void {
  const dtype = k.resultType(...operands);
  if (!isFloat(dtype)) fail(`"${kernel}" not implemented for '${dtypeRow(dtype).scalarType}'`);
}

function smoothL1(k: Kernels, self: Tensor, target: Tensor, beta: number): Tensor {
  const c = new Calc(k);
  const z = c.abs(c.sub(self, target));
  if (beta === 0) return z;
  return c.where(c.lt(z, beta), c.div(c.mul(c.mul(z, 0.5), z), beta), c.sub(z, 0.5 * beta));
}

function huber(k: Kernels, self: Tensor, target: Tensor, delta: number): Tensor {
  const c = new Calc(k);
  const z = c.abs(c.sub(self, target));
  return c.where(c.le(z, delta), c.mul(c.mul(z, 0.5), z), c.mul(c.sub(z, 0.5 * delta), delta));
}

/** log(x) held at -100, as PyTorch's loss of probabilities has it. */
const heldLog = (c: Calc, x: Tensor): Tensor => c.max(c.logSingle(x), -100);

function binaryCrossEntropy(k: Kernels, self: Tensor, target: Tensor, weight: Tensor | null): Tensor {
  const c = new Calc(k);
  if (self.dtype !== target.dtype)
    fail(`Found dtype ${dtypeRow(target.dtype).scalarType} but expected ${dtypeRow(self.dtype).scalarType}`);
  for (const x of k.core.read(self))
    if (!(Number(x) >= 0 && Number(x) <= 1)) fail("all elements of input should be between 0 and 1");
  const other = c.mul(c.sub(target, 1), heldLog(c, c.sub(1, self)));
  const loss = c.sub(other, c.mul(target, heldLog(c, self)));
  return weight === null ? loss : c.mul(loss, weight);
}

/** PyTorch works the loss of logits out in place, in what `1 - target` and `-x` are: its conditions on the dtypes. */
function checkLogits(k: Kernels, self: Tensor, target: Tensor): void {
  if (self.dtype === DType.bool)
    fail(
      "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
  if (target.dtype === DType.bool)
    fail(
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    );
  const cast = (from: DType, to: DType): void => {
    if (!canCast(from, to))
      fail(
        `result type ${dtypeRow(from).scalarType} can't be cast to the desired output type ${dtypeRow(to).scalarType}`,
      );
  };
  cast(k.resultType(target, self), target.dtype);
  cast(DType.f32, self.dtype);
}

/** 1 + (p - 1)·target times the loss, for a positive weight p. */
const weightedBy = (c: Calc, loss: Tensor, target: Tensor, posWeight: Tensor | null): Tensor =>
  posWeight === null ? loss : c.mul(c.add(c.mul(c.sub(posWeight, 1), target), 1), loss);

/** (1 - target) x + log(1 + exp(-x)) with the second term times 1 + (pos_weight - 1) target, in the form that does not overflow. */
function withLogits(
  k: Kernels,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  posWeight: Tensor | null,
): Tensor {
  checkLogits(k, self, target);
  const c = new Calc(k);
  const low = c.max(c.neg(self), 0);
  const soft = c.log(c.add(c.exp(c.neg(low)), c.exp(c.sub(c.neg(self), low))));
  const linear = c.mul(c.sub(1, target), self);
  // PyTorch's order; operands of two dtypes are summed in the wider one and rounded once.
  const loss =
    posWeight === null && self.dtype === target.dtype
      ? c.add(c.add(linear, low), soft)
      : c.add(linear, weightedBy(c, c.add(soft, low), target, posWeight));
  return k.cast(weight === null ? loss : c.mul(loss, weight), target.dtype);
}

/** (sigmoid(x) - target) grad; with a positive weight p, ((1 + (p - 1) target) sigmoid(x) - p target) grad. */
function withLogitsBackward(
  call: Call,
  grad: Tensor,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  posWeight: Tensor | null,
  reduction: number,
): Tensor {
  let slope: Tensor;
  if (posWeight === null) slope = call("sub", call("sigmoid", self), target);
  else {
    const t = call("mul", posWeight, target);
    const factor = call("sub", call("add.Scalar", t, 1), target);
    slope = call("sub", call("mul", factor, call("sigmoid", self)), t);
  }
  slope = call("mul", slope, grad);
  if (weight !== null) slope = call("mul", slope, weight);
  return reduction === 1 ? call("div.Scalar", slope, self.numel) : slope;
}

/** What a slope comes to with a weight for each element, if there is one, and where the loss was averaged. */
const weighted = (slope: string): string =>
  `reduction == 1 ? weight == null ? ${slope} / self.numel() : ${slope} * weight / self.numel() : weight == null ? ${slope} : ${slope} * weight`;

export const LOSS: readonly OpRow[] = [
  op({
    schema: "mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    rounds: "each",
    variants: "nn",
    node: "MseLossBackward0",
    pattern: "scale",
    forward: (k, self, target, reduction) => {
      onlyFloats("mse_cpu", k, self, target);
      if (k.resultType(self, target) === DType.f16)
        k.warnOnce(
          "Applying the CPU mse kernel on half-type tensors. This may be slower than using float or double-type tensors. (Triggered internally at  ./aten/src/ATen/native/cpu/BinaryOpsKernel.cpp:821.)",
        );
      const c = new Calc(k);
      const difference = c.sub(self, target);
      return c.reduced(c.mul(difference, difference), reduction);
    },
    backward: {
      self: "mse_loss_backward(grad, self, target, reduction)",
      target: "mse_loss_backward(grad, target, self, reduction)",
    },
    samples: [
      "torch.nn.functional.mse_loss(a, b)",
      "torch.nn.functional.mse_loss(a, b, reduction='sum')",
      "torch.nn.functional.mse_loss(a, b.detach(), reduction='none')",
    ],
  }),
  op({
    schema: "mse_loss_backward(Tensor grad_output, Tensor self, Tensor target, int reduction) -> Tensor",
    variants: "internal",
    means:
      "reduction == 1 ? 2 / self.numel() * (self - target) * grad_output : 2 * (self - target) * grad_output",
    node: "MseLossBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, target, reduction) => {
      const c = new Calc(k);
      return c.mul(c.mul(c.sub(self, target), 2 / share(self, reduction)), gradOutput);
    },
    backward: {
      grad_output:
        "reduction == 0 ? mse_loss_backward(grad, self, target, reduction) : (mse_loss_backward(ones_like(grad_output), self, target, reduction) * grad).sum()",
      self: "reduction == 1 ? 2 * (grad * grad_output) / self.numel() : 2 * (grad * grad_output)",
      target: "reduction == 1 ? -(2 * (grad * grad_output) / target.numel()) : -(2 * (grad * grad_output))",
    },
    savedNames: { "self.numel()": "", "target.numel()": "" },
    alsoSaves: ["self", "target"],
    samples: [],
  }),
  composite({
    schema: "l1_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    variants: "nn",
    compose: (call, _k, self, target, reduction) =>
      reduced(call, call("abs", call("sub", self, target)), reduction),
    samples: ["torch.nn.functional.l1_loss(a, b)", "torch.nn.functional.l1_loss(a, b, reduction='sum')"],
  }),
  op({
    schema: "smooth_l1_loss(Tensor self, Tensor target, int reduction=1, float beta=1.0) -> Tensor",
    rounds: "each",
    variants: "nn",
    node: "SmoothL1LossBackward0",
    pattern: "scale",
    forward: (k, self, target, reduction, beta) => {
      if (beta < 0) fail("smooth_l1_loss does not support negative values for beta.");
      onlyFloats("smooth_l1_cpu", k, self, target);
      return new Calc(k).reduced(smoothL1(k, self, target, beta), reduction);
    },
    backward: {
      self: "smooth_l1_loss_backward(grad, self, target, reduction, beta)",
      target: "smooth_l1_loss_backward(grad, target, self, reduction, beta)",
    },
    samples: [
      "torch.nn.functional.smooth_l1_loss(a, b)",
      "torch.nn.functional.smooth_l1_loss(a, b, reduction='none', beta=0.5)",
    ],
  }),
  op({
    schema:
      "smooth_l1_loss_backward(Tensor grad_output, Tensor self, Tensor target, int reduction, float beta) -> Tensor",
    variants: "internal",
    node: "SmoothL1LossBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, target, reduction, beta) => {
      const c = new Calc(k);
      const d = c.sub(self, target);
      const slope = c.where(c.lt(c.abs(d), beta), c.div(d, beta), c.sign(d));
      return c.mul(c.mul(slope, 1 / share(self, reduction)), gradOutput);
    },
    backward: {
      grad_output:
        "reduction == 0 ? smooth_l1_loss_backward(grad, self, target, reduction, beta) : (smooth_l1_loss_backward(ones_like(grad_output), self, target, reduction, beta) * grad).sum()",
      self: "where((self - target).abs() < beta, grad * grad_output / (reduction == 1 ? self.numel() * beta : beta), 0)",
      target:
        "-where((self - target).abs() < beta, grad * grad_output / (reduction == 1 ? self.numel() * beta : beta), 0)",
    },
    savedNames: { "self.numel()": "" },
    samples: [],
  }),
  op({
    schema: "huber_loss(Tensor self, Tensor target, int reduction=1, float delta=1.0) -> Tensor",
    rounds: "each",
    variants: "nn",
    node: "HuberLossBackward0",
    pattern: "scale",
    forward: (k, self, target, reduction, delta) => {
      if (delta <= 0) fail("huber_loss does not support non-positive values for delta.");
      onlyFloats("huber_cpu", k, self, target);
      return new Calc(k).reduced(huber(k, self, target, delta), reduction);
    },
    backward: {
      self: "huber_loss_backward(grad, self, target, reduction, delta)",
      target: "huber_loss_backward(grad, target, self, reduction, delta)",
    },
    samples: [
      "torch.nn.functional.huber_loss(a, b)",
      "torch.nn.functional.huber_loss(a, b, reduction='sum', delta=0.7)",
    ],
  }),
  op({
    schema:
      "huber_loss_backward(Tensor grad_output, Tensor self, Tensor target, int reduction, float delta) -> Tensor",
    variants: "internal",
    means:
      "reduction == 1 ? (self - target).clamp(-delta, delta) * grad_output / self.numel() : (self - target).clamp(-delta, delta) * grad_output",
    node: "HuberLossBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, target, reduction, delta) => {
      const c = new Calc(k);
      const slope = c.max(c.min(c.sub(self, target), delta), -delta);
      return c.mul(c.mul(slope, 1 / share(self, reduction)), gradOutput);
    },
    backward: {
      grad_output:
        "reduction == 0 ? huber_loss_backward(grad, self, target, reduction, delta) : (huber_loss_backward(ones_like(grad_output), self, target, reduction, delta) * grad).sum()",
      self: "where((self - target).abs() < delta, reduction == 1 ? grad * grad_output / self.numel() : grad * grad_output, 0)",
      target:
        "-where((self - target).abs() < delta, reduction == 1 ? grad * grad_output / self.numel() : grad * grad_output, 0)",
    },
    savedNames: { "self.numel()": "" },
    samples: [],
  }),
  op({
    schema:
      "binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int reduction=1) -> Tensor",
    variants: "nn",
    node: "BinaryCrossEntropyBackward0",
    refuses: { as: "binary_cross_entropy", inputs: ["weight"] },
    pattern: "scale",
    forward: (k, self, target, weight, reduction) =>
      new Calc(k).reduced(binaryCrossEntropy(k, self, target, weight), reduction),
    backward: {
      self: "binary_cross_entropy_backward(grad, self, target, weight, reduction)",
      target: "binary_cross_entropy_target_backward(grad, self, weight, reduction)",
    },
    samples: [
      "torch.nn.functional.binary_cross_entropy(a.sigmoid(), c.float())",
      "torch.nn.functional.binary_cross_entropy(a.sigmoid(), c.float(), weight=p.detach(), reduction='sum')",
      "torch.nn.functional.binary_cross_entropy(a.sigmoid(), b.sigmoid(), reduction='none')",
    ],
  }),
  op({
    schema:
      "binary_cross_entropy_backward(Tensor grad_output, Tensor self, Tensor target, Tensor? weight, int reduction) -> Tensor",
    variants: "internal",
    means: weighted("grad_output * (self - target) / ((1 - self) * self)"),
    node: "BinaryCrossEntropyBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, target, weight, reduction) => {
      const c = new Calc(k);
      const below = c.max(c.mul(c.sub(1, self), self), 1e-12);
      let slope = c.div(c.mul(gradOutput, c.sub(self, target)), below);
      if (weight !== null) slope = c.mul(slope, weight);
      return reduction === 1 ? c.div(slope, self.numel) : slope;
    },
    backward: {
      grad_output:
        "reduction == 0 ? binary_cross_entropy_backward(grad, self, target, weight, reduction) : (binary_cross_entropy_backward(ones_like(grad_output), self, target, weight, reduction) * grad).sum()",
      self: "binary_cross_entropy_double_backward(grad_output, grad, self, target, weight, reduction)",
      target: "binary_cross_entropy_double_backward_target(grad, grad_output, self, weight, reduction)",
    },
    samples: [],
  }),
  composite({
    schema:
      "binary_cross_entropy_target_backward(Tensor grad, Tensor self, Tensor? weight, int reduction) -> Tensor",
    variants: "internal",
    means: weighted("grad * ((1 - self).log() - self.log())"),
    compose: (call, k, grad, self, weight, reduction) => {
      const other = call("sub", k.full([], 1, self.dtype), self);
      const odds = call("sub", call("log", other), call("log", self));
      let out = call("mul", odds, grad);
      if (weight !== null) out = call("mul", out, weight);
      return reduction === 1 ? call("div.Scalar", out, self.numel) : out;
    },
    samples: [],
  }),
  composite({
    schema:
      "binary_cross_entropy_double_backward(Tensor grad_output, Tensor grad, Tensor input, Tensor target, Tensor? weight, int reduction) -> Tensor",
    variants: "internal",
    compose: (call, _k, gradOutput, grad, input, target, weight, reduction) => {
      const square = call("mul", input, input);
      const above = call("add", call("sub", square, call("mul", call("mul", input, target), 2)), target);
      const below = call("mul", square, call("mul", call("sub", input, 1), call("sub", input, 1)));
      let out = call("mul", call("mul", call("div", above, call("add", below, 1e-12)), grad), gradOutput);
      if (weight !== null) out = call("mul", out, weight);
      return reduction === 1 ? call("div", out, input.numel) : out;
    },
    samples: [],
  }),
  composite({
    schema:
      "binary_cross_entropy_double_backward_target(Tensor grad, Tensor grad_output, Tensor self, Tensor? weight, int reduction) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, gradOutput, self, weight, reduction) => {
      let out = call("mul", call("neg", grad), gradOutput);
      if (weight !== null) out = call("mul", out, weight);
      out = call("div", out, call("mul", call("rsub", self, 1), self));
      return reduction === 1 ? call("div", out, self.numel) : out;
    },
    samples: [],
  }),
  op({
    schema:
      "binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=0) -> Tensor",
    variants: "function",
    node: "BinaryCrossEntropyWithLogitsBackward0",
    refuses: { as: "binary_cross_entropy_with_logits", inputs: ["weight", "pos_weight"] },
    pattern: "scale",
    forward: (k, self, target, weight, posWeight, reduction) =>
      new Calc(k).reduced(withLogits(k, self, target, weight, posWeight), reduction),
    backward: {
      self: "binary_cross_entropy_with_logits_backward(grad, self, target, weight, pos_weight, reduction)",
      target: "binary_cross_entropy_with_logits_target_backward(grad, self, weight, pos_weight, reduction)",
    },
    samples: [
      "torch.nn.functional.binary_cross_entropy_with_logits(a, c.to(a.dtype))",
      "torch.nn.functional.binary_cross_entropy_with_logits(a, b.sigmoid(), reduction='none')",
      "torch.nn.functional.binary_cross_entropy_with_logits(a, c.float(), weight=p.detach(), pos_weight=v.detach().abs())",
    ],
  }),
  composite({
    schema:
      "binary_cross_entropy_with_logits_backward(Tensor grad, Tensor self, Tensor target, Tensor? weight, Tensor? pos_weight, int reduction) -> Tensor",
    variants: "internal",
    means: `pos_weight == null ? ${weighted("(self.sigmoid() - target) * grad")} : ${weighted("((pos_weight * target + 1 - target) * self.sigmoid() - pos_weight * target) * grad")}`,
    compose: (call, _k, grad, self, target, weight, posWeight, reduction) =>
      withLogitsBackward(call, grad, self, target, weight, posWeight, reduction),
    samples: [],
  }),
  composite({
    schema:
      "binary_cross_entropy_with_logits_target_backward(Tensor grad, Tensor self, Tensor? weight, Tensor? pos_weight, int reduction) -> Tensor",
    variants: "internal",
    means: `pos_weight == null ? ${weighted("-self * grad")} : ${weighted("((1 - self.sigmoid()).log() - pos_weight * self.sigmoid().log()) * grad")}`,
    compose: (call, _k, grad, self, weight, posWeight, reduction) => {
      let slope =
        posWeight === null
          ? call("neg", self)
          : call(
              "sub",
              call("log_sigmoid", call("neg", self)),
              call("mul", posWeight, call("log_sigmoid", self)),
            );
      slope = call("mul", slope, grad);
      if (weight !== null) slope = call("mul", slope, weight);
      return reduction === 1 ? call("div.Scalar", slope, self.numel) : slope;
    },
    samples: [],
  }),
];
