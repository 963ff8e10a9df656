/** What the embedded engine answers to checks and when asked for names. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runSnippet } from "../support/engine.ts";
import type { Said } from "./figure.ts";

const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");

const LIMITS = { seconds: 600, output: 1 << 28 };

/** Run one of the folder's programs with JSON on its standard input. */
async function ask(program: string, given: unknown): Promise<unknown> {
  const text = `import io, sys
sys.stdin = io.StringIO(${JSON.stringify(JSON.stringify(given))})
${read(program)}`;
  const { stdout, stderr, result } = await runSnippet(text, { record: false, limits: LIMITS });
  if (result.kind !== "done" || stdout === "")
    throw new Error(`${program}: ${stderr} ${JSON.stringify(result)}`);
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n", stdout.length - 2) + 1));
}

export async function answers(texts: readonly string[]): Promise<Record<string, Said>> {
  const said = (await ask("harness.py", texts)) as Said[];
  return Object.fromEntries(texts.map((text, i) => [text, said[i] as Said]));
}

export async function presence(names: readonly string[]): Promise<Record<string, string>> {
  const said = (await ask("presence.py", names)) as string[];
  return Object.fromEntries(names.map((name, i) => [name, said[i] as string]));
}
