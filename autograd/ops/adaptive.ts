/** Pooling to a given size: adaptive means and maxima, fractional maxima, and the way back from positions. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, sameShape, showShape } from "../kernels.ts";
import { evenSpans, largest, means, meansBackward, numbers, type Span, type Spans } from "../pools.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { each, product } from "../windows.ts";
import { selectingBackward } from "./pooling.ts";

type Sizes = readonly number[];

/** PyTorch's checks of an adaptive pooling. */
function checkAdaptive(name: string, n: number, self: Tensor, size: Sizes, max: boolean): void {
  const dims = self.shape.length;
  const checkSize = (): void => {
    if (size.length !== n)
      fail(
        max
          ? `${name}(): internal error: output_size.size() must be ${n}`
          : `${name}: output_size must be ${n}`,
      );
  };
  if (!max) {
    checkSize();
    if (size.some((s) => s < 0))
      fail(
        `${name}: elements of output_size must be greater than or equal to 0 but received {${size.join(", ")}}`,
      );
  }
  if (dims !== n + 1 && dims !== n + 2)
    fail(
      `${name}(): Expected ${n + 1}D or ${n + 2}D tensor, but got${max ? ":" : ""} ${showShape(self.shape)}`,
    );
  const at = self.shape.findIndex((s, i) => i >= dims - n && s === 0);
  if (at >= 0)
    fail(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${showShape(self.shape)} with dimension ${at} being empty`,
    );
  if (max) checkSize();
  if (!isFloat(self.dtype)) fail(`"${name}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
}

const evenly = (shape: Sizes, count: Sizes): Spans =>
  count.map((parts, i) => evenSpans(shape[shape.length - count.length + i] as number, parts));

const MEANS: Readonly<Record<number, string>> = { 2: "_adaptive_avg_pool2d", 3: "_adaptive_avg_pool3d" };

/** An adaptive mean, a composite: to one element by a mean, otherwise by the op below. */
function adaptiveMean(call: Call, n: number, self: Tensor, size: Sizes): Tensor {
  const name = `adaptive_avg_pool${n}d`;
  const full = n === 2 && size.length === 1 ? each(size, n) : size;
  if (full.length === n && full.every((s) => s === 1) && self.shape.length > n) {
    if (!isFloat(self.dtype)) fail(`"${name}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
    const axes = Array.from({ length: n }, (_, i) => -1 - i);
    return call("mean.dim", self, axes, true);
  }
  return call(MEANS[n] as string, self, full);
}

/** In one dimension: an image of height 1. */
function inLine(self: Tensor, name: string, size: Sizes): void {
  const dims = self.shape.length;
  if (dims < 2 || dims > 3)
    fail(
      `Expected 2 to 3 dimensions, but got ${dims}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`,
    );
  if (size.length !== 1) fail(`${name}() argument 'output_size' should contain one int (got ${size.length})`);
}

function adaptiveMax(k: Kernels, n: number, self: Tensor, size: Sizes): readonly Tensor[] {
  checkAdaptive(`adaptive_max_pool${n}d`, n, self, size, true);
  const spans = evenly(self.shape, size);
  return largest(k, self, size, () => spans);
}

/** Windows at distances drawn once for each image. */
function fractional(
  k: Kernels,
  n: number,
  self: Tensor,
  kernel: Sizes,
  size: Sizes,
  samples: Tensor,
): readonly Tensor[] {
  const name = `fractional_max_pool${n}d`;
  const axes = ["time", "height", "width"].slice(-n);
  const window = each(kernel, n);
  const count = each(size, n);
  const dims = self.shape.length;
  if (dims !== n + 1 && dims !== n + 2)
    fail(`${name}(): Expected ${n + 1}D or ${n + 2}D tensor, but got: ${showShape(self.shape)}`);
  const image = self.shape.slice(-n);
  const order = n === 2 ? [1, 0] : [0, 1, 2];
  for (const i of [...axes.keys()])
    if ((count[i] as number) + (window[i] as number) - 1 >= (image[i] as number))
      fail(`${name}(): pool ${axes[i]} ${window[i]} too large relative to input ${axes[i]} ${image[i]}`);
  if (!isFloat(self.dtype))
    fail(`"${name}_out_frame" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  const drawn = numbers(k, samples);
  const round = self.dtype === DType.f32 ? Math.fround : Number;
  return largest(k, self, count, (at) =>
    count.map((parts, i) => {
      // Of an image's numbers the first is for the width, where there are two dimensions.
      const sample = drawn[at * n + (order[i] as number)] as number;
      const [length, width] = [image[i] as number, window[i] as number];
      const alpha = round((length - width) / (parts - 1));
      return Array.from({ length: parts }, (_, o): Span => {
        const moved = Math.trunc(round(round(o + sample) * alpha)) - Math.trunc(round(sample * alpha));
        const start = o === parts - 1 ? length - width : moved;
        return { start, end: start + width, step: 1 };
      });
    }),
  );
}

function unpool(k: Kernels, n: number, self: Tensor, indices: Tensor, size: Sizes): Tensor {
  const dims = self.shape.length;
  if (indices.dtype !== DType.i64)
    fail(`elements in indices should be type int64 but got: ${dtypeRow(indices.dtype).scalarType}`);
  if (size.length !== n)
    fail(
      `There should be exactly ${["", "one element", "two elements", "three elements"][n]} ${n === 2 ? "(height, width)" : "(depth, height, width)"} in output_size, but got ${size.length} elements.`,
    );
  if (dims !== n + 1 && dims !== n + 2)
    fail(
      `Input to max_unpooling${n}d should be a ${n + 1}d or ${n + 2}d Tensor, but got a tensor with ${dims} dimensions.`,
    );
  if (!sameShape(self.shape, indices.shape))
    fail(
      n === 2
        ? `Expected shape of indices to be same as that of the input tensor (${showShape(self.shape)}) but got indices tensor with shape: ${showShape(indices.shape)}`
        : "Input shape must match indices shape",
    );
  const area = product(size);
  for (const place of k.core.read(indices) as BigInt64Array)
    if (place < 0n || place >= BigInt(area))
      fail(`Found an invalid max index: ${place} (output volumes are of size ${size.join("x")}`);
  const shape = [...self.shape.slice(0, -n), ...size];
  const out = new Float64Array(product(shape));
  const perImage = product(self.shape.slice(-n));
  const places = k.core.read(indices) as BigInt64Array;
  for (const [i, value] of numbers(k, self).entries())
    out[Math.floor(i / perImage) * area + Number(places[i])] = value;
  const made = k.empty(shape, self.dtype);
  if (made.numel > 0) k.core.write(made, out);
  return made;
}

function meanRows(n: 2 | 3): OpRow[] {
  type Forward = "f(Tensor self, int[2] output_size) -> Tensor";
  type Backward = "f(Tensor grad_output, Tensor self) -> Tensor";
  const name = `adaptive_avg_pool${n}d`;
  return [
    op({
      schema: `_${name}(Tensor self, int[${n}] output_size) -> Tensor` as Forward,
      variants: "internal",
      node: `AdaptiveAvgPool${n}DBackward0`,
      pattern: "mix",
      forward: (k, self, size) => {
        checkAdaptive(name, n, self, size, false);
        return means(k, self, size, evenly(self.shape, size));
      },
      backward: { self: `_${name}_backward(grad, self)` },
      samples: [],
    }),
    op({
      schema: `_${name}_backward(Tensor grad_output, Tensor self) -> Tensor` as Backward,
      variants: "internal",
      node: `AdaptiveAvgPool${n}DBackwardBackward0`,
      pattern: "mix",
      forward: (k, grad, self) =>
        meansBackward(k, grad, self.shape, n, evenly(self.shape, grad.shape.slice(-n))),
      backward: { grad_output: `_${name}_like(grad, grad_output)`, self: "zeros_like(grad)" },
      samples: [],
    }),
    composite({
      schema: `_${name}_like(Tensor grad_output, Tensor self) -> Tensor` as Backward,
      variants: "internal",
      compose: (call, _k, grad, like) => call(MEANS[n] as string, grad, like.shape.slice(-n)),
      samples: [],
    }),
  ];
}

export const ADAPTIVE: readonly OpRow[] = [
  composite({
    schema: "adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor",
    variants: "function",
    compose: (call, _k, self, size) => {
      inLine(self, "adaptive_avg_pool1d", size);
      const wide = call("unsqueeze", self, -2);
      return call("squeeze.dim", adaptiveMean(call, 2, wide, [1, size[0] as number]), -2);
    },
    samples: [
      "torch.adaptive_avg_pool1d(a, 2)",
      "torch.nn.functional.adaptive_avg_pool1d(m[None], 1)",
      "torch.adaptive_avg_pool1d(a, 5)",
    ],
  }),
  composite({
    schema: "adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor",
    variants: "nn",
    compose: (call, _k, self, size) => adaptiveMean(call, 2, self, size),
    samples: [
      "torch.nn.functional.adaptive_avg_pool2d(m[None], 1)",
      "torch.nn.functional.adaptive_avg_pool2d(m[None], 2)",
      "torch.nn.functional.adaptive_avg_pool2d(m[None, None], (2, None))",
      "torch.nn.functional.adaptive_avg_pool2d(a[None], (1, 5))",
    ],
  }),
  composite({
    schema: "adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor",
    variants: "nn",
    compose: (call, _k, self, size) => adaptiveMean(call, 3, self, size),
    samples: [
      "torch.nn.functional.adaptive_avg_pool3d(torch.stack([m, m * m])[None], (1, 2, 2))",
      "torch.nn.functional.adaptive_avg_pool3d(torch.stack([m, m * m])[None], 1)",
    ],
  }),
  ...meanRows(2),
  ...meanRows(3),
  composite({
    schema: "adaptive_max_pool1d(Tensor self, int[1] output_size) -> (Tensor result0, Tensor result1)",
    variants: "function",
    compose: (call, _k, self, size) => {
      inLine(self, "adaptive_max_pool1d", size);
      const wide = call("unsqueeze", self, -2);
      return call("adaptive_max_pool2d", wide, [1, size[0]]).map((t) => call("squeeze.dim", t, -2));
    },
    samples: ["list(torch.adaptive_max_pool1d(a, 2))", "torch.nn.functional.adaptive_max_pool1d(m[None], 1)"],
  }),
  op({
    schema: "adaptive_max_pool2d(Tensor self, int[2] output_size) -> (Tensor result0, Tensor result1)",
    variants: "nn",
    node: "AdaptiveMaxPool2DBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, size) => adaptiveMax(k, 2, self, size),
    backward: { self: "adaptive_max_pool2d_backward(grad, self, result1)" },
    samples: [
      "list(torch.nn.functional.adaptive_max_pool2d(m[None], 2, return_indices=True))",
      "torch.nn.functional.adaptive_max_pool2d(m[None, None], (1, None))",
    ],
  }),
  selectingBackward("adaptive_max_pool2d_backward", "AdaptiveMaxPool2DBackwardBackward0", 2),
  op({
    schema: "adaptive_max_pool3d(Tensor self, int[3] output_size) -> (Tensor result0, Tensor result1)",
    variants: "nn",
    node: "AdaptiveMaxPool3DBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, size) => adaptiveMax(k, 3, self, size),
    backward: { self: "adaptive_max_pool3d_backward(grad, self, result1)" },
    samples: ["list(torch.nn.functional.adaptive_max_pool3d(torch.stack([m, m * m])[None], 2, True))"],
  }),
  selectingBackward("adaptive_max_pool3d_backward", "AdaptiveMaxPool3DBackwardBackward0", 3),
  op({
    schema:
      "fractional_max_pool2d(Tensor self, int[2] kernel_size, int[2] output_size, Tensor random_samples) -> (Tensor result0, Tensor result1)",
    variants: "nn",
    node: "FractionalMaxPool2DBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, kernel, size, samples) => fractional(k, 2, self, kernel, size, samples),
    backward: { self: "fractional_max_pool2d_backward(grad, self, result1)" },
    alsoSaves: ["kernel_size", "output_size"],
    samples: [
      "torch.manual_seed(3); list(torch.nn.functional.fractional_max_pool2d((m[:, None] * m).view(1, 3, 9)[..., None] * m.view(9), 2, 4, return_indices=True))",
      "torch.manual_seed(3); torch.nn.functional.fractional_max_pool2d((m[:, None] * m), 1, output_ratio=0.7)",
    ],
  }),
  selectingBackward("fractional_max_pool2d_backward", "FractionalMaxPool2DBackwardBackward0", 2),
  op({
    schema:
      "fractional_max_pool3d(Tensor self, int[3] kernel_size, int[3] output_size, Tensor random_samples) -> (Tensor result0, Tensor result1)",
    variants: "nn",
    node: "FractionalMaxPool3DBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, kernel, size, samples) => fractional(k, 3, self, kernel, size, samples),
    backward: { self: "fractional_max_pool3d_backward(grad, self, result1)" },
    alsoSaves: ["kernel_size", "output_size"],
    samples: [
      "torch.manual_seed(3); torch.nn.functional.fractional_max_pool3d((m[:, None] * m)[None], 1, 2)",
    ],
  }),
  selectingBackward("fractional_max_pool3d_backward", "FractionalMaxPool3DBackwardBackward0", 3),
  op({
    schema: "max_unpool2d(Tensor self, Tensor indices, int[2] output_size) -> Tensor",
    variants: "nn",
    node: "MaxUnpool2DBackward0",
    pattern: "move",
    forward: (k, self, indices, size) => unpool(k, 2, self, indices, size),
    backward: { self: "max_pool_double_backward(grad, indices, 2)" },
    samples: [
      "torch.nn.functional.max_unpool2d(a[None], torch.tensor([[[0, 3, 5], [12, 14, 20]]]), 2)",
      "torch.nn.functional.max_unpool1d(a[None], torch.tensor([[[0, 3, 5], [1, 2, 4]]]), 2)",
    ],
  }),
  op({
    schema:
      "max_unpool3d(Tensor self, Tensor indices, int[3] output_size, int[3] stride, int[3] padding) -> Tensor",
    variants: "nn",
    node: "MaxUnpool3DBackward0",
    pattern: "move",
    forward: (k, self, indices, size) => unpool(k, 3, self, indices, size),
    backward: { self: "max_pool_double_backward(grad, indices, 3)" },
    samples: [
      "torch.nn.functional.max_unpool3d(a[None, None], torch.tensor([[[[0, 3, 5], [12, 14, 20]]]]), 2)",
    ],
  }),
];
