/** Two engines' traces of one program side by side, step by step, with the place at which they part. */

import * as z from "zod";
import { compareTraces, type Difference, firstParting } from "./compare.ts";
import { formatValue } from "./format.ts";
import type { L10n } from "./l10n.ts";
import { omittedOf, passCount } from "./pass-number.ts";
import type { Step, Trace, Value } from "./schema.ts";

const index = z.int().nonnegative();

/** A step as it is shown beside the other engine's. */
const Side = z.object({ node: z.string(), upstream: z.string(), sends: z.string() });

export const Comparison = z.object({
  /** The first of them; `total` says how many there are. */
  differences: z.array(z.object({ at: z.string(), left: z.string(), right: z.string() })),
  total: index,
  /** The first step at which the traces part, by its pass's number in the program; null where no step does. */
  first: z.object({ pass: index, step: index }).nullable(),
  /** The number of the first pass that both keep. */
  from: index,
  /** Steps of each pass from that on; a side is null where that engine has no such step. */
  passes: z.array(z.array(z.object({ left: Side.nullable(), right: Side.nullable(), same: z.boolean() }))),
});
export type Comparison = z.infer<typeof Comparison>;

const SHOWN = 50;

export function sideBySide(left: Trace, right: Trace): Comparison {
  const differences = compareTraces(left, right);
  const apart = new Set(differences.map(({ step }) => keyOf(step)));
  const from = Math.max(omittedOf(left), omittedOf(right));
  const count = Math.max(passCount(left), passCount(right)) - from;
  const passes = Array.from({ length: count }, (_, i) => {
    const sides = [left, right].map((trace) => trace.backwards[from + i - omittedOf(trace)]?.steps ?? []);
    const backward = from + i - omittedOf(left);
    const [a = [], b = []] = sides;
    return Array.from({ length: Math.max(a.length, b.length) }, (_, step) => {
      const [one, other] = [side(left, a[step]), side(right, b[step])];
      const named = one?.node === other?.node;
      return { left: one, right: other, same: named && !apart.has(keyOf({ backward, step })) };
    });
  });
  return {
    differences: differences.slice(0, SHOWN).map(({ at, left, right }) => ({ at, left, right })),
    total: differences.length,
    first: numbered(firstParting(differences), omittedOf(left)) ?? numbered(firstUnlike(passes), from),
    from,
    passes,
  };
}

const keyOf = (step: Difference["step"]): string => (step === null ? "" : `${step.backward}:${step.step}`);

const numbered = (step: Difference["step"], first: number): Comparison["first"] =>
  step && { pass: first + step.backward, step: step.step };

function firstUnlike(passes: Comparison["passes"]): Difference["step"] {
  for (const [backward, steps] of passes.entries()) {
    const step = steps.findIndex(({ same }) => !same);
    if (step >= 0) return { backward, step };
  }
  return null;
}

function side(trace: Trace, step: Step | undefined): z.infer<typeof Side> | null {
  if (step === undefined) return null;
  const texts = (values: readonly (Value | null)[]): string =>
    values.map((value) => (value === null ? "None" : formatValue(value))).join("; ");
  const sends =
    step.accumulate === null ? step.downstream.map(({ value }) => value) : [step.accumulate.after];
  return { node: trace.nodes[step.node]?.name ?? "", upstream: texts(step.upstream), sends: texts(sends) };
}

/** What came of it, in one line. */
export function verdict({ total, first, from, passes, differences }: Comparison, l10n: L10n): string {
  const steps = passes.reduce((sum, pass) => sum + pass.length, 0);
  if (total === 0)
    return l10n.t(
      "The two engines agree: output, graph, saved values and every gradient (steps: {0}).",
      steps,
    );
  if (first === null) return l10n.t("Every step agrees; what differs is: {0}.", differences[0]?.at ?? "");
  const node = passes[first.pass - from]?.[first.step];
  return l10n.t(
    "The two engines part at step {0} of pass {1}, {2}.",
    first.step + 1,
    first.pass + 1,
    node?.left?.node ?? node?.right?.node ?? "",
  );
}
