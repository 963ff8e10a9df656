/** One job on one child process: its events become output and a result; limits and cancelling end it. */
import { base64Of, bytesOf } from "../../trace/base64.ts";
import { Figure } from "../../trace/figure.ts";
import { readTrace } from "../../trace/read.ts";
import type { FailureReason, Limits, RunEvents, RunRequest, RunResult } from "../engine.ts";
import { holdElements } from "../side-file.ts";
import { words } from "../words.ts";
import type { Job } from "./job.ts";
import type { Limit, Report } from "./report.ts";
import type { ChildEvent, Death, Sandboxed } from "./sandboxed.ts";

/** A start takes about half a second; a machine that needs this long has another problem. */
const START_SECONDS = 60;
/** Milliseconds: what a timer can wait. */
const LONGEST_WAIT = 2 ** 31 - 1;
/** What a program that is being stopped has left for its own clean-up, and the child for the trace. */
const GRACE_SECONDS = 5;

/**
 * Sends the job and follows the child to its end. Null where the child died before the snippet started, so that
 * another may take the job. `log` takes the child's lines. With `keep` the child stays, for the next cell.
 */
export function followRun(
  child: Sandboxed,
  request: RunRequest,
  events: RunEvents,
  signal: AbortSignal,
  log: (text: string) => void,
  keep = false,
): Promise<RunResult | null> {
  const { limits } = request;
  const { seconds, memory, output } = limits;
  let started = false;
  let printed = 0;
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout>;
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
        case "result":
          events.result?.(event.text);
          return undefined;
        case "figure": {
          const figure = figureOf(event.text);
          if (figure === null) return failed("sandbox", words.forged());
          events.figure?.(figure);
          return undefined;
        }
        case "log":
          log(event.text);
          return undefined;
        case "done": {
          const result = done(event, request.record);
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
    child.send(jobOf(request, keep), keep);
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

export function lastWords({ words, how }: Death): string {
  return words.split("\n", 1)[0] || how;
}

function jobOf(
  { mode, blocks, argv, record, check, files, packages = new Map(), limits }: RunRequest,
  keep: boolean,
): Job {
  const code = blocks.map(({ name, text }) => ({ name, text }));
  return {
    request: {
      mode,
      record,
      argv: [...argv],
      blocks: code,
      ...(keep ? { keep } : {}),
      ...(check === true ? { check } : {}),
    },
    packages: Array.from(packages, ([name, bytes]) => ({ name, base64: base64Of(bytes) })),
    files: Array.from(files, ([path, bytes]) => ({ path, base64: base64Of(bytes) })),
    limits: {
      time: { limit: limits.seconds, words: words.tooLong(limits.seconds) },
      output: { limit: limits.output, words: words.tooMuchOutput(limits.output) },
    },
  };
}

/** Null where it is none. */
function figureOf(text: string): Figure | null {
  try {
    return Figure.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function done({ trace, elements, exitCode }: Extract<Report, { kind: "done" }>, record: boolean): RunResult {
  if (!record) return { kind: "done", trace: null, exitCode };
  if (trace === "") return failed("crash", words.ended(exitCode));
  try {
    const kept = holdElements(readTrace(trace), bytesOf(elements));
    return { kind: "done", trace: kept, exitCode };
  } catch (error) {
    return failed("crash", words.brokenTrace((error as Error).message));
  }
}
