/** Convolutions of one to three dimensions, and transposed ones. */
import { DType } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { convolve, inputGradient, type Setting, weightGradient } from "../convolve.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { each } from "../windows.ts";
import { batchAxes } from "./normalization.ts";

type Sizes = readonly number[];

const setting = (stride: Sizes, padding: Sizes, dilation: Sizes): Setting => ({ stride, padding, dilation });

/** A list with one number for each of n dimensions; PyTorch's error where it has another number of them. */
function expanded(list: Sizes, name: string, n: number): Sizes {
  if (list.length !== 1 && list.length !== n)
    fail(
      `expected ${name} to be a single integer value or a list of ${n} values to match the convolution dimensions, but got ${name}=${showShape(list)}`,
    );
  return each(list, n);
}

function checkTypes(input: Tensor, weight: Tensor, bias: Tensor | null): void {
  const named = (t: Tensor): string => dtypeRow(t.dtype).scalarType;
  const cxx = (t: Tensor): string => dtypeRow(t.dtype).cxx[1];
  if (bias !== null && bias.dtype !== input.dtype)
    fail(`Input type (${cxx(input)}) and bias type (${cxx(bias)}) should be the same`);
  if (input.dtype !== weight.dtype)
    fail(
      input.dtype === DType.f32
        ? `Input type (${dtypeRow(input.dtype).tensorType}) and weight type (${dtypeRow(weight.dtype).tensorType}) should be the same`
        : `expected scalar type ${named(input)} but found ${named(weight)}`,
    );
}

function check(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  s: Setting,
  transposed: boolean,
  outputPadding: Sizes,
  groups: number,
): void {
  const size = weight.shape;
  if (s.padding.some((n) => n < 0)) fail("negative padding is not supported");
  if (outputPadding.some((n) => n < 0)) fail("negative output_padding is not supported");
  if (s.stride.some((n) => n <= 0)) fail("non-positive stride is not supported");
  if (s.dilation.some((n) => n <= 0))
    fail(`dilation should be greater than zero, but got ${showShape(s.dilation)}`);
  if (size.length !== input.shape.length)
    fail(
      `Expected ${size.length}-dimensional input for ${size.length}-dimensional weight ${showShape(size)}, but got ${input.shape.length}-dimensional input of size ${showShape(input.shape)} instead`,
    );
  const first = size[0] as number;
  if (first < groups)
    fail(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${showShape(size)} instead`,
    );
  if (first % groups !== 0)
    fail(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${showShape(size)}] instead`,
    );
  const given = transposed ? `transposed=${Number(transposed)}` : `groups=${groups}`;
  const channels = transposed ? first : (size[1] as number) * groups;
  if (input.shape[1] !== channels)
    fail(
      `Given ${given}, weight of size ${showShape(size)}, expected input${showShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
    );
  const out = transposed ? (size[1] as number) * groups : first;
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== out))
    fail(
      `Given ${transposed ? `${given}, ` : ""}weight of size ${showShape(size)}, expected bias to be 1-dimensional with ${out} elements, but got bias of size ${showShape(bias.shape)} instead`,
    );
  if (transposed) return;
  const wide = input.shape.slice(2).map((n, i) => n + 2 * (s.padding[i] as number));
  const tall = size.slice(2).map((n, i) => (s.dilation[i] as number) * (n - 1) + 1);
  if (tall.some((n, i) => n > (wide[i] as number)))
    fail(
      `Calculated padded input size per channel: (${wide.join(" x ")}). Kernel size: (${tall.join(" x ")}). Kernel size can't be greater than actual input size`,
    );
}

/** The output's size of a transposed convolution: [N, O, …]. */
function grown(input: Tensor, weight: Tensor, s: Setting, outputPadding: Sizes, groups: number): Sizes {
  const at = (list: Sizes, i: number): number => list[i] as number;
  const size = input.shape
    .slice(2)
    .map(
      (n, i) =>
        (n - 1) * at(s.stride, i) -
        2 * at(s.padding, i) +
        at(s.dilation, i) * (at(weight.shape, i + 2) - 1) +
        at(outputPadding, i) +
        1,
    );
  const axes = ["depth", "height", "width"].slice(-size.length);
  const late = outputPadding.some((n, i) => n >= at(s.stride, i) && n >= at(s.dilation, i));
  const listed = (name: string, list: Sizes): string =>
    axes.map((axis, i) => `${name}_${axis}: ${list[i]}`).join(" ");
  if (late)
    fail(
      `output padding must be smaller than either stride or dilation, but got ${listed("output_padding", outputPadding)} ${listed("stride", s.stride)} ${listed("dilation", s.dilation)}`,
    );
  if (size.some((n) => n < 1))
    fail(
      `Given input size per channel: (${input.shape.slice(2).join(" x ")}). Calculated output size per channel: (${size.join(" x ")}). Output size is too small`,
    );
  return [at(input.shape, 0), at(weight.shape, 1) * groups, ...size];
}

