/** A run that was pinned, and what later runs changed against it. */
import * as l10n from "@vscode/l10n";
import { type Change, changesSince } from "../../trace/pinned.ts";
import type { Trace } from "../../trace/schema.ts";
import { plain } from "../plain.ts";
import { textButton } from "../ui.ts";
import { nodeLink } from "./card/parts.ts";
import { h } from "./html.ts";
import type { Differs } from "./scene.ts";

export interface PinnedView {
  /** The pane; null where nothing is pinned. */
  pane(trace: Trace, backward: number): HTMLElement | null;
  pin(trace: Trace | null): void;
  readonly pinned: Trace | null;
  /** For the graph; null where nothing is pinned, or this very run is. */
  marks(trace: Trace, backward: number): ReadonlyMap<number, Differs> | null;
}

/** Changes that are listed. */
const SHOWN = 60;

export function pinnedView(goTo: (node: number) => void, unpin: () => void): PinnedView {
  let pinned: Trace | null = null;
  let drawn: { of: Trace; trace: Trace; backward: number; element: HTMLElement } | null = null;
  let compared: {
    of: Trace;
    trace: Trace;
    backward: number;
    changes: readonly Change[];
    marks: Marks;
  } | null = null;

  function compare(of: Trace, trace: Trace, backward: number): { changes: readonly Change[]; marks: Marks } {
    if (compared?.of !== of || compared.trace !== trace || compared.backward !== backward) {
      const changes = changesSince(of, trace, backward);
      compared = { of, trace, backward, changes, marks: marksOf(changes) };
    }
    return compared;
  }

  return {
    get pinned() {
      return pinned;
    },
    pin(trace) {
      pinned = trace;
      drawn = null;
    },
    pane(trace, backward) {
      if (pinned === null) return null;
      if (drawn === null || drawn.of !== pinned || drawn.trace !== trace || drawn.backward !== backward)
        drawn = {
          of: pinned,
          trace,
          backward,
          element: pane(pinned === trace ? null : compare(pinned, trace, backward).changes, goTo, unpin),
        };
      return drawn.element;
    },
    marks: (trace, backward) =>
      pinned === null || pinned === trace ? null : compare(pinned, trace, backward).marks,
  };
}

type Marks = ReadonlyMap<number, Differs>;

function marksOf(changes: readonly Change[]): Marks {
  const marks = new Map<number, { kind: Differs["kind"]; gone: string[] }>();
  for (const { kind, at, code, name } of changes) {
    if (at === null) continue;
    const mark = marks.get(at) ?? { kind: "same", gone: [] };
    marks.set(at, mark);
    if (kind === "removed") mark.gone.push(code === "" ? name : code);
    else mark.kind = kind;
  }
  return marks;
}

/** `changes`: null where it is this very run that is pinned. */
function pane(
  changes: readonly Change[] | null,
  goTo: (node: number) => void,
  unpin: () => void,
): HTMLElement {
  const close = textButton(l10n.t("Unpin"), unpin, "secondary").element;
  const head = h("div.head", h("h2", l10n.t("Against the pinned run")), close);
  if (changes === null)
    return h(
      "section.pane.pinned",
      head,
      h("p.caption", l10n.t("This run is pinned: change the code and trace again to see what that changes.")),
    );
  if (changes.length === 0)
    return h(
      "section.pane.pinned",
      head,
      h("p", l10n.t("Nothing differs: every node has the same numbers.")),
    );
  return h(
    "section.pane.pinned",
    head,
    h("ul.changes", ...changes.slice(0, SHOWN).map((change) => item(change, goTo))),
    changes.length > SHOWN ? h("p.caption", l10n.t("and {0} more", changes.length - SHOWN)) : null,
  );
}

function item(
  { kind, node, name, code, forward, gradient }: Change,
  goTo: (node: number) => void,
): HTMLElement {
  const words = { added: l10n.t("new"), removed: l10n.t("removed"), changed: l10n.t("changed") };
  const who = kind === "removed" ? h("code", plain(name, 60)) : nodeLink(node, name, goTo);
  const entry = h("li", h("span.kind", words[kind]), who, h("span.caption", plain(code, 50)));
  entry.classList.add(kind);
  const pair = (label: string, [before, after]: readonly [string, string]): HTMLElement =>
    h("div.pair", h("span.caption", label), h("code", plain(before, 80)), "→", h("code", plain(after, 80)));
  if (forward !== null) entry.append(pair(l10n.t("value"), forward));
  if (gradient !== null) entry.append(pair(l10n.t("gradient"), gradient));
  return entry;
}
