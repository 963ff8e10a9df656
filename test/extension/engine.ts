/** An engine whose runs end when the test says so, and a job for it. */
import {
  DEFAULT_LIMITS,
  type Engine,
  type RunEvents,
  type RunRequest,
  type RunResult,
} from "../../engines/engine.ts";
import type { Job } from "../../extension/session.ts";
import { pieceOf } from "../../extension/source/pieces.ts";
import { squareSum } from "../support/traces.ts";

export const URI = "file:///a.py";
const TEXT = "x = 1\ny = x";
export const LINES = TEXT.split("\n");

export const job = (title = "a.py"): Job => ({
  title,
  mode: "script",
  pieces: [pieceOf(URI, "a.py", TEXT, 0, LINES)],
  files: new Map([["helper.py", new Uint8Array()]]),
  uriOf: (file) => (file === "helper.py" ? `file:///${file}` : null),
  limits: DEFAULT_LIMITS,
});

export class HandEngine implements Engine {
  readonly name = "embedded";
  readonly requests: RunRequest[] = [];
  readonly #ends: ((result: RunResult) => void)[] = [];
  print: (text: string) => void = () => {};
  warm(): void {}
  async dispose(): Promise<void> {}
  run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult> {
    this.requests.push(request);
    this.print = (text) => events.output({ stream: "stdout", text, source: 0 });
    return new Promise((resolve) => {
      this.#ends.push(resolve);
      signal.addEventListener("abort", () => resolve({ kind: "cancelled" }));
    });
  }
  end(run: number, result: RunResult): void {
    this.#ends[run]?.(result);
  }
}

export const done = (trace = squareSum()): RunResult => ({ kind: "done", trace, exitCode: 0 });
