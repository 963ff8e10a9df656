/** What is shown of traces that are looked at together: which one it is, how they compare, and the current leaf in each. */

import * as l10n from "@vscode/l10n";
import type { TraceSet } from "../../extension/panel/protocol.ts";
import { formatValue } from "../../trace/format.ts";
import { omittedOf } from "../../trace/pass-number.ts";
import type { Place } from "../../trace/place.ts";
import { type LeafAcross, rankSentence } from "../../trace/ranks.ts";
import type { Trace, Value } from "../../trace/schema.ts";
import { type Comparison, verdict } from "../../trace/sides.ts";
import { type Move, wholeStep } from "../../trace/stepper.ts";
import { plain } from "../plain.ts";
import { dropdown } from "../ui.ts";
import { h, withAttributes } from "./html.ts";

export interface SetActions {
  move(move: Move): void;
  /** Show another trace of the set. */
  choose(index: number): void;
}

interface Shown {
  readonly trace: Trace;
  readonly place: Place | null;
  readonly set?: TraceSet | undefined;
}

export interface SetView {
  /** For a corner of the picture: the engine that ran it. */
  readonly engine: HTMLElement;
  /** The list to choose a trace from, verdict and table; hidden where there is one trace only. */
  readonly element: HTMLElement;
  show(shown: Shown): void;
  /** Beside the step card: the current leaf on every rank; null elsewhere. */
  leaf(): HTMLElement | null;
}

type GoTo = (place: Pick<Place, "backward" | "step">) => void;

/** Columns of a number beside the step card, and in a table, where more of them stand side by side. */
const WIDE = 60;
const NARROW = 24;

export function setView(actions: SetActions): SetView {
  const engine = h("span.engine");
  const list = dropdown((index) => actions.choose(index));
  const element = h("section.set");
  let drawn: { trace: Trace; set: TraceSet | undefined; backward: number | null } | null = null;
  let shown: Shown | null = null;
  const to: GoTo = ({ backward, step }) => {
    if (shown === null || step >= (shown.trace.backwards[backward]?.steps.length ?? 0)) return;
    actions.move({ kind: "toPlace", place: wholeStep(shown.trace, backward, step) });
  };

  return {
    engine,
    element,
    show(next) {
      shown = next;
      const { trace, place, set } = next;
      engine.textContent = engineName(trace);
      engine.title = l10n.t("What ran this code");
      element.hidden = set === undefined;
      if (set !== undefined) {
        list.label(l10n.t("Which trace is shown"));
        list.show(
          set.labels.map((label) => plain(label, 40)),
          set.chosen,
        );
      }
      const backward = place?.backward ?? null;
      const same = drawn?.trace === trace && drawn.set === set && drawn.backward === backward;
      if (!same) {
        drawn = { trace, set, backward };
        const parts =
          set?.engines !== undefined
            ? engines(set.engines, set.labels, trace, backward, to)
            : set?.ranks !== undefined
              ? ranks(leavesOf(set.ranks, trace, backward), set, to)
              : [];
        const [first = null, ...rest] = parts;
        element.replaceChildren(h("div.choice", list.element, first), ...rest);
      }
      for (const row of element.querySelectorAll<HTMLElement>("tr[data-step]")) {
        const isHere = row.dataset.step === String(place?.step);
        row.classList.toggle("here", isHere);
        if (isHere) row.setAttribute("aria-current", "step");
        else row.removeAttribute("aria-current");
      }
    },
    leaf() {
      const { set, place, trace } = shown ?? {};
      if (set?.ranks === undefined || place == null || trace === undefined) return null;
      const one = leavesOf(set.ranks, trace, place.backward).find(
        ({ places }) => places[set.chosen]?.step === place.step,
      );
      return one === undefined ? null : leafPane(one, set);
    },
  };
}

const engineName = ({ engine: { name, torch } }: Trace): string =>
  name === "embedded" ? l10n.t("embedded engine") : `PyTorch ${plain(torch, 24)}`;

const text = (value: Value | null | undefined, width = WIDE): string =>
  value == null ? "–" : plain(formatValue(value), width);

/** A number in a table; the whole of it is its tooltip. */
const cell = (value: Value | null): HTMLElement =>
  withAttributes(h("span", text(value, NARROW)), { title: text(value, 400) });

/** The leaves of the pass that is shown. */
function leavesOf(all: readonly LeafAcross[], trace: Trace, backward: number | null): readonly LeafAcross[] {
  const pass = (backward ?? 0) + omittedOf(trace);
  return all.filter((leaf) => leaf.pass === pass);
}

