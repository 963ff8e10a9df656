/** The stage: the graph with its own tools, and what of it the person has opened, turned and searched. */
import { openAtFirst } from "../../trace/groups.ts";
import type { Place } from "../../trace/place.ts";
import type { Trace } from "../../trace/schema.ts";
import { search } from "../../trace/search.ts";
import { stateAt } from "../../trace/stepper.ts";
import type { LayoutClient, Placed } from "../layout/client.ts";
import { baseOf } from "../layout/graph.ts";
import { heldAt } from "../layout/nest.ts";
import type { Arrangement, Direction } from "../layout/plan.ts";
import { sizesOf } from "../measuring.ts";
import { type Picture, pictureOf } from "../picture.ts";
import { type GraphActions, graphView, type View } from "./graph.ts";
import { h } from "./html.ts";
import { legend } from "./legend.ts";
import { pathsView } from "./paths.ts";
import type { Found, Scene } from "./scene.ts";
import { stageTools } from "./stageTools.ts";

/** What the person chose about the picture. */
export interface Arranged {
  readonly direction: Direction;
  /** Keys of open groups; null for the panel's own choice. */
  readonly open: readonly string[] | null;
  /** Whether the sizes of all gradients are shown. */
  readonly sizes: boolean;
}

export interface StageActions extends GraphActions {
  /** What was chosen before a reload of the panel. */
  readonly start: Arranged | null;
  arranged(arranged: Arranged): void;
  /** The picture has been laid out; `fallback`: why by the simpler layout, else null. */
  drawn(fallback: string | null): void;
}

export interface StageState {
  readonly trace: Trace;
  readonly place: Place | null;
  readonly breakpoints: readonly number[];
  readonly follow: boolean;
  readonly everything: boolean;
  /** What differs from a pinned run. */
  readonly changes: Scene["changes"];
  /** Where to look when the picture is first drawn; null to see it whole. */
  readonly view: View | null;
}

export interface Stage {
  readonly element: HTMLElement;
  show(state: StageState): void;
  /** Nodes that belong in the view. */
  readonly total: number;
  fit(): void;
  zoomBy(factor: number): void;
  /** Puts the cursor where one searches. */
  search(): void;
  /** The other direction. */
  turn(): void;
}

/** A picture that is laid out or on its way. */
interface Drawing {
  readonly trace: Trace;
  readonly backward: number | null;
  readonly everything: boolean;
  readonly arranged: Arranged;
  readonly picture: Picture;
  arrangement: Arrangement | null;
}

/** More nodes than this are not opened all at once. */
const MOST_OPEN = 20_000;

