/** The breakpoints: where the walk stops, and when. */
import * as l10n from "@vscode/l10n";
import { ConditionError, FACTS, readCondition } from "../../trace/condition.ts";
import { sourceText } from "../../trace/names.ts";
import type { Trace } from "../../trace/schema.ts";
import { plain } from "../plain.ts";
import { nodeLink } from "./card/parts.ts";
import { h, withAttributes } from "./html.ts";

export interface BreakpointActions {
  toggleBreakpoint(node: number): void;
  /** `node` null: at any node; `text` null: always (at any node: never). */
  condition(node: number | null, text: string | null): void;
  goTo(node: number): void;
}

export interface Stops {
  readonly breakpoints: readonly number[];
  readonly conditions: readonly { readonly node: number | null; readonly text: string }[];
}

export function breakpointsPane(
  trace: Trace,
  { breakpoints, conditions }: Stops,
  actions: BreakpointActions,
): HTMLElement {
  const textOf = (node: number | null): string | null =>
    conditions.find((each) => each.node === node)?.text ?? null;
  const list = h("ul.stops");
  for (const node of breakpoints) {
    const { name = "", range = null } = trace.nodes[node] ?? {};
    const remove = withAttributes(h("button.word-button", l10n.t("remove")), {
      type: "button",
      "aria-label": l10n.t("Remove the breakpoint of {0}", plain(name, 80)),
    });
    remove.addEventListener("click", () => actions.toggleBreakpoint(node));
    list.append(
      h(
        "li",
        h(
          "div.stop-head",
          nodeLink(node, name, actions.goTo),
          h("span.caption", plain(sourceText(trace, range) ?? "", 40)),
          remove,
        ),
        editor(textOf(node), l10n.t("always"), l10n.t("When {0} stops", plain(name, 60)), (text) =>
          actions.condition(node, text),
        ),
      ),
    );
  }
  return h(
    "section.pane.breakpoints",
    h("h2", l10n.t("Breakpoints")),
    h("h3", l10n.t("At any node")),
    editor(textOf(null), l10n.t("never"), l10n.t("When the walk stops at any node"), (text) =>
      actions.condition(null, text),
    ),
    breakpoints.length === 0
      ? h("p.caption", l10n.t("A right click on a node, or b, sets a breakpoint there."))
      : list,
  );
}

interface Preset {
  readonly label: string;
  /** The text for a number; null where the person writes it. */
  readonly text: ((given: string) => string) | null;
  /** What a text of this preset looks like; its number, if it has one. */
  readonly reads: RegExp;
  readonly asks: "nothing" | "number" | "expression";
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

const presets = (): Preset[] => [
  {
    label: l10n.t("a NaN or an infinity arrives"),
    text: () => "nan > 0 || inf > 0",
    reads: /^nan > 0 \|\| inf > 0$/,
    asks: "nothing",
  },
  {
    label: l10n.t("only zeros arrive"),
    text: () => "zero == size",
    reads: /^zero == size$/,
    asks: "nothing",
  },
  {
    label: l10n.t("|g| is above"),
    text: (n) => `norm > ${n}`,
    reads: /^norm > ([-+\d.e]+)$/i,
    asks: "number",
  },
  {
    label: l10n.t("|g| is below"),
    text: (n) => `norm < ${n}`,
    reads: /^norm < ([-+\d.e]+)$/i,
    asks: "number",
  },
  { label: l10n.t("an expression holds"), text: null, reads: /^(.*)$/s, asks: "expression" },
];

function editor(
  text: string | null,
  none: string,
  label: string,
  change: (text: string | null) => void,
): HTMLElement {
  const all = presets();
  const at = text === null ? -1 : all.findIndex(({ reads }) => reads.test(text));
  const select = h("select");
  select.append(new Option(none), ...all.map((preset) => new Option(preset.label)));
  select.selectedIndex = at + 1;
  select.setAttribute("aria-label", label);
  const input = withAttributes(h("input"), { type: "text", maxlength: "500", spellcheck: "false" });
  const problem = h("p.bad");
  problem.setAttribute("role", "alert");
  const hint = h("p.caption", l10n.t("It may speak of {0}.", FACTS.join(", ")));

  const ask = (preset: Preset | undefined): void => {
    const asks = preset?.asks ?? "nothing";
    input.hidden = asks === "nothing";
    hint.hidden = asks !== "expression";
    input.setAttribute("aria-label", asks === "number" ? l10n.t("number") : l10n.t("expression"));
    input.placeholder = asks === "number" ? "1e-6" : 'norm > 10 && op == "mul"';
  };
  const commit = (): void => {
    const preset = all[select.selectedIndex - 1];
    problem.textContent = "";
    if (preset === undefined) {
      change(null);
      return;
    }
    const given = input.value.trim();
    if (preset.asks !== "nothing" && given === "") return;
    if (preset.asks === "number" && !NUMBER.test(given)) {
      problem.textContent = l10n.t("{0} is not a number: write one such as 0.5 or 1e-6.", plain(given, 40));
      return;
    }
    const next = preset.text === null ? given : preset.text(given);
    try {
      readCondition(next, l10n);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      problem.textContent = plain(error.message, 300);
      return;
    }
    change(next);
  };
  const current = all[at];
  ask(current);
  if (current !== undefined && text !== null && current.asks !== "nothing")
    input.value = current.reads.exec(text)?.[1] ?? text;
  select.addEventListener("change", () => {
    const preset = all[select.selectedIndex - 1];
    ask(preset);
    if (preset === undefined || preset.asks === "nothing") commit();
    else {
      input.value = "";
      input.focus();
    }
  });
  input.addEventListener("change", commit);
  return h("div.condition", select, input, hint, problem);
}