function ranks(leaves: readonly LeafAcross[], { labels, chosen }: TraceSet, to: GoTo): HTMLElement[] {
  const apart = leaves.filter(({ verdict }) => verdict === "apart");
  const missing = leaves.filter(({ verdict }) => verdict === "missing");
  const own = leaves.filter(({ verdict }) => verdict === "own");
  const sentence =
    leaves.length === 0
      ? l10n.t("No rank accumulates a gradient in this pass.")
      : (apart[0] ?? missing[0]) !== undefined
        ? rankSentence((apart[0] ?? missing[0]) as LeafAcross, l10n)
        : own.length > 0
          ? l10n.t("Each rank keeps its own gradients in this pass: nothing was reduced between them.")
          : l10n.t("Every .grad is the mean over the {0} ranks.", labels.length);
  const head = [
    l10n.t("leaf"),
    l10n.t(".grad is"),
    ...labels.map((label) => l10n.t("{0} adds", plain(label, 24))),
    l10n.t("mean"),
    l10n.t(".grad is left as"),
  ];
  const rows = leaves.map((leaf) => {
    const at = leaf.places[chosen];
    return row(at?.step, leaf.verdict === "mean", [
      goTo(plain(leaf.leaf, 40), at ?? null, to),
      h("span.word", verdictWord(leaf)),
      ...leaf.local.map(cell),
      cell(leaf.mean),
      leftText(leaf),
    ]);
  });
  const ok = leaves.every(({ verdict }) => verdict === "mean");
  return [says(sentence, ok), table(l10n.t("Gradients of each leaf over the ranks"), head, rows)];
}

/** What every rank is left with, told once where it is the same. */
function leftText({ left }: LeafAcross): string {
  const texts = left.map((value) => text(value, NARROW));
  return new Set(texts).size === 1 ? (texts[0] ?? "") : texts.join(" | ");
}

function verdictWord({ verdict }: LeafAcross): string {
  switch (verdict) {
    case "mean":
      return l10n.t("the mean");
    case "own":
      return l10n.t("its own");
    case "apart":
      return l10n.t("not the mean");
    case "missing":
      return l10n.t("not on every rank");
  }
}

function leafPane(leaf: LeafAcross, { labels, chosen }: TraceSet): HTMLElement {
  const entries: [string, Value | null | undefined][] = [
    ...labels.map((label, i): [string, Value | null | undefined] => [
      i === chosen ? l10n.t("{0} adds (shown)", plain(label, 24)) : l10n.t("{0} adds", plain(label, 24)),
      leaf.local[i],
    ]),
    [l10n.t("mean"), leaf.mean],
    [l10n.t("{0}.grad after the pass", plain(leaf.leaf, 30)), leaf.left[chosen]],
  ];
  return h(
    "section.pane.across",
    h("h2", l10n.t("Over the ranks")),
    h("dl.ranks", ...entries.flatMap(([name, value]) => [h("dt", name), h("dd", h("code", text(value)))])),
    h("p", plain(rankSentence(leaf, l10n), 400)),
  );
}

function engines(
  comparison: Comparison,
  labels: readonly string[],
  trace: Trace,
  backward: number | null,
  to: GoTo,
): HTMLElement[] {
  const { differences, total, first, from, passes } = comparison;
  const omitted = omittedOf(trace);
  const line = says(verdict(comparison, l10n), total === 0);
  if (first !== null) {
    line.append(" ", goTo(l10n.t("Go there"), { backward: first.pass - omitted, step: first.step }, to));
  }
  const head = [l10n.t("step"), l10n.t("node"), ...labels.map((label) => plain(label, 30)), l10n.t("equal")];
  const rows = (passes[(backward ?? 0) + omitted - from] ?? []).map(({ left, right, same }, step) => {
    const nodes = new Set([left, right].flatMap((side) => (side === null ? [] : [plain(side.node, 40)])));
    return row(step, same, [
      goTo(String(step + 1), backward === null ? null : { backward, step }, to),
      [...nodes].join(" | "),
      ...[left, right].map((side) =>
        side === null ? "–" : `${plain(side.upstream, WIDE)} → ${plain(side.sends, WIDE)}`,
      ),
      h("span.word", same ? "=" : "≠"),
    ]);
  });
  const parts = [line, table(l10n.t("The steps of both engines"), head, rows)];
  if (total > 0) {
    const items = differences
      .slice(0, 8)
      .map(({ at, left, right }) =>
        h("li", plain(at, 200), ": ", h("code", plain(left, 200)), " | ", h("code", plain(right, 200))),
      );
    parts.push(h("ul.differences", ...items));
  }
  return parts;
}

function says(sentence: string, ok: boolean): HTMLElement {
  const line = withAttributes(h("p.verdict", h("span", ok ? "✓ " : "≠ "), plain(sentence, 400)), {
    role: "status",
  });
  line.classList.add(ok ? "same" : "apart");
  return line;
}

/** A cell from which the walk goes to a step of the trace that is shown. */
function goTo(label: string, place: Pick<Place, "backward" | "step"> | null, to: GoTo): Node | string {
  if (place === null) return label;
  const button = withAttributes(h("button", label), { title: l10n.t("Go to this step") });
  button.addEventListener("click", () => to(place));
  return button;
}

function row(step: number | undefined, same: boolean, cells: readonly (Node | string)[]): HTMLElement {
  const element = h("tr", ...cells.map((cell) => h("td", cell)));
  if (step !== undefined) element.dataset.step = String(step);
  element.classList.toggle("apart", !same);
  return element;
}

const table = (label: string, head: readonly string[], rows: readonly HTMLElement[]): HTMLElement =>
  withAttributes(
    h(
      "div.scroll",
      h("table", h("thead", h("tr", ...head.map((name) => h("th", name)))), h("tbody", ...rows)),
    ),
    { tabindex: "0", role: "region", "aria-label": label },
  );
