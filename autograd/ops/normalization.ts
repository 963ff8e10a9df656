/** Normalizations: over the last dimensions (layer), over the batch, over groups of channels. */
import { DType, Norm } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, sameShape, showShape } from "../kernels.ts";
import {
  batchNormGradient,
  channelScale,
  channelStats,
  hasKernel,
  layerNorm,
  layerNormGradient,
} from "../normalize.ts";
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
export const batchAxes = (x: Tensor): number[] => x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
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
  if (!training && (runningMean === null || runningVar === null))
    fail(`running_${runningMean === null ? "mean" : "var"} must be defined in evaluation mode`);
  for (const [name, t] of [
    ["running_mean", runningMean],
    ["running_var", runningVar],
    ["weight", weight],
    ["bias", bias],
  ] as const)
    if (t !== null && t.numel !== channels)
      fail(`${name} should contain ${channels} elements not ${t.numel}`);
  if (!isFloat(input.dtype)) fail(`"batch_norm" not implemented for '${dtypeRow(input.dtype).scalarType}'`);
  if (hasKernel(input, weight, bias, runningMean, runningVar)) {
    const [mean, invstd] = training
      ? batchStats(k, input, runningMean, runningVar, momentum, eps)
      : [runningMean as Tensor, inverse(new Calc(k), runningVar as Tensor, eps)];
    const c = new Calc(k);
    const alpha = weight === null ? invstd : c.mul(invstd, weight);
    const beta = k.mulAdd(c.neg(mean), alpha, bias ?? k.full([channels], 0, input.dtype));
    const nothing = k.empty([0], input.dtype);
    return [channelScale(k, input, alpha, beta), training ? mean : nothing, training ? invstd : nothing];
  }
  const c = new Calc(k);
  const shape = channelShape(input);
  const wide = (t: Tensor | null): Tensor | null => (t === null ? null : k.reshaped(k.contiguous(t), shape));
  if (!training) {
    const invstd = inverse(c, wide(runningVar) as Tensor, eps);
    const value = c.mul(c.sub(input, wide(runningMean) as Tensor), invstd);
    const nothing = k.empty([0], input.dtype);
    return [scaled(c, value, wide(weight), wide(bias)), nothing, nothing];
  }
  const { value, mean, variance, invstd } = normalized(k, input, batchAxes(input), eps);
  const n = input.numel / channels;
  const flat = (t: Tensor): Tensor => k.reshaped(t, [channels]);
  remember(k, runningMean, flat(mean), momentum);
  remember(k, runningVar, flat(c.mul(variance, n / (n - 1))), momentum);
  return [scaled(c, value, wide(weight), wide(bias)), flat(mean), flat(invstd)];
}

/** 1 / √(variance + eps) */
const inverse = (c: Calc, variance: Tensor, eps: number): Tensor => c.rsqrt(c.add(variance, eps));

/** What was seen before, moved towards what is seen now. */
function remember(k: Kernels, running: Tensor | null, now: Tensor, momentum: number): void {
  if (running === null) return;
  const c = new Calc(k);
  const share = running.dtype === DType.f32 ? Math.fround(momentum) : momentum;
  const next = c.add(c.mul(now, share), k.cast(c.mul(running, 1 - share), now.dtype));
  running.willChange();
  k.copyInto(running, next);
}

/** Each channel's mean and 1 / √(variance + eps), from the batch. */
function batchStats(
  k: Kernels,
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  momentum: number,
  eps: number,
): [Tensor, Tensor] {
  const c = new Calc(k);
  const n = input.numel / (input.shape[1] as number);
  const [mean, squares] = channelStats(k, input);
  remember(k, runningMean, mean, momentum);
  // The unbiased variance goes in as a double.
  remember(k, runningVar, k.cast(c.div(squares, n - 1), DType.f64), momentum);
  return [mean, doubleInverse(k, c.div(squares, n), eps, input.dtype)];
}

/** 1 / √(variance + eps) worked out in double. */
function doubleInverse(k: Kernels, variance: Tensor, eps: number, dtype: DType): Tensor {
  const c = new Calc(k);
  return k.cast(c.div(1, c.sqrt(c.add(k.cast(variance, DType.f64), eps))), dtype);
}

