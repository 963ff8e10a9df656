import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const TEXT = `import torch

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 2 * x ** 2

x = torch.tensor([1., 0., -2.], requires_grad=True)
y = torch.relu(x).sum() + Cube.apply(x).sum()
y.backward()
`;

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({ host: "stable", files: { "cube.py": TEXT } });
  await workbench.openFile("cube.py");
});
afterAll(() => workbench?.close());
afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

const answer = () => workbench.panel.locator(".why .answer");
const badges = (kind: string) => workbench.panel.locator(`.graph .check.${kind}`);

test("the command runs the file, and names the wrong rule with its element and both numbers", async () => {
  await workbench.command("Backstep: Check gradients");
  await answer().getByText("2 of 7 gradients differ. At a kink: 1.").waitFor();
  const text = await workbench.textOf(answer());
  expect(text).toContain("CubeBackward: Towards x[2] the rule gives 8, but finite differences give 12.");
  expect(text).toContain(
    "ReluBackward0: x[1] stands at a kink: the slope is 0 on its left and 1 on its right",
  );
  expect(text).toContain("What to do: Correct Cube.backward");
  await expect.poll(() => badges("differs").count()).toBe(2);
  await expect.poll(() => badges("kink").count()).toBe(1);
  await expect.poll(() => badges("ok").count()).toBe(3);
});

test("a finding leads to its node, whose card says the same", async () => {
  await answer()
    .getByRole("button", { name: /CubeBackward/ })
    .click();
  await workbench.panel.locator(".step-card .checked .differs", { hasText: "the rule gives 8" }).waitFor();
  await workbench.panel.getByRole("button", { name: "Close" }).click();
});

test("after the mend, the panel's button checks again, and the walk stays", async () => {
  await workbench.goTo(12, 21);
  await workbench.page.keyboard.press("Shift+ArrowLeft");
  await workbench.page.keyboard.type("3");
  await workbench.panel.getByRole("button", { name: /^Check gradients/ }).click();
  await answer().getByText("5 of 7 gradients agree, and none differs. At a kink: 2.").waitFor();
  await workbench.panel.locator(".step-card", { hasText: "CubeBackward" }).waitFor();
  await expect.poll(() => badges("differs").count()).toBe(0);
});
