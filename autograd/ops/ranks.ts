/** By order: medians, modes, quantiles, the k-th smallest, running extremes. */
import { Binary, DType, Reduce } from "../../assembly/shared/codes.ts";
import { nthElement, sort } from "../cxx.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { doubles, made } from "../each.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { joined, linesOf } from "../lines.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

type N = number | bigint;
type Along = "x.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)";
type Whole = "x(Tensor self) -> Tensor";
type Running = "x(Tensor self, int dim) -> (Tensor values, Tensor indices)";

const SELECTED = "value_selecting_reduction_backward(grad, dim, indices, self.sizes(), keepdim)";
const SAVED_SIZES = { "self.sizes()": "_saved_self_sizes" };

const isNan = (x: N): boolean => typeof x === "number" && Number.isNaN(x);
const lessOrNan = (x: N, y: N): boolean => (!isNan(x) && isNan(y)) || x < y;
const greaterOrNan = (x: N, y: N): boolean => (isNan(x) && !isNan(y)) || x > y;

/** The middle of a line, the lower of two; null where there is nothing. A NaN is the median, unless they are passed over. */
function middle(line: readonly N[], skip: boolean): { value: N; index: number } {
  const nan = line.findIndex(isNan);
  const nans = nan < 0 ? 0 : line.filter(isNan).length;
  if (nans > 0 && (!skip || nans === line.length)) return { value: Number.NaN, index: nan };
  const places = line.map((_, i) => i);
  const at = Math.floor((line.length - nans - 1) / 2);
  nthElement(places, (x, y) => lessOrNan(line[x] as N, line[y] as N), 0, at, places.length);
  const index = places[at] as number;
  return { value: line[index] as N, index };
}

function refuseBool(self: Tensor, name: string): void {
  if (self.dtype === DType.bool) fail(`"${name}" not implemented for 'Bool'`);
}

const emptyDim = (self: Tensor, name: string, axis: number): void => {
  if (self.shape[axis] === 0)
    fail(`${name}(): Expected reduction dim ${axis} to have non-zero size.`, "IndexError");
};

const medians = (name: string, node: string, skip: boolean): readonly OpRow[] => [
  op({
    schema: `${name}(Tensor self) -> Tensor` as Whole,
    node: `${node}0`,
    pattern: "route",
    forward: (k, self) => {
      refuseBool(self, "median_cpu");
      if (self.numel === 0)
        return k.full([], isFloat(self.dtype) ? Number.NaN : Number(dtypeRow(self.dtype).min), self.dtype);
      const values = Array.from(k.core.read(self) as ArrayLike<N>);
      return made(k, [], self.dtype, [middle(values, skip).value]);
    },
    backward: { self: "evenly_distribute_backward(grad, self, result)" },
    samples: [`torch.${name}(a)`, `v.${name}()`, `i.${name}()`],
  }),
  op({
    schema:
      `${name}.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)` as Along,
    node: `${node}1`,
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, dim, keepdim) => {
      const axis = normalDim(dim, self.shape.length);
      refuseBool(self, "median_out");
      const lines = linesOf(k, self, dim);
      emptyDim(self, "median", axis);
      const found = Array.from({ length: lines.count }, (_, i) => middle(lines.line(i), skip));
      return picked(k, self, lines.axis, found, keepdim);
    },
    backward: { self: SELECTED },
    savedNames: SAVED_SIZES,
    samples: [`torch.${name}(a, 1)`, `m.${name}(0, keepdim=True)`, `i.${name}(dim=1)`],
  }),
];

function picked(
  k: Kernels,
  self: Tensor,
  axis: number,
  found: readonly { value: N; index: number }[],
  keepdim: boolean,
): readonly Tensor[] {
  return [
    joined(
      k,
      self,
      axis,
      found.map((f) => [f.value]),
      self.dtype,
      keepdim,
    ),
    joined(
      k,
      self,
      axis,
      found.map((f) => [BigInt(f.index)]),
      DType.i64,
      keepdim,
    ),
  ];
}

