/** What a card's face depends on beside the card itself: colours, titles and places that the whole graph decides. */
import { isInner, tensorName } from "../../trace/names.ts";
import type { Node, Trace } from "../../trace/schema.ts";
import type { Graph, Wire } from "./graph.ts";
import { type Direction, evenly } from "./plan.ts";

/** Width on each side of a spine that other ports keep clear of. */
export const SPINE_ROOM = 22;

/** What a pass will show in its course. */
export interface PassTexts {
  /** What will stand on a wire. */
  wire(wire: Pick<Wire, "carries">): readonly string[];
  /** What the `.grad` of a leaf (by node) will hold. */
  grad(node: number): readonly string[];
  /** The formula that ran for an edge; undefined where none did. */
  formula(node: number, edge: number): string | null | undefined;
}

/** What a card's face depends on beside the card. */
export interface Context {
  readonly trace: Trace;
  readonly graph: Graph;
  readonly direction: Direction;
  readonly compact: boolean;
  readonly texts: PassTexts;
  readonly hues: ReadonlyMap<string, number | null>;
  readonly spines: ReadonlyMap<string, number>;
}

/**
 * For a card with several inputs of which only one comes from another op: that port. It stands in the middle, so
 * that a deep graph runs straight down instead of drifting to the side by half a card at each node.
 */
export function spinesOf(graph: Graph): ReadonlyMap<string, number> {
  const ops = new Set(
    graph.cards.flatMap((card) => (card.kind === "op" || card.kind === "group" ? [card.id] : [])),
  );
  const fromOps = new Map<string, number[]>();
  for (const { from, to, toPort } of graph.wires)
    if (ops.has(from)) fromOps.set(to, [...(fromOps.get(to) ?? []), toPort]);
  return new Map(
    [...fromOps].flatMap(([id, ports]) => (ports.length === 1 ? [[id, ports[0] as number]] : [])),
  );
}

/** Where ports stand: evenly, or to both sides of the spine in the middle. */
export function portPlaces(width: number, count: number, spine: number | null): number[] {
  if (spine === null || count < 2) return evenly(width, count);
  const side = width / 2 - SPINE_ROOM;
  const left = evenly(side, spine);
  const right = evenly(side, count - spine - 1).map((x) => width - side + x);
  return [...left, width / 2, ...right];
}

export function titleOf(index: number, source: string | null, { trace }: Context): string {
  const node = trace.nodes[index] as Node;
  if (source !== null && !isInner(trace, node)) return source;
  const tensor = node.edges[0]?.tensor ?? null;
  const input = tensor === null ? null : tensorName(trace, tensor, node.range);
  return input === null ? node.op : `${node.op}(${input})`;
}

/** The colour of the operand that an output becomes, by card and port; null where it becomes several. */
export function outletHues(graph: Graph): ReadonlyMap<string, number | null> {
  const ports = new Map(graph.cards.map((card) => [card.id, card.ports.length]));
  const hues = new Map<string, number | null>();
  for (const { from, fromPort, to, toPort } of graph.wires) {
    const key = `${from} ${fromPort}`;
    const hue = (ports.get(to) ?? 0) > 1 ? toPort : null;
    hues.set(key, hues.has(key) ? null : hue);
  }
  return hues;
}
