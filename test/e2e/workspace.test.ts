import { afterEach, describe, expect, test } from "vitest";
import { Workbench, type WorkbenchOptions } from "./support/workbench.ts";

const MODULE = "import torch\ndef square(x):\n    return x**2\n";
const MAIN = [
  "import torch",
  "from helper import square",
  "x = torch.tensor([3., 4.], requires_grad=True)",
  "square(x).sum().backward()",
  "print(x.grad, open('numbers.txt').read().strip())",
  "",
].join("\n");
const FILES = { "main.py": MAIN, "helper.py": MODULE, "numbers.txt": "1 2 3\n" };

const cell = (source: string, type = "code") => ({
  cell_type: type,
  metadata: {},
  source: source.split(/(?<=\n)/),
  ...(type === "code" ? { execution_count: null, outputs: [] } : {}),
});
const NOTEBOOK = JSON.stringify({
  cells: [
    cell("x = torch.tensor([3., 4.]).requires_grad_()\nx"),
    cell("# words", "markdown"),
    cell("y = (x**2).sum()\ny.backward()\nx.grad"),
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});

let workbench: Workbench;
const open = async (options: Omit<WorkbenchOptions, "host">): Promise<void> => {
  workbench = await Workbench.open({ host: "stable", ...options });
};
afterEach(async ({ task }) => {
  await workbench?.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60));
  await workbench?.close();
});
/** The status may read the same before and after a run: what it prints tells them apart. */
const PATIENCE = { timeout: 20_000 };
const output = () => workbench.panel.locator(".output pre").textContent();

describe("the files beside the code", () => {
  test("are visible to it in a trusted workspace", async () => {
    await open({ files: FILES });
    await workbench.openFile("main.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays(/step 0 of [34]/);
    await expect.poll(output, PATIENCE).toBe("tensor([6., 8.]) 1 2 3\n");
    await workbench.openFile("helper.py");
    await workbench.command("Backstep: Step forward");
    await workbench.command("Backstep: Step forward");
    expect(await workbench.marked()).toEqual(["x**2"]);
    expect(await workbench.hover(3, 13)).toContain("grad_fn PowBackward0");
  });

  test("are not visible in Restricted Mode, where code still runs", async () => {
    await open({
      files: {
        ...FILES,
        "alone.py": "import torch\nx = torch.ones(2, requires_grad=True)\nx.sum().backward()\n",
      },
      settings: {
        "security.workspace.trust.enabled": true,
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.banner": "never",
        "security.workspace.trust.untrustedFiles": "open",
      },
    });
    await workbench.openFile("main.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.panel.locator(".error .what").waitFor();
    expect(await workbench.textOf(workbench.panel.locator(".error .what"))).toContain(
      "No module named 'helper'",
    );
    await workbench.openFile("alone.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays("Backstep: step 0 of 2");
  });
});

test("a notebook's cells run up to the one at the cursor, and its expressions are marked", async () => {
  await open({ files: { "cells.ipynb": NOTEBOOK } });
  await workbench.openNotebook("cells.ipynb");
  await workbench.page.locator(".notebook-editor .view-line", { hasText: "y.backward()" }).click();
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays("Backstep: step 0 of 3");
  await expect.poll(output, PATIENCE).toBe("tensor([3., 4.], requires_grad=True)\ntensor([6., 8.])\n");
  await workbench.command("Backstep: Step forward");
  expect(await workbench.marked()).toEqual(["(x**2).sum()"]);
  await workbench.screenshot("notebook");
});

test("the panel comes back after the window is loaded anew, and the next trace fills it", async () => {
  await open({});
  await workbench.openFile("line_fit.py");
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays(/step 0 of/);
  await workbench.command("Backstep: Step forward");
  await workbench.statusSays(/step 1 of/);
  // What is shown is kept once the walk has come to rest.
  await workbench.page.waitForTimeout(1500);
  await workbench.reload();
  await workbench.statusSays(/step 1 of/);
  await workbench.panel.locator(".step-card h1").waitFor();
  await workbench.openFile("line_fit.py");
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays(/step 0 of/);
  await workbench.panel.locator(".card.op").first().waitFor();
  expect(await workbench.page.locator(".tab", { hasText: "Backstep" }).count()).toBe(1);
});
