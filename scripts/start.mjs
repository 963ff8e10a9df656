// `npm start`: from a fresh clone to VS Code on examples/ with the extension in it. `-- --no-open` opens no
// browser: it prints the address and serves until Ctrl-C.
// @ts-check
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CACHE, install, ROOT, serve } from "./host.mjs";
import { installModules } from "./modules.mjs";

const given = process.argv.slice(2);
const unknown = given.filter((option) => option !== "--no-open");
if (unknown.length > 0) {
  console.error(`unknown option ${unknown.join(" ")}: allowed is --no-open`);
  process.exit(2);
}
const open = !given.includes("--no-open");
const examples = join(ROOT, "examples");

const VSIX = await build().catch((error) => {
  // What failed has said why; a stack of this script would only hide it.
  console.error(`npm start: ${error.message}`);
  process.exit(1);
});

const code = open ? desktop() : null;
if (code !== null) {
  const windows = process.platform === "win32";
  // There `code` is a batch file, which only a shell runs: paths must be quoted for it.
  const run = (/** @type {string[]} */ ...args) =>
    execFileSync(code, windows ? args.map((arg) => `"${arg}"`) : args, { stdio: "inherit", shell: windows });
  run("--install-extension", VSIX, "--force");
  run(examples);
  console.log(
    "VS Code is open on examples/: open two-first-snippets.md, put the cursor in a block, F1, Trace backward.",
  );
} else {
  console.log("starting a VS Code server of its own (the first time it is downloaded into .cache/)");
  const token = randomBytes(16).toString("hex");
  const running = await serve(install("stable"), {
    profile: join(CACHE, "start"),
    vsix: [VSIX],
    token,
    settings: {
      "security.workspace.trust.enabled": false,
      "workbench.startupEditor": "none",
      "chat.disableAIFeatures": true,
      "workbench.secondarySideBar.defaultVisibility": "hidden",
      "telemetry.telemetryLevel": "off",
      "remote.autoForwardPorts": false,
      "git.openRepositoryInParentFolders": "never",
      "editor.minimap.enabled": false,
    },
  });
  const url = `${running.url}/?tkn=${token}&folder=${encodeURIComponent(examples)}`;
  console.log(`VS Code with Backstep: ${url}`);
  console.log(
    "Open two-first-snippets.md, put the cursor in a block, F1, Trace backward. Ctrl-C ends the server.",
  );
  if (open) openInBrowser(url);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, () => running.stop().then(() => process.exit(0)));
  }
}

/** Install what is missing, build and pack. @returns {Promise<string>} the packed extension's path */
async function build() {
  installModules();
  const { packageExtension, VSIX } = await import("./package.mjs");
  packageExtension();
  return VSIX;
}

/** The `code` command on the PATH, if it is there. @returns {string | null} */
function desktop() {
  const names = process.platform === "win32" ? ["code.cmd"] : ["code"];
  for (const folder of (process.env.PATH ?? "").split(process.platform === "win32" ? ";" : ":")) {
    for (const name of names) if (folder !== "" && existsSync(join(folder, name))) return name;
  }
  return null;
}

/** Ask the system for its browser; where it has none, the printed address is there to be used. @param {string} url */
function openInBrowser(url) {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  const opener = spawn(/** @type {string} */ (command), args, { stdio: "ignore", detached: true });
  opener.on("error", () => {});
  opener.unref();
}
