/** Losses and likenesses that are made of other ops, put together in PyTorch's order. */
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, type Kernels, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow } from "../row.ts";
import { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";
import { reduced } from "./loss.ts";

/** Both divided by their norms, multiplied and summed. */
function cosine(call: Call, k: Kernels, x1: Tensor, x2: Tensor, dim: number, eps: number): Tensor {
  const dtype = k.resultType(x1, x2);
  if (!isFloat(dtype))
    fail(`expected common dtype to be floating point, yet common dtype is ${dtypeRow(dtype).scalarType}`);
  const shape = broadcastShapes(x1.shape, x2.shape);
  const wide = (x: Tensor): Tensor => call("expand", x.dtype === dtype ? x : call("to", x, dtype), shape);
  const [a, b] = [wide(x1), wide(x2)];
  const square = (x: Tensor): Tensor => call("sum.dim_IntList", call("pow", x, 2), [dim], true);
  const squares = [square(a), square(b)];
  // Held away from 0 behind the graph's back.
  for (const s of squares) {
    s.willChange();
    k.copyInto(s, new Calc(k).max(s, eps * eps));
    s.counter.value++;
  }
  const [na, nb] = squares.map((s) => call("sqrt_", s));
  return call("sum.dim_IntList", call("mul", call("div", a, na), call("div", b, nb)), [dim]);
}

function pairwise(
  call: Call,
  _k: Kernels,
  x1: Tensor,
  x2: Tensor,
  p: number,
  eps: number,
  keepdim: boolean,
): Tensor {
  const last = Math.max(x1.shape.length, x2.shape.length) - 1;
  const off = call("add.Scalar", call("sub", x1, x2), eps);
  return call("norm.ScalarOpt_dim", off, new Scalar(p, "float"), [last], keepdim);
}

/** Keeps the squared norms away from 0. */
const EPSILON = 1e-12;

function cosineEmbedding(
  call: Call,
  k: Kernels,
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  margin: number,
  reduction: number,
): Tensor {
  const n = target.shape.length;
  if (n > 1) fail("0D or 1D target tensor expected, multi-target not supported");
  const [of, dims] = n === 1 ? ["1D", "2D"] : ["0D", "1D"];
  if (input1.shape.length !== n + 1 && input2.shape.length !== n + 1)
    fail(
      `${of} target tensor expects ${dims} input tensors, but found inputs with sizes ${showShape(input1.shape)} and ${showShape(input2.shape)}.`,
    );
  const along = (x: Tensor, y: Tensor): Tensor => call("sum.dim_IntList", call("mul", x, y), [n]);
  const product = along(input1, input2);
  const square1 = call("add.Scalar", along(input1, input1), EPSILON);
  const square2 = call("add.Scalar", along(input2, input2), EPSILON);
  const cos = call("div", product, call("sqrt_", call("mul", square1, square2)));
  const zeros = k.full(cos.shape, 0, cos.dtype);
  const near = call("sub", 1, cos);
  const far = call("clamp_min", call("sub.Scalar", cos, margin), 0);
  const ofNear = call("where.self", call("eq", target, 1), near, zeros);
  const ofFar = call("where.self", call("eq", target, -1), far, zeros);
  return reduced(call, call("add", ofNear, ofFar), reduction);
}

/** Where no reduction is given there is none: PyTorch's parser does not know its own default, `Mean`. */
export const DISTANCES: readonly OpRow[] = [
  composite({
    schema:
      "pairwise_distance(Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False) -> Tensor",
    variants: "function",
    compose: pairwise,
    samples: [
      "torch.pairwise_distance(a, b)",
      "torch.nn.functional.pairwise_distance(a, b, p=1, keepdim=True)",
      "torch.pairwise_distance(m, v, p=3.0)",
    ],
  }),
  composite({
    schema:
      "triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2, float eps=1e-06, bool swap=False, int reduction=0) -> Tensor",
    variants: "function",
    compose: (call, k, anchor, positive, negative, margin, p, eps, swap, reduction) => {
      const dims = [anchor, positive, negative].map((t) => t.shape.length);
      if (new Set(dims).size > 1)
        fail(
          `All inputs should have same dimension but got ${dims[0]}D, ${dims[1]}D and ${dims[2]}D inputs.`,
        );
      const near = pairwise(call, k, anchor, positive, p, eps, false);
      let far = pairwise(call, k, anchor, negative, p, eps, false);
      if (swap) far = call("minimum", far, pairwise(call, k, positive, negative, p, eps, false));
      const loss = call("clamp_min", call("sub", call("add.Scalar", near, margin), far), 0);
      return reduced(call, loss, reduction);
    },
    samples: [
      "torch.nn.functional.triplet_margin_loss(a, b, p)",
      "torch.nn.functional.triplet_margin_loss(a, b, p, margin=2, p=1, swap=True, reduction='sum')",
    ],
  }),
  composite({
    schema: "kl_div(Tensor self, Tensor target, int reduction=0, *, bool log_target=False) -> Tensor",
    variants: "function",
    compose: (call, _k, self, target, reduction, logTarget) => {
      // C++ compilers work out the right operand first.
      let loss: Tensor;
      if (logTarget) {
        const off = call("sub", target, self);
        loss = call("mul", call("exp", target), off);
      } else {
        const product = call("mul", target, self);
        loss = call("sub", call("xlogy", target, target), product);
      }
      return reduced(call, loss, reduction);
    },
    samples: [
      "torch.nn.functional.kl_div(a, p)",
      "torch.nn.functional.kl_div(a, p, reduction='batchmean')",
      "torch.nn.functional.kl_div(a, b, reduction='sum', log_target=True)",
      "torch.nn.functional.kl_div(a, c.float(), reduction='none')",
    ],
  }),
  composite({
    schema: "cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor",
    variants: "function",
    compose: cosine,
    samples: [
      "torch.cosine_similarity(a, b)",
      "torch.nn.functional.cosine_similarity(a, b, dim=0)",
      "torch.cosine_similarity(m, v, dim=-1)",
      "torch.cosine_similarity(a * 0, b)",
    ],
  }),
  composite({
    schema:
      "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0) -> Tensor",
    variants: "function",
    compose: cosineEmbedding,
    samples: [
      "torch.nn.functional.cosine_embedding_loss(a, b, torch.tensor([1., -1.]), margin=-0.9)",
      "torch.nn.functional.cosine_embedding_loss(a, b, torch.tensor([1, -1]), reduction='none')",
      "torch.nn.functional.cosine_embedding_loss(v, m[0], torch.tensor(1), reduction='sum')",
    ],
  }),
  composite({
    schema:
      "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0) -> Tensor",
    variants: "function",
    compose: (call, _k, input1, input2, target, margin, reduction) => {
      const product = call("mul", call("neg", target), call("sub", input1, input2));
      return reduced(call, call("clamp_min_", call("add.Scalar", product, margin), 0), reduction);
    },
    samples: [
      "torch.nn.functional.margin_ranking_loss(a, b, torch.tensor([[1., -1, 1], [-1, 1, 1]]))",
      "torch.nn.functional.margin_ranking_loss(a, b, torch.tensor([[1., -1, 1], [-1, 1, 1]]), margin=0.5, reduction='none')",
    ],
  }),
  composite({
    schema: "hinge_embedding_loss(Tensor self, Tensor target, float margin=1.0, int reduction=0) -> Tensor",
    variants: "function",
    compose: (call, k, self, target, margin, reduction) => {
      const zeros = k.full(self.shape, 0, self.dtype);
      const held = call("clamp_min", call("sub", margin, self), 0);
      const ofFar = call("where.self", call("ne", target, 1), held, zeros);
      const ofNear = call("where.self", call("ne", target, -1), self, zeros);
      return reduced(call, call("add", ofFar, ofNear), reduction);
    },
    samples: [
      "torch.nn.functional.hinge_embedding_loss(a, torch.tensor([[1., -1, 1], [-1, 1, 1]]))",
      "torch.nn.functional.hinge_embedding_loss(a, torch.tensor([[1, -1, 1], [-1, 1, 1]]), margin=2, reduction='sum')",
    ],
  }),
  composite({
    schema:
      "poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction) -> Tensor",
    variants: "function",
    compose: (call, _k, input, target, logInput, full, eps, reduction) => {
      let loss: Tensor;
      if (logInput) {
        const product = call("mul", target, input);
        loss = call("sub", call("exp", input), product);
      } else {
        loss = call("sub", input, call("mul", target, call("log", call("add.Scalar", input, eps))));
      }
      if (full) {
        const rest = call("mul.Scalar", call("log", call("mul.Scalar", target, 2 * Math.PI)), 0.5);
        const main = call("sub", call("mul", target, call("log", target)), target);
        const stirling = call("add", main, rest);
        loss = call("add_", loss, call("masked_fill", stirling, call("le", target, 1), 0));
      }
      return reduced(call, loss, reduction);
    },
    samples: [
      "torch.nn.functional.poisson_nll_loss(a, p)",
      "torch.nn.functional.poisson_nll_loss(p, p * 2, log_input=False, reduction='sum')",
      "torch.nn.functional.poisson_nll_loss(a, p, full=True, reduction='none')",
    ],
  }),
];
