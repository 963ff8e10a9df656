/**
 * The child process: looks at its walls, wakes the sandbox in an empty realm, takes one job, runs it, ends. The
 * realm gets functions of this file that hand over primitives only; they read assets of a fixed table and write
 * reports, and no object from here ever goes in.
 */
import { getRandomValues } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { constants, createContext, Script } from "node:vm";
import { Job } from "./job.ts";
import { report, takeJob } from "./pipes.ts";
import type { OuterHost } from "./realm/host.ts";
import type { OpenSandbox } from "./realm/sandbox.ts";
import type { Limit, Report } from "./report.ts";
import { missingProcessWalls, missingRealmWalls } from "./walls.ts";

const ASSETS = new Set([
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "backstep.zip",
  "snapshot.bin",
  "core.wasm",
  "core-relaxed.wasm",
]);

/** Files of the job, by the name under which the realm asks for them. */
const jobFiles = new Map<string, Buffer>();
let booting = true;

/** Which limit the run has passed, and when Python was told. */
let passed: Limit | null = null;
let toldAt = 0;
let deadline = Number.POSITIVE_INFINITY;
let outputLeft = 0;
let words: Record<Limit, string> = { time: "", output: "" };
/** No sign of life is asked for until a run starts. */
let lastAlive = Number.POSITIVE_INFINITY;

const SIGINT = 2;
/** Milliseconds: between signs of life, and until a run that was stopped must have ended. */
const ALIVE = 2000;
const GRACE = 2000;

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

const outer: OuterHost = {
  assetSize(name) {
    const given = jobFiles.get(name);
    if (given !== undefined) return given.length;
    return booting && ASSETS.has(name) ? fstatSync(openAsset(name)).size : -1;
  },
  assetRead(name, into) {
    const given = jobFiles.get(name);
    if (given !== undefined) {
      into.set(given);
      return;
    }
    if (!booting || !ASSETS.has(name)) return;
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
  log(text) {
    if (typeof text === "string") report({ kind: "log", text: text.slice(0, 10_000) });
  },
  emit(stream, text, source) {
    if (typeof text !== "string" || !Number.isSafeInteger(source) || source < 0) return;
    const size = Buffer.byteLength(text);
    const fits = size <= outputLeft ? text : Buffer.from(text).subarray(0, outputLeft).toString();
    if (size > outputLeft) passed ??= "output";
    outputLeft = Math.max(0, outputLeft - size);
    if (fits !== "") {
      report({ kind: "output", output: { stream: stream === 2 ? "stderr" : "stdout", text: fits, source } });
    }
  },
  beat() {
    const now = performance.now();
    if (now > deadline) passed ??= "time";
    if (passed !== null && toldAt === 0) {
      toldAt = now;
      return SIGINT;
    }
    if (passed !== null && now - toldAt > GRACE) end({ kind: "unstoppable", limit: passed });
    if (now - lastAlive > ALIVE) {
      lastAlive = now;
      // Where nobody reads this any more, it ends the process.
      report({ kind: "alive" });
    }
    return 0;
  },
  stopWords: () => (passed === null ? "" : words[passed]),
};

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
  const sandbox = open(outer);
  await sandbox.wake(memoryLimit(), process.argv[3] === "rehearse");
  booting = false;
  const leaks = missingRealmWalls(realm);
  if (leaks.length > 0) refuse(leaks);
  report({ kind: "ready" });

  const job = Job.parse(JSON.parse(takeJob()));
  for (const { path, base64 } of job.files) {
    jobFiles.set(path, Buffer.from(base64, "base64"));
    sandbox.addFile(path);
  }
  jobFiles.clear();
  const { time, output } = job.limits;
  outputLeft = output.limit;
  words = { time: time.words, output: output.words };
  report({ kind: "started" });
  lastAlive = performance.now();
  deadline = lastAlive + time.limit * 1000;
  const ended = sandbox.run(JSON.stringify(job.request));
  if (typeof ended === "string") {
    end(
      passed === null
        ? { kind: "failed", reason: "crash", message: ended }
        : { kind: "unstoppable", limit: passed },
    );
  }
  const trace = sandbox.takeTrace();
  if (!Number.isInteger(ended) || typeof trace !== "string") {
    end({ kind: "failed", reason: "crash", message: "the sandbox gave no result" });
  }
  end({ kind: "done", exitCode: ended, trace, stopped: passed });
}

main().catch((error: unknown) => {
  end({ kind: "failed", reason: "crash", message: `the sandbox could not start: ${error}` });
});
