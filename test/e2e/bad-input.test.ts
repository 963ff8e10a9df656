import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const GRAPH = "import torch\nx = torch.tensor([3., 4.], requires_grad=True)\ny = (x**2).sum()\n";

const FILES = {
  "bad.md": "# Bad input\n\n```python\n```\n",
  "empty.py": "\n",
  "a.txt": "x\n",
  "good.py": `${GRAPH}y.backward()\nprint(x.grad)\n`,
  "syntax.py": "import torch\nx = torch.ones(2\nprint(x)\n",
  "middle.py": `${GRAPH}z = y * torch.ones(3) @ torch.ones(4)\nz.backward()\n`,
  "no-backward.py": GRAPH,
  "no-scalar.py": `${GRAPH}(x * 2).backward()\n`,
  "no-grad.py": "import torch\nx = torch.ones(2)\nx.sum().backward()\n",
  "twice.py": `${GRAPH}y.backward()\ny.backward()\n`,
  "endless.py": "print('started')\nwhile True: pass\n",
  "memory.py": "x = []\nwhile True: x.append('a' * 10_000_000 + str(len(x)))\n",
  "flood.py": "while True: print('a' * 1000)\n",
  "needs-numpy.py": "import torch\nimport numpy as np\na = np.array([1.0])\n",
  "large.py": `${"# a line of some length, again and again\n".repeat(26_000)}${GRAPH}y.backward()\nprint(x.grad)\n`,
};

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({ host: "stable", files: FILES });
});
afterAll(() => workbench?.close());

const trace = async (file: string, line = 1): Promise<void> => {
  await workbench.openFile(file);
  await workbench.goTo(line);
  await workbench.command("Backstep: Trace backward");
};
const pane = (name: string) => workbench.panel.locator(`.${name}`);

/** The file and its editor are as they were, and the next run is a good one. */
async function unharmed(file: keyof typeof FILES): Promise<void> {
  expect(await workbench.dirty()).toBe(false);
  expect(readFileSync(join(workbench.folder, file), "utf8")).toBe(FILES[file]);
  await trace("good.py");
  await workbench.statusSays("Backstep: step 0 of 3");
  await expect.poll(() => pane("output pre").textContent(), { timeout: 20_000 }).toBe("tensor([6., 8.])\n");
  expect(await workbench.problems()).toBe(0);
}

describe("input that cannot run is refused in words", () => {
  afterEach(() => workbench.dismissNotifications());

  test.each([
    ["bad.md", 3, "Block bad.md#1 is empty: write some PyTorch code between its fences."],
    ["bad.md", 1, "Block bad.md#1 is empty: write some PyTorch code between its fences."],
    ["empty.py", 1, "empty.py is empty: write some PyTorch code in it."],
    ["a.txt", 1, /"a.txt" is plaintext/],
  ])("%s at line %i", async (file, line, message) => {
    await trace(file, line);
    await workbench.notifications.first().waitFor();
    expect(await workbench.notifications.first().textContent()).toMatch(message);
  });
});

describe("an error of the code is shown where it is, and leaves no harm", () => {
  test.each([
    ["syntax.py", "SyntaxError: '(' was never closed", 2, "("],
    [
      "middle.py",
      "RuntimeError: inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements, but got 3 and 4 elements respectively",
      4,
      "y * torch.ones(3) @ torch.ones(4)",
    ],
    [
      "no-scalar.py",
      "RuntimeError: grad can be implicitly created only for scalar outputs",
      4,
      "(x * 2).backward()",
    ],
    [
      "no-grad.py",
      "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
      3,
      "x.sum().backward()",
    ],
    [
      "twice.py",
      "RuntimeError: Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
      5,
      "y.backward()",
    ],
    ["needs-numpy.py", /^ModuleNotFoundError: .*numpy.*backstep\.packages/, 3, "np.array"],
  ] as const)("%s", async (file, message, line, text) => {
    await trace(file);
    await pane("error").waitFor();
    await workbench.screenshot(`error-${file}`);
    const column = (FILES[file].split("\n")[line - 1] ?? "").indexOf(text) + 1;
    expect(await workbench.hover(line, column)).toMatch(
      typeof message === "string" ? message.slice(0, 60) : message,
    );
    const shown = await workbench.textOf(pane("error").locator(".what"));
    expect(shown.replace(/\s+/g, " ")).toMatch(message);
    await unharmed(file);
  });

  test("middle.py draws the graph as far as the program came", async () => {
    await trace("middle.py");
    await pane("error").waitFor();
    await workbench.panel.locator(".card.op", { hasText: "PowBackward0" }).waitFor();
    await workbench.panel.locator(".card.op", { hasText: "SumBackward0" }).waitFor();
  });

  test("twice.py still walks the pass that was made", async () => {
    await trace("twice.py");
    await workbench.statusSays(/Backstep: step 0 of/);
  });
});

