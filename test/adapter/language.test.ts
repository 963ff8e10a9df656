/** `backstep dap` speaks the language of the client's locale. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { expect, test } from "vitest";
import { begin, client, clientForEach, file, hello, refused, SQUARES, stopAfter, THREAD } from "./client.ts";

clientForEach();

/** What a client in that locale reads: the exception filters, the first refusal, the scopes of a node. */
async function read(locale: string): Promise<{ filters: string[]; refusal: string; scopes: string[] }> {
  const { body } = await hello(locale);
  const filters = body?.exceptionBreakpointFilters?.map(({ label }) => label) ?? [];
  const refusal = await refused(client.nextRequest(THREAD));
  await begin({ program: file("a.py", SQUARES) }, undefined, locale);
  await stopAfter(() => client.nextRequest(THREAD));
  const { scopes } = (await client.scopesRequest({ frameId: 0 })).body;
  return { filters, refusal, scopes: scopes.map(({ name }) => name) };
}

test("Korean", async () => {
  expect(await read("ko")).toEqual({
    filters: ["기울기가 NaN 또는 무한대", "기울기가 모두 0", "기울기가 다음보다 큼", "순전파의 Python 예외"],
    refusal: "아직 시작된 것이 없습니다. 먼저 launch나 attach를 보내세요",
    scopes: ["상류", "저장된 값", "국소 미분", "하류", "리프", "프로그램 변수"],
  });
  const ask = async (expression: string): Promise<string> =>
    (await client.evaluateRequest({ expression, context: "repl", frameId: 0 })).body.result;
  expect(await ask("why x")).toMatch(/^x의 기울기는/);
  expect(await refused(ask("why nobody"))).toMatch(/^그런 이름의 텐서가 없습니다. 있는 것: x/);
});

test("a region is no other language, and an engine's failure is told in it too", async () => {
  await hello("ko-KR");
  const launched = client.launchRequest({
    program: file("ends.py", "import os\nos._exit(3)\n"),
  } as DebugProtocol.LaunchRequestArguments);
  expect(await refused(launched)).toMatch(/종료 코드 3/);
});

test.each(["de", "../../package", "", "x".repeat(100_000)])(
  "English where there are no words of %.20j",
  async (locale) => {
    const { filters, refusal } = await read(locale);
    expect(filters[0]).toBe("Gradient is NaN or infinite");
    expect(refusal).toBe("nothing has been launched: send launch or attach first");
  },
);
