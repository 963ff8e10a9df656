import * as fc from "fast-check";
import { expect, test } from "vitest";
import { numberAt, stepped } from "../../trace/number.ts";

test.each([
  ["x**2", 4, "2"],
  ["x**2", 3, "2"],
  ["torch.tensor([3., -4.5])", 15, "3."],
  ["torch.tensor([3., -4.5])", 19, "-4.5"],
  ["x - 1", 5, "1"],
  ["lr = 1e-3", 7, "1e-3"],
  ["a = .5", 5, ".5"],
  ["return -2", 8, "-2"],
  ["x2 = y", 1, null],
  ["0x1f", 2, null],
  ["3j", 0, null],
  ["x", 0, null],
])("in %j at column %d the number is %j", (line, column, text) => {
  expect(numberAt(line, column)?.text ?? null).toBe(text);
});

test.each([
  ["2", 1, "3"],
  ["0.10", 1, "0.11"],
  ["0.99", 1, "1.00"],
  ["9.", 1, "10."],
  [".9", 1, "1.0"],
  [".5", -1, ".4"],
  ["0", -1, "-1"],
  ["-0.1", 1, "0.0"],
  ["0.0", -1, "-0.1"],
  ["1e-3", 1, "2e-3"],
  ["1.5", 10, "2.5"],
])("%s by %d is %s", (text, by, after) => {
  expect(stepped(text, by)).toBe(after);
});

test("up and down again is the same number, and up is more", () => {
  const number = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(number, fc.integer({ min: 1, max: 100 }), ([whole, places], by) => {
      const text = (whole / 10 ** places).toFixed(places);
      const up = stepped(text, by);
      expect(Number(stepped(up, -by))).toBe(Number(text));
      expect(Number(up)).toBeGreaterThan(Number(text));
    }),
  );
});
