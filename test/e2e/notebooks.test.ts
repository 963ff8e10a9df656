import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const PATIENCE = { timeout: 30_000 };
const cell = (source: string) => ({
  cell_type: "code",
  metadata: {},
  source: source.split(/(?<=\n)/),
  execution_count: null,
  outputs: [],
});
const NOTEBOOK = JSON.stringify({
  cells: [
    cell("x = torch.tensor([3., 4.]).requires_grad_()\nprint('made')\nx"),
    cell("y = (x**2).sum()\ny.backward()"),
    cell("x.grad"),
    cell("1 / 0"),
    cell("import matplotlib.pyplot as plt\nplt.plot([1]); plt.title('drawn'); plt.show()\nwhile True: pass"),
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({ host: "stable", files: { "cells.ipynb": NOTEBOOK } });
  await workbench.openNotebook("cells.ipynb");
});
afterAll(() => workbench?.close());
afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

const line = (text: string) => workbench.page.locator(".notebook-editor .view-line", { hasText: text });
/** Run a cell by its button until its number has changed: while the list is drawn anew, it drops clicks. */
const run = async (text: string): Promise<void> => {
  const row = workbench.page
    .locator(".notebook-editor .monaco-list-row")
    .filter({ hasText: text.replace(/'.*/, "") })
    .first();
  const count = row.locator(".execution-count-label").first();
  const before = await count.textContent();
  await expect
    .poll(
      async () => {
        await line(text).first().click();
        await row.locator(".run-button-container .action-label").click({ timeout: 3000 });
        for (let tries = 0; tries < 40 && (await count.textContent()) === before; tries++)
          await workbench.page.waitForTimeout(100);
        return (await count.textContent()) === before ? "it has not run" : "it has run";
      },
      { timeout: 60_000 },
    )
    .toBe("it has run");
};
const outputs = () =>
  workbench.page
    .frameLocator("iframe.webview.ready:not([src*='extensionId=backstep.'])")
    .frameLocator("#active-frame");
const order = (number: number) =>
  workbench.page
    .locator(".notebook-editor .execution-count-label", { hasText: `[${number}]` })
    .first()
    .waitFor();
const saved = async () => {
  await workbench.command("File: Save");
  await expect.poll(() => workbench.dirty(), PATIENCE).toBe(false);
  return JSON.parse(readFileSync(join(workbench.folder, "cells.ipynb"), "utf8")).cells;
};

test("cells keep what they made, whichever way they are run, and show values, prints and the pass", async () => {
  // Whatever an attempt before this one has left.
  if ((await workbench.page.locator(".execution-count-label", { hasText: /\d/ }).count()) > 0) {
    await line("print('made')").first().click();
    await workbench.command("Backstep: Restart the notebook's interpreter");
  }
  await run("print('made')");
  await order(1);
  await outputs().getByText("made").waitFor();
  await outputs().getByText("tensor([3., 4.], requires_grad=True)").waitFor();
  await run("y.backward()");
  await order(2);
  await outputs().getByText("SumBackward0").waitFor();
  await run("x.grad");
  await order(3);
  await outputs().getByText("tensor([6., 8.])").waitFor();
});

test("an error is shown with its place, marked in the cell, and leaves the session as it was", async () => {
  await run("1 / 0");
  await outputs().getByText("ZeroDivisionError").first().waitFor();
  await expect.poll(() => workbench.problems(), PATIENCE).toBe(1);
});

test("the file is saved as Jupyter saves it", async () => {
  const [first, second, third, fourth] = await saved();
  expect(first.execution_count).toBe(1);
  expect(first.outputs).toEqual([
    { output_type: "stream", name: "stdout", text: ["made\n"] },
    {
      output_type: "execute_result",
      execution_count: 1,
      data: { "text/plain": ["tensor([3., 4.], requires_grad=True)"] },
      metadata: {},
    },
  ]);
  expect(second.outputs).toEqual([
    expect.objectContaining({
      output_type: "display_data",
      metadata: {},
      data: expect.objectContaining({
        "text/plain": ["backward: SumBackward0 ((x**2).sum()) → PowBackward0 (x**2) → AccumulateGrad (x)"],
      }),
    }),
  ]);
  expect(third.outputs[0].data["text/plain"]).toEqual(["tensor([6., 8.])"]);
  const [{ traceback, ...error }] = fourth.outputs;
  expect(error).toEqual({
    output_type: "error",
    ename: "ZeroDivisionError",
    evalue: "division by zero",
  });
  expect(traceback.join("")).toMatch(
    /^Traceback \(most recent call last\):\n {2}File "In \[\d+\]", line 1, in <module>\n {4}1 \/ 0\n[\s\S]*ZeroDivisionError: division by zero\s*$/,
  );
});

test("a cell that does not end has its figures below it, is interrupted, and what was made stays", async () => {
  await run("while True: pass");
  await outputs().locator("svg.figure").waitFor();
  expect(await outputs().locator("svg.figure").textContent()).toContain("drawn");
  const row = workbench.page.locator(".notebook-editor .monaco-list-row.focused");
  await row
    .locator(".run-button-container .action-label[class*='stop'], .run-button-container .action-label")
    .first()
    .click();
  await outputs().getByText("KeyboardInterrupt").first().waitFor();
  await run("x.grad");
  await outputs().getByText("tensor([6., 8.])").waitFor();
});

test("the pass below a cell opens in the panel, and its expressions are marked in their cells", async () => {
  await outputs().getByRole("button", { name: "Walk through this pass in Backstep" }).click();
  await workbench.statusSays("Backstep: step 0 of 3");
  await workbench.command("Backstep: Step forward");
  await workbench.statusSays("Backstep: step 1 of 3");
  expect(await workbench.marked()).toEqual(["(x**2).sum()"]);
});

test("a restart forgets what was made, and counts from one", async () => {
  await line("x.grad").first().click();
  await workbench.command("Backstep: Restart the notebook's interpreter");
  await run("x.grad");
  await outputs().getByText("NameError").first().waitFor();
  await order(1);
});
