/** The stories of elements, held against what the engine computed: every element of every gradient of these programs. */
import { describe, expect, test } from "vitest";
import type { Downstream, Trace } from "../../trace/schema.ts";
import { BINARY, type Cell, UNARY } from "../../trace/story/cell.ts";
import { canTell, readLiteral, type Story, storyOf } from "../../trace/story/story.ts";
import { runSnippet } from "../support/engine.ts";

const LEAVES = `import torch
import torch.nn.functional as F
torch.manual_seed(1)
a = torch.tensor([[0.5, -1.5, 2.0], [1.25, 0.75, -0.5]], requires_grad=True)
b = torch.tensor([[1.5, 2.0, -3.0], [0.25, -1.0, 4.0]], requires_grad=True)
p = torch.tensor([0.2, 0.7, 0.4], requires_grad=True)
m = torch.tensor([[1.0, 2.0], [3.0, -4.0], [0.5, 0.25]], requires_grad=True)
image = torch.randn(2, 2, 5, 4, requires_grad=True)
sound = torch.randn(2, 2, 6, requires_grad=True)
square = torch.tensor([[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25], [0.75, -0.5, 1.5]], requires_grad=True)
scores = torch.randn(5, 2, 4, requires_grad=True)
up = torch.randn(400)
def back(y): (y.flatten() * up[:y.numel()]).sum().backward()
`;

