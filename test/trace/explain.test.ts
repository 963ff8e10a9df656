import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain, type StepExplanation } from "../../trace/explain.ts";
import { ENGLISH } from "../../trace/l10n.ts";
import type { Place } from "../../trace/place.ts";
import type { Node, Pattern, Step, Trace, Value } from "../../trace/schema.ts";
import { patternWord } from "../../trace/sentence.ts";
import { move, phasesOf, start, wholeStep } from "../../trace/stepper.ts";
import {
  anyTrace,
  edge,
  emptyTrace,
  node,
  pass,
  rangeOf,
  saved,
  squareSum,
  tensor,
  value,
} from "../support/traces.ts";

const stepOf = (trace: Trace, step: number): StepExplanation => {
  const explanation = explain(trace, wholeStep(trace, 0, step), ENGLISH);
  if (explanation.kind !== "step") throw new Error("this is the start of the pass");
  return explanation;
};

/** A trace of one step: `forward` is its source, `inputs` the leaves by variable name. */
function oneStep(
  forward: string,
  of: Partial<Node> & { name: string; op: string },
  inputs: Readonly<Record<string, Value>>,
  step: Partial<Step>,
): Trace {
  const names = Object.keys(inputs);
  return emptyTrace({
    sources: [{ name: "a.py", text: forward }],
    tensors: [
      ...Object.entries(inputs).map(([name, of_]) => tensor(of_, { isLeaf: true, names: [name] })),
      tensor(value(0), { node: 0, names: ["out"] }),
    ],
    nodes: [
      node(of.name, of.op, { range: rangeOf(forward, forward), outputs: [names.length], ...of }),
      ...names.map((_, i) => node("AccumulateGrad", "leaf", { pattern: "accumulate", variable: i })),
    ],
    backwards: [
      pass([{ node: 0, arrivals: [], upstream: [value(1)], downstream: [], accumulate: null, ...step }]),
    ],
    bindings: names.map((name, i) => ({ range: rangeOf(forward, name), text: name, tensor: i, count: 1 })),
  });
}

const term = (formula: string, part: string, of: Value | string, nth = 0) => {
  const { start, end } = rangeOf(formula, part, nth);
  return {
    start: start.character,
    end: end.character,
    content:
      typeof of === "string" ? { kind: "literal" as const, text: of } : { kind: "value" as const, value: of },
  };
};

const swap = (): Trace =>
  oneStep(
    "a * b",
    {
      name: "MulBackward0",
      op: "mul",
      pattern: "swap",
      edges: [
        edge("self", 1, { tensor: 0, formula: "grad * other" }),
        edge("other", 2, { tensor: 1, formula: "grad * self" }),
      ],
      saved: [saved("self", { kind: "tensor", tensor: 0 }), saved("other", { kind: "tensor", tensor: 1 })],
    },
    { a: value(9), b: value(16) },
    {
      downstream: [
        {
          edge: 0,
          value: value(16),
          formula: "grad * other",
          terms: [term("grad * other", "grad", value(1)), term("grad * other", "other", value(16))],
          unbroadcast: null,
        },
        {
          edge: 1,
          value: value(9),
          formula: "grad * self",
          terms: [term("grad * self", "grad", value(1)), term("grad * self", "self", value(9))],
          unbroadcast: null,
        },
      ],
    },
  );

describe("the steps of x**2 summed", () => {
  const trace = squareSum();

  test("begin with the seed, in words", () => {
    const at = start(trace) as Place;
    expect(explain(trace, at, ENGLISH)).toEqual({
      kind: "start",
      sentence: "The pass starts at y: the gradient of y with respect to itself is 1.",
      roots: [{ name: "y", node: 0, seed: value(1) }],
    });
  });

  test("copy the 1 to both elements", () => {
    const step = stepOf(trace, 0);
    expect(step.sentence).toBe(
      "SumBackward0 copies: every element that was added up gets the upstream gradient. So x**2 gets [1, 1].",
    );
    expect(step.inputs[0]).toMatchObject({
      name: "x**2",
      own: "grad.expand((x**2).sizes())",
      numbers: "(1).expand((2,))",
    });
    expect(step.expression?.text).toBe("(x**2).sum()");
  });

  test("scale by exponent times x, where the 2 and the x were kept", () => {
    const step = stepOf(trace, 1);
    expect(step.sentence).toBe(
      "PowBackward0 scales: the upstream gradient is multiplied by the local derivative. So x gets [1, 1] * (2 * [3, 4]) = [6, 8].",
    );
    expect(step.inputs[0]).toMatchObject({
      formula: "grad * (exponent * self.pow(exponent - 1))",
      own: "grad * (2 * x.pow(2 - 1))",
      numbers: "[1, 1] * (2 * [3, 4])",
      value: value([6, 8]),
      to: "AccumulateGrad",
    });
    expect(step.saved.map(({ name, text, expression }) => [name, text, expression?.text])).toEqual([
      ["_saved_exponent", "2", undefined],
      ["_saved_self", "[3, 4]", "torch.tensor([3., 4.]).requires_grad_()"],
    ]);
  });

  test("accumulate into .grad", () => {
    const step = stepOf(trace, 2);
    expect(step.accumulate).toMatchObject({ leaf: "x", text: "None + [6, 8] = [6, 8]", before: null });
    expect(step.sentence).toBe(
      "AccumulateGrad accumulates: x is a leaf, so what arrives is added to x.grad. x.grad was None; now it is [6, 8].",
    );
    expect(step.arrivals[0]?.text).toBe("from PowBackward0: [6, 8]");
  });
});