test("without a backward call the graph is drawn and the panel says how to start one", async () => {
  await trace("no-backward.py");
  await workbench.statusSays("Backstep: no backward pass");
  await workbench.panel.getByText("y.backward()").waitFor();
  await workbench.panel.locator(".card.op", { hasText: "SumBackward0" }).waitFor();
  await workbench.screenshot("no-backward");
  await unharmed("no-backward.py");
});

describe("code that does not end by itself", () => {
  afterEach(() => workbench.dismissNotifications());

  test("an endless loop is cancelled from the notification", async () => {
    await trace("endless.py");
    await workbench.panel.getByText("started").waitFor();
    await workbench.page
      .locator(".notification-list-item-buttons-container .monaco-button", { hasText: "Cancel" })
      .click();
    await workbench.status.waitFor({ state: "hidden" });
    await unharmed("endless.py");
  });

  test("an endless loop is cancelled by the command", async () => {
    await trace("endless.py");
    await workbench.statusSays("Backstep: running");
    await workbench.command("Backstep: Cancel the run");
    await workbench.status.waitFor({ state: "hidden" });
    await unharmed("endless.py");
  });

  test.each([["flood.py", "It printed more than 1024 KB and was ended."]] as const)(
    "%s is ended at its limit, and says which",
    async (file, message) => {
      await trace(file);
      await workbench.statusSays("Backstep: no trace");
      await workbench.screenshot(`limit-${file}`);
      expect(await workbench.textOf(pane("reason"))).toContain(message);
      await unharmed(file);
    },
  );

  test("a memory bomb meets Python's own MemoryError at its expression", async () => {
    await trace("memory.py");
    await pane("error").waitFor({ timeout: 40_000 });
    expect(await workbench.textOf(pane("error").locator(".what"))).toContain("MemoryError");
    expect(await workbench.hover(2, 25)).toContain("MemoryError");
    await unharmed("memory.py");
  });

  test("the time limit is a setting, and its message names it", async () => {
    await workbench.setting("backstep.timeLimit", 2);
    await trace("endless.py");
    await workbench.statusSays("Backstep: no trace");
    expect(await workbench.textOf(pane("reason"))).toContain("It ran longer than 2 seconds and was ended.");
    await workbench.setting("backstep.timeLimit", "soon");
    await trace("good.py");
    await workbench.statusSays("Backstep: step 0 of 3");
    expect(await workbench.notifications.allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining("backstep.timeLimit")]),
    );
    await workbench.setting("backstep.timeLimit", 30);
  });
});

test("a file of 1 MB runs, and says what it goes without", async () => {
  await trace("large.py");
  await workbench.statusSays("Backstep: step 0 of 3");
  await expect.poll(() => pane("output pre").textContent(), { timeout: 20_000 }).toBe("tensor([6., 8.])\n");
  expect(await pane("notes").textContent()).toContain("large.py");
  await workbench.command("Backstep: Step forward");
  await workbench.statusSays("Backstep: step 1 of 3");
  await unharmed("large.py");
});
