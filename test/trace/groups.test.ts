import { describe, expect, test } from "vitest";
import {
  type GroupTree,
  groupsAround,
  groupsOf,
  MOST_ITEMS,
  openAtFirst,
  SHOWN_AT_FIRST,
} from "../../trace/groups.ts";
import type { Node, Trace } from "../../trace/schema.ts";
import { unrolled } from "../support/large.ts";
import { chain, edge, emptyTrace, node } from "../support/traces.ts";

const all = (trace: Trace): GroupTree => groupsOf(trace, trace.nodes.keys());

/** A chain of nodes, each in its module. */
const inModules = (modules: readonly (string | null)[]): Trace =>
  emptyTrace({
    nodes: modules.map(
      (module, i): Node =>
        node("XBackward0", `op${i}`, { module, sequenceNr: i, edges: i === 0 ? [] : [edge("self", i - 1)] }),
    ),
  });

const outline = (tree: GroupTree, index = 0): unknown =>
  (tree.groups[index]?.items ?? []).map((item) => {
    if (item >= 0) return item;
    const group = tree.groups[~item];
    return {
      [`${group?.kind} ${group?.name}${group?.count ? ` ${group.count}` : ""}`]: outline(tree, ~item),
    };
  });

describe("the tree of groups", () => {
  test("holds every op once, as stretches of an order in which inputs come first", () => {
    for (const trace of [unrolled(40), chain(300)]) {
      const tree = all(trace);
      const ops = [...trace.nodes.keys()].filter((i) => trace.nodes[i]?.pattern !== "accumulate");
      expect([...tree.order].sort((a, b) => a - b)).toEqual(ops);
      for (const { node: at, i } of tree.order.map((at, i) => ({ node: at, i })))
        for (const { node: input } of trace.nodes[at]?.edges ?? [])
          if (input !== null && tree.position.has(input)) expect(tree.position.get(input)).toBeLessThan(i);
      for (const group of tree.groups) {
        let reached = group.from;
        for (const item of group.items) {
          const from = item >= 0 ? tree.position.get(item) : tree.groups[~item]?.from;
          expect(from).toBe(reached);
          reached = item >= 0 ? reached + 1 : (tree.groups[~item]?.to ?? -1);
        }
        expect(reached).toBe(group.to);
      }
    }
  });

  test("follows modules; one that only calls another goes by both names; one call of one op is no group", () => {
    const tree = all(inModules(["net.a", "net.a", "net.b.c", "net.b.c", "net", null]));
    expect(outline(tree)).toEqual([
      { "module net": [{ "module a": [0, 1] }, { "module b.c": [2, 3] }, 4] },
      5,
    ]);
  });

  test("a module that is called again is a group again", () => {
    const tree = all(inModules(["f.x", "f.x", null, "f.x", "f.x"]));
    expect(tree.groups.filter((group) => group.kind === "module")).toHaveLength(2);
    expect(new Set(tree.groups.map((group) => group.key)).size).toBe(tree.groups.length);
  });

  test("what comes again and again is one group of rounds", () => {
    const tree = all(unrolled(12));
    const repeat = tree.groups.find((group) => group.kind === "repeat" || group.kind === "round");
    expect(repeat).toBeDefined();
    expect(tree.groups.filter((group) => group.kind === "round")).toHaveLength(12);
  });

  test("no group has more items than can be looked at, however long the list", () => {
    for (const trace of [chain(5000), unrolled(2000)])
      for (const group of all(trace).groups) expect(group.items.length).toBeLessThanOrEqual(MOST_ITEMS);
  });

  test("a module path of a megabyte, or ten thousand levels deep, is taken as it is and not gone down", () => {
    const deep = Array.from({ length: 10_000 }, (_, i) => `m${i}`).join(".");
    const tree = all(inModules([deep, deep, "x".repeat(1 << 20), "x".repeat(1 << 20)]));
    expect(tree.order).toHaveLength(4);
  });

  test("the same trace always folds the same way, and a node's groups are found from the inside out", () => {
    const [a, b] = [all(unrolled(30)), all(structuredClone(unrolled(30)))];
    expect(a.groups).toEqual(b.groups);
    const around = groupsAround(a, a.order[5] as number);
    for (const [i, group] of around.entries()) expect(a.groups[group]?.parent).toBe(around[i + 1] ?? 0);
  });

  test("at first a small graph is all open, and of a large one no more than can be read", () => {
    const small = all(inModules(["net.a", "net.a", "net.b", "net.b"]));
    expect(openAtFirst(small).size).toBe(small.groups.length - 1);
    for (const rounds of [20, 300, 3000]) {
      const tree = all(unrolled(rounds));
      const open = openAtFirst(tree);
      const shown = tree.groups
        .filter((group) => group.parent < 0 || open.has(group.key))
        .reduce(
          (sum, { items }) =>
            sum + items.filter((item) => item >= 0 || !open.has(tree.groups[~item]?.key ?? "")).length,
          0,
        );
      expect(shown).toBeLessThanOrEqual(SHOWN_AT_FIRST);
    }
  });
});
