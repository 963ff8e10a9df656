/** Connectionist temporal classification: the likelihood of a sequence of labels over all alignments (Graves et al., 2006). */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

const NEVER = Number.NEGATIVE_INFINITY;

/** log(Σ exp x) */
function logSum(...terms: readonly number[]): number {
  const top = Math.max(...terms);
  return top === NEVER ? NEVER : top + Math.log(terms.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

interface Setting {
  /** log_probs [time, batch, classes], by index. */
  readonly lp: (t: number, b: number, label: number) => number;
  readonly times: readonly number[];
  /** By batch element, the labels with blanks between and around them. */
  readonly padded: readonly (readonly number[])[];
  readonly shape: readonly [number, number, number];
}

function setting(
  k: Kernels,
  logProbs: Tensor,
  targets: Tensor,
  times: readonly number[],
  lengths: readonly number[],
  blank: number,
): Setting {
  const [time = 0, batch = 0, classes = 0] = logProbs.shape;
  const said = "(while checking arguments for ctc_loss_cpu)";
  if (!isFloat(logProbs.dtype))
    fail(`"ctc_loss_cpu" not implemented for '${dtypeRow(logProbs.dtype).scalarType}'`);
  if (blank < 0 || blank >= classes) fail("blank must be in label range");
  if (times.length !== batch) fail("input_lengths must be of size batch_size");
  if (lengths.length !== batch) fail("target_lengths must be of size batch_size");
  const flat = targets.shape.length === 1;
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const most = Math.max(0, ...lengths);
  const size = targets.shape[flat ? 0 : 1] as number;
  if (flat && size !== total)
    fail(
      `Expected tensor to have size ${total} at dimension 0, but got size ${size} for argument #2 'targets' ${said}`,
    );
  if (!flat && targets.shape[0] !== batch)
    fail(
      `Expected tensor to have size ${batch} at dimension 0, but got size ${targets.shape[0]} for argument #2 'targets' ${said}`,
    );
  if (!flat && size < most)
    fail(
      `Expected tensor to have size at least ${most} at dimension 1, but got size ${size} for argument #2 'targets' ${said}`,
    );
  const late = times.find((n) => n > time);
  if (late !== undefined)
    fail(`Expected input_lengths to have value at most ${time}, but got value ${late} ${said}`);
  const labels = Array.from(k.core.read(targets) as BigInt64Array, Number);
  let start = 0;
  const padded = lengths.map((n, b) => {
    const from = flat ? start : b * size;
    start += n;
    return [blank, ...labels.slice(from, from + n).flatMap((label) => [label, blank])];
  });
  const values = k.core.read(logProbs) as Float64Array;
  const lp = (t: number, b: number, label: number): number =>
    values[(t * batch + b) * classes + label] as number;
  return { lp, times, padded, shape: [time, batch, classes] };
}

/** May a path step over the blank at s - 1? */
const skips = (path: readonly number[], s: number): boolean => s >= 2 && path[s] !== path[s - 2];

/** By batch element and time, the log probability of having come to each place of the path. */
function forwards({ lp, times, padded }: Setting): number[][][] {
  return padded.map((path, b) => {
    const rows: number[][] = [];
    for (let t = 0; t < (times[b] as number); t++) {
      const before = rows[t - 1];
      rows.push(
        path.map((label, s) => {
          if (before === undefined) return s < 2 ? lp(0, b, label) : NEVER;
          const came = [before[s] as number];
          if (s >= 1) came.push(before[s - 1] as number);
          if (skips(path, s)) came.push(before[s - 2] as number);
          return logSum(...came) + lp(t, b, label);
        }),
      );
    }
    return rows;
  });
}

/** The same from the end. */
function backwards({ lp, times, padded }: Setting): number[][][] {
  return padded.map((path, b) => {
    const rows: number[][] = [];
    const last = (times[b] as number) - 1;
    for (let t = last; t >= 0; t--) {
      const after = rows[t + 1];
      rows[t] = path.map((label, s) => {
        if (after === undefined) return s >= path.length - 2 ? lp(t, b, label) : NEVER;
        const goes = [after[s] as number];
        if (s + 1 < path.length) goes.push(after[s + 1] as number);
        if (s + 2 < path.length && skips(path, s + 2)) goes.push(after[s + 2] as number);
        return logSum(...goes) + lp(t, b, label);
      });
    }
    return rows;
  });
}

function lossOf(alpha: readonly (readonly number[])[], path: readonly number[]): number {
  const last = alpha.at(-1);
  // No time at all: only the empty sequence is possible.
  if (last === undefined) return path.length === 1 ? 0 : Number.POSITIVE_INFINITY;
  return -logSum(last.at(-1) ?? NEVER, path.length > 1 ? (last.at(-2) ?? NEVER) : NEVER);
}

function written(k: Kernels, shape: readonly number[], dtype: DType, numbers: ArrayLike<number>): Tensor {
  const out = k.empty(shape, dtype);
  k.core.write(out, numbers);
  return out;
}

function ctc(
  call: Call,
  k: Kernels,
  logProbs: Tensor,
  targets: Tensor,
  times: readonly number[],
  lengths: readonly number[],
  blank: number,
  reduction: number,
  zeroInfinity: boolean,
): Tensor {
  const batched = logProbs.shape.length === 3;
  const x = batched ? logProbs : call("unsqueeze", logProbs, 1);
  const long = targets.dtype === DType.i64 ? targets : call("to", targets, DType.i64);
  let loss = call("_ctc_loss", x, long, times, lengths, blank, zeroInfinity)[0] as Tensor;
  if (zeroInfinity)
    loss = call("where.self", call("eq", loss, Number.POSITIVE_INFINITY), k.full([], 0, loss.dtype), loss);
  if (reduction === 1) {
    const share = lengths.map((n) => Math.max(n, 1));
    return call("mean", call("div", loss, written(k, [share.length], loss.dtype, share)));
  }
  if (reduction === 2) return call("sum", loss);
  return batched ? loss : call("squeeze.dim", loss, 0);
}

function integers(k: Kernels, t: Tensor, name: string): number[] {
  if (isFloat(t.dtype)) fail(`${name} must be integral`);
  return Array.from(k.core.read(t), Number);
}

export const CTC: readonly OpRow[] = [
  composite({
    schema:
      "ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int blank=0, int reduction=0, bool zero_infinity=False) -> Tensor",
    variants: "function",
    compose: ctc,
    exempt: {
      differences:
        "the gradient is that of log probabilities that come from log_softmax; there is no second one",
    },
    samples: [
      "torch.nn.functional.ctc_loss(m[:, None].log_softmax(2), torch.tensor([[1, 2]]), (3,), (2,))",
      "torch.nn.functional.ctc_loss(torch.stack([m, m * 2], 1).log_softmax(2), torch.tensor([1, 2, 2, 1]), (3, 3), (2, 2), reduction='none')",
      "torch.nn.functional.ctc_loss(m.log_softmax(1), torch.tensor([1, 1]), (3,), (2,), reduction='sum')",
      "torch.nn.functional.ctc_loss(m[:2, None].log_softmax(2), torch.tensor([[1, 1]]), (2,), (2,), zero_infinity=True)",
      "torch.nn.functional.ctc_loss(m[:, None].log_softmax(2), torch.tensor([[0, 1]]), (3,), (2,), blank=2)",
    ],
  }),
  composite({
    schema:
      "ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int blank=0, int reduction=0, bool zero_infinity=False) -> Tensor",
    variants: "function",
    compose: (call, k, logProbs, targets, times, lengths, ...rest) => {
      const [n, m] = [integers(k, times, "input_lengths"), integers(k, lengths, "target_lengths")];
      return call("ctc_loss.IntList", logProbs, targets, n, m, ...rest);
    },
    exempt: { differences: "as above" },
    // Where nothing is said, PyTorch's parser takes `Mean` for 0: no reduction.
    samples: [
      "torch.ctc_loss(m[:, None].log_softmax(2), torch.tensor([[1, 2]]), torch.tensor([3]), torch.tensor([2]))",
    ],
  }),
  op({
    schema:
      "_ctc_loss(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int blank, bool zero_infinity) -> (Tensor result0, Tensor result1)",
    variants: "internal",
    node: "CtcLossBackward0",
    pattern: "mix",
    nonDifferentiable: [1],
    forward: (k, logProbs, targets, times, lengths, blank) => {
      const s = setting(k, logProbs, targets, times, lengths, blank);
      const alpha = forwards(s);
      const [time, batch] = s.shape;
      const most = 2 * Math.max(0, ...lengths) + 1;
      const losses = alpha.map((rows, b) => lossOf(rows, s.padded[b] as readonly number[]));
      const all = new Float64Array(batch * time * most).fill(NEVER);
      for (const [b, rows] of alpha.entries())
        for (const [t, row] of rows.entries()) all.set(row, (b * time + t) * most);
      return [
        written(k, [batch], logProbs.dtype, losses),
        written(k, [batch, time, most], logProbs.dtype, all),
      ];
    },
    backward: {
      log_probs:
        "_ctc_loss_backward(grad, log_probs, targets, input_lengths, target_lengths, result0, result1, blank, zero_infinity)",
    },
    samples: [],
  }),
  op({
    schema:
      "_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, Tensor neg_log_likelihood, Tensor log_alpha, int blank, bool zero_infinity) -> Tensor",
    variants: "internal",
    node: "NotImplemented",
    pattern: "mix",
    forward: (k, grad, logProbs, targets, times, lengths, _loss, _alpha, blank, zeroInfinity) => {
      const s = setting(k, logProbs, targets, times, lengths, blank);
      const [alpha, beta] = [forwards(s), backwards(s)];
      const [, batch, classes] = s.shape;
      const upstream = k.core.read(grad) as Float64Array;
      const out = new Float64Array(logProbs.numel);
      for (const [b, path] of s.padded.entries()) {
        const rows = alpha[b] as number[][];
        const loss = lossOf(rows, path);
        const share = upstream[upstream.length > 1 ? b : 0] as number;
        if (zeroInfinity && loss === Number.POSITIVE_INFINITY) continue;
        for (const [t, row] of rows.entries()) {
          const through = new Array<number>(classes).fill(NEVER);
          for (const [at, label] of path.entries()) {
            const both = (row[at] as number) + (beta[b]?.[t]?.[at] as number);
            through[label] = logSum(through[label] as number, both);
          }
          for (const [label, sum] of through.entries()) {
            const lp = s.lp(t, b, label);
            out[(t * batch + b) * classes + label] = (Math.exp(lp) - Math.exp(sum + loss - lp)) * share;
          }
        }
      }
      return written(k, logProbs.shape, logProbs.dtype, out);
    },
    backward: {
      grad: "not_implemented('aten::_ctc_loss_backward')",
      log_probs: "not_implemented('aten::_ctc_loss_backward')",
      neg_log_likelihood: "not_implemented('aten::_ctc_loss_backward')",
    },
    samples: [],
  }),
];
