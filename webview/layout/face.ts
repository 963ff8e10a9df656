/** What stands on each card and how large it is: texts, ports, saved values and where they sit. Numbers and words only. */
import { formatShape, formatValue } from "../../trace/format.ts";
import { tensorName } from "../../trace/names.ts";
import type { Node, Pattern, Trace, Value } from "../../trace/schema.ts";
import { columns, plain } from "../plain.ts";
import { type Context, innerNodes, outletHues, type PassTexts, spinesOf } from "./context.ts";
import type { Card, Graph } from "./graph.ts";
import { opFace } from "./opFace.ts";

export interface Port {
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
  readonly x: number;
  readonly width: number;
  readonly label: string;
  readonly text: string;
  readonly hue: number | null;
}

export interface Face {
  readonly card: Card;
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
  /** Height of the room for the mark. */
  readonly mark: number;
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
  /** Columns are counted in a fixed-width font: its width at each size in use. */
  titleColumn: 7.9,
  column: 7.3,
  smallColumn: 6.5,
} as const;

export const TITLE_COLUMNS = 30;
export const VALUE_COLUMNS = 28;
/** More cards than this are drawn small. */
export const COMPACT_FROM = 60;

/** `[6, 8]` where that fits, else the shape. */
export function shortValue(value: Value, limit: number): string {
  if (value.kind === "inline") {
    const text = formatValue(value, { elements: 4, rows: 2 });
    if (columns(text) <= limit) return text;
  }
  return plain(formatShape(value.shape), limit);
}

/** Every card's face. */
export function facesOf(trace: Trace, graph: Graph, texts: PassTexts): ReadonlyMap<string, Face> {
  const compact = graph.cards.length > COMPACT_FROM;
  const context: Context = {
    trace,
    compact,
    texts,
    hues: outletHues(graph),
    spines: spinesOf(graph),
    inner: innerNodes(trace, graph),
  };
  return new Map(graph.cards.map((card) => [card.id, faceOf(card, context)]));
}

function faceOf(card: Card, context: Context): Face {
  const { trace, compact, texts } = context;
  const tensor = card.tensor === null ? undefined : trace.tensors[card.tensor];
  const value = tensor === undefined ? null : shortValue(tensor.value, VALUE_COLUMNS);
  const own = card.tensor === null ? null : tensorName(trace, card.tensor);
  const node = card.node === null ? undefined : trace.nodes[card.node];
  const bare = {
    card,
    compact,
    ports: [],
    pegs: [],
    hiddenPegs: 0,
    strands: [],
    outlets: [],
    mark: SIZE.mark,
  } as const;
  switch (card.kind) {
    case "op":
      return opFace(card, node as Node, context);
    case "leaf": {
      const title = plain(own ?? "", TITLE_COLUMNS);
      const name = plain(node?.name ?? "", TITLE_COLUMNS);
      const gradTexts = compact
        ? []
        : (texts.grads.get(card.node as number) ?? []).map((text) => `.grad = ${text}`);
      const width = widest(
        120,
        [title, SIZE.titleColumn],
        [value ?? "", SIZE.column],
        [name, SIZE.column],
        ...gradTexts.map((text): [string, number] => [text, SIZE.column]),
      );
      const height = compact
        ? SIZE.compactHeight
        : 2 * SIZE.pad + (value === null ? 2 : 3) * SIZE.line + SIZE.grad + 4;
      return {
        ...bare,
        width: width + (compact ? 0 : 26),
        height,
        title,
        value,
        name,
        pattern: "accumulate",
      };
    }
    case "constant": {
      const name = plain(own ?? "", TITLE_COLUMNS);
      const title = own === null ? (value ?? "") : name;
      const shown = value === null || title === value || compact ? null : value;
      const width = widest(64, [title, SIZE.titleColumn], [shown ?? "", SIZE.column]);
      const height = 2 * 8 + (shown === null ? 1 : 2) * SIZE.line;
      return { ...bare, width, height, title, value: shown, name: null, pattern: null };
    }
    case "result": {
      const title = plain([own, value].filter((part) => part !== null).join(" = "), TITLE_COLUMNS + 8);
      const width = widest(card.root === null ? 64 : 164, [title, SIZE.titleColumn]);
      const height = 2 * 8 + (card.root === null ? 1 : 2) * SIZE.line;
      return { ...bare, width, height, title, value: null, name: null, pattern: null };
    }
    case "more":
      return {
        ...bare,
        width: 56,
        height: 26,
        title: "…",
        value: null,
        name: plain(node?.name ?? "", TITLE_COLUMNS),
        pattern: null,
      };
  }
}

/** The width that the widest of these texts needs, with its columns' width, and the padding. */
export const widest = (least: number, ...texts: (readonly [string, number])[]): number =>
  Math.ceil(Math.max(least, ...texts.map(([text, column]) => columns(text) * column + 2 * SIZE.pad)));
