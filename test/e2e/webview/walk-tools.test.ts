/** What the walk is steered with beside its buttons: the strip, the breakpoints with their conditions, the passes. */
import { describe, expect, test } from "vitest";
import { wholeStep } from "../../../trace/stepper.ts";
import { ready } from "../../webview/harness.ts";
import { button, counter, open, openProduct, panel, product, text, useHarness } from "../../webview/look.ts";
import { traceNamed, traceOf } from "../../webview/traces.ts";

useHarness();

const strip = () => panel.page.getByRole("slider", { name: "Place in the backward pass" });

describe("the strip", () => {
  test("stands where the walk stands, and says so", async () => {
    await openProduct();
    expect(await strip().getAttribute("aria-valuetext")).toBe("step 0 of 4: Start of the pass");
    await panel.page.keyboard.press("ArrowRight");
    await expect.poll(() => strip().inputValue()).toBe("1");
    expect(await strip().getAttribute("aria-valuetext")).toBe("step 1 of 4: MulBackward0");
  });

  test("has a tick for each node and a band for each line", async () => {
    await open({ state: ready(await traceNamed("twoLayers")) });
    expect(await panel.page.locator(".strip .tick").count()).toBe(11);
    expect(await panel.page.locator(".strip .line-nr").allTextContents()).toEqual([
      "line 9",
      "line 8",
      "line 7",
    ]);
  });

  test("walks by its own keys and by the mouse", async () => {
    await openProduct();
    await strip().focus();
    await panel.page.keyboard.press("ArrowRight");
    await expect.poll(counter).toBe("step 1 of 4");
    await panel.page.keyboard.press("End");
    await expect.poll(counter).toBe("step 4 of 4");
    const box = await strip().boundingBox();
    if (box === null) throw new Error("the strip is not on screen");
    await panel.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(counter).toBe("step 2 of 4");
  });
});

describe("breakpoints", () => {
  test("stop where a condition holds: chosen, given as a number, or written", async () => {
    await openProduct();
    const { page, sent } = panel;
    await button(/^Breakpoints and their conditions/).click();
    const when = page.getByRole("combobox", { name: "When the walk stops at any node" });
    await when.selectOption({ label: "|g| is above" });
    await page.getByRole("textbox", { name: "number" }).fill("10");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => sent.at(-1))
      .toEqual({ kind: "condition", body: { node: null, text: "norm > 10" } });
    await expect.poll(() => page.locator(".strip .stop").count()).toBe(3);
    await page.locator("body").click({ position: { x: 400, y: 500 } });
    await page.keyboard.press("n");
    await expect.poll(counter).toBe("step 2 of 4");

    await when.selectOption({ label: "an expression holds" });
    const expression = page.getByRole("textbox", { name: "expression" });
    await expression.fill("gradient > 1");
    await page.keyboard.press("Enter");
    await expect.poll(() => text(".condition .bad")).toContain('"gradient" is not known here');
    expect(sent.at(-1)).toEqual({
      kind: "move",
      body: { move: { kind: "toBreakpoint", direction: "forward" } },
    });
    await expression.fill('op == "pow"');
    await page.keyboard.press("Enter");
    await expect
      .poll(() => sent.at(-1))
      .toEqual({ kind: "condition", body: { node: null, text: 'op == "pow"' } });
    await expect.poll(() => page.locator(".strip .stop").count()).toBe(1);
  });

  test("of a node can be gone to, given a condition, and removed", async () => {
    const pow = product.nodes.findIndex(({ name }) => name === "PowBackward0");
    await openProduct({ state: ready(product, { breakpoints: [pow] }) });
    const { page, sent } = panel;
    await button(/^Breakpoints and their conditions/).click();
    await page.locator(".stops").getByRole("button", { name: "PowBackward0", exact: true }).click();
    await expect.poll(counter).toBe("step 3 of 4");
    await page
      .getByRole("combobox", { name: "When PowBackward0 stops" })
      .selectOption({ label: "only zeros arrive" });
    await expect
      .poll(() => sent.at(-1))
      .toEqual({ kind: "condition", body: { node: pow, text: "zero == size" } });
    await expect.poll(() => page.locator(".strip .stop").count()).toBe(0);
    await button(/^Remove the breakpoint of PowBackward0/).click();
    await expect.poll(() => page.locator(".stops li").count()).toBe(0);
  });
});

