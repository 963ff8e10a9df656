/** What stands on each card and how large it is: texts, ports, saved values and where they sit. Numbers and words only. */
import * as l10n from "@vscode/l10n";
import { deadEnd } from "../../trace/dead-ends.ts";
import { tensorName } from "../../trace/names.ts";
import type { Node, Trace } from "../../trace/schema.ts";
import { columns, plain } from "../plain.ts";
import { type Context, outletHues, type PassTexts, spinesOf } from "./context.ts";
import type { Card, Graph } from "./graph.ts";
import { groupFace } from "./groupFace.ts";
import { opFace } from "./opFace.ts";
import { type Direction, evenly } from "./plan.ts";
import { BARE, type Face, SIZE, shortValue, TITLE_COLUMNS, VALUE_COLUMNS, widest } from "./size.ts";

/** What a leaf is wider than its texts. */
const LEAF_PAD = 26;
/** What is beside the text of a leaf's tray: its mark, and room to the edges. */
const TRAY_PAD = 60;

/** More cards than this are drawn small. */
export const COMPACT_FROM = 40;

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
