// `npm test`: installs what the tests need where it may, builds, runs every suite, and ends with one line of counts.
// `npm test -- test/trace` runs only the files whose path has that text.
// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, ROOT } from "./host.mjs";
import { installModules } from "./modules.mjs";

installModules();
const { packageExtension } = await import("./package.mjs");

/** What could not be looked at, in words. @type {string[]} */
const unchecked = [];
const tally = { passed: 0, failed: 0, skipped: 0 };

installSystemPackages();
console.log("building");
packageExtension();
check("biome", ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."]);
for (const room of ["core", "node", "webview"]) {
  check(`types of tsconfig.${room}.json`, ["node_modules/typescript/bin/tsc", "-p", `tsconfig.${room}.json`]);
}
runSuites();

for (const line of unchecked) console.log(`not checked: ${line}`);
const skipped = tally.skipped === 0 ? "" : `, ${tally.skipped} skipped`;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exit(tally.failed > 0 ? 1 : 0);

/** Chromium for the e2e tests and PyTorch as the judge: by apt where this may be done. */
function installSystemPackages() {
  /** @type {{ name: string, present: () => boolean, without: string }[]} */
  const wanted = [
    {
      name: "chromium",
      present: () => chromium() !== null,
      without: "the tests in a real VS Code (no Chromium)",
    },
    {
      name: "python3-torch",
      present: () => canImport("torch"),
      without: "comparisons with real PyTorch (no python3 with torch)",
    },
    {
      name: "python3-debugpy",
      present: () => canImport("debugpy"),
      without: "a paused debug session (no python3 with debugpy)",
    },
  ];
  const missing = wanted.filter(({ present }) => !present());
  if (missing.length === 0) return;
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = (/** @type {string[]} */ ...args) => {
    const [command, ...rest] = [...sudo, "apt-get", "-qq", ...args];
    const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
    return spawnSync(/** @type {string} */ (command), rest, { ...options, stdio: "ignore" }).status === 0;
  };
  console.log(`installing ${missing.map(({ name }) => name).join(", ")} with apt`);
  apt("update");
  for (const { name } of missing) apt("install", "-y", "--no-install-recommends", name, "fonts-dejavu-core");
  for (const { present, without } of missing) if (!present()) unchecked.push(without);
}

/** @returns {string | null} */
function chromium() {
  const places = [
    process.env.CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  return places.find((place) => place !== undefined && existsSync(place)) ?? null;
}

/** @param {string} module */
function canImport(module) {
  // The Python on the path may be another than the one that apt fills.
  return ["python3", "/usr/bin/python3"].some(
    (python) => spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0,
  );
}

/** A check that is one command: passed where it exits with 0. @param {string} name @param {string[]} command */
function check(name, command) {
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: "inherit" });
  console.log(`${status === 0 ? "passed" : "FAILED"}: ${name}`);
  tally[status === 0 ? "passed" : "failed"] += 1;
}

function runSuites() {
  mkdirSync(CACHE, { recursive: true });
  const report = join(CACHE, "test-report.json");
  rmSync(report, { force: true });
  const browser = chromium();
  const projects = browser === null ? ["--project", "unit"] : [];
  const args = [
    "node_modules/vitest/vitest.mjs",
    "run",
    ...process.argv.slice(2),
    ...projects,
    "--reporter=default",
    "--reporter=json",
    "--reporter=./test/support/second-try.ts",
  ];
  spawnSync(process.execPath, [...args, `--outputFile.json=${report}`], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...(browser === null ? {} : { CHROMIUM: browser }) },
  });
  const { numPassedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  tally.passed += numPassedTests;
  tally.skipped += numPendingTests + numTodoTests;
  for (const { status, assertionResults } of testResults) {
    const failed = assertionResults.filter(
      (/** @type {{ status: string }} */ test) => test.status === "failed",
    );
    // A file that cannot even be loaded has no test to fail: it counts as one.
    tally.failed += status === "failed" ? Math.max(1, failed.length) : failed.length;
  }
}
