/** The step card: one step in words, formula, numbers and shapes, laid out from `explain`. */
import * as l10n from "@vscode/l10n";
import { type Explanation, explain, type StepExplanation } from "../../trace/explain.ts";
import { formatValue } from "../../trace/format.ts";
import type { Place } from "../../trace/place.ts";
import type { Node as GraphNode, Trace } from "../../trace/schema.ts";
import { phasesOf, stateAt } from "../../trace/stepper.ts";
import { storyOf } from "../../trace/story/story.ts";
import { lineIn } from "../place.ts";
import { plain, plainLines } from "../plain.ts";
import { textButton } from "../ui.ts";
import { checkedBlock } from "./card/checked.ts";
import { accumulate, arrivals, saved } from "./card/memory.ts";
import { numbersRow } from "./card/numbers.ts";
import { type CardActions, code, type Picked, type Sheet, TEXT_LIMIT, tensorOf } from "./card/parts.ts";
import { results } from "./card/results.ts";
import { rules } from "./card/rules.ts";
import { arrange, h, withAttributes } from "./html.ts";
import { patternIcon } from "./icon.ts";
import { TensorLook } from "./look.ts";

export type { CardActions } from "./card/parts.ts";

export interface StepCard {
  readonly element: HTMLElement;
  /** `editable`: of how many sources, from the first, the numbers can be turned. */
  show(trace: Trace, place: Place, editable: number): void;
  /** The sentence that was shown last, for the live region. */
  readonly sentence: string;
}

export function stepCard(actions: CardActions): StepCard {
  // A button, for after a run the arrow keys are still the editor's. It stays as traces come and go, and so does its focus.
  const onward = textButton("", () => actions.move({ kind: "forward" }));
  const element = h("section.step-card", onward.element);
  const numbers = numbersRow(actions.turnNumber);
  /** Looks at each part in the frame in which it is first seen, and again as its room changes. */
  const scrolling = new ResizeObserver((seen) => {
    for (const { target } of seen) reachable(target as HTMLElement);
  });
  let sentence = "";
  let shown: { readonly trace: Trace; readonly place: Place } | null = null;
  let picked: Picked | null = null;
  /** How each tensor is looked at, by its part of the card: it stays as the walk goes on. */
  const looks = new Map<string, TensorLook>();

  function draw(): void {
    if (shown === null) return;
    const { trace, place } = shown;
    const explanation = explain(trace, place, l10n);
    sentence = spoken(explanation, trace, place);
    element.setAttribute("aria-label", l10n.t("This step"));
    const sheet = sheetOf(trace, explanation);
    onward.label(l10n.t("First step backward (→)"));
    onward.element.hidden = explanation.kind !== "start";
    const parts =
      explanation.kind === "start"
        ? start(sheet, explanation)
        : step(sheet, explanation, trace, place, numbers.element);
    arrange(element, [...parts, onward.element]);
    scrolling.disconnect();
    for (const part of element.querySelectorAll(SCROLLING)) scrolling.observe(part);
  }

  function sheetOf(trace: Trace, explanation: Explanation): Sheet {
    const node = trace.nodes[explanation.kind === "step" ? explanation.node : 0] as GraphNode;
    return {
      trace,
      node,
      actions,
      picked,
      taking: explanation.kind === "step" ? takingOf(explanation, picked) : [],
      pick(next) {
        const same = picked?.edge === next.edge && picked.stage === next.stage && picked.flat === next.flat;
        picked = same ? null : next;
        const key = `[data-tensor="${next.stage} ${next.edge}"] [data-key="element ${next.flat}"]`;
        draw();
        element.querySelector<HTMLElement>(key)?.focus();
      },
      look(key) {
        let look = looks.get(key);
        if (look === undefined) {
          look = new TensorLook();
          looks.set(key, look);
        }
        return look;
      },
    };
  }

  return {
    element,
    get sentence() {
      return sentence;
    },
    show(trace, place, editable) {
      numbers.show(trace, stateAt(trace, place).node, editable);
      const other =
        shown === null ||
        shown.trace !== trace ||
        shown.place.backward !== place.backward ||
        shown.place.step !== place.step;
      if (other) {
        picked = null;
        looks.clear();
      }
      shown = { trace, place };
      draw();
    },
  };
}

/** What may scroll sideways: formulas, stories, tables of numbers. */
const SCROLLING = ".ladder dd, .story, .scroll-x";

/** What is too wide for the card scrolls, and is then reached by Tab. */
function reachable(part: HTMLElement): void {
  const picks = part.querySelector("button") !== null;
  if (!picks && part.scrollWidth > part.clientWidth) part.tabIndex = 0;
  else part.removeAttribute("tabindex");
}

function takingOf({ inputs }: StepExplanation, picked: Picked | null): Sheet["taking"] {
  if (picked === null) return [];
  const input = inputs.find(({ edge }) => edge === picked.edge);
  if (input === undefined || input.sent === null) return [];
  const story = storyOf(input.sent, input.means, input.input, picked.flat, picked.stage);
  return story.kind === "told" ? story.taking : [];
}

function start(sheet: Sheet, explanation: Extract<Explanation, { kind: "start" }>): Element[] {
  return [
    h("header", h("h1", l10n.t("Start of the pass"))),
    h("p.sentence", plain(explanation.sentence, TEXT_LIMIT)),
    h(
      "dl.facts",
      ...explanation.roots.flatMap((root, i) => [
        h("dt", l10n.t("seed of {0}", plain(root.name, 40))),
        h("dd", tensorOf(sheet, root.seed, `seed ${i}`, l10n.t("seed of {0}", root.name), null)),
      ]),
    ),
  ];
}

function step(
  sheet: Sheet,
  explanation: StepExplanation,
  trace: Trace,
  place: Place,
  numbers: HTMLElement,
): Element[] {
  const { node, name, pattern, word, expression, module } = explanation;
  const live = explanation.inputs.filter((input) => input.node !== null).length;
  const title = h("div.title", h("h1", plain(name, 80)), h("span.word", word));
  const source =
    expression === null
      ? null
      : withAttributes(h("button.source", code(plain(expression.text, 80))), {
          type: "button",
          title: l10n.t("Show in the editor"),
        });
  source?.addEventListener("click", () => sheet.actions.reveal(node));
  const where = expression === null ? null : h("span.line", lineIn(trace, expression.range));
  const parts = [
    h("header", patternIcon(pattern, live > 1 ? 2 : 1), title),
    h(
      "p.made-by",
      source,
      where,
      module === null ? null : h("span.module", l10n.t("in module {0}", plain(module, 80))),
    ),
    numbers,
    h("p.sentence", plain(explanation.sentence, 600)),
    progress(trace, place),
    arrivals(sheet, explanation),
    rules(sheet, explanation),
    checkedBlock(sheet, explanation, place.backward),
    saved(sheet, explanation),
    results(sheet, explanation),
    accumulate(sheet, explanation),
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
