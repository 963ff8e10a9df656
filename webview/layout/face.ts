/** What stands on each card and how large it is: texts, ports, saved values and where they sit. Numbers and words only. */
import * as l10n from "@vscode/l10n";
import { deadEnd } from "../../trace/dead-ends.ts";
import { formatShape, formatValue } from "../../trace/format.ts";
import { tensorName } from "../../trace/names.ts";
import type { Node, Pattern, Trace, Value } from "../../trace/schema.ts";
import { columns, plain } from "../plain.ts";
import { type Context, innerNodes, outletHues, type PassTexts, spinesOf } from "./context.ts";
import type { Card, Graph } from "./graph.ts";
import { groupFace } from "./groupFace.ts";
import { opFace } from "./opFace.ts";
import { type Direction, evenly } from "./plan.ts";

export interface Port {
  /** Along the side that inputs come in by: from the left of a card that stands, from the top of one that lies. */
  readonly x: number;
  /** The input's name, where there are several. */
  readonly label: string | null;
  /** The colour of that operand, where there are several. */
  readonly hue: number | null;
  /** Whether a gradient can leave here. */
  readonly live: boolean;
}

/** A saved value as it stands on its node. */
export interface Peg {
  /** Its middle along the side of the ports. */
  readonly x: number;
  readonly width: number;
  readonly label: string;
  readonly text: string;
  readonly hue: number | null;
}

export interface Face {
  readonly card: Card;
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  /** Many cards: only a small mark, the expression and PyTorch's name. */
  readonly compact: boolean;
  readonly ports: readonly Port[];
  readonly pegs: readonly Peg[];
  /** Saved values that found no room. */
  readonly hiddenPegs: number;
  /** Which peg the rule of which port uses. */
  readonly strands: readonly { readonly peg: number; readonly port: number }[];
  /** The forward values by output, where there are several, in the colour of the operand that each becomes. */
  readonly outlets: readonly { readonly x: number; readonly text: string; readonly hue: number | null }[];
  /** Room for the mark: along the flow, and along the side of the ports. */
  readonly mark: number;
  readonly span: number;
  readonly title: string;
  /** The forward value, `y = 25`; null where it was not kept. */
  readonly value: string | null;
  /** PyTorch's name of the node. */
  readonly name: string | null;
  readonly pattern: Pattern | null;
}

/** Heights and widths of the parts of a card, px; `views/cards.ts` draws by the same numbers. */
export const SIZE = {
  pad: 12,
  mark: 46,
  /** Strands that cross need height to be seen crossing. */
  crossing: 70,
  peg: 36,
  outlet: 30,
  line: 18,
  grad: 24,
  compactHeight: 44,
  compactMark: 38,
  /** A leaf drawn small, and one that is drawn once for each of its uses. */
  pill: 26,
  group: 69,
  /** Columns are counted in a fixed-width font: its width at each size in use. */
  titleColumn: 7.9,
  column: 7.3,
  smallColumn: 6.5,
} as const;

/** What a leaf is wider than its texts. */
const LEAF_PAD = 26;
/** What is beside the text of a leaf's tray: its mark, and room to the edges. */
const TRAY_PAD = 60;

export const TITLE_COLUMNS = 30;
export const VALUE_COLUMNS = 28;
/** More cards than this are drawn small. */
export const COMPACT_FROM = 40;

/** `[6, 8]` where that fits, else the shape. */
export function shortValue(value: Value, limit: number): string {
  if (value.kind === "inline") {
    const text = formatValue(value, { elements: 4, rows: 2 });
    if (columns(text) <= limit) return text;
  }
  return plain(formatShape(value.shape), limit);
}

/** Every card's face. */
export function facesOf(
  trace: Trace,
  graph: Graph,
  texts: PassTexts,
  direction: Direction,
): ReadonlyMap<string, Face> {
  const context: Context = {
    trace,
    graph,
    direction,
    // Whether cards are small depends on the graph, not on what is open: opening a group redraws none of the others.
    compact: graph.total > COMPACT_FROM,
    texts,
    hues: outletHues(graph),
    spines: spinesOf(graph),
    inner: innerNodes(trace, graph),
  };
  return new Map(graph.cards.map((card) => [card.id, faceOf(card, context)]));
}

