import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Card, type Graph, graphOf } from "../../webview/layout/graph.ts";
import { layered } from "../../webview/layout/layered.ts";
import { placeNest } from "../../webview/layout/nest.ts";
import { pictureOf } from "../../webview/picture.ts";
import { anyTrace, chain, planned } from "../support/traces.ts";
import { type SnippetName, traceNamed, traceOf } from "./traces.ts";

const whole = { backward: 0, everything: false, open: null };
const kinds = (graph: Graph, kind: Card["kind"]): Card[] => graph.cards.filter((card) => card.kind === kind);
const pictureNamed = async (name: SnippetName) => pictureOf(await traceNamed(name), whole);
const faceCalled = async (snippet: SnippetName, name: string) => {
  const face = [...(await pictureNamed(snippet)).faces.values()].find((each) => each.name === name);
  if (face === undefined) throw new Error(`${snippet} has no ${name}`);
  return face;
};

describe("what is drawn", () => {
  test("a node each, the leaf, and the result that the pass starts from", async () => {
    const { graph } = await pictureNamed("productOfSquares");
    expect(kinds(graph, "op")).toHaveLength(3);
    expect(kinds(graph, "leaf")).toHaveLength(1);
    expect(kinds(graph, "result").map((card) => card.root)).toEqual([0]);
  });

  test("a named operand without a gradient is a constant; a plain number is not a card", async () => {
    const { graph, faces } = await pictureNamed("everyPath");
    expect(kinds(graph, "constant").map((card) => faces.get(card.id)?.title)).toEqual(["x"]);
    const numbers = graphOf(await traceNamed("noPass"), { ...whole, backward: null });
    expect(kinds(numbers, "constant")).toEqual([]);
  });

  test("a leaf that is used twice is one card with two wires; one that is used ten times is ten cards", async () => {
    const { graph } = await pictureNamed("everyPath");
    const [w] = kinds(graph, "leaf").filter((card) => card.tensor === 0);
    expect(graph.wires.filter((wire) => wire.from === w?.id)).toHaveLength(2);
    const shared = (await pictureNamed("shared")).graph;
    expect(kinds(shared, "leaf").length).toBe(9);
    expect(new Set(kinds(shared, "leaf").map((card) => card.node)).size).toBe(1);
  });

  test("only what the pass reaches, unless everything is asked for", async () => {
    const trace = await traceNamed("twoLayers");
    const first = graphOf(trace, whole);
    const all = graphOf(trace, { ...whole, everything: true });
    expect(all.total).toBe(trace.nodes.length);
    expect(first.total).toBeLessThan(all.total);
    const outside = new Set(trace.nodes.map((_, i) => i));
    for (const step of trace.backwards[0]?.steps ?? []) outside.delete(step.node);
    expect(first.cards.filter((card) => card.node !== null && outside.has(card.node))).toEqual([]);
  });

  test("without a pass, every result that nothing uses", async () => {
    const graph = graphOf(await traceNamed("noPass"), { ...whole, backward: null });
    expect(kinds(graph, "result")).toHaveLength(1);
    expect(kinds(graph, "result")[0]?.root).toBeNull();
  });

  test("of a graph too large, groups folded to a readable number", () => {
    const trace = chain(5000);
    const graph = graphOf(trace, whole);
    expect(graph.total).toBe(5000);
    expect(graph.cards.length).toBeLessThan(60);
    expect(kinds(graph, "group").length).toBeGreaterThan(1);
  });

  test("whatever is open, each node is shown once, wires join cards that are drawn, and there is no cycle", () => {
    fc.assert(
      fc.property(anyTrace, fc.integer(), (trace, seed) => {
        const { tree } = graphOf(trace, whole);
        const open = new Set(tree.groups.flatMap(({ key }, i) => ((seed >> (i % 31)) & 1 ? [key] : [])));
        const graph = graphOf(trace, { ...whole, open });
        const cards = new Set(graph.cards.map((card) => card.id));
        expect(cards.size).toBe(graph.cards.length);
        for (const wire of graph.wires)
          expect([cards.has(wire.from), cards.has(wire.to)]).toEqual([true, true]);
        for (const node of tree.order) expect(cards.has(graph.cardOf(node) ?? "")).toBe(true);
        expect(() => placeNest(pictureOf(trace, { ...whole, open }).nest, layered)).not.toThrow();
      }),
    );
  });

  test("every edge that a gradient takes is on exactly one wire, or inside a folded group", async () => {
    const trace = await traceOf(LOOP);
    const { tree } = graphOf(trace, whole);
    for (const open of [new Set<string>(), new Set(tree.groups.map((group) => group.key))]) {
      const graph = graphOf(trace, { ...whole, open });
      const carried = graph.wires.flatMap(({ carries }) =>
        carries.kind === "edges" ? carries.edges.map(({ node, edge }) => `${node}:${edge}`) : [],
      );
      expect(new Set(carried).size).toBe(carried.length);
      const hidden = tree.order.flatMap((node) =>
        (trace.nodes[node]?.edges ?? []).flatMap((edge, e) => {
          if (edge.node === null || carried.includes(`${node}:${e}`)) return [];
          const card = graph.cards.find(({ id }) => id === graph.cardOf(node));
          return card?.kind === "group" ? [] : [`${node}:${e}`];
        }),
      );
      expect(hidden).toEqual([]);
    }
  });

  test("a leaf that only one folded group uses is folded into it", async () => {
    const graph = graphOf(await traceOf(LOOP), { ...whole, open: new Set() });
    const [first] = kinds(graph, "group");
    expect(first?.folded.length).toBe(2);
    expect(kinds(graph, "leaf")).toEqual([]);
  });
});

