/** The graph: cards, wires and frames that can be panned, zoomed, folded and walked by keyboard. */
import * as l10n from "@vscode/l10n";
import * as d3 from "d3";
import type { Group as Folded } from "../../trace/groups.ts";
import type { Card, Frame } from "../layout/graph.ts";
import type { Area, Arrangement, Point } from "../layout/plan.ts";
import { type Sight, sightOf } from "../layout/sight.ts";
import type { Face } from "../layout/size.ts";
import { roomOf } from "../room.ts";
import { type Camera, calm, cameraOf, type View } from "./camera.ts";
import { updateCard } from "./cardState.ts";
import { drawCard, isNode } from "./cards.ts";
import type { Group } from "./drawing.ts";
import { farView } from "./far.ts";
import { drawFrames } from "./frames.ts";
import { minimap } from "./minimap.ts";
import type { Scene } from "./scene.ts";
import { drawSums, drawWires } from "./wires.ts";

export type { View } from "./camera.ts";

export interface GraphActions {
  reveal(node: number): void;
  toggleBreakpoint(node: number): void;
  goTo(node: number): void;
  /** The person panned or zoomed to there; null where the view is the panel's own choice. */
  moved(view: View | null): void;
}

interface FoldActions {
  /** Open or close a group; `id`: the card or frame that is to stay where it is. */
  toggleGroup(group: Folded, id: string): void;
}

export interface GraphView {
  readonly element: HTMLElement;
  /** Draw; what was drawn before is brought up to date, and moves to where it stands now. */
  show(scene: Scene): void;
  fit(): void;
  /** The whole graph if it can be read at that size, else a readable size around the current node. */
  settle(): void;
  zoomBy(factor: number): void;
  setView(view: View): void;
  /** Bring the current node into view if it is not in it. */
  follow(): void;
  /** Bring a node (or the group that it is folded into) into view, and give it the focus. */
  seek(node: number): void;
}

/** Text drawn smaller than this is not comfortably read. */
const READABLE = 0.75;
/** Down to this a picture that is then seen whole is better than one that is cut off. */
const WHOLE = 0.66;
/** Up to so many cards, all are elements, in view or not. */
const ALL = 300;
/** Up to so many in view are elements; more are painted. */
const NEAR = 500;
/** Ms for which cards glide to their new places. */
const GLIDE = 260;
/** Ms of rest after which a painted picture is drawn anew. */
const REST = 120;

