/** `custom`: a rule of the program's own; what it does inside is not known to the panel. */
import { circle, livePorts, type Mark, n } from "./mark.ts";

export const custom: Mark = (shape) => {
  const { width, height } = shape;
  const x = width / 2;
  const y = height / 2;
  const r = Math.min(14, height / 2 - 6);
  return [
    ...livePorts(shape).map((port) => ({
      d: `M${n(port.x)} 0L${n(x)} ${n(y - r)}M${n(x)} ${n(y + r)}V${n(height)}`,
      className: "mark-line soft",
    })),
    { d: circle(x, y, r), className: "dial dashed" },
    {
      d: `M${n(x + 5)} ${n(y - 6)}q-5 -4 -6 4l-1.5 8q-1 4 -4 2.5M${n(x - 4)} ${n(y - 1)}h8`,
      className: "mark-line",
    },
  ];
};
