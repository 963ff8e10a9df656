/** Which engine runs a document's code, by setting, trust and what is installed. The Python extension cannot run here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { Engines } from "../../extension/engines.ts";
import { interpreterFor } from "../../extension/interpreter.ts";

const world = vi.hoisted(() => ({
  trusted: true,
  settings: {} as Record<string, unknown>,
  /** The interpreter of the Python extension; null: it is not installed. */
  chosen: null as string | null,
}));
vi.mock("vscode", () => ({
  ProgressLocation: { Window: 10 },
  workspace: {
    get isTrusted() {
      return world.trusted;
    },
    getConfiguration: () => ({ get: (name: string) => world.settings[name] }),
    getWorkspaceFolder: () => ({ uri: { fsPath: "/work" } }),
  },
  window: { withProgress: (_options: unknown, task: () => unknown) => task() },
  extensions: { getExtension: () => (world.chosen === null ? undefined : {}) },
}));
vi.mock("@vscode/python-extension", () => ({
  PVSC_EXTENSION_ID: "ms-python.python",
  PythonExtension: {
    api: async () => ({
      ready: Promise.resolve(),
      environments: {
        getActiveEnvironmentPath: () => ({ path: "chosen" }),
        resolveEnvironment: async () => ({ executable: { uri: { fsPath: world.chosen } } }),
      },
    }),
  },
}));

const folder = mkdtempSync(join(tmpdir(), "backstep-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** An interpreter that says of itself whether it has PyTorch. */
const pythonWith = (torch: string | null): string => {
  const path = join(folder, torch === null ? "without" : "with");
  const answer = { python: "3.11.2", torch, why: torch === null ? "no module" : "", able: torch !== null };
  writeFileSync(path, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`, { mode: 0o755 });
  return path;
};

const document = { uri: {} } as vscode.TextDocument;
const log: string[] = [];
let engines: Engines;
beforeEach(() => {
  Object.assign(world, { trusted: true, settings: {}, chosen: null });
  log.length = 0;
  const assets = fileURLToPath(new URL("../../dist/", import.meta.url));
  engines = new Engines({
    assets,
    read: async () => new Uint8Array(),
    log: (text) => log.push(text),
    complain: (text) => log.push(text),
  });
});
afterEach(() => engines.dispose());

const picked = async (
  ...given: Parameters<Engines["pick"]> extends [unknown, unknown, ...infer R] ? R : never
) => {
  const pick = await engines.pick(document, folder, ...given);
  return pick.kind === "picked" ? pick.engine.name : pick.message;
};

describe("the engine", () => {
  test("is the embedded one where nothing is set, and PyTorch where a command asks for it", async () => {
    expect(await picked()).toBe("embedded");
    expect(await picked("pytorch")).toBe("pytorch");
  });

  test("is the one that is set", async () => {
    world.settings = { engine: "pytorch", pythonPath: pythonWith("2.4.0") };
    expect(await picked()).toBe("pytorch");
    expect(await picked("embedded")).toBe("embedded");
  });

  test("auto is PyTorch where the interpreter has it, else embedded, and the log says why", async () => {
    world.settings = { engine: "auto", pythonPath: pythonWith("2.4.0") };
    expect(await picked()).toBe("pytorch");
    world.settings = { engine: "auto", pythonPath: pythonWith(null) };
    expect(await picked()).toBe("embedded");
    expect(log.join("\n")).toContain("has no PyTorch: no module");
  });

  test("is never PyTorch in Restricted Mode: auto is embedded, pytorch is refused in words", async () => {
    world.trusted = false;
    world.settings = { engine: "auto", pythonPath: pythonWith("2.4.0") };
    expect(await picked()).toBe("embedded");
    expect(await picked("pytorch")).toMatch(/^In Restricted Mode code runs in the embedded engine only/);
  });

  test("of a bad setting is the default, and the setting is named", async () => {
    world.settings = { engine: "jax" };
    expect(await picked()).toBe("embedded");
    expect(log[0]).toContain('backstep.engine is "jax"');
  });
});

describe("the interpreter", () => {
  const found = () => interpreterFor(document.uri, (text) => log.push(text));

  test("is that of the setting, before that of the Python extension", async () => {
    world.chosen = "/env/bin/python";
    world.settings = { pythonPath: " /usr/bin/python3 " };
    expect(await found()).toBe("/usr/bin/python3");
  });

  test("is the one chosen in the Python extension where the setting is empty", async () => {
    world.chosen = "/env/bin/python";
    expect(await found()).toBe("/env/bin/python");
  });

  test("is left to the PATH without either", async () => {
    expect(await found()).toBeNull();
  });
});
