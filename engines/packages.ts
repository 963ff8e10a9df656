/**
 * Other packages for a run of the embedded engine: real wheels that Pyodide has, named by its lock file, fetched once
 * from an index, and never used before their hash is the lock file's. Which may be fetched, and when, is for the caller.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import * as z from "zod";

/** In words: what was asked for, why it cannot be had, what to do. */
export class PackageError extends Error {
  override readonly name = "PackageError";
}

/** Bytes of one wheel. */
export const LARGEST_WHEEL = 64 << 20;

const Lock = z.object({
  info: z.object({ abi_version: z.string() }),
  packages: z.record(
    z.string(),
    z.object({
      name: z.string(),
      version: z.string(),
      file_name: z.string().regex(/^[A-Za-z0-9._+-]{1,200}$/),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      package_type: z.string(),
      depends: z.array(z.string()),
      imports: z.array(z.string()),
    }),
  ),
});
export type Lock = z.infer<typeof Lock>;

export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  /** What a program imports of it. */
  readonly imports: readonly string[];
}

/** The lock file that lies beside the interpreter. `assets`: the folder of the built assets, `dist/`. */
export async function readLock(assets: string): Promise<Lock> {
  return Lock.parse(JSON.parse(await readFile(join(assets, "embedded", "pyodide-lock.json"), "utf8")));
}

/** The wheels of the named packages and of all that these need, what is needed first. Throws PackageError. */
export function wheelsOf({ packages }: Lock, names: readonly string[]): Wheel[] {
  const found = new Map<string, Wheel>();
  const waiting = new Set<string>();
  const add = (given: string, asked: string): void => {
    const name = given.toLowerCase().replace(/[_.]+/g, "-");
    if (found.has(name) || waiting.has(name)) return;
    const entry = Object.hasOwn(packages, name) ? packages[name] : undefined;
    if (entry === undefined)
      throw new PackageError(
        l10n.t(
          "Pyodide has no package {0}, so it cannot be used here: take it out of backstep.packages, or run the code with the PyTorch engine",
          given,
        ),
      );
    if (entry.package_type !== "package" || !entry.file_name.endsWith(".whl"))
      throw new PackageError(
        l10n.t(
          "{0} needs {1}, which is a library and no wheel: Backstep takes wheels only, so run the code with the PyTorch engine",
          asked,
          entry.name,
        ),
      );
    waiting.add(name);
    for (const each of entry.depends) add(each, asked);
    const { version, file_name: file, sha256, imports } = entry;
    found.set(name, { name: entry.name, version, file, sha256, imports });
  };
  for (const name of names) add(name, name);
  return [...found.values()];
}

/** The package that a module is in, where it and all that it needs can be had; null elsewhere. */
export function packageOf(lock: Lock, module: string): string | null {
  const found = Object.values(lock.packages).find(({ imports }) => imports.includes(module));
  try {
    return found === undefined || wheelsOf(lock, [found.name]).length === 0 ? null : found.name;
  } catch (error) {
    if (error instanceof PackageError) return null;
    throw error;
  }
}

/** Is one of them named in the code? A run that asks for nothing of them need not wait for them. */
export const isMentioned = (wheels: readonly Wheel[], code: string): boolean =>
  wheels.some(({ imports }) =>
    imports.some((name) => new RegExp(`\\b${name.split(".")[0]?.replace(/\W/g, "")}\\b`).test(code)),
  );

/** The address of an index: https, or http on this machine. Throws PackageError. */
export function indexOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isLoopback = /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(url?.hostname ?? "");
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)))
    throw new PackageError(
      l10n.t(
        "{0} is no index of packages: backstep.packageIndex must be an https address, or one of this machine",
        JSON.stringify(address),
      ),
    );
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A wheel that was fetched before; null where it is not there, or is no longer what it was. */
export async function keptWheel(folder: string, { file, sha256 }: Wheel): Promise<Uint8Array | null> {
  const bytes = await readFile(join(folder, file)).catch(() => null);
  return bytes !== null && digest(bytes) === sha256 ? bytes : null;
}

export interface FetchOptions {
  /** As `indexOf` gives it. */
  readonly index: URL;
  /** Where wheels are kept. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Bytes of one wheel. */
  readonly limit?: number;
}

/** Fetch a wheel, check it and keep it. Throws PackageError; an AbortError where the signal says so. */
export async function fetchWheel(wheel: Wheel, options: FetchOptions): Promise<Uint8Array> {
  const { index, folder, signal, limit = LARGEST_WHEEL } = options;
  const from = new URL(encodeURIComponent(wheel.file), index);
  const failed = (why: string): PackageError =>
    new PackageError(l10n.t("{0} could not be fetched from {1}: {2}", wheel.name, index.host, why));
  let bytes: Uint8Array;
  try {
    // An index that sends elsewhere is not the one that was agreed to.
    const response = await fetch(from, { signal, redirect: "error" });
    if (!response.ok) throw failed(l10n.t("it answered {0}", response.status));
    bytes = await readAtMost(response, limit, () =>
      failed(l10n.t("it is larger than {0} MB", Math.floor(limit / 2 ** 20))),
    );
  } catch (error) {
    if (signal.aborted || error instanceof PackageError) throw error;
    const { message, cause } = error as Error & { cause?: Error };
    throw failed(cause?.message ?? message);
  }
  const sha256 = digest(bytes);
  if (sha256 !== wheel.sha256)
    throw failed(
      l10n.t("its hash is {0}, but the lock file has {1}; it was thrown away", sha256, wheel.sha256),
    );
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `${randomUUID()}.part`);
  try {
    await writeFile(partial, bytes);
    await rename(partial, join(folder, wheel.file));
  } finally {
    await rm(partial, { force: true });
  }
  return bytes;
}

async function readAtMost(response: Response, limit: number, tooLarge: () => Error): Promise<Uint8Array> {
  const told = Number(response.headers.get("content-length") ?? 0);
  if (told > limit) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Platforms of wheels that the interpreter can load, besides those for any. */
const platforms = ({ info }: Lock): RegExp => new RegExp(`-(any|\\w+_${info.abi_version}_wasm32)\\.whl$`);

/**
 * The wheels of a folder of the machine, by file name. One that the lock file names must have its hash. Throws
 * PackageError.
 */
export async function readWheels(folder: string, lock: Lock): Promise<Map<string, Uint8Array>> {
  const names = await readdir(folder).catch((error: Error) => {
    throw new PackageError(l10n.t("{0} cannot be read: {1}", folder, error.message));
  });
  const wheels = new Map<string, Uint8Array>();
  const hashes = new Map(Object.values(lock.packages).map((entry) => [entry.file_name, entry.sha256]));
  for (const file of names.filter((name) => name.endsWith(".whl")).sort()) {
    if (!platforms(lock).test(file))
      throw new PackageError(
        l10n.t(
          "{0} is a wheel for another machine: it must be for any, or for Pyodide's {1}",
          file,
          lock.info.abi_version,
        ),
      );
    const bytes = await readFile(join(folder, file));
    const expected = hashes.get(file);
    if (expected !== undefined && digest(bytes) !== expected)
      throw new PackageError(l10n.t("{0} is not the wheel of that name: its hash is another", file));
    wheels.set(file, bytes);
  }
  if (wheels.size === 0) throw new PackageError(l10n.t("there are no wheels (*.whl) in {0}", folder));
  return wheels;
}
