/** Draws the cards: op nodes with mark and saved values, leaves with their tray, constants, results, folded groups. */
import * as l10n from "@vscode/l10n";
import type { Card } from "../layout/graph.ts";
import { type Face, SIZE } from "../layout/size.ts";
import { marks } from "../marks/index.ts";
import type { Stroke } from "../marks/mark.ts";
import { type Group, strokes, text } from "./drawing.ts";
import { drawGroup } from "./groupCard.ts";
import { drawOp } from "./opCard.ts";

/** How far what lies under a folded group shows below it. */
const STACK = 7;
const ROUND = { op: 6, leaf: 16, constant: 4, result: 16, group: 8 } as const;

/** The parts of a card that never change. What changes with the walk is left to `updateCard`. */
export function drawCard(group: Group, face: Face): void {
  const { card, width, height } = face;
  group
    .attr("class", `card ${card.kind}${face.compact ? " compact" : ""}`)
    .selectAll("*")
    .remove();
  const round = card.kind === "leaf" ? Math.min(ROUND.leaf, height / 2) : ROUND[card.kind];
  if (card.kind === "group")
    for (const depth of [STACK, STACK / 2])
      group
        .append("rect")
        .attr("class", "stack")
        .attr("x", depth)
        .attr("width", width - 2 * depth)
        .attr("height", height - STACK + depth)
        .attr("rx", round);
  // The frame is what is focused and named; the texts upon it are for the eye.
  group
    .append("rect")
    .attr("class", "frame")
    .attr("width", width)
    .attr("height", card.kind === "group" ? height - STACK : height)
    .attr("rx", round)
    .attr("role", isNode(card) || card.kind === "group" ? "button" : "img")
    .attr("tabindex", -1)
    .append("title");
  if (card.kind === "group") group.select(".frame").attr("aria-expanded", "false");
  drawFace(group.append("g").attr("aria-hidden", "true"), face);
}

/** Cards that stand for a node of the graph: they can be revealed, stepped to, broken at. */
export const isNode = (card: Card): boolean =>
  (card.kind === "op" || card.kind === "leaf") && card.node !== null;

function drawFace(group: Group, face: Face): void {
  const { card, width, height } = face;
  switch (card.kind) {
    case "op":
      drawOp(group, face);
      break;
    case "leaf":
      drawLeaf(group, face);
      break;
    case "group":
      drawGroup(group, face);
      break;
    default: {
      const rows: [string, string][] = [["title", face.title]];
      if (face.value !== null) rows.push(["second", face.value]);
      if (card.root !== null) rows.push(["second", l10n.t("backward starts here")]);
      if (face.name !== null) rows.push(["reason", face.name]);
      const first = height / 2 + 4.5 - ((rows.length - 1) * SIZE.line) / 2;
      rows.forEach(([className, content], i) => {
        text(group, className, width / 2, first + i * SIZE.line, content, "middle");
      });
    }
  }
  group
    .append("circle")
    .attr("class", "breakpoint")
    .attr("r", 5)
    .attr("cx", 0)
    .attr("cy", height / 2);
  const change = group.append("g").attr("class", "change").attr("transform", "translate(0,0)");
  change.append("rect").attr("y", -9).attr("height", 18).attr("rx", 4);
  change.append("text").attr("text-anchor", "middle").attr("y", 4);
  const step = group.append("g").attr("class", "step-nr").attr("transform", `translate(${width},0)`);
  step.append("rect").attr("y", -9).attr("height", 18).attr("rx", 9);
  step.append("text").attr("text-anchor", "middle").attr("y", 3.5);
}

function drawLeaf(group: Group, face: Face): void {
  const { card, width, height, compact } = face;
  const tray = (side: number): Stroke[] =>
    marks.accumulate({ width: side, height: side, ports: [], pegs: [], strands: [], lanes: null });
  if (compact) {
    strokes(group.append("g").attr("class", "mark").attr("transform", "translate(9,5)"), tray(16));
    text(group, "title", 31, 17.5, face.title);
    if (card.shared > 0) text(group, "uses", width - 12, 17.5, `×${card.shared}`, "end");
    return;
  }
  let y = SIZE.pad + 12;
  text(group, "title", width / 2, y, face.title, "middle");
  if (face.value !== null) {
    y += SIZE.line;
    text(group, "value", width / 2, y, face.value, "middle");
  }
  y += SIZE.line;
  text(group, "name", width / 2, y, face.name ?? "", "middle");
  const bottom = group
    .append("g")
    .attr("class", "tray")
    .attr("transform", `translate(10,${height - SIZE.grad - 10})`);
  bottom
    .append("rect")
    .attr("width", width - 20)
    .attr("height", SIZE.grad)
    .attr("rx", 5);
  strokes(bottom.append("g").attr("class", "mark").attr("transform", "translate(6,3)"), tray(18));
  bottom.append("text").attr("class", "grad").attr("x", 30).attr("y", 16);
}
