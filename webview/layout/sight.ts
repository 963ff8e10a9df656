/** Which cards and wires lie in a part of the picture: a spatial index over an arrangement. */
import Flatbush from "flatbush";
import type { Picture } from "../picture.ts";
import type { Card, Wire } from "./graph.ts";
import type { Area, Arrangement, Course, Point } from "./plan.ts";

export interface Sight {
  cardsIn(area: Area): Card[];
  wiresIn(area: Area): Wire[];
  /** How many cards lie there. */
  count(area: Area): number;
}

const nothing: Sight = { cardsIn: () => [], wiresIn: () => [], count: () => 0 };

export function sightOf({ graph, faces }: Picture, arrangement: Arrangement): Sight {
  const { cards, wires } = graph;
  if (cards.length === 0) return nothing;
  const boxes = new Flatbush(cards.length);
  for (const { id } of cards) {
    const { x, y } = arrangement.boxes.get(id) as Point;
    const { width, height } = faces.get(id) as { width: number; height: number };
    boxes.add(x, y, x + width, y + height);
  }
  boxes.finish();
  const lines = wires.length === 0 ? null : new Flatbush(wires.length);
  if (lines !== null) {
    for (const { id } of wires) {
      let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
      for (const { x, y } of (arrangement.lines.get(id) as Course).points) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
      lines.add(left, top, right, bottom);
    }
    lines.finish();
  }
  const within = (index: Flatbush, { x, y, width, height }: Area): number[] =>
    index.search(x, y, x + width, y + height);
  return {
    // In the picture's own order: the same view draws the same elements in the same order.
    cardsIn: (area) =>
      within(boxes, area)
        .sort((a, b) => a - b)
        .map((i) => cards[i] as Card),
    wiresIn: (area) =>
      lines === null
        ? []
        : within(lines, area)
            .sort((a, b) => a - b)
            .map((i) => wires[i] as Wire),
    count: (area) => within(boxes, area).length,
  };
}
