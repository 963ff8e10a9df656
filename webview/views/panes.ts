/** The panes beside the picture: what the program printed, the exception that ended it, notes; and the whole-panel states. */
import * as l10n from "@vscode/l10n";
import type { PanelState } from "../../extension/panel/protocol.ts";
import { figureRemark, figureWords } from "../../trace/figure.ts";
import type { Trace } from "../../trace/schema.ts";
import { patternWord } from "../../trace/sentence.ts";
import { drawFigure } from "../figures/figure.ts";
import { marks } from "../marks/index.ts";
import { plain, plainLines } from "../plain.ts";
import { textButton } from "../ui.ts";
import { h, withAttributes } from "./html.ts";
import { patternIcon } from "./icon.ts";

/** Characters of output on show; the rest is a copy or an export away. */
const SHOWN = 50_000;

/** A text that may be long: it scrolls, and can be reached and scrolled by keyboard. */
export function scrolled(text: string, label: string, className = ""): HTMLElement {
  const pre = withAttributes(h("pre.scroll", plainLines(text, SHOWN)), {
    tabindex: "0",
    role: "region",
    "aria-label": label,
  });
  if (className !== "") pre.classList.add(className);
  return pre;
}

export function outputPane(trace: Trace): HTMLElement | null {
  if (trace.output.length === 0) return null;
  const title = l10n.t("Output");
  const pre = scrolled("", title);
  let left = SHOWN;
  for (const { stream, text } of trace.output) {
    if (left <= 0) break;
    // What Python prints of the exception stands in the error pane.
    if (stream === "stderr" && text.trim() === trace.error?.traceback.trim()) continue;
    const part = h("span", plainLines(text, left));
    if (stream === "stderr") part.className = "stderr";
    pre.append(part);
    left -= text.length;
  }
  return pre.childElementCount === 0 ? null : h("section.pane.output", h("h2", title), pre);
}

/** What the program showed with matplotlib.pyplot. */
export function figuresPane({ figures = [] }: Trace): HTMLElement | null {
  if (figures.length === 0) return null;
  return h(
    "section.pane.figures",
    h("h2", figures.length === 1 ? l10n.t("Figure") : l10n.t("Figures")),
    ...figures.map((figure) => {
      const remark = figureRemark(figure, l10n);
      return h(
        "figure",
        drawFigure(figure, figureWords(figure, l10n)),
        remark === "" ? null : h("figcaption.caption", plain(remark, 600)),
      );
    }),
  );
}

export function errorPane(trace: Trace): HTMLElement | null {
  const pass = trace.backwards.find(({ error }) => error !== null);
  if (trace.error === null && pass === undefined) return null;
  const title = l10n.t("Error");
  const { error } = trace;
  if (error === null) return h("section.pane.error", h("h2", title), h("p", plain(pass?.error ?? "", 2000)));
  const place = error.ranges.at(-1);
  const where =
    place === undefined
      ? null
      : h(
          "p.where",
          l10n.t("{0}, line {1}", plain(trace.sources[place.source]?.name ?? "", 80), place.start.line + 1),
        );
  return h(
    "section.pane.error",
    h("h2", title),
    h("p.what", h("strong", plain(error.type, 80)), ": ", plainLines(error.message, 2000)),
    where,
    trace.nodes.length > 0 ? h("p.hint", l10n.t("The graph is drawn as far as the program came.")) : null,
    scrolled(error.traceback, l10n.t("Traceback")),
  );
}

export function notesPane(trace: Trace, more: readonly string[]): HTMLElement | null {
  const notes = [...more, ...trace.notes];
  if (notes.length === 0) return null;
  return h(
    "section.pane.notes",
    h("h2", l10n.t("Notes")),
    h("ul", ...notes.slice(0, 50).map((note) => h("li", plain(note, 600)))),
  );
}

/** In place of a step: there is no backward pass (or `failed`: one that raised at once). How to come by one, in words. */
export function noPass(trace: Trace, failed: boolean): HTMLElement {
  if (failed)
    return h(
      "section.step-card",
      h("h1", l10n.t("No step")),
      h("p.sentence", l10n.t("This backward pass failed before its first node had run.")),
      trace.backwards.length > 1
        ? h("p.hint", l10n.t("The passes before it are in the list at the top."))
        : null,
    );
  const heading = h("h1", l10n.t("No backward pass"));
  if (trace.error !== null)
    return h(
      "section.step-card",
      heading,
      h("p.sentence", l10n.t("The program ended before a backward pass had begun.")),
    );
  const differentiable = trace.tensors.some((tensor) => tensor.node !== null);
  if (!differentiable) {
    const wants = trace.tensors.some((tensor) => tensor.requiresGrad);
    return h(
      "section.step-card",
      heading,
      h(
        "p.sentence",
        wants
          ? l10n.t("Nothing was computed from a tensor that requires a gradient, so there is no graph yet.")
          : l10n.t("No tensor here requires a gradient, so PyTorch kept no graph."),
      ),
      wants
        ? null
        : h(
            "p.hint",
            l10n.t(
              "Mark the tensor to differentiate by with .requires_grad_(), compute a number from it, and call .backward() on that.",
            ),
          ),
    );
  }
  const scalar = trace.tensors.findLast(
    (tensor) => tensor.node !== null && tensor.shape.every((size) => size === 1),
  );
  const any = trace.tensors.findLast((tensor) => tensor.node !== null && tensor.names.length > 0);
  const call =
    scalar?.names[0] !== undefined
      ? `${plain(scalar.names[0], 40)}.backward()`
      : `${plain(any?.names[0] ?? "y", 40)}.sum().backward()`;
  return h(
    "section.step-card",
    heading,
    h(
      "p.sentence",
      l10n.t("The graph was recorded, but nothing has run through it: no .backward() was called."),
    ),
    h(
      "p.hint",
      l10n.t("A backward pass starts from a result with one element. Add this line and trace again:"),
    ),
    h("pre.suggestion", call),
  );
}

