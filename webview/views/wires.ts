/** Draws the wires: the forward way as a thin line, the gradient as a coloured one with its value on it. */
import * as d3 from "d3";
import { type Magnitude, magnitudeOf } from "../../trace/magnitude.ts";
import type { Value } from "../../trace/schema.ts";
import { edgeKey } from "../../trace/stepper.ts";
import { isLeaf, type Wire } from "../layout/graph.ts";
import { type Course, type Direction, LABEL_HEIGHT, type Point } from "../layout/plan.ts";
import { type Face, SIZE, shortValue } from "../layout/size.ts";
import { hueClass, n } from "../marks/mark.ts";
import { plus } from "../marks/sum.ts";
import { CHIP_COLUMNS } from "../picture.ts";
import { columns } from "../plain.ts";
import { type Group, strokes } from "./drawing.ts";
import type { Scene } from "./scene.ts";
import { strongest, tintOf } from "./tint.ts";

type Layer = d3.Selection<SVGGElement, unknown, null, undefined>;

/** The colour of an operand's wire: where its consumer has several. */
const wireHue = (wire: Wire, faces: ReadonlyMap<string, Face>): number | null =>
  faces.get(wire.to)?.ports[wire.toPort]?.hue ?? null;

/**
 * The colour of the gradient on a wire: where the rule towards that port uses exactly one other operand's saved
 * value, that operand's. So a swap is seen as two colours that have changed sides.
 */
function chipHue(wire: Wire, faces: ReadonlyMap<string, Face>): number | null {
  const face = faces.get(wire.to);
  const used = face?.strands.filter((strand) => strand.port === wire.toPort) ?? [];
  return used.length === 1 ? (face?.pegs[used[0]?.peg ?? -1]?.hue ?? null) : null;
}

export function pathOf(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return "";
  let d = `M${n(start.x)} ${n(start.y)}`;
  for (let i = 0; i + 2 < rest.length; i += 3)
    d += `C${[rest[i], rest[i + 1], rest[i + 2]].map((p) => `${n((p as Point).x)} ${n((p as Point).y)}`).join(" ")}`;
  return d;
}

/** What a wire carries at this moment of the walk: the gradients that have been sent along it. */
export function gradientsOn({ carries }: Wire, { trace, state }: Scene): readonly Value[] {
  if (state === null || carries.kind === "nothing") return [];
  if (carries.kind === "root") {
    const seed = trace.backwards[state.place.backward]?.roots[carries.root ?? -1]?.seed;
    return seed === undefined ? [] : [seed];
  }
  return carries.edges.flatMap(({ node, edge }) => state.edges.get(edgeKey(node, edge)) ?? []);
}

/** The size of the gradient on a wire over the whole pass, where sizes are shown. */
export function sizeOn({ carries }: Wire, { trace, state, sizes }: Scene): Magnitude | null {
  if (sizes === null || state === null || carries.kind === "nothing") return null;
  if (carries.kind === "root") {
    const seed = trace.backwards[state.place.backward]?.roots[carries.root ?? -1]?.seed;
    return seed === undefined ? null : magnitudeOf(seed);
  }
  return strongest(carries.edges.flatMap(({ node, edge }) => sizes.edges.get(edgeKey(node, edge)) ?? []));
}

/** Wires whose gradient the current step sends. */
const isCurrent = ({ carries }: Wire, { state }: Scene): boolean =>
  state !== null &&
  (carries.kind === "edges"
    ? carries.edges.some((edge) => edge.node === state.node)
    : carries.kind === "root" && state.place.step < 0);

const isOn = (path: ReadonlySet<string>, { carries }: Wire): boolean =>
  carries.kind === "edges" && carries.edges.some(({ node, edge }) => path.has(edgeKey(node, edge)));

/** What a wire looked like when it was last brought up to date. */
const looks = new WeakMap<
  Element,
  {
    readonly points: readonly Point[];
    readonly count: number;
    readonly last: Value | null;
    readonly now: boolean;
    readonly sizes: Scene["sizes"];
    readonly path: Scene["path"];
  }
>();

export function drawWires(layer: Layer, chips: Layer, scene: Scene, wires: readonly Wire[]): void {
  const { picture, arrangement } = scene;
  const { faces, direction } = picture;
  const course = (wire: Wire): Course => arrangement.lines.get(wire.id) as Course;
  layer
    .selectAll<SVGGElement, Wire>("g.wire")
    .data(wires, (wire) => wire.id)
    .join((enter) => {
      const group = enter.append("g");
      group.append("path").attr("class", "forward");
      group.append("path").attr("class", "gradient").attr("pathLength", 1);
      group.append("path").attr("class", "tip-down");
      group.append("path").attr("class", "tip-up");
      return group;
    })
    .each(function (wire) {
      const group = d3.select(this);
      const gradients = gradientsOn(wire, scene);
      const flowed = gradients.length > 0;
      const now = flowed && isCurrent(wire, scene);
      const { points } = course(wire);
      const before = looks.get(this);
      const { sizes, path } = scene;
      const look = { points, count: gradients.length, last: gradients.at(-1) ?? null, now, sizes, path };
      if (
        before !== undefined &&
        (Object.keys(look) as (keyof typeof look)[]).every((key) => before[key] === look[key])
      )
        return;
      looks.set(this, look);
      const d = pathOf(points);
      const end = points.at(-1) as Point;
      const start = points[0] as Point;
      const operand = hueClass(wireHue(wire, faces));
      const source = hueClass(chipHue(wire, faces));
      const size = sizeOn(wire, scene);
      const tint = size === null ? null : tintOf(scene.range, size);
      const dead = wire.carries.kind === "nothing";
      const onPath = path !== null && isOn(path, wire);
      const back = flowed || tint !== null || onPath;
      group
        .attr("class", "wire")
        .classed("dead", dead)
        .classed("flowed", back)
        .classed("now", now)
        .classed("on-path", onPath)
        .classed("off-path", path !== null && !onPath)
        .classed("sized", tint !== null)
        .classed("zero", tint?.kind === "zero")
        .classed("broken", tint?.kind === "broken");
      group.select(".forward").attr("class", `forward${operand}`).attr("d", d);
      group
        .select(".gradient")
        .attr("class", `gradient${source}`)
        .style("--tint", () => tint?.color ?? null)
        .style("--size", () => (tint === null ? null : `${tint.width}px`))
        .attr("d", back ? d : null);
      group
        .select(".tip-down")
        .attr("class", `tip-down${operand}`)
        // Where no gradient comes from, the way back is barred.
        .attr("d", dead ? bar(start, direction) : tip(end, direction, 4));
      group
        .select(".tip-up")
        .attr("class", `tip-up${source}`)
        .style("--tint", () => tint?.color ?? null)
        .attr("d", back ? backTip(start, direction) : null);
    });
  drawChips(chips, scene, wires, course);
}

