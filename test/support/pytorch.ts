/** The installed PyTorch, as the judge: finding it, and saying in words where a comparison could not be made. */
import { execFileSync, spawnSync } from "node:child_process";
import { describe } from "vitest";

const CANDIDATES = [process.env.BACKSTEP_TEST_PYTHON, "/usr/bin/python3", "python3"];

/** A Python that can `import torch`; null where there is none. */
export const pytorch: string | null =
  CANDIDATES.find(
    (python) =>
      python !== undefined && spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
  ) ?? null;

/** A suite that compares with PyTorch. Without PyTorch it is reported as not checked. */
export function describeAgainstPyTorch(name: string, suite: (python: string) => void): void {
  if (pytorch !== null) describe(name, () => suite(pytorch as string));
  else
    describe(name, () => {
      console.log(`not checked: ${name} (no python3 with torch)`);
    });
}

/** Any Python, for what needs the standard library only. */
export const anyPython: string | null =
  CANDIDATES.find(
    (python) => python !== undefined && spawnSync(python, ["-c", "pass"], { stdio: "ignore" }).status === 0,
  ) ?? null;

/** Run a Python file with JSON on its standard input; the JSON that it prints. */
export function runPython(
  python: string,
  file: string,
  input: unknown,
  args: readonly string[] = [],
): unknown {
  const printed = execFileSync(python, [file, ...args], {
    input: JSON.stringify(input),
    maxBuffer: 1 << 28,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "inherit"],
    // A judge that hangs fails its tests, and no more.
    timeout: 600_000,
  });
  return JSON.parse(printed);
}