function forward(
  k: Kernels,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: Sizes,
  padding: Sizes,
  dilation: Sizes,
  transposed: boolean,
  outputPadding: Sizes,
  groups: number,
): Tensor {
  const n = weight.shape.length - 2;
  if (groups <= 0) fail("non-positive groups is not supported");
  const s = setting(
    expanded(stride, "stride", n),
    expanded(padding, "padding", n),
    expanded(dilation, "dilation", n),
  );
  const more = expanded(outputPadding, "output_padding", n);
  check(input, weight, bias, s, transposed, more, groups);
  checkTypes(input, weight, bias);
  const out = transposed
    ? inputGradient(k, input, weight, grown(input, weight, s, more, groups), s, groups)
    : convolve(k, input, weight, s, groups);
  if (bias === null) return out;
  const shape = out.shape.map((size, i) => (i === 1 ? size : 1));
  return new Calc(k).add(out, k.reshaped(k.contiguous(bias), shape));
}

/** The batch of one that an input without a batch is; PyTorch's error where it is neither. */
function batched(call: Call, name: string, n: number, input: Tensor, body: (x: Tensor) => Tensor): Tensor {
  const dims = input.shape.length;
  if (dims !== n + 1 && dims !== n + 2)
    fail(
      `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${name}${n}d, but got input of size: ${showShape(input.shape)}`,
    );
  if (dims === n + 2) return body(input);
  return call("squeeze", body(call("unsqueeze", input, 0)), 0);
}

function conv(
  call: Call,
  n: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: Sizes,
  padding: Sizes,
  dilation: Sizes,
  groups: number,
): Tensor {
  const zeros = new Array<number>(n).fill(0);
  return batched(call, "conv", n, input, (x) =>
    call("convolution", x, weight, bias, stride, padding, dilation, false, zeros, groups),
  );
}

function convPadded(
  call: Call,
  k: Kernels,
  n: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: Sizes,
  padding: string,
  dilation: Sizes,
  groups: number,
): Tensor {
  return batched(call, "conv", n, input, (x) => {
    const zeros = new Array<number>(n).fill(0);
    const rest = [dilation, false, zeros, groups] as const;
    if (padding === "valid") return call("convolution", x, weight, bias, stride, zeros, ...rest);
    if (padding !== "same") fail(`Invalid padding string: '${padding}'`);
    if (stride.some((s) => s !== 1)) fail("padding='same' is not supported for strided convolutions");
    const spread = each(dilation, n);
    const total = weight.shape.slice(2).map((size, i) => (spread[i] as number) * (size - 1));
    const left = total.map((size) => Math.floor(size / 2));
    // What is left over goes to the end of a dimension.
    const over = total.map((size, i) => size - 2 * (left[i] as number));
    const pad = [...over].reverse().flatMap((size) => [0, size]);
    if (over.some((size) => size > 0))
      k.warnOnce(
        "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created (Triggered internally at  ./aten/src/ATen/native/Convolution.cpp:895.)",
      );
    const wide = over.some((size) => size > 0) ? call("constant_pad_nd", x, pad, 0) : x;
    return call("convolution", wide, weight, bias, stride, left, ...rest);
  });
}

function convTransposed(
  call: Call,
  n: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: Sizes,
  padding: Sizes,
  outputPadding: Sizes,
  groups: number,
  dilation: Sizes,
): Tensor {
  return batched(call, "conv_transpose", n, input, (x) =>
    call("convolution", x, weight, bias, stride, padding, dilation, true, outputPadding, groups),
  );
}

const ONE_NODE = {
  second: "PyTorch has one node for all three gradients; here each has its own",
} as const;

