/** Two engines side by side: agreement in one line, and the first step at which they part. */
import { expect, test } from "vitest";
import { ENGLISH } from "../../trace/l10n.ts";
import type { Trace } from "../../trace/schema.ts";
import { sideBySide, verdict } from "../../trace/sides.ts";
import { squareSum } from "../support/traces.ts";

/** The trace of the square with another number leaving its second step. */
function other(): Trace {
  const trace = JSON.parse(JSON.stringify(squareSum())) as Trace;
  const sent = trace.backwards[0]?.steps[1]?.downstream[0]?.value;
  if (sent?.kind !== "inline") throw new Error("PowBackward0 sends two numbers");
  sent.data[1] = 9;
  return trace;
}

test("equal traces agree, each step beside its like", () => {
  const comparison = sideBySide(squareSum(), squareSum());
  expect(comparison).toMatchObject({ total: 0, first: null });
  expect(comparison.passes[0]?.map(({ left, same }) => [left?.node, left?.sends, same])).toEqual([
    ["SumBackward0", "[1, 1]", true],
    ["PowBackward0", "[6, 8]", true],
    ["AccumulateGrad", "[6, 8]", true],
  ]);
  expect(verdict(comparison, ENGLISH)).toBe(
    "The two engines agree: output, graph, saved values and every gradient (steps: 3).",
  );
});

test("the first step with another number is where they part", () => {
  const comparison = sideBySide(squareSum(), other());
  expect(comparison.first).toEqual({ pass: 0, step: 1 });
  expect(comparison.passes[0]?.map(({ same }) => same)).toEqual([true, false, true]);
  expect(comparison.differences[0]).toMatchObject({ left: "8", right: "9" });
  expect(verdict(comparison, ENGLISH)).toBe("The two engines part at step 2 of pass 1, PowBackward0.");
});

test("a step that one of them lacks is where they part", () => {
  const short = squareSum();
  const backwards = short.backwards.map((pass) => ({ ...pass, steps: pass.steps.slice(0, 2) }));
  const comparison = sideBySide(squareSum(), { ...short, backwards });
  expect(comparison.first).toEqual({ pass: 0, step: 2 });
  expect(comparison.passes[0]?.at(-1)).toMatchObject({ right: null, same: false });
});

test("where only the output differs, that is said", () => {
  const printed = { ...squareSum(), output: [{ stream: "stdout" as const, text: "more", source: 0 }] };
  const comparison = sideBySide(squareSum(), printed);
  expect(comparison.first).toBeNull();
  expect(verdict(comparison, ENGLISH)).toBe("Every step agrees; what differs is: stdout.");
});

test("where one of them keeps fewer of the first passes, those that both keep stand side by side", () => {
  const whole = squareSum();
  const [pass] = whole.backwards;
  if (pass === undefined) throw new Error("there is one pass");
  const many = { ...whole, backwards: [pass, { ...pass, steps: pass.steps.slice(1) }, pass] };
  const late = { ...whole, backwards: [{ ...pass, omittedBefore: 2 }] };
  for (const comparison of [sideBySide(many, late), sideBySide(late, many)]) {
    expect(comparison).toMatchObject({ total: 0, first: null, from: 2 });
    expect(comparison.passes).toHaveLength(1);
    expect(comparison.passes[0]?.every(({ same }) => same)).toBe(true);
  }
  const apart = sideBySide({ ...other(), backwards: [pass, pass, ...other().backwards] }, late);
  expect(apart.first).toEqual({ pass: 2, step: 1 });
  expect(verdict(apart, ENGLISH)).toBe("The two engines part at step 2 of pass 3, PowBackward0.");
});
