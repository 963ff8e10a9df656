/** The passes of a program side by side: what each started from, and how large a gradient each leaf took from it. */

import { tensorName } from "./names.ts";
import { omittedOf } from "./pass-number.ts";
import type { Trace } from "./schema.ts";
import { statisticsOf } from "./statistics.ts";

/** A leaf's object; its name where no record shows it. */
export type LeafKey = number | string;

export interface PassPoint {
  /** Which pass of the program it was, from 1. */
  readonly number: number;
  /** Its index in the trace; null where only a summary of it was kept. */
  readonly backward: number | null;
  /** The number that the pass started from; null where that is not one number. */
  readonly loss: number | null;
  /** Norm of what was added to each leaf's `.grad`, by leaf. */
  readonly norms: ReadonlyMap<LeafKey, number>;
}

export interface Passes {
  readonly points: readonly PassPoint[];
  /** The leaves that took a gradient in some pass, in the order in which they were first reached. */
  readonly leaves: ReadonlyMap<LeafKey, string>;
}

const tables = new WeakMap<Trace, Passes>();

export function passesOf(trace: Trace): Passes {
  let passes = tables.get(trace);
  if (passes === undefined) {
    passes = build(trace);
    tables.set(trace, passes);
  }
  return passes;
}

function build(trace: Trace): Passes {
  const leaves = new Map<LeafKey, string>();
  const omitted = omittedOf(trace);
  const earlier = (trace.summaries ?? []).map(({ pass, loss, leaves: reached }): PassPoint => {
    const norms = new Map<LeafKey, number>();
    for (const { object, name, norm } of reached) {
      const key = object ?? name;
      if (key === null) continue;
      norms.set(key, Number(norm));
      if (!leaves.has(key)) leaves.set(key, name ?? nameOf(trace, object));
    }
    return { number: pass + 1, backward: null, loss: loss === null ? null : Number(loss), norms };
  });
  const kept = trace.backwards.map((pass, backward): PassPoint => {
    const norms = new Map<LeafKey, number>();
    for (const { node, accumulate, arrivals, upstream } of pass.steps) {
      const variable = trace.nodes[node]?.variable ?? null;
      const record = variable === null ? undefined : trace.tensors[variable];
      if (record === undefined || variable === null || arrivals.length === 0) continue;
      const added = accumulate?.added ?? upstream[0] ?? null;
      if (added === null) continue;
      norms.set(record.object, Number(statisticsOf(added).norm));
      if (!leaves.has(record.object))
        leaves.set(record.object, tensorName(trace, variable) ?? `#${record.object}`);
    }
    return { number: omitted + backward + 1, backward, loss: lossOf(trace, pass), norms };
  });
  return { points: [...earlier, ...kept], leaves };
}

function nameOf(trace: Trace, object: number | null): string {
  const record = trace.tensors.findIndex((tensor) => tensor.object === object);
  return (record < 0 ? null : tensorName(trace, record)) ?? `#${object}`;
}

function lossOf(trace: Trace, { roots }: Trace["backwards"][number]): number | null {
  const [root] = roots;
  if (root === undefined || roots.length > 1) return null;
  const tensor = root.tensor ?? trace.nodes[root.node]?.outputs[root.outputNr] ?? null;
  const value = tensor === null ? undefined : trace.tensors[tensor]?.value;
  return value?.kind === "inline" && value.data.length === 1 ? Number(value.data[0]) : null;
}
