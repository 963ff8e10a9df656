/** A pass's number in its program, from 0: a trace keeps only the last passes of a long one (memory bound). */
import type { Trace } from "./schema.ts";

/** How many passes came before those that the trace keeps: the number of its first. */
export const omittedOf = ({ backwards }: Pick<Trace, "backwards">): number =>
  backwards[0]?.omittedBefore ?? 0;

/** How many passes the program made. */
export const passCount = (trace: Pick<Trace, "backwards">): number =>
  omittedOf(trace) + trace.backwards.length;
