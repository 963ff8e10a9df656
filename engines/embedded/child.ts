/**
 * The child process: looks at its walls, wakes the sandbox in an empty realm, takes one job, runs it, ends (of a session: takes the next). The
 * realm gets functions of this file that hand over primitives only; they read assets of a fixed table and write
 * reports, and no object from here ever goes in.
 */
import { getRandomValues } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { constants, createContext, Script } from "node:vm";
import { Job } from "./job.ts";
import { Keeper } from "./keeper.ts";
import { interrupted, listenForInterrupts, report, takeJob } from "./pipes.ts";
import type { OpenSandbox } from "./realm/sandbox.ts";
import type { Report } from "./report.ts";
import { missingProcessWalls, missingRealmWalls } from "./walls.ts";

function end(message: Report): never {
  report(message);
  process.exit(0);
}

function refuse(missing: string[]): never {
  end({ kind: "failed", reason: "sandbox", message: missing.join("; ") });
}

const opened = new Map<string, number>();
function openAsset(name: string): number {
  let file = opened.get(name);
  if (file === undefined) {
    file = openSync(join(__dirname, name), "r");
    opened.set(name, file);
  }
  return file;
}

const keeper = new Keeper({
  assetSize: (name) => fstatSync(openAsset(name)).size,
  assetRead(name, into) {
    const file = openAsset(name);
    for (let at = 0; at < into.length; ) {
      const read = readSync(file, into, at, into.length - at, at);
      if (read === 0) break;
      at += read;
    }
    closeSync(file);
    opened.delete(name);
  },
  now: () => performance.now(),
  entropy: () => getRandomValues(new Uint8Array(1))[0] as number,
  report,
  end,
  interrupted,
  bytesOf: (base64) => Buffer.from(base64, "base64"),
  base64Of: (characters) => Buffer.from(characters, "latin1").toString("base64"),
});

/** Bytes, from the command line: Python and the tensors may each grow by so much. */
function memoryLimit(): number {
  const bytes = Number(process.argv[2]);
  if (!Number.isSafeInteger(bytes) || bytes <= 0)
    throw new Error(`the memory limit must be a number of bytes, not ${process.argv[2]}`);
  return bytes;
}

/**
 * V8 recompiles a hot function of WebAssembly while the code runs. By default it does so while Python is still
 * starting, which on few cores takes longer than it saves; so later (in bytes executed). A V8 that does not know
 * the flag passes over it.
 */
const TIERING_BUDGET = 20_000_000;

async function main(): Promise<void> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  // V8 has relaxed SIMD from 11.4 on; in Node 20 it is complete, but asked for.
  if (process.versions.v8.startsWith("11.3.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
  const missing = missingProcessWalls(__dirname);
  if (missing.length > 0) refuse(missing);

  // Without the constant (Node before 20.18) a contextified object without a prototype serves: slower, as closed.
  const realm = createContext(constants?.DONT_CONTEXTIFY ?? Object.create(null), {
    codeGeneration: { strings: false, wasm: true },
  });
  new Script(readFileSync(join(__dirname, "sandbox.js"), "utf8"), { filename: "sandbox.js" }).runInContext(
    realm,
  );
  const open = (realm as { openSandbox?: OpenSandbox }).openSandbox;
  if (open === undefined) refuse(["the sandbox's code is missing"]);
  const sandbox = open(keeper.outer);
  await sandbox.wake(memoryLimit(), process.argv[3] === "rehearse");
  keeper.awake();
  const leaks = missingRealmWalls(realm);
  if (leaks.length > 0) refuse(leaks);
  report({ kind: "ready" });

  for (;;) {
    const job = Job.parse(JSON.parse(takeJob()));
    if (job.request.keep === true) listenForInterrupts();
    const done = keeper.run(sandbox, job);
    if (job.request.keep !== true) end(done);
    report(done);
  }
}

main().catch((error: unknown) => {
  end({ kind: "failed", reason: "crash", message: `the sandbox could not start: ${error}` });
});
