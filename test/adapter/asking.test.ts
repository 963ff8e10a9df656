/** `backstep dap`: questions in the console, what-if, and programs with packages. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { wheelOf } from "../support/wheel.ts";
import {
  begin,
  client,
  clientForEach,
  connect,
  file,
  folder,
  refused,
  SQUARES,
  scope,
  shown,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

test("programs import the wheels of --packages, in a check too", async () => {
  mkdirSync(join(folder, "wheels"));
  writeFileSync(
    join(folder, "wheels", "factor-1.0-py3-none-any.whl"),
    wheelOf({ "factor.py": "TWO = 2.\n" }),
  );
  await client.stop();
  await connect("dap", "--packages", join(folder, "wheels"));
  const text =
    "import factor, torch\nx = torch.tensor(3., requires_grad=True)\n(x * factor.TWO).backward()\n";
  await begin({ program: file("uses.py", text) });
  await stopAfter(() => client.nextRequest(THREAD));
  expect(shown(await scope("Downstream"))).toMatchObject({ x: "() 2" });
  const { result } = (await client.evaluateRequest({ expression: "check", context: "repl" })).body;
  expect(result).toContain("gradients agree, and none differs");
});

describe("questions in the console", () => {
  const ask = async (expression: string, context = "repl"): Promise<string> =>
    (await client.evaluateRequest({ expression, context, frameId: 0 })).body.result;

  test("why, of a tensor, of the current node, of nobody", async () => {
    const text = `import torch
w = torch.tensor([0., 4.], requires_grad=True)
unused = torch.ones(2, requires_grad=True)
(w.sqrt() * 0).sum().backward()
`;
    await begin({ program: file("why.py", text) });
    expect(await ask("why w.grad")).toMatch(
      /^Why is the gradient of w NaN[\s\S]*SqrtBackward0[\s\S]*What to do: /,
    );
    expect(await ask("why unused")).toMatch(/^Why is unused\.grad None\?/);
    expect(await ask("why")).toMatch(/gradient of w NaN[\s\S]*unused\.grad/);
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    expect(await ask("why?")).toMatch(/SqrtBackward0|w\.sqrt\(\)/);
    expect(await refused(ask("why nobody"))).toMatch(/no tensor of that name; there are w\b/);
    // Elsewhere than in the console it is Python, and no Python.
    expect(await refused(ask("why w", "watch"))).toMatch(/SyntaxError/);
  });

  test("check holds the gradients against finite differences, and the position stays", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    expect(await ask("check")).toMatch(/^Do the gradients agree[\s\S]*gradients agree, and none differs\./);
    expect(await top()).toMatch(/^PowBackward0/);
    await stopAfter(() => client.nextRequest(THREAD));
    expect(await top()).toMatch(/^AccumulateGrad/);
  });

  test("a program's own variables come before the words", async () => {
    const text = "import torch\ncheck = torch.tensor(2., requires_grad=True)\n(check * 3).backward()\n";
    await begin({ program: file("own.py", text) });
    expect(await ask("check")).toBe("() 2");
  });
});

describe("what if", () => {
  test("a leaf with another value runs the program again and keeps the position", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    const { body } = await client.customRequest("setExpression", {
      expression: "x",
      value: "[1., 5.]",
      frameId: 0,
    });
    expect(body.value).toBe("(2,) [1, 5]");
    expect(await top()).toMatch(/^PowBackward0/);
    expect(shown(await scope("Downstream"))).toEqual({ x: "(2,) [50, 10]" });
  });

  test("a saved number is replaced where it stands in the source", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await stopAfter(() => client.nextRequest(THREAD));
    const { scopes } = (await client.scopesRequest({ frameId: 0 })).body;
    const variablesReference = scopes.find(({ name }) => name === "Saved")?.variablesReference ?? 0;
    await client.variablesRequest({ variablesReference });
    await client.setVariableRequest({ variablesReference, name: "_saved_exponent", value: "3" });
    expect(shown(await scope("Saved"))).toMatchObject({ _saved_exponent: "3" });
    expect(
      await refused(client.setVariableRequest({ variablesReference, name: "nobody", value: "3" })),
    ).toMatch(/cannot be set/);
  });
});
