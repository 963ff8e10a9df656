/** The pass as a strip: a tick for each node, as high as the gradient that arrived is large, over the lines of the source. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import type { PassMagnitudes } from "../../trace/magnitude.ts";
import { sourceText } from "../../trace/names.ts";
import type { Place } from "../../trace/place.ts";
import type { Range, Trace } from "../../trace/schema.ts";
import { type Move, wholeStep } from "../../trace/stepper.ts";
import { sizesOf } from "../measuring.ts";
import { lineIn } from "../place.ts";
import { columns, plain } from "../plain.ts";
import { roomOf } from "../room.ts";
import { h, withAttributes } from "./html.ts";

export interface Scrubber {
  readonly element: HTMLElement;
  show(trace: Trace, place: Place | null, stops: ReadonlySet<number>): void;
}

const HEIGHT = 34;
const BAND = 13;
const LEAST_TICK = 2;
const MOST_TICK = 17;
/** Half of the handle of the range below the ticks. */
const HANDLE = 8;
/** More nodes than this share ticks. */
const TICKS = 500;
/** A band narrower than this has no room for its line's number. */
const LABEL_ROOM = 24;
/** Of the words beside it, px for each column. */
const COLUMN = 7;

/** A run of steps that one line of the source made. */
interface Band {
  readonly from: number;
  readonly at: Range | null;
  to: number;
}

export function scrubber(move: (move: Move) => void): Scrubber {
  const range = withAttributes(h("input.scrub"), { type: "range", min: "0", step: "1" });
  const svg = d3.create("svg").attr("class", "strip").attr("height", HEIGHT).attr("aria-hidden", "true");
  const element = h("div.scrubber", svg.node(), range);
  let shown: { trace: Trace; place: Place; stops: ReadonlySet<number> } | null = null;
  let drawn: {
    trace: Trace;
    backward: number;
    width: number;
    stops: ReadonlySet<number>;
    sizes: PassMagnitudes | null;
  } | null = null;

  range.addEventListener("input", () => {
    if (shown === null) return;
    const { trace, place } = shown;
    move({ kind: "toPlace", place: wholeStep(trace, place.backward, Number(range.value) - 1) });
  });
  const room = roomOf(element, () => draw());

  function draw(): void {
    if (shown === null) return;
    const { trace, place, stops } = shown;
    const { width } = room;
    const { backward } = place;
    const steps = trace.backwards[backward]?.steps ?? [];
    const sizes = sizesOf(trace, backward, draw);
    if (
      drawn === null ||
      drawn.trace !== trace ||
      drawn.backward !== backward ||
      drawn.width !== width ||
      drawn.stops !== stops ||
      drawn.sizes !== sizes
    ) {
      drawn = { trace, backward, width, stops, sizes };
      svg.attr("width", width);
      drawStrip(svg, trace, backward, sizes, width, stopsAt(trace, backward, stops));
    }
    const x = position(steps.length, width);
    svg
      .selectAll("line.playhead")
      .data([place.step + 1])
      .join("line")
      .attr("class", "playhead")
      .attr("x1", x)
      .attr("x2", x)
      .attr("y2", HEIGHT);
  }

  return {
    element,
    show(trace, place, stops) {
      const steps = place === null ? [] : (trace.backwards[place.backward]?.steps ?? []);
      element.hidden = place === null || steps.length < 2;
      if (place === null || element.hidden) return;
      shown = { trace, place, stops: shown !== null && sameSet(shown.stops, stops) ? shown.stops : stops };
      range.max = String(steps.length);
      range.value = String(place.step + 1);
      range.setAttribute("aria-label", l10n.t("Place in the backward pass"));
      const node = trace.nodes[steps[place.step]?.node ?? -1];
      const name = node === undefined ? l10n.t("Start of the pass") : node.name;
      range.setAttribute(
        "aria-valuetext",
        l10n.t("step {0} of {1}: {2}", place.step + 1, steps.length, plain(name, 80)),
      );
      draw();
    },
  };
}

const sameSet = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean =>
  a.size === b.size && [...a].every((each) => b.has(each));

const position =
  (steps: number, width: number) =>
  (at: number): number =>
    HANDLE + ((width - 2 * HANDLE) * at) / Math.max(1, steps);

