// Writes test/recorded/rows.json.gz: what PyTorch answers to the samples of the op rows, for machines without it.
// Needs a Python with torch. usage: node scripts/record-rows.mjs
// @ts-check
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = "test/recorded/rows.json.gz";
// Inside node_modules, so that the bundle finds what it leaves outside.
const bundle = join("node_modules/.cache", `record-rows.${process.pid}.mjs`);
await build({
  stdin: {
    contents: `export { SAMPLES } from "./test/autograd/samples.ts"; export { ask } from "./test/autograd/reference.ts";
      export { pytorch } from "./test/support/pytorch.ts";`,
    resolveDir: ".",
    loader: "ts",
  },
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  define: { "import.meta.url": JSON.stringify(pathToFileURL("test/autograd/reference.ts").href) },
});
try {
  const { SAMPLES, ask, pytorch } = await import(pathToFileURL(bundle).href);
  if (pytorch === null) throw new Error("no python3 with torch: install PyTorch to record its answers");
  /** @param {"graphs" | "order"} mode */
  const answers = (mode) => {
    const { torch, results } = ask(pytorch, mode, SAMPLES);
    return {
      torch,
      bySample: Object.fromEntries(
        SAMPLES.map((/** @type {string} */ sample, /** @type {number} */ i) => [sample, results[i]]),
      ),
    };
  };
  const graphs = answers("graphs");
  const order = answers("order");
  const json = JSON.stringify({ torch: graphs.torch, graphs: graphs.bySample, order: order.bySample });
  mkdirSync("test/recorded", { recursive: true });
  writeFileSync(OUT, gzipSync(json, { level: 9 }));
  process.stderr.write(`${OUT}: ${SAMPLES.length} samples, PyTorch ${graphs.torch}\n`);
} finally {
  rmSync(bundle);
}
