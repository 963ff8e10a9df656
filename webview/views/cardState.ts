/** What of a card changes as the walk goes on: current, visited, lanes, `.grad`, breakpoints, what is searched for. */
import * as l10n from "@vscode/l10n";
import { countUpTo } from "../../trace/history.ts";
import { allZero, magnitudeOf, stopped } from "../../trace/magnitude.ts";
import type { Step, Value } from "../../trace/schema.ts";
import { patternWord } from "../../trace/sentence.ts";
import { gradientOf } from "../../trace/stepper.ts";
import { timelineOf } from "../../trace/timeline.ts";
import { type CheckStatus, checksOf, checkWord, differing, gravest } from "../../trace/why/checked.ts";
import { deadEndText } from "../layout/face.ts";
import { type Face, shortValue } from "../layout/size.ts";
import { marks } from "../marks/index.ts";
import type { MarkShape } from "../marks/mark.ts";
import { CHIP_COLUMNS } from "../picture.ts";
import { plain } from "../plain.ts";
import { CHECK_SIGNS } from "./card/checked.ts";
import { changeOf, changeText, nodesOf } from "./changeBadge.ts";
import { type Group, strokes } from "./drawing.ts";
import { progressOf, updateBars } from "./groupCard.ts";
import { markShape } from "./opCard.ts";
import type { Scene } from "./scene.ts";

/** What a card looked like when it was last brought up to date. */
interface Look {
  readonly face: Face;
  readonly visited: boolean;
  readonly current: boolean;
  readonly breakpoint: boolean;
  readonly found: boolean | null;
  /** What has arrived at an op, or lies in a leaf's tray. */
  readonly gradient: Value | string | null;
  /** What checking the gradients found; null where it was not done. */
  readonly check: CheckStatus | null;
  /** On the badge: which step, or how many of a group's. */
  readonly badge: string;
  /** What differs from the pinned run, as on the badge: `+` new, `≠` other numbers, `−2` two that are gone. */
  readonly change: string;
  readonly sizes: Scene["sizes"];
  /** Known later than the rest, of a long pass. */
  readonly range: Scene["range"];
}
const looks = new WeakMap<Element, Look>();

function lookOf(face: Face, scene: Scene): Look {
  const { card } = face;
  const { trace, state } = scene;
  const common = { face, sizes: scene.sizes, range: scene.range, check: null };
  if (card.kind === "group") {
    const progress = progressOf(face, scene);
    const group = scene.picture.graph.tree.groups[card.group as number];
    const inside = (node: number): boolean => {
      const at = scene.picture.graph.tree.position.get(node);
      return at !== undefined && group !== undefined && group.from <= at && at < group.to;
    };
    const wrong = state !== null && differing(trace, state.place.backward).some(inside);
    return {
      ...common,
      check: wrong ? "differs" : null,
      visited: progress !== null && progress.of > 0 && progress.done === progress.of,
      current: state?.node != null && (inside(state.node) || card.folded.includes(state.node)),
      breakpoint: [...scene.breakpoints].some(inside),
      found: scene.found === null || group === undefined ? null : someWithin(scene.found.positions, group),
      gradient: null,
      change: changeOf(scene, group === undefined ? [] : nodesOf(scene, group, card.folded)),
      badge: progress === null || progress.done === 0 ? "" : `${progress.done}/${progress.of}`,
    };
  }
  const node = card.kind === "op" || card.kind === "leaf" ? card.node : null;
  const visited = node !== null && (state?.visited.has(node) ?? false);
  const output = card.kind === "op" ? (trace.nodes[node ?? -1]?.outputs[0] ?? null) : null;
  const step = state === null || node === null || !visited ? undefined : stepIndex(scene, node);
  const checks = state === null || node === null ? null : checksOf(trace, state.place.backward, node);
  return {
    ...common,
    check: checks === null ? null : gravest(checks),
    visited,
    current: node !== null && state?.node === node,
    breakpoint: node !== null && scene.breakpoints.has(node),
    found: scene.found === null ? null : node !== null && scene.found.nodes.has(node),
    gradient:
      card.kind === "leaf"
        ? gradText(face, scene)
        : state === null || output === null
          ? null
          : gradientOf(trace, state, output),
    change: changeOf(scene, node === null ? [] : [node]),
    badge: step === undefined ? "" : String(step + 1),
  };
}

