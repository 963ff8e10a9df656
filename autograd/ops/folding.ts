/** Images taken apart into blocks and put together again: unfold, fold, pixels to channels and back. */
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, showShape } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { columns, each, fromColumns, product, type Windows, windowCount } from "../windows.ts";

type Sizes = readonly number[];

const shown = (list: Sizes): string => `(${list.join(", ")})`;

function windows(kernel: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes): Windows {
  for (const [name, list] of Object.entries({ kernel_size: kernel, dilation, padding, stride }))
    if (list.length !== 1 && list.length !== 2)
      fail(`It is expected ${name} equals to 2, but got size ${list.length}`);
  const w = {
    kernel: each(kernel, 2),
    dilation: each(dilation, 2),
    padding: each(padding, 2),
    stride: each(stride, 2),
  };
  const both = (name: string, [h, v]: Sizes): string => `${name}_height: ${h} ${name}_width: ${v}`;
  if (w.kernel.some((n) => n <= 0))
    fail(`kernel size should be greater than zero, but got ${both("kernel", w.kernel)}`);
  if (w.dilation.some((n) => n <= 0))
    fail(`dilation should be greater than zero, but got ${both("dilation", w.dilation)}`);
  if (w.padding.some((n) => n < 0)) fail(`padding should be non-negative, but got ${both("pad", w.padding)}`);
  if (w.stride.some((n) => n <= 0))
    fail(`stride should be greater than zero, but got ${both("stride", w.stride)}`);
  return w;
}

function floats(name: string, self: Tensor): void {
  if (!isFloat(self.dtype)) fail(`"${name}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
}

function unfold(k: Kernels, self: Tensor, w: Windows): Tensor {
  const dims = self.shape.length;
  // PyTorch looks at these sizes first.
  for (const axis of [1, 2]) normalDim(axis, dims);
  if ((dims !== 3 && dims !== 4) || self.shape.slice(-3).includes(0))
    fail(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(self.shape)}`,
    );
  floats("im2col_out_cpu", self);
  const x = dims === 4 ? self : k.reshaped(k.contiguous(self), [1, ...self.shape]);
  const [n = 0, c = 0, ...size] = x.shape;
  const count = size.map((s, i) => windowCount(s, w, i));
  if (count.some((s) => s < 1))
    fail(
      `Given input with spatial size ${shown(size)}, kernel_size=${shown(w.kernel)}, dilation=${shown(w.dilation)}, padding=${shown(w.padding)}, calculated shape of the array of sliding blocks as ${shown(count)}, but its components must be at least one.`,
    );
  const rows = [c * product(w.kernel), product(count)];
  const out = n === 0 ? k.empty([0, ...rows], x.dtype) : columns(k, x, w, count);
  return k.reshaped(out, dims === 4 ? [n, ...rows] : rows);
}

function fold(k: Kernels, self: Tensor, outputSize: Sizes, w: Windows): Tensor {
  const dims = self.shape.length;
  if (outputSize.length !== 1 && outputSize.length !== 2)
    fail(`It is expected output_size equals to 2, but got size ${outputSize.length}`);
  const size = each(outputSize, 2);
  if ((dims !== 2 && dims !== 3) || self.shape.slice(-2).includes(0))
    fail(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${showShape(self.shape)}`,
    );
  const [rows = 0, blocks = 0] = self.shape.slice(-2);
  const batched = dims === 3;
  if (rows % product(w.kernel) !== 0)
    fail(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=${shown(w.kernel)}.`,
    );
  const count = size.map((s, i) => windowCount(s, w, i));
  const setting = `Given output_size=${shown(size)}, kernel_size=${shown(w.kernel)}, dilation=${shown(w.dilation)}, padding=${shown(w.padding)}, stride=${shown(w.stride)}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${count[0]} * ${count[1]} = ${product(count)}`;
  if (product(count) !== blocks) fail(`${setting}, but got input.size(2)=${blocks}.`);
  if (count.some((s) => s < 1)) fail(`${setting}, which is too small (non-positive).`);
  floats("col2im_out_cpu", self);
  const n = batched ? (self.shape[0] as number) : 1;
  const c = rows / product(w.kernel);
  const col = k.reshaped(k.contiguous(self), [n, c, ...w.kernel, ...count]);
  const out = fromColumns(k, col, [n, c, ...size], w);
  return batched ? out : k.reshaped(out, [c, ...size]);
}

/** Dimensions split up and moved: a clone under a new shape. */
function rearranged(k: Kernels, self: Tensor, split: Sizes, order: Sizes, shape: Sizes): Tensor {
  const dense = k.reshaped(k.contiguous(self), split);
  const turned = k.view(
    dense,
    order.map((d) => split[d] as number),
    order.map((d) => dense.strides[d] as number),
  );
  return k.reshaped(k.clone(turned), shape);
}

function pixelShuffle(k: Kernels, self: Tensor, factor: number): Tensor {
  const dims = self.shape.length;
  if (dims < 3)
    fail(
      `pixel_shuffle expects input to have at least 3 dimensions, but got input with ${dims} dimension(s)`,
    );
  if (factor <= 0) fail(`pixel_shuffle expects a positive upscale_factor, but got ${factor}`);
  const [c = 0, h = 0, w = 0] = self.shape.slice(-3);
  const batch = self.shape.slice(0, -3);
  const square = factor * factor;
  if (c % square !== 0)
    fail(
      `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${c} is not divisible by ${square}`,
    );
  const n = product(batch);
  const shape = [...batch, c / square, h * factor, w * factor];
  return rearranged(k, self, [n, c / square, factor, factor, h, w], [0, 1, 4, 2, 5, 3], shape);
}

