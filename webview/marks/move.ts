/** `move`: the same numbers in another arrangement; nothing is computed. */
import { livePorts, type Mark, n, type Stroke } from "./mark.ts";

const FROM = [0, 1, 2, 3].map((i) => ({ x: i - 2, y: 0 }));
const TO = [0, 1, 2, 3].map((i) => ({ x: (i % 2) - 1, y: Math.floor(i / 2) }));

export const move: Mark = (shape) => {
  const { width, height } = shape;
  const centre = width / 2;
  const cell = height < 40 ? 5 : 7;
  const top = 3;
  const bottom = height - 3 - cell;
  const cells = (places: { x: number; y: number }[], y: number): Stroke[] =>
    places.map((place, i) => ({
      d: `M${n(centre + place.x * cell)} ${n(y + place.y * cell)}h${cell}v${cell}h${-cell}z`,
      className: `cell cell-${i}`,
    }));
  const tip = top + 2 * cell + 2;
  return [
    ...livePorts(shape).map(({ x }) => ({
      d: `M${n(x)} 0V${n(top - 1)}${x === centre ? "" : `H${n(centre)}`}`,
      className: "mark-line soft",
    })),
    ...cells(TO, top),
    ...cells(FROM, bottom),
    {
      d: `M${n(centre)} ${n(bottom - 2)}V${n(tip)}M${n(centre - 3)} ${n(tip + 3)}L${n(centre)} ${n(tip)}L${n(centre + 3)} ${n(tip + 3)}`,
      className: "mark-line flow",
    },
  ];
};
