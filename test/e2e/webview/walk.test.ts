import { describe, expect, test } from "vitest";
import type { ToPanel } from "../../../extension/panel/protocol.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { unrolled } from "../../support/large.ts";
import { packed, ready } from "../../webview/harness.ts";
import {
  button,
  card,
  chips,
  counter,
  frame,
  moves,
  open,
  openProduct,
  panel,
  product,
  text,
  useHarness,
} from "../../webview/look.ts";
import * as inPage from "../../webview/page.mjs";
import { chain, snippets, traceNamed, traceOf } from "../../webview/traces.ts";

useHarness();

describe("the walk", () => {
  test("starts at the seed, and each button leads where it says", async () => {
    await openProduct();
    await expect.poll(counter).toBe("start, 4 steps");
    expect(await text("h1")).toBe("Start of the pass");
    expect(await chips()).toEqual(["1"]);

    await button(/^Step onward/).click();
    await expect.poll(counter).toBe("step 1 of 4");
    expect(await text("h1")).toBe("MulBackward0");
    expect(await chips()).toEqual(expect.arrayContaining(["16", "9"]));
    await button(/^Sub-step back/).click();
    await expect.poll(() => text(".progress .count")).toBe("sub-step 2 of 3");
    await button(/^Sub-step onward/).click();
    await expect.poll(() => text(".progress .count")).toBe("sub-step 3 of 3");
    await button(/^Step back/).click();
    await expect.poll(counter).toBe("start, 4 steps");
    await button(/^To the end/).click();
    await expect.poll(counter).toBe("step 4 of 4");
    expect(await text(".accumulate")).toContain("[96, 72]");
    expect(await panel.page.locator("g.card.leaf .grad").textContent()).toBe(".grad = [96, 72]");
    await button(/^To the start/).click();
    await expect.poll(counter).toBe("start, 4 steps");
    expect(moves()).toEqual(["forward", "phaseBack", "phaseForward", "back", "last", "first"]);
  });

  test("the arrow keys, Home and End do the same", async () => {
    const { page } = await openProduct();
    for (const key of [
      "ArrowRight",
      "ArrowRight",
      "ArrowDown",
      "ArrowUp",
      "Shift+ArrowRight",
      "ArrowLeft",
      "End",
      "Home",
    ])
      await page.keyboard.press(key);
    await expect
      .poll(moves)
      .toEqual(["forward", "forward", "phaseForward", "phaseBack", "phaseForward", "back", "last", "first"]);
    await expect.poll(counter).toBe("start, 4 steps");
  });

  test("buttons that lead nowhere are off", async () => {
    await openProduct();
    await expect.poll(() => button(/^Step back/).getAttribute("disabled")).toBe("");
    expect(await button(/^Step onward/).getAttribute("disabled")).toBeNull();
    await panel.page.keyboard.press("End");
    await expect.poll(() => button(/^Step onward/).getAttribute("disabled")).toBe("");
    expect(await button(/^Step back/).getAttribute("disabled")).toBeNull();
  });

  test("to the next breakpoint", async () => {
    await openProduct();
    await frame("PowBackward0").focus();
    await panel.page.keyboard.press("b");
    await expect.poll(() => card("PowBackward0").getAttribute("class")).toContain("has-breakpoint");
    await button(/next breakpoint/).click();
    await expect.poll(counter).toBe("step 3 of 4");
  });

  test("play goes on by itself to the end, and any step stops it", async () => {
    await openProduct();
    await button(/^Play/).click();
    await expect.poll(counter).toBe("step 1 of 4");
    expect(await button(/^Pause/).count()).toBe(1);
    await expect.poll(counter, { timeout: 10_000 }).toBe("step 4 of 4");
    await expect.poll(() => button(/^Pause/).count()).toBe(0);
    await panel.page.keyboard.press("Home");
    await button(/^Play/).click();
    await panel.page.keyboard.press("ArrowLeft");
    await expect.poll(() => button(/^Play/).count()).toBe(1);
  });

  test("one pass of several is chosen from a list", async () => {
    await open({ state: ready(await traceNamed("twoLayers")) });
    const passes = panel.page.getByRole("combobox", { name: "Backward call" });
    expect(await passes.locator("option").allTextContents()).toEqual([
      "1: loss.backward()  (line 10)",
      "2: loss.backward()  (line 10)",
    ]);
    await passes.selectOption({ index: 0 });
    await expect
      .poll(() => panel.sent.at(-1))
      .toEqual({
        kind: "move",
        body: { move: { kind: "toBackward", backward: 0 } },
      });
    await expect.poll(() => passes.inputValue()).toContain("1:");
  });

  test("says each step as a sentence, once", async () => {
    await openProduct();
    const live = panel.page.getByRole("status").last();
    await panel.page.keyboard.press("ArrowRight");
    await expect
      .poll(() => live.textContent())
      .toBe(
        "MulBackward0 swaps: each input's gradient is the upstream gradient times the other input. So (x**2)[0] gets 1 * 16 = 16 and (x**2)[1] gets 1 * 9 = 9.",
      );
    expect(await live.getAttribute("aria-live")).toBe("polite");
    await panel.page.keyboard.press("ArrowUp");
    await expect.poll(() => live.textContent()).toMatch(/^MulBackward0, sub-step 2 of 3: .* gets 16$/);
  });
});

