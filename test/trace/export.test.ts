import { Graphviz } from "@hpcc-js/wasm-graphviz";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportTrace } from "../../trace/export.ts";
import { readTrace } from "../../trace/read.ts";
import { anyTrace, edge, emptyTrace, node, rangeOf, squareSum } from "../support/traces.ts";

describe("text", () => {
  test("reads as a transcript of the pass", () => {
    expect(exportTrace(squareSum(), "text", 0)).toMatchInlineSnapshot(`
      "backward pass 1 of 1
      The pass starts at y: the gradient of y with respect to itself is 1.

      step 1 of 3: SumBackward0
        SumBackward0 copies: every element that was added up gets the upstream gradient. So x**2 gets [1, 1].
        forward      (x**2).sum()  (note.md#1:2)
        upstream     seed: 1
        saved        _saved_self_sym_sizes = (2,)
        downstream   x**2 (self) → PowBackward0
          formula    grad.expand(self.sizes())
          names      grad.expand((x**2).sizes())
          numbers    (1).expand((2,))
          gradient   [1, 1]  (2,)

      step 2 of 3: PowBackward0
        PowBackward0 scales: the upstream gradient is multiplied by the local derivative. So x gets [1, 1] * (2 * [3, 4]) = [6, 8].
        forward      x**2  (note.md#1:2)
        upstream     from SumBackward0: [1, 1]
        saved        _saved_exponent = 2
        saved        _saved_self = [3, 4]  from torch.tensor([3., 4.]).requires_grad_()  (note.md#1:1)
        downstream   x (self) → AccumulateGrad
          formula    grad * (exponent * self.pow(exponent - 1))
          names      grad * (2 * x.pow(2 - 1))
          numbers    [1, 1] * (2 * [3, 4])
          gradient   [6, 8]  (2,)

      step 3 of 3: AccumulateGrad
        AccumulateGrad accumulates: x is a leaf, so what arrives is added to x.grad. x.grad was None; now it is [6, 8].
        upstream     from PowBackward0: [6, 8]
        x.grad       None + [6, 8] = [6, 8]
      "
    `);
  });

  test("without a pass says how to get one and lists the graph", () => {
    expect(exportTrace({ ...squareSum(), backwards: [] }, "text", null)).toMatchInlineSnapshot(`
      "No backward pass was run: call .backward() on a scalar that requires a gradient. The graph so far has 3 nodes.
        SumBackward0  (x**2).sum()  (x**2 ← PowBackward0)
        PowBackward0  x**2  (x ← AccumulateGrad)
        AccumulateGrad  x
      "
    `);
  });

  test("says how the pass and the program ended, and what was left out", () => {
    const trace = squareSum();
    const [pass] = trace.backwards;
    if (pass === undefined) throw new Error("one pass");
    const text = exportTrace(
      {
        ...trace,
        backwards: [{ ...pass, error: "boom", omittedBefore: 9 }],
        error: { type: "RuntimeError", message: "boom", traceback: "", ranges: [] },
        notes: ["skipped %matplotlib"],
      },
      "text",
      0,
    );
    expect(text).toMatch(/^backward pass 10 of 10\n/);
    expect(text).toContain(
      "\nThe pass raised: boom\n\nThe program raised RuntimeError: boom\n\nnote: skipped %matplotlib\n",
    );
  });

  test("never carries what a terminal would obey", () => {
    const source = 'x = "\u001b[2J\u202e"\r\n';
    const trace = emptyTrace({
      sources: [{ name: "a\u001b.py", text: source }],
      nodes: [node("A\u0007", "a", { range: rangeOf(source, '"\u001b[2J\u202e"') })],
      notes: ["\u001b]0;title\u0007"],
    });
    expect(exportTrace(trace, "text", null)).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  });

  test("is the same for the same trace", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        expect(exportTrace(trace, "text", 0)).toBe(exportTrace(structuredClone(trace), "text", 0));
      }),
    );
  });
});

test("JSON reads back as the same trace", () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      expect(readTrace(exportTrace(trace, "json", null))).toEqual(trace);
    }),
  );
});

describe("DOT", () => {
  test("has a node for each node and the gradient on each edge", () => {
    expect(exportTrace(squareSum(), "dot", 0)).toMatchInlineSnapshot(`
      "digraph backward {
        node [shape=box, fontname=monospace];
        edge [fontname=monospace];
        n0 [label="SumBackward0\\n(x**2).sum()"];
        n1 [label="PowBackward0\\nx**2"];
        n2 [label="AccumulateGrad\\nx (2,)\\n.grad = [6, 8]", shape=ellipse];
        n0 -> n1 [label="[1, 1]"];
        n1 -> n2 [label="[6, 8]"];
      }
      "
    `);
  });

  test("is what Graphviz takes, whatever the source holds", async () => {
    const graphviz = await Graphviz.load();
    const nasty = [
      '"]; evil [label="',
      "back\\slash\\",
      "\\N \\G",
      "<b>&amp;</b>",
      "line\nbreak\u0000\u001b",
      "}",
      "한국어 🎈",
    ];
    for (const text of nasty) {
      const trace = emptyTrace({
        sources: [{ name: "a.py", text }],
        nodes: [
          node(text, "a", {
            range: { source: 0, start: { line: 0, character: 0 }, end: { line: 1, character: 99 } },
            edges: [edge("self", 1)],
            module: text,
          }),
          node("B", "b"),
        ],
      });
      const drawn = graphviz.dot(exportTrace(trace, "dot", null), "json");
      const { objects, edges } = JSON.parse(drawn) as {
        objects: { name: string; label: string }[];
        edges: unknown[];
      };
      expect(objects.map(({ name }) => name)).toEqual(["n0", "n1"]);
      expect(edges.length).toBe(1);
    }
  });
});
