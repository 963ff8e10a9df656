/** The face of an op node: its saved values, ports and strands, and how wide and high they make it. */
import * as l10n from "@vscode/l10n";
import { sourceText } from "../../trace/names.ts";
import type { Node, Pattern, Saved, TensorRecord, Trace } from "../../trace/schema.ts";
import { patternWord, shownPattern } from "../../trace/sentence.ts";
import { numel } from "../../trace/shape.ts";
import { columns, plain } from "../plain.ts";
import { type Context, portPlaces, SPINE_ROOM, titleOf } from "./context.ts";
import type { Card } from "./graph.ts";
import { portX } from "./plan.ts";
import {
  type Face,
  outletRoom,
  type Peg,
  type Port,
  SIZE,
  shortValue,
  TITLE_COLUMNS,
  VALUE_COLUMNS,
  widest,
} from "./size.ts";

const PEG_COLUMNS = 20;
const MOST_PEGS = 3;
/** Room for the mark at a port, and between its name and the next. */
const PORT_MARK = 28;
/** Ports are crowded rather than make a card wider than this. */
const MOST_PORTS = 1200;

export function opFace(card: Card, node: Node, context: Context): Face {
  const { trace, compact, texts } = context;
  const output = node.outputs[0] ?? null;
  const names = output === null || node.outputs.length > 1 ? [] : (trace.tensors[output]?.names ?? []);
  const source = sourceText(trace, node.range);
  const title = plain(titleOf(card.node as number, source, context), TITLE_COLUMNS);
  const results = node.outputs.map((index) => (index === null ? null : (trace.tensors[index] ?? null)));
  const single = card.outputs === 1 ? (results[0] ?? null) : null;
  const variable = names[0] === undefined || names[0] === source ? "" : `${plain(names[0], 14)} `;
  const value = single === null ? null : `${variable}= ${shortValue(single.value, VALUE_COLUMNS)}`;
  const name = plain(node.name, TITLE_COLUMNS);

  const several = card.ports.length > 1;
  const hues = new Map(card.ports.map((edge, p) => [node.edges[edge]?.input, several ? p : null]));
  // Only what the rules use: that is what explains the node. The step card lists all of it.
  const terms = node.saved.map((item) => item.term);
  const uses = card.ports.map((edge) => {
    if ((node.edges[edge]?.node ?? null) === null) return [];
    const ran = texts.formula(card.node as number, edge);
    return mentioned(ran ?? node.edges[edge]?.formula ?? "", terms).map((i) => terms[i] as string);
  });
  const used = new Set(uses.flat());
  const saved = node.saved
    .filter((item) => used.has(item.term))
    .map((item) => ({ item, rank: [...hues.keys()].indexOf(item.term) }))
    .sort((a, b) => (a.rank < 0 ? 99 : a.rank) - (b.rank < 0 ? 99 : b.rank))
    .map(({ item }) => item);
  const shown = compact ? [] : saved.slice(0, MOST_PEGS);
  const pegTexts = shown.map((item) => pegText(item, trace));
  const outletTexts =
    card.outputs === 1 || compact
      ? []
      : results.map((result) => (result === null ? "" : shortValue(result.value, 10)));

  const lies = context.direction === "right";
  const pattern = shownPattern(node);
  const crosses = pattern === "swap" || pattern === "mix" || pattern === "scale";
  const mark = crosses && several && pegTexts.length > 0 ? SIZE.crossing : SIZE.mark;
  const texted: [string, number][] = [
    [title, SIZE.titleColumn],
    [value ?? "", SIZE.column],
    [`${name}  passes through`, SIZE.column],
  ];
  const word = widestWord(pattern, single?.shape ?? []);
  const named = columns(name) * SIZE.column + (2 + columns(word)) * SIZE.smallColumn + 2 * SIZE.pad;
  const lines = (value === null ? 2 : 3) * SIZE.line;
  const spine = context.spines.get(card.id) ?? null;
  const size = compact
    ? compactSize(title, name, card.ports.length, lies)
    : lies
      ? lyingSize(pegTexts, card, mark, lines, named, texted, outletTexts)
      : standingSize(
          pegTexts,
          card,
          mark,
          lines,
          texted,
          outletTexts,
          Math.max(named, portsWidth(node, card.ports, spine)),
        );
  const { width, height, span } = size;
  const side = lies ? (compact ? height : span) : width;
  const places = portPlaces(side, card.ports.length, spine);
  const inColumns = several && shown.length === card.ports.length;
  let reached = (side - size.pegs) / 2 + (lies ? 4 : 7);
  const pegs = pegTexts.map((peg, i): Peg => {
    const own = lies ? SIZE.peg : peg.width;
    const middle = inColumns ? portX(side, shown.length, i) : reached + 5 + own / 2;
    reached += own + 10;
    return { ...peg, x: middle, hue: hues.get((shown[i] as (typeof shown)[number]).term) ?? null };
  });
  const ports = card.ports.map(
    (edge, p): Port => ({
      x: places[p] as number,
      label: several ? portLabel(node.edges[edge]?.input ?? "") : null,
      hue: several ? p : null,
      live: (node.edges[edge]?.node ?? null) !== null,
    }),
  );
  const strands = uses.flatMap((terms, port) =>
    shown.flatMap((item, peg) => (terms.includes(item.term) ? [{ peg, port }] : [])),
  );
  const along = lies ? height : width;
  return {
    card,
    direction: context.direction,
    width,
    height,
    compact,
    ports,
    pegs,
    hiddenPegs: saved.length - shown.length,
    strands,
    outlets: outletTexts.map((text, i) => ({
      x: portX(along, card.outputs, i),
      text,
      hue: context.hues.get(`${card.id} ${i}`) ?? null,
    })),
    mark,
    span: side,
    title,
    value,
    name,
    pattern,
  };
}

