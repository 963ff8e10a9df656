/** Pooling over windows: the largest, the mean. */
import { ArgReduce, DType, Reduce } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { columns, covered, fromColumns, type Windows, windowCount } from "../windows.ts";

const pair = (list: readonly number[]): readonly number[] =>
  list.length === 1 ? [list[0] as number, list[0] as number] : list;

interface Pool {
  readonly w: Windows;
  /** [N, C, H, W], also of an image without a batch. */
  readonly x: Tensor;
  readonly count: readonly number[];
  /** The output's shape, in the input's number of dimensions. */
  readonly shape: readonly number[];
}

function pool(
  k: Kernels,
  self: Tensor,
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  ceil: boolean,
): Pool {
  const n = self.shape.length;
  if ((n !== 3 && n !== 4) || self.shape.slice(n - 3).includes(0))
    fail("non-empty 3D or 4D (batch mode) tensor expected for input");
  const size = pair(kernel);
  const w: Windows = {
    kernel: size,
    stride: stride.length === 0 ? size : pair(stride),
    padding: pair(padding),
    dilation: pair(dilation),
  };
  if (w.padding.some((p, i) => p > (size[i] as number) / 2))
    fail(
      `pad should be at most half of kernel size, but got pad=${Math.max(...w.padding)} and kernel_size=${Math.min(...size)}`,
    );
  const x = n === 4 ? self : k.reshaped(k.contiguous(self), [1, ...self.shape]);
  const count = [0, 1].map((i) => windowCount(x.shape[i + 2] as number, w, i, ceil));
  const [, c = 0, h = 0, wide = 0] = x.shape;
  if (count.some((size) => size < 1))
    fail(
      `Given input size: (${c}x${h}x${wide}). Calculated output size: (${c}x${count.join("x")}). Output size is too small`,
    );
  return { w, x, count, shape: [...self.shape.slice(0, n - 2), ...count] };
}

/** The largest of each window and where it lies in its image, counted row by row. */
function maxPool(k: Kernels, self: Tensor, p: Pool): readonly Tensor[] {
  const { w, x, count, shape } = p;
  const [n = 0, c = 0, , wide = 0] = x.shape;
  const [kh = 0, kw = 0] = w.kernel;
  const [oh = 0, ow = 0] = count;
  const low = self.dtype === DType.i64 ? -(2 ** 62) : Number.NEGATIVE_INFINITY;
  const col = k.reshaped(columns(k, x, w, count, low), [n, c, kh * kw, oh, ow]);
  const values = k.reduce(Reduce.max, col, [2], false);
  const which = k.core.read(k.argReduce(ArgReduce.max, col, 2, false)) as BigInt64Array;
  const places = k.empty(shape, DType.i64);
  const at = Array.from(which, (place, i) => {
    const [row, column] = [Math.floor(Number(place) / kw), Number(place) % kw];
    const [y, z] = [Math.floor(i / ow) % oh, i % ow];
    const down = y * (w.stride[0] as number) - (w.padding[0] as number) + row * (w.dilation[0] as number);
    const across =
      z * (w.stride[1] as number) - (w.padding[1] as number) + column * (w.dilation[1] as number);
    return BigInt(down * wide + across);
  });
  k.core.write(places, at);
  return [k.reshaped(values, shape), places];
}

/** Positions in the whole of a dense tensor of that shape, from those in each image. */
function everywhere(k: Kernels, indices: Tensor, shape: readonly number[]): Tensor {
  const area = (shape.at(-1) as number) * (shape.at(-2) as number);
  const each = (indices.shape.at(-1) as number) * (indices.shape.at(-2) as number);
  const list = Array.from(
    k.core.read(indices) as BigInt64Array,
    (place, i) => place + BigInt(Math.floor(i / each) * area),
  );
  const out = k.empty([list.length], DType.i64);
  k.core.write(out, list);
  return out;
}

