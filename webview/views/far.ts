/** The picture from afar: where more cards are in view than elements can be, they are drawn on a canvas. */

import { edgeKey } from "../../trace/keys.ts";
import { allZero } from "../../trace/magnitude.ts";
import type { Card, Wire } from "../layout/graph.ts";
import type { Area, Course, Point } from "../layout/plan.ts";
import type { Sight } from "../layout/sight.ts";
import type { View } from "./camera.ts";
import type { Scene } from "./scene.ts";
import { tintOf } from "./tint.ts";
import { sizeOn } from "./wires.ts";

export interface Far {
  readonly element: HTMLCanvasElement;
  /** Draws what is in view; while `moving`, a large picture is shown as it was last drawn, moved along. */
  draw(scene: Scene, sight: Sight, view: View, area: Area, moving: boolean): void;
  clear(): void;
}

/** More cards than this are not drawn anew on every frame of a move. */
const LIVE = 3000;

/** The colours of the theme, as a canvas understands them. */
export function inks(element: HTMLElement): (name: string) => string {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  /** A canvas does not choose between light and dark: a colour that an element has is chosen. */
  const chosen = (color: string): string => {
    element.style.color = color;
    const ink = style.color;
    element.style.color = "";
    return ink;
  };
  return (text) => {
    let ink = known.get(text);
    if (ink === undefined) {
      ink = text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
      if (ink.includes("light-dark(")) ink = chosen(ink);
      known.set(text, ink);
    }
    return ink;
  };
}

export function farView(): Far {
  const element = document.createElement("canvas");
  element.className = "far";
  element.setAttribute("aria-hidden", "true");
  const context = element.getContext("2d") as CanvasRenderingContext2D;
  const kept = document.createElement("canvas");
  let keptView: View | null = null;
  let keptOf: Scene | null = null;

  function sized(): number {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [
      Math.round(element.clientWidth * ratio),
      Math.round(element.clientHeight * ratio),
    ];
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
      keptView = null;
    }
    return ratio;
  }

  return {
    element,
    clear() {
      element.hidden = true;
      keptView = null;
    },
    draw(scene, sight, view, area, moving) {
      element.hidden = false;
      const ratio = sized();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, element.width, element.height);
      if (moving && keptView !== null && keptOf === scene && sight.count(area) > LIVE) {
        const k = view.k / keptView.k;
        context.setTransform(
          k,
          0,
          0,
          k,
          (view.x - keptView.x * k) * ratio,
          (view.y - keptView.y * k) * ratio,
        );
        context.drawImage(kept, 0, 0);
        return;
      }
      context.setTransform(view.k * ratio, 0, 0, view.k * ratio, view.x * ratio, view.y * ratio);
      paint(context, scene, sight.cardsIn(area), sight.wiresIn(area), view.k, inks(element));
      kept.width = element.width;
      kept.height = element.height;
      (kept.getContext("2d") as CanvasRenderingContext2D).drawImage(element, 0, 0);
      keptView = { x: view.x, y: view.y, k: view.k };
      keptOf = scene;
    },
  };
}

/** Draws into a context that is already moved and scaled to the picture; also used for the small map. */
export function paint(
  context: CanvasRenderingContext2D,
  scene: Scene,
  cards: readonly Card[],
  wires: readonly Wire[],
  k: number,
  ink: (text: string) => string,
): void {
  paintFrames(context, scene, k, ink);
  paintWires(context, scene, wires, k, ink);
  paintCards(context, scene, cards, k, ink);
}

function paintFrames(
  context: CanvasRenderingContext2D,
  { arrangement, picture }: Scene,
  k: number,
  ink: (text: string) => string,
): void {
  context.lineWidth = 1 / k;
  context.strokeStyle = ink("var(--line)");
  for (const { id } of picture.graph.frames) {
    const area = arrangement.frames.get(id);
    if (area !== undefined && area.width * k > 6) context.strokeRect(area.x, area.y, area.width, area.height);
  }
}

/** Lines of one colour are one path: a stroke each would be slow. */
function paintWires(
  context: CanvasRenderingContext2D,
  scene: Scene,
  wires: readonly Wire[],
  k: number,
  ink: (text: string) => string,
): void {
  const groups = new Map<string, Path2D>();
  for (const wire of wires) {
    const style = wireStyle(wire, scene);
    let path = groups.get(style);
    if (path === undefined) {
      path = new Path2D();
      groups.set(style, path);
    }
    const { points } = scene.arrangement.lines.get(wire.id) as Course;
    const start = points[0] as Point;
    path.moveTo(start.x, start.y);
    for (let i = 1; i + 2 < points.length; i += 3) {
      const [a, b, c] = [points[i], points[i + 1], points[i + 2]] as [Point, Point, Point];
      if (k > 0.15) path.bezierCurveTo(a.x, a.y, b.x, b.y, c.x, c.y);
      else path.lineTo(c.x, c.y);
    }
  }
  for (const [style, path] of groups) {
    const [color = "", width = "1"] = style.split("|");
    context.strokeStyle = ink(color);
    context.lineWidth = Math.max(Number(width), 0.7 / k);
    context.stroke(path);
  }
}

function wireStyle(wire: Wire, scene: Scene): string {
  const size = sizeOn(wire, scene);
  if (size !== null) {
    const { color, width } = tintOf(scene.range, size);
    return `${color}|${Math.round(width)}`;
  }
  const { state } = scene;
  const flowed =
    wire.carries.kind === "edges" &&
    state !== null &&
    wire.carries.edges.some(({ node, edge }) => state.edges.has(edgeKey(node, edge)));
  return flowed ? "var(--gradient)|2" : "var(--wire)|1.2";
}

function paintCards(
  context: CanvasRenderingContext2D,
  scene: Scene,
  cards: readonly Card[],
  k: number,
  ink: (text: string) => string,
): void {
  const { arrangement, picture, state, found, sizes } = scene;
  const fills = new Map<string, Path2D>();
  const add = (style: string, at: Point, width: number, height: number): void => {
    let path = fills.get(style);
    if (path === undefined) {
      path = new Path2D();
      fills.set(style, path);
    }
    path.rect(at.x, at.y, width, height);
  };
  for (const card of cards) {
    const at = arrangement.boxes.get(card.id) as Point;
    const { width, height } = picture.faces.get(card.id) as { width: number; height: number };
    add(cardStyle(card, scene), at, width, height);
  }
  const line = ink("var(--line)");
  for (const [style, path] of fills) {
    context.fillStyle = ink(style);
    context.fill(path);
    if (k < 0.08) continue;
    context.strokeStyle = line;
    context.lineWidth = 1 / k;
    context.stroke(path);
  }

  function cardStyle(card: Card, { trace }: Scene): string {
    const { node } = card;
    if (found !== null) {
      const hit = node !== null && found.nodes.has(node);
      return hit ? "var(--current)" : "color-mix(in srgb, var(--muted) 25%, var(--bg))";
    }
    if (sizes !== null && node !== null) {
      const size = sizes.nodes.get(node);
      if (size !== undefined && !allZero(size)) return tintOf(scene.range, size).color;
    }
    if (node !== null && state?.node === node) return "var(--current)";
    const leaf = node !== null && trace.nodes[node]?.pattern === "accumulate";
    if (node !== null && state?.visited.has(node))
      return `color-mix(in srgb, var(--gradient) ${leaf ? 70 : 45}%, var(--bg))`;
    return leaf
      ? "color-mix(in srgb, var(--gradient) 20%, var(--bg))"
      : "color-mix(in srgb, var(--muted) 30%, var(--bg))";
  }
}
