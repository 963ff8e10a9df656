/** What a hover says about an expression, as plain lines and blocks of code; pure. */
import * as l10n from "@vscode/l10n";
import { formatShape, formatValue } from "../../trace/format.ts";
import { bindingAt, type Description, describe } from "../../trace/hover.ts";
import type { Position, Range, Trace } from "../../trace/schema.ts";
import { type Place, stateAt } from "../../trace/stepper.ts";

/** A line of words, or code that is shown as it is. */
export type HoverPart =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "code"; readonly text: string };

export interface HoverText {
  readonly range: Range;
  readonly parts: readonly HoverPart[];
}

/** Characters of code that a hover shows. */
const CODE_LIMIT = 2000;

/** What is known of the smallest expression at a place of a source; null where nothing is. */
export function hoverText(
  trace: Trace,
  place: Place | null,
  source: number,
  position: Position,
): HoverText | null {
  const binding = bindingAt(trace, source, position);
  if (binding === null) return null;
  const state = place === null ? null : stateAt(trace, place);
  const description = describe(trace, binding, state, l10n);
  return { range: binding.range, parts: partsOf(trace, place, description) };
}

function partsOf(trace: Trace, place: Place | null, description: Description): HoverPart[] {
  const { shape, dtype, device, gradFn, value, repr, count, gradient, reason } = description;
  const parts: HoverPart[] = [
    line(
      [
        l10n.t("shape {0}", formatShape(shape)),
        `torch.${dtype}`,
        ...(device === "cpu" ? [] : [device]),
        gradFn === null ? l10n.t("no grad_fn") : `grad_fn ${gradFn.name}`,
      ].join("  ·  "),
    ),
    code(repr ?? formatValue(value)),
  ];
  if (count > 1) parts.push(line(l10n.t("Evaluated {0} times: this is the last.", count)));
  if (gradient !== null && place !== null) {
    const steps = trace.backwards[place.backward]?.steps.length ?? 0;
    parts.push(
      line(l10n.t("gradient at step {0} of {1}", place.step + 1, steps)),
      code(formatValue(gradient)),
    );
  } else if (reason !== null) parts.push(line(l10n.t("No gradient: {0}", reason)));
  const saved = gradFn?.saved ?? [];
  if (gradFn !== null && saved.length > 0) {
    parts.push(
      line(l10n.t("{0} saved in the forward pass", gradFn.name)),
      code(saved.map(({ name, text }) => `${name} = ${text}`).join("\n")),
    );
  }
  return parts;
}

const line = (text: string): HoverPart => ({ kind: "line", text });
const code = (text: string): HoverPart => ({
  kind: "code",
  text: text.length > CODE_LIMIT ? `${text.slice(0, CODE_LIMIT)}…` : text,
});
