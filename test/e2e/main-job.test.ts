import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hosts } from "./support/hosts.ts";
import { Workbench } from "./support/workbench.ts";

/** The status may read the same before and after a run: what it prints tells them apart. */
const PATIENCE = { timeout: 20_000 };
const NOTE = "two-first-snippets.md";

/** The snippet as a script: what it prints is its own affair. */
const SCRIPT = [
  "import torch",
  "",
  "x = torch.tensor([3., 4.]).requires_grad_()",
  "def f(x): return torch.mul(*(x**2))",
  "y = f(x)",
  "print(y)",
  "y.backward()",
  "print(x.grad)",
  "",
].join("\n");

/** The cells of the first snippet, in one file, as a person would paste them. */
const PARTS = [
  "x = torch.tensor([3., 4.]).requires_grad_()",
  "x",
  "# ---",
  "def f(x): return (x**2).sum()",
  "y = f(x)",
  "y",
  "# ---",
  "y.backward()",
  "x.grad",
  "",
].join("\n");

describe.each(hosts())("in the VS Code server $vscode", ({ host }) => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await Workbench.open({ host, files: { "swap.py": SCRIPT, "parts.py": PARTS } });
  });
  afterAll(() => workbench?.close());
  afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

  const card = () => workbench.panel.locator(".step-card");
  const output = async (): Promise<string> =>
    (await workbench.panel.locator(".output pre").textContent()) ?? "";
  const trace = async (file: string, line: number, status: string): Promise<void> => {
    await workbench.openFile(file);
    await workbench.goTo(line);
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays(status);
  };
  const step = async (title: string, status: string): Promise<void> => {
    await workbench.command(`Backstep: ${title}`);
    await workbench.statusSays(status);
  };

  test("a block of a note prints what PyTorch prints and stands at the start of its pass", async () => {
    await trace(NOTE, 28, "Backstep: step 0 of 3");
    await card().getByText("Start of the pass").waitFor();
    await expect
      .poll(output, PATIENCE)
      .toBe("tensor([3., 4.], requires_grad=True)\ntensor(25., grad_fn=<SumBackward0>)\ntensor([6., 8.])\n");
    expect(await workbench.dirty()).toBe(false);
  });

  test("the hover has shape, dtype, grad_fn and value before the walk, and no gradient yet", async () => {
    const hover = await workbench.hover(19, 21);
    expect(hover).toContain("shape (2,)  ·  torch.float32  ·  grad_fn PowBackward0");
    expect(hover).toContain("tensor([ 9., 16.], grad_fn=<PowBackward0>)");
    expect(hover).toContain("No gradient: ");
    expect(hover).toContain("_saved_exponent = 2");
  });

  test("SumBackward0 copies the upstream 1 to both elements", async () => {
    await step("Step forward", "Backstep: step 1 of 3");
    await card().getByRole("heading", { name: "SumBackward0" }).waitFor();
    const text = await workbench.textOf(card());
    expect(text).toContain("copies");
    expect(text).toContain("grad.expand(self.sizes())");
    expect(text).toMatch(/gradient of x\*\*2[\s\S]*\[1, 1\]/);
    expect(await workbench.marked()).toEqual(["(x**2).sum()"]);
  });

  test("PowBackward0 scales by what it saved: the exponent 2 and [3, 4]", async () => {
    await workbench.panel.getByRole("button", { name: /Step onward/ }).click();
    await workbench.statusSays("Backstep: step 2 of 3");
    await card().getByRole("heading", { name: "PowBackward0" }).waitFor();
    const text = await workbench.textOf(card());
    expect(text).toContain("grad * (exponent * self.pow(exponent - 1))");
    expect(text).toMatch(/\[1, 1\] \* \(2(\.0)? \* \[3, 4\]\)/);
    expect(text).toMatch(/_saved_exponent\s*2/);
    expect(text).toMatch(/_saved_self\s*\[3, 4\]/);
    expect(await workbench.marked()).toEqual(["x**2"]);
  });

  test("the leaf accumulates: .grad was None and becomes [6, 8], by the arrow key of the panel", async () => {
    await workbench.panel.locator(".step-card").click();
    await workbench.page.keyboard.press("ArrowRight");
    await workbench.statusSays("Backstep: step 3 of 3");
    await card().getByRole("heading", { name: "AccumulateGrad" }).waitFor();
    expect(await workbench.textOf(card())).toContain("x.grad was None; now it is [6, 8].");
  });

  test("once stepped to, the hover has the gradient of each tensor", async () => {
    expect(await workbench.hover(19, 21)).toMatch(/gradient at step 3 of 3\s+\[1, 1\]/);
    expect(await workbench.hover(20, 1)).toMatch(/gradient at step 3 of 3\s+1\b/);
    expect(await workbench.hover(12, 1)).toMatch(/gradient at step 3 of 3\s+\[6, 8\]/);
  });

  test("stepping back takes the last gradient away again", async () => {
    await step("Step back", "Backstep: step 2 of 3");
    expect(await workbench.hover(12, 1)).toContain("No gradient: ");
    await step("Go to the start of the backward pass", "Backstep: step 0 of 3");
    expect(await workbench.marked()).toEqual([]);
  });

  test("MulBackward0 swaps: 16 goes to the 9 and 9 to the 16", async () => {
    await trace(NOTE, 51, "Backstep: step 0 of 4");
    await expect
      .poll(output, PATIENCE)
      .toMatch(
        /tensor\(\[3\., 4\.\], requires_grad=True\)\ntensor\(144\., grad_fn=<MulBackward0>\)\ntensor\(\[96\., 72\.\]\)\n$/,
      );
    await step("Step forward", "Backstep: step 1 of 4");
    await card().getByRole("heading", { name: "MulBackward0" }).waitFor();
    const text = await workbench.textOf(card());
    expect(text).toContain("swaps");
    expect(text).toMatch(/_saved_self\s*9/);
    expect(text).toMatch(/_saved_other\s*16/);
    expect(text).toMatch(/gradient of \(x\*\*2\)\[0\][\s\S]*16[\s\S]*gradient of \(x\*\*2\)\[1\][\s\S]*9/);
  });

  test("UnbindBackward0 puts 16 and 9 together and PowBackward0 gives [96, 72]", async () => {
    await step("Step forward", "Backstep: step 2 of 4");
    await card().getByRole("heading", { name: "UnbindBackward0" }).waitFor();
    expect(await workbench.textOf(card())).toMatch(/gradient of x\*\*2[\s\S]*\[16, 9\]/);
    await step("Step forward", "Backstep: step 3 of 4");
    await card().getByRole("heading", { name: "PowBackward0" }).waitFor();
    expect(await workbench.textOf(card())).toMatch(/gradient of x[\s\S]*\[96, 72\]/);
  });

  test("a click on a node shows its expression in the editor", async () => {
    await trace(NOTE, 51, "Backstep: step 0 of 4");
    await workbench.goTo(1);
    await workbench.panel.getByRole("button", { name: /Show the whole graph/ }).click();
    await workbench.panel.locator(".card.op", { hasText: "MulBackward0" }).click();
    await workbench.focusEditor();
    await workbench.cursorSays(/^Ln 42, Col 36 \(18 selected\)/);
  });

  test("a .py file runs as a script and walks the same way", async () => {
    await trace("swap.py", 1, "Backstep: step 0 of 4");
    await expect.poll(output, PATIENCE).toBe("tensor(144., grad_fn=<MulBackward0>)\ntensor([96., 72.])\n");
    await step("Go to the end of the backward pass", "Backstep: step 4 of 4");
    expect(await workbench.textOf(card())).toContain("x.grad was None; now it is [96, 72].");
    expect(await workbench.hover(3, 1)).toMatch(/gradient at step 4 of 4\s+\[96, 72\]/);
    expect(await workbench.dirty()).toBe(false);
  });

  test("unsaved text is what runs, and an edit after it makes the trace older than the text", async () => {
    await workbench.goTo(6, 8);
    await workbench.page.keyboard.type(" + 1");
    await workbench.statusShows("history");
    expect(await workbench.hover(6, 1)).toContain("The trace is older than the text");
    // What stands above the edit ran as it reads.
    expect(await workbench.hover(3, 1)).toContain("tensor([3., 4.], requires_grad=True)");
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays("Backstep: step 0 of 4");
    await expect.poll(output, PATIENCE).toBe("tensor(145., grad_fn=<AddBackward0>)\ntensor([96., 72.])\n");
    expect(await workbench.hover(3, 1)).toContain("tensor([3., 4.], requires_grad=True)");
    await workbench.command("File: Revert File");
    await workbench.statusShows("history");
  });

  test("the parts of a .py file between `# ---` lines each show their last value", async () => {
    await trace("parts.py", 4, "Backstep: step 0 of 3");
    await expect
      .poll(output, PATIENCE)
      .toBe("tensor([3., 4.], requires_grad=True)\ntensor(25., grad_fn=<SumBackward0>)\ntensor([6., 8.])\n");
    await step("Step forward", "Backstep: step 1 of 3");
    expect(await workbench.marked()).toEqual(["(x**2).sum()"]);
  });

  test("a selection runs alone, and its ranges stand where it stands", async () => {
    await workbench.openFile("line_fit.py");
    await workbench.select(8, 1, 16, 16);
    await workbench.command("Backstep: Trace backward");
    await workbench.statusSays(/step 0 of [5-9]/);
    await step("Step forward", "");
    expect(await workbench.marked()).toEqual(["((prediction - y) ** 2).mean()"]);
  });
});
