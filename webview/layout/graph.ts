/** Which cards, wires and frames a Trace is drawn as: nodes, leaves, constants, results, and groups open and closed. */
import { finish } from "../../trace/finish.ts";
import { type Group, type GroupTree, grouping, openAtFirst } from "../../trace/groups.ts";
import type { Trace } from "../../trace/schema.ts";
import { type Consumer, consumersOf, reachable } from "./reach.ts";

/**
 * `op` an autograd node; `leaf` an AccumulateGrad with its variable; `constant` an operand that needs no gradient;
 * `result` a tensor that nothing here uses (a root of the pass, or what the program ended with); `group` many nodes
 * folded into one card.
 */
export type CardKind = "op" | "leaf" | "constant" | "result" | "group";

export interface Card {
  readonly id: string;
  readonly kind: CardKind;
  /** Index of the autograd node (`op`, `leaf`). */
  readonly node: number | null;
  /** Index of the tensor that it stands for (`leaf`, `constant`, `result`). */
  readonly tensor: number | null;
  /** For a result that the pass starts from: which of its roots. */
  readonly root: number | null;
  /** For a `group`: its index in the tree. */
  readonly group: number | null;
  /** For an op: the edges that have a port on top, left to right. For a group: one number for each port. */
  readonly ports: readonly number[];
  readonly outputs: number;
  /** The frame that it stands in; null for the picture itself. */
  readonly frame: string | null;
  /** For a leaf that is drawn once for each use: how many uses it has in all; else 0. */
  readonly shared: number;
  /** For a group: the leaves that only it uses (nodes), which are not drawn. */
  readonly folded: readonly number[];
}

/** An open group: drawn as a frame around what is in it. */
export interface Frame {
  readonly id: string;
  readonly group: number;
  readonly parent: string | null;
}

export interface EdgeRef {
  readonly node: number;
  readonly edge: number;
}

export interface Wire {
  readonly id: string;
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  /** Whose gradient runs up it: edges of nodes (several where a group is folded), the seed of a root, or none. */
  readonly carries:
    | { readonly kind: "edges"; readonly edges: readonly EdgeRef[] }
    | { readonly kind: "root"; readonly root: number | null }
    | { readonly kind: "nothing" };
}

export interface Graph {
  readonly cards: readonly Card[];
  readonly wires: readonly Wire[];
  /** Outer ones first. */
  readonly frames: readonly Frame[];
  readonly tree: GroupTree;
  /** Keys of the groups that are open. */
  readonly open: ReadonlySet<string>;
  /** Which card shows a node: its own, or the folded group's that it is in. */
  readonly cardOf: (node: number) => string | null;
  /** Nodes of the trace that belong in this view. */
  readonly total: number;
}

/** What of the trace to draw. */
export interface Scope {
  /** The pass that is walked; null where there is none. */
  readonly backward: number | null;
  /** Every node of the trace, rather than only what the pass can reach. */
  readonly everything: boolean;
  /** Keys of the groups that are open; null for the panel's own choice. */
  readonly open: ReadonlySet<string> | null;
}

/** A leaf with more consumers than this is drawn once for each: one card with a thousand wires tangles the picture. */
const SHARED_CONSUMERS = 4;

const BLANK = {
  node: null,
  tensor: null,
  root: null,
  group: null,
  ports: [],
  outputs: 1,
  frame: null,
  shared: 0,
  folded: [],
} as const;

export const nodeId = (node: number): string => `node ${node}`;
export const groupId = (group: Group): string => `group ${group.key}`;

export const isLeaf = (trace: Trace, node: number): boolean => trace.nodes[node]?.pattern === "accumulate";

/** A plain number in an expression: the expression shows it, and where it is needed it is a saved value. */
function isNumber(trace: Trace, tensor: number): boolean {
  const record = trace.tensors[tensor];
  return record !== undefined && record.shape.length === 0 && record.names.length === 0;
}

const outputsOf = (trace: Trace, node: number): number => Math.max(1, trace.nodes[node]?.outputs.length ?? 1);

