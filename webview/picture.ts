/** From a Trace to what is to be laid out and drawn: cards with faces, wires, and the plan for the layout. */

import { edgeKey } from "../trace/keys.ts";
import type { Trace, Value } from "../trace/schema.ts";
import type { PassTexts } from "./layout/context.ts";
import { type Face, facesOf, SIZE, shortValue } from "./layout/face.ts";
import { type Graph, graphOf, type Scope, type Wire } from "./layout/graph.ts";
import { evenly, type Plan } from "./layout/plan.ts";
import { columns } from "./plain.ts";

export interface Picture {
  readonly graph: Graph;
  readonly faces: ReadonlyMap<string, Face>;
  readonly plan: Plan;
}

/** Columns of a gradient on a wire. */
export const CHIP_COLUMNS = 18;
/** More cards than this: gradients on wires are not given room of their own. */
const ROOMY = 200;
/** Wires between ops run straight before those of leaves and constants do. */
const SPINE_WEIGHT = 10;
/** Room beside the text of a chip. */
const CHIP_PAD = 26;

export function pictureOf(trace: Trace, scope: Scope): Picture {
  const graph = graphOf(trace, scope);
  const texts = textsOf(trace, scope.backward);
  const faces = facesOf(trace, graph, texts);
  const ops = new Set(graph.cards.filter((card) => card.kind === "op").map((card) => card.id));
  const roomy = graph.cards.length <= ROOMY;
  return {
    graph,
    faces,
    plan: {
      boxes: graph.cards.map((card) => {
        const { width, height, ports } = faces.get(card.id) as Face;
        const inputs = ports.length === 0 ? [width / 2] : ports.map((port) => port.x);
        return { id: card.id, width, height, inputs, outputs: evenly(width, card.outputs) };
      }),
      lines: graph.wires.map((wire) => {
        const width = roomy ? widest(texts.wires.get(wireKey(wire)) ?? []) : 0;
        return { ...wire, label: width, weight: ops.has(wire.from) ? SPINE_WEIGHT : 1 };
      }),
    },
  };
}

const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, Math.ceil(columns(text) * SIZE.column) + CHIP_PAD), 0);

/** Whose gradient a wire carries, as a key. */
export const wireKey = ({ carries }: Wire): string =>
  carries.kind === "edge"
    ? edgeKey(carries.node, carries.edge)
    : carries.kind === "root"
      ? `root ${carries.root}`
      : "";

/** What the pass will show: room is kept for it from the start. */
function textsOf(trace: Trace, backward: number | null): PassTexts {
  const wires = new Map<string, string[]>();
  const grads = new Map<number, string[]>();
  const formulas = new Map<string, string | null>();
  const pass = backward === null ? undefined : trace.backwards[backward];
  const text = (value: Value | null): string => (value === null ? "None" : shortValue(value, CHIP_COLUMNS));
  trace.nodes.forEach(({ variable }, node) => {
    if (variable !== null) grads.set(node, [text(trace.tensors[variable]?.grad ?? null)]);
  });
  pass?.roots.forEach((root, i) => void wires.set(`root ${i}`, [text(root.seed)]));
  for (const step of pass?.steps ?? []) {
    for (const { edge, value, formula, unbroadcast } of step.downstream) {
      const key = edgeKey(step.node, edge);
      wires.set(key, [text(value), ...(unbroadcast === null ? [] : [text(unbroadcast.before)])]);
      formulas.set(key, formula);
    }
    if (step.accumulate !== null)
      grads.set(step.node, [text(step.accumulate.before), text(step.accumulate.after)]);
  }
  return { wires, grads, formulas };
}
