// `npm run package`: builds, and packs what ships into backstep.vsix; more than 20 MB is an error.
// @ts-check
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./host.mjs";

export const VSIX = join(ROOT, "backstep.vsix");
const LIMIT = 20e6;

/** Build and pack. Throws where the result is too large. */
export function packageExtension() {
  const run = (/** @type {string[]} */ ...args) =>
    execFileSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  run("esbuild.mjs");
  const vsce = join("node_modules", "@vscode", "vsce", "vsce");
  run(
    vsce,
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "-o",
    VSIX,
  );
  const { size } = statSync(VSIX);
  const megabytes = `${(size / 1e6).toFixed(1)} MB`;
  if (size > LIMIT) throw new Error(`backstep.vsix has ${megabytes}, allowed are ${LIMIT / 1e6} MB`);
  console.log(`backstep.vsix: ${megabytes}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) packageExtension();
