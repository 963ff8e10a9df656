import { describe, expect, test } from "vitest";
import { ready } from "../../webview/harness.ts";
import { button, open, openProduct, panel, text, useHarness } from "../../webview/look.ts";
import { traceNamed } from "../../webview/traces.ts";

useHarness();

describe("the answers to why", () => {
  test("stand above the step, with the cause and what to do", async () => {
    await open({ state: ready(await traceNamed("notScalar")) });
    await panel.post({ kind: "why", body: { subject: { kind: "run" } } });
    await expect.poll(() => text(".why .cause")).toMatch(/^A pass starts from one number/);
    expect(await text(".why .fix")).toMatch(/^What to do: Call \.sum\(\)/);
    expect(await text("[aria-live]")).toContain("A pass starts from one number");
  });

  test("lead to the source, and can be closed", async () => {
    await open({ state: ready(await traceNamed("notScalar")) });
    await panel.post({ kind: "why", body: { subject: { kind: "run" } } });
    await panel.page.locator(".why .station").first().click();
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("revealRange");
    await button(/^Close$/).click();
    await expect.poll(() => panel.page.locator(".why").count()).toBe(0);
  });

  test("come by key and by button for the current step", async () => {
    await openProduct();
    await panel.page.keyboard.press("w");
    await expect.poll(() => panel.page.locator(".why .answer").count()).toBe(1);
    await panel.page.keyboard.press("Escape");
    await button(/^Close$/).click();
    await button(/^Why\?$/).click();
    await expect.poll(() => panel.page.locator(".why .answer").count()).toBe(1);
  });
});
