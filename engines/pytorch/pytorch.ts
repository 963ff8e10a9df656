/**
 * The engine that is PyTorch itself: the machine's Python runs the program in its own folder, the recorder watches.
 * Output comes as it is printed, the trace through a file.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import * as l10n from "@vscode/l10n";
import * as z from "zod";
import { readTrace } from "../../trace/read.ts";
import { Output } from "../../trace/schema.ts";
import type { Engine, FailureReason, RunEvents, RunRequest, RunResult } from "../engine.ts";
import { keepSideFile } from "../side-file.ts";
import { words } from "../words.ts";
import { findPython } from "./python.ts";

export interface PyTorchOptions {
  /** The folder with the recorder's packages. */
  readonly folder: string;
  /** The interpreter; null for the first on the PATH that has PyTorch. */
  readonly python: string | null;
  readonly log: (text: string) => void;
}

interface Places {
  /** The program's own folder, where its modules are. */
  readonly folder: string;
  readonly cwd: string;
  /** For the request and the trace. */
  readonly scratch: string;
}

/** Ms for which a program that has ended may leave others behind that still print. */
const STRAGGLERS = 1000;
/** Characters of what a dying interpreter said that are told on. */
const LONGEST_WORDS = 2000;

const Report = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("started"), torch: z.string() }),
  z.object({ kind: z.literal("output"), output: Output }),
  z.object({ kind: z.literal("done"), exitCode: z.int() }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);

export class PyTorchEngine implements Engine {
  readonly name = "pytorch";
  readonly #options: PyTorchOptions;
  readonly #children = new Set<ChildProcess>();
  /** Found once: whether an interpreter has PyTorch does not change while it is used. */
  #python: string | null = null;
  readonly #killAll = (): void => {
    for (const child of this.#children) killTree(child);
  };

  constructor(options: PyTorchOptions) {
    this.#options = options;
    process.on("exit", this.#killAll);
  }

  warm(): void {}

  async run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult> {
    const scratch = mkdtempSync(join(tmpdir(), "backstep-"));
    try {
      const folder = request.folder ?? (await copied(request, join(scratch, "files")));
      const cwd = request.cwd ?? folder;
      if (this.#python === null) {
        const found = await findPython(this.#options.python, cwd, signal);
        if (signal.aborted) return { kind: "cancelled" };
        if (found.kind === "missing") return failed("unavailable", found.message);
        this.#options.log(`${found.path} has PyTorch ${found.torch}`);
        this.#python = found.path;
      }
      return await this.#follow(this.#python, { folder, cwd, scratch }, request, events, signal);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  async dispose(): Promise<void> {
    process.off("exit", this.#killAll);
    this.#killAll();
  }

  #follow(
    python: string,
    { folder, cwd, scratch }: Places,
    request: RunRequest,
    events: RunEvents,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const [asked, trace] = [join(scratch, "request.json"), join(scratch, "trace.json")];
    const { mode, blocks, argv, record, limits } = request;
    writeFileSync(asked, JSON.stringify({ mode, blocks, argv, record, trace, folder }));
    const child = spawn(python, [join(this.#options.folder, "backstep_recorder"), "--request", asked], {
      cwd,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A group of its own, so that what the program starts ends with it.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#children.add(child);
    return new Promise((resolve) => {
      let [printed, exitCode, lastWords] = [0, null as number | null, ""];
      let timer: NodeJS.Timeout | undefined;
      let straggling: NodeJS.Timeout | undefined;
      const settle = (result: RunResult): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        clearTimeout(straggling);
        this.#children.delete(child);
        // Nothing that the program started outlives its run, not even where it has ended itself.
        killTree(child);
        resolve(result);
      };
      const cancel = (): void => settle({ kind: "cancelled" });
      const print = (output: Output): void => {
        printed += Buffer.byteLength(output.text);
        if (printed > limits.output) settle(failed("output", words.tooMuchOutput(limits.output)));
        else events.output(output);
      };
      if (signal.aborted) return cancel();
      signal.addEventListener("abort", cancel);
      child.once("error", (error) =>
        settle(failed("unavailable", l10n.t("{0} could not be started: {1}", python, error.message))),
      );
      // What is printed past Python (by C code, by other processes) comes here.
      for (const [stream, from] of [
        ["stdout", child.stdout],
        ["stderr", child.stderr],
      ] as const)
        from?.setEncoding("utf8").on("data", (text: string) => {
          if (stream === "stderr") lastWords = (lastWords + text).slice(-LONGEST_WORDS);
          print({ stream, text, source: 0 });
        });
      createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
        const report = Report.safeParse(parseJson(line));
        if (!report.success) return;
        switch (report.data.kind) {
          case "started":
            timer = setTimeout(
              () => settle(failed("time", words.tooLong(limits.seconds))),
              limits.seconds * 1000,
            );
            return;
          case "output":
            return print(report.data.output);
          case "failed":
            return settle(failed("unavailable", report.data.message));
          case "done":
            exitCode = report.data.exitCode;
        }
      });
      const end = (code: number | null, killed: NodeJS.Signals | null): void => {
        if (exitCode !== null)
          settle(record ? read(trace, exitCode) : { kind: "done", trace: null, exitCode });
        else {
          const how = killed ?? l10n.t("exit code {0}", String(code));
          settle(failed("crash", words.died(lastWords === "" ? how : `${how}: ${lastWords.trim()}`)));
        }
      };
      child.once("close", end);
      // What it started may hold on to its pipes, so that they never close.
      child.once("exit", (code, killed) => {
        straggling = setTimeout(() => end(code, killed), STRAGGLERS);
      });
    });
  }
}

/** The files of a request whose folder is not on this machine's disk. */
async function copied(request: RunRequest, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [path, bytes] of request.files) {
    const to = join(folder, path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, bytes);
  }
  return folder;
}

function read(path: string, exitCode: number): RunResult {
  try {
    return { kind: "done", trace: keepSideFile(readTrace(readFileSync(path, "utf8")), path), exitCode };
  } catch (error) {
    return failed("crash", words.brokenTrace((error as Error).message));
  }
}

/** End the process and all that it started: they share its group. */
function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    if (child.exitCode === null)
      spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" }).on("error", () =>
        child.kill(),
      );
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const failed = (reason: FailureReason, message: string): RunResult => ({ kind: "failed", reason, message });
