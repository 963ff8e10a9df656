/**
 * Elements of large tensors, which a trace only summarises: on this machine's disk, in `trace.json.bin` beside
 * `trace.json`, read in pieces while the trace is looked at; the embedded engine's, which are few, in memory.
 */
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import type { Trace } from "../trace/schema.ts";
import type { SideFile } from "../trace/slice.ts";

interface Kept extends SideFile {
  /** Put all of it into a file of its own. */
  save(path: string): void;
}

const files = new WeakMap<Trace, Kept>();

/** Where the elements of a trace are; null where none were kept. */
export const sideFileOf = (trace: Trace): SideFile | null => files.get(trace) ?? null;

/** The trace was read from `path`, where it stays: its side file is beside it. */
export function hasSideFile(trace: Trace, path: string): Trace {
  const beside = `${path}.bin`;
  if (existsSync(beside)) files.set(trace, sideFile(beside));
  return trace;
}

/** The trace was written to `path`: its side file, if any, goes beside it. */
export function saveSideFile(trace: Trace, path: string): void {
  files.get(trace)?.save(`${path}.bin`);
}

/** The elements came with the trace: they are held as long as it is. */
export function holdElements(trace: Trace, bytes: Uint8Array): Trace {
  if (bytes.length === 0) return trace;
  files.set(trace, {
    async read(offset, length) {
      if (offset + length > bytes.length) throw new RangeError("the elements of this tensor were not kept");
      return bytes.subarray(offset, offset + length);
    },
    save: (path) => writeFileSync(path, bytes),
  });
  return trace;
}

/** Side files of runs whose folder goes: the last few, until this process ends. */
const KEPT = 4;
const kept: string[] = [];
let folder: string | null = null;
let number = 0;

/** The trace was read from `path`, which will go: its side file is taken into keeping. */
export function keepSideFile(trace: Trace, path: string): Trace {
  const beside = `${path}.bin`;
  if (!existsSync(beside)) return trace;
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), "backstep-elements-"));
    folder = made;
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  const to = join(folder, String(number++));
  renameSync(beside, to);
  kept.push(to);
  while (kept.length > KEPT) rmSync(kept.shift() as string, { force: true });
  files.set(trace, sideFile(to));
  return trace;
}

function sideFile(path: string): Kept {
  return {
    save: (to) => copyFileSync(path, to),
    async read(offset, length) {
      const file = await open(path, "r").catch(() => {
        throw new Error(l10n.t("The elements of this trace are no longer on the disk: trace it again."));
      });
      try {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await file.read(bytes, 0, length, offset);
        if (bytesRead < length)
          throw new Error(l10n.t("{0} ends too early: it is not the file of this trace.", path));
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}
