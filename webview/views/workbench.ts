/** The panel when there is a trace: toolbar, picture and step card, kept in step with the model. */
import * as l10n from "@vscode/l10n";
import type { PanelState } from "../../extension/panel/protocol.ts";
import { calledElsewhere } from "../../trace/blocks.ts";
import { stopsIn } from "../../trace/condition.ts";
import type { Place } from "../../trace/place.ts";
import type { Trace } from "../../trace/schema.ts";
import { stateAt } from "../../trace/stepper.ts";
import type { Subject } from "../../trace/why/why.ts";
import type { LayoutClient } from "../layout/client.ts";
import { textButton } from "../ui.ts";
import { type BreakpointActions, breakpointsPane } from "./breakpoints.ts";
import type { TurnNumber } from "./card/numbers.ts";
import { type ControlActions, controls } from "./controls.ts";
import type { View } from "./graph.ts";
import { arrange, h } from "./html.ts";
import { banner, errorPane, figuresPane, noPass, notesPane, outputPane } from "./panes.ts";
import { passesView } from "./passes.ts";
import { pinnedView } from "./pinned.ts";
import { scrubber } from "./scrubber.ts";
import { type SetActions, setView } from "./set.ts";
import { type StageActions, stage } from "./stage.ts";
import { stepCard } from "./stepCard.ts";
import { travel } from "./token.ts";
import { type WhyActions, whyPane } from "./why.ts";

/** `failure`: why the run was ended before its time, where this is how far it came. */
export type Ready = Extract<PanelState, { kind: "ready" }> & { readonly failure?: string };

export interface WorkbenchActions
  extends Omit<StageActions, "drawn">,
    Omit<WhyActions, "goTo">,
    Pick<SetActions, "choose">,
    Pick<BreakpointActions, "condition">,
    Omit<ControlActions, "fit" | "zoomBy" | "everything" | "breakpoints" | "pin"> {
  rerun(): void;
  copy(text: string): void;
  turnNumber: TurnNumber;
  /** Ask "why?" about the step on show. */
  ask(): void;
  /** To be heard by a screen reader. */
  announce(sentence: string): void;
}

/** What the person chose about the view. */
export interface ViewOptions {
  readonly follow: boolean;
  readonly playing: boolean;
  /** What "why?" was asked about. */
  readonly asked: Subject | null;
  readonly speed: number;
  /** There is no editor around the panel. */
  readonly alone: boolean;
}

export interface Workbench {
  readonly element: HTMLElement;
  /** `view`: where to look when the picture is first drawn; null to see it whole. */
  show(ready: Ready, options: ViewOptions, view: View | null): void;
  fit(): void;
  zoomBy(factor: number): void;
  turn(): void;
  search(): void;
}