/** The pattern's word at its longest: a switch says how many elements it shut. */
function widestWord(pattern: Pattern, result: readonly number[]): string {
  const word = patternWord(pattern, l10n);
  const count = numel(result);
  return pattern === "route" ? l10n.t("{0}, {1} of {2} shut", word, count, count) : word;
}

/** Of a list its place: `[0]` of `tensors[0]`. */
const portLabel = (input: string): string => plain(input.replace(/^\w+(?=\[\d+\]$)/, ""), 12);

/** What ports need beside each other with their names between them. Where one stands in the middle, the others share the sides. */
function portsWidth(node: Node, ports: readonly number[], spine: number | null): number {
  const labels = ports.map((edge) => columns(portLabel(node.edges[edge]?.input ?? "")));
  const pitch = Math.max(56, Math.max(...labels, 0) * SIZE.smallColumn + PORT_MARK);
  const beside = spine === null ? 0 : Math.max(spine, ports.length - 1 - spine);
  const width = beside > 1 ? 2 * (SPINE_ROOM + beside * pitch) : ports.length * pitch;
  return Math.min(width, MOST_PORTS);
}

interface Size {
  readonly width: number;
  readonly height: number;
  /** Room along the side of the ports that mark and saved values share, and what the saved values take of it. */
  readonly span: number;
  readonly pegs: number;
}

type PegText = Pick<Peg, "label" | "text" | "width">;

function compactSize(title: string, name: string, ports: number, lies: boolean): Size {
  const text = Math.max(columns(title) * SIZE.titleColumn, columns(name) * SIZE.column);
  const width = Math.ceil(SIZE.compactMark + SIZE.pad + text);
  const height = lies ? Math.max(SIZE.compactHeight, Math.min(ports * 9, 400)) : SIZE.compactHeight;
  return { width, height, span: lies ? height : width, pegs: 0 };
}

function standingSize(
  pegs: readonly PegText[],
  card: Card,
  mark: number,
  lines: number,
  texts: readonly [string, number][],
  outlets: readonly string[],
  ports: number,
): Size {
  const inColumns = card.ports.length > 1 && pegs.length === card.ports.length;
  const room = inColumns
    ? pegs.reduce((most, peg) => Math.max(most, peg.width), 0) * pegs.length + 10 * pegs.length
    : pegs.reduce((sum, peg) => sum + peg.width + 10, 14);
  const least = Math.max(150, room, ports);
  const width = widest(least, ...texts, [outlets.map((text) => `${text}    `).join(""), SIZE.column]);
  const height =
    mark + (pegs.length > 0 ? SIZE.peg + 8 : 0) + lines + (outlets.length > 0 ? SIZE.outlet : 0) + SIZE.pad;
  return { width, height, span: width, pegs: room };
}

/** The mark stands at the left, saved values beside it, the texts below. */
function lyingSize(
  pegs: readonly PegText[],
  card: Card,
  mark: number,
  lines: number,
  least: number,
  texts: readonly [string, number][],
  outlets: readonly string[],
): Size {
  const room = pegs.length * (SIZE.peg + 10);
  const span = Math.max(56, room + 8, Math.min(card.ports.length * 34, 1200));
  const beside = pegs.reduce((most, peg) => Math.max(most, peg.width), 0);
  return {
    width: widest(Math.max(least, mark + beside + 2 * SIZE.pad), ...texts) + outletRoom(outlets),
    height: Math.max(span + lines + SIZE.pad, outlets.length * SIZE.outlet),
    span,
    pegs: room,
  };
}
function pegText({ name, content }: Saved, trace: Trace): Pick<Peg, "label" | "text" | "width"> {
  const label = plain(name, PEG_COLUMNS + 4);
  const text =
    content.kind === "tensor"
      ? shortValue((trace.tensors[content.tensor] as TensorRecord).value, PEG_COLUMNS)
      : plain(content.kind === "literal" ? content.text : "–", PEG_COLUMNS);
  const width = Math.ceil(Math.max(columns(label) * SIZE.smallColumn, columns(text) * SIZE.column) + 14);
  return { label, text, width };
}

/** Which of the terms a formula uses; `self.sizes()` is not a use of `self` where it is a term of its own. */
export function mentioned(formula: string, terms: readonly string[]): number[] {
  let rest = formula;
  const found: number[] = [];
  const longestFirst = terms.map((term, i) => ({ term, i })).sort((a, b) => b.term.length - a.term.length);
  for (const { term, i } of longestFirst) {
    const whole = new RegExp(`(?<![\\w.])${term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\w)`, "g");
    const left = rest.replace(whole, " ");
    if (left !== rest) found.push(i);
    rest = left;
  }
  return found.sort((a, b) => a - b);
}
