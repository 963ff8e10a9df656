/** Every kind of breakpoint, the watch view and "Why?" in VS Code's own views. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const PRODUCT = `import torch
x = torch.tensor([3., 4.], requires_grad=True)
y = x**2
z = torch.mul(*y)
z.backward()
`;
const NAN = `import torch
w = torch.tensor([0., 4.], requires_grad=True)
root = w.sqrt()
loss = (root * 0).sum()
loss.backward()
`;
/** Upstream of the second product nothing but zeros; of the first a million. */
const DEAD = `import torch
v = torch.tensor([-1., -2.], requires_grad=True)
kept = (v * 3).relu()
loss = (kept * 1e3).sum() * 1e3
loss.backward()
`;
const RAISES = `import torch
x = torch.ones(2, requires_grad=True)
(x * 2).sum().backward()
x @ torch.ones(3)
`;

let vscode: Workbench;
beforeAll(async () => {
  const files = { "product.py": PRODUCT, "nan.py": NAN, "dead.py": DEAD, "raises.py": RAISES };
  vscode = await Workbench.open({ host: "stable", files });
});
afterAll(() => vscode.close());

const toolbar = (label: RegExp) =>
  vscode.page.locator(".debug-toolbar a.action-label").and(vscode.page.getByRole("button", { name: label }));
const frame = (text: string) => vscode.page.locator(".debug-call-stack .monaco-list-row", { hasText: text });
const row = (view: string, text: string | RegExp) =>
  vscode.page.locator(`.${view} .monaco-list-row`, { hasText: text }).first();

/** The explorer is in front where no session is. */
async function open(file: string): Promise<void> {
  await vscode.page.keyboard.press("Control+Shift+E");
  await vscode.openFile(file);
}

async function debug(file: string, line: number): Promise<void> {
  // A test that failed may have left its session.
  if (await vscode.page.locator(".debug-toolbar").isVisible()) await stop();
  await open(file);
  await vscode.goTo(line, 1);
  await vscode.command("Backstep: Debug backward pass");
  await vscode.page.locator(".debug-toolbar").waitFor();
  await vscode.command("View: Show Run and Debug");
  await frame("backward()").first().waitFor();
}

/** On the panel below the editor: closes a menu that is open. */
async function pressElsewhere(): Promise<void> {
  await vscode.page.keyboard.press("Escape");
  await vscode.page.mouse.click(760, 860);
}

async function stop(): Promise<void> {
  await pressElsewhere();
  await toolbar(/^Stop|^Disconnect/).click();
  await vscode.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
}

/** Open a row of a view's tree until `child` is there: while the tree is drawn anew, it drops clicks. */
async function unfold(view: string, text: string, child: string): Promise<void> {
  const parent = row(view, text);
  await expect
    .poll(
      async () => {
        if ((await parent.getAttribute("aria-expanded")) === "false") await parent.click();
        return row(view, child)
          .waitFor({ timeout: 2000 })
          .then(
            () => "open",
            () => "closed",
          );
      },
      { timeout: 40_000 },
    )
    .toBe("open");
}

/** The header of a view of Run and Debug, with its actions in sight. */
async function act(view: string, action: RegExp): Promise<void> {
  const header = vscode.page.locator(".pane-header", { hasText: new RegExp(`^${view}`) }).first();
  if ((await header.getAttribute("aria-expanded")) === "false") await header.click();
  await header.hover();
  await header.getByRole("button", { name: action }).click();
}

/** Switch the breakpoint on an exceptional gradient on or off, whichever way it stands; a redraw can drop the click. */
async function exception(label: string, on: boolean): Promise<void> {
  const box = row("debug-breakpoints", label).getByRole("checkbox");
  await expect
    .poll(
      async () => {
        if ((await box.isChecked()) !== on) await box.click({ timeout: 2000 }).catch(() => {});
        return box.isChecked();
      },
      { timeout: 20_000 },
    )
    .toBe(on);
}

/** Write into the line of the view that asks for a text. */
async function answerIn(view: string, text: string): Promise<void> {
  const input = vscode.page.locator(`.${view} .monaco-inputbox input:visible`).first();
  await input.fill(text);
  await input.press("Enter");
  await input.waitFor({ state: "hidden" });
}

/** Add a breakpoint with more to it on a line, by its command and the text that the widget in the editor takes. */
async function breakpointWith(command: string, line: number, text: string): Promise<void> {
  await vscode.goTo(line, 1);
  await vscode.command(command);
  const widget = vscode.page.locator(".breakpoint-widget");
  // It takes the focus a moment after it is there.
  await widget.locator(".monaco-editor").first().click();
  await widget.locator(".monaco-editor.focused").first().waitFor();
  await vscode.page.keyboard.type(text);
  await vscode.page.keyboard.press("Enter");
  await widget.waitFor({ state: "hidden" });
}

const card = (text: string) => vscode.panel.locator(".step-card", { hasText: text }).first();

