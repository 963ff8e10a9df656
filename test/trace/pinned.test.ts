import { describe, expect, test } from "vitest";
import { changesSince } from "../../trace/pinned.ts";
import { runSnippet } from "../support/engine.ts";

const traceOf = async (middle: string) =>
  (
    await runSnippet(
      `import torch\nx = torch.tensor([3., 4.], requires_grad=True)\n${middle}\ny.backward()\n`,
    )
  ).trace;

describe("what an edit changed", () => {
  test("is nothing where the program is the same, wherever its lines stand", async () => {
    const [before, now] = [await traceOf("y = (x**2).sum()"), await traceOf("\n\ny = (x**2).sum()")];
    expect(changesSince(before, now, 0)).toEqual([]);
  });

  test("are the numbers then and now, forward and backward", async () => {
    const before = await traceOf("k = 2.\ny = (x * k).sum()");
    const now = await traceOf("k = 5.\ny = (x * k).sum()");
    const changes = changesSince(before, now, 0);
    expect(changes.map(({ kind, name, forward, gradient }) => [kind, name, forward, gradient])).toEqual([
      ["changed", "SumBackward0", ["14", "35"], null],
      ["changed", "MulBackward0", ["[6, 8]", "[15, 20]"], null],
      ["changed", "AccumulateGrad", null, ["[2, 2]", "[5, 5]"]],
    ]);
  });

  test("are the nodes that came and those that went", async () => {
    const before = await traceOf("h = x.exp()\ny = h.sum()");
    const now = await traceOf("h = x.relu()\ny = h.sum()");
    const kinds = changesSince(before, now, 0).map(({ kind, name }) => `${kind} ${name}`);
    expect(kinds).toContain("added ReluBackward0");
    expect(kinds).toContain("removed ExpBackward0");
    expect(kinds).toContain("changed SumBackward0");
  });

  test("what is gone is seen where the gradient would have come from", async () => {
    const before = await traceOf("y = x.exp().abs().sum()");
    const now = await traceOf("y = x.sum()");
    const gone = changesSince(before, now, 0).filter(({ kind }) => kind === "removed");
    const places = gone.map(({ name, at }) => [name, now.nodes[at ?? -1]?.name]);
    expect(places).toEqual([
      ["AbsBackward0", "SumBackward0"],
      ["ExpBackward0", "SumBackward0"],
    ]);
  });
});
