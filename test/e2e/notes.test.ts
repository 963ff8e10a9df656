import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const PATIENCE = { timeout: 20_000 };
const NOTE = [
  "# Outputs",
  "",
  "```python",
  "x = torch.tensor([3., 4.]).requires_grad_()",
  "y = (x**2).sum()",
  "y",
  "```",
  "",
  "```",
  "tensor(24., grad_fn=<SumBackward0>)",
  "```",
  "",
  "```python",
  "y.backward()",
  "x.grad",
  "```",
  "",
  "It prints:",
  "",
  "```text",
  "tensor([6., 8.])   ",
  "```",
  "",
].join("\n");
const TWO = [
  "import torch",
  "x = torch.tensor([3., 4.]).requires_grad_()",
  "(x**2).sum().backward()",
  "x.prod().backward()",
  "",
].join("\n");

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({ host: "stable", files: { "outputs.md": NOTE, "two.py": TWO } });
});
afterAll(() => workbench?.close());
afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

const warned = () => workbench.page.locator(".editor-group-container.active .squiggly-warning").count();
const lens = () => workbench.page.locator(".editor-group-container.active .codelens-decoration a");

test("a lens stands above each call of a .py file, and a click traces and stands at that pass", async () => {
  await workbench.openFile("two.py");
  await expect.poll(() => lens().count(), PATIENCE).toBe(2);
  // Nothing has run yet.
  expect(await workbench.status.count()).toBe(0);
  await lens().first().click();
  await workbench.statusSays("Backstep: step 0 of 3");
  await workbench.command("Backstep: Step forward");
  await workbench.statusSays("Backstep: step 1 of 3");
  expect(await workbench.marked()).toEqual(["(x**2).sum()"]);
});

test("a lens stands above each block of a note, and a click runs the note up to that block", async () => {
  await workbench.openFile("outputs.md");
  await expect.poll(() => lens().count(), PATIENCE).toBe(2);
  await lens().last().click();
  await workbench.statusSays("Backstep: step 0 of 3");
});

test("an output that is not what the block prints is marked, told, and put right by its fix", async () => {
  await expect.poll(() => warned(), PATIENCE).toBe(1);
  await workbench.goTo(10, 3);
  const told = await workbench.hover(10, 3);
  expect(told).toContain("The block above prints:");
  expect(told).toContain("tensor(25., grad_fn=<SumBackward0>)");
  await workbench.goTo(10, 3);
  await workbench.page.keyboard.press("Control+.");
  const fixes = workbench.page.locator(".action-widget .monaco-list-row.action");
  await fixes.filter({ hasText: "Put in what the block prints" }).waitFor();
  // The first is chosen already.
  await workbench.page.keyboard.press("Enter");
  await expect.poll(() => warned(), PATIENCE).toBe(0);
  expect((await workbench.editorText()).split("\n").slice(8, 11)).toEqual([
    "```",
    "tensor(25., grad_fn=<SumBackward0>)",
    "```",
  ]);
});

test("all outputs of a note are checked by one command", async () => {
  await workbench.goTo(21, 9);
  await workbench.page.keyboard.type("0");
  await workbench.command("Backstep: Check the outputs of this note");
  await workbench.notifications
    .filter({ hasText: "1 of 2 outputs in this note are not what its blocks print." })
    .waitFor();
  await workbench.goTo(4, 26);
  await workbench.page.keyboard.type("0");
  await expect.poll(() => warned(), PATIENCE).toBe(0);
});
