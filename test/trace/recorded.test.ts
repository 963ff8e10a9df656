/** What is pure over a trace, held against traces that the embedded engine recorded: `npm run build` comes first. */
import { beforeAll, describe, expect, test } from "vitest";
import { deadEnd } from "../../trace/dead-ends.ts";
import { explain, type StepExplanation } from "../../trace/explain.ts";
import { exportTrace } from "../../trace/export.ts";
import { bindingAt, describe as describeBinding } from "../../trace/hover.ts";
import { ENGLISH } from "../../trace/l10n.ts";
import { textOf } from "../../trace/math.ts";
import type { MathTree } from "../../trace/mathtree.ts";
import type { Place } from "../../trace/place.ts";
import { readTrace } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";
import { gradientOf, move, start, stateAt, wholeStep } from "../../trace/stepper.ts";
import { runSnippet } from "../support/engine.ts";

const SNIPPETS = {
  square:
    "x = torch.tensor([3., 4.]).requires_grad_()\ndef f(x): return (x**2).sum()\ny = f(x)\ny.backward()\n",
  product:
    "x = torch.tensor([3., 4.]).requires_grad_()\ndef f(x): return torch.mul(*(x**2))\ny = f(x)\ny.backward()\n",
  twice: "x = torch.tensor(3., requires_grad=True)\ny = x * x + x\ny.backward()\ny = x * 2\ny.backward()\n",
  broadcast:
    "x = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])\nb = torch.tensor([0.5, -1.], requires_grad=True)\n((x + b) * torch.tensor(2.)).mean().backward()\n",
  training:
    "w = torch.tensor([1., -2.], requires_grad=True)\nfor i in range(3):\n    loss = (torch.tanh(w) ** 2).sum()\n    loss.backward()\n    with torch.no_grad():\n        w -= 0.1 * w.grad\n    w.grad = None\n",
  second:
    "a = torch.tensor(2., requires_grad=True)\ng, = torch.autograd.grad(a * a * a, a, create_graph=True)\ng.backward()\n",
  halfway: "a = torch.tensor([2., 3.], requires_grad=True)\nb = a.exp()\nb.backward()\n",
} as const;

const traces = {} as Record<keyof typeof SNIPPETS, Trace>;
beforeAll(async () => {
  for (const [name, text] of Object.entries(SNIPPETS)) {
    const { trace } = await runSnippet(text, { mode: "note" });
    traces[name as keyof typeof SNIPPETS] = trace;
  }
});

const steps = (trace: Trace, backward = 0): StepExplanation[] =>
  (trace.backwards[backward]?.steps ?? []).map(
    (_, step) => explain(trace, wholeStep(trace, backward, step), ENGLISH) as StepExplanation,
  );

describe.each(Object.keys(SNIPPETS) as (keyof typeof SNIPPETS)[])("%s", (name) => {
  test("is a whole trace, and reads back as it was", () => {
    expect(readTrace(exportTrace(traces[name], "json", null))).toEqual(traces[name]);
  });

  test("has at each step the upstream that its rule received, and at the end of the last pass every .grad", () => {
    const trace = traces[name];
    trace.backwards.forEach((pass, backward) => {
      pass.steps.forEach((step, index) => {
        const state = stateAt(trace, wholeStep(trace, backward, index));
        step.upstream.forEach((value, outputNr) => {
          if (value !== null) expect(state.upstream.get(`${step.node}:${outputNr}`)).toEqual(value);
        });
      });
    });
    const first = start(trace);
    if (first === null || name === "training") return;
    const end = stateAt(trace, move(trace, first, { kind: "last" }, new Set()));
    trace.tensors.forEach((tensor, index) => {
      if (tensor.isLeaf && tensor.requiresGrad) expect(end.grads.get(index)).toEqual(tensor.grad);
    });
  });

  test("can be explained and exported at every step", () => {
    const trace = traces[name];
    trace.backwards.forEach((_, backward) => {
      for (const step of steps(trace, backward)) {
        expect(step.sentence.startsWith(`${step.name} `)).toBe(true);
        for (const input of step.inputs)
          expect(input.deadEnd !== null || (input.value !== null && input.numbers !== null)).toBe(true);
      }
      expect(exportTrace(trace, "text", backward)).toContain(`backward pass ${backward + 1} of`);
      expect(exportTrace(trace, "dot", backward)).toMatch(/^digraph/);
    });
  });
});

