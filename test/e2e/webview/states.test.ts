import { describe, expect, test } from "vitest";
import type { ToPanel } from "../../../extension/panel/protocol.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { packed, ready } from "../../webview/harness.ts";
import {
  button,
  card,
  counter,
  open,
  openProduct,
  panel,
  product,
  text,
  useHarness,
} from "../../webview/look.ts";
import * as inPage from "../../webview/page.mjs";
import { traceNamed } from "../../webview/traces.ts";

useHarness();

describe("states", () => {
  test("idle says what to do", async () => {
    await open({ state: { kind: "idle" } });
    expect(await text("main")).toContain("Backstep: Trace backward");
  });

  test("an idle panel rehearses: nobody sees or hears it, and it leaves nothing", async () => {
    await open({ state: { kind: "idle" } });
    // The mark is set when the picture has been in a frame.
    await panel.page.waitForFunction(inPage.rehearsed);
    expect(await panel.page.locator(".rehearsal, g.card").count()).toBe(0);
    expect(await text("[role=status]")).toBe("");
    expect(await text("main")).toContain("Backstep: Trace backward");
    expect(panel.complaints).toEqual([]);
  });

  test("a trace that comes amid the rehearsal is the only one in the page", async () => {
    await open({ state: { kind: "idle" } });
    await panel.page.waitForFunction(inPage.rehearsing);
    await panel.post({ kind: "state", body: { state: ready(product) } });
    await panel.page.locator("g.card").first().waitFor();
    expect(await panel.page.locator(".rehearsal, svg.graph").count()).toBe(1);
  });

  test("running shows output as it comes, and can be cancelled", async () => {
    await open({ state: { kind: "running", title: "note.md", output: "epoch 1\n" } });
    await panel.post({ kind: "output", body: { text: "epoch 2\n" } });
    await expect.poll(() => text("pre")).toBe("epoch 1\nepoch 2\n");
    await button(/^Cancel$/).click();
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("cancel");
  });

  test("a running page stays as output comes: the focus is not lost", async () => {
    await open({ state: { kind: "running", title: "note.md", output: "" } });
    await button(/^Cancel$/).focus();
    await panel.post({ kind: "output", body: { text: "epoch 1\n" } });
    await expect.poll(() => text("pre")).toBe("epoch 1\n");
    await panel.page.keyboard.press("Enter");
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("cancel");
  });

  test("a state that comes twice before its picture stands is seen from where the pass starts", async () => {
    const trace = await traceNamed("twoLayers");
    await open({ state: { kind: "idle" }, width: 560, height: 700 });
    const states = [trace, structuredClone(trace)].map((each) => ready(each));
    const messages = states.map((state): ToPanel => ({ kind: "state", body: { state } }));
    await panel.page.evaluate(inPage.postAll, packed(messages));
    const start = card("backward starts here");
    await start.waitFor();
    await expect.poll(() => panel.page.locator("svg.graph .world").getAttribute("transform")).not.toBeNull();
    const [stage, box] = [await panel.page.locator("svg.graph").boundingBox(), await start.boundingBox()];
    expect(box?.y).toBeGreaterThanOrEqual(stage?.y ?? Number.NaN);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual((stage?.y ?? 0) + (stage?.height ?? 0));
  });

  test("before the first step a button takes it", async () => {
    await open({ state: ready(await traceNamed("sumOfSquares")) });
    await button(/^First step backward/).click();
    await expect.poll(counter).toContain("step 1 of 3");
  });

  test("in a narrow panel the engine's name stands clear of the tools, and the tools are whole", async () => {
    await open({ state: ready(await traceNamed("twoLayers")), width: 300 });
    const tools = await panel.page.locator(".stage-tools").boundingBox();
    const engine = await panel.page.locator(".engine").boundingBox();
    if (tools === null || engine === null) throw new Error("the stage has no tools or names no engine");
    expect(tools.x + tools.width).toBeLessThanOrEqual(300);
    expect(engine.y).toBeGreaterThanOrEqual(tools.y + tools.height);
  });

  test("the button that asks why is in the person's language", async () => {
    await open({ state: ready(await traceNamed("sumOfSquares")), catalogue: { "Why?": "왜?" } });
    await button(/^왜\?$/).waitFor();
  });

  test("of several passes the list is whole in a panel of common width", async () => {
    await open({ state: ready(await traceNamed("twoLayers")), width: 560 });
    const list = panel.page.locator(".toolbar select").filter({ hasText: "loss.backward()" });
    const box = await list.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? Number.NaN)).toBeLessThanOrEqual(560);
  });

  test("after a cancel, that is what the panel says, and not that nothing was ever traced", async () => {
    await open({ state: { kind: "idle", cancelled: "note.md" } });
    expect(await text("h1")).toBe("note.md was cancelled");
    expect(await text("main")).not.toContain("Nothing traced yet");
    await button(/^Run again$/).click();
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("rerun");
  });

  test("a run that a limit ended shows the graph as far as it came, and why it ended", async () => {
    const trace = await traceNamed("raised");
    await open({
      state: {
        kind: "failed",
        title: "note.md",
        message: "It ran longer than 30 seconds.",
        output: "",
        trace,
      },
    });
    expect(await text(".banner.failure")).toContain("note.md was ended. It ran longer than 30 seconds.");
    expect(await panel.page.locator("g.card.op").count()).toBe(2);
    expect(await text(".error .where")).toMatch(/line 5$/);
    await button(/^Run again$/).click();
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("rerun");
  });

  test("a block without a backward call says whose pass it shows", async () => {
    const trace = structuredClone(product);
    const [own] = trace.sources;
    if (own === undefined) throw new Error("the trace has no source");
    trace.sources = [
      { ...own, name: "note.md#1" },
      { name: "note.md#2", text: "y" },
    ];
    await open({ state: ready(trace) });
    expect(await text(".banner.elsewhere")).toBe(
      "note.md#2 calls no backward. This is the pass that note.md#1 called, in line 6.",
    );
  });

  test("failed says why, and runs again", async () => {
    await open({
      state: {
        kind: "failed",
        title: "note.md",
        message: "the run took longer than 30 s",
        output: "<b>epoch 1</b>\n",
      },
    });
    expect(await text("pre")).toBe("<b>epoch 1</b>\n");
    expect(await panel.page.getByRole("alert").textContent()).toBe("the run took longer than 30 s");
    await button(/^Run again$/).click();
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("rerun");
  });

  test("stale says so, and runs again", async () => {
    await openProduct();
    expect(await panel.page.locator(".banner").count()).toBe(0);
    await panel.post({ kind: "stale", body: { stale: true } });
    await expect.poll(() => text(".banner span")).toBe("The source has changed since this was recorded.");
    await button(/^Run again$/).click();
    await expect.poll(() => panel.sent.at(-1)?.kind).toBe("rerun");
  });

  test("no pass: the graph is drawn, and the way to one is told", async () => {
    await open({ state: ready(await traceNamed("noPass")) });
    expect(await panel.page.locator("g.card.op").count()).toBe(2);
    expect(await text(".suggestion")).toBe("y.backward()");
    expect(await button(/^Step onward/).getAttribute("disabled")).toBe("");
  });

  test("no graph: the reason is told", async () => {
    await open({ state: ready(await traceNamed("noGraph")) });
    expect(await text(".step-card")).toContain("No tensor here requires a gradient");
    expect(await text(".output pre")).toBe("tensor([1., 1., 1.])\n");
  });

  test("an exception stands beside the graph that came before it", async () => {
    await open({ state: ready(await traceNamed("raised")) });
    expect(await text(".error .what")).toMatch(/^RuntimeError: /);
    expect(await text(".error .where")).toMatch(/line 5$/);
    expect(await panel.page.locator("g.card.op").count()).toBe(2);
  });

  test("where backward itself raised, nobody is told that it was not called", async () => {
    await open({ state: ready(await traceNamed("notScalar")) });
    expect(await text(".error .what")).toBe(
      "RuntimeError: grad can be implicitly created only for scalar outputs",
    );
    expect(await text(".step-card")).toContain("The program ended before a backward pass had begun.");
    expect(await panel.page.locator(".suggestion").count()).toBe(0);
  });

  test("from one state to the next and back", async () => {
    await openProduct();
    await panel.post({ kind: "state", body: { state: { kind: "running", title: "note.md", output: "" } } });
    await expect.poll(() => text("h1")).toBe("Running note.md");
    await panel.post({ kind: "state", body: { state: ready(await traceNamed("sumOfSquares")) } });
    await expect.poll(() => card("SumBackward0").count()).toBe(1);
    expect(await card("MulBackward0").count()).toBe(0);
  });

  test("without the worker's file the graph is still drawn, and the notes say how", async () => {
    await open({ state: ready(product), missing: ["/worker.js"] });
    expect(await panel.page.locator("g.card").count()).toBe(5);
    expect(await text(".notes")).toContain("The layout by Graphviz did not work");
    panel.complaints.splice(0);
  });
});

