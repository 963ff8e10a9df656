import { expect, test } from "vitest";
import { offers } from "../../extension/lens/lenses.ts";
import { verdictOn } from "../../extension/notes/claims.ts";
import type { Ready } from "../../extension/session.ts";
import { choose, type OpenText } from "../../extension/source/choose.ts";
import type { Trace } from "../../trace/schema.ts";
import { squareSum } from "../support/traces.ts";
import { job } from "./engine.ts";

const LINES = [
  "```python",
  "x = 1",
  "print(x)",
  "# ---",
  "x + 1",
  "```",
  "",
  "```",
  "1",
  "3",
  "```",
  "",
  "```python",
  "1 / 0",
  "```",
  "",
  "```",
  "ZeroDivisionError: division by zero",
  "```",
];
const document = (lines: readonly string[] = LINES): OpenText => ({
  uri: "file:///n.md",
  name: "n.md",
  language: "markdown",
  lines,
});

/** The state after the blocks up to the one on a line have run and printed that, piece by piece. */
function ran(line: number, printed: readonly string[], error: Trace["error"] = null): Ready {
  const at = { line, character: 0 };
  const choice = choose(document(), { start: at, end: at });
  if (choice.kind === "refused") throw new Error(choice.message);
  return {
    kind: "ready",
    job: { ...job(), mode: "note", pieces: choice.pieces },
    engine: "embedded",
    edited: new Set(),
    place: null,
    breakpoints: new Set(),
    conditions: new Map(),
    trace: {
      ...squareSum(),
      sources: choice.pieces.map(({ name, text }) => ({ name, text })),
      output: printed.map((text, source) => ({ stream: "stdout", text, source })),
      error,
    },
  };
}

test("all parts of a block make its output, and a fence that says otherwise is told the true one", () => {
  const verdict = verdictOn(ran(1, ["1\n", "2\n"]), document());
  expect(verdict?.compared).toBe(1);
  expect(verdict?.mismatches.map(({ printed, lines }) => ({ printed, lines }))).toEqual([
    { printed: "1\n2\n", lines: ["```", "1", "2", "```"] },
  ]);
});

test("a block that raised is held against its own error, a block that did not run against nothing", () => {
  const error = { type: "ZeroDivisionError", message: "division by zero", traceback: "", ranges: [] };
  const verdict = verdictOn(ran(13, ["1\n", "3\n", ""], error), document());
  expect(verdict).toEqual({ compared: 2, mismatches: [] });
});

test("nothing is said once the code has changed, and the fence may change freely", () => {
  const state = ran(1, ["1\n", "2\n"]);
  const edited = new Set(["file:///n.md"]);
  expect(verdictOn({ ...state, edited }, document())).toBeNull();
  const mended = document(LINES.with(9, "2"));
  expect(verdictOn(state, mended)).toEqual({ compared: 1, mismatches: [] });
});

test("a trace is offered at each call of a file and at the opening fence of each block that has code", () => {
  expect(offers("python", "x\ny.backward()\n")).toEqual([{ line: 1, at: 1 }]);
  expect(offers("markdown", "a\n\n```python\nx\n```\n\n```py\n```\n")).toEqual([{ line: 2, at: 3 }]);
});
