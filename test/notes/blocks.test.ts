import { expect, test } from "vitest";
import { pythonBlocks } from "../../notes/blocks.ts";

const blocks = (...lines: string[]) => pythonBlocks(lines.join("\n"));

test("Python fences are found in their order, others are not", () => {
  expect(blocks("# Note", "```python", "a", "```", "```js", "b", "```", "~~~py", "c", "d", "~~~")).toEqual([
    { line: 2, text: "a\n" },
    { line: 8, text: "c\nd\n" },
  ]);
});

test.each([
  ["python", true],
  ["Python", true],
  ["py", true],
  ["python3", true],
  ["python {cmd=true}", true],
  ["{python}", true],
  ["{.python .numberLines}", true],
  ["{code-cell} python", true],
  ["python-repl", false],
  ["pycon", false],
  ["pytb", false],
  ["", false],
  ["text python", false],
])("a fence labelled %j is Python: %s", (info, isPython) => {
  expect(blocks(`\`\`\`${info}`, "a", "```").length).toBe(isPython ? 1 : 0);
});

test("a block inside a list or a quote loses what stands before its lines", () => {
  expect(blocks("- item", "", "  ```python", "  if a:", "      b", "  ```")).toEqual([
    { line: 3, text: "if a:\n    b\n" },
  ]);
  expect(blocks("> ```python", "> a", "> ```")).toEqual([{ line: 1, text: "a\n" }]);
});

test("a fence that is not closed goes on to the end, an empty one is a block", () => {
  expect(blocks("```python", "a", "b")).toEqual([{ line: 1, text: "a\nb" }]);
  expect(blocks("```python", "```")).toEqual([{ line: 1, text: "" }]);
});

test("a fence inside a longer fence is text", () => {
  expect(blocks("````md", "```python", "a", "```", "````")).toEqual([]);
});

test("Windows line ends are read as line ends", () => {
  expect(pythonBlocks("x\r\n```python\r\na\r\nb\r\n```\r\n")).toEqual([{ line: 2, text: "a\nb\n" }]);
});
