/** The test suites: `unit` needs Node only; `e2e` drives the built VSIX in a real VS Code with Chromium. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // VS Code gives this module to an extension; tests get a stand-in with what they look at.
        resolve: { alias: { vscode: fileURLToPath(new URL("test/support/vscode.ts", import.meta.url)) } },
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // One VS Code at a time, after the unit tests: each is a server and a browser.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          // A window under load can swallow a key; test/support/second-try.ts names what passed only so.
          retry: 1,
        },
      },
    ],
  },
});
