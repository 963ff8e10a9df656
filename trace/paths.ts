/**
 * By which paths a gradient came to a leaf, and how much by each: the contributions add up to what the leaf was given.
 * Where paths join, the rule there is worked out again for each path's share; where it cannot be, or the shares
 * would not add up to what the engine computed, the paths go on as one.
 */
import type { Downstream, Element, Step, Term, Trace, Value } from "./schema.ts";
import { numel } from "./shape.ts";
import { numbersOf } from "./story/story.ts";
import { timelineOf } from "./timeline.ts";

export interface PathEdge {
  readonly node: number;
  readonly edge: number;
}

export interface Contribution {
  /** From the root of the pass to the leaf; of several that go as one, all edges that any takes. */
  readonly edges: readonly PathEdge[];
  /** Nodes at which paths were not told apart any more; empty for a single path. */
  readonly joinedAt: readonly number[];
  readonly value: Value;
}

export interface Paths {
  readonly contributions: readonly Contribution[];
  /** What arrived at the leaf, as the engine added it up. */
  readonly total: Value;
}

/** More shares than this at one node go on as one. */
const MOST = 24;
const TOLERANCE = 1e-4;

interface Share {
  readonly edges: readonly PathEdge[];
  readonly joinedAt: readonly number[];
  /** By output of the node that it has come to; null where it did not come by that one. */
  readonly values: readonly (Value | null)[];
}

/** The paths of a pass to a leaf's AccumulateGrad (or any node); null where the pass does not come there. */
export function pathsTo(trace: Trace, backward: number, leaf: number): Paths | null {
  const pass = trace.backwards[backward];
  const target = pass === undefined ? undefined : timelineOf(trace, backward).stepOf.get(leaf);
  if (pass === undefined || target === undefined) return null;
  const leading = leadingTo(trace, pass.steps.slice(0, target + 1), leaf);
  const waiting = new Map<number, Share[]>();
  const arrive = (node: number, share: Share): void => {
    const list = waiting.get(node);
    if (list === undefined) waiting.set(node, [share]);
    else list.push(share);
  };
  for (const root of pass.roots) {
    const values = at(root.outputNr, root.seed);
    if (leading.has(root.node)) arrive(root.node, { edges: [], joinedAt: [], values });
  }
  for (const step of pass.steps.slice(0, target)) {
    if (!leading.has(step.node)) continue;
    const shares = settled(step, waiting.get(step.node) ?? []);
    waiting.delete(step.node);
    const sent = step.downstream.filter(({ edge }) =>
      leading.has(trace.nodes[step.node]?.edges[edge]?.node ?? -1),
    );
    const parted = sent.map((each) => shareOut(trace, step, each, shares));
    // Told apart on one way and not on another, a path would be counted twice: all ways or none.
    const whole = parted.some((each) => each === null) ? [merged(step, shares)] : shares;
    sent.forEach((each, i) => {
      const edge = trace.nodes[step.node]?.edges[each.edge];
      const values = whole === shares ? parted[i] : [each.value];
      if (edge?.node == null) return;
      whole.forEach((share, k) => {
        const value = values?.[k] ?? null;
        if (value === null) return;
        const edges = [...share.edges, { node: step.node, edge: each.edge }];
        arrive(edge.node as number, { edges, joinedAt: share.joinedAt, values: at(edge.outputNr, value) });
      });
    });
  }
  const last = pass.steps[target] as Step;
  const total = last.upstream.find((value) => value !== null) ?? null;
  if (total === null) return null;
  const contributions = settled(last, waiting.get(leaf) ?? []).flatMap(({ edges, joinedAt, values }) => {
    const value = values.find((one) => one !== null) ?? null;
    return value === null ? [] : [{ edges, joinedAt, value }];
  });
  return { contributions, total };
}

const at = (outputNr: number, value: Value): (Value | null)[] => [
  ...new Array<null>(outputNr).fill(null),
  value,
];

/** The nodes from which a gradient went on to the leaf. */
function leadingTo(trace: Trace, steps: readonly Step[], leaf: number): Set<number> {
  const leading = new Set([leaf]);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { node, downstream } = steps[i] as Step;
    const edges = trace.nodes[node]?.edges ?? [];
    if (downstream.some(({ edge, value }) => value !== null && leading.has(edges[edge]?.node ?? -1)))
      leading.add(node);
  }
  return leading;
}

