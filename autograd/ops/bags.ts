/** Bags of embeddings: sums, means and maxima over rows of a table; rows held to a length. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { numbers, written } from "../pools.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

const SUM = 0;
const MEAN = 1;
const MAX = 2;

const integers = (k: Kernels, t: Tensor): number[] => Array.from(k.core.read(t), Number);

interface Bags {
  readonly rows: readonly number[];
  /** By index, the number of its bag. */
  readonly bagOf: readonly number[];
  readonly counted: readonly boolean[];
  /** By bag, how many of its indices are counted. */
  readonly sizes: readonly number[];
}

function bags(
  k: Kernels,
  height: number,
  indices: Tensor,
  offsets: Tensor,
  includeLast: boolean,
  paddingIdx: number,
): Bags {
  const rows = integers(k, indices);
  const starts = integers(k, offsets);
  if (includeLast) starts.pop();
  if ((starts[0] ?? 0) !== 0)
    fail(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    );
  const late = starts.at(-1) ?? 0;
  if (late > rows.length)
    fail(
      `offsets[-1] can not be greater than input's length: ${rows.length}, but got offsets[-1] of ${late}`,
    );
  const wrong = rows.find((row) => row < 0 || row >= height);
  if (wrong !== undefined)
    fail(`embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be ${wrong}`);
  const bagOf: number[] = [];
  for (const [bag, start] of starts.entries())
    for (let i = start; i < (starts[bag + 1] ?? rows.length); i++) bagOf[i] = bag;
  const counted = rows.map((row) => row !== paddingIdx);
  const sizes = starts.map(() => 0);
  for (const [i, bag] of bagOf.entries()) if (counted[i]) (sizes[bag] as number)++;
  return { rows, bagOf, counted, sizes };
}

function checkWeights(table: Tensor, mode: number, perSample: Tensor | null): void {
  if (!isFloat(table.dtype))
    fail(
      `expected scalar type Half or BFloat16 or Float or Double but found ${dtypeRow(table.dtype).scalarType}`,
    );
  if (perSample === null) return;
  if (mode !== SUM) fail('embedding_bag: per_sample_weights only supported with mode="sum"');
  if (perSample.dtype !== table.dtype)
    fail(
      `expected scalar type ${dtypeRow(table.dtype).scalarType} but found ${dtypeRow(perSample.dtype).scalarType}`,
    );
}

function embeddingBag(
  k: Kernels,
  table: Tensor,
  indices: Tensor,
  offsets: Tensor,
  _scale: boolean,
  mode: number,
  _sparse: boolean,
  perSample: Tensor | null,
  includeLast: boolean,
  paddingIdx: number,
): readonly Tensor[] {
  checkWeights(table, mode, perSample);
  const b = bags(k, table.shape[0] as number, indices, offsets, includeLast, paddingIdx);
  const width = table.shape[1] as number;
  const data = numbers(k, table);
  const weights = perSample === null ? null : numbers(k, perSample);
  const out = new Float64Array(b.sizes.length * width);
  const winners = new Array<number>(mode === MAX ? out.length : 0).fill(0);
  const seen = new Set<number>();
  for (const [i, bag] of b.bagOf.entries()) {
    if (!b.counted[i]) continue;
    const row = b.rows[i] as number;
    const first = !seen.has(bag);
    seen.add(bag);
    for (let c = 0; c < width; c++) {
      const at = bag * width + c;
      const value = data[row * width + c] as number;
      if (mode !== MAX) (out[at] as number) += value * (weights?.[i] ?? 1);
      else if (first || value > (out[at] as number)) {
        out[at] = value;
        winners[at] = row;
      }
    }
  }
  if (mode === MEAN)
    for (let at = 0; at < out.length; at++)
      (out[at] as number) /= Math.max(b.sizes[Math.floor(at / width)] as number, 1);
  const long = (shape: readonly number[], list: readonly number[]): Tensor =>
    written(k, shape, DType.i64, list.map(BigInt));
  const n = b.sizes.length;
  const summed = written(k, [n, width], table.dtype, out);
  // PyTorch's fast way keeps no account of the bags.
  if (mode === SUM && paddingIdx < 0) {
    const none = b.sizes.map(() => 0);
    return [summed, long([0], []), long([n], none), long([n], none)];
  }
  const shape = mode === MAX ? [n, width] : [n + Number(includeLast)];
  const third = mode === MAX ? long(shape, winners) : long([n], [...b.sizes]);
  return [summed, long([b.rows.length], b.bagOf), long([n], [...b.sizes]), third];
}