function stopsAt(trace: Trace, backward: number, stops: ReadonlySet<number>): number[] {
  if (stops.size === 0) return [];
  const steps = trace.backwards[backward]?.steps ?? [];
  return steps.flatMap(({ node }, i) => (stops.has(node) ? [i + 1] : []));
}

/** Log of the norm of what arrived at each step; null where nothing did, where it is zero or not known yet. */
function normsOf(trace: Trace, backward: number, sizes: PassMagnitudes | null): (number | null)[] {
  const steps = trace.backwards[backward]?.steps ?? [];
  return steps.map(({ node }) => {
    const size = sizes?.nodes.get(node);
    return size === undefined || size.broken || size.rms === 0
      ? null
      : Math.log10(size.rms * Math.sqrt(size.count));
  });
}

function bandsOf(trace: Trace, backward: number): Band[] {
  const bands: Band[] = [];
  trace.backwards[backward]?.steps.forEach(({ node }, i) => {
    const last = bands.at(-1);
    // A leaf has no line of its own: it belongs to whoever sent to it.
    const at = trace.nodes[node]?.range ?? last?.at ?? null;
    if (last !== undefined && last.at?.source === at?.source && last.at?.start.line === at?.start.line)
      last.to = i + 1;
    else bands.push({ from: i, to: i + 1, at });
  });
  return bands;
}

type Svg = d3.Selection<SVGSVGElement, undefined, null, undefined>;

function drawStrip(
  svg: Svg,
  trace: Trace,
  backward: number,
  magnitudes: PassMagnitudes | null,
  width: number,
  stops: readonly number[],
): void {
  const sizes = normsOf(trace, backward, magnitudes);
  const x = position(sizes.length, width);
  const known = sizes.filter((size) => size !== null);
  const [least = 0, most = 0] = d3.extent(known) as [number | undefined, number | undefined];
  const height = d3.scaleLinear([least, most === least ? least + 1 : most], [LEAST_TICK + 3, MOST_TICK]);
  const by = Math.max(1, Math.ceil(sizes.length / TICKS));
  const ticks = d3.range(0, sizes.length, by).map((i) => ({
    at: i + 1,
    size:
      d3.max(sizes.slice(i, i + by), (size) => size ?? Number.NEGATIVE_INFINITY) ?? Number.NEGATIVE_INFINITY,
  }));
  /** The last band ends half a step beyond the strip. */
  const seen = ({ from, to }: Band): number => Math.min(x(to + 0.5), width) - x(from + 0.5);
  const wide = bandsOf(trace, backward).filter(({ from, to }) => x(to) - x(from) >= 2);
  svg
    .selectAll<SVGRectElement, Band>("rect.band")
    .data(wide)
    .join("rect")
    .attr("class", (_, i) => (i % 2 === 0 ? "band" : "band other"))
    .attr("x", (band) => x(band.from + 0.5))
    .attr("width", (band) => Math.max(1, x(band.to) - x(band.from) - 1))
    .attr("y", HEIGHT - BAND)
    .attr("height", BAND)
    .selectAll("title")
    .data(({ at }) => [plain(sourceText(trace, at) ?? "", 80)])
    .join("title")
    .text((text) => text);
  svg
    .selectAll("text.line-nr")
    .data(wide.filter((band) => band.at !== null && seen(band) >= LABEL_ROOM))
    .join("text")
    .attr("class", "line-nr")
    .attr("x", (band) => x(band.from + 0.5) + seen(band) / 2)
    .attr("y", HEIGHT - 3)
    .attr("text-anchor", "middle")
    .text((band) => {
      if (band.at === null) return "";
      const words = lineIn(trace, band.at);
      return seen(band) >= COLUMN * columns(words) ? words : String(band.at.start.line + 1);
    });
  svg
    .selectAll("line.tick")
    .data(ticks)
    .join("line")
    .attr("class", "tick")
    .attr("x1", ({ at }) => x(at))
    .attr("x2", ({ at }) => x(at))
    .attr("y1", HEIGHT - BAND - 1)
    .attr("y2", ({ size }) => HEIGHT - BAND - 1 - (Number.isFinite(size) ? height(size) : LEAST_TICK));
  svg
    .selectAll("circle.stop")
    .data(stops)
    .join("circle")
    .attr("class", "stop")
    .attr("cx", x)
    .attr("cy", 4)
    .attr("r", 3);
  svg.selectAll("line.playhead").raise();
  svg.selectAll("text.line-nr").raise();
}
