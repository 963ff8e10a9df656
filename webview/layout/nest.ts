/**
 * Places boxes in frames: each frame's inside is a plan of its own, and the frame then a box in the plan around
 * it. So a frame that opens or closes changes what is in it, and only the size of a box elsewhere.
 */
import type { Area, Arrangement, Box, Course, Line, Nest, Placement, Plan, Point } from "./plan.ts";

/** Room inside a frame, px; more at the top, where its title stands. */
export const FRAME = { pad: 16, head: 30 } as const;
/** Where a line passes a frame's edge. */
const PIN = { width: 10, height: 2 } as const;

/** `flat` places one plan; it may remember what it placed. */
export function placeNest(nest: Nest, flat: (plan: Plan) => Placement): Arrangement {
  const turned = nest.direction === "right";
  const arranged = new Nesting(turned ? turnNest(nest) : nest, turned, flat).arrange();
  return turned ? turnArrangement(arranged) : arranged;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One piece of a line: in the plan of one frame. Its ports on a frame are known once that frame is placed. */
interface Piece {
  readonly frame: string | null;
  readonly line: Mutable<Line>;
}

class Nesting {
  private readonly parents: ReadonlyMap<string, string | null>;
  private readonly boxes = new Map<string | null, Box[]>([[null, []]]);
  private readonly lines = new Map<string | null, Line[]>([[null, []]]);
  private readonly pieces = new Map<string, Piece[]>();
  private readonly placements = new Map<string | null, Placement>();
  /** Where the plan of a frame stands within the frame's box. */
  private readonly inset: Point;

  constructor(
    private readonly nest: Nest,
    private readonly turned: boolean,
    private readonly flat: (plan: Plan) => Placement,
  ) {
    this.parents = new Map(nest.frames.map((frame) => [frame.id, frame.parent]));
    this.inset = turned ? { x: FRAME.head, y: FRAME.pad } : { x: FRAME.pad, y: FRAME.head };
    for (const frame of nest.frames) {
      this.boxes.set(frame.id, []);
      this.lines.set(frame.id, []);
    }
  }

  arrange(): Arrangement {
    const { nest } = this;
    const first = this.firstBoxes();
    for (const box of nest.boxes) {
      for (const frame of first.get(box.id) ?? []) this.hold(this.parents.get(frame) ?? null, frame);
      (this.boxes.get(box.frame) as Box[]).push(box);
    }
    for (const line of nest.lines) this.cut(line);
    for (const frame of [...nest.frames].reverse()) this.close(frame.id, frame.title);
    this.placements.set(null, this.flat({ boxes: this.own(null), lines: this.lines.get(null) as Line[] }));
    return this.gather();
  }

  /** For the first box of each frame, the frames that begin with it, outer ones first: there the frame stands. */
  private firstBoxes(): Map<string, string[]> {
    const begun = new Set<string>();
    const first = new Map<string, string[]>();
    for (const box of this.nest.boxes) {
      const fresh: string[] = [];
      for (let at = box.frame; at !== null && !begun.has(at); at = this.parents.get(at) ?? null) {
        begun.add(at);
        fresh.unshift(at);
      }
      if (fresh.length > 0) first.set(box.id, fresh);
    }
    return first;
  }

  /** A place for a frame among the boxes around it; its size is known once its inside is placed. */
  private hold(parent: string | null, id: string): void {
    (this.boxes.get(parent) as Box[]).push({ id, width: 0, height: 0, inputs: [], outputs: [] });
  }

  private readonly framesOfBoxes = new Map<string, string | null>();
  private chain(id: string): string[] {
    if (this.framesOfBoxes.size === 0)
      for (const box of this.nest.boxes) this.framesOfBoxes.set(box.id, box.frame);
    const chain: string[] = [];
    for (let at = this.framesOfBoxes.get(id) ?? null; at !== null; at = this.parents.get(at) ?? null)
      chain.push(at);
    return chain;
  }

  /** Cuts a line at each frame that it leaves or enters; the pins there belong to that line alone. */
  private cut(line: Line): void {
    const leaving = this.chain(line.from);
    const entering = this.chain(line.to);
    while (leaving.length > 0 && leaving.at(-1) === entering.at(-1)) {
      leaving.pop();
      entering.pop();
    }
    const outermost = leaving.at(-1) ?? entering.at(-1);
    const around =
      outermost === undefined ? (this.chain(line.from)[0] ?? null) : (this.parents.get(outermost) ?? null);
    const pieces: Piece[] = [];
    let from = line.from;
    let fromPort = line.fromPort;
    const add = (frame: string | null, to: string, toPort: number, last: boolean): void => {
      const label = last ? line.label : 0;
      pieces.push({ frame, line: { ...line, from, fromPort, to, toPort, label } });
    };
    for (const frame of leaving) {
      const pin = `out ${line.id}`;
      (this.boxes.get(frame) as Box[]).push(pinBox(pin, "bottom"));
      add(frame, pin, 0, false);
      from = frame;
      fromPort = -1;
    }
    const inwards = [...entering].reverse();
    const [door] = inwards;
    add(around, door ?? line.to, door === undefined ? line.toPort : -1, door === undefined);
    inwards.forEach((frame, i) => {
      const pin = `in ${line.id}`;
      (this.boxes.get(frame) as Box[]).push(pinBox(pin, "top"));
      from = pin;
      fromPort = 0;
      const next = inwards[i + 1];
      add(frame, next ?? line.to, next === undefined ? line.toPort : -1, next === undefined);
    });
    for (const { frame, line: piece } of pieces) (this.lines.get(frame) as Line[]).push(piece);
    this.pieces.set(line.id, pieces);
  }

  /** The boxes of a frame's plan: those of frames in it as they have become. */
  private own(frame: string | null): Box[] {
    return (this.boxes.get(frame) as Box[]).map((box) => this.closed.get(box.id) ?? box);
  }

  private readonly closed = new Map<string, Box>();

  /** Places a frame's inside, and makes the box of it. */
  private close(id: string, title: number): void {
    const boxes = this.own(id);
    const placement = this.flat({ boxes, lines: this.lines.get(id) as Line[] });
    this.placements.set(id, placement);
    const { inset, turned } = this;
    const pins = (side: "top" | "bottom"): { line: string; x: number }[] =>
      boxes
        .filter((box) => box.pin === side)
        .map((box) => ({
          line: box.id.slice(box.id.indexOf(" ") + 1),
          x: inset.x + (placement.boxes.get(box.id) as Point).x + PIN.width / 2,
        }))
        .sort((a, b) => a.x - b.x);
    const [inputs, outputs] = [pins("top"), pins("bottom")];
    // The title stands along the real top, which is the left of a plan that is turned.
    const width = placement.width + (turned ? FRAME.head + FRAME.pad : 2 * FRAME.pad);
    const height = placement.height + (turned ? 2 * FRAME.pad : FRAME.head + FRAME.pad);
    this.closed.set(id, {
      id,
      width: Math.ceil(turned ? width : Math.max(width, title)),
      height: Math.ceil(turned ? Math.max(height, title) : height),
      inputs: inputs.map((pin) => pin.x),
      outputs: outputs.map((pin) => pin.x),
    });
    // The pieces of a line follow each other: outside an input is the piece before, outside an output the one after.
    const outside = (line: string, step: number): Mutable<Line> => {
      const pieces = this.pieces.get(line) as Piece[];
      return (pieces[pieces.findIndex((piece) => piece.frame === id) + step] as Piece).line;
    };
    inputs.forEach(({ line }, port) => {
      outside(line, -1).toPort = port;
    });
    outputs.forEach(({ line }, port) => {
      outside(line, 1).fromPort = port;
    });
  }

  private gather(): Arrangement {
    const whole = this.placements.get(null) as Placement;
    const origins = new Map<string | null, Point>([[null, { x: 0, y: 0 }]]);
    const frames = new Map<string, Area>();
    for (const { id, parent } of this.nest.frames) {
      const around = origins.get(parent) as Point;
      const at = (this.placements.get(parent) as Placement).boxes.get(id) as Point;
      const { width, height } = this.closed.get(id) as Box;
      const area = { x: around.x + at.x, y: around.y + at.y, width, height };
      frames.set(id, area);
      origins.set(id, { x: area.x + this.inset.x, y: area.y + this.inset.y });
    }
    const boxes = new Map<string, Point>();
    for (const box of this.nest.boxes)
      boxes.set(
        box.id,
        moved(
          (this.placements.get(box.frame) as Placement).boxes.get(box.id) as Point,
          origins.get(box.frame) as Point,
        ),
      );
    const lines = new Map<string, Course>();
    for (const [id, pieces] of this.pieces) {
      const points: Point[] = [];
      let label: Point = { x: 0, y: 0 };
      for (const { frame } of pieces) {
        const origin = origins.get(frame) as Point;
        const course = (this.placements.get(frame) as Placement).lines.get(id) as Course;
        const own = course.points.map((point) => moved(point, origin));
        if (points.length > 0)
          points.push(...straight(points.at(-1) as Point, own[0] as Point), ...own.slice(1));
        else points.push(...own);
        label = moved(course.label, origin);
      }
      lines.set(id, { points, label });
    }
    return { x: 0, y: 0, width: whole.width, height: whole.height, boxes, lines, frames };
  }
}

const pinBox = (id: string, pin: "top" | "bottom"): Box => ({
  id,
  width: PIN.width,
  height: PIN.height,
  inputs: [PIN.width / 2],
  outputs: [PIN.width / 2],
  pin,
});

const moved = (point: Point, by: Point): Point => ({ x: point.x + by.x, y: point.y + by.y });

/** The cubic from a to b that is a line, without its first point. */
const straight = (a: Point, b: Point): Point[] => [a, b, b];

const turn = ({ x, y }: Point): Point => ({ x: y, y: x });

const turnNest = (nest: Nest): Nest => ({
  ...nest,
  boxes: nest.boxes.map((box) => ({ ...box, width: box.height, height: box.width })),
  lines: nest.lines.map((line) =>
    line.label === 0 ? line : { ...line, label: line.labelHeight ?? 0, labelHeight: line.label },
  ),
});

function turnArrangement({ width, height, boxes, lines, frames }: Arrangement): Arrangement {
  return {
    x: 0,
    y: 0,
    width: height,
    height: width,
    boxes: new Map([...boxes].map(([id, at]) => [id, turn(at)])),
    lines: new Map(
      [...lines].map(([id, { points, label }]) => [id, { points: points.map(turn), label: turn(label) }]),
    ),
    frames: new Map(
      [...frames].map(([id, area]) => [id, { x: area.y, y: area.x, width: area.height, height: area.width }]),
    ),
  };
}

/**
 * The arrangement moved so that `id` (a box that became a frame, a frame that became a box, or either as it was)
 * stands where it stood before; as it is where it has no place in both.
 */
export function heldAt(id: string, before: Arrangement, after: Arrangement): Arrangement {
  const corner = ({ boxes, frames }: Arrangement): Point | undefined => boxes.get(id) ?? frames.get(id);
  const [was, is] = [corner(before), corner(after)];
  if (was === undefined || is === undefined) return after;
  const by = { x: was.x - is.x, y: was.y - is.y };
  return {
    ...after,
    x: after.x + by.x,
    y: after.y + by.y,
    boxes: new Map([...after.boxes].map(([box, at]) => [box, moved(at, by)])),
    lines: new Map(
      [...after.lines].map(([line, { points, label }]) => [
        line,
        { points: points.map((point) => moved(point, by)), label: moved(label, by) },
      ]),
    ),
    frames: new Map([...after.frames].map(([frame, area]) => [frame, { ...area, ...moved(area, by) }])),
  };
}
