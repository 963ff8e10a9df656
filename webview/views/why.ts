/** The answers to "why?": each question, what the cause is, the way to it and what to do. */
import * as l10n from "@vscode/l10n";
import type { Range, Trace } from "../../trace/schema.ts";
import { type Answer, type Subject, why } from "../../trace/why/why.ts";
import { lineIn } from "../place.ts";
import { plain } from "../plain.ts";
import { textButton } from "../ui.ts";
import { h, withAttributes } from "./html.ts";

export interface WhyActions {
  /** Walk to a node. */
  goTo(node: number): void;
  /** Show a place of the source in the editor. */
  revealRange(range: Range): void;
  closeAnswers(): void;
}

/** Characters of one sentence that are shown. */
const SHOWN = 1000;

export function whyPane(
  trace: Trace,
  backward: number | null,
  subject: Subject,
  actions: WhyActions,
): { element: HTMLElement; sentence: string } {
  const answers = why(trace, subject, backward, l10n);
  const close = textButton(l10n.t("Close"), actions.closeAnswers, "secondary").element;
  const element = h(
    "section.pane.why",
    h(
      "div.head",
      h("h2", subject.kind === "check" ? l10n.t("Check of the gradients") : l10n.t("Why?")),
      close,
    ),
    ...answers.map((answer) => answerElement(trace, answer, actions)),
  );
  return { element, sentence: answers.map(({ question, answer }) => `${question} ${answer}`).join(" ") };
}

function answerElement(
  trace: Trace,
  { question, answer, path, fix }: Answer,
  actions: WhyActions,
): HTMLElement {
  const stations = path.map(({ text, node, range }) => {
    const words = plain(text, SHOWN);
    const where = range === null ? null : h("span.where", lineIn(trace, range));
    if (node === null && range === null) return h("li", words);
    const button = h("button.station", words, where);
    button.type = "button";
    button.addEventListener("click", () => {
      if (range !== null) actions.revealRange(range);
      if (node !== null) actions.goTo(node);
    });
    return h("li", button);
  });
  return h(
    "article.answer",
    h("h3", plain(question, SHOWN)),
    h("p.cause", plain(answer, SHOWN)),
    stations.length === 0
      ? null
      : withAttributes(h("ol.stations", ...stations), { "aria-label": l10n.t("The way to the cause") }),
    fix === null ? null : h("p.fix", h("strong", l10n.t("What to do:")), " ", plain(fix, SHOWN)),
  );
}
