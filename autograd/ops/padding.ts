/** Padding: with a constant, by reflection, by the edge, in a circle. */
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { mapped, type Taps, unmapped } from "../taps.ts";
import type { Tensor } from "../tensor.ts";

type Sizes = readonly number[];

function constantPad(k: Kernels, self: Tensor, pad: Sizes, value: number): Tensor {
  const dims = self.shape.length;
  if (pad.length % 2 !== 0) fail(`Length of pad must be even but instead it equals ${pad.length}`);
  if (pad.length > 2 * dims)
    fail(
      `Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${pad.length}while the input has ${dims}dimensions.`,
    );
  const side = (dim: number, which: 0 | 1): number => pad[2 * (dims - 1 - dim) + which] ?? 0;
  for (const [dim, size] of self.shape.entries()) {
    if (-side(dim, 0) > size) normalDim(-side(dim, 0), size);
    if (size + side(dim, 0) + side(dim, 1) < 0)
      fail(
        `The input size ${size}, plus negative padding ${side(dim, 0)} and ${side(dim, 1)} resulted in a negative output size, which is invalid. Check dimension ${dim} of your input.`,
      );
  }
  const shape = self.shape.map((size, dim) => size + side(dim, 0) + side(dim, 1));
  const out = k.empty(shape, self.dtype);
  k.fill(out, value);
  // What both have in common, as it lies in each.
  const start = (dim: number): number => Math.max(side(dim, 0), 0);
  const cut = (dim: number): number => Math.max(-side(dim, 0), 0);
  const common = self.shape.map((size, dim) => size - cut(dim) - Math.max(-side(dim, 1), 0));
  if (common.some((size) => size <= 0)) return out;
  const offset = (t: Tensor, from: (dim: number) => number): number =>
    t.strides.reduce((sum, stride, dim) => sum + stride * from(dim), t.offset);
  const into = k.view(out, common, out.strides, offset(out, start));
  k.copyInto(into, k.view(self, common, self.strides, offset(self, cut)));
  return out;
}

/** Position `o` of a line of that size, reflected at its ends. */
function reflected(o: number, size: number): number {
  if (o < 0) return -o;
  return o < size ? o : 2 * (size - 1) - o;
}
const held = (o: number, size: number): number => Math.min(Math.max(o, 0), size - 1);

function mapsOf(shape: Sizes, n: number, padding: Sizes, place: (o: number, size: number) => number): Taps[] {
  return Array.from({ length: n }, (_, d): Taps => {
    const size = shape[shape.length - n + d] as number;
    const [before = 0, after = 0] = padding.slice(2 * (n - 1 - d));
    const length = size + before + after;
    return Array.from({ length }, (_, o) => [[place(o - before, size), 1]]);
  });
}

type Kind = "reflection" | "replication";

function checkEdges(kind: Kind, n: number, self: Tensor, padding: Sizes): void {
  const { shape } = self;
  const dims = shape.length;
  if (!isFloat(self.dtype))
    fail(`"${kind}_pad${n}d" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  const made = [...shape];
  for (let d = 0; d < n; d++) {
    const at = dims - 1 - d;
    const [before = 0, after = 0] = padding.slice(2 * d);
    const size = shape[at] as number;
    if (kind === "reflection" && (before >= size || after >= size))
      fail(
        `Argument #${4 + 2 * d}: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension ${at} of input ${n === 2 ? dims : showShape(shape)}`,
      );
    made[at] = size + before + after;
  }
  if (made.some((size) => size < 0))
    fail(`Trying to create tensor with negative dimension ${made.find((s) => s < 0)}: ${showShape(made)}`);
}

function edgeRows(kind: Kind, n: 1 | 2 | 3): OpRow[] {
  type Forward = "f(Tensor self, int[] padding) -> Tensor";
  type Backward = "f(Tensor grad_output, Tensor self, int[] padding) -> Tensor";
  const name = `${kind}_pad${n}d`;
  const node = `${kind === "reflection" ? "Reflection" : "Replication"}Pad${n}D`;
  const place = kind === "reflection" ? reflected : held;
  const mode = kind === "reflection" ? "reflect" : "replicate";
  const x = ["", "a", "m[None]", "torch.stack([m, m * m])[None]"][n];
  return [
    op({
      schema: `${name}(Tensor self, int[] padding) -> Tensor` as Forward,
      variants: "nn",
      node: `${node}Backward0`,
      pattern: "move",
      forward: (k, self, padding) => {
        checkEdges(kind, n, self, padding);
        return mapped(k, self, mapsOf(self.shape, n, padding, place));
      },
      backward: { self: `${name}_backward(grad, self, padding)` },
      samples: [
        `torch.nn.functional.pad(${x}, (${[1, 0, 1, 1, 0, 1].slice(0, 2 * n).join(", ")}), '${mode}')`,
        `torch.nn.functional.pad(${x}, (${[-1, 1, 0, 1, 1, 1].slice(0, 2 * n).join(", ")}), '${mode}')`,
      ],
    }),
    op({
      schema: `${name}_backward(Tensor grad_output, Tensor self, int[] padding) -> Tensor` as Backward,
      variants: "internal",
      node: `${node}BackwardBackward0`,
      pattern: "move",
      forward: (k, grad, self, padding) =>
        unmapped(k, grad, mapsOf(self.shape, n, padding, place), self.shape.slice(-n)),
      backward: { grad_output: `${name}(grad, padding)`, self: "zeros_like(grad)" },
      samples: [],
    }),
  ];
}

