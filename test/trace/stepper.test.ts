import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Place } from "../../trace/place.ts";
import type { Trace } from "../../trace/schema.ts";
import { gradientOf, type Move, move, phasesOf, start, stateAt, wholeStep } from "../../trace/stepper.ts";
import {
  anyTrace,
  chain,
  emptyTrace,
  node,
  pass,
  planned,
  squareSum,
  tensor,
  value,
} from "../support/traces.ts";

const NONE: ReadonlySet<number> = new Set();
const at = (trace: Trace): Place => start(trace) as Place;
const go = (
  trace: Trace,
  place: Place,
  kind: "forward" | "back" | "phaseForward" | "phaseBack" | "first" | "last",
) => move(trace, place, { kind }, NONE);

/** Every place of a pass in order, one sub-step apart. */
function places(trace: Trace): Place[] {
  const all = [at(trace)];
  for (;;) {
    const here = all.at(-1) as Place;
    const next = go(trace, here, "phaseForward");
    if (JSON.stringify(next) === JSON.stringify(here)) return all;
    all.push(next);
  }
}

/** What a place is, worked out the slow way: by doing every sub-step from the start. */
function replayed(trace: Trace, place: Place) {
  const edges = new Map<string, unknown>();
  const upstream = new Map<string, unknown>();
  const grads = new Map<number, unknown>();
  const { steps, roots } = trace.backwards[place.backward] as Trace["backwards"][number];
  for (const root of roots) upstream.set(`${root.node}:${root.outputNr}`, root.seed);
  steps.slice(0, place.step + 1).forEach((step, index) => {
    const phases = phasesOf(trace, { ...place, step: index, phase: 1 });
    for (const phase of phases.slice(0, index === place.step ? place.phase : undefined)) {
      if (phase.kind === "arrive") {
        const arrival = step.arrivals[phase.arrival];
        upstream.set(`${step.node}:${arrival?.outputNr}`, arrival?.sum ?? arrival?.value);
      } else if (phase.kind === "accumulate") {
        grads.set(trace.nodes[step.node]?.variable as number, step.accumulate?.after);
      } else {
        const sent = step.downstream[phase.downstream];
        const shown = phase.kind === "apply" ? (sent?.unbroadcast?.before ?? sent?.value) : sent?.value;
        edges.set(`${step.node}:${sent?.edge}`, shown);
      }
    }
  });
  return { edges, upstream, grads };
}

const anyMove = (trace: Trace): fc.Arbitrary<Move> =>
  fc.oneof(
    fc.constantFrom<Move>(
      { kind: "forward" },
      { kind: "back" },
      { kind: "phaseForward" },
      { kind: "phaseBack" },
      { kind: "first" },
      { kind: "last" },
      { kind: "toBreakpoint", direction: "forward" },
      { kind: "toBreakpoint", direction: "back" },
    ),
    fc.integer({ min: 0, max: trace.nodes.length - 1 }).map((node): Move => ({ kind: "toNode", node })),
    fc
      .integer({ min: 0, max: trace.backwards.length - 1 })
      .map((backward): Move => ({ kind: "toBackward", backward })),
  );

const plain = (trace: Trace, place: Place) => {
  const state = stateAt(trace, place);
  return {
    node: state.node,
    visited: [...state.visited],
    edges: new Map(state.edges),
    upstream: new Map(state.upstream),
    grads: new Map(state.grads),
  };
};

