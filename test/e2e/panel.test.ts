/** Every control of the panel, worked in the real VS Code: what each does to the walk, the graph and the panes. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hosts } from "./support/hosts.ts";
import { Workbench } from "./support/workbench.ts";

const PATIENCE = { timeout: 20_000 };
const NET = [
  "import torch",
  "from torch import nn",
  "torch.manual_seed(0)",
  "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))",
  "x = torch.randn(5, 3)",
  "aside = (net[0].weight * 2).sum()",
  "for _ in range(2):",
  "    loss = net(x).square().mean()",
  "    loss.backward()",
  "",
].join("\n");

/** Runs in the page: what image is on the clipboard. */
const COPIED = `navigator.clipboard.read().then(async ([item]) => {
  const [type] = item.types;
  const { width, height } = await createImageBitmap(await item.getType(type));
  return { type, width, height };
})`;

describe.each(hosts())("in the VS Code server $vscode", ({ host }) => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({ host, files: { "net.py": NET } });
    await workbench.openFile("net.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays("Backstep: step 0 of 11");
    await workbench.panel.locator("g.card").first().waitFor();
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

  const button = (name: RegExp) => workbench.panel.getByRole("button", { name });
  const select = (name: string | RegExp) => workbench.panel.getByRole("combobox", { name });
  const count = (selector: string) => workbench.panel.locator(selector).count();
  const status = (step: number) => workbench.statusSays(`Backstep: step ${step} of 11`);
  const scale = async (): Promise<number> => {
    const transform = await workbench.panel.locator("g.world").getAttribute("transform");
    return Number(/scale\(([\d.e-]+)\)/.exec(transform ?? "")?.[1]);
  };

  test("the walk: onward, sub-steps, over and out of modules, to both ends, by the strip", async () => {
    await button(/^Step onward/).click();
    await status(1);
    await button(/^Sub-step onward/).click();
    await expect.poll(() => count(".progress .dot.current"), PATIENCE).toBe(1);
    await button(/^Sub-step back/).click();
    await status(1);
    await button(/^To the end/).click();
    await status(11);
    await button(/^Step back/).click();
    await status(10);
    await button(/^To the start/).click();
    await status(0);
    await button(/^Step onward/).click();
    await button(/^Step over the next module/).click();
    await expect.poll(() => count(".step-card h1"), PATIENCE).toBe(1);
    await button(/^Step out of this module/).click();
    await workbench.command("Backstep: Go to the start of the backward pass");
    await status(0);
    await workbench.panel.getByRole("slider", { name: "Place in the backward pass" }).focus();
    await workbench.page.keyboard.press("End");
    await status(11);
  });

  test("the commands over and out of modules walk as the buttons do", async () => {
    await workbench.command("Backstep: Go to the start of the backward pass");
    await status(0);
    await workbench.command("Backstep: Step over the next module");
    await expect
      .poll(() => workbench.panel.locator(".counter").textContent(), PATIENCE)
      .not.toMatch(/^start/);
    await workbench.command("Backstep: Step out of this module");
    await workbench.command("Backstep: Go to the start of the backward pass");
    await status(0);
  });

  test("playing goes on by itself and pauses; its speed is chosen", async () => {
    await select("Speed of playing").selectOption({ label: "0.5×" });
    await button(/^Play/).click();
    await workbench.statusSays(/Backstep: step [1-4] of 11/);
    await button(/^Pause/).click();
    await button(/^To the start/).click();
    await status(0);
  });

  test("a breakpoint and its condition stop the walk", async () => {
    await button(/^Breakpoints and/).click();
    await select("When the walk stops at any node").selectOption({ index: 1 });
    await select("When the walk stops at any node").selectOption({ index: 0 });
    await button(/^Breakpoints and/).click();
    await expect.poll(() => count(".condition"), PATIENCE).toBe(0);
    await workbench.panel.locator("g.card.op .frame").first().click({ button: "right" });
    await expect.poll(() => count("g.card.has-breakpoint"), PATIENCE).toBe(1);
    await button(/^On to the next breakpoint/).click();
    await expect.poll(() => count("g.card.has-breakpoint.current"), PATIENCE).toBe(1);
    await workbench.panel.locator("g.card.op .frame").first().click({ button: "right" });
    await expect.poll(() => count("g.card.has-breakpoint"), PATIENCE).toBe(0);
  });

  test("the view: turned, zoomed, fitted, followed, with what the pass does not reach", async () => {
    const before = await scale();
    await button(/^Zoom in/).click();
    await expect.poll(scale, PATIENCE).toBeGreaterThan(before);
    await button(/^Zoom out/).click();
    await button(/^Zoom out/).click();
    await expect.poll(scale, PATIENCE).toBeLessThan(before);
    await button(/^Show the whole graph/).click();
    const down = await workbench.panel.locator("g.card .frame").count();
    await button(/^Draw from/).click();
    await button(/^Draw from/).click();
    const follow = button(/^Keep the current node in view/);
    await follow.click();
    await follow.click();
    await button(/^Also show what this pass does not reach/).click();
    await expect.poll(() => count("g.card .frame"), PATIENCE).toBeGreaterThan(down);
    await button(/^Also show what this pass does not reach/).click();
    await expect.poll(() => count("g.card .frame"), PATIENCE).toBe(down);
  });

  test("groups fold and open, sizes are shown, nodes are found, paths are told", async () => {
    await button(/^Fold all groups/).click();
    await expect.poll(() => count("g.frame-title"), PATIENCE).toBe(0);
    await button(/^Open all groups/).click();
    await expect.poll(() => count("g.frame-title"), PATIENCE).toBeGreaterThan(0);
    await button(/^Show how large/).click();
    await expect.poll(() => count(".size-key:not([hidden])"), PATIENCE).toBe(1);
    await button(/^Show how large/).click();
    await workbench.panel.getByRole("searchbox", { name: /^Find a node/ }).fill("relu");
    await expect.poll(() => count("g.card.found"), PATIENCE).toBe(1);
    await workbench.panel.getByRole("searchbox", { name: /^Find a node/ }).fill("");
    await select("Show the paths to a leaf").selectOption({ index: 1 });
    await expect.poll(() => count(".paths li"), PATIENCE).toBeGreaterThan(0);
  });

  test("passes are chosen and compared, a run is pinned, why is asked", async () => {
    await select("Backward call").selectOption({ index: 0 });
    await expect.poll(() => count(".passes"), PATIENCE).toBe(1);
    await select("Pass to compare with").selectOption({ index: 1 });
    await expect.poll(() => count("table.compared tbody tr"), PATIENCE).toBeGreaterThan(1);
    await button(/^Pin this run/).click();
    await workbench.panel.locator(".pinned").waitFor();
    await button(/^Unpin$/).click();
    await expect.poll(() => count(".pinned"), PATIENCE).toBe(0);
    await button(/^Step onward/).click();
    await button(/^Why\?$/).click();
    await workbench.panel.locator(".why .answer").first().waitFor();
    await button(/^Close$/).click();
    await expect.poll(() => count(".why"), PATIENCE).toBe(0);
  });

  test("a node shows its expression in the editor, a double click walks there, a number tells its story", async () => {
    await workbench.panel.locator("g.card.op .frame").first().dblclick();
    await expect.poll(() => count("g.card.op.current"), PATIENCE).toBe(1);
    await workbench.panel.locator(".step-card .source").click();
    await workbench.panel.locator(".step-card .pick").first().click();
    await expect.poll(() => count(".step-card .story"), PATIENCE).toBeGreaterThan(0);
    await workbench.panel
      .locator(".step-card")
      .getByRole("button", { name: /look at it in another way/ })
      .first()
      .click();
    await workbench.panel.getByRole("button", { name: "histogram" }).first().click();
  });

  test("search goes to the next and back to the one before", async () => {
    const search = workbench.panel.getByRole("searchbox", { name: /^Find a node/ });
    const found = () => workbench.panel.locator(".found-count").textContent();
    await search.fill("op:addmm");
    await expect.poll(found, PATIENCE).toMatch(/^1 of [2-9]/);
    await search.press("Enter");
    await expect.poll(found, PATIENCE).toMatch(/^2 of/);
    await search.press("Shift+Enter");
    await expect.poll(found, PATIENCE).toMatch(/^1 of/);
    await search.press("Escape");
    await expect.poll(found, PATIENCE).toBe("");
  });

  test("the map stands there once the graph is larger than the view, and a press on it goes there", async () => {
    const map = workbench.panel.locator(".minimap");
    await expect
      .poll(async () => {
        if (await map.isVisible()) return true;
        await button(/^Zoom in/).click();
        return false;
      }, PATIENCE)
      .toBe(true);
    const world = () => workbench.panel.locator("g.world").getAttribute("transform");
    await map.click({ position: { x: 84, y: 10 } });
    const above = await world();
    await map.click({ position: { x: 84, y: 110 } });
    await expect.poll(world, PATIENCE).not.toBe(above);
    await button(/^Show the whole graph/).click();
  });

  const SAVED: readonly (readonly [label: string, file: string, begins: RegExp])[] = [
    ["SVG", "net.svg", /^(<\?xml[^>]*>\s*)?<svg/],
    ["PNG", "net.png", /^.PNG/],
    ["HTML page that steps", "net.html", /^<!doctype html>/i],
    ["JSON", "net.json", /^\{/],
    ["Text", "net.txt", /\S/],
    ["DOT", "net.dot", /^digraph/],
  ];
  test.each(SAVED)("the trace is kept as %s where the person says", async (label, name, begins) => {
    const file = join(workbench.folder, name);
    await select("Export the trace").selectOption({ label });
    await workbench.saveAs(file);
    await expect
      .poll(() => existsSync(file) && begins.test(readFileSync(file, "latin1")), PATIENCE)
      .toBe(true);
    await workbench.dismissNotifications();
  });

  test("a tensor's numbers are copied as PyTorch code", async () => {
    await button(/^To the end/).click();
    await status(11);
    const card = workbench.panel.locator(".step-card");
    const copy = card.getByRole("button", { name: /^Copy as PyTorch code|^copy$/ }).first();
    await expect
      .poll(async () => {
        if (!(await copy.isVisible()))
          await card
            .getByRole("button", { name: /look at it in another way/ })
            .first()
            .click();
        await copy.click({ timeout: 3000 }).catch(() => {});
        return workbench.page.evaluate<string>("navigator.clipboard.readText()");
      }, PATIENCE)
      .toMatch(/^torch\.tensor\(\[/);
  });

  test("the picture is copied, as it is seen", async () => {
    // What is there already must not pass for it.
    await workbench.page.evaluate("navigator.clipboard.writeText('before')");
    await workbench.panel.locator("svg.graph").click({ position: { x: 4, y: 200 } });
    await select("Export the trace").selectOption({ label: "Copy the picture" });
    await workbench.panel.locator("[role=status]", { hasText: "The picture is on the clipboard." }).waitFor();
    const copied = await workbench.page.evaluate<{ type: string; width: number; height: number }>(COPIED);
    expect(copied.type).toBe("image/png");
    expect(Math.min(copied.width, copied.height)).toBeGreaterThan(100);
  });

  test("after an edit the panel says so, and Run again runs it", async () => {
    await workbench.goTo(7, 1);
    await workbench.page.keyboard.press("End");
    await workbench.page.keyboard.type(" ");
    const again = button(/^Run again$/).first();
    await again.waitFor();
    await expect
      .poll(async () => {
        await again.click({ timeout: 3000 }).catch(() => {});
        return count(".banner.stale");
      }, PATIENCE)
      .toBe(0);
    await workbench.statusSays(/Backstep: step \d+ of 11/);
  });
});
