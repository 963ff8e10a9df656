/** A real client of the Debug Adapter Protocol that drives `backstep dap`, one for each test. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { afterEach, beforeEach } from "vitest";

export const CLI = join(import.meta.dirname, "../../dist/cli.mjs");
export const SQUARES = `import torch
x = torch.tensor([3., 4.], requires_grad=True)
y = x**2
z = torch.mul(*y)
print("forward", z)
z.backward()
`;

export let client: DebugClient;
export let folder: string;
export const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** Be a client of the command with these words. */
export async function connect(...words: string[]): Promise<void> {
  // The client starts `node SCRIPT` without arguments: this script is the command with its words.
  const script = file(
    "adapter.mjs",
    `process.argv.push(...${JSON.stringify(words)}); await import(${JSON.stringify(pathToFileURL(CLI).href)});\n`,
  );
  client = new DebugClient(process.execPath, script, "backstep", { cwd: folder });
  client.defaultTimeout = 50_000;
  await client.start();
}

/** A client and an empty folder for every test of a file. */
export function clientForEach(): void {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "backstep-dap-"));
    await connect("dap");
  });
  afterEach(async () => {
    await client.stop().catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
}

export type Stopped = DebugProtocol.StoppedEvent["body"];
export const stop = async (): Promise<Stopped> => (await client.waitForEvent("stopped")).body as Stopped;
export const THREAD = { threadId: 1 };

/** The first request, in the language of the person. */
export const hello = (locale = "en"): Promise<DebugProtocol.InitializeResponse> =>
  client.initializeRequest({
    adapterID: "backstep",
    linesStartAt1: true,
    columnsStartAt1: true,
    pathFormat: "path",
    locale,
  });

/** Initialize, launch, set what must be set, and give the first stop. */
export async function begin(
  args: Record<string, unknown>,
  configure: () => Promise<unknown> = async () => {},
  locale = "en",
): Promise<Stopped> {
  await hello(locale);
  const initialized = client.waitForEvent("initialized");
  const launched = client.launchRequest(args as DebugProtocol.LaunchRequestArguments);
  await Promise.race([initialized, launched]);
  const first = stop();
  await configure();
  await client.configurationDoneRequest();
  await launched;
  return first;
}

export async function frames(): Promise<DebugProtocol.StackFrame[]> {
  return (await client.stackTraceRequest(THREAD)).body.stackFrames;
}
export const top = async (): Promise<string> => (await frames())[0]?.name ?? "";

export async function scope(name: string, frameId = 0): Promise<DebugProtocol.Variable[]> {
  const { scopes } = (await client.scopesRequest({ frameId })).body;
  const found = scopes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scope ${name}: ${scopes.map((each) => each.name)}`);
  return (await client.variablesRequest({ variablesReference: found.variablesReference })).body.variables;
}
export const shown = (variables: readonly DebugProtocol.Variable[]): Record<string, string> =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));

/** Do something after which the walk stands somewhere. */
export async function stopAfter(act: () => Promise<unknown>): Promise<Stopped> {
  const [stopped] = await Promise.all([stop(), act()]);
  return stopped;
}
export const refused = async (request: Promise<unknown>): Promise<string> => {
  try {
    await request;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
};
