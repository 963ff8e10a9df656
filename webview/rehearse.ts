/** Shows a small trace where nobody sees it: code is made quick by being used, and fonts by being laid out. */
import type { Trace } from "../trace/schema.ts";
import { wholeStep } from "../trace/stepper.ts";
import type { LayoutClient } from "./layout/client.ts";
import { preparing } from "./prepare.ts";
import recorded from "./rehearsal.json";
import { h } from "./views/html.ts";
import { type WorkbenchActions, workbench } from "./views/workbench.ts";

/** That this is a trace, and the engine's, is under test. */
const trace = recorded as unknown as Trace;
/** What a profile of the page, and its test, know it by. */
const REHEARSED = "rehearsed";
/** Of the place that is shown: what is said there has a formula, numbers and shapes. */
const STEP = 2;

/**
 * Puts a workbench of its own into `page`, laid out but not seen, and takes it away when its picture has been in a
 * frame. The result takes it away at once.
 */
export function rehearse(page: HTMLElement, layout: LayoutClient, actions: WorkbenchActions): () => void {
  const element = h("div.rehearsal");
  element.inert = true;
  const end = (): void => element.remove();
  const nothing = (): void => {};
  const inFrame = (): void => {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        end();
        performance.mark(REHEARSED);
      }),
    );
  };
  const unseen = workbench(
    { place: (nest) => layout.place(nest).finally(inFrame) },
    { ...actions, start: null, moved: nothing, arranged: nothing, announce: nothing },
  );
  element.append(unseen.element);
  page.append(element);
  const place = wholeStep(trace, 0, STEP);
  for (const _ of preparing(trace, place));
  unseen.show(
    { kind: "ready", title: "", trace, place, breakpoints: [], stale: false },
    { follow: false, playing: false, asked: null, speed: 1, alone: false },
    null,
  );
  return end;
}
