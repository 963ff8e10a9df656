/** The step card: one step in words, formula, names and numbers, laid out from `explain`. */
import * as l10n from "@vscode/l10n";
import { type Explanation, explain, type InputLine, type StepExplanation } from "../../trace/explain.ts";
import { formatShape, formatValue } from "../../trace/format.ts";
import type { Trace, Value } from "../../trace/schema.ts";
import { type Place, phasesOf } from "../../trace/stepper.ts";
import { hueClass } from "../marks/mark.ts";
import { plain, plainLines } from "../plain.ts";
import { h, withAttributes } from "./html.ts";
import { patternIcon } from "./icon.ts";

/** Characters of a number, a formula or an expression on the card. */
const TEXT_LIMIT = 400;

const code = (text: string, className = ""): HTMLElement => {
  const element = h("code", plain(text, TEXT_LIMIT));
  if (className !== "") element.className = className;
  return element;
};

/** A value with its shape beside it where it has one. */
function valued(value: Value | null, className = ""): HTMLElement {
  if (value === null) return code("None", className);
  const shape = value.shape.length === 0 ? null : h("span.shape", formatShape(value.shape));
  return h("span.valued", code(formatValue(value), className), shape);
}

export interface StepCard {
  readonly element: HTMLElement;
  show(trace: Trace, place: Place): void;
  /** The sentence that was shown last, for the live region. */
  readonly sentence: string;
}

export function stepCard(reveal: (node: number) => void): StepCard {
  const element = h("section.step-card");
  let sentence = "";
  return {
    element,
    get sentence() {
      return sentence;
    },
    show(trace, place) {
      const explanation = explain(trace, place, l10n);
      sentence = spoken(explanation, trace, place);
      element.setAttribute("aria-label", l10n.t("This step"));
      const content =
        explanation.kind === "start" ? start(explanation) : step(explanation, trace, place, reveal);
      element.replaceChildren(...content);
    },
  };
}

function start(explanation: Extract<Explanation, { kind: "start" }>): Node[] {
  return [
    h("header", h("h1", l10n.t("Start of the pass"))),
    h("p.sentence", plain(explanation.sentence, TEXT_LIMIT)),
    h(
      "dl.facts",
      ...explanation.roots.flatMap((root) => [
        h("dt", l10n.t("seed of {0}", plain(root.name, 40))),
        h("dd", valued(root.seed, "gradient")),
      ]),
    ),
    h("p.hint", l10n.t("Press → to take the first step backward.")),
  ];
}

function step(
  explanation: StepExplanation,
  trace: Trace,
  place: Place,
  reveal: (node: number) => void,
): Node[] {
  const { node, name, pattern, word, expression, module } = explanation;
  const icon = patternIcon(
    pattern,
    explanation.inputs.filter((input) => input.node !== null).length > 1 ? 2 : 1,
  );
  const title = h("div.title", h("h1", plain(name, 80)), h("span.word", word));
  const source =
    expression === null
      ? null
      : withAttributes(h("button.source", code(plain(expression.text, 60))), {
          type: "button",
          title: l10n.t("Show in the editor"),
        });
  source?.addEventListener("click", () => reveal(node));
  const parts = [
    h("header", icon, title, source),
    module === null ? null : h("p.module", l10n.t("in module {0}", plain(module, 80))),
    h("p.sentence", plain(explanation.sentence, 600)),
    progress(trace, place),
    arrivals(explanation),
    ...rules(explanation),
    saved(explanation),
    accumulate(explanation),
  ];
  return parts.filter((part) => part !== null);
}

/** A dot for each sub-step: done, current, to come. */
function progress(trace: Trace, place: Place): HTMLElement | null {
  const count = phasesOf(trace, place).length;
  if (count < 2 || count > 40) return null;
  const dots = Array.from({ length: count }, (_, i) =>
    h(`span.dot.${i + 1 < place.phase ? "done" : i + 1 === place.phase ? "current" : "to-come"}`),
  );
  const label = l10n.t("sub-step {0} of {1}", place.phase, count);
  return h(
    "div.progress",
    withAttributes(h("span.dots", ...dots), { "aria-hidden": "true" }),
    h("span.count", label),
  );
}

interface Timing {
  readonly done: boolean;
  readonly current: boolean;
}

const timed = <E extends Element>(element: E, { done, current }: Timing): E => {
  element.classList.toggle("to-come", !done);
  element.classList.toggle("current", current);
  return element;
};

