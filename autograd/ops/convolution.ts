/** Convolutions of one or two dimensions, as products of matrices over sliding windows. */
import { Calc } from "../calc.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { columns, fromColumns, type Windows, windowCount } from "../windows.ts";

/** As two dimensions: a sequence is an image of height 1. */
function asImage(k: Kernels, t: Tensor): Tensor {
  if (t.shape.length !== 3) return t;
  const dense = k.contiguous(t);
  return k.reshaped(dense, [dense.shape[0] as number, dense.shape[1] as number, 1, dense.shape[2] as number]);
}

interface Setting {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

function windowsFor(kernel: readonly number[], { stride, padding, dilation }: Setting): Windows {
  const two = (list: readonly number[], other: number): readonly number[] =>
    list.length === 2 ? list : [other, list[0] as number];
  return { kernel, stride: two(stride, 1), padding: two(padding, 0), dilation: two(dilation, 1) };
}

/** The output [N, O, oh, ow]: for each group, weights [O/g, C/g · kh · kw] times columns [N, C/g · kh · kw, oh · ow]. */
function convolve(k: Kernels, input: Tensor, weight: Tensor, s: Setting, groups: number): Tensor {
  const [x, f] = [asImage(k, input), asImage(k, weight)];
  const w = windowsFor(f.shape.slice(2), s);
  const count = [0, 1].map((i) => windowCount(x.shape[i + 2] as number, w, i));
  const [n = 0, channels = 0] = x.shape;
  const out = f.shape[0] as number;
  const col = columns(k, x, w, count);
  const [rows, area] = [
    (channels / groups) * w.kernel.reduce((a, b) => a * b, 1),
    (count[0] as number) * (count[1] as number),
  ];
  const flat = k.reshaped(col, [n * groups, rows, area]);
  const product = k.bmm(repeated(k, f, n, groups, out / groups, rows), flat);
  const shape = input.shape.length === 3 ? [n, out, count[1] as number] : [n, out, ...count];
  return k.reshaped(product, shape);
}

/** Weights as [N · g, O/g, rows], the groups over and over. */
function repeated(k: Kernels, f: Tensor, n: number, groups: number, out: number, rows: number): Tensor {
  const dense = k.reshaped(k.contiguous(f), [1, groups, out, rows]);
  if (groups === 1) return k.view(k.reshaped(dense, [1, out, rows]), [n, out, rows], [0, rows, 1]);
  const all = k.empty([n, groups, out, rows], f.dtype);
  k.copyInto(all, dense);
  return k.reshaped(all, [n * groups, out, rows]);
}

/** The gradient of the input: the weights' transpose times the gradient, put together from columns. */
function inputGradient(
  k: Kernels,
  grad: Tensor,
  weight: Tensor,
  shape: readonly number[],
  s: Setting,
  groups: number,
): Tensor {
  const [g, f] = [k.contiguous(asImage(k, grad)), asImage(k, weight)];
  const w = windowsFor(f.shape.slice(2), s);
  const [n = 0, out = 0, oh = 0, ow = 0] = g.shape;
  const channels = shape[1] as number;
  const rows = (channels / groups) * w.kernel.reduce((a, b) => a * b, 1);
  const weights = repeated(k, f, n, groups, out / groups, rows);
  const turned = k.view(weights, [n * groups, rows, out / groups], [weights.strides[0] as number, 1, rows]);
  const col = k.bmm(turned, k.reshaped(g, [n * groups, out / groups, oh * ow]));
  const image = shape.length === 3 ? [n, channels, 1, shape[2] as number] : shape;
  return k.reshaped(fromColumns(k, k.reshaped(col, [n, channels, ...w.kernel, oh, ow]), image, w), shape);
}

/** The gradient of the weights: the gradient times the columns' transpose, summed over the batch. */
function weightGradient(
  k: Kernels,
  grad: Tensor,
  input: Tensor,
  shape: readonly number[],
  s: Setting,
  groups: number,
): Tensor {
  const [g, x] = [k.contiguous(asImage(k, grad)), asImage(k, input)];
  const kernel = shape.length === 3 ? [1, shape[2] as number] : shape.slice(2);
  const w = windowsFor(kernel, s);
  const [n = 0, out = 0, oh = 0, ow = 0] = g.shape;
  const channels = x.shape[1] as number;
  const rows = (channels / groups) * kernel.reduce((a, b) => a * b, 1);
  const col = k.reshaped(columns(k, x, w, [oh, ow]), [n * groups, rows, oh * ow]);
  const turned = k.view(col, [n * groups, oh * ow, rows], [rows * oh * ow, 1, oh * ow]);
  const product = k.bmm(k.reshaped(g, [n * groups, out / groups, oh * ow]), turned);
  const summed = new Calc(k).sum(k.reshaped(product, [n, out, rows]), [0]);
  return k.reshaped(summed, shape);
}

const setting = (
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
): Setting => ({ stride, padding, dilation });

function check(input: Tensor, weight: Tensor, bias: Tensor | null, s: Setting, groups: number): void {
  const size = weight.shape;
  const channels = (size[1] as number) * groups;
  if (size.length !== input.shape.length)
    fail(
      `Expected ${size.length}-dimensional input for ${size.length}-dimensional weight ${showShape(size)}, but got ${input.shape.length}-dimensional input of size ${showShape(input.shape)} instead`,
    );
  if ((size[0] as number) % groups !== 0)
    fail(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size ${showShape(size)} instead`,
    );
  if (input.shape[1] !== channels)
    fail(
      `Given groups=${groups}, weight of size ${showShape(size)}, expected input${showShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
    );
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== size[0]))
    fail(
      `Given weight of size ${showShape(size)}, expected bias to be 1-dimensional with ${size[0]} elements, but got bias of size ${showShape(bias.shape)} instead`,
    );
  const wide = input.shape.slice(2).map((n, i) => n + 2 * (s.padding[i] as number));
  const tall = size.slice(2).map((n, i) => (s.dilation[i] as number) * (n - 1) + 1);
  if (tall.some((n, i) => n > (wide[i] as number)))
    fail(
      `Calculated padded input size per channel: (${wide.join(" x ")}). Kernel size: (${tall.join(" x ")}). Kernel size can't be greater than actual input size`,
    );
  if (input.dtype !== weight.dtype)
    fail(
      `Input type (${dtypeRow(input.dtype).tensorType}) and weight type (${dtypeRow(weight.dtype).tensorType}) should be the same`,
    );
}

