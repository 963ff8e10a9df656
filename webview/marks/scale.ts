/** `scale`: a dial in the pipe; the gradient is multiplied, element by element, by the local derivative. */
import { circle, ess, hueClass, livePorts, type Mark, n, type Stroke } from "./mark.ts";

const TICKS = [-120, -60, 0, 60, 120];
const NEEDLE = 45;

export const scale: Mark = (shape) => {
  const { width, height, pegs, strands } = shape;
  const strokes: Stroke[] = [];
  const centres = livePorts(shape);
  const y = height / 2;
  const r = Math.min(15, height / 2 - 6);
  for (const { peg, port } of strands) {
    const from = pegs[peg];
    const to = shape.ports[port];
    if (from === undefined || to === undefined || !to.live) continue;
    strokes.push({ d: ess(from.x, height, to.x, y + r), className: `strand thin${hueClass(from.hue)}` });
  }
  for (const { x } of centres) {
    const at = (degrees: number, radius: number): string => {
      const angle = ((degrees - 90) * Math.PI) / 180;
      return `${n(x + radius * Math.cos(angle))} ${n(y + radius * Math.sin(angle))}`;
    };
    strokes.push(
      { d: `M${n(x)} 0V${n(y - r)}${ess(x, y + r, width / 2, height)}`, className: "mark-line" },
      { d: circle(x, y, r), className: "dial" },
      { d: TICKS.map((tick) => `M${at(tick, r - 3.5)}L${at(tick, r - 1)}`).join(""), className: "dial-tick" },
      { d: `M${n(x)} ${n(y)}L${at(NEEDLE, r - 4)}`, className: "dial-needle" },
      { d: circle(x, y, 1.8), className: "dial-pin" },
    );
  }
  return strokes;
};
