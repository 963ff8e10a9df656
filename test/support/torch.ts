/** Real PyTorch as the judge; where it is missing, what it would have judged is reported as not checked. */
import { spawnSync } from "node:child_process";
import { test } from "vitest";

/** The Python on the path, or the system's, where the distribution's package puts torch. */
const python = ["python3", "/usr/bin/python3"].find(
  (path) => spawnSync(path, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
);

/**
 * A test against PyTorch. `ask` runs Python code in which `torch` and `given` (the JSON of its second argument) exist, and
 * gives what the code assigns to `answer`, through JSON; NaN and infinities cross as such.
 */
export function testWithTorch(
  name: string,
  body: (ask: (code: string, given?: unknown) => unknown) => void | Promise<void>,
): void {
  if (python !== undefined) test(name, () => body((code, given) => ask(python, code, given)));
  else {
    const missing = `not checked, since there is no python3 with torch: ${name}`;
    test(missing, () => console.log(missing));
  }
}

function ask(python: string, code: string, given: unknown = null): unknown {
  const program = `import json, sys, torch\ngiven = json.load(sys.stdin)\n${code}\njson.dump(answer, sys.stdout)`;
  const { status, stdout, stderr } = spawnSync(python, ["-c", program], {
    input: strict(given),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${python} failed: ${stderr}`);
  return JSON.parse(quoted(stdout), (_, value) => (value in NUMBERS ? NUMBERS[value as Special] : value));
}

const NUMBERS = { "#NaN": Number.NaN, "#Infinity": Infinity, "#-Infinity": -Infinity };
type Special = keyof typeof NUMBERS;

/** Python's JSON has bare NaN, Infinity and -Infinity, and -0.0; no string in answers holds these words. */
const quoted = (json: string): string => json.replace(/-?\b(?:NaN|Infinity)\b/g, '"#$&"');

function strict(value: unknown): string {
  const text = JSON.stringify(value, (_, x) =>
    typeof x === "number" && (!Number.isFinite(x) || Object.is(x, -0))
      ? `#${Object.is(x, -0) ? "-0.0" : x}`
      : x,
  );
  return text.replace(/"#(-?[\w.]+)"/g, "$1");
}
