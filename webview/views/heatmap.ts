/** Many numbers as colours: from one hue over the background at zero to another; zero is the middle of the scale. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import { formatElement, formatShape } from "../../trace/format.ts";
import type { Element, Value } from "../../trace/schema.ts";
import { greatest, type Slice } from "../../trace/statistics.ts";
import { h } from "./html.ts";
import { kindOf, type TensorOptions } from "./look.ts";

const WIDTH = 280;
const HEIGHT = 200;
/** Sides of a cell in pixels. */
const LEAST = 1;
const MOST = 18;

/** `slice` null: only the thumbnail of a summary is there. */
export function heatmap(value: Value, slice: Slice | null, options: TensorOptions): HTMLElement {
  const { rows, columns, data } =
    slice ?? (value.kind === "summary" ? ofThumbnail(value.thumbnail) : { rows: 0, columns: 0, data: [] });
  const most = greatest(data);
  const side = Math.max(LEAST, Math.min(MOST, Math.floor(Math.min(WIDTH / columns, HEIGHT / rows))));
  const svg = d3
    .create("svg")
    .attr("class", "heatmap")
    .attr("width", columns * side)
    .attr("height", rows * side)
    .attr("role", "img")
    .attr(
      "aria-label",
      l10n.t("{0}, as a heatmap from −{1} to {1}", options.label, formatElement(most, "float64")),
    );
  const gap = side > 6 ? 1 : 0;
  const offset = slice?.offset ?? 0;
  svg
    .selectAll<SVGRectElement, Element>("rect")
    .data(data)
    .join("rect")
    .attr("x", (_, i) => (i % columns) * side)
    .attr("y", (_, i) => Math.floor(i / columns) * side)
    .attr("width", side - gap)
    .attr("height", side - gap)
    .attr("class", (element, i) => {
      const marked =
        slice !== null && options.marked?.flat.has(offset + i) ? ` marked ${options.marked.className}` : "";
      const picked = slice !== null && options.pick?.picked === offset + i ? " picked" : "";
      return `cell ${kindOf(element)} ${Number(element) < 0 ? "negative" : "positive"}${marked}${picked}`;
    })
    .style("--share", (element) => String(share(element, most)))
    .each(function (_, i) {
      if (slice !== null && options.pick != null)
        this.addEventListener("click", () => options.pick?.choose(offset + i));
    })
    .append("title")
    .text(
      (element, i) => `[${Math.floor(i / columns)}, ${i % columns}]  ${formatElement(element, value.dtype)}`,
    );
  const pictured = value.kind === "summary" ? value.thumbnail.shape : null;
  const note =
    pictured === null || (pictured[0] === value.shape.at(-2) && pictured[1] === value.shape.at(-1))
      ? null
      : h("span.caption", l10n.t("averaged down to {0}", formatShape(pictured)));
  return h("div.pictured", svg.node(), legend(most), note);
}

const ofThumbnail = ({ shape, data }: Extract<Value, { kind: "summary" }>["thumbnail"]) => ({
  rows: shape[0] ?? 1,
  columns: shape[1] ?? 1,
  data,
});

/** How far from zero, as a share of the greatest; the root of it, so that small ones are seen. */
function share(element: Element, most: number): number {
  const size = Math.abs(Number(element));
  return Number.isFinite(size) && most > 0 ? Math.sqrt(size / most) : 0;
}

function legend(most: number): HTMLElement {
  const text = formatElement(most, "float64");
  return h("div.legend-scale", h("span", `−${text}`), h("span.ramp"), h("span", text));
}