function pixelUnshuffle(k: Kernels, self: Tensor, factor: number): Tensor {
  const dims = self.shape.length;
  if (dims < 3)
    fail(
      `pixel_unshuffle expects input to have at least 3 dimensions, but got input with ${dims} dimension(s)`,
    );
  if (factor <= 0) fail(`pixel_unshuffle expects a positive downscale_factor, but got ${factor}`);
  const [c = 0, h = 0, w = 0] = self.shape.slice(-3);
  for (const [axis, size, at] of [
    ["height", h, -2],
    ["width", w, -1],
  ] as const)
    if (size % factor !== 0)
      fail(
        `pixel_unshuffle expects ${axis} to be divisible by downscale_factor, but input.size(${at})=${size} is not divisible by ${factor}`,
      );
  const batch = self.shape.slice(0, -3);
  const [down, across] = [h / factor, w / factor];
  const split = [product(batch), c, down, factor, across, factor];
  return rearranged(k, self, split, [0, 1, 3, 5, 2, 4], [...batch, c * factor * factor, down, across]);
}

function channelShuffle(k: Kernels, self: Tensor, groups: number): Tensor {
  const { shape } = self;
  if (shape.length <= 2)
    fail(`channel_shuffle expects input with > 2 dims, but got input with sizes ${showShape(shape)}`);
  if (groups <= 0) fail(`Number of groups to divide channels in must be positive. Value of groups:${groups}`);
  const [n = 0, c = 0, ...size] = shape;
  if (c % groups !== 0)
    fail(`Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`);
  return rearranged(k, self, [n, groups, c / groups, product(size)], [0, 2, 1, 3], shape);
}

export const FOLDING: readonly OpRow[] = [
  op({
    schema:
      "im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
    variants: "nn",
    node: "Im2ColBackward0",
    pattern: "move",
    forward: (k, self, kernel, dilation, padding, stride) =>
      unfold(k, self, windows(kernel, dilation, padding, stride)),
    backward: { self: "im2col_backward(grad, self, kernel_size, dilation, padding, stride)" },
    samples: [
      "torch.nn.functional.unfold(m[None, None], 2)",
      "torch.nn.functional.unfold(torch.stack([a, b])[None], (2, 1), padding=1, stride=2)",
      "torch.nn.functional.unfold(m[None], 2, dilation=2)",
    ],
  }),
  composite({
    schema:
      "im2col_backward(Tensor grad_output, Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, self, ...rest) => call("col2im", grad, self.shape.slice(-2), ...rest),
    samples: [],
  }),
  op({
    schema:
      "col2im(Tensor self, int[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
    variants: "nn",
    node: "Col2ImBackward0",
    pattern: "move",
    forward: (k, self, size, kernel, dilation, padding, stride) =>
      fold(k, self, size, windows(kernel, dilation, padding, stride)),
    backward: { self: "im2col(grad, kernel_size, dilation, padding, stride)" },
    samples: [
      "torch.nn.functional.fold(torch.cat([m, m[:1]])[None, :, :2], (2, 3), 2)",
      "torch.nn.functional.fold(torch.cat([m, m[:1]]), (2, 4), (2, 2))",
    ],
  }),
  op({
    schema: "pixel_shuffle(Tensor self, int upscale_factor) -> Tensor",
    variants: "function",
    node: "PixelShuffleBackward0",
    pattern: "move",
    forward: pixelShuffle,
    backward: { self: "pixel_unshuffle(grad, upscale_factor)" },
    samples: [
      "torch.pixel_shuffle(torch.stack([a, b, a * b, a + b]), 2)",
      "torch.nn.functional.pixel_shuffle(torch.stack([a, b, a * b, a + b])[None], 2)",
    ],
  }),
  op({
    schema: "pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor",
    variants: "function",
    node: "PixelUnshuffleBackward0",
    pattern: "move",
    forward: pixelUnshuffle,
    backward: { self: "pixel_shuffle(grad, downscale_factor)" },
    samples: ["torch.pixel_unshuffle(torch.stack([a[:, :2], b[:, :2]]), 2)"],
  }),
  op({
    schema: "channel_shuffle(Tensor self, int groups) -> Tensor",
    variants: "function",
    node: "NotImplemented",
    pattern: "move",
    forward: channelShuffle,
    backward: { self: "no_rule('channel_shuffle')" },
    exempt: { differences: "PyTorch has no derivative" },
    samples: [
      "torch.channel_shuffle(torch.stack([a, b, a * b, a + b])[None], 2)",
      "torch.channel_shuffle(torch.stack([a, b, a * b, a + b])[None].detach(), 2)",
    ],
  }),
  op({
    schema: "native_channel_shuffle(Tensor self, int groups) -> Tensor",
    variants: "function",
    node: "NotImplemented",
    pattern: "move",
    forward: channelShuffle,
    backward: { self: "not_implemented('aten::native_channel_shuffle')" },
    exempt: { differences: "PyTorch has no derivative" },
    samples: ["torch.native_channel_shuffle(torch.stack([a, b, a * b, a + b])[None].detach(), 4)"],
  }),
];