/** What PyTorch's quickselect leaves at place `k`, with where it was. */
function kth(line: readonly N[], k: number): { value: N; index: number } {
  const values = [...line];
  const places = line.map((_, i) => i);
  const swap = (a: number, b: number): void => {
    [values[a], values[b]] = [values[b] as N, values[a] as N];
    [places[a], places[b]] = [places[b] as number, places[a] as number];
  };
  const above = (a: number, b: number): boolean => greaterOrNan(values[a] as N, values[b] as N);
  let [low, high] = [0, line.length - 1];
  while (low < high) {
    if (high === low + 1) {
      if (above(low, high)) swap(low, high);
      break;
    }
    swap((low + high) >> 1, low + 1);
    if (above(low + 1, high)) swap(low + 1, high);
    if (above(low, high)) swap(low, high);
    if (above(low + 1, low)) swap(low + 1, low);
    let [i, j] = [low + 1, high];
    const pivot = values[low] as N;
    for (;;) {
      do i++;
      while (greaterOrNan(pivot, values[i] as N));
      do j--;
      while (greaterOrNan(values[j] as N, pivot));
      if (j < i) break;
      swap(i, j);
    }
    swap(low, j);
    if (j <= k) low = i;
    if (j >= k) high = j - 1;
  }
  return { value: values[k] as N, index: places[k] as number };
}

/** The number that occurs most often, the least of several; and where it stands last. */
function mode(line: readonly N[]): { value: N; index: number } {
  const pairs = line.map((value, index) => ({ value, index }));
  sort(pairs, (x, y) => x.value < y.value);
  let [best, run, most] = [0, 0, 0];
  for (let i = 0; i < pairs.length; i++) {
    run = i > 0 && pairs[i]?.value === pairs[i - 1]?.value ? run + 1 : 1;
    if (run > most) [most, best] = [run, i];
  }
  return pairs[best] as { value: N; index: number };
}

/** The greatest or the least so far; of equal ones the last, and NaN for good. */
const runningExtreme = (name: string, node: string, better: (x: N, y: N) => boolean): OpRow =>
  op({
    schema: `${name}(Tensor self, int dim) -> (Tensor values, Tensor indices)` as Running,
    node,
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, dim) => {
      // PyTorch looks at the dimension later.
      if (self.numel === 0) return [k.empty(self.shape, self.dtype), k.empty(self.shape, DType.i64)];
      if (self.shape.length === 0) return [k.clone(self), k.full([], 0, DType.i64)];
      const lines = linesOf(k, self, dim);
      const all = Array.from({ length: lines.count }, (_, i) => {
        let [value, index]: [N, number] = [0, -1];
        return lines.line(i).map((x, j) => {
          if (index < 0 || (!isNan(value) && (isNan(x) || better(x, value)))) [value, index] = [x, j];
          else if (isNan(value) && isNan(x)) index = j;
          return { value, index };
        });
      });
      return [
        joined(
          k,
          self,
          lines.axis,
          all.map((line) => line.map((s) => s.value)),
          self.dtype,
          true,
        ),
        joined(
          k,
          self,
          lines.axis,
          all.map((line) => line.map((s) => BigInt(s.index))),
          DType.i64,
          true,
        ),
      ];
    },
    backward: { self: "cummaxmin_backward(grad, self, indices, dim)" },
    samples: [`torch.${name}(a, 1)`, `m.${name}(0)`, `i.${name}(1)`],
  });

const INTERPOLATIONS = ["linear", "lower", "higher", "midpoint", "nearest"];