describe("the swap in one picture", () => {
  test("9 and 16 stand in their colours below, and have changed sides above", async () => {
    await openProduct({ state: ready(product, { place: wholeStep(product, 0, 0) }) });
    const look = async (selector: string) =>
      (
        await panel.page.locator(selector).evaluateAll((all) =>
          all.map((each) => ({
            left: each.getBoundingClientRect().left,
            text: each.textContent,
            hue: /hue-\d/.exec(each.getAttribute("class") ?? "")?.[0],
          })),
        )
      )
        .sort((a, b) => a.left - b.left)
        .map(({ text, hue }) => `${text} ${hue}`);
    expect(await look("g.card.current g.peg")).toEqual(["_saved_self9 hue-0", "_saved_other16 hue-1"]);
    expect(await look("g.chip.now")).toEqual(["16 hue-1", "9 hue-0"]);
  });

  test("the step card tells it in words, rule, names and numbers", async () => {
    await openProduct({ state: ready(product, { place: wholeStep(product, 0, 0) }) });
    const rules = panel.page.locator(".rule");
    expect(await rules.first().locator("dd").allTextContents()).toEqual([
      "grad×(x**2)[1]",
      "1×16=16",
      "grad * other",
    ]);
    expect(await rules.first().locator("math").first().getAttribute("alttext")).toBe("grad × (x**2)[1]");
    expect(await panel.page.locator(".saved th").allTextContents()).toEqual(["_saved_other", "_saved_self"]);
    expect(await text(".output")).toContain("tensor([96., 72.])");
  });
});

describe("nodes", () => {
  test("a click or Enter reveals the source, g goes there, b and the context menu set a breakpoint", async () => {
    const { page, sent } = await openProduct();
    const pow = product.nodes.findIndex((node) => node.name === "PowBackward0");
    await card("PowBackward0").click();
    await expect.poll(() => sent.at(-1)).toEqual({ kind: "reveal", body: { node: pow } });
    await frame("PowBackward0").focus();
    await page.keyboard.press("g");
    await expect.poll(counter).toBe("step 3 of 4");
    const before = sent.length;
    await page.keyboard.press("Enter");
    await expect.poll(() => sent.slice(before)).toEqual([{ kind: "reveal", body: { node: pow } }]);
    await page.keyboard.press("b");
    await expect.poll(() => sent.at(-1)).toEqual({ kind: "toggleBreakpoint", body: { node: pow } });
    await card("PowBackward0").click({ button: "right" });
    await expect.poll(() => card("PowBackward0").getAttribute("class")).not.toContain("has-breakpoint");
    await card("unbind").dblclick();
    await expect.poll(counter).toBe("step 2 of 4");
  });

  test("the graph is one stop of Tab, and Alt with arrows goes from node to node", async () => {
    const { page } = await openProduct();
    expect(await page.locator('.frame[tabindex="0"]').count()).toBe(1);
    await frame("MulBackward0").focus();
    await page.keyboard.press("Alt+ArrowUp");
    const focused = page.locator(".frame:focus");
    await expect
      .poll(() => focused.getAttribute("aria-label"))
      .toMatch(/^UnbindBackward0, unbind\(x\*\*2\); moves/);
    await page.keyboard.press("Alt+ArrowUp");
    await page.keyboard.press("Alt+ArrowUp");
    await expect
      .poll(() => focused.getAttribute("aria-label"))
      .toBe("x, leaf, AccumulateGrad; [3, 4]; .grad = None");
    expect(moves()).toEqual([]);
  });

  test("a node says its name, pattern, value, gradient and where the walk stands", async () => {
    await openProduct({ state: ready(product, { place: wholeStep(product, 0, 1), breakpoints: [] }) });
    expect(await frame("MulBackward0").getAttribute("aria-label")).toBe(
      "MulBackward0, torch.mul(*(x**2)); swaps; y = 144; upstream gradient 1; visited",
    );
    expect(await panel.page.locator('[aria-current="step"]').count()).toBe(1);
  });
});

