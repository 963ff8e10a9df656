/** CPython inside the realm: booting it from a memory snapshot, making that snapshot, giving it files. */
/// <reference path="./pyodide.d.ts" />
import { loadPyodide, type PyodideInterface } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { host } from "./host.ts";
import { hasMemory, takeMemory } from "./memory.ts";
import { TextDecoder } from "./shims.ts";

/** Where the facade and the runner lie: one archive, as the standard library does. */
export const PACKAGES = "/lib/backstep.zip";
/** The snippet's folder: its working directory, so the first entry of `sys.path`. */
export const FOLDER = "/home/user";

/** No package is ever fetched: the list of those that could be is empty. */
const NO_PACKAGES = { info: { abi_version: "2026_0" }, packages: {} };

/** What Pyodide has beyond its published types. */
export interface Python extends PyodideInterface {
  makeMemorySnapshot(): Uint8Array;
  readonly _module: { readonly HEAPU8: Uint8Array };
}

const nothing = (): void => {};

/** As Pyodide makes its module; with room for the whole snapshot, which may be longer than the memory that CPython starts with. */
async function createModule(settings: { readonly INITIAL_MEMORY?: number }): Promise<unknown> {
  const module = await createPyodideModule(settings);
  const wanted = settings.INITIAL_MEMORY ?? 0;
  if (wanted > module.HEAPU8.length) module.growMemory(wanted);
  return module;
}

async function load(more: Record<string, unknown>): Promise<Python> {
  const options = {
    createPyodideModule: createModule,
    indexURL: "/",
    lockFileContents: NO_PACKAGES,
    packageBaseUrl: "/",
    jsglobals: Object.create(null),
    stdin: () => null,
    stdout: nothing,
    stderr: nothing,
    env: { HOME: FOLDER, PYTHONHASHSEED: "0" },
    ...more,
  };
  return (await loadPyodide(options as never)) as Python;
}

/** A CPython that wakes with everything in `python/` imported. */
export async function wakePython(): Promise<Python> {
  const python = await load({ _loadSnapshot: host.asset("snapshot.bin") });
  python.FS.writeFile(PACKAGES, host.asset("backstep.zip"));
  return python;
}

/** What Python itself writes (not through `sys.stdout`): `os.write`, C code, a fatal error's last words. */
export function connectStreams(python: Python): void {
  python.setStdout({ write: (bytes) => writeRaw(1, bytes) });
  python.setStderr({ write: (bytes) => writeRaw(2, bytes) });
}

/**
 * Python looks for signals every so many instructions. There the host stops a run that has passed a limit, and
 * sees whether the engine still listens, so that an endless loop does not outlive it.
 */
export function connectPulse(python: Python): void {
  const buffer = {
    get 0() {
      return host.beat();
    },
    set 0(_) {},
  };
  python.setInterruptBuffer(buffer as never);
  python.runPython("from backstep_run import limits; limits.install()");
}

function writeRaw(stream: number, bytes: Uint8Array): number {
  host.emit(stream, new TextDecoder().decode(bytes), 0);
  return bytes.length;
}

/** Unpack a wheel into the site packages. Throws Python's error where it is none. */
export function placePackage(python: Python, bytes: Uint8Array): void {
  python.FS.writeFile(WHEEL, bytes);
  try {
    python.runPython(UNPACK);
  } finally {
    python.FS.unlink(WHEEL);
  }
}

const WHEEL = "/tmp/package.whl";
const UNPACK = `
def _unpack():
    import importlib, sysconfig, zipfile
    with zipfile.ZipFile("${WHEEL}") as wheel:
        wheel.extractall(sysconfig.get_paths()["purelib"])
    importlib.invalidate_caches()
_unpack()
del _unpack
`;

/** Put a file where the snippet can open and import it. */
export function placeFile(python: Python, path: string, bytes: Uint8Array): void {
  const full = `${FOLDER}/${path}`;
  python.FS.mkdirTree(full.slice(0, full.lastIndexOf("/")));
  python.FS.writeFile(full, bytes);
}

interface FileNode {
  contents?: ArrayLike<number> | null;
}
interface MemoryFiles {
  expandFileStorage(node: FileNode, size: number): void;
  resizeFileStorage(node: FileNode, size: number): void;
}
const NO_SPACE = 51;

/** Files live in memory, so their growth counts as memory; past the cap Python gets an OSError (ENOSPC). */
export function capFileGrowth(python: Python): void {
  const { FS } = python;
  const files = FS.filesystems.MEMFS as MemoryFiles;
  for (const name of ["expandFileStorage", "resizeFileStorage"] as const) {
    const original = files[name];
    files[name] = (node, size) => {
      const before = node.contents?.length ?? 0;
      if (size > before && !hasMemory(size - before)) throw new FS.ErrnoError(NO_SPACE);
      Reflect.apply(original, files, [node, size]);
      // It takes more than it was asked for, so that it need not grow at every write.
      takeMemory((node.contents?.length ?? 0) - before);
    };
  }
}

/**
 * At build time: boot from nothing, import every module of the given packages (path to text, with `ops.json`
 * among them) and give the archive and the memory afterwards.
 */
export async function makeSnapshot(
  packages: ReadonlyMap<string, string>,
): Promise<{ archive: Uint8Array; snapshot: Uint8Array }> {
  const python = await load({ _makeSnapshot: true });
  const { FS } = python;
  for (const [path, text] of packages) {
    const full = `/build/${path}`;
    FS.mkdirTree(full.slice(0, full.lastIndexOf("/")));
    FS.writeFile(full, text);
  }
  python.runPython(MAKE_ARCHIVE);
  const archive = FS.readFile(PACKAGES);
  python.runPython(IMPORT_ALL);
  return { archive, snapshot: python.makeMemorySnapshot() };
}

const MAKE_ARCHIVE = `
import os, shutil, zipfile
with zipfile.ZipFile("${PACKAGES}", "w") as archive:
    for folder, _, names in sorted(os.walk("/build")):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                archive.writestr(zipfile.ZipInfo(os.path.relpath(path, "/build")), file.read())
shutil.rmtree("/build")
del os, shutil, zipfile, archive, folder, names, name, path, file
`;

/** Also what a snippet is likely to import, so that it costs nothing when it does. */
const IMPORT_ALL = `
import sys
# Waking puts it there again.
sys.path.remove("")
sys.path.append("${PACKAGES}")
import zipfile, importlib
for _name in zipfile.ZipFile("${PACKAGES}").namelist():
    if _name.endswith(".py"):
        importlib.import_module(_name.removesuffix("/__init__.py").removesuffix(".py").replace("/", "."))
import collections, copy, dataclasses, enum, functools, itertools, json, math, operator, random, re, time, typing
for _name in [n for n in globals() if not n.startswith("__")] + ["_name"]:
    globals().pop(_name, None)
`;
