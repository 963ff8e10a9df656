/**
 * How a graph folds up: a tree of groups over its op nodes, by module, function, repetition and source line.
 *
 * Every group is a stretch of one topological order (the order in which the forward pass made the nodes). So
 * whatever mixture of groups is open, what is drawn has no cycle, and a tree is built in one linear pass.
 */
import { finish } from "./finish.ts";
import { functionAt } from "./functions.ts";
import type { Trace } from "./schema.ts";

export type GroupKind =
  /** All of it; always open. */
  | "whole"
  /** One call of an `nn.Module`. */
  | "module"
  /** Nodes made in one Python function. */
  | "function"
  /** Nodes of one source line. */
  | "line"
  /** The same again and again: its items are the rounds. */
  | "repeat"
  | "round"
  /** A stretch of a list that is too long to be looked at at once. */
  | "part";

export interface Group {
  readonly kind: GroupKind;
  /** The same for the same program, run after run. */
  readonly key: string;
  /** The module's path below its parent's, or the function's name; of a repeated module, what varies is `*`. */
  readonly name: string;
  /** Of a `repeat`, or a module that is nothing else: how many rounds; of a `round` or `part`: which one, from 1; else 0. */
  readonly count: number;
  /** Index of the group that it is in; -1 for the whole. */
  readonly parent: number;
  /** The stretch of `order`, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Nodes, and groups as `~index`, in order. */
  readonly items: readonly number[];
}

export interface GroupTree {
  /** The op nodes in an order in which every input comes before what uses it. */
  readonly order: readonly number[];
  /** Where a node stands in `order`. */
  readonly position: ReadonlyMap<number, number>;
  /** The whole first, each group after the one that it is in. */
  readonly groups: readonly Group[];
  /** The innermost group of each position. */
  readonly innermost: Int32Array;
}

/** More items than this are parted, so that opening a group never shows more at once. */
export const MOST_ITEMS = 40;
/** Items of one part. */
const PART = 24;
/** Fewer rounds are not worth a group. */
const LEAST_ROUNDS = 3;
/** Deeper module paths are taken as one name from there on. */
const DEEPEST = 16;
/** How many distances to the next like item are tried as the length of a round. */
const TRIES = 8;

/** A group on its way: `items` are nodes or drafts. */
interface Draft {
  readonly kind: GroupKind;
  readonly name: string;
  readonly count: number;
  readonly items: Item[];
  readonly mark: number;
}
type Item = number | Draft;

/** The tree over those nodes of the trace; leaves (AccumulateGrad) are in no group. Never deeper than the paths are. */
export const groupsOf = (trace: Trace, among: Iterable<number>): GroupTree => finish(grouping(trace, among));

/** The same, resting at each `yield`. */
export function* grouping(trace: Trace, among: Iterable<number>): Generator<void, GroupTree> {
  const order = topological(trace, among);
  yield;
  const position = new Map(order.map((node, i) => [node, i]));
  const whole = yield* new Builder(trace).whole(order);
  yield;
  return flatten(whole, order, position);
}

/** By creation, if that is topological (it is, but for traces from elsewhere); else by readiness. */
function topological(trace: Trace, among: Iterable<number>): number[] {
  const { nodes } = trace;
  const order = [...among].filter((index) => nodes[index]?.pattern !== "accumulate");
  const sequence = (index: number): number => nodes[index]?.sequenceNr ?? 0;
  order.sort((a, b) => sequence(a) - sequence(b) || a - b);
  const place = new Map(order.map((node, i) => [node, i]));
  const ordered = order.every((node, i) =>
    nodes[node]?.edges.every((edge) => edge.node === null || (place.get(edge.node) ?? -1) < i),
  );
  if (ordered) return order;
  const inputs = (node: number): number[] =>
    (nodes[node]?.edges ?? []).flatMap((edge) =>
      edge.node !== null && place.has(edge.node) ? [edge.node] : [],
    );
  const waiting = new Map(order.map((node) => [node, inputs(node).length]));
  const users = new Map<number, number[]>(order.map((node) => [node, []]));
  for (const node of order) for (const input of inputs(node)) (users.get(input) as number[]).push(node);
  const ready = order.filter((node) => waiting.get(node) === 0);
  for (let next = 0; next < ready.length; next++)
    for (const user of users.get(ready[next] as number) as number[]) {
      const left = (waiting.get(user) as number) - 1;
      waiting.set(user, left);
      if (left === 0) ready.push(user);
    }
  return ready;
}

class Builder {
  private readonly marks = new Map<string, number>();
  private readonly paths = new Map<string, readonly string[]>();

  constructor(private readonly trace: Trace) {}

  *whole(order: readonly number[]): Generator<void, Draft> {
    const items = yield* this.inside(order, 0);
    const [only] = items;
    // A list that is nothing but rounds is shown as those rounds.
    return this.draft(
      "whole",
      "",
      0,
      items.length === 1 && typeof only === "object" && only.kind === "repeat" ? only.items : items,
    );
  }

