import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pictureOf } from "../../trace/picture.ts";
import type { Element, Value } from "../../trace/schema.ts";

const inline = (shape: number[], data: Element[]): Value => ({
  kind: "inline",
  shape,
  dtype: "float32",
  data,
});
const count = (svg: string | undefined, what: string): number => (svg ?? "").split(what).length - 1;

describe("the picture of a tensor", () => {
  test("is none for a few elements, which are read as quickly", () => {
    expect(pictureOf(inline([8], Array(8).fill(1)))).toBeNull();
    expect(pictureOf(inline([], [1]))).toBeNull();
    expect(pictureOf(inline([0, 9], []))).toBeNull();
  });

  test("of a vector is a bar for each element, above and below the line", () => {
    const svg = pictureOf(inline([10], [1, -1, 1, -1, 1, -1, 1, -1, 1, 1]))?.svg;
    expect(count(svg, 'fill="#d9822b"')).toBe(6);
    expect(count(svg, 'fill="#3b82c4"')).toBe(4);
  });

  test("of a matrix is a cell for each element that is not zero, the darker the larger", () => {
    const svg = pictureOf(inline([3, 3], [0, 0, 0, 0, 1, 0, 0, 0, -2]))?.svg ?? "";
    expect(count(svg, "fill-opacity")).toBe(1);
    expect(count(svg, 'fill="#3b82c4"/>')).toBe(1);
  });

  test("shows what is no number in a colour of its own", () => {
    expect(count(pictureOf(inline([9], ["NaN", "Infinity", ...Array(7).fill(1)]))?.svg, "#c026a8")).toBe(2);
  });

  test("says where it leaves elements out", () => {
    expect(pictureOf(inline([2, 3, 3], Array(18).fill(1)))?.part).toBe("first");
    expect(pictureOf(inline([1000], Array(1000).fill(1)))?.part).toBe("sampled");
    expect(pictureOf(inline([3, 3], Array(9).fill(1)))?.part).toBeNull();
  });

  test("holds nothing but numbers and fixed words, and stays small", () => {
    const element = fc.oneof(
      fc.double(),
      fc.constantFrom("NaN", "Infinity", "-Infinity", "-0"),
    ) as fc.Arbitrary<Element>;
    fc.assert(
      fc.property(fc.array(element, { minLength: 9, maxLength: 300 }), (data) => {
        const picture = pictureOf(
          inline(
            [data.length],
            data.map((x) => (Number.isNaN(x) ? "NaN" : x)),
          ),
        );
        expect(picture?.svg).toMatch(
          /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"( [a-zA-Z]+="[\d. ]+")+>(<rect( [a-z-]+="[#\da-z.-]+")+\/>)+<\/svg>$/,
        );
        expect(picture?.svg.length).toBeLessThan(10_000);
      }),
    );
  });
});
