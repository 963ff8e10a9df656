/** `backstep dap`: walking to and fro. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe, expect, test } from "vitest";
import {
  begin,
  client,
  clientForEach,
  file,
  frames,
  SQUARES,
  scope,
  shown,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

describe("walking", () => {
  test("a launch stands at the start, next goes from node to node, and step back goes back", async () => {
    const program = file("a.py", SQUARES);
    expect((await begin({ program })).reason).toBe("entry");
    expect(await top()).toBe("z.backward()");
    await stopAfter(() => client.nextRequest(THREAD));
    expect(await top()).toMatch(/^MulBackward0 {2}torch\.mul\(\*y\)/);
    await stopAfter(() => client.nextRequest(THREAD));
    expect(await top()).toMatch(/^UnbindBackward0/);
    await stopAfter(() => client.nextRequest(THREAD));
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
    await stopAfter(() => client.stepBackRequest(THREAD));
    expect(await top()).toMatch(/^UnbindBackward0/);
  });

  test("step in goes by sub-steps, and step back with fine granularity undoes one", async () => {
    await begin({ program: file("a.py", SQUARES) });
    await stopAfter(() => client.stepInRequest(THREAD));
    expect(shown(await scope("Downstream"))).toEqual({
      "y[0]": "not yet computed: step on",
      "y[1]": "not yet computed: step on",
    });
    await stopAfter(() => client.stepInRequest(THREAD));
    expect(shown(await scope("Downstream"))).toMatchObject({
      "y[0]": "() 16",
      "y[1]": "not yet computed: step on",
    });
    await stopAfter(() => client.stepBackRequest({ ...THREAD, granularity: "instruction" }));
    expect(shown(await scope("Downstream"))).toMatchObject({ "y[0]": "not yet computed: step on" });
  });

  test("continue ends at the end of the pass and once more ends the session; reverse continue goes to the start", async () => {
    await begin({ program: file("a.py", SQUARES) });
    expect((await stopAfter(() => client.continueRequest(THREAD))).description).toBe(
      "the end of the backward pass",
    );
    expect(await top()).toMatch(/^AccumulateGrad/);
    expect((await stopAfter(() => client.reverseContinueRequest(THREAD))).description).toBe(
      "the start of the backward pass",
    );
    await stopAfter(() => client.continueRequest(THREAD));
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
    await stopAfter(() => client.gotoRequest({ ...THREAD, targetId: targets[0].id }));
    expect(await top()).toMatch(/^PowBackward0/);
  });

  test("restart stands at the start again, terminate ends", async () => {
    await begin({ program: file("a.py", SQUARES) });
    await stopAfter(() => client.nextRequest(THREAD));
    expect((await stopAfter(() => client.restartRequest({} as DebugProtocol.RestartArguments))).reason).toBe(
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
    await stopAfter(() => client.nextRequest(THREAD));
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
    await stopAfter(() => client.nextRequest(THREAD));
    await stopAfter(() => client.nextRequest(THREAD));
    const before = await top();
    await stopAfter(() => client.stepOutRequest(THREAD));
    expect(await top()).not.toBe(before);
  });
});
