/** Stepping over and out of modules: where a walk that goes by `nn.Module`s stands next. */
import type { Step, Trace } from "./schema.ts";

/** `net.0` is within `net`; everything is within the whole program. */
const within = (module: string, outer: string): boolean =>
  outer === "" || module === outer || module.startsWith(`${outer}.`);

/** The part of two paths that is the same, whole names only. */
function shared(a: string, b: string): string {
  const [left, right] = [a.split("."), b.split(".")];
  let same = 0;
  while (same < left.length && same < right.length && left[same] === right[same]) same++;
  return left.slice(0, same).join(".");
}

/**
 * The module that a step over passes whole: where the next step lies deeper than the walk stands now, the outermost
 * module that it enters; null where it enters none.
 */
function entered(current: string, next: string): string | null {
  const common = shared(current, next);
  if (common === next) return null;
  const rest = next.slice(common === "" ? 0 : common.length + 1);
  const first = rest.split(".")[0] as string;
  return common === "" ? first : `${common}.${first}`;
}

/** The accumulation into a leaf was made in no module; it comes between the steps of those that use the leaf. */
const isLeaf = (trace: Trace, step: Step | undefined): boolean =>
  step !== undefined && (trace.nodes[step.node]?.variable ?? null) !== null;

const moduleOf = (trace: Trace, step: Step | undefined): string =>
  step === undefined ? "" : (trace.nodes[step.node]?.module ?? "");

/** The module that the walk stands in: at a leaf, that of the steps before it. */
function moduleAt(trace: Trace, steps: readonly Step[], step: number): string {
  let at = step;
  while (isLeaf(trace, steps[at])) at--;
  return moduleOf(trace, steps[at]);
}

/** The last step of the module that the next step enters, by leaves; the next step itself where it enters none. */
export function overModule(trace: Trace, steps: readonly Step[], step: number): number {
  const last = steps.length - 1;
  const next = Math.min(step + 1, last);
  const module = entered(moduleAt(trace, steps, step), moduleOf(trace, steps[next]));
  if (module === null) return next;
  let end = next;
  for (let at = next + 1; at <= last; at++) {
    if (isLeaf(trace, steps[at])) continue;
    if (!within(moduleOf(trace, steps[at]), module)) break;
    end = at;
  }
  return end;
}

/** The first step outside of the module that the walk stands in, by leaves; the last step where there is none. */
export function outOfModule(trace: Trace, steps: readonly Step[], step: number): number {
  const module = moduleAt(trace, steps, step);
  const last = steps.length - 1;
  let at = Math.min(step + 1, last);
  if (module === "") return at;
  while (at < last && (isLeaf(trace, steps[at]) || within(moduleOf(trace, steps[at]), module))) at++;
  return at;
}
