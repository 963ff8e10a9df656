/** Images read at points of a grid: where a point lies, who its neighbours are, and how both move with it. */
import { cubicWeights, type Round } from "./ops/resampling.ts";

/** How points outside are taken: as zeros, at the border, or reflected. */
export const ZEROS = 0;
export const BORDER = 1;
const REFLECTION = 2;

/** A position on an axis and how fast it moves with the grid's number. */
export interface Place {
  readonly at: number;
  readonly slope: number;
}

/** From a grid's number, -1 to 1, to elements of an axis. */
export const unnormalized = (x: number, size: number, align: boolean, round: Round): Place =>
  align
    ? { at: round((round(x + 1) / 2) * (size - 1)), slope: (size - 1) / 2 }
    : { at: round(round(round(x + 1) * size) - 1) / 2, slope: size / 2 };

function clipped({ at, slope }: Place, size: number): Place {
  if (!(at > 0)) return { at: 0, slope: 0 };
  return at >= size - 1 ? { at: size - 1, slope: 0 } : { at, slope };
}

function reflected({ at, slope }: Place, low: number, high: number): Place {
  if (low === high) return { at: 0, slope: 0 };
  const [min, span] = [low / 2, (high - low) / 2];
  const off = at - min;
  const sign = off < 0 ? -1 : 1;
  const extra = Math.abs(off) % span;
  const flips = Math.floor(Math.abs(off) / span);
  return flips % 2 === 0
    ? { at: extra + min, slope: slope * sign }
    : { at: span - extra + min, slope: -slope * sign };
}

/** A position as the padding mode sees it. */
export function padded(place: Place, size: number, mode: number, align: boolean): Place {
  if (mode === BORDER) return clipped(place, size);
  if (mode !== REFLECTION) return place;
  return clipped(align ? reflected(place, 0, 2 * (size - 1)) : reflected(place, -1, 2 * size - 1), size);
}

/** A neighbour on one axis: its position, weight, and how fast the weight moves. */
export interface Neighbour {
  readonly index: number;
  readonly weight: number;
  readonly slope: number;
}

/** The two elements that a position lies between. */
export function between({ at, slope }: Place): Neighbour[] {
  const low = Math.floor(at);
  return [
    { index: low, weight: low + 1 - at, slope: -slope },
    { index: low + 1, weight: at - low, slope },
  ];
}

/** The nearest one; a half goes to the even one. */
export function closest({ at }: Place): Neighbour[] {
  const low = Math.floor(at);
  const rest = at - low;
  const index = rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
  return [{ index, weight: 1, slope: 0 }];
}

const BEND = -0.75;

/** The four around it, by cubic convolution; positions as the padding mode sees them. */
export function around(place: Place, size: number, mode: number, align: boolean, round: Round): Neighbour[] {
  const low = Math.floor(place.at);
  const t = round(place.at - low);
  const slopes = [
    (3 * BEND * (t + 1) - 10 * BEND) * (t + 1) + 8 * BEND,
    (3 * (BEND + 2) * t - 2 * (BEND + 3)) * t,
    -((3 * (BEND + 2) * (1 - t) - 2 * (BEND + 3)) * (1 - t)),
    -((3 * BEND * (2 - t) - 10 * BEND) * (2 - t) + 8 * BEND),
  ];
  return cubicWeights(t, round).map((weight, i) => ({
    index: Math.trunc(padded({ at: low - 1 + i, slope: 1 }, size, mode, align).at),
    weight,
    slope: (slopes[i] as number) * place.slope,
  }));
}
