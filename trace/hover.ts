/** What is known about the expression under the cursor. */

import { explainSaved, type SavedLine } from "./explain.ts";
import type { L10n } from "./l10n.ts";
import { contains } from "./names.ts";
import type { Binding, Position, Range, Trace, Value } from "./schema.ts";
import { gradientOf, leafNode, type State } from "./stepper.ts";

export interface Description {
  /** The expression as written: `x**2`. */
  readonly text: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly device: string;
  readonly value: Value;
  /** As PyTorch prints it; null where that was not recorded. */
  readonly repr: string | null;
  /** How many times it was evaluated; what is described is the last. */
  readonly count: number;
  /** Index and PyTorch name of the node that made it; null for a leaf or where no gradient flows. */
  readonly gradFn: {
    readonly node: number;
    readonly name: string;
    readonly saved: readonly SavedLine[];
  } | null;
  readonly gradient: Value | null;
  /** Why there is no gradient; null where there is one. */
  readonly reason: string | null;
}

/** The smallest expression that holds the character at the position, else that ends there; null where none does. */
export function bindingAt(trace: Trace, source: number, position: Position): Binding | null {
  const next = { line: position.line, character: position.character + 1 };
  return (
    smallestAround(trace, { source, start: position, end: next }) ??
    smallestAround(trace, { source, start: position, end: position })
  );
}

function smallestAround(trace: Trace, inner: Range): Binding | null {
  let smallest: Binding | null = null;
  for (const binding of trace.bindings)
    if (contains(binding.range, inner) && (smallest === null || contains(smallest.range, binding.range)))
      smallest = binding;
  return smallest;
}

/** `state`: where the walk stands, null where the trace has no backward pass. */
export function describe(trace: Trace, binding: Binding, state: State | null, l10n: L10n): Description {
  const record = trace.tensors[binding.tensor] as Trace["tensors"][number];
  const node = record.node === null ? undefined : trace.nodes[record.node];
  const gradient = state === null ? null : gradientOf(trace, state, binding.tensor);
  return {
    text: binding.text,
    shape: record.shape,
    dtype: record.dtype,
    device: record.device,
    value: record.value,
    repr: record.repr,
    count: binding.count,
    gradFn:
      node === undefined || record.node === null
        ? null
        : { node: record.node, name: node.name, saved: explainSaved(trace, node) },
    gradient,
    reason: gradient === null ? noGradient(trace, binding.tensor, state, l10n) : null,
  };
}

function noGradient(trace: Trace, tensor: number, state: State | null, l10n: L10n): string {
  const record = trace.tensors[tensor] as Trace["tensors"][number];
  if (!record.requiresGrad) return l10n.t("It does not require a gradient.");
  if (state === null) return l10n.t("No backward pass was run.");
  const { backward, step } = state.place;
  const node = record.node ?? leafNode(trace, backward, tensor);
  const at = trace.backwards[backward]?.steps.findIndex((each) => each.node === node) ?? -1;
  if (at < 0) return l10n.t("This backward pass does not reach it.");
  if (at > step) return l10n.t("The walk has not reached it yet: it is step {0}.", at + 1);
  return l10n.t("No gradient has arrived at it yet.");
}