/** Groups of channels of an input [N, C, …] as [N, groups, C / groups · rest]. */
const grouped = (x: Tensor, groups: number): number[] => [
  x.shape[0] as number,
  groups,
  x.numel / ((x.shape[0] as number) * groups || 1),
];

/** The normalized input, and mean and 1 / √(variance + eps) of each group, in PyTorch's order of operations. */
function groupNorm(
  k: Kernels,
  input: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  groups: number,
  eps: number,
): [Tensor, Tensor, Tensor] {
  const c = new Calc(k);
  const shape = grouped(input, groups);
  const [n, , size] = shape as [number, number, number];
  const x = k.reshaped(k.contiguous(input), shape);
  const [mean, invstd] = moments(k, x, size, eps);
  const results = (out: Tensor): [Tensor, Tensor, Tensor] => [
    k.reshaped(out, input.shape),
    k.reshaped(mean, [n, groups]),
    k.reshaped(invstd, [n, groups]),
  ];
  if (weight === null && bias === null) return results(c.mul(c.sub(x, mean), invstd));
  const channels = (input.shape[1] as number) / groups;
  const each = (t: Tensor | null, otherwise: number): Tensor | number =>
    t === null ? otherwise : k.reshaped(k.contiguous(t), [groups, channels]);
  const scale = c.mul(invstd, each(weight, 1));
  const shift = c.sub(each(bias, 0), c.mul(scale, mean));
  const wide = [n, groups, channels, size / channels];
  const along = (t: Tensor): Tensor => {
    const full = k.empty(wide, t.dtype);
    k.copyInto(full, k.reshaped(t, [n, groups, t.shape[2] as number, 1]));
    return full;
  };
  return results(x.numel === 0 ? x : c.fma(k.reshaped(x, wide), along(scale), along(shift)));
}

/** Mean and 1 / √(variance + eps) of rows of that size. */
function moments(k: Kernels, x: Tensor, size: number, eps: number): [Tensor, Tensor] {
  if (hasKernel(x)) {
    const [, mean, invstd] = layerNorm(k, x, [size], null, null, eps);
    return [mean, invstd];
  }
  const { mean, invstd } = normalized(k, x, [2], eps);
  return [mean, invstd];
}

function checkGroups(input: Tensor, groups: number, weight: Tensor | null, bias: Tensor | null): void {
  const channels = input.shape[1] as number;
  if (groups <= 0) fail(`Expected num groups to be greater than 0, got ${groups}`);
  if (channels % groups !== 0)
    fail(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${showShape(input.shape)} and num_groups=${groups}`,
    );
  for (const [name, t] of [
    ["weight", weight],
    ["bias", bias],
  ] as const)
    if (t !== null && (t.shape.length !== 1 || t.numel !== channels))
      fail(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${showShape(t.shape)} and input of shape ${showShape(input.shape)}`,
      );
  if (!isFloat(input.dtype))
    fail(`"GroupNormKernelImpl" not implemented for '${dtypeRow(input.dtype).scalarType}'`);
}

