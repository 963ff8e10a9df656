/** Draws the marks of a figure's axes: each puts SVG into the plot, where x and y are the scales of the axes. */
import * as d3 from "d3";
import type { FigureMark } from "../../trace/figure.ts";
import { colorMap, colorOf, SHADES } from "./colors.ts";

type Of<K extends FigureMark["kind"]> = Extract<FigureMark, { kind: K }>;
export type Scale = (value: number) => number;
export interface Plot {
  readonly into: d3.Selection<SVGGElement, unknown, null, undefined>;
  readonly x: Scale;
  readonly y: Scale;
  readonly width: number;
  readonly height: number;
}

const DASHES = { solid: null, dashed: "6 4", dotted: "1.5 3", dashdot: "7 3 1.5 3" } as const;
const STEPS = { pre: d3.curveStepBefore, mid: d3.curveStep, post: d3.curveStepAfter } as const;
/** matplotlib's letters; what has none here is a circle. */
const SYMBOLS: Readonly<Record<string, d3.SymbolType>> = {
  s: d3.symbolSquare,
  D: d3.symbolDiamond,
  d: d3.symbolDiamond,
  "^": d3.symbolTriangle,
  v: d3.symbolTriangle,
  "*": d3.symbolStar,
  "+": d3.symbolPlus,
  P: d3.symbolCross,
  x: d3.symbolTimes,
  X: d3.symbolTimes,
};
/** A point of print in the units of the drawing, hundredths of an inch. */
export const POINT = 100 / 72;

const given = (value: number | null | undefined): value is number => value != null;
const pairs = (x: readonly (number | null)[], y: readonly (number | null)[]) =>
  x.map((each, i) => [each, y[i] ?? null] as const);

function symbol(marker: string, area: number): string {
  const type = SYMBOLS[marker] ?? d3.symbolCircle;
  return d3.symbol(type, (marker === "." ? 0.3 : 1) * area * POINT * POINT)() ?? "";
}

function points(
  { into, x, y }: Plot,
  at: readonly (readonly [number | null, number | null])[],
  marker: string,
  area: (i: number) => number,
  color: (i: number) => string,
  opacity: number,
): void {
  const strokes = "+x".includes(marker);
  into
    .append("g")
    .attr("opacity", opacity)
    .selectAll("path")
    .data(at.map((each, i) => ({ each, i })).filter(({ each: [a, b] }) => seen(x, a) && seen(y, b)))
    .join("path")
    .attr("d", ({ i }) => symbol(marker, area(i)))
    .attr("transform", ({ each: [a, b] }) => {
      const turned = marker === "v" ? " rotate(180)" : "";
      return `translate(${x(a as number).toFixed(1)},${y(b as number).toFixed(1)})${turned}`;
    })
    .attr("fill", ({ i }) => (strokes ? "none" : color(i)))
    .attr("stroke", ({ i }) => (strokes ? color(i) : "none"));
}

/** Is there a number, and does its axis have a place for it (a logarithm of zero has none)? */
const seen = (scale: Scale, value: number | null | undefined): value is number =>
  given(value) && Number.isFinite(scale(value));

function line(plot: Plot, mark: Of<"line">): void {
  const { x, y } = plot;
  const at = pairs(mark.x, mark.y);
  const color = colorOf(mark.color);
  if (mark.width > 0)
    plot.into
      .append("path")
      .attr("fill", "none")
      .attr("stroke", color)
      .attr("stroke-width", mark.width * POINT)
      .attr("stroke-dasharray", DASHES[mark.dash])
      .attr("stroke-linejoin", "round")
      .attr("opacity", mark.opacity)
      .attr(
        "d",
        d3
          .line<readonly [number | null, number | null]>()
          .defined(([a, b]) => seen(x, a) && seen(y, b))
          .x(([a]) => x(a as number))
          .y(([, b]) => y(b as number))
          .curve(mark.step === undefined ? d3.curveLinear : STEPS[mark.step])
          .digits(1)(at),
      );
  if (mark.marker !== "")
    points(
      plot,
      at,
      mark.marker,
      () => mark.size ** 2 * 0.8,
      () => color,
      mark.opacity,
    );
}

function scatter(plot: Plot, mark: Of<"points">): void {
  const each = mark.each.map(colorOf);
  const one = colorOf(mark.color);
  points(
    plot,
    pairs(mark.x, mark.y),
    mark.marker,
    (i) => mark.sizes[i % mark.sizes.length] ?? 36,
    (i) => (each.length === 0 ? one : (each[i % each.length] as string)),
    mark.opacity,
  );
}

function bars({ into, x, y, width, height }: Plot, mark: Of<"bars">): void {
  const [along, across] = mark.horizontal ? [y, x] : [x, y];
  const end = mark.horizontal ? 0 : height;
  const each = mark.each.map(colorOf);
  const boxes = mark.from.flatMap((from, i) => {
    const [to, base, top] = [mark.to[i], mark.base[i], mark.top[i]];
    if (!seen(along, from) || !seen(along, to) || !seen(across, top) || !given(base)) return [];
    const foot = seen(across, base) ? across(base) : end;
    const sides = [along(from), along(to)].sort((a, b) => a - b) as [number, number];
    const ends = [foot, across(top)].sort((a, b) => a - b) as [number, number];
    const color = each.length === 0 ? colorOf(mark.color) : (each[i % each.length] as string);
    return [{ sides, ends, color, text: `${top}` }];
  });
  const size = ([low, high]: [number, number]): number => Math.min(high - low, 4 * (width + height));
  into
    .append("g")
    .attr("opacity", mark.opacity)
    .selectAll("rect")
    .data(boxes)
    .join("rect")
    .attr("x", ({ sides, ends }) => (mark.horizontal ? ends : sides)[0])
    .attr("width", ({ sides, ends }) => size(mark.horizontal ? ends : sides))
    .attr("y", ({ sides, ends }) => (mark.horizontal ? sides : ends)[0])
    .attr("height", ({ sides, ends }) => size(mark.horizontal ? sides : ends))
    .attr("fill", ({ color }) => color)
    .append("title")
    .text(({ text }) => text);
}

