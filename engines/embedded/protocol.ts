/**
 * The lines between the engine and its child process: one JSON object a line, checked on both sides. Down (the
 * child's stdin) goes one request; up (the child's fd 3) come its readiness, what is printed, and how it ended.
 */
import { z } from "zod";
import { Output } from "../../trace/schema.ts";

const count = z.int().nonnegative();

/** A path below the snippet's folder: relative, POSIX, no way up. */
export const FilePath = z
  .string()
  .max(1024)
  .refine(
    (path) =>
      path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !/[\0\\]/.test(path),
    "must be a relative POSIX path below the snippet's folder",
  );

/** Parent → child, once. */
export const Job = z.object({
  /** As `backstep_run.run` takes it. */
  request: z.object({
    mode: z.enum(["script", "note"]),
    blocks: z.array(z.object({ name: z.string(), text: z.string() })),
    argv: z.array(z.string()),
    record: z.boolean(),
  }),
  /** Path to base64. */
  files: z.array(z.object({ path: FilePath, base64: z.base64() })),
  limits: z.object({ memory: count, output: count }),
});
export type Job = z.infer<typeof Job>;

/** Child → parent. */
export const Report = z.discriminatedUnion("kind", [
  /** The walls stand and the interpreter is up: a job can start at once. */
  z.object({ kind: z.literal("ready") }),
  /** The snippet starts now. */
  z.object({ kind: z.literal("started") }),
  z.object({ kind: z.literal("output"), output: Output }),
  /** A line for the log. */
  z.object({ kind: z.literal("log"), text: z.string() }),
  /** `trace` is JSON, checked as a Trace by the parent; "" where there is none. */
  z.object({ kind: z.literal("done"), exitCode: z.int(), trace: z.string() }),
  z.object({
    kind: z.literal("failed"),
    reason: z.enum(["output", "sandbox", "crash"]),
    message: z.string(),
  }),
]);
export type Report = z.infer<typeof Report>;