describe("several passes", () => {
  test("are a chart; another is chosen and compared", async () => {
    const trace = await traceNamed("twoLayers");
    await open({ state: ready(trace, { place: wholeStep(trace, 1, 0) }), height: 1600 });
    const { page, sent } = panel;
    expect(await page.locator(".passes .chart").count()).toBe(2);
    expect(await page.locator(".compared tbody tr").count()).toBe(4);
    expect(await page.locator(".compared thead th").allTextContents()).toEqual(["pass 2", "pass 1", "ratio"]);
    const chart = page.locator(".passes .chart").first();
    const box = await chart.boundingBox();
    if (box === null) throw new Error("the chart is not on screen");
    await chart.click({ position: { x: box.width * 0.15, y: box.height / 2 } });
    await expect
      .poll(() => sent.at(-1))
      .toEqual({ kind: "move", body: { move: { kind: "toBackward", backward: 0 } } });
    await page.getByRole("combobox", { name: "Pass to compare with" }).selectOption({ label: "pass 2" });
    await expect
      .poll(() => page.locator(".compared thead th").allTextContents())
      .toEqual(["pass 1", "pass 2", "ratio"]);
  });
});

test("a play can be made quicker", async () => {
  await openProduct();
  await panel.page.getByRole("combobox", { name: "Speed of playing" }).selectOption({ label: "8×" });
  await button(/^Play/).click();
  await expect.poll(counter, { timeout: 10_000 }).toBe("step 4 of 4");
});

describe("the gradient on its way", () => {
  /** The texts of the tokens that were ever drawn. */
  const watch = () =>
    panel.page.evaluate(`(() => {
      window.tokens = [];
      new MutationObserver((all) => {
        for (const { addedNodes } of all)
          for (const node of addedNodes)
            if (node.classList?.contains("token")) window.tokens.push(node.textContent);
      }).observe(document.querySelector("g.world"), { childList: true });
    })()`);
  const tokens = () => panel.page.evaluate<string[]>("window.tokens");

  test("is a token with its value on each wire, gone when it has come", async () => {
    await openProduct();
    await watch();
    await panel.page.keyboard.press("ArrowRight");
    await expect.poll(tokens).toEqual(["16", "9"]);
    await expect.poll(() => panel.page.locator("g.token").count()).toBe(0);
  });

  test("is not animated where motion is not wanted", async () => {
    await openProduct({ reducedMotion: true });
    await watch();
    await panel.page.keyboard.press("ArrowRight");
    await expect.poll(counter).toBe("step 1 of 4");
    await panel.page.waitForTimeout(100);
    expect(await tokens()).toEqual([]);
  });
});

test("a pinned run stays, and the next one says what differs from it", async () => {
  const before = await traceOf(
    "x = torch.tensor([3., 4.], requires_grad=True)\nk = 2.\n(x * k).sum().backward()",
  );
  const now = await traceOf(
    "x = torch.tensor([3., 4.], requires_grad=True)\nk = 5.\n(x * k).sum().backward()",
  );
  await open({ state: ready(before) });
  await button(/^Pin this run/).click();
  await expect.poll(() => text(".pinned .caption")).toContain("This run is pinned");
  await panel.post({ kind: "state", body: { state: ready(now) } });
  await expect.poll(() => panel.page.locator(".changes li").count()).toBe(3);
  expect(await panel.page.locator(".changes li").nth(1).textContent()).toBe(
    "changedMulBackward0x * kvalue[6, 8]→[15, 20]",
  );
  const badges = () => panel.page.locator("g.card .change:not(.hidden) text").allTextContents();
  expect(await badges()).toEqual(["≠", "≠", "≠"]);
  expect(await panel.page.locator("g.card.op .frame").first().getAttribute("aria-label")).toContain(
    "other numbers than in the pinned run",
  );
  await button(/^Unpin$/).click();
  await expect.poll(() => panel.page.locator(".pinned").count()).toBe(0);
  expect(await badges()).toEqual([]);
});