/** What stays the same while groups are opened and closed. */
export interface Base {
  readonly nodes: readonly number[];
  readonly drawn: ReadonlySet<number>;
  readonly consumers: ReadonlyMap<number, readonly Consumer[]>;
  readonly tree: GroupTree;
}

const bases = new WeakMap<Trace, Map<string, Base>>();

export const baseOf = (trace: Trace, scope: Omit<Scope, "open">): Base => finish(buildingBase(trace, scope));

/** The same, resting at each `yield`. */
export function* buildingBase(
  trace: Trace,
  { backward, everything }: Omit<Scope, "open">,
): Generator<void, Base> {
  let known = bases.get(trace);
  if (known === undefined) {
    known = new Map();
    bases.set(trace, known);
  }
  const key = `${backward} ${everything}`;
  let base = known.get(key);
  if (base === undefined) {
    const nodes = everything || backward === null ? [...trace.nodes.keys()] : reachable(trace, backward);
    yield;
    const drawn = new Set(nodes);
    const consumers = consumersOf(trace, nodes);
    yield;
    base = { nodes, drawn, consumers, tree: yield* grouping(trace, nodes) };
    known.set(key, base);
  }
  return base;
}

export function graphOf(trace: Trace, scope: Scope): Graph {
  const base = baseOf(trace, scope);
  const open = scope.open ?? openAtFirst(base.tree);
  return new Drawing(trace, scope, base, open).draw();
}

/** What stands at one place of the order: a node or a folded group, and the frame that it is in. */
interface Shown {
  readonly id: string;
  readonly group: number | null;
  readonly frame: string | null;
}

class Drawing {
  private readonly frames: Frame[] = [];
  private readonly parents = new Map<string, string | null>();
  private readonly shown: Shown[] = [];
  /** For each position of the order, which of `shown`. */
  private readonly place: Int32Array;
  private readonly cards: Card[] = [];
  private readonly wires: Wire[] = [];
  private readonly bundles = new Map<string, { wire: Wire; edges: EdgeRef[] }>();
  private readonly groupPorts = new Map<string, string[]>();
  private readonly folded = new Map<string, number[]>();

  constructor(
    private readonly trace: Trace,
    private readonly scope: Scope,
    private readonly base: Base,
    private readonly open: ReadonlySet<string>,
  ) {
    this.place = new Int32Array(base.tree.order.length);
  }

  draw(): Graph {
    const { trace, base, scope } = this;
    this.arrange();
    this.drawLeaves();
    // From the results up, so that the picture does not depend on the order in which nodes were recorded.
    for (let at = this.shown.length - 1; at >= 0; at--) {
      const shown = this.shown[at] as Shown;
      if (shown.group === null) this.drawNode(shown);
      else this.drawGroup(shown, shown.group);
    }
    this.drawResults();
    const wires = this.wires.map((wire): Wire => {
      const bundle = this.bundles.get(wire.id);
      return bundle === undefined ? wire : { ...wire, carries: { kind: "edges", edges: bundle.edges } };
    });
    return {
      cards: this.cards,
      wires,
      frames: this.frames,
      tree: base.tree,
      open: this.open,
      cardOf: (node) => {
        if (!base.drawn.has(node)) return null;
        if (!isLeaf(trace, node)) return this.showing(node)?.id ?? null;
        return this.leafCards.get(node) ?? null;
      },
      total: scope.everything || scope.backward === null ? trace.nodes.length : base.nodes.length,
    };
  }

  /** Walks the open groups: what they hold is shown. */
  private arrange(): void {
    const { tree } = this.base;
    const stack: { item: number; frame: string | null }[] = [{ item: ~0, frame: null }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { item, frame } = next;
      if (item >= 0) {
        this.place[tree.position.get(item) as number] =
          this.shown.push({ id: nodeId(item), group: null, frame }) - 1;
        continue;
      }
      const group = tree.groups[~item] as Group;
      const id = groupId(group);
      const whole = group.parent < 0;
      if (!whole && !this.open.has(group.key)) {
        const own = this.shown.push({ id, group: ~item, frame }) - 1;
        this.place.fill(own, group.from, group.to);
        continue;
      }
      if (!whole) {
        this.frames.push({ id, group: ~item, parent: frame });
        this.parents.set(id, frame);
      }
      for (let i = group.items.length - 1; i >= 0; i--)
        stack.push({ item: group.items[i] as number, frame: whole ? null : id });
    }
  }

