/** What arrives, what was kept in the forward pass, and what a leaf's `.grad` takes. */
import * as l10n from "@vscode/l10n";
import type { StepExplanation } from "../../../trace/explain.ts";
import { formatValue } from "../../../trace/format.ts";
import { sameValue } from "../../../trace/value.ts";
import { plain } from "../../plain.ts";
import { h, withAttributes } from "../html.ts";
import { block, code, nodeLink, type Sheet, tensorOf, timed } from "./parts.ts";

export function arrivals(sheet: Sheet, { arrivals: lines, upstream }: StepExplanation): HTMLElement | null {
  if (lines.length === 0 && upstream.length < 2) return null;
  const several = upstream.length > 1;
  const parts = upstream.map((value, outputNr) => {
    const mine = lines.filter((line) => line.outputNr === outputNr);
    const label = several ? l10n.t("upstream gradient of output {0}", outputNr) : l10n.t("upstream gradient");
    const term = several && !usesGrad(sheet, outputNr) ? `grads[${outputNr}]` : "grad";
    const section = h("div.arrival");
    if (several) section.append(h("h3", l10n.t("output {0}", outputNr)));
    if (mine.length === 0) {
      section.append(h("p.dead-end", l10n.t("Nothing arrived here: it counts as 0.")));
      return section;
    }
    const alone = mine.length === 1;
    const entries = mine.map((line, i) => timed(h("li", ...arrival(sheet, line, i, alone)), line));
    section.append(h("ul.lines", ...entries));
    const last = mine.at(-1);
    const sum = last?.sum ?? last?.value ?? null;
    if (value !== null && sum !== null && !sameValue(value, sum))
      section.append(h("p.hooked", l10n.t("A hook changed what had arrived:")));
    const whole = tensorOf(sheet, value, `upstream ${outputNr}`, label, term);
    section.append(last === undefined ? whole : timed(whole, { done: last.done, current: false }));
    return section;
  });
  return block(l10n.t("Upstream gradient"), ...parts);
}

/** A rule of a node with several outputs says `grad` where it means the first. */
const usesGrad = ({ node }: Sheet, outputNr: number): boolean =>
  outputNr === 0 && !node.edges.some(({ formula }) => /\bgrads\b/.test(formula ?? ""));

type Arrival = StepExplanation["arrivals"][number];

/** `alone`: nothing else arrives there, so that what stands below is its number. */
function arrival(sheet: Sheet, line: Arrival, nth: number, alone: boolean): (Node | string)[] {
  const from =
    line.from === null
      ? l10n.t("the seed of the pass")
      : nodeLink(line.from.node, sheet.trace.nodes[line.from.node]?.name ?? "", sheet.actions.goTo);
  const who = h("span.text", nth === 0 ? "" : "+ ", h("span.from", l10n.t("from"), " ", from));
  if (alone) return [who];
  if (line.sum === null) return [who, code(formatValue(line.value))];
  return [
    who,
    code(formatValue(line.value)),
    h("span.running", l10n.t("so far {0}", plain(formatValue(line.sum), 80))),
  ];
}

export function saved(
  sheet: Sheet,
  { saved: lines, inputs, expression }: StepExplanation,
): HTMLElement | null {
  if (lines.length === 0) return null;
  const ran = inputs.map(({ formula, means }) => `${formula ?? ""} ${means ?? ""}`).join(" ");
  const rank = (line: SavedLine): number =>
    (mentions(ran, line.term) ? 0 : 2) + (line.value === null ? 1 : 0);
  const sorted = [...lines].sort((a, b) => rank(a) - rank(b));
  const body = h("tbody");
  for (const line of sorted) {
    const value = h("td");
    value.append(
      line.value === null
        ? code(line.text)
        : tensorOf(sheet, line.value, `saved ${line.name}`, line.name, line.term),
    );
    // The node's own expression stands at the top already: for sizes and flags that is enough.
    const known = line.value === null && line.expression?.text === expression?.text;
    if (line.expression !== null && !known)
      value.append(h("span.by", l10n.t("kept by {0}", plain(line.expression.text, 60))));
    const entry = h("tr", withAttributes(h("th", code(line.name)), { scope: "row" }), value);
    if (line.value !== null) entry.className = "large";
    body.append(entry);
  }
  return block(l10n.t("Saved in the forward pass"), h("table.saved", body));
}

type SavedLine = StepExplanation["saved"][number];

/** Whether a formula uses a term: what it uses stands first. */
const mentions = (text: string, term: string): boolean =>
  new RegExp(`(?<![\\w.])${term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\w)`).test(text);

export function accumulate(sheet: Sheet, { accumulate: line }: StepExplanation): HTMLElement | null {
  if (line === null) return null;
  const leaf = `${plain(line.leaf, 60)}.grad`;
  const term = (name: string, key: string, value: Parameters<typeof tensorOf>[1]): HTMLElement =>
    h("div.term", h("span.caption", name), tensorOf(sheet, value, key, `${leaf} ${name}`, null));
  const sum = h(
    "div.accumulate",
    term(l10n.t("before"), "before", line.before),
    h("span.operator", "+"),
    term(l10n.t("added"), "added", line.added),
    h("span.operator", "="),
    term(l10n.t("after"), "after", line.after),
  );
  return block(leaf, timed(sum, line));
}
