/** Sampling at the points of a grid, and grids from affine maps. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import { numbers, written } from "../pools.ts";
import { composite, type OpRow, op } from "../row.ts";
import { around, between, closest, type Neighbour, padded, unnormalized } from "../sampler.ts";
import type { Tensor } from "../tensor.ts";
import { positionIn, product } from "../windows.ts";

type Sizes = readonly number[];
const BILINEAR = 0;
const BICUBIC = 2;

function check(input: Tensor, grid: Tensor, mode: number): void {
  const n = input.shape.length - 2;
  const sizes = `input with sizes ${showShape(input.shape)} and grid with sizes ${showShape(grid.shape)}`;
  if (input.shape[0] !== grid.shape[0])
    fail(`grid_sampler(): expected grid and input to have same batch size, but got ${sizes}`);
  if (grid.shape.at(-1) !== n)
    fail(
      `grid_sampler(): expected grid to have size ${n} in last dimension, but got grid with sizes ${showShape(grid.shape)}`,
    );
  if ((n !== 2 && n !== 3) || grid.shape.length !== n + 2)
    fail(`grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got ${sizes}`);
  const empty = input.shape.findIndex((s, i) => i >= 2 && s <= 0);
  if (empty >= 0)
    fail(
      `grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes ${showShape(input.shape)} with dimension ${empty} being empty`,
    );
  if (n === 3 && mode === BICUBIC) fail("grid_sampler(): bicubic interpolation only supports 4D input");
  const type = dtypeRow(input.dtype).scalarType;
  if (input.dtype !== DType.f32 && input.dtype !== DType.f64)
    fail(
      n === 2
        ? `grid_sampler_2d_cpu not implemented for ${type}`
        : `"grid_sampler3d_cpu" not implemented for '${type}'`,
    );
  if (input.dtype !== grid.dtype)
    fail(
      `expected scalar type ${dtypeRow(input.dtype).scalarType} but found ${dtypeRow(grid.dtype).scalarType}`,
    );
}

/** By point of the grid: neighbours along each axis of the image, outermost first; the grid's last number is for the first axis. */
function* points(
  input: Tensor,
  grid: Float64Array,
  mode: number,
  padding: number,
  align: boolean,
): Iterable<readonly (readonly Neighbour[])[]> {
  const size = input.shape.slice(2);
  const n = size.length;
  const round = input.dtype === DType.f32 ? Math.fround : Number;
  for (let at = 0; at < grid.length; at += n) {
    yield size.map((length, d) => {
      const place = unnormalized(grid[at + n - 1 - d] as number, length, align, round);
      if (mode === BICUBIC) return around(place, length, padding, align, round);
      const seen = padded(place, length, padding, align);
      return mode === BILINEAR ? between(seen) : closest(seen);
    });
  }
}

/** Each combination of neighbours inside the image: its place, its weight, how fast that moves along each axis. */
function corners(
  axes: readonly (readonly Neighbour[])[],
  size: Sizes,
): { place: number; weight: number; slopes: number[] }[] {
  let found = [{ place: 0, weight: 1, slopes: [] as number[] }];
  for (const [d, list] of axes.entries()) {
    const length = size[d] as number;
    found = found.flatMap((corner) =>
      list
        .filter(({ index }) => index >= 0 && index < length)
        .map(({ index, weight, slope }) => ({
          place: corner.place * length + index,
          weight: corner.weight * weight,
          slopes: [...corner.slopes.map((s) => s * weight), corner.weight * slope],
        })),
    );
  }
  return found;
}

function sample(
  k: Kernels,
  input: Tensor,
  grid: Tensor,
  mode: number,
  padding: number,
  align: boolean,
): Tensor {
  check(input, grid, mode);
  const [batch = 0, channels = 0, ...size] = input.shape;
  const count = grid.shape.slice(1, -1);
  const [area, each] = [product(size), product(count)];
  const data = numbers(k, input);
  const out = new Float64Array(batch * channels * each);
  let point = 0;
  for (const axes of points(input, numbers(k, grid), mode, padding, align)) {
    const [b, o] = [Math.floor(point / each), point % each];
    const list = corners(axes, size);
    for (let c = 0; c < channels; c++) {
      const image = b * channels + c;
      let sum = 0;
      for (const { place, weight } of list) sum += weight * (data[image * area + place] as number);
      out[image * each + o] = sum;
    }
    point++;
  }
  return written(k, [batch, channels, ...count], input.dtype, out);
}

function sampleBackward(
  k: Kernels,
  grad: Tensor,
  input: Tensor,
  grid: Tensor,
  mode: number,
  padding: number,
  align: boolean,
  mask: readonly boolean[],
): readonly (Tensor | null)[] {
  const [, channels = 0, ...size] = input.shape;
  const n = size.length;
  const [area, each] = [product(size), product(grid.shape.slice(1, -1))];
  const [data, upstream] = [numbers(k, input), numbers(k, grad)];
  const toInput = new Float64Array(input.numel);
  const toGrid = new Float64Array(grid.numel);
  let point = 0;
  for (const axes of points(input, numbers(k, grid), mode, padding, align)) {
    const [b, o] = [Math.floor(point / each), point % each];
    for (const { place, weight, slopes } of corners(axes, size))
      for (let c = 0; c < channels; c++) {
        const image = b * channels + c;
        const g = upstream[image * each + o] as number;
        (toInput[image * area + place] as number) += weight * g;
        const value = data[image * area + place] as number;
        for (const [d, slope] of slopes.entries())
          (toGrid[point * n + n - 1 - d] as number) += slope * value * g;
      }
    point++;
  }
  return [
    mask[0] === false ? null : written(k, input.shape, input.dtype, toInput),
    written(k, grid.shape, grid.dtype, toGrid),
  ];
}

