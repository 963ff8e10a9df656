/** Normalizations: over the last dimensions (layer), over the batch, over groups of channels. */
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, sameShape, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

interface Normal {
  /** (x - mean) / √(variance + eps) */
  readonly value: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly invstd: Tensor;
}

/** Over `axes`, which are kept as 1; the variance is the biased one. */
function normalized(k: Kernels, x: Tensor, axes: readonly number[], eps: number): Normal {
  const c = new Calc(k);
  const n = axes.reduce((count, axis) => count * (x.shape[axis] as number), 1);
  const mean = c.div(c.sum(x, axes, true), n);
  const off = c.sub(x, mean);
  const variance = c.div(c.sum(c.mul(off, off), axes, true), n);
  const invstd = c.rsqrt(c.add(variance, eps));
  return { value: c.mul(off, invstd), mean, variance, invstd };
}

/** The same of ops, so that it can be differentiated again: the normalized input, and 1 / √(variance + eps). */
function normalizedByOps(call: Call, x: Tensor, axes: readonly number[], eps: number): [Tensor, Tensor] {
  const off = call("sub", x, call("mean.dim", x, axes, true));
  const variance = call("mean.dim", call("mul", off, off), axes, true);
  const invstd = call("rsqrt", call("add", variance, eps));
  return [call("mul", off, invstd), invstd];
}

/** The gradient of the input from that of the normalized value: what is common to all of them does not change it. */
function throughNormal(call: Call, grad: Tensor, x: Tensor, axes: readonly number[], eps: number): Tensor {
  const [value, invstd] = normalizedByOps(call, x, axes, eps);
  const level = call("mean.dim", grad, axes, true);
  const along = call("mul", value, call("mean.dim", call("mul", grad, value), axes, true));
  return call("mul", call("sub", call("sub", grad, level), along), invstd);
}