export const POOLING: readonly OpRow[] = [
  composite({
    schema:
      "max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, ...rest) => call("max_pool2d_with_indices", self, ...rest)[0] as Tensor,
    samples: ["torch.max_pool2d(m[None], 2, 1)", "torch.max_pool2d(m[None, None], 2, ceil_mode=True)"],
  }),
  op({
    schema:
      "max_pool2d_with_indices(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> (Tensor result0, Tensor result1)",
    variants: "nn",
    node: "MaxPool2DWithIndicesBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, kernel, stride, padding, dilation, ceil) =>
      maxPool(k, self, pool(k, self, kernel, stride, padding, dilation, ceil)),
    backward: { self: "max_pool_backward(grad, self, result1)" },
    alsoSaves: ["kernel_size", "stride", "padding", "dilation", "ceil_mode"],
    samples: [
      "torch.nn.functional.max_pool2d(m[None], (2, 2), (1, 1), (1, 1), return_indices=True)[0]",
      "torch.nn.functional.max_pool2d(m[None], (2, 2), (1, 1), (1, 1), return_indices=True)[1]",
    ],
  }),
  op({
    schema: "max_pool_backward(Tensor grad_output, Tensor self, Tensor indices) -> Tensor",
    variants: "internal",
    node: "MaxPool2DWithIndicesBackwardBackward0",
    pattern: "route",
    forward: (k, gradOutput, self, indices) => {
      const out = k.full([self.numel], 0, gradOutput.dtype);
      const flat = k.reshaped(k.contiguous(gradOutput), [gradOutput.numel]);
      k.core.indexAdd(out, 0, everywhere(k, indices, self.shape), flat);
      return k.reshaped(out, self.shape);
    },
    backward: { grad_output: "max_pool_again(grad, indices)", self: "zeros_like(grad)" },
    samples: [],
  }),
  composite({
    schema: "max_pool_again(Tensor grad, Tensor indices) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, indices) => {
      const places = everywhere(k, indices, grad.shape);
      return call("reshape", call("index_select", call("reshape", grad, [-1]), 0, places), indices.shape);
    },
    samples: [],
  }),
  op({
    schema:
      "avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor",
    variants: "nn",
    node: "AvgPool2DBackward0",
    pattern: "mix",
    forward: (k, self, kernel, stride, padding, ceil, counts, divisor) => {
      const p = pool(k, self, kernel, stride, padding, [1], ceil);
      const c = new Calc(k);
      const sums = c.sum(columns(k, p.x, p.w, p.count), [2, 3]);
      const by = divisor ?? covered(k, p.x.shape.slice(2), p.w, p.count, counts, self);
      return k.reshaped(c.div(sums, by), p.shape);
    },
    backward: {
      self: "avg_pool2d_backward(grad, self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)",
    },
    samples: [
      "torch.nn.functional.avg_pool2d(m[None], 2, 1)",
      "torch.nn.functional.avg_pool2d(m[None, None], 2, padding=1, count_include_pad=False)",
    ],
  }),
  op({
    schema:
      "avg_pool2d_backward(Tensor grad_output, Tensor self, int[2] kernel_size, int[] stride, int[] padding, bool ceil_mode, bool count_include_pad, int? divisor_override) -> Tensor",
    variants: "internal",
    node: "AvgPool2DBackwardBackward0",
    pattern: "mix",
    forward: (k, grad, self, kernel, stride, padding, ceil, counts, divisor) => {
      const p = pool(k, self, kernel, stride, padding, [1], ceil);
      const [n = 0, channels = 0] = p.x.shape;
      const by = divisor ?? covered(k, p.x.shape.slice(2), p.w, p.count, counts, self);
      const share = new Calc(k).div(k.reshaped(k.contiguous(grad), [n, channels, ...p.count]), by);
      const col = k.empty([n, channels, ...p.w.kernel, ...p.count], grad.dtype);
      k.copyInto(col, k.reshaped(share, [n, channels, 1, 1, ...p.count]));
      return k.reshaped(fromColumns(k, col, p.x.shape, p.w), self.shape);
    },
    backward: {
      grad_output:
        "avg_pool2d(grad, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)",
      self: "zeros_like(grad)",
    },
    samples: [],
  }),
  composite({
    schema: "adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor",
    variants: "nn",
    compose: (call, _k, self, size) => adaptiveMean(call, self, pair(size)),
    exempt: { second: "made of means here" },
    samples: ["torch.nn.functional.adaptive_avg_pool2d(m[None], 1)"],
  }),
];

/** To one number per image by one mean, as PyTorch; otherwise by a mean of each part. */
function adaptiveMean(call: Call, self: Tensor, size: readonly number[]): Tensor {
  if (size.every((n) => n === 1)) return call("mean.dim", self, [-1, -2], true);
  const along = (t: Tensor, dim: number, parts: number): Tensor => {
    const length = t.shape[normalDim(dim, t.shape.length)] as number;
    if (parts === length) return t;
    const means = Array.from({ length: parts }, (_, i) => {
      const start = Math.floor((i * length) / parts);
      const end = Math.ceil(((i + 1) * length) / parts);
      return call("mean.dim", call("slice", t, dim, start, end), [dim], true);
    });
    return call("cat", means, dim);
  };
  return along(along(self, -2, size[0] as number), -1, size[1] as number);
}
