// Writing what was built: whole files, and the slow ones only when what went into them has changed.
// @ts-check
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes a file so that whoever reads it meanwhile gets the old one or the new one, not half of it.
 * @param {string} file
 * @param {Uint8Array} bytes
 */
export function replace(file, bytes) {
  const part = `${file}.${process.pid}.part`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(part, bytes);
  renameSync(part, file);
}

/**
 * Runs `make` unless all `outputs` are there and were made from the same `inputs` (file or folder paths, or other
 * text); `keyFile` remembers.
 * @param {string} keyFile
 * @param {readonly string[]} outputs
 * @param {readonly (string | { text: string })[]} inputs
 * @param {() => Promise<void>} make
 */
export async function keep(keyFile, outputs, inputs, make) {
  const key = keyOf(inputs);
  const kept = existsSync(keyFile) && readFileSync(keyFile, "utf8") === key && outputs.every(existsSync);
  if (kept) return;
  rmSync(keyFile, { force: true });
  try {
    await make();
  } catch (error) {
    // What is left would not fit the rest of the build.
    for (const output of outputs) rmSync(output, { force: true });
    throw error;
  }
  writeFileSync(keyFile, key);
}

/** @param {readonly (string | { text: string })[]} inputs */
function keyOf(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    if (typeof input !== "string") hash.update(`text ${input.text.length}\n${input.text}`);
    else for (const file of filesIn(input)) hash.update(`${file}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** @param {string} path @returns {string[]} */
function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => join(path, name)).filter((file) => statSync(file).isFile());
}