/** A whole panel of words: a heading, what to do, and the buttons for it. */
function message(className: string, heading: string, ...content: (Node | null)[]): HTMLElement {
  const section = h("section.page", h("h1", heading), ...content);
  section.classList.add(className);
  return section;
}

export const idle = (): HTMLElement =>
  message(
    "idle",
    l10n.t("Nothing traced yet"),
    h(
      "p",
      l10n.t(
        "Put the cursor in a block of PyTorch code and run the command below. The backward pass appears here, one node at a time.",
      ),
    ),
    h("p.command", h("kbd", "Backstep: Trace backward")),
    legend(),
    keyTable(),
  );

/** A run was ended by the person: that is no failure, and not the same as never having run. */
export const cancelled = (title: string, rerun: () => void): HTMLElement =>
  message(
    "cancelled",
    l10n.t("{0} was cancelled", plain(title, 80)),
    h("p", l10n.t("It was ended before it had run through, so there is no trace to walk through.")),
    textButton(l10n.t("Run again"), rerun).element,
    keyTable(),
  );

/** Seconds since the run began, for as long as it is on screen. */
function clock(since: number): HTMLElement {
  const element = h("p.elapsed");
  const tick = (): void => {
    element.textContent = l10n.t("{0} s", Math.floor((Date.now() - since) / 1000));
  };
  tick();
  const timer = setInterval(() => {
    if (element.isConnected) tick();
    else clearInterval(timer);
  }, 1000);
  return element;
}

type Running = Extract<PanelState, { kind: "running" }>;

export interface RunningPage {
  readonly element: HTMLElement;
  show(state: Running): void;
}

/** The page of one run: it stays, and what is printed is added to it, so that the focus on Cancel stays too. */
export function runningPage({ title, engine }: Running, cancel: () => void): RunningPage {
  const label = l10n.t("Running {0}", plain(title, 80));
  const output = h("div");
  const element = message(
    "running",
    label,
    withAttributes(h("div.progress-bar", h("div.progress-bit")), {
      role: "progressbar",
      "aria-label": label,
    }),
    clock(Date.now()),
    engine === "pytorch" ? h("p", l10n.t("PyTorch runs it; importing it may take some seconds.")) : null,
    textButton(l10n.t("Cancel"), cancel, "secondary").element,
    output,
  );
  return {
    element,
    show(state) {
      if (state.output === "") return;
      const pre = scrolled(state.output.slice(-SHOWN), l10n.t("Output"));
      output.replaceChildren(pre);
      pre.scrollTop = pre.scrollHeight;
    },
  };
}

/** There is no trace: why, and what was printed before. */
export const failed = (title: string, reason: string, output: string, rerun: () => void): HTMLElement =>
  message(
    "failed",
    l10n.t("{0} could not be traced", plain(title, 80)),
    withAttributes(h("p.reason", plainLines(reason, 4000)), { role: "alert" }),
    textButton(l10n.t("Run again"), rerun).element,
    output === "" ? null : scrolled(output.slice(-SHOWN), l10n.t("Output")),
  );

/** A strip over the picture. */
export function banner(
  className: "stale" | "problem" | "elsewhere" | "failure",
  text: string,
  ...buttons: HTMLElement[]
): HTMLElement {
  const strip = h("div.banner", h("span", plain(text, 600)), ...buttons);
  strip.classList.add(className);
  strip.setAttribute("role", className === "problem" || className === "failure" ? "alert" : "status");
  return strip;
}

/** The marks and their words, learnt once. */
function legend(): HTMLElement {
  const { accumulate, custom, ...rest } = marks;
  const entries = [...Object.keys(rest), "accumulate"] as (keyof typeof marks)[];
  const items = entries.map((pattern) =>
    h("li", patternIcon(pattern, TWO.has(pattern) ? 2 : 1), patternWord(pattern, l10n)),
  );
  return h("ul.legend", ...items);
}

/** Patterns that only two inputs show. */
const TWO = new Set(["swap", "pass"]);

function keyTable(): HTMLElement {
  const rows: [string, string][] = [
    ["→  ←", l10n.t("one step onward, one back")],
    ["↓  ↑", l10n.t("one sub-step onward, one back")],
    ["Home  End", l10n.t("start and end of the pass")],
    ["Alt + →↓←↑", l10n.t("from node to node")],
    ["Enter  b  g", l10n.t("on a node: its source, a breakpoint, go there")],
  ];
  return h("dl.keys", ...rows.flatMap(([keys, text]) => [h("dt", h("kbd", keys)), h("dd", text)]));
}
