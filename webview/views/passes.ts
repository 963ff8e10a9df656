/** Several backward calls over time: the loss and the size of each leaf's gradient; any can be chosen, two compared. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import { formatElement } from "../../trace/format.ts";
import { type LeafKey, type Passes, type PassPoint, passesOf } from "../../trace/passes.ts";
import type { Trace } from "../../trace/schema.ts";
import { plain } from "../plain.ts";
import { dropdown } from "../ui.ts";
import { h } from "./html.ts";

const WIDTH = 360;
const HEIGHT = 130;
const MARGIN = { top: 8, right: 10, bottom: 20, left: 46 };
/** Leaves that get a line of their own: the ones with the largest gradients. */
const LINES = 6;

export interface PassesView {
  readonly element: HTMLElement;
  show(trace: Trace, backward: number): void;
}

export function passesView(choose: (backward: number) => void): PassesView {
  const element = h("section.pane.passes");
  let other = 0;
  let shown: { trace: Trace; backward: number } | null = null;
  const against = dropdown((index) => {
    other = index;
    draw();
  });

  function draw(): void {
    if (shown === null) return;
    const { trace, backward } = shown;
    const passes = passesOf(trace);
    const leaves = largest(passes);
    against.label(l10n.t("Pass to compare with"));
    against.show(
      passes.points.map(({ number }) => l10n.t("pass {0}", number)),
      other,
    );
    element.replaceChildren(
      h("h2", l10n.t("Passes")),
      chart(
        l10n.t("loss"),
        passes.points.map((point) => ({ ...point, values: new Map([["loss", point.loss]]) })),
        false,
        backward,
        choose,
      ),
      chart(
        l10n.t("norm of what each .grad gained"),
        passes.points.map((point) => ({
          ...point,
          values: new Map(leaves.map(([object, name]) => [name, point.norms.get(object) ?? null])),
        })),
        true,
        backward,
        choose,
      ),
      legend(leaves),
      ...(passes.points.some((point) => point.backward === null)
        ? [
            h(
              "p.caption",
              l10n.t(
                "Of the passes left of the dotted line only loss and norms were kept: they cannot be walked.",
              ),
            ),
          ]
        : []),
      h("label.against", l10n.t("Compared with"), " ", against.element),
      comparison(passes, shownAt(passes, backward), other),
    );
  }

  return {
    element,
    show(trace, backward) {
      if (shown?.trace !== trace) other = 0;
      if (shown?.trace === trace && shown.backward === backward) return;
      shown = { trace, backward };
      draw();
    },
  };
}

/** Where among the points the pass on show stands. */
const shownAt = ({ points }: Passes, backward: number): number =>
  points.findIndex((point) => point.backward === backward);

function largest({ points, leaves }: Passes): (readonly [LeafKey, string])[] {
  const most = ([leaf]: readonly [LeafKey, string]): number =>
    d3.max(points, ({ norms }) => norms.get(leaf) ?? 0) ?? 0;
  return [...leaves].sort((a, b) => most(b) - most(a)).slice(0, LINES);
}

type Point = PassPoint & { readonly values: ReadonlyMap<string, number | null> };

