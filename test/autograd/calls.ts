/**
 * Programs that make many calls and print as JSON what came out of each: what PyTorch answers to them, asked now where
 * it is installed, else as it answered when that was recorded.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { runSnippet } from "../support/engine.ts";
import { pytorch } from "../support/pytorch.ts";

/** The programs: test/autograd/NAME_calls.py, recorded as test/recorded/NAME.json.gz. */
export type Calls = "random" | "creation";

export interface Answers {
  readonly torch: string;
  /** By call: what came out of it, or the exception. */
  readonly results: Readonly<Record<string, unknown>>;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const programOf = (name: Calls): string => path(`${name}_calls.py`);

export const recorded = (name: Calls): Answers =>
  JSON.parse(gunzipSync(readFileSync(path(`../recorded/${name}.json.gz`))).toString("utf8")) as Answers;

/** PyTorch's. */
export function theirs(name: Calls): Answers {
  if (pytorch === null) return recorded(name);
  return JSON.parse(
    execFileSync(pytorch, [programOf(name)], { encoding: "utf8", maxBuffer: 2 ** 28 }),
  ) as Answers;
}

/** The embedded engine's. */
export async function ours(name: Calls): Promise<Answers> {
  const run = await runSnippet(readFileSync(programOf(name), "utf8"), {
    record: false,
    limits: { seconds: 300, output: 2 ** 28 },
  });
  if (run.exitCode !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Answers;
}

/** Which PyTorch, in words. */
export const whose = (name: Calls): string =>
  pytorch === null ? `recorded answers of PyTorch ${recorded(name).torch}` : "live PyTorch";
