/** Who may import whom: the table of ARCHITECTURE.md, read from there and held against every import in the source. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

interface Room {
  /** `trace/` */
  readonly folder: string;
  /** Paths (a folder ends in a slash) that it may import, and those of them whose types only. */
  readonly allowed: ReadonlyMap<string, "all" | "types">;
  /** Module names and folders that may not be in it. */
  readonly never: readonly RegExp[];
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** What the words of the last column forbid. */
const WORDS: Readonly<Record<string, RegExp>> = {
  vscode: /^vscode$/,
  Node: /^node:/,
  Pyodide: /^pyodide/,
};

/** The table's rows: folder | holds | may import | never. */
function readRooms(): Room[] {
  const lines = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8").split("\n");
  const rows = lines.filter((line) => /^\| `/.test(line));
  return rows.map((row) => {
    const [folder = "", , may = "", never = ""] = row
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    const allowed = new Map<string, "all" | "types">();
    for (const [, path = "", types] of may.matchAll(/`([^`]+)`( \(types\))?/g)) {
      allowed.set(path, types === undefined ? "all" : "types");
    }
    const forbidden = Object.keys(WORDS).filter((word) => never.includes(word));
    return {
      folder: folder.replaceAll("`", ""),
      allowed,
      never: forbidden.map((word) => WORDS[word] as RegExp),
    };
  });
}

function sourcesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => folder + name.replaceAll("\\", "/"))
    .filter((name) => /\.[cm]?[jt]s$/.test(name));
}

function importsOf(file: string, text = readFileSync(join(ROOT, file), "utf8")): Import[] {
  const { module } = parseSync(file, text);
  const found = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) found.push({ specifier: moduleRequest.value, typeOnly: isType });
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const specifier = text.slice(moduleRequest.start, moduleRequest.end).replace(/^["'`]|["'`]$/g, "");
    found.push({ specifier, typeOnly: false });
  }
  return found.map((one) => ({ file, ...one }));
}

/** Why an import breaks the table; null where it keeps it. */
function breach(room: Room, { file, specifier, typeOnly }: Import): string | null {
  if (!specifier.startsWith(".")) {
    return room.never.some((pattern) => pattern.test(specifier)) ? `${file} imports ${specifier}` : null;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith(room.folder)) return null;
  const rules = [...room.allowed].filter(
    ([path]) => target === path || (path.endsWith("/") && target.startsWith(path)),
  );
  if (rules.some(([, kind]) => kind === "all" || typeOnly)) return null;
  return rules.length > 0 ? `${file} imports more than types from ${target}` : `${file} imports ${target}`;
}

const rooms = readRooms();

describe("the import table of ARCHITECTURE.md", () => {
  it("has a row for every folder of the source", () => {
    const known = new Set(rooms.map(({ folder }) => folder.split("/")[0]));
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() && !/^\.|^(node_modules|dist|test|bench|scripts)$/.test(entry.name),
      )
      .map(({ name }) => name)
      .filter((name) => sourcesIn(`${name}/`).length > 0);
    expect(folders.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(rooms.map((room) => [room.folder, room] as const))(
    "%s imports only what its row allows",
    (folder, room) => {
      const breaches = sourcesIn(folder).flatMap((file) => importsOf(file).map((one) => breach(room, one)));
      expect(breaches.filter((one) => one !== null)).toEqual([]);
    },
  );

  it("finds a breach where there is one, type imports included", () => {
    const [trace, autograd, webview] = ["trace/", "autograd/", "webview/"].map(
      (folder) => rooms.find((room) => room.folder === folder) as Room,
    ) as [Room, Room, Room];
    const found = (room: Room, text: string): (string | null)[] =>
      importsOf(`${room.folder}sample.ts`, text).map((one) => breach(room, one));
    expect(found(trace, 'import { readFileSync } from "node:fs";')).toEqual([
      "trace/sample.ts imports node:fs",
    ]);
    expect(found(trace, 'import type { Tensor } from "../autograd/tensor.ts";')).toEqual([
      "trace/sample.ts imports autograd/tensor.ts",
    ]);
    expect(found(trace, 'export * from "../cli/main.ts";')).toEqual(["trace/sample.ts imports cli/main.ts"]);
    expect(found(trace, 'const x = import("../cli/main.ts");')).toEqual([
      "trace/sample.ts imports cli/main.ts",
    ]);
    expect(found(autograd, 'import { Trace } from "../trace/schema.ts";')).toEqual([
      "autograd/sample.ts imports more than types from trace/schema.ts",
    ]);
    expect(found(autograd, 'import type { Trace } from "../trace/schema.ts";')).toEqual([null]);
    expect(found(webview, 'import { window } from "vscode";')).toEqual(["webview/sample.ts imports vscode"]);
    expect(found(webview, 'import type { Trace } from "../trace/schema.ts";')).toEqual([null]);
  });
});

/** Files that import each other, in a circle, as a path that ends where it began; null where none do. Types need no order. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const from = (file: string): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      const circle = from(next);
      if (circle !== null) return circle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const circle = from(file);
    if (circle !== null) return circle;
  }
  return null;
}

describe("imports run in no circle", () => {
  it("in the source", () => {
    const files = [...new Set(rooms.flatMap(({ folder }) => sourcesIn(folder)))];
    const imports = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
          .map(({ specifier }) => posix.join(posix.dirname(file), specifier)),
      ]),
    );
    expect(imports.size).toBeGreaterThan(300);
    expect(circleIn(imports)).toBeNull();
  });

  it("is a check that finds one", () => {
    const imports = new Map([
      ["a", ["b", "c"]],
      ["b", []],
      ["c", ["d"]],
      ["d", ["a"]],
    ]);
    expect(circleIn(imports)).toEqual(["a", "c", "d", "a"]);
  });
});
