/** `backstep dap`, driven by a real client of the Debug Adapter Protocol through every request. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { wheelOf } from "../support/wheel.ts";

const CLI = join(import.meta.dirname, "../../dist/cli.mjs");
const SQUARES = `import torch
x = torch.tensor([3., 4.], requires_grad=True)
y = x**2
z = torch.mul(*y)
print("forward", z)
z.backward()
`;

let client: DebugClient;
let folder: string;
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** Be a client of the command with these words. */
async function connect(...words: string[]): Promise<void> {
  // The client starts `node SCRIPT` without arguments: this script is the command with its words.
  const script = file(
    "adapter.mjs",
    `process.argv.push(...${JSON.stringify(words)}); await import(${JSON.stringify(pathToFileURL(CLI).href)});\n`,
  );
  client = new DebugClient(process.execPath, script, "backstep", { cwd: folder });
  client.defaultTimeout = 50_000;
  await client.start();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "backstep-dap-"));
  await connect("dap");
});
afterEach(async () => {
  await client.stop().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

type Stopped = DebugProtocol.StoppedEvent["body"];
const stop = async (): Promise<Stopped> => (await client.waitForEvent("stopped")).body as Stopped;
const THREAD = { threadId: 1 };

/** Initialize, launch, set what must be set, and give the first stop. */
async function begin(
  args: Record<string, unknown>,
  configure: () => Promise<unknown> = async () => {},
): Promise<Stopped> {
  await client.initializeRequest({
    adapterID: "backstep",
    linesStartAt1: true,
    columnsStartAt1: true,
    pathFormat: "path",
  });
  const initialized = client.waitForEvent("initialized");
  const launched = client.launchRequest(args as DebugProtocol.LaunchRequestArguments);
  await Promise.race([initialized, launched]);
  const first = stop();
  await configure();
  await client.configurationDoneRequest();
  await launched;
  return first;
}

async function frames(): Promise<DebugProtocol.StackFrame[]> {
  return (await client.stackTraceRequest(THREAD)).body.stackFrames;
}
const top = async (): Promise<string> => (await frames())[0]?.name ?? "";

async function scope(name: string, frameId = 0): Promise<DebugProtocol.Variable[]> {
  const { scopes } = (await client.scopesRequest({ frameId })).body;
  const found = scopes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scope ${name}: ${scopes.map((each) => each.name)}`);
  return (await client.variablesRequest({ variablesReference: found.variablesReference })).body.variables;
}
const shown = (variables: readonly DebugProtocol.Variable[]): Record<string, string> =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));

/** Do something after which the walk stands somewhere. */
async function then(act: () => Promise<unknown>): Promise<Stopped> {
  const [stopped] = await Promise.all([stop(), act()]);
  return stopped;
}
const refused = async (request: Promise<unknown>): Promise<string> => {
  try {
    await request;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
};

describe("walking", () => {
  test("a launch stands at the start, next goes from node to node, and step back goes back", async () => {
    const program = file("a.py", SQUARES);
    expect((await begin({ program })).reason).toBe("entry");
    expect(await top()).toBe("z.backward()");
    await then(() => client.nextRequest(THREAD));
    expect(await top()).toMatch(/^MulBackward0 {2}torch\.mul\(\*y\)/);
    await then(() => client.nextRequest(THREAD));
    expect(await top()).toMatch(/^UnbindBackward0/);
    await then(() => client.nextRequest(THREAD));
    const stack = await frames();
    expect(stack.map(({ name }) => name.split(" ")[0])).toEqual([
      "PowBackward0",
      "UnbindBackward0",
      "MulBackward0",
      "z.backward()",
    ]);
    expect(stack[0]).toMatchObject({
      line: 3,
      column: 5,
      endLine: 3,
      endColumn: 9,
      source: { path: program },
    });
    await then(() => client.stepBackRequest(THREAD));
    expect(await top()).toMatch(/^UnbindBackward0/);
  });

  test("step in goes by sub-steps, and step back with fine granularity undoes one", async () => {
    await begin({ program: file("a.py", SQUARES) });
    await then(() => client.stepInRequest(THREAD));
    expect(shown(await scope("Downstream"))).toEqual({
      "y[0]": "not yet computed: step on",
      "y[1]": "not yet computed: step on",
    });
    await then(() => client.stepInRequest(THREAD));
    expect(shown(await scope("Downstream"))).toMatchObject({
      "y[0]": "() 16",
      "y[1]": "not yet computed: step on",
    });
    await then(() => client.stepBackRequest({ ...THREAD, granularity: "instruction" }));
    expect(shown(await scope("Downstream"))).toMatchObject({ "y[0]": "not yet computed: step on" });
  });

  test("continue ends at the end of the pass and once more ends the session; reverse continue goes to the start", async () => {
    await begin({ program: file("a.py", SQUARES) });
    expect((await then(() => client.continueRequest(THREAD))).description).toBe(
      "the end of the backward pass",
    );
    expect(await top()).toMatch(/^AccumulateGrad/);
    expect((await then(() => client.reverseContinueRequest(THREAD))).description).toBe(
      "the start of the backward pass",
    );
    await then(() => client.continueRequest(THREAD));
    await Promise.all([client.waitForEvent("terminated"), client.continueRequest(THREAD)]);
  });

  test("the program's output appears", async () => {
    const output = client.waitForEvent("output");
    await begin({ program: file("a.py", SQUARES) });
    expect((await output).body).toMatchObject({
      category: "stdout",
      output: expect.stringMatching(/^forward tensor\(144/),
    });
  });

  test("goto leads to the node that a line made", async () => {
    const program = file("a.py", SQUARES);
    await begin({ program });
    const { targets } = (await client.customRequest("gotoTargets", { source: { path: program }, line: 3 }))
      .body;
    expect(targets.map(({ label }: { label: string }) => label)).toEqual(["PowBackward0"]);
    await then(() => client.gotoRequest({ ...THREAD, targetId: targets[0].id }));
    expect(await top()).toMatch(/^PowBackward0/);
  });

  test("restart stands at the start again, terminate ends", async () => {
    await begin({ program: file("a.py", SQUARES) });
    await then(() => client.nextRequest(THREAD));
    expect((await then(() => client.restartRequest({} as DebugProtocol.RestartArguments))).reason).toBe(
      "entry",
    );
    await Promise.all([client.waitForEvent("terminated"), client.terminateRequest()]);
  });

  test("a block of a note is walked through in the note's own lines", async () => {
    const program = file(
      "n.md",
      "# Note\n\n```python\nx = torch.tensor([3., 4.]).requires_grad_()\n```\n\ntext\n\n```python\ny = (x**2).sum()\ny.backward()\n```\n",
    );
    await begin({ program, block: 2 });
    await then(() => client.nextRequest(THREAD));
    expect((await frames())[0]).toMatchObject({ line: 10, source: { path: program } });
  });

  test("the backward pass can be chosen", async () => {
    const text =
      "import torch\na = torch.tensor(2., requires_grad=True)\n(a * 3).backward()\n(a * a).backward()\n";
    await begin({ program: file("two.py", text), backward: 1 });
    expect(await top()).toBe("(a * 3).backward()");
  });

  test("step out leaves the module", async () => {
    const text = `import torch
net = torch.nn.Sequential(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()), torch.nn.Linear(2, 1))
loss = net(torch.ones(1, 2)).sum()
loss.backward()
`;
    await begin({ program: file("net.py", text) });
    await then(() => client.nextRequest(THREAD));
    await then(() => client.nextRequest(THREAD));
    const before = await top();
    await then(() => client.stepOutRequest(THREAD));
    expect(await top()).not.toBe(before);
  });
});

describe("looking", () => {
  test("the scopes hold what arrives, what was saved, the rule, what leaves, leaves and variables", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
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
    await then(() => client.nextRequest(THREAD));
    expect(shown(await scope("Leaves"))).toEqual({ "x.grad": "(2,) [96, 72]" });
  });

  test("an outer frame shows the step that it stands for", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
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
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
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
    await then(() => client.nextRequest(THREAD));
    const { targets } = (await client.customRequest("completions", { text: "1 + sa", column: 7, frameId: 0 }))
      .body;
    expect(targets).toContainEqual({ label: "saved.self", start: 4, length: 2, type: "variable" });
  });
});

describe("breakpoints", () => {
  test("on a line: the pass stops at its node; a line without one says why", async () => {
    const program = file("a.py", SQUARES);
    let answers: DebugProtocol.Breakpoint[] = [];
    const first = await begin({ program, stopOnEntry: false }, async () => {
      const breakpoints = [{ line: 3 }, { line: 5 }];
      answers = (await client.setBreakpointsRequest({ source: { path: program }, breakpoints })).body
        .breakpoints;
    });
    expect(answers.map(({ verified }) => verified)).toEqual([true, false]);
    expect(answers[1]?.message).toBe("no autograd node was made on this line");
    expect(first).toMatchObject({ reason: "breakpoint", hitBreakpointIds: [answers[0]?.id] });
    expect(await top()).toMatch(/^PowBackward0/);
  });

  test("with a condition, a hit count and a log message", async () => {
    const text =
      "import torch\nx = torch.ones(2, requires_grad=True)\nh = x\nfor i in range(4):\n    h = h * 3\nh.sum().backward()\n";
    const program = file("loop.py", text);
    await begin({ program }, async () => {
      const breakpoints = [{ line: 5, condition: "absmax > 5" }];
      await client.setBreakpointsRequest({ source: { path: program }, breakpoints });
    });
    await then(() => client.continueRequest(THREAD));
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [9, 9]" });
    await client.setBreakpointsRequest({
      source: { path: program },
      breakpoints: [{ line: 5, hitCondition: "2" }],
    });
    await then(() => client.reverseContinueRequest(THREAD));
    await client.setBreakpointsRequest({
      source: { path: program },
      breakpoints: [{ line: 5, logMessage: "up {upstream}" }],
    });
    await then(() => client.gotoRequest({ ...THREAD, targetId: 0 }));
    const logged = client.waitForEvent("output");
    await then(() => client.continueRequest(THREAD));
    expect((await logged).body.output).toBe("up (2,) [1, 1]\n");
  });

  test("a condition or hit count that cannot be read is told, and the breakpoint is not set", async () => {
    const program = file("a.py", SQUARES);
    await begin({ program });
    const breakpoints = [
      { line: 3, condition: "import os" },
      { line: 3, hitCondition: "often" },
    ];
    const answers = (await client.setBreakpointsRequest({ source: { path: program }, breakpoints })).body
      .breakpoints;
    expect(answers.map(({ verified }) => verified)).toEqual([false, false]);
    expect(answers[0]?.message).toMatch(/^the condition is not right: "import os" is not an expression/);
    expect(answers[1]?.message).toMatch(/hit condition "often"/);
  });

  test("on a function: by node or op name", async () => {
    let answers: DebugProtocol.Breakpoint[] = [];
    const first = await begin({ program: file("a.py", SQUARES), stopOnEntry: false }, async () => {
      const breakpoints = [{ name: "Unbind*" }, { name: "conv2d" }];
      answers = (await client.setFunctionBreakpointsRequest({ breakpoints })).body.breakpoints;
    });
    expect(answers.map(({ verified }) => verified)).toEqual([true, false]);
    expect(answers[1]?.message).toMatch(/no node of this graph is called conv2d: there are .*MulBackward0/);
    expect(first.reason).toBe("function breakpoint");
    expect(await top()).toMatch(/^UnbindBackward0/);
  });

  test("on data: where a leaf's .grad changes", async () => {
    await begin({ program: file("a.py", SQUARES) });
    const { dataId } = (await client.dataBreakpointInfoRequest({ name: "x.grad" })).body;
    expect(dataId).toBe("x");
    expect((await client.dataBreakpointInfoRequest({ name: "y" })).body.dataId).toBeNull();
    await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: "x" }] });
    expect((await then(() => client.continueRequest(THREAD))).reason).toBe("data breakpoint");
    expect(await top()).toMatch(/^AccumulateGrad/);
  });

  describe("on exceptional gradients", () => {
    // Upstream of the products, from the sum back: 1e3, 1e6; then zeros before the relu, and infinity behind sqrt.
    const program = () =>
      file(
        "bad.py",
        `import torch
x = torch.tensor([0., 4.], requires_grad=True)
dead = torch.relu(-x - 1)
big = (dead * 1e3) * 1e3
(big.sum() + x.sqrt().sum()).backward()
`,
      );
    const walked = async (filterOptions: DebugProtocol.ExceptionFilterOptions[]): Promise<string[]> => {
      await begin({ program: program() });
      await client.setExceptionBreakpointsRequest({ filters: [], filterOptions });
      const names: string[] = [];
      for (;;) {
        // A stop at the last node has no further one: the session ends.
        const next = Promise.race([stop(), client.waitForEvent("terminated")]);
        await client.continueRequest(THREAD);
        const stopped = await next;
        if (!("reason" in stopped) || stopped.reason !== "exception") return names;
        const { description } = stopped;
        names.push(`${(await top()).split(" ")[0]}: ${description}`);
        expect((await client.customRequest("exceptionInfo", THREAD)).body).toMatchObject({ description });
      }
    };

    test("NaN or infinite: the node that makes it and those it reaches", async () => {
      expect(await walked([{ filterId: "nan" }])).toEqual([
        "SqrtBackward0: a gradient is NaN or infinite",
        "AccumulateGrad: a gradient is NaN or infinite",
      ]);
    });

    test("with a condition", async () => {
      expect(await walked([{ filterId: "nan", condition: 'op != "sqrt"' }])).toEqual([
        "AccumulateGrad: a gradient is NaN or infinite",
      ]);
    });

    test("all zero", async () => {
      const [first, ...rest] = await walked([{ filterId: "zero" }]);
      expect(first).toBe("SubBackward0: the gradient is all zero");
      expect(rest).toEqual(["NegBackward0: the gradient is all zero"]);
    });

    test("over a threshold, the default or one's own", async () => {
      const own = "an element of the gradient is beyond 5000";
      expect(await walked([{ filterId: "large", condition: "5000" }])).toEqual([`ReluBackward0: ${own}`]);
    });

    test("over the default threshold, from a certain hit on", async () => {
      expect(await walked([{ filterId: "large", condition: "; hits 2" }])).toEqual([
        "ReluBackward0: an element of the gradient is beyond 100",
      ]);
    });

    test("with a message instead of a stop", async () => {
      const said: string[] = [];
      client.on("output", ({ body }: DebugProtocol.OutputEvent) => said.push(body.output));
      expect(await walked([{ filterId: "zero", condition: "; hits == 1; log dead; {upstream}" }])).toEqual(
        [],
      );
      expect(said).toEqual(["dead; (2,) [0, 0]\n"]);
    });

    test("what is not understood is refused in words", async () => {
      await begin({ program: program() });
      const set = (condition: string) =>
        refused(
          client.setExceptionBreakpointsRequest({
            filters: [],
            filterOptions: [{ filterId: "nan", condition }],
          }),
        );
      expect(await set("thunder > 2")).toMatch(/"thunder" is not known here/);
      expect(await set("norm > 1; often")).toMatch(/after a semicolon write hits 2, or log a message/);
      expect(await set("; hits often")).toMatch(/hit condition "often" is not understood/);
    });
  });

  test("an exception filter that there is not is refused; conditions of data and functions count too", async () => {
    const program = file(
      "loop.py",
      "import torch\nx = torch.ones(2, requires_grad=True)\nh = x\nfor i in range(4):\n    h = h * 3\nh.sum().backward()\n",
    );
    await begin({ program });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "mul", hitCondition: "== 3" }] });
    expect((await then(() => client.continueRequest(THREAD))).reason).toBe("function breakpoint");
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [9, 9]" });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "mul", condition: "mean > 20" }] });
    await then(() => client.continueRequest(THREAD));
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [27, 27]" });
    await client.setFunctionBreakpointsRequest({ breakpoints: [] });
    await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: "x", condition: "mean < 80" }] });
    expect((await then(() => client.continueRequest(THREAD))).description).toBe(
      "the end of the backward pass",
    );
  });

  test("on exceptions, set before the program runs", async () => {
    const text =
      "import torch\nx = torch.tensor([0., 4.], requires_grad=True)\ny = torch.relu(-x).sum() * 1e6\n(y + x.sqrt().sum()).backward()\n";
    const first = await begin({ program: file("bad.py", text), stopOnEntry: false }, () =>
      client.setExceptionBreakpointsRequest({ filters: ["nan"] }),
    );
    expect(first).toMatchObject({ reason: "exception", description: "a gradient is NaN or infinite" });
    expect(await top()).toMatch(/^SqrtBackward0/);
    await client.setExceptionBreakpointsRequest({
      filters: [],
      filterOptions: [{ filterId: "large", condition: "1000" }],
    });
    await then(() => client.reverseContinueRequest(THREAD));
    expect((await then(() => client.continueRequest(THREAD))).reason).toBe("exception");
    expect(await refused(client.setExceptionBreakpointsRequest({ filters: ["thunder"] }))).toMatch(
      /there is no exception filter "thunder": there are nan, zero, large, python/,
    );
  });

  test("on a Python exception of the forward pass", async () => {
    const text = "import torch\nx = torch.ones(2, requires_grad=True)\ny = x @ torch.ones(3)\n";
    const first = await begin({ program: file("raise.py", text) }, () =>
      client.setExceptionBreakpointsRequest({ filters: ["python"] }),
    );
    expect(first.reason).toBe("exception");
    expect((await frames())[0]).toMatchObject({ line: 3 });
    const info = (await client.customRequest("exceptionInfo", THREAD)).body;
    expect(info).toMatchObject({ exceptionId: "RuntimeError" });
  });

  test("on a Python exception of one type only", async () => {
    const text =
      "import torch\nx = torch.ones(2, requires_grad=True)\n(x * 2).sum().backward()\nraise KeyError('late')\n";
    const program = file("late.py", text);
    const only = (condition: string) => () =>
      client.setExceptionBreakpointsRequest({
        filters: [],
        filterOptions: [{ filterId: "python", condition }],
      });
    const first = await begin({ program }, only("KeyError"));
    expect(first).toMatchObject({ reason: "exception", text: expect.stringContaining("late") });
    await only("ValueError")();
    expect((await then(() => client.restartRequest({} as DebugProtocol.RestartArguments))).reason).toBe(
      "entry",
    );
  });
});

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
  await then(() => client.nextRequest(THREAD));
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
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
    expect(await ask("why?")).toMatch(/SqrtBackward0|w\.sqrt\(\)/);
    expect(await refused(ask("why nobody"))).toMatch(/no tensor of that name; there are w\b/);
    // Elsewhere than in the console it is Python, and no Python.
    expect(await refused(ask("why w", "watch"))).toMatch(/SyntaxError/);
  });

  test("check holds the gradients against finite differences, and the position stays", async () => {
    await begin({ program: file("a.py", SQUARES) });
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
    expect(await ask("check")).toMatch(/^Do the gradients agree[\s\S]*gradients agree, and none differs\./);
    expect(await top()).toMatch(/^PowBackward0/);
    await then(() => client.nextRequest(THREAD));
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
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
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
    for (let i = 0; i < 3; i++) await then(() => client.nextRequest(THREAD));
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

describe("opening a saved trace", () => {
  test("walks through it, its sources by reference", async () => {
    const program = file("a.py", SQUARES);
    const { execFileSync } = await import("node:child_process");
    const trace = join(folder, "t.json");
    execFileSync(process.execPath, [CLI, "trace", program, "--format", "json", "--out", trace], {
      stdio: "ignore",
    });
    await begin({ trace });
    const [frame] = await frames();
    expect(frame?.source?.sourceReference).toBe(1);
    const { body } = await client.customRequest("source", { sourceReference: 1 });
    expect(body.content).toBe(SQUARES);
    expect(
      await refused(client.customRequest("setExpression", { expression: "x", value: "[1., 2.]" })),
    ).toMatch(/an opened trace cannot be run again/);
  });
});

describe("what is wrong is answered with words", () => {
  const hello = () =>
    client.initializeRequest({
      adapterID: "backstep",
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
    });

  test("requests before the launch", async () => {
    await hello();
    const early = "nothing has been launched: send launch or attach first";
    expect(await refused(client.stackTraceRequest(THREAD))).toBe(early);
    expect(await refused(client.nextRequest(THREAD))).toBe(early);
    expect(await refused(client.evaluateRequest({ expression: "x" }))).toBe(early);
    expect(await refused(client.restartRequest({} as DebugProtocol.RestartArguments))).toBe(early);
  });

  test("a launch without a program, of a missing one, and with a wrong option", async () => {
    await hello();
    expect(await refused(client.launchRequest({} as DebugProtocol.LaunchRequestArguments))).toMatch(
      /program/,
    );
    const missing = { program: "no-such.py" } as DebugProtocol.LaunchRequestArguments;
    expect(await refused(client.launchRequest(missing))).toMatch(
      /cannot read no-such\.py: there is no such file/,
    );
    const wrong = { program: "a.py", engine: "abacus" } as DebugProtocol.LaunchRequestArguments;
    expect(await refused(client.launchRequest(wrong))).toMatch(/embedded/);
  });

  test("a program without a backward pass ends, and says so", async () => {
    await hello();
    const output = client.waitForEvent("output");
    const ended = client.waitForEvent("terminated");
    const launched = client.launchRequest({
      program: file("none.py", "import torch\n"),
    } as DebugProtocol.LaunchRequestArguments);
    await client.waitForEvent("initialized");
    await client.configurationDoneRequest();
    await launched;
    await ended;
    expect((await output).body.output).toMatch(/no backward pass was run/);
  });

  test("unknown and malformed requests, and numbers that mean nothing; the session goes on", async () => {
    await begin({ program: file("a.py", SQUARES) });
    expect(await refused(client.customRequest("fly"))).toMatch(/there is no request "fly"/);
    for (const absent of ["readMemory", "disassemble", "restartFrame", "stepInTargets", "terminateThreads"])
      expect(await refused(client.customRequest(absent, {}))).toMatch(/there is no request/);
    for (const bare of [
      "dataBreakpointInfo",
      "completions",
      "gotoTargets",
      "breakpointLocations",
      "setVariable",
    ])
      await refused(client.customRequest(bare));
    expect(await refused(client.variablesRequest({ variablesReference: 987_654 }))).toMatch(/earlier stop/);
    expect(await refused(client.gotoRequest({ ...THREAD, targetId: 99 }))).toMatch(
      /there is no step 99: this pass has/,
    );
    expect(await refused(client.scopesRequest({ frameId: 99 }))).toMatch(/there is no frame 99/);
    expect(await refused(client.customRequest("setBreakpoints", {}))).toMatch(/source/);
    expect(await refused(client.customRequest("evaluate", { expression: 7 }))).toMatch(/expression/);
    expect(await refused(client.customRequest("cancel", { progressId: "none" }))).toMatch(/no progress/);
    await then(() => client.nextRequest(THREAD));
    expect(await top()).toMatch(/^MulBackward0/);
  });

  test("an endless program is cancelled, and the next session is whole", async () => {
    await hello();
    const launched = client.launchRequest({
      program: file("loop.py", "while True: pass\n"),
    } as DebugProtocol.LaunchRequestArguments);
    setTimeout(() => void client.customRequest("cancel", {}), 1500);
    expect(await refused(launched)).toBe("the run was cancelled");
  });
});
