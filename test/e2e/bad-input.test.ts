import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const NOTE = ["# Bad input", "", "```python", "```", ""].join("\n");

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.open({
    host: "stable",
    files: { "bad.md": NOTE, "empty.py": "\n", "a.txt": "x\n" },
  });
});
afterAll(() => workbench?.close());
afterEach(() => workbench.dismissNotifications());

describe("input that cannot run is refused in words", () => {
  test.each([
    ["bad.md", 3, "Block bad.md#1 is empty: write some PyTorch code between its fences."],
    ["bad.md", 1, "The cursor is in no Python block of bad.md: put it between ```python and ```."],
    ["empty.py", 1, "empty.py is empty: write some PyTorch code in it."],
    ["a.txt", 1, /"a.txt" is plaintext/],
  ])("%s at line %i", async (file, line, message) => {
    await workbench.openFile(file);
    await workbench.goTo(line);
    await workbench.command("Backstep: Trace backward");
    await workbench.notifications.first().waitFor();
    expect(await workbench.notifications.first().textContent()).toMatch(message);
  });
});
