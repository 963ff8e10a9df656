/** The colour and width of a gradient by its size: cool below the pass's middle, warm above it, on a log scale. */
import { allZero, type Magnitude, type PassMagnitudes } from "../../trace/magnitude.ts";

/** Decades to each side of the middle that the scale shows at least, so that small differences stay small. */
const LEAST = 1.5;

export interface Tint {
  readonly color: string;
  readonly width: number;
  readonly kind: "size" | "zero" | "broken";
}

/** How far from the middle, from -1 to 1. */
export function positionOn(range: PassMagnitudes["range"], rms: number): number {
  if (range === null || rms === 0) return -1;
  const { low, high, middle } = range;
  const reach = Math.max(LEAST, middle - low, high - middle);
  return Math.max(-1, Math.min(1, (Math.log10(rms) - middle) / reach));
}

export function colorAt(position: number): string {
  const end = position < 0 ? "var(--flow-low)" : "var(--flow-high)";
  return `color-mix(in oklab, ${end} ${Math.round(Math.abs(position) * 100)}%, var(--flow-middle))`;
}

export function tintOf(range: PassMagnitudes["range"], magnitude: Magnitude): Tint {
  if (magnitude.broken) return { color: "var(--flow-broken)", width: 4, kind: "broken" };
  if (allZero(magnitude)) return { color: "var(--muted)", width: 1.5, kind: "zero" };
  const position = positionOn(range, magnitude.rms);
  return { color: colorAt(position), width: 3 + 2.5 * position, kind: "size" };
}

/** Of several gradients that share a wire: the largest, or the one that is broken. */
export const strongest = (list: readonly Magnitude[]): Magnitude | null =>
  list.reduce<Magnitude | null>(
    (most, next) => (most === null || (!most.broken && (next.broken || next.rms > most.rms)) ? next : most),
    null,
  );
