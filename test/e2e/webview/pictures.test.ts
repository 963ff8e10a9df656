/**
 * The graph as it is seen, held against pictures that were looked at: light, dark and high contrast; 30, 1,000 and
 * 10,000 nodes. Tolerance: at most 3 of 100 pixels may differ by more than a fifth of a channel's range, since fonts
 * are drawn otherwise on other machines. BACKSTEP_PICTURES=write keeps what is seen now.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Trace } from "../../../trace/schema.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { unrolled } from "../../support/large.ts";
import { type Harness, ready, startHarness } from "../../webview/harness.ts";
import * as inPage from "../../webview/page.mjs";
import type { ThemeName } from "../../webview/themes.ts";
import { traceNamed } from "../../webview/traces.ts";

const KEPT = join(dirname(fileURLToPath(import.meta.url)), "pictures");
/** Left by a failed comparison, to be looked at. */
const SEEN = join(KEPT, "..", "..", "..", "artefacts");
const MOST = 0.03;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

interface Case {
  readonly trace: () => Promise<Trace> | Trace;
  readonly step: number;
  /** Done before the picture is taken. */
  readonly press?: RegExp | string;
}

const cases: Readonly<Record<string, Case>> = {
  "every path": { trace: () => traceNamed("everyPath"), step: 4 },
  "every path, left to right": { trace: () => traceNamed("everyPath"), step: 4, press: "v" },
  "30 nodes": { trace: () => unrolled(4), step: 12 },
  "1000 nodes": { trace: () => unrolled(125), step: 400 },
  "10000 nodes": { trace: () => unrolled(1250), step: 4000 },
  "1000 nodes, sizes": { trace: () => unrolled(125), step: 400, press: /^Show how large/ },
};

const looks: [string, ThemeName][] = Object.keys(cases).flatMap((name): [string, ThemeName][] =>
  name.includes(",")
    ? [[name, "dark"]]
    : (["light", "dark", "highContrast"] as const).map((theme) => [name, theme]),
);

test.each(looks)("%s in %s looks as it did", async (name, theme) => {
  const { trace: make, step, press } = cases[name] as Case;
  const trace = await make();
  const state = ready(trace, { place: wholeStep(trace, 0, step) });
  const panel = await harness.open({ state, theme, width: 1100, height: 800, reducedMotion: true });
  if (typeof press === "string") await panel.page.keyboard.press(press);
  else if (press !== undefined) await panel.page.getByRole("button", { name: press }).click();
  await panel.page.mouse.move(0, 0);
  await panel.page.waitForTimeout(1500);
  const seen = await panel.page.locator(".plot").screenshot();
  const file = `${name.replace(/\W+/g, "-")}-${theme}.png`;
  const path = join(KEPT, file);
  if (process.env.BACKSTEP_PICTURES === "write") writeFileSync(path, seen);
  expect(existsSync(path), `${path}: set BACKSTEP_PICTURES=write once, and look at it`).toBe(true);
  const kept = readFileSync(path).toString("base64");
  const apart = await panel.page.evaluate(inPage.apart, [kept, seen.toString("base64")] as const);
  await panel.close();
  if (apart > MOST) {
    mkdirSync(SEEN, { recursive: true });
    writeFileSync(join(SEEN, file), seen);
  }
  expect(apart).toBeLessThanOrEqual(MOST);
});