/** `quantile` as PyTorch composes it: a sort, two gathers, an interpolation. */
function quantile(
  call: Call,
  k: Kernels,
  self: Tensor,
  q: Tensor,
  dim: number | null,
  keepdim: boolean,
  how: string,
  skip: boolean,
): Tensor {
  if (!INTERPOLATIONS.includes(how))
    fail(
      `quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${how}`,
    );
  if (self.numel === 0) fail("quantile() input tensor must be non-empty");
  if (q.shape.length > 1) fail("quantile() q must be a scalar or 1D tensor");
  if (self.dtype !== DType.f32 && self.dtype !== DType.f64)
    fail("quantile() input tensor must be either float or double dtype");
  if (self.dtype !== q.dtype) fail("quantile() q tensor must be same dtype as the input tensor");
  if (doubles(k, q).some((x) => !(x >= 0 && x <= 1))) fail("quantile() q values must be in the range [0, 1]");
  const n = self.shape.length;
  const axis = dim === null ? 0 : normalDim(dim, n);
  const kept =
    dim !== null && n > 0
      ? self.shape.flatMap((size, i) => (i === axis ? (keepdim ? [1] : []) : [size]))
      : keepdim
        ? self.shape.map(() => 1)
        : [];
  let sorted: Tensor;
  if (dim === null) sorted = call("sort", call("flatten", self))[0] as Tensor;
  else if (axis === n - 1) sorted = call("sort", self)[0] as Tensor;
  else sorted = call("sort", call("transpose", call("unsqueeze", self, -1), axis, -1))[0] as Tensor;
  let rank: Tensor;
  const size = sorted.shape.at(-1) ?? 1;
  sorted = call("view", sorted, [...kept, size]);
  const last = k.full([], size - 1, self.dtype);
  if (skip) {
    const counts = call("sum", call("logical_not", call("isnan", sorted)), [-1], true);
    const lasts = k.cast(k.binary(Binary.sub, counts, k.full([], 1n, DType.i64)), self.dtype);
    rank = k.binary(Binary.mul, q, lasts);
    rank = k.binary(Binary.maximum, rank, k.full([], 0, self.dtype));
  } else {
    rank = k.binary(Binary.mul, q, last);
    const nans = call("any", call("isnan", sorted), -1, true);
    const shape = [...nans.shape.slice(0, -1), rank.numel];
    rank = k.where(nans, last, rank.shape.length === 0 ? k.reshaped(rank, [1]) : rank);
    rank = k.reshaped(rank, shape);
  }
  const round = { lower: Math.floor, higher: Math.ceil, nearest: roundEven }[how];
  if (round !== undefined) rank = made(k, rank.shape, rank.dtype, doubles(k, rank).map(round));
  const below = k.cast(rank, DType.i64);
  let values = call("gather", sorted, -1, spread(k, below, sorted));
  if (how === "linear" || how === "midpoint") {
    const weight =
      how === "midpoint"
        ? k.full(rank.shape, 0.5, rank.dtype)
        : k.binary(Binary.sub, rank, k.cast(below, rank.dtype));
    const above = k.cast(made(k, rank.shape, rank.dtype, doubles(k, rank).map(Math.ceil)), DType.i64);
    const upper = call("gather", sorted, -1, spread(k, above, sorted));
    values = call("lerp_", values, upper, weight);
  }
  if (q.shape.length > 0) values = call("transpose_", call("unsqueeze_", values, 0), 0, -1);
  return call("squeeze_", values, -1);
}

const roundEven = (x: number): number => {
  const low = Math.floor(x);
  const rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
};

/** An index for every line of `sorted`. */
function spread(k: Kernels, index: Tensor, sorted: Tensor): Tensor {
  const count = index.shape.at(-1) ?? 1;
  const shape = [...sorted.shape.slice(0, -1), count];
  if (index.shape.length === shape.length && index.shape.every((size, i) => size === shape[i])) return index;
  const out = k.empty(shape, DType.i64);
  k.copyInto(out, index);
  return out;
}

type Quantile =
  "quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor";
type QuantileOf =
  "quantile.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor";