  private draft(kind: GroupKind, name: string, count: number, items: Item[]): Draft {
    const shape = items.map((item) => this.markOf(item)).join();
    return { kind, name, count, items, mark: this.mark(`${kind} ${name.replace(/\d+/g, "#")} ${shape}`) };
  }

  /** Like items have like marks. */
  private markOf(item: Item): number {
    if (typeof item !== "number") return item.mark;
    const node = this.trace.nodes[item];
    const at = node?.range;
    return this.mark(`${node?.name} ${at?.source} ${at?.start.line} ${at?.start.character}`);
  }

  private mark(text: string): number {
    let mark = this.marks.get(text);
    if (mark === undefined) {
      mark = this.marks.size;
      this.marks.set(text, mark);
    }
    return mark;
  }

  private pathOf(node: number): readonly string[] {
    const path = this.trace.nodes[node]?.module ?? "";
    let parts = this.paths.get(path);
    if (parts === undefined) {
      const all = path === "" ? [] : path.split(".");
      parts = all.length > DEEPEST ? [...all.slice(0, DEEPEST - 1), all.slice(DEEPEST - 1).join(".")] : all;
      this.paths.set(path, parts);
    }
    return parts;
  }

  /** The items for a stretch of nodes that share `depth` parts of their module path. */
  private *inside(nodes: readonly number[], depth: number): Generator<void, Item[]> {
    const items: Item[] = [];
    let loose: number[] = [];
    const settle = (): void => {
      items.push(...this.byFunction(loose));
      loose = [];
    };
    for (const run of runs(nodes, (node) => this.pathOf(node)[depth] ?? null)) {
      const name = this.pathOf(run[0] as number)[depth];
      if (name === undefined || run.length === 1) {
        loose.push(...run);
        continue;
      }
      settle();
      yield;
      items.push(this.module(name, yield* this.inside(run, depth + 1)));
    }
    settle();
    yield;
    return this.parted(this.repeated(items));
  }

  /** A module that only calls one other is drawn as that one, with both names. */
  private module(name: string, items: Item[]): Draft {
    const [only] = items;
    if (items.length === 1 && typeof only === "object" && only.kind === "module")
      return this.draft("module", `${name}.${only.name}`, 0, only.items);
    if (items.length === 1 && typeof only === "object" && only.kind === "repeat")
      return this.draft("module", name, only.count, only.items);
    return this.draft("module", name, 0, items);
  }

  private byFunction(nodes: readonly number[]): Item[] {
    const each = runs(nodes, (node) => functionAt(this.trace, this.trace.nodes[node]?.range ?? null));
    if (each.length < 2) return [...nodes];
    return each.flatMap((run): Item[] => {
      const name = functionAt(this.trace, this.trace.nodes[run[0] as number]?.range ?? null);
      if (name === null || run.length === 1) return run;
      return [this.draft("function", name, 0, this.parted(this.repeated(run)))];
    });
  }

  /** Stretches that come again at once, three times or more, become one group. */
  private repeated(items: readonly Item[]): Item[] {
    const marks = items.map((item) => this.markOf(item));
    const places = new Map<number, number[]>();
    marks.forEach((mark, i) => {
      const list = places.get(mark);
      if (list === undefined) places.set(mark, [i]);
      else list.push(i);
    });
    const seen = new Map<number, number>();
    // Rows made to be compared without end are given up.
    let budget = 40 * items.length;
    const same = (a: number, b: number, length: number): boolean => {
      for (let i = 0; i < length; i++, budget--)
        if (marks[a + i] !== marks[b + i] || budget < 0) return false;
      return true;
    };
    const found: Item[] = [];
    for (let i = 0; i < items.length; ) {
      const mark = marks[i] as number;
      const list = places.get(mark) as number[];
      let nth = seen.get(mark) ?? 0;
      while ((list[nth] as number) < i) nth++;
      seen.set(mark, nth);
      let best: { length: number; times: number } | null = null;
      for (const next of list.slice(nth + 1, nth + 1 + TRIES)) {
        const length = next - i;
        let times = 1;
        while (i + (times + 1) * length <= items.length && same(i, i + times * length, length)) times++;
        if (times >= LEAST_ROUNDS) {
          best = { length, times };
          break;
        }
      }
      if (best === null) {
        found.push(items[i] as Item);
        i++;
        continue;
      }
      const { length, times } = best;
      // All there is: the group around it says so already.
      found.push(this.repeat(items.slice(i, i + length * times), length, times));
      i += length * times;
    }
    return found;
  }

