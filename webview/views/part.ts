/** Elements of a large tensor, asked of the host: a window of rows and columns, which begins where the person says. */
import * as l10n from "@vscode/l10n";
import type { SliceAnswer } from "../../extension/panel/protocol.ts";
import type { Value } from "../../trace/schema.ts";
import type { Summary } from "../../trace/slice.ts";
import { askForSlice } from "../slices.ts";
import { h, withAttributes } from "./html.ts";

/** Rows and columns of a window. */
const ROWS = 10;
const COLUMNS = 8;

/** The window that was asked for, and what came of it. */
export class Window {
  from: readonly number[] = [];
  asked: { readonly key: string; answer: SliceAnswer | null } | null = null;
}

/** `draw` shows what came; `again` is called when something has come or was chosen. */
export function part(
  { shape, stored }: Summary,
  window: Window,
  draw: (value: Value) => Node | null,
  again: () => void,
): HTMLElement {
  const sizes = shape.map((size, d) => Math.min(size, [COLUMNS, ROWS][shape.length - 1 - d] ?? 1));
  const from = shape.map((size, d) => Math.min(window.from[d] ?? 0, size - (sizes[d] as number)));
  const spans = from.map((start, d) => ({ start, end: start + (sizes[d] as number) }));
  const key = JSON.stringify([stored, spans]);
  if (window.asked?.key !== key && stored !== undefined) {
    const asked: NonNullable<Window["asked"]> = { key, answer: null };
    window.asked = asked;
    void askForSlice(stored, spans).then((answer) => {
      asked.answer = answer;
      if (window.asked === asked) again();
    });
  }
  const fields = from.map((start, d) => {
    const size = sizes[d] as number;
    const most = (shape[d] as number) - size;
    const label = l10n.t("first index of dimension {0}, from 0 to {1}", d, most);
    const field = indexField(label, start, most, `from ${d}`, (next) => {
      window.from = from.map((old, e) => (e === d ? next : old));
      again();
    });
    return size === 1 ? [field] : [field, `:${start + size}`];
  });
  const where = h("span.slicing", "[", ...fields.flatMap((each, i) => (i > 0 ? [", ", ...each] : each)), "]");
  const answer = window.asked?.answer ?? null;
  const shown =
    answer === null
      ? h("p.caption", l10n.t("asking for these elements…"))
      : answer.kind === "failed"
        ? h("p.bad", answer.message)
        : draw(answer.value);
  return h("div", where, shown);
}

/** A field for an index from 0 to `most`; what is beyond is taken for the nearest. */
export function indexField(
  label: string,
  value: number,
  most: number,
  key: string,
  change: (next: number) => void,
): HTMLInputElement {
  const input = withAttributes(h("input"), {
    type: "number",
    min: "0",
    max: String(most),
    value: String(value),
    "aria-label": label,
  });
  input.dataset.key = key;
  input.addEventListener("change", () => {
    const wanted = Math.round(Number(input.value));
    change(Number.isFinite(wanted) ? Math.min(Math.max(wanted, 0), most) : 0);
  });
  return input;
}
