/** Everything that takes long before a trace can be drawn, in pieces: what is worked out here is remembered with the trace. */

import type { Place } from "../trace/place.ts";
import { referenceChecks } from "../trace/read.ts";
import type { Trace } from "../trace/schema.ts";
import { stateAt } from "../trace/stepper.ts";
import { buildingTimeline } from "../trace/timeline.ts";
import { buildingBase } from "./layout/graph.ts";

/** Rests at each `yield`. Throws TraceError or RangeError where the trace or the place cannot be used. */
export function* preparing(trace: Trace, place: Place | null): Generator<void, void> {
  yield* referenceChecks(trace);
  const backward = place?.backward ?? null;
  if (backward !== null && backward < trace.backwards.length) yield* buildingTimeline(trace, backward);
  if (place !== null) stateAt(trace, place);
  yield* buildingBase(trace, { backward, everything: false });
}
