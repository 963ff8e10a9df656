/** What stands on each card and how large it is: texts, ports, saved values and where they sit. Numbers and words only. */
import { formatShape, formatValue } from "../../trace/format.ts";
import { edgeKey } from "../../trace/keys.ts";
import { sourceText, tensorName } from "../../trace/names.ts";
import type { Node, Pattern, Trace, Value } from "../../trace/schema.ts";
import { columns, plain } from "../plain.ts";
import type { Card, Graph } from "./graph.ts";
import { portX } from "./plan.ts";

export interface Port {
  readonly x: number;
  /** The input's name, where there are several. */
  readonly label: string | null;
  /** The colour of that operand, where there are several. */
  readonly hue: number | null;
  /** Whether a gradient can leave here. */
  readonly live: boolean;
}

/** A saved value as it stands on its node. */
export interface Peg {
  readonly x: number;
  readonly width: number;
  readonly label: string;
  readonly text: string;
  readonly hue: number | null;
}

export interface Face {
  readonly card: Card;
  readonly width: number;
  readonly height: number;
  /** Many cards: only a small mark, the expression and PyTorch's name. */
  readonly compact: boolean;
  readonly ports: readonly Port[];
  readonly pegs: readonly Peg[];
  /** Saved values that found no room. */
  readonly hiddenPegs: number;
  /** Which peg the rule of which port uses. */
  readonly strands: readonly { readonly peg: number; readonly port: number }[];
  /** The forward values by output, where there are several, in the colour of the operand that each becomes. */
  readonly outlets: readonly { readonly x: number; readonly text: string; readonly hue: number | null }[];
  /** Height of the room for the mark. */
  readonly mark: number;
  readonly title: string;
  /** The forward value, `y = 25`; null where it was not kept. */
  readonly value: string | null;
  /** PyTorch's name of the node. */
  readonly name: string | null;
  readonly pattern: Pattern | null;
}

/** Heights and widths of the parts of a card, px; `views/cards.ts` draws by the same numbers. */
export const SIZE = {
  pad: 12,
  mark: 46,
  /** Strands that cross need height to be seen crossing. */
  crossing: 70,
  peg: 36,
  outlet: 30,
  line: 18,
  grad: 24,
  compactHeight: 44,
  compactMark: 38,
  /** Columns are counted in a fixed-width font: its width at each size in use. */
  titleColumn: 7.9,
  column: 7.3,
  smallColumn: 6.5,
} as const;

const TITLE_COLUMNS = 30;
const PEG_COLUMNS = 20;
const VALUE_COLUMNS = 28;
const MOST_PEGS = 3;
/** More cards than this are drawn small. */
export const COMPACT_FROM = 60;

/** `[6, 8]` where that fits, else the shape. */
export function shortValue(value: Value, limit: number): string {
  if (value.kind === "inline") {
    const text = formatValue(value, { elements: 4, rows: 2 });
    if (columns(text) <= limit) return text;
  }
  return plain(formatShape(value.shape), limit);
}

/** What a pass will show in its course. */
export interface PassTexts {
  /** What will stand on each wire, by its key. */
  readonly wires: ReadonlyMap<string, readonly string[]>;
  /** What each leaf's `.grad` will hold, by node. */
  readonly grads: ReadonlyMap<number, readonly string[]>;
  /** The formulas that ran, by `edgeKey`. */
  readonly formulas: ReadonlyMap<string, string | null>;
}

/** Every card's face. */
export function facesOf(trace: Trace, graph: Graph, texts: PassTexts): ReadonlyMap<string, Face> {
  const compact = graph.cards.length > COMPACT_FROM;
  const hues = outletHues(graph);
  return new Map(graph.cards.map((card) => [card.id, faceOf(trace, card, compact, texts, hues)]));
}

