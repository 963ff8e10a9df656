/** The process around a run: its streams, Ctrl-C, and the exit code that says how it ended. */

import type { Engine, RunEvents, RunRequest, RunResult } from "../engines/engine.ts";
import { figureName, figureRemark } from "../trace/figure.ts";
import { ENGLISH } from "../trace/l10n.ts";

/** Exit codes besides Python's own. */
export const EXIT = { usage: 2, failed: 3, interrupted: 130, brokenPipe: 141, terminated: 143 } as const;

/** Aborted when nobody reads what is printed any more. */
const pipes = new AbortController();
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exitCode ||= EXIT.brokenPipe;
    pipes.abort();
  });

export const complain = (message: string): void => {
  process.stderr.write(`backstep: ${message}\n`);
};

/**
 * Run with output appearing as it is printed (`print` takes its standard output, `printError` its standard error). Ctrl-C and a
 * closed pipe cancel it. Returns the result, or null where it did not come to an end and `process.exitCode`
 * says so already.
 */
export async function runToEnd(
  engine: Engine,
  request: RunRequest,
  print: (text: string) => void,
  printError: (text: string) => void = (text) => process.stderr.write(text),
): Promise<(RunResult & { kind: "done" }) | null> {
  const abort = new AbortController();
  const cancelWith = (code: number) => () => {
    process.exitCode ??= code;
    abort.abort();
  };
  const interrupt = cancelWith(EXIT.interrupted);
  const terminate = cancelWith(EXIT.terminated);
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  const events: RunEvents = {
    output: ({ stream, text }) => {
      if (stream === "stdout") print(text);
      else printError(text);
    },
    figure(figure) {
      const name = figureName(figure);
      const remark = figureRemark(figure, ENGLISH);
      const named = name === "" ? "" : ` ("${name}")`;
      complain(`a figure was made${named}; the panel draws it.${remark === "" ? "" : ` ${remark}`}`);
    },
  };
  try {
    const result = await engine.run(request, events, AbortSignal.any([abort.signal, pipes.signal]));
    if (result.kind === "done") return result;
    if (result.kind === "failed") {
      complain(result.message);
      process.exitCode ??= EXIT.failed;
    }
    return null;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", terminate);
    // It has ended its processes when this returns; nobody need wait until they are gone.
    void engine.dispose();
  }
}

/** End the process when all that was written has been taken. */
export async function leave(): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
  );
  process.exit();
}
