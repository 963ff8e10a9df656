/** One job on one child process: its events become output and a result; limits and cancelling end it. */
import { readTrace } from "../../trace/read.ts";
import type { FailureReason, Limits, RunEvents, RunRequest, RunResult } from "../engine.ts";
import type { ChildEvent, Death, SandboxProcess } from "./child-process.ts";
import type { Job } from "./job.ts";
import type { Limit } from "./report.ts";
import { words } from "./words.ts";

/** A start takes about half a second; a machine that needs this long has another problem. */
const START_SECONDS = 60;
/** Milliseconds: what a timer can wait. */
const LONGEST_WAIT = 2 ** 31 - 1;
/** What a program that is being stopped has left for its own clean-up, and the child for the trace. */
const GRACE_SECONDS = 5;

/**
 * Sends the job and follows the child to its end. Null where the child died before the snippet started, so that
 * another may take the job. `log` takes the child's lines.
 */
export function followRun(
  child: SandboxProcess,
  request: RunRequest,
  events: RunEvents,
  signal: AbortSignal,
  log: (text: string) => void,
): Promise<RunResult | null> {
  const { limits } = request;
  const { seconds, memory, output } = limits;
  let started = false;
  let printed = 0;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const settle = (result: RunResult | null): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
      child.listen(() => {});
      resolve(result);
    };
    const cancel = (): void => settle({ kind: "cancelled" });
    const endAfter = (duration: number, result: RunResult): void => {
      clearTimeout(timer);
      timer = setTimeout(() => settle(result), Math.min(duration * 1000, LONGEST_WAIT));
    };
    /** Undefined where the run goes on. */
    const resultOf = (event: ChildEvent): RunResult | null | undefined => {
      switch (event.kind) {
        case "ready":
        case "alive":
          return undefined;
        case "started":
          started = true;
          // The child itself stops the program, and it can say where; this is for one that cannot be stopped.
          endAfter(seconds + GRACE_SECONDS, failed("time", words.tooLong(seconds)));
          return undefined;
        case "output":
          printed += event.output.text.length;
          // The child keeps the limit itself; one that does not is no longer ours.
          if (printed > output) return failed("output", words.tooMuchOutput(output));
          events.output(event.output);
          return undefined;
        case "log":
          log(event.text);
          return undefined;
        case "done": {
          const result = done(event.trace, event.exitCode, request.record);
          return event.stopped === null ? result : stoppedBy(event.stopped, limits, result);
        }
        case "unstoppable":
          return failed(event.limit, limitWords(event.limit, limits));
        case "failed":
          if (event.reason === "sandbox") return failed("sandbox", words.wallsMissing(event.message));
          return failed("crash", words.died(event.message));
        case "death":
          if (!started) return null;
          if (ranOutOfHeap(event)) return failed("memory", words.tooMuchMemory(memory));
          return failed("crash", words.died(lastWords(event)));
        case "forgery":
          return failed("sandbox", words.forged());
      }
    };
    signal.addEventListener("abort", cancel);
    endAfter(START_SECONDS, failed("crash", words.notStarted(START_SECONDS)));
    child.send(jobOf(request));
    child.listen((event) => {
      const result = resultOf(event);
      if (result !== undefined) settle(result);
    });
  });
}

function limitWords(limit: Limit, { seconds, output }: Limits): string {
  return limit === "time" ? words.tooLong(seconds) : words.tooMuchOutput(output);
}

/** With what was recorded, where that says at which expression the program was stopped. */
function stoppedBy(limit: Limit, limits: Limits, result: RunResult): RunResult {
  const failure = { kind: "failed", reason: limit, message: limitWords(limit, limits) } as const;
  const trace = result.kind === "done" ? result.trace : null;
  return trace?.error ? { ...failure, trace } : failure;
}

export function failed(reason: FailureReason, message: string): RunResult {
  return { kind: "failed", reason, message };
}

/** What is recorded of the run lies in V8's heap, and V8 ends the process when that is full. */
function ranOutOfHeap({ words }: Death): boolean {
  return /heap out of memory|allocation failed/i.test(words);
}

export function lastWords({ words, signal, code }: Death): string {
  return words.split("\n", 1)[0] || (signal ?? `exit code ${code}`);
}

function jobOf({ mode, blocks, argv, record, files, limits }: RunRequest): Job {
  return {
    request: { mode, record, argv: [...argv], blocks: blocks.map(({ name, text }) => ({ name, text })) },
    files: Array.from(files, ([path, bytes]) => ({ path, base64: Buffer.from(bytes).toString("base64") })),
    limits: {
      time: { limit: limits.seconds, words: words.tooLong(limits.seconds) },
      output: { limit: limits.output, words: words.tooMuchOutput(limits.output) },
    },
  };
}

function done(json: string, exitCode: number, record: boolean): RunResult {
  if (!record) return { kind: "done", trace: null, exitCode };
  if (json === "") return failed("crash", words.ended(exitCode));
  try {
    return { kind: "done", trace: readTrace(json), exitCode };
  } catch (error) {
    return failed("crash", words.brokenTrace((error as Error).message));
  }
}
