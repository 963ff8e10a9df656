/** Which cards and wires a Trace is drawn as: op nodes, leaves, constants and results, and the wires between them. */
import type { Trace } from "../../trace/schema.ts";

/**
 * `op` an autograd node; `leaf` an AccumulateGrad with its variable; `constant` an operand that needs no gradient;
 * `result` a tensor that nothing here uses (a root of the pass, or what the program ended with); `more` stands for
 * nodes that are not drawn.
 */
export type CardKind = "op" | "leaf" | "constant" | "result" | "more";

export interface Card {
  readonly id: string;
  readonly kind: CardKind;
  /** Index of the autograd node (`op`, `leaf`). */
  readonly node: number | null;
  /** Index of the tensor that it stands for (`leaf`, `constant`, `result`). */
  readonly tensor: number | null;
  /** For a result that the pass starts from: which of its roots. */
  readonly root: number | null;
  /** For an op: the edges that have a port on top, left to right. */
  readonly ports: readonly number[];
  readonly outputs: number;
}

export interface Wire {
  readonly id: string;
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  /** Whose gradient runs up it: an edge of a node, the seed of a root, or none (towards a constant). */
  readonly carries:
    | { readonly kind: "edge"; readonly node: number; readonly edge: number }
    | { readonly kind: "root"; readonly root: number | null }
    | { readonly kind: "nothing" };
}

export interface Graph {
  readonly cards: readonly Card[];
  readonly wires: readonly Wire[];
  /** Nodes of the trace that belong in this view; more than are drawn where the view is a neighbourhood. */
  readonly total: number;
  readonly whole: boolean;
}

/** What of the trace to draw. */
export interface Scope {
  /** The pass that is walked; null where there is none. */
  readonly backward: number | null;
  /** Every node of the trace, rather than only what the pass can reach. */
  readonly everything: boolean;
  /** Where a graph is too large to draw whole: the node whose surroundings are drawn. */
  readonly around: number | null;
}

/** More nodes than this are not drawn whole. */
export const WHOLE_LIMIT = 1000;
/** Nodes of a neighbourhood. */
export const NEIGHBOURHOOD = 80;
/** A leaf with more consumers than this is drawn once for each: one card with a thousand wires tangles the picture. */
const SHARED_CONSUMERS = 4;

export function graphOf(trace: Trace, scope: Scope): Graph {
  const everything = scope.everything || scope.backward === null;
  const inScope = everything ? trace.nodes.map((_, i) => i) : reachable(trace, scope.backward as number);
  const whole = inScope.length <= WHOLE_LIMIT;
  const drawn = new Set(whole ? inScope : neighbourhood(trace, inScope, scope.around));
  const consumers = consumersOf(trace, drawn);
  const cards: Card[] = [];
  const wires: Wire[] = [];

  // From the results up, so that the picture does not depend on the order in which nodes were recorded.
  const nodes = [...drawn].sort((a, b) => sequence(trace, b) - sequence(trace, a) || b - a);
  for (const index of nodes) {
    const node = trace.nodes[index] as Trace["nodes"][number];
    if (isLeaf(trace, index)) {
      if ((consumers.get(index) ?? []).length <= SHARED_CONSUMERS) cards.push(leafCard(trace, index, ""));
      continue;
    }
    const ports: number[] = [];
    node.edges.forEach((edge, e) => {
      if (edge.node === null && (edge.tensor === null || isNumber(trace, edge.tensor))) return;
      const toPort = ports.push(e) - 1;
      const to = nodeId(index);
      const wire = (from: string, fromPort: number, carries: Wire["carries"]): void => {
        wires.push({ id: `${index}:${e}`, from, fromPort, to, toPort, carries });
      };
      if (edge.node === null) {
        const id = `constant ${index}:${e}`;
        cards.push({ ...BLANK, id, kind: "constant", tensor: edge.tensor });
        wire(id, 0, { kind: "nothing" });
        return;
      }
      const carries = { kind: "edge", node: index, edge: e } as const;
      if (!drawn.has(edge.node)) {
        const id = `more ${index}:${e}`;
        cards.push({ ...BLANK, id, kind: "more", node: edge.node });
        wire(id, 0, carries);
      } else if (isLeaf(trace, edge.node)) {
        const split = (consumers.get(edge.node) ?? []).length > SHARED_CONSUMERS;
        const card = leafCard(trace, edge.node, split ? ` ${index}:${e}` : "");
        if (split) cards.push(card);
        wire(card.id, 0, carries);
      } else {
        wire(nodeId(edge.node), Math.min(edge.outputNr, outputsOf(trace, edge.node) - 1), carries);
      }
    });
    cards.push({
      ...BLANK,
      id: nodeId(index),
      kind: "op",
      node: index,
      ports,
      outputs: outputsOf(trace, index),
    });
  }
  addResults(trace, scope.backward, everything, drawn, consumers, cards, wires);
  return { cards, wires, total: inScope.length, whole };
}

