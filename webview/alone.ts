/**
 * The host of a panel that stands alone in a page: it keeps the place and the breakpoints as the extension does, and
 * answers the panel from the data of the page. It is loaded before the panel.
 */
import type { PanelState, ToHost, ToPanel } from "../extension/panel/protocol.ts";
import { type Breakpoint, readCondition, stopsIn } from "../trace/condition.ts";
import { move } from "../trace/stepper.ts";

interface Data {
  readonly state: Extract<PanelState, { kind: "ready" }>;
  readonly catalogue: Record<string, string>;
}

const { state: first, catalogue } = JSON.parse(
  document.getElementById("backstep-data")?.textContent ?? "null",
) as Data;

let state = first;
let kept: unknown = null;
const conditions = new Map((first.conditions ?? []).map(({ node, text }) => [node, text] as const));

const tell = (message: ToPanel): void => window.postMessage(message, "*");

function stops(): Breakpoint[] {
  const own = state.breakpoints.map((node) => ({ node, condition: conditions.get(node) ?? null }));
  const anywhere = conditions.get(null);
  return anywhere === undefined ? own : [...own, { node: null, condition: anywhere }];
}

function tellStops(): void {
  const listed = [...conditions].map(([node, text]) => ({ node, text }));
  tell({ kind: "breakpoints", body: { breakpoints: [...state.breakpoints], conditions: listed } });
}

function answer(message: ToHost): void {
  switch (message.kind) {
    case "ready":
      tell({ kind: "configure", body: { catalogue, alone: true } });
      tell({ kind: "state", body: { state } });
      return;
    case "move": {
      if (state.place === null) return;
      const place = move(
        state.trace,
        state.place,
        message.body.move,
        stopsIn(state.trace, state.place.backward, stops()),
      );
      state = { ...state, place };
      tell({ kind: "place", body: { place } });
      return;
    }
    case "toggleBreakpoint": {
      const breakpoints = new Set(state.breakpoints);
      if (breakpoints.delete(message.body.node)) conditions.delete(message.body.node);
      else breakpoints.add(message.body.node);
      state = { ...state, breakpoints: [...breakpoints] };
      tellStops();
      return;
    }
    case "condition": {
      const { node, text } = message.body;
      if (text === null) conditions.delete(node);
      else {
        readCondition(text);
        conditions.set(node, text);
      }
      if (node !== null) state = { ...state, breakpoints: [...new Set([...state.breakpoints, node])] };
      tellStops();
      return;
    }
    case "copy":
      void navigator.clipboard.writeText(message.body.text);
      return;
    default:
  }
}

Object.assign(window, {
  acquireVsCodeApi: () => ({
    postMessage(message: ToHost) {
      try {
        answer(message);
      } catch (error) {
        tell({ kind: "problem", body: { message: error instanceof Error ? error.message : String(error) } });
      }
    },
    getState: () => kept,
    setState(next: unknown) {
      kept = next;
    },
  }),
});