const scaled = (c: Calc, x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor => {
  const y = weight === null ? x : c.mul(x, weight);
  return bias === null ? y : c.add(y, bias);
};

const lastAxes = (x: Tensor, shape: readonly number[]): number[] =>
  shape.map((_, i) => x.shape.length - shape.length + i);
/** All dimensions but that of the channels. */
const batchAxes = (x: Tensor): number[] => x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
/** The shape under which one number per channel stands beside `x`. */
const channelShape = (x: Tensor): number[] => x.shape.map((size, i) => (i === 1 ? size : 1));

function checkLayer(
  input: Tensor,
  shape: readonly number[],
  weight: Tensor | null,
  bias: Tensor | null,
): void {
  if (shape.length === 0)
    fail(
      `Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []`,
    );
  for (const [name, t] of [
    ["weight", weight],
    ["bias", bias],
  ] as const)
    if (t !== null && !sameShape(t.shape, shape))
      fail(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${showShape(t.shape)} and normalized_shape = ${showShape(shape)}`,
      );
  const tail = input.shape.slice(Math.max(input.shape.length - shape.length, 0));
  if (!sameShape(tail, shape))
    fail(
      `Given normalized_shape=${showShape(shape)}, expected input with shape [*, ${shape.join(", ")}], but got input of size${showShape(input.shape)}`,
    );
  if (!isFloat(input.dtype))
    fail(`"LayerNormKernelImpl" not implemented for '${dtypeRow(input.dtype).scalarType}'`);
}

/** Mean and 1 / √(variance + eps) per channel of an input [N, C, …], from the batch or from what was seen before. */
function batchNorm(
  k: Kernels,
  input: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  training: boolean,
  momentum: number,
  eps: number,
): readonly Tensor[] {
  const channels = input.shape[1] as number;
  for (const [name, t] of [
    ["running_mean", runningMean],
    ["running_var", runningVar],
    ["weight", weight],
    ["bias", bias],
  ] as const)
    if (t !== null && t.numel !== channels)
      fail(`${name} should contain ${channels} elements not ${t.numel}`);
  if (!isFloat(input.dtype)) fail(`"batch_norm" not implemented for '${dtypeRow(input.dtype).scalarType}'`);
  const c = new Calc(k);
  const shape = channelShape(input);
  const wide = (t: Tensor | null): Tensor | null => (t === null ? null : k.reshaped(k.contiguous(t), shape));
  if (!training) {
    const invstd = c.rsqrt(c.add(wide(runningVar) as Tensor, eps));
    const value = c.mul(c.sub(input, wide(runningMean) as Tensor), invstd);
    const nothing = k.empty([0], input.dtype);
    return [scaled(c, value, wide(weight), wide(bias)), nothing, nothing];
  }
  const { value, mean, variance, invstd } = normalized(k, input, batchAxes(input), eps);
  const n = input.numel / channels;
  const remember = (running: Tensor | null, now: Tensor): void => {
    if (running === null) return;
    const next = c.add(c.mul(now, momentum), c.mul(running, 1 - momentum));
    running.willChange();
    k.copyInto(running, next);
  };
  const flat = (t: Tensor): Tensor => k.reshaped(t, [channels]);
  remember(runningMean, flat(mean));
  remember(runningVar, flat(c.mul(variance, n / (n - 1))));
  return [scaled(c, value, wide(weight), wide(bias)), flat(mean), flat(invstd)];
}

const BY_COMPOSITION = {
  second: "PyTorch has one node for all three gradients; here each is made of ops",
} as const;

export const NORMALIZATION: readonly OpRow[] = [
  composite({
    schema:
      "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor",
    variants: "function",
    compose: (call, _k, input, shape, weight, bias, eps) =>
      call("native_layer_norm", input, shape, weight, bias, eps)[0] as Tensor,
    exempt: BY_COMPOSITION,
    samples: [
      "torch.nn.functional.layer_norm(a, (3,), v, v * 2)",
      "torch.nn.functional.layer_norm(a, (3,))",
      "torch.layer_norm(torch.stack([a, b]), (2, 3), p, b)",
    ],
  }),
  op({
    schema:
      "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor result0, Tensor result1, Tensor result2)",
    variants: "internal",
    node: "NativeLayerNormBackward0",
    pattern: "mix",
    nonDifferentiable: [1, 2],
    forward: (k, input, shape, weight, bias, eps) => {
      checkLayer(input, shape, weight, bias);
      const { value, mean, invstd } = normalized(k, input, lastAxes(input, shape), eps);
      return [scaled(new Calc(k), value, weight, bias), mean, invstd];
    },
    backward: {
      input: "layer_norm_backward(grad, input, normalized_shape, weight, eps)",
      weight: "layer_norm_weight_backward(grad, input, normalized_shape, eps)",
      bias: "sum_to_size(grad, normalized_shape)",
    },
    savedNames: { eps: "" },
    alsoSaves: ["bias", "result1", "result2"],
    samples: [],
  }),
  composite({
    schema:
      "layer_norm_backward(Tensor grad, Tensor input, int[] normalized_shape, Tensor? weight, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, shape, weight, eps) => {
      const own = weight === null ? grad : call("mul", grad, weight);
      return throughNormal(call, own, input, lastAxes(input, shape), eps);
    },
    samples: [],
  }),
  composite({
    schema:
      "layer_norm_weight_backward(Tensor grad, Tensor input, int[] normalized_shape, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, shape, eps) => {
      const [value] = normalizedByOps(call, input, lastAxes(input, shape), eps);
      return call("sum_to_size", call("mul", grad, value), shape);
    },
    samples: [],
  }),
  composite({
    schema:
      "batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor",
    variants: "function",
    compose: (call, _k, input, weight, bias, mean, variance, training, momentum, eps) =>
      call("native_batch_norm", input, weight, bias, mean, variance, training, momentum, eps)[0] as Tensor,
    exempt: BY_COMPOSITION,
    samples: [
      "torch.nn.functional.batch_norm(m, None, None, v, v * 2, True)",
      "torch.nn.functional.batch_norm(m, torch.zeros(3), torch.ones(3), v, None, True)",
      "torch.nn.functional.batch_norm(a, torch.ones(3), torch.ones(3) * 2, v, v * 2)",
      "torch.nn.functional.batch_norm(torch.stack([a, b]), None, None, training=True)",
      "x = torch.zeros(3); y = torch.ones(3); torch.nn.functional.batch_norm(a, x, y, training=True); [x, y]",
    ],
  }),
  op({
    schema:
      "native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps) -> (Tensor result0, Tensor result1, Tensor result2)",
    variants: "internal",
    node: "NativeBatchNormBackward0",
    pattern: "mix",
    nonDifferentiable: [1, 2],
    forward: batchNorm,
    backward: {
      input: "batch_norm_backward(grad, input, running_mean, running_var, weight, training, eps)",
      weight: "batch_norm_weight_backward(grad, input, running_mean, running_var, training, eps)",
      bias: "batch_norm_bias_backward(grad)",
    },
    alsoSaves: ["result1", "result2"],
    samples: [],
  }),
  composite({
    schema:
      "batch_norm_backward(Tensor grad, Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight, bool training, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, _mean, runningVar, weight, training, eps) => {
      const shape = channelShape(input);
      const own = weight === null ? grad : call("mul", grad, call("reshape", weight, shape));
      if (training) return throughNormal(call, own, input, batchAxes(input), eps);
      const variance = call("reshape", runningVar, shape);
      return call("mul", own, call("rsqrt", call("add", variance, eps)));
    },
    samples: [],
  }),
  composite({
    schema:
      "batch_norm_weight_backward(Tensor grad, Tensor input, Tensor? running_mean, Tensor? running_var, bool training, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, runningMean, runningVar, training, eps) => {
      const shape = channelShape(input);
      let value: Tensor;
      if (training) [value] = normalizedByOps(call, input, batchAxes(input), eps);
      else {
        const off = call("sub", input, call("reshape", runningMean, shape));
        value = call("mul", off, call("rsqrt", call("add", call("reshape", runningVar, shape), eps)));
      }
      return call("sum.dim_IntList", call("mul", grad, value), batchAxes(input), false);
    },
    samples: [],
  }),
  composite({
    schema: "batch_norm_bias_backward(Tensor grad) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad) => call("sum.dim_IntList", grad, batchAxes(grad), false),
    samples: [],
  }),
];
