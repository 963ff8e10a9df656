/** A large trace in parts, so that who sends and who receives it is never busy for long; and whole again. */
import * as z from "zod";
import { Binding, Node, Step, TensorRecord, type Trace } from "./schema.ts";

export const Part = z.discriminatedUnion("field", [
  z.object({ field: z.literal("nodes"), items: z.array(Node) }),
  z.object({ field: z.literal("tensors"), items: z.array(TensorRecord) }),
  z.object({ field: z.literal("bindings"), items: z.array(Binding) }),
  z.object({ field: z.literal("steps"), backward: z.int().nonnegative(), items: z.array(Step) }),
]);
export type Part = z.infer<typeof Part>;

/** Items in one part. */
const SIZE = 400;

/** Whether a trace is worth parting. */
export const isLarge = ({ nodes, tensors }: Trace): boolean => nodes.length + tensors.length > 4 * SIZE;

/** What is left of the trace without its long lists, and those in parts. */
export function split(trace: Trace): { head: Trace; parts: Part[] } {
  const parts: Part[] = [
    ...cut(trace.nodes).map((items): Part => ({ field: "nodes", items })),
    ...cut(trace.tensors).map((items): Part => ({ field: "tensors", items })),
    ...cut(trace.bindings).map((items): Part => ({ field: "bindings", items })),
    ...trace.backwards.flatMap(({ steps }, backward) =>
      cut(steps).map((items): Part => ({ field: "steps", backward, items })),
    ),
  ];
  const backwards = trace.backwards.map((pass) => ({ ...pass, steps: [] }));
  return { head: { ...trace, nodes: [], tensors: [], bindings: [], backwards }, parts };
}

/** The trace that was split. Throws RangeError where a part belongs to a pass that the trace lacks. */
export function join(head: Trace, parts: readonly Part[]): Trace {
  const whole = {
    ...head,
    nodes: [...head.nodes],
    tensors: [...head.tensors],
    bindings: [...head.bindings],
    backwards: head.backwards.map((pass) => ({ ...pass, steps: [...pass.steps] })),
  };
  for (const part of parts)
    switch (part.field) {
      case "nodes":
        for (const item of part.items) whole.nodes.push(item);
        break;
      case "tensors":
        for (const item of part.items) whole.tensors.push(item);
        break;
      case "bindings":
        for (const item of part.items) whole.bindings.push(item);
        break;
      case "steps": {
        const pass = whole.backwards[part.backward];
        if (pass === undefined)
          throw new RangeError(
            `a part holds steps of backward pass ${part.backward}, but the trace has ${whole.backwards.length}`,
          );
        for (const item of part.items) pass.steps.push(item);
      }
    }
  return whole;
}

function cut<T>(items: readonly T[]): T[][] {
  const pieces: T[][] = [];
  for (let i = 0; i < items.length; i += SIZE) pieces.push(items.slice(i, i + SIZE));
  return pieces;
}
