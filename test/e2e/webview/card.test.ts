/** The step card in Chromium: rules as mathematics, tensors to be looked at, and the story of an element. */
import { describe, expect, test } from "vitest";
import type { Trace } from "../../../trace/schema.ts";
import { wholeStep } from "../../../trace/stepper.ts";
import { ready } from "../../webview/harness.ts";
import { button, moves, open, panel, text, useHarness } from "../../webview/look.ts";
import { traceOf } from "../../webview/traces.ts";

useHarness();

const MATRICES = `A = torch.tensor([[1.,2.],[3.,4.],[5.,6.]], requires_grad=True)
B = torch.tensor([[1.,0.,2.],[0.,1.,-1.]], requires_grad=True)
L = (A @ B).mean()
L.backward()`;

/** Opens at the step of the node of that name. */
async function openAt(snippet: string, name: string): Promise<Trace> {
  const trace = await traceOf(snippet);
  const steps = trace.backwards[0]?.steps ?? [];
  const step = steps.findIndex(({ node }) => trace.nodes[node]?.name === name);
  await open({ state: ready(trace, { place: wholeStep(trace, 0, step) }), height: 1400 });
  return trace;
}

const tensor = (key: string) => panel.page.locator(`[data-tensor="${key}"]`);
const marked = (key: string): Promise<string[]> => tensor(key).locator(".marked").allTextContents();

describe("the story of an element", () => {
  test("of a matrix product: the row and the column, marked where they stand, and their products", async () => {
    await openAt(MATRICES, "MmBackward0");
    await tensor("rule 0")
      .getByRole("button", { name: /element 1:/ })
      .click();
    await expect.poll(() => text(".story-title")).toBe("gradient of A[0, 1]");
    const maths = panel.page.locator(".story math");
    expect(await maths.first().getAttribute("alttext")).toBe(
      "grad[0, 0] × B[1, 0] + grad[0, 1] × B[1, 1] + grad[0, 2] × B[1, 2]",
    );
    expect(await maths.last().getAttribute("alttext")).toBe("0.1111 × 0 + 0.1111 × 1 + 0.1111 × −1");
    expect(await text(".story strong")).toBe("0");
    expect(await marked("upstream 0")).toEqual(["0.1111", "0.1111", "0.1111"]);
    expect(await marked("saved _saved_mat2")).toEqual(["0", "1", "-1"]);
    expect(await marked("saved _saved_self")).toEqual([]);
  });

  test("is walked through by arrow keys and chosen by Enter, without a step of the walk", async () => {
    await openAt(MATRICES, "MmBackward0");
    const { page } = panel;
    await tensor("rule 0")
      .getByRole("button", { name: /element 0:/ })
      .focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect.poll(() => text(".story-title")).toBe("gradient of A[1, 1]");
    expect(await page.locator(":focus").getAttribute("data-key")).toBe("element 3");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".story").count()).toBe(0);
    expect(moves()).toEqual([]);
  });

  test("of a switch says why it is open or closed", async () => {
    await openAt(
      "x = torch.tensor([3., -4.], requires_grad=True)\nx.relu().sum().backward()",
      "ReluBackward0",
    );
    await tensor("rule 0")
      .getByRole("button", { name: /element 1:/ })
      .click();
    await expect.poll(() => text(".story .because")).toContain("because this does not hold:");
    expect(await panel.page.locator(".story .because math").last().getAttribute("alttext")).toBe("0 > 0");
    expect(await text(".story strong")).toBe("0");
  });

  test("after broadcasting is undone: what was summed", async () => {
    await openAt(
      "b = torch.tensor(0.5, requires_grad=True)\nx = torch.tensor([3., 4.], requires_grad=True)\n(x * b).sum().backward()",
      "MulBackward0",
    );
    await tensor("unbroadcast 1").getByRole("button").first().click();
    await expect.poll(() => text(".story strong")).toBe("7");
    expect(await panel.page.locator(".story math").last().getAttribute("alttext")).toBe("3 + 4");
    expect(await marked("rule 1")).toEqual(["3", "4"]);
  });
});

