/** How often numbers of which size occur. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import { formatElement } from "../../trace/format.ts";
import type { Value } from "../../trace/schema.ts";
import { histogramOf } from "../../trace/statistics.ts";
import { h } from "./html.ts";

const WIDTH = 260;
const HEIGHT = 70;

export function histogram(value: Value, label: string): HTMLElement {
  const found = histogramOf(value);
  if (found === null) return h("p.caption", l10n.t("No finite number is in it."));
  const { min, max, counts } = found;
  const x = d3.scaleLinear([0, counts.length], [0, WIDTH]);
  const y = d3.scaleLinear([0, d3.max(counts) ?? 1], [0, HEIGHT]);
  const svg = d3
    .create("svg")
    .attr("class", "histogram")
    .attr("width", WIDTH)
    .attr("height", HEIGHT)
    .attr("role", "img")
    .attr(
      "aria-label",
      l10n.t(
        "{0}, as a histogram from {1} to {2}",
        label,
        formatElement(min, "float64"),
        formatElement(max, "float64"),
      ),
    );
  svg
    .selectAll("rect")
    .data(counts)
    .join("rect")
    .attr("x", (_, i) => x(i) + 0.5)
    .attr("width", x(1) - 1)
    .attr("y", (count) => HEIGHT - y(count))
    .attr("height", y)
    .append("title")
    .text(
      (count, i) =>
        `${formatElement(min + ((max - min) * i) / counts.length, "float64")} … ${formatElement(min + ((max - min) * (i + 1)) / counts.length, "float64")}: ${count}`,
    );
  if (min < 0 && max > 0) {
    const zero = (-min / (max - min)) * WIDTH;
    svg.append("line").attr("class", "zero-line").attr("x1", zero).attr("x2", zero).attr("y2", HEIGHT);
  }
  return h(
    "div.pictured",
    svg.node(),
    h("div.ends", h("span", formatElement(min, "float64")), h("span", formatElement(max, "float64"))),
  );
}
