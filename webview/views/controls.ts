/** The toolbar: the walk on the left, the view on the right. */
import * as l10n from "@vscode/l10n";
import type { z } from "zod";
import type { ExportFormat } from "../../extension/panel/protocol.ts";
import { sourceText } from "../../trace/names.ts";
import type { Trace } from "../../trace/schema.ts";
import { type Move, type Place, phasesOf } from "../../trace/stepper.ts";
import type { IconName } from "../icons.ts";
import { plain } from "../plain.ts";
import { type Button, dropdown, iconButton } from "../ui.ts";
import { h, withAttributes } from "./html.ts";

export interface ControlActions {
  move(move: Move): void;
  play(): void;
  fit(): void;
  zoomBy(factor: number): void;
  follow(on: boolean): void;
  everything(on: boolean): void;
  export(format: z.infer<typeof ExportFormat>): void;
}

export interface ControlState {
  readonly trace: Trace;
  readonly place: Place | null;
  readonly breakpoints: readonly number[];
  readonly playing: boolean;
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
const FORMATS = ["json", "text", "dot"] as const;

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
  const fit = iconButton("fit", actions.fit, "F");
  const zoomIn = iconButton("zoomIn", () => actions.zoomBy(ZOOM), "+");
  const zoomOut = iconButton("zoomOut", () => actions.zoomBy(1 / ZOOM), "-");
  let state: ControlState | null = null;
  const follow = iconButton("follow", () => actions.follow(!(state?.follow ?? true)));
  const everything = iconButton("whole", () => actions.everything(!(state?.everything ?? false)));
  const passes = dropdown((backward) => actions.move({ kind: "toBackward", backward }));
  const formats = dropdown((i) => {
    const format = FORMATS[i - 1];
    if (format !== undefined) actions.export(format);
    formats.show(formatOptions(), 0);
  });
  const formatOptions = (): string[] => [l10n.t("Export…"), "JSON", l10n.t("Text"), "DOT"];
  const counter = h("span.counter");
  const stepping = h(
    "div.group",
    ...[first, back, phaseBack, phaseForward, forward, last, breakpoint, play].map(({ element }) => element),
    counter,
    passes.element,
  );
  const viewing = h(
    "div.group.viewing",
    ...[everything, follow, zoomOut, zoomIn, fit].map(({ element }) => element),
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
      for (const button of [phaseForward, forward, last, breakpoint]) button.enabled(!atEnd);
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

/** `1: loss.backward()`, with its place in the source where the trace knows it. */
function passName(trace: Trace, { kind, range }: Trace["backwards"][number], i: number): string {
  const source = sourceText(trace, range);
  const call = plain(source ?? (kind === "grad" ? "autograd.grad" : "backward"), 36);
  if (range === null) return `${i + 1}: ${call}`;
  const line = range.start.line + 1;
  const name = trace.sources[range.source]?.name ?? "";
  const where = trace.sources.length > 1 ? placeName(name, line) : l10n.t("line {0}", line);
  return `${i + 1}: ${call}  (${where})`;
}

/** A line of one source among several: the calls of one note differ in its blocks, which the list must not cut off. */
function placeName(name: string, line: number): string {
  const [, extension, number] = /(\.\w+)#([\d.]+)$/.exec(name) ?? [];
  if (number !== undefined && extension === ".md") return l10n.t("block {0}, line {1}", number, line);
  if (number !== undefined && extension === ".ipynb") return l10n.t("cell {0}, line {1}", number, line);
  return l10n.t("{0}, line {1}", plain(name, 30), line);
}
