/** `backstep dap`: breakpoints on lines, functions and data, with conditions, hit counts and messages. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe, expect, test } from "vitest";
import {
  begin,
  client,
  clientForEach,
  file,
  SQUARES,
  scope,
  shown,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

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
    await stopAfter(() => client.continueRequest(THREAD));
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [9, 9]" });
    await client.setBreakpointsRequest({
      source: { path: program },
      breakpoints: [{ line: 5, hitCondition: "2" }],
    });
    await stopAfter(() => client.reverseContinueRequest(THREAD));
    await client.setBreakpointsRequest({
      source: { path: program },
      breakpoints: [{ line: 5, logMessage: "up {upstream}" }],
    });
    await stopAfter(() => client.gotoRequest({ ...THREAD, targetId: 0 }));
    const logged = client.waitForEvent("output");
    await stopAfter(() => client.continueRequest(THREAD));
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
    expect((await stopAfter(() => client.continueRequest(THREAD))).reason).toBe("data breakpoint");
    expect(await top()).toMatch(/^AccumulateGrad/);
  });

  test("an exception filter that there is not is refused; conditions of data and functions count too", async () => {
    const program = file(
      "loop.py",
      "import torch\nx = torch.ones(2, requires_grad=True)\nh = x\nfor i in range(4):\n    h = h * 3\nh.sum().backward()\n",
    );
    await begin({ program });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "mul", hitCondition: "== 3" }] });
    expect((await stopAfter(() => client.continueRequest(THREAD))).reason).toBe("function breakpoint");
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [9, 9]" });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "mul", condition: "mean > 20" }] });
    await stopAfter(() => client.continueRequest(THREAD));
    expect(shown(await scope("Upstream"))).toEqual({ upstream: "(2,) [27, 27]" });
    await client.setFunctionBreakpointsRequest({ breakpoints: [] });
    await client.setDataBreakpointsRequest({ breakpoints: [{ dataId: "x", condition: "mean < 80" }] });
    expect((await stopAfter(() => client.continueRequest(THREAD))).description).toBe(
      "the end of the backward pass",
    );
  });
});