function area({ into, x, y }: Plot, mark: Of<"area">): void {
  const at = mark.x.map((each, i) => [each, mark.low[i] ?? null, mark.high[i] ?? null] as const);
  into
    .append("path")
    .attr("fill", colorOf(mark.color))
    .attr("opacity", mark.opacity)
    .attr(
      "d",
      d3
        .area<(typeof at)[number]>()
        .defined(([a, low, high]) => seen(x, a) && seen(y, low) && seen(y, high))
        .x(([a]) => x(a as number))
        .y0(([, low]) => y(low as number))
        .y1(([, , high]) => y(high as number))
        .digits(1)(at),
    );
}

/** The cells of one colour are one path, so an image costs as many elements as it has shades. */
function image({ into, x, y }: Plot, mark: Of<"image">): void {
  const { rows, columns, data, range } = mark;
  const map = colorMap(mark.colors);
  const span = range.to - range.from || 1;
  const shade = (value: number): string => {
    if (mark.rgb) return `#${Math.round(value).toString(16).padStart(6, "0").slice(-6)}`;
    const share = Math.min(1, Math.max(0, (value - range.from) / span));
    return map(Math.round(share * (SHADES - 1)) / (SHADES - 1));
  };
  const left = (column: number): number => x(mark.x.from + ((mark.x.to - mark.x.from) * column) / columns);
  const top = (row: number): number => y(mark.y.from + ((mark.y.to - mark.y.from) * row) / rows);
  const paths = new Map<string, string[]>();
  for (let row = 0; row < rows; row++) {
    const [a, b] = [top(row), top(row + 1)];
    for (let column = 0; column < columns; ) {
      const value = data[row * columns + column] ?? null;
      const color = value === null ? null : shade(value);
      const start = column++;
      while (column < columns && color !== null) {
        const next = data[row * columns + column] ?? null;
        if (next === null || shade(next) !== color) break;
        column++;
      }
      if (color === null) continue;
      const parts = paths.get(color) ?? [];
      parts.push(
        `M${left(start).toFixed(2)},${a.toFixed(2)}H${left(column).toFixed(2)}V${b.toFixed(2)}H${left(start).toFixed(2)}Z`,
      );
      paths.set(color, parts);
    }
  }
  into
    .append("g")
    .attr("opacity", mark.opacity)
    .attr("shape-rendering", "crispEdges")
    .selectAll("path")
    .data([...paths])
    .join("path")
    .attr("fill", ([color]) => color)
    .attr("d", ([, parts]) => parts.join(""));
}

function contour({ into, x, y }: Plot, mark: Of<"contour">): void {
  const map = colorMap(mark.colors);
  const span = mark.range.to - mark.range.from || 1;
  const at = (places: readonly number[], where: number): number => {
    const low = Math.min(Math.max(Math.floor(where), 0), places.length - 2);
    const [a, b] = [places[low] ?? 0, places[low + 1] ?? 0];
    return a + (b - a) * Math.min(Math.max(where - low, 0), 1);
  };
  const path = d3.geoPath(
    d3.geoTransform({
      // d3 has the numbers in the middle of cells.
      point(column, row) {
        this.stream.point(x(at(mark.x, column - 0.5)), y(at(mark.y, row - 0.5)));
      },
    }),
  );
  const grid = d3.contours().size([mark.x.length, mark.y.length]);
  const values = mark.data.map((value) => value ?? Number.NaN);
  const level = (value: number): string => map(Math.min(1, Math.max(0, (value - mark.range.from) / span)));
  const color = (value: number): string => (mark.one === undefined ? level(value) : colorOf(mark.one));
  into
    .append("g")
    .attr("opacity", mark.opacity)
    .selectAll("path")
    .data(mark.levels.map((value) => grid.contour(values, value)))
    .join("path")
    .attr("d", (shape) => path(shape))
    .attr("fill", (shape) => (mark.filled ? color(shape.value) : "none"))
    .attr("stroke", (shape) => (mark.filled ? "none" : color(shape.value)))
    .attr("stroke-width", 1.5 * POINT);
}

function rule({ into, x, y, width, height }: Plot, mark: Of<"rule">): void {
  const upright = mark.axis === "x";
  const at = upright ? x(mark.at) : y(mark.at);
  if (!Number.isFinite(at)) return;
  into
    .append("line")
    .attr("x1", upright ? at : 0)
    .attr("x2", upright ? at : width)
    .attr("y1", upright ? 0 : at)
    .attr("y2", upright ? height : at)
    .attr("stroke", colorOf(mark.color))
    .attr("stroke-width", mark.width * POINT)
    .attr("stroke-dasharray", DASHES[mark.dash])
    .attr("opacity", mark.opacity);
}

function text({ into, x, y }: Plot, mark: Of<"text">): void {
  into
    .append("text")
    .attr("x", x(mark.x))
    .attr("y", y(mark.y))
    .attr("fill", colorOf(mark.color))
    .attr("font-size", 10 * POINT)
    .text(mark.text);
}

const DRAW: { readonly [K in FigureMark["kind"]]: (plot: Plot, mark: Of<K>) => void } = {
  line,
  points: scatter,
  bars,
  area,
  image,
  contour,
  rule,
  text,
};

export function drawMark(plot: Plot, mark: FigureMark): void {
  (DRAW[mark.kind] as (plot: Plot, mark: FigureMark) => void)(plot, mark);
}
