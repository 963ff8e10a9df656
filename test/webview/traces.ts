/** Hand-written traces that the panel's tests draw and walk: small enough to check by eye. */
import { type Element, Trace, type Value } from "../../trace/schema.ts";

type Draft = ReturnType<typeof Trace.parse>;
type DraftNode = Draft["nodes"][number];
type DraftStep = Draft["backwards"][number]["steps"][number];

export const value = (shape: number[], data: Element[]): Value => ({
  kind: "inline",
  shape,
  dtype: "float32",
  data,
});
export const scalar = (element: Element): Value => value([], [element]);
export const vector = (...data: Element[]): Value => value([data.length], data);

const range = (source: string, text: string, nth = 0) => {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = source.indexOf(text, at + 1);
  if (at < 0) throw new Error(`${text} is not in the source`);
  const before = source.slice(0, at).split("\n");
  const line = before.length - 1;
  const character = (before.at(-1) as string).length;
  return {
    source: 0,
    start: { line, character },
    end: { line, character: character + text.length },
  };
};

let objects = 0;
const tensor = (v: Value, over: Partial<Draft["tensors"][number]> = {}): Draft["tensors"][number] => ({
  object: objects++,
  shape: v.shape,
  dtype: "float32",
  device: "cpu",
  requiresGrad: true,
  isLeaf: false,
  node: null,
  outputNr: 0,
  viewOf: null,
  version: 0,
  value: v,
  repr: "",
  names: [],
  grad: null,
  ...over,
});

const node = (
  over: Partial<DraftNode> & Pick<DraftNode, "name" | "op" | "pattern" | "sequenceNr">,
): DraftNode => ({
  edges: [],
  saved: [],
  outputs: [],
  variable: null,
  range: null,
  module: null,
  ...over,
});

const edge = (
  input: string,
  to: number | null,
  tensorIndex: number | null,
  formula: string | null,
  outputNr = 0,
): DraftNode["edges"][number] => ({ input, node: to, outputNr, tensor: tensorIndex, formula, means: null });

const leaf = (variable: number): DraftNode =>
  node({
    name: "AccumulateGrad",
    op: "leaf",
    pattern: "accumulate",
    sequenceNr: Number.MAX_SAFE_INTEGER,
    variable,
  });

const from = (step: number, e: number, v: Value, sum: Value | null = null, outputNr = 0) => ({
  from: { step, edge: e },
  outputNr,
  value: v,
  sum,
});

const seed = (v: Value) => ({ from: null, outputNr: 0, value: v, sum: null });

const accumulate = (
  n: number,
  arrivals: DraftStep["arrivals"],
  before: Value | null,
  added: Value,
  after: Value,
) => ({
  node: n,
  arrivals,
  upstream: [added],
  downstream: [],
  accumulate: { before, added, after },
});

const term = (formula: string, part: string, v: Value | string, nth = 0) => {
  let start = -1;
  for (let i = 0; i <= nth; i++) start = formula.indexOf(part, start + 1);
  return {
    start,
    end: start + part.length,
    content:
      typeof v === "string"
        ? ({ kind: "literal", text: v } as const)
        : ({ kind: "value", value: v } as const),
  };
};

const finish = (
  text: string,
  draft: Pick<Draft, "tensors" | "nodes" | "backwards"> & Partial<Draft>,
): Trace =>
  Trace.parse({
    format: "backstep-trace",
    version: 1,
    engine: { name: "embedded", torch: "1.13" },
    sources: [{ name: "note.md#1", text }],
    bindings: [],
    output: [],
    error: null,
    notes: [],
    ...draft,
  });

const POW = "grad * (exponent * self.pow(exponent - 1))";

