/** The toolbar: the walk on the left, the view on the right. */

import * as l10n from "@vscode/l10n";
import type { z } from "zod";
import type { ExportFormat } from "../../extension/panel/protocol.ts";
import { sourceText } from "../../trace/names.ts";
import { omittedOf } from "../../trace/pass-number.ts";
import type { Place } from "../../trace/place.ts";
import type { Trace } from "../../trace/schema.ts";
import { type Move, phasesOf } from "../../trace/stepper.ts";
import type { IconName } from "../icons.ts";
import { lineIn } from "../place.ts";
import { plain } from "../plain.ts";
import { type Button, dropdown, iconButton } from "../ui.ts";
import { h, withAttributes } from "./html.ts";

/** How a trace or its picture is kept. */
export type KeptAs = z.infer<typeof ExportFormat> | "svg" | "png" | "clipboard";

export interface ControlActions {
  move(move: Move): void;
  play(): void;
  /** How quickly a play walks, as a factor. */
  speed(factor: number): void;
  breakpoints(on: boolean): void;
  /** Keep this run to compare later ones with, or let it go. */
  pin(on: boolean): void;
  /** Hold all gradients against finite differences. */
  check(): void;
  fit(): void;
  zoomBy(factor: number): void;
  follow(on: boolean): void;
  everything(on: boolean): void;
  export(format: KeptAs): void;
}

export interface ControlState {
  readonly trace: Trace;
  readonly place: Place | null;
  readonly breakpoints: readonly number[];
  readonly playing: boolean;
  readonly speed: number;
  readonly alone: boolean;
  readonly breakpointsOpen: boolean;
  readonly pinned: boolean;
  readonly follow: boolean;
  readonly everything: boolean;
  /** Whether the trace holds more nodes than the pass reaches. */
  readonly hasMore: boolean;
}

export interface Controls {
  readonly element: HTMLElement;
  show(state: ControlState): void;
}

const ZOOM = 1.25;
export const SPEEDS = [0.5, 1, 2, 4, 8] as const;
const PICTURES = ["svg", "png", "clipboard"] as const satisfies readonly KeptAs[];
const FORMATS = [...PICTURES, "html", "json", "text", "dot"] as const satisfies readonly KeptAs[];

