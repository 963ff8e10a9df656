/** Writes a Plan in Graphviz's language and reads the positions that `dot` found. */
import type { Format } from "@hpcc-js/wasm-graphviz";
import { type Box, type Course, LABEL_HEIGHT, type Placement, type Plan, type Point } from "./plan.ts";

const POINTS_PER_INCH = 72;
/** Above this many boxes dot is told to try less hard: its crossing and length searches grow faster than the graph. */
const HURRY = 300;

/**
 * The plan as dot source. One px is one point. Ids are positions in the plan, so that no text of the user
 * stands in it; a label is a small box in the middle of its line, so that room is kept for it.
 */
export function writeDot({ boxes, lines }: Plan): string {
  const index = new Map(boxes.map((box, i) => [box.id, i]));
  const hurry = boxes.length > HURRY ? " nslimit=2 nslimit1=2 mclimit=0.5" : "";
  const rows = [
    "digraph {",
    `graph [ordering=in nodesep=0.35 ranksep=0.28${hurry}]`,
    "node [shape=plain]",
    "edge [arrowhead=none]",
    ...boxes.map((box, i) => `b${i} [${box.pin === undefined ? `label=<${table(box)}>` : pin(box)}]`),
    ...(["top", "bottom"] as const).flatMap((side) => {
      const pins = boxes.flatMap((box, i) => (box.pin === side ? [`b${i}`] : []));
      return pins.length === 0 ? [] : [`{rank=${side === "top" ? "min" : "max"}; ${pins.join("; ")}}`];
    }),
  ];
  lines.forEach((line, i) => {
    const [from, to] = [index.get(line.from) as number, index.get(line.to) as number];
    const tail = boxes[from]?.pin === undefined ? `b${from}:o${line.fromPort}:s` : `b${from}:s`;
    const head = boxes[to]?.pin === undefined ? `b${to}:i${line.toPort}:n` : `b${to}:n`;
    const labelHeight = line.labelHeight ?? LABEL_HEIGHT;
    if (line.label === 0) {
      rows.push(`${tail} -> ${head} [id="${i}" weight=${line.weight}]`);
      return;
    }
    rows.push(
      `l${i} [shape=box fixedsize=true label="" width=${line.label / POINTS_PER_INCH} height=${labelHeight / POINTS_PER_INCH}]`,
      `${tail} -> l${i}:n [id="${i} above" weight=${line.weight}]`,
      `l${i}:s -> ${head} [id="${i} below" weight=${line.weight}]`,
    );
  });
  rows.push("}");
  return rows.join("\n");
}

const pin = ({ width, height }: Box): string =>
  `shape=box fixedsize=true label="" width=${width / POINTS_PER_INCH} height=${height / POINTS_PER_INCH}`;

/** Half the width of the cell that is a port. */
const HALF = 2;

/** An HTML-like label: a row of top ports, the body, a row of bottom ports, all of fixed size. */
function table({ width, height, inputs, outputs }: Box): string {
  const cell = (w: number, h: number, port = ""): string =>
    `<TD${port} FIXEDSIZE="TRUE" WIDTH="${w}" HEIGHT="${h}"></TD>`;
  const frame = `BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="${width}"`;
  const ports = (places: readonly number[], letter: string): string => {
    let reached = 0;
    const cells = places.map((x, i) => {
      const gap = cell(x - HALF - reached, 1);
      reached = x + HALF;
      return `${gap}${cell(2 * HALF, 1, ` PORT="${letter}${i}"`)}`;
    });
    const row = `<TR>${cells.join("")}${cell(width - reached, 1)}</TR>`;
    return `<TR><TD><TABLE ${frame} HEIGHT="1">${row}</TABLE></TD></TR>`;
  };
  return `<TABLE ${frame} HEIGHT="${height}">${ports(inputs, "i")}<TR>${cell(width, height - 2)}</TR>${ports(outputs, "o")}</TABLE>`;
}

/** Positions without the strokes that draw them: half of the time of `json`. The library's type leaves it out. */
export const FORMAT = "json0" as Format;

/** The parts of Graphviz's output that are read. */
interface Drawn {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly pos: string }[];
  readonly edges?: readonly { readonly id: string; readonly pos?: string }[];
}

/** Positions from dot's output for that plan, in that format. Throws where a box or a line of the plan is missing. */
export function readPlacement(plan: Plan, json: string): Placement {
  const drawn = JSON.parse(json) as Drawn;
  const [, , width = 0, height = 0] = drawn.bb.split(",").map(Number);
  const point = (text: string): Point => {
    const [x = Number.NaN, y = Number.NaN] = text.split(",").map(Number);
    if (Number.isNaN(x) || Number.isNaN(y)) throw new Error(`the layout gave "${text}" for a position`);
    return { x, y: height - y };
  };
  const middles = new Map((drawn.objects ?? []).map((object) => [object.name, object.pos]));
  const middle = (name: string): Point => point(middles.get(name) ?? "no position");
  const splines = new Map((drawn.edges ?? []).map((edge) => [edge.id, edge.pos ?? ""]));
  const spline = (id: string): Point[] => (splines.get(id) ?? "no line").split(" ").map(point);

  const boxes = new Map<string, Point>();
  plan.boxes.forEach((box, i) => {
    const { x, y } = middle(`b${i}`);
    boxes.set(box.id, { x: x - box.width / 2, y: y - box.height / 2 });
  });
  const lines = new Map<string, Course>();
  plan.lines.forEach((line, i) => {
    if (line.label === 0) {
      const points = spline(`${i}`);
      lines.set(line.id, { points, label: midpoint(points) });
      return;
    }
    const label = middle(`l${i}`);
    const above = spline(`${i} above`);
    const below = spline(`${i} below`);
    const short = above.length === 4 && below.length === 4;
    const points = short
      ? sweep(above[0] as Point, label, below[3] as Point)
      : [...above, ...through(above, below), ...below.slice(1)];
    lines.set(line.id, { points, label });
  });
  return { width, height, boxes, lines };
}

/**
 * One sweep from a through b to c that leaves and arrives vertically. At b it leans the way it goes, but only as
 * far as it keeps going one way: where b is above or below an end it passes b vertically.
 */
function sweep(a: Point, b: Point, c: Point): Point[] {
  const [left, right] = [(b.x - a.x) / (b.y - a.y), (c.x - b.x) / (c.y - b.y)];
  const lean = left * right <= 0 ? 0 : (2 * left * right) / (left + right);
  const up = (b.y - a.y) / 2;
  const down = (c.y - b.y) / 2;
  return [
    a,
    { x: a.x, y: a.y + up },
    { x: b.x - lean * up, y: b.y - up },
    b,
    { x: b.x + lean * down, y: b.y + down },
    { x: c.x, y: c.y - down },
    c,
  ];
}

/** The straight cubic that carries a line through its label: two handles and the first point of the lower half. */
function through(above: readonly Point[], below: readonly Point[]): Point[] {
  const a = above[above.length - 1] as Point;
  const b = below[0] as Point;
  const at = (t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });
  return [at(1 / 3), at(2 / 3), b];
}

/** The point in the middle of the middle piece of a Bézier chain. */
export function midpoint(points: readonly Point[]): Point {
  const pieces = (points.length - 1) / 3;
  const from = Math.floor((pieces - 1) / 2) * 3;
  const [a, b, c, d] = points.slice(from, from + 4) as [Point, Point, Point, Point];
  const mix = (k: "x" | "y"): number => (a[k] + 3 * b[k] + 3 * c[k] + d[k]) / 8;
  return { x: mix("x"), y: mix("y") };
}