describe("any walk over any trace", () => {
  test("back undoes forward from every whole step", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const steps = trace.backwards[at(trace).backward]?.steps.length ?? 0;
        for (let step = -1; step < steps - 1; step++) {
          const here = wholeStep(trace, at(trace).backward, step);
          expect(go(trace, go(trace, here, "forward"), "back")).toEqual(here);
        }
      }),
    );
  });

  test("phaseBack undoes phaseForward, and the two meet every step at its last phase", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const all = places(trace);
        all.slice(0, -1).forEach((here, i) => {
          expect(go(trace, all[i + 1] as Place, "phaseBack")).toEqual(here);
        });
        trace.backwards.at(-1)?.steps.forEach((_, step) => {
          expect(all).toContainEqual(wholeStep(trace, at(trace).backward, step));
        });
        expect(all.at(-1)).toEqual(go(trace, at(trace), "last"));
      }),
    );
  });

  test("a state is that of its place, whichever way the walk came there", () => {
    fc.assert(
      fc.property(
        anyTrace.chain((trace) => fc.tuple(fc.constant(trace), fc.array(anyMove(trace), { maxLength: 12 }))),
        ([trace, moves]) => {
          const breakpoints = new Set([...trace.nodes.keys()].filter((index) => index % 3 === 1));
          let place = at(trace);
          for (const each of moves) place = move(trace, place, each, breakpoints);
          const copy = structuredClone(trace);
          expect(plain(trace, place)).toEqual(
            plain(copy, move(copy, at(copy), { kind: "toPlace", place }, NONE)),
          );
          const { edges, upstream, grads } = replayed(trace, place);
          const state = plain(trace, place);
          expect(state.edges).toEqual(edges);
          expect(state.upstream).toEqual(upstream);
          for (const [leaf, grad] of grads) expect(state.grads.get(leaf)).toEqual(grad);
        },
      ),
    );
  });

  test("every move is total: it ends at a place that the trace has", () => {
    fc.assert(
      fc.property(
        anyTrace.chain((trace) => fc.tuple(fc.constant(trace), anyMove(trace), fc.nat())),
        ([trace, each, nth]) => {
          const all = places(trace);
          const next = move(trace, all[nth % all.length] as Place, each, new Set([0, 2]));
          expect(() => stateAt(trace, next)).not.toThrow();
        },
      ),
    );
  });

  test("the views of a state count, hold and list the same keys", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        for (const place of places(trace)) {
          const { edges, visited } = stateAt(trace, place);
          expect(edges.size).toBe([...edges].length);
          expect([...edges.keys()].every((key) => edges.has(key) && edges.get(key) !== undefined)).toBe(true);
          expect(visited.size).toBe([...visited].length);
          const steps = trace.backwards[place.backward]?.steps.map((step) => step.node) ?? [];
          expect([...visited]).toEqual(steps.slice(0, place.step + 1));
          expect(steps.slice(place.step + 1).some((later) => visited.has(later))).toBe(false);
        }
      }),
    );
  });
});

describe("the walk over x**2 summed", () => {
  const trace = squareSum();

  test("starts with only the seed", () => {
    expect(plain(trace, at(trace))).toEqual({
      node: null,
      visited: [],
      edges: new Map(),
      upstream: new Map([["0:0", value(1)]]),
      grads: new Map([[0, null]]),
    });
  });

  test("sends [1, 1] to the square, then [6, 8] to the leaf, whose .grad takes it last", () => {
    let place = go(trace, at(trace), "forward");
    expect(place).toEqual({ backward: 0, step: 0, phase: 2 });
    expect(stateAt(trace, place).edges.get("0:0")).toEqual(value([1, 1]));
    place = go(trace, place, "forward");
    expect(stateAt(trace, place).edges.get("1:0")).toEqual(value([6, 8]));
    place = go(trace, place, "phaseForward");
    expect(stateAt(trace, place).grads.get(0)).toBeNull();
    place = go(trace, place, "phaseForward");
    expect(stateAt(trace, place).grads.get(0)).toEqual(value([6, 8]));
    expect(go(trace, place, "forward")).toEqual(place);
  });

  test("forward from the middle of a step finishes it", () => {
    expect(go(trace, { backward: 0, step: 1, phase: 1 }, "forward")).toEqual({
      backward: 0,
      step: 1,
      phase: 2,
    });
  });

  test("a tensor has a gradient once its node is reached, a leaf once it has accumulated", () => {
    const grad = (index: number, place: Place) => gradientOf(trace, stateAt(trace, place), index);
    expect(grad(2, at(trace))).toEqual(value(1));
    expect(grad(1, wholeStep(trace, 0, 0))).toBeNull();
    expect(grad(1, { backward: 0, step: 1, phase: 1 })).toEqual(value([1, 1]));
    expect(grad(0, wholeStep(trace, 0, 1))).toBeNull();
    expect(grad(0, wholeStep(trace, 0, 2))).toEqual(value([6, 8]));
  });

  test("a breakpoint stops both ways, and without one the walk runs to the end or the start", () => {
    const to = (place: Place, direction: "forward" | "back", ...nodes: number[]) =>
      move(trace, place, { kind: "toBreakpoint", direction }, new Set(nodes));
    expect(to(at(trace), "forward", 1)).toEqual(wholeStep(trace, 0, 1));
    expect(to(wholeStep(trace, 0, 1), "forward", 1)).toEqual(wholeStep(trace, 0, 2));
    expect(to(wholeStep(trace, 0, 2), "back", 0, 1)).toEqual(wholeStep(trace, 0, 1));
    expect(to(wholeStep(trace, 0, 2), "back")).toEqual(at(trace));
  });
});

