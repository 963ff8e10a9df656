/** A backward pass as the output of a notebook cell: small, with its nodes in order and the key of the whole trace. */

import * as z from "zod";
import { passCount } from "./pass-number.ts";
import type { Trace } from "./schema.ts";

export const PASS_MIME = "application/vnd.backstep.pass+json";

/** Steps that an output lists. */
const LISTED = 60;

export const PassOutput = z.object({
  version: z.literal(1),
  /** By which the extension finds the trace again, while the session lasts. */
  key: z.string(),
  /** Index into the trace's `backwards`. */
  backward: z.int().nonnegative(),
  /** Passes that the cell ran; the last one is shown. */
  passes: z.int().positive(),
  /** In the order in which the pass runs them, at most LISTED: PyTorch's name, and the expression or leaf. */
  steps: z.array(z.object({ name: z.string(), text: z.string() })),
  /** How many there are. */
  count: z.int().nonnegative(),
  /** What the button says that opens it. */
  open: z.string(),
});
export type PassOutput = z.infer<typeof PassOutput>;

/** What the notebook's page asks of the extension: to show the whole of a pass. */
export const OpenPass = z.object({
  kind: z.literal("open"),
  key: z.string(),
  backward: z.int().nonnegative(),
});
export type OpenPass = z.infer<typeof OpenPass>;

/** The last of the passes that were run since there were `before`; null where none was. */
export function passOutput(trace: Trace, before: number, key: string, open: string): PassOutput | null {
  const passes = passCount(trace) - before;
  const backward = trace.backwards.length - 1;
  const steps = trace.backwards[backward]?.steps;
  if (passes <= 0 || steps === undefined) return null;
  const listed = steps.slice(0, LISTED).map(({ node }) => ({
    name: trace.nodes[node]?.name ?? "",
    text: textOf(trace, node),
  }));
  return { version: 1, key, backward, passes, steps: listed, count: steps.length, open };
}

/** The expression that made a node, or the name of its leaf; "" where neither is known. */
function textOf({ nodes, bindings, tensors }: Trace, node: number): string {
  const { range = null, variable = null } = nodes[node] ?? {};
  if (variable !== null) return tensors[variable]?.names[0] ?? "";
  const same = (a: NonNullable<typeof range>, b: NonNullable<typeof range>): boolean =>
    JSON.stringify(a) === JSON.stringify(b);
  return range === null ? "" : (bindings.find((binding) => same(binding.range, range))?.text ?? "");
}

/** For pages that know no such outputs. */
export function plainPass({ steps, count, passes }: PassOutput): string {
  const names = steps.map(({ name, text }) => (text === "" ? name : `${name} (${text})`));
  const more = count > steps.length ? ` → … (${count})` : "";
  return `${passes > 1 ? `${passes} × ` : ""}backward: ${names.join(" → ")}${more}`;
}