export function graphView(actions: GraphActions & FoldActions): GraphView {
  const element = document.createElement("div");
  element.className = "plot";
  const far = farView();
  const svgElement = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const map = minimap((middle) => {
    const { width, height } = camera.area();
    camera.own = false;
    const { k } = camera.view;
    camera.go({ x: -(middle.x - width / 2) * k, y: -(middle.y - height / 2) * k, k }, false);
  });
  element.append(far.element, svgElement, map.element);
  const svg = d3.select<SVGSVGElement, unknown>(svgElement).attr("class", "graph").attr("role", "group");
  const world = svg.append("g").attr("class", "world");
  const layer = (name: string, hidden: boolean): d3.Selection<SVGGElement, unknown, null, undefined> =>
    world
      .append("g")
      .attr("class", name)
      .attr("aria-hidden", hidden ? "true" : null);
  const hulls = layer("hulls", true);
  const wires = layer("wires", true);
  const cards = layer("cards", false);
  const sums = layer("sums", true);
  const chips = layer("chips", true);
  const titles = layer("titles", false);

  let scene: Scene | null = null;
  let sight: Sight | null = null;
  /** What of the picture has elements now; null: all of it. */
  let drawnArea: Area | null = null;
  let painted = false;
  /** The card or frame that Tab leads to. */
  let stop: string | null = null;
  let looking = false;
  let mapping = false;
  let rest: number | null = null;

  const room = roomOf(svgElement, () => {
    if (camera.own) settle(false);
    // In this very frame: what waits for the next one is seen a frame late.
    look();
  });
  const camera: Camera = cameraOf(svgElement, room, (view) => {
    world.attr("transform", `translate(${view.x},${view.y}) scale(${view.k})`);
    actions.moved(camera.own ? null : { x: view.x, y: view.y, k: view.k });
    if (looking) return;
    looking = true;
    requestAnimationFrame(() => {
      if (looking) look();
    });
  });
  /** After the frame that shows the picture: the map asks for colours, for which the browser works out every style there is. */
  function mapSoon(): void {
    if (mapping) return;
    mapping = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        mapping = false;
        if (scene !== null) map.show(scene, camera.area(), areaOf(scene, currentCard(scene)));
      }),
    );
  }
  /** Brings what is drawn in line with where one looks. */
  function look(): void {
    looking = false;
    if (scene === null || sight === null) return;
    mapSoon();
    const area = camera.area();
    if (scene.picture.graph.cards.length <= ALL) return;
    const crowded = sight.count(area) > NEAR;
    if (crowded) {
      far.draw(scene, sight, camera.view, area, true);
      if (rest !== null) clearTimeout(rest);
      rest = window.setTimeout(() => {
        rest = null;
        if (scene !== null && sight !== null && painted)
          far.draw(scene, sight, camera.view, camera.area(), false);
      }, REST);
      if (painted) return;
    } else if (!painted && drawnArea !== null && holds(drawnArea, area)) return;
    draw(scene, false);
  }

  /** Makes and updates the elements for what is in view. */
  function draw(next: Scene, glide: boolean): void {
    const { graph, faces } = next.picture;
    const all = graph.cards.length <= ALL;
    const area = camera.area();
    painted = !all && (sight as Sight).count(area) > NEAR;
    let shown: readonly Card[] = graph.cards;
    let lines = graph.wires;
    drawnArea = null;
    if (painted) {
      far.draw(next, sight as Sight, camera.view, area, false);
      const kept = new Set([stop, currentCard(next)?.id]);
      shown = graph.cards.filter((card) => kept.has(card.id));
      lines = [];
    } else {
      far.clear();
      if (!all) {
        drawnArea = camera.area(0.4);
        const kept = stop !== null && faces.has(stop) ? stop : null;
        shown = (sight as Sight).cardsIn(drawnArea);
        if (kept !== null && !shown.some((card) => card.id === kept))
          shown = [...shown, (faces.get(kept) as Face).card];
        lines = (sight as Sight).wiresIn(drawnArea);
      }
    }
    const duration = glide && !painted && !calm() ? GLIDE : 0;
    drawFrames(hulls, titles, next, painted ? [] : graph.frames, duration);
    titles
      .selectAll<SVGGElement, Frame>("g.frame-title")
      .on("keydown", frameKey)
      .on("click", (_, own) => fold(own))
      .on("focusin", (_, own) => select(own.id, false));
    drawCards(next, shown, duration);
    drawWires(wires, chips, next, lines);
    drawSums(sums, next, lines);
    if (duration > 0) for (const moved of [wires, sums, chips]) fadeIn(moved.node() as SVGGElement);
    select(stop ?? "", false);
  }

  function drawCards(next: Scene, shown: readonly Card[], duration: number): void {
    const { faces } = next.picture;
    const transform = (card: Card): string => {
      const { x, y } = next.arrangement.boxes.get(card.id) as Point;
      return `translate(${x},${y})`;
    };
    cards
      .selectAll<SVGGElement, Card>("g.card")
      .data(shown, (card) => card.id)
      .join(
        (enter) => {
          const made = enter.append("g").attr("transform", transform);
          if (duration > 0) made.style("opacity", 0).transition().duration(duration).style("opacity", 1);
          return made;
        },
        (update) => {
          if (duration > 0) update.transition().duration(duration).attr("transform", transform);
          else update.interrupt().style("opacity", null).attr("transform", transform);
          return update;
        },
      )
      .order()
      .each(function (card) {
        const face = faces.get(card.id) as Face;
        const key = faceKey(face);
        if (drawnFaces.get(this) !== key) {
          drawnFaces.set(this, key);
          drawCard(d3.select(this) as unknown as Group, face);
          listen(this, card.id);
        }
        updateCard(d3.select(this) as unknown as Group, face, next);
      });
  }

  const cardAt = (id: string): Card | undefined => scene?.picture.faces.get(id)?.card;

  function listen(group: SVGGElement, id: string): void {
    const on = <E extends Event>(type: string, handle: (event: E, card: Card) => void): void => {
      d3.select(group).on(type, (event: E) => {
        const card = cardAt(id);
        if (card !== undefined) handle(event, card);
      });
    };
    on<KeyboardEvent>("keydown", keydown);
    on("focusin", (_, card) => select(card.id, false));
    on<MouseEvent>("click", (event, card) => {
      if (card.kind === "group") unfold(card);
      else if (isNode(card) && event.detail === 1) actions.reveal(card.node as number);
    });
    on("dblclick", (_, card) => {
      if (isNode(card)) actions.goTo(card.node as number);
    });
    on<MouseEvent>("contextmenu", (event, card) => {
      if (!isNode(card)) return;
      event.preventDefault();
      actions.toggleBreakpoint(card.node as number);
    });
  }

  const groupOf = (index: number): Folded => scene?.picture.graph.tree.groups[index] as Folded;
  const unfold = (card: Card): void => actions.toggleGroup(groupOf(card.group as number), card.id);
  const fold = (own: Frame): void => actions.toggleGroup(groupOf(own.group), own.id);

  function select(id: string, focus: boolean): void {
    const known = scene !== null && (scene.picture.faces.has(id) || scene.arrangement.frames.has(id));
    if (!known) return;
    const rects = (): SVGRectElement[] => [
      ...svgElement.querySelectorAll<SVGRectElement>('.frame[tabindex="0"]'),
    ];
    for (const rect of rects()) rect.setAttribute("tabindex", "-1");
    stop = id;
    const own = rectOf(id);
    own?.setAttribute("tabindex", "0");
    if (!focus) return;
    if (own === null && scene !== null) draw(scene, false);
    rectOf(id)?.focus({ preventScroll: true });
  }

  function rectOf(id: string): SVGRectElement | null {
    const owns = (group: SVGGElement): boolean => (d3.select(group).datum() as { id: string }).id === id;
    const groups = [
      ...cards.selectAll<SVGGElement, Card>("g.card"),
      ...titles.selectAll<SVGGElement, Frame>("g.frame-title"),
    ];
    return groups.find(owns)?.querySelector<SVGRectElement>(".frame") ?? null;
  }

  /** The nearest card or frame title in a direction, as the eye would find it. */
  function neighbour(from: string, dx: number, dy: number): string | null {
    if (scene === null) return null;
    const stops = stopsOf(scene);
    const here = middleOf(scene, from);
    if (here === null) return null;
    let best: string | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const { id, x, y } of stops) {
      if (id === from) continue;
      const ahead = (x - here.x) * dx + (y - here.y) * dy;
      const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
      const cost = ahead + 2 * aside;
      if (ahead > 1 && cost < least) {
        least = cost;
        best = id;
      }
    }
    return best;
  }

  function walk(event: KeyboardEvent, from: string): boolean {
    const way = event.altKey ? WAYS[event.key] : undefined;
    if (way === undefined) return false;
    const next = neighbour(from, way[0], way[1]);
    if (next !== null) {
      intoView(next);
      select(next, true);
    }
    return true;
  }

  function frameKey(event: KeyboardEvent, own: Frame): void {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (walk(event, own.id)) event.preventDefault();
    else if (plain && (event.key === "Enter" || event.key === " " || event.key === "c")) {
      event.preventDefault();
      fold(own);
    } else return;
    event.stopPropagation();
  }

  function keydown(event: KeyboardEvent, card: Card): void {
    if (!walk(event, card.id)) {
      const enter = event.key === "Enter" || event.key === " ";
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (enter && card.kind === "group") unfold(card);
      else if (event.key === "c" && card.frame !== null) {
        const own = scene?.picture.graph.frames.find(({ id }) => id === card.frame);
        if (own === undefined) return;
        fold(own);
      } else if (!isNode(card)) return;
      else if (enter) actions.reveal(card.node as number);
      else if (event.key === "b") actions.toggleBreakpoint(card.node as number);
      else if (event.key === "g") actions.goTo(card.node as number);
      else return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function intoView(id: string): void {
    if (scene === null) return;
    const face = scene.picture.faces.get(id);
    const open = scene.arrangement.frames.get(id);
    const area = open === undefined ? areaOf(scene, face?.card) : { ...open, width: 160, height: 30 };
    if (area !== null) camera.into(area);
  }

  function settle(smooth: boolean): void {
    if (scene === null) return;
    const bounds = boundsOf(scene.arrangement);
    const whole = camera.fitting(bounds);
    if (whole === null) return;
    camera.own = true;
    if (whole.k >= WHOLE) {
      camera.go(whole, smooth);
      return;
    }
    camera.go(camera.centred(whereOneStands(scene) ?? bounds, bounds, READABLE), smooth);
  }

  return {
    element,
    show(next) {
      const before = scene;
      const fresh = before?.picture !== next.picture || before.arrangement !== next.arrangement;
      scene = next;
      svg.attr(
        "aria-label",
        l10n.t("Graph of the backward pass. Alt and arrow keys go from node to node, Enter opens a group."),
      );
      if (fresh) sight = sightOf(next.picture, next.arrangement);
      const focused = element.contains(document.activeElement);
      const current = currentCard(next)?.id;
      const here = stop !== null && (next.picture.faces.has(stop) || next.arrangement.frames.has(stop));
      if (!here || !focused) stop = current ?? (here ? stop : (next.picture.graph.cards[0]?.id ?? null));
      // Cards of another trace have nothing in common with these, though their ids may be the same.
      draw(next, fresh && before !== null && before.trace === next.trace);
      if (focused && stop !== null && !element.contains(document.activeElement)) select(stop, true);
      if (focused && stop !== null && rectOf(stop) !== document.activeElement) select(stop, true);
      mapSoon();
    },
    fit() {
      camera.own = false;
      const whole = scene === null ? null : camera.fitting(boundsOf(scene.arrangement));
      if (whole !== null) camera.go(whole, true);
    },
    settle: () => settle(false),
    zoomBy: (factor) => camera.zoomBy(factor),
    setView(view) {
      camera.own = false;
      camera.go(view, false);
    },
    follow() {
      const area = scene === null ? null : areaOf(scene, currentCard(scene));
      if (area !== null) camera.into(area);
    },
    seek(node) {
      const id = scene?.picture.graph.cardOf(node) ?? null;
      if (id === null) return;
      intoView(id);
      select(id, true);
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

/** What an element was drawn from, so that it is drawn anew only where that has changed. */
const drawnFaces = new WeakMap<Element, string>();
const faceKeys = new WeakMap<Face, string>();

function faceKey(face: Face): string {
  let key = faceKeys.get(face);
  if (key === undefined) {
    key = JSON.stringify({ ...face, card: { ...face.card, frame: null } });
    faceKeys.set(face, key);
  }
  return key;
}

/** The card of the current step, or the folded group that it is in; at the start of a pass, its root's. */
function currentCard({ picture, state, trace }: Scene): Card | undefined {
  if (state === null) return undefined;
  const node = state.node ?? trace.backwards[state.place.backward]?.roots[0]?.node ?? null;
  const id = node === null ? null : picture.graph.cardOf(node);
  return id === null ? undefined : picture.faces.get(id)?.card;
}

/** The current card; at the start of a pass with the card that says so. */
function whereOneStands(scene: Scene): Area | null {
  const { cards } = scene.picture.graph;
  const own = areaOf(scene, currentCard(scene) ?? cards[0]);
  const first = scene.state?.node === null ? cards.find(({ root }) => root === 0) : undefined;
  const said = areaOf(scene, first);
  if (own === null || said === null) return own;
  const [x, y] = [Math.min(own.x, said.x), Math.min(own.y, said.y)];
  return {
    x,
    y,
    width: Math.max(own.x + own.width, said.x + said.width) - x,
    height: Math.max(own.y + own.height, said.y + said.height) - y,
  };
}

const boundsOf = ({ x, y, width, height }: Arrangement): Area => ({ x, y, width, height });

function areaOf({ picture, arrangement }: Scene, card: Card | undefined): Area | null {
  const corner = card === undefined ? undefined : arrangement.boxes.get(card.id);
  if (card === undefined || corner === undefined) return null;
  const { width, height } = picture.faces.get(card.id) as Face;
  return { ...corner, width, height };
}

interface StopPlace extends Point {
  readonly id: string;
}

const stopTables = new WeakMap<Arrangement, readonly StopPlace[]>();

function stopsOf(scene: Scene): readonly StopPlace[] {
  let stops = stopTables.get(scene.arrangement);
  if (stops === undefined) {
    const cards = scene.picture.graph.cards.map((card): StopPlace => {
      const area = areaOf(scene, card) as Area;
      return { id: card.id, x: area.x + area.width / 2, y: area.y + area.height / 2 };
    });
    const frames = [...scene.arrangement.frames].map(
      ([id, { x, y }]): StopPlace => ({ id, x: x + 60, y: y + 16 }),
    );
    stops = [...cards, ...frames];
    stopTables.set(scene.arrangement, stops);
  }
  return stops;
}

const middleOf = (scene: Scene, id: string): Point | null =>
  stopsOf(scene).find((place) => place.id === id) ?? null;

const holds = (outer: Area, inner: Area): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;

/** Lets what has changed its course appear at its new one. */
function fadeIn(element: SVGGElement): void {
  element.classList.remove("appearing");
  element.getBoundingClientRect();
  element.classList.add("appearing");
}
