/** Figures of a program in the panel: drawn from data, told to those who do not see them, in every theme. */
import { describe, expect, it } from "vitest";
import { runSnippet } from "../../support/engine.ts";
import { ready } from "../../webview/harness.ts";
import { open, panel, useHarness } from "../../webview/look.ts";
import * as inPage from "../../webview/page.mjs";

useHarness();

const PROGRAM = `
import torch
import matplotlib.pyplot as plt
torch.manual_seed(0)
fig, axs = plt.subplots(2, 3, figsize=(12, 7))
(a, b, c), (d, e, f) = axs
a.plot(torch.arange(50), torch.rand(50), "--o", label="<b>noise</b>")
a.semilogy([1, 10, 20], [0.01, 0.5, float("nan")], color="k", label="steps")
a.axhline(0.5, ls=":"); a.set_title("Loss"); a.set_xlabel("step"); a.set_ylabel("loss"); a.legend(); a.grid(True)
b.scatter(torch.randn(60), torch.randn(60), c=torch.rand(60), s=30, marker="^")
c.bar(["cat", "dog", "cow"], [3, 1, 2], color=["r", "tab:green", "#00f"])
d.hist(torch.randn(1000), bins=20); d.text(0, 50, "middle")
image = e.imshow(torch.rand(28, 28), cmap="gray")
fig.colorbar(image, ax=e)
x = torch.linspace(-2, 2, 30)
X, Y = torch.meshgrid(x, x, indexing="xy")
f.contourf(X, Y, X**2 + Y**2, levels=8); f.contour(X, Y, X * Y, colors="k"); f.quiver([0], [0], [1], [1])
fig.suptitle("All kinds")
plt.show()
`;

describe("a figure of matplotlib.pyplot", () => {
  it("is drawn in the panel with everything that was recorded, and its words are never markup", async () => {
    const { trace } = await runSnippet(PROGRAM);
    await open({ state: ready(trace), width: 1400, height: 1000 });
    const figure = panel.page.locator(".figures svg");
    await expect.poll(() => figure.count()).toBe(1);
    const text = await figure.evaluate((svg) => svg.textContent);
    for (const word of ["All kinds", "Loss", "step", "loss", "<b>noise</b>", "cat", "dog", "cow", "middle"])
      expect(text).toContain(word);
    expect(await figure.locator("b").count()).toBe(0);
    // Of every mark something is there: 3 bars and 20 of the histogram, points, cells, contours.
    expect(await figure.locator("rect > title").count()).toBe(23);
    expect(await figure.locator('path[transform*="translate"]').count()).toBeGreaterThanOrEqual(110);
    expect(await figure.locator('g[shape-rendering="crispEdges"] path').count()).toBeGreaterThan(20);
    const name = await figure.getAttribute("aria-label");
    expect(name).toContain("All kinds");
    expect(name).toContain("image of 28 by 28");
    expect(await panel.page.locator(".figures figcaption").textContent()).toContain("quiver");
    const numbers = await figure.evaluate(
      (svg) =>
        [...svg.querySelectorAll("[d], [x], [y], [transform]")].filter((part) =>
          ["d", "x", "y", "transform"].some((name) => /NaN|Infinity/.test(part.getAttribute(name) ?? "")),
        ).length,
    );
    expect(numbers).toBe(0);
    if (process.env.LOOK) await figure.screenshot({ path: process.env.LOOK });
  });

  it.each(["light", "dark", "highContrast"] as const)("can be read in the theme %s", async (theme) => {
    const { trace } = await runSnippet(PROGRAM);
    await open({ state: ready(trace), theme, width: 1400, height: 1000 });
    const figure = panel.page.locator(".figures svg");
    await expect.poll(() => figure.count()).toBe(1);
    const [words, around] = await figure.evaluate(inPage.inkOf);
    expect(words).toBe(around);
  });
});
