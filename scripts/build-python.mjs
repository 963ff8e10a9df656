// What the build makes of Python: Pyodide's files, the op list, and the memory of a CPython that has the
// packages of python/ imported.
// @ts-check
import { getRandomValues } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { constants, createContext, Script } from "node:vm";
import { build } from "esbuild";
import { keep, replace } from "./keep.mjs";

const require = createRequire(import.meta.url);
/** Packages that the embedded interpreter imports; the others of python/ are for other engines. */
const PACKAGES = ["torch", "functorch", "matplotlib", "typing_extensions", "backstep_run"];
const PYODIDE = dirname(require.resolve("pyodide/package.json"));
const RUNTIME = ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"];
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
  const { outputFiles } = await build({ entryPoints: [module], bundle: true, format: "esm", write: false });
  const made = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? "").toString("base64")}`
  );
  writeFileSync(file, made[name]());
}

/** The op list and the dtypes. @param {string} folder */
export const writeLists = async (folder) => {
  await writeData("autograd/ops-list.ts", "opList", join(folder, "ops.json"));
  await writeData("autograd/dtypes-list.ts", "dtypesList", join(folder, "dtypes.json"));
};

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

/** Path inside the archive to text. @param {string} lists @returns {Map<string, string>} */
function packageFiles(lists) {
  const files = new Map(
    ["ops.json", "dtypes.json"].map((name) => [`torch/${name}`, readFileSync(join(lists, name), "utf8")]),
  );
  files.set("torch/version.json", readFileSync("autograd/version.json", "utf8"));
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
 * Writes backstep.zip and snapshot.bin.
 * @param {string} folder where sandbox.js and Pyodide's files lie
 * @param {string} lists where `writeLists` has written
 */
export async function writeSnapshot(folder, lists) {
  const packages = packageFiles(lists);
  const [archiveFile, snapshotFile] = [join(folder, "backstep.zip"), join(folder, "snapshot.bin")];
  const inputs = [join(PYODIDE, "package.json"), ...LOADER, { text: JSON.stringify([...packages]) }];
  await keep(join(folder, "snapshot.key"), [archiveFile, snapshotFile], inputs, async () => {
    const { archive, snapshot } = await openBuildSandbox(folder)
      .makeSnapshot(packages)
      .catch((error) => {
        // Only the words: the error's own source line is the whole bundle.
        throw new Error(`python/ could not be imported: ${error}`);
      });
    replace(archiveFile, archive);
    replace(snapshotFile, snapshot);
  });
}

/** The sandbox in a realm like the child's, so that the snapshot fits it. @param {string} folder */
function openBuildSandbox(folder) {
  const realm = createContext(constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: true } });
  const code = readFileSync(join(folder, "sandbox.js"), "utf8");
  new Script(code, { filename: "sandbox.js" }).runInContext(realm);
  const { openSandbox } =
    /** @type {{ openSandbox: import("../engines/embedded/realm/sandbox.ts").OpenSandbox }} */ (realm);
  return openSandbox({
    assetSize: (name) => (RUNTIME.includes(name) ? statSync(join(folder, name)).size : -1),
    assetRead: (name, into) => into.set(readFileSync(join(folder, name))),
    now: () => performance.now(),
    entropy: () => getRandomValues(new Uint8Array(1))[0] ?? 0,
    log: say,
    emit: (_stream, text) => say(text),
    beat: () => 0,
    stopWords: () => "",
  });
}