function faceOf(card: Card, context: Context): Face {
  const { trace, compact, direction, texts } = context;
  const node = card.node === null ? undefined : trace.nodes[card.node];
  if (card.kind === "op") return opFace(card, node as Node, context);
  if (card.kind === "group") return groupFace(card, context);
  const tensor = card.tensor === null ? undefined : trace.tensors[card.tensor];
  const value = tensor === undefined ? null : shortValue(tensor.value, VALUE_COLUMNS);
  const own = card.tensor === null ? null : tensorName(trace, card.tensor);
  const bare = { ...BARE, card, compact, direction };
  switch (card.kind) {
    case "leaf": {
      const title = plain(own ?? leafName(node, value), TITLE_COLUMNS);
      const name = plain(node?.name ?? "", TITLE_COLUMNS);
      if (compact || card.shared > 0) {
        const uses = card.shared > 0 ? 8 + String(card.shared).length * SIZE.smallColumn : 0;
        const width = widest(56, [title, SIZE.titleColumn]) + 20 + uses;
        return {
          ...bare,
          compact: true,
          width,
          height: SIZE.pill,
          title,
          value,
          name,
          pattern: "accumulate",
        };
      }
      const shown = value === title ? null : value;
      const gradTexts = texts.grad(card.node as number).map((text) => `.grad = ${text}`);
      const tray = gradTexts.map((text) => Math.ceil(columns(text) * SIZE.column) + TRAY_PAD);
      const width = widest(
        Math.max(146, ...tray) - LEAF_PAD,
        [title, SIZE.titleColumn],
        [shown ?? "", SIZE.column],
        [name, SIZE.column],
      );
      const height = 2 * SIZE.pad + (shown === null ? 2 : 3) * SIZE.line + SIZE.grad + 4;
      return { ...bare, width: width + LEAF_PAD, height, title, value: shown, name, pattern: "accumulate" };
    }
    case "constant": {
      const known = plain(own ?? "", TITLE_COLUMNS);
      const title = own === null ? (value ?? "") : known;
      const shown = value === null || title === value || compact ? null : value;
      const reason = compact ? null : plain(deadEndText(trace, card.tensor as number), TITLE_COLUMNS);
      const width = widest(
        64,
        [title, SIZE.titleColumn],
        [shown ?? "", SIZE.column],
        [reason ?? "", SIZE.column],
      );
      const lines = 1 + (shown === null ? 0 : 1) + (reason === null ? 0 : 1);
      const height = (compact ? 6 : 2 * 8) + lines * SIZE.line;
      return { ...bare, width, height, title, value: shown, name: reason };
    }
    case "result": {
      const title = plain([own, value].filter((part) => part !== null).join(" = "), TITLE_COLUMNS + 8);
      const width = widest(card.root === null ? 64 : 164, [title, SIZE.titleColumn]);
      const height = 2 * 8 + (card.root === null ? 1 : 2) * SIZE.line;
      return { ...bare, width, height, title };
    }
  }
}

/** Why no gradient goes to an operand, in a word or two. */
export function deadEndText(trace: Trace, tensor: number): string {
  const end = deadEnd(trace, tensor);
  switch (end.kind) {
    case "integer":
      return l10n.t("{0}: no gradient", end.dtype);
    case "detached": {
      const from = tensorName(trace, end.from);
      return from === null ? l10n.t("detached") : l10n.t("detached from {0}", from);
    }
    case "constant":
      return l10n.t("constant");
  }
}

export const BARE = {
  ports: [],
  pegs: [],
  hiddenPegs: 0,
  strands: [],
  outlets: [],
  mark: SIZE.mark,
  span: 0,
  title: "",
  value: null,
  name: null,
  pattern: null,
} as const;

/** A parameter without a variable of its own goes by its module, else by its shape. */
function leafName(node: Node | undefined, value: string | null): string {
  const module = node?.module?.split(".").at(-1);
  return module === undefined ? (value ?? "") : `${module} ${value ?? ""}`;
}

/** Where a face's outputs leave, along the side that is opposite to the ports. */
export function outletPlaces({ card, direction, width, height, span, compact }: Face): number[] {
  if (direction === "down") return evenly(width, card.outputs);
  // A card that lies leaves at the height of its mark, so that a chain runs straight on.
  if (card.outputs === 1 && span > 0 && !compact) return [span / 2];
  return evenly(height, card.outputs);
}

/** Where a face's inputs come in; the middle where it has no ports. */
export function portPlacesOf(face: Face): number[] {
  if (face.ports.length > 0) return face.ports.map((port) => port.x);
  return [(face.direction === "down" ? face.width : face.height) / 2];
}

/** The width that the widest of these texts needs, with its columns' width, and the padding. */
export const widest = (least: number, ...texts: (readonly [string, number])[]): number =>
  Math.ceil(Math.max(least, ...texts.map(([text, column]) => columns(text) * column + 2 * SIZE.pad)));
