/** What the command line was asked to run: a file, standard input or blocks of a note, as blocks for an engine. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import type { CodeBlock, RunRequest } from "../engines/engine.ts";
import { cellPrograms, partsOf } from "../notes/parts.ts";

/** Wrong use of the command line, in words: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Given {
  readonly mode: RunRequest["mode"];
  readonly blocks: readonly CodeBlock[];
  /** Where its modules and data lie. */
  readonly folder: string;
}

const isNote = (file: string): boolean => /\.(md|markdown)$/i.test(file);

/** The whole of a Python file (`-` is standard input), called as `python FILE` calls it. */
export async function readScript(file: string): Promise<Given> {
  if (isNote(file))
    throw new UsageError(
      `${file} is a Markdown note, and "run" takes a Python file: use "backstep trace ${file} --block N" for its blocks`,
    );
  const name = file === "-" ? "<stdin>" : resolve(file);
  return { mode: "script", blocks: [{ name, text: await read(file) }], folder: folderOf(file) };
}

/**
 * What a trace is made of: a Python file as a script (called by its base name, so that a trace says nothing of the
 * machine), or the Python blocks of a note up to `block` (from 1;
 * without it all of them). A block number makes a note of standard input.
 */
export async function readTraced(file: string, block: number | undefined): Promise<Given> {
  if (!isNote(file) && (block === undefined || file !== "-")) {
    if (block !== undefined)
      throw new UsageError(`--block is for Markdown notes (.md), and ${file} is none: leave it out`);
    const name = file === "-" ? "<stdin>" : basename(file);
    return { mode: "script", blocks: [{ name, text: await read(file) }], folder: folderOf(file) };
  }
  // The Markdown reader is not loaded for those who give a Python file.
  const { pythonBlocks } = await import("../notes/blocks.ts");
  const found = pythonBlocks(await read(file));
  if (found.length === 0)
    throw new UsageError(`${file} has no Python block: write code between \`\`\`python and \`\`\``);
  const last = block ?? found.length;
  if (last > found.length)
    throw new UsageError(
      `--block ${last}: ${file} has ${found.length === 1 ? "one Python block: give 1" : `${found.length} Python blocks: give 1 to ${found.length}`}`,
    );
  const name = file === "-" ? "<stdin>" : basename(file);
  const blocks = found.slice(0, last).flatMap(({ text }, index) => parted(text, `${name}#${index + 1}`));
  return { mode: "note", blocks, folder: folderOf(file) };
}

/** A program of several that are compared, and what it is called in the list. */
export interface Program {
  readonly name: string;
  readonly given: Given;
}

export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The Python files of a folder, or of one file; with `cells` each of their `# %%` cells is a program of its own. */
export async function readPrograms(path: string, cells: boolean): Promise<readonly Program[]> {
  const files = isFolder(path)
    ? readdirSync(path)
        .filter((file) => file.endsWith(".py"))
        .sort()
        .map((file) => join(path, file))
    : [path];
  const found: Program[] = [];
  for (const file of files) {
    const name = basename(file);
    const text = await read(file);
    const parts = cells ? cellPrograms(text) : [{ name: "", text }];
    for (const part of parts)
      found.push({
        name: part.name === "" ? name : `${name}: ${part.name}`,
        given: { mode: "script", blocks: [{ name, text: part.text }], folder: folderOf(file) },
      });
  }
  if (found.length === 0)
    throw new UsageError(
      cells
        ? `${path} has no cell: start each with a line "# %% name"`
        : `${path} holds no Python file (.py)`,
    );
  return found;
}

/** A block cut at its `# ---` lines; blank lines above keep the line numbers of the block. */
function parted(text: string, name: string): CodeBlock[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const parts = partsOf(lines);
  return parts.map(({ start, end }, index) => ({
    name: parts.length === 1 ? name : `${name}.${index + 1}`,
    text: "\n".repeat(start) + lines.slice(start, end).join("\n"),
  }));
}

const folderOf = (file: string): string => (file === "-" ? process.cwd() : dirname(resolve(file)));

async function read(file: string): Promise<string> {
  if (file === "-") return readAll(process.stdin);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = (code && REASONS[code]) ?? String(error);
    throw new UsageError(
      `cannot read ${file}: ${why}; give the path of a Python file, or - for standard input`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`cannot read ${file}: it is not UTF-8 text; save it as UTF-8`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
};
