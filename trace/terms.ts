/** What the terms of a node's formula are called in the source. */
import { operand, tensorName } from "./names.ts";
import type { Node, Range, Trace } from "./schema.ts";

/** The source's name for a term; null where it keeps the formula's own, as `grad` does. */
export function termName(trace: Trace, node: Node, term: string): string | null {
  const tensor = tensorOf(node, term);
  if (tensor !== null) return tensorName(trace, tensor, node.range, writtenAgain(trace, node, term));
  const kept = node.saved.find((saved) => saved.term === term);
  return kept?.content.kind === "literal" ? kept.content.text : null;
}

/** The forward tensor that a term stands for; null for plain values and for gradients. */
function tensorOf(node: Node, term: string): number | null {
  const input = node.edges.find((edge) => edge.input === term);
  const kept = node.saved.find((saved) => saved.term === term);
  const output = /^result(\d*)$/.exec(term);
  return (
    input?.tensor ??
    (kept?.content.kind === "tensor" ? kept.content.tensor : null) ??
    (output === null ? null : (node.outputs[Number(output[1])] ?? null))
  );
}

/**
 * A binding only remembers the last tensor, so in a loop the operand of an earlier round is found through the
 * node that the same expression made last. Only where the expression made one such node each time that it ran:
 * of several nobody knows which is which.
 */
function writtenAgain(trace: Trace, node: Node, term: string): string | null {
  if (node.range === null) return null;
  const { nodes, runs } = madeAt(trace).get(keyOf(node, node.range)) ?? { nodes: [], runs: 0 };
  const last = nodes.at(-1);
  if (last === undefined || last === node || nodes.length > runs) return null;
  const tensor = tensorOf(last, term);
  return tensor === null ? null : (operand(trace, tensor, last.range)?.text ?? null);
}

interface Made {
  /** The nodes of one name that one expression made, oldest first. */
  readonly nodes: Node[];
  /** How many times the expression was evaluated. */
  readonly runs: number;
}

const tables = new WeakMap<Trace, Map<string, Made>>();

function madeAt(trace: Trace): Map<string, Made> {
  let table = tables.get(trace);
  if (table === undefined) {
    const runs = new Map(trace.bindings.map(({ range, count }) => [JSON.stringify(range), count]));
    table = new Map();
    for (const node of trace.nodes) {
      if (node.range === null) continue;
      const key = keyOf(node, node.range);
      const made = table.get(key);
      if (made !== undefined) made.nodes.push(node);
      else table.set(key, { nodes: [node], runs: runs.get(JSON.stringify(node.range)) ?? 0 });
    }
    tables.set(trace, table);
  }
  return table;
}

const keyOf = (node: Node, range: Range): string => `${node.name} ${JSON.stringify(range)}`;
