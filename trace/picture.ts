/** A tensor as a small picture: SVG made of numbers and fixed words only, so that nothing of a program can be in it. */
import type { Element, Value } from "./schema.ts";
import { numel } from "./shape.ts";
import { ahead, greatest, sliceOf } from "./statistics.ts";

/** Fewer elements are read as quickly as they are seen. */
const FEWEST = 9;
/** Cells across and down; larger tensors are drawn by every so many-th element. */
const MOST = { rows: 32, columns: 64 } as const;
const WIDTH = 260;
const BARS = 56;
/** Told apart by hue and by lightness, on dark and on light: below zero, above zero, not a number. */
const COLOURS = { below: "#3b82c4", above: "#d9822b", broken: "#c026a8", line: "#888888" } as const;

interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly Element[];
}

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  /** Set where not every element is in it: how many rows and columns of the tensor are. */
  readonly part: "first" | "sampled" | null;
}

/** Null for a tensor of few elements, or of complex ones. */
export function pictureOf(value: Value): Picture | null {
  if (numel(value.shape) < FEWEST || value.dtype.startsWith("complex")) return null;
  const whole = value.kind === "inline" ? sliceOf(value, []) : thumbnailOf(value);
  if (whole === null || whole.rows === 0 || whole.columns === 0) return null;
  const grid = thinned(whole);
  const part =
    value.kind === "summary" || grid.data.length < whole.data.length
      ? "sampled"
      : ahead(value.shape) > 0 && whole.data.length < numel(value.shape)
        ? "first"
        : null;
  return { ...(grid.rows === 1 ? bars(grid) : cells(grid)), part };
}

function thumbnailOf({ thumbnail: { shape, data } }: Value & { kind: "summary" }): Grid {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : data.length / columns, columns, data };
}

function thinned({ rows, columns, data }: Grid): Grid {
  const [down, across] = [Math.ceil(rows / MOST.rows), Math.ceil(columns / MOST.columns)];
  if (down === 1 && across === 1) return { rows, columns, data };
  const some: Element[] = [];
  for (let row = 0; row < rows; row += down)
    for (let column = 0; column < columns; column += across)
      some.push(data[row * columns + column] as Element);
  return { rows: Math.ceil(rows / down), columns: Math.ceil(columns / across), data: some };
}

const round = (x: number): number => Math.round(x * 100) / 100;
const shareOf = (element: Element, most: number): number => (most === 0 ? 0 : Number(element) / most);

function bars({ columns, data }: Grid): Omit<Picture, "part"> {
  const most = greatest(data);
  const step = WIDTH / columns;
  const middle = BARS / 2;
  const shapes = data.map((element, at) => {
    const share = shareOf(element, most);
    const x = round(at * step);
    const width = round(Math.max(0.5, step * 0.85));
    if (!Number.isFinite(share)) return rect(x, 0, width, BARS, COLOURS.broken, 1);
    const height = round(Math.max(0.5, Math.abs(share) * (middle - 1)));
    return rect(
      x,
      share < 0 ? middle : round(middle - height),
      width,
      height,
      share < 0 ? COLOURS.below : COLOURS.above,
      1,
    );
  });
  const line = rect(0, middle - 0.25, WIDTH, 0.5, COLOURS.line, 1);
  return framed(WIDTH, BARS, [...shapes, line]);
}

function cells({ rows, columns, data }: Grid): Omit<Picture, "part"> {
  const most = greatest(data);
  const size = Math.max(4, Math.min(16, Math.floor(WIDTH / columns)));
  const shapes = data.map((element, at) => {
    const share = shareOf(element, most);
    const [x, y] = [(at % columns) * size, Math.floor(at / columns) * size];
    if (!Number.isFinite(share)) return rect(x, y, size, size, COLOURS.broken, 1);
    const colour = share < 0 ? COLOURS.below : COLOURS.above;
    return share === 0 ? "" : rect(x, y, size, size, colour, round(0.12 + 0.88 * Math.abs(share)));
  });
  const [width, height] = [columns * size, rows * size];
  const frame = `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" fill="none" stroke="${COLOURS.line}"/>`;
  return framed(width, height, [...shapes, frame]);
}

const rect = (x: number, y: number, width: number, height: number, fill: string, opacity: number): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"${opacity === 1 ? "" : ` fill-opacity="${opacity}"`}/>`;

function framed(width: number, height: number, shapes: readonly string[]): Omit<Picture, "part"> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${shapes.join("")}</svg>`;
  return { svg, width, height };
}