test("the square scales by two times x, and the 2 is seen where it was kept", () => {
  const [sum, pow, leaf] = steps(traces.square);
  expect(sum?.sentence).toMatch(/^SumBackward0 copies: .* So x\*\*2 gets \[1, 1\]\.$/);
  expect(pow?.inputs[0]).toMatchObject({
    formula: "grad * (exponent * self.pow(exponent - 1))",
    own: "grad * (2 * x.pow(2 - 1))",
    numbers: "[1, 1] * (2 * [3, 4])",
  });
  expect(pow?.saved.map(({ name, text }) => `${name} = ${text}`)).toEqual(
    expect.arrayContaining(["_saved_exponent = 2", "_saved_self = [3, 4]"]),
  );
  expect(leaf?.accumulate?.text).toBe("None + [6, 8] = [6, 8]");
});

test("the product swaps 9 and 16, and unbind puts them together", () => {
  const [mul, unbind, pow] = steps(traces.product);
  expect(mul?.sentence).toContain("So (x**2)[0] gets 1 * 16 = 16 and (x**2)[1] gets 1 * 9 = 9.");
  expect(mul?.saved.map(({ name, text }) => `${name} = ${text}`)).toEqual(
    expect.arrayContaining(["_saved_self = 9", "_saved_other = 16"]),
  );
  expect(unbind?.sentence).toContain("So x**2 gets [16, 9].");
  expect(pow?.sentence).toContain("[96, 72]");
});

test("a leaf used twice adds up, and a second pass adds to what the first left", () => {
  const leaf = steps(traces.twice).at(-1);
  expect(leaf?.accumulate?.text).toBe("None + 7 = 7");
  expect(leaf?.arrivals.length).toBe(3);
  expect(steps(traces.twice, 1).at(-1)?.accumulate?.text).toBe("7 + 2 = 9");
});

test("un-broadcasting says its axis", () => {
  const texts = steps(traces.broadcast).flatMap(({ inputs }) =>
    inputs.map(({ unbroadcast }) => unbroadcast?.text),
  );
  expect(texts).toContain("b was broadcast from (2,) to (3, 2), so its gradient is summed over axis 0.");
});

test("each round of a loop calls its operands by their names, and starts without .grad", () => {
  const trace = traces.training;
  const named = trace.backwards.map((_, backward) =>
    steps(trace, backward).map(({ inputs }) => inputs.map(({ name }) => name)),
  );
  expect(named[0]).toEqual(named[2]);
  expect(named[0]).toContainEqual(["w"]);
  for (const [backward] of trace.backwards.entries())
    expect(steps(trace, backward).at(-1)?.accumulate?.before).toBeNull();
});

test("autograd.grad gives its gradient without touching .grad", () => {
  const trace = traces.second;
  const leaf = trace.tensors.findIndex(({ names }) => names.includes("a"));
  const end = stateAt(trace, move(trace, { backward: 0, step: -1, phase: 0 }, { kind: "last" }, new Set()));
  expect(gradientOf(trace, end, leaf)).toMatchObject({ data: [12] });
  expect(end.grads.get(leaf)).toBeNull();
});

test("a pass that was refused leaves a graph, and the reason", () => {
  const trace = traces.halfway;
  expect(trace.error?.message).toBe("grad can be implicitly created only for scalar outputs");
  const text = exportTrace(trace, "text", start(trace)?.backward ?? null);
  expect(text).toContain(
    "The program raised RuntimeError: grad can be implicitly created only for scalar outputs",
  );
});

test("a hover finds the expression, and its gradient once the walk has come to it", () => {
  const trace = traces.square;
  const line = SNIPPETS.square.split("\n")[1] as string;
  const binding = bindingAt(trace, 0, { line: 1, character: line.indexOf("**") });
  if (binding === null) throw new Error("no expression there");
  const at = (place: Place) => describeBinding(trace, binding, stateAt(trace, place), ENGLISH);
  expect(at(wholeStep(trace, 0, -1))).toMatchObject({
    text: "x**2",
    shape: [2],
    repr: "tensor([ 9., 16.], grad_fn=<PowBackward0>)",
    gradFn: { name: "PowBackward0" },
    gradient: null,
    reason: "The walk has not reached it yet: it is step 2.",
  });
  expect(at(wholeStep(trace, 0, 1)).gradient).toMatchObject({ data: [1, 1] });
});

