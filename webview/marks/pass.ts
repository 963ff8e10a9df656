/** `pass`: a straight pipe to every input; what comes in below goes out unchanged. */
import { chevron, livePorts, type Mark, n, pipe } from "./mark.ts";

export const pass: Mark = (shape) => {
  const { width, height } = shape;
  const centre = width / 2;
  const join = height - 9;
  const ports = livePorts(shape);
  const d = ports
    .map(({ x }) =>
      Math.abs(x - centre) < 1
        ? `M${n(x)} 0V${n(height)}`
        : `M${n(x)} 0V${n(join - 6)}Q${n(x)} ${n(join)} ${n(x + Math.sign(centre - x) * 6)} ${n(join)}H${n(centre)}V${n(height)}`,
    )
    .join("");
  return [
    ...pipe(d),
    ...ports.map(({ x }) => ({ d: chevron(x, height / 2 - 8, 3), className: "mark-line flow" })),
  ];
};
