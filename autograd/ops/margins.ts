/** Losses with margins: soft, of one class against the others, of several classes against the others. */
import { DType } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, sameShape, showShape } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

function written(k: Kernels, shape: readonly number[], dtype: DType, numbers: ArrayLike<number>): Tensor {
  const out = k.empty(shape, dtype);
  k.core.write(out, numbers);
  return out;
}

const longs = (k: Kernels, t: Tensor): number[] => {
  if (t.dtype !== DType.i64) fail(`expected scalar type Long but found ${dtypeRow(t.dtype).scalarType}`);
  return Array.from(k.core.read(t) as BigInt64Array, Number);
};

/** [rows, classes] of an input [rows, classes] or [classes]. */
function rowsOf(self: Tensor): readonly [number, number] {
  const n = self.shape.length;
  if (n > 2 || self.numel === 0)
    fail(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${showShape(self.shape)}`,
    );
  return n === 2 ? [self.shape[0] as number, self.shape[1] as number] : [1, self.numel];
}

/** A loss per row, reduced. */
function finished(
  k: Kernels,
  losses: readonly number[],
  like: Tensor,
  shape: readonly number[],
  reduction: number,
): Tensor {
  if (reduction === 0) return written(k, shape, like.dtype, losses);
  const total = losses.reduce((sum, x) => sum + x, 0);
  return written(k, [], like.dtype, [reduction === 1 ? total / losses.length : total]);
}

interface Multi {
  readonly x: Float64Array;
  readonly targets: readonly number[];
  readonly weights: Float64Array | null;
  readonly rows: number;
  readonly classes: number;
}

function multi(k: Kernels, self: Tensor, target: Tensor, p: Scalar, weight: Tensor | null): Multi {
  const [rows, classes] = rowsOf(self);
  if (p.number !== 1 && p.number !== 2) fail("only p == 1 and p == 2 supported");
  if (target.shape.length > 1 || target.numel !== rows)
    fail(`inconsistent target size, got: ${showShape(target.shape)}`);
  if (weight !== null && (weight.shape.length > 1 || weight.numel !== classes))
    fail(`inconsistent weight size, got: ${showShape(weight.shape)}`);
  if (!isFloat(self.dtype))
    fail(`"multi_margin_loss_cpu_kernel" not implemented for '${dtypeRow(self.dtype).scalarType}'`);
  const targets = longs(k, target);
  if (targets.some((y) => y < 0 || y >= classes)) fail("target out of range");
  const weights = weight === null ? null : (k.core.read(weight) as Float64Array);
  return { x: k.core.read(self) as Float64Array, targets, weights, rows, classes };
}

/** By row and class: what margin - x[target] + x[class] is where it is above 0. */
function* violations(m: Multi, margin: number): Iterable<readonly [number, number, number, number]> {
  for (const [row, y] of m.targets.entries()) {
    const from = row * m.classes;
    const own = m.x[from + y] as number;
    for (let d = 0; d < m.classes; d++) {
      const z = margin - own + (m.x[from + d] as number);
      if (d !== y && z > 0) yield [from + d, from + y, row, z];
    }
  }
}

function multiMargin(
  k: Kernels,
  self: Tensor,
  target: Tensor,
  p: Scalar,
  margin: Scalar,
  weight: Tensor | null,
  reduction: number,
): Tensor {
  const m = multi(k, self, target, p, weight);
  const losses = new Array<number>(m.rows).fill(0);
  for (const [, , row, z] of violations(m, margin.number))
    (losses[row] as number) += (p.number === 1 ? z : z * z) * (m.weights?.[m.targets[row] as number] ?? 1);
  const shares = losses.map((x) => x / m.classes);
  return finished(k, shares, self, target.shape.length > 0 ? [m.rows] : [], reduction);
}

function multiMarginBackward(
  k: Kernels,
  grad: Tensor,
  self: Tensor,
  target: Tensor,
  p: Scalar,
  margin: Scalar,
  weight: Tensor | null,
  reduction: number,
): Tensor {
  const m = multi(k, self, target, p, weight);
  const out = new Float64Array(m.x.length);
  const upstream = k.core.read(grad) as Float64Array;
  const share = 1 / (reduction === 1 ? m.rows * m.classes : m.classes);
  for (const [at, own, row, z] of violations(m, margin.number)) {
    const slope = (p.number === 1 ? share : 2 * share * z) * (m.weights?.[m.targets[row] as number] ?? 1);
    const step = slope * (upstream[reduction === 0 && upstream.length > 1 ? row : 0] as number);
    (out[at] as number) += step;
    (out[own] as number) -= step;
  }
  return written(k, self.shape, self.dtype, out);
}

interface MultiLabel {
  readonly x: Float64Array;
  /** By row, the labels before the first -1. */
  readonly labels: readonly (readonly number[])[];
  readonly classes: number;
}

function multiLabel(k: Kernels, self: Tensor, target: Tensor): MultiLabel {
  const [rows, classes] = rowsOf(self);
  if (!sameShape(target.shape, self.shape) && !(self.shape.length < 2 && target.numel === classes))
    fail(`inconsistent size ${showShape(target.shape)} for argument #2 'target'`);
  const all = longs(k, target);
  if (all.some((y) => y < -1 || y >= classes)) fail("argument #2 'target' is out of range");
  if (!isFloat(self.dtype))
    fail(
      `"multilabel_margin_loss_forward_out_frame" not implemented for '${dtypeRow(self.dtype).scalarType}'`,
    );
  const labels = Array.from({ length: rows }, (_, row) => {
    const list = all.slice(row * classes, (row + 1) * classes);
    const end = list.indexOf(-1);
    return end < 0 ? list : list.slice(0, end);
  });
  return { x: k.core.read(self) as Float64Array, labels, classes };
}

/** By row: 1 - x[label] + x[other] where it is above 0, as (position of the other, of the label, row, amount). */
function* labelViolations(m: MultiLabel): Iterable<readonly [number, number, number, number]> {
  for (const [row, labels] of m.labels.entries()) {
    const from = row * m.classes;
    for (const label of labels) {
      for (let d = 0; d < m.classes; d++) {
        if (labels.includes(d)) continue;
        const z = 1 - (m.x[from + label] as number) + (m.x[from + d] as number);
        if (z > 0) yield [from + d, from + label, row, z];
      }
    }
  }
}

export const MARGINS: readonly OpRow[] = [
  op({
    schema: "soft_margin_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    variants: "nn",
    node: "SoftMarginLossBackward0",
    refuses: { as: "soft_margin_loss", inputs: ["target"] },
    pattern: "scale",
    forward: (k, self, target, reduction) => {
      const common = k.resultType(self, target);
      if (common !== self.dtype)
        fail(
          `result type ${dtypeRow(common).scalarType} can't be cast to the desired output type ${dtypeRow(self.dtype).scalarType}`,
        );
      if (!isFloat(self.dtype))
        fail(`result type Float can't be cast to the desired output type ${dtypeRow(self.dtype).scalarType}`);
      const c = new Calc(k);
      return c.reduced(c.log(c.add(c.exp(c.mul(c.neg(target), self)), 1)), reduction);
    },
    backward: { self: "soft_margin_loss_backward(grad, self, target, reduction)" },
    samples: [
      "torch.nn.functional.soft_margin_loss(a, b.detach().sign())",
      "torch.nn.functional.soft_margin_loss(a, b.detach().sign(), reduction='sum')",
      "torch.nn.functional.soft_margin_loss(a, b.detach().sign(), reduction='none')",
    ],
  }),
  op({
    schema:
      "soft_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, int reduction) -> Tensor",
    variants: "internal",
    node: "SoftMarginLossBackwardBackward0",
    pattern: "scale",
    forward: (k, gradOutput, self, target, reduction) => {
      const c = new Calc(k);
      const z = c.exp(c.mul(c.neg(target), self));
      const share = reduction === 1 ? self.numel : 1;
      return c.mul(c.div(c.mul(c.mul(target, z), -1 / share), c.add(z, 1)), gradOutput);
    },
    backward: {
      grad_output:
        "reduction == 0 ? soft_margin_loss_backward(grad, self, target, reduction) : (soft_margin_loss_backward(ones_like(grad_output), self, target, reduction) * grad).sum()",
      self: "soft_margin_loss_double_backward(grad * grad_output, self, target, reduction)",
    },
    samples: [],
  }),
  composite({
    schema:
      "soft_margin_loss_double_backward(Tensor grad, Tensor self, Tensor target, int reduction) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, self, target, reduction) => {
      const z = call("exp", call("mul", self, call("neg", target)));
      const above = call("add", z, 1);
      const top = call("mul", call("mul", grad, call("mul", target, target)), z);
      const out = call("div", top, call("mul", above, above));
      return reduction === 1 ? call("div", out, self.numel) : out;
    },
    samples: [],
  }),
  op({
    schema:
      "multi_margin_loss(Tensor self, Tensor target, Scalar p=1, Scalar margin=1, Tensor? weight=None, int reduction=1) -> Tensor",
    variants: "nn",
    node: "MultiMarginLossBackward0",
    refuses: { as: "multi_margin_loss", inputs: ["weight"] },
    pattern: "route",
    forward: multiMargin,
    backward: { self: "multi_margin_loss_backward(grad, self, target, p, margin, weight, reduction)" },
    exempt: { differences: "PyTorch has no second derivative" },
    samples: [
      "torch.nn.functional.multi_margin_loss(m, torch.tensor([0, 2, 1]))",
      "torch.nn.functional.multi_margin_loss(m, torch.tensor([0, 2, 1]), p=2, margin=0.5, reduction='none')",
      "torch.nn.functional.multi_margin_loss(v, torch.tensor(1), weight=v.detach().abs(), reduction='sum')",
    ],
  }),
  op({
    schema:
      "multi_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, Scalar p, Scalar margin, Tensor? weight, int reduction) -> Tensor",
    variants: "internal",
    node: "NotImplemented",
    pattern: "route",
    forward: multiMarginBackward,
    backward: {
      grad_output: "not_implemented('aten::multi_margin_loss_backward')",
      self: "not_implemented('aten::multi_margin_loss_backward')",
    },
    samples: [],
  }),
  composite({
    schema: "multilabel_margin_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    variants: "nn",
    compose: (call, _k, self, target, reduction) =>
      call("multilabel_margin_loss_forward", self, target, reduction)[0] as Tensor,
    exempt: { differences: "PyTorch has no second derivative" },
    samples: [
      "torch.nn.functional.multilabel_margin_loss(a, torch.tensor([[0, 2, -1], [1, -1, 0]]))",
      "torch.nn.functional.multilabel_margin_loss(a, torch.tensor([[0, 2, -1], [1, -1, 0]]), reduction='none')",
      "torch.nn.functional.multilabel_margin_loss(v, torch.tensor([2, -1, 0]), reduction='sum')",
    ],
  }),
  op({
    schema:
      "multilabel_margin_loss_forward(Tensor self, Tensor target, int reduction) -> (Tensor output, Tensor is_target)",
    variants: "internal",
    node: "MultilabelMarginLossBackward0",
    pattern: "route",
    nonDifferentiable: [1],
    forward: (k, self, target, reduction) => {
      const m = multiLabel(k, self, target);
      const losses = m.labels.map(() => 0);
      for (const [, , row, z] of labelViolations(m)) (losses[row] as number) += z;
      const marks = m.labels.flatMap((labels) =>
        Array.from({ length: m.classes }, (_, d) => Number(labels.includes(d))),
      );
      const shares = losses.map((x) => x / m.classes);
      const shape = target.shape.length > 1 ? [losses.length] : [];
      return [finished(k, shares, self, shape, reduction), written(k, target.shape, self.dtype, marks)];
    },
    backward: {
      self: "multilabel_margin_loss_backward(grad, self, target, reduction, is_target)",
    },
    samples: [],
  }),
  op({
    schema:
      "multilabel_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, int reduction, Tensor is_target) -> Tensor",
    variants: "internal",
    node: "NotImplemented",
    pattern: "route",
    forward: (k, grad, self, target, reduction) => {
      const m = multiLabel(k, self, target);
      const out = new Float64Array(m.x.length);
      const upstream = k.core.read(grad) as Float64Array;
      const share = 1 / (reduction === 1 ? m.labels.length * m.classes : m.classes);
      for (const [at, label, row] of labelViolations(m)) {
        const step = share * (upstream[reduction === 0 && upstream.length > 1 ? row : 0] as number);
        (out[at] as number) += step;
        (out[label] as number) -= step;
      }
      return written(k, self.shape, self.dtype, out);
    },
    backward: {
      grad_output: "not_implemented('aten::multilabel_margin_loss_backward')",
      self: "not_implemented('aten::multilabel_margin_loss_backward')",
    },
    samples: [],
  }),
];
