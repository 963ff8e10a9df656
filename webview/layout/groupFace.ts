/** The face of a folded group, and the title of an open one. */
import * as l10n from "@vscode/l10n";
import type { Group } from "../../trace/groups.ts";
import { tensorName } from "../../trace/names.ts";
import type { Trace } from "../../trace/schema.ts";
import { plain } from "../plain.ts";
import { type Context, portPlaces } from "./context.ts";
import type { Card, Graph } from "./graph.ts";
import { BARE, type Face, SIZE, TITLE_COLUMNS, widest } from "./size.ts";

const LEAVES_NAMED = 3;

export function groupFace(card: Card, { trace, graph, direction, spines }: Context): Face {
  const group = graph.tree.groups[card.group as number] as Group;
  const title = plain(groupTitle(trace, graph, group), TITLE_COLUMNS + 10);
  const count = group.to - group.from;
  const value = l10n.t("{0} nodes", count);
  const name = leavesText(trace, card.folded);
  const width = widest(132, [`▸ ${title}`, SIZE.titleColumn], [`${value}  ${name ?? ""}`, SIZE.column]) + 8;
  const height = SIZE.group;
  const places = portPlaces(
    direction === "down" ? width : height,
    card.ports.length,
    spines.get(card.id) ?? null,
  );
  const ports = places.map((x) => ({ x, label: null, hue: null, live: true }));
  return { ...BARE, card, direction, compact: true, width, height, ports, title, value, name };
}

/** `weight, bias, …` of the leaves that only the group uses. */
function leavesText(trace: Trace, leaves: readonly number[]): string | null {
  if (leaves.length === 0) return null;
  const names = new Set<string>();
  for (const leaf of leaves.slice(0, 200)) {
    const tensor = trace.nodes[leaf]?.variable ?? null;
    const own = tensor === null ? null : tensorName(trace, tensor);
    if (own !== null) names.add(own);
  }
  const [...known] = names;
  if (known.length === 0 || known.length > LEAVES_NAMED) return l10n.t("{0} leaves", leaves.length);
  return plain(known.join(", "), 24);
}

/** What a group is called: the module or function, its lines, how often it comes. */
export function groupTitle(trace: Trace, graph: Graph, group: Group): string {
  const lines = linesText(trace, graph, group);
  switch (group.kind) {
    case "whole":
      return "";
    case "module":
      return group.count > 0 ? `${group.name} × ${group.count}` : group.name;
    case "function":
      return `${group.name}()`;
    case "line":
      return lines ?? "";
    case "repeat":
      return `${group.name === "" ? (lines ?? l10n.t("the same")) : group.name} × ${group.count}`;
    case "round":
      return `${lines === null ? "" : `${lines} · `}${l10n.t("round {0}", group.count)}`;
    case "part":
      return partText(trace, graph, group);
  }
}

/** `line 12` or `lines 12–14`, where all of it comes from one source. */
function linesText(trace: Trace, { tree }: Graph, group: Group): string | null {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  let source = -1;
  for (let at = group.from; at < group.to; at++) {
    const range = trace.nodes[tree.order[at] as number]?.range;
    if (range == null) continue;
    if (source >= 0 && range.source !== source) return null;
    source = range.source;
    first = Math.min(first, range.start.line + 1);
    last = Math.max(last, range.end.line + 1);
  }
  if (last < 0) return null;
  return first === last ? l10n.t("line {0}", first) : l10n.t("lines {0}–{1}", first, last);
}

/** A stretch of rounds or of modules: which ones. */
function partText(trace: Trace, graph: Graph, group: Group): string {
  const { groups } = graph.tree;
  const innermost = (item: number, end: 0 | -1): Group | null => {
    let at = item;
    for (;;) {
      if (at >= 0) return null;
      const inner = groups[~at] as Group;
      if (inner.kind !== "part") return inner;
      at = inner.items.at(end) as number;
    }
  };
  const first = innermost(group.items[0] as number, 0);
  const last = innermost(group.items.at(-1) as number, -1);
  if (first?.kind === "round" && last?.kind === "round")
    return l10n.t("rounds {0}–{1}", first.count, last.count);
  if (first !== null && last !== null && first.name !== "" && last.name !== "")
    return `${first.name} … ${last.name}`;
  const lines = linesText(trace, graph, group);
  const range = l10n.t("nodes {0}–{1}", group.from + 1, group.to);
  return lines === null ? range : `${lines} · ${range}`;
}
