/** A warm re-trace in the real VS Code: from the key press to the new graph on screen, after an edit. */
import { Workbench } from "../test/e2e/support/workbench.ts";
import { median, type Row } from "./report.ts";

const RUNS = 11;
const FILE =
  "import torch\nx = torch.tensor([3., 4.], requires_grad=True)\ny = torch.mul(*(x**2)) + 10\ny.backward()\n";

/** Runs in the panel's page: notes when the picture last changed, and that it was painted. */
const WATCH = `(() => {
  window.lastPainted = 0;
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => { window.lastPainted = Date.now(); })))
    .observe(document.getElementById("app"), { subtree: true, childList: true, attributes: true, characterData: true });
})()`;

export async function retrace(): Promise<Row[]> {
  const workbench = await Workbench.open({ host: "stable", files: { "edit.py": FILE } });
  try {
    await workbench.openFile("edit.py");
    await workbench.goTo(3, 28);
    await workbench.command("Backstep: Trace backward");
    await workbench.panel.locator(".card.op").first().waitFor();
    const panel = workbench.page.frames().at(-1);
    if (panel === undefined) throw new Error("the panel has no frame");
    await panel.evaluate(WATCH);
    let digit = 0;
    const ours = await median(RUNS, async () => {
      await workbench.page.keyboard.press("Backspace");
      await workbench.page.keyboard.type(String(digit++ % 10));
      await workbench.page.waitForTimeout(600);
      const pressed = Date.now();
      await workbench.page.keyboard.press("Shift+Alt+B");
      await workbench.page.waitForTimeout(1500);
      const painted = await panel.evaluate<number>("window.lastPainted");
      if (painted < pressed) throw new Error("the panel did not change after the trace");
      return painted - pressed;
    });
    return [{ work: "edit to new graph on screen, in VS Code", ours, theirs: null, goal: { ms: 50 } }];
  } finally {
    await workbench.close();
  }
}
