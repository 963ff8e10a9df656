/** A tensor to be read: numbers where they are few, a heatmap where they are many, a histogram, statistics, any slice. */
import * as l10n from "@vscode/l10n";
import { formatElement, formatShape, pythonLiteral } from "../../trace/format.ts";
import type { Element, Value } from "../../trace/schema.ts";
import { numel } from "../../trace/shape.ts";
import { ahead, greatest, sliceOf, statisticsOf } from "../../trace/statistics.ts";
import { heatmap } from "./heatmap.ts";
import { histogram } from "./histogram.ts";
import { h, withAttributes } from "./html.ts";
import { kindOf, type Look, type TensorLook, type TensorOptions } from "./look.ts";
import { indexField, part } from "./part.ts";

/** Up to this many are written as numbers unless the person says otherwise. */
const ROWS = 10;
const COLUMNS = 8;

export function tensorView(value: Value, options: TensorOptions): HTMLElement {
  const element = h("div.tensor");
  const show = (): void => {
    const focused = element.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset.key
      : undefined;
    element.replaceChildren(...parts(value, options, show));
    if (focused !== undefined) element.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  };
  show();
  return element;
}

function parts(value: Value, options: TensorOptions, again: () => void): (Node | string)[] {
  const { shape } = value;
  const { look } = options;
  if (numel(shape) === 0) return [h("code", "[]"), caption(value, [])];
  if (shape.length === 0 && value.kind === "inline") {
    const text = formatElement(value.data[0] as Element, value.dtype);
    return [picking(h(`span.scalar.${kindOf(value.data[0] as Element)}`, text), options, 0)];
  }
  const slice = sliceOf(value, look.at);
  const few = slice !== null && slice.rows <= ROWS && slice.columns <= COLUMNS;
  const chosen: Look = look.look ?? (few ? "numbers" : "heatmap");
  const body =
    chosen === "numbers" && value.kind === "summary"
      ? part(value, look.window, (found) => partNumbers(found, options), again)
      : chosen === "histogram"
        ? histogram(value, options.label)
        : chosen === "heatmap" || slice === null
          ? heatmap(value, slice, options)
          : shape.length === 1 && slice.columns <= COLUMNS
            ? list(value, slice, options)
            : numbers(value, slice, options);
  const numbered = value.kind === "inline" || value.stored !== undefined;
  const looks: Look[] = numbered ? ["numbers", "heatmap", "histogram"] : ["heatmap", "histogram"];
  const buttons = numel(shape) < 2 ? [] : looks.map((each) => lookButton(each, each === chosen, look, again));
  const literal = pythonLiteral(value);
  if (literal !== null) {
    const copy = word(l10n.t("copy"), "copy", () => options.copy(literal), l10n.t("Copy as PyTorch code"));
    buttons.push(copy);
  }
  const more = word("⋯", "more", () => {
    look.open = !look.open;
    again();
  });
  more.title = l10n.t("Look at it in another way");
  more.setAttribute("aria-label", l10n.t("{0}: look at it in another way", options.label));
  more.setAttribute("aria-expanded", String(look.open));
  return [
    ...slicers(value, look, again),
    body,
    caption(value, [more]),
    ...(look.open ? [h("div.looks", ...buttons), statistics(value)] : []),
  ];
}

/** A button that is only a word. */
function word(text: string, key: string, press: () => void, title = text): HTMLButtonElement {
  const button = withAttributes(h("button.word-button", text), { type: "button", title });
  button.dataset.key = key;
  button.addEventListener("click", press);
  return button;
}

function lookButton(each: Look, on: boolean, look: TensorLook, again: () => void): HTMLButtonElement {
  const names = { numbers: l10n.t("numbers"), heatmap: l10n.t("heatmap"), histogram: l10n.t("histogram") };
  const button = word(names[each], each, () => {
    look.look = each;
    again();
  });
  button.setAttribute("aria-pressed", String(on));
  return button;
}

function caption(value: Value, buttons: readonly HTMLElement[]): HTMLElement {
  const { zeros, nans, infinities } = statisticsOf(value);
  const marks = [
    nans > 0 ? h("span.bad", l10n.t("{0} NaN", nans)) : null,
    infinities > 0 ? h("span.bad", l10n.t("{0} infinite", infinities)) : null,
    zeros > 0 && numel(value.shape) > 1
      ? h("span", zeros === numel(value.shape) ? l10n.t("all zero") : l10n.t("{0} zero", zeros))
      : null,
  ].filter((mark) => mark !== null);
  return h("div.about", h("span.shape", formatShape(value.shape)), ...marks, ...buttons);
}

