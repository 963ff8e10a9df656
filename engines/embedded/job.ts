/**
 * What goes down to the child process, once: a line of JSON on its stdin. Written with zod's small form, because
 * the child loads it at every start.
 */
import * as z from "zod/mini";

/** The line by which the engine asks a session's cell to stop. */
export const INTERRUPT = "interrupt";

/** A path below the snippet's folder: relative, POSIX, no way up. */
export const FilePath = z.string().check(
  z.maxLength(1024),
  z.refine(
    (path) =>
      path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !/[\0\\]/.test(path),
    "must be a relative POSIX path below the snippet's folder",
  ),
);

/** A wheel's file name. */
const WheelName = z.string().check(z.regex(/^[A-Za-z0-9._+-]{1,200}\.whl$/));

export const Job = z.object({
  /** As `backstep_run.run` takes it. */
  request: z.object({
    mode: z.enum(["script", "note"]),
    blocks: z.array(z.object({ name: z.string(), text: z.string() })),
    argv: z.array(z.string()),
    record: z.boolean(),
    /** Check the gradients that are recorded. */
    check: z.optional(z.literal(true)),
    /** It is the next cell of a session: what it makes stays, and the process waits for another. */
    keep: z.optional(z.literal(true)),
  }),
  packages: z.array(z.object({ name: WheelName, base64: z.base64() })),
  files: z.array(z.object({ path: FilePath, base64: z.base64() })),
  /** Seconds; bytes of printed output. What Python raises where one is passed has these words. */
  limits: z.object({
    time: z.object({ limit: z.number().check(z.positive()), words: z.string() }),
    output: z.object({ limit: z.int().check(z.nonnegative()), words: z.string() }),
  }),
});
export type Job = z.infer<typeof Job>;
