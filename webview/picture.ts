/** From a Trace to what is to be laid out and drawn: cards with faces, wires, and the plan for the layout. */
import type { Group } from "../trace/groups.ts";
import type { Step, Trace, Value } from "../trace/schema.ts";
import { timelineOf } from "../trace/timeline.ts";
import type { PassTexts } from "./layout/context.ts";
import { facesOf, outletPlaces, portPlacesOf } from "./layout/face.ts";
import { type EdgeRef, type Graph, graphOf, type Scope } from "./layout/graph.ts";
import { groupTitle } from "./layout/groupFace.ts";
import { type Direction, LABEL_HEIGHT, type Nest } from "./layout/plan.ts";
import { type Face, SIZE, shortValue, TITLE_COLUMNS } from "./layout/size.ts";
import { columns, plain } from "./plain.ts";

export interface Picture {
  readonly graph: Graph;
  readonly faces: ReadonlyMap<string, Face>;
  readonly nest: Nest;
  readonly direction: Direction;
}

/** Columns of a gradient on a wire. */
export const CHIP_COLUMNS = 18;
/** More cards than this: gradients on wires are not given room of their own. */
const ROOMY = 120;
/** Wires between ops run straight before those of leaves and constants do. */
const SPINE_WEIGHT = 10;
/** Room beside the text of a chip. */
const CHIP_PAD = 26;

export function pictureOf(trace: Trace, scope: Scope, direction: Direction = "down"): Picture {
  const graph = graphOf(trace, scope);
  const texts = textsOf(trace, scope.backward);
  const faces = facesOf(trace, graph, texts, direction);
  const spinal = new Set(
    graph.cards.flatMap((card) => (card.kind === "op" || card.kind === "group" ? [card.id] : [])),
  );
  const roomy = graph.total <= ROOMY;
  return {
    graph,
    faces,
    direction,
    nest: {
      direction,
      boxes: graph.cards.map((card) => {
        const face = faces.get(card.id) as Face;
        const { width, height } = face;
        const { id, frame } = card;
        return { id, width, height, inputs: portPlacesOf(face), outputs: outletPlaces(face), frame };
      }),
      frames: graph.frames.map(({ id, parent, group }) => {
        const title = groupTitle(trace, graph, graph.tree.groups[group] as Group);
        return { id, parent, title: columns(plain(title, TITLE_COLUMNS)) * SIZE.titleColumn + 60 };
      }),
      lines: graph.wires.map(({ id, from, fromPort, to, toPort, ...wire }) => {
        const label = roomy ? widest(texts.wire(wire)) : 0;
        const weight = spinal.has(from) ? SPINE_WEIGHT : 1;
        return { id, from, fromPort, to, toPort, label, labelHeight: LABEL_HEIGHT, weight };
      }),
    },
  };
}

const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, Math.ceil(columns(text) * SIZE.column) + CHIP_PAD), 0);

/** What the pass will show: room is kept for it from the start. Asked for only where it is drawn. */
function textsOf(trace: Trace, backward: number | null): PassTexts {
  const pass = backward === null ? undefined : trace.backwards[backward];
  const stepOf = backward === null ? null : timelineOf(trace, backward).stepOf;
  const text = (value: Value | null): string => (value === null ? "None" : shortValue(value, CHIP_COLUMNS));
  const stepAt = (node: number): Step | undefined => pass?.steps[stepOf?.get(node) ?? -1];
  const sent = ({ node, edge }: EdgeRef): Step["downstream"][number] | undefined =>
    stepAt(node)?.downstream.find((each) => each.edge === edge);
  return {
    wire({ carries }) {
      if (carries.kind === "root") {
        const seed = pass?.roots[carries.root ?? -1]?.seed;
        return seed === undefined ? [] : [text(seed)];
      }
      const [only] = carries.kind === "edges" && carries.edges.length === 1 ? carries.edges : [];
      const gradient = only === undefined ? undefined : sent(only);
      if (gradient === undefined) return [];
      const { value, unbroadcast } = gradient;
      return [text(value), ...(unbroadcast === null ? [] : [text(unbroadcast.before)])];
    },
    grad(node) {
      const accumulate = stepAt(node)?.accumulate ?? null;
      if (accumulate !== null) return [text(accumulate.before), text(accumulate.after)];
      const variable = trace.nodes[node]?.variable ?? null;
      return variable === null ? [] : [text(trace.tensors[variable]?.grad ?? null)];
    },
    formula: (node, edge) => sent({ node, edge })?.formula,
  };
}
