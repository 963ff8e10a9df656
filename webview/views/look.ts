/** How a tensor is looked at, and what is special about an element, whichever way it is shown. */
import type { Element } from "../../trace/schema.ts";
import { Window } from "./part.ts";

export type Look = "numbers" | "heatmap" | "histogram";

export interface TensorOptions {
  /** What it is, for a screen reader: `gradient of x`. */
  readonly label: string;
  /** Elements (row-major) that took part in the element that is picked, and the class of their colour. */
  readonly marked?: { readonly flat: ReadonlySet<number>; readonly className: string } | null;
  /** Set where elements can be picked. */
  readonly pick?: { readonly picked: number | null; choose(flat: number): void } | null;
  /** How it is looked at, kept by the caller so that it stays through a step. */
  readonly look: TensorLook;
  copy(text: string): void;
}

/** What the person chose about one tensor. */
export class TensorLook {
  look: Look | null = null;
  at: number[] = [];
  /** Whether the choices about it are on show. */
  open = false;
  /** Of a large one: the part whose numbers were asked for. */
  readonly window = new Window();
}

/** What is special about an element. */
export function kindOf(element: Element): "nan" | "infinite" | "zero" | "plain" {
  if (element === "NaN") return "nan";
  if (element === "Infinity" || element === "-Infinity") return "infinite";
  return Number(element) === 0 && element !== false ? "zero" : "plain";
}
