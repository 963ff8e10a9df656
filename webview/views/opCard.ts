/** Draws an op's card: its mark, the saved values that its rule uses, its expression, its names. */
import * as l10n from "@vscode/l10n";
import { patternWord } from "../../trace/sentence.ts";
import { type Face, outletRoom, outletSide, SIZE } from "../layout/size.ts";
import { hueClass, type MarkShape } from "../marks/mark.ts";
import { columns } from "../plain.ts";
import { type Group, text } from "./drawing.ts";

const MARK_SIDE = 30;
/** What the number of the step takes of the upper right corner. */
const BADGE = 8;

/** What the mark of a face is drawn from. */
export function markShape(face: Face, lanes: MarkShape["lanes"]): MarkShape {
  if (!face.compact) return { ...face, width: face.span, height: face.mark, lanes };
  const ports = face.ports
    .slice(0, 3)
    .map((port, i, all) => ({ ...port, x: ((i + 0.5) / all.length) * MARK_SIDE }));
  const pegs = ports.map(({ x, hue }) => ({ x, hue }));
  // Too small for saved values: each operand's strand stands for them.
  const strands =
    ports.length === 2
      ? [
          { peg: 1, port: 0 },
          { peg: 0, port: 1 },
        ]
      : ports.map((_, i) => ({ peg: i, port: i }));
  return { width: MARK_SIDE, height: MARK_SIDE + 4, ports, pegs, strands, lanes };
}

export function drawOp(group: Group, face: Face): void {
  const { width, height, compact, direction } = face;
  const lies = direction === "right";
  const mark = group.append("g").attr("class", "mark");
  if (compact) {
    const top = (height - MARK_SIDE - 4) / 2;
    mark.attr("transform", lies ? `matrix(0 1 1 0 7 ${top})` : `translate(7,${top})`);
    text(group, "title", SIZE.compactMark + 4, height / 2 - 3, face.title);
    text(group, "name", SIZE.compactMark + 4, height / 2 + 13, face.name ?? "");
    return;
  }
  // A card that lies has its mark mirrored at the diagonal: the ports come to its left side, in their order.
  if (lies) mark.attr("transform", "matrix(0 1 1 0 0 0)");
  drawPorts(group, face);
  const pegsTop = face.mark;
  for (const peg of face.pegs) {
    const [left, top] = lies ? [face.mark, peg.x - SIZE.peg / 2] : [peg.x - peg.width / 2, pegsTop];
    const own = group
      .append("g")
      .attr("class", `peg${hueClass(peg.hue)}`)
      .attr("transform", `translate(${left},${top})`);
    own.append("rect").attr("width", peg.width).attr("height", SIZE.peg).attr("rx", 4);
    text(own, "peg-label", peg.width / 2, 13, peg.label, "middle");
    text(own, "peg-value", peg.width / 2, 29, peg.text, "middle");
  }
  let y = lies ? face.span : face.mark + (face.pegs.length > 0 ? SIZE.peg + 8 : 0);
  if (face.hiddenPegs > 0) text(group, "port-label", width - 6, y, `+${face.hiddenPegs}`, "end");
  y += 14;
  const middle = (width - (lies ? outletRoom(face.outlets.map((outlet) => outlet.text)) : 0)) / 2;
  text(group, "title", middle, y, face.title, "middle");
  if (face.value !== null) {
    y += SIZE.line;
    text(group, "value", middle, y, face.value, "middle");
  }
  y += SIZE.line;
  const name = text(group, "name", middle, y, face.name ?? "", "middle");
  if (face.pattern !== null)
    name.append("tspan").attr("class", "word").attr("dx", 8).text(patternWord(face.pattern, l10n));
  for (const outlet of face.outlets) drawOutlet(group, face, outlet);
}

function drawPorts(group: Group, { ports, width, direction, mark, span, pattern }: Face): void {
  /** Where the last name or port ends, from the left. */
  let taken = 0;
  for (const port of ports) {
    if (port.label === null) continue;
    if (direction === "right") {
      const above = port.x <= span / 2;
      const clear = pattern === "scale" ? 20 : 8;
      text(group, "port-label", 6, Math.max(11, port.x + (above ? -clear : clear + 8)), port.label);
      continue;
    }
    const room = 12 + columns(port.label) * SIZE.smallColumn;
    const leftwards = port.x < width / 2 ? port.x - room > taken : port.x + room > width;
    taken = port.x + (leftwards ? 12 : room);
    const outer = leftwards ? -12 : 12;
    // In the corner stands the number of the step: the name goes below it.
    const y = !leftwards && port.x + room > width - BADGE ? 19 : 15;
    text(group, "port-label", port.x + outer, Math.min(y, mark), port.label, outer < 0 ? "end" : "start");
  }
}

function drawOutlet(group: Group, { width, height, direction }: Face, outlet: Face["outlets"][number]): void {
  const side = outletSide(outlet.text);
  const [x, y] =
    direction === "right"
      ? [width - side / 2 - 6, outlet.x - (SIZE.outlet - 6) / 2]
      : [outlet.x, height - SIZE.outlet + 6];
  const box = group.append("g").attr("class", `peg${hueClass(outlet.hue)}`);
  box
    .append("rect")
    .attr("x", x - side / 2)
    .attr("y", y)
    .attr("width", side)
    .attr("height", SIZE.outlet - 6)
    .attr("rx", 4);
  text(box, "peg-value", x, y + 16, outlet.text, "middle");
}