/** The shares as they come to the rule: one, if they are too many or do not add up to what the rule was given. */
function settled(step: Step, shares: readonly Share[]): readonly Share[] {
  if (shares.length > MOST) return [merged(step, shares)];
  const whole = step.upstream.every((value, nr) => {
    if (value === null) return true;
    const parts = shares.flatMap((share) => share.values[nr] ?? []);
    return sameSum(parts, value);
  });
  return whole ? shares : [merged(step, shares)];
}

function merged(step: Step, shares: readonly Share[]): Share {
  const [only] = shares;
  if (shares.length === 1 && only !== undefined) return { ...only, values: step.upstream };
  const edges = new Map<string, PathEdge>();
  for (const share of shares) for (const edge of share.edges) edges.set(`${edge.node}:${edge.edge}`, edge);
  const joinedAt = new Set(shares.flatMap((share) => share.joinedAt));
  return { edges: [...edges.values()], joinedAt: [...joinedAt.add(step.node)], values: step.upstream };
}

/** What the rule sends on for each share; null where that cannot be told. */
function shareOut(
  trace: Trace,
  step: Step,
  sent: Downstream,
  shares: readonly Share[],
): readonly (Value | null)[] | null {
  if (shares.length === 1) return [sent.value];
  if (sent.value === null) return shares.map(() => null);
  const edge = trace.nodes[step.node]?.edges[sent.edge];
  const values: Value[] = [];
  for (const share of shares) {
    const value = ruleFor(step, sent, edge?.means ?? null, edge?.input ?? "", share);
    if (value === null) return null;
    values.push(value);
  }
  return sameSum(values, sent.value) ? values : null;
}

/** The rule with the share in the place of the upstream gradient. */
function ruleFor(
  step: Step,
  sent: Downstream,
  means: string | null,
  input: string,
  share: Share,
): Value | null {
  const { formula, value, unbroadcast } = sent;
  if (formula === null || value === null) return null;
  const upstream = step.upstream.map(
    (whole, nr) => share.values[nr] ?? (whole === null ? null : zerosLike(whole)),
  );
  const terms = sent.terms.map((term): Term => {
    const name = formula.slice(term.start, term.end);
    if (name === "grad" && term.content.kind === "value" && upstream.length === 1 && upstream[0] != null)
      return { ...term, content: { kind: "value", value: upstream[0] } };
    if (name === "grads" && term.content.kind === "values") {
      const values = term.content.values.map((one, i) => upstream[i] ?? zerosLike(one));
      return { ...term, content: { kind: "values", values } };
    }
    return term;
  });
  const ruled = numbersOf({ ...sent, terms }, means, input, "rule");
  if (ruled === null) return null;
  if (unbroadcast === null) return inline(value, ruled.data);
  const before = inline(unbroadcast.before, ruled.data);
  if (before === null) return null;
  const left = numbersOf(
    { ...sent, terms, unbroadcast: { ...unbroadcast, before } },
    means,
    input,
    "unbroadcast",
  );
  return left === null ? null : inline(value, left.data);
}

/** Numbers in the shape and type of another value. */
function inline({ shape, dtype }: Value, data: readonly number[]): Value | null {
  if (data.length !== numel(shape)) return null;
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  return { kind: "inline", shape, dtype, data: data.map((x) => element(round(x))) };
}

const zerosLike = ({ shape, dtype }: Value): Value => ({
  kind: "inline",
  shape,
  dtype,
  data: new Array<number>(numel(shape)).fill(0),
});

/** As the trace writes what JSON cannot. */
const element = (x: number): Element =>
  Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? "-0" : String(x);

function sameSum(parts: readonly Value[], total: Value): boolean {
  const [only] = parts;
  if (parts.length === 1 && only === total) return true;
  if (
    total.kind !== "inline" ||
    parts.some((part) => part.kind !== "inline" || part.data.length !== total.data.length)
  )
    return false;
  return total.data.every((whole, i) => {
    let [sum, size] = [0, 0];
    for (const part of parts) {
      const one = Number((part as Value & { kind: "inline" }).data[i]);
      sum += one;
      size += Math.abs(one);
    }
    const goal = Number(whole);
    return Object.is(sum, goal) || Math.abs(sum - goal) <= TOLERANCE * Math.max(size, Math.abs(goal), 1e-30);
  });
}
