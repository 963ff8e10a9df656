/** Distances of every row to every other. */
import { dtypeRow, isFloat } from "../dtype.ts";
import { doubles, made } from "../each.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, type Kernels } from "../kernels.ts";
import { precisionOf } from "../matrices.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** The distance of every row of one to every row of the other. */
function distances(k: Kernels, x1: Tensor, x2: Tensor, p: number): Tensor {
  if (!isFloat(x1.dtype))
    fail(`cdist only supports floating-point dtypes, X1 got: ${dtypeRow(x1.dtype).scalarType}`);
  if (!isFloat(x2.dtype))
    fail(`cdist only supports floating-point dtypes, X2 got: ${dtypeRow(x2.dtype).scalarType}`);
  const batch = broadcastShapes(x1.shape.slice(0, -2), x2.shape.slice(0, -2));
  const [rows, columns, width] = [
    x1.shape.at(-2) as number,
    x2.shape.at(-2) as number,
    x1.shape.at(-1) as number,
  ];
  const at = (t: Tensor): Float64Array => {
    const shape = [...batch, ...t.shape.slice(-2)];
    return k.core.read(k.broadcast(t, shape)) as Float64Array;
  };
  const [a, b] = [at(x1), at(x2)];
  const count = batch.reduce((n, size) => n * size, 1);
  const out = new Float64Array(count * rows * columns);
  for (let i = 0; i < out.length; i++) {
    const from = Math.floor(i / columns) * width;
    const to = (Math.floor(i / (rows * columns)) * columns + (i % columns)) * width;
    out[i] = between(p, width, (j) => (a[from + j] as number) - (b[to + j] as number));
  }
  return made(k, [...batch, rows, columns], x1.dtype, out);
}

/** The p-norm of n differences. */
function between(p: number, n: number, difference: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const x = Math.abs(difference(i));
    if (p === 0) sum += Math.min(Math.ceil(x), 1);
    else if (p === Number.POSITIVE_INFINITY) sum = Math.max(sum, x);
    else sum += p === 1 ? x : p === 2 ? x * x : x ** p;
  }
  if (p === 0 || p === 1 || p === Number.POSITIVE_INFINITY) return sum;
  return p === 2 ? Math.sqrt(sum) : sum ** (1 / p);
}

/** How the distance changes with a difference. */
function slope(p: number, difference: number, distance: number): number {
  const sign = Math.sign(difference);
  if (p === 0 || distance === 0) return 0;
  if (p === 1) return sign;
  if (p === Number.POSITIVE_INFINITY) return Math.abs(difference) === distance ? sign : 0;
  return sign * (Math.abs(difference) / distance) ** (p - 1);
}

/** Summed over what was broadcast, the gradient of the distances towards the rows of `x1`. */
function distancesBackward(
  k: Kernels,
  grad: Tensor,
  x1: Tensor,
  x2: Tensor,
  p: number,
  cdist: Tensor,
): Tensor {
  const batch = cdist.shape.slice(0, -2);
  const [rows, columns, width] = [
    x1.shape.at(-2) as number,
    x2.shape.at(-2) as number,
    x1.shape.at(-1) as number,
  ];
  const at = (t: Tensor): Float64Array =>
    k.core.read(k.broadcast(t, [...batch, ...t.shape.slice(-2)])) as Float64Array;
  const [a, b, g, d] = [at(x1), at(x2), doubles(k, grad), doubles(k, cdist)];
  const { round } = precisionOf(x1);
  const count = batch.reduce((n, size) => n * size, 1);
  const out = new Float64Array(count * rows * width);
  for (let i = 0; i < g.length; i++) {
    const from = Math.floor(i / columns) * width;
    const to = (Math.floor(i / (rows * columns)) * columns + (i % columns)) * width;
    for (let j = 0; j < width; j++)
      out[from + j] =
        (out[from + j] as number) +
        (g[i] as number) * slope(p, round((a[from + j] as number) - (b[to + j] as number)), d[i] as number);
  }
  return made(k, [...batch, rows, width], x1.dtype, out);
}

