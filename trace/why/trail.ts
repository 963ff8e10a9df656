/** From a tensor back along a pass to the root: which step sent what. */
import type { Downstream, Step, Trace } from "../schema.ts";
import { leafNode } from "../stepper.ts";
import type { Asked } from "./answer.ts";

/** What one step sent towards another, or the seed of the pass (`step` null). */
export interface Sent {
  readonly step: number;
  readonly downstream: Downstream;
}

/** The step of the node at which a tensor's gradient arrives; null where the pass has none. */
export function stepOfTensor({ trace, backward }: Asked, tensor: number): number | null {
  const record = trace.tensors[tensor];
  const node = record?.node ?? leafNode(trace, backward, tensor);
  return node === null || node === undefined ? null : stepOfNode(trace, backward, node);
}

export function stepOfNode(trace: Trace, backward: number, node: number): number | null {
  const at = trace.backwards[backward]?.steps.findIndex((step) => step.node === node) ?? -1;
  return at < 0 ? null : at;
}

export const stepAt = ({ trace, backward }: Asked, step: number): Step =>
  trace.backwards[backward]?.steps[step] as Step;

/** What arrived at a step: who sent it and what; the seed is left out. */
export function sentTo(asked: Asked, step: number): readonly Sent[] {
  return stepAt(asked, step).arrivals.flatMap(({ from }) => {
    const downstream =
      from === null ? undefined : stepAt(asked, from.step)?.downstream.find(({ edge }) => edge === from.edge);
    return from === null || downstream === undefined ? [] : [{ step: from.step, downstream }];
  });
}