/** Each sample by itself: as a batch norm over [1, N · C, …]. */
function instanceNorm(
  call: Call,
  input: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  useInput: boolean,
  momentum: number,
  eps: number,
): Tensor {
  if (!useInput && (runningMean === null || runningVar === null))
    fail("Expected running_mean and running_var to be defined when use_input_stats is false");
  const [n = 0, c = 0, ...rest] = input.shape;
  const repeated = (t: Tensor | null): Tensor | null => (t === null ? null : call("repeat", t, [n]));
  const [w, b] = [repeated(weight), repeated(bias)];
  const [mean, variance] = [repeated(runningMean), repeated(runningVar)];
  const flat = call("view", call("contiguous", input), [1, n * c, ...rest]);
  const out = call("batch_norm", flat, w, b, mean, variance, useInput, momentum, eps, true);
  for (const [kept, each] of [
    [runningMean, mean],
    [runningVar, variance],
  ])
    if (kept && each) call("copy_", call("alias", kept), call("mean.dim", call("view", each, [n, c]), [0]));
  return call("view", out, input.shape);
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
      "torch.layer_norm(torch.stack([a, b]).double(), (2, 3), p.double(), b.double())",
    ],
  }),
  op({
    schema:
      "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor result0, Tensor result1, Tensor result2)",
    rounds: "each",
    variants: "function",
    node: "NativeLayerNormBackward0",
    pattern: "mix",
    nonDifferentiable: [1, 2],
    forward: (k, input, shape, weight, bias, eps) => {
      checkLayer(input, shape, weight, bias);
      if (hasKernel(input, weight, bias)) return layerNorm(k, input, shape, weight, bias, eps);
      const { value, mean, invstd } = normalized(k, input, lastAxes(input, shape), eps);
      return [scaled(new Calc(k), value, weight, bias), mean, invstd];
    },
    backward: {
      input: "layer_norm_backward(grad, input, normalized_shape, weight, eps)",
      weight: "layer_norm_weight_backward(grad, input, normalized_shape, eps)",
      bias: "layer_norm_bias_backward(grad, normalized_shape)",
    },
    savedNames: { eps: "" },
    alsoSaves: ["input", "weight", "bias", "result1", "result2"],
    exempt: BY_COMPOSITION,
    samples: ["torch.native_layer_norm(a, (3,), v, None, 1e-5)[0]"],
  }),
  composite({
    schema:
      "layer_norm_backward(Tensor grad, Tensor input, int[] normalized_shape, Tensor? weight, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, shape, weight, eps) => {
      const own = weight === null ? grad : call("mul", grad, weight);
      return throughNormal(call, own, input, lastAxes(input, shape), eps);
    },
    fused: (k, grad, input, shape, weight, eps) =>
      hasKernel(input, grad, weight)
        ? layerNormGradient(k, Norm.layerInput, grad, input, shape, weight, eps)
        : null,
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
    fused: (k, grad, input, shape, eps) =>
      hasKernel(input, grad) ? layerNormGradient(k, Norm.layerWeight, grad, input, shape, null, eps) : null,
    samples: [],
  }),
  composite({
    schema: "layer_norm_bias_backward(Tensor grad, int[] normalized_shape) -> Tensor",
    variants: "internal",
    means: "sum_to_size(grad, normalized_shape)",
    compose: (call, _k, grad, shape) => call("sum_to_size", grad, shape),
    fused: (k, grad, shape) =>
      hasKernel(grad) ? layerNormGradient(k, Norm.layerBias, grad, grad, shape, null, 0) : null,
    samples: [],
  }),
  composite({
    schema:
      "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True) -> Tensor",
    variants: "function",
    compose: (call, _k, input, groups, weight, bias, eps) => {
      checkGroups(input, groups, weight, bias);
      const [n = 0, c = 0, ...rest] = input.shape;
      const area = rest.reduce((a, b) => a * b, 1);
      const x = call("contiguous", input);
      return call("native_group_norm", x, weight, bias, n, c, area, groups, eps)[0] as Tensor;
    },
    exempt: BY_COMPOSITION,
    samples: [
      "torch.nn.functional.group_norm(torch.stack([a, b]), 1)",
      "torch.nn.functional.group_norm(torch.stack([m, m * m])[None], 2, v[:2], p[0, :2])",
      "torch.group_norm(torch.stack([a, b]), 2, v[:2])",
    ],
  }),
  op({
    schema:
      "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int group, float eps) -> (Tensor result0, Tensor result1, Tensor result2)",
    variants: "function",
    node: "NativeGroupNormBackward0",
    pattern: "mix",
    forward: (k, input, weight, bias, _n, _c, _area, group, eps) =>
      groupNorm(k, input, weight, bias, group, eps),
    backward: {
      input: "group_norm_backward(grad, input, weight, group, eps)",
      weight: "group_norm_weight_backward(grad, input, group, eps)",
      bias: "batch_norm_bias_backward(grad)",
    },
    alsoSaves: ["input", "weight", "N", "C", "HxW", "result1", "result2"],
    exempt: BY_COMPOSITION,
    samples: ["torch.native_group_norm(torch.stack([a, b]), v[:2], None, 2, 2, 3, 1, 1e-5)[0]"],
  }),
  composite({
    schema: "group_norm_backward(Tensor grad, Tensor input, Tensor? weight, int group, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, weight, group, eps) => {
      const own = weight === null ? grad : call("mul", grad, call("view", weight, channelShape(input)));
      const shape = grouped(input, group);
      const flat = (t: Tensor): Tensor => call("reshape", t, shape);
      return call("reshape", throughNormal(call, flat(own), flat(input), [2], eps), input.shape);
    },
    samples: [],
  }),
  composite({
    schema: "group_norm_weight_backward(Tensor grad, Tensor input, int group, float eps) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, input, group, eps) => {
      const [value] = normalizedByOps(call, call("reshape", input, grouped(input, group)), [2], eps);
      const product = call("mul", grad, call("reshape", value, input.shape));
      return call("batch_norm_bias_backward", product);
    },
    samples: [],
  }),
  composite({
    schema:
      "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor",
    variants: "function",
    compose: (call, _k, input, weight, bias, mean, variance, use, momentum, eps) =>
      instanceNorm(call, input, weight, bias, mean, variance, use, momentum, eps),
    exempt: BY_COMPOSITION,
    samples: [
      "torch.nn.functional.instance_norm(torch.stack([a, b]), eps=0.3)",
      "torch.nn.functional.instance_norm(torch.stack([a, b]), weight=v[:2], bias=p[0, :2], eps=0.3)",
      "x = torch.zeros(2); y = torch.ones(2); torch.nn.functional.instance_norm(torch.stack([a, b]), x, y); [x, y]",
    ],
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
    variants: "function",
    node: "NativeBatchNormBackward0",
    refuses: { as: "native_batch_norm", inputs: ["running_mean", "running_var"] },
    pattern: "mix",
    nonDifferentiable: [1, 2],
    forward: batchNorm,
    backward: {
      input: "batch_norm_backward(grad, input, running_mean, running_var, weight, training, eps)",
      weight: "batch_norm_weight_backward(grad, input, running_mean, running_var, training, eps)",
      bias: "batch_norm_bias_backward(grad)",
    },
    alsoSaves: ["input", "weight", "result1", "result2"],
    exempt: BY_COMPOSITION,
    samples: ["torch.native_batch_norm(m, v.detach(), None, None, None, True, 0.1, 1e-5)[0]"],
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
    fused: (k, grad, input, _mean, runningVar, weight, training, eps) => {
      if (!hasKernel(input, grad, weight)) return null;
      if (!training) {
        const c = new Calc(k);
        const wide = (t: Tensor): Tensor => k.reshaped(k.contiguous(t), channelShape(input));
        const own = c.mul(grad, wide(doubleInverse(k, runningVar as Tensor, eps, input.dtype)));
        return weight === null ? own : c.mul(own, wide(weight));
      }
      const [mean, invstd] = batchStats(k, input, null, null, 0, eps);
      return batchNormGradient(k, Norm.batchInput, grad, input, weight, mean, invstd);
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
    fused: (k, grad, input, runningMean, runningVar, training, eps) => {
      if (!hasKernel(input, grad)) return null;
      const [mean, invstd] = training
        ? batchStats(k, input, null, null, 0, eps)
        : [runningMean as Tensor, doubleInverse(k, runningVar as Tensor, eps, input.dtype)];
      return batchNormGradient(k, Norm.batchWeight, grad, input, null, mean, invstd);
    },
    samples: [],
  }),
  composite({
    schema: "batch_norm_bias_backward(Tensor grad) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad) => call("sum.dim_IntList", grad, batchAxes(grad), false),
    fused: (k, grad) => {
      if (!hasKernel(grad)) return null;
      const mean = k.full([grad.shape[1] as number], 0, grad.dtype);
      return batchNormGradient(k, Norm.batchBias, grad, grad, null, mean, mean);
    },
    samples: [],
  }),
];
