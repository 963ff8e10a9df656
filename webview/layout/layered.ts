/**
 * A plain layered layout in linear time: layers by longest path, each source pulled down to its consumer, order
 * by averaging, one straightening pass. It needs nothing but numbers, so it is what stands where dot is too slow
 * or did not start.
 */
import { midpoint } from "./dot.ts";
import { type Box, type Course, drop, LABEL_HEIGHT, type Placement, type Plan, type Point } from "./plan.ts";

const GAP_X = 28;
const GAP_Y = 26;
const SWEEPS = 4;
/** Width that a long line takes in each layer that it only passes. */
const PASSING = 10;

/** A thing that takes a place in a layer: a box, or a line that passes. */
interface Slot {
  readonly layer: number;
  readonly width: number;
  readonly height: number;
  readonly box: Box | null;
  readonly up: Link[];
  readonly down: Link[];
  /** Left edge. */
  x: number;
}

/** A neighbour of a slot: where on the neighbour, and where on the slot itself, the line ends. */
interface Link {
  readonly to: Slot;
  readonly toOffset: number;
  readonly ownOffset: number;
}

export function layered(plan: Plan): Placement {
  const boxes = new Map(plan.boxes.map((box) => [box.id, box]));
  const layers = layersOf(plan);
  const rows: Slot[][] = [];
  const add = (layer: number, width: number, height: number, box: Box | null): Slot => {
    const slot: Slot = { layer, width, height, box, up: [], down: [], x: 0 };
    rows[layer] ??= [];
    (rows[layer] as Slot[]).push(slot);
    return slot;
  };
  const slots = new Map<string, Slot>();
  const chains = new Map<string, Slot[]>();
  // Boxes are entered from the results upwards, inputs in operand order, so that the first order is already sensible.
  for (const id of fromBelow(plan)) {
    const box = boxes.get(id) as Box;
    slots.set(id, add(layers.get(id) as number, box.width, box.height, box));
  }
  for (const line of plan.lines) {
    const from = slots.get(line.from) as Slot;
    const to = slots.get(line.to) as Slot;
    const chain = [from];
    for (let layer = from.layer + 1; layer < to.layer; layer++) chain.push(add(layer, PASSING, 0, null));
    chain.push(to);
    chains.set(line.id, chain);
    for (let i = 1; i < chain.length; i++) {
      const a = chain[i - 1] as Slot;
      const b = chain[i] as Slot;
      const aOffset = a === from ? ((from.box as Box).outputs[line.fromPort] as number) : PASSING / 2;
      const bOffset = b === to ? ((to.box as Box).inputs[line.toPort] as number) : PASSING / 2;
      a.down.push({ to: b, toOffset: bOffset, ownOffset: aOffset });
      b.up.push({ to: a, toOffset: aOffset, ownOffset: bOffset });
    }
  }

  for (const row of rows) pack(row);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const downwards = sweep % 2 === 0;
    for (const row of downwards ? rows : [...rows].reverse()) {
      const wanted = new Map(row.map((slot) => [slot, wish(slot, downwards ? slot.up : slot.down)]));
      row.sort((a, b) => (wanted.get(a) as number) - (wanted.get(b) as number));
      settle(row, wanted);
    }
  }
  return measure(plan, rows, slots, chains);
}

/** Longest path from the sources; then every source stands just above the first thing that uses it. */
function layersOf(plan: Plan): Map<string, number> {
  const consumers = new Map<string, string[]>(plan.boxes.map((box) => [box.id, []]));
  const waiting = new Map(plan.boxes.map((box) => [box.id, 0]));
  for (const line of plan.lines) {
    (consumers.get(line.from) as string[]).push(line.to);
    waiting.set(line.to, (waiting.get(line.to) as number) + 1);
  }
  const isSource = new Set([...waiting].filter(([, count]) => count === 0).map(([id]) => id));
  const layers = new Map<string, number>();
  const ready = [...isSource];
  for (const id of ready) layers.set(id, 0);
  for (let next = 0; next < ready.length; next++) {
    const id = ready[next] as string;
    for (const consumer of consumers.get(id) as string[]) {
      layers.set(consumer, Math.max(layers.get(consumer) ?? 0, (layers.get(id) as number) + 1));
      const left = (waiting.get(consumer) as number) - 1;
      waiting.set(consumer, left);
      if (left === 0) ready.push(consumer);
    }
  }
  if (ready.length < plan.boxes.length)
    throw new Error("the graph has a cycle: an autograd graph cannot have one");
  const last = [...layers.values()].reduce((most, layer) => Math.max(most, layer), 0);
  for (const { id, pin } of plan.boxes) if (pin === "bottom") layers.set(id, last);
  const pinned = new Set(plan.boxes.filter((box) => box.pin === "top").map((box) => box.id));
  for (const id of isSource) {
    if (pinned.has(id)) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (const consumer of consumers.get(id) as string[])
      nearest = Math.min(nearest, layers.get(consumer) as number);
    if (Number.isFinite(nearest)) layers.set(id, nearest - 1);
  }
  return layers;
}

