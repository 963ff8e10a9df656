/** What a person would write instead, in the page: every node and leaf placed by dagre and drawn as SVG. Run in Chromium. */
import { Graph, layout } from "@dagrejs/dagre";

const SVG = "http://www.w3.org/2000/svg";
const BOX = { width: 120, height: 36 };

interface Plain {
  readonly names: readonly string[];
  /** From and to, as indices of `names`. */
  readonly edges: readonly (readonly [number, number])[];
}

/** Ms until all of it is on the page; null where dagre gave up. */
async function drawn({ names, edges }: Plain): Promise<number | null> {
  const start = performance.now();
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB" });
  graph.setDefaultEdgeLabel(() => ({}));
  names.forEach((name, i) => {
    graph.setNode(String(i), { label: name, ...BOX });
  });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to));
  try {
    layout(graph);
  } catch {
    return null;
  }
  const svg = document.createElementNS(SVG, "svg");
  const add = (parent: Element, tag: string, attributes: Record<string, string | number>): Element => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    parent.append(element);
    return element;
  };
  for (const edge of graph.edges()) {
    const { points = [] } = graph.edge(edge) as { points?: { x: number; y: number }[] };
    add(svg, "path", {
      d: `M${points.map(({ x, y }) => `${x} ${y}`).join("L")}`,
      fill: "none",
      stroke: "grey",
    });
  }
  for (const id of graph.nodes()) {
    const { x, y } = graph.node(id) as { x: number; y: number };
    const group = add(svg, "g", { transform: `translate(${x - BOX.width / 2},${y - BOX.height / 2})` });
    add(group, "rect", { ...BOX, fill: "white", stroke: "grey" });
    add(group, "text", { x: 8, y: 22 }).textContent = names[Number(id)] ?? "";
  }
  document.body.append(svg);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}

Object.assign(window, { drawn });
