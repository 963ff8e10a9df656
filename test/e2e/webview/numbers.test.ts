/** The numbers on the step card in Chromium: dragged, scrolled, counted by keys; what they ask of the host. */
import { describe, expect, test } from "vitest";
import { wholeStep } from "../../../trace/stepper.ts";
import { ready } from "../../webview/harness.ts";
import { moves, open, panel, useHarness } from "../../webview/look.ts";
import { traceOf } from "../../webview/traces.ts";

useHarness();

const TEXT = (exponent: string): string =>
  `x = torch.tensor([3., 4.], requires_grad=True)\ny = torch.pow(x, ${exponent}).sum() * 0.5\ny.backward()`;

/** Opens at PowBackward0, which is the third step. */
async function openPow(editable: number | undefined): Promise<void> {
  const trace = await traceOf(TEXT("2"));
  const more = editable === undefined ? {} : { editable };
  await open({ state: ready(trace, { place: wholeStep(trace, 0, 2), ...more }) });
}

const numbers = () => panel.page.getByRole("spinbutton");
const turns = () => panel.sent.flatMap((message) => (message.kind === "turn" ? [message.body] : []));

describe("a number", () => {
  test("is dragged: one unit every few pixels, and Escape puts it back", async () => {
    await openPow(1);
    expect(await numbers().allTextContents()).toEqual(["2"]);
    const box = await numbers().boundingBox();
    if (box === null) throw new Error("the number is not in sight");
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const { mouse } = panel.page;
    await mouse.move(x, y);
    await mouse.down();
    await mouse.move(x + 30, y, { steps: 5 });
    await expect.poll(() => turns().reduce((sum, { by }) => sum + by, 0)).toBe(5);
    await mouse.move(x - 12, y, { steps: 5 });
    await expect.poll(() => turns().reduce((sum, { by }) => sum + by, 0)).toBe(-2);
    expect(turns().map(({ begins }) => begins)).toEqual(turns().map((_, i) => i === 0));
    expect(turns()[0]?.range).toMatchObject({ source: 0, start: { line: 1, character: 17 } });
    await panel.page.keyboard.press("Escape");
    await expect.poll(() => turns().reduce((sum, { by }) => sum + by, 0)).toBe(0);
    const made = turns().length;
    await mouse.move(x + 60, y);
    await mouse.up();
    expect(turns().length).toBe(made);
  });

  test("is counted by keys, without a step of the walk", async () => {
    await openPow(1);
    await numbers().focus();
    for (const key of ["ArrowUp", "ArrowLeft", "Shift+ArrowRight", "PageDown"])
      await panel.page.keyboard.press(key);
    await expect.poll(() => turns().map(({ by }) => by)).toEqual([1, -1, 10, -10]);
    expect(moves()).toEqual([]);
  });

  test("is scrolled only once it has been chosen", async () => {
    await openPow(1);
    await numbers().hover();
    await panel.page.mouse.wheel(0, -40);
    await numbers().focus();
    await panel.page.mouse.wheel(0, -40);
    await expect.poll(() => turns().map(({ by }) => by)).toEqual([1]);
    await panel.page.mouse.wheel(0, 40);
    await expect.poll(() => turns().map(({ by }) => by)).toEqual([1, -1]);
  });

  test("keeps the focus, and the drag, when the new trace is there", async () => {
    await openPow(1);
    const box = await numbers().boundingBox();
    if (box === null) throw new Error("the number is not in sight");
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await panel.page.mouse.move(x, y);
    await panel.page.mouse.down();
    await panel.page.mouse.move(x + 12, y, { steps: 3 });
    const next = await traceOf(TEXT("4"));
    await panel.post({
      kind: "state",
      body: { state: ready(next, { place: wholeStep(next, 0, 2), editable: 1 }) },
    });
    await expect.poll(() => numbers().textContent()).toBe("4");
    expect(await numbers().getAttribute("aria-valuenow")).toBe("4");
    expect(await panel.page.locator("[role=spinbutton]:focus").count()).toBe(1);
    const before = turns().length;
    await panel.page.mouse.move(x + 24, y, { steps: 3 });
    await expect
      .poll(() =>
        turns()
          .slice(before)
          .reduce((sum, { by }) => sum + by, 0),
      )
      .toBe(2);
    await panel.page.mouse.up();
  });

  test("is not offered where its text is in no editor", async () => {
    await openPow(undefined);
    await panel.page.locator(".step-card h1").waitFor();
    expect(await numbers().count()).toBe(0);
  });
});