/** The image in the middle of a larger one, whose borders are then copied from within it. */
function circular(call: Call, k: Kernels, self: Tensor, padding: Sizes): Tensor {
  const n = self.shape.length - 2;
  if (padding.length !== 2 * n) fail(`Invalid padding size, expected ${2 * n} but got ${padding.length}`);
  const shape = [...self.shape];
  const side = (i: number): readonly [number, number] => [padding[2 * i] ?? 0, padding[2 * i + 1] ?? 0];
  for (let i = 0; i < n; i++) {
    const [before, after] = side(n - 1 - i);
    const size = self.shape[2 + i] as number;
    shape[2 + i] = size + before + after;
    if (before > size || after > size) fail("Padding value causes wrapping around more than once.");
    if ((shape[2 + i] as number) < 0) fail("Negative padding value is resulting in an empty dimension");
  }
  const out = k.empty(shape, self.dtype);
  let [into, from] = [out, self];
  for (let i = 0; i < n; i++) {
    const dim = n - i + 1;
    const [before, after] = side(i);
    const [whole, size] = [shape[dim] as number, self.shape[dim] as number];
    into = call("slice", into, dim, Math.max(before, 0), whole - Math.max(after, 0));
    from = call("slice", from, dim, Math.max(-before, 0), size - Math.max(-after, 0));
  }
  call("copy_", into, from);
  for (let i = n - 1; i >= 0; i--) {
    const dim = n - i + 1;
    const [before, after] = side(i);
    const whole = shape[dim] as number;
    const [b, a] = [Math.max(before, 0), Math.max(after, 0)];
    if (before > 0) {
      const target = call("slice", out, dim, 0, before);
      call("copy_", target, call("slice", out, dim, whole - before - a, whole - a));
    }
    if (after > 0) {
      const target = call("slice", out, dim, whole - after, whole);
      call("copy_", target, call("slice", out, dim, b, b + after));
    }
  }
  return out;
}

const MODES: Readonly<Record<string, string>> = {
  reflect: "reflection",
  replicate: "replication",
  circular: "circular",
};

function pad(
  call: Call,
  k: Kernels,
  self: Tensor,
  padding: Sizes,
  mode: string,
  value: number | null,
): Tensor {
  const kind = MODES[mode];
  if (kind === undefined && mode !== "constant")
    fail(`Unrecognised padding mode ${mode}`, "NotImplementedError");
  const dims = self.shape.length;
  if (padding.length % 2 !== 0) fail("Padding length must be divisible by 2");
  if (padding.length > 2 * dims) fail("Padding length too large");
  if (kind === undefined) return call("constant_pad_nd", self, padding, value ?? 0);
  if (value !== null && value !== 0) fail(`Padding mode "${mode}" doesn't take in value argument`);
  const n = padding.length / 2;
  if (n < 1 || n > 3 || (dims !== n + 1 && dims !== n + 2))
    fail(
      "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now",
      "NotImplementedError",
    );
  return kind === "circular" ? circular(call, k, self, padding) : call(`${kind}_pad${n}d`, self, padding);
}

export const PADDING: readonly OpRow[] = [
  composite({
    schema: "pad(Tensor self, int[] pad, str mode='constant', float? value=None) -> Tensor",
    variants: "nn",
    compose: pad,
    exempt: { second: "PyTorch pads in a circle by copies whose gradients it clones more often" },
    samples: [
      "torch.nn.functional.pad(a, (1, 2))",
      "torch.nn.functional.pad(a, (1, -1, 0, 2), value=2.5)",
      "torch.nn.functional.pad(i, (1, 1), value=7)",
      "torch.nn.functional.pad(m[None], (1, 2), 'circular')",
    ],
  }),
  op({
    schema: "constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor",
    variants: "function",
    node: "ConstantPadNdBackward0",
    pattern: "move",
    forward: (k, self, padding, value) => constantPad(k, self, padding, value.number),
    backward: { self: "constant_pad_nd_backward(grad, pad)" },
    samples: ["torch.constant_pad_nd(a, (1, 1), 3)", "torch.constant_pad_nd(a, (0, -2), 3)"],
  }),
  composite({
    schema: "constant_pad_nd_backward(Tensor grad, int[] pad) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, padding) =>
      call(
        "constant_pad_nd",
        grad,
        padding.map((p) => -p),
        0,
      ),
    samples: [],
  }),
  ...edgeRows("reflection", 1),
  ...edgeRows("reflection", 2),
  ...edgeRows("reflection", 3),
  ...edgeRows("replication", 1),
  ...edgeRows("replication", 2),
  ...edgeRows("replication", 3),
];