  private showing(node: number): Shown | undefined {
    const at = this.base.tree.position.get(node);
    return at === undefined ? undefined : this.shown[this.place[at] as number];
  }

  private readonly leafCards = new Map<number, string>();
  private readonly splitLeaves = new Set<number>();

  /** Decides for each leaf: one card, a card for each use, or folded into the one group that uses it. */
  private drawLeaves(): void {
    const { trace, base, scope } = this;
    const roots = new Set(
      scope.backward === null ? [] : trace.backwards[scope.backward]?.roots.map((root) => root.node),
    );
    for (const node of base.nodes) {
      if (!isLeaf(trace, node)) continue;
      const users = new Map<string, Shown>();
      for (const consumer of base.consumers.get(node) ?? []) {
        const shown = this.showing(consumer.node) as Shown;
        users.set(shown.group === null ? `${consumer.node}:${consumer.edge}` : shown.id, shown);
      }
      const groups = [...users.values()].filter((shown) => shown.group !== null);
      if (!roots.has(node)) {
        const split = users.size > SHARED_CONSUMERS;
        if ((split || users.size === 1) && groups.length > 0)
          for (const { id } of groups) this.fold(id, node);
        if (split) {
          this.splitLeaves.add(node);
          continue;
        }
        if (users.size === 1 && groups.length === 1) {
          this.leafCards.set(node, (groups[0] as Shown).id);
          continue;
        }
      }
      const card = this.leafCard(node, "", this.common([...users.values()].map((shown) => shown.frame)), 0);
      this.leafCards.set(node, card.id);
      this.cards.push(card);
    }
  }

  private fold(id: string, leaf: number): void {
    const list = this.folded.get(id);
    if (list === undefined) this.folded.set(id, [leaf]);
    else list.push(leaf);
  }

  private leafCard(node: number, suffix: string, frame: string | null, shared: number): Card {
    const tensor = this.trace.nodes[node]?.variable ?? null;
    return { ...BLANK, id: `leaf ${node}${suffix}`, kind: "leaf", node, tensor, frame, shared };
  }

  /** The innermost frame that holds all of these. */
  private common(frames: readonly (string | null)[]): string | null {
    const around = (frame: string | null): string[] => {
      const all: string[] = [];
      for (let at = frame; at !== null; at = this.parents.get(at) ?? null) all.push(at);
      return all.reverse();
    };
    const [first, ...rest] = frames.map(around);
    let shared = first ?? [];
    for (const other of rest) {
      let same = 0;
      while (same < shared.length && shared[same] === other[same]) same++;
      shared = shared.slice(0, same);
    }
    return shared.at(-1) ?? null;
  }

  private drawNode({ id, frame }: Shown): void {
    const { trace, base } = this;
    const index = Number(id.slice(nodeId(0).length - 1));
    const node = trace.nodes[index] as Trace["nodes"][number];
    const ports: number[] = [];
    node.edges.forEach((edge, e) => {
      if (edge.node === null && (edge.tensor === null || isNumber(trace, edge.tensor))) return;
      const toPort = ports.push(e) - 1;
      const key = `${index}:${e}`;
      if (edge.node === null) {
        const constant = `constant ${key}`;
        this.cards.push({ ...BLANK, id: constant, kind: "constant", tensor: edge.tensor, frame });
        this.wires.push({
          id: key,
          from: constant,
          fromPort: 0,
          to: id,
          toPort,
          carries: { kind: "nothing" },
        });
        return;
      }
      const ref: EdgeRef = { node: index, edge: e };
      const carries = { kind: "edges", edges: [ref] } as const;
      if (isLeaf(trace, edge.node)) {
        const split = this.splitLeaves.has(edge.node);
        const shared = split ? (base.consumers.get(edge.node)?.length ?? 0) : 0;
        const from = split ? `leaf ${edge.node} ${key}` : (this.leafCards.get(edge.node) as string);
        if (split) this.cards.push(this.leafCard(edge.node, ` ${key}`, frame, shared));
        if (split && !this.leafCards.has(edge.node)) this.leafCards.set(edge.node, from);
        this.wires.push({ id: key, from, fromPort: 0, to: id, toPort, carries });
        return;
      }
      const source = this.showing(edge.node) as Shown;
      const fromPort = source.group === null ? Math.min(edge.outputNr, outputsOf(trace, edge.node) - 1) : 0;
      this.wires.push({ id: key, from: source.id, fromPort, to: id, toPort, carries });
    });
    this.cards.push({
      ...BLANK,
      id,
      kind: "op",
      node: index,
      ports,
      outputs: outputsOf(trace, index),
      frame,
    });
  }

