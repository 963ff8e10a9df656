import { expect, describe as group, test } from "vitest";
import { bindingAt, describe } from "../../trace/hover.ts";
import { ENGLISH } from "../../trace/l10n.ts";
import type { Place } from "../../trace/place.ts";
import { start, stateAt, wholeStep } from "../../trace/stepper.ts";
import { squareSum, value } from "../support/traces.ts";

const trace = squareSum();
const at = (line: number, character: number) => bindingAt(trace, 0, { line, character });
const describeAt = (line: number, character: number, place: Place | null) => {
  const binding = at(line, character);
  if (binding === null) throw new Error("no expression there");
  return describe(trace, binding, place === null ? null : stateAt(trace, place), ENGLISH);
};

test("the smallest expression that holds the position is meant", () => {
  expect(at(1, 18)?.text).toBe("x");
  expect(at(1, 20)?.text).toBe("x**2");
  expect(at(1, 25)?.text).toBe("(x**2).sum()");
  expect(at(1, 2)).toBeNull();
  expect(bindingAt(trace, 1, { line: 1, character: 18 })).toBeNull();
});

group("x**2", () => {
  test("is described by its value, its node and what that saved", () => {
    const { text, shape, dtype, device, repr, gradFn } = describeAt(1, 20, null);
    expect({ text, shape, dtype, device, repr }).toEqual({
      text: "x**2",
      shape: [2],
      dtype: "float32",
      device: "cpu",
      repr: "tensor([ 9., 16.], grad_fn=<PowBackward0>)",
    });
    expect(gradFn?.name).toBe("PowBackward0");
    expect(gradFn?.saved.map(({ name, text: saved }) => `${name} = ${saved}`)).toEqual([
      "_saved_exponent = 2",
      "_saved_self = [3, 4]",
    ]);
  });

  test("has a gradient once the walk has come to it, and a reason before", () => {
    expect(describeAt(1, 20, null).reason).toBe("No backward pass was run.");
    expect(describeAt(1, 20, start(trace)).reason).toBe("The walk has not reached it yet: it is step 2.");
    expect(describeAt(1, 20, wholeStep(trace, 0, 1))).toMatchObject({
      gradient: value([1, 1]),
      reason: null,
    });
  });
});

test("a leaf has its .grad when it has accumulated", () => {
  const halfway = { backward: 0, step: 2, phase: 1 };
  expect(describeAt(1, 18, halfway)).toMatchObject({
    gradient: null,
    reason: "No gradient has arrived at it yet.",
  });
  expect(describeAt(1, 18, wholeStep(trace, 0, 2)).gradient).toEqual(value([6, 8]));
});

test("what needs no gradient, and what the pass does not reach, say so", () => {
  const [x, square, y] = squareSum().tensors;
  if (x === undefined || square === undefined || y === undefined) throw new Error("three tensors");
  const plain = { ...squareSum(), tensors: [x, { ...square, requiresGrad: false, node: null }, y] };
  const apart = { ...squareSum(), tensors: [x, { ...square, node: 1 }, y] };
  const [pass] = apart.backwards;
  if (pass === undefined) throw new Error("one pass");
  const short = { ...apart, backwards: [{ ...pass, steps: pass.steps.slice(0, 1) }] };
  const reason = (of: typeof trace) => {
    const binding = bindingAt(of, 0, { line: 1, character: 20 });
    return binding && describe(of, binding, stateAt(of, wholeStep(of, 0, 0)), ENGLISH).reason;
  };
  expect(reason(plain)).toBe("It does not require a gradient.");
  expect(reason(short)).toBe("This backward pass does not reach it.");
});