/** The colour of the operand that an output becomes, by card and port; null where it becomes several. */
function outletHues(graph: Graph): ReadonlyMap<string, number | null> {
  const ports = new Map(graph.cards.map((card) => [card.id, card.ports.length]));
  const hues = new Map<string, number | null>();
  for (const { from, fromPort, to, toPort } of graph.wires) {
    const key = `${from} ${fromPort}`;
    const hue = (ports.get(to) ?? 0) > 1 ? toPort : null;
    hues.set(key, hues.has(key) ? null : hue);
  }
  return hues;
}

function faceOf(
  trace: Trace,
  card: Card,
  compact: boolean,
  texts: PassTexts,
  hues: ReadonlyMap<string, number | null>,
): Face {
  const tensor = card.tensor === null ? undefined : trace.tensors[card.tensor];
  const value = tensor === undefined ? null : shortValue(tensor.value, VALUE_COLUMNS);
  const own = card.tensor === null ? null : tensorName(trace, card.tensor);
  const node = card.node === null ? undefined : trace.nodes[card.node];
  const bare = {
    card,
    compact,
    ports: [],
    pegs: [],
    hiddenPegs: 0,
    strands: [],
    outlets: [],
    mark: SIZE.mark,
  } as const;
  switch (card.kind) {
    case "op":
      return opFace(trace, card, node as Node, compact, texts, hues);
    case "leaf": {
      const title = plain(own ?? "", TITLE_COLUMNS);
      const name = plain(node?.name ?? "", TITLE_COLUMNS);
      const gradTexts = compact
        ? []
        : (texts.grads.get(card.node as number) ?? []).map((text) => `.grad = ${text}`);
      const width = widest(
        120,
        [title, SIZE.titleColumn],
        [value ?? "", SIZE.column],
        [name, SIZE.column],
        ...gradTexts.map((text): [string, number] => [text, SIZE.column]),
      );
      const height = compact
        ? SIZE.compactHeight
        : 2 * SIZE.pad + (value === null ? 2 : 3) * SIZE.line + SIZE.grad + 4;
      return {
        ...bare,
        width: width + (compact ? 0 : 26),
        height,
        title,
        value,
        name,
        pattern: "accumulate",
      };
    }
    case "constant": {
      const name = plain(own ?? "", TITLE_COLUMNS);
      const title = own === null ? (value ?? "") : name;
      const shown = value === null || title === value || compact ? null : value;
      const width = widest(64, [title, SIZE.titleColumn], [shown ?? "", SIZE.column]);
      const height = 2 * 8 + (shown === null ? 1 : 2) * SIZE.line;
      return { ...bare, width, height, title, value: shown, name: null, pattern: null };
    }
    case "result": {
      const title = plain([own, value].filter((part) => part !== null).join(" = "), TITLE_COLUMNS + 8);
      const width = widest(card.root === null ? 64 : 164, [title, SIZE.titleColumn]);
      const height = 2 * 8 + (card.root === null ? 1 : 2) * SIZE.line;
      return { ...bare, width, height, title, value: null, name: null, pattern: null };
    }
    case "more":
      return {
        ...bare,
        width: 56,
        height: 26,
        title: "…",
        value: null,
        name: plain(node?.name ?? "", TITLE_COLUMNS),
        pattern: null,
      };
  }
}

/** The width that the widest of these texts needs, with its columns' width, and the padding. */
const widest = (least: number, ...texts: (readonly [string, number])[]): number =>
  Math.ceil(Math.max(least, ...texts.map(([text, column]) => columns(text) * column + 2 * SIZE.pad)));

