/** `backstep dap`: looking at a stop: stack, scopes, variables, expressions. */
import { describe, expect, test } from "vitest";
import {
  begin,
  client,
  clientForEach,
  file,
  frames,
  refused,
  SQUARES,
  scope,
  shown,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

describe("looking", () => {
  test("the scopes hold what arrives, what was saved, the rule, what leaves, leaves and variables", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [16, 9]" });
    expect(shown(await scope("Saved"))).toEqual({ _saved_exponent: "2", _saved_self: "(2,) [3, 4]" });
    expect(shown(await scope("Local derivative"))).toEqual({
      x: "grad * (exponent * self.pow(exponent - 1))",
    });
    expect(shown(await scope("Downstream"))).toEqual({ x: "(2,) [96, 72]" });
    expect(shown(await scope("Leaves"))).toEqual({ "x.grad": "None" });
    expect(shown(await scope("Program variables"))).toMatchObject({
      x: "(2,) [3, 4]",
      y: "(2,) [9, 16]",
      z: "() 144",
    });
    await stopAfter(() => client.nextRequest(THREAD));
    expect(shown(await scope("Leaves"))).toEqual({ "x.grad": "(2,) [96, 72]" });
  });

  test("an outer frame shows the step that it stands for", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    await frames();
    expect(shown(await scope("Saved", 2))).toEqual({ _saved_other: "() 16", _saved_self: "() 9" });
  });

  test("a tensor opens shape first, then its numbers a page at a time, then statistics", async () => {
    const text =
      "import torch\nx = torch.arange(12.).reshape(3, 4).requires_grad_()\n(x * 2).sum().backward()\n";
    await begin({ program: file("m.py", text) });
    const variables = await scope("Program variables");
    const x = variables.find(({ name }) => name === "x");
    const parts = (await client.variablesRequest({ variablesReference: x?.variablesReference ?? 0 })).body
      .variables;
    expect(parts.map(({ name }) => name)).toEqual([
      "shape",
      "dtype",
      "values",
      "statistics",
      "requires_grad",
      "grad_fn",
      "grad",
    ]);
    expect(parts[2]).toMatchObject({ indexedVariables: 3 });
    const variablesReference = parts[2]?.variablesReference ?? 0;
    const page = (
      await client.variablesRequest({ variablesReference, filter: "indexed", start: 1, count: 1 })
    ).body.variables;
    expect(page.map(({ name, value }) => [name, value])).toEqual([["[1]", "[4, 5, 6, 7]"]]);
    const row = (await client.variablesRequest({ variablesReference: page[0]?.variablesReference ?? 0 })).body
      .variables;
    expect(row.map(({ value }) => value)).toEqual(["4", "5", "6", "7"]);
  });

  test("no value of a large tensor is longer than a line", async () => {
    const text = "import torch\nx = torch.ones(300, 300, requires_grad=True)\n(x * 2).sum().backward()\n";
    await begin({ program: file("big.py", text) });
    for (const { value } of await scope("Program variables")) expect(value.length).toBeLessThan(300);
  });

  test("names are answered from the trace, other expressions by Python", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    const ask = async (expression: string, context = "watch"): Promise<string> =>
      (await client.evaluateRequest({ expression, context, frameId: 0 })).body.result;
    expect(await ask("upstream")).toBe("(2,) [16, 9]");
    expect(await ask("x")).toBe("(2,) [3, 4]");
    expect(await ask("x.grad", "hover")).toBe("None");
    expect(await ask("saved.self", "hover")).toBe("(2,) [3, 4]");
    expect(await ask("x", "clipboard")).toBe("torch.tensor([3., 4.])");
    expect(await ask("upstream * saved.exponent * saved.self", "repl")).toBe("tensor([96., 72.])");
    expect(await ask("downstream[0].sum().item()", "repl")).toBe("168.0");
    expect(await refused(ask("x.nonsense", "repl"))).toMatch(/AttributeError/);
    expect(await refused(ask("1 +", "repl"))).toMatch(/SyntaxError/);
    expect(await refused(ask("len(x)", "hover"))).toMatch(/not known/);
    expect(await refused(ask("  "))).toMatch(/empty/);
  });

  test("completions are the names that are known", async () => {
    await begin({ program: file("a.py", SQUARES) });
    await stopAfter(() => client.nextRequest(THREAD));
    const { targets } = (await client.customRequest("completions", { text: "1 + sa", column: 7, frameId: 0 }))
      .body;
    expect(targets).toContainEqual({ label: "saved.self", start: 4, length: 2, type: "variable" });
  });

  test("a module's weights are leaves too, by the names that the panel has", async () => {
    const text = `import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Tanh())
w = torch.tensor(2., requires_grad=True)
(net(torch.ones(1, 2)) * w).sum().backward()
`;
    await begin({ program: file("net.py", text) });
    expect(Object.keys(shown(await scope("Leaves")))).toEqual([
      "w.grad",
      "net.0.weight.grad",
      "net.0.bias.grad",
    ]);
    await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: "net.0.weight" }] });
    expect((await stopAfter(() => client.continueRequest(THREAD))).reason).toBe("data breakpoint");
    expect(await top()).toBe("AccumulateGrad  net.0.weight");
    const asked = { expression: "net.0.weight.grad", context: "watch", frameId: 0 };
    expect((await client.evaluateRequest(asked)).body.result).toMatch(/^\(1, 2\) \[\[/);
    const sum = { expression: "w.item() + 1", context: "repl", frameId: 0 };
    expect((await client.evaluateRequest(sum)).body.result).toBe("3.0");
  });
});
