// `npm run report`: runs the checks of test/api in PyTorch and in the embedded engine (`npm run build` comes first), and
// writes docs/api.md and test/recorded/api.json.gz. What differs goes to dist/api-differences.txt.
// @ts-check
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

// Inside node_modules, so that the bundle finds what it leaves outside.
const bundle = join("node_modules/.cache", `report.${process.pid}.mjs`);
await build({
  entryPoints: ["test/api/report.ts"],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  plugins: [
    {
      // Each module finds the files beside it.
      name: "import.meta.url",
      setup: ({ onLoad }) =>
        void onLoad({ filter: /[\\/](test|engines)[\\/].*\.ts$/ }, async ({ path }) => {
          const { readFile } = await import("node:fs/promises");
          const text = await readFile(path, "utf8");
          const url = JSON.stringify(pathToFileURL(path).href);
          return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
        }),
    },
  ],
});
try {
  const { writeReport } = await import(pathToFileURL(bundle).href);
  await writeReport();
} finally {
  rmSync(bundle);
}
