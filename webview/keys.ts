/** The keyboard of the walk: one table. */
import type { Move } from "../trace/stepper.ts";

export type Action = "play" | "fit" | "zoomIn" | "zoomOut" | "turn" | "search" | "why";
export type Key = { readonly move: Move } | { readonly action: Action };

const KEYS: Readonly<Record<string, Key>> = {
  ArrowRight: { move: { kind: "forward" } },
  ArrowLeft: { move: { kind: "back" } },
  ArrowDown: { move: { kind: "phaseForward" } },
  ArrowUp: { move: { kind: "phaseBack" } },
  "Shift+ArrowRight": { move: { kind: "phaseForward" } },
  "Shift+ArrowLeft": { move: { kind: "phaseBack" } },
  "Shift+ArrowDown": { move: { kind: "phaseForward" } },
  "Shift+ArrowUp": { move: { kind: "phaseBack" } },
  Home: { move: { kind: "first" } },
  End: { move: { kind: "last" } },
  n: { move: { kind: "toBreakpoint", direction: "forward" } },
  N: { move: { kind: "toBreakpoint", direction: "back" } },
  o: { move: { kind: "overModule" } },
  u: { move: { kind: "outOfModule" } },
  p: { action: "play" },
  w: { action: "why" },
  f: { action: "fit" },
  v: { action: "turn" },
  "/": { action: "search" },
  "+": { action: "zoomIn" },
  "=": { action: "zoomIn" },
  "-": { action: "zoomOut" },
};

/** What of a KeyboardEvent matters. */
export interface Press {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** What a key press means for the walk; null where it means nothing here. */
export function keyOf(event: Press): Key | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const shifted = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
  return Object.hasOwn(KEYS, shifted) ? (KEYS[shifted] as Key) : null;
}