const BLANK = { node: null, tensor: null, root: null, ports: [], outputs: 1 } as const;

export const nodeId = (node: number): string => `node ${node}`;

const sequence = (trace: Trace, node: number): number => trace.nodes[node]?.sequenceNr ?? 0;

export const isLeaf = (trace: Trace, node: number): boolean => trace.nodes[node]?.pattern === "accumulate";

/** A plain number in an expression: the expression shows it, and where it is needed it is a saved value. */
function isNumber(trace: Trace, tensor: number): boolean {
  const record = trace.tensors[tensor];
  return record !== undefined && record.shape.length === 0 && record.names.length === 0;
}

const outputsOf = (trace: Trace, node: number): number => Math.max(1, trace.nodes[node]?.outputs.length ?? 1);

function leafCard(trace: Trace, node: number, suffix: string): Card {
  const tensor = trace.nodes[node]?.variable ?? null;
  return { ...BLANK, id: `leaf ${node}${suffix}`, kind: "leaf", node, tensor };
}

/** The nodes that gradients of that pass can come to, its roots first. */
function reachable(trace: Trace, backward: number): number[] {
  const seen = new Set(trace.backwards[backward]?.roots.map((root) => root.node) ?? []);
  // A Set hands out what is added while it is walked.
  for (const index of seen)
    for (const edge of trace.nodes[index]?.edges ?? []) if (edge.node !== null) seen.add(edge.node);
  return [...seen];
}

/** The nodes nearest to `around`, by steps along edges in either direction. */
function neighbourhood(trace: Trace, inScope: readonly number[], around: number | null): number[] {
  const allowed = new Set(inScope);
  const consumers = consumersOf(trace, allowed);
  const seen = new Set([around !== null && allowed.has(around) ? around : (inScope[0] as number)]);
  for (const index of seen) {
    const near = [
      ...(trace.nodes[index]?.edges ?? []).flatMap((edge) => (edge.node === null ? [] : [edge.node])),
      // The consumers of a leaf lie all over the graph: following them would leave the neighbourhood.
      ...(isLeaf(trace, index) ? [] : (consumers.get(index) ?? []).map((consumer) => consumer.node)),
    ];
    for (const other of near) {
      if (seen.size >= NEIGHBOURHOOD) return [...seen];
      if (allowed.has(other)) seen.add(other);
    }
  }
  return [...seen];
}

interface Consumer {
  readonly node: number;
  readonly edge: number;
  readonly outputNr: number;
}

/** Who uses each node's outputs, among those nodes. */
export function consumersOf(trace: Trace, among: ReadonlySet<number>): Map<number, Consumer[]> {
  const consumers = new Map<number, Consumer[]>();
  for (const node of among)
    trace.nodes[node]?.edges.forEach((edge, e) => {
      if (edge.node === null) return;
      const list = consumers.get(edge.node) ?? [];
      list.push({ node, edge: e, outputNr: edge.outputNr });
      consumers.set(edge.node, list);
    });
  return consumers;
}

/** A result card under each root of the pass and, where everything is drawn, under each output that nothing uses. */
function addResults(
  trace: Trace,
  backward: number | null,
  everything: boolean,
  drawn: ReadonlySet<number>,
  consumers: ReadonlyMap<number, readonly Consumer[]>,
  cards: Card[],
  wires: Wire[],
): void {
  const add = (
    key: string,
    node: number,
    outputNr: number,
    tensor: number | null,
    root: number | null,
  ): void => {
    if (!drawn.has(node)) return;
    const id = `result ${key}`;
    cards.push({ ...BLANK, id, kind: "result", tensor, root });
    const leaf = isLeaf(trace, node);
    const from = leaf ? `leaf ${node}` : nodeId(node);
    const fromPort = leaf ? 0 : Math.min(outputNr, outputsOf(trace, node) - 1);
    wires.push({ id, from, fromPort, to: id, toPort: 0, carries: { kind: "root", root } });
  };
  const roots = backward === null ? [] : (trace.backwards[backward]?.roots ?? []);
  roots.forEach((root, i) => {
    add(`root ${i}`, root.node, root.outputNr, root.tensor ?? outputOf(trace, root.node, root.outputNr), i);
  });
  if (!everything) return;
  for (const node of drawn) {
    if (isLeaf(trace, node)) continue;
    for (let nr = 0; nr < outputsOf(trace, node); nr++)
      if (roots.some((root) => root.node === node && root.outputNr === nr)) continue;
      else if (!consumers.get(node)?.some((consumer) => consumer.outputNr === nr))
        add(`${node}:${nr}`, node, nr, outputOf(trace, node, nr), null);
  }
}

const outputOf = (trace: Trace, node: number, outputNr: number): number | null =>
  trace.nodes[node]?.outputs[outputNr] ?? null;
