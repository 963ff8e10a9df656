/** The sizes of a pass's gradients: at once where that is quick, else worked out while the page goes on. */
import {
  magnitudesOf,
  measuredMagnitudes,
  measuringMagnitudes,
  type PassMagnitudes,
} from "../trace/magnitude.ts";
import type { Trace } from "../trace/schema.ts";
import { inSlices } from "./turns.ts";

/** The gradients of so many steps are measured at once. */
const QUICK = 500;

let busy: { readonly trace: Trace; readonly backward: number; readonly waiting: Set<() => void> } | null =
  null;

/** null where they are not known yet: `then` is called once they are. */
export function sizesOf(trace: Trace, backward: number, then: () => void): PassMagnitudes | null {
  const ready = measuredMagnitudes(trace, backward);
  if (ready !== null || (trace.backwards[backward]?.steps.length ?? 0) <= QUICK)
    return ready ?? magnitudesOf(trace, backward);
  if (busy?.trace === trace && busy.backward === backward) {
    busy.waiting.add(then);
    return null;
  }
  const own = { trace, backward, waiting: new Set([then]) };
  busy = own;
  void inSlices(measuringMagnitudes(trace, backward)).then(() => {
    if (busy === own) busy = null;
    for (const tell of own.waiting) tell();
  });
  return null;
}
