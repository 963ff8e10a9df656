/** What all cards and wires are drawn with: a group of SVG, texts and strokes in it. */
import type * as d3 from "d3";
import type { Stroke } from "../marks/mark.ts";

export type Group<D = unknown> = d3.Selection<SVGGElement, D, null, undefined>;

export function text(
  group: Group,
  className: string,
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end" = "start",
): d3.Selection<SVGTextElement, unknown, null, undefined> {
  return group
    .append("text")
    .attr("class", className)
    .attr("x", x)
    .attr("y", y)
    .attr("text-anchor", anchor)
    .text(content);
}

export function strokes(group: Group, list: readonly Stroke[]): void {
  group
    .selectAll("path")
    .data(list)
    .join("path")
    .attr("d", (stroke) => stroke.d)
    .attr("class", (stroke) => stroke.className);
}
