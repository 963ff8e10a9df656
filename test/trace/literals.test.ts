/** The numbers of a step's expression, and finding one again in a text that has been turned already. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { numbersOf, sameNumber } from "../../trace/literals.ts";
import { numberAt, numbersIn, stepped } from "../../trace/number.ts";
import type { Trace } from "../../trace/schema.ts";
import { traceOf } from "../webview/traces.ts";

const TEXT = `x = torch.tensor([3., -4.5], requires_grad=True)  # 7 of them
y = torch.clamp(x * 2 + 10, min=-1.5)
z = torch.where(y > 0,
                y * 0.25, "1".count("2") - 3).sum()
z.backward()`;

const textOf = (trace: Trace, name: string): string[] => {
  const node = trace.nodes.findIndex((each) => each.name === name);
  return numbersOf(trace, node).map(({ range: { start, end }, text }) => {
    const line = TEXT.split("\n")[start.line] ?? "";
    expect(line.slice(start.character, end.character)).toBe(text);
    return text;
  });
};

test("are those of the node's own expression, or of the one that made a leaf, each where it stands", async () => {
  const trace = await traceOf(TEXT);
  expect(textOf(trace, "MulBackward0")).toEqual(["2"]);
  expect(textOf(trace, "AddBackward0")).toEqual(["2", "10"]);
  expect(textOf(trace, "ClampBackward1")).toEqual(["2", "10", "-1.5"]);
  expect(textOf(trace, "AccumulateGrad")).toEqual(["3.", "-4.5"]);
  expect(textOf(trace, "WhereBackward0")).toEqual(["0", "0.25", "3"]);
  expect(numbersOf(trace, 999)).toEqual([]);
});

test.each([
  ["x * 2", ["2"]],
  ["f('a2 3') + 1  # 4", ["1"]],
  ['"""1\n2""" * -3', ["-3"]],
  ["a[-1] - 2", ["-1", "2"]],
  ["'it\\'s 1' + 5", ["5"]],
])("in %j they are %j", (text, numbers) => {
  expect(numbersIn(text).map((number) => number.text)).toEqual(numbers);
});

test("a number that has been turned is found again, whatever it has become, and put back gives the line that ran", () => {
  const line = fc.constantFrom("y = x * 2 + 10", "y = x - 7", "x = f([3., -4.5])", "y = x**2", "lr=1e-3");
  fc.assert(
    fc.property(
      line,
      fc.nat(),
      fc.integer({ min: -200, max: 200 }),
      fc.constantFrom("", "    "),
      (traced, pick, by, before) => {
        const numbers = numbersIn(traced);
        const number = numbers[pick % numbers.length];
        if (number === undefined) throw new Error("the line has no number");
        const put = (text: string): string =>
          `${before}${traced.slice(0, number.start)}${text}${traced.slice(number.end)}`;
        const now = put(stepped(number.text, by));
        const at = before.length + number.start;
        const found = sameNumber(traced, number.start, now, at);
        expect(found?.text).toBe(stepped(number.text, by));
        expect(Number(stepped(found?.text ?? "", -by))).toBe(Number(number.text));
      },
    ),
  );
});

test("where anything else of the line has changed, it is not found", () => {
  expect(sameNumber("y = x * 2 + 10", 8, "y = x * 5 + 11", 8)).toBeNull();
  expect(sameNumber("y = x * 2 + 10", 8, "z = x * 5 + 10", 8)).toBeNull();
  expect(sameNumber("y = x * 2 + 10", 8, "y = x * a + 10", 8)).toBeNull();
  expect(sameNumber("y = x * 2 + 10", 8, "", 8)).toBeNull();
  expect(numberAt("y = '2'", 5)).toBeNull();
});
