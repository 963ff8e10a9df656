/** Traces that are looked at together: which is shown, where they part, what each rank adds. */
import { describe, expect, test } from "vitest";
import { acrossRanks } from "../../../trace/ranks.ts";
import type { Trace } from "../../../trace/schema.ts";
import { sideBySide } from "../../../trace/sides.ts";
import { ready } from "../../webview/harness.ts";
import { open, panel, product, text, useHarness } from "../../webview/look.ts";
import * as inPage from "../../webview/page.mjs";

useHarness();

/** Another engine's trace of the same program, whose second step sends another number on. */
function parting(): Trace {
  const trace = JSON.parse(JSON.stringify(product)) as Trace;
  const value = trace.backwards[0]?.steps[1]?.downstream[0]?.value;
  if (value?.kind === "inline") value.data[0] = 1000;
  return trace;
}
const withEngines = (other: Trace, labels = ["embedded engine", "PyTorch 2"]) =>
  ready(product, { set: { labels, chosen: 0, engines: sideBySide(product, other) } });

describe("two engines", () => {
  test("that agree are told to, each step in a row", async () => {
    await open({ state: withEngines(product) });
    expect(await text(".set .verdict")).toContain("The two engines agree");
    const steps = product.backwards[0]?.steps.length;
    expect(await panel.page.locator(".set tbody tr").count()).toBe(steps);
    expect(await panel.page.locator(".set tr.apart").count()).toBe(0);
  });

  test("that part are marked at the step, and a press goes there", async () => {
    await open({ state: withEngines(parting()) });
    expect(await text(".set .verdict")).toContain("The two engines part at step 2 of pass 1");
    expect(await text(".set tr.apart")).toContain("≠");
    await panel.page.getByRole("button", { name: "Go there" }).click();
    await expect
      .poll(() => panel.sent.at(-1))
      .toMatchObject({
        kind: "move",
        body: { move: { kind: "toPlace", place: { backward: 0, step: 1 } } },
      });
    await expect.poll(() => panel.page.locator(".set tr.here").getAttribute("data-step")).toBe("1");
  });

  test("can each be shown", async () => {
    await open({ state: withEngines(product) });
    await panel.page.getByLabel("Which trace is shown").selectOption("PyTorch 2");
    await expect.poll(() => panel.sent.at(-1)).toEqual({ kind: "choose", body: { index: 1 } });
  });

  test("are named as text, whatever the name", async () => {
    const label = "<img src=x onerror='window.injected = true'>";
    await open({ state: withEngines(product, [label, label]) });
    expect(await text(".set thead")).toContain("<img");
    expect(await panel.page.evaluate(inPage.wasInjected)).toBe(false);
  });
});

test("of two ranks the leaf of the current step is shown on each", async () => {
  const ranks = [...acrossRanks([product, product])];
  await open({ state: ready(product, { set: { labels: ["rank 0", "rank 1"], chosen: 1, ranks } }) });
  expect(await text(".set .verdict")).toContain("Every .grad is the mean over the 2 ranks.");
  expect(await panel.page.locator(".across").count()).toBe(0);
  await panel.page.locator(".set tbody button").first().click();
  await expect.poll(() => panel.page.locator(".across").count()).toBe(1);
  expect(await text(".across")).toMatch(/rank 0 adds\s*\[96, 72\][\s\S]*rank 1 adds \(shown\)\s*\[96, 72\]/);
});
