/** `backstep dap`: beginning and ending, opened traces, and requests that are wrong. */
import { join } from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { describe, expect, test } from "vitest";
import {
  begin,
  CLI,
  client,
  clientForEach,
  file,
  folder,
  frames,
  hello,
  refused,
  SQUARES,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

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
    await stopAfter(() => client.nextRequest(THREAD));
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
