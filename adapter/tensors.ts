/** How a tensor is shown in a debugger: shape first, then numbers a slice at a time, then statistics; never all at once. */
import * as l10n from "@vscode/l10n";
import { formatElement, formatShape, formatValue, pythonLiteral } from "../trace/format.ts";
import type { Element, Value } from "../trace/schema.ts";
import { numel } from "../trace/shape.ts";
import { statisticsOf } from "../trace/statistics.ts";

/** One line of the Variables view. */
export interface Entry {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** What stands below it. */
  readonly children?: Children;
  /** An expression that gives it in the watch view. */
  readonly evaluateName?: string;
  /** What an edit of it changes. */
  readonly target?: Target;
  /** The tensor itself, where it is one. */
  readonly tensor?: Value;
}

export interface Children {
  /** Numbered children, asked for a page at a time. */
  readonly indexed: number;
  /** `count` from `start` on of the numbered ones; without `filter` "indexed" the named ones come first. */
  readonly list: (filter: "indexed" | "named", start: number, count: number) => readonly Entry[];
}

/** What can be given another value: by running the program again with it. */
export type Target =
  | { readonly kind: "leaf"; readonly tensor: number }
  | { readonly kind: "literal"; readonly node: number; readonly text: string };

export const named = (list: () => readonly Entry[]): Children => ({
  indexed: 0,
  list: (filter) => (filter === "named" ? list() : []),
});

/** Characters of a value that a line shows. */
const LINE = 200;

export const line = (text: string): string => (text.length > LINE ? `${text.slice(0, LINE)}…` : text);

/** `None` for null. */
export function tensorEntry(
  name: string,
  value: Value | null,
  more: Pick<Entry, "evaluateName" | "target"> = {},
): Entry {
  if (value === null) return { name, value: "None", type: "NoneType", ...more };
  const { shape, dtype } = value;
  return {
    name,
    value: line(`${formatShape(shape)} ${formatValue(value)}`),
    type: `torch.${dtype}`,
    tensor: value,
    children: named(() => [
      { name: "shape", value: formatShape(shape), type: "torch.Size" },
      { name: "dtype", value: `torch.${dtype}`, type: "torch.dtype" },
      valuesEntry(value),
      statisticsEntry(value),
    ]),
    ...more,
  };
}

function valuesEntry(value: Value): Entry {
  if (value.kind === "summary")
    return {
      name: l10n.t("values"),
      value: l10n.t("{0} elements: the trace holds only a summary of them", numel(value.shape)),
    };
  const { shape, dtype, data } = value;
  if (shape.length === 0) return { name: l10n.t("values"), value: formatElement(data[0] as Element, dtype) };
  return { name: l10n.t("values"), value: line(formatValue(value)), children: slices(value, 0, 0) };
}

/** The slices along one dimension of an inline value; of the last dimension, the elements. */
function slices(value: Extract<Value, { kind: "inline" }>, level: number, offset: number): Children {
  const { shape, dtype, data } = value;
  const size = shape[level] ?? 0;
  const inner = numel(shape.slice(level + 1));
  const slice = (i: number): Entry => {
    const at = offset + i * inner;
    if (level === shape.length - 1)
      return { name: `[${i}]`, value: formatElement(data[at] as Element, dtype), type: dtype };
    const part: Value = {
      kind: "inline",
      dtype,
      shape: shape.slice(level + 1),
      data: data.slice(at, at + inner),
    };
    return { name: `[${i}]`, value: line(formatValue(part)), children: slices(value, level + 1, at) };
  };
  return {
    indexed: size,
    list: (filter, start, count) =>
      filter === "named"
        ? []
        : Array.from({ length: Math.max(0, Math.min(count, size - start)) }, (_, i) => slice(start + i)),
  };
}

function statisticsEntry(value: Value): Entry {
  const statistics = statisticsOf(value);
  const number = (x: Element): string => formatElement(x, "float64");
  const { min, max, mean, std, norm, zeros, nans, infinities } = statistics;
  return {
    name: l10n.t("statistics"),
    value:
      nans + infinities > 0
        ? l10n.t("mean {0}, norm {1}, {2} NaN, {3} infinite", number(mean), number(norm), nans, infinities)
        : l10n.t("mean {0}, norm {1}", number(mean), number(norm)),
    children: named(() => [
      ...Object.entries({ min, max, mean, std, norm }).map(([name, x]) => ({ name, value: number(x) })),
      { name: "zeros", value: String(zeros) },
      { name: "nans", value: String(nans) },
      { name: "infinities", value: String(infinities) },
    ]),
  };
}

/** The whole tensor as Python code where the trace has it, else its summary: what goes to the clipboard. */
export const clipboardText = (value: Value): string => pythonLiteral(value) ?? formatValue(value);
