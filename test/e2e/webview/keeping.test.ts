/** What is kept outside of VS Code: the page that still steps, and the picture. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Trace } from "../../../trace/schema.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { unrolled } from "../../support/large.ts";
import { type Harness, ready, startHarness } from "../../webview/harness.ts";
import * as inPage from "../../webview/page.mjs";
import { traceNamed } from "../../webview/traces.ts";

let harness: Harness;
let product: Trace;
beforeAll(async () => {
  [harness, product] = await Promise.all([startHarness(), traceNamed("productOfSquares")]);
});
afterAll(() => harness.close());

interface Alone {
  readonly page: Page;
  readonly complaints: string[];
  /** Whatever it asked for beside itself. */
  readonly requests: string[];
}

/** The page as a person opens it: from a file. */
async function openFile(trace: Trace): Promise<Alone> {
  const file = join(mkdtempSync(join(tmpdir(), "backstep-page-")), "page.html");
  writeFileSync(file, await harness.page(ready(trace)));
  const context = await harness.browser.newContext({ offline: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url())) requests.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("g.card");
  return { page, complaints, requests };
}

describe("the page that stands alone", () => {
  test("steps, has breakpoints with conditions, and asks for nothing else", async () => {
    const { page, complaints, requests } = await openFile(product);
    const counter = () => page.locator(".counter").textContent();
    await page.keyboard.press("ArrowRight");
    await expect.poll(counter).toBe("step 1 of 4");
    expect(await page.locator(".step-card h1").textContent()).toBe("MulBackward0");
    await page.getByRole("button", { name: /^Breakpoints and/ }).click();
    await page
      .getByRole("combobox", { name: "When the walk stops at any node" })
      .selectOption({ label: "an expression holds" });
    await page.getByRole("textbox", { name: "expression" }).fill('op == "pow"');
    await page.keyboard.press("Enter");
    await page.locator(".step-card h1").click();
    await page.keyboard.press("n");
    await expect.poll(counter).toBe("step 3 of 4");
    expect(await page.locator(".notes").count()).toBe(0);
    expect(requests.slice(1)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test.each(["light", "dark"] as const)(
    "has a map in its own colours where it is %s",
    async (colorScheme) => {
      const { page, complaints } = await openFile(unrolled(12));
      await page.emulateMedia({ colorScheme });
      await page.getByRole("button", { name: "Open all groups" }).click();
      const map = page.locator(".minimap");
      await map.waitFor();
      await expect.poll(() => map.evaluate(inPage.inkShares)).toEqual({ drawn: true, black: 0 });
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  test("holds a hostile trace as data: nothing of it runs, nothing ends its element", async () => {
    const trace = structuredClone(product);
    const hostile =
      "</script><script>window.injected = true</script><img src=x onerror='window.injected=true'>\u2028";
    for (const node of trace.nodes) Object.assign(node, { name: hostile, module: hostile });
    trace.output.push({ stream: "stdout", text: hostile, source: 0 });
    for (const source of trace.sources) Object.assign(source, { name: hostile });
    const { page, complaints } = await openFile(trace);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".step-card h1").textContent()).toContain("</script><script>");
    expect(await page.evaluate(inPage.wasInjected)).toBe(false);
    expect(await page.locator("img").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe("the picture", () => {
  const keep = async (label: string) => {
    const panel = await harness.open({ state: ready(product, { place: wholeStep(product, 0, 1) }) });
    await panel.page.getByRole("combobox", { name: "Export the trace" }).selectOption({ label });
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("picture");
    const sent = panel.sent.at(-1);
    const { complaints } = panel;
    await panel.close();
    expect(complaints).toEqual([]);
    if (sent?.kind !== "picture") throw new Error("no picture was sent");
    return sent.body;
  };

  test("as SVG has every look in it and stands alone", async () => {
    const { format, data } = await keep("SVG");
    expect(format).toBe("svg");
    expect(data).toContain("MulBackward0");
    expect(data).not.toMatch(/<(script|style|image|foreignObject)| class=| style=|url\(/);
    const context = await harness.browser.newContext({ offline: true });
    const page = await context.newPage();
    await page.setContent(`<body>${data}</body>`);
    const size = await page.locator("svg").boundingBox();
    expect(size?.width).toBeGreaterThan(150);
    expect(await page.locator("svg text").count()).toBeGreaterThan(10);
    await context.close();
  });

  test("as PNG is one", async () => {
    const { format, data } = await keep("PNG");
    expect(format).toBe("png");
    const bytes = Buffer.from(data, "base64");
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(300);
  });
});
