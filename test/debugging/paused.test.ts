/** A program that stands at a breakpoint of a real debugpy is traced, goes on, and has noticed nothing. */
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { refusalText } from "../../extension/debugging/answer.ts";
import { Asker } from "../../extension/debugging/ask.ts";
import { bindingAt } from "../../trace/hover.ts";
import type { Trace } from "../../trace/schema.ts";
import { debuggable, plainly, Stopped } from "./stopped.ts";

const RECORDER = fileURLToPath(new URL("../../dist/recorder/", import.meta.url));

const TRAINING = `import hashlib
import random
import torch

torch.manual_seed(7)
random.seed(7)
seen = []


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        print("cube's backward")
        torch.rand(3)
        random.random()
        return g * 3 * x ** 2


def step(net, optimizer, i):
    x = torch.randn(8, 4)
    hidden = torch.relu(net[0](x))
    hidden.retain_grad()
    hidden.register_hook(lambda g: seen.append(float(g.sum())))
    (hidden * 1).register_hook(lambda g: g * 2)
    dropped = torch.nn.functional.dropout(hidden, 0.2)
    out = net[1](Cube.apply(dropped))
    out.grad_fn.register_hook(lambda *_: seen.append("node"))
    loss = (out ** 2).mean()
    optimizer.zero_grad(set_to_none=i == 2)
    if i == 2:
        (net[0].weight.sum() * 0.5).backward()
        pass  # stop
    loss.backward()
    optimizer.step()
    print(i, loss.item(), len(seen), hidden.grad.sum().item())


net = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Linear(5, 1))
net[0].weight.register_hook(lambda g: seen.append("weight"))
optimizer = torch.optim.Adam(net.parameters())
for i in range(5):
    step(net, optimizer, i)
digest = hashlib.sha256()
for p in net.parameters():
    digest.update(p.detach().numpy().tobytes())
    digest.update(p.grad.numpy().tobytes())
digest.update(torch.get_rng_state().numpy().tobytes())
print(digest.hexdigest(), random.random(), seen)
`;

const named = (trace: Trace, name: string) => trace.tensors.find((tensor) => tensor.names.includes(name));

