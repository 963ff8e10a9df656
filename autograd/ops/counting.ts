/** Counting and looking up: distinct values, histograms, places in a sorted sequence, closeness. */
import { Binary, DType, Reduce, Unary } from "../../assembly/shared/codes.ts";
import { sort } from "../cxx.ts";
import { notFor } from "../draws.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { doubles, made, relaid } from "../each.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, type Kernels, ownDim, sameShape, showShape } from "../kernels.ts";
import { int64s } from "../positions.ts";
import { composite, type OpRow, op } from "../row.ts";
import { isContiguous, type Tensor } from "../tensor.ts";

type N = number | bigint;

const compare = (x: N, y: N): number =>
  x < y ? -1 : x > y ? 1 : Number(Number.isNaN(Number(x))) - Number(Number.isNaN(Number(y)));

const elements = (k: Kernels, t: Tensor): N[] => Array.from(k.core.read(t) as ArrayLike<N>);

interface Distinct {
  readonly values: Tensor;
  readonly inverse: Tensor;
  readonly counts: Tensor;
}

function distinct(k: Kernels, self: Tensor): Distinct {
  const all = elements(k, self);
  const order = all.map((_, i) => i).sort((x, y) => compare(all[x] as N, all[y] as N));
  const [values, counts, inverse]: [N[], number[], number[]] = [[], [], new Array(all.length)];
  for (const i of order) {
    // NaN is never equal to NaN.
    if (values.length === 0 || values.at(-1) !== all[i]) {
      values.push(all[i] as N);
      counts.push(0);
    }
    counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    inverse[i] = values.length - 1;
  }
  return {
    values: made(k, [values.length], self.dtype, values),
    inverse: int64s(k, self.shape, inverse.map(BigInt)),
    counts: int64s(k, [counts.length], counts.map(BigInt)),
  };
}

/** Equal neighbours as one. */
function runs(k: Kernels, self: Tensor): Distinct {
  const all = elements(k, self);
  const [values, counts, inverse]: [N[], number[], number[]] = [[], [], []];
  for (const x of all) {
    if (values.length === 0 || values.at(-1) !== x) {
      values.push(x);
      counts.push(0);
    }
    counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    inverse.push(values.length - 1);
  }
  return {
    values: made(k, [values.length], self.dtype, values),
    inverse: int64s(k, self.shape, inverse.map(BigInt)),
    counts: int64s(k, [counts.length], counts.map(BigInt)),
  };
}

/** The same of whole slices along a dimension. */
function slices(k: Kernels, self: Tensor, dim: number, consecutive: boolean): Distinct {
  const axis = ownDim(dim, self.shape.length);
  const order = [axis, ...self.shape.map((_, i) => i).filter((i) => i !== axis)];
  const front = k.contiguous(
    k.view(
      self,
      order.map((i) => self.shape[i] as number),
      order.map((i) => self.strides[i] as number),
    ),
  );
  const all = elements(k, front);
  const size = self.shape[axis] as number;
  const width = size === 0 ? 0 : all.length / size;
  const rowOf = (i: number): N[] => all.slice(i * width, (i + 1) * width);
  const rows = Array.from({ length: size }, (_, i) => rowOf(i));
  // As PyTorch, to which NaN is neither less than anything nor equal to it.
  const less = (x: N[], y: N[]): boolean => {
    const at = x.findIndex((value, i) => value < (y[i] as N) || value > (y[i] as N));
    return at >= 0 && (x[at] as N) < (y[at] as N);
  };
  const places = rows.map((_, i) => i);
  if (!consecutive) sort(places, (x, y) => less(rows[x] as N[], rows[y] as N[]));
  const [kept, counts, inverse]: [N[][], number[], number[]] = [[], [], new Array(size)];
  for (const i of places) {
    const row = rows[i] as N[];
    const before = kept.at(-1);
    if (before === undefined || !before.every((value, j) => value === row[j])) {
      kept.push(row);
      counts.push(0);
    }
    counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    inverse[i] = kept.length - 1;
  }
  const shape = [kept.length, ...order.slice(1).map((i) => self.shape[i] as number)];
  const flat = made(k, shape, self.dtype, kept.flat());
  const back = self.shape.map((_, i) => order.indexOf(i));
  const values = relaid(
    k,
    flat,
    back.map((i) => shape[i] as number),
    back.map((i) => flat.strides[i] as number),
  );
  return {
    values,
    inverse: int64s(k, [size], inverse.map(BigInt)),
    counts: int64s(k, [counts.length], counts.map(BigInt)),
  };
}

