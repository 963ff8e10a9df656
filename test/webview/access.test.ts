import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PanelState } from "../../extension/panel/protocol.ts";
import { wholeStep } from "../../trace/stepper.ts";
import { type Harness, ready, startHarness } from "./harness.ts";
import type { ThemeName } from "./themes.ts";
import { chain, traceNamed } from "./traces.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Result {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const states: Record<string, () => Promise<PanelState>> = {
  idle: async () => ({ kind: "idle" }),
  running: async () => ({ kind: "running", title: "note.md", output: "epoch 1\n" }),
  failed: async () => ({ kind: "failed", title: "note.md", message: "the run took longer than 30 s" }),
  "ready and stale": async () => {
    const trace = await traceNamed("productOfSquares");
    return ready(trace, { place: wholeStep(trace, 0, 0), stale: true, breakpoints: [1] });
  },
  "in the second of two passes": async () => {
    const trace = await traceNamed("twoLayers");
    return ready(trace, { place: wholeStep(trace, 1, 3) });
  },
  raised: async () => ready(await traceNamed("raised")),
  "without a pass": async () => ready(await traceNamed("noPass")),
  "without a graph": async () => ready(await traceNamed("noGraph")),
  "too large": async () => ready(await chain(1100)),
};

describe.each<ThemeName>(["dark", "light", "highContrast"])("in the theme %s", (theme) => {
  test.each(Object.entries(states))("axe finds nothing amiss: %s", async (_, state) => {
    const panel = await harness.open({ state: await state(), theme, reducedMotion: true });
    await panel.page.evaluate(AXE);
    const { violations } = await panel.page.evaluate<Result>("axe.run()");
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    await panel.close();
    expect(found).toEqual([]);
  });
});
