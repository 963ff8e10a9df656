import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const PATIENCE = { timeout: 20_000 };
const TEXT = [
  "import torch",
  "x = torch.tensor([3., 4.]).requires_grad_()",
  "y = (x**2).sum()",
  "y.backward()",
  "print(x.grad)",
  "",
].join("\n");

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({ host: "stable", files: { "live.py": TEXT } });
  await workbench.openFile("live.py");
});
afterAll(() => workbench?.close());
afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

const standsAt = (name: string) =>
  workbench.panel.locator(".step-card").getByRole("heading", { name }).first().waitFor();
const output = () => workbench.panel.locator(".output pre").textContent();
const line = (number: number) => workbench.lineText(number);

/** Whatever the tests before have left: the first text, its trace, and the walk at PowBackward0. */
beforeEach(async () => {
  await workbench.goTo(1);
  await workbench.setText(TEXT);
  await expect.poll(() => line(3), PATIENCE).toBe("y = (x**2).sum()");
  await workbench.goTo(1);
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays("Backstep: step 0 of 3");
  await workbench.command("Backstep: Step forward");
  await workbench.command("Backstep: Step forward");
  await workbench.statusSays("Backstep: step 2 of 3");
  await standsAt("PowBackward0");
});

/** The keys mean numbers once VS Code knows that the cursor is on one: till then they only scroll. */
async function count(key: string, at: readonly [number, number], becomes: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await workbench.goTo(...at);
        await workbench.page.keyboard.press(key);
        const changed = () => line(at[0]);
        for (let tries = 0; tries < 20 && !(await changed()).includes(becomes); tries++)
          await workbench.page.waitForTimeout(50);
        return changed();
      },
      { timeout: 20_000 },
    )
    .toContain(becomes);
}

test("a number goes up and down under the keys, and the values follow, at the same node", async () => {
  await count("Control+ArrowUp", [3, 9], "x**3");
  await expect.poll(output, PATIENCE).toBe("tensor([27., 48.])\n");
  await workbench.statusSays("Backstep: step 2 of 3");
  await standsAt("PowBackward0");
  await count("Control+ArrowDown", [3, 9], "x**2");
  await expect.poll(output, PATIENCE).toBe("tensor([6., 8.])\n");
  await count("Control+Shift+ArrowUp", [2, 19], "[13., 4.]");
  await expect.poll(output, PATIENCE).toBe("tensor([26.,  8.])\n");
});

test("a number on the step card is dragged: the code and the values follow, and one Undo takes it all back", async () => {
  const number = workbench.panel.getByRole("spinbutton");
  await number.waitFor();
  const box = await number.boundingBox();
  if (box === null) throw new Error("the number is not in sight");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await workbench.page.mouse.move(x, y);
  await workbench.page.mouse.down();
  await workbench.page.mouse.move(x + 14, y, { steps: 4 });
  // 4 x**3: seen while the button is still down.
  await expect.poll(output, PATIENCE).toBe("tensor([108., 256.])\n");
  expect(await line(3)).toBe("y = (x**4).sum()");
  await workbench.page.mouse.move(x + 8, y, { steps: 4 });
  await expect.poll(output, PATIENCE).toBe("tensor([27., 48.])\n");
  await workbench.page.mouse.up();
  await standsAt("PowBackward0");
  await workbench.goTo(1);
  await workbench.page.keyboard.press("Control+z");
  await expect.poll(() => line(3), PATIENCE).toBe("y = (x**2).sum()");
});

test("without live mode nothing is traced while one types", async () => {
  await workbench.goTo(3, 17);
  await workbench.page.keyboard.type(" * 2");
  await workbench.statusShows("history");
  // Long after live mode would have traced.
  await workbench.page.waitForTimeout(1500);
  expect(await output()).toBe("tensor([6., 8.])\n");
});

test("in live mode the picture follows the typing, and stays where the text cannot be traced", async () => {
  await workbench.command("Backstep: Toggle live mode");
  try {
    await workbench.goTo(3, 17);
    await workbench.page.keyboard.type(" * 10");
    await expect.poll(output, PATIENCE).toBe("tensor([60., 80.])\n");
    await workbench.statusSays("Backstep: step 3 of 4");
    await standsAt("PowBackward0");
    await workbench.page.keyboard.type(" +");
    await workbench.statusShows("edit");
    expect(await output()).toBe("tensor([60., 80.])\n");
    expect(await workbench.problems()).toBe(0);
    await workbench.page.keyboard.type(" 1");
    await workbench.statusSays("Backstep: step 4 of 5");
    await standsAt("PowBackward0");
  } finally {
    await workbench.command("Backstep: Toggle live mode");
  }
});
