/** Draws open groups: a frame around what is in them, and a title that folds them up again. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import type { Group as Folded } from "../../trace/groups.ts";
import type { Frame } from "../layout/graph.ts";
import { groupTitle } from "../layout/groupFace.ts";
import type { Area } from "../layout/plan.ts";
import { TITLE_COLUMNS } from "../layout/size.ts";
import { columns, plain } from "../plain.ts";
import type { Scene } from "./scene.ts";

type Layer = d3.Selection<SVGGElement, unknown, null, undefined>;

const TITLE = { height: 22, inset: 5, column: 7 } as const;

export function frameTitle({ trace, picture }: Scene, frame: Frame): string {
  const { tree } = picture.graph;
  return plain(groupTitle(trace, picture.graph, tree.groups[frame.group] as Folded), TITLE_COLUMNS + 10);
}

/** `hulls` lie under the wires, `titles` above all. */
export function drawFrames(
  hulls: Layer,
  titles: Layer,
  scene: Scene,
  frames: readonly Frame[],
  duration: number,
): void {
  const area = (frame: Frame): Area => scene.arrangement.frames.get(frame.id) as Area;
  const depth = new Map<string, number>();
  for (const frame of frames) depth.set(frame.id, 1 + (depth.get(frame.parent ?? "") ?? 0));
  const rects = hulls
    .selectAll<SVGRectElement, Frame>("rect")
    .data(frames, (frame) => frame.id)
    .join(
      (enter) => place(enter.append("rect").attr("rx", 10)).classed("entering", duration > 0),
      (update) => {
        if (duration > 0) place(update.transition().duration(duration) as never);
        else place(update);
        return update;
      },
    );
  rects.attr("class", (frame) => `hull hull-${(depth.get(frame.id) ?? 1) % 2}`).order();

  function place(
    selection: d3.Selection<SVGRectElement, Frame, SVGGElement, unknown>,
  ): d3.Selection<SVGRectElement, Frame, SVGGElement, unknown> {
    return selection
      .attr("x", (frame) => area(frame).x)
      .attr("y", (frame) => area(frame).y)
      .attr("width", (frame) => area(frame).width)
      .attr("height", (frame) => area(frame).height);
  }

  titles
    .selectAll<SVGGElement, Frame>("g.frame-title")
    .data(frames, (frame) => frame.id)
    .join((enter) => {
      const group = enter.append("g").attr("class", "frame-title");
      group
        .append("rect")
        .attr("class", "frame")
        .attr("role", "button")
        .attr("aria-expanded", "true")
        .attr("tabindex", -1)
        .attr("height", TITLE.height)
        .attr("rx", 6);
      const face = group.append("g").attr("aria-hidden", "true");
      face.append("path").attr("class", "unfold").attr("d", "M7 9l4.5 5l4.5 -5");
      face.append("text").attr("x", 22).attr("y", 15.5);
      return group;
    })
    .attr("transform", (frame) => {
      const { x, y } = area(frame);
      return `translate(${x + TITLE.inset},${y + TITLE.inset})`;
    })
    .each(function (frame) {
      const title = frameTitle(scene, frame);
      const group = d3.select(this);
      group.select("text").text(title);
      group
        .select(".frame")
        .attr("width", columns(title) * TITLE.column + 34)
        .attr("aria-label", l10n.t("{0}, open group", title));
    });
}
