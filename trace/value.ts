/** Small questions about a recorded Value. */
import type { Value } from "./schema.ts";

/** Whether two recorded values are the same to the last bit; NaN equals NaN, None equals None. */
export function sameValue(a: Value | null, b: Value | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  if (a.kind !== b.kind || a.dtype !== b.dtype || !sameList(a.shape, b.shape)) return false;
  if (a.kind === "inline" && b.kind === "inline") return sameList(a.data, b.data);
  return JSON.stringify(a) === JSON.stringify(b);
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
