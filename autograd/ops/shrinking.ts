/** Activations with corners: those that cut off, shrink or gate, with one slope or several. */
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { streamText } from "../literal.ts";
import { emptyLike } from "../order.ts";
import type { Generator } from "../random.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

function floats(k: Kernels, kernel: string, self: Tensor): Calc {
  if (!isFloat(self.dtype)) fail(`"${kernel}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  return new Calc(k);
}

function mish(k: Kernels, self: Tensor): Tensor {
  const c = floats(k, "mish_cpu", self);
  return c.mul(self, c.tanh(c.log1p(c.exp(self))));
}

/** x + 3 held within 0 and 6. */
const ramp = (c: Calc, self: Tensor): Tensor => c.min(c.max(c.add(self, 3), 0), 6);

function hardswish(k: Kernels, self: Tensor): Tensor {
  const c = floats(k, "hardswish_cpu", self);
  return c.div(c.mul(self, ramp(c, self)), 6);
}

function hardsigmoid(k: Kernels, self: Tensor): Tensor {
  const c = floats(k, "hardsigmoid_cpu", self);
  return c.div(ramp(c, self), 6);
}

/** Two halves along a dimension. */
function halves(k: Kernels, self: Tensor, dim: number): readonly [Tensor, Tensor] {
  if (self.shape.length === 0) fail("glu does not support 0-dimensional tensors");
  const axis = normalDim(dim, self.shape.length);
  const size = self.shape[axis] as number;
  if (size % 2 !== 0) fail(`Halving dimension must be even, but dimension ${axis} is size ${size}`);
  const shape = self.shape.map((n, i) => (i === axis ? n / 2 : n));
  const second = self.offset + (size / 2) * (self.strides[axis] as number);
  return [k.view(self, shape, self.strides), k.view(self, shape, self.strides, second)];
}

/** Halves put together again along a dimension. */
function whole(k: Kernels, first: Tensor, second: Tensor, dim: number): Tensor {
  const axis = normalDim(dim, first.shape.length);
  const half = first.shape[axis] as number;
  const out = k.empty(
    first.shape.map((n, i) => (i === axis ? 2 * n : n)),
    first.dtype,
  );
  k.copyInto(k.view(out, first.shape, out.strides), first);
  k.copyInto(k.view(out, first.shape, out.strides, half * (out.strides[axis] as number)), second);
  return out;
}

const pair = (call: Call, t: Tensor, dim: number): [Tensor, Tensor] => {
  const [first, second] = call("chunk", t, 2, dim) as readonly Tensor[];
  return [first as Tensor, second as Tensor];
};

/** Weights of prelu as they stand beside the input: one number, or one per channel. */
function slopes(k: Kernels, self: Tensor, weight: Tensor): Tensor {
  const dense = k.contiguous(weight);
  if (weight.numel === 1) return k.reshaped(dense, []);
  return k.reshaped(
    dense,
    self.shape.map((_, i) => (i === 1 ? weight.numel : 1)),
  );
}

function checkSlopes(self: Tensor, weight: Tensor): void {
  if (weight.numel !== 1) {
    if (self.shape.length === 0) fail("Not allow zero-dim input tensor.");
    const channels = self.shape.length > 1 ? (self.shape[1] as number) : 1;
    if (channels !== weight.numel)
      fail(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.numel} and channel size = ${channels}.`,
      );
  }
  if (weight.shape.length > 1)
    fail(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${weight.shape.length}`);
  if (self.dtype !== weight.dtype)
    fail(
      `prelu: Type promoting not supported. Got ${dtypeRow(self.dtype).scalarType} and ${dtypeRow(weight.dtype).scalarType}`,
    );
}

/** Summed to one number, or to one per channel. */
function toWeight(c: Calc, t: Tensor, weight: Tensor): Tensor {
  if (weight.numel === 1) return c.k.reshaped(c.sum(t), weight.shape);
  const axes = t.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  return c.k.reshaped(axes.length === 0 ? c.k.clone(t) : c.sum(t, axes), weight.shape);
}

/** The second derivative of prelu: of the gradients for input and weight back to (grad_output, input, weight). */
function preluAgain(
  call: Call,
  k: Kernels,
  [forInput = null, forWeight = null]: readonly (Tensor | null)[],
  gradOutput: Tensor,
  self: Tensor,
  weight: Tensor,
): readonly Tensor[] {
  const zero = k.full([], 0, self.dtype);
  const wide = slopes(k, self, weight);
  const above = call("gt", self, 0);
  const below = (t: Tensor): Tensor => call("where", above, zero, t);
  const gi = forInput ?? zero;
  const gw = forWeight === null ? zero : slopes(k, self, forWeight);
  const toGrad = call("add", call("where", above, gi, call("mul", wide, gi)), below(call("mul", gw, self)));
  const toSelf = below(call("mul", gw, gradOutput));
  const toWeights = toWeight(new Calc(k), below(call("mul", gi, gradOutput)), weight);
  return [toGrad, toSelf, toWeights];
}

/** What is not above 0 is multiplied by a number drawn for it, which `noise` keeps; 1 elsewhere. */
function rrelu(
  k: Kernels,
  self: Tensor,
  noise: Tensor,
  lower: number,
  upper: number,
  training: boolean,
  generator: Generator | null,
): Tensor {
  if (lower > upper) fail("Lower bound should be less than or equal to the upper bound");
  const c = floats(k, "rrelu_with_noise_out_cpu", self);
  if (!training) return c.where(c.gt(self, 0), self, c.mul(self, (lower + upper) / 2));
  const g = generator ?? k.generator;
  const factors = Array.from(k.core.read(self) as Float64Array, (x) =>
    x <= 0 ? g.unit() * (upper - lower) + lower : 1,
  );
  const drawn = k.empty(self.shape, self.dtype);
  k.core.write(drawn, factors);
  noise.willChange();
  k.copyInto(noise, drawn);
  return c.mul(self, drawn);
}

const NOISE_BACKWARD = "rrelu_with_noise_backward(grad, self, noise, lower, upper, training, false)";

export const SHRINKING: readonly OpRow[] = [
  op({
    schema: "mish(Tensor self) -> Tensor",
    variants: "nn",
    node: "MishBackward0",
    pattern: "scale",
    forward: mish,
    backward: { self: "mish_backward(grad, self)" },
    samples: ["torch.nn.functional.mish(a)"],
  }),
  op({
    schema: "mish_(Tensor self) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "MishBackward0",
    pattern: "scale",
    forward: mish,
    backward: { self: "mish_backward(grad, self)" },
    samples: ["torch.nn.functional.mish(a * 1, inplace=True)"],
  }),
  composite({
    schema: "mish_backward(Tensor grad_output, Tensor self) -> Tensor",
    variants: "internal",
    means:
      "grad_output * (self.exp().log1p().tanh() + self * self.sigmoid() * (1 - self.exp().log1p().tanh() ** 2))",
    compose: (call, _k, gradOutput, self) => {
      const gate = call("sigmoid", self);
      const bent = call("tanh", call("log1p", call("exp", self)));
      const slope = call("sub", 1, call("mul", bent, bent));
      const rest = call("mul", call("mul", self, gate), slope);
      return call("mul", gradOutput, call("add", bent, rest));
    },
    samples: [],
  }),
  op({
    schema: "hardswish(Tensor self) -> Tensor",
    variants: "nn",
    node: "HardswishBackward0",
    pattern: "scale",
    forward: hardswish,
    backward: { self: "hardswish_backward(grad, self)" },
    samples: ["torch.nn.functional.hardswish(a)", "torch.nn.functional.hardswish(a * 3)"],
  }),
  op({
    schema: "hardswish_(Tensor self) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "HardswishBackward0",
    pattern: "scale",
    forward: hardswish,
    backward: { self: "hardswish_backward(grad, self)" },
    samples: ["torch.nn.functional.hardswish(a * 2, inplace=True)"],
  }),
  op({
    schema: "hardswish_backward(Tensor grad_output, Tensor self) -> Tensor",
    variants: "internal",
    means: "where(self < -3, 0, where(self <= 3, grad_output * (self / 3 + 0.5), grad_output))",
    node: "HardswishBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self) => {
      const c = new Calc(k);
      const middle = c.mul(gradOutput, c.add(c.div(self, 3), 0.5));
      return c.where(c.lt(self, -3), 0, c.where(c.le(self, 3), middle, gradOutput));
    },
    backward: {
      grad_output: "hardswish_backward(grad, self)",
      self: "where((self > -3) & (self < 3), grad * grad_output / 3, 0)",
    },
    samples: [],
  }),
  op({
    schema: "hardsigmoid(Tensor self) -> Tensor",
    variants: "nn",
    node: "HardsigmoidBackward0",
    pattern: "scale",
    forward: hardsigmoid,
    backward: { self: "hardsigmoid_backward(grad, self)" },
    exempt: { differences: "PyTorch has no second derivative" },
    samples: ["torch.nn.functional.hardsigmoid(a)", "torch.nn.functional.hardsigmoid(a * 3)"],
  }),
  op({
    schema: "hardsigmoid_(Tensor self) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "HardsigmoidBackward0",
    pattern: "scale",
    forward: hardsigmoid,
    backward: { self: "hardsigmoid_backward(grad, self)" },
    exempt: { differences: "PyTorch has no second derivative" },
    samples: ["torch.nn.functional.hardsigmoid(a * 2, inplace=True)"],
  }),
  op({
    schema: "hardsigmoid_backward(Tensor grad_output, Tensor self) -> Tensor",
    variants: "internal",
    means: "where((self > -3) & (self < 3), grad_output / 6, 0)",
    node: "NotImplemented",
    pattern: "scale",
    forward: (k, gradOutput, self) => {
      const c = new Calc(k);
      return c.where(c.gt(self, -3), c.where(c.lt(self, 3), c.div(gradOutput, 6), 0), 0);
    },
    backward: {
      grad_output: "not_implemented('aten::hardsigmoid_backward')",
      self: "not_implemented('aten::hardsigmoid_backward')",
    },
    samples: [],
  }),
  op({
    schema: "softshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
    variants: "nn",
    node: "SoftshrinkBackward0",
    pattern: "route",
    forward: (k, self, lambd) => {
      const c = floats(k, "softshrink_cpu", self);
      const by = lambd.number;
      if (!(by >= 0)) fail(`lambda must be greater or equal to 0, but found to be ${streamText(by)}.`);
      return c.where(c.gt(self, by), c.sub(self, by), c.where(c.lt(self, -by), c.add(self, by), 0));
    },
    backward: { self: "softshrink_backward(grad, self, lambd)" },
    samples: ["torch.nn.functional.softshrink(a)", "torch.nn.functional.softshrink(a, 1.0)"],
  }),
  op({
    schema: "softshrink_backward(Tensor grad_output, Tensor self, Scalar lambd) -> Tensor",
    variants: "internal",
    means: "where((self >= -lambd) & (self <= lambd), 0, grad_output)",
    node: "SoftshrinkBackwardBackward0",
    pattern: "route",
    forward: (k, gradOutput, self, lambd) => outside(new Calc(k), self, lambd.number, gradOutput),
    backward: { grad_output: "softshrink_backward(grad, self, lambd)", self: "zeros_like(grad)" },
    samples: [],
  }),
  op({
    schema: "hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
    node: "HardshrinkBackward0",
    pattern: "route",
    forward: (k, self, lambd) => outside(floats(k, "hardshrink_cpu", self), self, lambd.number, self),
    backward: { self: "hardshrink_backward(grad, self, lambd)" },
    samples: ["torch.nn.functional.hardshrink(a)", "torch.hardshrink(a, 1.0)", "a.hardshrink()"],
  }),
  op({
    schema: "hardshrink_backward(Tensor grad_out, Tensor self, Scalar lambd) -> Tensor",
    variants: "internal",
    means: "where((self >= -lambd) & (self <= lambd), 0, grad_out)",
    node: "HardshrinkBackwardBackward0",
    pattern: "route",
    forward: (k, gradOut, self, lambd) => outside(new Calc(k), self, lambd.number, gradOut),
    backward: { grad_out: "hardshrink_backward(grad, self, lambd)", self: "zeros_like(grad)" },
    samples: [],
  }),
  op({
    schema: "threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
    variants: "function",
    node: "ThresholdBackward0",
    pattern: "route",
    forward: (k, self, threshold, value) => limited(k, self, threshold.number, value.number),
    backward: { self: "threshold_backward(grad, self, threshold)" },
    samples: ["torch.nn.functional.threshold(a, 0.1, 20)", "torch.threshold(i, 3, -7)"],
  }),
  op({
    schema: "threshold_(Tensor self, Scalar threshold, Scalar value) -> Tensor",
    variants: "function",
    inplace: "only",
    node: "ThresholdBackward1",
    pattern: "route",
    forward: (k, self, threshold, value) => limited(k, self, threshold.number, value.number),
    backward: { self: "threshold_backward(grad, self, threshold)" },
    samples: ["torch.threshold_(a * 1, 0.5, 2.0)", "torch.nn.functional.threshold(a * 1, 0.1, 2, True)"],
  }),
  op({
    schema: "glu(Tensor self, int dim=-1) -> Tensor",
    variants: "nn",
    node: "GluBackward0",
    pattern: "mix",
    forward: (k, self, dim) => {
      const [first, second] = halves(k, self, dim);
      const c = floats(k, "glu_cpu", self);
      return c.mul(first, c.sigmoid(second));
    },
    backward: { self: "glu_backward(grad, self, dim)" },
    samples: ["torch.nn.functional.glu(torch.cat([a, b], 1))", "torch.nn.functional.glu(a, 0)"],
  }),
  op({
    schema: "glu_backward(Tensor grad_output, Tensor self, int dim) -> Tensor",
    variants: "internal",
    node: "GluBackwardBackward0",
    pattern: "mix",
    forward: (k, gradOutput, self, dim) => {
      const [first, second] = halves(k, self, dim);
      const c = new Calc(k);
      const gate = c.sigmoid(second);
      const toGate = c.mul(c.mul(c.mul(c.sub(1, gate), gate), gradOutput), first);
      return whole(k, c.mul(gate, gradOutput), toGate, dim);
    },
    backward: {
      grad_output: "glu_double_backward_grad_output(grad, self, dim)",
      self: "glu_double_backward(grad, grad_output, self, dim)",
    },
    samples: [],
  }),
  composite({
    schema: "glu_double_backward_grad_output(Tensor grad, Tensor self, int dim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, self, dim) => {
      const [first, second] = pair(call, self, dim);
      const [toFirst, toSecond] = pair(call, grad, dim);
      const gate = call("sigmoid", second);
      const slope = call("mul", call("mul", gate, call("sub", 1, gate)), first);
      return call("add", call("mul", toFirst, gate), call("mul", toSecond, slope));
    },
    samples: [],
  }),
  composite({
    schema: "glu_double_backward(Tensor grad, Tensor grad_output, Tensor self, int dim) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, gradOutput, self, dim) => {
      const [first, second] = pair(call, self, dim);
      const [toFirst, toSecond] = pair(call, grad, dim);
      const gate = call("sigmoid", second);
      const slope = call("mul", gate, call("sub", 1, gate));
      const bend = call("mul", slope, call("sub", 1, call("mul", gate, 2)));
      const own = call("mul", call("mul", toSecond, gradOutput), slope);
      const crossed = call(
        "mul",
        gradOutput,
        call("add", call("mul", toFirst, slope), call("mul", call("mul", toSecond, first), bend)),
      );
      return call("cat", [own, crossed], dim);
    },
    samples: [],
  }),
  op({
    schema: "prelu(Tensor self, Tensor weight) -> Tensor",
    node: "PreluBackward0",
    pattern: "scale",
    forward: (k, self, weight) => {
      checkSlopes(self, weight);
      const c = floats(k, "prelu_cpu", self);
      return c.where(c.gt(self, 0), self, c.mul(slopes(k, self, weight), self));
    },
    backward: { "self, weight": "prelu_backward(grad, self, weight)" },
    samples: [
      "torch.prelu(a, v)",
      "torch.nn.functional.prelu(a, torch.tensor([0.25]))",
      "a.prelu(v[:1])",
      "torch.prelu(torch.stack([m, m * 2]), v)",
    ],
  }),
  op({
    schema:
      "prelu_backward(Tensor grad_output, Tensor self, Tensor weight) -> (Tensor result0, Tensor result1)",
    variants: "internal",
    node: "PreluBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, weight) => {
      const c = new Calc(k);
      const above = c.gt(self, 0);
      const toInput = c.where(above, gradOutput, c.mul(slopes(k, self, weight), gradOutput));
      const toWeights = toWeight(c, c.where(above, 0, c.mul(self, gradOutput)), weight);
      return [toInput, toWeights];
    },
    backward: {
      "grad_output, self, weight": "prelu_double_backward(grads, grad_output, self, weight)",
    },
    samples: [],
  }),
  composite({
    schema:
      "prelu_double_backward(Tensor?[] grads, Tensor grad_output, Tensor self, Tensor weight) -> (Tensor result0, Tensor result1, Tensor result2)",
    variants: "internal",
    compose: preluAgain,
    samples: [],
  }),
  composite({
    schema:
      "rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
    variants: "function",
    compose: (call, k, self, lower, upper, training, generator) =>
      call("rrelu_with_noise", self, emptyLike(k, self), lower, upper, training, generator),
    samples: [
      "torch.rrelu(a.detach() + 5)",
      "torch.manual_seed(3); torch.nn.functional.rrelu(a, 0.1, 0.3, training=True).sum()",
    ],
  }),
  composite({
    schema:
      "rrelu_(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
    variants: "function",
    compose: (call, k, self, lower, upper, training, generator) =>
      call("rrelu_with_noise_", self, emptyLike(k, self), lower, upper, training, generator),
    samples: ["torch.manual_seed(3); torch.nn.functional.rrelu(a * 1, training=True, inplace=True)"],
  }),
  op({
    schema:
      "rrelu_with_noise(Tensor self, Tensor noise, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
    variants: "nn",
    node: "RreluWithNoiseBackward0",
    pattern: "scale",
    forward: (k, self, noise, lower, upper, training, generator) =>
      rrelu(k, self, noise, lower.number, upper.number, training, generator),
    backward: { self: NOISE_BACKWARD },
    samples: ["torch.manual_seed(3); torch.rrelu(a, 0.1, 0.3, True)"],
  }),
  op({
    schema:
      "rrelu_with_noise_(Tensor self, Tensor noise, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
    variants: "nn",
    inplace: "only",
    node: "RreluWithNoiseBackward1",
    pattern: "scale",
    forward: (k, self, noise, lower, upper, training, generator) =>
      rrelu(k, self, noise, lower.number, upper.number, training, generator),
    backward: {
      self: "rrelu_with_noise_backward(grad, result, noise, lower, upper, training, true)",
    },
    samples: ["torch.manual_seed(3); torch.rrelu_(a * 1, 0.1, 0.3, True)"],
  }),
  op({
    schema:
      "rrelu_with_noise_backward(Tensor grad_output, Tensor self, Tensor noise, Scalar lower, Scalar upper, bool training, bool self_is_result) -> Tensor",
    variants: "internal",
    node: "RreluWithNoiseBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, noise, lower, upper, training) => {
      const c = new Calc(k);
      if (training && upper.number - lower.number > 1e-6) return c.mul(gradOutput, noise);
      return c.where(c.gt(self, 0), gradOutput, c.mul(gradOutput, (lower.number + upper.number) / 2));
    },
    backward: { grad_output: NOISE_BACKWARD, self: "zeros_like(grad)" },
    samples: [],
  }),
];

/** `value` where x lies outside ±by, else 0; NaN counts as outside. */
const outside = (c: Calc, x: Tensor, by: number, value: Tensor): Tensor =>
  c.where(c.ge(x, -by), c.where(c.le(x, by), 0, value), value);

function limited(k: Kernels, self: Tensor, threshold: number, value: number): Tensor {
  const c = new Calc(k);
  const below = c.le(self, threshold);
  const other = k.full([], value, self.dtype);
  return c.where(below, other, self);
}
