/** The graph's own tools, on the stage: which way it runs, sizes, folding, search. */
import * as l10n from "@vscode/l10n";
import type { Direction } from "../layout/plan.ts";
import { iconButton } from "../ui.ts";
import { h, withAttributes } from "./html.ts";

export interface StageToolActions {
  turn(): void;
  sizes(): void;
  foldAll(): void;
  unfoldAll(): void;
  search(text: string): void;
  /** To the next (1) or the previous (-1) that was found. */
  next(by: 1 | -1): void;
}

export interface StageToolState {
  readonly direction: Direction;
  readonly sizes: boolean;
  readonly canSize: boolean;
  readonly canFold: boolean;
  readonly canUnfold: boolean;
  readonly hasGroups: boolean;
}

export interface StageTools {
  readonly element: HTMLElement;
  show(state: StageToolState): void;
  /** Which of how many is shown; -1 of -1 where nothing is searched. */
  found(which: number, of: number): void;
  focus(): void;
  clear(): void;
}

/** Ms without a key after which the search runs. */
const PAUSE = 150;

export function stageTools(actions: StageToolActions): StageTools {
  const turn = iconButton("direction", actions.turn, "V");
  const sizes = iconButton("sizes", actions.sizes);
  const fold = iconButton("foldAll", actions.foldAll);
  const unfold = iconButton("unfoldAll", actions.unfoldAll);
  const input = withAttributes(h("input.search"), {
    type: "search",
    spellcheck: "false",
    size: "14",
    "aria-label": l10n.t("Find a node"),
  });
  const count = withAttributes(h("span.found-count"), { role: "status" });
  let waiting: number | null = null;
  input.addEventListener("input", () => {
    if (waiting !== null) clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      waiting = null;
      actions.search(input.value);
      input.focus();
    }, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") actions.next(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && input.value !== "") {
      input.value = "";
      actions.search("");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const buttons = [turn, sizes, fold, unfold].map((button) => button.element);
  const element = withAttributes(h("div.stage-tools", ...buttons, input, count), { role: "toolbar" });

  return {
    element,
    show(state) {
      element.setAttribute("aria-label", l10n.t("The graph"));
      const down = state.direction === "down";
      turn.label(down ? l10n.t("Draw from left to right (v)") : l10n.t("Draw from top to bottom (v)"));
      sizes.label(l10n.t("Show how large the gradients of the whole pass are"));
      sizes.pressed(state.sizes);
      sizes.element.hidden = !state.canSize;
      fold.label(l10n.t("Fold all groups"));
      unfold.label(l10n.t("Open all groups"));
      fold.enabled(state.canFold);
      unfold.enabled(state.canUnfold);
      fold.element.hidden = unfold.element.hidden = !state.hasGroups;
      input.placeholder = l10n.t("Find a node");
      input.title = l10n.t("By name, op, text, module: or with op:relu, module:0, line:12, shape:4,4");
      input.setAttribute("aria-label", l10n.t("Find a node by name, op, text, module, line or shape"));
    },
    found(which, of) {
      count.textContent =
        of < 0
          ? ""
          : of === 0
            ? l10n.t("none")
            : which < 0
              ? String(of)
              : l10n.t("{0} of {1}", which + 1, of);
    },
    focus() {
      input.focus();
      input.select();
    },
    clear() {
      input.value = "";
    },
  };
}
