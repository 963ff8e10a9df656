/** The local rule towards each input: as mathematics in the source's names, with the numbers put in, and as shapes. */
import * as l10n from "@vscode/l10n";
import type { InputLine, StepExplanation } from "../../../trace/explain.ts";
import { formatShape } from "../../../trace/format.ts";
import { fromValue, symbol, textOf } from "../../../trace/math.ts";
import type { MathTree } from "../../../trace/mathtree.ts";
import type { Value } from "../../../trace/schema.ts";
import { hueClass } from "../../marks/mark.ts";
import { plain } from "../../plain.ts";
import { h } from "../html.ts";
import { math } from "../math.ts";
import { code, hueOf, roleClass, type Sheet, TEXT_LIMIT, timed } from "./parts.ts";

export function rules(sheet: Sheet, { inputs }: StepExplanation): HTMLElement | null {
  if (inputs.length === 0) return null;
  const several = inputs.length > 1;
  return h(
    "section.block.rules",
    h("h2", several ? l10n.t("Local rules") : l10n.t("Local rule")),
    ...inputs.map((input) => {
      const section = h(
        "section",
        h("h3", towards(input), several ? h("span.tag", plain(input.input, 30)) : null),
      );
      section.className = `rule${hueClass(hueOf(sheet.trace, sheet.node, input.edge))}`;
      section.append(...ladder(sheet, input));
      return timed(section, { done: input.done || input.deadEnd !== null, current: input.current });
    }),
  );
}

/** A single number stands right behind what gave it. */
const equalling = (numbers: MathTree, value: Value): MathTree => ({
  kind: "row",
  items: [numbers, symbol("=", "operator"), fromValue(value, null).math],
});

const towards = (input: InputLine): string => l10n.t("To {0}", plain(input.name, 60));

function ladder(sheet: Sheet, input: InputLine): Node[] {
  const { formula, typeset, deadEnd, means, value } = input;
  if (deadEnd !== null) return [h("p.dead-end", plain(deadEnd, TEXT_LIMIT))];
  if (formula === null)
    return [h("p.dead-end", l10n.t("Its own backward function gives this gradient; there is no formula."))];
  const hue = (role: Parameters<typeof roleClass>[1]): string => roleClass(sheet, role);
  const rows: (readonly [string, Node])[] = [];
  if (typeset === null) rows.push([l10n.t("rule"), code(formula)]);
  else {
    rows.push([l10n.t("rule"), math(typeset.names, hue)]);
    const scalar = value?.kind === "inline" && value.shape.length === 0;
    if (typeset.numbers !== null && textOf(typeset.numbers) !== textOf(typeset.names))
      rows.push([l10n.t("numbers"), math(scalar ? equalling(typeset.numbers, value) : typeset.numbers, hue)]);
    if (typeset.shapes !== null && !scalar) {
      const to: MathTree = {
        kind: "row",
        items: [typeset.shapes, symbol("→", "operator"), symbol(formatShape(value?.shape ?? []), "code")],
      };
      rows.push([l10n.t("shapes"), math(value === null || input.ofPart ? typeset.shapes : to, hue)]);
    }
    // The very text that ran stands beside what it means in the source's names.
    if (means !== null || input.own !== formula) rows.push([l10n.t("PyTorch"), code(formula, "as-is")]);
  }
  const list = h("dl.ladder", ...rows.flatMap(([label, content]) => [h("dt", label), h("dd", content)]));
  return [list];
}
