/** The whole picture, small, with the part that is in view; a press on it goes there. */
import type { Area, Point } from "../layout/plan.ts";
import { inks, paint } from "./far.ts";
import type { Scene } from "./scene.ts";

export interface Minimap {
  readonly element: HTMLElement;
  /** `view`: the part of the picture that is on screen; `current`: where the walk stands. */
  show(scene: Scene, view: Area, current: Area | null): void;
}

/** Where so much of the picture is in view, or so few cards are in it, a map of it is not needed. */
const MOSTLY = 0.6;
const FEW = 12;
const SIZE = { width: 168, height: 120, pad: 6 } as const;

export function minimap(go: (middle: Point) => void): Minimap {
  const element = document.createElement("div");
  element.className = "minimap";
  element.setAttribute("aria-hidden", "true");
  const base = document.createElement("canvas");
  const over = document.createElement("canvas");
  element.append(base, over);
  let drawn: Scene | null = null;
  let scale = 1;
  let origin: Point = { x: 0, y: 0 };

  const point = (event: PointerEvent): void => {
    const { left, top } = element.getBoundingClientRect();
    go({ x: (event.clientX - left - origin.x) / scale, y: (event.clientY - top - origin.y) / scale });
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    point(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons === 1) point(event);
  });

  function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = SIZE.width * ratio;
    canvas.height = SIZE.height * ratio;
    const made = canvas.getContext("2d") as CanvasRenderingContext2D;
    made.setTransform(ratio, 0, 0, ratio, 0, 0);
    return made;
  }

  return {
    element,
    show(scene, view, current) {
      const { arrangement, picture } = scene;
      const { width, height } = arrangement;
      // Where all of it can be seen there is nothing to find.
      const seen = Math.min(1, view.width / width) * Math.min(1, view.height / height);
      const needless = seen > MOSTLY || picture.graph.cards.length <= FEW;
      if (element.hidden !== needless) element.hidden = needless;
      if (needless) return;
      const ink = inks(element);
      if (drawn?.arrangement !== arrangement || drawn.sizes !== scene.sizes || drawn.found !== scene.found) {
        scale = Math.min((SIZE.width - 2 * SIZE.pad) / width, (SIZE.height - 2 * SIZE.pad) / height);
        origin = {
          x: (SIZE.width - width * scale) / 2 - arrangement.x * scale,
          y: (SIZE.height - height * scale) / 2 - arrangement.y * scale,
        };
        const small = context(base);
        small.translate(origin.x, origin.y);
        small.scale(scale, scale);
        // What has been visited changes with every step: the map shows the graph, and where one is.
        paint(
          small,
          { ...scene, state: scene.sizes === null ? null : scene.state },
          picture.graph.cards,
          picture.graph.wires,
          scale,
          ink,
        );
        drawn = scene;
      }
      const top = context(over);
      if (current !== null) {
        const middle = { x: current.x + current.width / 2, y: current.y + current.height / 2 };
        top.fillStyle = ink("var(--current)");
        top.beginPath();
        top.arc(origin.x + middle.x * scale, origin.y + middle.y * scale, 3, 0, 2 * Math.PI);
        top.fill();
      }
      top.strokeStyle = ink("var(--fg)");
      top.lineWidth = 1.2;
      top.strokeRect(
        origin.x + view.x * scale,
        origin.y + view.y * scale,
        view.width * scale,
        view.height * scale,
      );
    },
  };
}