describe.skipIf(debuggable === null)("a program at a breakpoint", () => {
  const python = debuggable ?? "";
  let stopped: Stopped | null = null;
  const at = async (text: string): Promise<Asker> => {
    stopped = await Stopped.at(python, text);
    return new Asker(stopped.link, RECORDER);
  };
  const frame = (depth = 0) => (stopped as Stopped).frame(depth);
  afterEach(async () => {
    await stopped?.close();
    stopped = null;
  });
  const traced = async (asker: Asker, expression: string, depth = 0): Promise<Trace> => {
    const answer = await asker.trace(await frame(depth), expression);
    if (answer.kind === "refused") throw new Error(refusalText(answer));
    return answer.trace;
  };
  const refused = async (asker: Asker, expression: string): Promise<string> => {
    const answer = await asker.trace(await frame(), expression);
    return answer.kind === "refused" ? refusalText(answer) : "it was traced";
  };

  test("is traced twice, goes on, and prints and ends as if nobody had looked", async () => {
    const asker = await at(TRAINING);
    const first = await traced(asker, "loss");
    const second = await traced(asker, "loss");
    expect(await (stopped as Stopped).end()).toBe(plainly(python, TRAINING));
    expect(second.backwards).toEqual(first.backwards);
    expect(first.backwards[0]?.steps.map(({ node }) => first.nodes[node]?.name)).toContain("CubeBackward");
    expect(first.notes.join("\n")).toContain("cube's backward");
    expect(first.notes.join("\n")).toMatch(/3 hooks of the program were not run/);
  });

  test("shows leaves' .grad as it is, and what the pass would make of it", async () => {
    const asker = await at(`import torch
w = torch.tensor([1., 2.], requires_grad=True)
(w * 5).sum().backward()
y = (w ** 2).sum()
pass  # stop
`);
    const trace = await traced(asker, "y");
    expect(named(trace, "w")?.grad).toMatchObject({ data: [5, 5] });
    expect(trace.backwards[0]?.steps.at(-1)?.accumulate).toMatchObject({
      before: { data: [5, 5] },
      added: { data: [2, 4] },
      after: { data: [7, 9] },
    });
    expect(trace.backwards[0]).toMatchObject({ kind: "backward", retainGraph: true, error: null });
  });

  test("gives the names of the selected frame their tensors, and expressions their nodes", async () => {
    const asker = await at(`import torch
x = torch.tensor([3., 4.], requires_grad=True)
def f(x):
    square = x**2
    pass  # stop
    return square.sum()
y = f(x * 2)
`);
    const trace = await traced(asker, "square");
    const binding = bindingAt(trace, 0, { line: 3, character: 5 });
    expect(binding).toMatchObject({ text: "square" });
    expect(trace.tensors[binding?.tensor ?? -1]?.repr).toBe("tensor([36., 64.], grad_fn=<PowBackward0>)");
    const power = trace.nodes.find(({ name }) => name === "PowBackward0");
    expect(power?.range).toMatchObject({
      start: { line: 3, character: 13 },
      end: { line: 3, character: 17 },
    });
    expect(trace.notes.join("\n")).toMatch(/square has 2 elements: the pass starts with ones/);
    const outer = await asker.tensors(await frame(1), "x");
    expect(outer).toMatchObject({ kind: "tensors", tensors: [], chosen: { refused: { code: "leaf" } } });
    const inner = await asker.tensors(await frame(), "x");
    expect(inner).toMatchObject({
      tensors: [
        { expression: "x", gradFn: "MulBackward0" },
        { expression: "square", shape: [2], dtype: "float32" },
      ],
      chosen: { expression: "x", refused: null },
    });
  });

  test("says in words why there is nothing to trace", async () => {
    const asker = await at(`import torch
x = torch.ones(2, requires_grad=True)
plain = torch.ones(2)
number = 3
done = (x ** 2).sum()
done.backward()
crooked = (x * 2).to(torch.complex64)
pass  # stop
later = x * 2
`);
    expect(await refused(asker, "later")).toMatch(/^later has no value in this frame yet/);
    expect(await refused(asker, "number")).toMatch(/^It is no tensor but int/);
    expect(await refused(asker, "plain")).toMatch(/^It has no grad_fn/);
    expect(await refused(asker, "x")).toMatch(/^It is a leaf/);
    expect(await refused(asker, "done")).toMatch(/^Its graph has been freed .*PowBackward0/);
    expect(await refused(asker, "crooked")).toMatch(/^Its numbers cannot be shown \(torch.complex64/);
    expect(await refused(asker, "x[")).toMatch(/^x\[ could not be looked at: SyntaxError/);
  });

  test("that has not imported torch is not made to", async () => {
    const text = `import sys
pass  # stop
print("torch" in sys.modules)
`;
    const asker = await at(text);
    expect(await refused(asker, "sys")).toMatch(/^The program has not imported torch/);
    expect(await (stopped as Stopped).end()).toBe("False\n");
  });

  test("keeps the error that the real pass would raise, and steps up to it", async () => {
    const asker = await at(`import torch
x = torch.ones(2, requires_grad=True)
h = x * 1
y = (h ** 2).sum()
h += 1
pass  # stop
`);
    const trace = await traced(asker, "y");
    expect(trace.backwards[0]?.error).toMatch(/modified by an inplace operation/);
    expect(trace.backwards[0]?.steps.map(({ node }) => trace.nodes[node]?.name)).toEqual(["SumBackward0"]);
  });

  test("does not have its calls run by an expression under the cursor", async () => {
    const asker = await at(`import torch
x = torch.ones(2, requires_grad=True)
y = x * 2
pass  # stop
`);
    expect(await asker.tensors(await frame(), "y.sum()")).toMatchObject({ chosen: null });
    expect(await asker.tensors(await frame(), "y[0]")).toMatchObject({ chosen: { refused: null } });
  });

  test("on another machine, or with the folder missing, is answered in words", async () => {
    await at("import torch\npass  # stop\n");
    const asker = new Asker((stopped as Stopped).link, "/nowhere");
    await expect(asker.trace(await frame(), "x")).rejects.toThrow(/cannot see Backstep's folder \/nowhere/);
  });
});

test.skipIf(debuggable !== null)("debugpy is there", () => {
  console.log("not checked: paused debug sessions (no python3 with torch and debugpy)");
});
