import { describe, expect, test } from "vitest";
import { passesOf } from "../../trace/passes.ts";
import type { Trace } from "../../trace/schema.ts";
import { move, wholeStep } from "../../trace/stepper.ts";
import { runSnippet } from "../support/engine.ts";
import { planned } from "../support/traces.ts";

/** A chain of nodes that were made in these modules; the last is a leaf. */
function inModules(...modules: (string | null)[]): Trace {
  const trace = structuredClone(planned({ edges: [...modules.map((_, i) => [i + 1]), []], passes: 1 }));
  modules.forEach((module, i) => {
    (trace.nodes[i] as { module: string | null }).module = module;
  });
  return trace;
}

const NONE: ReadonlySet<number> = new Set();

describe("by modules", () => {
  const trace = inModules(null, "net.1", "net.1", "net.0.a", "net.0.b", "net.0", null);
  const over = (step: number): number =>
    move(trace, wholeStep(trace, 0, step), { kind: "overModule" }, NONE).step;
  const out = (step: number): number =>
    move(trace, wholeStep(trace, 0, step), { kind: "outOfModule" }, NONE).step;

  test("a step over goes to the end of the outermost module that it enters", () => {
    expect(over(0)).toBe(5);
    expect(over(2)).toBe(5);
    expect(over(-1)).toBe(0);
  });

  test("a step over that enters no module is one step", () => {
    expect(over(1)).toBe(2);
    expect(over(5)).toBe(6);
    expect(over(7)).toBe(7);
  });

  test("a step out goes to the first node outside of the module", () => {
    expect(out(1)).toBe(3);
    expect(out(3)).toBe(4);
    expect(out(5)).toBe(6);
    expect(out(0)).toBe(1);
  });

  test("the leaves that a real module has end it neither way, and stand in it", async () => {
    const { trace } = await runSnippet(`import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
net(torch.ones(1, 2)).sum().backward()
`);
    const steps = trace.backwards[0]?.steps ?? [];
    const names = steps.map(({ node }) => trace.nodes[node]?.name);
    const at = (step: number, kind: "overModule" | "outOfModule"): string | undefined =>
      names[move(trace, wholeStep(trace, 0, step), { kind }, NONE).step];
    const bias = names.indexOf("AccumulateGrad");
    expect(names.slice(0, bias + 2)).toEqual([
      "SumBackward0",
      "AddmmBackward0",
      "AccumulateGrad",
      "TBackward0",
    ]);
    expect(move(trace, wholeStep(trace, 0, 0), { kind: "overModule" }, NONE).step).toBe(
      names.lastIndexOf("TBackward0"),
    );
    expect(at(1, "outOfModule")).toBe("TanhBackward0");
    expect(at(bias, "outOfModule")).toBe("TanhBackward0");
    expect(at(bias, "overModule")).toBe("TBackward0");
  });
});

describe("passes over time", () => {
  test("have the loss and the norm of what each leaf took", async () => {
    const { trace } = await runSnippet(`import torch
w = torch.tensor([3.0, 4.0], requires_grad=True)
b = torch.tensor(2.0, requires_grad=True)
for step in range(3):
    loss = (w * w).sum() * 0.5 + b
    loss.backward()
    with torch.no_grad(): w -= 0.5 * w.grad
    w.grad = None
`);
    const { points, leaves } = passesOf(trace);
    expect([...leaves.values()].sort()).toEqual(["b", "w"]);
    expect(points.map(({ loss }) => loss)).toEqual([14.5, 5.125, 2.78125]);
    const object = [...leaves].find(([, name]) => name === "w")?.[0] as number;
    expect(points.map(({ norms }) => norms.get(object))).toEqual([5, 2.5, 1.25]);
  });

  test("begin with those of which only a summary was kept, and count as the program did", async () => {
    const { trace } = await runSnippet(`import torch
w = torch.tensor([3.0, 4.0], requires_grad=True)
for step in range(70):
    loss = (w * w).sum() * 0.5
    loss.backward()
    with torch.no_grad(): w -= 0.5 * w.grad
    w.grad = None
`);
    const { points, leaves } = passesOf(trace);
    const [[leaf] = [-1]] = leaves;
    expect(leaves.size).toBe(1);
    expect(points.map(({ number }) => number)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
    expect(points.findIndex(({ backward }) => backward === 0)).toBe(70 - trace.backwards.length);
    expect(points.slice(0, 3).map(({ loss, norms }) => [loss, norms.get(leaf)])).toEqual([
      [12.5, 5],
      [3.125, 2.5],
      [0.78125, 1.25],
    ]);
  });
});