  /** A folded group: its wires from one source become one. */
  private drawGroup({ id, frame }: Shown, index: number): void {
    const { trace, base } = this;
    const group = base.tree.groups[index] as Group;
    const ports: string[] = [];
    for (let at = group.from; at < group.to; at++) {
      const node = base.tree.order[at] as number;
      trace.nodes[node]?.edges.forEach((edge, e) => {
        if (edge.node === null) return;
        let from: string;
        let fromPort = 0;
        if (isLeaf(trace, edge.node)) {
          const card = this.leafCards.get(edge.node);
          if (this.splitLeaves.has(edge.node) || card === undefined || card === id) return;
          from = card;
        } else {
          const source = this.showing(edge.node) as Shown;
          if (source.id === id) return;
          from = source.id;
          if (source.group === null) fromPort = Math.min(edge.outputNr, outputsOf(trace, edge.node) - 1);
        }
        const key = `${from} ${fromPort} → ${id}`;
        const known = this.bundles.get(key);
        if (known !== undefined) {
          known.edges.push({ node, edge: e });
          return;
        }
        const toPort = ports.push(key) - 1;
        const edges: EdgeRef[] = [{ node, edge: e }];
        const wire: Wire = { id: key, from, fromPort, to: id, toPort, carries: { kind: "edges", edges } };
        this.bundles.set(key, { wire, edges });
        this.wires.push(wire);
      });
    }
    this.groupPorts.set(id, ports);
    this.cards.push({
      ...BLANK,
      id,
      kind: "group",
      group: index,
      ports: [...ports.keys()],
      frame,
      folded: this.folded.get(id) ?? [],
    });
  }

  /** A result card under each root of the pass and, where everything is drawn, under each output that nothing uses. */
  private drawResults(): void {
    const { trace, base, scope } = this;
    const tensorOf = (node: number, nr: number): number | null => trace.nodes[node]?.outputs[nr] ?? null;
    const add = (key: string, node: number, nr: number, tensor: number | null, root: number | null): void => {
      if (!base.drawn.has(node)) return;
      const id = `result ${key}`;
      const leaf = isLeaf(trace, node);
      const source = leaf ? undefined : this.showing(node);
      const from = leaf ? this.leafCards.get(node) : source?.id;
      if (from === undefined) return;
      this.cards.push({ ...BLANK, id, kind: "result", tensor, root });
      const fromPort = leaf || source?.group !== null ? 0 : Math.min(nr, outputsOf(trace, node) - 1);
      this.wires.push({ id, from, fromPort, to: id, toPort: 0, carries: { kind: "root", root } });
    };
    const roots = scope.backward === null ? [] : (trace.backwards[scope.backward]?.roots ?? []);
    roots.forEach((root, i) => {
      add(`root ${i}`, root.node, root.outputNr, root.tensor ?? tensorOf(root.node, root.outputNr), i);
    });
    if (!scope.everything && scope.backward !== null) return;
    for (const node of base.tree.order) {
      // What a folded group ends with is seen when it is opened.
      if (this.showing(node)?.group !== null) continue;
      const consumers = base.consumers.get(node) ?? [];
      for (let nr = 0; nr < outputsOf(trace, node); nr++)
        if (roots.some((root) => root.node === node && root.outputNr === nr)) continue;
        else if (!consumers.some((consumer) => consumer.outputNr === nr))
          add(`${node}:${nr}`, node, nr, tensorOf(node, nr), null);
    }
  }
}
