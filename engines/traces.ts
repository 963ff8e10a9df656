/** Trace files: one, several, or a folder of them, read and checked; each that cannot be used is named with its reason. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import * as l10n from "@vscode/l10n";
import { readTrace, TraceError } from "../trace/read.ts";
import { TRACE_FORMAT, type Trace } from "../trace/schema.ts";
import { hasSideFile } from "./side-file.ts";

export interface TraceFile {
  readonly path: string;
  /** `rank 1` where it is one of several processes', else the file's name. */
  readonly label: string;
  readonly trace: Trace;
  /** Which of the processes of one program it is of; null where that is not known. */
  readonly rank: number | null;
}

export interface TraceFiles {
  /** By rank where they have one, else by name. */
  readonly files: readonly TraceFile[];
  /** What could not be used, in words. */
  readonly problems: readonly string[];
  /** What seems to be missing, in words. */
  readonly notes: readonly string[];
}

/** Bytes of one file; more is no trace that a panel can hold. */
const LARGEST = 400 << 20;

/** Read the traces at `paths`; of a folder, every file directly in it that is one. */
export async function readTraces(paths: readonly string[]): Promise<TraceFiles> {
  const found: TraceFile[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    const inside = isFolder ? await jsonIn(path) : [path];
    let count = 0;
    for (const file of inside) {
      try {
        const trace = await readFileAt(file, isFolder);
        if (trace === null) continue;
        count++;
        const rank = rankOf(trace, file);
        const label = rank === null ? basename(file) : l10n.t("rank {0}", rank);
        found.push({ path: file, label, trace, rank });
      } catch (error) {
        count++;
        problems.push(`${isFolder ? basename(file) : path}: ${(error as Error).message}`);
      }
    }
    if (count === 0)
      problems.push(
        l10n.t(
          "{0} holds no trace: a trace is a .json file that backstep_recorder or `backstep trace FILE --format json --out PATH` wrote",
          path,
        ),
      );
  }
  found.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || (a.path < b.path ? -1 : 1));
  return { files: found, problems, notes: ranksMissing(found) };
}

async function jsonIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".json"))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** `among`: it was not named itself, so that a file which does not claim to be a trace is passed over (null). */
async function readFileAt(path: string, among: boolean): Promise<Trace | null> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > LARGEST)
      throw new TraceError(
        l10n.t("it has {0} bytes, but a trace may have {1}: record fewer passes", size, LARGEST),
      );
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new TraceError(l10n.t("there is no such file"));
    if (code === undefined) throw error;
    throw new TraceError(l10n.t("it cannot be read ({0})", code));
  }
  if (among && !text.includes(`"${TRACE_FORMAT}"`)) return null;
  return hasSideFile(readTrace(text), path);
}

/** The process that wrote it, as the trace says or else the file's name. */
function rankOf(trace: Trace, path: string): number | null {
  if (trace.process !== undefined) return trace.process.rank;
  const named = /rank[-_]?(\d{1,6})/i.exec(basename(path));
  return named === null ? null : Number(named[1]);
}

/** Processes of the same run that left no trace here. */
function ranksMissing(found: readonly TraceFile[]): string[] {
  if (found.length < 2) return [];
  const of = Math.max(...found.map(({ trace }) => trace.process?.of ?? 0));
  const here = new Set(found.map(({ rank }) => rank));
  const missing = Array.from({ length: of }, (_, rank) => rank).filter((rank) => !here.has(rank));
  return missing.length === 0
    ? []
    : [l10n.t("there is no trace of rank {0} of the {1} processes", missing.join(", "), of)];
}

/** Whether they are the traces of one program's processes, to be compared leaf by leaf. */
export function areRanks(files: readonly TraceFile[]): boolean {
  const text = files[0]?.trace.sources[0]?.text;
  const ranks = new Set(files.map(({ rank }) => rank));
  return (
    files.length > 1 &&
    !ranks.has(null) &&
    ranks.size === files.length &&
    files.every(({ trace }) => trace.sources[0]?.text === text)
  );
}
