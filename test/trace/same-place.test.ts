import { describe, expect, test } from "vitest";
import type { Place } from "../../trace/place.ts";
import { samePlace } from "../../trace/same-place.ts";
import type { Trace } from "../../trace/schema.ts";
import { move, start, wholeStep } from "../../trace/stepper.ts";
import { squareSum } from "../support/traces.ts";

const trace = squareSum();
const pass = (trace.backwards.length - 1) as number;
const at = (step: number): Place => wholeStep(trace, pass, step);
const nameAt = (of: Trace, place: Place | null): string | undefined =>
  of.nodes[of.backwards[place?.backward ?? -1]?.steps[place?.step ?? -1]?.node ?? -1]?.name;

/** The same program with its expressions further down and other names for them. */
const changed = (change: (node: Trace["nodes"][number]) => Trace["nodes"][number]): Trace => ({
  ...trace,
  nodes: trace.nodes.map(change),
});

describe("the place in a trace that was made anew", () => {
  test("is the same in the same trace, in every step and sub-step", () => {
    let place = start(trace) as Place;
    for (let i = 0; i < 20; i++) {
      expect(samePlace(trace, place, trace)).toEqual(place);
      place = move(trace, place, { kind: "phaseForward" }, new Set());
    }
  });

  test("is that of the same node where its line has moved", () => {
    const moved = changed((node) =>
      node.range === null
        ? node
        : {
            ...node,
            range: { ...node.range, start: { ...node.range.start, line: node.range.start.line + 3 } },
          },
    );
    for (const step of [0, 1, 2])
      expect(nameAt(moved, samePlace(trace, at(step), moved))).toBe(nameAt(trace, at(step)));
  });

  test("is the last step where the node is gone, the start where the walk was there, and none without a pass", () => {
    const [last] = [(trace.backwards[pass]?.steps.length ?? 0) - 1];
    const other = changed((node) => ({ ...node, name: `${node.name}Other` }));
    expect(samePlace(trace, at(last), other)?.step).toBe(last);
    expect(samePlace(trace, start(trace), other)).toEqual(start(other));
    expect(samePlace(trace, at(1), { ...trace, backwards: [] })).toBeNull();
    expect(samePlace(trace, null, trace)).toEqual(start(trace));
  });
});
