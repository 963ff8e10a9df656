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
import * as z from "zod";
import { readTrace } from "../../trace/read.ts";
import { Output } from "../../trace/schema.ts";
import type { Engine, FailureReason, RunEvents, RunRequest, RunResult } from "../engine.ts";
import { findPython } from "./python.ts";

export interface PyTorchOptions {
  /** The folder with the recorder's packages. */
  readonly folder: string;
  /** The interpreter; null for the first on the PATH that has PyTorch. */
  readonly python: string | null;
  readonly log: (text: string) => void;
}

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
      if (this.#python === null) {
        const found = await findPython(this.#options.python, folder, signal);
        if (signal.aborted) return { kind: "cancelled" };
        if (found.kind === "missing") return failed("unavailable", found.message);
        this.#options.log(`${found.path} has PyTorch ${found.torch}`);
        this.#python = found.path;
      }
      return await this.#follow(this.#python, folder, scratch, request, events, signal);
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
    folder: string,
    scratch: string,
    request: RunRequest,
    events: RunEvents,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const [asked, trace] = [join(scratch, "request.json"), join(scratch, "trace.json")];
    const { mode, blocks, argv, record, limits } = request;
    writeFileSync(asked, JSON.stringify({ mode, blocks, argv, record, trace }));
    const child = spawn(python, [join(this.#options.folder, "backstep_recorder"), "--request", asked], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A group of its own, so that what the program starts ends with it.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#children.add(child);
    return new Promise((resolve) => {
      let [printed, exitCode] = [0, null as number | null];
      let timer: NodeJS.Timeout | undefined;
      const settle = (result: RunResult): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        this.#children.delete(child);
        if (child.exitCode === null) killTree(child);
        resolve(result);
      };
      const cancel = (): void => settle({ kind: "cancelled" });
      const print = (output: Output): void => {
        printed += Buffer.byteLength(output.text);
        if (printed > limits.output) settle(failed("output", tooMuch(limits.output)));
        else events.output(output);
      };
      if (signal.aborted) return cancel();
      signal.addEventListener("abort", cancel);
      child.once("error", (error) =>
        settle(failed("unavailable", `${python} could not be started: ${error.message}`)),
      );
      // What is printed past Python (by C code, by other processes) comes here.
      for (const [stream, from] of [
        ["stdout", child.stdout],
        ["stderr", child.stderr],
      ] as const)
        from?.setEncoding("utf8").on("data", (text: string) => print({ stream, text, source: 0 }));
      createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
        const report = Report.safeParse(parseJson(line));
        if (!report.success) return;
        switch (report.data.kind) {
          case "started":
            timer = setTimeout(() => settle(failed("time", tooLong(limits.seconds))), limits.seconds * 1000);
            return;
          case "output":
            return print(report.data.output);
          case "failed":
            return settle(failed("unavailable", report.data.message));
          case "done":
            exitCode = report.data.exitCode;
        }
      });
      child.once("close", (code, killed) => {
        if (exitCode === null)
          return settle(
            failed(
              "crash",
              `the interpreter died (${killed ?? `exit code ${code}`}) before the program came to its end`,
            ),
          );
        settle(record ? read(trace, exitCode) : { kind: "done", trace: null, exitCode });
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
    return { kind: "done", trace: readTrace(readFileSync(path, "utf8")), exitCode };
  } catch (error) {
    return failed("crash", `the recorder left no trace that can be read: ${(error as Error).message}`);
  }
}

function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  if (process.platform === "win32")
    spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" });
  else
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
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
const tooLong = (seconds: number): string =>
  `it ran for more than ${seconds} seconds, the time limit, and was ended; look for a loop that does not end, or raise the limit`;
const tooMuch = (bytes: number): string =>
  `it printed more than ${bytes} bytes, the output limit, and was ended; print less, or raise the limit`;
