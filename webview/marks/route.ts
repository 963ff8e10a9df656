/** `route`: a switch; the gradient goes on where the lane is open, and nowhere where it is closed. */
import { circle, livePorts, type Mark, n, type Stroke } from "./mark.ts";

const LANES = 8;

export const route: Mark = (shape) => {
  const ports = livePorts(shape);
  return ports.length > 1 ? points(shape) : lanes(shape);
};

/** Several inputs: a lever that leads to the one or the other. */
const points: Mark = (shape) => {
  const { width, height } = shape;
  const pivot = { x: width / 2, y: height - 10 };
  const ports = livePorts(shape);
  return [
    ...ports.map(({ x }, i) => ({
      d: `M${n(x)} 0V6L${n(pivot.x + (x - pivot.x) * 0.35)} ${n(pivot.y - 9)}`,
      className: i === 0 ? "mark-line" : "mark-line closed",
    })),
    { d: `M${n(pivot.x)} ${n(height)}V${n(pivot.y)}`, className: "mark-line" },
    {
      d: `M${n(pivot.x)} ${n(pivot.y)}L${n(pivot.x + ((ports[0]?.x ?? 0) - pivot.x) * 0.35)} ${n(pivot.y - 9)}`,
      className: "lever",
    },
    { d: circle(pivot.x, pivot.y, 3), className: "mark-dot" },
  ];
};

/** One input: a lane for each element (one open and one closed where that is not known). */
const lanes: Mark = (shape) => {
  const { width, height } = shape;
  const open = (shape.lanes ?? [true, false]).slice(0, LANES);
  const gap = Math.min(30, (width - 16) / open.length);
  const xs = open.map((_, i) => width / 2 + (i - (open.length - 1) / 2) * gap);
  const low = height - 8;
  const high = 8;
  const first = xs[0] as number;
  const last = xs.at(-1) as number;
  const strokes: Stroke[] = [
    { d: `M${n(first)} ${n(low)}H${n(last)}M${n(width / 2)} ${n(low)}V${n(height)}`, className: "mark-line" },
    ...livePorts(shape).map(({ x }) => ({
      d: `M${n(Math.min(first, x))} ${n(high)}H${n(Math.max(last, x))}M${n(x)} ${n(high)}V0`,
      className: "mark-line",
    })),
  ];
  xs.forEach((x, i) => {
    const middle = (low + high) / 2;
    if (open[i]) strokes.push({ d: `M${n(x)} ${n(low)}V${n(high)}`, className: "mark-line" });
    else
      strokes.push(
        {
          d: `M${n(x)} ${n(low)}V${n(middle + 6)}M${n(x)} ${n(middle - 6)}V${n(high)}`,
          className: "mark-line closed",
        },
        { d: `M${n(x)} ${n(middle + 6)}L${n(x + 6)} ${n(middle - 4)}`, className: "lever closed" },
      );
    strokes.push({ d: circle(x, middle + 6, 1.8), className: open[i] ? "mark-dot" : "mark-dot closed" });
  });
  return strokes;
};
