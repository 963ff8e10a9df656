/** Restricted Mode: walking, hovers and live mode with the embedded engine; no PyTorch, no files of the workspace. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const CODE = `import torch
x = torch.tensor([3., 4.], requires_grad=True)
y = x**2
z = torch.mul(*y)
z.backward()
`;
let vscode: Workbench;
beforeAll(async () => {
  vscode = await Workbench.open({
    host: "stable",
    files: {
      "product.py": CODE,
      "helper.py": "two = 2.\n",
      "imports.py": `from helper import two\n${CODE}`,
    },
    settings: {
      "security.workspace.trust.enabled": true,
      "security.workspace.trust.startupPrompt": "never",
      "security.workspace.trust.banner": "never",
      "security.workspace.trust.untrustedFiles": "open",
    },
  });
});
afterEach(async ({ task }) => {
  await vscode.screenshot(`restricted-${task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 50)}`);
});
afterAll(() => vscode.close());

test("VS Code debugs nothing here and says so; the pass is there to walk through in the panel", async () => {
  await vscode.openFile("product.py");
  await vscode.goTo(4, 1);
  await vscode.command("Backstep: Debug backward pass");
  const dialog = vscode.page.locator(".monaco-dialog-box");
  await dialog.filter({ hasText: "Do you trust the authors" }).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await vscode.statusSays("step 0 of 4");
  await vscode.command("Backstep: Step forward");
  await vscode.command("Backstep: Step forward");
  await vscode.panel.locator(".step-card", { hasText: "UnbindBackward0" }).waitFor();
  await vscode.command("Backstep: Step back");
  await vscode.statusSays("step 1 of");
  expect(await vscode.page.locator(".debug-toolbar").count()).toBe(0);
});

test("a hover tells the value and the gradient", async () => {
  await vscode.openFile("product.py");
  expect(await vscode.hover(3, 6)).toContain("grad_fn PowBackward0");
});

test("live mode follows the text", async () => {
  await vscode.openFile("product.py");
  await vscode.command("Backstep: Toggle live mode");
  await vscode.goTo(3, 9);
  await vscode.page.keyboard.press("Backspace");
  await vscode.page.keyboard.type("3");
  await vscode.statusSays("step 1 of");
  await expect.poll(() => vscode.hover(3, 1), { timeout: 30_000 }).toContain("[27., 64.]");
  await vscode.command("Backstep: Toggle live mode");
});

test("modules of the workspace are not seen, and that is said", async () => {
  await vscode.openFile("imports.py");
  await vscode.command("Backstep: Trace backward");
  await vscode.panel.locator(".error .what").waitFor();
  expect(await vscode.textOf(vscode.panel.locator(".error"))).toMatch(/No module named 'helper'/);
});

test("PyTorch is refused, with the reason and the way out", async () => {
  await vscode.openFile("product.py");
  await vscode.command("Backstep: Trace backward with PyTorch");
  await vscode.notifications.first().waitFor();
  expect(await vscode.notifications.first().textContent()).toContain(
    "In Restricted Mode code runs in the embedded engine only",
  );
  const out = vscode.page.locator(".notification-toast .monaco-button");
  expect(await out.allTextContents()).toEqual(["Manage Workspace Trust", "Run in the embedded engine"]);
});
