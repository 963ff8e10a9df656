/** `mix`: a lattice; every gradient that leaves is a blend of all that came, weighed by the other operand. */
import { circle, type Mark, n, type Stroke } from "./mark.ts";
import { strandsTo } from "./swap.ts";

const ROWS = [-7, 0, 7];

/** Three points joined with three. */
function lattice(x: number): Stroke[] {
  const top = 7;
  const bottom = 19;
  const lines = ROWS.flatMap((a) => ROWS.map((b) => `M${n(x + a)} ${bottom}L${n(x + b)} ${top}`));
  return [
    { d: `M${n(x - 10)} 4h20v18h-20z`, className: "sign-disc" },
    { d: lines.join(""), className: "mark-line hair" },
    {
      d: ROWS.flatMap((a) => [circle(x + a, top, 1.5), circle(x + a, bottom, 1.5)]).join(""),
      className: "mark-dot",
    },
  ];
}

export const mix: Mark = (shape) =>
  shape.height < 40 ? lattice(shape.width / 2) : strandsTo(shape, lattice, 22);
