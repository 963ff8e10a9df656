/** The recorder for PyTorch: it changes nothing, and says everything that the trace has a place for. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tensorName } from "../../trace/names.ts";
import type { Trace, Value } from "../../trace/schema.ts";
import { subjectsOf } from "../../trace/why/text.ts";
import { runSnippet } from "../support/engine.ts";
import { describeAgainstPyTorch, runPython } from "../support/pytorch.ts";
import { recordAll } from "./both.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const RECORDER = fileURLToPath(new URL("../../dist/recorder/", import.meta.url));

/** The last parameter is what the loop's variable holds last. */
const PARAMETERS = `
net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
own = net[0].bias
alone = torch.ones(1, requires_grad=True)
(net(torch.ones(1, 2)) * alone).sum().backward()
for name, p in net.named_parameters():
    print(name, p.grad.shape)
`;
const LEAVES = [
  ["alone", ["alone"]],
  ["net.0.bias", ["net.0.bias", "own"]],
  ["net.0.weight", ["net.0.weight"]],
  ["net.1.bias", ["net.1.bias", "p"]],
  ["net.1.weight", ["net.1.weight"]],
];
/** What each leaf is called in the panel, and all its names. */
const leavesOf = (trace: Trace): unknown[] =>
  trace.nodes
    .flatMap(({ variable }) =>
      variable === null ? [] : [[tensorName(trace, variable) ?? "", trace.tensors[variable]?.names]],
    )
    .sort(([a], [b]) => String(a).localeCompare(String(b)));

test("the embedded engine calls parameters as the recorder does", async () => {
  const { trace } = await runSnippet(`import torch\n${PARAMETERS}`);
  expect(leavesOf(trace)).toEqual(LEAVES);
  const asked = subjectsOf(trace, "p");
  expect(asked).toEqual(subjectsOf(trace, "net.1.bias"));
});