/** Each is run through with another number arriving at each element. */
const TOLD = {
  elementwise: ["a * b", "a + p", "a - 2 * b", "a / b", "a / p", "a**3", "p**a", "-a", "a * 3", "1 / p"],
  unary: [
    "a.exp()",
    "p.log()",
    "p.sqrt()",
    "p.rsqrt()",
    "a.sin()",
    "a.cos()",
    "a.tan()",
    "a.abs()",
    "a.sigmoid()",
    "a.tanh()",
    "F.silu(a)",
    "F.softplus(a)",
    "p.asin()",
    "a.sinh()",
    "a.atan()",
  ],
  routes: [
    "a.relu()",
    "torch.maximum(a, b)",
    "a.max()",
    "a.max(1)[0]",
    "a.min(0, keepdim=True)[0]",
    "a.clamp(-1, 1)",
    "torch.where(a > 0, a, b)",
    "a.masked_fill(a > 0, 7)",
    "F.leaky_relu(a)",
    "F.hardtanh(a)",
    "a.tril()",
    "a.triu(1)",
  ],
  reductions: [
    "a.sum()",
    "a.sum(1)",
    "a.sum((0, 1), keepdim=True)",
    "a.mean()",
    "a.mean(0)",
    "a.var()",
    "a.var(1)",
    "a.std(0, keepdim=True)",
    "a.logsumexp(1)",
    "a.logsumexp(0, keepdim=True)",
    "a.cumsum(1)",
  ],
  matrices: [
    "a @ m",
    "a.mv(p)",
    "p.dot(p * 2)",
    "torch.outer(p, p)",
    "image @ image.transpose(2, 3)",
    "F.linear(a, b)",
  ],
  moves: [
    "a.t()",
    "a.reshape(3, 2)",
    "image.permute(3, 0, 1, 2)",
    "a[1]",
    "a[:, 1:]",
    "a[:, ::2]",
    "a.expand(4, 2, 3)",
    "p.repeat(2, 2)",
    "a.unsqueeze(1)",
    "a.flip(1)",
    "torch.cat([a, b], 1)",
    "torch.stack([a, b])",
    "sum(a.unbind(1))",
    "a.split(2, 1)[0]",
    "a.index_select(1, torch.tensor([2, 0, 2]))",
    "a.gather(1, torch.tensor([[0, 0], [2, 1]]))",
    "F.embedding(torch.tensor([[1, 0], [1, 1]]), a)",
    "a.squeeze()",
  ],
  classes: [
    "F.softmax(a, 1)",
    "F.log_softmax(a, 0)",
    "F.cross_entropy(a, torch.tensor([2, 0]))",
    "F.cross_entropy(a, torch.tensor([2, 0]), weight=torch.tensor([1., 2., 3.]))",
    "F.nll_loss(a, torch.tensor([2, 0]), reduction='none')",
    "F.nll_loss(a, torch.tensor([2, -100]), reduction='sum')",
    "F.mse_loss(a, b)",
    "F.huber_loss(a, b)",
    "F.binary_cross_entropy(p, torch.tensor([0., 1., 1.]))",
    "F.binary_cross_entropy_with_logits(a, b)",
  ],
  norms: [
    "F.layer_norm(a, (3,))",
    "F.layer_norm(a, (3,), p, p * 2)",
    "F.layer_norm(image, (5, 4))",
    "F.batch_norm(image, None, None, training=True)",
    "F.batch_norm(a, torch.zeros(3), torch.ones(3) * 2, p, p * 2)",
    "F.batch_norm(a, None, None, p, p * 2, training=True)",
  ],
  activations: [
    "F.elu(a)",
    "F.celu(a, 0.5)",
    "F.selu(a)",
    "F.gelu(a)",
    "F.gelu(a, approximate='tanh')",
    "F.mish(a)",
    "F.prelu(a, p[:1])",
    "F.prelu(a, p)",
    "F.glu(image, 1)",
    "F.hardswish(a)",
    "F.softshrink(a)",
  ],
  losses: [
    "F.smooth_l1_loss(a, b)",
    "F.soft_margin_loss(a, torch.ones(2, 3))",
    "F.multi_margin_loss(a, torch.tensor([2, 0]))",
    "F.l1_loss(a, b)",
    "F.poisson_nll_loss(a, b)",
    "F.hinge_embedding_loss(a, torch.tensor([[1., -1., 1.], [1., 1., -1.]]))",
    "F.kl_div(a, b.softmax(1).detach(), reduction='batchmean')",
    "F.triplet_margin_loss(a, b, a * 2)",
    "F.cosine_similarity(a, b)",
  ],
  lengths: [
    "a.norm()",
    "a.norm(dim=1)",
    "a.norm(p=1)",
    "torch.linalg.vector_norm(a, 3)",
    "F.normalize(a, dim=1)",
    "F.group_norm(image, 2)",
    "F.group_norm(image, 1, p[:2], p[1:])",
    "p.prod()",
    "a.prod(1)",
    "a.prod(0, keepdim=True)",
    "a.amax(1)",
    "a.amin((0, 1), keepdim=True)",
    "a.nansum()",
    "a.nansum(1)",
    "a.nan_to_num()",
  ],
  placed: [
    "a.roll(1, 1)",
    "F.pad(a, (1, 2, 0, 1))",
    "a.trace()",
    "p.diag(1)",
    "m.t().diag()",
    "m.diagonal(-1)",
    "a[torch.tensor([0, 1, 1]), torch.tensor([1, 2, 2])]",
    "a[torch.tensor([1, 0, 1])]",
    "a[a > 0]",
    "a.masked_select(a > 0)",
    "a.take(torch.tensor([0, 3, 3]))",
    "a.index_fill(1, torch.tensor([0]), 3)",
    "a.scatter(1, torch.tensor([[0], [1]]), 2.0)",
    "a.cummax(1)[0]",
    "a.unfold(1, 2, 1)",
    "F.interpolate(image[:1, :1], scale_factor=2)",
    "F.adaptive_avg_pool2d(image, 3)",
  ],
  windows: [
    "F.conv2d(image, torch.ones(3, 2, 2, 3, requires_grad=True) * 0.5, torch.zeros(3, requires_grad=True))",
    "F.conv2d(image, torch.randn(2, 1, 2, 2, requires_grad=True), stride=2, padding=1, groups=2)",
    "F.conv1d(sound, torch.randn(1, 2, 3, requires_grad=True), dilation=2)",
    "F.max_pool2d(image, 2)",
    "F.avg_pool2d(image, 2)",
    "F.unfold(image, (2, 3))",
    "F.unfold(image, 2, dilation=2, padding=1, stride=(2, 1))",
    "F.unfold(image[0], 3, padding=(1, 0))",
    "F.fold(torch.cat([image.reshape(1, 8, 10)[:, :, :6]] * 1, 1), (3, 4), 2)",
    "F.fold(image.reshape(2, 4, 10)[:, :, :9], (4, 4), 2, dilation=1, padding=1, stride=2)",
    "F.fold(m.t().reshape(2, 3).repeat(2, 2), (3, 4), 2)",
  ],
  products: ["p.cumprod(0)", "a.cumprod(1)", "(a * torch.tensor([1., 0., 1.])).cumprod(1)", "m.cumprod(-2)"],
  distances: [
    "torch.cdist(a, b)",
    "torch.cdist(a, a)",
    "torch.cdist(a, b, p=1)",
    "torch.cdist(a, m.t(), p=3)",
    "torch.cdist(a, b, p=1.5)",
    "torch.cdist(a, b, p=float('inf'))",
    "torch.cdist(a, b, p=0) + a[0, 0]",
    "torch.cdist(image[0], image[1, :1, :3])",
  ],
  squares: [
    "square.det()",
    "square[:2, :2].det()",
    "torch.linalg.det(torch.stack([square, square.t()]))",
    "torch.tensor([[1., 2.], [2., 4.]], requires_grad=True).det()",
    "torch.linalg.slogdet(square)[1]",
    "torch.linalg.slogdet(torch.stack([square, square * -2]))[1]",
    "square.logdet()",
    "torch.linalg.inv(square)",
    "square.inverse()",
    "torch.linalg.solve(square, p)",
    "torch.linalg.solve(square, m)",
    "torch.linalg.solve(square, a, left=False)",
    "torch.linalg.solve(torch.stack([square, square.t()]), m)",
    "torch.linalg.solve(torch.stack([square, square.t()]), a)",
  ],
  triangles: [
    "torch.linalg.solve_triangular(square, m, upper=True)",
    "torch.linalg.solve_triangular(square, m, upper=False, unitriangular=True)",
    "torch.linalg.solve_triangular(square, a, upper=False, left=False)",
    "torch.triangular_solve(m, square)[0]",
    "torch.triangular_solve(m, square, upper=False, transpose=True)[0]",
    "torch.triangular_solve(m, square, unitriangular=True, transpose=True)[0]",
  ],
  alignments: [
    "F.ctc_loss(scores.log_softmax(2), torch.tensor([[1, 2], [2, 2]]), (5, 4), (2, 2))",
    "F.ctc_loss(scores.log_softmax(2), torch.tensor([1, 2, 3, 1]), (5, 5), (1, 3), reduction='none')",
    "F.ctc_loss(scores.log_softmax(2), torch.tensor([[0, 1], [1, 1]]), (5, 5), (2, 1), blank=3, reduction='sum')",
    "F.ctc_loss(scores[:2].log_softmax(2), torch.tensor([[1, 1], [1, 2]]), (2, 2), (2, 2), zero_infinity=True)",
    "F.ctc_loss(scores[:, 0].log_softmax(1), torch.tensor([1, 2]), (5,), (2,), reduction='sum')",
  ],
};

