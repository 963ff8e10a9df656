/** The setting backstep.packages: nothing is fetched without a yes, nothing at all in Restricted Mode. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TextDocument } from "vscode";

const host = vi.hoisted(() => ({
  isTrusted: true,
  settings: {} as Record<string, unknown>,
  answer: "Fetch" as string | undefined,
  cancel: false,
  questions: [] as string[],
}));
vi.mock("vscode", () => ({
  ProgressLocation: { Notification: 15 },
  ConfigurationTarget: { Global: 1, Workspace: 2 },
  Uri: {},
  workspace: {
    get isTrusted() {
      return host.isTrusted;
    },
    getConfiguration: () => ({
      get: (name: string) => host.settings[name],
      update: async (name: string, value: unknown) => {
        host.settings[name] = value;
      },
    }),
  },
  window: {
    showInformationMessage: async (text: string) => {
      host.questions.push(text);
      return host.answer;
    },
    withProgress: (_: unknown, task: (progress: unknown, token: unknown) => unknown) =>
      task(
        { report: () => {} },
        { onCancellationRequested: (stop: () => void) => void (host.cancel && setImmediate(stop)) },
      ),
  },
}));
const { Packages } = await import("../../extension/packages.ts");

const WHEEL = Buffer.from("what stands for a wheel");
const document = {} as TextDocument;
let folder: string;
let server: Server;
let asked: number;
let complaints: string[];
let packages: InstanceType<typeof Packages>;
const kept = () => join(folder, "kept");
const make = () => new Packages(folder, kept(), (message) => complaints.push(message));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "backstep-consent-"));
  const entry = {
    ...{ name: "tiny", version: "1.0", file_name: "tiny-1.0-py3-none-any.whl", package_type: "package" },
    ...{ sha256: createHash("sha256").update(WHEEL).digest("hex"), depends: [], imports: ["tiny"] },
  };
  mkdirSync(join(folder, "embedded"));
  writeFileSync(
    join(folder, "embedded", "pyodide-lock.json"),
    JSON.stringify({ info: { abi_version: "2026_0" }, packages: { tiny: entry } }),
  );
  [asked, complaints] = [0, []];
  server = createServer((_, response) => {
    asked++;
    if (host.cancel) response.write(WHEEL.subarray(0, 3));
    else response.end(WHEEL);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  Object.assign(host, { isTrusted: true, answer: "Fetch", cancel: false, questions: [] });
  host.settings = { packages: ["tiny"], packageIndex: index };
  packages = make();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

test("after a yes it is fetched once, and the next window has it without asking", async () => {
  expect(await packages.for(document, "import tiny")).toEqual(
    new Map([["tiny-1.0-py3-none-any.whl", WHEEL]]),
  );
  expect(host.questions).toEqual([expect.stringContaining("tiny 1.0")]);
  expect(host.questions[0]).toContain("127.0.0.1:");
  await packages.for(document, "import tiny");
  expect(await make().for(document, "import tiny")).toHaveProperty("size", 1);
  expect([host.questions.length, asked]).toEqual([1, 1]);
});

test("after a no nothing is fetched, and the question is not put again", async () => {
  host.answer = undefined;
  expect(await packages.for(document, "import tiny")).toHaveProperty("size", 0);
  await packages.for(document, "import tiny");
  expect([host.questions.length, asked]).toEqual([1, 0]);
});

test.each([
  ["in Restricted Mode", () => Object.assign(host, { isTrusted: false }), "import tiny"],
  ["for code that does not name it", () => {}, "import torch"],
  ["where the setting names nothing", () => Object.assign(host.settings, { packages: [] }), "import tiny"],
])("nothing is asked or fetched %s", async (_, prepare, code) => {
  prepare();
  expect(await packages.for(document, code)).toHaveProperty("size", 0);
  expect([host.questions, asked, complaints]).toEqual([[], 0, []]);
});

test.each([
  ["a package that Pyodide lacks", { packages: ["unheard-of"] }, /Pyodide has no package unheard-of/],
  ["an index that is none", { packageIndex: "http://example.org/" }, /must be an https address/],
  ["a name that is none", { packages: ["../tiny"] }, /The setting backstep\.packages is \["\.\.\/tiny"\]/],
])("%s is told in words, and the run goes on without", async (_, settings, message) => {
  Object.assign(host.settings, settings);
  expect(await packages.for(document, "import tiny, unheard")).toHaveProperty("size", 0);
  expect(complaints).toEqual([expect.stringMatching(message)]);
  expect(asked).toBe(0);
});

test("a fetch that is cancelled keeps nothing and complains of nothing", async () => {
  host.cancel = true;
  expect(await packages.for(document, "import tiny")).toHaveProperty("size", 0);
  expect(complaints).toEqual([]);
  mkdirSync(kept(), { recursive: true });
  expect(readdirSync(kept())).toEqual([]);
});

test("a module that a run has missed is named by its package, and allowed only once", async () => {
  expect(await packages.bringing("tiny")).toBe("tiny");
  expect(await packages.bringing("nothing")).toBeNull();
  host.settings.packages = [];
  await packages.allow("tiny");
  await packages.allow("tiny");
  expect(host.settings.packages).toEqual(["tiny"]);
  host.isTrusted = false;
  expect(await packages.bringing("tiny")).toBeNull();
});
