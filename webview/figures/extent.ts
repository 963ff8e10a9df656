/** From where to where the axes of a figure go, as matplotlib chooses it: what is drawn, and a twentieth around it. */
import * as d3 from "d3";
import type { FigureAxes, FigureMark } from "../../trace/figure.ts";

type Numbers = readonly (number | null)[];

/** What a mark takes of an axis; `tight` where nothing is left free around it. */
function taken(mark: FigureMark, axis: "x" | "y"): { values: Numbers; tight: boolean; zero?: boolean } {
  switch (mark.kind) {
    case "line":
    case "points":
      return { values: mark[axis], tight: false };
    case "bars": {
      const along = mark.horizontal === (axis === "y");
      // Bars stand on the axis itself.
      return along
        ? { values: [...mark.from, ...mark.to], tight: false }
        : { values: [...mark.base, ...mark.top], tight: false, zero: true };
    }
    case "area":
      return { values: axis === "x" ? mark.x : [...mark.low, ...mark.high], tight: false };
    case "image":
      return { values: [mark[axis].from, mark[axis].to], tight: true };
    case "contour":
      return { values: d3.extent(mark[axis]) as number[], tight: true };
    case "rule":
      return { values: mark.axis === axis ? [mark.at] : [], tight: false };
    case "text":
      return { values: [], tight: false };
  }
}

export function extentOf(axes: FigureAxes, axis: "x" | "y"): [number, number] {
  const { limits, scale } = axes[axis];
  if (limits !== null) return [limits.from, limits.to];
  const parts = axes.marks.map((mark) => taken(mark, axis));
  const log = scale === "log";
  const values = parts
    .flatMap((part) => part.values)
    .filter((value): value is number => value !== null && (!log || value > 0));
  const [low, high] = d3.extent(values);
  if (low === undefined || high === undefined) return log ? [0.1, 1] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : pad(Math.log10(low), Math.log10(high), 10);
  if (parts.every(({ tight, values: part }) => tight || part.length === 0)) return [low, high];
  if (low === high) return [low - (Math.abs(low) || 1) * 0.05, high + (Math.abs(high) || 1) * 0.05];
  const [from, to] = pad(low, high);
  const standing = parts.some(({ zero }) => zero);
  return [standing && low === 0 ? 0 : from, standing && high === 0 ? 0 : to];
}

function pad(low: number, high: number, base?: number): [number, number] {
  const more = (high - low) * 0.05;
  return base === undefined ? [low - more, high + more] : [base ** (low - more), base ** (high + more)];
}
