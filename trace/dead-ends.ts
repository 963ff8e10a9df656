/** Why no gradient goes to an operand. */
import { bindingsFrom, contains, writtenAs } from "./names.ts";
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
  const from = base === undefined && !record.requiresGrad ? detachedFrom(trace, tensor) : null;
  return from === null ? { kind: "constant" } : { kind: "detached", from };
}

/** What was detached, where the source says so: no engine keeps what a detached tensor came from. */
function detachedFrom(trace: Trace, tensor: number): number | null {
  const written = writtenAs(trace, tensor).find(({ text }) => /\.(detach\(\)|data)$/.test(text));
  if (written === undefined) return null;
  const source = written.text.replace(/\.(detach\(\)|data)$/, "").replace(/^\((.*)\)$/s, "$1");
  const whole = bindingsFrom(trace)
    .get(written.range.start.line)
    ?.find(({ text, range }) => text === source && contains(written.range, range));
  return whole !== undefined && trace.tensors[whole.tensor]?.requiresGrad ? whole.tensor : null;
}
