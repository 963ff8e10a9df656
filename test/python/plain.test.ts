/** What instrumentation must not change: output, tracebacks and carets, exit codes of programs without tensors. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { anyPython, runPython } from "../support/pytorch.ts";

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

const results =
  anyPython === null
    ? []
    : (runPython(anyPython, fileURLToPath(new URL("plain.py", import.meta.url)), null) as readonly (readonly [
        string,
        Ran,
        Ran,
        number,
      ])[]);
if (anyPython === null) console.log("not checked: instrumented programs against plain Python (no python3)");

describe("a program runs instrumented as it does plain", () => {
  test.each(results.map(([name, plain, instrumented]) => [name, plain, instrumented] as const))(
    "%s",
    (_, plain, instrumented) => {
      expect(instrumented).toEqual(plain);
    },
  );

  test.runIf(results.length > 0)("and its expressions are reported", () => {
    const reported = results.reduce((sum, [, , , seen]) => sum + seen, 0);
    expect(reported).toBeGreaterThan(500);
  });
});