/**
 * By row of the table, what its gradient is divided by: PyTorch takes the count of the index that stands in the
 * sorted list at the place of the row's number among the different ones, and so do we.
 */
function countsBeside(rows: readonly number[]): ReadonlyMap<number, number> {
  const sorted = [...rows].sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return new Map([...new Set(sorted)].map((row, i) => [row, counts.get(sorted[i] as number) as number]));
}

function toTable(
  k: Kernels,
  grad: Tensor,
  sizes: readonly number[],
  indices: Tensor,
  offsets: Tensor,
  winners: Tensor,
  byCount: boolean,
  mode: number,
  perSample: Tensor | null,
  paddingIdx: number,
): Tensor {
  const n = grad.shape[0] as number;
  const [height = 0, width = 0] = sizes;
  const b = bags(k, height, indices, offsets, (offsets.shape[0] as number) > n, paddingIdx);
  const upstream = numbers(k, grad);
  const out = new Float64Array(height * width);
  if (mode === MAX) {
    const rows = integers(k, winners);
    for (const [at, row] of rows.entries()) {
      if ((b.sizes[Math.floor(at / width)] as number) > 0)
        (out[row * width + (at % width)] as number) += upstream[at] as number;
    }
    return written(k, sizes, grad.dtype, out);
  }
  const weights = perSample === null ? null : numbers(k, perSample);
  const divisors = byCount ? countsBeside(b.rows) : null;
  for (const [i, bag] of b.bagOf.entries()) {
    if (!b.counted[i]) continue;
    const row = b.rows[i] as number;
    let share = weights?.[i] ?? 1;
    if (mode === MEAN) share /= b.sizes[bag] as number;
    share /= divisors?.get(row) ?? 1;
    for (let c = 0; c < width; c++)
      (out[row * width + c] as number) += share * (upstream[bag * width + c] as number);
  }
  return written(k, sizes, grad.dtype, out);
}

const NONE = "no_rule('_embedding_bag_dense_backward')";