test("a product swaps, each side in the other's name and number", () => {
  const step = stepOf(swap(), 0);
  expect(step.word).toBe("swaps");
  expect(step.sentence).toBe(
    "MulBackward0 swaps: each input's gradient is the upstream gradient times the other input. So a gets 1 * 16 = 16 and b gets 1 * 9 = 9.",
  );
  expect(step.inputs.map(({ own }) => own)).toEqual(["grad * b", "grad * a"]);
});

test("a fused call is shown as the arithmetic that it stands for", () => {
  const formula = "sigmoid_backward(grad, result)";
  const trace = oneStep(
    "torch.sigmoid(x)",
    {
      name: "SigmoidBackward0",
      op: "sigmoid",
      pattern: "scale",
      edges: [edge("self", 1, { tensor: 0, formula, means: "grad * (1 - result) * result" })],
    },
    { x: value(0) },
    {
      downstream: [
        {
          edge: 0,
          value: value(0.25),
          formula,
          terms: [term(formula, "grad", value(1)), term(formula, "result", value(0.5))],
          unbroadcast: null,
        },
      ],
    },
  );
  expect(stepOf(trace, 0).inputs[0]).toMatchObject({
    formula,
    own: "grad * (1 - out) * out",
    numbers: "1 * (1 - 0.5) * 0.5",
  });
});

test("names and numbers that would read wrongly get parentheses", () => {
  const formula = "-grad * ((self / other) / other)";
  const trace = oneStep(
    "(p + q) / (-2)",
    { name: "DivBackward0", op: "div", pattern: "scale", edges: [edge("other", 2, { tensor: 1, formula })] },
    { "p + q": value(3), "-2": value(-2) },
    {
      downstream: [
        {
          edge: 0,
          value: value(-0.75),
          formula,
          terms: [
            term(formula, "grad", value(1)),
            term(formula, "self", value(3)),
            term(formula, "other", value(-2)),
            term(formula, "other", value(-2), 1),
          ],
          unbroadcast: null,
        },
      ],
    },
  );
  const [input] = stepOf(trace, 0).inputs;
  expect(input?.numbers).toBe("-1 * ((3 / (-2)) / (-2))");
  expect(input?.own).toBe("-grad * ((self / (-2)) / (-2))");
});

