/** What a hover says about an expression, as plain lines and blocks of code; pure. */
import * as l10n from "@vscode/l10n";
import { formatElement, formatShape, formatValue } from "../../trace/format.ts";
import { bindingAt, type Description, describe } from "../../trace/hover.ts";
import { type Picture, pictureOf } from "../../trace/picture.ts";
import type { Place } from "../../trace/place.ts";
import type { Element, Position, Range, Trace, Value } from "../../trace/schema.ts";
import { numel } from "../../trace/shape.ts";
import { statisticsOf } from "../../trace/statistics.ts";
import { stateAt } from "../../trace/stepper.ts";
import type { Subject } from "../../trace/why/answer.ts";

/** A line of words, or code that is shown as it is. */
export type HoverPart =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "picture"; readonly picture: Picture; readonly alt: string }
  /** Words that run one of Backstep's commands. */
  | { readonly kind: "links"; readonly links: readonly Link[] };

export interface Link {
  readonly text: string;
  readonly command: "backstep.why" | "backstep.stepToCursor";
  readonly argument: unknown;
}

export interface HoverText {
  readonly range: Range;
  readonly parts: readonly HoverPart[];
}

/** Characters of code that a hover shows. */
const CODE_LIMIT = 2000;

/**
 * What is known of the smallest expression at a place of a source; null where nothing is. `older`: the text below it has
 * been edited, so that its value still holds and its gradient need not.
 */
export function hoverText(
  trace: Trace,
  place: Place | null,
  source: number,
  position: Position,
  older = false,
): HoverText | null {
  const binding = bindingAt(trace, source, position);
  if (binding === null) return null;
  const state = place === null ? null : stateAt(trace, place);
  const description = describe(trace, binding, state, l10n);
  const parts = older
    ? [
        ...valueParts(description),
        line(l10n.t("The text has been edited below: run Trace backward again for gradients.")),
      ]
    : [
        ...valueParts(description),
        ...passParts(trace, place, description),
        linksOf(binding.tensor, description),
      ];
  return { range: binding.range, parts };
}

/** What the forward pass made. */
function valueParts({ shape, dtype, device, gradFn, value, repr, count }: Description): HoverPart[] {
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
    ...overview(value),
  ];
  if (count > 1) parts.push(line(l10n.t("Evaluated {0} times: this is the last.", count)));
  return parts;
}

/** A picture and statistics, where there are more elements than one reads at a glance. */
function overview(value: Value): HoverPart[] {
  const picture = pictureOf(value);
  if (picture === null) return [];
  const { min, max, mean, std, zeros, nans, infinities } = statisticsOf(value);
  const number = (element: Element): string => formatElement(element, "float64");
  const words = [
    l10n.t("min {0}, max {1}, mean {2}, std {3}", number(min), number(max), number(mean), number(std)),
    ...(zeros > 0 ? [l10n.t("{0} of {1} are zero", zeros, numel(value.shape))] : []),
    ...(nans > 0 ? [l10n.t("{0} are NaN", nans)] : []),
    ...(infinities > 0 ? [l10n.t("{0} are infinite", infinities)] : []),
  ].join("  ·  ");
  const shown =
    picture.part === "first"
      ? [line(l10n.t("The picture is of the first of its matrices."))]
      : picture.part === "sampled"
        ? [line(l10n.t("The picture is of some of its elements."))]
        : [];
  return [{ kind: "picture", picture, alt: words }, ...shown, line(words)];
}

/** What the backward pass did by now, and what it will need. */
function passParts(trace: Trace, place: Place | null, description: Description): HoverPart[] {
  const { gradFn, gradient, reason } = description;
  const parts: HoverPart[] = [];
  if (gradient !== null && place !== null) {
    const steps = trace.backwards[place.backward]?.steps.length ?? 0;
    parts.push(
      line(l10n.t("gradient at step {0} of {1}", place.step + 1, steps)),
      code(formatValue(gradient)),
      ...overview(gradient),
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

function linksOf(tensor: number, { gradFn }: Description): HoverPart {
  const subject: Subject = { kind: "tensor", tensor };
  const links: Link[] = [{ text: l10n.t("Why this gradient?"), command: "backstep.why", argument: subject }];
  if (gradFn !== null)
    links.unshift({
      text: l10n.t("Reveal in graph"),
      command: "backstep.stepToCursor",
      argument: gradFn.node,
    });
  return { kind: "links", links };
}

const line = (text: string): HoverPart => ({ kind: "line", text });
const code = (text: string): HoverPart => ({
  kind: "code",
  text: text.length > CODE_LIMIT ? `${text.slice(0, CODE_LIMIT)}…` : text,
});
