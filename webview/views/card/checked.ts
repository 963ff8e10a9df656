/** What checking the gradients found of this step: a badge and a sentence for each gradient. */
import * as l10n from "@vscode/l10n";
import type { StepExplanation } from "../../../trace/explain.ts";
import { type CheckStatus, checkSentence, checksOf } from "../../../trace/why/checked.ts";
import { plain } from "../../plain.ts";
import { h, withAttributes } from "../html.ts";
import { type Sheet, TEXT_LIMIT } from "./parts.ts";

/** One sign for each, told apart without colour. */
export const CHECK_SIGNS: Readonly<Record<CheckStatus, string>> = {
  ok: "✓",
  kink: "∧",
  differs: "✗",
  unchecked: "?",
};

/** Null where nothing was checked. */
export function checkedBlock(
  { trace }: Sheet,
  { node }: StepExplanation,
  backward: number,
): HTMLElement | null {
  const checks = checksOf(trace, backward, node);
  if (checks === null || checks.length === 0) return null;
  return h(
    "section.block.checked",
    h("h2", l10n.t("Checked")),
    ...checks.map((check) =>
      h(
        `p.check.${check.status}`,
        withAttributes(h("span.sign", CHECK_SIGNS[check.status]), { "aria-hidden": "true" }),
        plain(checkSentence(trace, node, check, l10n), TEXT_LIMIT),
      ),
    ),
  );
}
