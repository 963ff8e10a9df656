import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PanelState } from "../../../extension/panel/protocol.ts";
import { sideBySide } from "../../../trace/sides.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { type Harness, ready, startHarness } from "../../webview/harness.ts";
import type { ThemeName } from "../../webview/themes.ts";
import { chain, traceNamed } from "../../webview/traces.ts";

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
  cancelled: async () => ({ kind: "idle", cancelled: "note.md" }),
  "ended by a limit": async () => ({
    kind: "failed",
    title: "note.md",
    message: "It ran longer than 30 seconds.",
    output: "",
    trace: await traceNamed("raised"),
  }),
  "with conditions": async () => {
    const trace = await traceNamed("productOfSquares");
    const conditions = [{ node: null, text: "norm > 10" }];
    return ready(trace, { place: wholeStep(trace, 0, 1), breakpoints: [1, 2], conditions });
  },
  running: async () => ({ kind: "running", title: "note.md", output: "epoch 1\n" }),
  failed: async () => ({
    kind: "failed",
    title: "note.md",
    message: "the run took longer than 30 s",
    output: "",
  }),
  "ready and stale": async () => {
    const trace = await traceNamed("productOfSquares");
    return ready(trace, { place: wholeStep(trace, 0, 0), stale: true, breakpoints: [1] });
  },
  "in the second of two passes": async () => {
    const trace = await traceNamed("twoLayers");
    return ready(trace, { place: wholeStep(trace, 1, 3) });
  },
  "beside another engine's trace": async () => {
    const trace = await traceNamed("productOfSquares");
    const engines = sideBySide(trace, { ...trace, output: [] });
    return ready(trace, { set: { labels: ["embedded engine", "PyTorch"], chosen: 0, engines } });
  },
  raised: async () => ready(await traceNamed("raised")),
  "with numbers to turn": async () => {
    const trace = await traceNamed("sumOfSquares");
    return ready(trace, { place: wholeStep(trace, 0, 2), editable: 1 });
  },
  "without a pass": async () => ready(await traceNamed("noPass")),
  "without a graph": async () => ready(await traceNamed("noGraph")),
  "too large": async () => ready(await chain(1100)),
};

/** States whose colours differ from each other are looked at in each theme; all of them in one. */
const looks: [ThemeName, string][] = [
  ...Object.keys(states).map((state): [ThemeName, string] => ["dark", state]),
  ...(["light", "highContrast"] as const).flatMap((theme) =>
    ["failed", "ready and stale", "beside another engine's trace", "raised"].map(
      (state): [ThemeName, string] => [theme, state],
    ),
  ),
];

test.each(looks)("axe finds nothing amiss in the theme %s: %s", async (theme, name) => {
  const state = await (states[name] as () => Promise<PanelState>)();
  const panel = await harness.open({ state, theme, reducedMotion: true });
  if (name === "with conditions") await panel.page.getByRole("button", { name: /^Breakpoints and/ }).click();
  await panel.page.evaluate(AXE);
  const { violations } = await panel.page.evaluate<Result>("axe.run()");
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  await panel.close();
  expect(found).toEqual([]);
});