/** Every box, walking from those that nothing uses up through the inputs, depth first. */
function fromBelow(plan: Plan): string[] {
  const inputs = new Map<string, string[]>(plan.boxes.map((box) => [box.id, []]));
  const used = new Set<string>();
  for (const line of plan.lines) {
    (inputs.get(line.to) as string[]).push(line.from);
    used.add(line.from);
  }
  const seen = new Set<string>();
  const stack = plan.boxes.filter((box) => !used.has(box.id)).map((box) => box.id);
  stack.reverse();
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    stack.push(...(inputs.get(id) as string[]).toReversed());
  }
  return [...seen];
}

function pack(row: readonly Slot[]): void {
  let x = 0;
  for (const slot of row) {
    slot.x = x;
    x += slot.width + GAP_X;
  }
}

/** The left edge at which its lines would run straight, on average. */
function wish(slot: Slot, links: readonly Link[]): number {
  if (links.length === 0) return slot.x;
  let sum = 0;
  for (const { to, toOffset, ownOffset } of links) sum += to.x + toOffset - ownOffset;
  return sum / links.length;
}

/** Put each slot as near to its wish as order and gaps allow: runs of touching slots move as one. */
function settle(row: readonly Slot[], wanted: ReadonlyMap<Slot, number>): void {
  const runs: { start: number; offset: number; sum: number; count: number; x: number }[] = [];
  row.forEach((slot, i) => {
    let run = { start: i, offset: slot.width + GAP_X, sum: wanted.get(slot) as number, count: 1, x: 0 };
    run.x = run.sum;
    for (let last = runs.at(-1); last !== undefined && last.x + last.offset > run.x; last = runs.at(-1)) {
      runs.pop();
      const sum = last.sum + run.sum - run.count * last.offset;
      const count = last.count + run.count;
      run = { start: last.start, offset: last.offset + run.offset, sum, count, x: sum / count };
    }
    runs.push(run);
  });
  runs.forEach((run, r) => {
    let x = run.x;
    for (let i = run.start; i < (runs[r + 1]?.start ?? row.length); i++) {
      const slot = row[i] as Slot;
      slot.x = x;
      x += slot.width + GAP_X;
    }
  });
}

function measure(
  plan: Plan,
  rows: readonly Slot[][],
  slots: ReadonlyMap<string, Slot>,
  chains: ReadonlyMap<string, readonly Slot[]>,
): Placement {
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  const tops: number[] = [];
  const heights: number[] = [];
  let y = 0;
  const labels = plan.lines.reduce(
    (most, line) => (line.label > 0 ? Math.max(most, line.labelHeight ?? LABEL_HEIGHT) : most),
    0,
  );
  const between = GAP_Y * 2 + labels;
  for (const row of rows) {
    let height = 0;
    for (const slot of row) {
      height = Math.max(height, slot.height);
      left = Math.min(left, slot.x);
      right = Math.max(right, slot.x + slot.width);
    }
    tops.push(y);
    heights.push(height);
    y += height + between;
  }
  if (rows.length === 0) left = right = 0;
  // A box stands at the bottom of its layer's band: its result is near what uses it.
  const top = (slot: Slot): number =>
    (tops[slot.layer] as number) + (heights[slot.layer] as number) - slot.height;
  const boxes = new Map<string, Point>();
  for (const [id, slot] of slots) boxes.set(id, { x: slot.x - left, y: top(slot) });
  const lines = new Map<string, Course>();
  for (const line of plan.lines) {
    const chain = chains.get(line.id) as readonly Slot[];
    const from = chain[0] as Slot;
    const to = chain.at(-1) as Slot;
    const start = {
      x: from.x - left + ((from.box as Box).outputs[line.fromPort] as number),
      y: top(from) + from.height,
    };
    const end = { x: to.x - left + ((to.box as Box).inputs[line.toPort] as number), y: top(to) };
    const points: Point[] = [start];
    for (const slot of chain.slice(1, -1)) {
      const x = slot.x - left + PASSING / 2;
      const passed = { x, y: tops[slot.layer] as number };
      points.push(...drop(points.at(-1) as Point, passed).slice(1));
      const below = { x, y: passed.y + (heights[slot.layer] as number) };
      points.push(passed, below, below);
    }
    points.push(...drop(points.at(-1) as Point, end).slice(1));
    // The label stands in the gap above the consumer, where its gradient sets out.
    lines.set(line.id, { points, label: midpoint(points.slice(-4)) });
  }
  return { width: right - left, height: Math.max(0, y - between), boxes, lines };
}
