import { Graphviz } from "@hpcc-js/wasm-graphviz";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Trace } from "../../trace/schema.ts";
import { FORMAT, readPlacement, writeDot } from "../../webview/layout/dot.ts";
import { layered } from "../../webview/layout/layered.ts";
import {
  type Course,
  LABEL_HEIGHT,
  type Placement,
  type Plan,
  type Point,
} from "../../webview/layout/plan.ts";
import { pictureOf } from "../../webview/picture.ts";
import { anyTrace, planned } from "../support/traces.ts";
import { traceNamed } from "./traces.ts";

let graphviz: Graphviz;
beforeAll(async () => {
  graphviz = await Graphviz.load();
});

const byDot = (plan: Plan): Placement => readPlacement(plan, graphviz.layout(writeDot(plan), FORMAT, "dot"));
const engines = { dot: byDot, layered };

const scope = (trace: Trace) => ({
  backward: trace.backwards.length > 0 ? 0 : null,
  everything: false,
  open: null,
});
const planOf = (trace: Trace): Plan => {
  const { boxes, lines } = pictureOf(trace, scope(trace)).nest;
  return { boxes: boxes.map(({ frame: _, ...box }) => box), lines };
};

interface Rectangle {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const rectangles = (plan: Plan, placement: Placement): Rectangle[] =>
  plan.boxes.map(({ id, width, height }) => ({ id, width, height, ...(placement.boxes.get(id) as Point) }));

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1;

function overlapping(all: readonly Rectangle[]): string[] {
  return all.flatMap((a, i) =>
    all.slice(i + 1).flatMap((b) => (overlap(a, b) ? [`${a.id} over ${b.id}`] : [])),
  );
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 3;

/** Lines that do not run from the port at the bottom of one box down to the port on top of another. */
function astray(plan: Plan, placement: Placement): string[] {
  const boxes = new Map(plan.boxes.map((box) => [box.id, box]));
  return plan.lines.flatMap((line) => {
    const { points } = placement.lines.get(line.id) as Course;
    const [from, to] = [boxes.get(line.from), boxes.get(line.to)] as [
      Plan["boxes"][number],
      Plan["boxes"][number],
    ];
    const [a, b] = [placement.boxes.get(line.from), placement.boxes.get(line.to)] as [Point, Point];
    const start = { x: a.x + (from.outputs[line.fromPort] as number), y: a.y + from.height };
    const end = { x: b.x + (to.inputs[line.toPort] as number), y: b.y };
    const [first, last] = [points[0], points.at(-1)] as [Point, Point];
    const right =
      near(first.x, start.x) &&
      near(first.y, start.y) &&
      near(last.x, end.x) &&
      near(last.y, end.y) &&
      start.y < end.y;
    return right && points.length % 3 === 1 ? [] : [line.id];
  });
}

describe.each(Object.entries(engines))("the %s layout", (_, place) => {
  test("puts no card over another, and runs each wire from port down to port", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const plan = planOf(trace);
        const placement = place(plan);
        expect(overlapping(rectangles(plan, placement))).toEqual([]);
        expect(astray(plan, placement)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps everything inside the picture", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const plan = planOf(trace);
        const placement = place(plan);
        for (const { x, y, width, height } of rectangles(plan, placement)) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(-1);
          expect(x + width).toBeLessThanOrEqual(placement.width + 1);
          expect(y + height).toBeLessThanOrEqual(placement.height + 1);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("draws the same trace the same way", async () => {
    const plan = planOf(await traceNamed("everyPath"));
    expect(place(plan)).toEqual(place(planOf(structuredClone(await traceNamed("everyPath")))));
  });

  test("keeps operands on their sides", async () => {
    const plan = planOf(await traceNamed("twoLayers"));
    const placement = place(plan);
    for (const box of plan.boxes) {
      const into = plan.lines.filter((line) => line.to === box.id).sort((a, b) => a.toPort - b.toPort);
      const ends = into.map((line) => (placement.lines.get(line.id) as Course).points.at(-1)?.x as number);
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
    }
  });

  test("places an empty plan and a lone box", () => {
    expect(place({ boxes: [], lines: [] }).boxes.size).toBe(0);
    const lone = { boxes: [{ id: "a", width: 50, height: 20, inputs: [25], outputs: [25] }], lines: [] };
    expect(place(lone).boxes.get("a")).toEqual({ x: 0, y: 0 });
  });
});

test("dot keeps room for each gradient: no label lies over a card or over another label", async () => {
  const plan = planOf(await traceNamed("everyPath"));
  const placement = byDot(plan);
  const labels = plan.lines
    .filter((line) => line.label > 0)
    .map(({ id, label }) => {
      const middle = placement.lines.get(id)?.label as Point;
      return {
        id,
        x: middle.x - label / 2,
        y: middle.y - LABEL_HEIGHT / 2,
        width: label,
        height: LABEL_HEIGHT,
      };
    });
  expect(labels.length).toBeGreaterThan(6);
  expect(overlapping([...labels, ...rectangles(plan, placement)])).toEqual([]);
});

test("a chain of ops that each take a leaf runs straight down by dot", async () => {
  const trace = await traceNamed("shared");
  const picture = pictureOf(trace, scope(trace));
  const placement = byDot(planOf(trace));
  const middles = picture.graph.cards
    .filter((card) => card.kind === "op")
    .map((card) => (placement.boxes.get(card.id)?.x ?? 0) + (picture.faces.get(card.id)?.width ?? 0) / 2);
  expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(12);
});

test("no text of a trace stands in the dot source", () => {
  const trace = planned({ edges: [[1], []], passes: 1 });
  const hostile = structuredClone(trace);
  for (const node of hostile.nodes) node.name = '"]; evil [label="<b>';
  for (const tensor of hostile.tensors) tensor.names = ["evil>"];
  expect(writeDot(planOf(hostile))).not.toContain("evil");
});

test("the layered layout takes a graph of thousands without recursion, and says no to a cycle", () => {
  const length = 20_000;
  const box = (i: number) => ({ id: `${i}`, width: 40, height: 20, inputs: [20], outputs: [20] });
  const line = (i: number) =>
    ({ id: `${i}`, from: `${i}`, fromPort: 0, to: `${i + 1}`, toPort: 0, label: 0, weight: 1 }) as const;
  const plan: Plan = {
    boxes: Array.from({ length }, (_, i) => box(i)),
    lines: Array.from({ length: length - 1 }, (_, i) => line(i)),
  };
  expect(layered(plan).boxes.size).toBe(length);
  const cycle: Plan = { boxes: [box(0), box(1)], lines: [line(0), { ...line(1), from: "1", to: "0" }] };
  expect(() => layered(cycle)).toThrow("cycle");
});
