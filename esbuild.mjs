// The one build script: `node esbuild.mjs` fills dist/ with every bundle of the table below.
// @ts-check
import { build } from "esbuild";

/** @type {import("esbuild").BuildOptions} */
const shared = { bundle: true, minify: true, sourcemap: false, legalComments: "none", logLevel: "warning" };

/** One row per bundle; `outfile` is what ships. @type {import("esbuild").BuildOptions[]} */
const bundles = [
  {
    entryPoints: ["extension/main.ts"],
    outfile: "dist/extension.cjs",
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
  },
];

await Promise.all(bundles.map((bundle) => build({ ...shared, ...bundle })));
