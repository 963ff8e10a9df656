/** What a layout is given and gives back: boxes with ports, lines between them, and where they stand. Numbers only. */

/** A box to be placed, with its ports. Sizes in px. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Distances of the ports on top from the left edge, ascending. */
  readonly inputs: readonly number[];
  /** The same at the bottom. */
  readonly outputs: readonly number[];
  /** For the place where a line comes into a frame (stands on top of all) or leaves it (below all). */
  readonly pin?: "top" | "bottom";
}

/** A line from a port at the bottom of one box to a port on top of another that stands lower. */
export interface Line {
  readonly id: string;
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  /** Width of the label that the line keeps room for; 0 for none. */
  readonly label: number;
  /** Height of that label; `LABEL_HEIGHT` where nothing else is said. */
  readonly labelHeight?: number;
  /** How much it matters that the line runs straight, from 1. */
  readonly weight: number;
}

/** Boxes and lines in the order in which they should be met, left to right: operands keep their sides. */
export interface Plan {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a line runs: cubic Bézier points (3k + 1 of them) from top to bottom, and the middle of its label. */
export interface Course {
  readonly points: readonly Point[];
  readonly label: Point;
}

/** y grows downwards, the picture starts at (0, 0); a box stands at its upper left corner. */
export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Point>;
  readonly lines: ReadonlyMap<string, Course>;
}

export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}

/** Which way the forward pass runs; the gradient comes back the other way. */
export type Direction = "down" | "right";

/** What is to be placed where boxes stand in frames; sizes and ports are those of the direction. */
export interface Nest {
  readonly direction: Direction;
  readonly boxes: readonly (Box & { readonly frame: string | null })[];
  /** Outer ones first; `title` is the width that the frame's title needs. */
  readonly frames: readonly { readonly id: string; readonly parent: string | null; readonly title: number }[];
  readonly lines: readonly Line[];
}

/** Where all of a Nest stands; (x, y) is the picture's upper left corner. */
export interface Arrangement extends Placement, Point {
  readonly frames: ReadonlyMap<string, Area>;
}

export const LABEL_HEIGHT = 20;

/** Distance of port `i` of `count`, spread evenly, from the left edge of a box that wide. */
export const portX = (width: number, count: number, i: number): number => ((i + 0.5) / count) * width;

export const evenly = (width: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => portX(width, count, i));

/** A soft vertical S from a to b: leaves downwards, arrives downwards. */
export function drop(a: Point, b: Point): Point[] {
  const reach = Math.max(12, Math.abs(b.y - a.y) / 2);
  return [a, { x: a.x, y: a.y + reach }, { x: b.x, y: b.y - reach }, b];
}