function statistics(value: Value): HTMLElement {
  const { min, max, mean, std, norm } = statisticsOf(value);
  const rows: [string, Element][] = [
    [l10n.t("min"), min],
    [l10n.t("max"), max],
    [l10n.t("mean"), mean],
    [l10n.t("std"), std],
    [l10n.t("norm"), norm],
  ];
  return h(
    "dl.statistics",
    ...rows.map(([name, number]) => h("div", h("dt", name), h("dd", formatElement(number, "float64")))),
    h("div", h("dt", "dtype"), h("dd", value.dtype)),
  );
}

/** A number field for each dimension that has no rows or columns. */
function slicers(value: Value, look: TensorLook, again: () => void): HTMLElement[] {
  const count = ahead(value.shape);
  if (count === 0 || value.kind === "summary") return [];
  const fields = Array.from({ length: count }, (_, d) => {
    const size = value.shape[d] as number;
    const label = l10n.t("index of dimension {0}, from 0 to {1}", d, size - 1);
    return indexField(label, look.at[d] ?? 0, size - 1, `dim ${d}`, (index) => {
      look.at = Array.from({ length: count }, (_, e) => (e === d ? index : (look.at[e] ?? 0)));
      again();
    });
  });
  const text = h(
    "span.slicing",
    "[",
    ...fields.flatMap((field, i) => (i > 0 ? [", ", field] : [field])),
    ", :, :]",
  );
  return [text];
}

/** A part of a large tensor: its elements have other places than those of the whole, so nothing of it is picked. */
function partNumbers(value: Value, options: TensorOptions): HTMLElement | null {
  const slice = sliceOf(value, []);
  return slice === null ? null : numbers(value, slice, { ...options, pick: null, marked: null });
}

type Slice = NonNullable<ReturnType<typeof sliceOf>>;

/** A few numbers in a row, as Python writes them. */
function list(value: Value, { data }: Slice, options: TensorOptions): HTMLElement {
  const most = greatest(data);
  const items = data.flatMap((element, i) => {
    const item = h(`span.item.${kindOf(element)}`);
    item.append(picking(h("span", formatElement(element, value.dtype)), options, i));
    tint(item, element, most);
    mark(item, options, i);
    return i > 0 ? [", ", item] : [item];
  });
  const row = h("span.list", "[", ...items, "]");
  if (options.pick != null) walkCells(row, 1);
  return row;
}

/** The hue and strength of a number among the others of its tensor. */
function tint(cell: HTMLElement, element: Element, most: number): void {
  const size = Number(element);
  if (!Number.isFinite(size) || most === 0) return;
  cell.classList.add(size < 0 ? "negative" : "positive");
  cell.style.setProperty("--share", String(Math.abs(size) / most));
}

function mark(cell: HTMLElement, { marked }: TensorOptions, flat: number): void {
  if (marked?.flat.has(flat)) cell.classList.add("marked", ...marked.className.split(" ").filter(Boolean));
}

function numbers(value: Value, slice: Slice, options: TensorOptions): HTMLElement {
  const { rows, columns, data, offset } = slice;
  const table = h("table.numbers");
  const most = greatest(data);
  for (let i = 0; i < rows; i++) {
    const row = h("tr");
    for (let j = 0; j < columns; j++) {
      const flat = offset + i * columns + j;
      const element = data[i * columns + j] as Element;
      const cell = h(`td.${kindOf(element)}`);
      const text = h("span", formatElement(element, value.dtype));
      tint(cell, element, most);
      mark(cell, options, flat);
      cell.append(picking(text, options, flat));
      row.append(cell);
    }
    table.append(row);
  }
  const frame = h("div.bracketed", table);
  const scroller = withAttributes(h("div.scroll-x", frame), { role: "group", "aria-label": options.label });
  if (options.pick != null) walkCells(table, columns);
  return scroller;
}

/** The element as a button, where it can be picked. */
function picking(content: HTMLElement, { pick, label }: TensorOptions, flat: number): HTMLElement {
  if (pick == null) return content;
  const button = withAttributes(h("button.pick", content), {
    type: "button",
    "aria-pressed": String(pick.picked === flat),
    title: l10n.t("How this number comes about"),
    "aria-label": l10n.t("{0}, element {1}: {2}", label, flat, content.textContent ?? ""),
  });
  button.dataset.key = `element ${flat}`;
  button.tabIndex = (pick.picked ?? 0) === flat ? 0 : -1;
  button.addEventListener("click", () => pick.choose(flat));
  return button;
}

/** Arrow keys go from element to element; the first or the picked one is what Tab reaches. */
function walkCells(table: HTMLElement, columns: number): void {
  const buttons = [...table.querySelectorAll<HTMLButtonElement>("button.pick")];
  if (!buttons.some((button) => button.tabIndex === 0) && buttons[0] !== undefined) buttons[0].tabIndex = 0;
  table.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const from = buttons.indexOf(event.target as HTMLButtonElement);
    const to = buttons[from + by];
    event.preventDefault();
    if (from < 0 || to === undefined) return;
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
    to.focus();
  });
}
