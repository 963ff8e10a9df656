/** The graph as an SVG that can be panned, zoomed and walked by keyboard. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import type { Face } from "../layout/face.ts";
import type { Card } from "../layout/graph.ts";
import type { Point } from "../layout/plan.ts";
import { drawCard, type Group, isNode, updateCard } from "./cards.ts";
import type { Scene } from "./scene.ts";
import { drawSums, drawWires } from "./wires.ts";

export interface GraphActions {
  reveal(node: number): void;
  toggleBreakpoint(node: number): void;
  goTo(node: number): void;
  /** The person panned or zoomed to there; null where the view is the panel's own choice. */
  moved(view: View | null): void;
}

export interface View {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

export interface GraphView {
  readonly element: SVGSVGElement;
  /** Draw; a new picture is drawn afresh, the same one is brought up to date. */
  show(scene: Scene): void;
  fit(): void;
  /** The whole graph if it can be read at that size, else a readable size around the current node. */
  settle(): void;
  zoomBy(factor: number): void;
  setView(view: View): void;
  /** Bring the current node into view if it is not in it. */
  follow(): void;
}

const MARGIN = 28;
const SMALLEST = 0.05;
/** Text drawn smaller than this is not comfortably read. */
const READABLE = 0.75;
const FITTED = 1.2;
const LARGEST = 3;

export function graphView(actions: GraphActions): GraphView {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const svg = d3.select<SVGSVGElement, unknown>(element).attr("class", "graph").attr("role", "group");
  const world = svg.append("g").attr("class", "world");
  const wires = world.append("g").attr("class", "wires").attr("aria-hidden", "true");
  const cards = world.append("g").attr("class", "cards");
  const sums = world.append("g").attr("class", "sums").attr("aria-hidden", "true");
  const chips = world.append("g").attr("class", "chips").attr("aria-hidden", "true");
  let scene: Scene | null = null;
  const frames = new Map<string, SVGRectElement>();
  /** The card that Tab leads to. */
  let stop: string | null = null;
  /** Whether the view is still the panel's own choice, so that it may follow a change of size. */
  let own = true;

  const zoom = d3
    .zoom<SVGSVGElement, unknown>()
    .scaleExtent([SMALLEST, LARGEST])
    // A plain wheel pans, as in an editor; with ctrl (a pinch arrives so) it zooms.
    .filter(
      (event: Event) => event.type !== "wheel" && event.type !== "dblclick" && !(event as MouseEvent).button,
    )
    .on("zoom", (event: d3.D3ZoomEvent<SVGSVGElement, unknown>) => {
      const { x, y, k } = event.transform;
      world.attr("transform", `translate(${x},${y}) scale(${k})`);
      if (event.sourceEvent !== null && event.sourceEvent !== undefined) own = false;
      actions.moved(own ? null : { x, y, k });
    });
  svg.call(zoom).on("dblclick.zoom", null);
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      own = false;
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

  const gently = (): d3.Transition<SVGSVGElement, unknown, null, undefined> | typeof svg =>
    matchMedia("(prefers-reduced-motion: reduce)").matches ? svg : svg.transition().duration(180);
  const glide = (transform: d3.ZoomTransform): void => {
    const target = gently();
    if ("duration" in target) zoom.transform(target, transform);
    else zoom.transform(svg, transform);
  };

  function fitted(): d3.ZoomTransform | null {
    const { clientWidth, clientHeight } = element;
    if (scene === null || clientWidth === 0 || clientHeight === 0) return null;
    const { width, height } = scene.placement;
    const k = Math.max(
      SMALLEST,
      Math.min(
        FITTED,
        (clientWidth - 2 * MARGIN) / Math.max(1, width),
        (clientHeight - 2 * MARGIN) / Math.max(1, height),
      ),
    );
    return d3.zoomIdentity.translate((clientWidth - width * k) / 2, (clientHeight - height * k) / 2).scale(k);
  }

  function settle(smooth: boolean): void {
    const whole = fitted();
    if (whole === null || scene === null) return;
    own = true;
    const go = smooth ? glide : (transform: d3.ZoomTransform) => zoom.transform(svg, transform);
    if (whole.k >= READABLE) {
      go(whole);
      return;
    }
    const id = currentCard(scene)?.id ?? scene.picture.graph.cards[0]?.id ?? "";
    const corner = scene.placement.boxes.get(id) ?? { x: 0, y: 0 };
    const face = scene.picture.faces.get(id);
    const k = READABLE;
    /** The middle of the card in the middle of the view, without showing emptiness beyond the picture. */
    const along = (at: number, size: number, room: number): number =>
      size * k + 2 * MARGIN <= room
        ? (room - size * k) / 2
        : Math.min(MARGIN, Math.max(room - MARGIN - size * k, room / 2 - at * k));
    const { width, height } = scene.placement;
    const x = along(corner.x + (face?.width ?? 0) / 2, width, element.clientWidth);
    const y = along(corner.y + (face?.height ?? 0) / 2, height, element.clientHeight);
    go(d3.zoomIdentity.translate(x, y).scale(k));
  }
  new ResizeObserver(() => {
    if (own) settle(false);
  }).observe(element);

  function select(id: string, focus: boolean): void {
    const frame = frames.get(id);
    if (stop !== id) frames.get(stop ?? "")?.setAttribute("tabindex", "-1");
    stop = id;
    frame?.setAttribute("tabindex", "0");
    if (focus) frame?.focus({ preventScroll: true });
  }

  /** The nearest card in a direction, as the eye would find it. */
  function neighbour(from: string, dx: number, dy: number): string | null {
    if (scene === null) return null;
    const { placement, picture } = scene;
    const middle = (id: string): Point => {
      const { x, y } = placement.boxes.get(id) as Point;
      const { width, height } = picture.faces.get(id) as Face;
      return { x: x + width / 2, y: y + height / 2 };
    };
    const here = middle(from);
    let best: string | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const card of picture.graph.cards) {
      if (card.id === from) continue;
      const there = middle(card.id);
      const ahead = (there.x - here.x) * dx + (there.y - here.y) * dy;
      const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
      const cost = ahead + 2 * aside;
      if (ahead > 1 && cost < least) {
        least = cost;
        best = card.id;
      }
    }
    return best;
  }

