/** The key to the colours of gradient sizes: three real numbers of the pass on a log scale. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import type { PassMagnitudes } from "../../trace/magnitude.ts";
import { h, withAttributes } from "./html.ts";
import { colorAt, positionOn } from "./tint.ts";

export interface Legend {
  readonly element: HTMLElement;
  /** null: nothing is coloured by size. */
  show(range: PassMagnitudes["range"]): void;
}

const STEPS = 25;
const WIDTH = 180;

export function legend(): Legend {
  const svg = d3.create("svg").attr("width", WIDTH).attr("height", 12).attr("aria-hidden", "true");
  const words = h("p.legend-words");
  const ticks = h("p.legend-ticks");
  const element = withAttributes(h("div.size-key", words, svg.node() as unknown as HTMLElement, ticks), {
    role: "note",
  });
  element.hidden = true;
  return {
    element,
    show(range) {
      element.hidden = range === null;
      if (range === null) return;
      words.textContent = l10n.t("size of the gradient (root mean square), log scale");
      svg
        .selectAll("rect")
        .data(d3.range(STEPS))
        .join("rect")
        .attr("x", (i) => (i * WIDTH) / STEPS)
        .attr("width", WIDTH / STEPS + 0.5)
        .attr("y", (i) => 6 - thickness(i))
        .attr("height", (i) => 2 * thickness(i))
        .style("fill", (i) => colorAt(at(i)));
      const { low, middle, high } = range;
      const mark = (log: number): string => (10 ** log).toExponential(0);
      svg
        .selectAll("line")
        .data([low, middle, high].map((log) => ((positionOn(range, 10 ** log) + 1) / 2) * WIDTH))
        .join("line")
        .attr("x1", (x) => x)
        .attr("x2", (x) => x)
        .attr("y1", 0)
        .attr("y2", 12);
      ticks.textContent = l10n.t(
        "smallest {0} · middle {1} · largest {2}",
        mark(low),
        mark(middle),
        mark(high),
      );
    },
  };
}

/** From -1 to 1. */
const at = (i: number): number => (2 * i) / (STEPS - 1) - 1;
const thickness = (i: number): number => 1 + 2.2 * ((at(i) + 1) / 2) * 2;
