import { expect, test } from "vitest";
import type { PanelState } from "../../extension/panel/protocol.ts";
import { keyOf } from "../../webview/keys.ts";
import { changed, START, storeOf } from "../../webview/store.ts";
import { planned } from "../support/traces.ts";

const ready: PanelState = {
  kind: "ready",
  title: "t",
  trace: planned({ edges: [[1], []], passes: 1 }),
  place: { backward: 0, step: -1, phase: 0 },
  breakpoints: [],
  stale: false,
};

test("a place that arrives after a new run began changes nothing", () => {
  const running = changed(START, { kind: "state", state: { kind: "running", title: "t", output: "" } });
  expect(changed(running, { kind: "place", place: { backward: 0, step: 0, phase: 1 } })).toBe(running);
});

test("a new state clears the problem; a problem leaves the state", () => {
  const model = changed(changed(START, { kind: "state", state: structuredClone(ready) }), {
    kind: "problem",
    message: "no",
  });
  expect(model.state.kind).toBe("ready");
  expect(model.problem).toBe("no");
  expect(changed(model, { kind: "state", state: { kind: "idle" } }).problem).toBeNull();
});

test("output is kept while running, the last part of a flood", () => {
  let model = changed(START, { kind: "state", state: { kind: "running", title: "t", output: "a" } });
  model = changed(model, { kind: "output", text: "b" });
  expect(model.state).toMatchObject({ output: "ab" });
  model = changed(model, { kind: "output", text: `${"x".repeat(300_000)}end` });
  expect(model.state.kind === "running" && model.state.output.length).toBe(100_000);
  expect(model.state.kind === "running" && model.state.output.endsWith("end")).toBe(true);
});

test("the store shows only what changed", () => {
  let shown = 0;
  const store = storeOf(() => shown++);
  store.change({ kind: "stale", stale: true });
  expect(shown).toBe(0);
  store.change({ kind: "state", state: structuredClone(ready) });
  store.change({ kind: "stale", stale: true });
  expect(shown).toBe(2);
});

const press = (
  key: string,
  held: Partial<Record<"altKey" | "ctrlKey" | "metaKey" | "shiftKey", true>> = {},
) => keyOf({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...held });

test("arrows step, shifted arrows sub-step, and nothing is taken from the editor's own keys", () => {
  expect(press("ArrowRight")).toEqual({ move: { kind: "forward" } });
  expect(press("ArrowLeft")).toEqual({ move: { kind: "back" } });
  expect(press("ArrowRight", { shiftKey: true })).toEqual({ move: { kind: "phaseForward" } });
  expect(press("ArrowRight", { ctrlKey: true })).toBeNull();
  expect(press("p", { metaKey: true })).toBeNull();
  expect(press("constructor")).toBeNull();
});
