import { describe, expect, test } from "vitest";
import { pieceOf } from "../../extension/source/pieces.ts";
import { stillMeans } from "../../extension/source/unchanged.ts";

const LINES = [
  "import torch",
  "def f(x):",
  "    return x * 2",
  "x = torch.ones(3)",
  "for i in range(2):",
  "    x = x + 1",
  "    y = x",
  "z = f(y)",
  "w = (z",
  ").sum()",
];
const piece = pieceOf("file:///a.py", "a.py", LINES.join("\n"), 0, LINES);
/** The lines whose values may still be told after one has been edited. */
const told = (edited: number): number[] => {
  const now = LINES.with(edited, `${LINES[edited]} `);
  return LINES.flatMap((_, line) => (stillMeans([piece], 1, () => now, 0, line) ? [line] : []));
};

describe("after an edit", () => {
  test("lines above it still mean what they meant, functions do not, for they may run later", () => {
    expect(told(7)).toEqual([0, 3, 4, 5, 6]);
    expect(told(3)).toEqual([0]);
    expect(told(0)).toEqual([]);
  });

  test("no line of the statement that was edited does, a loop's earlier ones included", () => {
    expect(told(6)).toEqual([0, 3]);
    expect(told(9)).toEqual([0, 3, 4, 5, 6, 7]);
  });

  test("without one every line does", () => {
    expect(LINES.every((_, line) => stillMeans([piece], 1, () => LINES, 0, line))).toBe(true);
  });

  test("later blocks do not, earlier ones do, and an edited module changes all", () => {
    const block = (name: string) => pieceOf(`file:///${name}`, name, "x = 1\ny = x", 0, ["x = 1", "y = x"]);
    const pieces = [block("1"), block("2"), block("3")];
    const lines = (edited: string) => (uri: string) =>
      uri === `file:///${edited}` ? ["x = 1", "y = 2"] : ["x = 1", "y = x"];
    const means = (edited: string, asked: number) =>
      [0, 1, 2].map((source) => [0, 1].map((line) => stillMeans(pieces, asked, lines(edited), source, line)));
    expect(means("2", 3)).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
    expect(means("3", 2).flat()).not.toContain(true);
  });
});
