/** Draws the cards: op nodes with mark and saved values, leaves with their tray, constants and results. */
import * as l10n from "@vscode/l10n";
import type * as d3 from "d3";
import type { Backward, Trace, Value } from "../../trace/schema.ts";
import { patternWord } from "../../trace/sentence.ts";
import { gradientOf } from "../../trace/stepper.ts";
import { type Face, SIZE, shortValue } from "../layout/face.ts";
import type { Card } from "../layout/graph.ts";
import { marks } from "../marks/index.ts";
import { hueClass, type MarkShape, type Stroke } from "../marks/mark.ts";
import { CHIP_COLUMNS } from "../picture.ts";
import { columns } from "../plain.ts";
import type { Scene } from "./scene.ts";

export type Group<D = unknown> = d3.Selection<SVGGElement, D, null, undefined>;

const MARK_SIDE = 30;
const ROUND = { op: 6, leaf: 16, constant: 4, result: 16, more: 13 } as const;

/** The parts of a card that never change. What changes with the walk is left to `updateCard`. */
export function drawCard(group: Group, face: Face): void {
  const { card, width, height } = face;
  group.attr("class", `card ${card.kind}${face.compact ? " compact" : ""}`);
  const round = ROUND[card.kind];
  // The frame is what is focused and named; the texts upon it are for the eye.
  group
    .append("rect")
    .attr("class", "frame")
    .attr("width", width)
    .attr("height", height)
    .attr("rx", round)
    .attr("role", isNode(card) ? "button" : "img")
    .attr("tabindex", -1);
  drawFace(group.append("g").attr("aria-hidden", "true"), face);
}

/** Cards that stand for a node of the graph: they can be revealed, stepped to, broken at. */
export const isNode = (card: Card): boolean =>
  (card.kind === "op" || card.kind === "leaf") && card.node !== null;

function drawFace(group: Group, face: Face): void {
  const { card, width, height } = face;
  if (card.kind === "op") drawOp(group, face);
  else if (card.kind === "leaf") drawLeaf(group, face);
  else {
    const second = card.root === null ? face.value : l10n.t("backward starts here");
    const middle = second === null ? height / 2 + 4 : height / 2 - 4;
    text(group, "title", width / 2, middle, face.title, "middle");
    if (second !== null) text(group, "second", width / 2, middle + SIZE.line, second, "middle");
  }
  group
    .append("circle")
    .attr("class", "breakpoint")
    .attr("r", 5)
    .attr("cx", 0)
    .attr("cy", height / 2);
  const step = group.append("g").attr("class", "step-nr").attr("transform", `translate(${width},0)`);
  step.append("rect").attr("y", -9).attr("height", 18).attr("rx", 9);
  step.append("text").attr("text-anchor", "middle").attr("y", 3.5);
}

