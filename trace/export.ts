/** A trace as text, JSON or DOT. Each is a pure function: the same trace gives the same characters. */

import { explain, type InputLine, type StepExplanation } from "./explain.ts";
import { formatShape, formatValue } from "./format.ts";
import { ENGLISH, type L10n } from "./l10n.ts";
import { sourceText, tensorName } from "./names.ts";
import { omittedOf, passCount } from "./pass-number.ts";
import type { Place } from "./place.ts";
import type { Node, Range, Trace } from "./schema.ts";
import { edgeKey, stateAt, wholeStep } from "./stepper.ts";

export const EXPORT_FORMATS = ["text", "json", "dot"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * `backward` (from 0) is the pass that text and DOT show; null where the trace has none, which shows the graph
 * alone. JSON is always the whole trace.
 */
export function exportTrace(
  trace: Trace,
  format: ExportFormat,
  backward: number | null,
  l10n: L10n = ENGLISH,
): string {
  switch (format) {
    case "text":
      return toText(trace, backward, l10n);
    case "json":
      return `${JSON.stringify(trace, null, 1)}\n`;
    case "dot":
      return toDot(trace, backward);
  }
}

function toText(trace: Trace, backward: number | null, l10n: L10n): string {
  const lines: string[] = [];
  const pass = backward === null ? undefined : trace.backwards[backward];
  if (backward === null || pass === undefined) {
    lines.push(
      l10n.t(
        "No backward pass was run: call .backward() on a scalar that requires a gradient. The graph so far has {0} nodes.",
        trace.nodes.length,
      ),
    );
    for (const node of trace.nodes) lines.push(`  ${graphLine(trace, node)}`);
  } else {
    const total = passCount(trace);
    const number = backward + 1 + omittedOf(trace);
    const where = pass.range === null ? "" : `  ${placeText(trace, pass.range)}`;
    lines.push(`${l10n.t("backward pass {0} of {1}", number, total)}${where}`);
    for (let step = -1; step < pass.steps.length; step++) {
      const explanation = explain(trace, wholeStep(trace, backward, step), l10n);
      if (explanation.kind === "start") lines.push(explanation.sentence);
      else lines.push("", ...stepLines(trace, explanation, step, pass.steps.length, l10n));
    }
    if (pass.error !== null) lines.push("", l10n.t("The pass raised: {0}", pass.error));
  }
  if (trace.error !== null)
    lines.push("", l10n.t("The program raised {0}: {1}", trace.error.type, trace.error.message));
  for (const note of trace.notes) lines.push("", l10n.t("note: {0}", note));
  return `${lines.join("\n").replace(UNPRINTABLE, " ")}\n`;
}

/** What a terminal would obey rather than show: control characters (but not line ends) and bidirectional marks. */
export const UNPRINTABLE = /[^\P{Cc}\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function stepLines(trace: Trace, step: StepExplanation, index: number, of: number, l10n: L10n): string[] {
  const lines: string[] = [];
  const put = (indent: number, label: string, text: string) => {
    lines.push(`${"  ".repeat(indent)}${label.padEnd(14 - 2 * indent)} ${text}`);
  };
  lines.push(l10n.t("step {0} of {1}: {2}", index + 1, of, step.name));
  lines.push(`  ${step.sentence}`);
  if (step.expression !== null) put(1, l10n.t("forward"), expressionText(trace, step.expression));
  if (step.module !== null) put(1, l10n.t("module"), step.module);
  for (const arrival of step.arrivals)
    put(1, l10n.t("upstream"), outputLabel(step, arrival.outputNr) + arrival.text);
  for (const saved of step.saved) {
    const from =
      saved.expression === null ? "" : `  ${l10n.t("from {0}", expressionText(trace, saved.expression))}`;
    put(1, l10n.t("saved"), `${saved.name} = ${saved.text}${from}`);
  }
  for (const input of step.inputs) {
    put(1, l10n.t("downstream"), inputHead(input));
    if (input.deadEnd !== null) {
      put(2, "", input.deadEnd);
      continue;
    }
    if (input.formula !== null) put(2, l10n.t("formula"), input.formula);
    if (input.means !== null) put(2, l10n.t("means"), input.means);
    if (input.own !== null && input.own !== input.formula) put(2, l10n.t("names"), input.own);
    if (input.numbers !== null) put(2, l10n.t("numbers"), input.numbers);
    if (input.value !== null)
      put(2, l10n.t("gradient"), `${formatValue(input.value)}  ${formatShape(input.value.shape)}`);
    if (input.unbroadcast !== null) {
      put(2, l10n.t("un-broadcast"), input.unbroadcast.text);
      const { after } = input.unbroadcast;
      if (after !== null) put(2, "", `${formatValue(after)}  ${formatShape(after.shape)}`);
    }
  }
  if (step.accumulate !== null) put(1, `${step.accumulate.leaf}.grad`, step.accumulate.text);
  return lines;
}

/** Where several outputs receive, says which. */
const outputLabel = (step: StepExplanation, outputNr: number): string =>
  step.upstream.length > 1 ? `[${outputNr}] ` : "";

function inputHead({ name, input, to }: InputLine): string {
  const own = name === input ? name : `${name} (${input})`;
  return to === null ? own : `${own} → ${to}`;
}

function expressionText(trace: Trace, { text, range }: { text: string; range: Range }): string {
  return `${oneLine(text)}  ${placeText(trace, range)}`;
}

/** `note.md#2:3`, lines counted from 1 as editors do. */
const placeText = (trace: Trace, range: Range): string =>
  `(${trace.sources[range.source]?.name ?? ""}:${range.start.line + 1})`;

function graphLine(trace: Trace, node: Node): string {
  const inputs = node.edges.map(({ input, node: to, tensor }) => {
    const name = (tensor === null ? null : tensorName(trace, tensor, node.range)) ?? input;
    return to === null ? name : `${name} ← ${trace.nodes[to]?.name ?? ""}`;
  });
  const leaf = node.variable === null ? null : tensorName(trace, node.variable);
  const text = sourceText(trace, node.range);
  return [
    node.name,
    leaf ?? (text === null ? null : oneLine(text)),
    inputs.length > 0 ? `(${inputs.join(", ")})` : null,
  ]
    .filter((part) => part !== null)
    .join("  ");
}

const TEXT_LIMIT = 200;

/** Control characters and line breaks as spaces, and not longer than a line should be. */
function oneLine(text: string): string {
  const flat = text.replace(UNPRINTABLE, " ").replace(/\s+/g, " ").trim();
  return flat.length <= TEXT_LIMIT ? flat : `${flat.slice(0, TEXT_LIMIT)}…`;
}

/** Graphviz: edges lead from a node to its `next_functions`, labelled with the gradient that the pass sent. */
function toDot(trace: Trace, backward: number | null): string {
  const end: Place | null =
    backward === null ? null : wholeStep(trace, backward, (trace.backwards[backward]?.steps.length ?? 0) - 1);
  const state = end === null ? null : stateAt(trace, end);
  const lines = [
    "digraph backward {",
    "  node [shape=box, fontname=monospace];",
    "  edge [fontname=monospace];",
  ];
  trace.nodes.forEach((node, index) => {
    const text = sourceText(trace, node.range);
    const leaf = node.variable === null ? undefined : trace.tensors[node.variable];
    const label = [node.name];
    if (text !== null) label.push(text);
    if (node.module !== null) label.push(node.module);
    if (leaf !== undefined && node.variable !== null) {
      label.push(`${tensorName(trace, node.variable) ?? ""} ${formatShape(leaf.shape)}`.trim());
      const grad = state?.grads.get(node.variable);
      if (grad) label.push(`.grad = ${formatValue(grad)}`);
    }
    lines.push(`  n${index} [label=${quoted(label)}${leaf === undefined ? "" : ", shape=ellipse"}];`);
  });
  trace.nodes.forEach((node, index) => {
    node.edges.forEach((edge, nth) => {
      if (edge.node === null) return;
      const gradient = state?.edges.get(edgeKey(index, nth));
      const label = gradient === undefined ? "" : ` [label=${quoted([formatValue(gradient)])}]`;
      lines.push(`  n${index} -> n${edge.node}${label};`);
    });
  });
  return `${[...lines, "}"].join("\n")}\n`;
}

/** A DOT string of centred lines: the source's own quotes and backslashes must not end it or become escapes. */
const quoted = (lines: readonly string[]): string =>
  `"${lines.map((line) => oneLine(line).replace(/[\\"]/g, "\\$&")).join("\\n")}"`;
