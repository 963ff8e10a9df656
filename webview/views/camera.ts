/** Where one looks: pan, zoom, fit and glide over a picture, by d3-zoom. */
import * as d3 from "d3";
import type { Area, Point } from "../layout/plan.ts";
import type { Room } from "../room.ts";

export interface View extends Point {
  readonly k: number;
}

export interface Camera {
  readonly view: View;
  /** Whether the view is still the panel's own choice, so that it may follow a change of size. */
  own: boolean;
  /** The part of the picture that is on screen, and `beyond` times its size to each side. */
  area(beyond?: number): Area;
  go(view: View, smooth: boolean): void;
  zoomBy(factor: number): void;
  /** The view that shows all of the area; null where there is no room yet. */
  fitting(area: Area): View | null;
  /** Brings an area into view if it is not in it. */
  into(area: Area): void;
  /** Its middle in the middle of the screen, as far as `within` leaves no emptiness, at scale `k`. */
  centred(area: Area, within: Area, k: number): View;
}

export const MARGIN = 20;
const SMALLEST = 0.01;
const FITTED = 1.2;
const LARGEST = 3;
const GLIDE = 220;

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** `moved` is called on each frame of a move. */
export function cameraOf(element: SVGSVGElement, room: Room, moved: (view: View) => void): Camera {
  const svg = d3.select<SVGSVGElement, unknown>(element);
  const zoom = d3
    .zoom<SVGSVGElement, unknown>()
    .scaleExtent([SMALLEST, LARGEST])
    .extent(() => [
      [0, 0],
      [room.width, room.height],
    ])
    // A plain wheel pans, as in an editor; with ctrl (a pinch arrives so) it zooms.
    .filter(
      (event: Event) => event.type !== "wheel" && event.type !== "dblclick" && !(event as MouseEvent).button,
    )
    .on("zoom", (event: d3.D3ZoomEvent<SVGSVGElement, unknown>) => {
      if (event.sourceEvent !== null && event.sourceEvent !== undefined) camera.own = false;
      moved(event.transform);
    });
  svg.call(zoom).on("dblclick.zoom", null);
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      camera.own = false;
      if (event.ctrlKey || event.metaKey) {
        zoom.scaleBy(svg, 2 ** (-event.deltaY * 0.01), d3.pointer(event, element));
        return;
      }
      const { k } = d3.zoomTransform(element);
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      zoom.translateBy(svg, (-event.deltaX * unit) / k, (-event.deltaY * unit) / k);
    },
    { passive: false },
  );

  const camera: Camera = {
    own: true,
    get view() {
      return d3.zoomTransform(element);
    },
    area(beyond = 0) {
      const { x, y, k } = d3.zoomTransform(element);
      const [width, height] = [room.width / k, room.height / k];
      return {
        x: -x / k - beyond * width,
        y: -y / k - beyond * height,
        width: width * (1 + 2 * beyond),
        height: height * (1 + 2 * beyond),
      };
    },
    go({ x, y, k }, smooth) {
      const transform = d3.zoomIdentity.translate(x, y).scale(k);
      if (smooth && !calm()) svg.transition().duration(GLIDE).call(zoom.transform, transform);
      else svg.interrupt().call(zoom.transform, transform);
    },
    zoomBy(factor) {
      camera.own = false;
      zoom.scaleBy(svg, factor);
    },
    fitting({ x, y, width, height }) {
      if (room.width === 0 || room.height === 0) return null;
      const fit = Math.min(
        (room.width - 2 * MARGIN) / Math.max(1, width),
        (room.height - 2 * MARGIN) / Math.max(1, height),
      );
      const k = Math.max(SMALLEST, Math.min(FITTED, fit));
      return {
        x: (room.width - width * k) / 2 - x * k,
        y: (room.height - height * k) / 2 - y * k,
        k,
      };
    },
    centred(area, within, k) {
      const along = (at: number, size: number, start: number, length: number): number =>
        size * k + 2 * MARGIN <= length
          ? (length - size * k) / 2 - start * k
          : Math.min(MARGIN - start * k, Math.max(length - MARGIN - (start + size) * k, length / 2 - at * k));
      return {
        x: along(area.x + area.width / 2, within.width, within.x, room.width),
        y: along(area.y + area.height / 2, within.height, within.y, room.height),
        k,
      };
    },
    into({ x, y, width, height }) {
      if (room.width === 0) return;
      const view = d3.zoomTransform(element);
      const [left, top] = view.apply([x, y]);
      const [right, bottom] = view.apply([x + width, y + height]);
      // The card and the wires that leave it should be seen.
      const rim = Math.min(60, room.height / 6);
      const shift = (low: number, high: number, size: number): number =>
        high - low > size - 2 * MARGIN
          ? (size - low - high) / 2
          : low < rim
            ? rim - low
            : high > size - rim
              ? size - rim - high
              : 0;
      const dx = shift(left, right, room.width);
      const dy = shift(top, bottom, room.height);
      if (dx !== 0 || dy !== 0) camera.go({ x: view.x + dx, y: view.y + dy, k: view.k }, true);
    },
  };
  return camera;
}
