/** The panel when there is a trace: toolbar, picture and step card, kept in step with the model. */
import * as l10n from "@vscode/l10n";
import type { PanelState } from "../../extension/panel/protocol.ts";
import type { Trace } from "../../trace/schema.ts";
import { type Place, stateAt } from "../../trace/stepper.ts";
import type { LayoutClient, Placed } from "../layout/client.ts";
import { type Picture, pictureOf } from "../picture.ts";
import { textButton } from "../ui.ts";
import { type ControlActions, controls } from "./controls.ts";
import { type GraphActions, graphView, type View } from "./graph.ts";
import { h } from "./html.ts";
import { banner, errorPane, noPass, notesPane, outputPane } from "./panes.ts";
import { stepCard } from "./stepCard.ts";

export type Ready = Extract<PanelState, { kind: "ready" }>;

export interface WorkbenchActions
  extends GraphActions,
    Omit<ControlActions, "fit" | "zoomBy" | "everything"> {
  rerun(): void;
  /** To be heard by a screen reader. */
  announce(sentence: string): void;
}

/** What the person chose about the view. */
export interface ViewOptions {
  readonly follow: boolean;
  readonly playing: boolean;
}

export interface Workbench {
  readonly element: HTMLElement;
  /** `view`: where to look when the picture is first drawn; null to see it whole. */
  show(ready: Ready, options: ViewOptions, view: View | null): void;
  fit(): void;
  zoomBy(factor: number): void;
}

/** A picture that is laid out or on its way. */
interface Drawing {
  readonly trace: Trace;
  readonly backward: number | null;
  readonly everything: boolean;
  readonly picture: Picture;
  placed: Placed | null;
}

export function workbench(layout: LayoutClient, actions: WorkbenchActions): Workbench {
  const graph = graphView(actions);
  const card = stepCard(actions.reveal);
  let everything = false;
  const tools = controls({
    ...actions,
    fit: () => graph.fit(),
    zoomBy: (factor) => graph.zoomBy(factor),
    everything(on) {
      everything = on;
      update();
    },
  });
  const banners = h("div.banners");
  const notice = h("p.notice");
  const stage = h("div.stage", graph.element, notice);
  const side = h("div.side");
  const element = h("div.workbench", tools.element, banners, h("div.split", stage, side));

  let shown: { ready: Ready; options: ViewOptions; view: View | null } | null = null;
  let drawing: Drawing | null = null;
  let panesOf: { trace: Trace; notes: string } | null = null;
  let panes: (HTMLElement | null)[] = [];

  function drawingFor(trace: Trace, place: Place | null): Drawing {
    const backward = place?.backward ?? null;
    const node = place === null ? null : stateAt(trace, place).node;
    const same =
      drawing !== null &&
      drawing.trace === trace &&
      drawing.backward === backward &&
      drawing.everything === everything &&
      (drawing.picture.graph.whole ||
        node === null ||
        drawing.picture.graph.cards.some((each) => each.node === node && each.kind !== "more"));
    if (drawing !== null && same) return drawing;
    const around = node ?? (backward === null ? null : (trace.backwards[backward]?.roots[0]?.node ?? null));
    return {
      trace,
      backward,
      everything,
      picture: pictureOf(trace, { backward, everything, around }),
      placed: null,
    };
  }

  function update(): void {
    if (shown === null) return;
    const { ready, options } = shown;
    const { trace, place } = ready;
    const next = drawingFor(trace, place);
    if (next !== drawing) {
      const before = drawing;
      drawing = next;
      void layout.place(next.picture.plan).then((placed) => {
        // A newer picture may have been asked for meanwhile.
        if (drawing !== next) return;
        next.placed = placed;
        draw(before);
        if (placed.fallback !== null) showSide(trace, place);
      });
    } else if (next.placed !== null) draw(next);
    tools.show({
      trace,
      place,
      breakpoints: ready.breakpoints,
      ...options,
      everything,
      hasMore: next.backward !== null && (everything || next.picture.graph.total < trace.nodes.length),
    });
    banners.replaceChildren(...bannersOf(ready));
    stage.hidden = trace.nodes.length === 0;
    element.classList.toggle("no-graph", stage.hidden);
    showSide(trace, place);
  }

  function draw(before: Drawing | null): void {
    if (shown === null || drawing?.placed == null) return;
    const { ready, options } = shown;
    const { trace, place, breakpoints } = ready;
    const { picture, placed } = drawing;
    graph.show({
      trace,
      picture,
      placement: placed.placement,
      state: place === null ? null : stateAt(trace, place),
      breakpoints: new Set(breakpoints),
    });
    notice.textContent = noticeOf(drawing);
    notice.hidden = notice.textContent === "";
    if (before !== drawing) {
      if (shown.view !== null) graph.setView(shown.view);
      else if (before === null || !sameCards(before.picture, picture)) graph.settle();
      shown = { ...shown, view: null };
    } else if (options.follow) graph.follow();
  }

  function showSide(trace: Trace, place: Place | null): void {
    const fallback = drawing?.placed?.fallback ?? null;
    const notes =
      fallback === null
        ? []
        : [
            l10n.t(
              "The layout by Graphviz did not work ({0}); the graph is drawn by a simpler one.",
              fallback,
            ),
          ];
    const key = notes.join("\n");
    if (panesOf?.trace !== trace || panesOf.notes !== key) {
      panesOf = { trace, notes: key };
      panes = [errorPane(trace), outputPane(trace), notesPane(trace, notes)];
      side.scrollTop = 0;
    }
    const [error, ...rest] = panes;
    // A call that failed before its first node leaves nothing to walk through.
    const pass = place === null ? undefined : trace.backwards[place.backward];
    const walk = pass?.steps.length === 0 && pass.error !== null ? null : place;
    if (walk !== null) card.show(trace, walk);
    actions.announce(walk === null ? (error?.querySelector(".what")?.textContent ?? "") : card.sentence);
    // What went wrong is the first thing to read where there is no step to read of.
    const parts = walk === null ? [error, noPass(trace), ...rest] : [card.element, error, ...rest];
    side.replaceChildren(...parts.filter((part) => part != null));
  }

  function bannersOf({ stale }: Ready): HTMLElement[] {
    if (!stale) return [];
    const text = l10n.t("The source has changed since this was recorded.");
    return [banner("stale", text, textButton(l10n.t("Run again"), actions.rerun).element)];
  }

  return {
    element,
    show(ready, options, view) {
      if (drawing !== null && drawing.trace !== ready.trace) everything = false;
      // Whatever is wrong with a trace shows here, before anything of it is on the screen.
      drawingFor(ready.trace, ready.place);
      shown = { ready, options, view };
      update();
    },
    fit: () => graph.fit(),
    zoomBy: (factor) => graph.zoomBy(factor),
  };
}

const sameCards = (a: Picture, b: Picture): boolean =>
  a.graph.cards.length === b.graph.cards.length && a.graph.cards.every((card) => b.faces.has(card.id));

function noticeOf({ picture }: Drawing): string {
  const { graph } = picture;
  if (graph.whole) return "";
  const drawn = graph.cards.filter((card) => card.kind === "op" || card.kind === "leaf").length;
  return l10n.t(
    "This graph has {0} nodes: too large to draw whole. Here are the {1} around the current step.",
    graph.total,
    drawn,
  );
}