/** What changes as the walk goes on: which node is current, what has been visited, lanes, `.grad`, labels. */
export function updateCard(group: Group, face: Face, scene: Scene): void {
  const { card } = face;
  const look = lookOf(face, scene);
  const element = group.node() as Element;
  const before = looks.get(element);
  if (before !== undefined && (Object.keys(look) as (keyof Look)[]).every((key) => before[key] === look[key]))
    return;
  looks.set(element, look);
  const shut = card.kind === "op" && look.visited ? shutOf(face, scene) : null;
  const sent = look.visited && card.kind === "op" ? sentBy(face, scene) : [];
  const came = typeof look.gradient === "object" ? look.gradient : null;
  // What makes a NaN out of zeros is no dead end.
  const zero = look.visited && came !== null && isZero(came) && sent.every(isZero);
  const spoils = came !== null && !isBroken(came) && sent.some(isBroken);
  group
    .classed("visited", look.visited)
    .classed("current", look.current)
    .classed("has-breakpoint", look.breakpoint)
    .classed("found", look.found === true)
    .classed("passed-over", look.found === false)
    .classed("added", look.change.startsWith("+"))
    .classed("changed", look.change.includes("≠"))
    .classed("spoils", spoils)
    .classed("zero", zero || (shut !== null && shut.closed === shut.count));
  const sentence = describe(face, scene, look, shut) + (spoils ? `; ${l10n.t("makes NaN or infinity")}` : "");
  group
    .select(".frame")
    .attr("aria-current", look.current ? "step" : null)
    .attr("aria-label", sentence)
    .select("title")
    .text(sentence);

  if (card.kind === "op" && face.pattern !== null) {
    strokes(
      group.select<SVGGElement>(".mark") as unknown as Group,
      marks[face.pattern](markShape(face, lanesOf(face, scene))),
    );
    if (shut !== null || before !== undefined) group.select(".word").text(wordOf(face, shut));
  }
  if (card.kind === "leaf") group.select(".grad").text(`.grad = ${look.gradient}`);
  if (card.kind === "group") updateBars(group, face, scene);
  if (look.check !== null || before?.check != null) drawCheck(group, face, look.check);
  drawBadge(group.select<SVGGElement>(".step-nr"), look.badge);
  drawBadge(group.select<SVGGElement>(".change"), look.change);
}

function drawBadge(badge: d3.Selection<SVGGElement, unknown, null, undefined>, text: string): void {
  const side = Math.max(18, text.length * 6.5 + 9);
  badge.classed("hidden", text === "");
  badge
    .select("rect")
    .attr("x", -side / 2)
    .attr("width", side);
  badge.select("text").text(text);
}

/** The badge of a check, in the corner; the card has none where nothing was checked. */
function drawCheck(group: Group, { width, height }: Face, check: CheckStatus | null): void {
  group.select(".check").remove();
  if (check === null) return;
  const badge = group
    .append("g")
    .attr("class", `check ${check}`)
    .attr("aria-hidden", "true")
    .attr("transform", `translate(${width},${height})`);
  badge.append("circle").attr("r", 8);
  badge.append("text").attr("text-anchor", "middle").attr("y", 4).text(CHECK_SIGNS[check]);
}

const someWithin = (positions: readonly number[], { from, to }: { from: number; to: number }): boolean =>
  countUpTo(positions, to - 1) > countUpTo(positions, from - 1);

const isZero = (value: Value): boolean => allZero(magnitudeOf(value));
const isBroken = (value: Value): boolean => magnitudeOf(value).broken;

/** What an op's step sent on. */
const sentBy = (face: Face, scene: Scene): Value[] =>
  stepAt(scene, face.card.node)?.downstream.flatMap(({ value }) => value ?? []) ?? [];

type Shut = ReturnType<typeof stopped>;

