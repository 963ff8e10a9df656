/** `accumulate`: a tray; what arrives is added to what already lies in the leaf's `.grad`. */
import { type Mark, n } from "./mark.ts";

export const accumulate: Mark = ({ width, height }) => {
  const left = width * 0.14;
  const right = width * 0.86;
  const rim = height * 0.45;
  const floor = height * 0.9;
  const centre = width / 2;
  return [
    {
      d: `M${n(left)} ${n(rim)}V${n(floor - 3)}Q${n(left)} ${n(floor)} ${n(left + 3)} ${n(floor)}H${n(right - 3)}Q${n(right)} ${n(floor)} ${n(right)} ${n(floor - 3)}V${n(rim)}`,
      className: "mark-line",
    },
    {
      d: `M${n(centre)} ${n(height * 0.08)}V${n(floor - 5)}M${n(centre - 4)} ${n(floor - 9)}L${n(centre)} ${n(floor - 5)}L${n(centre + 4)} ${n(floor - 9)}`,
      className: "mark-line flow",
    },
  ];
};
