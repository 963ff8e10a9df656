import { describe, expect, test } from "vitest";
import {
  type Choice,
  choose,
  chooseInNotebook,
  type OpenText,
  type Selection,
} from "../../extension/source/choose.ts";
import { blockOf } from "../../extension/source/pieces.ts";

const open = (name: string, language: string, text: string): OpenText => ({
  uri: `file:///${name}`,
  name,
  language,
  lines: text.split("\n"),
});
const cursor = (line: number, character = 0): Selection => ({
  start: { line, character },
  end: { line, character },
});
const span = (line: number, character: number, toLine: number, toCharacter: number): Selection => ({
  start: { line, character },
  end: { line: toLine, character: toCharacter },
});
function run(choice: Choice): Extract<Choice, { kind: "run" }> {
  if (choice.kind === "refused") throw new Error(`refused: ${choice.message}`);
  return choice;
}
const texts = (choice: Choice): string[] => run(choice).pieces.map((piece) => blockOf(piece).text);
const names = (choice: Choice): string[] => run(choice).pieces.map(({ name }) => name);
const refusal = (choice: Choice): string => (choice.kind === "refused" ? choice.message : "it ran");

describe("in a Markdown note", () => {
  const note = open(
    "note.md",
    "markdown",
    [
      "# Note",
      "```python",
      "x = 1",
      "```",
      "words",
      "```py",
      "y = x",
      "y",
      "```",
      "```js",
      "no()",
      "```",
    ].join("\n"),
  );

  test("the blocks up to the cursor's run, each a source with a name of its own", () => {
    const choice = choose(note, cursor(6));
    expect(texts(choice)).toEqual(["x = 1", "y = x\ny"]);
    expect(names(choice)).toEqual(["note.md#1", "note.md#2"]);
    expect(run(choice)).toMatchObject({ mode: "note", title: "note.md#2" });
    expect(run(choice).pieces.map(({ line }) => line)).toEqual([2, 6]);
  });

  test.each([1, 2, 3])("line %i belongs to the first block, its fences too", (line) => {
    expect(texts(choose(note, cursor(line)))).toEqual(["x = 1"]);
  });

  test("a selection within a block takes the block's place, with the blocks before it", () => {
    const choice = choose(note, span(7, 0, 7, 1));
    expect(texts(choice)).toEqual(["x = 1", "\ny"]);
    expect(run(choice).pieces.at(-1)).toMatchObject({ line: 7, pad: 1 });
  });

  test("a selection of code that is in no fence runs alone", () => {
    const plain = open("note.md", "markdown", "Look:\n\n    x = 1\n    x\n");
    const choice = choose(plain, span(2, 0, 3, 5));
    expect(texts(choice)).toEqual(["\n\nx = 1\nx"]);
    expect(run(choice).pieces[0]).toMatchObject({ line: 2, columns: [4, 4] });
  });

  test.each([
    [4, ["x = 1"]],
    [10, ["x = 1", "y = x\ny"]],
  ])("line %i, below a block, means that block", (line, expected) => {
    expect(texts(choose(note, cursor(line)))).toEqual(expected);
  });

  test("above the first block means that block, and so does a selection of nothing there", () => {
    expect(texts(choose(note, cursor(0)))).toEqual(["x = 1"]);
  });

  test("a note without a block and an empty block are refused in words", () => {
    expect(refusal(choose(open("n.md", "markdown", "only words"), cursor(0)))).toMatch(
      /no Python block: write/,
    );
    const empty = open("n.md", "markdown", "```python\n```\n```python\n\n```");
    expect(refusal(choose(empty, cursor(0)))).toMatch(/n\.md#1 is empty/);
    expect(refusal(choose(empty, cursor(3)))).toMatch(/n\.md#2 is empty/);
  });

  test("empty blocks before the chosen one are passed over and the others keep their numbers", () => {
    const gap = open("n.md", "markdown", "```python\n```\n\n```python\nx\n```");
    expect(names(choose(gap, cursor(4)))).toEqual(["n.md#2"]);
  });

  test("`# ---` lines part a block, and each part keeps its line numbers", () => {
    const parted = open("n.md", "markdown", "```python\nx = 1\nx\n# ---\ny = x\n```");
    const choice = choose(parted, cursor(1));
    expect(texts(choice)).toEqual(["x = 1\nx", "\n\n\ny = x"]);
    expect(names(choice)).toEqual(["n.md#1.1", "n.md#1.2"]);
    expect(run(choice).pieces.map(({ line, pad }) => line - pad)).toEqual([1, 1]);
  });
});

describe("in a Python file", () => {
  const file = open("two.py", "python", "import torch\n\ndef f(x):\n    y = x\n    return y\n\nf(1)\n");

  test("the whole file runs as a script when nothing is selected", () => {
    const choice = choose(file, cursor(3));
    expect(run(choice)).toMatchObject({ mode: "script", title: "two.py" });
    expect(texts(choice)).toEqual([file.lines.join("\n")]);
  });

  test("a selection runs alone as a note, dedented, at the file's own line numbers", () => {
    const choice = choose(file, span(3, 4, 4, 12));
    expect(run(choice)).toMatchObject({ mode: "note", title: "two.py:4-5" });
    expect(texts(choice)).toEqual(["\n\n\ny = x\nreturn y"]);
    expect(run(choice).pieces[0]).toMatchObject({ line: 3, columns: [4, 4], pad: 3 });
  });

  test("a selection within one line knows its column", () => {
    const choice = choose(file, span(4, 11, 4, 12));
    expect(texts(choice)).toEqual(["\n\n\n\ny"]);
    expect(run(choice).pieces[0]).toMatchObject({ columns: [11], after: "" });
  });

  test("a selection that ends at a line's start leaves that line out", () => {
    expect(texts(choose(file, span(0, 0, 1, 0)))).toEqual(["import torch"]);
  });

  test("a selection of blanks and an empty file are refused in words", () => {
    expect(refusal(choose(file, span(1, 0, 2, 0)))).toMatch(/selection holds no code/);
    expect(refusal(choose(open("e.py", "python", "\n  \n"), cursor(0)))).toMatch(/e\.py is empty/);
  });

  test("the `# %%` cells up to the cursor's run as notes", () => {
    const cells = open("c.py", "python", "import torch\n# %%\nx = 1\n# %% second\nx\n# %%\nlater");
    expect(texts(choose(cells, cursor(4)))).toEqual(["import torch", "\n\nx = 1", "\n\n\n\nx"]);
    expect(names(choose(cells, cursor(4)))).toEqual(["c.py#1", "c.py#2", "c.py#3"]);
    expect(texts(choose(cells, cursor(0)))).toEqual(["import torch"]);
  });

  test("a file parted by `# ---` runs whole, as notes", () => {
    const parted = open("p.py", "python", "x = 1\nx\n# ---\ny = x\n# ---\ny");
    expect(run(choose(parted, cursor(0))).mode).toBe("note");
    expect(texts(choose(parted, cursor(0)))).toEqual(["x = 1\nx", "\n\n\ny = x", "\n\n\n\n\ny"]);
  });
});

describe("in a notebook", () => {
  const cell = (text: string, language = "python", at = 0): OpenText => ({
    ...open("n.ipynb", language, text),
    uri: `vscode-notebook-cell:/n.ipynb#${at}`,
  });
  const cells = [cell("x = 1", "python", 0), cell("# Words", "markdown", 1), cell("x", "python", 2)];

  test("the Python cells up to the cursor's run, each a document of its own", () => {
    const choice = chooseInNotebook("n.ipynb", cells, 2, cursor(0));
    expect(texts(choice)).toEqual(["x = 1", "x"]);
    expect(names(choice)).toEqual(["n.ipynb#1", "n.ipynb#3"]);
    expect(run(choice).pieces.map(({ uri }) => uri)).toEqual([cells[0]?.uri, cells[2]?.uri]);
  });

  test("a text cell, an empty cell and a missing cell are refused in words", () => {
    expect(refusal(chooseInNotebook("n.ipynb", cells, 1, cursor(0)))).toMatch(/Python cell of n\.ipynb/);
    expect(refusal(chooseInNotebook("n.ipynb", cells, 9, cursor(0)))).toMatch(/Python cell of n\.ipynb/);
    expect(refusal(chooseInNotebook("n.ipynb", [cell(" ")], 0, cursor(0)))).toMatch(/n\.ipynb#1 is empty/);
  });
});

test("another language is refused by name", () => {
  expect(refusal(choose(open("a.js", "javascript", "x"), cursor(0)))).toMatch(/"a\.js" is javascript/);
});
