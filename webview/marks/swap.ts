/** `swap`: each operand's saved value crosses to the other side and multiplies the gradient there. */
import { circle, ess, hueClass, livePorts, type Mark, n, type Stroke } from "./mark.ts";

/** Strands that end in a sign under their port; the later ones pass over the earlier. */
export function strandsTo(shape: Parameters<Mark>[0], sign: (x: number) => Stroke[], end: number): Stroke[] {
  const { height, ports, pegs, strands } = shape;
  const strokes: Stroke[] = [];
  for (const { peg, port } of strands) {
    const from = pegs[peg];
    const to = ports[port];
    if (from === undefined || to === undefined || !to.live) continue;
    const d = ess(from.x, height, to.x, end);
    strokes.push({ d, className: "halo" }, { d, className: `strand${hueClass(from.hue)}` });
  }
  for (const { x } of livePorts(shape)) {
    strokes.push({ d: `M${n(x)} 0V${n(end)}`, className: "mark-line" }, ...sign(x));
  }
  return strokes;
}

/** A multiplication sign in a disc. */
export const times = (x: number, y: number, r = 6.5): Stroke[] => [
  { d: circle(x, y, r), className: "sign-disc" },
  {
    d: `M${n(x - r / 2.4)} ${n(y - r / 2.4)}L${n(x + r / 2.4)} ${n(y + r / 2.4)}M${n(x + r / 2.4)} ${n(y - r / 2.4)}L${n(x - r / 2.4)} ${n(y + r / 2.4)}`,
    className: "sign",
  },
];

export const swap: Mark = (shape) => {
  const small = shape.height < 40;
  return strandsTo(shape, (x) => (small ? times(x, 6, 4.5) : times(x, 12)), small ? 9 : 14);
};
