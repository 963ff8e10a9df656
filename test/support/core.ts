/** The two builds of the tensor core for tests, compiled once per state of the sources. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import type { Core } from "../../autograd/core.ts";
import { chooseCore, loadCore } from "../../autograd/wasm.ts";
import { buildCore } from "../../scripts/build-core.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** How long a build may take, in milliseconds. */
const PATIENCE = 50_000;

/** The folder with core.wasm and core-relaxed.wasm for the sources as they are now. */
async function built(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" }).sort()) {
    if (name.endsWith(".ts")) hash.update(name).update(readFileSync(join(root, "assembly", name)));
  }
  hash.update(readFileSync(join(root, "scripts/build-core.mjs")));
  const cache = join(root, "node_modules/.cache/backstep-core");
  const folder = join(cache, hash.digest("hex").slice(0, 16));
  await mkdir(cache, { recursive: true });
  // One worker builds while the others wait; a lock that a killed one left is passed over after a while.
  const lock = `${folder}.lock`;
  const mine = await mkdir(lock).then(
    () => true,
    () => false,
  );
  for (let waited = 0; !mine && existsSync(lock) && waited < PATIENCE; waited += 200) await sleep(200);
  try {
    if (existsSync(folder)) return folder;
    const making = await mkdtemp(join(cache, "making-"));
    try {
      await buildCore(making);
      // Where another worker was quicker, its build is as good.
      await rename(making, folder).catch((error) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(making, { recursive: true, force: true });
    }
    return folder;
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

// Node 20 has relaxed SIMD behind this flag; later ones have it anyway.
setFlagsFromString("--experimental-wasm-relaxed-simd");

const folder = await built();
export const simdBytes = new Uint8Array(readFileSync(join(folder, "core.wasm")));
export const relaxedBytes = new Uint8Array(readFileSync(join(folder, "core-relaxed.wasm")));

/** The core as this host would run it. */
export function newCore(limit?: number): Core {
  return loadCore(chooseCore(simdBytes, relaxedBytes), limit);
}

/** Every build that this host can run, by name. */
export const builds: ReadonlyArray<readonly [string, Uint8Array]> = WebAssembly.validate(relaxedBytes)
  ? [
      ["SIMD", simdBytes],
      ["relaxed SIMD", relaxedBytes],
    ]
  : [["SIMD", simdBytes]];
