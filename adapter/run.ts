/** Small pieces that every host needs: a run that gives a trace or says why not, and Python that shows its value. */
import * as l10n from "@vscode/l10n";
import { DEFAULT_LIMITS, type Engine, type RunRequest } from "../engines/engine.ts";
import type { Output, Trace } from "../trace/schema.ts";
import type { Events } from "./walk.ts";

/** Why there is no other run of what a walk shows. */
export const notRunnable = (): Error =>
  new Error(l10n.t("an opened trace cannot be run again: launch its program instead"));
export const cancelled = (): Error => new Error(l10n.t("the run was cancelled"));

/** The trace of a run. Throws in words where there is none. */
export async function traceOf(
  engine: Engine,
  request: RunRequest,
  events: Events,
  signal: AbortSignal,
): Promise<Trace> {
  const result = await engine.run(request, events, signal);
  if (result.kind === "cancelled") throw cancelled();
  if (result.kind === "failed") throw new Error(result.message);
  if (result.trace === null) throw new Error(l10n.t("the engine {0} recorded no trace", engine.name));
  return result.trace;
}

/** What a piece of Python shows, as a notebook cell would. Throws what it raises, in Python's last line of it. */
export async function shownBy(engine: Engine, code: string, signal: AbortSignal): Promise<string> {
  const printed: Output[] = [];
  const request: RunRequest = {
    mode: "note",
    blocks: [{ name: "<expression>", text: code }],
    files: new Map(),
    argv: ["<expression>"],
    record: false,
    limits: DEFAULT_LIMITS,
  };
  const result = await engine.run(request, { output: (chunk) => printed.push(chunk) }, signal);
  const text = (stream: Output["stream"]): string =>
    printed.flatMap((chunk) => (chunk.stream === stream ? [chunk.text] : [])).join("");
  if (result.kind === "cancelled")
    throw new Error(l10n.t("it was cancelled, or took too long and was ended"));
  if (result.kind === "failed") throw new Error(result.message);
  if (result.exitCode !== 0)
    throw new Error(text("stderr").trim().split("\n").at(-1) ?? l10n.t("it raised an exception"));
  return text("stdout");
}