interface Found {
  readonly sent: Downstream;
  readonly name: string;
  readonly means: string | null;
  readonly input: string;
}

function gradients(trace: Trace): Found[] {
  return trace.backwards.flatMap(({ steps }) =>
    steps.flatMap(({ node, downstream }) =>
      downstream
        .filter(({ value }) => value !== null)
        .map((sent) => {
          const { name, edges } = trace.nodes[node] as Trace["nodes"][number];
          const { means, input } = edges[sent.edge] as (typeof edges)[number];
          return { sent, name, means, input };
        }),
    ),
  );
}

/** The value of a cell worked out anew from its elements alone. */
function again(cell: Cell): number {
  switch (cell.kind) {
    case "binary":
      return BINARY[cell.operator](again(cell.left), again(cell.right));
    case "call":
      return (UNARY[cell.name] as (x: number) => number)(again(cell.of));
    case "sum":
      return cell.terms.reduce((total, term) => total + again(term), 0);
    case "chosen":
      return again(cell.of);
    default:
      return cell.value;
  }
}

function mistold({ sent, means, input }: Found): string[] {
  const stages = sent.unbroadcast === null ? (["rule"] as const) : (["rule", "unbroadcast"] as const);
  return stages.flatMap((stage) => {
    const value = stage === "rule" ? (sent.unbroadcast?.before ?? sent.value) : sent.value;
    if (value?.kind !== "inline") return [];
    return value.data.flatMap((element, flat) => {
      const story: Story = storyOf(sent, means, input, flat, stage);
      if (story.kind === "untold") return [`${stage} ${flat}: untold (${story.why})`];
      if (story.result !== Number(element)) return [`${stage} ${flat}: ${story.result} is not ${element}`];
      const anew = again(story.cell);
      const near = Math.abs(anew - Number(element)) <= 1e-5 * Math.max(1, Math.abs(anew));
      return near ? [] : [`${stage} ${flat}: ${anew} is not ${element}`];
    });
  });
}

