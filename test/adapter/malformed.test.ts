/** `backstep dap` and clients that do what no client should: it answers in words, and goes on. */
import { type ChildProcess, spawn } from "node:child_process";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { afterEach, describe, expect, test } from "vitest";
import {
  begin,
  CLI,
  client,
  clientForEach,
  file,
  refused,
  SQUARES,
  stopAfter,
  THREAD,
  top,
} from "./client.ts";

clientForEach();

test.each([
  ["setBreakpoints", { source: { path: "a.py" }, breakpoints: "all" }, "breakpoints"],
  ["setBreakpoints", { source: { path: "a.py" }, breakpoints: [null] }, "breakpoints[0]"],
  ["setBreakpoints", { source: { path: "a.py" }, breakpoints: [{ line: -5 }] }, "breakpoints[0].line"],
  ["setBreakpoints", { source: { path: 7 }, breakpoints: [] }, "source.path"],
  ["setFunctionBreakpoints", { breakpoints: [{}] }, "breakpoints[0].name"],
  ["setDataBreakpoints", { breakpoints: [{ dataId: 3 }] }, "breakpoints[0].dataId"],
  ["setExceptionBreakpoints", { filters: 7 }, "filters"],
  ["setExceptionBreakpoints", { filters: [], filterOptions: [null] }, "filterOptions[0]"],
  ["scopes", { frameId: -1 }, "frameId"],
  ["scopes", { frameId: 0.5 }, "frameId"],
  ["variables", { variablesReference: "1" }, "variablesReference"],
  ["variables", { variablesReference: 1, start: -5 }, "start"],
  ["stackTrace", { threadId: 1, levels: -2 }, "levels"],
  ["evaluate", { expression: "x", frameId: -1 }, "frameId"],
  ["completions", { text: 7, column: 1 }, "text"],
  ["goto", { threadId: 1, targetId: "0" }, "targetId"],
  ["cancel", { progressId: 7 }, "progressId"],
])("%s with %j", async (command, args, where) => {
  const words = await refused(client.customRequest(command, args));
  expect(words).toContain(`the arguments of ${command} are not right`);
  expect(words).toContain(where);
});

test("what a client leaves out or says by null is left out", async () => {
  await begin({ program: file("a.py", SQUARES) });
  const { body } = await client.customRequest("stackTrace", { threadId: 1, startFrame: null, levels: null });
  expect(body.totalFrames).toBe(1);
});

test("a pattern with very many stars is answered at once", async () => {
  await begin({ program: file("a.py", SQUARES) });
  const names = [`${"*a".repeat(3000)}b`, "*b*k*d*0", "mul*backward*0*0", "*"];
  const breakpoints = names.map((name) => ({ name }));
  const answers = (await client.setFunctionBreakpointsRequest({ breakpoints })).body.breakpoints;
  expect(answers.map(({ verified }) => verified)).toEqual([false, true, false, true]);
});

test("a range of all lines there could be has the lines that there are", async () => {
  const program = file("a.py", SQUARES);
  await begin({ program });
  const asked = { source: { path: program }, line: 1, endLine: Number.MAX_SAFE_INTEGER };
  const { body } = await client.customRequest("breakpointLocations", asked);
  expect(body.breakpoints).toEqual([{ line: 3 }, { line: 4 }]);
});

test("a second launch is refused, and the first goes on", async () => {
  const program = file("a.py", SQUARES);
  await begin({ program });
  const again = client.launchRequest({ program } as DebugProtocol.LaunchRequestArguments);
  expect(await refused(again)).toMatch(/^something has been launched already/);
  await stopAfter(() => client.nextRequest(THREAD));
  expect(await top()).toMatch(/^MulBackward0/);
});

test("an expression that does not end is cancelled", async () => {
  await begin({ program: file("a.py", SQUARES) });
  const asked = client.evaluateRequest({ expression: "while True: pass", context: "repl", frameId: 0 });
  setTimeout(() => void client.customRequest("cancel", {}), 1000);
  expect(await refused(asked)).toMatch(/^it was cancelled/);
  expect((await client.evaluateRequest({ expression: "1 + 1", context: "repl" })).body.result).toBe("2");
});

test.each(["/dev/zero", "-"])("a program that is no file: %s", async (program) => {
  const launched = client.launchRequest({ program } as DebugProtocol.LaunchRequestArguments);
  expect(await refused(launched)).toMatch(/is no file: give the path/);
});

describe("on the wire", () => {
  let adapter: ChildProcess;
  afterEach(() => adapter.kill());

  /** What comes back for these bytes until a text is among it. */
  const said = (bytes: string, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let all = "";
      adapter = spawn(process.execPath, [CLI, "dap"], { stdio: "pipe" });
      adapter.on("exit", (code) => reject(new Error(`it ended with ${code}: ${all}`)));
      adapter.stdout?.on("data", (chunk) => {
        all += chunk;
        if (all.includes(text)) resolve(all);
      });
      adapter.stdin?.write(bytes);
    });
  const framed = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const ASKED = framed('{"seq":9,"type":"request","command":"threads"}');
  const ANSWER = '"command":"threads","success":true';

  test.each([
    ["no JSON", framed("{bad}")],
    ["no message", framed("null") + framed("7") + framed("[]") + framed('{"type":"nonsense"}')],
    ["no length", "Content-Length: many\r\n\r\n"],
  ])("%s is passed over", async (_, bytes) => {
    expect(await said(bytes + ASKED, ANSWER)).toContain(ANSWER);
  });

  test("a request without a command is refused", async () => {
    expect(await said(framed('{"seq":8,"type":"request"}') + ASKED, ANSWER)).toContain(
      "the request names no command",
    );
  });
});