function text(
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

function markShape(face: Face, lanes: MarkShape["lanes"]): MarkShape {
  if (!face.compact) return { ...face, height: face.mark, lanes };
  const ports = face.ports.map((port, i) => ({
    ...port,
    x: ((i + 0.5) / face.ports.length) * MARK_SIDE,
  }));
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

function drawOp(group: Group, face: Face): void {
  const { width, height, compact } = face;
  const mark = group.append("g").attr("class", "mark");
  if (compact) {
    mark.attr("transform", "translate(7,5)");
    text(group, "title", SIZE.compactMark + 4, 19, face.title);
    text(group, "name", SIZE.compactMark + 4, 35, face.name ?? "");
    return;
  }
  for (const port of face.ports) {
    if (port.label === null) continue;
    const room = 12 + columns(port.label) * SIZE.smallColumn;
    const leftwards = port.x < width / 2 ? port.x > room : port.x + room > width;
    const outer = leftwards ? -12 : 12;
    text(group, "port-label", port.x + outer, 15, port.label, outer < 0 ? "end" : "start");
  }
  let y = face.mark;
  if (face.pegs.length > 0) {
    for (const peg of face.pegs) {
      const own = group
        .append("g")
        .attr("class", `peg${hueClass(peg.hue)}`)
        .attr("transform", `translate(${peg.x - peg.width / 2},${y})`);
      own.append("rect").attr("width", peg.width).attr("height", SIZE.peg).attr("rx", 4);
      text(own, "peg-label", peg.width / 2, 13, peg.label, "middle");
      text(own, "peg-value", peg.width / 2, 29, peg.text, "middle");
    }
    if (face.hiddenPegs > 0)
      text(group, "port-label", width - 6, y + SIZE.peg + 8, `+${face.hiddenPegs}`, "end");
    y += SIZE.peg + 8;
  }
  y += 14;
  text(group, "title", width / 2, y, face.title, "middle");
  if (face.value !== null) {
    y += SIZE.line;
    text(group, "value", width / 2, y, face.value, "middle");
  }
  y += SIZE.line;
  const name = text(group, "name", width / 2, y, face.name ?? "", "middle");
  if (face.pattern !== null)
    name.append("tspan").attr("class", "word").attr("dx", 8).text(patternWord(face.pattern, l10n));
  for (const outlet of face.outlets) {
    const box = group.append("g").attr("class", `peg${hueClass(outlet.hue)}`);
    const side = Math.max(28, columns(outlet.text) * SIZE.column + 12);
    box
      .append("rect")
      .attr("x", outlet.x - side / 2)
      .attr("y", height - SIZE.outlet + 6)
      .attr("width", side)
      .attr("height", SIZE.outlet - 6)
      .attr("rx", 4);
    text(box, "peg-value", outlet.x, height - 8, outlet.text, "middle");
  }
}

function drawLeaf(group: Group, face: Face): void {
  const { width, height, compact } = face;
  if (compact) {
    text(group, "title", width / 2, 19, face.title, "middle");
    text(group, "name", width / 2, 35, face.name ?? "", "middle");
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
  const tray = group
    .append("g")
    .attr("class", "tray")
    .attr("transform", `translate(10,${height - SIZE.grad - 10})`);
  tray
    .append("rect")
    .attr("width", width - 20)
    .attr("height", SIZE.grad)
    .attr("rx", 5);
  const icon = tray.append("g").attr("class", "mark").attr("transform", "translate(6,3)");
  strokes(icon, marks.accumulate({ width: 18, height: 18, ports: [], pegs: [], strands: [], lanes: null }));
  tray.append("text").attr("class", "grad").attr("x", 30).attr("y", 16);
}

/** What a card looked like when it was last brought up to date. */
interface Look {
  readonly visited: boolean;
  readonly current: boolean;
  readonly breakpoint: boolean;
  /** What has arrived at an op, or lies in a leaf's tray. */
  readonly gradient: Value | string | null;
  readonly step: number | null;
}
const looks = new WeakMap<Element, Look>();

/** What changes as the walk goes on: which node is current, what has been visited, lanes, `.grad`, labels. */
export function updateCard(group: Group, face: Face, scene: Scene): void {
  const { card } = face;
  const { trace, state } = scene;
  const { node } = card;
  const drawn = card.kind === "op" || card.kind === "leaf";
  const visited = drawn && node !== null && (state?.visited.has(node) ?? false);
  const current = drawn && node !== null && state?.node === node;
  const breakpoint = drawn && node !== null && scene.breakpoints.has(node);
  const output = card.kind === "op" ? (trace.nodes[node ?? -1]?.outputs[0] ?? null) : null;
  const gradient =
    card.kind === "leaf"
      ? gradText(face, scene)
      : state === null || output === null
        ? null
        : gradientOf(trace, state, output);
  const nth = visited && state !== null ? stepNumber(trace, state.place.backward, node as number) : null;
  const look: Look = { visited, current, breakpoint, gradient, step: nth };
  const element = group.node() as Element;
  const before = looks.get(element);
  if (before !== undefined && (Object.keys(look) as (keyof Look)[]).every((key) => before[key] === look[key]))
    return;
  looks.set(element, look);
  group.classed("visited", visited).classed("current", current).classed("has-breakpoint", breakpoint);
  group
    .select(".frame")
    .attr("aria-current", current ? "step" : null)
    .attr("aria-label", describe(face, scene, gradient));

  if (card.kind === "op" && face.pattern !== null)
    strokes(
      group.select<SVGGElement>(".mark") as unknown as Group,
      marks[face.pattern](markShape(face, lanesOf(face, scene))),
    );
  if (card.kind === "leaf") group.select(".grad").text(`.grad = ${gradient}`);
  const badge = group.select<SVGGElement>(".step-nr").classed("hidden", nth === null);
  const digits = nth === null ? "" : String(nth);
  const side = Math.max(18, digits.length * 6.5 + 9);
  badge
    .select("rect")
    .attr("x", -side / 2)
    .attr("width", side);
  badge.select("text").text(digits);
}

function gradText(face: Face, { trace, state }: Scene): string {
  const tensor = face.card.tensor;
  if (tensor === null) return "?";
  // A leaf that the state leaves out: the program set its `.grad` at a moment that was not recorded.
  if (state !== null && !state.grads.has(tensor)) return "?";
  const grad = (state === null ? trace.tensors[tensor]?.grad : state.grads.get(tensor)) ?? null;
  return grad === null ? "None" : shortValue(grad, CHIP_COLUMNS);
}

/** Each pass's nodes and their steps, counted from 1. */
const numbers = new WeakMap<Backward, ReadonlyMap<number, number>>();

function stepNumber(trace: Trace, backward: number, node: number): number | null {
  const pass = trace.backwards[backward];
  if (pass === undefined) return null;
  let steps = numbers.get(pass);
  if (steps === undefined) {
    steps = new Map(pass.steps.map((step, i) => [step.node, i + 1]));
    numbers.set(pass, steps);
  }
  return steps.get(node) ?? null;
}

/** For a switch that has been passed: where, element by element, some of the gradient went on. */
function lanesOf(face: Face, { trace, state }: Scene): MarkShape["lanes"] {
  const { node } = face.card;
  if (face.pattern !== "route" || state === null || node === null || !state.visited.has(node)) return null;
  const step = trace.backwards[state.place.backward]?.steps.find((each) => each.node === node);
  const came = step?.upstream[0];
  const went = step?.downstream[0]?.value;
  if (came?.kind !== "inline" || went?.kind !== "inline" || came.data.length !== went.data.length)
    return null;
  if (came.data.length < 2 || came.data.length > 8) return null;
  return went.data.map((element, i) => Number(element) !== 0 || Number(came.data[i]) === 0);
}

/** The card as a sentence, for a screen reader. */
function describe(face: Face, scene: Scene, gradient: Look["gradient"]): string {
  const { card, title, value } = face;
  const { state } = scene;
  const parts: string[] = [];
  switch (card.kind) {
    case "constant":
      parts.push(l10n.t("{0}, constant: no gradient goes there", title), value ?? "");
      break;
    case "result":
      parts.push(l10n.t("{0}, result", title), value ?? "");
      break;
    case "more":
      parts.push(l10n.t("more of the graph, from {0}", face.name ?? ""));
      break;
    case "leaf":
      parts.push(l10n.t("{0}, leaf, {1}", title, face.name ?? ""), value ?? "", `.grad = ${gradient}`);
      break;
    case "op": {
      parts.push(`${face.name}, ${title}`, patternWord(face.pattern ?? "custom", l10n), value ?? "");
      if (typeof gradient === "object" && gradient !== null)
        parts.push(l10n.t("upstream gradient {0}", shortValue(gradient, 40)));
    }
  }
  if (card.node !== null && card.kind !== "more") {
    if (state?.node === card.node) parts.push(l10n.t("current step"));
    else if (state?.visited.has(card.node)) parts.push(l10n.t("visited"));
    if (scene.breakpoints.has(card.node)) parts.push(l10n.t("breakpoint"));
  }
  return parts.filter((part) => part !== "").join("; ");
}
