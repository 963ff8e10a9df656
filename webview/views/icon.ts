/** A pattern's mark by itself, small, as it stands in headings and in the legend. */
import * as d3 from "d3";
import type { Pattern } from "../../trace/schema.ts";
import { marks } from "../marks/index.ts";
import { type Group, strokes } from "./drawing.ts";

const SIDE = 26;

/** The mark as it looks for a node with one input, or with two. */
export function patternIcon(pattern: Pattern, inputs: 1 | 2): SVGSVGElement {
  const svg = d3
    .create("svg")
    .attr("class", "mark icon")
    .attr("width", SIDE + 4)
    .attr("height", SIDE + 4)
    .attr("viewBox", `-2 -2 ${SIDE + 4} ${SIDE + 4}`)
    .attr("aria-hidden", "true");
  const ports = Array.from({ length: inputs }, (_, i) => ({
    x: ((i + 0.5) / inputs) * SIDE,
    hue: inputs > 1 ? i : null,
    live: true,
  }));
  const pegs = ports.map(({ x, hue }) => ({ x, hue }));
  const strands = ports.map((_, port) => ({ peg: inputs - 1 - port, port }));
  strokes(
    svg.append("g") as unknown as Group,
    marks[pattern]({ width: SIDE, height: SIDE, ports, pegs, strands, lanes: null }),
  );
  return svg.node() as SVGSVGElement;
}