/** An arrow head at the end of a line that runs down, or to the right. */
function tip({ x, y }: Point, direction: Direction, half: number): string {
  return direction === "down"
    ? `M${n(x - half)} ${n(y - 7)}L${n(x)} ${n(y)}L${n(x + half)} ${n(y - 7)}z`
    : `M${n(x - 7)} ${n(y - half)}L${n(x)} ${n(y)}L${n(x - 7)} ${n(y + half)}z`;
}

/** The arrow head of the gradient, at the line's beginning. */
function backTip({ x, y }: Point, direction: Direction): string {
  return direction === "down"
    ? `M${n(x - 5)} ${n(y + 9)}L${n(x)} ${n(y + 1)}L${n(x + 5)} ${n(y + 9)}z`
    : `M${n(x + 9)} ${n(y - 5)}L${n(x + 1)} ${n(y)}L${n(x + 9)} ${n(y + 5)}z`;
}

/** A bar across a line's beginning. */
function bar({ x, y }: Point, direction: Direction): string {
  return direction === "down"
    ? `M${n(x - 6)} ${n(y + 1)}h12v2.5h-12z`
    : `M${n(x + 1)} ${n(y - 6)}v12h2.5v-12z`;
}

/** The values on the wires. Where many wires are drawn only those of the current step are labelled. */
function drawChips(layer: Layer, scene: Scene, wires: readonly Wire[], course: (wire: Wire) => Course): void {
  const { faces, direction, nest } = scene.picture;
  const roomy = nest.lines.some((line) => line.label > 0);
  const labelled = wires.flatMap((wire) => {
    const now = isCurrent(wire, scene);
    if (!roomy && !now) return [];
    const values = gradientsOn(wire, scene);
    const [only] = values;
    if (only === undefined) return [];
    const text = values.length === 1 ? shortValue(only, CHIP_COLUMNS) : `${values.length} ×`;
    return [{ wire, text, now, broken: values.some((value) => magnitudeOf(value).broken) }];
  });
  layer
    .selectAll<SVGGElement, (typeof labelled)[number]>("g.chip")
    .data(labelled, ({ wire }) => wire.id)
    .join((enter) => {
      const group = enter.append("g");
      group
        .append("rect")
        .attr("height", LABEL_HEIGHT)
        .attr("rx", LABEL_HEIGHT / 2);
      group.append("path").attr("class", "chip-arrow");
      group.append("text");
      return group;
    })
    .each(function ({ wire, text, now, broken }) {
      const group = d3.select(this);
      const width = columns(text) * SIZE.column + 24;
      const { label } = course(wire);
      group
        .attr("class", `chip${hueClass(chipHue(wire, faces))}`)
        .classed("now", now)
        .classed("broken", broken)
        .attr("transform", `translate(${n(label.x - width / 2)},${n(label.y - LABEL_HEIGHT / 2)})`);
      group.select("rect").attr("width", width);
      group
        .select("path")
        .attr(
          "d",
          direction === "down" ? "M7.5 9.5L11 6L14.5 9.5M11 6V14" : "M10.5 6.5L7 10L10.5 13.5M7 10H15",
        );
      group.select("text").attr("x", 19).attr("y", 14).text(text);
    });
}

/** A plus under each output that gradients reach by several wires: there they add up. */
export function drawSums(layer: Layer, { trace, picture, arrangement }: Scene, wires: readonly Wire[]): void {
  const arriving = d3.group(
    wires.filter(
      (wire) => wire.carries.kind !== "nothing" && picture.faces.get(wire.from)?.card.kind !== "group",
    ),
    (wire) => `${wire.from} ${wire.fromPort}`,
  );
  const sums = [...arriving.values()].filter((own) => own.length > 1).map((own) => own[0] as Wire);
  layer
    .selectAll<SVGGElement, Wire>("g.sum")
    .data(sums, (wire) => wire.id)
    .join("g")
    .attr("class", (wire) => {
      const { node } = picture.faces.get(wire.from)?.card ?? {};
      return `sum mark${node != null && isLeaf(trace, node) ? " at-leaf" : ""}`;
    })
    .each(function (wire) {
      const { x, y } = (arrangement.lines.get(wire.id) as Course).points[0] as Point;
      strokes(d3.select(this) as unknown as Group, plus(x, y, 7.5));
    });
}
