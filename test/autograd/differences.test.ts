import { expect, test } from "vitest";
import { compare } from "../../autograd/check/differences.ts";

const numbers = (...xs: number[]): Float64Array => Float64Array.from(xs);

/** An elementwise function, with upstream gradient 1, held against a claimed gradient. */
function look(x: number[], f: (x: number) => number, claim: (x: number) => number, most = 1e6) {
  let calls = 0;
  const probe = {
    x: numbers(...x),
    f: (at: Float64Array) => at.map(f),
    weights: numbers(...x.map(() => 1)),
    claimed: numbers(...x.map(claim)),
  };
  const { findings, whole } = compare(probe, () => ++calls <= most);
  return { findings, whole, calls };
}
const statuses = (...given: Parameters<typeof look>): string[] =>
  look(...given).findings.map(({ element, status }) => `${element} ${status}`);

test("right gradients of smooth functions pass, large and small, steep and flat", () => {
  const xs = [1e-6, -1e-3, 0.5, 3, 700, -1e5];
  expect(
    statuses(
      xs,
      (x) => x ** 3,
      (x) => 3 * x ** 2,
    ),
  ).toEqual([]);
  expect(statuses(xs, Math.tanh, (x) => 1 - Math.tanh(x) ** 2)).toEqual([]);
  expect(statuses([1e-6, 1e-3, 5, 1e6], Math.log, (x) => 1 / x)).toEqual([]);
  expect(
    statuses(
      [0, 0, 0],
      (x) => x * x,
      (x) => 2 * x,
    ),
  ).toEqual([]);
  expect(
    statuses(
      [-20, 0, 20],
      (x) => 1 / (1 + Math.exp(-x)),
      (x) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2,
    ),
  ).toEqual([]);
});

test("rounding in the middle of a function is not blamed on the gradient", () => {
  expect(
    statuses(
      [1.5],
      (x) => x + 1e6 - 1e6,
      () => 1,
    ),
  ).toEqual([]);
});

test("one wrong element among thousands is found, and named", () => {
  const xs = Array.from({ length: 5000 }, (_, i) => Math.sin(i) + 2);
  const wrong = xs[3210] as number;
  const { findings, calls } = look(
    xs,
    (x) => x ** 2,
    (x) => (x === wrong ? 2.01 * x : 2 * x),
  );
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ element: 3210, status: "differs", claimed: 2.01 * wrong });
  expect(findings[0]?.numeric).toBeCloseTo(2 * wrong, 5);
  expect(calls).toBeLessThan(60);
});

test("two wrong elements that cancel each other are found all the same", () => {
  expect(
    statuses(
      [1, 1],
      (x) => x,
      (_) => 1,
    ).length,
  ).toBe(0);
  const claimed = numbers(2, 0);
  const probe = { x: numbers(1, 1), f: (x: Float64Array) => x, weights: numbers(1, 1), claimed };
  expect(compare(probe, () => true).findings.map(({ element }) => element)).toEqual([0, 1]);
});

test("at a kink, every gradient between the two slopes is one; others differ", () => {
  const relu = (x: number): number => Math.max(x, 0);
  expect(look([0], relu, () => 0).findings[0]).toMatchObject({ status: "kink", left: 0, right: 1 });
  expect(statuses([0], relu, () => 0.5)).toEqual(["0 kink"]);
  expect(statuses([0], Math.abs, () => 0)).toEqual(["0 kink"]);
  expect(statuses([0], relu, () => 2)).toEqual(["0 differs"]);
  expect(statuses([0], relu, () => -0.1)).toEqual(["0 differs"]);
  // Near a kink, but on one side of it.
  expect(statuses([1e-9], relu, () => 1)).toEqual([]);
  expect(statuses([1e-9], relu, () => 0)).toEqual(["0 differs"]);
});

test("a jump is a kink for the slope of its flat side", () => {
  expect(statuses([2], Math.floor, () => 0)).toEqual(["0 kink"]);
  expect(statuses([2.5], Math.floor, () => 0)).toEqual([]);
});

test("where the function is not finite there is nothing to compare with", () => {
  expect(statuses([0], Math.sqrt, () => Number.POSITIVE_INFINITY)).toEqual(["0 infinite"]);
  expect(statuses([1], Math.sqrt, () => Number.NaN)).toEqual(["0 differs"]);
});

test("what changes with the step, or by chance, is called unsettled", () => {
  let seed = 1;
  const chance = (): number => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  expect(
    statuses(
      [1],
      (x) => x + chance(),
      () => 1,
    ),
  ).toEqual(["0 unsettled"]);
});

test("an upstream gradient of zero takes no part, not even of an infinity", () => {
  const f = (x: Float64Array): Float64Array => numbers(x[0] as number, 1 / 0);
  const probe = { x: numbers(3), f, weights: numbers(2, 0), claimed: numbers(2) };
  expect(compare(probe, () => true).findings).toEqual([]);
});

test("it stops where it may do no more, and says that it has not seen everything", () => {
  const xs = Array.from({ length: 1000 }, () => 1);
  const { whole, calls } = look(
    xs,
    (x) => x,
    () => 2,
    40,
  );
  expect(whole).toBe(false);
  expect(calls).toBe(41);
});