describe("breakpoints", () => {
  afterEach(async ({ task }) => {
    await vscode.screenshot(`breakpoints-${task.name.slice(0, 20).replace(/[^a-z]+/gi, "-")}`);
    if (!(await vscode.page.locator(".debug-toolbar").isVisible())) return;
    await act("Breakpoints", /Remove All/).catch(() => {});
    await stop();
  });

  test("on a function: by the name of a node", async () => {
    await debug("product.py", 5);
    await act("Breakpoints", /Function Breakpoint/);
    await answerIn("debug-breakpoints", "UnbindBackward0");
    await row("debug-breakpoints", "UnbindBackward0").waitFor();
    await toolbar(/^Continue/).click();
    await card("UnbindBackward0").waitFor();
    await vscode.statusSays("step 2 of 4");
  });

  test("the watch view takes Python over the pass", async () => {
    await debug("product.py", 5);
    await toolbar(/^Step Over/).click();
    await vscode.statusSays("step 1 of 4");
    await act("Watch", /Add Expression/);
    await answerIn("debug-watch", "x.grad is None, upstream");
    await row("debug-watch", "True").waitFor();
    await toolbar(/^Reverse/).click();
    await vscode.statusSays("step 0 of 4");
    await act("Watch", /Remove All/);
  });

  test("on data: when a leaf's .grad changes", async () => {
    await debug("product.py", 5);
    await unfold("debug-variables", "Leaves", "x.grad");
    const item = vscode.page.locator(".context-view .action-label", { hasText: "Break on Value Change" });
    const menu = vscode.page.locator(".context-view-block");
    // A tree that is drawn anew moves its rows, and a menu takes no press just after it has opened.
    await expect
      .poll(
        async () => {
          if (!(await item.isVisible())) {
            await pressElsewhere();
            await row("debug-variables", "x.grad")
              .click({ button: "right", timeout: 4000 })
              .catch(() => {});
          }
          const isChosen = await item.click({ timeout: 4000 }).then(
            () => true,
            () => false,
          );
          const isClosed = await menu.waitFor({ state: "hidden", timeout: 2000 }).then(
            () => true,
            () => false,
          );
          return isChosen && isClosed;
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    await toolbar(/^Continue/).click();
    await card("AccumulateGrad").waitFor();
    await vscode.statusSays("step 4 of 4");
  });

  test("with a condition on a line, and with a message that is logged instead of a stop", async () => {
    await debug("dead.py", 5);
    await exception("Gradient is larger than", false);
    await breakpointWith("Debug: Add Conditional Breakpoint...", 4, 'op == "sum"');
    await breakpointWith("Debug: Add Logpoint...", 3, "up {upstream}");
    await toolbar(/^Continue/).click();
    await card("SumBackward0").waitFor();
    await toolbar(/^Continue/).click();
    await vscode.statusSays("step 6 of 6");
    await vscode.command("Debug Console: Focus on Debug Console View");
    await vscode.consoleSays(/up \(2,\) \[1/);
    await vscode.consoleSays("up (2,) [0, 0]");
  });

  test("on a NaN: at the node that makes it, as it is by default", async () => {
    await debug("nan.py", 5);
    const nan = row("debug-breakpoints", "Gradient is NaN or infinite");
    expect(await nan.getByRole("checkbox").isChecked()).toBe(true);
    await toolbar(/^Continue/).click();
    await card("SqrtBackward0").waitFor();
    await frame("SqrtBackward0").first().waitFor();
    await vscode.page.locator(".exception-widget", { hasText: "a gradient is NaN or infinite" }).waitFor();
  });

  test("on a gradient that is all zero", async () => {
    await debug("dead.py", 5);
    await exception("Gradient is all zero", true);
    await toolbar(/^Continue/).click();
    await frame("MulBackward0  v * 3").first().waitFor();
    await vscode.page.locator(".exception-widget", { hasText: "the gradient is all zero" }).waitFor();
    await exception("Gradient is all zero", false);
  });

  test("on a gradient over a threshold of one's own", async () => {
    await debug("dead.py", 5);
    await exception("Gradient is larger than", true);
    const large = row("debug-breakpoints", "Gradient is larger than");
    await large.hover();
    await large.getByRole("button", { name: /Edit Condition/ }).click();
    await answerIn("debug-breakpoints", "5000");
    await toolbar(/^Continue/).click();
    await vscode.page
      .locator(".exception-widget", { hasText: "an element of the gradient is beyond 5000" })
      .waitFor();
    await frame("ReluBackward0").first().waitFor();
    await exception("Gradient is larger than", false);
  });

  test("on a Python exception of the forward pass, which is told where the walk stands", async () => {
    await debug("raises.py", 4);
    await vscode.page.locator(".exception-widget", { hasText: "RuntimeError" }).waitFor();
    await vscode.statusSays("step 0 of 3");
  });
});

test("Why this gradient? at a tensor opens the panel with the answer", async () => {
  await open("nan.py");
  await vscode.goTo(2, 1);
  await vscode.command("Backstep: Trace backward");
  await vscode.statusSays("step 0 of 4");
  await vscode.command("Backstep: Why this gradient?");
  const answer = vscode.panel.locator(".answer", { hasText: "NaN" }).first();
  await answer.waitFor();
  expect(await vscode.textOf(answer)).toMatch(/SqrtBackward0|w\.sqrt\(\)/);
});
