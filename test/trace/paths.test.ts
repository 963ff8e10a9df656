import { describe, expect, test } from "vitest";
import { pathsTo } from "../../trace/paths.ts";
import type { Trace, Value } from "../../trace/schema.ts";
import { traceNamed, traceOf } from "../webview/traces.ts";

const leafCalled = (trace: Trace, name: string): number =>
  trace.nodes.findIndex(({ variable }) => variable !== null && trace.tensors[variable]?.names.includes(name));
const data = (value: Value): number[] => (value.kind === "inline" ? value.data.map(Number) : []);
const paths = (trace: Trace, name: string) => {
  const found = pathsTo(trace, 0, leafCalled(trace, name));
  if (found === null) throw new Error(`no path to ${name}`);
  return found;
};
const sums = ({ contributions, total }: ReturnType<typeof paths>): [number[], number[]] => [
  data(total).map((_, i) =>
    contributions.reduce((sum, { value }) => sum + (data(value)[i] ?? Number.NaN), 0),
  ),
  data(total),
];

describe("the paths to a leaf", () => {
  test("w goes by the relu and straight to the sum: each its share, and they add up to w.grad", async () => {
    const trace = await traceNamed("everyPath");
    const found = paths(trace, "w");
    expect(found.contributions.map(({ value }) => data(value)).sort()).toEqual([
      [1, 1],
      [3, 0],
    ]);
    expect(found.contributions.map(({ joinedAt }) => joinedAt)).toEqual([[], []]);
  });

  test("before two paths join at a node in the middle they are told apart behind it too", async () => {
    const trace = await traceOf(`x = torch.tensor([1., 2.], requires_grad=True)
h = x * 3
y = (h * h + 5 * h).sum()
y.backward()`);
    const found = paths(trace, "x");
    expect(
      found.contributions.map(({ value }) => data(value)).sort((a, b) => (a[1] ?? 0) - (b[1] ?? 0)),
    ).toEqual([
      [15, 15],
      [9, 18],
      [9, 18],
    ]);
    expect(sums(found)[0]).toEqual([33, 51]);
  });

  test("through matrices, broadcasts and functions of one element", async () => {
    const trace = await traceOf(`W = torch.tensor([[.1, -.2], [.4, .5]], requires_grad=True)
b = torch.tensor([.3, -.1], requires_grad=True)
h = torch.tanh(W @ W + b)
y = (h @ W + h * b).sum()
y.backward()`);
    for (const name of ["W", "b"]) {
      const found = paths(trace, name);
      expect(found.contributions.length).toBeGreaterThan(2);
      const [sum, total] = sums(found);
      for (const [i, value] of sum.entries()) expect(value).toBeCloseTo(total[i] as number, 5);
    }
  });

  test("every leaf of every snippet: the contributions add up, and each path leads from the root to the leaf", async () => {
    for (const name of ["productOfSquares", "sumOfSquares", "twoLayers", "shared", "everyPath"] as const) {
      const trace = await traceNamed(name);
      trace.backwards.forEach((pass, backward) => {
        for (const { node } of pass.steps) {
          if (trace.nodes[node]?.variable == null) continue;
          const found = pathsTo(trace, backward, node);
          expect(found?.contributions.length).toBeGreaterThan(0);
          const [sum, total] = sums(found as NonNullable<typeof found>);
          for (const [i, value] of sum.entries()) expect(value).toBeCloseTo(total[i] as number, 4);
          for (const { edges } of found?.contributions ?? []) {
            expect(edges[0]?.node).toBe(pass.roots[0]?.node);
            const last = edges.at(-1);
            expect(trace.nodes[last?.node ?? -1]?.edges[last?.edge ?? -1]?.node).toBe(node);
          }
        }
      });
    }
  });

  test("so many paths that none can be told apart go on as one, with the node where they joined", async () => {
    const trace = await traceOf(`x = torch.tensor(1.01, requires_grad=True)
h = x
for _ in range(12): h = h + h
h.backward()`);
    const found = paths(trace, "x");
    expect(found.contributions.some(({ joinedAt }) => joinedAt.length > 0)).toBe(true);
    expect(sums(found)[0]).toEqual(data(found.total));
  });

  test("a node that the pass does not reach has no paths", async () => {
    const trace = await traceNamed("twoLayers");
    const outside = trace.nodes.findIndex(
      (_, i) => !trace.backwards[0]?.steps.some((step) => step.node === i),
    );
    expect(pathsTo(trace, 0, outside)).toBeNull();
  });
});
