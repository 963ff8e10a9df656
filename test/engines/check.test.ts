/** Check gradients, in the real sandbox: rules, custom functions and leaves against finite differences. */
import { expect, test } from "vitest";
import type { Check, Trace } from "../../trace/schema.ts";
import { runSnippet } from "../support/engine.ts";

const checked = async (text: string, more = {}): Promise<Trace> =>
  (await runSnippet(text, { check: true, ...more })).trace;

/** By node name (a leaf by its variable's), what was found of each edge. */
function found({ backwards, nodes, tensors }: Trace, pass = -1): Map<string, readonly Check[]> {
  const steps = backwards.at(pass)?.steps ?? [];
  return new Map(
    steps.map(({ node, checks }) => {
      const { name, variable } = nodes[node] as Trace["nodes"][number];
      return [variable === null ? name : (tensors[variable]?.names.at(-1) ?? "?"), checks ?? []];
    }),
  );
}
const words = (trace: Trace, pass = -1): Record<string, string> =>
  Object.fromEntries(
    [...found(trace, pass)].map(([name, list]) => [name, list.map(({ status }) => status).join(" ")]),
  );

const FUNCTIONS = `
import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        print("forward")
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x ** 3 * scale
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 3 * x ** 2 * ctx.scale, None
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2 * x ** 2
`;

test("every pattern of the rows, in place and through views, agrees with finite differences", async () => {
  const trace = await checked(`
import torch
torch.manual_seed(0)
x = torch.randn(3, 4, requires_grad=True)
w = torch.randn(4, 4, requires_grad=True)
b = torch.randn(4, requires_grad=True)
h = torch.nn.functional.layer_norm(x @ w + b, (4,))
h = torch.nn.functional.gelu(h).t().reshape(2, 6)
g = h * 2
g[0].mul_(h[1])
g[1, 1:3] = b[:2]
g.exp_()
g = torch.cat([g, h.sigmoid() ** 3], 1).softmax(1)
s = torch.nn.functional.dropout(g, .5)
i = g.gather(1, torch.tensor([[0, 1], [2, 3]])).expand(2, 2).unsqueeze(0)
v = torch.where(g > .05, g, g.square()).std() + i.max() + torch.as_strided(g * 1, (2, 2), (1, 3), 2).prod()
loss = s.sum() + v + g.logsumexp(1).mean() + torch.nn.functional.cross_entropy(h, torch.tensor([1, 4]))
loss.backward()
`);
  const all = trace.backwards[0]?.steps.flatMap(({ checks, node }) =>
    (checks ?? []).map((check) => ({ ...check, name: trace.nodes[node]?.name })),
  );
  expect(all?.length).toBeGreaterThan(40);
  expect(all?.filter(({ status }) => status !== "ok")).toEqual([]);
  expect(trace.nodes.some(({ name }) => name === "CopySlices")).toBe(true);
  expect(trace.nodes.some(({ name }) => name === "AsStridedBackward0")).toBe(true);
});

test("a wrong custom function is named, with the element and both numbers; a right one passes", async () => {
  const { trace, stdout } = await runSnippet(
    `${FUNCTIONS}
x = torch.tensor([[1., 2.], [-3., .5]], requires_grad=True)
y = torch.tensor([2., 3.], requires_grad=True)
(Wrong.apply(x).sum() + Cube.apply(y, 2.).sum()).backward()
`,
    { check: true },
  );
  const by = found(trace);
  expect(by.get("CubeBackward")).toEqual([{ edge: 0, status: "ok" }]);
  expect(by.get("y")).toEqual([{ edge: null, status: "ok" }]);
  for (const check of [by.get("WrongBackward")?.[0], by.get("x")?.[0]]) {
    expect(check).toMatchObject({ status: "differs", why: "rule", element: { at: [1, 0], rule: 18 } });
    expect(check?.element?.numeric).toBeCloseTo(27, 4);
  }
  // The forwards that were called again print nothing.
  expect(stdout).toBe("forward\n");
});

test("kinks are told from mistakes: relu and abs at 0, ties of max", async () => {
  const trace = await checked(`
import torch
a = torch.tensor([1., 0., -1.], requires_grad=True)
b = torch.tensor([0., 2.], requires_grad=True)
c = torch.tensor([3., 3., 1.], requires_grad=True)
(torch.relu(a).sum() + b.abs().sum() + c.max()).backward()
`);
  const by = found(trace);
  const kink = (name: string) => by.get(name)?.[0];
  expect(kink("ReluBackward0")).toMatchObject({
    status: "kink",
    element: { at: [1], rule: 0, left: 0, right: 1 },
  });
  expect(kink("AbsBackward0")).toMatchObject({
    status: "kink",
    element: { at: [0], rule: 0, left: -1, right: 1 },
  });
  expect(kink("MaxBackward1")).toMatchObject({ status: "kink", element: { rule: 0.5, left: 0, right: 1 } });
  expect(["a", "b", "c"].map((name) => kink(name)?.status)).toEqual(["kink", "kink", "kink"]);
  expect(kink("SumBackward0")?.status).toBe("ok");
});

