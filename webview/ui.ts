/**
 * Every ready-made control, behind one module: the buttons of `@vscode/webview-ui-toolkit`, which
 * its makers have sunset. Whoever replaces it changes this file and nothing else.
 */
import { provideVSCodeDesignSystem, vsCodeButton } from "@vscode/webview-ui-toolkit";
import * as d3 from "d3";
import { type IconName, icons } from "./icons.ts";

provideVSCodeDesignSystem().register(vsCodeButton());

export interface Button {
  readonly element: HTMLElement;
  /** What it does, as a tooltip and for a screen reader. */
  label(text: string): void;
  icon(name: IconName): void;
  enabled(on: boolean): void;
  /** For a button that stays in: whether it is in. */
  pressed(on: boolean): void;
}

/** A button that shows an icon only. `keys` is told to a screen reader, in `aria-keyshortcuts` form. */
export function iconButton(name: IconName, press: () => void, keys = ""): Button {
  const element = document.createElement("vscode-button");
  element.setAttribute("appearance", "icon");
  if (keys !== "") tell(element, "ariaKeyshortcuts", keys);
  const picture = d3
    .select(element)
    .append("svg")
    .attr("viewBox", "0 0 16 16")
    .attr("width", 16)
    .attr("height", 16)
    .attr("aria-hidden", "true");
  const button = controlled(element, press);
  const icon = (next: IconName): void => {
    picture
      .selectAll("path")
      .data(icons[next])
      .join("path")
      .attr("d", (shape) => shape.d)
      .attr("class", (shape) => (shape.filled ? "icon-fill" : "icon-line"));
  };
  icon(name);
  return { ...button, icon };
}

/** A button with words on it. */
export function textButton(
  text: string,
  press: () => void,
  appearance: "primary" | "secondary" = "primary",
): Button {
  const element = document.createElement("vscode-button");
  element.setAttribute("appearance", appearance);
  element.textContent = text;
  return {
    ...controlled(element, press),
    icon: () => {},
    label(next) {
      if (element.textContent !== next) element.textContent = next;
    },
  };
}

/** The toolkit hands ARIA on to the real button inside only when it is set as a property, under its own spelling. */
function tell(
  element: HTMLElement,
  property: "ariaKeyshortcuts" | "ariaLabel" | "ariaPressed",
  text: string,
): void {
  (element as unknown as Record<string, string>)[property] = text;
}

function controlled(element: HTMLElement, press: () => void): Omit<Button, "icon"> {
  element.addEventListener("click", () => {
    if (!element.hasAttribute("disabled")) press();
  });
  return {
    element,
    label(text) {
      tell(element, "ariaLabel", text);
      if (element.title !== text) element.title = text;
    },
    enabled(on) {
      element.toggleAttribute("disabled", !on);
    },
    pressed(on) {
      tell(element, "ariaPressed", String(on));
      element.classList.toggle("pressed", on);
    },
  };
}

export interface Choice {
  readonly element: HTMLSelectElement;
  label(text: string): void;
  show(options: readonly string[], selected: number): void;
}

/** A list to choose one of: the browser's own, since the toolkit's sets inline styles, which the policy forbids. */
export function dropdown(choose: (index: number) => void): Choice {
  const element = document.createElement("select");
  let shown = "";
  element.addEventListener("change", () => choose(element.selectedIndex));
  return {
    element,
    label: (text) => element.setAttribute("aria-label", text),
    show(options, index) {
      const next = JSON.stringify(options);
      if (next !== shown) {
        shown = next;
        element.replaceChildren(...options.map((text) => new Option(text)));
      }
      element.selectedIndex = index;
    },
  };
}
