/** Draws the wires: the forward way as a thin line, the gradient as a coloured one with its value on it. */
import * as d3 from "d3";
import type { Value } from "../../trace/schema.ts";
import { edgeKey } from "../../trace/stepper.ts";
import { type Face, SIZE, shortValue } from "../layout/face.ts";
import { isLeaf, type Wire } from "../layout/graph.ts";
import { type Course, LABEL_HEIGHT, type Point } from "../layout/plan.ts";
import { chevron, hueClass, n } from "../marks/mark.ts";
import { plus } from "../marks/sum.ts";
import { CHIP_COLUMNS } from "../picture.ts";
import { columns } from "../plain.ts";
import { type Group, strokes } from "./cards.ts";
import type { Scene } from "./scene.ts";

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

function pathOf(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return "";
  let d = `M${n(start.x)} ${n(start.y)}`;
  for (let i = 0; i + 2 < rest.length; i += 3)
    d += `C${[rest[i], rest[i + 1], rest[i + 2]].map((p) => `${n((p as Point).x)} ${n((p as Point).y)}`).join(" ")}`;
  return d;
}

/** What a wire carries at this moment of the walk. */
function gradientOn({ carries }: Wire, { trace, state }: Scene): Value | null {
  if (state === null || carries.kind === "nothing") return null;
  if (carries.kind === "edge") return state.edges.get(edgeKey(carries.node, carries.edge)) ?? null;
  if (carries.root === null) return null;
  return trace.backwards[state.place.backward]?.roots[carries.root]?.seed ?? null;
}

/** Wires whose gradient the current step sends. */
const isCurrent = ({ carries }: Wire, { state }: Scene): boolean =>
  state !== null &&
  (carries.kind === "edge" ? carries.node === state.node : carries.kind === "root" && state.place.step < 0);

/** What a wire looked like when it was last brought up to date. */
const looks = new WeakMap<
  Element,
  { readonly points: readonly Point[]; readonly gradient: Value | null; readonly now: boolean }
>();

export function drawWires(layer: Layer, chips: Layer, scene: Scene): void {
  const { picture, placement } = scene;
  const { faces, graph } = picture;
  const course = (wire: Wire): Course => placement.lines.get(wire.id) as Course;
  layer
    .selectAll<SVGGElement, Wire>("g.wire")
    .data(graph.wires, (wire) => wire.id)
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
      const gradient = gradientOn(wire, scene);
      const now = gradient !== null && isCurrent(wire, scene);
      const { points } = course(wire);
      const before = looks.get(this);
      if (before?.points === points && before.gradient === gradient && before.now === now) return;
      looks.set(this, { points, gradient, now });
      const d = pathOf(points);
      const end = points.at(-1) as Point;
      const start = points[0] as Point;
      const operand = hueClass(wireHue(wire, faces));
      const source = hueClass(chipHue(wire, faces));
      group
        .attr("class", "wire")
        .classed("dead", wire.carries.kind === "nothing")
        .classed("flowed", gradient !== null)
        .classed("now", now);
      group.select(".forward").attr("class", `forward${operand}`).attr("d", d);
      group
        .select(".gradient")
        .attr("class", `gradient${source}`)
        .attr("d", gradient === null ? null : d);
      group
        .select(".tip-down")
        .attr("class", `tip-down${operand}`)
        .attr(
          "d",
          `M${n(end.x - 4)} ${n(end.y - 7)}L${n(end.x)} ${n(end.y)}L${n(end.x + 4)} ${n(end.y - 7)}z`,
        );
      group
        .select(".tip-up")
        .attr("class", `tip-up${source}`)
        .attr(
          "d",
          gradient === null
            ? null
            : `M${n(start.x - 5)} ${n(start.y + 9)}L${n(start.x)} ${n(start.y + 1)}L${n(start.x + 5)} ${n(start.y + 9)}z`,
        );
    });
  drawChips(chips, scene, course);
}

/** The values on the wires. Where many wires are drawn only those of the current step are labelled. */
function drawChips(layer: Layer, scene: Scene, course: (wire: Wire) => Course): void {
  const { faces, graph, plan } = scene.picture;
  const roomy = new Set(plan.lines.filter((line) => line.label > 0).map((line) => line.id));
  const labelled = graph.wires.flatMap((wire) => {
    const value = gradientOn(wire, scene);
    return value !== null && (roomy.has(wire.id) || isCurrent(wire, scene))
      ? [{ wire, text: shortValue(value, CHIP_COLUMNS) }]
      : [];
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
    .each(function ({ wire, text }) {
      const group = d3.select(this);
      const width = columns(text) * SIZE.column + 24;
      const { label } = course(wire);
      group
        .attr("class", `chip${hueClass(chipHue(wire, faces))}`)
        .classed("now", isCurrent(wire, scene))
        .attr("transform", `translate(${n(label.x - width / 2)},${n(label.y - LABEL_HEIGHT / 2)})`);
      group.select("rect").attr("width", width);
      group.select("path").attr("d", `${chevron(11, 6, 3.5)}M11 6V14`);
      group.select("text").attr("x", 19).attr("y", 14).text(text);
    });
}

/** A plus under each output that gradients reach by several wires: there they add up. */
export function drawSums(layer: Layer, { trace, picture, placement }: Scene): void {
  const arriving = d3.group(
    picture.graph.wires.filter((wire) => wire.carries.kind !== "nothing"),
    (wire) => `${wire.from} ${wire.fromPort}`,
  );
  const sums = [...arriving.values()].filter((wires) => wires.length > 1).map((wires) => wires[0] as Wire);
  layer
    .selectAll<SVGGElement, Wire>("g.sum")
    .data(sums, (wire) => wire.id)
    .join("g")
    .attr("class", (wire) => {
      const { node } = picture.faces.get(wire.from)?.card ?? {};
      return `sum mark${node != null && isLeaf(trace, node) ? " at-leaf" : ""}`;
    })
    .each(function (wire) {
      const { x, y } = (placement.lines.get(wire.id) as Course).points[0] as Point;
      strokes(d3.select(this) as unknown as Group, plus(x, y, 7.5));
    });
}