describe("a tensor", () => {
  test("of four dimensions shows the slice that is asked for", async () => {
    await openAt(
      "x = torch.arange(16.).reshape(2, 2, 2, 2).requires_grad_()\n(x * x).sum().backward()",
      "MulBackward0",
    );
    const saved = tensor("saved _saved_self");
    expect(await saved.locator("td").allTextContents()).toEqual(["0", "1", "2", "3"]);
    await saved.getByLabel("index of dimension 0, from 0 to 1").fill("1");
    await saved.getByLabel("index of dimension 0, from 0 to 1").press("Enter");
    await expect.poll(() => saved.locator("td").allTextContents()).toEqual(["8", "9", "10", "11"]);
  });

  test("can be a heatmap, a histogram, statistics, and PyTorch code to be copied", async () => {
    await openAt(MATRICES, "MmBackward0");
    const saved = tensor("saved _saved_mat2");
    await saved.getByRole("button", { name: /look at it in another way/ }).click();
    await expect.poll(() => saved.locator(".statistics").textContent()).toContain("max2");
    await saved.getByRole("button", { name: "heatmap" }).click();
    await expect.poll(() => saved.locator(".heatmap rect").count()).toBe(6);
    expect(await saved.locator(".heatmap rect.negative").count()).toBe(1);
    await saved.getByRole("button", { name: "histogram" }).click();
    expect(await saved.locator(".histogram").getAttribute("aria-label")).toBe(
      "_saved_mat2, as a histogram from -1 to 2",
    );
    await button(/^Copy as PyTorch code|^copy$/).click();
    await expect
      .poll(() => panel.sent.at(-1))
      .toEqual({ kind: "copy", body: { text: "torch.tensor([[1., 0., 2.], [0., 1., -1.]])" } });
  });

  test("marks NaN, infinity and zero, and counts them", async () => {
    await openAt(
      "x = torch.tensor([1., 0., float('nan'), float('inf')], requires_grad=True)\n(x * x).sum().backward()",
      "MulBackward0",
    );
    const saved = tensor("saved _saved_self");
    expect(await saved.locator(".nan").textContent()).toBe("nan");
    expect(await saved.locator(".infinite").textContent()).toBe("inf");
    expect(await saved.locator(".about").textContent()).toContain("1 NaN1 infinite1 zero");
  });

  test("that is large is a heatmap with its scale", async () => {
    await openAt(
      "torch.manual_seed(0)\nx = torch.randn(40, 40, requires_grad=True)\n(x * x).sum().backward()",
      "MulBackward0",
    );
    const saved = tensor("saved _saved_self");
    expect(await saved.locator(".heatmap").count()).toBe(1);
    expect(await saved.locator(".caption").textContent()).toBe("averaged down to (16, 16)");
  });
});

/** The number of the slice that was asked for last. */
const lastRequest = (): number => {
  const asked = panel.sent.flatMap((message) => (message.kind === "slice" ? [message.body.request] : []));
  return asked.at(-1) ?? -1;
};

