/** What leaves towards each input, element by element; and the story of the one that is picked. */
import * as l10n from "@vscode/l10n";
import type { InputLine, StepExplanation } from "../../../trace/explain.ts";
import { formatElement } from "../../../trace/format.ts";
import type { Element, Value } from "../../../trace/schema.ts";
import { indexOf } from "../../../trace/story/lazy.ts";
import { BEFORE, canTell, type Stage, type Story, storyOf } from "../../../trace/story/story.ts";
import { type Called, writeStory } from "../../../trace/story/write.ts";
import { termName } from "../../../trace/terms.ts";
import { hueClass } from "../../marks/mark.ts";
import { plain } from "../../plain.ts";
import { h, withAttributes } from "../html.ts";
import { math } from "../math.ts";
import {
  code,
  hueOf,
  nodeLink,
  roleClass,
  roleOfTerm,
  type Sheet,
  TEXT_LIMIT,
  tensorOf,
  timed,
} from "./parts.ts";

export function results(sheet: Sheet, { inputs }: StepExplanation): HTMLElement | null {
  const live = inputs.filter(({ deadEnd, sent }) => deadEnd === null && sent !== null);
  if (live.length === 0) return null;
  return h(
    "section.block.results",
    h("h2", l10n.t("What leaves")),
    ...live.map((input) => timed(result(sheet, input), input)),
  );
}

function result(sheet: Sheet, input: InputLine): HTMLElement {
  const { value, unbroadcast, node, to, name } = input;
  const section = h("section");
  section.className = `result${hueClass(hueOf(sheet.trace, sheet.node, input.edge))}`;
  const title = h("h3", h("span.what", l10n.t("gradient of {0}", plain(name, 60))));
  if (node !== null && to !== null)
    title.append(h("span.goes", l10n.t("goes to"), " ", nodeLink(node, to, sheet.actions.goTo)));
  section.append(title, shown(sheet, input, "rule", value, unbroadcast === null ? null : BEFORE));
  if (unbroadcast !== null)
    section.append(
      timed(
        h(
          "div.unbroadcast",
          h("p", plain(unbroadcast.text, TEXT_LIMIT)),
          shown(sheet, input, "unbroadcast", unbroadcast.after, null),
        ),
        unbroadcast,
      ),
    );
  return section;
}

function shown(
  sheet: Sheet,
  input: InputLine,
  stage: Stage,
  value: Value | null,
  term: string | null,
): HTMLElement {
  const { picked } = sheet;
  const label = l10n.t("gradient of {0}", input.name);
  const told = input.sent !== null && canTell(input.sent, input.means, input.input);
  const mine = picked !== null && picked.edge === input.edge && picked.stage === stage ? picked.flat : null;
  const pick = told
    ? { picked: mine, choose: (flat: number) => sheet.pick({ edge: input.edge, stage, flat }) }
    : null;
  const view = tensorOf(sheet, value, `${stage} ${input.edge}`, label, term, pick);
  if (mine === null || input.sent === null) return view;
  return h("div", view, story(sheet, input, stage, mine, value));
}

/** The story of one element. */
function story(sheet: Sheet, input: InputLine, stage: Stage, flat: number, value: Value | null): HTMLElement {
  const found: Story =
    input.sent === null
      ? { kind: "untold", why: "fused" }
      : storyOf(input.sent, input.means, input.input, flat, stage);
  const box = withAttributes(h("div.story"), {
    role: "group",
    "aria-label": l10n.t("How this number comes about"),
  });
  const at = value === null || value.shape.length === 0 ? "" : `[${indexOf(value.shape, flat).join(", ")}]`;
  box.append(h("p.story-title", l10n.t("gradient of {0}", plain(input.name, 40)), code(at)));
  if (found.kind === "untold") {
    box.append(
      h(
        "p",
        found.why === "large"
          ? l10n.t("The tensors that took part are too large to be in the trace number by number.")
          : l10n.t("One fused call gave this number; it is not taken apart here."),
      ),
    );
    return box;
  }
  const called: Called = {
    name: (term) =>
      term === BEFORE ? l10n.t("gradient") : (termName(sheet.trace, sheet.node, term) ?? term),
    role: (term) => roleOfTerm(sheet.node, term),
  };
  const { names, numbers, because } = writeStory(found.cell, called);
  const hue = (role: Parameters<typeof roleClass>[1]): string => roleClass(sheet, role);
  const lines: Node[] = [math(names, hue)];
  if (found.cell.kind !== "element" && found.cell.kind !== "nothing") lines.push(equals(math(numbers, hue)));
  for (const { names: test, numbers: put, holds } of because)
    box.append(
      h(
        "p.because",
        holds ? l10n.t("because this holds:") : l10n.t("because this does not hold:"),
        " ",
        inline(math(test, hue)),
        " ",
        inline(math(put, hue)),
      ),
    );
  const element = value?.kind === "inline" ? (value.data[flat] as Element) : found.result;
  lines.push(equals(h("strong", formatElement(element, value?.dtype ?? "float32"))));
  if (found.cell.kind === "nothing")
    lines.splice(0, 1, h("p", l10n.t("Nothing of the result came from this element, so it gets 0.")));
  if (found.cell.kind === "sum" && found.cell.terms.length > 1)
    box.append(h("p.because", l10n.t("{0} contributions add up.", found.cell.terms.length)));
  box.append(h("div.lines-of-math", ...lines));
  return box;
}

const equals = (content: Node): HTMLElement => h("div.equals", h("span.sign", "="), content);

function inline(element: MathMLElement): MathMLElement {
  element.setAttribute("display", "inline");
  return element;
}