test("what was kept outside of save_for_backward and changed since is found", async () => {
  const trace = await checked(`
import torch
class Times(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.w = w
        return x * w
    @staticmethod
    def backward(ctx, g):
        return g * ctx.w, None
x = torch.tensor([1., 2.], requires_grad=True)
w = torch.ones(2)
y = Times.apply(x, w)
w.mul_(5)
y.sum().backward()
`);
  const expected = { status: "differs", why: "recorded", element: { at: [0], rule: 5, numeric: 1 } };
  expect(found(trace).get("TimesBackward")?.[0]).toMatchObject(expected);
  expect(found(trace).get("x")?.[0]).toMatchObject(expected);
});

test("what cannot be checked says why", async () => {
  const trace = await checked(`
import torch
class Single(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return (x.float() * 2)
    @staticmethod
    def backward(ctx, g):
        return g * 2
class Picky(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        if x.dtype != torch.float32: raise TypeError("float32 only")
        return x * 2
    @staticmethod
    def backward(ctx, g):
        return g * 2
x = torch.tensor([1.], requires_grad=True)
y = torch.tensor([0.], requires_grad=True)
h = torch.tensor([2.], requires_grad=True)
h.register_hook(lambda g: g * 10)
(Single.apply(x) + Picky.apply(x) + y.sqrt() + h ** 2).sum().backward()
`);
  const by = found(trace);
  expect(by.get("SingleBackward")?.[0]).toMatchObject({ status: "unchecked", why: "narrow" });
  expect(by.get("PickyBackward")?.[0]).toMatchObject({
    status: "unchecked",
    why: "raised",
    message: "TypeError: float32 only",
  });
  expect(by.get("SqrtBackward0")?.[0]).toMatchObject({ status: "unchecked", why: "infinite" });
  expect(by.get("PowBackward0")?.[0]).toMatchObject({ status: "ok" });
  expect(by.get("h")?.[0]).toMatchObject({
    status: "differs",
    why: "hook",
    element: { rule: 40, numeric: 4 },
  });
});

test("functions that change their input, give several outputs or none a gradient, or draw at random", async () => {
  const trace = await checked(`
import torch
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x
    @staticmethod
    def backward(ctx, g):
        return g * 2
class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y, x.argmax(), x + y
    @staticmethod
    def backward(ctx, g, _, h):
        x, y = ctx.saved_tensors
        return g * y + h, g * x + h
class Forgets(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x + y
    @staticmethod
    def backward(ctx, g):
        return g, None
class Noise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mask = (torch.rand_like(x) > .5).to(x.dtype)
        return x * ctx.mask
    @staticmethod
    def backward(ctx, g):
        return g * ctx.mask
torch.manual_seed(3)
x = torch.tensor([1., 2., 3.], requires_grad=True)
z = torch.tensor([1., 5., 3.], requires_grad=True)
d = Double.apply(x * 1)
p, _, q = Both.apply(d, z)
(p.sum() + q.prod() + Forgets.apply(x, z).sum() + Noise.apply(z).sum()).backward()
`);
  expect(words(trace)).toMatchObject({
    DoubleBackward: "ok",
    BothBackward: "ok ok",
    NoiseBackward: "ok",
    ForgetsBackward: "ok differs",
    x: "ok",
    z: "differs",
  });
});

test("several passes, a graph that is walked twice, a leaf that is changed between its uses", async () => {
  const trace = await checked(`
import torch
x = torch.tensor([2., 3.], requires_grad=True)
y = (x ** 3).sum()
g, = torch.autograd.grad(y, x, create_graph=True)
(g ** 2).sum().backward()
with torch.no_grad(): x.mul_(.5)
(x.sin() * x).sum().backward()
`);
  expect(trace.backwards).toHaveLength(3);
  for (const pass of trace.backwards)
    for (const { checks } of pass.steps) for (const { status } of checks ?? []) expect(status).toBe("ok");
  expect(found(trace, 1).get("x")).toEqual([{ edge: null, status: "ok" }]);
  expect(found(trace, 2).get("x")).toEqual([{ edge: null, status: "ok" }]);
});

test("without a graph, after an error and without being asked there is nothing to check", async () => {
  expect((await checked("import torch\nprint(torch.ones(2).sum())")).backwards).toEqual([]);
  const raised = await checked(`
import torch
x = torch.ones(2, requires_grad=True)
(x * x).sum().backward()
raise ValueError("later")
`);
  expect(raised.error?.type).toBe("ValueError");
  expect(words(raised)).toMatchObject({ MulBackward0: "ok ok", x: "ok" });
  const plain = await runSnippet("import torch\nx = torch.ones(2, requires_grad=True)\nx.sum().backward()");
  expect(plain.trace.backwards[0]?.steps.some(({ checks }) => checks !== undefined)).toBe(false);
});

test("a large network is checked within bounds, and a large tensor along directions", async () => {
  const trace = await checked(`
import torch
torch.manual_seed(0)
model = torch.nn.Sequential(*[m for _ in range(10) for m in (torch.nn.Linear(64, 64), torch.nn.Tanh())])
x = torch.randn(32, 64)
for step in range(3):
    model.zero_grad()
    model(x).square().mean().backward()
`);
  const statuses = trace.backwards.flatMap(({ steps }) =>
    steps.flatMap(({ checks }) => (checks ?? []).map(({ status, why }) => why ?? status)),
  );
  expect(new Set(statuses)).toEqual(new Set(["ok"]));
});
