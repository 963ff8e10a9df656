/**
 * Draws a figure of a program (trace/figure.ts) as SVG: its axes in their grid, with frames, ticks, titles and legends.
 * Lines and words of the frame take the colour of the text around it, so it fits every theme.
 */
import * as d3 from "d3";
import type { Figure, FigureAxes, FigureMark, FigureWords } from "../../trace/figure.ts";
import { colorMap, colorOf } from "./colors.ts";
import { extentOf } from "./extent.ts";
import { drawMark } from "./marks.ts";

type Group = d3.Selection<SVGGElement, unknown, null, undefined>;

/** Hundredths of an inch. */
const TITLE = 17;
const LABEL = 14;
const TICK = 12;
const COLORBAR = 70;

let clips = 0;

/** `says`: the drawing in words (`figureWords`), for those who do not see it. */
export function drawFigure(figure: Figure, { title, says }: FigureWords): SVGSVGElement {
  const { width, height, rows, columns } = figure;
  const root = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const svg = d3
    .select(root)
    .attr("class", "figure")
    .attr("viewBox", `0 0 ${width} ${height}`)
    .attr("role", "img")
    .attr("fill", "currentColor")
    .attr("font-family", "inherit")
    .style("width", "100%")
    .style("max-width", `${Math.round(width)}px`);
  svg.attr("aria-label", `${title}. ${says}`);
  svg.append("title").text(title);
  svg.append("desc").text(says);
  const above = figure.title === "" ? 0 : 30;
  if (figure.title !== "")
    words(svg.append("g"), figure.title, width / 2, 22, TITLE + 2).attr("text-anchor", "middle");
  const [cellWidth, cellHeight] = [width / columns, (height - above) / rows];
  for (const axes of figure.axes) {
    const into = svg
      .append("g")
      .attr("transform", `translate(${axes.column * cellWidth},${above + axes.row * cellHeight})`);
    drawAxes(into, axes, axes.columns * cellWidth, axes.rows * cellHeight);
  }
  return root;
}

const words = (into: Group, text: string, x: number, y: number, size: number) =>
  into.append("text").attr("x", x).attr("y", y).attr("font-size", size).text(text);

type Scaled = Extract<FigureMark, { colors: string }>;

/** The colours beside the axes, where a mark asks for them. */
function colorbarOf({ marks }: FigureAxes): Pick<Scaled, "colors" | "range"> | null {
  for (const mark of marks) {
    if ((mark.kind === "image" || mark.kind === "contour") && mark.colorbar) return mark;
    if (mark.kind === "points" && mark.scale?.colorbar === true) return mark.scale;
  }
  return null;
}

function drawAxes(into: Group, axes: FigureAxes, width: number, height: number): void {
  const bar = colorbarOf(axes);
  const left = axes.bare ? 8 : 62 + (axes.y.label === "" ? 0 : 18);
  const top = axes.title === "" ? 14 : 34;
  let inner = { width: width - left - 16 - (bar === null ? 0 : COLORBAR), height: height - top };
  inner.height -= axes.bare ? 8 : 30 + (axes.x.label === "" ? 0 : 20);
  inner = { width: Math.max(10, inner.width), height: Math.max(10, inner.height) };
  const [x0, x1] = extentOf(axes, "x");
  const [y0, y1] = extentOf(axes, "y");
  const size = axes.equal ? fitted(inner, Math.abs(x1 - x0), Math.abs(y1 - y0)) : inner;
  const offset = { x: left + (inner.width - size.width) / 2, y: top + (inner.height - size.height) / 2 };
  const scaleOf = (kind: "linear" | "log") => (kind === "log" ? d3.scaleLog() : d3.scaleLinear());
  const x = scaleOf(axes.x.scale).domain([x0, x1]).range([0, size.width]);
  const y = scaleOf(axes.y.scale).domain([y0, y1]).range([size.height, 0]);
  const plot = into.append("g").attr("transform", `translate(${offset.x},${offset.y})`);
  if (!axes.bare) ticks(plot, axes, x, y, size);
  const clip = `backstep-figure-${clips++}`;
  plot
    .append("clipPath")
    .attr("id", clip)
    .append("rect")
    .attr("width", size.width)
    .attr("height", size.height);
  const drawn = plot.append("g").attr("clip-path", `url(#${clip})`);
  for (const mark of axes.marks) drawMark({ into: drawn, x, y, ...size }, mark);
  if (!axes.bare)
    plot
      .append("rect")
      .attr("width", size.width)
      .attr("height", size.height)
      .attr("fill", "none")
      .attr("stroke", "currentColor");
  if (axes.title !== "") words(plot, axes.title, size.width / 2, -10, TITLE).attr("text-anchor", "middle");
  if (axes.legend) legend(plot, axes, size);
  if (bar !== null) colorbar(plot, bar, size);
}

