/** Small programs about the backward pass: errors, freeing, accumulation, in-place changes, against PyTorch. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { runSnippet } from "../support/engine.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const programs = readFileSync(file("programs.py"), "utf8");
const names = [...programs.matchAll(/^# %% (.*)$/gm)].map((match) => match[1] as string);

describeAgainstPyTorch("programs about the backward pass", (python) => {
  let expected: Readonly<Record<string, string>>;
  let got: Readonly<Record<string, string>>;
  beforeAll(async () => {
    expected = JSON.parse(
      execFileSync(python, [file("cells.py"), file("programs.py")], { encoding: "utf8" }),
    ) as Record<string, string>;
    const run = await runSnippet(readFileSync(file("cells.py"), "utf8"), {
      argv: ["cells.py", "programs.py"],
      files: { "programs.py": programs },
      record: false,
      limits: { seconds: 120 },
    });
    expect(run.stderr).toBe("");
    got = JSON.parse(run.stdout) as Record<string, string>;
  }, 240_000);

  test.each(names)("%s: as PyTorch", (name) => {
    expect(expected[name]).toBeDefined();
    expect(got[name]).toBe(expected[name]);
  });
});