describe("the story of an element", () => {
  test.each(Object.entries(TOLD))(
    "is told for every element of every gradient: %s",
    async (_, expressions) => {
      const calls = expressions.map((expression) => `back(${expression})`).join("\n");
      const { trace } = await runSnippet(`${LEAVES}${calls}\n`);
      expect(trace.error?.traceback ?? "").toBe("");
      const wrong = gradients(trace).flatMap((found) =>
        mistold(found)
          .slice(0, 2)
          .map((what) => `${found.name} to ${found.input}, ${found.sent.formula}: ${what}`),
      );
      expect(wrong).toEqual([]);
    },
  );

  test("names the elements that took part: the row and the column of a matrix product", async () => {
    const { trace } = await runSnippet(`${LEAVES}(a @ m).sum().backward()\n`);
    const found = gradients(trace).find(
      ({ name, input }) => name === "MmBackward0" && input === "self",
    ) as Found;
    const story = storyOf(found.sent, found.means, found.input, 1, "rule");
    expect(story).toMatchObject({
      kind: "told",
      taking: [
        { term: "grad", flat: [0, 1] },
        { term: "mat2", flat: [2, 3] },
      ],
    });
  });

  test("says which way was taken, and why", async () => {
    const { trace } = await runSnippet(`${LEAVES}a.relu().sum().backward()\n`);
    const { sent, means, input } = gradients(trace).find(({ name }) => name === "ReluBackward0") as Found;
    const story = storyOf(sent, means, input, 1, "rule");
    expect(story).toMatchObject({ kind: "told", cell: { kind: "chosen", holds: false, value: 0 } });
  });

  test("is not told where the engine computed another number", async () => {
    const { trace } = await runSnippet(`${LEAVES}(a * b).sum().backward()\n`);
    const found = structuredClone(gradients(trace).find(({ name }) => name === "MulBackward0")) as Found;
    const { value } = found.sent;
    if (value?.kind !== "inline") throw new Error("expected numbers");
    value.data[0] = 99;
    expect(storyOf(found.sent, found.means, found.input, 0, "rule").kind).toBe("untold");
    expect(storyOf(found.sent, found.means, found.input, 1, "rule").kind).toBe("told");
  });

  test("is not told from a summary: the numbers are not there", async () => {
    const { trace } = await runSnippet(
      `${LEAVES}w = torch.ones(40, 40, requires_grad=True)\n(w * w).sum().backward()\n`,
    );
    const { sent, means, input } = gradients(trace).find(({ name }) => name === "MulBackward0") as Found;
    expect(storyOf(sent, means, input, 0, "rule")).toEqual({ kind: "untold", why: "large" });
    expect(canTell(sent, means, input)).toBe(false);
  });
});

describe("a literal of the trace", () => {
  test.each([
    ["2", 2],
    ["(2, 3)", [2, 3]],
    ["(2,)", [2]],
    ["()", []],
    ["True", true],
    ["None", null],
    ["1e-05", 1e-5],
    ["none", "none"],
    ["'tanh'", "tanh"],
    ['"tanh"', "tanh"],
  ])("%s is read as Python would", (text, value) => {
    expect(readLiteral(text)).toEqual(value);
  });
});