/** The largest size within the given one at which a unit of x is as long as one of y. */
function fitted(size: { width: number; height: number }, x: number, y: number) {
  const unit = Math.min(size.width / (x || 1), size.height / (y || 1));
  return { width: (x || 1) * unit, height: (y || 1) * unit };
}

type Axis = d3.ScaleContinuousNumeric<number, number>;

function ticks(
  into: Group,
  axes: FigureAxes,
  x: Axis,
  y: Axis,
  size: { width: number; height: number },
): void {
  for (const [which, scale] of [
    ["x", x],
    ["y", y],
  ] as const) {
    const upright = which === "y";
    const length = upright ? size.height : size.width;
    const count = Math.max(2, Math.round(length / (upright ? 45 : 80)));
    const format = scale.tickFormat(count, axes[which].scale === "log" ? "~g" : undefined);
    const chosen =
      axes[which].ticks ?? scale.ticks(count).map((at) => ({ at, text: format(at).replace("−", "-") }));
    for (const { at, text } of chosen) {
      const place = scale(at);
      if (!(place >= -0.5 && place <= length + 0.5)) continue;
      const tick = into
        .append("g")
        .attr("transform", upright ? `translate(0,${place})` : `translate(${place},${size.height})`);
      if (axes.grid)
        tick
          .append("line")
          .attr(upright ? "x2" : "y2", upright ? size.width : -size.height)
          .attr("stroke", "currentColor")
          .attr("opacity", 0.2);
      tick
        .append("line")
        .attr(upright ? "x2" : "y2", upright ? -5 : 5)
        .attr("stroke", "currentColor");
      if (text !== "")
        words(tick, text, upright ? -8 : 0, upright ? 4 : 18, TICK).attr(
          "text-anchor",
          upright ? "end" : "middle",
        );
    }
  }
  if (axes.x.label !== "")
    words(into, axes.x.label, size.width / 2, size.height + 40, LABEL).attr("text-anchor", "middle");
  if (axes.y.label !== "")
    words(into, axes.y.label, 0, 0, LABEL)
      .attr("text-anchor", "middle")
      .attr("transform", `translate(-54,${size.height / 2}) rotate(-90)`);
}

function legend(into: Group, { marks }: FigureAxes, size: { width: number }): void {
  const entries = marks.flatMap((mark) => ("label" in mark && mark.label !== "" ? [mark] : []));
  if (entries.length === 0) return;
  const longest = Math.max(...entries.map(({ label }) => label.length));
  const width = 44 + longest * 7.2;
  const box = into.append("g").attr("transform", `translate(${Math.max(4, size.width - width - 8)},8)`);
  box
    .append("rect")
    .attr("width", width)
    .attr("height", 10 + entries.length * 19)
    .attr("rx", 3)
    .attr("fill", "var(--vscode-editor-background, Canvas)")
    .attr("fill-opacity", 0.8)
    .attr("stroke", "currentColor")
    .attr("stroke-opacity", 0.4);
  entries.forEach((mark, i) => {
    const y = 15 + i * 19;
    const color = colorOf(mark.color);
    const key = box.append("g").attr("opacity", mark.opacity);
    if (mark.kind === "line" || mark.kind === "rule")
      drawMark(
        { into: key, x: (at) => at, y: () => y, width: 30, height: 0 },
        {
          kind: "line",
          color: mark.color,
          opacity: 1,
          label: "",
          x: [8, 20, 32],
          y: [0, 0, 0],
          width: mark.width,
          dash: mark.dash,
          marker: mark.kind === "line" ? mark.marker : "",
          size: mark.kind === "line" ? mark.size : 0,
        },
      );
    else if (mark.kind === "points")
      key.append("circle").attr("cx", 20).attr("cy", y).attr("r", 4).attr("fill", color);
    else
      key
        .append("rect")
        .attr("x", 9)
        .attr("y", y - 5)
        .attr("width", 22)
        .attr("height", 10)
        .attr("fill", color);
    words(box, mark.label, 38, y + 4, TICK);
  });
}

function colorbar(
  into: Group,
  { colors, range }: Pick<Scaled, "colors" | "range">,
  size: { width: number; height: number },
): void {
  const bar = into.append("g").attr("transform", `translate(${size.width + 14},0)`);
  const map = colorMap(colors);
  const y = d3.scaleLinear([range.from, range.to], [size.height, 0]);
  const count = 48;
  bar
    .selectAll("rect")
    .data(d3.range(count))
    .join("rect")
    .attr("y", (i) => size.height * (1 - (i + 1) / count))
    .attr("width", 14)
    .attr("height", size.height / count + 0.5)
    .attr("fill", (i) => map((i + 0.5) / count));
  for (const at of y.ticks(5)) words(bar, y.tickFormat(5)(at), 19, y(at) + 4, TICK);
}
