/** The samples that are checked: every row's own, then the corner cases. */
import { OPS } from "../../autograd/ops/index.ts";
import { EDGES } from "./edges.ts";

export const ROWS = OPS.filter(({ row, inplace }) => !inplace || row.inplace === "only");
export const ROW_SAMPLES: readonly string[] = [...new Set(ROWS.flatMap(({ row }) => row.samples))];
export const SAMPLES: readonly string[] = [...new Set([...ROW_SAMPLES, ...EDGES])];

export type Mode = "graphs" | "order" | "differences" | `${string}:${string}`;
/** What the harness gives for each sample, in the order in which they were asked. */
export interface Answer {
  readonly torch: string;
  readonly results: readonly unknown[];
}
