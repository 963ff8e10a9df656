/** Which nodes a pass can come to, and who uses whom among them. */
import type { Trace } from "../../trace/schema.ts";

export interface Consumer {
  readonly node: number;
  readonly edge: number;
  readonly outputNr: number;
}

/** The nodes that gradients of that pass can come to, its roots first. */
export function reachable(trace: Trace, backward: number): number[] {
  const seen = new Set(trace.backwards[backward]?.roots.map((root) => root.node) ?? []);
  // A Set hands out what is added while it is walked.
  for (const index of seen)
    for (const edge of trace.nodes[index]?.edges ?? []) if (edge.node !== null) seen.add(edge.node);
  return [...seen];
}

/** Who uses each node's outputs, among those nodes. */
export function consumersOf(trace: Trace, among: Iterable<number>): Map<number, Consumer[]> {
  const consumers = new Map<number, Consumer[]>();
  for (const node of among)
    trace.nodes[node]?.edges.forEach((edge, e) => {
      if (edge.node === null) return;
      const consumer = { node, edge: e, outputNr: edge.outputNr };
      const list = consumers.get(edge.node);
      if (list === undefined) consumers.set(edge.node, [consumer]);
      else list.push(consumer);
    });
  return consumers;
}
