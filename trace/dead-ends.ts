/** Why no gradient goes to an operand. */
import type { Trace } from "./schema.ts";

export type DeadEnd =
  /** Whole numbers and booleans have no derivative. */
  | { readonly kind: "integer"; readonly dtype: string }
  /** It shares the numbers of a tensor that the graph knows, but was cut off from it. */
  | { readonly kind: "detached"; readonly from: number }
  /** It is outside the graph: `requires_grad` is False. */
  | { readonly kind: "constant" };

/** The reason for an operand (tensor index) of an edge that leads nowhere. */
export function deadEnd(trace: Trace, tensor: number): DeadEnd {
  const record = trace.tensors[tensor];
  if (record === undefined) return { kind: "constant" };
  if (!/^(b?float|complex)/.test(record.dtype)) return { kind: "integer", dtype: record.dtype };
  const base = record.viewOf === null ? undefined : trace.tensors[record.viewOf];
  if (base?.requiresGrad && !record.requiresGrad) return { kind: "detached", from: record.viewOf as number };
  return { kind: "constant" };
}