function wordOf(face: Face, shut: Shut): string {
  const word = patternWord(face.pattern ?? "custom", l10n);
  return shut === null || shut.closed === 0
    ? word
    : l10n.t("{0}, {1} of {2} shut", word, shut.closed, shut.count);
}

/** For a switch that has been passed: how many elements got nothing. */
function shutOf(face: Face, scene: Scene): Shut {
  const step = face.pattern === "route" ? stepAt(scene, face.card.node) : undefined;
  return step === undefined ? null : stopped(step);
}

const stepIndex = ({ trace, state }: Scene, node: number): number | undefined =>
  state === null ? undefined : timelineOf(trace, state.place.backward).stepOf.get(node);

function stepAt(scene: Scene, node: number | null): Step | undefined {
  const index = node === null ? undefined : stepIndex(scene, node);
  return index === undefined || scene.state === null
    ? undefined
    : scene.trace.backwards[scene.state.place.backward]?.steps[index];
}

function gradText(face: Face, { trace, state }: Scene): string {
  const tensor = face.card.tensor;
  if (tensor === null) return "?";
  // A leaf that the state leaves out: the program set its `.grad` at a moment that was not recorded.
  if (state !== null && !state.grads.has(tensor)) return "?";
  const grad = (state === null ? trace.tensors[tensor]?.grad : state.grads.get(tensor)) ?? null;
  return grad === null ? "None" : shortValue(grad, CHIP_COLUMNS);
}

/** For a switch that has been passed: where, element by element, some of the gradient went on. */
function lanesOf(face: Face, scene: Scene): MarkShape["lanes"] {
  const { node } = face.card;
  const { state } = scene;
  if (face.pattern !== "route" || state === null || node === null || !state.visited.has(node)) return null;
  const step = stepAt(scene, node);
  const came = step?.upstream[0];
  const went = step?.downstream[0]?.value;
  if (came?.kind !== "inline" || went?.kind !== "inline" || came.data.length !== went.data.length)
    return null;
  if (came.data.length < 2 || came.data.length > 8) return null;
  return went.data.map((element, i) => Number(element) !== 0 || Number(came.data[i]) === 0);
}

/** The card as a sentence, for a screen reader. */
function describe(face: Face, scene: Scene, look: Look, shut: Shut): string {
  const { card, title, value } = face;
  const { gradient } = look;
  const parts: string[] = [];
  switch (card.kind) {
    case "constant":
      parts.push(l10n.t("{0}, constant: no gradient goes there", title), value ?? "");
      parts.push(deadEndText(scene.trace, card.tensor as number));
      break;
    case "result":
      parts.push(l10n.t("{0}, result", title), value ?? "");
      break;
    case "group": {
      parts.push(l10n.t("{0}, folded group", title), value ?? "", face.name ?? "");
      const progress = progressOf(face, scene);
      if (progress !== null) parts.push(l10n.t("{0} of {1} steps done", progress.done, progress.of));
      break;
    }
    case "leaf":
      parts.push(l10n.t("{0}, leaf, {1}", title, face.name ?? ""), value ?? "", `.grad = ${gradient}`);
      if (card.shared > 0) parts.push(l10n.t("used {0} times", card.shared));
      break;
    case "op": {
      const module = scene.trace.nodes[card.node as number]?.module ?? null;
      parts.push(`${face.name}, ${title}`, wordOf(face, shut), value ?? "");
      if (module !== null) parts.push(l10n.t("in module {0}", plain(module, 60)));
      if (typeof gradient === "object" && gradient !== null)
        parts.push(l10n.t("upstream gradient {0}", shortValue(gradient, 40)));
    }
  }
  if (look.current) parts.push(l10n.t("current step"));
  else if (look.visited) parts.push(l10n.t("visited"));
  if (look.check !== null) parts.push(checkWord(look.check, l10n));
  if (look.breakpoint) parts.push(l10n.t("breakpoint"));
  if (look.found === true) parts.push(l10n.t("found"));
  parts.push(...changeText(scene, card));
  return parts.filter((part) => part !== "").join("; ");
}
