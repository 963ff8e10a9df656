/** A warm re-trace in the real VS Code: from the key press to the new graph on screen, after an edit. */
import { join } from "node:path";
import { Workbench } from "../test/e2e/support/workbench.ts";
import { findTorch, median, processOf, type Row } from "./report.ts";

const RUNS = 11;
const FILE =
  "import torch\nx = torch.tensor([3., 4.], requires_grad=True)\ny = torch.mul(*(x**2)) + 10\ny.backward()\n";

/** Runs in the panel's page: notes when the picture last changed, and that it was painted. */
const WATCH = `(() => {
  window.lastPainted = 0;
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => { window.lastPainted = Date.now(); })))
    .observe(document.getElementById("app"), { subtree: true, childList: true, attributes: true, characterData: true });
})()`;

/** Runs in VS Code's page: notes when a key went down, so that the way of the key to the browser is not counted. */
const LISTEN = `addEventListener("keydown", () => { window.lastKey = Date.now(); }, true)`;

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
    await workbench.page.evaluate(LISTEN);
    const { keyboard } = workbench.page;
    let digit = 0;
    /** From the last key press to the last change of the picture. */
    const timed = async (edit: () => Promise<void>): Promise<number> => {
      await edit();
      await workbench.page.waitForTimeout(1500);
      const pressed = await workbench.page.evaluate<number>("window.lastKey");
      const painted = await panel.evaluate<number>("window.lastPainted");
      if (painted < pressed) throw new Error("the panel did not change after the trace");
      return painted - pressed;
    };
    const another = (): string => String(digit++ % 10);
    const asked = await median(RUNS, () =>
      timed(async () => {
        await keyboard.press("Backspace");
        await keyboard.type(another());
        await workbench.page.waitForTimeout(600);
        await keyboard.press("Shift+Alt+B");
      }),
    );
    await workbench.command("Backstep: Toggle live mode");
    await workbench.goTo(3, 28);
    const live = await median(RUNS, () =>
      timed(async () => {
        await keyboard.press("Shift+ArrowLeft");
        await keyboard.type(another());
      }),
    );
    const python = findTorch();
    const file = join(workbench.folder, "edit.py");
    const theirs = python === null ? null : await median(5, processOf(python, [file]));
    return [
      { work: "edit to new graph on screen, in VS Code", ours: asked, theirs, goal: { ms: 50 } },
      { work: "live mode: key to new graph on screen", ours: live, theirs, goal: { ms: 100 } },
    ];
  } finally {
    await workbench.close();
  }
}
