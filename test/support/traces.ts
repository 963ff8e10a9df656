/** Hand-made traces: the two first snippets to the last number, and random ones of any size. */
import fc from "fast-check";
import type {
  Backward,
  Edge,
  Node,
  Range,
  Saved,
  Step,
  TensorRecord,
  Trace,
  Value,
} from "../../trace/schema.ts";

/** An inline float32 Value; nested arrays give its shape. */
export function value(data: unknown, dtype: Value["dtype"] = "float32"): Value {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat = Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : [data];
  return { kind: "inline", shape, dtype, data: flat };
}

export function emptyTrace(change: Partial<Trace> = {}): Trace {
  return {
    format: "backstep-trace",
    version: 1,
    engine: { name: "embedded", torch: "1.13.1" },
    sources: [],
    tensors: [],
    nodes: [],
    backwards: [],
    bindings: [],
    output: [],
    error: null,
    notes: [],
    ...change,
  };
}

let objects = 1000;

/** A tensor record; each is an object of its own unless said. */
export function tensor(of: Value, change: Partial<TensorRecord> = {}): TensorRecord {
  return {
    object: objects++,
    shape: of.shape,
    dtype: of.dtype,
    device: "cpu",
    requiresGrad: true,
    isLeaf: false,
    node: null,
    outputNr: 0,
    viewOf: null,
    version: 0,
    value: of,
    repr: "",
    names: [],
    grad: null,
    ...change,
  };
}

export function node(name: string, op: string, change: Partial<Node> = {}): Node {
  return {
    name,
    op,
    pattern: "custom",
    sequenceNr: 0,
    edges: [],
    saved: [],
    outputs: [],
    variable: null,
    range: null,
    module: null,
    ...change,
  };
}

export const edge = (input: string, to: number | null, change: Partial<Edge> = {}): Edge => ({
  input,
  node: to,
  outputNr: 0,
  tensor: null,
  formula: null,
  means: null,
  ...change,
});

export const saved = (
  term: string,
  content: Saved["content"] | string,
  range: Range | null = null,
): Saved => ({
  name: `_saved_${term}`,
  term,
  content: typeof content === "string" ? { kind: "literal", text: content } : content,
  range,
});

export function pass(steps: Step[], change: Partial<Backward> = {}): Backward {
  return {
    kind: "backward",
    roots: [{ tensor: null, node: steps[0]?.node ?? 0, outputNr: 0, seed: value(1) }],
    retainGraph: false,
    createGraph: false,
    range: null,
    steps,
    error: null,
    omittedBefore: 0,
    ...change,
  };
}

/** The range of the `nth` (from 0) occurrence of `part` in a one-line or many-line text. */
export function rangeOf(text: string, part: string, nth = 0, source = 0): Range {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = text.indexOf(part, at + 1);
  if (at < 0) throw new Error(`no occurrence ${nth} of ${JSON.stringify(part)}`);
  const place = (offset: number) => {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length - 1, character: (lines.at(-1) as string).length };
  };
  return { source, start: place(at), end: place(at + part.length) };
}

/** `x = [3, 4]; y = (x**2).sum(); y.backward()`, as the embedded engine records it. */
export function squareSum(): Trace {
  const text =
    "x = torch.tensor([3., 4.]).requires_grad_()\ndef f(x): return (x**2).sum()\ny = f(x)\ny.backward()\n";
  const square = rangeOf(text, "x**2");
  const x = value([3, 4]);
  const six = value([6, 8]);
  const ones = value([1, 1]);
  return emptyTrace({
    sources: [{ name: "note.md#1", text }],
    tensors: [
      tensor(x, {
        object: 0,
        isLeaf: true,
        names: ["x"],
        repr: "tensor([3., 4.], requires_grad=True)",
        grad: six,
      }),
      tensor(value([9, 16]), { object: 1, node: 1, repr: "tensor([ 9., 16.], grad_fn=<PowBackward0>)" }),
      tensor(value(25), { object: 2, node: 0, names: ["y"], repr: "tensor(25., grad_fn=<SumBackward0>)" }),
    ],
    nodes: [
      node("SumBackward0", "sum", {
        pattern: "copy",
        sequenceNr: 1,
        edges: [edge("self", 1, { tensor: 1, formula: "grad.expand(self.sizes())" })],
        saved: [{ ...saved("self_sym_sizes", "(2,)"), term: "self.sizes()" }],
        outputs: [2],
        range: rangeOf(text, "(x**2).sum()"),
      }),
      node("PowBackward0", "pow", {
        pattern: "scale",
        edges: [edge("self", 2, { tensor: 0, formula: "grad * (exponent * self.pow(exponent - 1))" })],
        saved: [
          saved("exponent", "2"),
          saved(
            "self",
            { kind: "tensor", tensor: 0 },
            rangeOf(text, "torch.tensor([3., 4.]).requires_grad_()"),
          ),
        ],
        outputs: [1],
        range: square,
      }),
      node("AccumulateGrad", "leaf", { pattern: "accumulate", sequenceNr: 2 ** 40, variable: 0 }),
    ],
    backwards: [
      pass([
        {
          node: 0,
          arrivals: [{ from: null, outputNr: 0, value: value(1), sum: null }],
          upstream: [value(1)],
          downstream: [
            {
              edge: 0,
              value: ones,
              formula: "grad.expand(self.sizes())",
              terms: [
                { start: 0, end: 4, content: { kind: "value", value: value(1) } },
                { start: 12, end: 24, content: { kind: "literal", text: "(2,)" } },
                { start: 0, end: 25, content: { kind: "value", value: ones } },
              ],
              unbroadcast: null,
            },
          ],
          accumulate: null,
        },
        {
          node: 1,
          arrivals: [{ from: { step: 0, edge: 0 }, outputNr: 0, value: ones, sum: null }],
          upstream: [ones],
          downstream: [
            {
              edge: 0,
              value: six,
              formula: "grad * (exponent * self.pow(exponent - 1))",
              terms: [
                { start: 0, end: 4, content: { kind: "value", value: ones } },
                { start: 8, end: 16, content: { kind: "literal", text: "2" } },
                { start: 19, end: 23, content: { kind: "value", value: x } },
                { start: 28, end: 36, content: { kind: "literal", text: "2" } },
                { start: 28, end: 40, content: { kind: "literal", text: "1" } },
                { start: 19, end: 41, content: { kind: "value", value: x } },
                { start: 8, end: 41, content: { kind: "value", value: six } },
                { start: 0, end: 42, content: { kind: "value", value: six } },
              ],
              unbroadcast: null,
            },
          ],
          accumulate: null,
        },
        {
          node: 2,
          arrivals: [{ from: { step: 1, edge: 0 }, outputNr: 0, value: six, sum: null }],
          upstream: [six],
          downstream: [],
          accumulate: { before: null, added: six, after: six },
        },
      ]),
    ],
    bindings: [
      { range: rangeOf(text, "x", 0), text: "x", tensor: 0, count: 1 },
      { range: square, text: "x**2", tensor: 1, count: 1 },
      { range: rangeOf(text, "(x**2).sum()"), text: "(x**2).sum()", tensor: 2, count: 1 },
      {
        range: { ...square, end: { ...square.start, character: square.start.character + 1 } },
        text: "x",
        tensor: 0,
        count: 1,
      },
      { range: rangeOf(text, "y = f(x)"), text: "y", tensor: 2, count: 1 },
    ],
  });
}

