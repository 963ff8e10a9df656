/** `sum`: many gradients run together and are added up. */
import { spread } from "./copy.ts";
import { circle, ess, livePorts, type Mark, n, type Stroke } from "./mark.ts";

/** A plus sign in a disc. */
export const plus = (x: number, y: number, r = 6.5): Stroke[] => [
  { d: circle(x, y, r), className: "sign-disc" },
  {
    d: `M${n(x - r / 1.8)} ${n(y)}H${n(x + r / 1.8)}M${n(x)} ${n(y - r / 1.8)}V${n(y + r / 1.8)}`,
    className: "sign",
  },
];

export const sum: Mark = (shape) => {
  const { width, height } = shape;
  const xs = spread(width);
  const y = height * 0.32;
  return [
    { d: xs.map((x) => ess(x, height - 5, width / 2, y)).join(""), className: "mark-line" },
    ...xs.map((x) => ({ d: circle(x, height - 5, 2.6), className: "mark-dot" })),
    ...livePorts(shape).map(({ x }) => ({ d: ess(width / 2, y, x, 0), className: "mark-line" })),
    ...plus(width / 2, y),
  ];
};
