// Installs node_modules/ as package-lock.json says, where that has not been done; no package's scripts are run.
// @ts-check
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Run `npm ci` where node_modules/ is missing or older than the lock file. */
export function installModules() {
  const installed = `${ROOT}/node_modules/.package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${ROOT}/package-lock.json`).mtimeMs)
    return;
  console.log("installing node_modules (npm ci)");
  const windows = process.platform === "win32";
  execFileSync(windows ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    shell: windows,
  });
}
