/** Images made larger or smaller: nearest neighbours, linear and cubic interpolation, with or without antialiasing. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import LACKING from "../lacking.json" with { type: "json" };
import { numbers, written } from "../pools.ts";
import { type OpRow, op } from "../row.ts";
import { fused, mapped, type Taps, unmapped } from "../taps.ts";
import type { Tensor } from "../tensor.ts";

export type Round = (x: number) => number;
/** How one dimension is mapped: positions and weights for each place of the output. */
type Method = (from: number, to: number, align: boolean, scale: number | null, round: Round) => Taps;

/** Of the input per step of the output. */
function ratio(from: number, to: number, align: boolean, scale: number | null, round: Round): number {
  if (align) return to > 1 ? round((from - 1) / (to - 1)) : 0;
  return round(scale !== null && scale > 0 ? 1 / scale : from / to);
}

const places = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const nearest: Method = (from, to, _align, scale, round) => {
  const step = ratio(from, to, false, scale, round);
  return places(to).map((o) => [[to === from ? o : Math.min(Math.floor(round(o * step)), from - 1), 1]]);
};

const nearestExact: Method = (from, to, _align, scale, round) => {
  const step = ratio(from, to, false, scale, round);
  return places(to).map((o) => [[Math.min(Math.floor(round((o + 0.5) * step)), from - 1), 1]]);
};

const linear: Method = (from, to, align, scale, round) => {
  if (from === to) return places(to).map((o) => [[o, 1]]);
  const step = ratio(from, to, align, scale, round);
  return places(to).map((o) => {
    const at = align ? round(step * o) : Math.max(round(round(step * (o + 0.5)) - 0.5), 0);
    const low = Math.min(Math.floor(at), from - 1);
    const part = Math.min(Math.max(round(at - low), 0), 1);
    return [
      [low, round(1 - part)],
      [Math.min(low + 1, from - 1), part],
    ];
  });
};

/** Keys' cubic convolution. */
const BEND = -0.75;
const inner = (x: number, a: number, round: Round): number =>
  round(round(round(round(round((a + 2) * x) - (a + 3)) * x) * x) + 1);
const outer = (x: number, a: number, round: Round): number =>
  round(round(round(round(round(round(a * x) - 5 * a) * x) + 8 * a) * x) - 4 * a);

/** The weights of the four neighbours of a point that lies `t` behind the second. */
export const cubicWeights = (t: number, round: Round): readonly [number, number, number, number] => [
  outer(round(t + 1), BEND, round),
  inner(t, BEND, round),
  inner(round(1 - t), BEND, round),
  outer(round(2 - t), BEND, round),
];

/** The same as PyTorch's compiler has it for the kernel that makes images larger: with fused multiply-add, up to the last step. */
const fusedWeights: typeof cubicWeights = (t, round) => {
  const a = BEND;
  const near = (x: number): number => round(round(round(round((a + 2) * x - (a + 3)) * x) * x) + 1);
  const far = (x: number): number => round(round(round(round(a * x - 5 * a) * x + 8 * a) * x) - 4 * a);
  const rest = round(1 - t);
  return [far(round(t + 1)), near(t), near(rest), far(round(rest + 1))];
};

/** Where a point lies, to `round`'s digits, and the weights of its neighbours; for the way back both are plain float32. */
const cubicBy =
  (weights: typeof cubicWeights, lies: (round: Round) => Round): Method =>
  (from, to, align, scale, round) => {
    const step = ratio(from, to, align, scale, round);
    const place = lies(round);
    return places(to).map((o) => {
      const at = align ? place(step * o) : place(place(step * (o + 0.5)) - 0.5);
      const low = Math.floor(at);
      return weights(round(at - low), round).map(
        (weight, i) => [Math.min(Math.max(low - 1 + i, 0), from - 1), weight] as const,
      );
    });
  };

const cubic = cubicBy(fusedWeights, () => Number);
const cubicBack = cubicBy(cubicWeights, (round) => round);

/** The way back of cubic interpolation: each gradient is brought to its 16 neighbours in turn. */
function gathered(k: Kernels, grad: Tensor, [rows, columns]: readonly Taps[], size: Sizes): Tensor {
  const round = grad.dtype === DType.f32 ? Math.fround : Number;
  const [height, width] = size as [number, number];
  const [down, across] = [rows as Taps, columns as Taps];
  const data = numbers(k, grad);
  const images = data.length / Math.max(down.length * across.length, 1);
  const out = new Float64Array(images * height * width);
  let at = 0;
  for (let image = 0; image < images; image++)
    for (const row of down)
      for (const column of across) {
        const value = data[at++] as number;
        for (const [x, wx] of column)
          for (const [y, wy] of row) {
            const i = (image * height + y) * width + x;
            out[i] = round((out[i] as number) + round(round(value * wy) * wx));
          }
      }
  return written(k, [...grad.shape.slice(0, -2), ...size], grad.dtype, out);
}

