/** The face of an op node: its saved values, ports and strands, and how wide and high they make it. */
import { edgeKey } from "../../trace/keys.ts";
import { sourceText } from "../../trace/names.ts";
import type { Node, Saved, TensorRecord, Trace } from "../../trace/schema.ts";
import { columns, plain } from "../plain.ts";
import { type Context, portPlaces, titleOf } from "./context.ts";
import {
  type Face,
  type Peg,
  type Port,
  SIZE,
  shortValue,
  TITLE_COLUMNS,
  VALUE_COLUMNS,
  widest,
} from "./face.ts";
import type { Card } from "./graph.ts";
import { portX } from "./plan.ts";

const PEG_COLUMNS = 20;
const MOST_PEGS = 3;

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
  const pegTexts = shown.map((item) => pegText(item, trace));
  const outletTexts =
    card.outputs === 1 || compact
      ? []
      : results.map((result) => (result === null ? "" : shortValue(result.value, 10)));

  const inColumns = several && shown.length === card.ports.length;
  const pegsWidth = inColumns
    ? Math.max(...pegTexts.map((peg) => peg.width)) * shown.length + 10 * shown.length
    : pegTexts.reduce((sum, peg) => sum + peg.width + 10, 14);
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
    const middle = inColumns ? portX(width, shown.length, i) : x + 5 + peg.width / 2;
    x += peg.width + 10;
    return {
      ...peg,
      x: middle,
      hue: hues.get((shown[i] as (typeof shown)[number]).term) ?? null,
    };
  });
  const places = portPlaces(width, card.ports.length, context.spines.get(card.id) ?? null);
  const ports = card.ports.map(
    (edge, p): Port => ({
      x: places[p] as number,
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
      hue: context.hues.get(`${card.id} ${i}`) ?? null,
    })),
    mark,
    title,
    value,
    name,
    pattern: node.pattern,
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
