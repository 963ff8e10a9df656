import { describe, expect, test } from "vitest";
import { Pattern } from "../../trace/schema.ts";
import { marks } from "../../webview/marks/index.ts";
import type { MarkShape } from "../../webview/marks/mark.ts";

const two: MarkShape = {
  width: 200,
  height: 70,
  ports: [
    { x: 50, hue: 0, live: true },
    { x: 150, hue: 1, live: true },
  ],
  pegs: [
    { x: 50, hue: 0 },
    { x: 150, hue: 1 },
  ],
  strands: [
    { peg: 1, port: 0 },
    { peg: 0, port: 1 },
  ],
  lanes: null,
};
const one: MarkShape = {
  ...two,
  height: 46,
  ports: [{ x: 100, hue: null, live: true }],
  pegs: [{ x: 100, hue: null }],
  strands: [{ peg: 0, port: 0 }],
};
const none: MarkShape = { ...one, ports: [], pegs: [], strands: [] };
const small: MarkShape = { ...one, width: 26, height: 26, ports: [{ x: 13, hue: null, live: true }] };

describe.each(Pattern.options)("the mark of %s", (pattern) => {
  test.each(Object.entries({ two, one, none, small }))("draws finite strokes for %s", (_, shape) => {
    const strokes = marks[pattern](shape);
    expect(strokes.length).toBeGreaterThan(0);
    for (const { d, className } of strokes) {
      expect(d).toMatch(/^M/);
      expect(d).not.toMatch(/NaN|Infinity|undefined/);
      expect(className).not.toBe("");
    }
  });

  test("is the same for the same shape", () => {
    expect(marks[pattern](two)).toEqual(marks[pattern](structuredClone(two)));
  });
});

const starts = (d: string): number => Number(/^M([\d.-]+)/.exec(d)?.[1]);
const ends = (d: string): number => Number(/([\d.-]+) [\d.-]+$/.exec(d)?.[1]);

test("swap: each operand's strand, in its colour, ends on the other side", () => {
  const strands = marks.swap(two).filter((stroke) => stroke.className.startsWith("strand"));
  expect(strands.map(({ className, d }) => [className, starts(d), ends(d)])).toEqual([
    ["strand hue-1", 150, 50],
    ["strand hue-0", 50, 150],
  ]);
});

test("swap: no strand leads to an input that needs no gradient", () => {
  const dead: MarkShape = { ...two, ports: [two.ports[0] as never, { x: 150, hue: 1, live: false }] };
  const strands = marks.swap(dead).filter((stroke) => stroke.className.startsWith("strand"));
  expect(strands.map((stroke) => stroke.className)).toEqual(["strand hue-1"]);
});

test("route: a closed lane for each element that got nothing", () => {
  const closed = (lanes: boolean[]): number =>
    marks.route({ ...one, lanes }).filter((stroke) => stroke.className === "lever closed").length;
  expect(closed([true, false, false, true])).toBe(2);
  expect(closed([true, true])).toBe(0);
});

test("pass: a pipe to each live input", () => {
  const arrows = marks.pass(two).filter((stroke) => stroke.className.includes("flow"));
  expect(arrows).toHaveLength(2);
});
