/** How far a pass has come within a group, and how large its gradients are there. */
import type { Group, GroupTree } from "../../trace/groups.ts";
import { countUpTo } from "../../trace/history.ts";
import { type Magnitude, measuredMagnitudes } from "../../trace/magnitude.ts";
import type { Trace } from "../../trace/schema.ts";
import { timelineOf } from "../../trace/timeline.ts";

export interface GroupPass {
  /** The steps of the group's nodes, ascending. */
  readonly steps: readonly number[];
  /** Bars from the forward's first node to its last: the largest gradient there, and the last step that made it. */
  readonly bars: readonly { readonly magnitude: Magnitude | null; readonly step: number }[];
}

const BARS = 24;
const known = new WeakMap<GroupTree, Map<string, GroupPass>>();

export function groupPass(trace: Trace, tree: GroupTree, backward: number, index: number): GroupPass {
  let own = known.get(tree);
  if (own === undefined) {
    own = new Map();
    known.set(tree, own);
  }
  const key = `${backward} ${index}`;
  let pass = own.get(key);
  if (pass === undefined) {
    pass = build(trace, tree, backward, tree.groups[index] as Group);
    // Bars without their heights are made again once those are known.
    if (measuredMagnitudes(trace, backward) !== null) own.set(key, pass);
  }
  return pass;
}

function build(trace: Trace, tree: GroupTree, backward: number, { from, to }: Group): GroupPass {
  const { stepOf } = timelineOf(trace, backward);
  const nodes = measuredMagnitudes(trace, backward)?.nodes;
  const steps: number[] = [];
  const count = Math.min(BARS, to - from);
  const bars = Array.from({ length: count }, (_, bar) => {
    let magnitude: Magnitude | null = null;
    let last = -1;
    const end = from + Math.floor(((bar + 1) * (to - from)) / count);
    for (let at = from + Math.floor((bar * (to - from)) / count); at < end; at++) {
      const node = tree.order[at] as number;
      const step = stepOf.get(node);
      if (step === undefined) continue;
      steps.push(step);
      last = Math.max(last, step);
      const own = nodes?.get(node) ?? null;
      if (own !== null && (magnitude === null || own.broken || own.rms > magnitude.rms)) magnitude = own;
    }
    return { magnitude, step: last };
  });
  steps.sort((a, b) => a - b);
  return { steps, bars };
}

/** How many of the group's nodes have had their step by then. */
export const stepsDone = ({ steps }: GroupPass, step: number): number => countUpTo(steps, step);
