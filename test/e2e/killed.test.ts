/** An engine that is killed in the middle, of whatever it was at: it is told of, the text stays whole, the next run works. */
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const PRODUCT = `import torch
x = torch.tensor([3., 4.], requires_grad=True)
y = x**2
z = torch.mul(*y)
z.backward()
print(x.grad)
`;
const ENDLESS = `import torch
x = torch.ones(2, requires_grad=True)
print("begun")
while True:
    y = x * 2
`;
const cell = (source: string) => ({
  cell_type: "code",
  metadata: {},
  source,
  execution_count: null,
  outputs: [],
});
const NOTEBOOK = JSON.stringify({
  cells: [cell("print('first')\nwhile True: pass"), cell("torch.ones(3)")],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});

let vscode: Workbench;
beforeAll(async () => {
  const files = { "product.py": PRODUCT, "endless.py": ENDLESS, "cells.ipynb": NOTEBOOK };
  vscode = await Workbench.open({ host: "stable", files });
});
afterAll(() => vscode?.close());
beforeEach(async () => {
  if (await toolbar().isVisible()) await stop();
  await vscode.page.keyboard.press("Control+Shift+E");
  await vscode.dismissNotifications();
});
afterEach(({ task }) => vscode.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

const toolbar = () => vscode.page.locator(".debug-toolbar");
async function stop(): Promise<void> {
  await toolbar()
    .getByRole("button", { name: /^Stop|^Disconnect/ })
    .click();
  await toolbar().waitFor({ state: "hidden" });
}

/** Kill every sandbox of this window, the one that runs and those that wait. Was one there? */
function killNow(): boolean {
  try {
    execFileSync("pkill", ["-KILL", "-f", `${dirname(vscode.folder)}.*child\\.cjs`]);
    return true;
  } catch {
    return false;
  }
}

const kill = () => expect.poll(killNow, { timeout: 20_000 }).toBe(true);

const told = (text: string | RegExp) => vscode.notifications.filter({ hasText: text }).first().waitFor();
const output = () => vscode.panel.locator(".output pre").textContent();

/** The next run works, and nothing of the text has changed. */
async function whole(): Promise<void> {
  expect(await vscode.dirty()).toBe(false);
  await vscode.dismissNotifications();
  await product();
}

async function product(): Promise<void> {
  await vscode.openFile("product.py");
  // A test that failed may have left it edited.
  if (await vscode.dirty()) {
    await vscode.setText(PRODUCT);
    await vscode.command("File: Save");
  }
  await vscode.goTo(5);
  await vscode.command("Backstep: Trace backward");
  await vscode.statusSays("step 0 of 4");
  await expect.poll(output).toBe("tensor([96., 72.])\n");
}

async function endless(command: string): Promise<void> {
  await vscode.openFile("endless.py");
  await vscode.command(command);
  await vscode.panel.getByText("begun").waitFor();
}

test("a trace", async () => {
  await endless("Backstep: Trace backward");
  await kill();
  await told("endless.py");
  await whole();
});

test("checking gradients", async () => {
  await endless("Backstep: Check gradients");
  await kill();
  await told("endless.py");
  await whole();
  await vscode.command("Backstep: Check gradients");
  await vscode.panel.locator(".why .answer", { hasText: "gradients agree, and none differs" }).waitFor();
});

test("a hover and why are answered from the trace, with no engine alive", async () => {
  await product();
  await kill();
  expect(await vscode.hover(3, 7)).toContain("grad_fn PowBackward0");
  await vscode.goTo(2, 1);
  await vscode.command("Backstep: Why this gradient?");
  await vscode.panel.locator(".why .answer", { hasText: "Nothing is out of the ordinary" }).waitFor();
  await whole();
});

test("a debug session: an expression that the console waits for", async () => {
  await product();
  await vscode.command("Backstep: Debug backward pass");
  await toolbar().waitFor();
  const row = (text: string) => vscode.page.locator(".repl .monaco-list-row", { hasText: text }).first();
  await vscode.evaluate("sum(1 for _ in iter(int, 1))");
  await vscode.consoleSays("iter(int, 1)");
  // The program runs again before the expression is worked out: whichever is at it.
  await expect
    .poll(
      () => {
        killNow();
        return row("the interpreter died").isVisible();
      },
      { timeout: 40_000 },
    )
    .toBe(true);
  await vscode.evaluate("(x * 100).sum().item()");
  await vscode.consoleSays("700.0");
  await stop();
  await whole();
});

test("live mode keeps what is shown, and says that it is older; the next edit is traced", async () => {
  await product();
  await vscode.command("Backstep: Toggle live mode");
  try {
    await vscode.goTo(6, 1);
    await vscode.page.keyboard.insertText("while True: pass\n");
    await vscode.statusShows("history");
    await kill();
    await vscode.statusShows("edit");
    expect(await output()).toBe("tensor([96., 72.])\n");
    await vscode.setText(PRODUCT.replace("x**2", "x**3"));
    await expect.poll(output, { timeout: 20_000 }).toBe("tensor([1728., 1296.])\n");
  } finally {
    await vscode.command("Backstep: Toggle live mode");
  }
  await vscode.focusEditor();
  await vscode.setText(PRODUCT);
  await vscode.command("File: Save");
  await expect.poll(() => vscode.dirty()).toBe(false);
  await whole();
});

test("a cell of a notebook: it is told that what the cells made is gone, and the next cell runs", async () => {
  await vscode.openNotebook("cells.ipynb");
  const outputs = vscode.page
    .frameLocator("iframe.webview.ready:not([src*='extensionId=backstep.'])")
    .frameLocator("#active-frame");
  const run = async (text: string): Promise<void> => {
    const row = vscode.page.locator(".notebook-editor .monaco-list-row", { hasText: text }).first();
    await row.locator(".view-line").first().click();
    await row.hover();
    await row.locator(".run-button-container .action-label").first().click();
  };
  await run("print('first')");
  await outputs.getByText("first", { exact: true }).waitFor();
  await kill();
  await outputs.getByText("The interpreter is gone").first().waitFor();
  await run("torch.ones(3)");
  await outputs.getByText("tensor([1., 1., 1.])").waitFor();
  await vscode.command("File: Save");
  await expect.poll(() => vscode.dirty()).toBe(false);
  await whole();
});
