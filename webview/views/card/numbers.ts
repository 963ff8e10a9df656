/** The numbers in the expression of the step: each is dragged, scrolled or counted by keys, and the code follows. */
import * as l10n from "@vscode/l10n";
import { numbersOf, type SourceNumber } from "../../../trace/literals.ts";
import type { Range, Trace } from "../../../trace/schema.ts";
import { plain } from "../../plain.ts";
import { arrange, h, withAttributes } from "../html.ts";

/** `by`: units of the last digit; `begins`: the first of a drag. */
export type TurnNumber = (range: Range, by: number, begins: boolean) => void;

/** Pixels of a drag for one unit of the last digit; with Shift ten. */
const PIXELS = 6;
const LARGE = 10;
const KEYS: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: LARGE,
  PageDown: -LARGE,
};

export interface Numbers {
  readonly element: HTMLElement;
  /** `editable`: of how many sources, from the first, the numbers can be turned. */
  show(trace: Trace, node: number | null, editable: number): void;
}

/** The chips stay the same elements while the numbers change, so that focus and drag outlive each new trace. */
export function numbersRow(turn: TurnNumber): Numbers {
  const list = h("span.list");
  const what = h("span.what");
  const element = h("p.literals", what, list);
  const chips: Chip[] = [];
  return {
    element,
    show(trace, node, editable) {
      const numbers =
        node === null ? [] : numbersOf(trace, node).filter(({ range }) => range.source < editable);
      element.hidden = numbers.length === 0;
      // Not where it is made: the catalogue comes with the first state.
      what.textContent = l10n.t("Numbers");
      while (chips.length < numbers.length) chips.push(chip(turn));
      for (const [i, number] of numbers.entries()) chips[i]?.show(number, i, numbers.length);
      arrange(
        list,
        chips.slice(0, numbers.length).map((each) => each.element),
      );
    },
  };
}

interface Chip {
  readonly element: HTMLElement;
  show(number: SourceNumber, index: number, count: number): void;
}

function chip(turn: TurnNumber): Chip {
  let range: Range | null = null;
  const element = withAttributes(h("span.number"), {
    role: "spinbutton",
    tabindex: "0",
    title: l10n.t(
      "Drag to the sides, or press ↑ and ↓: the number in the code changes, and the trace follows.",
    ),
  });
  const by = (units: number, begins: boolean): void => {
    if (range !== null && units !== 0) turn(range, units, begins);
  };
  element.addEventListener("keydown", (event) => {
    const units = event.ctrlKey || event.altKey || event.metaKey ? undefined : KEYS[event.key];
    if (units === undefined) return;
    event.preventDefault();
    by(event.shiftKey && Math.abs(units) === 1 ? units * LARGE : units, !event.repeat);
  });
  element.addEventListener(
    "wheel",
    (event) => {
      // A card that is scrolled past must not change the code: only the number that was chosen turns.
      if (document.activeElement !== element || event.deltaY === 0) return;
      event.preventDefault();
      by(event.deltaY < 0 ? 1 : -1, true);
    },
    { passive: false },
  );
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    element.focus();
    dragged(event, by);
  });
  return {
    element,
    show(number, index, count) {
      range = number.range;
      if (element.textContent !== number.text) element.textContent = number.text;
      withAttributes(element, {
        "aria-label":
          count === 1
            ? l10n.t("Number in the code")
            : l10n.t("Number {0} of {1} in the code", index + 1, count),
        "aria-valuenow": String(Number(number.text)),
        "aria-valuetext": plain(number.text, 40),
      });
    },
  };
}

/** Follow the pointer until it is let go; Escape puts the number back. */
function dragged(start: PointerEvent, by: (units: number, begins: boolean) => void): void {
  const abort = new AbortController();
  const { signal } = abort;
  let [wanted, sent, frame] = [0, 0, 0];
  let begins = true;
  const tell = (): void => {
    frame = 0;
    if (wanted === sent) return;
    by(wanted - sent, begins);
    begins = false;
    sent = wanted;
  };
  const end = (): void => {
    abort.abort();
    cancelAnimationFrame(frame);
    tell();
    document.body.classList.remove("turning");
  };
  document.body.classList.add("turning");
  window.addEventListener(
    "pointermove",
    (event) => {
      wanted = Math.trunc((event.clientX - start.clientX) / PIXELS) * (event.shiftKey ? LARGE : 1);
      frame ||= requestAnimationFrame(tell);
    },
    { signal },
  );
  for (const kind of ["pointerup", "pointercancel", "blur"] as const)
    window.addEventListener(kind, end, { signal });
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      wanted = 0;
      end();
    },
    { signal, capture: true },
  );
}
