// The one build script: `node esbuild.mjs` fills dist/ with the core, every bundle of the table, and Python's
// memory snapshot (the slow ones of them are kept while what went into them is unchanged).
// @ts-check
import { mkdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { build } from "esbuild";
import { buildCore } from "./scripts/build-core.mjs";
import { copyPyodide, writeLists, writeRecorder, writeSnapshot } from "./scripts/build-python.mjs";
import { keep, replace } from "./scripts/keep.mjs";

const EMBEDDED = "dist/embedded";

/** @type {import("esbuild").BuildOptions} */
const shared = { bundle: true, minify: true, sourcemap: false, legalComments: "none", logLevel: "warning" };
/** @type {import("esbuild").BuildOptions} */
const node = { platform: "node", target: "node20" };
/** @type {import("esbuild").BuildOptions} */
const browser = { platform: "browser", target: "chrome120", format: "iife" };

/** In the browser's bundle these files stand in for those that need Node. @type {Readonly<Record<string, string>>} */
const STAND_INS = {
  "engines/index.ts": "engines/web/index.ts",
  "engines/folder.ts": "engines/web/folder.ts",
  "engines/side-file.ts": "engines/web/side-file.ts",
  "extension/interpreter.ts": "extension/web/interpreter.ts",
  "extension/packages.ts": "extension/web/packages.ts",
  "extension/commands/open.ts": "extension/web/open.ts",
  "extension/debugging/paused.ts": "extension/web/paused.ts",
};
/** @type {import("esbuild").Plugin} */
const standIns = {
  name: "stand-ins",
  setup(build) {
    build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir, kind }) => {
      const other = STAND_INS[relative(".", resolve(resolveDir, path)).replaceAll("\\", "/")];
      return other === undefined || kind === "entry-point" ? undefined : { path: resolve(other) };
    });
    build.onResolve({ filter: /^(events|url)$/ }, () => ({ path: resolve("extension/web/node.ts") }));
  },
};

/** One row per bundle; `outfile` is what ships. @type {import("esbuild").BuildOptions[]} */
const bundles = [
  {
    ...node,
    entryPoints: ["extension/main.ts"],
    outfile: "dist/extension.cjs",
    format: "cjs",
    external: ["vscode"],
  },
  {
    ...browser,
    entryPoints: ["extension/main.ts"],
    outfile: "dist/web.js",
    format: "cjs",
    external: ["vscode", "net"],
    plugins: [standIns],
  },
  {
    ...node,
    entryPoints: ["cli/main.ts"],
    outfile: "dist/cli.mjs",
    format: "esm",
    banner: {
      // CommonJS libraries inside an ES module ask for `require`.
      js: '#!/usr/bin/env node\nimport { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);',
    },
  },
  { ...browser, entryPoints: ["engines/embedded/worker.ts"], outfile: `${EMBEDDED}/worker.js` },
  { ...node, entryPoints: ["engines/embedded/child.ts"], outfile: `${EMBEDDED}/child.cjs`, format: "cjs" },
  {
    entryPoints: ["engines/embedded/realm/sandbox.ts"],
    outfile: `${EMBEDDED}/sandbox.js`,
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2023",
    format: "iife",
    external: ["node:*", "ws"],
    // Fields are assigned rather than defined: every op makes objects with many of them, and defining is slower.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    // Strict code hides its callers from whoever looks at a stack.
    banner: { js: '"use strict";' },
    inject: ["engines/embedded/realm/shims.ts"],
    // Only Pyodide asks, and only where it believes it runs in Node.
    define: { "import.meta.url": '"sandbox.js"' },
  },
  { ...browser, entryPoints: ["webview/main.ts"], outfile: "dist/webview/main.js" },
  { ...browser, entryPoints: ["webview/layout/worker.ts"], outfile: "dist/webview/worker.js" },
  { ...browser, entryPoints: ["webview/alone.ts"], outfile: "dist/webview/alone.js" },
  {
    ...browser,
    entryPoints: ["webview/notebook/renderer.ts"],
    outfile: "dist/webview/notebook.js",
    format: "esm",
  },
  { entryPoints: ["webview/style.css"], outfile: "dist/webview/style.css" },
  { entryPoints: ["webview/alone.css"], outfile: "dist/webview/alone.css", target: "chrome123" },
];

mkdirSync(EMBEDDED, { recursive: true });
copyPyodide(EMBEDDED);
await Promise.all([
  keep(
    `${EMBEDDED}/core.key`,
    [`${EMBEDDED}/core.wasm`, `${EMBEDDED}/core-relaxed.wasm`],
    ["assembly", "scripts/build-core.mjs", "node_modules/assemblyscript/package.json"],
    () => buildCore(EMBEDDED),
  ),
  writeLists("dist"),
  writeRecorder("dist/recorder"),
  ...bundles.map(async (bundle) => {
    const { outputFiles } = await build({ ...shared, ...bundle, write: false });
    for (const { path, contents } of outputFiles) replace(path, contents);
  }),
]);
await writeSnapshot(EMBEDDED, "dist");
