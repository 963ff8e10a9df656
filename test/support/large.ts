/** Traces of any size with the shape of real ones: a recurrent net unrolled in time, its weights shared by all rounds. */
import type { Backward, Node, Range, Step, TensorRecord, Trace, Value } from "../../trace/schema.ts";
import { edge, emptyTrace, node, pass, saved, tensor, value } from "./traces.ts";

const SOURCE = `for t in range(steps):
    a = x[t] @ U
    r = h @ W
    s = a + r + b
    h = torch.tanh(s)
    loss = loss + (h**2).sum()
loss.backward()
`;
const SIZE = 4;

const at = (line: number, start: number, end: number): Range => ({
  source: 0,
  start: { line, character: start },
  end: { line, character: end },
});

/** One round: op, line, inputs as positions in the round (negative: leaves -1 U, -2 W, -3 b; "h" and "loss" of the round before). */
const ROUND: readonly {
  name: string;
  op: string;
  pattern: Node["pattern"];
  range: Range;
  inputs: (number | "h" | "loss")[];
  module: string | null;
}[] = [
  {
    name: "MmBackward0",
    op: "mm",
    pattern: "mix",
    range: at(1, 8, 16),
    inputs: [-1],
    module: "Net.cell.input",
  },
  {
    name: "MmBackward0",
    op: "mm",
    pattern: "mix",
    range: at(2, 8, 13),
    inputs: ["h", -2],
    module: "Net.cell",
  },
  {
    name: "AddBackward0",
    op: "add",
    pattern: "pass",
    range: at(3, 8, 13),
    inputs: [0, 1],
    module: "Net.cell",
  },
  {
    name: "AddBackward0",
    op: "add",
    pattern: "pass",
    range: at(3, 8, 17),
    inputs: [2, -3],
    module: "Net.cell",
  },
  {
    name: "TanhBackward0",
    op: "tanh",
    pattern: "scale",
    range: at(4, 8, 21),
    inputs: [3],
    module: "Net.cell",
  },
  { name: "PowBackward0", op: "pow", pattern: "scale", range: at(5, 19, 23), inputs: [4], module: null },
  { name: "SumBackward0", op: "sum", pattern: "copy", range: at(5, 18, 30), inputs: [5], module: null },
  {
    name: "AddBackward0",
    op: "add",
    pattern: "pass",
    range: at(5, 11, 30),
    inputs: ["loss", 6],
    module: null,
  },
];

/** Rounds of eight nodes each, and three leaves. The gradients shrink from round to round, as they would. */
export function unrolled(rounds: number): Trace {
  const tensors: TensorRecord[] = [];
  const nodes: Node[] = [];
  const small = (scale: number): Value =>
    value([Array.from({ length: SIZE }, (_, i) => Math.fround(scale * (i + 1)))]);
  const leaves = ["U", "W", "b"].map((name) => {
    const record = tensors.push(tensor(small(0.1), { isLeaf: true, names: [name], grad: small(1) })) - 1;
    return (
      nodes.push(
        node("AccumulateGrad", "leaf", { pattern: "accumulate", sequenceNr: 2 ** 53 - 1, variable: record }),
      ) - 1
    );
  });
  let h: number | null = null;
  let loss: number | null = null;
  for (let round = 0; round < rounds; round++) {
    const first = nodes.length;
    for (const { name, op, pattern, range, inputs, module } of ROUND) {
      const output = tensors.length;
      tensors.push(tensor(small(1), { node: nodes.length }));
      const from = (input: number | "h" | "loss"): number | null =>
        input === "h"
          ? h
          : input === "loss"
            ? loss
            : input < 0
              ? (leaves[-input - 1] as number)
              : first + input;
      nodes.push(
        node(name, op, {
          pattern,
          sequenceNr: nodes.length,
          edges: inputs.map((input, i) => edge(i === 0 ? "self" : "other", from(input), { formula: "grad" })),
          saved: pattern === "scale" ? [saved("self", { kind: "tensor", tensor: output }, range)] : [],
          outputs: [output],
          range,
          module,
        }),
      );
    }
    h = first + 4;
    loss = first + 7;
  }
  const trace = emptyTrace({ sources: [{ name: "unrolled.py", text: SOURCE }], tensors, nodes });
  return { ...trace, backwards: [walked(trace, loss as number)] };
}

/** A pass through all of it, from the last node to the first, then the leaves. */
function walked({ nodes }: Trace, root: number): Backward {
  const order = [...nodes.keys()].filter((index) => index > 2 && index <= root).reverse();
  const scale = (index: number): number =>
    0.999 ** ((root - index) / 8) * 10 ** -((root - index) / root / 0.25);
  const grad = (index: number): Value =>
    value([[0.4, 0.3, 0.2, 0.1].map((part) => Math.fround(part * scale(index)))]);
  const steps = order.map((index): Step => {
    const own = grad(index);
    return {
      node: index,
      arrivals: [{ from: null, outputNr: 0, value: own, sum: null }],
      upstream: [own],
      downstream: (nodes[index] as Node).edges.flatMap(({ node: to }, i) =>
        to === null
          ? []
          : [
              {
                edge: i,
                value: grad(index - 1),
                formula: "grad",
                terms: [{ start: 0, end: 4, content: { kind: "value" as const, value: own } }],
                unbroadcast: null,
              },
            ],
      ),
      accumulate: null,
    };
  });
  const sums = [0, 1, 2].map((leaf): Step => {
    const own = grad(root);
    return {
      node: leaf,
      arrivals: [{ from: null, outputNr: 0, value: own, sum: null }],
      upstream: [own],
      downstream: [],
      accumulate: { before: null, added: own, after: own },
    };
  });
  return pass([...steps, ...sums], { roots: [{ tensor: null, node: root, outputNr: 0, seed: value(1) }] });
}