const LOOP = `w = torch.tensor([1., -2.], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
h = torch.ones(2)
for _ in range(30):
    h = torch.tanh(h * w + b)
h.sum().backward()`;

describe("what stands on a card", () => {
  test("pow keeps the 2: the exponent and the base are on the card under PyTorch's names", async () => {
    const pow = await faceCalled("sumOfSquares", "PowBackward0");
    expect(pow.title).toBe("x**2");
    expect(pow.pegs.map(({ label, text }) => [label, text])).toEqual(
      expect.arrayContaining([
        ["_saved_exponent", "2"],
        ["_saved_self", "[3, 4]"],
      ]),
    );
  });

  test("mul: 9 is kept on the left and used on the right, 16 the other way round", async () => {
    const mul = await faceCalled("productOfSquares", "MulBackward0");
    expect(mul.pegs.map(({ label, text, hue }) => [label, text, hue])).toEqual([
      ["_saved_self", "9", 0],
      ["_saved_other", "16", 1],
    ]);
    expect(mul.strands).toEqual([
      { peg: 1, port: 0 },
      { peg: 0, port: 1 },
    ]);
    expect(mul.ports.map((port) => port.label)).toEqual(["self", "other"]);
  });

  test("unbind is named by what it does, since the whole expression belongs to mul; its rows take mul's colours", async () => {
    const unbind = await faceCalled("productOfSquares", "UnbindBackward0");
    expect(unbind.title).toBe("unbind(x**2)");
    expect(unbind.outlets.map(({ text, hue }) => [text, hue])).toEqual([
      ["9", 0],
      ["16", 1],
    ]);
  });

  test("add shows nothing saved: its rule used nothing", async () => {
    const faces = [...(await pictureNamed("everyPath")).faces.values()];
    expect(faces.filter((face) => face.name === "AddBackward0").map((face) => face.pegs)).toEqual([[], []]);
  });

  test("an op input stands in the middle where the other input is a leaf", async () => {
    const { ports, width } = await faceCalled("twoLayers", "AddBackward0");
    expect(ports[0]?.x).toBe(width / 2);
    expect(ports[1]?.x).toBeGreaterThan(width / 2);
  });

  test("a name of a megabyte, with markup and characters that turn the text, is cut and shown by its codes", () => {
    const trace = structuredClone(planned({ edges: [[1], []], passes: 1 }));
    (trace.nodes[0] as { name: string }).name = `<img src=x>\u202e\u0007${"n".repeat(1 << 20)}`;
    const face = [...pictureOf(trace, whole).faces.values()].find((each) => each.card.kind === "op");
    expect(face?.name).toBe("<img src=x>⟨U+202E⟩⟨U+0007⟩nn…");
    expect(face?.width).toBeLessThan(400);
  });

  test("many cards are drawn small", () => {
    const few = pictureOf(chain(20), whole).faces.values();
    const many = pictureOf(chain(100), whole).faces.values();
    expect([...few].every((face) => !face.compact)).toBe(true);
    expect([...many].every((face) => face.compact)).toBe(true);
  });
});

test("in a loop too, only the last node of an expression has its whole text for a title", async () => {
  const trace = await traceOf(
    "net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 1))\nx = torch.ones(1, 2)\nfor _ in range(2): net(x).sum().backward()",
  );
  const titles = [...pictureOf(trace, whole).faces.values()].map(({ title }) => title);
  expect(titles.filter((title) => title === "net(x)")).toHaveLength(1);
});
