/** One sandboxed interpreter as the engine sees it, whatever it lives in: a child process, or a worker in the browser. */
import type { Job } from "./job.ts";
import type { Report } from "./report.ts";

/** How it ended without having said so itself, in words. */
export interface Death {
  readonly kind: "death";
  /** Its last words, cut; "" where it left none. */
  readonly words: string;
  /** How it went: `SIGKILL`, `exit code 1`. */
  readonly how: string;
}
/** What it sent is not of the protocol: it cannot be trusted any more. */
export interface Forgery {
  readonly kind: "forgery";
}
export type ChildEvent = Report | Death | Forgery;

export interface Sandboxed {
  /** Bytes by which Python and the tensors may each grow. */
  readonly memory: number;
  readonly alive: boolean;
  /** Resolves when it is gone, with how it went. */
  readonly gone: Promise<Death>;
  /** Who hears of it; events before this is called wait. */
  listen(listener: (event: ChildEvent) => void): void;
  /** `keep`: more jobs may follow. */
  send(job: Job, keep?: boolean): void;
  /** Ask the cell of a session that is running to stop: Python raises KeyboardInterrupt. */
  interrupt(): void;
  kill(): void;
}

/** Starts one. `rehearse`: there is time until the job comes. */
export type Start = (memory: number, rehearse: boolean) => Sandboxed;
