/** Pooling over sliding windows: the largest, the mean. */
import { DType } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import { largest, type Span, scattered } from "../pools.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";
import { columns, covered, each, fromColumns, type Windows, windowCount } from "../windows.ts";

type Sizes = readonly number[];

interface Pool {
  readonly w: Windows;
  /** [N, C, …size], also of an image without a batch. */
  readonly x: Tensor;
  readonly count: Sizes;
  /** The output's shape, in the input's number of dimensions. */
  readonly shape: Sizes;
}

const WORDS = ["", "one int", "two ints", "three ints"];
const AXES = ["D", "H", "W"];

/** A setting with one number per dimension; PyTorch's words differ by which one it is. */
function listed(name: string, what: string, list: Sizes, n: number): Sizes {
  if (list.length === 1 || list.length === n) return each(list, n);
  const rule =
    what === "stride"
      ? "must either be omitted, a single int, or a tuple of"
      : what === "kernel_size"
        ? "must either be a single int, or a tuple of"
        : "must be either be a single int, or a tuple of";
  fail(`${name}: ${what} ${rule} ${WORDS[n]}`);
}

function pool(
  k: Kernels,
  name: string,
  n: number,
  self: Tensor,
  kernel: Sizes,
  stride: Sizes,
  padding: Sizes,
  dilation: Sizes,
  ceil: boolean,
): Pool {
  const size = listed(name, "kernel_size", kernel, n);
  const w: Windows = {
    kernel: size,
    stride: stride.length === 0 ? size : listed(name, "stride", stride, n),
    padding: listed(name, "padding", padding, n),
    dilation: listed(name, "dilation", dilation, n),
  };
  const dims = self.shape.length;
  const empty = self.shape.slice(dims - n - 1).includes(0);
  if ((dims !== n + 1 && dims !== n + 2) || (empty && n === 3))
    fail(`non-empty ${n + 1}D or ${n + 2}D (batch mode) tensor expected for input`);
  if (w.stride.includes(0)) fail("stride should not be zero");
  if (w.padding.some((p) => p < 0))
    fail(`pad must be non-negative, but got pad: ${w.padding.find((p) => p < 0)}`);
  const i = w.padding.findIndex((p, at) => p > Math.floor((size[at] as number) / 2));
  if (i >= 0)
    fail(`pad should be at most half of kernel size, but got pad=${w.padding[i]} and kernel_size=${size[i]}`);
  if (w.dilation.some((d) => d <= 0))
    fail(
      `dilation should be greater than zero, but got ${w.dilation.map((d, at) => `dilation${(n === 3 ? ["T", "H", "W"] : AXES.slice(1))[at]}: ${d}`).join(" ")}`,
    );
  if (empty)
    fail(
      `Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(self.shape)}`,
    );
  const x = dims === n + 2 ? self : k.reshaped(k.contiguous(self), [1, ...self.shape]);
  const count = size.map((_, at) => windowCount(x.shape[at + 2] as number, w, at, ceil));
  const [, c = 0, ...image] = x.shape;
  if (count.some((s) => s < 1))
    fail(
      `Given input size: (${[c, ...image].join("x")}). Calculated output size: (${[c, ...count].join("x")}). Output size is too small`,
    );
  return { w, x, count, shape: [...self.shape.slice(0, dims - n), ...count] };
}

