/** Losses of classes: negative log likelihood and cross entropy. */
import { DType } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, sameShape, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

const joined = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

/** Where the targets' elements lie in an input [batch, classes, …rest], which of them count, and their classes' weights. */
interface Picked {
  readonly positions: Tensor;
  readonly weights: Tensor;
  /** Which count, by their numbers in the target. */
  readonly counted: readonly number[];
}

function picked(k: Kernels, self: Tensor, given: Tensor, weight: Tensor | null, ignoreIndex: number): Picked {
  const target = given.dtype === DType.u8 && self.shape.length < 3 ? k.cast(given, DType.i64) : given;
  if (target.dtype !== DType.i64)
    fail(`expected scalar type Long but found ${dtypeRow(target.dtype).scalarType}`);
  const alone = self.shape.length === 1;
  const classes = self.shape[alone ? 0 : 1] as number;
  if (weight !== null && weight.numel !== classes)
    fail(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${showShape(weight.shape)}`,
    );
  const rest = alone ? 1 : joined(self.shape.slice(2));
  const classWeights = weight === null ? null : k.core.read(weight);
  const at = new Array<bigint>(target.numel).fill(0n);
  const weights = new Array<number>(target.numel).fill(0);
  const counted: number[] = [];
  for (const [i, value] of (k.core.read(target) as BigInt64Array).entries()) {
    if (value === BigInt(ignoreIndex)) continue;
    const label = Number(value);
    if (label < 0 || label >= classes) fail(`Target ${value} is out of bounds.`, "IndexError");
    at[i] = BigInt(Math.floor(i / rest) * classes * rest + label * rest + (i % rest));
    weights[i] = classWeights === null ? 1 : Number(classWeights[label]);
    counted.push(i);
  }
  const positions = k.empty([target.numel], DType.i64);
  k.core.write(positions, at);
  const column = k.empty(target.shape, self.dtype);
  k.core.write(column, weights);
  return { positions, weights: column, counted };
}

/**
 * The sum of the elements of `t` that count, in the order in which PyTorch's kernel adds them: eight levels, each handed up to
 * the next one every so many elements of the target.
 */
function cascade(k: Kernels, t: Tensor, counted: readonly number[]): number {
  const round = t.dtype === DType.f64 ? (x: number): number => x : Math.fround;
  const values = k.core.read(t) as Float64Array;
  const log = t.numel < 2 ? 0 : 32 - Math.clz32(t.numel - 1);
  const power = Math.max(4, Math.floor(log / LEVELS));
  const mask = 2 ** power - 1;
  const sums = new Array<number>(LEVELS).fill(0);
  for (const i of counted) {
    sums[0] = round((sums[0] as number) + (values[i] as number));
    for (
      let level = 0;
      level + 1 < LEVELS && Math.floor(i / 2 ** (level * power)) % (mask + 1) === 0;
      level++
    ) {
      sums[level + 1] = round((sums[level + 1] as number) + (sums[level] as number));
      sums[level] = 0;
    }
  }
  return sums.reduce((total, sum) => round(total + sum), 0);
}

const LEVELS = 8;

function likelihood(
  k: Kernels,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: number,
  ignoreIndex: number,
): readonly Tensor[] {
  if (!isFloat(self.dtype))
    fail(`"nll_loss_out_frame" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  const { positions, weights, counted } = picked(k, self, target, weight, ignoreIndex);
  const c = new Calc(k);
  const values = k.empty([positions.numel], self.dtype);
  const flat = k.reshaped(k.contiguous(self), [self.numel]);
  if (values.numel > 0) k.core.indexSelect(values, flat, 0, positions);
  // What is ignored counts for 0, whatever stands there.
  const own = c.neg(k.reshaped(values, target.shape));
  const losses = c.where(k.cast(weights, DType.bool), c.mul(own, weights), k.full([], 0, self.dtype));
  if (reduction === 0) return [losses, k.full([], 0, self.dtype)];
  const total = k.full([], cascade(k, weights, counted), self.dtype);
  const sum = k.full([], cascade(k, losses, counted), self.dtype);
  return [reduction === 1 ? c.div(sum, total) : sum, total];
}

function likelihoodBackward(
  k: Kernels,
  grad: Tensor,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: number,
  ignoreIndex: number,
  totalWeight: Tensor,
): Tensor {
  const { positions, weights } = picked(k, self, target, weight, ignoreIndex);
  const c = new Calc(k);
  const slopes = k.core.read(c.neg(c.mul(weights, reduction === 1 ? c.div(grad, totalWeight) : grad)));
  const numbers = new Float64Array(self.numel);
  const [at, counts] = [k.core.read(positions), k.core.read(weights)];
  // What is ignored has position 0 and weight 0.
  for (let i = 0; i < at.length; i++) if (Number(counts[i]) !== 0) numbers[Number(at[i])] = Number(slopes[i]);
  const out = k.empty(self.shape, self.dtype);
  k.core.write(out, numbers);
  return out;
}

/** `nll_loss_nd`: rows of classes, or images of them. */
function anyLikelihood(
  call: Call,
  forward: string,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: number,
  ignoreIndex: number,
): Tensor {
  const n = self.shape.length;
  if (n < 1) fail(`Expected 1 or more dimensions (got ${n})`, "ValueError");
  if (n !== 1 && self.shape[0] !== target.shape[0])
    fail(
      `Expected input batch_size (${self.shape[0]}) to match target batch_size (${target.shape[0]}).`,
      "ValueError",
    );
  const rest = [weight, reduction, ignoreIndex];
  if (n === 1 || n === 2) {
    if (target.shape.length > 1) fail("0D or 1D target tensor expected, multi-target not supported");
    if (n === 1 && target.numel !== 1)
      fail(`size mismatch (got input: ${showShape(self.shape)}, target: ${showShape(target.shape)})`);
    return call(forward, self, target, ...rest)[0] as Tensor;
  }
  const [batch = 0, classes = 0, ...area] = self.shape;
  if (!sameShape(target.shape.slice(1), area))
    fail(`Expected target size ${showShape([batch, ...area])}, got ${showShape(target.shape)}`);
  if (n === 4) return call(forward, self, target, ...rest)[0] as Tensor;
  const flat = [batch, classes, 1, joined(area)];
  const image = n === 3 ? [batch, classes, 1, area[0] as number] : flat;
  const loss = call(
    forward,
    call("view", call("contiguous", self), image),
    call("view", call("contiguous", target), [batch, 1, image[3] as number]),
    ...rest,
  )[0] as Tensor;
  return reduction === 0 ? call("view", loss, [batch, ...area]) : loss;
}

function crossEntropy(
  call: Call,
  k: Kernels,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: number,
  ignoreIndex: number,
  smoothing: number,
): Tensor {
  if (sameShape(self.shape, target.shape)) {
    if (!isFloat(target.dtype))
      fail(
        `Expected floating point type for target with class probabilities, got ${dtypeRow(target.dtype).scalarType}`,
      );
    if (ignoreIndex >= 0) fail("ignore_index is not supported for floating point target");
    return ofProbabilities(call, self, target, weight, reduction, smoothing);
  }
  const dim = self.shape.length === 1 ? 0 : 1;
  const logs = call("_log_softmax", self, dim);
  if (smoothing <= 0) return call("nll_loss_nd", logs, target, weight, reduction, ignoreIndex);
  if (smoothing > 1) fail(`label_smoothing must be between 0.0 and 1.0. Got: ${smoothing}`);
  const own = call("nll_loss_nd", logs, target, weight, reduction, ignoreIndex);
  const weighted = weight === null ? logs : call("mul", logs, asRow(call, weight, logs));
  let smooth = call("neg", call("sum.dim_IntList", weighted, [dim]));
  const ignored = call("eq", target, ignoreIndex);
  const zero = k.full([], 0, logs.dtype);
  smooth = call("index_put_", smooth, [ignored], zero);
  if (reduction === 1 && weight === null) {
    smooth = call("mean", call("masked_select", smooth, call("logical_not", ignored)));
  } else if (reduction !== 0) smooth = call("sum", smooth);
  if (reduction === 1 && weight !== null) {
    const counted = call("masked_select", target, call("logical_not", ignored));
    smooth = call("div", smooth, call("sum", call("gather", weight, 0, counted)));
  }
  const classes = logs.shape[dim] as number;
  // Of a sum's operands the compiler works out the last one first.
  const share = call("mul.Scalar", smooth, smoothing / classes);
  return call("add", call("mul.Scalar", own, 1 - smoothing), share);
}

/** Class weights beside an input [batch, classes, …]. */
function asRow(call: Call, weight: Tensor, input: Tensor): Tensor {
  const n = input.shape.length;
  if (n === 1) return weight;
  return call(
    "view",
    weight,
    input.shape.map((_, i) => (i === 1 ? weight.numel : 1)),
  );
}

function ofProbabilities(
  call: Call,
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: number,
  smoothing: number,
): Tensor {
  const dim = self.shape.length === 1 ? 0 : 1;
  const classes = self.shape[dim] as number;
  if (weight !== null && weight.numel !== classes)
    fail(
      `cross_entropy: weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${showShape(weight.shape)}`,
    );
  const logs = call("_log_softmax", self, dim);
  const aim =
    smoothing > 0
      ? call("add.Scalar", call("mul.Scalar", target, 1 - smoothing), smoothing / classes)
      : target;
  let product = call("mul", logs, aim);
  if (weight !== null) product = call("mul", product, asRow(call, weight, logs));
  if (reduction === 0) return call("neg", call("sum.dim_IntList", product, [dim]));
  const total = call("neg", call("sum", product));
  return reduction === 1 ? call("div.Scalar", total, logs.numel / classes) : total;
}

const BACKWARD = {
  self: "nll_loss_backward(grad, self, target, weight, reduction, ignore_index, total_weight)",
};
const forwardSchema = <N extends string>(name: N) =>
  `${name}(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index) -> (Tensor output, Tensor total_weight)` as const;

type BackwardSchema =
  "nll_loss_backward(Tensor grad_output, Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index, Tensor total_weight) -> Tensor";
const likelihoodBackwardRow = (name: string, node: string): OpRow =>
  op({
    schema:
      `${name}(Tensor grad_output, Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index, Tensor total_weight) -> Tensor` as BackwardSchema,
    variants: "internal",
    node,
    pattern: "route",
    forward: likelihoodBackward,
    backward: {
      grad_output: "nll_loss_again(grad, target, weight, reduction, ignore_index)",
      self: "zeros_like(grad)",
    },
    samples: [],
  });

export const LIKELIHOOD: readonly OpRow[] = [
  op({
    schema: forwardSchema("nll_loss_forward"),
    refuses: { as: "nll_loss_forward", inputs: ["weight"] },
    variants: "internal",
    node: "NllLossBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: likelihood,
    backward: BACKWARD,
    samples: [],
  }),
  op({
    schema: forwardSchema("nll_loss2d_forward"),
    refuses: { as: "nll_loss2d_forward", inputs: ["weight"] },
    variants: "internal",
    node: "NllLoss2DBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: likelihood,
    backward: { self: BACKWARD.self.replace("nll_loss_backward", "nll_loss2d_backward") },
    samples: [],
  }),
  likelihoodBackwardRow("nll_loss_backward", "NllLossBackwardBackward0"),
  likelihoodBackwardRow("nll_loss2d_backward", "NllLoss2DBackwardBackward0"),
  composite({
    schema:
      "nll_loss_again(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index) -> Tensor",
    variants: "internal",
    compose: (call, _k, ...args) => call("nll_loss_nd", ...args),
    samples: [],
  }),
  composite({
    schema:
      "nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor",
    variants: "nn",
    compose: (call, _k, self, ...rest) =>
      anyLikelihood(call, self.shape.length > 2 ? "nll_loss2d_forward" : "nll_loss_forward", self, ...rest),
    samples: [
      "torch.nn.functional.nll_loss(m.log_softmax(1), torch.tensor([2, 0, 1]))",
      "torch.nn.functional.nll_loss(m.log_softmax(1), torch.tensor([2, 0, 1]), weight=v.detach().abs())",
      "torch.nn.functional.nll_loss(m, torch.tensor([2, 0, 1]), ignore_index=0, reduction='none')",
      "torch.nn.functional.nll_loss(v, torch.tensor(1), reduction='sum')",
      "torch.nn.functional.nll_loss(torch.stack([a, b]), torch.tensor([[1, 0, 1], [0, 0, 1]]))",
    ],
  }),
  composite({
    schema:
      "cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0.0) -> Tensor",
    variants: "nn",
    compose: crossEntropy,
    samples: [
      "torch.nn.functional.cross_entropy(m, torch.tensor([2, 0, 1]))",
      "torch.nn.functional.cross_entropy(m, torch.tensor([2, 0, 1]), weight=v.detach().abs(), ignore_index=1)",
      "torch.nn.functional.cross_entropy(m, torch.tensor([2, 0, 1]), label_smoothing=0.1)",
      "torch.nn.functional.cross_entropy(m, torch.tensor([2, -100, 1]), label_smoothing=0.1, weight=v.detach().abs())",
      "torch.nn.functional.cross_entropy(m, torch.tensor([2, 0, 1]), label_smoothing=0.1, reduction='none')",
      "torch.nn.functional.cross_entropy(a, p.detach(), reduction='sum')",
      "torch.nn.functional.cross_entropy(a, p.softmax(1), label_smoothing=0.2, weight=v.detach().abs())",
      "torch.nn.functional.cross_entropy(v, torch.tensor(2))",
      "torch.nn.functional.cross_entropy(torch.stack([a, b]), torch.tensor([[1, 0, 1], [0, 0, 1]]))",
    ],
  }),
];
