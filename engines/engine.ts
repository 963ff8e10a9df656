/** What every engine offers: run code, stream its output, give a Trace. Nothing here knows which engine it is. */
import type { Figure } from "../trace/figure.ts";
import type { Output, Trace } from "../trace/schema.ts";

/** A piece of Python to run; pieces of one request run in order and share their globals. */
export interface CodeBlock {
  /** What tracebacks call it. */
  readonly name: string;
  readonly text: string;
}

export interface RunRequest {
  /**
   * `script` behaves as `python FILE`: nothing is shown but what it prints, and `import torch` is its own
   * affair. `note` behaves as a notebook: the last expression of each block is shown, torch is imported.
   */
  readonly mode: "script" | "note";
  readonly blocks: readonly CodeBlock[];
  /** Read-only copies of files beside the snippet, by POSIX path relative to its folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Wheels that the embedded engine adds to its interpreter, by file name, what others need first. */
  readonly packages?: ReadonlyMap<string, Uint8Array>;
  /** The folder itself, for an engine that runs on the machine's own files; without it such an engine copies `files`. */
  readonly folder?: string;
  /** The working directory of such an engine; without it the folder. */
  readonly cwd?: string;
  /** `sys.argv`, program name first. */
  readonly argv: readonly string[];
  /** Record a Trace (`trace`), or only run (`run`, faster; the result's trace is null). */
  readonly record: boolean;
  /** Hold the recorded gradients against finite differences (`Step.checks`); only the embedded engine can. */
  readonly check?: boolean;
  readonly limits: Limits;
}

export interface Limits {
  /** Wall-clock seconds; the run is ended when they have passed. */
  readonly seconds: number;
  /** Bytes of memory that the code may use. */
  readonly memory: number;
  /** Bytes of printed output. */
  readonly output: number;
}

export const DEFAULT_LIMITS: Limits = { seconds: 30, memory: 1 << 30, output: 1 << 20 };

/** How a run ended. A Python exception is not a failure of the run: `done`, with `trace.error` set. */
export type RunResult =
  | { readonly kind: "done"; readonly trace: Trace | null; readonly exitCode: number }
  | { readonly kind: "cancelled" }
  /** A limit was passed, the sandbox refused to start, the interpreter died: the reason and what to do, in words. */
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly message: string;
      /** What was recorded until then, where it could still be told; its `error` says where the program was. */
      readonly trace?: Trace;
    };

export type FailureReason = "time" | "memory" | "output" | "sandbox" | "crash" | "unavailable";

export interface RunEvents {
  /** Called as output is printed, in order. */
  output(chunk: Output): void;
  /** The value that a cell of a session ends with, as Python writes it. */
  result?(text: string): void;
  /** A figure that the program shows; those of a recorded run are in its trace too. */
  figure?(figure: Figure): void;
}

export interface Engine {
  readonly name: Trace["engine"]["name"];
  /** Get ready in the background, so that the next run starts at once. */
  warm(): void;
  run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult>;
  dispose(): Promise<void>;
}

/** An interpreter that stays: cells run in it one after another, and each sees what those before it made. */
export interface EngineSession {
  /** False once the interpreter is gone, and with it what the cells made. */
  readonly alive: boolean;
  /**
   * Run one cell (mode `note`; each block with a name that no other had). The trace is of the session so far; its
   * `error` is that of this cell. Cells must not overlap; a signal that is aborted ends the interpreter.
   */
  run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult>;
  /** Raise KeyboardInterrupt in the cell that is running; what was made stays. */
  interrupt(): void;
  dispose(): void;
}