function maxPool(k: Kernels, kernel: string, self: Tensor, p: Pool): readonly Tensor[] {
  if (!isFloat(self.dtype)) fail(`"${kernel}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  const at = (list: Sizes, i: number): number => list[i] as number;
  const spans = p.count.map((count, i) =>
    Array.from({ length: count }, (_, o): Span => {
      const step = at(p.w.dilation, i);
      const first = o * at(p.w.stride, i) - at(p.w.padding, i);
      const start = first < 0 ? first + Math.ceil(-first / step) * step : first;
      const end = Math.min(first + (at(p.w.kernel, i) - 1) * step + 1, at(p.x.shape, i + 2));
      return { start, end, step };
    }),
  );
  const [values, places] = largest(k, p.x, p.count, () => spans);
  return [k.reshaped(values, p.shape), k.reshaped(places, p.shape)];
}

/** In one dimension without a gradient PyTorch has a kernel of its own, with other words. */
function checkLine(self: Tensor, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes): void {
  const named = { kernel_size: kernel, stride, padding, dilation };
  for (const [name, list] of Object.entries(named))
    if (list.length > 1)
      fail(
        `max_pool1d() ${name} must be an int, list of ints or tuple of ints of size 1 but got size ${list.length}`,
      );
  const positive = { kernel_size: kernel, stride: stride.length === 0 ? kernel : stride };
  for (const [name, [n = 0]] of Object.entries(positive))
    if (n <= 0) fail(`max_pool1d() ${name} must be greater than zero, but got ${n}`);
  const [[pad = 0], [size = 0], [spread = 1]] = [padding, kernel, dilation];
  if (pad < 0) fail(`max_pool1d() padding must be non-negative, but got ${pad}`);
  if (pad > size / 2)
    fail(
      `max_pool1d() padding should be at most half of kernel size, but got padding=${pad} and kernel_size=${size}`,
    );
  if (spread <= 0) fail(`max_pool1d() dilation must be greater than zero, but got ${spread}`);
  if (!isFloat(self.dtype) || self.dtype === DType.f16)
    fail(`"max_pool1d_impl" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
}

function maxPoolLine(
  call: Call,
  name: string,
  self: Tensor,
  kernel: Sizes,
  stride: Sizes,
  padding: Sizes,
  dilation: Sizes,
  ceil: boolean,
): readonly Tensor[] {
  const dims = self.shape.length;
  if (dims !== 2 && dims !== 3)
    fail(
      name === "max_pool1d"
        ? `max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(self.shape)}`
        : `Expected 2 to 3 dimensions, but got ${dims}-dimensional tensor for argument #1 'self' (while checking arguments for max_pool1d)`,
    );
  const [size = 0] = kernel;
  const step = stride.length === 0 ? size : (stride[0] as number);
  return call(
    "max_pool2d_with_indices",
    call("unsqueeze", self, -2),
    [1, size],
    [1, step],
    [0, padding[0]],
    [1, dilation[0]],
    ceil,
  ).map((t) => call("squeeze.dim", t, -2));
}

function meanPool(k: Kernels, p: Pool, self: Tensor, counts: boolean, divisor: number | null): Tensor {
  if (divisor === 0) fail("divisor must be not zero");
  const c = new Calc(k);
  const axes = p.count.map((_, i) => i + 2);
  // Integers are divided as such: towards 0.
  const x = isFloat(self.dtype) ? p.x : k.cast(p.x, DType.f64);
  const sums = c.sum(columns(k, x, p.w, p.count), axes);
  const by = divisor ?? covered(k, x.shape.slice(2), p.w, p.count, counts, x);
  return k.reshaped(k.cast(c.div(sums, by), self.dtype), p.shape);
}

function meanPoolBackward(
  k: Kernels,
  p: Pool,
  grad: Tensor,
  self: Tensor,
  counts: boolean,
  divisor: number | null,
): Tensor {
  const [n = 0, channels = 0] = p.x.shape;
  const by = divisor ?? covered(k, p.x.shape.slice(2), p.w, p.count, counts, grad);
  const share = new Calc(k).div(k.reshaped(k.contiguous(grad), [n, channels, ...p.count]), by);
  const col = k.empty([n, channels, ...p.w.kernel, ...p.count], grad.dtype);
  k.copyInto(col, k.reshaped(share, [n, channels, ...p.count.map(() => 1), ...p.count]));
  return k.reshaped(fromColumns(k, col, p.x.shape, p.w), self.shape);
}

/** The rows of the gradient of a pooling by position, and of its own; `n` dimensions make an image. */
export function selectingBackward(name: string, node: string, n: number): OpRow {
  type Schema = "f(Tensor grad_output, Tensor self, Tensor indices) -> Tensor";
  return op({
    schema: `${name}(Tensor grad_output, Tensor self, Tensor indices) -> Tensor` as Schema,
    variants: "internal",
    node,
    pattern: "route",
    forward: (k, grad, self, indices) => scattered(k, grad, indices, self.shape, n),
    backward: {
      grad_output: `max_pool_double_backward(grad, indices, ${n})`,
      self: "zeros_like(grad)",
    },
    samples: [],
  });
}

/** Three dimensions: PyTorch looks at the size before it pools. */
function checkBox(self: Tensor, kernel: Sizes): void {
  const image = self.shape.slice(-3);
  const size = each(kernel, 3);
  if (size.some((s, i) => s > (image[i] as number)))
    fail(
      `input image (T: ${image[0]} H: ${image[1]} W: ${image[2]}) smaller than kernel size (kT: ${size[0]} kH: ${size[1]} kW: ${size[2]})`,
    );
}

const MAX_SAVES = ["kernel_size", "stride", "padding", "dilation", "ceil_mode"];

/** Means of windows over `n` dimensions, with the op that is their rule. */
function meanPools(n: 2 | 3, samples: readonly string[]): OpRow[] {
  type Forward =
    "f(Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor";
  type Backward =
    "f(Tensor grad_output, Tensor self, int[] kernel_size, int[] stride, int[] padding, bool ceil_mode, bool count_include_pad, int? divisor_override) -> Tensor";
  const name = `avg_pool${n}d`;
  const node = `AvgPool${n}DBackward`;
  const given = "kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override";
  return [
    op({
      schema:
        `${name}(Tensor self, int[${n}] kernel_size, int[${n}] stride=[], int[${n}] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor` as Forward,
      variants: "nn",
      node: `${node}0`,
      pattern: "mix",
      forward: (k, self, kernel, stride, padding, ceil, counts, divisor) => {
        if (n === 3 && self.shape.length > 3 && padding.every((p) => p === 0)) checkBox(self, kernel);
        return meanPool(k, pool(k, name, n, self, kernel, stride, padding, [1], ceil), self, counts, divisor);
      },
      backward: { self: `${name}_backward(grad, self, ${given})` },
      samples,
    }),
    op({
      schema:
        `${name}_backward(Tensor grad_output, Tensor self, int[${n}] kernel_size, int[] stride, int[] padding, bool ceil_mode, bool count_include_pad, int? divisor_override) -> Tensor` as Backward,
      variants: "internal",
      node: `${node}Backward0`,
      pattern: "mix",
      forward: (k, grad, self, kernel, stride, padding, ceil, counts, divisor) => {
        const p = pool(k, name, n, self, kernel, stride, padding, [1], ceil);
        return meanPoolBackward(k, p, grad, self, counts, divisor);
      },
      backward: { grad_output: `${name}(grad, ${given})`, self: "zeros_like(grad)" },
      samples: [],
    }),
  ];
}

export const POOLING: readonly OpRow[] = [
  composite({
    schema:
      "max_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, ...rest) => {
      const [kernel, stride, padding, dilation] = rest;
      const dims = self.shape.length;
      if (!self.requiresGrad && (dims === 2 || dims === 3)) {
        checkLine(self, kernel, stride, padding, dilation);
        const room = (self.shape.at(-1) as number) + 2 * (padding[0] as number);
        const needs = (dilation[0] as number) * ((kernel[0] as number) - 1) + 1;
        if (needs > room && !rest[4]) return call("slice", self, -1, 0, 0);
      }
      return maxPoolLine(call, "max_pool1d", self, ...rest)[0] as Tensor;
    },
    samples: [
      "torch.max_pool1d(a, 2)",
      "torch.nn.functional.max_pool1d(a[None], 2, 1, padding=1)",
      "torch.nn.functional.max_pool1d(m, 2, stride=1, dilation=2)",
    ],
  }),
  composite({
    schema:
      "max_pool1d_with_indices(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> (Tensor result0, Tensor result1)",
    variants: "function",
    compose: (call, _k, self, ...rest) => maxPoolLine(call, "max_pool1d_with_indices", self, ...rest),
    samples: [
      "list(torch.max_pool1d_with_indices(a, 2))",
      "torch.nn.functional.max_pool1d(m, 2, 1, ceil_mode=True, return_indices=True)[1]",
    ],
  }),
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
      maxPool(k, "max_pool2d", self, pool(k, "max_pool2d", 2, self, kernel, stride, padding, dilation, ceil)),
    backward: { self: "max_pool_backward(grad, self, result1)" },
    alsoSaves: MAX_SAVES,
    samples: [
      "torch.nn.functional.max_pool2d(m[None], (2, 2), (1, 1), (1, 1), return_indices=True)[0]",
      "torch.nn.functional.max_pool2d(m[None], (2, 2), (1, 1), (1, 1), return_indices=True)[1]",
      "torch.nn.functional.max_pool2d(m[None], 2, 1, dilation=2, padding=1)",
    ],
  }),
  selectingBackward("max_pool_backward", "MaxPool2DWithIndicesBackwardBackward0", 2),
  composite({
    schema:
      "max_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, ...rest) => call("max_pool3d_with_indices", self, ...rest)[0] as Tensor,
    samples: ["torch.max_pool3d(torch.stack([m, m * m])[None], 2, 1)"],
  }),
  op({
    schema:
      "max_pool3d_with_indices(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> (Tensor result0, Tensor result1)",
    variants: "nn",
    node: "MaxPool3DWithIndicesBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, kernel, stride, padding, dilation, ceil) =>
      maxPool(
        k,
        "max_pool3d_with_indices_cpu",
        self,
        pool(k, "max_pool3d", 3, self, kernel, stride, padding, dilation, ceil),
      ),
    backward: { self: "max_pool3d_backward(grad, self, result1)" },
    alsoSaves: MAX_SAVES,
    samples: [
      "list(torch.nn.functional.max_pool3d(torch.stack([m, m * m])[None], 2, 1, 1, return_indices=True))",
    ],
  }),
  selectingBackward("max_pool3d_backward", "MaxPool3DWithIndicesBackwardBackward0", 3),
  composite({
    schema: "max_pool_double_backward(Tensor grad, Tensor indices, int dim) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, indices, dim) => {
      if (indices.numel === 0) return k.empty(indices.shape, grad.dtype);
      const flat = [...indices.shape.slice(0, indices.shape.length - dim), -1];
      const dense = call("view", call("contiguous", grad), flat);
      return call("view", call("gather", dense, -1, call("view", indices, flat)), indices.shape);
    },
    samples: [],
  }),
  composite({
    schema:
      "avg_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True) -> Tensor",
    variants: "function",
    compose: (call, _k, self, kernel, stride, padding, ceil, counts) => {
      const dims = self.shape.length;
      if (dims < 2 || dims > 3)
        fail(
          `Expected 2 to 3 dimensions, but got ${dims}-dimensional tensor for argument #1 'self' (while checking arguments for avg_pool1d)`,
        );
      for (const [name, list] of Object.entries({ kernel_size: kernel, stride, padding }))
        if (list.length > 1)
          fail(`avg_pool1d() argument '${name}' should contain one int (got ${list.length})`);
      const step = stride.length === 0 ? kernel : stride;
      const wide = call("unsqueeze", self, -2);
      const rest = [[1, kernel[0]], [1, step[0]], [0, padding[0]], ceil, counts];
      return call("squeeze.dim", call("avg_pool2d", wide, ...rest), -2);
    },
    samples: [
      "torch.avg_pool1d(a, 2)",
      "torch.nn.functional.avg_pool1d(a[None], 2, 1, padding=1, count_include_pad=False)",
      "torch.nn.functional.avg_pool1d(m, 2, ceil_mode=True)",
    ],
  }),
  ...meanPools(2, [
    "torch.nn.functional.avg_pool2d(m[None], 2, 1)",
    "torch.nn.functional.avg_pool2d(m[None, None], 2, padding=1, count_include_pad=False)",
    "torch.nn.functional.avg_pool2d(m[None], 2, ceil_mode=True)",
    "torch.nn.functional.avg_pool2d(m[None], 2, 1, divisor_override=3)",
  ]),
  ...meanPools(3, [
    "torch.nn.functional.avg_pool3d(torch.stack([m, m * m])[None], 2, 1)",
    "torch.nn.functional.avg_pool3d(torch.stack([m, m * m])[None, None], 2, padding=1, count_include_pad=False)",
  ]),
];
