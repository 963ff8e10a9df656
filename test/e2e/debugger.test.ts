/** VS Code's own debug controls over the backward pass: the toolbar, the call stack, variables, breakpoints, the console. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const CODE = `import torch
x = torch.tensor([3., 4.], requires_grad=True)
y = x**2
z = torch.mul(*y)
z.backward()
`;

let vscode: Workbench;
beforeAll(async () => {
  vscode = await Workbench.open({ host: "stable", files: { "product.py": CODE } });
});
afterAll(() => vscode.close());

const toolbar = (label: RegExp) =>
  vscode.page.locator(".debug-toolbar a.action-label").and(vscode.page.getByRole("button", { name: label }));
const frame = (text: string) => vscode.page.locator(".debug-call-stack .monaco-list-row", { hasText: text });

/** Stand before the first step, wherever the walk is; the controls mean nothing until VS Code knows where it stands. */
async function fromStart(): Promise<void> {
  await expect
    .poll(
      async () => {
        await toolbar(/^Reverse/).click();
        return frame("z.backward()")
          .first()
          .waitFor({ timeout: 3000 })
          .then(() => vscode.status.first().innerText());
      },
      { timeout: 30_000 },
    )
    .toContain("step 0 of");
}

describe("debug backward pass", () => {
  test("stands at the start, with the call of the pass on the stack", async () => {
    await vscode.openFile("product.py");
    await vscode.goTo(4, 1);
    await vscode.command("Backstep: Debug backward pass");
    await vscode.page.locator(".debug-toolbar").waitFor();
    await vscode.focusEditor();
    await vscode.page.keyboard.press("Control+Shift+D");
    await frame("z.backward()").first().waitFor();
  });

  test("Step Over goes on by a node, Step Back goes back, and the panel goes with it", async () => {
    await fromStart();
    await toolbar(/^Step Over/).click();
    await frame("MulBackward0").first().waitFor();
    await vscode.panel.locator(".step-card", { hasText: "MulBackward0" }).waitFor();
    await toolbar(/^Step Over/).click();
    await frame("UnbindBackward0").first().waitFor();
    await vscode.screenshot("debugger");
    await toolbar(/^Step Back/).click();
    await vscode.statusSays("step 1 of");
    await vscode.panel.locator(".step-card", { hasText: "MulBackward0 swaps" }).waitFor();
  });

  test("a step in the panel is a step of the debugger", async () => {
    await fromStart();
    await toolbar(/^Step Over/).click();
    await frame("MulBackward0").first().waitFor();
    await vscode.panel.getByRole("button", { name: /^Step onward/ }).click();
    await frame("UnbindBackward0").first().waitFor();
  });

  test("Reverse goes back to the start", async () => {
    await toolbar(/^Reverse/).click();
    await vscode.statusSays("step 0 of");
    // VS Code puts the focus where the walk stands, a moment later.
    await vscode.page.waitForTimeout(800);
  });

  test("a breakpoint in the margin stops Continue at the node of its line", async () => {
    await fromStart();
    const number = vscode.page.locator(".margin-view-overlays .line-numbers", { hasText: /^3$/ });
    const { x, y, height } = (await number.boundingBox()) as { x: number; y: number; height: number };
    const verified = vscode.page.locator(".glyph-margin-widgets .codicon-debug-breakpoint");
    // A first attempt may have set it: a click would take it away.
    if ((await verified.count()) === 0) await vscode.page.mouse.click(x - 8, y + height / 2);
    // Before that the session does not know of it, and would go on to the end.
    await verified.waitFor();
    await toolbar(/^Continue/).click();
    await vscode.panel.locator(".step-card", { hasText: "PowBackward0 scales" }).waitFor();
    await frame("PowBackward0").first().waitFor();
  });

  test("values stand at the ends of the lines", async () => {
    await expect
      .poll(() =>
        vscode.page
          .locator(".view-line")
          .allInnerTexts()
          .then((lines) => lines.join("\n").replaceAll("\u00a0", " ")),
      )
      .toContain("y = [9, 16]  ∂ [16, 9]");
    await vscode.screenshot("debugger-values");
  });

  test("the console evaluates Python over the pass", async () => {
    await vscode.evaluate("upstream * 2");
    await vscode.consoleSays("tensor([32., 18.])");
  });

  test("the console answers why and check, and the walk stays", async () => {
    await vscode.evaluate("why x");
    await vscode.consoleSays("Nothing is out of the ordinary");
    await vscode.evaluate("check");
    await vscode.consoleSays("gradients agree, and none differs");
    await frame("PowBackward0").first().waitFor();
    await vscode.panel.locator(".step-card .checked .ok").first().waitFor();
  });

  test("Stop ends the session and leaves the trace", async () => {
    await toolbar(/^Stop|^Disconnect/).click();
    await vscode.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
    await vscode.statusSays(/step \d of/);
  });
});
