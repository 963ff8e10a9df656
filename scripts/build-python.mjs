// What the build makes of Python: Pyodide's files, the op list, and the memory of a CPython that has the
// packages of python/ imported.
// @ts-check
import { createHash, getRandomValues } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, createContext, Script } from "node:vm";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
/** Packages that the embedded interpreter imports; the others of python/ are for other engines. */
const PACKAGES = ["torch", "backstep_run"];
const PYODIDE = dirname(require.resolve("pyodide/package.json"));
const RUNTIME = ["pyodide.asm.wasm", "python_stdlib.zip"];
/** What the snapshot depends on besides the packages. */
const LOADER = ["python.ts", "shims.ts", "host.ts"].map((name) => `engines/embedded/realm/${name}`);

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/** @param {string} folder */
export function copyPyodide(folder) {
  for (const name of RUNTIME) {
    const from = join(PYODIDE, name);
    const to = join(folder, name);
    if (!existsSync(to) || statSync(to).size !== statSync(from).size) copyFileSync(from, to);
  }
}

/**
 * Data for Python that follows from the op rows: what a function of autograd/ gives, run here.
 * @param {string} module
 * @param {string} name
 * @param {string} file
 */
async function writeData(module, name, file) {
  const bundle = join("dist", `${name}.build.mjs`);
  await build({ entryPoints: [module], outfile: bundle, bundle: true, format: "esm" });
  const made = await import(pathToFileURL(bundle).href);
  writeFileSync(file, made[name]());
}

/** The op list. @param {string} file */
export const writeOps = (file) => writeData("autograd/ops-list.ts", "opList", file);

/**
 * The recorder for PyTorch, as it ships: its packages and the local rules.
 * @param {string} folder
 */
export async function writeRecorder(folder) {
  mkdirSync(folder, { recursive: true });
  const only = { recursive: true, filter: (/** @type {string} */ path) => !path.includes("__pycache__") };
  for (const path of ["python/recorder/backstep_recorder", "python/backstep_run"]) {
    cpSync(path, join(folder, basename(path)), only);
  }
  await writeData("autograd/formulas-list.ts", "formulasList", join(folder, "formulas.json"));
}

/** Path inside the archive to text. @param {string} ops @returns {Map<string, string>} */
function packageFiles(ops) {
  const files = new Map([["torch/ops.json", readFileSync(ops, "utf8")]]);
  for (const name of PACKAGES) {
    for (const entry of readdirSync(join("python", name), { recursive: true, encoding: "utf8" }).sort()) {
      if (/\.(py|json)$/.test(entry)) {
        const path = join("python", name, entry);
        files.set(`${name}/${entry.replaceAll("\\", "/")}`, readFileSync(path, "utf8"));
      }
    }
  }
  return files;
}

/**
 * Writes backstep.zip and snapshot.bin; kept as they are while what went into them is unchanged.
 * @param {string} folder where sandbox.js and Pyodide's files lie
 * @param {string} ops
 */
export async function writeSnapshot(folder, ops) {
  const packages = packageFiles(ops);
  const hash = createHash("sha256").update(readFileSync(join(PYODIDE, "package.json")));
  for (const file of LOADER) hash.update(readFileSync(file));
  const key = hash.update(JSON.stringify([...packages])).digest("hex");
  const keyFile = join(folder, "snapshot.key");
  const made = ["snapshot.bin", "backstep.zip"].every((name) => existsSync(join(folder, name)));
  if (made && existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) return;

  const realm = createContext(constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: true } });
  new Script(readFileSync(join(folder, "sandbox.js"), "utf8"), { filename: "sandbox.js" }).runInContext(
    realm,
  );
  const { openSandbox } =
    /** @type {{ openSandbox: import("../engines/embedded/realm/sandbox.ts").OpenSandbox }} */ (realm);
  const sandbox = openSandbox({
    assetSize: (name) => (RUNTIME.includes(name) ? statSync(join(folder, name)).size : -1),
    assetRead: (name, into) => into.set(readFileSync(join(folder, name))),
    now: () => performance.now(),
    entropy: () => getRandomValues(new Uint8Array(1))[0] ?? 0,
    log: say,
    emit: (_stream, text) => say(text),
    beat: () => {},
  });
  const { archive, snapshot } = await sandbox.makeSnapshot(packages).catch((error) => {
    // Only the words: the error's own source line is the whole bundle.
    throw new Error(`python/ could not be imported: ${error}`);
  });
  writeFileSync(join(folder, "backstep.zip"), archive);
  writeFileSync(join(folder, "snapshot.bin"), snapshot);
  writeFileSync(keyFile, key);
}
