/** What every engine offers: run code, stream its output, give a Trace. Nothing here knows which engine it is. */
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
  /** The folder itself, for an engine that runs on the machine's own files; without it such an engine copies `files`. */
  readonly folder?: string;
  /** `sys.argv`, program name first. */
  readonly argv: readonly string[];
  /** Record a Trace (`trace`), or only run (`run`, faster; the result's trace is null). */
  readonly record: boolean;
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
}

export interface Engine {
  readonly name: Trace["engine"]["name"];
  /** Get ready in the background, so that the next run starts at once. */
  warm(): void;
  run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult>;
  dispose(): Promise<void>;
}