export function controls(actions: ControlActions): Controls {
  const walk = (icon: IconName, move: Move, keys = ""): Button =>
    iconButton(icon, () => actions.move(move), keys);
  const first = walk("first", { kind: "first" }, "Home");
  const back = walk("back", { kind: "back" }, "ArrowLeft");
  const phaseBack = walk("phaseBack", { kind: "phaseBack" }, "ArrowUp Shift+ArrowLeft");
  const phaseForward = walk("phaseForward", { kind: "phaseForward" }, "ArrowDown Shift+ArrowRight");
  const forward = walk("forward", { kind: "forward" }, "ArrowRight");
  const last = walk("last", { kind: "last" }, "End");
  const breakpoint = walk("breakpoint", { kind: "toBreakpoint", direction: "forward" }, "N");
  const play = iconButton("play", actions.play, "P");
  const overModule = walk("overModule", { kind: "overModule" }, "O");
  const outOfModule = walk("outOfModule", { kind: "outOfModule" }, "U");
  const speeds = dropdown((i) => actions.speed(SPEEDS[i] ?? 1));
  const stops = iconButton("breakpoints", () => actions.breakpoints(!(state?.breakpointsOpen ?? false)));
  const fit = iconButton("fit", actions.fit, "F");
  const zoomIn = iconButton("zoomIn", () => actions.zoomBy(ZOOM), "+");
  const zoomOut = iconButton("zoomOut", () => actions.zoomBy(1 / ZOOM), "-");
  let state: ControlState | null = null;
  const follow = iconButton("follow", () => actions.follow(!(state?.follow ?? true)));
  const everything = iconButton("whole", () => actions.everything(!(state?.everything ?? false)));
  const passes = dropdown((backward) => actions.move({ kind: "toBackward", backward }));
  const pin = iconButton("pin", () => actions.pin(!(state?.pinned ?? false)));
  const check = iconButton("check", actions.check);
  const formats = dropdown((i) => {
    const format = FORMATS[i - 1];
    if (format !== undefined) actions.export(format);
    formats.show(formatOptions(), 0);
  });
  const formatOptions = (): string[] => [
    l10n.t("Export…"),
    "SVG",
    "PNG",
    l10n.t("Copy the picture"),
    // A page of its own has no host that writes files.
    ...(state?.alone ? [] : [l10n.t("HTML page that steps"), "JSON", l10n.t("Text"), "DOT"]),
  ];
  const counter = h("span.counter");
  const stepping = h(
    "div.group",
    ...[first, back, phaseBack, phaseForward, forward, last, overModule, outOfModule].map(
      ({ element }) => element,
    ),
    ...[breakpoint, stops, play, speeds].map(({ element }) => element),
    counter,
    passes.element,
  );
  const viewing = h(
    "div.group.viewing",
    ...[everything, follow, zoomOut, zoomIn, fit].map(({ element }) => element),
    pin.element,
    check.element,
    formats.element,
  );
  const element = withAttributes(h("div.toolbar", stepping, viewing), { role: "toolbar" });

  return {
    element,
    show(next) {
      state = next;
      const { trace, place } = next;
      element.setAttribute("aria-label", l10n.t("Walk through the backward pass"));
      first.label(l10n.t("To the start of the pass (Home)"));
      back.label(l10n.t("Step back (←)"));
      phaseBack.label(l10n.t("Sub-step back (↑)"));
      phaseForward.label(l10n.t("Sub-step onward (↓)"));
      forward.label(l10n.t("Step onward: one more node of the backward pass (→)"));
      last.label(l10n.t("To the end of the pass (End)"));
      breakpoint.label(l10n.t("On to the next breakpoint (n)"));
      overModule.label(l10n.t("Step over the next module (o)"));
      outOfModule.label(l10n.t("Step out of this module (u)"));
      const modular = hasModules(trace);
      for (const button of [overModule, outOfModule]) button.element.hidden = !modular;
      stops.label(l10n.t("Breakpoints and their conditions"));
      stops.pressed(next.breakpointsOpen);
      pin.label(l10n.t("Pin this run, to compare the next ones with it"));
      pin.pressed(next.pinned);
      check.label(l10n.t("Check gradients: hold each rule against finite differences"));
      // A page of its own has no engine.
      check.element.hidden = next.alone || place === null;
      speeds.label(l10n.t("Speed of playing"));
      speeds.show(
        SPEEDS.map((speed) => `${speed}×`),
        (SPEEDS as readonly number[]).indexOf(next.speed),
      );
      play.label(next.playing ? l10n.t("Pause (p)") : l10n.t("Play (p)"));
      play.icon(next.playing ? "pause" : "play");
      fit.label(l10n.t("Show the whole graph (f)"));
      zoomIn.label(l10n.t("Zoom in (+)"));
      zoomOut.label(l10n.t("Zoom out (-)"));
      follow.label(l10n.t("Keep the current node in view"));
      follow.pressed(next.follow);
      everything.label(l10n.t("Also show what this pass does not reach"));
      everything.pressed(next.everything);
      everything.element.hidden = !next.hasMore;
      formats.label(l10n.t("Export the trace"));
      formats.show(formatOptions(), 0);

      const steps = place === null ? 0 : (trace.backwards[place.backward]?.steps.length ?? 0);
      const atStart = place === null || place.step < 0;
      const atEnd =
        place === null ||
        steps === 0 ||
        (place.step >= steps - 1 && place.phase >= Math.max(1, phasesOf(trace, place).length));
      for (const button of [first, back, phaseBack]) button.enabled(!atStart);
      for (const button of [phaseForward, forward, last, breakpoint, overModule, outOfModule])
        button.enabled(!atEnd);
      play.enabled(!atEnd || next.playing);
      counter.textContent =
        steps === 0
          ? ""
          : atStart
            ? steps === 1
              ? l10n.t("start, 1 step")
              : l10n.t("start, {0} steps", steps)
            : l10n.t("step {0} of {1}", (place?.step ?? -1) + 1, steps);

      passes.element.hidden = place === null || trace.backwards.length < 2;
      passes.label(l10n.t("Backward call"));
      passes.show(
        trace.backwards.map((pass, i) => passName(trace, pass, i)),
        place?.backward ?? 0,
      );
    },
  };
}

const modular = new WeakMap<Trace, boolean>();

function hasModules(trace: Trace): boolean {
  let has = modular.get(trace);
  if (has === undefined) {
    has = trace.nodes.some(({ module }) => module !== null);
    modular.set(trace, has);
  }
  return has;
}

/** `1: loss.backward()`, with its place in the source where the trace knows it. */
function passName(trace: Trace, { kind, range }: Trace["backwards"][number], i: number): string {
  const source = sourceText(trace, range);
  const call = plain(source ?? (kind === "grad" ? "autograd.grad" : "backward"), 36);
  // As the program counts, also where only its last passes are kept.
  const number = i + 1 + omittedOf(trace);
  if (range === null) return `${number}: ${call}`;
  return `${number}: ${call}  (${lineIn(trace, range)})`;
}