export const BAGS: readonly OpRow[] = [
  composite({
    schema:
      "embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, int mode=0, bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False, int? padding_idx=None) -> (Tensor result0, Tensor result1, Tensor result2, Tensor result3)",
    variants: "function",
    compose: (call, _k, weight, indices, offsets, scale, mode, sparse, perSample, last, padding) => {
      const height = weight.shape[0] as number;
      let pad = padding ?? -1;
      if (padding !== null) {
        if (padding < -height || padding >= height)
          fail(
            "padding_idx must be within the number of embeddings, -" +
              `${height} through ${height - 1}, but got ${padding}`,
          );
        pad = padding < 0 ? padding + height : padding;
      }
      return call("_embedding_bag", weight, indices, offsets, scale, mode, sparse, perSample, last, pad);
    },
    exempt: { differences: "PyTorch has no second derivative" },
    samples: [
      "torch.nn.functional.embedding_bag(torch.tensor([[0, 2], [1, 1]]), m)",
      "torch.nn.functional.embedding_bag(torch.tensor([0, 2, 1, 1]), m, torch.tensor([0, 3]), mode='sum')",
      "torch.nn.functional.embedding_bag(torch.tensor([[0, 2], [1, 1]]), m, mode='sum', per_sample_weights=a[:, :2])",
      "torch.nn.functional.embedding_bag(torch.tensor([[0, 2], [1, 1]]), m, mode='sum', scale_grad_by_freq=True)",
    ],
  }),
  op({
    schema:
      "_embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq, int mode, bool sparse, Tensor? per_sample_weights, bool include_last_offset, int padding_idx) -> (Tensor result0, Tensor result1, Tensor result2, Tensor result3)",
    variants: "internal",
    node: "EmbeddingBagBackward0",
    pattern: "move",
    nonDifferentiable: [1, 2, 3],
    forward: embeddingBag,
    backward: {
      weight:
        "_embedding_bag_backward(grad, weight.sizes(), indices, offsets, result3, scale_grad_by_freq, mode, per_sample_weights, padding_idx)",
      per_sample_weights:
        "_embedding_bag_per_sample_weights_backward(grad, weight, indices, offsets, padding_idx)",
    },
    savedNames: { "weight.rows()": "_saved_weight_argsize_0", "weight.sizes()": "" },
    alsoSaves: ["weight.rows()", "sparse", "result1", "result2", "result3", "per_sample_weights"],
    samples: [],
  }),
  op({
    schema:
      "_embedding_bag_backward(Tensor grad, int[] sizes, Tensor indices, Tensor offsets, Tensor winners, bool scale_grad_by_freq, int mode, Tensor? per_sample_weights, int padding_idx) -> Tensor",
    variants: "internal",
    node: "NotImplemented",
    pattern: "move",
    forward: toTable,
    backward: { grad: NONE, per_sample_weights: NONE },
    samples: [],
  }),
  op({
    schema:
      "_embedding_bag_per_sample_weights_backward(Tensor grad, Tensor weight, Tensor indices, Tensor offsets, int padding_idx) -> Tensor",
    variants: "internal",
    node: "NotImplemented",
    pattern: "mix",
    forward: (k, grad, weight, indices, offsets, paddingIdx) => {
      const last = (offsets.shape[0] as number) > (grad.shape[0] as number);
      const { bagOf } = bags(k, weight.shape[0] as number, indices, offsets, last, paddingIdx);
      const width = weight.shape[1] as number;
      const [upstream, data] = [numbers(k, grad), numbers(k, weight)];
      const rows = integers(k, indices);
      const out = bagOf.map((bag, i) => {
        const row = rows[i] as number;
        let sum = 0;
        if (row !== paddingIdx)
          for (let c = 0; c < width; c++)
            sum += (upstream[bag * width + c] as number) * (data[row * width + c] as number);
        return sum;
      });
      return written(k, [out.length], grad.dtype, out);
    },
    backward: {
      grad: "no_rule('_embedding_bag_per_sample_weights_backward')",
      weight: "no_rule('_embedding_bag_per_sample_weights_backward')",
    },
    samples: [],
  }),
  op({
    schema: "embedding_renorm_(Tensor self, Tensor indices, float max_norm, float norm_type) -> Tensor",
    variants: "function",
    inplace: "only",
    node: "NotImplemented",
    pattern: "scale",
    forward: (k, self, indices, maxNorm, normType) => {
      const width = self.shape[1] as number;
      const data = numbers(k, self).slice();
      for (const row of new Set(integers(k, indices))) {
        const line = data.subarray(row * width, (row + 1) * width);
        const norm =
          normType === Number.POSITIVE_INFINITY
            ? Math.max(...line.map(Math.abs))
            : line.reduce((sum, x) => sum + Math.abs(x) ** normType, 0) ** (1 / normType);
        if (norm > maxNorm) for (const i of line.keys()) (line[i] as number) *= maxNorm / (norm + 1e-7);
      }
      return written(k, self.shape, self.dtype, data);
    },
    backward: { self: "no_rule('embedding_renorm')" },
    exempt: { differences: "rows are cut to length behind the graph's back" },
    samples: [
      "x = (m * 1).detach(); torch.embedding_renorm_(x, torch.tensor([0, 2, 0]), 0.5, 2.0)",
      "torch.nn.functional.embedding(torch.tensor([0, 2]), m, max_norm=0.7, norm_type=1.0)",
    ],
  }),
];
