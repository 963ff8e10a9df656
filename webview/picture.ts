/** From a Trace to what is to be laid out and drawn: cards with faces, wires, and the plan for the layout. */
import type { Trace } from "../trace/schema.ts";
import { edgeKey } from "../trace/stepper.ts";
import { type Face, facesOf, SIZE, shortValue } from "./layout/face.ts";
import { type Graph, graphOf, type Scope, type Wire } from "./layout/graph.ts";
import type { Plan } from "./layout/plan.ts";
import { columns } from "./plain.ts";

export interface Picture {
  readonly graph: Graph;
  readonly faces: ReadonlyMap<string, Face>;
  readonly plan: Plan;
}

/** Columns of a gradient on a wire. */
export const CHIP_COLUMNS = 18;
/** More cards than this: gradients on wires are not given room of their own. */
const ROOMY = 120;
/** Room beside the text of a chip. */
const CHIP_PAD = 26;

export function pictureOf(trace: Trace, scope: Scope): Picture {
  const graph = graphOf(trace, scope);
  const texts = textsOf(trace, scope.backward);
  const faces = facesOf(trace, graph, texts.grads);
  const roomy = graph.cards.length <= ROOMY;
  return {
    graph,
    faces,
    plan: {
      boxes: graph.cards.map((card) => {
        const { width, height } = faces.get(card.id) as Face;
        return { id: card.id, width, height, inputs: Math.max(1, card.ports.length), outputs: card.outputs };
      }),
      lines: graph.wires.map((wire) => {
        const width = roomy ? widest(texts.wires.get(wireKey(wire)) ?? []) : 0;
        return { ...wire, label: width };
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

/** Every text that will stand on a wire or in a leaf's tray in the course of a pass: room is kept from the start. */
function textsOf(
  trace: Trace,
  backward: number | null,
): { wires: Map<string, string[]>; grads: Map<number, string[]> } {
  const wires = new Map<string, string[]>();
  const grads = new Map<number, string[]>();
  const pass = backward === null ? undefined : trace.backwards[backward];
  pass?.roots.forEach((root, i) => void wires.set(`root ${i}`, [shortValue(root.seed, CHIP_COLUMNS)]));
  for (const step of pass?.steps ?? []) {
    for (const sent of step.downstream) {
      const values = [sent.unbroadcast?.before ?? null, sent.value].filter((value) => value !== null);
      wires.set(
        edgeKey(step.node, sent.edge),
        values.map((value) => shortValue(value, CHIP_COLUMNS)),
      );
    }
    if (step.accumulate !== null) {
      const { before, after } = step.accumulate;
      grads.set(
        step.node,
        [before, after].map((value) => (value === null ? "None" : shortValue(value, CHIP_COLUMNS))),
      );
    }
  }
  return { wires, grads };
}
