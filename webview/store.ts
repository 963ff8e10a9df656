/** What the panel shows, and how each message of the host changes it. Pure: no DOM. */
import type { PanelState } from "../extension/panel/protocol.ts";
import type { Place } from "../trace/place.ts";
import type { Subject } from "../trace/why/answer.ts";

export interface Model {
  readonly state: PanelState;
  /** What went wrong last, in words; null where nothing did. */
  readonly problem: string | null;
  /** What "why?" was last asked about; null where the answer has been closed. */
  readonly asked: Subject | null;
}

type Ready = Extract<PanelState, { kind: "ready" }>;

export type Change =
  | { readonly kind: "state"; readonly state: PanelState }
  | { readonly kind: "place"; readonly place: Place }
  | {
      readonly kind: "breakpoints";
      readonly breakpoints: readonly number[];
      readonly conditions: NonNullable<Ready["conditions"]>;
    }
  | { readonly kind: "stale"; readonly stale: boolean }
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "asked"; readonly subject: Subject | null }
  | { readonly kind: "problem"; readonly message: string | null };

/** Text of a running program that is kept for show. */
const OUTPUT_SHOWN = 100_000;

export const START: Model = { state: { kind: "idle" }, problem: null, asked: null };

/** A change that belongs to another state (a late `place` after a new run began) leaves the model as it is. */
export function changed(model: Model, change: Change): Model {
  const { state } = model;
  switch (change.kind) {
    case "state":
      return { state: change.state, problem: null, asked: null };
    case "asked":
      return { ...model, asked: change.subject };
    case "problem":
      return { ...model, problem: change.message };
    case "output":
      return state.kind === "running"
        ? { ...model, state: { ...state, output: (state.output + change.text).slice(-OUTPUT_SHOWN) } }
        : model;
    case "place":
      return state.kind === "ready" && state.place !== null
        ? { ...model, state: { ...state, place: change.place } }
        : model;
    case "breakpoints":
      return state.kind === "ready"
        ? {
            ...model,
            state: { ...state, breakpoints: [...change.breakpoints], conditions: change.conditions },
          }
        : model;
    case "stale":
      return state.kind === "ready" ? { ...model, state: { ...state, stale: change.stale } } : model;
  }
}

export interface Store {
  readonly model: Model;
  change(change: Change): void;
}

/** `show` is called with the new and the old model after each change that changed something. */
export function storeOf(show: (model: Model, before: Model) => void): Store {
  let model = START;
  return {
    get model() {
      return model;
    },
    change(change) {
      const before = model;
      model = changed(model, change);
      if (model !== before) show(model, before);
    },
  };
}