export function stage(layout: LayoutClient, actions: StageActions): Stage {
  let arranged: Arranged = actions.start ?? { direction: "down", open: null, sizes: false };
  let shown: StageState | null = null;
  let drawing: Drawing | null = null;
  /** The one that was drawn last. */
  let looked: Drawing | null = null;
  /** The group that was just opened or closed: it stays where it is. */
  let anchor: string | null = null;
  let query = "";
  let found: Found | null = null;
  let hits: readonly number[] = [];
  let hit = -1;

  const graph = graphView({
    ...actions,
    toggleGroup(group, id) {
      const open = new Set(openNow());
      if (!open.delete(group.key)) open.add(group.key);
      anchor = id;
      arrange({ open: [...open] });
    },
  });
  const tools = stageTools({
    turn,
    sizes: () => arrange({ sizes: !arranged.sizes }),
    foldAll: () => arrange({ open: [] }),
    unfoldAll() {
      const base = shown === null ? null : baseOf(shown.trace, scopeOf(shown));
      if (base !== null) arrange({ open: base.tree.groups.slice(1).map((group) => group.key) });
    },
    search(text) {
      query = text;
      seek();
      update();
      if (hits.length > 0) go(0);
    },
    next: (by) => {
      if (hits.length > 0) go((hit + by + hits.length) % hits.length);
    },
  });
  const key = legend();
  let path: ReadonlySet<string> | null = null;
  const paths = pathsView((edges) => {
    if (path === edges) return;
    path = edges;
    update();
  });
  tools.element.append(paths.chooser);
  const element = h("div.stage", graph.element, tools.element, key.element, paths.element);

  const openNow = (): ReadonlySet<string> => drawing?.picture.graph.open ?? new Set(arranged.open ?? []);

  function arrange(change: Partial<Arranged>): void {
    arranged = { ...arranged, ...change };
    actions.arranged(arranged);
    update();
  }

  function turn(): void {
    arrange({ direction: arranged.direction === "down" ? "right" : "down" });
  }

  const scopeOf = ({ place, everything }: StageState) => ({ backward: place?.backward ?? null, everything });

  function seek(): void {
    if (shown === null || query.trim() === "") {
      [found, hits, hit] = [null, [], -1];
      return;
    }
    const base = baseOf(shown.trace, scopeOf(shown));
    hits = search(shown.trace, query, base.nodes);
    const positions = hits.flatMap((node) => base.tree.position.get(node) ?? []).sort((a, b) => a - b);
    found = { nodes: new Set(hits), positions };
  }

  function go(to: number): void {
    hit = to;
    tools.found(hit, hits.length);
    graph.seek(hits[hit] as number);
  }

  function drawingFor(state: StageState): Drawing {
    const { trace } = state;
    const { backward, everything } = scopeOf(state);
    if (
      drawing !== null &&
      drawing.trace === trace &&
      drawing.backward === backward &&
      drawing.everything === everything &&
      drawing.arranged.direction === arranged.direction &&
      drawing.arranged.open === arranged.open
    )
      return drawing;
    const { tree } = baseOf(trace, { backward, everything });
    const open = arranged.open === null ? openAtFirst(tree) : new Set(arranged.open);
    const picture = pictureOf(trace, { backward, everything, open }, arranged.direction);
    return { trace, backward, everything, arranged, picture, arrangement: null };
  }

  function update(): void {
    if (shown === null) return;
    const next = drawingFor(shown);
    element.hidden = shown.trace.nodes.length === 0;
    if (next === drawing) {
      if (next.arrangement !== null) draw();
      return;
    }
    const before = drawing;
    const hold = anchor;
    anchor = null;
    if (
      before?.trace !== next.trace ||
      before.backward !== next.backward ||
      before.everything !== next.everything
    ) {
      drawing = next;
      seek();
    }
    drawing = next;
    void layout.place(next.picture.nest).then((placed) => {
      // A newer picture may have been asked for meanwhile.
      if (drawing === next) arrive(next, placed, before, hold);
    });
  }

  function arrive(next: Drawing, placed: Placed, before: Drawing | null, hold: string | null): void {
    const { arrangement } = placed;
    next.arrangement =
      hold !== null && before?.arrangement != null
        ? heldAt(hold, before.arrangement, arrangement)
        : arrangement;
    draw(hold !== null);
    actions.drawn(placed.fallback);
  }

  /** `held`: a group was opened or closed, and stays where it is. */
  function draw(held = false): void {
    if (shown === null || drawing?.arrangement == null) return;
    const { trace, place, breakpoints } = shown;
    const { picture, arrangement } = drawing;
    const magnitudes = place === null ? null : sizesOf(trace, place.backward, update);
    graph.show({
      trace,
      picture,
      arrangement,
      state: place === null ? null : stateAt(trace, place),
      breakpoints: new Set(breakpoints),
      range: magnitudes?.range ?? null,
      sizes: arranged.sizes ? magnitudes : null,
      path,
      changes: shown.changes,
      found,
    });
    paths.show(trace, place?.backward ?? null);
    const { tree, open } = picture.graph;
    tools.show({
      direction: arranged.direction,
      sizes: arranged.sizes,
      canSize: place !== null,
      canFold: open.size > 0,
      canUnfold: tree.groups.length - 1 > open.size && tree.order.length <= MOST_OPEN,
      hasGroups: tree.groups.length > 1,
    });
    tools.found(hit, query.trim() === "" ? -1 : hits.length);
    key.show(arranged.sizes ? (magnitudes?.range ?? null) : null);
    // What is on the screen decides: a picture that was asked for and then overtaken was never there.
    const last = looked;
    if (last !== drawing || shown.view !== null) {
      looked = drawing;
      if (shown.view !== null) graph.setView(shown.view);
      else if (
        last === null ||
        (last.trace === trace ? moved(last, drawing) : !sameCards(last.picture, picture))
      )
        graph.settle();
      // All groups at once: what one looked at may be elsewhere now, and nothing here.
      else if (last.trace === trace && !held && shown.follow) graph.follow();
      shown = { ...shown, view: null };
    } else if (shown.follow) graph.follow();
  }

  return {
    element,
    get total() {
      return drawing?.picture.graph.total ?? 0;
    },
    show(state) {
      if (shown !== null && shown.trace !== state.trace && !sameProgram(shown.trace, state.trace)) {
        arranged = { ...arranged, open: null };
        query = "";
        tools.clear();
      }
      // Whatever is wrong with a trace shows here, before anything of it is on the screen.
      if (state.place !== null) stateAt(state.trace, state.place);
      // Until the picture stands more may come of the same program: where to look is not forgotten for it.
      const waiting = shown !== null && sameProgram(shown.trace, state.trace) ? shown.view : null;
      shown = { ...state, view: state.view ?? waiting };
      update();
    },
    fit: () => graph.fit(),
    zoomBy: (factor) => graph.zoomBy(factor),
    search: () => tools.focus(),
    turn,
  };
}

/** Runs of one program keep what was opened: the keys of its groups are the same. */
const sameProgram = (a: Trace, b: Trace): boolean =>
  a.sources.length === b.sources.length && a.sources.every((source, i) => source.name === b.sources[i]?.name);

const sameCards = (a: Picture, b: Picture): boolean =>
  a.graph.cards.length === b.graph.cards.length && a.graph.cards.every((card) => b.faces.has(card.id));

/** Whether the picture is another one, not the same with a group more or less open. */
const moved = (a: Drawing, b: Drawing): boolean =>
  a.backward !== b.backward || a.everything !== b.everything || a.arranged.direction !== b.arranged.direction;
