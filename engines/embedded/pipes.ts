/**
 * The child's ends of the pipes to the engine. All is synchronous: before the job there is nothing else to do, and
 * during it Python is busy on the only thread.
 */
import { readSync, writeSync } from "node:fs";
import type { Report } from "./report.ts";

const JOBS = 0;
const REPORTS = 3;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Again and again until the pipe is ready; a pipe that is gone means that the engine is, so the child ends. */
function persist(attempt: () => number): number {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") process.exit(1);
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/** Write one line, whole, before the call returns. */
export function report(message: Report): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) at += persist(() => writeSync(REPORTS, line, at));
}

/** Wait for the one line that the engine sends. */
export function takeJob(): string {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(1 << 16);
    const read = persist(() => readSync(JOBS, chunk, 0, chunk.length, null));
    if (read === 0) process.exit(0);
    chunks.push(chunk.subarray(0, read));
    if (chunk[read - 1] === 0x0a) return Buffer.concat(chunks).toString();
  }
}
