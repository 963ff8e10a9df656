import { describe, expect, test } from "vitest";
import { elementText } from "../../trace/formula.ts";
import { ENGLISH } from "../../trace/l10n.ts";
import type { Check, Trace } from "../../trace/schema.ts";
import { checkSentence, checksOf, differing, gravest } from "../../trace/why/checked.ts";
import { why } from "../../trace/why/why.ts";
import { squareSum } from "../support/traces.ts";

/** The trace with what checking would have found, by step. */
function withChecks(found: Readonly<Record<number, readonly Check[]>>): Trace {
  const trace = squareSum();
  return {
    ...trace,
    backwards: trace.backwards.map((pass) => ({
      ...pass,
      steps: pass.steps.map((step, i) => ({
        ...step,
        ...(found[i] === undefined ? {} : { checks: [...found[i]] }),
      })),
    })),
  };
}
const element = { at: [1], rule: 0.123456789, numeric: "Infinity", left: -1, right: 1 };

describe("what checking the gradients found", () => {
  test("is told by the gravest of each node", () => {
    const trace = withChecks({
      0: [{ edge: 0, status: "ok" }],
      1: [{ edge: 0, status: "differs", why: "rule", element }],
    });
    const [first = -1, second = -1, third = -1] = (trace.backwards[0]?.steps ?? []).map(({ node }) => node);
    expect(gravest(checksOf(trace, 0, first) ?? [])).toBe("ok");
    expect(gravest(checksOf(trace, 0, second) ?? [])).toBe("differs");
    expect(checksOf(trace, 0, third)).toBeNull();
    expect(checksOf(trace, 7, first)).toBeNull();
    expect(differing(trace, 0)).toEqual([second]);
    expect(
      gravest([
        { edge: 0, status: "kink" },
        { edge: 1, status: "ok" },
      ]),
    ).toBe("kink");
    expect(gravest([])).toBeNull();
  });

  test("names the element with both numbers, in its tensor's name", () => {
    const trace = squareSum();
    const node = trace.nodes.findIndex(({ name }) => name === "PowBackward0");
    const say = (check: Omit<Check, "edge">): string =>
      checkSentence(trace, node, { edge: 0, ...check }, ENGLISH);
    expect(say({ status: "differs", why: "rule", element })).toBe(
      "Towards x[1] the rule gives 0.123457, but finite differences give inf.",
    );
    expect(say({ status: "kink", element })).toMatch(
      /^x\[1\] stands at a kink: the slope is -1 on its left and 1/,
    );
    expect(say({ status: "differs", why: "recorded", element })).toMatch(/recorded 0\.123457.*gives inf/);
    expect(say({ status: "differs", why: "hook", element })).toMatch(/a hook changed/);
    expect(say({ status: "ok" })).toBe("The rule towards x agrees with finite differences.");
    expect(say({ status: "unchecked", why: "raised", message: "TypeError: no" })).toMatch(
      /raised TypeError: no$/,
    );
    for (const reason of ["narrow", "infinite", "unsettled", "effort", "unknown"] as const)
      expect(say({ status: "unchecked", why: reason })).toMatch(/^x could not be checked: ./);
  });

  test("an element of an expression is written as Python would", () => {
    expect(elementText("x", [])).toBe("x");
    expect(elementText("net.weight", [0, 1])).toBe("net.weight[0, 1]");
    expect(elementText("torch.mul(*(x**2))", [1])).toBe("torch.mul(*(x**2))[1]");
    expect(elementText("(a) - (b)", [0])).toBe("((a) - (b))[0]");
  });

  test("is summed up, the gravest first; without a check or a pass it says what to do", () => {
    const trace = withChecks({
      0: [{ edge: 0, status: "kink", element }],
      1: [{ edge: 0, status: "differs", why: "rule", element }],
      2: [{ edge: null, status: "unchecked", why: "effort" }],
    });
    const [answer] = why(trace, { kind: "check" }, null, ENGLISH);
    expect(answer?.answer).toBe("1 of 3 gradients differ. At a kink: 1. Not checked: 1.");
    expect(answer?.path.map(({ text }) => text.split(":")[0])).toEqual(
      [1, 0, 2].map((step) => trace.nodes[trace.backwards[0]?.steps[step]?.node ?? -1]?.name),
    );
    expect(
      why(withChecks({ 0: [{ edge: 0, status: "ok" }] }), { kind: "check" }, null, ENGLISH)[0]?.answer,
    ).toBe("1 of 1 gradients agree, and none differs.");
    expect(why(squareSum(), { kind: "check" }, null, ENGLISH)[0]?.answer).toMatch(/run Check gradients/);
    const without = { ...squareSum(), backwards: [] };
    expect(why(without, { kind: "check" }, null, ENGLISH)[0]?.answer).toMatch(/no backward pass/);
  });
});
