/** The keyboard of the walk: one table, read by one listener. */
import type { Move } from "../trace/stepper.ts";

export type Key = { readonly move: Move } | { readonly action: "play" | "fit" | "zoomIn" | "zoomOut" };

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
  p: { action: "play" },
  f: { action: "fit" },
  "+": { action: "zoomIn" },
  "=": { action: "zoomIn" },
  "-": { action: "zoomOut" },
};

/** Elements that use these keys themselves. */
const OWN = "input, textarea, select, .scroll";

/** What a key press means for the walk; null where it means nothing here. */
export function keyOf(
  event: Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">,
): Key | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const shifted = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
  return Object.hasOwn(KEYS, shifted) ? (KEYS[shifted] as Key) : null;
}

export function listen(target: HTMLElement | Document, act: (key: Key) => void): void {
  target.addEventListener("keydown", (raw) => {
    const event = raw as KeyboardEvent;
    if (event.defaultPrevented || (event.target instanceof Element && event.target.closest(OWN) !== null))
      return;
    const key = keyOf(event);
    if (key === null) return;
    event.preventDefault();
    act(key);
  });
}