export function workbench(layout: LayoutClient, actions: WorkbenchActions): Workbench {
  const picture = stage(layout, {
    ...actions,
    drawn(reason) {
      if (fallback === reason) return;
      fallback = reason;
      if (shown !== null) showSide(shown.ready.trace, shown.ready.place);
    },
  });
  const card = stepCard(actions);
  const scrub = scrubber(actions.move);
  const passes = passesView((backward) => actions.move({ kind: "toBackward", backward }));
  let everything = false;
  let breakpointsOpen = false;
  const pin = (trace: Trace | null): void => {
    pins.pin(trace);
    update(null);
  };
  const pins = pinnedView(actions.goTo, () => pin(null));
  /** Why the picture is the plain one; null where all is well. */
  let fallback: string | null = null;
  const tools = controls({
    ...actions,
    pin: (on) => pin(on ? (shown?.ready.trace ?? null) : null),
    breakpoints(on) {
      breakpointsOpen = on;
      update(null);
    },
    fit: () => picture.fit(),
    zoomBy: (factor) => picture.zoomBy(factor),
    everything(on) {
      everything = on;
      update(null);
    },
  });
  const asking = textButton("", actions.ask, "secondary");
  const whyButton = asking.element;
  const set = setView(actions);
  const banners = h("div.banners");
  picture.element.append(set.engine);
  const side = h("div.side");
  const element = h(
    "div.workbench",
    tools.element,
    scrub.element,
    set.element,
    banners,
    h("div.split", picture.element, side),
  );

  let shown: { ready: Ready; options: ViewOptions } | null = null;
  let panesOf: { trace: Trace; notes: string } | null = null;
  let panes: (HTMLElement | null)[] = [];
  let answered: { subject: Subject; trace: Trace; element: HTMLElement; sentence: string } | null = null;

  function update(view: View | null): void {
    if (shown === null) return;
    const { ready, options } = shown;
    const { trace, place, breakpoints } = ready;
    // Before anything is changed: to scroll a page that has changed makes the browser lay it out at once.
    if (panesOf?.trace !== trace && !side.contains(document.activeElement)) side.scrollTop = 0;
    const changes = place === null ? null : pins.marks(trace, place.backward);
    picture.show({ trace, place, breakpoints, follow: options.follow, everything, changes, view });
    tools.show({
      trace,
      place,
      breakpoints,
      ...options,
      breakpointsOpen,
      pinned: pins.pinned !== null,
      everything,
      hasMore: place !== null && (everything || picture.total < trace.nodes.length),
    });
    scrub.show(trace, place, stopsOf(ready));
    set.show(ready);
    banners.replaceChildren(...bannersOf(ready));
    element.classList.toggle("no-graph", trace.nodes.length === 0);
    showSide(trace, place);
  }

  function showSide(trace: Trace, place: Place | null): void {
    const notes =
      fallback === null
        ? []
        : [
            l10n.t(
              "The layout by Graphviz did not work ({0}); the graph is drawn by a simpler one.",
              fallback,
            ),
          ];
    // A new trace takes what has the focus out of the page and puts it back: a number that is turned stays chosen.
    const focused = side.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    const key = notes.join("\n");
    if (panesOf?.trace !== trace || panesOf.notes !== key) {
      panesOf = { trace, notes: key };
      panes = [errorPane(trace), figuresPane(trace), outputPane(trace), notesPane(trace, notes)];
    }
    // Not where it is made: the catalogue comes with the first state.
    asking.label(l10n.t("Why?"));
    const [error, ...rest] = panes;
    // A call that failed before its first node leaves nothing to walk through.
    const pass = place === null ? undefined : trace.backwards[place.backward];
    const walk = pass?.steps.length === 0 && pass.error !== null ? null : place;
    if (walk !== null) card.show(trace, walk, shown?.ready.editable ?? 0);
    const subject = shown?.options.asked ?? null;
    if (answered?.subject !== subject || answered?.trace !== trace)
      answered =
        subject === null
          ? null
          : { subject, trace, ...whyPane(trace, place?.backward ?? null, subject, actions) };
    actions.announce(
      answered?.sentence ??
        (walk === null ? (error?.querySelector(".what")?.textContent ?? "") : card.sentence),
    );
    const failedHere = pass !== undefined && pass.error !== null && walk?.step === pass.steps.length - 1;
    // What went wrong is the first thing to read where there is no step to read of, or none after this one.
    const parts =
      walk === null
        ? [
            staleness(),
            answered?.element,
            error,
            error === null ? null : whyButton,
            noPass(trace, place !== null),
            ...rest,
          ]
        : [
            staleness(),
            breakpoints(),
            pins.pane(trace, walk.backward),
            answered?.element,
            failedHere ? error : null,
            card.element,
            whyButton,
            set.leaf(),
            overTime(trace, walk),
            failedHere ? null : error,
            ...rest,
          ];
    arrange(
      side,
      parts.filter((part) => part != null),
    );
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  let paneOf: { ready: Ready; pane: HTMLElement } | null = null;

  function breakpoints(): HTMLElement | null {
    if (!breakpointsOpen || shown === null) return null;
    const { ready } = shown;
    const same =
      paneOf?.ready.trace === ready.trace &&
      paneOf.ready.breakpoints === ready.breakpoints &&
      paneOf.ready.conditions === ready.conditions;
    if (paneOf === null || !same) {
      const stops = { breakpoints: ready.breakpoints, conditions: ready.conditions ?? [] };
      paneOf = { ready, pane: breakpointsPane(ready.trace, stops, actions) };
    }
    return paneOf.pane;
  }

  function overTime(trace: Trace, place: Place): HTMLElement | null {
    if (trace.backwards.length + (trace.summaries?.length ?? 0) < 2) return null;
    passes.show(trace, place.backward);
    return passes.element;
  }

  let staleStrip: HTMLElement | null = null;

  /** Beside the picture, which does not move for it: with an edit of the source it comes and goes. */
  function staleness(): HTMLElement | null {
    if (shown?.ready.stale !== true) return null;
    const text = l10n.t("The source has changed since this was recorded.");
    staleStrip ??= banner("stale", text, textButton(l10n.t("Run again"), actions.rerun).element);
    return staleStrip;
  }

  function bannersOf({ trace, place, failure }: Ready): HTMLElement[] {
    const strips: HTMLElement[] = [];
    if (failure !== undefined)
      strips.push(banner("failure", failure, textButton(l10n.t("Run again"), actions.rerun).element));
    const elsewhere = place === null ? null : calledElsewhere(trace, place.backward);
    if (elsewhere !== null) {
      const { last, caller, line } = elsewhere;
      const text = l10n.t(
        "{0} calls no backward. This is the pass that {1} called, in line {2}.",
        last,
        caller,
        line,
      );
      strips.push(banner("elsewhere", text));
    }
    return strips;
  }

  return {
    element,
    show(ready, options, view) {
      if (shown !== null && shown.ready.trace !== ready.trace) everything = false;
      // Whatever is wrong with a place shows here, before anything of it is on the screen.
      if (ready.place !== null) stateAt(ready.trace, ready.place);
      const before = shown?.ready;
      shown = { ready, options };
      update(view);
      if (before !== undefined && before.trace === ready.trace && wentOn(before.place, ready.place))
        requestAnimationFrame(() => travel(picture.element));
    },
    fit: () => picture.fit(),
    zoomBy: (factor) => picture.zoomBy(factor),
    turn: () => picture.turn(),
    search: () => picture.search(),
  };
}

/** Whether the walk has just gone on by what one press does. */
const wentOn = (from: Place | null, to: Place | null): boolean =>
  from !== null &&
  to !== null &&
  from.backward === to.backward &&
  ((to.step === from.step && to.phase > from.phase) || to.step === from.step + 1);

const NOWHERE: ReadonlySet<number> = new Set();

function stopsOf({ trace, place, breakpoints, conditions = [] }: Ready): ReadonlySet<number> {
  if (place === null || (breakpoints.length === 0 && conditions.length === 0)) return NOWHERE;
  const when = (node: number | null): string | null =>
    conditions.find((each) => each.node === node)?.text ?? null;
  const own = breakpoints.map((node) => ({ node, condition: when(node) }));
  const anywhere = when(null);
  const all = anywhere === null ? own : [...own, { node: null, condition: anywhere }];
  return stopsIn(trace, place.backward, all);
}
