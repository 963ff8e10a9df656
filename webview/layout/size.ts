/** What every card's face consists of, and the sizes and texts that all kinds of cards share. */
import { formatShape, formatValue } from "../../trace/format.ts";
import type { Pattern, Value } from "../../trace/schema.ts";
import { columns, plain } from "../plain.ts";
import type { Card } from "./graph.ts";
import type { Direction } from "./plan.ts";

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

export const TITLE_COLUMNS = 30;
export const VALUE_COLUMNS = 28;

/** `[6, 8]` where that fits, else the shape. */
export function shortValue(value: Value, limit: number): string {
  if (value.kind === "inline") {
    const text = formatValue(value, { elements: 4, rows: 2 });
    if (columns(text) <= limit) return text;
  }
  return plain(formatShape(value.shape), limit);
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

/** How wide the box of a forward value is. */
export const outletSide = (text: string): number => Math.max(28, columns(text) * SIZE.column + 12);

/** What the boxes of several forward values take of the right side of a card that lies; the texts keep clear of it. */
export const outletRoom = (texts: readonly string[]): number =>
  texts.length === 0 ? 0 : Math.max(...texts.map(outletSide)) + 6;

/** The width that the widest of these texts needs, with its columns' width, and the padding. */
export const widest = (least: number, ...texts: (readonly [string, number])[]): number =>
  Math.ceil(Math.max(least, ...texts.map(([text, column]) => columns(text) * column + 2 * SIZE.pad)));
