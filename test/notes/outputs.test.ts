import { describe, expect, test } from "vitest";
import { claimsOf, corrected, readings, sameOutput } from "../../notes/outputs.ts";

const note = (...lines: string[]) => lines.join("\n");
const claimed = (...lines: string[]) => claimsOf(note(...lines)).map(({ block, text }) => ({ block, text }));

describe("a fence claims to be a block's output", () => {
  test("where it has no label and stands right below it, inside a quote too", () => {
    expect(claimed("```python", "1", "```", "", "```", "1", "```")).toEqual([{ block: 0, text: "1\n" }]);
    expect(claimed("> ```python", "> 1", "> ```", ">", "> ```", "> 1", "> ```")).toEqual([
      { block: 0, text: "1\n" },
    ]);
  });

  test.each([
    ["text", true],
    ["output", true],
    ["Output", true],
    ["js", false],
    ["python", false],
  ])("labelled %s: %s", (label, is) => {
    expect(claimed("```python", "1", "```", `\`\`\`${label}`, "1", "```").length).toBe(is ? 1 : 0);
  });

  test("after a line that announces it, but not after other words, unless it says output", () => {
    const between = (words: string, label = "") =>
      claimed("```python", "1", "```", words, "", `\`\`\`${label}`, "1", "```").length;
    expect(between("It prints:")).toBe(1);
    expect(between("출력:")).toBe(1);
    expect(between("The rule is:")).toBe(0);
    expect(between("The rule is:", "output")).toBe(1);
    expect(between("# Another chapter")).toBe(0);
  });

  test("once for each block: a second fence is none, nor is one before the first block", () => {
    expect(claimed("```", "0", "```", "```python", "1", "```", "```", "1", "```", "```", "2", "```")).toEqual(
      [{ block: 0, text: "1\n" }],
    );
  });
});

describe("an output is the same", () => {
  test("whatever white space its lines end with", () => {
    expect(sameOutput("tensor([1.])  \n2\n", "tensor([1.])\n2\t")).toBe(true);
    expect(sameOutput("1\r\n2\r\n", "1\n2\n")).toBe(true);
  });

  test.each([
    ["tensor(1.)", "tensor(1)"],
    ["  1", "1"],
    ["1\n\n2", "1\n2"],
    ["1\n", "1\n\n"],
    ["A", "a"],
    ["1", ""],
  ])("but not where anything else differs: %j, %j", (claim, printed) => {
    expect(sameOutput(claim, printed)).toBe(false);
  });

  test("with a warning or without; of an exception with its last line or with its traceback", () => {
    const out = { stream: "stdout", text: "1\n" } as const;
    const warning = { stream: "stderr", text: "UserWarning\n" } as const;
    expect(readings({ chunks: [warning, out], error: null })).toEqual(["1\n", "UserWarning\n1\n"]);
    const trace = { stream: "stderr", text: "Traceback\nValueError: no\n" } as const;
    const error = { type: "ValueError", message: "no" };
    expect(readings({ chunks: [out, trace], error })).toEqual([
      "1\nValueError: no\n",
      "1\nTraceback\nValueError: no\n",
    ]);
  });
});

describe("the corrected fence", () => {
  const fixed = (printed: string, ...lines: string[]) => {
    const [claim] = claimsOf(note(...lines));
    if (claim === undefined) throw new Error("no claim");
    return corrected(lines, claim, printed);
  };

  test("keeps its label, its indentation and its quote", () => {
    expect(fixed("2\n", "```python", "1", "```", "```text", "1", "```")).toEqual(["```text", "2", "```"]);
    expect(fixed("2\n3\n", "> ```py", "> 1", "> ```", "> ```", "> ```")).toEqual([
      "> ```",
      "> 2",
      "> 3",
      "> ```",
    ]);
    expect(fixed("2", "- a", "", "  ```py", "  1", "  ```", "", "  ~~~", "  1", "  ~~~")).toEqual([
      "  ~~~",
      "  2",
      "  ~~~",
    ]);
  });

  test("is empty where nothing is printed, and is closed where it was not", () => {
    expect(fixed("", "```py", "1", "```", "```", "1")).toEqual(["```", "```"]);
  });

  test("is longer than any fence that is printed, so that it holds it", () => {
    const lines = fixed("a\n```\nb\n", "```py", "1", "```", "```", "1", "```");
    expect(lines).toEqual(["````", "a", "```", "b", "````"]);
    expect(claimed("```py", "1", "```", ...lines)).toEqual([{ block: 0, text: "a\n```\nb\n" }]);
  });
});