function opFace(
  trace: Trace,
  card: Card,
  node: Node,
  compact: boolean,
  texts: PassTexts,
  outletHue: ReadonlyMap<string, number | null>,
): Face {
  const output = node.outputs[0] ?? null;
  const names = output === null || node.outputs.length > 1 ? [] : (trace.tensors[output]?.names ?? []);
  const source = sourceText(trace, node.range);
  const title = plain(source ?? node.op, TITLE_COLUMNS);
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
    const ran = texts.formulas.get(edgeKey(card.node as number, edge));
    return mentioned(ran ?? node.edges[edge]?.formula ?? "", terms).map((i) => terms[i] as string);
  });
  const used = new Set(uses.flat());
  const saved = node.saved
    .filter((item) => used.has(item.term))
    .map((item) => ({ item, rank: [...hues.keys()].indexOf(item.term) }))
    .sort((a, b) => (a.rank < 0 ? 99 : a.rank) - (b.rank < 0 ? 99 : b.rank))
    .map(({ item }) => item);
  const shown = compact ? [] : saved.slice(0, MOST_PEGS);
  const pegTexts = shown.map(({ name: label, content }) => ({
    label: plain(label, PEG_COLUMNS + 4),
    text:
      content.kind === "tensor"
        ? shortValue((trace.tensors[content.tensor] as Trace["tensors"][number]).value, PEG_COLUMNS)
        : plain(content.kind === "literal" ? content.text : "–", PEG_COLUMNS),
  }));
  const pegWidths = pegTexts.map(({ label, text }) =>
    Math.ceil(Math.max(columns(label) * SIZE.smallColumn, columns(text) * SIZE.column) + 14),
  );
  const outletTexts =
    card.outputs === 1 || compact
      ? []
      : results.map((result) => (result === null ? "" : shortValue(result.value, 10)));

  const inColumns = several && shown.length === card.ports.length;
  const pegsWidth = inColumns
    ? Math.max(...pegWidths) * shown.length + 10 * shown.length
    : pegWidths.reduce((sum, width) => sum + width + 10, 14);
  const needed = compact
    ? SIZE.compactMark + 8 + Math.max(columns(title), columns(name)) * SIZE.column
    : widest(
        Math.max(150, pegsWidth, card.ports.length * 56),
        [title, SIZE.titleColumn],
        [value ?? "", SIZE.column],
        [`${name}  passes through`, SIZE.column],
        [outletTexts.map((text) => `${text}    `).join(""), SIZE.column],
      );
  const width = Math.ceil(needed);
  let x = (width - pegsWidth) / 2 + 7;
  const pegs = pegTexts.map((peg, i): Peg => {
    const own = pegWidths[i] as number;
    const left = x;
    x += own + 10;
    const centre = inColumns ? portX(width, shown.length, i) : left + 5 + own / 2;
    return {
      ...peg,
      x: centre,
      width: own,
      hue: hues.get((shown[i] as (typeof shown)[number]).term) ?? null,
    };
  });
  const ports = card.ports.map(
    (edge, p): Port => ({
      x: portX(width, card.ports.length, p),
      label: several ? plain(node.edges[edge]?.input ?? "", 12) : null,
      hue: several ? p : null,
      live: (node.edges[edge]?.node ?? null) !== null,
    }),
  );
  const strands = uses.flatMap((terms, port) =>
    shown.flatMap((item, peg) => (terms.includes(item.term) ? [{ peg, port }] : [])),
  );
  const crosses = node.pattern === "swap" || node.pattern === "mix";
  const mark = crosses && several && pegs.length > 0 ? SIZE.crossing : SIZE.mark;
  const height = compact
    ? SIZE.compactHeight
    : mark +
      (pegs.length > 0 ? SIZE.peg + 8 : 0) +
      (value === null ? 2 : 3) * SIZE.line +
      (outletTexts.length > 0 ? SIZE.outlet : 0) +
      SIZE.pad;
  return {
    card,
    width,
    height,
    compact,
    ports,
    pegs,
    hiddenPegs: saved.length - shown.length,
    strands,
    outlets: outletTexts.map((text, i) => ({
      x: portX(width, card.outputs, i),
      text,
      hue: outletHue.get(`${card.id} ${i}`) ?? null,
    })),
    mark,
    title,
    value,
    name,
    pattern: node.pattern,
  };
}

/** Which of the terms a formula uses; `self.sizes()` is not a use of `self` where it is a term of its own. */
function mentioned(formula: string, terms: readonly string[]): number[] {
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
