import { describe, expect, test } from "vitest";
import { feedingExpressions, LEVELS, shadesOf } from "../../extension/inline/shades.ts";
import { Session, type SessionState } from "../../extension/session.ts";
import { pieceOf } from "../../extension/source/pieces.ts";
import type { Trace } from "../../trace/schema.ts";
import { squareSum } from "../support/traces.ts";
import { job } from "./engine.ts";

const trace = squareSum();
const URI = "file:///n.md";

/** A session that shows that trace, after so many steps. */
function shown(steps: number, given: Trace = trace): SessionState {
  const session = new Session();
  const pieces = given.sources.map(({ name, text }) => pieceOf(URI, name, text, 0, text.split("\n")));
  session.open(job(), "files", [{ label: "", trace: given, pieces }]);
  for (let i = 0; i < steps; i++) session.move({ kind: "forward" });
  return session.state;
}
/** The same pass with that in place of every gradient that arrives. */
const withAll = (element: number | string): Trace => ({
  ...trace,
  backwards: trace.backwards.map((pass) => ({
    ...pass,
    steps: pass.steps.map((step) => ({
      ...step,
      upstream: step.upstream.map((value) =>
        value?.kind === "inline" ? { ...value, data: value.data.map(() => element) } : value,
      ),
    })),
  })),
});

const textAt = ({ start, end }: ReturnType<typeof feedingExpressions>[number]): string =>
  (trace.sources[0]?.text.split("\n")[start.line] ?? "").slice(start.character, end.character);

describe("the gutter", () => {
  test("has nothing before the first step, and then the lines that a gradient has come to", () => {
    expect(shadesOf(shown(0))).toEqual([]);
    expect(shadesOf(shown(1)).length).toBe(1);
    expect(shadesOf({ kind: "idle" })).toEqual([]);
  });

  test("shows the largest of each line on a scale that goes from the least of the pass to the greatest", () => {
    const [level] = shadesOf(shown(9)).map((shade) => shade.level);
    expect(level).toBeGreaterThanOrEqual(1);
    // Where all are of one size, that is the greatest.
    expect(new Set(shadesOf(shown(9, withAll(2))).map((shade) => shade.level))).toEqual(new Set([LEVELS]));
  });

  test("tells NaN and zero apart from numbers", () => {
    expect(shadesOf(shown(9, withAll("NaN"))).map(({ level }) => level)).toContain("broken");
    expect(new Set(shadesOf(shown(9, withAll(0))).map(({ level }) => level))).toEqual(new Set([0]));
  });
});

describe("the expressions that feed the current node", () => {
  test("are its operands, where they are written within it", () => {
    expect(feedingExpressions(shown(0))).toEqual([]);
    expect(feedingExpressions(shown(1)).map(textAt)).toEqual(["x**2"]);
    expect(feedingExpressions(shown(2)).map(textAt)).toEqual(["x"]);
  });
});