const parts = (
  k: Kernels,
  { values, inverse, counts }: Distinct,
  withInverse: boolean,
  withCounts: boolean,
): readonly Tensor[] => [
  values,
  withInverse ? inverse : int64s(k, [0], []),
  withCounts ? counts : int64s(k, [0], []),
];

/** The first place in each sorted line at which a value could stand; `right`: the last one. */
function searched(
  k: Kernels,
  sequence: Tensor,
  self: Tensor,
  right: boolean,
  sorter: Tensor | null,
  int32: boolean,
): Tensor {
  if (sequence.dtype === DType.bool && self.dtype === DType.bool)
    fail(`"searchsorted_out_cpu" not implemented for 'Bool'`);
  const operands = [
    ["input value", self, 33],
    ["boundary", sequence, 39],
    ["sorter", sorter, 45],
  ] as const;
  for (const [name, t, line] of operands)
    if (t !== null && !isContiguous(t))
      k.warnOnce(
        `torch.searchsorted(): ${name} tensor is non-contiguous, this will lower the performance due to extra data copy when converting non-contiguous tensor to contiguous, please use contiguous ${name} tensor if possible. This message will only appear once per program. (Triggered internally at  ./aten/src/ATen/native/BucketizationUtils.h:${line}.)`,
      );
  const size = sequence.shape.at(-1) as number;
  const [all, values] = [doubles(k, sequence), doubles(k, self)];
  const order = sorter === null ? null : doubles(k, sorter);
  const lines = sequence.shape.length === 1 ? 1 : all.length / Math.max(size, 1);
  const each = lines === 1 ? values.length : values.length / Math.max(lines, 1);
  const found = Array.from(values, (x, i) => {
    const from = lines === 1 ? 0 : Math.floor(i / each) * size;
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = order === null ? middle : (order[from + middle] as number);
      const y = all[from + at] as number;
      // NaN counts as the greatest.
      const below = right ? !(y > x) || Number.isNaN(x) : !(y >= x);
      if (below && !(Number.isNaN(y) && !Number.isNaN(x))) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  const dtype = int32 ? DType.i32 : DType.i64;
  return made(k, self.shape, dtype, int32 ? found : found.map(BigInt));
}

function checkSequence(
  name: string,
  sequence: Tensor,
  self: Tensor,
  side: string | null,
  right: boolean,
): boolean {
  if (side !== null && side !== "left" && side !== "right")
    fail(`torch.${name}(): side can only be 'left' or 'right' but got ${side}`);
  if (side === "left" && right)
    fail(`torch.${name}(): side and right can't be set to opposites, got side of left while right was True`);
  if (sequence.shape.length === 0)
    fail(
      `torch.${name}(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(0) and input value's dim(${self.shape.length}) numel(${self.numel})`,
    );
  const fits = sequence.shape.length === 1 || sameShape(sequence.shape.slice(0, -1), self.shape.slice(0, -1));
  if (!fits || (sequence.shape.length > 1 && sequence.shape.length !== self.shape.length))
    fail(
      `torch.${name}(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${showShape(sequence.shape)} and input value tensor ${showShape(self.shape)}`,
    );
  return right || side === "right";
}

function histogram(
  k: Kernels,
  self: Tensor,
  edges: Float64Array,
  weight: Float64Array | null,
  density: boolean,
): Float64Array {
  const bins = edges.length - 1;
  const counts = new Float64Array(bins);
  for (const [i, x] of doubles(k, self).entries()) {
    if (!(x >= (edges[0] as number) && x <= (edges[bins] as number))) continue;
    let at = 0;
    while (at < bins - 1 && x >= (edges[at + 1] as number)) at++;
    counts[at] = (counts[at] as number) + (weight === null ? 1 : (weight[i] as number));
  }
  if (!density) return counts;
  const total = counts.reduce((x, y) => x + y, 0);
  return counts.map((x, i) => x / total / ((edges[i + 1] as number) - (edges[i] as number)));
}

/** From where to where a histogram goes: what was given, or the extremes; a width of 0 is made 1. */
function bounds(name: string, x: Float64Array, low: number, high: number, given: boolean): [number, number] {
  let [from, to] = [low, high];
  if (!given && x.length > 0)
    [from, to] = [x.reduce((a, b) => Math.min(a, b)), x.reduce((a, b) => Math.max(a, b))];
  else if (name === "torch.histogramdd" && !given) [from, to] = [0, 1];
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    const shown = (n: number): string =>
      Number.isNaN(n) ? (name === "torch.histc" ? "-nan" : "nan") : `${n}`.replace("Infinity", "inf");
    const where = name === "torch.histc" ? "range of" : "dimension 0's range";
    fail(`${name}: ${where} [${shown(from)}, ${shown(to)}] is not finite`);
  }
  return from === to
    ? [from - (name === "torch.histc" ? 1 : 0.5), to + (name === "torch.histc" ? 1 : 0.5)]
    : [from, to];
}

export const COUNTING: readonly OpRow[] = [
  op({
    schema:
      "_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor output, Tensor inverse_indices, Tensor counts)",
    variants: "function",
    node: "Unique2Backward0",
    forward: (k, self, _sorted, inverse, counts) => parts(k, distinct(k, self), inverse, counts),
    backward: { self: 'underivable("_unique2")' },
    nonDifferentiable: [1, 2],
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: [
      "torch.unique(i % 3)",
      "(i % 3).unique(return_inverse=True, return_counts=True)",
      "torch.unique(c, return_counts=True)",
      "torch.unique(i % 2, return_inverse=True)",
    ],
  }),
  op({
    schema:
      "unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor output, Tensor inverse_indices, Tensor counts)",
    variants: "function",
    forward: (k, self, dim, _sorted, inverse, counts) =>
      parts(k, slices(k, self, dim, false), inverse, counts),
    samples: [
      "torch.unique(torch.tensor([[2, 1], [1, 1], [2, 1]]), dim=0)",
      "torch.unique(i % 2, dim=1, return_inverse=True, return_counts=True)",
    ],
  }),
  op({
    schema:
      "_unique_consecutive(Tensor self, bool return_inverse=False, bool return_counts=False, int? dim=None) -> (Tensor output, Tensor inverse_indices, Tensor counts)",
    variants: "function",
    forward: (k, self, inverse, counts, dim) =>
      parts(k, dim === null ? runs(k, self) : slices(k, self, dim, true), inverse, counts),
    samples: [
      "torch.unique_consecutive(torch.tensor([1, 1, 2, 2, 1]))",
      "torch.tensor([1, 1, 2, 2, 1]).unique_consecutive(return_inverse=True, return_counts=True)",
      "torch.unique_consecutive(torch.tensor([[2, 1], [2, 1], [1, 1]]), dim=0)",
    ],
  }),
  op({
    schema: "bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor",
    forward: (k, self, weights, minlength) => {
      if (isFloat(self.dtype))
        fail(`"bincount_cpu" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
      if (self.shape.length !== 1 && self.numel > 0)
        fail("bincount only supports 1-d non-negative integral inputs.");
      if (minlength < 0) fail("minlength should be >= 0");
      const values = doubles(k, self);
      if (values.some((x) => x < 0)) fail("bincount only supports 1-d non-negative integral inputs.");
      if (weights !== null && !sameShape(weights.shape, self.shape))
        fail("weights should be 1-d and have the same length as input");
      const size = Math.max(
        minlength,
        values.reduce((most, x) => Math.max(most, x + 1), 0),
      );
      const counts = new Float64Array(size);
      const w = weights === null ? null : doubles(k, weights);
      for (const [i, x] of values.entries())
        counts[x] = (counts[x] as number) + (w === null ? 1 : (w[i] as number));
      if (w === null) return int64s(k, [size], Array.from(counts, BigInt));
      const dtype = (weights as Tensor).dtype === DType.f32 ? DType.f32 : DType.f64;
      return made(k, [size], dtype, counts);
    },
    samples: [
      "torch.bincount(i.flatten())",
      "torch.tensor([1, 1, 3]).bincount(minlength=6)",
      "torch.bincount(i[0], weights=v.detach())",
      "torch.bincount(torch.tensor([], dtype=torch.int64))",
    ],
  }),
  op({
    schema: "histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor",
    forward: (k, self, bins, min, max) => {
      if (!isFloat(self.dtype)) notFor(self.dtype === DType.bool ? "linspace_cpu" : "histogram_cpu", self);
      if (bins <= 0) fail(`torch.histogram(): bins must be > 0, but got ${bins} for dimension 0`);
      const values = doubles(k, self);
      if (min.number > max.number) fail("torch.histc: max must be larger than min");
      const [from, to] = bounds("torch.histc", values, min.number, max.number, min.number !== max.number);
      const counts = new Float64Array(bins);
      for (const x of values) {
        if (!(x >= from && x <= to)) continue;
        const at = Math.min(bins - 1, Math.floor(((x - from) * bins) / (to - from)));
        counts[at] = (counts[at] as number) + 1;
      }
      return made(k, [bins], self.dtype, counts);
    },
    samples: [
      "torch.histc(a.detach(), bins=4)",
      "a.detach().histc(3, -1, 1)",
      "torch.histc(torch.tensor([1., 1.]), 4)",
    ],
  }),
  op({
    schema:
      "histogram.bin_ct(Tensor self, int bins=100, *, float[]? range=None, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)",
    forward: (k, self, bins, range, weight, density) => {
      const values = doubles(k, self);
      if (bins <= 0) fail(`torch.histogram(): bins must be > 0, but got ${bins} for dimension 0`);
      const [from, to] = bounds(
        "torch.histogramdd",
        values,
        range?.[0] ?? 0,
        range?.[1] ?? 0,
        range !== null,
      );
      // The edges are made by linspace, which refuses ends that the dtype does not hold.
      const { kind, min, max, cxx, scalarType } = dtypeRow(self.dtype);
      if (kind === "int" && (from < min || to > max))
        fail(`value cannot be converted to type ${cxx[0]} without overflow`);
      if (kind === "int") fail(`"histogram_cpu" not implemented for '${scalarType}'`);
      const edges = k.empty([bins + 1], self.dtype);
      k.core.write(
        edges,
        Array.from({ length: bins + 1 }, (_, i) => from + ((to - from) * i) / bins),
      );
      const counts = histogram(
        k,
        self,
        doubles(k, edges),
        weight === null ? null : doubles(k, weight),
        density,
      );
      return [made(k, [bins], self.dtype, counts), edges];
    },
    samples: [
      "torch.histogram(a.detach(), 3)",
      "a.detach().histogram(4, range=(-2., 2.), density=True)",
      "torch.histogram(v.detach(), 2, weight=v.detach())",
    ],
  }),
  op({
    schema:
      "histogram.bins_tensor(Tensor self, Tensor bins, *, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)",
    forward: (k, self, bins, weight, density) => {
      if (bins.shape.length !== 1)
        fail(
          `torch.histogramdd: bins tensor should have one dimension, but got ${bins.shape.length} dimensions in the bins tensor for dimension 0`,
        );
      if (bins.dtype !== self.dtype)
        fail(
          `torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ${dtypeRow(self.dtype).cxx[1]} and bins for dimension 0 with dtype ${dtypeRow(bins.dtype).cxx[1]}`,
        );
      const counts = histogram(
        k,
        self,
        doubles(k, bins),
        weight === null ? null : doubles(k, weight),
        density,
      );
      return [made(k, [bins.numel - 1], self.dtype, counts), k.clone(bins)];
    },
    samples: ["torch.histogram(a.detach(), torch.tensor([0., 1., 2.]).to(a.dtype))"],
  }),
  op({
    schema:
      "searchsorted.Tensor(Tensor sorted_sequence, Tensor|Scalar self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor",
    variants: "function",
    forward: (k, sequence, self, int32, right, side, sorter) =>
      searched(k, sequence, self, checkSequence("searchsorted", sequence, self, side, right), sorter, int32),
    samples: [
      "torch.searchsorted(torch.tensor([1., 3., 5.]), torch.tensor([[0., 3.], [4., 9.]]))",
      "torch.searchsorted(torch.tensor([1, 3, 5]), 3, right=True)",
      "torch.searchsorted(torch.tensor([[1, 3], [2, 4]]), torch.tensor([[3, 0], [2, 5]]), side='right')",
      "torch.searchsorted(torch.tensor([5., 1., 3.]), torch.tensor([2.]), sorter=torch.tensor([1, 2, 0]))",
      "torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3]), out_int32=True)",
    ],
  }),
  op({
    schema:
      "bucketize.Tensor(Tensor|Scalar self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
    variants: "function",
    forward: (k, self, boundaries, int32, right) => {
      if (boundaries.shape.length !== 1)
        fail(`boundaries tensor must be 1 dimension, but got dim(${boundaries.shape.length})`);
      return searched(
        k,
        boundaries,
        self,
        checkSequence("searchsorted", boundaries, self, null, right),
        null,
        int32,
      );
    },
    samples: [
      "torch.bucketize(a, torch.tensor([-1., 0., 2.]))",
      "torch.bucketize(3, torch.tensor([1, 3, 5]), right=True)",
      "torch.bucketize(i, torch.tensor([1, 3, 5]))",
    ],
  }),
  op({
    schema:
      "isin(Tensor|Scalar elements, Tensor|Scalar test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor",
    variants: "function",
    rounds: "each",
    forward: (k, given, tests, _unique, invert) => {
      for (const { dtype } of [given, tests])
        if (dtype === DType.bool || dtype === DType.bf16)
          fail(`Unsupported input type encountered for isin(): ${dtypeRow(dtype).scalarType}`);
      const dtype = k.resultType(given, tests);
      // One number is compared; many are sorted.
      if (dtype === DType.f16 && !tests.wrapped)
        fail(
          `"${tests.numel < 10 * given.numel ** 0.145 ? "isin_default_cpu" : "unique"}" not implemented for 'Half'`,
        );
      const [all, set] = [elements(k, k.cast(given, dtype)), new Set(elements(k, k.cast(tests, dtype)))];
      return made(
        k,
        given.shape,
        DType.bool,
        all.map((x) => Number((set.has(x) && !Number.isNaN(x)) !== invert)),
      );
    },
    samples: [
      "torch.isin(i, torch.tensor([1, 2]))",
      "torch.isin(i, 3, invert=True)",
      "torch.isin(a, torch.tensor([0.6, 1.7]))",
    ],
  }),
  op({
    schema: "count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor",
    forward: (k, self, dim) =>
      k.sum(k.compare(Binary.ne, self, k.full([], 0, self.dtype)), dim, false, DType.i64),
    samples: ["torch.count_nonzero(i, (0, 1))", "c.count_nonzero((1,))"],
  }),
  op({
    schema: "count_nonzero(Tensor self, int? dim=None) -> Tensor",
    forward: (k, self, dim) =>
      k.sum(
        k.compare(Binary.ne, self, k.full([], 0, self.dtype)),
        dim === null ? null : [dim],
        false,
        DType.i64,
      ),
    samples: ["torch.count_nonzero(a)", "i.count_nonzero(1)", "c.count_nonzero(dim=0)"],
  }),
  op({
    schema:
      "isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor",
    forward: (k, self, other, rtol, atol, equalNan) => {
      if (self.dtype !== other.dtype)
        fail(`${dtypeRow(self.dtype).scalarType} did not match ${dtypeRow(other.dtype).scalarType}`);
      if (rtol < 0) fail(`rtol must be greater than or equal to zero, but got ${rtol}`);
      if (atol < 0) fail(`atol must be greater than or equal to zero, but got ${atol}`);
      const shape = broadcastShapes(self.shape, other.shape);
      const read = (t: Tensor): Float64Array => {
        const wide = k.cast(t, DType.f64);
        return k.core.read(k.broadcast(wide, shape)) as Float64Array;
      };
      const [x, y] = [read(self), read(other)];
      const close = x.map((u, i) => {
        const v = y[i] as number;
        if (u === v) return 1;
        if (Number.isNaN(u) && Number.isNaN(v)) return Number(equalNan);
        const apart = Math.abs(u - v);
        return Number(Number.isFinite(apart) && apart <= atol + Math.abs(rtol * v));
      });
      const out = made(k, shape, DType.bool, close);
      // As often as PyTorch writes into it.
      out.counter.value = Number(equalNan && isFloat(self.dtype)) + Number(rtol !== 0 || atol !== 0);
      return out;
    },
    samples: [
      "torch.isclose(a, b)",
      "a.isclose(a + 1e-6)",
      "torch.isclose(a, v, rtol=0.5)",
      "torch.isclose(i, i + 1, atol=1.)",
      "torch.isclose(a * 0 / 0, a * 0 / 0, equal_nan=True)",
    ],
  }),
  op({
    schema: "_equal(Tensor self, Tensor other) -> Tensor",
    variants: "internal",
    forward: (k, self, other) => {
      if (!sameShape(self.shape, other.shape)) return k.full([], 0, DType.bool);
      return k.reduce(Reduce.all, k.compare(Binary.eq, self, other), null, false, DType.bool);
    },
    samples: ["torch.equal(a, a)", "a.equal(b)", "torch.equal(a, v)", "torch.equal(a[:0], b[:0])"],
  }),
  ...(["isposinf", "isneginf"] as const).map((name) =>
    op({
      schema: `${name}(Tensor self) -> Tensor` as "isposinf(Tensor self) -> Tensor",
      forward: (k, self) => {
        if (!isFloat(self.dtype)) return k.full(self.shape, 0, DType.bool);
        const sign = k.compare(name === "isposinf" ? Binary.gt : Binary.lt, self, k.full([], 0, self.dtype));
        return k.binary(Binary.logicalAnd, sign, k.unary(Unary.isinf, self, DType.bool), DType.bool);
      },
      samples: [`torch.${name}(a / 0)`, `i.${name}()`],
    }),
  ),
  op({
    schema: "isreal(Tensor self) -> Tensor",
    forward: (k, self) => k.full(self.shape, 1, DType.bool),
    samples: ["torch.isreal(a)", "i.isreal()"],
  }),
  composite({
    schema: "argwhere(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("nonzero", self),
    samples: ["torch.argwhere(c)", "i.argwhere()"],
  }),
];