test("the numbers of a large tensor are asked of the host, a part at a time", async () => {
  const trace = structuredClone(
    await traceOf(
      "torch.manual_seed(0)\nx = torch.randn(40, 40, requires_grad=True)\n(x * x).sum().backward()",
    ),
  );
  for (const { value } of trace.tensors) if (value.kind === "summary") value.stored = 64;
  await open({ state: ready(trace, { place: wholeStep(trace, 0, 1) }), height: 1600 });
  const saved = tensor("saved _saved_self");
  await saved.getByRole("button", { name: /look at it in another way/ }).click();
  await saved.getByRole("button", { name: "numbers" }).click();
  await expect.poll(() => panel.sent.at(-1)?.kind).toBe("slice");
  const first = panel.sent.at(-1);
  expect(first?.body).toMatchObject({
    stored: 64,
    spans: [
      { start: 0, end: 10 },
      { start: 0, end: 8 },
    ],
  });
  const request = lastRequest();
  const value = { kind: "inline", shape: [1, 2], dtype: "float32", data: [0.5, "NaN"] };
  await panel.post({ kind: "slice", body: { request, answer: { kind: "elements", value } } });
  await expect.poll(() => saved.locator("td").allTextContents()).toEqual(["0.5", "nan"]);
  await saved.getByLabel("first index of dimension 1, from 0 to 32").fill("20");
  await panel.page.keyboard.press("Enter");
  await expect
    .poll(() => panel.sent.at(-1)?.body)
    .toMatchObject({
      stored: 64,
      spans: [
        { start: 0, end: 10 },
        { start: 20, end: 28 },
      ],
    });
  const second = lastRequest();
  await panel.post({
    kind: "slice",
    body: { request: second, answer: { kind: "failed", message: "the file is gone" } },
  });
  await expect.poll(() => saved.locator(".bad").textContent()).toBe("the file is gone");
});

test("a product of which one side wants a gradient is not said to swap", async () => {
  await openAt(
    "x = torch.tensor([3., 4.], requires_grad=True)\ny = torch.tensor([1., 2.])\n(x * y).sum().backward()",
    "MulBackward0",
  );
  expect(await text(".step-card .word")).toBe("scales");
  expect(await text(".sentence")).toContain(
    "only x wants a gradient, so the upstream gradient is multiplied by the other factor, y.",
  );
});

test("what cross entropy makes on its way is called by what it does", async () => {
  await openAt(
    "x = torch.tensor([[1., 2., 3.]], requires_grad=True)\ntorch.nn.functional.cross_entropy(x, torch.tensor([2])).backward()",
    "NllLossBackward0",
  );
  expect(await text(".rule h3")).toBe("To log_softmax(x)");
});

const NORM = `torch.manual_seed(0)
x = torch.randn(2, 3, 4, requires_grad=True)
torch.nn.functional.layer_norm(x, (4,)).pow(2).sum().backward()`;

describe("room", () => {
  test("what was saved scrolls in its own cell, and never out of the card", async () => {
    await openAt(NORM, "NativeLayerNormBackward0");
    const [table, room] = await Promise.all(
      [".saved", ".step-card"].map((part) =>
        panel.page
          .locator(part)
          .evaluate((element) => (element as unknown as { scrollWidth: number }).scrollWidth),
      ),
    );
    expect(table).toBeLessThanOrEqual(room as number);
  });

  test("a card that lies keeps its texts clear of the forward values at its side", async () => {
    await openAt(NORM, "NativeLayerNormBackward0");
    const { page } = panel;
    await page.keyboard.press("v");
    const norm = page.locator("g.card", { hasText: "NativeLayerNormBackward0" });
    const outlet = norm.locator(".peg", { hasText: /^\(2, 3, 1\)$/ }).first();
    const gap = async (): Promise<number> => {
      const [side, title] = [await outlet.boundingBox(), await norm.locator("text.title").boundingBox()];
      return side === null || title === null ? -1 : side.x - (title.x + title.width);
    };
    await expect.poll(gap).toBeGreaterThan(0);
  });

  test("a fraction within a fraction is written as large as the rest", async () => {
    await openAt(
      "x = torch.tensor([3., 4.], requires_grad=True)\nz = torch.tensor([1., 2.], requires_grad=True)\n(x / z).sum().backward()",
      "DivBackward0",
    );
    const sizes = await panel.page.evaluate<string[]>(
      `[...new Set([...document.querySelector(".rule:last-of-type .ladder math").querySelectorAll("mi")].map((each) => getComputedStyle(each).fontSize))]`,
    );
    expect(sizes).toHaveLength(1);
  });
});
