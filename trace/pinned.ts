/** What an edit of the program has changed: one run's pass beside that of a run that was kept before it. */
import { formatValue } from "./format.ts";
import { sourceText, tensorName } from "./names.ts";
import type { Node, Step, Trace, Value } from "./schema.ts";
import { sameValue } from "./value.ts";

export interface Change {
  readonly kind: "added" | "removed" | "changed";
  /** Node of the later run; for a removed one, of the earlier. */
  readonly node: number;
  readonly name: string;
  /** What it is called by: the expression that made it, a leaf's name. */
  readonly code: string;
  /** What came out of the node in the forward pass and what arrived at it in the backward pass, then and now. */
  readonly forward: readonly [string, string] | null;
  readonly gradient: readonly [string, string] | null;
  /** Where it is seen in the later run's graph: itself; a removed one at what used it, or what that became. */
  readonly at: number | null;
}

interface Seen {
  readonly node: number;
  readonly step: Step;
}

/**
 * The nodes of a pass that are new, gone, or have other numbers, in the order of the pass. Nodes are the same where
 * PyTorch's name, the expression and its count among equal ones are (numbering and lines may have moved); of what is
 * left, those with one name, in the order of the pass: the text around an edit differs from end to end.
 */
export function changesSince(before: Trace, now: Trace, backward: number): readonly Change[] {
  // Passes are counted from the end, as the panel opens the last.
  const fromEnd = now.backwards.length - backward;
  const then = keyed(before, before.backwards.length - fromEnd);
  const current = keyed(now, backward);
  const partners = paired(before, then, now, current);
  const changes: Change[] = [];
  for (const { node, step } of current.values()) {
    const old = partners.get(node);
    if (old === undefined) {
      changes.push({ kind: "added", node, at: node, ...called(now, node), forward: null, gradient: null });
      continue;
    }
    const forward = differing(resultOf(before, old.node), resultOf(now, node));
    const gradient = differing(old.step.upstream[0] ?? null, step.upstream[0] ?? null);
    if (forward !== null || gradient !== null)
      changes.push({ kind: "changed", node, at: node, ...called(now, node), forward, gradient });
  }
  const later = new Map([...partners].map(([node, old]) => [old.node, node]));
  const gone = [...then.values()].filter(({ node }) => !later.has(node));
  const places = gone.length === 0 ? later : placesOf(before, then, later);
  for (const { node } of gone) {
    const at = places.get(node) ?? null;
    changes.push({ kind: "removed", node, at, ...called(before, node), forward: null, gradient: null });
  }
  return changes;
}

/** By node of the later run, what it was in the earlier. */
function paired(
  before: Trace,
  then: ReadonlyMap<string, Seen>,
  now: Trace,
  current: ReadonlyMap<string, Seen>,
): Map<number, Seen> {
  const partners = new Map<number, Seen>();
  const left = new Map<string, Seen[]>();
  for (const [key, seen] of then) {
    const same = current.get(key);
    if (same !== undefined) {
      partners.set(same.node, seen);
      continue;
    }
    const { name } = before.nodes[seen.node] as Node;
    const list = left.get(name);
    if (list === undefined) left.set(name, [seen]);
    else list.push(seen);
  }
  const taken = new Map<string, number>();
  for (const { node } of current.values()) {
    // A leaf is known by its name alone.
    const { name, variable } = now.nodes[node] as Node;
    if (partners.has(node) || variable !== null) continue;
    const nth = taken.get(name) ?? 0;
    const old = left.get(name)?.[nth];
    if (old === undefined) continue;
    taken.set(name, nth + 1);
    partners.set(node, old);
  }
  return partners;
}

/** For each node of the earlier pass the later one's that it is, or that the gradient came to it by. */
function placesOf(
  before: Trace,
  then: ReadonlyMap<string, Seen>,
  later: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> {
  const places = new Map(later);
  // In the order of the pass whatever uses a node stands before it; what stood before all others is seen at the first.
  let last: number | null = null;
  for (const { node } of then.values()) last ??= later.get(node) ?? null;
  for (const { node } of then.values()) {
    const own: number | null = places.get(node) ?? last;
    if (own === null) continue;
    places.set(node, own);
    last = own;
    for (const edge of before.nodes[node]?.edges ?? [])
      if (edge.node !== null && !places.has(edge.node)) places.set(edge.node, own);
  }
  return places;
}

function keyed(trace: Trace, backward: number): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  const counts = new Map<string, number>();
  for (const step of trace.backwards[backward]?.steps ?? []) {
    const { name, code } = called(trace, step.node);
    const plain = `${name} ${code}`;
    const nth = counts.get(plain) ?? 0;
    counts.set(plain, nth + 1);
    seen.set(`${plain} ${nth}`, { node: step.node, step });
  }
  return seen;
}

function called(trace: Trace, index: number): { readonly name: string; readonly code: string } {
  const node = trace.nodes[index] as Node;
  const leaf = node.variable === null ? null : tensorName(trace, node.variable);
  return { name: node.name, code: (leaf ?? sourceText(trace, node.range) ?? "").replace(/\s+/g, " ") };
}

function resultOf(trace: Trace, index: number): Value | null {
  const node = trace.nodes[index] as Node;
  const tensor = node.variable ?? node.outputs[0] ?? null;
  return tensor === null ? null : (trace.tensors[tensor]?.value ?? null);
}

const differing = (a: Value | null, b: Value | null): readonly [string, string] | null =>
  sameValue(a, b) ? null : [text(a), text(b)];

const text = (value: Value | null): string => (value === null ? "None" : formatValue(value));