/** `y = (x**2).sum()` at `x = [3, 4]`. */
export function sumOfSquares(): Trace {
  const text =
    "x = torch.tensor([3., 4.]).requires_grad_()\nx\ndef f(x): return (x**2).sum()\ny = f(x)\ny\ny.backward()\nx.grad\n";
  const x = vector(3, 4);
  const ones = vector(1, 1);
  const g = vector(6, 8);
  return finish(text, {
    tensors: [
      tensor(x, { isLeaf: true, names: ["x"], grad: g, repr: "tensor([3., 4.], requires_grad=True)" }),
      tensor(vector(9, 16), { node: 1 }),
      tensor(scalar(25), { node: 2, names: ["y"] }),
    ],
    nodes: [
      leaf(0),
      node({
        name: "PowBackward0",
        op: "pow",
        pattern: "scale",
        sequenceNr: 0,
        edges: [edge("self", 0, 0, POW)],
        saved: [
          {
            name: "_saved_exponent",
            term: "exponent",
            content: { kind: "literal", text: "2" },
            range: range(text, "x**2"),
          },
          {
            name: "_saved_self",
            term: "self",
            content: { kind: "tensor", tensor: 0 },
            range: range(text, "x**2"),
          },
        ],
        outputs: [1],
        range: range(text, "x**2"),
      }),
      node({
        name: "SumBackward0",
        op: "sum",
        pattern: "copy",
        sequenceNr: 1,
        edges: [edge("self", 1, 1, "grad.expand(self.sizes())")],
        saved: [
          {
            name: "_saved_self_sym_sizes",
            term: "self.sizes()",
            content: { kind: "literal", text: "(2,)" },
            range: range(text, "(x**2).sum()"),
          },
        ],
        outputs: [2],
        range: range(text, "(x**2).sum()"),
      }),
    ],
    backwards: [
      {
        kind: "backward",
        roots: [{ tensor: 2, node: 2, outputNr: 0, seed: scalar(1) }],
        retainGraph: false,
        createGraph: false,
        range: range(text, "y.backward()"),
        steps: [
          {
            node: 2,
            arrivals: [seed(scalar(1))],
            upstream: [scalar(1)],
            downstream: [
              {
                edge: 0,
                value: ones,
                formula: "grad.expand(self.sizes())",
                terms: [
                  term("grad.expand(self.sizes())", "grad", scalar(1)),
                  term("grad.expand(self.sizes())", "self.sizes()", "(2,)"),
                ],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          {
            node: 1,
            arrivals: [from(0, 0, ones)],
            upstream: [ones],
            downstream: [
              {
                edge: 0,
                value: g,
                formula: POW,
                terms: [
                  term(POW, "grad", ones),
                  term(POW, "exponent", "2"),
                  term(POW, "self.pow(exponent - 1)", x),
                ],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          accumulate(0, [from(1, 0, g)], null, g, g),
        ],
        error: null,
        omittedBefore: 0,
      },
    ],
    bindings: [
      { range: range(text, "x", 0), text: "x", tensor: 0, count: 1 },
      { range: range(text, "x**2"), text: "x**2", tensor: 1, count: 1 },
      { range: range(text, "y", 0), text: "y", tensor: 2, count: 1 },
    ],
    output: [
      { stream: "stdout", text: "tensor([3., 4.], requires_grad=True)\n", source: 0 },
      { stream: "stdout", text: "tensor(25., grad_fn=<SumBackward0>)\n", source: 0 },
      { stream: "stdout", text: "tensor([6., 8.])\n", source: 0 },
    ],
  });
}

/** `y = torch.mul(*(x**2))` at `x = [3, 4]`: the 9 and the 16 change places. */
export function productOfSquares(): Trace {
  const text =
    "x = torch.tensor([3., 4.]).requires_grad_()\nx\ndef f(x): return torch.mul(*(x**2))\ny = f(x)\ny\ny.backward()\nx.grad\n";
  const x = vector(3, 4);
  const back = vector(16, 9);
  const g = vector(96, 72);
  return finish(text, {
    tensors: [
      tensor(x, { isLeaf: true, names: ["x"], grad: g }),
      tensor(vector(9, 16), { node: 1 }),
      tensor(scalar(9), { node: 2 }),
      tensor(scalar(16), { node: 2, outputNr: 1 }),
      tensor(scalar(144), { node: 3, names: ["y"] }),
    ],
    nodes: [
      leaf(0),
      node({
        name: "PowBackward0",
        op: "pow",
        pattern: "scale",
        sequenceNr: 0,
        edges: [edge("self", 0, 0, POW)],
        saved: [
          {
            name: "_saved_exponent",
            term: "exponent",
            content: { kind: "literal", text: "2" },
            range: range(text, "x**2"),
          },
          {
            name: "_saved_self",
            term: "self",
            content: { kind: "tensor", tensor: 0 },
            range: range(text, "x**2"),
          },
        ],
        outputs: [1],
        range: range(text, "x**2"),
      }),
      node({
        name: "UnbindBackward0",
        op: "unbind",
        pattern: "move",
        sequenceNr: 1,
        edges: [edge("self", 1, 1, "stack(grads, dim)")],
        saved: [{ name: "_saved_dim", term: "dim", content: { kind: "literal", text: "0" }, range: null }],
        outputs: [2, 3],
        range: range(text, "*(x**2)"),
      }),
      node({
        name: "MulBackward0",
        op: "mul",
        pattern: "swap",
        sequenceNr: 2,
        edges: [edge("self", 2, 2, "grad * other", 0), edge("other", 2, 3, "grad * self", 1)],
        saved: [
          {
            name: "_saved_other",
            term: "other",
            content: { kind: "tensor", tensor: 3 },
            range: range(text, "torch.mul(*(x**2))"),
          },
          {
            name: "_saved_self",
            term: "self",
            content: { kind: "tensor", tensor: 2 },
            range: range(text, "torch.mul(*(x**2))"),
          },
        ],
        outputs: [4],
        range: range(text, "torch.mul(*(x**2))"),
      }),
    ],
    backwards: [
      {
        kind: "backward",
        roots: [{ tensor: 4, node: 3, outputNr: 0, seed: scalar(1) }],
        retainGraph: false,
        createGraph: false,
        range: range(text, "y.backward()"),
        steps: [
          {
            node: 3,
            arrivals: [seed(scalar(1))],
            upstream: [scalar(1)],
            downstream: [
              {
                edge: 0,
                value: scalar(16),
                formula: "grad * other",
                terms: [term("grad * other", "grad", scalar(1)), term("grad * other", "other", scalar(16))],
                unbroadcast: null,
              },
              {
                edge: 1,
                value: scalar(9),
                formula: "grad * self",
                terms: [term("grad * self", "grad", scalar(1)), term("grad * self", "self", scalar(9))],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          {
            node: 2,
            arrivals: [from(0, 0, scalar(16)), from(0, 1, scalar(9), null, 1)],
            upstream: [scalar(16), scalar(9)],
            downstream: [
              { edge: 0, value: back, formula: "stack(grads, dim)", terms: [], unbroadcast: null },
            ],
            accumulate: null,
          },
          {
            node: 1,
            arrivals: [from(1, 0, back)],
            upstream: [back],
            downstream: [
              {
                edge: 0,
                value: g,
                formula: POW,
                terms: [
                  term(POW, "grad", back),
                  term(POW, "exponent", "2"),
                  term(POW, "self.pow(exponent - 1)", x),
                ],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          accumulate(0, [from(2, 0, g)], null, g, g),
        ],
        error: null,
        omittedBefore: 0,
      },
    ],
    output: [
      { stream: "stdout", text: "tensor([3., 4.], requires_grad=True)\n", source: 0 },
      { stream: "stdout", text: "tensor(144., grad_fn=<MulBackward0>)\n", source: 0 },
      { stream: "stdout", text: "tensor([96., 72.])\n", source: 0 },
    ],
  });
}

/** `y = ((x * w + b).relu() + w).sum()`: a constant, a broadcast leaf, a switch, and a leaf that is used twice. */
export function everyPath(): Trace {
  const text =
    "w = torch.tensor([1., -2.], requires_grad=True)\nb = torch.tensor(0.5, requires_grad=True)\nx = torch.tensor([3., 4.])\nh = x * w + b\ny = (h.relu() + w).sum()\ny.backward()\n";
  const ones = vector(1, 1);
  const gate = vector(1, 0);
  return finish(text, {
    tensors: [
      tensor(vector(1, -2), { isLeaf: true, names: ["w"], grad: vector(4, 1) }),
      tensor(scalar(0.5), { isLeaf: true, names: ["b"], grad: scalar(1) }),
      tensor(vector(3, 4), { isLeaf: true, requiresGrad: false, names: ["x"] }),
      tensor(vector(3, -8), { node: 2 }),
      tensor(vector(3.5, -7.5), { node: 3, names: ["h"] }),
      tensor(vector(3.5, 0), { node: 4 }),
      tensor(vector(4.5, -2), { node: 5 }),
      tensor(scalar(2.5), { node: 6, names: ["y"] }),
    ],
    nodes: [
      leaf(0),
      leaf(1),
      node({
        name: "MulBackward0",
        op: "mul",
        pattern: "swap",
        sequenceNr: 0,
        edges: [edge("self", null, 2, null), edge("other", 0, 0, "grad * self")],
        saved: [
          {
            name: "_saved_self",
            term: "self",
            content: { kind: "tensor", tensor: 2 },
            range: range(text, "x * w"),
          },
        ],
        outputs: [3],
        range: range(text, "x * w"),
      }),
      node({
        name: "AddBackward0",
        op: "add",
        pattern: "pass",
        sequenceNr: 1,
        edges: [edge("self", 2, 3, "grad"), edge("other", 1, 1, "grad")],
        outputs: [4],
        range: range(text, "x * w + b"),
      }),
      node({
        name: "ReluBackward0",
        op: "relu",
        pattern: "route",
        sequenceNr: 2,
        edges: [edge("self", 3, 4, "threshold_backward(grad, result, 0)")],
        saved: [
          {
            name: "_saved_result",
            term: "result",
            content: { kind: "tensor", tensor: 5 },
            range: range(text, "h.relu()"),
          },
        ],
        outputs: [5],
        range: range(text, "h.relu()"),
      }),
      node({
        name: "AddBackward0",
        op: "add",
        pattern: "pass",
        sequenceNr: 3,
        edges: [edge("self", 4, 5, "grad"), edge("other", 0, 0, "grad")],
        outputs: [6],
        range: range(text, "h.relu() + w"),
      }),
      node({
        name: "SumBackward0",
        op: "sum",
        pattern: "copy",
        sequenceNr: 4,
        edges: [edge("self", 5, 6, "grad.expand(self.sizes())")],
        saved: [
          {
            name: "_saved_self_sym_sizes",
            term: "self.sizes()",
            content: { kind: "literal", text: "(2,)" },
            range: null,
          },
        ],
        outputs: [7],
        range: range(text, "(h.relu() + w).sum()"),
      }),
    ],
    backwards: [
      {
        kind: "backward",
        roots: [{ tensor: 7, node: 6, outputNr: 0, seed: scalar(1) }],
        retainGraph: false,
        createGraph: false,
        range: range(text, "y.backward()"),
        steps: [
          {
            node: 6,
            arrivals: [seed(scalar(1))],
            upstream: [scalar(1)],
            downstream: [
              {
                edge: 0,
                value: ones,
                formula: "grad.expand(self.sizes())",
                terms: [term("grad.expand(self.sizes())", "grad", scalar(1))],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          {
            node: 5,
            arrivals: [from(0, 0, ones)],
            upstream: [ones],
            downstream: [
              {
                edge: 0,
                value: ones,
                formula: "grad",
                terms: [term("grad", "grad", ones)],
                unbroadcast: null,
              },
              {
                edge: 1,
                value: ones,
                formula: "grad",
                terms: [term("grad", "grad", ones)],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          {
            node: 4,
            arrivals: [from(1, 0, ones)],
            upstream: [ones],
            downstream: [
              {
                edge: 0,
                value: gate,
                formula: "threshold_backward(grad, result, 0)",
                terms: [],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          {
            node: 3,
            arrivals: [from(2, 0, gate)],
            upstream: [gate],
            downstream: [
              {
                edge: 0,
                value: gate,
                formula: "grad",
                terms: [term("grad", "grad", gate)],
                unbroadcast: null,
              },
              {
                edge: 1,
                value: scalar(1),
                formula: "grad",
                terms: [term("grad", "grad", gate)],
                unbroadcast: { before: gate, axes: [0], shape: [] },
              },
            ],
            accumulate: null,
          },
          accumulate(1, [from(3, 1, scalar(1))], null, scalar(1), scalar(1)),
          {
            node: 2,
            arrivals: [from(3, 0, gate)],
            upstream: [gate],
            downstream: [
              {
                edge: 1,
                value: vector(3, 0),
                formula: "grad * self",
                terms: [term("grad * self", "grad", gate), term("grad * self", "self", vector(3, 4))],
                unbroadcast: null,
              },
            ],
            accumulate: null,
          },
          accumulate(
            0,
            [from(1, 1, ones), from(5, 1, vector(3, 0), vector(4, 1))],
            null,
            vector(4, 1),
            vector(4, 1),
          ),
        ],
        error: null,
        omittedBefore: 0,
      },
    ],
  });
}

/** A chain of `length` doublings, for size. */
export function chain(length: number): Trace {
  const text = "y = x\nfor _ in range(n): y = y * 2\n";
  const nodes = [leaf(0)];
  const tensors = [tensor(scalar(1), { isLeaf: true, names: ["x"] })];
  const steps: DraftStep[] = [];
  for (let i = 1; i <= length; i++) {
    nodes.push(
      node({
        name: "MulBackward0",
        op: "mul",
        pattern: "swap",
        sequenceNr: i,
        edges: [edge("self", i - 1, i - 1, "grad * other")],
        outputs: [i],
        range: range(text, "y * 2"),
      }),
    );
    tensors.push(tensor(scalar(i), { node: i }));
    const sender = i === 1 ? seed(scalar(1)) : from(i - 2, 0, scalar(1));
    steps.push({
      node: length + 1 - i,
      arrivals: [sender],
      upstream: [scalar(1)],
      downstream: [{ edge: 0, value: scalar(1), formula: "grad * other", terms: [], unbroadcast: null }],
      accumulate: null,
    });
  }
  steps.push(accumulate(0, [from(length - 1, 0, scalar(1))], null, scalar(1), scalar(1)));
  return finish(text, {
    tensors,
    nodes,
    backwards: [
      {
        kind: "backward",
        roots: [{ tensor: length, node: length, outputNr: 0, seed: scalar(1) }],
        retainGraph: false,
        createGraph: false,
        range: null,
        steps,
        error: null,
        omittedBefore: 0,
      },
    ],
  });
}