export const CONVOLUTION: readonly OpRow[] = [
  composite({
    schema:
      "conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => conv(call, 1, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv1d(a[None], a.view(1, 2, 3)[:, :, :2], v[:1])",
      "torch.conv1d(m, m[None] * 2, padding=1)",
      "torch.conv1d(a.detach(), m[:, :2, None], v)",
    ],
  }),
  composite({
    schema:
      "conv1d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, str padding='valid', int[1] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, k, ...args) => convPadded(call, k, 1, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv1d(m, m[None], padding='same')",
      "torch.conv1d(m, m[None, :, :2], padding='same')",
      "torch.conv1d(m, m[None], v[:1], padding='valid')",
    ],
  }),
  composite({
    schema:
      "conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => conv(call, 2, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv2d(torch.stack([m, m])[None], torch.stack([b, a])[None][:, :, :2, :2], v[:1])",
      "torch.conv2d(m[None, None], torch.stack([a, b])[:, None], v[:2], padding=1, stride=2)",
      "torch.conv2d(torch.stack([m, m * m])[None], torch.stack([a, b])[:, None], groups=2, padding=(1, 0))",
      "torch.conv2d(m[None], m.view(1, 1, 3, 3)[:, :, :2, :2], dilation=2)",
    ],
  }),
  composite({
    schema:
      "conv2d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, str padding='valid', int[2] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, k, ...args) => convPadded(call, k, 2, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv2d(m[None, None], torch.stack([a, b])[:, None], padding='same')",
      "torch.conv2d(m[None, None], m[None, None], padding='same', dilation=2)",
    ],
  }),
  composite({
    schema:
      "conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => conv(call, 3, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv3d(torch.stack([m, m * m])[None, None], m[None, None, None, :2, :2], v[:1])",
      "torch.conv3d(torch.stack([m, m * m])[None], torch.stack([a, b])[None, None], padding=1, stride=(1, 2, 1))",
    ],
  }),
  composite({
    schema:
      "conv3d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, str padding='valid', int[3] dilation=1, int groups=1) -> Tensor",
    variants: "function",
    compose: (call, k, ...args) => convPadded(call, k, 3, ...args),
    exempt: ONE_NODE,
    samples: ["torch.conv3d(torch.stack([m, m * m])[None], torch.stack([a, b])[None, None], padding='same')"],
  }),
  composite({
    schema:
      "conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] output_padding=0, int groups=1, int[1] dilation=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => convTransposed(call, 1, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv_transpose1d(a[None], m[:2, :, None], v)",
      "torch.conv_transpose1d(a, b.view(2, 1, 3), stride=2, padding=1, output_padding=1, groups=2)",
    ],
  }),
  composite({
    schema:
      "conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => convTransposed(call, 2, ...args),
    exempt: ONE_NODE,
    samples: [
      "torch.conv_transpose2d(m[None, None], a[None, None], v[:1])",
      "torch.conv_transpose2d(torch.stack([a, b])[None], torch.stack([b, a * b])[:, None], stride=2, output_padding=1)",
      "torch.conv_transpose2d(a[None], m[None, None], padding=(1, 0), dilation=2)",
    ],
  }),
  composite({
    schema:
      "conv_transpose3d.input(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] output_padding=0, int groups=1, int[3] dilation=1) -> Tensor",
    variants: "function",
    compose: (call, _k, ...args) => convTransposed(call, 3, ...args),
    exempt: ONE_NODE,
    samples: ["torch.conv_transpose3d(a[None, None], m[None, None, None, :2, :2], v[:1], stride=2)"],
  }),
  op({
    schema:
      "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
    variants: "function",
    node: "ConvolutionBackward0",
    pattern: "mix",
    forward,
    backward: {
      input:
        "convolution_input_backward(grad, weight, input.sizes(), stride, padding, dilation, transposed, output_padding, groups)",
      weight:
        "convolution_weight_backward(grad, input, weight.sizes(), stride, padding, dilation, transposed, output_padding, groups)",
      bias: "convolution_bias_backward(grad)",
    },
    savedNames: {
      "input.sizes()": "",
      "weight.sizes()": "",
      "bias.sizes()": "_saved_bias_sym_sizes_opt",
    },
    alsoSaves: ["input", "weight", "bias.sizes()"],
    exempt: ONE_NODE,
    samples: ["torch.convolution(m[None], m[None], v[:1], (1,), (1,), (1,), False, (0,), 1)"],
  }),
  composite({
    schema: "convolution_bias_backward(Tensor grad) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad) => call("sum.dim_IntList", grad, batchAxes(grad), false),
    samples: [],
  }),
  op({
    schema:
      "convolution_input_backward(Tensor grad_output, Tensor weight, int[] sizes, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
    variants: "internal",
    node: "ConvolutionBackwardBackward0",
    pattern: "mix",
    forward: (k, grad, weight, sizes, stride, padding, dilation, transposed, _more, groups) => {
      const n = weight.shape.length - 2;
      const s = setting(each(stride, n), each(padding, n), each(dilation, n));
      return transposed
        ? convolve(k, grad, weight, s, groups)
        : inputGradient(k, grad, weight, sizes, s, groups);
    },
    backward: {
      grad_output:
        "convolution(grad, weight, null, stride, padding, dilation, transposed, output_padding, groups)",
      weight:
        "convolution_weight_backward(grad_output, grad, weight.sizes(), stride, padding, dilation, transposed, output_padding, groups)",
    },
    samples: [],
  }),
  op({
    schema:
      "convolution_weight_backward(Tensor grad_output, Tensor input, int[] sizes, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
    variants: "internal",
    node: "ConvolutionBackwardBackward0",
    pattern: "mix",
    forward: (k, grad, input, sizes, stride, padding, dilation, transposed, _more, groups) => {
      const n = sizes.length - 2;
      const s = setting(each(stride, n), each(padding, n), each(dilation, n));
      return transposed
        ? weightGradient(k, input, grad, sizes, s, groups)
        : weightGradient(k, grad, input, sizes, s, groups);
    },
    backward: {
      grad_output:
        "convolution(input, grad, null, stride, padding, dilation, transposed, output_padding, groups)",
      input:
        "convolution_input_backward(grad_output, grad, input.sizes(), stride, padding, dilation, transposed, output_padding, groups)",
    },
    samples: [],
  }),
];