function samplerRows(n: 2 | 3, samples: readonly string[]): OpRow[] {
  type Forward =
    "f(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor";
  type Backward =
    "f(Tensor grad_output, Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners, bool[] output_mask) -> (Tensor? result0, Tensor? result1)";
  const name = `grid_sampler_${n}d`;
  const none = `not_implemented('aten::${name}_backward')`;
  return [
    op({
      schema:
        `${name}(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor` as Forward,
      variants: "function",
      node: `GridSampler${n}DBackward0`,
      pattern: "mix",
      forward: sample,
      backward: {
        "input, grid": `${name}_backward(grad, input, grid, interpolation_mode, padding_mode, align_corners, grad_input_mask)`,
      },
      exempt: { differences: "PyTorch has no second derivative" },
      samples,
    }),
    op({
      schema:
        `${name}_backward(Tensor grad_output, Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners, bool[] output_mask) -> (Tensor? result0, Tensor? result1)` as Backward,
      variants: "internal",
      node: "NotImplemented",
      pattern: "mix",
      forward: sampleBackward,
      backward: { grad_output: none, input: none, grid: none },
      samples: [],
    }),
  ];
}

/** The points [1, area, n + 1] of a grid over -1 to 1, each with a 1 behind: the outermost axis last. */
function baseGrid(k: Kernels, size: Sizes, align: boolean, dtype: DType): Tensor {
  const n = size.length;
  const at = (i: number, length: number): number => {
    if (length <= 1) return 0;
    const x = -1 + (2 * i) / (length - 1);
    return align ? x : (x * (length - 1)) / length;
  };
  const area = product(size);
  const out = Array.from({ length: area }, (_, i) => [
    ...positionIn(size, i)
      .map((p, d) => at(p, size[d] as number))
      .reverse(),
    1,
  ]).flat();
  return written(k, [1, area, n + 1], dtype, out);
}

/** The same points for each of a batch. */
const forBatch = (k: Kernels, base: Tensor, n: number): Tensor =>
  k.view(base, [n, ...base.shape.slice(1)], [0, ...base.strides.slice(1)]);

const at2 = (rest: string): string =>
  `torch.nn.functional.grid_sample(m[None, None], torch.stack([a, b], 2)[None] * 0.7, ${rest})`;

export const GRIDS: readonly OpRow[] = [
  ...samplerRows(2, [
    at2("align_corners=False"),
    at2("align_corners=True"),
    at2("padding_mode='border', align_corners=False"),
    at2("padding_mode='reflection', align_corners=False"),
    at2("padding_mode='reflection', align_corners=True"),
    at2("mode='nearest', align_corners=False"),
    at2("mode='nearest', padding_mode='border', align_corners=True"),
    at2("mode='bicubic', align_corners=False"),
    at2("mode='bicubic', padding_mode='reflection', align_corners=True"),
    "torch.nn.functional.grid_sample(m.detach()[None, None], torch.stack([a, b], 2)[None], align_corners=False)",
  ]),
  ...samplerRows(3, [
    "torch.nn.functional.grid_sample(torch.stack([m, m * 2])[None, None], torch.stack([a, b, a * b], 2)[None, None] * 0.4, align_corners=False)",
    "torch.nn.functional.grid_sample(torch.stack([m, m * 2])[None, None], torch.stack([a, b, a * b], 2)[None, None], mode='nearest', padding_mode='border', align_corners=True)",
  ]),
  composite({
    schema:
      "grid_sampler(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
    variants: "function",
    compose: (call, _k, input, grid, mode, padding, align) => {
      check(input, grid, mode);
      const name = input.shape.length === 4 ? "grid_sampler_2d" : "grid_sampler_3d";
      return call(name, input, grid, mode, padding, align);
    },
    exempt: { differences: "PyTorch has no second derivative" },
    samples: ["torch.grid_sampler(m[None, None], torch.stack([a, b], 2)[None], 0, 0, True)"],
  }),
  op({
    schema: "affine_grid_generator(Tensor theta, int[] size, bool align_corners) -> Tensor",
    variants: "function",
    node: "AffineGridGeneratorBackward0",
    pattern: "mix",
    forward: (k, theta, size, align) => {
      const [batch = 0, , ...image] = size;
      const n = image.length;
      const base = forBatch(k, baseGrid(k, image, align, theta.dtype), batch);
      if (theta.shape[0] !== batch)
        fail(
          `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${n + 1}] but got: [${theta.shape[0]}, ${n + 1}].`,
        );
      const [s0 = 0, s1 = 0, s2 = 0] = theta.strides;
      const turned = k.view(theta, [batch, n + 1, n], [s0, s2, s1]);
      return k.reshaped(k.bmm(base, turned), [batch, ...image, n]);
    },
    backward: { theta: "affine_grid_generator_backward(grad, size, align_corners)" },
    samples: [
      "torch.nn.functional.affine_grid(a[None], (1, 1, 2, 3), align_corners=False)",
      "torch.nn.functional.affine_grid(a[None], (1, 1, 3, 2), align_corners=True)",
      "torch.nn.functional.affine_grid(torch.cat([m, m[:, :1]], 1)[None], (1, 1, 2, 2, 2), align_corners=False)",
    ],
  }),
  composite({
    schema: "affine_grid_generator_backward(Tensor grad, int[] size, bool align_corners) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, size, align) => {
      const [batch = 0, , ...image] = size;
      const base = forBatch(k, baseGrid(k, image, align, grad.dtype), batch);
      const flat = call("view", call("contiguous", grad), [batch, product(image), image.length]);
      return call("transpose", call("bmm", call("transpose", base, 1, 2), flat), 1, 2);
    },
    samples: [],
  }),
];
