/** What comes up from the child process: lines of JSON on its fd 3, each checked by the engine as it is read. */
import * as z from "zod";
import { Output } from "../../trace/schema.ts";

const Limit = z.enum(["time", "output"]);
export type Limit = z.infer<typeof Limit>;

export const Report = z.discriminatedUnion("kind", [
  /** The walls stand and the interpreter is up: a job can start at once. */
  z.object({ kind: z.literal("ready") }),
  /** The snippet starts now. */
  z.object({ kind: z.literal("started") }),
  z.object({ kind: z.literal("output"), output: Output }),
  /** The last value of a session's cell, as Python writes it. */
  z.object({ kind: z.literal("result"), text: z.string() }),
  /** A figure that was shown, as JSON: checked by the engine. */
  z.object({ kind: z.literal("figure"), text: z.string() }),
  /** Python is busy; writing this ends a child whose engine is gone. */
  z.object({ kind: z.literal("alive") }),
  /** A line for the log. */
  z.object({ kind: z.literal("log"), text: z.string() }),
  /**
   * `trace` is JSON, checked as a Trace by the engine; "" where there is none. `elements`: those of its large tensors, in
   * base64. `stopped`: by which limit.
   */
  z.object({
    kind: z.literal("done"),
    exitCode: z.int(),
    trace: z.string(),
    elements: z.string(),
    stopped: Limit.nullable(),
  }),
  /** Stopped by a limit, it went on all the same. */
  z.object({ kind: z.literal("unstoppable"), limit: Limit }),
  z.object({ kind: z.literal("failed"), reason: z.enum(["sandbox", "crash"]), message: z.string() }),
]);
export type Report = z.infer<typeof Report>;