describe("the view", () => {
  test("a readable size is chosen, and the current node is kept on screen", async () => {
    await open({ state: ready(await chain(90)) });
    const shown = () => panel.page.locator("g.card.current").evaluate(inPage.shownPart);
    for (let i = 0; i < 12; i++) await panel.page.keyboard.press("ArrowRight");
    await expect.poll(counter).toBe("step 12 of 91");
    await expect.poll(shown).toBe(1);
    await panel.page.keyboard.press("End");
    await expect.poll(counter).toBe("step 91 of 91");
    await expect.poll(shown).toBe(1);
  });

  test("zoom, pan and fit; where the person looks is kept for a reload", async () => {
    const { page } = await openProduct();
    const world = () => page.locator("g.world").getAttribute("transform");
    const first = await world();
    await button(/^Zoom in/).click();
    const zoomed = await world();
    expect(zoomed).not.toBe(first);
    await page.mouse.move(300, 400);
    await page.mouse.wheel(0, 120);
    await expect.poll(world).not.toBe(zoomed);
    const [, x = "", y = ""] = /translate\((.+),(.+)\) /.exec((await world()) ?? "") ?? [];
    await expect
      .poll(async () => (await panel.kept()) as object)
      .toMatchObject({ title: "note.md#1", view: { x: Number(x), y: Number(y) } });
    await button(/^Show the whole graph/).click();
    await expect.poll(world).not.toContain(x);
  });

  test("a reload comes back to where it was", async () => {
    await openProduct({ kept: { title: "note.md#1", view: { x: 11, y: 22, k: 0.5 }, follow: false } });
    expect(await panel.page.locator("g.world").getAttribute("transform")).toBe("translate(11,22) scale(0.5)");
    expect(await button(/current node in view/).getAttribute("aria-pressed")).toBe("false");
  });

  test("where one looked is not forgotten for what comes before the picture stands", async () => {
    const view = { x: 11, y: 22, k: 0.5 };
    await open({ state: { kind: "idle" }, kept: { title: "note.md#1", view, follow: false } });
    const state = ready(product);
    const messages: ToPanel[] = [
      { kind: "state", body: { state } },
      { kind: "stale", body: { stale: true } },
      { kind: "state", body: { state } },
    ];
    // In one task, so that no frame comes between.
    await panel.page.evaluate(inPage.postAll, packed(messages));
    await panel.page.locator("g.card").first().waitFor();
    expect(await panel.page.locator("g.world").getAttribute("transform")).toBe("translate(11,22) scale(0.5)");
  });

  test("when all groups are opened or folded at once, the current node is on screen", async () => {
    const trace = unrolled(125);
    await open({ state: ready(trace, { place: wholeStep(trace, 0, 900) }) });
    const shown = (card: string) => () => panel.page.locator(card).evaluate(inPage.shownPart);
    await button(/^Open all groups$/).click();
    await expect.poll(shown("g.card.op.current")).toBeGreaterThan(0.9);
    await button(/^Fold all groups$/).click();
    await expect.poll(shown("g.card.group.current")).toBeGreaterThan(0.9);
  });

  test("a trace too large is folded up, and the walk goes on within the folded groups", async () => {
    const trace = await chain(1200);
    await open({ state: ready(trace, { place: wholeStep(trace, 0, 600) }) });
    expect(await panel.page.locator("g.card").count()).toBeLessThan(60);
    expect(await panel.page.locator("g.card.group.current").count()).toBe(1);
    await panel.page.keyboard.press("End");
    await expect.poll(counter).toBe("step 1201 of 1201");
    await expect.poll(() => panel.page.locator("g.card.group:not(.visited)").count()).toBe(0);
  });

  test("a group opens and closes by click and by keyboard, and stays where it was", async () => {
    const trace = await chain(1200);
    await open({ state: ready(trace), reducedMotion: true });
    const first = panel.page.locator("g.card.group .frame").first();
    const name = (await first.getAttribute("aria-label")) ?? "";
    const before = await panel.page.locator("g.card").count();
    const at = await first.boundingBox();
    await first.focus();
    await panel.page.keyboard.press("Enter");
    const title = panel.page.locator("g.frame-title .frame");
    await expect.poll(() => title.count()).toBe(1);
    expect(await panel.page.locator("g.card").count()).toBeGreaterThan(before);
    const opened = await title.boundingBox();
    expect(Math.abs((opened?.x ?? 0) - (at?.x ?? 0))).toBeLessThan(12);
    expect(Math.abs((opened?.y ?? 0) - (at?.y ?? 0))).toBeLessThan(12);
    await expect.poll(() => title.evaluate((rect) => rect.matches(":focus"))).toBe(true);
    await panel.page.keyboard.press("Enter");
    await expect.poll(() => title.count()).toBe(0);
    expect(await panel.page.locator("g.card").count()).toBe(before);
    expect(await first.getAttribute("aria-label")).toBe(name);
    await panel.page.locator("g.card.group").first().click();
    await expect.poll(() => title.count()).toBe(1);
    await title.click();
    await expect.poll(() => title.count()).toBe(0);
  });

  test("the graph is turned, and a reload finds it so", async () => {
    await openProduct();
    await panel.page.keyboard.press("v");
    const [mul, unbind] = [frame("MulBackward0"), frame("UnbindBackward0")];
    await expect
      .poll(async () => ((await mul.boundingBox())?.x ?? 0) - ((await unbind.boundingBox())?.x ?? 0))
      .toBeGreaterThan(100);
    await expect.poll(() => panel.kept()).toMatchObject({ arranged: { direction: "right" } });
  });

  test("a search marks what is found, goes to it, and says how many there are", async () => {
    await openProduct();
    await panel.page.keyboard.press("/");
    await panel.page.keyboard.type("op:mul");
    await expect.poll(() => text(".found-count")).toBe("1 of 1");
    expect(await panel.page.locator("g.card.found").count()).toBe(1);
    await expect.poll(() => card("MulBackward0").getAttribute("class")).toContain("found");
    await panel.page.getByRole("searchbox").fill("nowhere");
    await expect.poll(() => text(".found-count")).toBe("none");
    await panel.page.getByRole("searchbox").press("Escape");
    await expect.poll(() => panel.page.locator("g.card.passed-over").count()).toBe(0);
  });

  test("the sizes of all gradients are shown at once, with a key to the colours", async () => {
    await open({ state: ready(await traceNamed("twoLayers")) });
    await button(/^Show how large/).click();
    await expect.poll(() => panel.page.locator("g.wire.sized").count()).toBeGreaterThan(8);
    expect(await text(".legend-ticks")).toMatch(/smallest .*e.* largest .*e/);
  });

  test("the paths to a leaf are listed with what each brought, and marked in the graph", async () => {
    const trace = await traceNamed("everyPath");
    await open({ state: ready(trace) });
    await panel.page.getByRole("combobox", { name: "Show the paths to a leaf" }).selectOption({ label: "w" });
    expect((await panel.page.locator(".path code").allTextContents()).sort()).toEqual(["[1, 1]", "[3, 0]"]);
    expect(await text(".paths-sum")).toBe("2 paths; together [4, 1]");
    await panel.page.locator(".path", { hasText: "[3, 0]" }).focus();
    await expect.poll(() => panel.page.locator("g.wire.on-path").count()).toBe(5);
    await button(/^Close$/).click();
    await expect.poll(() => panel.page.locator("g.wire.on-path, .off-path").count()).toBe(0);
  });

  test("export asks the host for the chosen format", async () => {
    await openProduct();
    await panel.page.getByRole("combobox", { name: "Export the trace" }).selectOption({ label: "DOT" });
    await expect.poll(() => panel.sent.at(-1)).toEqual({ kind: "export", body: { format: "dot" } });
  });
});

test("the display language comes from the host's catalogue", async () => {
  await openProduct({
    catalogue: { "step {0} of {1}": "{1}단계 중 {0}", "Start of the pass": "패스의 시작" },
  });
  await expect.poll(() => text("h1")).toBe("패스의 시작");
  await panel.page.keyboard.press("ArrowRight");
  await expect.poll(counter).toBe("4단계 중 1");
});

test("every snippet's every place can be shown", async () => {
  for (const snippet of Object.values(snippets)) {
    const trace = await traceOf(snippet);
    await open({ state: ready(trace), reducedMotion: true });
    for (const [backward, pass] of trace.backwards.entries()) {
      await panel.post({ kind: "place", body: { place: wholeStep(trace, backward, -1) } });
      for (const step of pass.steps.keys()) {
        await panel.post({ kind: "place", body: { place: wholeStep(trace, backward, step) } });
        await expect.poll(counter).toBe(`step ${step + 1} of ${pass.steps.length}`);
      }
    }
    expect(panel.complaints).toEqual([]);
    if (snippet !== snippets.shared) await panel.close();
  }
});
