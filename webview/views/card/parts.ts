/** What the parts of the step card share: what it can do, how the person looks at it, small makers of elements. */
import * as l10n from "@vscode/l10n";
import type { Timed } from "../../../trace/explain.ts";
import type { Role } from "../../../trace/mathtree.ts";
import { isPlainNumber } from "../../../trace/names.ts";
import type { Node as GraphNode, Trace, Value } from "../../../trace/schema.ts";
import type { Move } from "../../../trace/stepper.ts";
import type { Taking } from "../../../trace/story/cell.ts";
import type { Stage } from "../../../trace/story/story.ts";
import { hueClass } from "../../marks/mark.ts";
import { plain } from "../../plain.ts";
import { h } from "../html.ts";
import type { TensorLook, TensorOptions } from "../look.ts";
import { tensorView } from "../tensor.ts";
import type { TurnNumber } from "./numbers.ts";

/** Characters of a number, a formula or an expression on the card. */
export const TEXT_LIMIT = 400;

export interface CardActions {
  reveal(node: number): void;
  goTo(node: number): void;
  copy(text: string): void;
  move(move: Move): void;
  turnNumber: TurnNumber;
}

/** The element whose story is told: of what the rule gave towards an edge, or of what is left after un-broadcasting. */
export interface Picked {
  readonly edge: number;
  readonly stage: Stage;
  readonly flat: number;
}

/** One drawing of the card: what every part reads. */
export interface Sheet {
  readonly trace: Trace;
  readonly node: GraphNode;
  readonly actions: CardActions;
  readonly picked: Picked | null;
  /** What took part in the picked element. */
  readonly taking: readonly Taking[];
  pick(picked: Picked): void;
  look(key: string): TensorLook;
}

export const code = (text: string, className = ""): HTMLElement => {
  const element = h("code", plain(text, TEXT_LIMIT));
  if (className !== "") element.className = className;
  return element;
};

export const block = (heading: string, ...content: (Node | null)[]): HTMLElement =>
  h("section.block", h("h2", heading), ...content);

export const timed = <E extends Element>(element: E, { done, current }: Timed): E => {
  element.classList.toggle("to-come", !done);
  element.classList.toggle("current", current);
  return element;
};

/** The colour of an operand: as in the picture, where only several need telling apart. */
export function hueOf(trace: Trace, node: GraphNode, edge: number): number | null {
  const ports = [...node.edges.keys()].filter((e) => {
    const { node: to, tensor } = node.edges[e] as GraphNode["edges"][number];
    return to !== null || (tensor !== null && !isPlainNumber(trace, tensor));
  });
  const port = ports.indexOf(edge);
  return ports.length > 1 && port >= 0 ? port : null;
}

export function roleClass({ trace, node }: Sheet, role: Role): string {
  if (role === null) return "";
  return role.kind === "gradient" ? "of-gradient" : hueClass(hueOf(trace, node, role.edge)).trim();
}

export const roleOfTerm = (node: GraphNode, term: string): Role => {
  if (/^(grads?(\[\d+\])?|before)$/.test(term)) return { kind: "gradient" };
  const edge = node.edges.findIndex(({ input }) => input === term);
  return edge < 0 ? null : { kind: "operand", edge };
};

/** A tensor on the card; `term` is what the formula calls it, so that what took part in a story is marked. */
export function tensorOf(
  sheet: Sheet,
  value: Value | null,
  key: string,
  label: string,
  term: string | null,
  pick: TensorOptions["pick"] = null,
): HTMLElement {
  if (value === null) return code("None");
  const taking = term === null ? undefined : sheet.taking.find((each) => each.term === term);
  const marked =
    taking === undefined || term === null
      ? null
      : { flat: new Set(taking.flat), className: roleClass(sheet, roleOfTerm(sheet.node, term)) };
  const view = tensorView(value, {
    label: plain(label, 120),
    marked,
    pick,
    look: sheet.look(key),
    copy: sheet.actions.copy,
  });
  view.dataset.tensor = key;
  return view;
}

/** A node by its name: a click walks there. */
export function nodeLink(node: number, name: string, go: (node: number) => void): HTMLElement {
  const button = h("button.node-link", code(plain(name, 60)));
  button.type = "button";
  button.title = l10n.t("Go to this node");
  button.addEventListener("click", () => go(node));
  return button;
}
