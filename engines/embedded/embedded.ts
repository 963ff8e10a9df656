/**
 * The engine that needs no Python: each run gets a process, a realm and an interpreter of its own, and one more
 * is kept ready in the background.
 */
import { readTrace } from "../../trace/read.ts";
import { DEFAULT_LIMITS, type Engine, type RunEvents, type RunRequest, type RunResult } from "../engine.ts";
import { type ChildEvent, SandboxProcess } from "./child-process.ts";
import type { Job } from "./job.ts";

export interface EmbeddedOptions {
  /** The folder with child.cjs and its assets. */
  readonly folder: string;
  readonly log: (text: string) => void;
}

/** A start takes about half a second; a machine that needs this long has another problem. */
const START_SECONDS = 60;
/** The next spare is started when a run ends, or when it has gone on for so long (ms): not while a short one computes. */
const SPARE_DELAY = 300;

export class EmbeddedEngine implements Engine {
  readonly name = "embedded";
  readonly #options: EmbeddedOptions;
  readonly #children = new Set<SandboxProcess>();
  #spare: SandboxProcess | null = null;
  /** What the next spare is started with. */
  #memory = DEFAULT_LIMITS.memory;
  /** Set once someone has asked for warmth: a single run of the command line never starts a spare. */
  #keepWarm = false;
  #disposed = false;
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill();
  };

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    process.on("exit", this.#killAll);
  }

  warm(): void {
    this.#keepWarm = true;
    if (this.#disposed || (this.#spare?.alive && this.#spare.memory === this.#memory)) return;
    this.#spare?.kill();
    try {
      this.#spare = this.#start(true);
    } catch (error) {
      this.#options.log(`no interpreter could be kept ready: ${error}`);
    }
  }

  async run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult> {
    if (this.#disposed) return failed("unavailable", "the engine has been disposed of");
    if (signal.aborted) return { kind: "cancelled" };
    let child: SandboxProcess;
    try {
      child = this.#take(request.limits.memory);
    } catch (error) {
      return failed("unavailable", `the sandbox's process could not be started: ${error}`);
    }
    const refill = setTimeout(() => this.#refill(), SPARE_DELAY);
    try {
      return await this.#follow(child, request, events, signal);
    } finally {
      clearTimeout(refill);
      child.kill();
      this.#refill();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    process.off("exit", this.#killAll);
    this.#killAll();
    await Promise.all([...this.#children].map((child) => child.gone));
  }

  #refill(): void {
    if (this.#keepWarm) this.warm();
  }

  #start(rehearse: boolean): SandboxProcess {
    const child = new SandboxProcess(this.#options.folder, this.#memory, rehearse);
    this.#children.add(child);
    void child.gone.then(() => this.#children.delete(child));
    return child;
  }

  #take(memory: number): SandboxProcess {
    this.#memory = memory;
    const spare = this.#spare;
    this.#spare = null;
    if (spare?.alive && spare.memory === memory) return spare;
    spare?.kill();
    return this.#start(false);
  }

  #follow(
    child: SandboxProcess,
    request: RunRequest,
    events: RunEvents,
    signal: AbortSignal,
  ): Promise<RunResult> {
    const { seconds, memory, output } = request.limits;
    let printed = 0;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout;
      const settle = (result: RunResult): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        child.listen(() => {});
        resolve(result);
      };
      const cancel = (): void => settle({ kind: "cancelled" });
      const limit = (after: number, result: RunResult): void => {
        clearTimeout(timer);
        timer = setTimeout(() => settle(result), after * 1000);
      };
      signal.addEventListener("abort", cancel);
      limit(START_SECONDS, failed("crash", `the interpreter did not start within ${START_SECONDS} seconds`));
      child.send(toJob(request));
      child.listen((event: ChildEvent) => {
        switch (event.kind) {
          case "ready":
            return;
          case "started":
            return limit(seconds, failed("time", tooLong(seconds)));
          case "output":
            printed += event.output.text.length;
            // The child keeps the limit itself; one that does not is no longer ours.
            if (printed > output) return settle(failed("output", tooMuch(output)));
            return events.output(event.output);
          case "log":
            return this.#options.log(event.text);
          case "done":
            return settle(toResult(event.trace, event.exitCode, request.record));
          case "failed":
            if (event.reason === "output") return settle(failed("output", tooMuch(output)));
            return settle(
              failed(event.reason, event.reason === "crash" ? died(event.message) : event.message),
            );
          case "death":
            return settle(
              /heap out of memory|allocation failed/i.test(event.words)
                ? failed("memory", outOfMemory(memory))
                : failed("crash", died(event.words || String(event.signal ?? `exit code ${event.code}`))),
            );
          case "forgery":
            return settle(
              failed("sandbox", "the sandbox sent something that is not of its protocol; it was ended"),
            );
        }
      });
    });
  }
}

function failed(reason: (RunResult & { kind: "failed" })["reason"], message: string): RunResult {
  return { kind: "failed", reason, message };
}

const tooLong = (seconds: number): string =>
  `it ran for more than ${seconds} seconds, the time limit, and was ended; look for a loop that does not end, or raise the limit`;
const tooMuch = (bytes: number): string =>
  `it printed more than ${bytes} bytes, the output limit, and was ended; print less, or raise the limit`;
const outOfMemory = (bytes: number): string =>
  `it needed more than ${bytes} bytes of memory, the memory limit, and was ended; use smaller tensors, or raise the limit`;
const died = (how: string): string =>
  `the interpreter died (${how})${/call stack/.test(how) ? ": recursion without end does that" : ""}; the next run starts a new one`;

function toJob(request: RunRequest): Job {
  const { mode, blocks, argv, record, files, limits } = request;
  return {
    request: { mode, record, argv: [...argv], blocks: blocks.map(({ name, text }) => ({ name, text })) },
    files: Array.from(files, ([path, bytes]) => ({ path, base64: Buffer.from(bytes).toString("base64") })),
    output: limits.output,
  };
}

function toResult(json: string, exitCode: number, record: boolean): RunResult {
  if (!record) return { kind: "done", trace: null, exitCode };
  if (json === "") {
    return failed(
      "crash",
      `there is no trace, because the code ended the interpreter itself (as os._exit does) with exit code ${exitCode}`,
    );
  }
  try {
    return { kind: "done", trace: readTrace(json), exitCode };
  } catch (error) {
    return failed("crash", (error as Error).message);
  }
}
