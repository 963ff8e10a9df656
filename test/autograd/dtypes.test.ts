/**
 * Every op row's samples at every dtype against PyTorch: values, gradients, and the error, type and message, where
 * PyTorch has one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { runSnippet } from "../support/engine.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";
import { differ, pythonFloat } from "./compare.ts";
import { ask, HARNESS } from "./reference.ts";
import { type Answer, type Mode, SAMPLES } from "./samples.ts";

const harness = readFileSync(HARNESS, "utf8");

/** Floats of these have few digits: where PyTorch rounds in between, a value may be some last places off. */
const RELATIVE: Readonly<Record<string, number>> = { float16: 4e-3, bfloat16: 4e-2 };

const MODES = ["float16", "bfloat16", "int32", "int8", "uint8", "bool", "index_int32", "index_uint8"].map(
  (dtype) => `plain:${dtype}` as Mode,
);

/** Samples for which a difference is known, with the dtypes and the reason. */
const KNOWN: readonly (readonly [sample: RegExp, dtypes: RegExp, reason: string])[] = [
  [/addmm\(|layer_norm|batch_norm/, /bfloat16/, "PyTorch rounds within its kernel, in an order of its own"],
  [/binary_cross_entropy\(|batch_norm/, /bfloat16/, "PyTorch refuses tensors of two dtypes"],
  [/binary_cross_entropy_with_logits/, /int|bool/, "an integer logit is computed with in float"],
  [/\.diag\(\)/, /float16/, "PyTorch asks for the dtype before the shape"],
  [/conv1d\(m, m\[None\]/, /bool/, "PyTorch asks for the kernel before the dtypes"],
];

/**
 * Differences that are open, by mode: samples of rows that came after the other types did. With BACKSTEP_RECORD=1 the
 * list is written anew; it may only grow shorter.
 */
const LIST = fileURLToPath(new URL("dtypes-open.json", import.meta.url));
const OPEN = JSON.parse(readFileSync(LIST, "utf8")) as Readonly<Record<string, readonly string[]>>;
const open: Record<string, string[]> = {};
afterAll(() => {
  if (process.env.BACKSTEP_RECORD === "1") writeFileSync(LIST, `${JSON.stringify(open, null, 2)}\n`);
});

describeAgainstPyTorch("samples at other dtypes", (python) => {
  test.each(MODES)(
    "%s: values, gradients and errors are PyTorch's",
    async (mode) => {
      const run = await runSnippet(harness, {
        argv: ["harness.py", mode, "samples.json"],
        files: { "samples.json": JSON.stringify(SAMPLES) },
        record: false,
        limits: { seconds: 300, output: 2 ** 28 },
      });
      const ours = (JSON.parse(run.stdout) as Answer).results;
      const theirs = ask(python, mode, SAMPLES).results;
      const dtype = mode.split(":")[1] as string;
      const wrong = SAMPLES.flatMap((sample, i) => {
        if (KNOWN.some(([text, dtypes]) => text.test(sample) && dtypes.test(dtype))) return [];
        const line = differ(ours[i], theirs[i]).find((text) => !near(text, RELATIVE[dtype] ?? 0));
        return line === undefined ? [] : [{ sample, line: `${sample}: ${line}` }];
      });
      if (process.env.BACKSTEP_RECORD === "1") open[mode] = wrong.map(({ sample }) => sample);
      const listed = new Set(OPEN[mode] ?? []);
      expect(wrong.filter(({ sample }) => !listed.has(sample)).map(({ line }) => line)).toEqual([]);
    },
    600_000,
  );
});

/** Whether a line of difference is of two floats that are close enough. */
function near(line: string, relative: number): boolean {
  const [, x = "", y = ""] = /: "([^"]+)", PyTorch has "([^"]+)"$/.exec(line) ?? [];
  const [a, b] = [pythonFloat(x), pythonFloat(y)];
  if (a === null || b === null) return false;
  return Math.abs(a - b) <= relative * (1 + Math.max(Math.abs(a), Math.abs(b)));
}
