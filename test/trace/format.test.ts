import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FULL, formatElement, formatShape, formatValue, pythonLiteral } from "../../trace/format.ts";
import type { Dtype, Element, Value } from "../../trace/schema.ts";
import { value } from "../support/traces.ts";

describe("one element", () => {
  test.each<[Element, Dtype, string]>([
    [3, "float32", "3"],
    [-0.5, "float32", "-0.5"],
    [Math.fround(0.1), "float32", "0.1"],
    [0.1, "float64", "0.1"],
    [1 / 3, "float32", "0.3333"],
    [0.99999, "float32", "1.0000"],
    [Math.fround(12345.678), "float32", "12345.6777"],
    [1e-5, "float64", "1e-05"],
    [1.23456789e-7, "float64", "1.2346e-07"],
    [3e9, "float32", "3e+09"],
    [3_000_000_000, "int64", "3000000000"],
    ["9223372036854775807", "int64", "9223372036854775807"],
    ["NaN", "float32", "nan"],
    ["-Infinity", "float32", "-inf"],
    ["-0", "float32", "-0"],
    [true, "bool", "True"],
    [0, "bool", "False"],
  ])("%s of %s is written %s", (element, dtype, text) => {
    expect(formatElement(element, dtype)).toBe(text);
  });

  test("zeros at the end are dropped only where the short number is the exact one", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const text = formatElement(x, "float32");
        const cut = !/[.]\d{4}(e|$)/.test(text);
        if (cut) expect(Math.fround(Number(text))).toBe(Math.fround(x) + 0);
      }),
    );
  });
});

describe("a tensor", () => {
  test.each<[unknown, string]>([
    [9, "9"],
    [[6, 8], "[6, 8]"],
    [[], "[]"],
    [[1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, 6]"],
    [[1, 2, 3, 4, 5, 6, 7], "[1, 2, 3, 4, 5, 6, …]"],
    [[[1], [2]], "[[1], [2]]"],
    [[[1], [2], [3]], "[[1], [2], …]"],
  ])("%j is written %s", (data, text) => {
    expect(formatValue(value(data))).toBe(text);
  });

  test("in full shows every element", () => {
    expect(
      formatValue(value([[1, 2, 3, 4, 5, 6, 7, 8], Array(8).fill(0.5), Array(8).fill(0)]), FULL),
    ).not.toContain("…");
  });

  test("that is only summarised is written by shape, mean and norm", () => {
    const summary = {
      kind: "summary",
      shape: [100, 20],
      dtype: "float32",
      statistics: { min: 0, max: 1, mean: 0.25, std: 0.1, norm: 3, zeros: 0, nans: 0, infinities: 0 },
      histogram: { min: 0, max: 1, counts: [] },
      thumbnail: { shape: [], data: [] },
    } satisfies Value;
    expect(formatValue(summary)).toBe("⟨(100, 20), mean 0.25, norm 3⟩");
    expect(pythonLiteral(summary)).toBeNull();
  });

  test("shapes are written as Python writes sizes", () => {
    expect([[], [2], [2, 3]].map(formatShape)).toEqual(["()", "(2,)", "(2, 3)"]);
  });
});

describe("the Python that makes a tensor again", () => {
  test.each<[Value, string]>([
    [value([6, 8]), "torch.tensor([6., 8.])"],
    [value(Math.fround(0.1)), "torch.tensor(0.1)"],
    [
      value([
        ["NaN", "-Infinity"],
        ["-0", 1],
      ]),
      'torch.tensor([[float("nan"), float("-inf")], [-0., 1.]])',
    ],
    [value([0.1], "float64"), "torch.tensor([0.1], dtype=torch.float64)"],
    [value([1, 2], "int64"), "torch.tensor([1, 2])"],
    [value([true, false], "bool"), "torch.tensor([True, False])"],
    [{ kind: "inline", shape: [0, 3], dtype: "int64", data: [] }, "torch.empty((0, 3), dtype=torch.int64)"],
  ])("%j", (of, text) => {
    expect(pythonLiteral(of)).toBe(text);
  });

  test("keeps every float32 to the last bit", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const written = pythonLiteral(value(Object.is(x, -0) ? "-0" : x)) as string;
        expect(Math.fround(Number(written.slice("torch.tensor(".length, -1)))).toBe(x);
      }),
    );
  });
});
