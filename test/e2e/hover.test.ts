import { afterAll, beforeAll, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const TEXT = [
  "import torch",
  "x = torch.linspace(-1, 1, 12).requires_grad_()",
  "y = x**2",
  "z = (y * 0.001).sum()",
  "z.backward()",
  "",
].join("\n");

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({
    host: "stable",
    files: { "hover.py": TEXT },
    settings: { "backstep.gutter": true },
  });
  await workbench.openFile("hover.py");
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays("Backstep: step 0 of 4");
  await workbench.command("Backstep: Go to the end of the backward pass");
  await workbench.statusSays("Backstep: step 4 of 4");
});
afterAll(() => workbench?.close());

test("a bar stands beside each line that a gradient has come to", async () => {
  await expect
    .poll(() => workbench.page.locator(".glyph-margin-widgets .cgmr[class*='ced-']").count())
    .toBe(2);
  await workbench.screenshot("gutter");
});

test("a hover has a picture and statistics of more than a few elements", async () => {
  await workbench.goTo(3, 1);
  await workbench.command("Show or Focus Hover");
  const hover = workbench.page.locator(".monaco-hover:visible:not(.workbench-hover)").first();
  await hover.locator("img[src^='data:image/svg+xml']").first().waitFor();
  await workbench.screenshot("hover-picture");
  expect((await hover.innerText()).replaceAll("\u00a0", " ")).toContain("min 0.0083");
  await workbench.page.keyboard.press("Escape");
});

test("after an edit, what ran above it still tells its value, what is below says that the trace is older", async () => {
  await workbench.goTo(4, 14);
  await workbench.page.keyboard.type("5");
  await workbench.statusShows("history");
  expect(await workbench.hover(3, 1)).toContain("The text has been edited below");
  expect(await workbench.hover(4, 1)).toContain("The trace is older than the text");
});