const quantiles = (name: string, skip: boolean): readonly OpRow[] => [
  composite({
    schema:
      `${name}(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor` as Quantile,
    compose: (call, k, self, q, dim, keepdim, how) => quantile(call, k, self, q, dim, keepdim, how, skip),
    samples: [
      `torch.${name}(a, torch.tensor([0.3, 0.7], dtype=a.dtype), dim=1)`,
      `a.${name}(torch.tensor([0.25, 0.5], dtype=a.dtype))`,
      `torch.${name}(m, torch.tensor([0.1, 0.9], dtype=a.dtype), dim=0, keepdim=True, interpolation='nearest')`,
    ],
  }),
  composite({
    schema:
      `${name}.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor` as QuantileOf,
    compose: (call, k, self, q, dim, keepdim, how) => {
      if (q < 0 || q > 1) fail(`quantile() q must be in the range [0, 1] but got ${q}`);
      return quantile(call, k, self, k.full([], q, self.dtype), dim, keepdim, how, skip);
    },
    samples: [
      `torch.${name}(a, 0.3)`,
      `a.${name}(0.3, dim=1)`,
      `torch.${name}(m, 0.4, dim=0, keepdim=True)`,
      `torch.${name}(a, 0.3, interpolation='lower')`,
      `torch.${name}(a, 0.3, dim=1, interpolation='midpoint')`,
    ],
  }),
];

export const RANKS: readonly OpRow[] = [
  ...medians("median", "MedianBackward", false),
  ...medians("nanmedian", "NanmedianBackward", true),
  op({
    schema: "mode(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
    node: "ModeBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, dim, keepdim) => {
      const lines = linesOf(k, self, dim);
      emptyDim(self, "mode", lines.axis);
      const found = Array.from({ length: lines.count }, (_, i) => mode(lines.line(i)));
      return picked(k, self, lines.axis, found, keepdim);
    },
    backward: { self: SELECTED },
    savedNames: SAVED_SIZES,
    samples: ["torch.mode(a, 1)", "m.mode(0, True)", "torch.mode(i % 2)", "v.mode()"],
  }),
  op({
    schema: "kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
    node: "KthvalueBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, place, dim, keepdim) => {
      const lines = linesOf(k, self, dim);
      emptyDim(self, "kthvalue", lines.axis);
      if (place < 1 || place > lines.size)
        fail(`kthvalue(): selected number k out of range for dimension ${lines.axis}`);
      refuseBool(self, "kthvalue_cpu");
      const found = Array.from({ length: lines.count }, (_, i) => kth(lines.line(i), place - 1));
      return picked(k, self, lines.axis, found, keepdim);
    },
    backward: { self: SELECTED },
    savedNames: SAVED_SIZES,
    samples: ["torch.kthvalue(a, 2)", "m.kthvalue(1, 0, keepdim=True)", "torch.kthvalue(i, 3)"],
  }),
  runningExtreme("cummax", "CummaxBackward0", (x, y) => x >= y),
  runningExtreme("cummin", "CumminBackward0", (x, y) => x <= y),
  composite({
    schema: "cummaxmin_backward(Tensor grad, Tensor input, Tensor indices, int dim) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, input, indices, dim) =>
      input.numel === 0
        ? input
        : call("scatter_add_", k.full(input.shape, 0, grad.dtype), dim, indices, grad),
    samples: [],
  }),
  ...quantiles("quantile", false),
  ...quantiles("nanquantile", true),
  op({
    schema: "aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)",
    node: "NotImplemented",
    forward: (k, self, dim, keepdim) => {
      if (dim === null && self.numel === 0)
        fail("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
      if (dim !== null) emptyDim(self, "aminmax", normalDim(dim, self.shape.length));
      const dims = dim === null || self.shape.length === 0 ? null : [dim];
      return [k.reduce(Reduce.min, self, dims, keepdim), k.reduce(Reduce.max, self, dims, keepdim)];
    },
    backward: { self: 'not_implemented("aten::aminmax")' },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: ["torch.aminmax(a)", "torch.aminmax(a.detach(), dim=1)", "i.aminmax(dim=0, keepdim=True)"],
  }),
  composite({
    schema: "msort(Tensor self) -> Tensor",
    compose: (call, _k, self) => call("sort", self, 0, false)[0] as Tensor,
    samples: ["torch.msort(a)", "v.msort()"],
  }),
];
