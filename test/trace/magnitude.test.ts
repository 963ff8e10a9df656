import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allZero, magnitudeOf, magnitudesOf, stopped } from "../../trace/magnitude.ts";
import { search } from "../../trace/search.ts";
import { unrolled } from "../support/large.ts";
import { squareSum, value } from "../support/traces.ts";
import { traceNamed } from "../webview/traces.ts";

describe("how large a gradient is", () => {
  test("the root of the mean square, also of numbers whose squares are beyond range", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }),
        fc.constantFrom(1, 1e-200, 1e200),
        (data, scale) => {
          const { rms } = magnitudeOf(
            value(
              data.map((x) => x * scale),
              "float64",
            ),
          );
          const expected = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length) * scale;
          expect(Math.abs(rms - expected)).toBeLessThanOrEqual(1e-9 * expected);
        },
      ),
    );
  });

  test("zeros are counted, and NaN and infinities spoil nothing but are told", () => {
    expect(allZero(magnitudeOf(value([0, 0])))).toBe(true);
    expect(magnitudeOf(value([3, 0, "NaN", "Infinity"]))).toEqual({
      rms: expect.closeTo(3 / Math.SQRT2, 12),
      zeros: 1,
      count: 4,
      broken: true,
    });
  });

  test("of a whole pass: every edge that sent one, and the range of sizes", () => {
    const magnitudes = magnitudesOf(unrolled(100), 0);
    expect(magnitudes.edges.size).toBeGreaterThan(800);
    const { low, middle, high } = magnitudes.range as NonNullable<typeof magnitudes.range>;
    expect(low).toBeLessThan(middle);
    expect(middle).toBeLessThan(high);
  });

  test("a relu tells how many elements it stopped", async () => {
    const trace = await traceNamed("everyPath");
    const step = trace.backwards[0]?.steps.find(({ node }) => trace.nodes[node]?.op === "relu");
    expect(stopped(step as NonNullable<typeof step>)).toEqual({ closed: 1, count: 2 });
  });
});

describe("finding nodes", () => {
  const found = (query: string): string[] => {
    const trace = squareSum();
    return search(trace, query, trace.nodes.keys()).map((index) => trace.nodes[index]?.op ?? "");
  };
  test.each([
    ["pow", ["pow"]],
    ["POWBACKWARD", ["pow"]],
    ["op:sum", ["sum"]],
    ["line:2", ["sum", "pow"]],
    ["shape:2", ["pow", "leaf"]],
    ["(2,)", ["pow", "leaf"]],
    ["x**2 op:pow", ["pow"]],
    ["x", ["sum", "pow", "leaf"]],
    ["   ", []],
    ["constructor", []],
    ["[unclosed(", []],
  ])("%j", (query, expected) => {
    expect(found(query)).toEqual(expected);
  });
});