describe("what has no name in the source is called by what made it", () => {
  const named = async (code: string): Promise<Map<string, string[]>> => {
    const { trace } = await runSnippet(`import torch\n${code}`);
    return new Map(
      steps(trace, trace.backwards.length - 1).map(({ name, inputs }) => [
        name,
        inputs.map((input) => input.name),
      ]),
    );
  };

  test("in a gradient of a gradient, where one expression made several products", async () => {
    const names = await named(
      "x = torch.tensor([2., 3.], requires_grad=True)\ng, = torch.autograd.grad((x ** 3).sum(), x, create_graph=True)\ng.sum().backward()",
    );
    expect(names.get("MulBackward0")).toContain("mul(pow(x))");
    expect(names.get("PowBackward0")).toEqual(["x"]);
  });

  test("of an index that slices twice only the last slice has the whole text", async () => {
    const names = await named("m = torch.ones(3, 4, requires_grad=True)\nm[0:2, None, ::2].sum().backward()");
    expect(names.get("UnsqueezeBackward0")).toEqual(["slice(m)"]);
    expect(names.get("SumBackward0")).toEqual(["m[0:2, None, ::2]"]);
  });

  test("what is made in a loop keeps the words of the source", async () => {
    const names = await named(
      "hs = [torch.ones(2, requires_grad=True)]\nfor _ in range(3): hs.append(hs[-1] * 2)\nhs[-1].sum().backward()",
    );
    expect([...names.values()].flat().filter((name) => name.startsWith("mul("))).toEqual([]);
  });

  test("a long way to it is left out", async () => {
    const names = await named(
      "net = torch.nn.Sequential(torch.nn.Conv1d(1, 1, 1), torch.nn.ReLU(), torch.nn.MaxPool1d(2), torch.nn.Flatten(), torch.nn.Linear(2, 1))\nnet(torch.ones(1, 1, 4)).sum().backward()",
    );
    expect(names.get("AddmmBackward0")?.[1]).toBe("reshape(…)");
  });
});

describe("a rule as mathematics", () => {
  const rules = async (code: string, node: string) => {
    const { trace } = await runSnippet(`import torch\n${code}`);
    const step = steps(trace, 0).find(({ name }) => name === node);
    return step?.inputs.map(({ typeset }) => {
      const text = (math: MathTree | null | undefined) => (math == null ? null : textOf(math));
      return [text(typeset?.names), text(typeset?.numbers), text(typeset?.shapes)];
    });
  };

  test("of what is put side by side says which part of the gradient each gets", async () => {
    const leaves = "a = torch.ones(2, 1, requires_grad=True)\nb = torch.ones(2, 2, requires_grad=True)\n";
    expect(await rules(`${leaves}torch.cat([a, b], -1).sum().backward()`, "CatBackward0")).toEqual([
      ["grad[:, 0:1]", "[[1, 1, 1], [1, 1, 1]][:, 0:1]", "grad (2, 3)"],
      ["grad[:, 1:3]", "[[1, 1, 1], [1, 1, 1]][:, 1:3]", "grad (2, 3)"],
    ]);
    expect(await rules(`${leaves}torch.stack([b, b * 2]).sum().backward()`, "StackBackward0")).toEqual([
      ["grad[0]", null, "grad (2, 2, 2)"],
      ["grad[1]", null, "grad (2, 2, 2)"],
    ]);
  });

  test("tells the shapes where one number becomes many", async () => {
    expect(await rules("a = torch.ones(2, requires_grad=True)\na.sum().backward()", "SumBackward0")).toEqual([
      ["expand(grad, (2,))", "expand(1, (2,))", "grad ()"],
    ]);
  });

  test("of a part that was written to leads to no shape of the whole", async () => {
    const { trace } = await runSnippet(
      "import torch\nx = torch.ones(3, requires_grad=True)\ny = x * 2\ny[1:].mul_(10)\ny.sum().backward()",
    );
    const all = steps(trace, 0);
    expect(all.find(({ name }) => name === "CopySlices")?.inputs[0]?.ofPart).toBe(true);
    expect(all.find(({ name }) => name === "MulBackward0")?.inputs[0]?.ofPart).toBe(false);
  });

  test("does not lead on where a tensor was detached, and says from what", async () => {
    const { trace } = await runSnippet(
      "import torch\nx = torch.ones(2, requires_grad=True)\nh = x * 3\n((x * h.detach()) + h).sum().backward()",
    );
    const ends = steps(trace, 0).flatMap(({ inputs }) => inputs.flatMap(({ deadEnd }) => deadEnd ?? []));
    expect(ends).toContain("h.detach() was detached from h: no gradient goes back there.");
  });

  test("looks for what was detached on its own line, however long the program is", async () => {
    const looks = async (lines: number): Promise<number> => {
      const body = Array.from({ length: lines }, (_, at) => `y${at + 1} = y${at} + (y${at}).detach()`);
      const { trace } = await runSnippet(
        `import torch\ny0 = torch.ones(2, requires_grad=True)\n${body.join("\n")}\ny${lines}.sum().backward()`,
      );
      let read = 0;
      const bindings = trace.bindings.map((binding) => ({
        ...binding,
        get text() {
          read++;
          return binding.text;
        },
      }));
      const watched = { ...trace, bindings };
      const ends = trace.tensors.map((_, tensor) => deadEnd(watched, tensor).kind);
      expect(ends.filter((kind) => kind === "detached")).toHaveLength(lines);
      return read;
    };
    expect(await looks(80)).toBeLessThan(3 * (await looks(40)));
  });
});
