/** The graph as torchviz draws it, for comparison: one box for every node, no values, no groups. */
import type { Trace } from "../trace/schema.ts";

/** The same graph as names and edges. */
export function plainGraph(
  trace: Trace,
  backward: number,
): { names: string[]; edges: (readonly [number, number])[] } {
  const ran = [...new Set(trace.backwards[backward]?.steps.map((step) => step.node))];
  const places = new Map(ran.map((node, i) => [node, i]));
  return {
    names: ran.map((node) => trace.nodes[node]?.name ?? ""),
    edges: ran.flatMap((node, to) =>
      (trace.nodes[node]?.edges ?? []).flatMap((edge) => {
        const from = edge.node === null ? undefined : places.get(edge.node);
        return from === undefined ? [] : [[from, to] as const];
      }),
    ),
  };
}

export function graphDot(trace: Trace, backward: number): string {
  const ran = new Set(trace.backwards[backward]?.steps.map((step) => step.node));
  const rows = ["digraph {", "node [shape=box]"];
  for (const index of ran) {
    const node = trace.nodes[index];
    rows.push(`n${index} [label="${node?.name.replace(/[^\w]/g, "_")}"]`);
    for (const edge of node?.edges ?? []) if (edge.node !== null) rows.push(`n${edge.node} -> n${index}`);
  }
  return `${rows.join("\n")}\n}`;
}
