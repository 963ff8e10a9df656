/** Compiles assembly/ to core.wasm (SIMD) and core-relaxed.wasm (relaxed SIMD). */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// Not a static import: the compiler's own types would declare AssemblyScript's globals for every script.
const { main } = await import(/** @type {string} */ ("assemblyscript/asc"));

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const BUILDS = [
  ["core.wasm", ["simd"]],
  ["core-relaxed.wasm", ["simd", "relaxed-simd"]],
];

/** A block of TLSF is at most 1 GiB, so there is no use for more than two of these; `loadCore` takes a lower limit. */
const MAXIMUM_PAGES = 32768;

async function compile(out, features) {
  const messages = [];
  const { error } = await main(
    [
      "assembly/index.ts",
      ["--outFile", out],
      ["-O3", "--noAssert"],
      ["--runtime", "minimal"],
      // "Exchange of v128 values": between our own modules only, never with the host.
      ["--disableWarning", "112"],
      ["--maximumMemory", String(MAXIMUM_PAGES)],
      ...features.map((feature) => ["--enable", feature]),
    ].flat(),
    {
      stdout: { write: (text) => messages.push(text) },
      stderr: { write: (text) => messages.push(text) },
      readFile: (name, base) => readFile(resolve(root, base, name), "utf8").catch(() => null),
      writeFile: async (name, contents, base) => {
        const path = resolve(root, base, name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, contents);
      },
    },
  );
  if (error !== null || messages.length > 0) {
    throw new Error(`the tensor core did not compile: ${error?.message ?? "warnings"}\n${messages.join("")}`);
  }
}

/** Write both builds into `outDir` (absolute, or from the repository's root). Throws with the compiler's words. */
export async function buildCore(outDir) {
  for (const [name, features] of BUILDS) {
    await compile(relative(root, join(resolve(root, outDir), name)), features);
  }
}