/** A shape of a random graph: for each node, the earlier-finished nodes that its inputs lead to. */
export interface Plan {
  readonly edges: readonly (readonly number[])[];
  readonly passes: number;
}

/**
 * A trace whose passes walk every node of the plan from the root (node 0), edges leading to higher numbers;
 * nodes without edges are leaves. The numbers are the true sums of "each edge hands on 2 * grad".
 */
export function planned({ edges, passes }: Plan): Trace {
  const leaves = edges.flatMap((to, index) => (to.length === 0 ? [index] : []));
  const reachable = new Set([0]);
  edges.forEach((to, index) => {
    if (reachable.has(index)) for (const next of to) reachable.add(next);
  });
  const grads = new Map<number, number | null>(leaves.map((leaf) => [leaf, null]));
  const backwards = Array.from({ length: passes }, () => {
    const waiting = new Map<number, { from: Step["arrivals"][number]["from"]; grad: number }[]>();
    waiting.set(0, [{ from: null, grad: 1 }]);
    const steps: Step[] = [];
    edges.forEach((to, index) => {
      if (!reachable.has(index)) return;
      let sum = 0;
      const arrivals = (waiting.get(index) ?? []).map(({ from, grad }, nth) => {
        sum += grad;
        return { from, outputNr: 0, value: value(grad), sum: nth === 0 ? null : value(sum) };
      });
      to.forEach((next, at) => {
        const list = waiting.get(next) ?? [];
        list.push({ from: { step: steps.length, edge: at }, grad: 2 * sum });
        waiting.set(next, list);
      });
      const before = grads.get(index) ?? null;
      if (to.length === 0) grads.set(index, (before ?? 0) + sum);
      steps.push({
        node: index,
        arrivals,
        upstream: [value(sum)],
        downstream: to.map((_, at) => ({
          edge: at,
          value: value(2 * sum),
          formula: "2 * grad",
          terms: [{ start: 4, end: 8, content: { kind: "value", value: value(sum) } }],
          unbroadcast: at % 2 === 0 ? null : { before: value([sum, sum]), axes: [0], shape: [] },
        })),
        accumulate:
          to.length > 0
            ? null
            : {
                before: before === null ? null : value(before),
                added: value(sum),
                after: value((before ?? 0) + sum),
              },
      });
    });
    return pass(steps);
  });
  return emptyTrace({
    tensors: edges.map((to, index) => {
      const grad = grads.get(index) ?? null;
      return tensor(value(index), {
        object: index,
        isLeaf: to.length === 0,
        node: to.length === 0 ? null : index,
        names: [`t${index}`],
        grad: grad === null ? null : value(grad),
      });
    }),
    nodes: edges.map((to, index) =>
      to.length === 0
        ? node("AccumulateGrad", "leaf", { pattern: "accumulate", variable: index })
        : node("TwiceBackward0", "twice", {
            pattern: "scale",
            sequenceNr: edges.length - index,
            edges: to.map((next, at) => edge(`inputs[${at}]`, next, { tensor: next, formula: "2 * grad" })),
            outputs: [index],
          }),
    ),
    backwards,
  });
}

/** Random traces: fan-out, joins, leaves reached twice, nodes that the pass never reaches, several passes. */
export const anyTrace: fc.Arbitrary<Trace> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.record({
      edges: fc.tuple(
        ...Array.from({ length: size }, (_, index) =>
          index === size - 1
            ? fc.constant<number[]>([])
            : fc.array(fc.integer({ min: index + 1, max: size - 1 }), { maxLength: 3 }),
        ),
      ),
      passes: fc.integer({ min: 1, max: 3 }),
    }),
  )
  .map(planned);

/** A chain of `length` nodes down to one leaf. */
export const chain = (length: number): Trace =>
  planned({ edges: Array.from({ length }, (_, i) => (i === length - 1 ? [] : [i + 1])), passes: 1 });