function chart(
  title: string,
  points: readonly Point[],
  log: boolean,
  chosen: number,
  choose: (pass: number) => void,
): HTMLElement {
  const all = points
    .flatMap(({ values }) => [...values.values()])
    .filter((x): x is number => x !== null && Number.isFinite(x) && (!log || x > 0));
  if (all.length === 0) return h("p.caption", l10n.t("{0}: not one number", title));
  const [start, end] = [points[0]?.number ?? 1, points.at(-1)?.number ?? 1];
  const x = d3.scaleLinear([start, Math.max(start + 1, end)], [MARGIN.left, WIDTH - MARGIN.right]);
  const current = points.find(({ backward }) => backward === chosen)?.number ?? start;
  const [least = 0, most = 1] = d3.extent(all) as [number, number];
  const pad = log ? 1 : (most - least || Math.abs(most) || 1) * 0.08;
  const domain = log ? [least / 1.5, most * 1.5] : [least - pad, most + pad];
  const y = (log ? d3.scaleLog : d3.scaleLinear)(domain, [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const svg = d3
    .create("svg")
    .attr("class", "chart")
    .attr("viewBox", `0 0 ${WIDTH} ${HEIGHT}`)
    .attr("role", "img")
    .attr(
      "aria-label",
      l10n.t(
        "{0} over {1} passes, from {2} to {3}",
        title,
        points.length,
        short(all[0] ?? 0),
        short(all.at(-1) ?? 0),
      ),
    );
  const ticks = log ? [least, most] : y.ticks(3);
  svg
    .selectAll("text.y")
    .data(ticks)
    .join("text")
    .attr("class", "y")
    .attr("x", MARGIN.left - 6)
    .attr("y", (value) => y(value) + 4)
    .attr("text-anchor", "end")
    .text((value) => short(value));
  svg
    .append("line")
    .attr("class", "chosen-pass")
    .attr("x1", x(current))
    .attr("x2", x(current))
    .attr("y1", MARGIN.top)
    .attr("y2", HEIGHT - MARGIN.bottom);
  const first = points.find(({ backward }) => backward !== null)?.number ?? start;
  if (first > start)
    svg
      .append("line")
      .attr("class", "kept-from")
      .attr("x1", x(first - 0.5))
      .attr("x2", x(first - 0.5))
      .attr("y1", MARGIN.top)
      .attr("y2", HEIGHT - MARGIN.bottom);
  const names = [...(points[0]?.values.keys() ?? [])];
  const line = d3
    .line<Point>()
    .defined((point) => usable(point.values.get(name) ?? null, log))
    .x((point) => x(point.number))
    .y((point) => y(point.values.get(name) as number));
  let name = "";
  for (const [i, each] of names.entries()) {
    name = each;
    svg
      .append("path")
      .attr("class", `line hue-${i % 4}${i >= 4 ? " dashed" : ""}`)
      .attr("d", line([...points]));
    if (points.length <= 40)
      for (const point of points) {
        const value = point.values.get(each) ?? null;
        if (usable(value, log))
          svg
            .append("circle")
            .attr("class", `hue-${i % 4}`)
            .attr("cx", x(point.number))
            .attr("cy", y(value as number))
            .attr("r", 2.5);
      }
  }
  svg
    .append("text")
    .attr("class", "x")
    .attr("x", MARGIN.left)
    .attr("y", HEIGHT - 5)
    .text(String(start));
  svg
    .append("text")
    .attr("class", "x")
    .attr("x", WIDTH - MARGIN.right)
    .attr("y", HEIGHT - 5)
    .attr("text-anchor", "end")
    .text(String(end));
  const element = svg.node() as SVGSVGElement;
  element.addEventListener("click", (event) => {
    const box = element.getBoundingClientRect();
    const at = Math.round(x.invert(((event.clientX - box.left) / box.width) * WIDTH));
    // Of the passes that are kept, the nearest.
    const kept = points.filter((point) => point.backward !== null);
    const nearest = d3.least(kept, (point) => Math.abs(point.number - at))?.backward;
    if (nearest != null) choose(nearest);
  });
  return h("div.charted", h("h3", title), element);
}

const usable = (value: number | null, log: boolean): boolean =>
  value !== null && Number.isFinite(value) && (!log || value > 0);

const short = (value: number): string =>
  d3.format(value !== 0 && Math.abs(value) < 1e-3 ? ".2~e" : ".3~g")(value);

function legend(leaves: readonly (readonly [LeafKey, string])[]): HTMLElement {
  return h(
    "ul.chart-legend",
    ...leaves.map(([, name], i) =>
      h("li", h(`span.key.hue-${i % 4}${i >= 4 ? ".dashed" : ""}`), plain(name, 30)),
    ),
  );
}

/** Two passes, number beside number. */
function comparison({ points, leaves }: Passes, left: number, right: number): HTMLElement {
  const [a, b] = [points[left], points[right]];
  if (a === undefined || b === undefined || left === right)
    return h("p.caption", l10n.t("Choose another pass to see both side by side."));
  const number = (value: number | null | undefined): string =>
    value == null ? "–" : formatElement(Number.isFinite(value) ? value : (String(value) as "NaN"), "float64");
  const row = (name: string, x: number | null | undefined, y: number | null | undefined): HTMLElement =>
    h(
      "tr",
      h("th", plain(name, 44)),
      h("td", number(x)),
      h("td", number(y)),
      h("td", x != null && y != null && y !== 0 ? `× ${short(x / y)}` : ""),
    );
  const head = h(
    "tr",
    h("td"),
    h("th", l10n.t("pass {0}", a.number)),
    h("th", l10n.t("pass {0}", b.number)),
    h("th", l10n.t("ratio")),
  );
  const rows = [...leaves]
    .slice(0, 40)
    .map(([object, name]) =>
      row(l10n.t("|added to {0}.grad|", name), a.norms.get(object), b.norms.get(object)),
    );
  return h("table.compared", h("thead", head), h("tbody", row(l10n.t("loss"), a.loss, b.loss), ...rows));
}