describe("what comes from outside", () => {
  const HOSTILE = [
    '<img src=x onerror="window.injected=true">',
    "<script>window.injected=true</script>",
    "\u202Eevil\u0000\u0007",
    "x".repeat(1 << 20),
  ];

  test.each(HOSTILE.map((name) => [name.slice(0, 24), name]))(
    "%j is text wherever it stands",
    async (_, name) => {
      const trace = structuredClone(product);
      for (const node of trace.nodes) Object.assign(node, { name, module: name, op: name });
      for (const tensor of trace.tensors) Object.assign(tensor, { names: [name], repr: name });
      for (const binding of trace.bindings) binding.text = name;
      for (const source of trace.sources) source.name = name;
      trace.output = [{ stream: "stdout", text: name, source: 0 }];
      trace.notes = [name];
      trace.error = {
        type: name,
        message: name,
        traceback: name,
        ranges: trace.bindings.slice(0, 1).map(({ range }) => range),
      };
      await open({ state: ready(trace, { title: name, stale: true, place: wholeStep(trace, 0, 0) }) });
      await panel.page.keyboard.press("ArrowRight");
      await expect.poll(counter).toBe("step 2 of 4");
      expect(await panel.page.evaluate(inPage.wasInjected)).toBe(false);
      expect(await panel.page.locator("img, script:not([src])").count()).toBe(0);
      expect(await panel.page.locator("#app").textContent()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    },
  );

  const MALFORMED: [string, unknown][] = [
    ["no message at all", null],
    ["an unknown kind", { kind: "explode", body: {} }],
    ["a prototype's name", { kind: "__proto__", body: {} }],
    ["a place that is not numbers", { kind: "place", body: { place: { backward: "0", step: 1, phase: 0 } } }],
    ["a place that the trace lacks", { kind: "place", body: { place: { backward: 0, step: 99, phase: 1 } } }],
    ["a state without a trace", { kind: "state", body: { state: { kind: "ready", title: "t" } } }],
  ];
  test.each(MALFORMED)("%s is refused in words, and the panel stays as it was", async (_, message) => {
    await openProduct();
    await panel.page.keyboard.press("ArrowRight");
    await expect.poll(counter).toBe("step 1 of 4");
    await panel.post(message);
    await expect.poll(() => panel.page.locator(".banner.problem").count()).toBe(1);
    expect(await counter()).toBe("step 1 of 4");
    expect(await panel.page.locator("g.card").count()).toBe(5);
    await button(/^Dismiss$/).click();
    expect(await panel.page.locator(".banner").count()).toBe(0);
    await panel.page.keyboard.press("ArrowRight");
    await expect.poll(counter).toBe("step 2 of 4");
  });

  test("a trace whose edges lead nowhere is refused", async () => {
    await openProduct();
    const trace = structuredClone(product);
    for (const node of trace.nodes) for (const edge of node.edges) edge.node = 999;
    await panel.post({ kind: "state", body: { state: ready(trace) } });
    await expect.poll(() => text(".banner.problem span")).toContain("999");
    expect(await panel.page.locator("g.card").count()).toBe(5);
  });
});

describe("little room", () => {
  test.each([
    ["200 % zoom", 550, 380],
    ["a small panel", 600, 400],
    ["a narrow column", 400, 700],
    ["the smallest", 320, 480],
  ])("%s: the graph, below its tools, and the words both have room", async (_, width, height) => {
    const trace = await traceNamed("twoLayers");
    await open({ state: ready(trace, { place: wholeStep(trace, 1, 4) }), width, height });
    const box = async (selector: string) => {
      const found = await panel.page.locator(selector).boundingBox();
      if (found === null) throw new Error(`${selector} is not on the screen`);
      return found;
    };
    const [plot, tools, side] = [await box(".plot"), await box(".stage-tools"), await box(".side")];
    expect(plot.width).toBeGreaterThanOrEqual(280);
    expect(plot.height).toBeGreaterThanOrEqual(170);
    expect(plot.y).toBeGreaterThanOrEqual(tools.y + tools.height);
    expect(side.width).toBeGreaterThanOrEqual(230);
    expect(side.height).toBeGreaterThanOrEqual(180);
    const current = panel.page.locator("g.card.current .frame");
    await expect.poll(() => current.evaluate(inPage.shownPart)).toBeGreaterThan(0.9);
  });
});
