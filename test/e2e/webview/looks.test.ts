/** Each state of the panel in three themes, held against kept pictures (tolerances in test/webview/visual.ts). */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PanelState } from "../../../extension/panel/protocol.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { type Harness, ready, startHarness } from "../../webview/harness.ts";
import type { ThemeName } from "../../webview/themes.ts";
import { traceNamed } from "../../webview/traces.ts";
import { apart, keptLook, lookOf, SHARE_TOLERANCE } from "../../webview/visual.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const states: Record<string, () => Promise<PanelState>> = {
  idle: async () => ({ kind: "idle" }),
  cancelled: async () => ({ kind: "idle", cancelled: "note.md" }),
  failed: async () => ({
    kind: "failed",
    title: "note.md",
    message: "the run took longer than 30 s",
    output: "",
  }),
  "failed with a graph": async () => ({
    kind: "failed",
    title: "note.md",
    message: "It ran longer than 30 seconds.",
    output: "",
    trace: await traceNamed("raised"),
  }),
  start: async () => ready(await traceNamed("productOfSquares")),
  swap: async () => {
    const trace = await traceNamed("productOfSquares");
    return ready(trace, { place: wholeStep(trace, 0, 0) });
  },
  stale: async () => ready(await traceNamed("productOfSquares"), { stale: true }),
  matrices: async () => {
    const trace = await traceNamed("twoLayers");
    return ready(trace, { place: wholeStep(trace, 1, 4) });
  },
  "without a pass": async () => ready(await traceNamed("noPass")),
  raised: async () => ready(await traceNamed("raised")),
};

const looks = (["dark", "light", "highContrast"] as const).flatMap((theme) =>
  Object.keys(states).map((state): [ThemeName, string] => [theme, state]),
);

test.each(looks)("in the theme %s: %s", async (theme, name) => {
  const state = await (states[name] as () => Promise<PanelState>)();
  const panel = await harness.open({ state, theme, reducedMotion: true });
  await panel.page.waitForTimeout(150);
  const now = await lookOf(panel.page);
  const share = apart(now, keptLook(`${theme} ${name}`, now));
  await panel.close();
  expect(share).toBeLessThanOrEqual(SHARE_TOLERANCE);
});

test("a look in another theme, or at another step, is another look", async () => {
  const look = async (theme: ThemeName, name: string) => {
    const panel = await harness.open({
      state: await (states[name] as () => Promise<PanelState>)(),
      theme,
      reducedMotion: true,
    });
    const taken = await lookOf(panel.page);
    await panel.close();
    return taken;
  };
  const [dark, light, start] = [
    await look("dark", "swap"),
    await look("light", "swap"),
    await look("dark", "start"),
  ];
  expect(apart(dark, light)).toBeGreaterThan(SHARE_TOLERANCE);
  expect(apart(dark, start)).toBeGreaterThan(SHARE_TOLERANCE);
});