/** A filter as wide as a step of the output, its weights adding up to 1. */
const smooth =
  (width: number, filter: (x: number) => number): Method =>
  (from, to, align, scale, round) => {
    const step = ratio(from, to, align, scale, round);
    const reach = step >= 1 ? (width / 2) * step : width / 2;
    const shrink = step >= 1 ? 1 / step : 1;
    return places(to).map((o) => {
      const center = step * (o + 0.5);
      const start = Math.max(Math.trunc(center - reach + 0.5), 0);
      const end = Math.min(Math.trunc(center + reach + 0.5), from);
      const weights = places(end - start).map((j) => filter((j + start - center + 0.5) * shrink));
      const total = weights.reduce((sum, w) => sum + w, 0);
      return weights.map((w, j) => [start + j, total === 0 ? w : w / total] as const);
    });
  };

const triangle = (x: number): number => Math.max(1 - Math.abs(x), 0);
const bell = (x: number): number => {
  const d = Math.abs(x);
  return d < 1 ? inner(d, -0.5, Number) : d < 2 ? outer(d, -0.5, Number) : 0;
};

type Sizes = readonly number[];

function outputSize(input: Sizes, n: number, size: Sizes | null, scales: Sizes | null): Sizes {
  const image = input.slice(2);
  if (size !== null) {
    if (scales !== null) fail("Must specify exactly one of output_size and scale_factors");
    if (size.length !== n) fail(`It is expected output_size equals to ${n}, but got size ${size.length}`);
    return size;
  }
  if (scales === null) fail("Must specify exactly one of output_size and scale_factors");
  return image.map((s, i) => Math.floor(s * (scales[i] as number)));
}

