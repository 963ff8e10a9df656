import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hosts } from "./support/hosts.ts";
import { Workbench } from "./support/workbench.ts";

const DEBUGPY = fileURLToPath(new URL("support/debugpy", import.meta.url));
const here = spawnSync("/usr/bin/python3", ["-c", "import torch, debugpy"], { stdio: "ignore" }).status === 0;

const PROGRAM = `import torch

x = torch.tensor([3., 4.], requires_grad=True)
square = x**2
y = torch.mul(*square)
print("before")
y.backward()
print(x.grad)
`;
const LAUNCH = `{
  "version": "0.2.0",
  "configurations": [
    {
      "type": "debugpy",
      "request": "launch",
      "name": "Debug",
      "program": "\${file}",
      "python": ["/usr/bin/python3"],
      "console": "internalConsole",
      "internalConsoleOptions": "openOnSessionStart"
    }
  ]
}`;

if (!here)
  test("debugpy", () => console.log("not checked: a paused session in VS Code (no debugpy with torch)"));

describe.skipIf(!here).each(hosts())("stopped at a breakpoint in the VS Code server $vscode", ({ host }) => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({
      host,
      files: { "swap.py": PROGRAM, ".vscode/launch.json": LAUNCH },
      extensions: [DEBUGPY],
    });
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

  const card = () => workbench.panel.locator(".step-card");
  const quickPick = () => workbench.page.locator(".quick-input-list .monaco-list-row");

  const variables = () => workbench.page.locator(".debug-variables .monaco-list-row");

  /** The Variables view's context menu. A menu that has just opened does not take a click yet: it is clicked until it goes. */
  async function traceVariable(name: string): Promise<void> {
    const row = variables()
      .filter({ hasText: new RegExp(`^${name}:? `) })
      .first();
    const locals = variables().filter({ hasText: "Locals" }).first();
    await locals.waitFor();
    // The newest VS Code leaves the scope folded.
    if ((await locals.getAttribute("aria-expanded")) === "false") await locals.click();
    await row.click({ button: "right" });
    const item = workbench.page.getByRole("menuitem", { name: "Trace backward" });
    await item.waitFor();
    while (await item.isVisible()) {
      await item.click({ timeout: 2000 }).catch(() => {});
      await workbench.page.waitForTimeout(200);
    }
  }

  test("Trace backward at a tensor opens its graph, and the program stands still", async () => {
    await workbench.openFile("swap.py");
    await workbench.goTo(6);
    await workbench.command("Debug: Toggle Breakpoint");
    await workbench.page.keyboard.press("F5");
    await workbench.page.locator(".debug-toolbar").waitFor();
    await workbench.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await workbench.goTo(5, 1);
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays("Backstep: step 0 of 4");
    await workbench.command("Backstep: Step forward");
    await card().getByRole("heading", { name: "MulBackward0" }).waitFor();
    expect(await workbench.textOf(card())).toMatch(
      /square\[0\] gets 1 \* 16 = 16 and square\[1\] gets 1 \* 9 = 9/,
    );
    expect(await workbench.marked()).toEqual(["torch.mul(*square)"]);
  });

  test("where the cursor is on no tensor, the frame's tensors are offered, and the ordinary run", async () => {
    await workbench.goTo(2);
    await workbench.page.keyboard.press("Shift+Alt+B");
    await quickPick().filter({ hasText: "square" }).first().waitFor();
    const rows = await quickPick().allInnerTexts();
    expect(rows.join("\n")).toMatch(/square[\s\S]*\(2,\)[\s\S]*PowBackward0/);
    expect(rows.join("\n")).toContain("Run the code in the editor instead");
    await quickPick().filter({ hasText: "square" }).first().click();
    await workbench.statusSays("Backstep: step 0 of 2");
  });

  test("the Variables view offers it, and a leaf is refused in words", async () => {
    await workbench.command("View: Show Run and Debug");
    await traceVariable("y");
    await workbench.statusSays("Backstep: step 0 of 4");
    await traceVariable("x");
    await workbench.notifications.filter({ hasText: "It is a leaf" }).first().waitFor();
    await workbench.dismissNotifications();
  });

  test("the program goes on to what it would have printed", async () => {
    await workbench.page.keyboard.press("F5");
    await workbench.consoleSays("tensor([96., 72.])");
  });

  test("once it is over, the hover still tells what was seen at the breakpoint", async () => {
    await workbench.command("View: Show Explorer");
    const hover = await workbench.hover(4, 3);
    expect(hover).toContain("grad_fn PowBackward0");
    expect(hover).toContain("tensor([ 9., 16.], grad_fn=<PowBackward0>)");
  });
});