describe("places and nodes that a trace lacks", () => {
  const trace = squareSum();

  test.each<[Place, string]>([
    [{ backward: 1, step: -1, phase: 0 }, "backward pass 1 is not in this trace: it has one pass, 0"],
    [{ backward: 0, step: 3, phase: 1 }, "step 3 is not in backward pass 0: it has 3 steps, 0 to 2"],
    [{ backward: 0, step: 0, phase: 3 }, "phase 3 is not in step 0: it may be 1 to 2 (sub-steps done)"],
    [{ backward: 0, step: 0, phase: 0 }, "phase 0 is not in step 0: it may be 1 to 2 (sub-steps done)"],
    [{ backward: 0, step: -1, phase: 1 }, "phase 1 is not in step -1: it may be 0 (sub-steps done)"],
  ])("%j is refused in words", (place, message) => {
    expect(() => stateAt(trace, place)).toThrow(new RangeError(message));
    expect(() => move(trace, at(trace), { kind: "toPlace", place }, NONE)).toThrow(new RangeError(message));
  });

  test("an unknown node and an unknown tensor are refused in words", () => {
    expect(() => move(trace, at(trace), { kind: "toNode", node: 3 }, NONE)).toThrow(
      new RangeError("node 3 is not in this trace: it has 3 nodes, 0 to 2"),
    );
    expect(() => gradientOf(trace, stateAt(trace, at(trace)), 9)).toThrow(RangeError);
  });

  test("a trace without a pass has no start", () => {
    expect(start(emptyTrace())).toBeNull();
  });

  test("a pass without steps and a step without sub-steps can still be stood on", () => {
    const none = emptyTrace({ nodes: [node("A", "a")], backwards: [pass([])] });
    expect(go(none, at(none), "forward")).toEqual(at(none));
    expect(go(none, at(none), "last")).toEqual(at(none));
    const idle = { node: 0, arrivals: [], upstream: [], downstream: [], accumulate: null };
    const one = emptyTrace({ nodes: [node("A", "a")], backwards: [pass([idle])] });
    expect(go(one, at(one), "forward")).toEqual({ backward: 0, step: 0, phase: 1 });
    expect(stateAt(one, go(one, at(one), "last")).node).toBe(0);
  });
});

describe("several passes", () => {
  test("a node of another pass is found there", () => {
    const trace = planned({ edges: [[1], []], passes: 2 });
    const other = node("Alone", "alone");
    const first = pass([{ node: 2, arrivals: [], upstream: [], downstream: [], accumulate: null }]);
    const both = { ...trace, nodes: [...trace.nodes, other], backwards: [first, ...trace.backwards] };
    expect(move(both, at(both), { kind: "toNode", node: 2 }, NONE).backward).toBe(0);
    expect(move(both, at(both), { kind: "toNode", node: 0 }, NONE).backward).toBe(2);
  });

  test("the second pass begins with what the first left in .grad", () => {
    const trace = planned({ edges: [[1], []], passes: 2 });
    expect(stateAt(trace, { backward: 0, step: -1, phase: 0 }).grads.get(1)).toBeNull();
    expect(stateAt(trace, { backward: 1, step: -1, phase: 0 }).grads.get(1)).toEqual(value(2));
  });

  test("a leaf that a pass does not reach keeps its .grad, unless the program changed it unseen", () => {
    const trace = planned({ edges: [[1], []], passes: 1 });
    const kept = tensor(value(5), { isLeaf: true });
    const unseen = tensor(value(5), { isLeaf: true, grad: value(7) });
    const { grads } = stateAt({ ...trace, tensors: [...trace.tensors, kept, unseen] }, at(trace));
    expect(grads.get(2)).toBeNull();
    expect(grads.has(3)).toBe(false);
  });

  test("autograd.grad gives a leaf what arrives at it and leaves .grad alone", () => {
    const trace = squareSum();
    const steps = trace.backwards[0]?.steps.map((step) => ({ ...step, accumulate: null })) ?? [];
    const grad = { ...trace, backwards: [pass(steps, { kind: "grad" })] };
    const end = stateAt(grad, go(grad, at(grad), "last"));
    expect(gradientOf(grad, end, 0)).toEqual(value([6, 8]));
  });
});

test("ten thousand steps are walked there and back, and jumped about in, without going over the past again", () => {
  const trace = chain(10_000);
  let place = at(trace);
  for (let i = 0; i < 10_000; i++) place = go(trace, place, "forward");
  expect(place).toEqual(go(trace, at(trace), "last"));
  for (let i = 0; i < 10_000; i++) {
    place = go(trace, place, "back");
    expect(stateAt(trace, place).edges.size).toBe(Math.max(0, place.step + 1));
  }
  expect(place).toEqual(at(trace));
});
