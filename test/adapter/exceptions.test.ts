/** `backstep dap`: breakpoints on gradients that are out of the ordinary, and on Python exceptions. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe, expect, test } from "vitest";
import {
  begin,
  client,
  clientForEach,
  file,
  frames,
  refused,
  stop,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

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
    expect(await walked([{ filterId: "zero", condition: "; hits == 1; log dead; {upstream}" }])).toEqual([]);
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

describe("on exceptions", () => {
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
    await stopAfter(() => client.reverseContinueRequest(THREAD));
    expect((await stopAfter(() => client.continueRequest(THREAD))).reason).toBe("exception");
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
    expect((await stopAfter(() => client.restartRequest({} as DebugProtocol.RestartArguments))).reason).toBe(
      "entry",
    );
  });
});
