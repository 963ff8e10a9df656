/** Layer and batch norm by the core's kernels, which follow PyTorch's order of operations; float32 and float64. */
import { DType, Norm } from "../assembly/shared/codes.ts";
import type { Kernels } from "./kernels.ts";
import type { Tensor } from "./tensor.ts";

/** Are there kernels for these operands? Else the caller composes. */
export function hasKernel(input: Tensor, ...others: readonly (Tensor | null)[]): boolean {
  const known = input.dtype === DType.f32 || input.dtype === DType.f64;
  return known && input.numel > 0 && others.every((t) => t === null || t.dtype === input.dtype);
}

interface Operands {
  readonly out: Tensor;
  readonly input: Tensor;
  readonly grad?: Tensor;
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  readonly mean: Tensor;
  readonly invstd: Tensor;
}

function run(k: Kernels, op: Norm, sizes: readonly number[], eps: number, operands: Operands): void {
  const { out, input, grad, weight, bias, mean, invstd } = operands;
  const at = (t: Tensor | null | undefined): number => (t ? k.contiguous(t).ptr : 0);
  const [first = 0, second = 0, third = 0] = sizes;
  const ptrs = [at(input), at(grad), at(weight), at(bias), at(mean), at(invstd)] as const;
  k.core.dense.norm(op, out.dtype, first, second, third, eps, out.ptr, ...ptrs);
}

/** Rows and their size, for a norm over dimensions of so many elements. */
function rowsOf(input: Tensor, shape: readonly number[]): [number, number, number] {
  const size = shape.reduce((n, each) => n * each, 1);
  return [input.numel / size, 0, size];
}

/** The normalized input, scaled, and of each row the mean and 1 / √(variance + eps). */
export function layerNorm(
  k: Kernels,
  input: Tensor,
  shape: readonly number[],
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): readonly [Tensor, Tensor, Tensor] {
  const lead = input.shape.length - shape.length;
  const each = input.shape.map((size, i) => (i < lead ? size : 1));
  const [out, mean, invstd] = [input.shape, each, each].map((s) => k.empty(s, input.dtype)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  run(k, Norm.layer, rowsOf(input, shape), eps, { out, input, weight, bias, mean, invstd });
  return [out, mean, invstd];
}

/** The gradient of a layer norm's input, weight or bias. */
export function layerNormGradient(
  k: Kernels,
  op: Norm.layerInput | Norm.layerWeight | Norm.layerBias,
  grad: Tensor,
  input: Tensor,
  shape: readonly number[],
  weight: Tensor | null,
  eps: number,
): Tensor {
  const out = op === Norm.layerInput ? k.empty(input.shape, input.dtype) : k.full(shape, 0, input.dtype);
  const [mean, invstd] = [k.empty([1], input.dtype), k.empty([1], input.dtype)];
  run(k, op, rowsOf(input, shape), eps, { out, input, grad, weight, mean, invstd });
  return out;
}

/** Of an input [N, C, …] in bytes of its kernels: batch, channels, area. */
function batchOf(input: Tensor): [number, number, number] {
  const [n = 0, channels = 0] = input.shape;
  return [n, channels, input.numel / (n * channels)];
}

/** Each channel's mean, and the sum of the squares of what is off it. */
export function channelStats(k: Kernels, input: Tensor): [Tensor, Tensor] {
  const channels = input.shape[1] as number;
  const [mean, squares] = [k.empty([channels], input.dtype), k.empty([channels], input.dtype)];
  run(k, Norm.batchStats, batchOf(input), 0, { out: mean, input, mean, invstd: squares });
  return [mean, squares];
}

/** out = input · alpha + beta by channel. */
export function channelScale(k: Kernels, input: Tensor, alpha: Tensor, beta: Tensor): Tensor {
  const out = k.empty(input.shape, input.dtype);
  run(k, Norm.batch, batchOf(input), 0, { out, input, weight: alpha, bias: beta, mean: alpha, invstd: beta });
  return out;
}

/** The gradient of a batch norm's input, weight or bias, in training. */
export function batchNormGradient(
  k: Kernels,
  op: Norm.batchInput | Norm.batchWeight | Norm.batchBias,
  grad: Tensor,
  input: Tensor,
  weight: Tensor | null,
  mean: Tensor,
  invstd: Tensor,
): Tensor {
  const [n, channels, area] = batchOf(input);
  const shape = op === Norm.batchInput ? input.shape : [channels];
  const count = shape.reduce((product, size) => product * size, 1);
  // The kernel wants room for one more area.
  const out = k.empty([count + area], input.dtype);
  run(k, op, [n, channels, area], 0, { out, input, grad, weight, mean, invstd });
  return k.reshaped(out, shape);
}
