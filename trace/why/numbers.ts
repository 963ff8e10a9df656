/** Small questions about recorded numbers: is it all zero, where is it not finite, what stands at one element. */
import { formatElement } from "../format.ts";
import { withNumbers } from "../formula.ts";
import type { Downstream, Element, Term, Value } from "../schema.ts";
import { numel } from "../shape.ts";

const isZero = (element: Element): boolean => element === 0 || element === "-0" || element === false;
const isFiniteElement = (element: Element): boolean =>
  element !== "NaN" && element !== "Infinity" && element !== "-Infinity";

/** Every element is 0 (and there is one). */
export function allZero(value: Value): boolean {
  if (value.kind === "inline") return value.data.length > 0 && value.data.every(isZero);
  return value.statistics.zeros === numel(value.shape);
}

/** How many elements are 0. */
export function zeros(value: Value): number {
  return value.kind === "inline" ? value.data.filter(isZero).length : value.statistics.zeros;
}

export function hasNonFinite(value: Value | null): boolean {
  if (value === null) return false;
  if (value.kind === "inline") return !value.data.every(isFiniteElement);
  return value.statistics.nans + value.statistics.infinities > 0;
}

/** The flat index of the first element that is NaN or infinite; null where there is none or the value is a summary. */
export function firstNonFinite(value: Value): number | null {
  if (value.kind !== "inline") return null;
  const at = value.data.findIndex((element) => !isFiniteElement(element));
  return at < 0 ? null : at;
}

/** `[0, 2]`: the index of the flat place `at`; `` for a scalar. */
export function indexText(shape: readonly number[], at: number): string {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(at % size);
    at = Math.floor(at / size);
  }
  return index.length === 0 ? "" : `[${index.join(", ")}]`;
}

/** The element at a flat place, as a person reads it; null for a summary. */
export function elementText(value: Value, at: number): string | null {
  if (value.kind !== "inline") return null;
  const element = value.data[at] ?? value.data[0];
  return element === undefined ? null : formatElement(element, value.dtype);
}

const scalar = ({ dtype, data }: Extract<Value, { kind: "inline" }>, at: number): Value => ({
  kind: "inline",
  shape: [],
  dtype,
  data: [data[at] as Element],
});

/**
 * The rule with the numbers of one element put in: `0 / (2 * 0)`. Null where a term has another shape than the
 * gradient, so that no single number of it belongs to the element.
 */
export function ruleAt({ formula, terms, value, unbroadcast }: Downstream, at: number): string | null {
  const shape = (unbroadcast?.before ?? value)?.shape;
  if (formula === null || shape === undefined) return null;
  const single: Term[] = [];
  for (const term of terms) {
    const { content } = term;
    if (content.kind === "literal") single.push(term);
    else if (content.kind === "value" && content.value.kind === "inline") {
      const { value: whole } = content;
      const same = whole.shape.length === shape.length && whole.shape.every((size, i) => size === shape[i]);
      if (!same && whole.data.length !== 1) continue;
      single.push({ ...term, content: { kind: "value", value: scalar(whole, same ? at : 0) } });
    }
  }
  const names = formula.match(/(?<![\w.])[A-Za-z_]\w*(?!\w|\s*\()/g) ?? [];
  const known = new Set(single.map(({ start, end }) => formula.slice(start, end)));
  return names.every((name) => known.has(name)) ? withNumbers(formula, single) : null;
}