function check(name: string, kernel: string, n: number, self: Tensor, to: Sizes): void {
  const { shape } = self;
  if (shape.length !== n + 2)
    fail(`It is expected input_size equals to ${n + 2}, but got size ${shape.length}`);
  const axes = ["D", "H", "W"].slice(-n);
  const named = (list: Sizes): string => list.map((s, i) => `${axes[i]}: ${s}`).join(", ");
  const from = shape.slice(2);
  if ([...from, ...to].some((s) => s <= 0))
    fail(
      `Input and output sizes should be greater than 0, but got input (${named(from)})${n === 1 ? " and" : ""} output (${named(to)})`,
    );
  if (shape.slice(1).includes(0))
    fail(`Non-empty ${n + 2}D data tensor expected but got a tensor with sizes ${showShape(shape)}`);
  const lacking: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = LACKING;
  const [types = []] = Object.values(lacking[`${name}.vec`] ?? {});
  if (self.dtype === DType.bf16 && kernel === "cubic" && !types.includes("BFloat16"))
    fail(
      `${name} of bfloat16 is not in the embedded engine (PyTorch 1.13 rounds its weights to bfloat16); give it float32`,
      "NotImplementedError",
    );
  if (!types.includes(dtypeRow(self.dtype).scalarType)) return;
  const shaped = kernel === "linear" ? { 1: "linear", 2: "bilinear", 3: "trilinear" }[n] : kernel;
  // PyTorch has a kernel of its own for images whose channels lie innermost, as a single channel does.
  const last = n > 1 && shape[1] === 1 && (kernel === "linear" || kernel === "nearest");
  const called = last ? `upsample_${shaped}${n}d_channels_last` : `compute_indices_weights_${kernel}`;
  fail(`"${called}" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
}

interface Resizing {
  readonly name: string;
  readonly node: string;
  readonly n: number;
  readonly method: Method;
  /** How it is for gradients, where that is not the transpose to the last digit. */
  readonly back?: Method;
  /** PyTorch's name of the kernel. */
  readonly kernel: string;
  /** Does it take `align_corners`? */
  readonly aligns: boolean;
  readonly samples: readonly string[];
}

function rows({ name, node, n, method, back, kernel, aligns, samples }: Resizing): OpRow[] {
  const flag = aligns ? "bool align_corners, " : "";
  const given = aligns ? "align_corners, " : "";
  type Forward = "f(Tensor input, int[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor";
  type Backward =
    "f(Tensor grad_output, int[]? output_size, int[] input_size, bool align_corners, float[]? scale_factors) -> Tensor";
  const maps = (
    from: Sizes,
    to: Sizes,
    align: boolean,
    scales: Sizes | null,
    dtype: DType,
    by = method,
  ): Taps[] => {
    const round = dtype === DType.f32 ? Math.fround : Number;
    return to.map((size, i) => by(from[i] as number, size, align, scales?.[i] ?? null, round));
  };
  return [
    op({
      schema: `${name}(Tensor input, int[]? output_size, ${flag}float[]? scale_factors) -> Tensor` as Forward,
      variants: "nn",
      node: `${node}Backward1`,
      pattern: "mix",
      rounds: "each",
      forward: (k, given, size, ...rest) => {
        const [align, scales] = aligns ? rest : [false, rest[0] as unknown as Sizes | null];
        const to = outputSize(given.shape, n, size, scales);
        check(name, kernel, n, given, to);
        const input = k.cast(given, given.dtype === DType.f64 ? DType.f64 : DType.f32);
        const list = maps(input.shape.slice(2), to, align, scales, input.dtype);
        const out =
          back !== undefined && input.dtype === DType.f32
            ? mapped(k, input, list, fused)
            : mapped(k, input, list);
        return k.cast(out, given.dtype);
      },
      backward: {
        input: `${name}_backward(grad, output_size, input.sizes(), ${given}scale_factors)`,
      },
      samples,
    }),
    op({
      schema:
        `${name}_backward(Tensor grad_output, int[]? output_size, int[] input_size, ${flag}float[]? scale_factors) -> Tensor` as Backward,
      variants: "internal",
      node: `${node}BackwardBackward1`,
      pattern: "mix",
      forward: (k, grad, _size, from, ...rest) => {
        const [align, scales] = aligns ? rest : [false, rest[0] as unknown as Sizes | null];
        const list = maps(from.slice(2), grad.shape.slice(2), align, scales, grad.dtype, back);
        return (back === undefined ? unmapped : gathered)(k, grad, list, from.slice(2));
      },
      backward: { grad_output: `${name}(grad, output_size, ${given}scale_factors)` },
      samples: [],
    }),
  ];
}

const X = ["", "a[None]", "m[None, None]", "torch.stack([m, m * m])[None, None]"];
const call = (n: number, rest: string): string => `torch.nn.functional.interpolate(${X[n]}, ${rest})`;

function nearestRows(n: 1 | 2 | 3): OpRow[] {
  return [
    ...rows({
      name: `upsample_nearest${n}d`,
      node: `UpsampleNearest${n}D`,
      n,
      method: nearest,
      kernel: "nearest",
      aligns: false,
      samples: [call(n, "scale_factor=2"), call(n, "size=2"), call(n, "scale_factor=1.7")],
    }),
    ...rows({
      name: `_upsample_nearest_exact${n}d`,
      node: `UpsampleNearestExact${n}D`,
      n,
      method: nearestExact,
      kernel: "nearest",
      aligns: false,
      samples: [call(n, "scale_factor=1.5, mode='nearest-exact'"), call(n, "size=2, mode='nearest-exact'")],
    }),
  ];
}

const smoothSamples = (n: number, mode: string): string[] => [
  call(n, `scale_factor=2, mode='${mode}'`),
  call(n, `size=2, mode='${mode}', align_corners=True`),
  call(n, `scale_factor=${n === 3 ? 1.8 : 1.5}, mode='${mode}'`),
  call(n, `size=5, mode='${mode}', align_corners=True`),
];

export const RESAMPLING: readonly OpRow[] = [
  ...nearestRows(1),
  ...nearestRows(2),
  ...nearestRows(3),
  ...(["linear1d", "bilinear2d", "trilinear3d"] as const).flatMap((name, i) =>
    rows({
      name: `upsample_${name}`,
      node: `Upsample${["Linear1D", "Bilinear2D", "Trilinear3D"][i]}`,
      n: i + 1,
      method: linear,
      kernel: "linear",
      aligns: true,
      samples: smoothSamples(i + 1, name.slice(0, -2)),
    }),
  ),
  ...rows({
    name: "upsample_bicubic2d",
    node: "UpsampleBicubic2D",
    n: 2,
    method: cubic,
    back: cubicBack,
    kernel: "cubic",
    aligns: true,
    samples: smoothSamples(2, "bicubic"),
  }),
  ...rows({
    name: "_upsample_bilinear2d_aa",
    node: "UpsampleBilinear2DAa",
    n: 2,
    method: smooth(2, triangle),
    kernel: "aa",
    aligns: true,
    samples: [
      call(2, "size=2, mode='bilinear', antialias=True"),
      call(2, "size=5, mode='bilinear', antialias=True"),
    ],
  }),
  ...rows({
    name: "_upsample_bicubic2d_aa",
    node: "UpsampleBicubic2DAa",
    n: 2,
    method: smooth(4, bell),
    kernel: "aa",
    aligns: true,
    samples: [call(2, "size=2, mode='bicubic', antialias=True")],
  }),
];
