/** The child's side of the pipe to the engine: whole lines, written before the call returns. */
import { writeSync } from "node:fs";
import type { Report } from "./protocol.ts";

const PIPE = 3;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Python is busy on the only thread, so nothing may wait for an event loop. */
export function report(message: Report): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) {
    try {
      at += writeSync(PIPE, line, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") process.exit(1);
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}
