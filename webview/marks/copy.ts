/** `copy`: one gradient from below becomes many equal ones. */
import { circle, ess, livePorts, type Mark, n } from "./mark.ts";

const MANY = 5;

/** Where the many stand along a row of that width. */
export const spread = (width: number): number[] => {
  const gap = Math.min(22, width / (MANY + 1));
  return Array.from({ length: MANY }, (_, i) => width / 2 + (i - (MANY - 1) / 2) * gap);
};

export const copy: Mark = (shape) => {
  const { width, height } = shape;
  const xs = spread(width);
  const top = height * 0.42;
  const dots = xs.map((x) => ({ d: circle(x, top, 2.6), className: "mark-dot" }));
  return [
    { d: xs.map((x) => ess(width / 2, height, x, top + 2.6)).join(""), className: "mark-line" },
    ...livePorts(shape).map(({ x }) => ({
      d: `M${n(xs[0] as number)} ${n(top - 5)}v-3q0 -3 3 -3H${n((xs.at(-1) as number) - 3)}q3 0 3 3v3M${n(x)} ${n(top - 11)}V0`,
      className: "mark-line soft",
    })),
    ...dots,
  ];
};