/** One number for all dimensions, or one for each. */
const each = (list: readonly number[], n: number): readonly number[] =>
  list.length === n ? list : new Array<number>(n).fill(list[0] as number);

function conv(
  call: Call,
  n: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  groups: number,
): Tensor {
  const batched = input.shape.length === n + 2;
  if (!batched && input.shape.length !== n + 1)
    fail(
      `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to conv${n}d, but got input of size: ${showShape(input.shape)}`,
    );
  const x = batched ? input : call("unsqueeze", input, 0);
  const all = [stride, padding, dilation].map((list) => each(list, n));
  const out = call("convolution", x, weight, bias, ...all, false, new Array<number>(n).fill(0), groups);
  return batched ? out : call("squeeze", out, 0);
}

export const CONVOLUTION: readonly OpRow[] = [
  composite({
    schema:
      "conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => conv(call, 1, ...args),
    exempt: { second: "PyTorch has one node for all three gradients; here each has its own" },
    samples: [
      "torch.conv1d(a[None], a.view(1, 2, 3)[:, :, :2], v[:1])",
      "torch.conv1d(m, m[None] * 2, padding=1)",
    ],
  }),
  composite({
    schema:
      "conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => conv(call, 2, ...args),
    exempt: { second: "PyTorch has one node for all three gradients; here each has its own" },
    samples: [
      "torch.conv2d(torch.stack([m, m])[None], torch.stack([b, a])[None][:, :, :2, :2], v[:1])",
      "torch.conv2d(m[None, None], torch.stack([a, b])[:, None], v[:2], padding=1, stride=2)",
      "torch.conv2d(torch.stack([m, m * m])[None], torch.stack([a, b])[:, None], groups=2, padding=(1, 0))",
      "torch.conv2d(m[None], m.view(1, 1, 3, 3)[:, :, :2, :2], dilation=2)",
    ],
  }),
  op({
    schema:
      "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
    variants: "internal",
    node: "ConvolutionBackward0",
    pattern: "mix",
    forward: (k, input, weight, bias, stride, padding, dilation, _transposed, _output, groups) => {
      const s = setting(stride, padding, dilation);
      check(input, weight, bias, s, groups);
      const out = convolve(k, input, weight, s, groups);
      if (bias === null) return out;
      const shape = out.shape.map((size, i) => (i === 1 ? size : 1));
      return new Calc(k).add(out, k.reshaped(k.contiguous(bias), shape));
    },
    backward: {
      input: "convolution_input_backward(grad, weight, input.sizes(), stride, padding, dilation, groups)",
      weight: "convolution_weight_backward(grad, input, weight.sizes(), stride, padding, dilation, groups)",
      bias: "batch_norm_bias_backward(grad)",
    },
    savedNames: {
      "input.sizes()": "",
      "weight.sizes()": "",
      "bias.sizes()": "_saved_bias_sym_sizes_opt",
    },
    alsoSaves: ["transposed", "output_padding", "bias.sizes()"],
    samples: [],
  }),
  op({
    schema:
      "convolution_input_backward(Tensor grad_output, Tensor weight, int[] sizes, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor",
    variants: "internal",
    node: "ConvolutionBackwardBackward0",
    pattern: "mix",
    forward: (k, grad, weight, sizes, stride, padding, dilation, groups) =>
      inputGradient(k, grad, weight, sizes, setting(stride, padding, dilation), groups),
    backward: {
      grad_output: "convolution_again(grad, weight, stride, padding, dilation, groups)",
      weight:
        "convolution_weight_backward(grad_output, grad, weight.sizes(), stride, padding, dilation, groups)",
    },
    samples: [],
  }),
  op({
    schema:
      "convolution_weight_backward(Tensor grad_output, Tensor input, int[] sizes, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor",
    variants: "internal",
    node: "ConvolutionBackwardBackward0",
    pattern: "mix",
    forward: (k, grad, input, sizes, stride, padding, dilation, groups) =>
      weightGradient(k, grad, input, sizes, setting(stride, padding, dilation), groups),
    backward: {
      grad_output: "convolution_again(input, grad, stride, padding, dilation, groups)",
      input:
        "convolution_input_backward(grad_output, grad, input.sizes(), stride, padding, dilation, groups)",
    },
    samples: [],
  }),
  composite({
    schema:
      "convolution_again(Tensor input, Tensor weight, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor",
    variants: "internal",
    compose: (call, _k, input, weight, stride, padding, dilation, groups) =>
      call(
        "convolution",
        input,
        weight,
        null,
        stride,
        padding,
        dilation,
        false,
        stride.map(() => 0),
        groups,
      ),
    samples: [],
  }),
];
