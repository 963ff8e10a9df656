import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConditionError, type Facts, factsOf, readCondition, stopsIn } from "../../trace/condition.ts";
import type { Trace } from "../../trace/schema.ts";
import { chain, emptyTrace, node, pass, squareSum, value } from "../support/traces.ts";

const FACTS: Facts = {
  norm: 5,
  min: -4,
  max: 3,
  absmax: 4,
  mean: -0.5,
  std: 1,
  nan: 0,
  inf: 0,
  zero: 1,
  size: 3,
  step: 2,
  line: 7,
  node: "MulBackward0",
  op: "mul",
  module: "net.0",
  code: "x * w",
};

/** A pass of one node with that upstream gradient. */
const arriving = (...data: (number | "NaN" | "Infinity")[]): Trace =>
  emptyTrace({
    nodes: [node("MulBackward0", "mul")],
    backwards: [pass([{ node: 0, arrivals: [], upstream: [value(data)], downstream: [], accumulate: null }])],
  });

describe("a condition", () => {
  test.each([
    ["norm > 4", true],
    ["norm > 5", false],
    ["norm >= 5 && op == 'mul'", true],
    ["nan > 0 || inf > 0", false],
    ["zero == size", false],
    ["!(zero == size)", true],
    ["abs(min) > max", true],
    ["max(min, mean) == -0.5", true],
    ["norm / size < 2 ** 2", true],
    ["log10(norm) < 1", true],
    ["node == 'MulBackward0' && step % 2 == 0", true],
    ["line - 7", false],
  ])("%s is %s", (text, holds) => {
    expect(readCondition(text)(FACTS)).toBe(holds);
  });

  test.each([
    ["gradient > 1", /"gradient" is not known here: a condition may speak of norm, min/],
    ["norm >", /is not an expression/],
    ["norm > 1 norm", /goes on after its end/],
    ["norm = 1", /is not allowed in a condition/],
    ["process.exit()", /is not allowed: the functions are abs/],
    ["node.constructor", /is not allowed in a condition/],
    ["(() => 1)()", /is not allowed: the functions are/],
    ["constructor", /is not known here/],
    ["`norm`", /is not allowed in a condition/],
    ["typeof norm", /only - and ! may stand before/],
    ["norm ?? 1", /write && or \|\|/],
    ["norm in 1", /is not allowed: write </],
    ["x".repeat(501), /may have 500 characters, this has 501/],
  ])("%s is refused in words", (text, words) => {
    expect(() => readCondition(text)).toThrow(ConditionError);
    expect(() => readCondition(text)).toThrow(words);
  });

  test("of any text is read or refused, and never anything else", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          expect(typeof readCondition(text)(FACTS)).toBe("boolean");
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError);
        }
      }),
    );
  });
});

describe("what a condition knows", () => {
  test("is of the gradient that the rule received", () => {
    const trace = squareSum();
    const steps = trace.backwards[0]?.steps ?? [];
    expect(factsOf(trace, steps[1] as never, 1)).toMatchObject({
      size: 2,
      zero: 0,
      min: 1,
      max: 1,
      step: 2,
      line: 2,
      op: "pow",
      node: "PowBackward0",
      code: "x**2",
    });
  });

  test("counts NaN, infinities and zeros", () => {
    const trace = arriving(0, "NaN", 2, "Infinity");
    expect(factsOf(trace, trace.backwards[0]?.steps[0] as never, 0)).toMatchObject({
      nan: 1,
      inf: 1,
      zero: 1,
      size: 4,
      absmax: 2,
    });
  });
});

describe("where the walk stops", () => {
  const trace = chain(5);

  test("at a node with a breakpoint, and where a condition of any node holds", () => {
    // Each node of the chain doubles the gradient.
    expect([...stopsIn(trace, 0, [{ node: null, condition: "norm > 3" }])]).toEqual([2, 3, 4]);
    expect([...stopsIn(trace, 0, [{ node: 1, condition: null }])]).toEqual([1]);
  });

  test("at a node only if its own condition holds", () => {
    const at = (condition: string) => [...stopsIn(trace, 0, [{ node: 2, condition }])];
    expect(at("norm == 4")).toEqual([2]);
    expect(at("norm == 5")).toEqual([]);
  });

  test("nowhere for a condition that cannot be read", () => {
    expect([...stopsIn(trace, 0, [{ node: 2, condition: "what?" }])]).toEqual([]);
  });

  test("at a NaN", () => {
    expect([...stopsIn(arriving("NaN", 1), 0, [{ node: null, condition: "nan > 0 || inf > 0" }])]).toEqual([
      0,
    ]);
    expect([...stopsIn(arriving(0, 1), 0, [{ node: null, condition: "nan > 0 || inf > 0" }])]).toEqual([]);
    expect([...stopsIn(arriving(0, 0), 0, [{ node: null, condition: "zero == size" }])]).toEqual([0]);
  });
});