export const PAIRS: readonly OpRow[] = [
  op({
    schema: "_cdist_forward(Tensor x1, Tensor x2, float p) -> Tensor",
    variants: "internal",
    node: "CdistBackward0",
    pattern: "scale",
    forward: distances,
    backward: {
      x1: "_cdist_backward(grad, x1, x2, p, result)",
      x2: "_cdist_backward(grad.transpose(-2, -1).contiguous(), x2, x1, p, result.transpose(-2, -1).contiguous())",
    },
    samples: [],
  }),
  op({
    schema: "_cdist_backward(Tensor grad, Tensor x1, Tensor x2, float p, Tensor cdist) -> Tensor",
    variants: "internal",
    node: "CdistBackwardBackward0",
    pattern: "scale",
    forward: distancesBackward,
    backward: {
      grad: 'underivable("_cdist_backward")',
      x1: 'underivable("_cdist_backward")',
      x2: 'underivable("_cdist_backward")',
      cdist: 'underivable("_cdist_backward")',
    },
    exempt: {
      graph: "it is met only where the second derivative fails",
      differences: "PyTorch has no second derivative for it",
    },
    samples: [],
  }),
  composite({
    schema: "cdist(Tensor x1, Tensor x2, float p=2, int? compute_mode=None) -> Tensor",
    variants: "function",
    compose: (call, _k, x1, x2, p, mode) => {
      for (const [i, x] of [x1, x2].entries())
        if (x.shape.length < 2)
          fail(`cdist only supports at least 2D tensors, X${i + 1} got: ${x.shape.length}D`);
      if (x1.shape.at(-1) !== x2.shape.at(-1))
        fail(`X1 and X2 must have the same number of columns. X1: ${x1.shape.at(-1)} X2: ${x2.shape.at(-1)}`);
      if (p < 0) fail("cdist only supports non-negative p values");
      const large = (x1.shape.at(-2) as number) > 25 || (x2.shape.at(-2) as number) > 25;
      const byProduct = mode === 1 || ((mode ?? 0) === 0 && large);
      if (p !== 2 || !byProduct) return call("_cdist_forward", x1, x2, p);
      const found = call("_euclidean_dist", x1, x2);
      return call("view", found, found.shape);
    },
    exempt: {
      differences: "PyTorch has no second derivative for it",
      second: "PyTorch computes the ratio once for both inputs",
    },
    samples: [
      "torch.cdist(a, b)",
      "torch.cdist(a, b, p=1.)",
      "torch.cdist(a, m, p=3.)",
      "torch.cdist(a, b, p=float('inf'))",
      "torch.cdist(a, b, p=0)",
      "torch.cdist(torch.stack([a, b]), m)",
      "torch.cdist(a, b, compute_mode='use_mm_for_euclid_dist')",
      "torch.cdist(a, b, compute_mode='donot_use_mm_for_euclid_dist')",
    ],
  }),
  op({
    schema: "_euclidean_dist(Tensor x1, Tensor x2) -> Tensor",
    variants: "internal",
    node: "EuclideanDistBackward0",
    pattern: "scale",
    forward: (k, x1, x2) => distances(k, x1, x2, 2),
    backward: {
      x1: "euclidean_dist_backward(grad, x1, x2, result)",
      x2: "euclidean_dist_backward(grad.transpose(-2, -1), x2, x1, result.transpose(-2, -1))",
    },
    exempt: { second: "PyTorch computes the ratio once for both inputs" },
    samples: [],
  }),
  composite({
    schema: "euclidean_dist_backward(Tensor grad, Tensor x1, Tensor x2, Tensor result) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, x1, x2, result) => {
      const ratio = call("masked_fill_", call("div", grad, result), call("eq", result, 0), 0);
      return call("sub", call("mul", x1, call("sum", ratio, [-1], true)), call("matmul", ratio, x2));
    },
    samples: [],
  }),
  op({
    schema: "pdist(Tensor self, float p=2) -> Tensor",
    variants: "function",
    node: "PdistBackward0",
    pattern: "scale",
    forward: (k, self, p) => {
      if (self.shape.length !== 2) fail(`pdist only supports 2D tensors, got: ${self.shape.length}D`);
      if (!isFloat(self.dtype)) fail("pdist only supports floating-point dtypes");
      if (p < 0) fail("pdist only supports non-negative p values");
      const [n, width] = self.shape as [number, number];
      const x = doubles(k, self);
      const out: number[] = [];
      for (let i = 0; i < n; i++)
        for (let j = i + 1; j < n; j++)
          out.push(between(p, width, (c) => (x[i * width + c] as number) - (x[j * width + c] as number)));
      return made(k, [out.length], self.dtype, out);
    },
    backward: { self: "_pdist_backward(grad, self, p, result)" },
    exempt: { differences: "PyTorch has no second derivative for it" },
    samples: ["torch.pdist(m)", "torch.pdist(m, 1.)", "torch.pdist(m, float('inf'))"],
  }),
  op({
    schema: "_pdist_backward(Tensor grad, Tensor self, float p, Tensor pdist) -> Tensor",
    variants: "internal",
    node: "PdistBackwardBackward0",
    pattern: "scale",
    forward: (k, grad, self, p, pdist) => {
      const [n, width] = self.shape as [number, number];
      const [x, g, d] = [doubles(k, self), doubles(k, grad), doubles(k, pdist)];
      const { round } = precisionOf(self);
      const out = new Float64Array(n * width);
      let pair = 0;
      for (let i = 0; i < n; i++)
        for (let j = i + 1; j < n; j++, pair++)
          for (let c = 0; c < width; c++) {
            const [from, to] = [i * width + c, j * width + c];
            const change =
              (g[pair] as number) *
              slope(p, round((x[from] as number) - (x[to] as number)), d[pair] as number);
            out[from] = (out[from] as number) + change;
            out[to] = (out[to] as number) - change;
          }
      return made(k, self.shape, self.dtype, out);
    },
    backward: {
      grad: 'underivable("_pdist_backward")',
      self: 'underivable("_pdist_backward")',
      pdist: 'underivable("_pdist_backward")',
    },
    exempt: {
      graph: "it is met only where the second derivative fails",
      differences: "PyTorch has no second derivative for it",
    },
    samples: [],
  }),
];