  private repeat(items: readonly Item[], length: number, times: number): Draft {
    const rounds = Array.from({ length: times }, (_, nth): Item => {
      const own = items.slice(nth * length, (nth + 1) * length);
      const [only] = own;
      return own.length === 1 && only !== undefined ? only : this.draft("round", "", nth + 1, own);
    });
    const [first] = rounds;
    const name = typeof first === "object" && first.kind !== "round" ? first.name.replace(/\d+/g, "*") : "";
    return this.draft("repeat", name, times, this.parted(rounds));
  }

  /** Lists that are too long: first by line, then in even parts, until no list is. */
  private parted(items: Item[]): Item[] {
    let list = items;
    if (list.length > MOST_ITEMS) list = this.byLine(list);
    while (list.length > MOST_ITEMS) {
      const next: Item[] = [];
      const size = Math.ceil(list.length / Math.ceil(list.length / PART));
      for (let i = 0; i < list.length; i += size)
        next.push(this.draft("part", "", next.length + 1, list.slice(i, i + size)));
      list = next;
    }
    return list;
  }

  private byLine(items: readonly Item[]): Item[] {
    const line = (item: Item): string | null => {
      if (typeof item !== "number") return null;
      const at = this.trace.nodes[item]?.range;
      return at == null ? null : `${at.source}:${at.start.line}`;
    };
    return runs(items, line).flatMap((run): Item[] => {
      const at = line(run[0] as Item);
      return at === null || run.length < 2 || run.length === items.length
        ? run
        : [this.draft("line", at.slice(at.indexOf(":") + 1), 0, this.parted(run))];
    });
  }
}

/** Neighbours with the same key, together. */
function runs<T>(items: readonly T[], key: (item: T) => string | null): T[][] {
  const found: T[][] = [];
  let last: string | null = null;
  for (const item of items) {
    const own = key(item);
    if (found.length > 0 && own === last) (found.at(-1) as T[]).push(item);
    else found.push([item]);
    last = own;
  }
  return found;
}

function flatten(root: Draft, order: readonly number[], position: ReadonlyMap<number, number>): GroupTree {
  const groups: Group[] = [];
  const innermost = new Int32Array(order.length);
  let reached = 0;
  const enter = (draft: Draft, parent: number, key: string): number => {
    const own = groups.length;
    const from = reached;
    const items: number[] = [];
    groups.push({
      kind: draft.kind,
      key,
      name: draft.name,
      count: draft.count,
      parent,
      from,
      to: from,
      items,
    });
    const alike = new Map<string, number>();
    for (const item of draft.items) {
      if (typeof item === "number") {
        innermost[reached++] = own;
        items.push(item);
        continue;
      }
      const label = `${item.kind} ${item.name}`;
      const nth = alike.get(label) ?? 0;
      alike.set(label, nth + 1);
      items.push(~enter(item, own, `${key}/${label} ${nth}`));
    }
    groups[own] = { ...(groups[own] as Group), to: reached };
    return own;
  };
  enter(root, -1, "");
  return { order, position, groups, innermost };
}

/** The groups that a node is in, innermost first, without the whole. */
export function groupsAround(tree: GroupTree, node: number): number[] {
  const at = tree.position.get(node);
  const around: number[] = [];
  if (at === undefined) return around;
  for (let group = tree.innermost[at] as number; group > 0; group = (tree.groups[group] as Group).parent)
    around.push(group);
  return around;
}

/** How many things are shown at first, at most. */
export const SHOWN_AT_FIRST = 44;
/** Rounds are shown folded, side by side, only where so little else is. */
const SHOWN_WITH_ROUNDS = 26;

/**
 * Which groups are open at first: all, where that is not too much; else from the outside in, the repeated left
 * folded, as far as the number allows.
 */
export function openAtFirst(tree: GroupTree, most = SHOWN_AT_FIRST): Set<string> {
  const open = new Set<string>();
  const { groups, order } = tree;
  const small = order.length <= most;
  let shown = groups[0]?.items.length ?? 0;
  const queue = [0];
  for (let next = 0; next < queue.length; next++) {
    const inner = (groups[queue[next] as number] as Group).items.flatMap((item) => (item < 0 ? [~item] : []));
    // Parts of one list, and its rounds, are opened together or not at all.
    const listed = (groups[queue[next] as number]?.count ?? 0) > 0;
    const isPart = (index: number): boolean => listed || /^(part|round)$/.test(groups[index]?.kind ?? "");
    const parts = inner.filter(isPart);
    const parted = parts.reduce((sum, index) => sum + (groups[index]?.items.length ?? 0) - 1, shown);
    for (const index of inner) {
      const group = groups[index] as Group;
      const grown = shown + group.items.length - 1;
      const rounds = group.kind === "repeat" || (group.kind === "module" && group.count > 0);
      const full = isPart(index) ? parted > most : grown > (rounds ? SHOWN_WITH_ROUNDS : most);
      if (!small && full) continue;
      shown = grown;
      open.add(group.key);
      queue.push(index);
    }
  }
  return open;
}
