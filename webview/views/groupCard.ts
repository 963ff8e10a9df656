/** Draws a folded group: what it is, what is in it, how far the pass has come there and how large its gradients are. */

import { groupPass, stepsDone } from "../layout/progress.ts";
import type { Face } from "../layout/size.ts";
import { type Group, text } from "./drawing.ts";
import type { Scene } from "./scene.ts";
import { positionOn, tintOf } from "./tint.ts";

/** Heights of the bars, px. */
const BAR = { least: 2, most: 13, base: 56 } as const;

export function drawGroup(group: Group, { width, title, value, name }: Face): void {
  group.append("path").attr("class", "unfold").attr("d", "M11 14l5 4.5l-5 4.5");
  text(group, "title", 24, 22.5, title);
  text(group, "second", 12, 39, name === null ? (value ?? "") : `${value} · ${name}`);
  group
    .append("g")
    .attr("class", "bars")
    .attr("transform", `translate(12,0)`)
    .attr("data-width", width - 24);
}

/** The bars: one for each stretch of the group; those that the pass has come through are filled. */
export function updateBars(group: Group, face: Face, scene: Scene): void {
  const bars = group.select<SVGGElement>(".bars");
  const { state, trace, picture } = scene;
  const index = face.card.group;
  if (state === null || index === null) {
    bars.selectAll("*").remove();
    return;
  }
  const pass = groupPass(trace, picture.graph.tree, state.place.backward, index);
  const range = scene.range;
  const step = (face.width - 24) / pass.bars.length;
  bars
    .selectAll<SVGRectElement, (typeof pass.bars)[number]>("rect")
    .data(pass.bars)
    .join("rect")
    .attr("x", (_, i) => i * step)
    .attr("width", Math.max(1, Math.min(step - 1, 10)))
    .attr("y", ({ magnitude }) => BAR.base - barHeight(range, magnitude))
    .attr("height", ({ magnitude }) => barHeight(range, magnitude))
    .attr("class", (bar) => (bar.step >= 0 && bar.step <= state.place.step ? "bar reached" : "bar"))
    .style("--tint", ({ magnitude }) =>
      scene.sizes === null || magnitude === null ? null : tintOf(range, magnitude).color,
    );
}

function barHeight(range: Scene["range"], magnitude: Parameters<typeof tintOf>[1] | null): number {
  if (magnitude === null) return 1;
  if (magnitude.broken) return BAR.most;
  return BAR.least + ((positionOn(range, magnitude.rms) + 1) / 2) * (BAR.most - BAR.least);
}

/** How many of its steps are done, of how many; null where there is no pass. */
export function progressOf(
  face: Face,
  { state, trace, picture }: Scene,
): { done: number; of: number } | null {
  const index = face.card.group;
  if (state === null || index === null) return null;
  const pass = groupPass(trace, picture.graph.tree, state.place.backward, index);
  return { done: stepsDone(pass, state.place.step), of: pass.steps.length };
}
