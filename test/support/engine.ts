/** The built embedded engine, for tests: `npm run build` comes first. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  DEFAULT_LIMITS,
  type Engine,
  type Limits,
  type RunRequest,
  type RunResult,
} from "../../engines/engine.ts";
import { createEngine } from "../../engines/index.ts";
import type { Output, Trace } from "../../trace/schema.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

export interface SnippetOptions {
  readonly mode?: RunRequest["mode"];
  readonly files?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  readonly record?: boolean;
  readonly check?: boolean;
  readonly limits?: Partial<Limits>;
}

export interface SnippetResult {
  readonly result: RunResult;
  readonly output: readonly Output[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Throws, with how the run ended, where there is none. */
  readonly trace: Trace;
}

let engine: Engine | undefined;

/** One engine for the whole test file; nothing is kept ready, so that a machine of few cores runs each test alone. */
export function embeddedEngine(): Engine {
  if (!existsSync(`${DIST}embedded/snapshot.bin`)) throw new Error("dist/ is not built: run `npm run build`");
  engine ??= createEngine("embedded", { assets: DIST, log: () => {} });
  return engine;
}

export function request(
  text: string | readonly string[],
  {
    mode = "script",
    files = {},
    argv = ["snippet.py"],
    record = true,
    check = false,
    limits = {},
  }: SnippetOptions = {},
): RunRequest {
  const texts = typeof text === "string" ? [text] : text;
  return {
    mode,
    blocks: texts.map((block, i) => ({
      name: texts.length === 1 ? "snippet.py" : `note.md#${i + 1}`,
      text: block,
    })),
    files: new Map(Object.entries(files).map(([path, content]) => [path, new TextEncoder().encode(content)])),
    argv,
    record,
    check,
    limits: { ...DEFAULT_LIMITS, ...limits },
  };
}

/** Run Python (one block or several) in the sandbox. */
export async function runSnippet(
  text: string | readonly string[],
  options: SnippetOptions = {},
): Promise<SnippetResult> {
  const output: Output[] = [];
  const result = await embeddedEngine().run(
    request(text, options),
    { output: (chunk) => output.push(chunk) },
    new AbortController().signal,
  );
  const printed = (stream: Output["stream"]): string =>
    output
      .filter((chunk) => chunk.stream === stream)
      .map((chunk) => chunk.text)
      .join("");
  return {
    result,
    output,
    stdout: printed("stdout"),
    stderr: printed("stderr"),
    exitCode: result.kind === "done" ? result.exitCode : -1,
    get trace() {
      if (result.kind !== "done" || result.trace === null)
        throw new Error(`no trace: ${JSON.stringify(result)}`);
      return result.trace;
    },
  };
}
