// `npm run bench`: builds, runs bench/main.ts, and prints its times as ratios.
// @ts-check
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { CACHE, ROOT } from "./host.mjs";
import { packageExtension } from "./package.mjs";

const chosen = process.argv.slice(2);
// The recorder is measured as it lies in dist/; all else as it is shipped.
if (chosen.length === 1 && chosen[0] === "recording") {
  execFileSync(process.execPath, ["esbuild.mjs"], { cwd: ROOT, stdio: "inherit" });
} else packageExtension();
const outfile = join(CACHE, "bench.mjs");
await build({
  entryPoints: [join(ROOT, "bench", "main.ts")],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
execFileSync(process.execPath, [outfile, ...chosen], { cwd: ROOT, stdio: "inherit" });
