// `npm run bench`: builds, runs bench/main.ts, and prints its times as ratios.
// @ts-check
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { CACHE, ROOT } from "./host.mjs";
import { packageExtension } from "./package.mjs";

packageExtension();
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
execFileSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: ROOT, stdio: "inherit" });
