/**
 * The embedded engine's sandbox, opened in this very process and used for one program after another: hundreds of
 * programs in the time that a process for each would take for a few. The walls are not what is tested with it.
 */
import { getRandomValues } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, createContext, Script } from "node:vm";
import type { OuterHost } from "../../engines/embedded/realm/host.ts";
import type { OpenSandbox } from "../../engines/embedded/realm/sandbox.ts";
import { readTrace } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";

const FOLDER = fileURLToPath(new URL("../../dist/embedded/", import.meta.url));
const MEMORY = 1 << 30;

/** Gives the trace of a program, as a script named `snippet.py`. */
export async function residentEngine(): Promise<(text: string) => Trace> {
  const realm = createContext(constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: true } });
  new Script(readFileSync(`${FOLDER}sandbox.js`, "utf8"), { filename: "sandbox.js" }).runInContext(realm);
  const { openSandbox } = realm as unknown as { openSandbox: OpenSandbox };
  const outer: OuterHost = {
    assetSize: (name) => statSync(FOLDER + name).size,
    assetRead: (name, into) => into.set(readFileSync(FOLDER + name)),
    now: () => performance.now(),
    entropy: () => getRandomValues(new Uint8Array(1))[0] as number,
    log: () => {},
    emit: () => {},
    beat: () => 0,
    stopWords: () => "",
  };
  const sandbox = openSandbox(outer);
  await sandbox.wake(MEMORY, false);
  return (text) => {
    const blocks = [{ name: "snippet.py", text }];
    const request = { mode: "script", blocks, argv: ["snippet.py"], record: true };
    const ended = sandbox.run(JSON.stringify(request));
    if (typeof ended === "string") throw new Error(ended);
    return readTrace(sandbox.takeTrace());
  };
}
