/** PyTorch as the engine, traces from files, and both engines side by side, in a real VS Code. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { describeAgainstPyTorch } from "../support/pytorch.ts";
import { recordRanks } from "../support/ranks.ts";
import { Workbench, type WorkbenchOptions } from "./support/workbench.ts";

const SQUARE = [
  "import torch",
  "x = torch.tensor([3., 4.], requires_grad=True)",
  "(x**2).sum().backward()",
  "print(x.grad)",
  "",
].join("\n");
/** Writes down its own number and that of a process that it starts, and goes on for ever. */
const ENDLESS = [
  "import os, subprocess, sys, torch",
  "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
  "open('pids.txt', 'w').write(f'{os.getpid()} {child.pid}')",
  "print('started', flush=True)",
  "while True: pass",
  "",
].join("\n");
const RESTRICTED = {
  "security.workspace.trust.enabled": true,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "security.workspace.trust.untrustedFiles": "open",
};
const PATIENCE = { timeout: 30_000 };

let workbench: Workbench;
const open = async (options: Omit<WorkbenchOptions, "host">): Promise<void> => {
  workbench = await Workbench.open({ host: "stable", ...options });
};
afterEach(async ({ task }) => {
  await workbench?.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60));
  await workbench?.close();
});

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describeAgainstPyTorch("with PyTorch on this machine", (python) => {
  const settings = (engine: string): string =>
    JSON.stringify({ "backstep.engine": engine, "backstep.pythonPath": python });

  test("the engine pytorch runs the code, and panel and status bar say so", async () => {
    await open({ files: { "square.py": SQUARE, ".vscode/settings.json": settings("pytorch") } });
    await workbench.openFile("square.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays("Backstep: step 0 of 3 · PyTorch");
    expect(await workbench.panel.locator(".engine").textContent()).toMatch(/^PyTorch \d/);
    await expect
      .poll(() => workbench.panel.locator(".output pre").textContent(), PATIENCE)
      .toBe("tensor([6., 8.])\n");
    await workbench.command("Backstep: Step forward");
    await workbench.command("Backstep: Step forward");
    expect(await workbench.marked()).toEqual(["x**2"]);
  });

  test("cancelling ends the program and what it started", async () => {
    await open({ files: { "endless.py": ENDLESS, ".vscode/settings.json": settings("pytorch") } });
    await workbench.openFile("endless.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.panel.getByText("started").waitFor();
    const pids = readFileSync(join(workbench.folder, "pids.txt"), "utf8").split(" ").map(Number);
    expect(pids.map(runs)).toEqual([true, true]);
    await workbench.command("Backstep: Cancel the run");
    await workbench.panel.getByText("endless.py was cancelled").waitFor();
    await expect.poll(() => pids.map(runs), PATIENCE).toEqual([false, false]);
  });

  test("a folder of two ranks opens: each leaf's own gradients beside the mean, and the source", async () => {
    await open({});
    const folder = join(workbench.folder, "ranks");
    mkdirSync(folder);
    await recordRanks(python, folder);
    await workbench.command("Backstep: Open trace…");
    await workbench.page
      .locator(".quick-input-list .monaco-list-row", { hasText: "A folder of traces" })
      .click();
    await workbench.acceptFolder(folder);
    await workbench.statusSays(/step 0 of \d+ · PyTorch/);
    const { panel } = workbench;
    await panel.getByText("Every .grad is the mean over the 2 ranks.").waitFor();
    const table = await workbench.textOf(panel.locator(".set table"));
    expect(table).toMatch(/rank 0 adds\s+rank 1 adds\s+mean/);
    const chooser = panel.getByLabel("Which trace is shown");
    expect(await chooser.locator("option").allTextContents()).toEqual(["rank 0", "rank 1"]);
    await chooser.selectOption("rank 1");
    await panel.locator(".set tr", { hasText: "weight" }).getByRole("button").click();
    await panel.locator(".across").waitFor();
    expect(await workbench.textOf(panel.locator(".across"))).toMatch(/rank 1 adds \(shown\)/);
    await workbench.command("Backstep: Show the source of the current node");
    await workbench.page.locator(".tab.active", { hasText: "train.py" }).waitFor();
    await workbench.focusEditor();
    await workbench.cursorSays(/\(10 selected\)/);
    await panel.locator(".across").waitFor();
  });

  test("both engines side by side agree on a snippet, step by step", async () => {
    await open({ files: { "square.py": SQUARE, ".vscode/settings.json": settings("embedded") } });
    await workbench.openFile("square.py");
    await workbench.command("Backstep: Compare engines");
    const { panel } = workbench;
    await panel.locator(".set .verdict").waitFor();
    const steps = await workbench.textOf(panel.locator(".set table"));
    for (const node of ["SumBackward0", "PowBackward0", "AccumulateGrad"]) expect(steps).toContain(node);
    expect(steps).toMatch(/PowBackward0\s+\[1, 1\] → \[6, 8\]\s+\[1, 1\] → \[6, 8\]\s+=/);
    expect(await panel.locator(".set .verdict").textContent()).toMatch(/The two engines agree/);
    await panel.getByLabel("Which trace is shown").selectOption({ index: 1 });
    await workbench.statusSays("· PyTorch");
  });

  test("what the embedded engine lacks is run with PyTorch by a button", async () => {
    const text =
      "import torch\nx = torch.ones(2, requires_grad=True)\nx.to_sparse().to_dense().sum().backward()\n";
    await open({ files: { "lacking.py": text, ".vscode/settings.json": settings("embedded") } });
    await workbench.openFile("lacking.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.notifications.filter({ hasText: "the PyTorch engine has it" }).waitFor();
    await workbench.page.getByRole("button", { name: "Run with PyTorch" }).click();
    await workbench.statusSays(/step 0 of \d+ · PyTorch/);
  });

  test("Restricted Mode refuses PyTorch in words, and offers the embedded engine", async () => {
    await open({ files: { "square.py": SQUARE }, settings: { ...RESTRICTED, "backstep.engine": "pytorch" } });
    await workbench.openFile("square.py");
    await workbench.command("Backstep: Trace backward");
    await workbench.notifications
      .filter({ hasText: "In Restricted Mode code runs in the embedded engine only" })
      .waitFor();
    await workbench.page.getByRole("button", { name: "Run in the embedded engine" }).click();
    await workbench.statusSays("Backstep: step 0 of 3");
    expect(await workbench.panel.locator(".engine").textContent()).toBe("embedded engine");
  });
});