test("un-broadcasting says which axes are summed, in a sub-step of its own", () => {
  const before = value([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  const trace = oneStep(
    "x + b",
    {
      name: "AddBackward0",
      op: "add",
      pattern: "pass",
      edges: [edge("other", 2, { tensor: 1, formula: "grad" })],
    },
    { x: before, b: value([0, 0]) },
    {
      downstream: [
        {
          edge: 0,
          value: value([3, 3]),
          formula: "grad",
          terms: [],
          unbroadcast: { before, axes: [0], shape: [2] },
        },
      ],
    },
  );
  const [input] = stepOf(trace, 0).inputs;
  expect(input?.value).toEqual(before);
  expect(input?.unbroadcast).toMatchObject({
    text: "b was broadcast from (2,) to (3, 2), so its gradient is summed over axis 0.",
    after: value([3, 3]),
    done: true,
    current: true,
  });
  const halfway = explain(trace, { backward: 0, step: 0, phase: 1 }, ENGLISH) as StepExplanation;
  expect(halfway.inputs[0]).toMatchObject({ done: true, current: true, unbroadcast: { done: false } });
});

test("contributions add up, with the running sum", () => {
  const trace = oneStep(
    "x",
    { name: "CloneBackward0", op: "clone", pattern: "pass" },
    { x: value(0) },
    {
      arrivals: [
        { from: null, outputNr: 0, value: value(1), sum: null },
        { from: null, outputNr: 0, value: value(2), sum: value(3) },
      ],
    },
  );
  expect(stepOf(trace, 0).arrivals.map(({ text }) => text)).toEqual([
    "seed: 1",
    "seed: 2; adds up: 1 + 2 = 3",
  ]);
});

describe("where no gradient goes, the reason is said", () => {
  const dead = (
    of: Partial<Trace["tensors"][number]> | null,
    to: number | null = null,
    sent: "none" | "empty" = "none",
  ) => {
    const trace = oneStep(
      "a * b",
      {
        name: "MulBackward0",
        op: "mul",
        pattern: "swap",
        edges: [edge("other", to, { tensor: of === null ? null : 1, formula: "grad * self" })],
      },
      { a: value(9), b: value(16) },
      sent === "none"
        ? {}
        : { downstream: [{ edge: 0, value: null, formula: null, terms: [], unbroadcast: null }] },
    );
    const [a, b, out] = trace.tensors;
    if (a === undefined || b === undefined || out === undefined) throw new Error("three tensors");
    return stepOf({ ...trace, tensors: [a, { ...b, ...of }, out] }, 0).inputs[0]?.deadEnd;
  };

  test("a number", () => expect(dead(null)).toBe("other is a constant: no gradient goes there."));
  test("a tensor of whole numbers", () =>
    expect(dead({ dtype: "int64" })).toBe("b has dtype int64: only floating-point tensors have gradients."));
  test("a tensor that was not asked for", () =>
    expect(dead({ requiresGrad: false })).toBe("b does not require a gradient."));
  test("an input that this pass leaves out", () =>
    expect(dead({}, 2)).toBe("This pass does not need the gradient of b."));
  test("a rule that gives none", () =>
    expect(dead({}, 2, "empty")).toBe("The rule gives no gradient for b: it counts as 0."));
});

test("the rows of an unbound tensor are named by their index", () => {
  const text = "torch.mul(*(x**2))";
  const trace = emptyTrace({
    sources: [{ name: "a.py", text }],
    tensors: [
      tensor(value([9, 16]), { node: 1 }),
      tensor(value(9), { node: 0, outputNr: 0 }),
      tensor(value(16), { node: 0, outputNr: 1 }),
    ],
    nodes: [
      node("UnbindBackward0", "unbind", { edges: [edge("self", 1, { tensor: 0 })], outputs: [1, 2] }),
      node("PowBackward0", "pow", { outputs: [0], range: rangeOf(text, "x**2") }),
      node("MulBackward0", "mul", {
        edges: [edge("self", 0, { tensor: 1 }), edge("other", 0, { tensor: 2 })],
      }),
    ],
    bindings: [{ range: rangeOf(text, "x**2"), text: "x**2", tensor: 0, count: 1 }],
    backwards: [pass([{ node: 2, arrivals: [], upstream: [], downstream: [], accumulate: null }])],
  });
  expect(stepOf(trace, 0).inputs.map(({ name }) => name)).toEqual(["(x**2)[0]", "(x**2)[1]"]);
});

describe("an operand in a loop", () => {
  const text = "h = h * w";
  /** Two rounds of `h * w`; the bindings know only the last. */
  const loop = (count: number): Trace => {
    const product = rangeOf(text, "h * w");
    const round = (of: number) =>
      node("MulBackward0", "mul", {
        range: product,
        outputs: [of + 1],
        edges: [edge("self", null, { tensor: of })],
      });
    return emptyTrace({
      sources: [{ name: "a.py", text }],
      tensors: [0, 1, 2].map((i) => tensor(value(i), { node: i === 0 ? null : i - 1 })),
      nodes: [round(0), round(1)],
      bindings: [
        { range: product, text: "h * w", tensor: 2, count },
        { range: rangeOf(text, "h", 1), text: "h", tensor: 1, count },
      ],
      backwards: [pass([{ node: 0, arrivals: [], upstream: [], downstream: [], accumulate: null }])],
    });
  };

  test("of an earlier round is called what the expression calls it", () => {
    expect(stepOf(loop(2), 0).inputs[0]?.name).toBe("h");
  });

  test("is not guessed where one round made several such nodes", () => {
    expect(stepOf(loop(1), 0).inputs[0]?.name).toBe("0");
  });
});

test("every pattern has a word and a sentence that begins with the node's name", () => {
  const patterns: Pattern[] = [
    "pass",
    "swap",
    "scale",
    "route",
    "copy",
    "sum",
    "mix",
    "move",
    "accumulate",
    "custom",
  ];
  const words = patterns.map((pattern) => patternWord(pattern, ENGLISH));
  expect(new Set(words).size).toBe(patterns.length);
  for (const pattern of patterns) {
    const trace = oneStep("f(x)", { name: "FooBackward0", op: "foo", pattern }, { x: value(0) }, {});
    expect(stepOf(trace, 0).sentence).toMatch(/^FooBackward0 /);
  }
});

test("at every place of any trace, what is done is what the sub-steps so far say", () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      let place = start(trace) as Place;
      for (;;) {
        const explanation = explain(trace, place, ENGLISH);
        if (explanation.kind === "step") {
          const lines = [
            ...explanation.arrivals,
            ...explanation.inputs.flatMap((input) =>
              input.unbroadcast === null ? [input] : [input, input.unbroadcast],
            ),
            ...(explanation.accumulate === null ? [] : [explanation.accumulate]),
          ];
          expect(lines.length).toBe(phasesOf(trace, place).length);
          expect(lines.filter(({ done }) => done).length).toBe(place.phase);
          expect(lines.filter(({ current }) => current).length).toBe(1);
        }
        const next = move(trace, place, { kind: "phaseForward" }, new Set());
        if (next.step === place.step && next.phase === place.phase) return;
        place = next;
      }
    }),
  );
});
