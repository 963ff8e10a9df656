/**
 * The child's ends of the pipes to the engine. All is synchronous: before the job there is nothing else to do, and
 * during it Python is busy on the only thread.
 */
import { readSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { INTERRUPT } from "./job.ts";
import type { Report } from "./report.ts";

const JOBS = 0;
const REPORTS = 3;
/** Ms between two looks at a pipe that is not ready. */
const PAUSE = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** What of the lines has been read and not been taken. */
let unread = "";

/** Again and again until the pipe is ready; a pipe that is gone means that the engine is, so the child ends. */
function persist(attempt: () => number): number {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") process.exit(1);
      Atomics.wait(pause, 0, 0, PAUSE);
    }
  }
}

/** Write one line, whole, before the call returns. */
export function report(message: Report): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) at += persist(() => writeSync(REPORTS, line, at));
}

/** Wait for the next job that the engine sends; a plea to stop that comes too late is passed over. */
export function takeJob(): string {
  const chunk = Buffer.allocUnsafe(1 << 16);
  const decoder = new StringDecoder();
  const parts: string[] = [unread];
  for (;;) {
    const text = parts.at(-1) ?? "";
    if (text.includes("\n")) {
      const [line = "", ...rest] = parts.splice(0).join("").split("\n");
      unread = rest.join("\n");
      if (line !== INTERRUPT) return line;
      parts.push(unread);
      continue;
    }
    const read = persist(() => readSync(JOBS, chunk, 0, chunk.length, null));
    if (read === 0) process.exit(0);
    parts.push(decoder.write(chunk.subarray(0, read)));
  }
}

/** From now on a look at the pipe of jobs does not wait. */
export function listenForInterrupts(): void {
  // Node opens a pipe that it is to read from as one that never blocks.
  void process.stdin;
}

/** Has the engine asked to stop? Only after `listenForInterrupts`. */
export function interrupted(): boolean {
  const chunk = Buffer.allocUnsafe(64);
  try {
    const read = readSync(JOBS, chunk, 0, chunk.length, null);
    if (read === 0) process.exit(0);
    return chunk.toString("utf8", 0, read).includes(INTERRUPT);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EOF") process.exit(0);
    return false;
  }
}
