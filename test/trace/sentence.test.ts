/** The sentence on a step's card is true of what the step did: the cases in which the pattern alone would not be. */
import { expect, test } from "vitest";
import { explain } from "../../trace/explain.ts";
import { ENGLISH } from "../../trace/l10n.ts";
import { wholeStep } from "../../trace/stepper.ts";
import { runSnippet } from "../support/engine.ts";

/** The sentences of the last pass, by node. */
async function sentences(code: string): Promise<ReadonlyMap<string, string>> {
  const { trace } = await runSnippet(`import torch\nimport torch.nn.functional as F\n${code}`);
  expect(trace.error?.traceback ?? "").toBe("");
  const backward = trace.backwards.length - 1;
  return new Map(
    trace.backwards[backward]?.steps.map((_, step): [string, string] => {
      const explanation = explain(trace, wholeStep(trace, backward, step), ENGLISH);
      return explanation.kind === "step" ? [explanation.name, explanation.sentence] : ["", ""];
    }),
  );
}

test("a part that was written over gets nothing, and the rest goes on: that does not stop the gradient", async () => {
  const said = await sentences(
    "a = torch.ones(2, 2, requires_grad=True)\nb = a * 2\nb[0] = 5.\nb.sum().backward()",
  );
  expect(said.get("CopySlices")).toMatch(
    /part of the tensor was written to in place.*the rest goes on unchanged/,
  );
});

test("a batch norm that took kept statistics scales; one that took the batch's mixes", async () => {
  const norm = (training: string): string =>
    `x = torch.tensor([[1., 2.], [3., 5.]], requires_grad=True)\nF.batch_norm(x, torch.zeros(2), torch.ones(2), training=${training}).exp().sum().backward()`;
  expect((await sentences(norm("False"))).get("NativeBatchNormBackward0")).toMatch(
    /scales: .*only multiplied/,
  );
  expect((await sentences(norm("True"))).get("NativeBatchNormBackward0")).toMatch(/mixes: .*takes from all/);
});

test("what a product was added to is not said to be multiplied", async () => {
  const said = await sentences(
    "w = torch.ones(2, 2, requires_grad=True)\nb = torch.zeros(2, requires_grad=True)\nF.linear(torch.ones(3, 2), w, b).sum().backward()",
  );
  expect(said.get("AddmmBackward0")).toMatch(/what the product was added to gets the upstream gradient/);
});

test("a gradient that is summed over what was broadcast says what is left, and a first one no sum with None", async () => {
  const said = await sentences(
    "x = torch.tensor([1., 2.])\nb = torch.tensor(0.5, requires_grad=True)\n(x + b).sum().backward()",
  );
  expect(said.get("AddBackward0")).toMatch(/So b gets \[1, 1\], summed to 2\./);
  expect(said.get("AccumulateGrad")).toMatch(/b\.grad was None; now it is 2\./);
});

test("a sorting has one output that a gradient comes from; of two that were split both are put together", async () => {
  const of = (call: string): string =>
    `x = torch.tensor([3., 1., 2.], requires_grad=True)\n${call}.prod().backward()`;
  expect((await sentences(of("x.sort()[0]"))).get("SortBackward0")).toMatch(
    /goes back to where its elements came from/,
  );
  expect((await sentences(of("x.split(2)[0]"))).get("SplitBackward0")).toMatch(
    /outputs are put back together/,
  );
});

test("a write through a view says what the whole gets, and puts no equation of the part before it", async () => {
  const said = await sentences(
    "x = torch.tensor([1., 2., 3.], requires_grad=True)\ny = x * 2\ny[1:].mul_(10)\ny.sum().backward()",
  );
  expect(said.get("CopySlices")).toMatch(/ So y gets \[1, 10, 10\]\.$/);
});

test("of places that were taken by an index several times the sum goes back, and the sentence says so", async () => {
  const said = await sentences(
    "m = torch.ones(3, 2, requires_grad=True)\nm[torch.tensor([2, 0, 2])].sum().backward()",
  );
  expect(said.get("IndexBackward0")).toMatch(/taken several times gets the sum, the others get 0\./);
});

test("an operand that was left out is called by its place, and said not to be given", async () => {
  const { trace } = await runSnippet(
    "import torch\nx = torch.randn(2, 3, requires_grad=True)\ntorch.nn.functional.layer_norm(x, (3,)).sum().backward()",
  );
  const step = explain(trace, wholeStep(trace, 0, 1), ENGLISH);
  expect(step.kind === "step" ? step.inputs.map(({ name, deadEnd }) => [name, deadEnd]) : []).toEqual([
    ["x", null],
    ["weight", "weight was not given."],
    ["bias", "bias was not given."],
  ]);
});
