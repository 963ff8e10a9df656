import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blockOf,
  isCurrent,
  type Piece,
  pieceOf,
  shifted,
  toDocument,
  toSource,
} from "../../extension/source/pieces.ts";

const URI = "file:///note.md";
const note = ["# A note", "", "- item", "", "  ```python", "  x = 1", "", "  y = x", "  ```", "end"];
const fenced = pieceOf(URI, "note.md#1", "x = 1\n\ny = x", 5, note);

const range = (source: number, line: number, from: number, to: number) => ({
  source,
  start: { line, character: from },
  end: { line, character: to },
});

describe("a piece of a document", () => {
  test("gives an indented fence's ranges at the document's columns", () => {
    expect(toDocument([fenced], range(0, 2, 4, 5))).toEqual({
      uri: URI,
      start: { line: 7, character: 6 },
      end: { line: 7, character: 7 },
    });
  });

  test("has no document for a source that is a module", () => {
    expect(toDocument([fenced], range(1, 0, 0, 1))).toBeNull();
  });

  test("is found again from the document's place, and nothing is left of its indentation", () => {
    expect(toSource([fenced], URI, { line: 7, character: 6 })).toEqual({
      source: 0,
      position: { line: 2, character: 4 },
    });
    expect(toSource([fenced], URI, { line: 7, character: 1 })).toBeNull();
    expect(toSource([fenced], URI, { line: 8, character: 2 })).toBeNull();
    expect(toSource([fenced], "file:///other.md", { line: 7, character: 6 })).toBeNull();
  });

  test("counts its lines from its pad where it has one", () => {
    const padded: Piece = { ...fenced, pad: 3 };
    expect(blockOf(padded).text).toBe("\n\n\nx = 1\n\ny = x");
    expect(toDocument([padded], range(0, 5, 0, 1))?.start).toEqual({ line: 7, character: 2 });
    expect(toSource([padded], URI, { line: 7, character: 2 })?.position).toEqual({ line: 5, character: 0 });
  });

  test("document and source are each other's inverse on every character of it", () => {
    const line = fc.stringMatching(/^[ a-z=+]{0,8}$/);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.nat(4),
        fc.nat(3),
        (lines, indent, pad) => {
          const document = ["```python", ...lines.map((text) => " ".repeat(indent) + text), "```"];
          const piece = { ...pieceOf(URI, "n", lines.join("\n"), 1, document), pad };
          lines.forEach((text, index) => {
            for (let character = 0; character <= text.length; character++) {
              const position = { line: index + pad, character };
              const there = toDocument([piece], { source: 0, start: position, end: position });
              expect(toSource([piece], URI, there?.start ?? { line: -1, character: 0 })?.position).toEqual(
                position,
              );
            }
          });
        },
      ),
    );
  });
});

describe("a piece whose document changes", () => {
  const edit = (line: number, text: string): string[] => note.map((old, at) => (at === line ? text : old));

  test("is current until one of its characters changes, blank lines included", () => {
    expect(isCurrent(fenced, note)).toBe(true);
    expect(isCurrent(fenced, edit(9, "other end"))).toBe(true);
    expect(isCurrent(fenced, edit(5, "  x = 12"))).toBe(false);
    expect(isCurrent(fenced, edit(6, "  z = 0"))).toBe(false);
    expect(isCurrent(fenced, edit(7, "y = x"))).toBe(false);
    expect(isCurrent(fenced, note.slice(0, 6))).toBe(false);
  });

  test("moves with lines put in or taken out above it and stays for changes below or within", () => {
    expect(shifted(fenced, { start: 0, end: 0, lines: 3 }).line).toBe(7);
    expect(shifted(fenced, { start: 0, end: 2, lines: 1 }).line).toBe(3);
    expect(shifted(fenced, { start: 5, end: 5, lines: 2 }).line).toBe(5);
    expect(shifted(fenced, { start: 9, end: 9, lines: 4 }).line).toBe(5);
  });

  test("is current again when the edit is taken back", () => {
    const changed = ["new", ...note];
    const moved = shifted(fenced, { start: 0, end: 0, lines: 2 });
    expect(isCurrent(moved, changed)).toBe(true);
    expect(isCurrent(shifted(moved, { start: 0, end: 1, lines: 1 }), note)).toBe(true);
  });
});