describeAgainstPyTorch("the recorder", (python) => {
  const record = (text: string): Trace => recordAll(python, [`import torch\n${text}`])[0] as Trace;

  test.each(["SGD", "Adam", "RMSprop"])(
    "leaves a training with %s bit for bit as it is without it: output, parameters, gradients, buffers, random numbers",
    { timeout: 240_000 },
    (optimizer) => {
      const plain = runPython(python, `${HERE}disturbance.py`, null, [RECORDER, optimizer]) as {
        printed: string;
      };
      const watched = runPython(python, `${HERE}disturbance.py`, null, [RECORDER, optimizer, "record"]) as {
        printed: string;
        facts: unknown[];
      };
      expect(watched.printed).toBe(plain.printed);
      const notes = ["32 earlier backward passes are not kept: only the last 64 are."];
      expect(watched.facts).toEqual([
        64,
        32,
        null,
        ["net", "net.0", "net.1", "net.2", "net.3", "net.4", "net.5"],
        notes,
      ]);
    },
  );

  test("gives large tensors as summaries over all of their elements", () => {
    const trace = record("x = torch.ones(40, 50, requires_grad=True)\n(x * 3).sum().backward()");
    const leaf = trace.tensors.find((t) => t.names.includes("x"));
    expect(leaf?.grad).toMatchObject({
      kind: "summary",
      shape: [40, 50],
      statistics: { min: 3, max: 3, zeros: 0, nans: 0 },
      thumbnail: { shape: [16, 16] },
    });
  });

  test("keeps large numbers as the pass saw them, though zero_grad and the optimizer change them in place", () => {
    const trace = record(`
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(20, 20, bias=False), torch.nn.Linear(20, 20, bias=False))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(2):
    optimizer.zero_grad(set_to_none=False)
    net(torch.ones(1, 20)).sum().backward()
    print(net[0].weight.grad.double().norm().item(), net[1].weight.detach().double().norm().item())
    optimizer.step()
net.zero_grad(set_to_none=False)
`);
    const printed = trace.output
      .map(({ text }) => text)
      .join("")
      .split("\n")
      .map((line) => line.split(" ").map(Number));
    for (const [i, pass] of trace.backwards.entries()) {
      const norm = (value: Value | null | undefined) =>
        value?.kind === "summary" ? value.statistics.norm : null;
      const leaves = pass.steps.filter(({ accumulate }) => accumulate !== null);
      const [gradient, weight] = printed[i] as [number, number];
      expect(leaves.map(({ accumulate }) => norm(accumulate?.added))).toContainEqual(
        expect.closeTo(gradient, 4),
      );
      const saved = pass.steps.flatMap(({ node }) =>
        (trace.nodes[node]?.saved ?? []).map(({ content }) =>
          content.kind === "tensor" ? norm(trace.tensors[content.tensor]?.value) : null,
        ),
      );
      expect(saved).toContainEqual(expect.closeTo(weight, 4));
    }
    expect(trace.notes).toEqual([]);
  });

  test("does not run the program's unpacking of saved tensors, and says so where they would be", () => {
    const trace = record(`
calls = []
x = torch.ones(3, requires_grad=True)
pack = lambda t: (calls.append("pack"), t)[1]
unpack = lambda t: (calls.append("unpack"), t)[1]
with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
    y = torch.sin(x).sum()
y.backward()
print(calls, x.grad)
`);
    expect(trace.output.map(({ text }) => text).join("")).toBe(
      "['pack', 'unpack'] tensor([0.5403, 0.5403, 0.5403])\n",
    );
    const saved = trace.nodes.find(({ name }) => name === "SinBackward0")?.saved[0]?.content;
    expect(saved).toMatchObject({ kind: "unavailable", reason: expect.stringMatching(/keeps it packed/) });
  });

  test("names modules as the program does, also inside of each other", () => {
    const trace = record(`
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(2, 2)
    def forward(self, x):
        return torch.tanh(self.inner(x)) * 2
model = torch.nn.Sequential(Block(), torch.nn.ReLU())
model(torch.ones(1, 2)).sum().backward()
`);
    const at = (name: string) => trace.nodes.find((node) => node.name === name)?.module;
    expect([at("AddmmBackward0"), at("TanhBackward0"), at("ReluBackward0"), at("SumBackward0")]).toEqual([
      "model.0.inner",
      "model.0",
      "model.1",
      null,
    ]);
  });

  test("calls parameters by their path in the program's module before any variable that holds them", () => {
    const trace = record(PARAMETERS);
    expect(leavesOf(trace)).toEqual(LEAVES);
  });

  test("shows custom functions, hooks and double backward", () => {
    const trace = record(`
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 3 * x ** 2
x = torch.tensor(2.0, requires_grad=True)
y = Cube.apply(x)
y.register_hook(lambda g: g * 10)
y.backward()
`);
    expect(trace.error).toBeNull();
    const node = trace.nodes.find((n) => n.name === "CubeBackward");
    expect(node).toMatchObject({ pattern: "custom", edges: [{ formula: null }] });
    expect(node?.saved.map((s) => s.name)).toEqual(["saved_tensors[0]"]);
    const steps = trace.backwards[0]?.steps ?? [];
    expect(steps[0]?.upstream[0]).toMatchObject({ data: [10] });
    expect(steps[1]?.accumulate).toMatchObject({ before: null, after: { data: [120] } });
  });

  test("puts numbers into the rules, and shows broadcasting undone", () => {
    const trace = record(
      "x = torch.tensor([1., 2., 3.], requires_grad=True)\nw = torch.tensor(2., requires_grad=True)\n(x * w).sum().backward()",
    );
    const product = trace.backwards[0]?.steps[1];
    expect(product?.downstream[1]).toMatchObject({
      formula: "grad * self",
      value: { data: [6] },
      unbroadcast: { before: { data: [1, 2, 3] }, axes: [0], shape: [] },
    });
    expect(product?.downstream[1]?.terms.map((term) => [term.start, term.end])).toEqual([
      [0, 4],
      [7, 11],
    ]);
  });

  test("lets a warning appear as often as it does without recording", () => {
    const trace = record(`
import warnings
x = torch.ones(2, requires_grad=True)
for i in range(3):
    warnings.warn("once")
    y = x * i
    y.sum().backward()
    y.grad
`);
    const printed = trace.output.map(({ text }) => text).join("");
    expect(printed.match(/UserWarning: once/g)?.length).toBe(1);
    expect(printed.match(/not a leaf Tensor/g)?.length).toBe(1);
    expect(trace.notes).toEqual([]);
  });

  test("does not show itself to modes and tensor classes that watch what is done", () => {
    const program = `import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
seen = []
class Dispatched(TorchDispatchMode):
    def __torch_dispatch__(self, f, types, args=(), kwargs=None):
        seen.append(str(f))
        return f(*args, **(kwargs or {}))
class Called(TorchFunctionMode):
    def __torch_function__(self, f, types, args=(), kwargs=None):
        seen.append(f.__name__)
        return f(*args, **(kwargs or {}))
class Watched(torch.Tensor):
    @classmethod
    def __torch_function__(cls, f, types, args=(), kwargs=None):
        seen.append(f.__name__)
        return super().__torch_function__(f, types, args, kwargs)
plain = torch.ones(1000, requires_grad=True)
for mode, large in (Dispatched, plain), (Called, plain), (Called, plain.detach().as_subclass(Watched).requires_grad_()):
    with mode():
        ((large * 2).sum() + torch.ones(2, requires_grad=True).prod()).backward()
print(seen)
`;
    const plain = spawnSync(python, ["-c", program], { encoding: "utf8" }).stdout;
    const trace = recordAll(python, [program])[0] as Trace;
    expect(plain).toMatch(/aten\.mul\.Tensor.*backward/);
    expect(trace.output.map(({ text }) => text).join("")).toBe(plain);
    expect(trace.notes).toEqual([]);
    expect(trace.backwards.map(({ steps }) => steps.length)).toEqual([6, 6, 9]);
  });

  test("follows gradient edges, which PyTorch 2 takes in place of tensors", () => {
    expect(runPython(python, `${HERE}later.py`, null, [RECORDER])).toEqual({
      given: [
        [6, 12],
        [9, 36],
      ],
      roots: [[true, "SumBackward0"]],
      steps: [
        ["SumBackward0", [1]],
        ["MulBackward0", [[1, 1]]],
        ["AccumulateGrad", [[9, 36]]],
        ["MulBackward0", [[1, 1]]],
        ["MulBackward0", [[6, 12]]],
      ],
      notes: [],
    });
  });

  test("records a program that fails as far as it came", () => {
    const trace = record("x = torch.ones(2, requires_grad=True)\nx.sum().backward()\nx[5]");
    expect(trace.error).toMatchObject({ type: "IndexError", ranges: [{ start: { line: 3, character: 0 } }] });
    expect(trace.backwards[0]?.steps.length).toBe(2);
  });
});