function arrivals({ arrivals: lines, upstream }: StepExplanation): Node | null {
  if (lines.length === 0) return null;
  const several = upstream.length > 1;
  return block(
    l10n.t("Upstream gradient"),
    h(
      "ul.lines",
      ...lines.map((line) =>
        timed(
          h(
            "li",
            several ? h("span.tag", l10n.t("output {0}", line.outputNr)) : null,
            h("span.text", plain(line.text, TEXT_LIMIT)),
            line.value.shape.length === 0 ? null : h("span.shape", formatShape(line.value.shape)),
          ),
          line,
        ),
      ),
    ),
  );
}

function rules({ inputs }: StepExplanation): Node[] {
  const several = inputs.length > 1;
  return inputs.map((input, i) => {
    const heading = h("h2", l10n.t("To {0}", plain(input.name, 60)));
    if (several) heading.append(h("span.tag", plain(input.input, 30)));
    const section = h("section", heading, ...rule(input));
    section.className = `rule${several ? hueClass(i) : ""}`;
    return timed(section, { done: input.done || input.deadEnd !== null, current: input.current });
  });
}

/** The same rule three times: as PyTorch has it, in the source's names, with the numbers put in; then what it gives. */
function rule(input: InputLine): Node[] {
  const { formula, own, numbers, value, unbroadcast, deadEnd, to } = input;
  if (deadEnd !== null) return [h("p.dead-end", plain(deadEnd, TEXT_LIMIT))];
  const rows: (readonly [string, Node])[] = [];
  if (formula !== null) rows.push([l10n.t("rule"), code(formula)]);
  if (own !== null && own !== formula) rows.push([l10n.t("in your names"), code(own)]);
  if (numbers !== null && numbers !== formula && (value === null || numbers !== formatValue(value)))
    rows.push([l10n.t("in numbers"), code(numbers)]);
  rows.push([l10n.t("gives"), valued(value, "gradient gives")]);
  const table = h("dl.ladder", ...rows.flatMap(([label, content]) => [h("dt", label), h("dd", content)]));
  const parts: Node[] = [table];
  if (unbroadcast !== null) {
    parts.push(
      timed(
        h(
          "div.unbroadcast",
          h("p", plain(unbroadcast.text, TEXT_LIMIT)),
          valued(unbroadcast.after, "gradient gives"),
        ),
        unbroadcast,
      ),
    );
  }
  if (to !== null) parts.push(h("p.to", `→ ${plain(to, 60)}`));
  return parts;
}

function saved({ saved: lines }: StepExplanation): Node | null {
  if (lines.length === 0) return null;
  const body = h("tbody");
  for (const line of lines) {
    const value = h("td", line.value === null ? code(line.text) : valued(line.value));
    if (line.expression !== null)
      value.append(h("span.by", l10n.t("from {0}", plain(line.expression.text, 60))));
    body.append(h("tr", withAttributes(h("th", code(line.name)), { scope: "row" }), value));
  }
  return block(l10n.t("Saved in the forward pass"), h("table.saved", body));
}

function accumulate({ accumulate: line }: StepExplanation): Node | null {
  if (line === null) return null;
  const sum = h(
    "div.accumulate",
    term(l10n.t("before"), line.before),
    h("span.operator", "+"),
    term(l10n.t("added"), line.added),
    h("span.operator", "="),
    term(l10n.t("after"), line.after),
  );
  return block(`${plain(line.leaf, 60)}.grad`, timed(sum, line));
}

const term = (label: string, value: Value | null): HTMLElement =>
  h("div.term", valued(value, "gradient"), h("span.caption", label));

const block = (heading: string, content: Node): HTMLElement => h("section.block", h("h2", heading), content);

/** What a screen reader hears: the step's sentence, and in the middle of a step what this sub-step does. */
function spoken(explanation: Explanation, trace: Trace, place: Place): string {
  const { sentence } = explanation;
  if (explanation.kind === "start") return plainLines(sentence, TEXT_LIMIT);
  const phases = phasesOf(trace, place);
  if (place.phase >= phases.length) return plainLines(sentence, TEXT_LIMIT);
  const phase = phases[place.phase - 1];
  const happened = ((): string => {
    switch (phase?.kind) {
      case "arrive":
        return explanation.arrivals[phase.arrival]?.text ?? "";
      case "apply":
      case "unbroadcast": {
        const edge = trace.backwards[place.backward]?.steps[place.step]?.downstream[phase.downstream]?.edge;
        const input = explanation.inputs.find((each) => each.edge === edge);
        if (input === undefined) return "";
        if (phase.kind === "unbroadcast") return input.unbroadcast?.text ?? "";
        return l10n.t("{0} gets {1}", input.name, input.value === null ? "None" : formatValue(input.value));
      }
      default:
        return "";
    }
  })();
  return plainLines(
    l10n.t("{0}, sub-step {1} of {2}: {3}", explanation.name, place.phase, phases.length, happened),
    TEXT_LIMIT,
  );
}