  function intoView(id: string): void {
    if (scene === null) return;
    const corner = scene.placement.boxes.get(id);
    const face = scene.picture.faces.get(id);
    const { clientWidth, clientHeight } = element;
    if (corner === undefined || face === undefined || clientWidth === 0) return;
    const view = d3.zoomTransform(element);
    const [left, top] = view.apply([corner.x, corner.y]);
    const [right, bottom] = view.apply([corner.x + face.width, corner.y + face.height]);
    // The card and the wires that leave it should be seen.
    const room = Math.min(60, clientHeight / 6);
    const shift = (low: number, high: number, size: number): number =>
      high - low > size - 2 * MARGIN
        ? (size - low - high) / 2
        : low < room
          ? room - low
          : high > size - room
            ? size - room - high
            : 0;
    const dx = shift(left, right, clientWidth);
    const dy = shift(top, bottom, clientHeight);
    if (dx !== 0 || dy !== 0) glide(d3.zoomIdentity.translate(view.x + dx, view.y + dy).scale(view.k));
  }

  function keydown(event: KeyboardEvent, card: Card): void {
    const way = event.altKey ? WAYS[event.key] : undefined;
    if (way !== undefined) {
      const next = neighbour(card.id, way[0], way[1]);
      if (next !== null) {
        select(next, true);
        intoView(next);
      }
    } else if (event.ctrlKey || event.metaKey || event.altKey || !isNode(card)) return;
    else if (event.key === "Enter" || event.key === " ") actions.reveal(card.node as number);
    else if (event.key === "b") actions.toggleBreakpoint(card.node as number);
    else if (event.key === "g") actions.goTo(card.node as number);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function redraw(next: Scene): void {
    const { graph, faces } = next.picture;
    cards.selectAll("g.card").remove();
    frames.clear();
    cards
      .selectAll<SVGGElement, Card>("g.card")
      .data(graph.cards, (card) => card.id)
      .join("g")
      .each(function (card) {
        drawCard(d3.select(this) as Group, faces.get(card.id) as Face);
        frames.set(card.id, this.querySelector(".frame") as SVGRectElement);
      })
      .attr("transform", (card) => {
        const { x, y } = next.placement.boxes.get(card.id) as Point;
        return `translate(${x},${y})`;
      })
      .on("keydown", keydown)
      .on("focusin", (_, card) => select(card.id, false))
      .on("click", (event: MouseEvent, card) => {
        if (!isNode(card)) return;
        if (event.detail === 1) actions.reveal(card.node as number);
      })
      .on("dblclick", (_, card) => {
        if (isNode(card)) actions.goTo(card.node as number);
      })
      .on("contextmenu", (event: MouseEvent, card) => {
        if (!isNode(card)) return;
        event.preventDefault();
        actions.toggleBreakpoint(card.node as number);
      });
  }

  return {
    element,
    show(next) {
      const fresh = scene?.picture !== next.picture || scene.placement !== next.placement;
      scene = next;
      svg.attr("aria-label", l10n.t("Graph of the backward pass. Alt and arrow keys go from node to node."));
      if (fresh) {
        redraw(next);
        drawSums(sums, next);
      }
      drawWires(wires, chips, next);
      cards.selectAll<SVGGElement, Card>("g.card").each(function (card) {
        updateCard(d3.select(this) as Group, next.picture.faces.get(card.id) as Face, next);
      });
      const current = currentCard(next)?.id;
      const kept = next.picture.faces.has(stop ?? "") ? stop : null;
      const target = element.contains(document.activeElement) ? kept : (current ?? kept);
      select(target ?? next.picture.graph.cards[0]?.id ?? "", false);
    },
    fit() {
      const transform = fitted();
      own = false;
      if (transform !== null) glide(transform);
    },
    settle: () => settle(false),
    zoomBy(factor) {
      own = false;
      zoom.scaleBy(svg, factor);
    },
    setView({ x, y, k }) {
      own = false;
      zoom.transform(svg, d3.zoomIdentity.translate(x, y).scale(k));
    },
    follow() {
      const current = scene === null ? undefined : currentCard(scene);
      if (current !== undefined) intoView(current.id);
    },
  };
}

/** Unit steps of the arrow keys: x to the right, y down. */
const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** The card of the current step; at the start of a pass, its root's. */
function currentCard({ picture, state, trace }: Scene): Card | undefined {
  if (state === null) return undefined;
  const node = state.node ?? trace.backwards[state.place.backward]?.roots[0]?.node ?? null;
  return picture.graph.cards.find((card) => isNode(card) && card.node === node);
}
