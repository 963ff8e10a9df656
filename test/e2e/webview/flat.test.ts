/** A panel that stays open all day: run after run comes in, and what it holds on to does not grow. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wholeStep } from "../../../trace/stepper.ts";
import { unrolled } from "../../support/large.ts";
import { type Harness, type OpenPanel, ready, startHarness } from "../../webview/harness.ts";

/** Runs before the first measurement (caches fill up to their bounds), and between the first and the last. */
const WARM = 20;
const RUNS = 100;
/** So many runs may be left of a hundred: the collector keeps some, and code is compiled meanwhile. */
const LEFT = 10;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

/** Bytes that the page holds on to, and its DOM nodes. */
async function held(page: Page): Promise<{ readonly bytes: number; readonly nodes: number }> {
  const session = await page.context().newCDPSession(page);
  try {
    // Twice: what the first collection lets go of may hold more.
    for (let i = 0; i < 2; i++) await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    const { nodes } = await session.send("Memory.getDOMCounters");
    return { bytes: usedSize, nodes };
  } finally {
    await session.detach();
  }
}

/** So many runs, each of other numbers, and a few steps in each. */
async function runs(panel: OpenPanel, from: number, count: number): Promise<void> {
  for (let run = from; run < from + count; run++) {
    const trace = unrolled(20 + (run % 3));
    await panel.post({ kind: "state", body: { state: ready(trace, { title: `run ${run}` }) } });
    for (const step of [3, 60])
      await panel.post({ kind: "place", body: { place: wholeStep(trace, 0, step) } });
    const counter = `step 61 of ${trace.backwards[0]?.steps.length}`;
    await panel.page.locator(".counter", { hasText: counter }).waitFor();
    await panel.page.waitForSelector("g.card.current");
  }
}

test("after a hundred more runs the panel holds on to no more than before", async () => {
  const panel = await harness.open({ state: ready(unrolled(20)), reducedMotion: true });
  await runs(panel, 0, WARM);
  const before = await held(panel.page);
  const one = JSON.stringify(unrolled(20)).length;
  await runs(panel, WARM, RUNS);
  const after = await held(panel.page);
  expect(after.bytes - before.bytes).toBeLessThan(LEFT * one);
  expect(after.nodes).toBeLessThan(1.5 * before.nodes);
  expect(panel.complaints).toEqual([]);
  await panel.close();
});
