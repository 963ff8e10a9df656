/** The recorder for PyTorch: it changes nothing, and says everything that the trace has a place for. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch, runPython } from "../support/pytorch.ts";
import { recordAll } from "./both.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const RECORDER = fileURLToPath(new URL("../../dist/recorder/", import.meta.url));

describeAgainstPyTorch("the recorder", (python) => {
  const record = (text: string): Trace => recordAll(python, [`import torch\n${text}`])[0] as Trace;

  test("leaves a training's output, parameters, gradients and random numbers bit for bit as they are without it", () => {
    const plain = runPython(python, `${HERE}disturbance.py`, null, [RECORDER]) as { printed: string };
    const watched = runPython(python, `${HERE}disturbance.py`, null, [RECORDER, "record"]) as {
      printed: string;
      facts: unknown[];
    };
    expect(watched.printed).toBe(plain.printed);
    const notes = ["32 earlier backward passes are not kept: only the last 64 are."];
    expect(watched.facts).toEqual([64, 32, null, ["net.0", "net.1", "net.2", "net.3"], notes]);
  });

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

  test("records a program that fails as far as it came", () => {
    const trace = record("x = torch.ones(2, requires_grad=True)\nx.sum().backward()\nx[5]");
    expect(trace.error).toMatchObject({ type: "IndexError", ranges: [{ start: { line: 3, character: 0 } }] });
    expect(trace.backwards[0]?.steps.length).toBe(2);
  });
});
