import { describe, expect, test } from "vitest";
import { type HoverPart, hoverText } from "../../extension/hovers/text.ts";
import { nodeAt } from "../../extension/source/at.ts";
import { pieceOf } from "../../extension/source/pieces.ts";
import type { Place } from "../../trace/place.ts";
import type { Trace } from "../../trace/schema.ts";
import { move, start } from "../../trace/stepper.ts";
import { rangeOf, squareSum } from "../support/traces.ts";

const trace = squareSum();
const first = start(trace) as Place;
const last = move(trace, first, { kind: "last" }, new Set());
const text = (parts: readonly HoverPart[] | undefined): string =>
  (parts ?? [])
    .map((part) =>
      part.kind === "links" ? JSON.stringify(part.links) : part.kind === "picture" ? part.alt : part.text,
    )
    .join("\n");

/** Where an expression stands in the trace's source. */
const at = (part: string) => {
  const binding = trace.bindings.find((candidate) => candidate.text === part);
  if (binding === undefined)
    throw new Error(`no binding of ${part}: ${trace.bindings.map((one) => one.text)}`);
  return binding.range;
};
const hover = (part: string, place: Place | null): string => {
  const { source, start: position } = at(part);
  // The second character of x**2 is that of the power and of nothing smaller.
  const there = { ...position, character: position.character + 1 };
  return text(hoverText(trace, place, source, there)?.parts);
};

describe("a hover", () => {
  test("begins with shape and dtype and names the grad_fn", () => {
    expect(hover("x**2", first).split("\n")[0]).toBe("shape (2,)  ·  torch.float32  ·  grad_fn PowBackward0");
  });

  test("ends with the ways on: to its node, and to the answer why", () => {
    const ways = hover("x**2", first).split("\n").at(-1) ?? "";
    expect(JSON.parse(ways)).toEqual([
      expect.objectContaining({ command: "backstep.stepToCursor" }),
      expect.objectContaining({
        command: "backstep.why",
        argument: expect.objectContaining({ kind: "tensor" }),
      }),
    ]);
  });

  test("shows what the node saved, under PyTorch's names", () => {
    expect(hover("x**2", first)).toContain("_saved_exponent = 2");
  });

  test("has the gradient only once it has been stepped to", () => {
    expect(hover("x**2", first)).toContain("No gradient: ");
    expect(hover("x**2", last)).toMatch(/gradient at step \d of \d\n\[1, 1\]/);
  });

  test("is silent where no tensor is", () => {
    expect(hoverText(trace, first, 0, { line: 999, character: 0 })).toBeNull();
  });
});

describe("the node at the cursor", () => {
  const source = (trace.sources[0] as Trace["sources"][number]).text;
  const pieces = trace.sources.map((one) =>
    pieceOf("file:///n.md", one.name, one.text, 0, one.text.split("\n")),
  );

  test("is that of the smallest expression around it", () => {
    const made = trace.nodes.findIndex(({ name }) => name === "PowBackward0");
    const range = trace.nodes[made]?.range;
    if (range == null) throw new Error("PowBackward0 has no range");
    const node = nodeAt(trace, pieces, "file:///n.md", range.start);
    expect(node === null ? null : trace.nodes[node]?.name).toBe("PowBackward0");
  });

  test("is none outside every expression", () => {
    const def = rangeOf(source, source.slice(0, 1));
    expect(nodeAt({ ...trace, nodes: [] }, pieces, "file:///n.md", def.start)).toBeNull();
    expect(nodeAt(trace, pieces, "file:///n.md", { line: 999, character: 0 })).toBeNull();
  });
});
