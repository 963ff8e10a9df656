/** The modules and data beside a snippet that it could be asking for, as copies to hand to a run. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { L10n } from "../trace/l10n.ts";

/** Bytes of one file, bytes of all, and how many of them: more than that is not handed over. */
export const FOLDER_LIMITS = {
  file: 8 << 20,
  total: 32 << 20,
  files: 1000,
  entries: 20_000,
  depth: 8,
} as const;

/** Never what a snippet means, and often huge. */
const SKIPPED_FOLDERS = new Set(["node_modules", "__pycache__", "venv", "site-packages"]);

/** What the sandbox takes; a backslash would be a separator elsewhere. */
const LONGEST_PATH = 1024;

/** With one of these a program can come to names that it does not spell. */
const LISTS_FILES = /\b(?:listdir|scandir|iterdir|r?glob|walk|importlib|__import__|import_module|runpy)\b/;

export interface Folder {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Paths of what was asked for but is over a limit. */
  readonly omitted: readonly string[];
}

interface Candidate {
  readonly path: string;
  readonly size: number;
}

/**
 * The files below `folder` that `code` could reach: modules that it (or a module or file so found) names, data
 * whose name or extension it spells, everything where it lists folders. Hidden files, links and package
 * folders are left out. Nearest first, so that the limits cut what is farthest.
 */
export async function readFolder(folder: string, code: string): Promise<Folder> {
  const files = new Map<string, Uint8Array>();
  const omitted: string[] = [];
  let waiting = await list(folder);
  const there: ReadonlySet<string> = new Set(waiting.map(({ path }) => path));
  let total = 0;
  let named = "";
  for (let text = code; text !== "" || named !== ""; ) {
    const all = LISTS_FILES.test(text);
    const words = text;
    const names = named;
    const reached = waiting.filter(
      ({ path }) =>
        all || couldReach(words, path, there) || (!path.endsWith(".py") && couldReach(names, path, there)),
    );
    const found = new Set(reached);
    waiting = waiting.filter((candidate) => !found.has(candidate));
    text = named = "";
    for (const { path, size } of reached) {
      if (
        size > FOLDER_LIMITS.file ||
        total + size > FOLDER_LIMITS.total ||
        files.size >= FOLDER_LIMITS.files
      ) {
        omitted.push(path);
        continue;
      }
      const bytes = await readFile(join(folder, path)).catch(() => null);
      if (bytes === null) continue;
      files.set(path, bytes);
      total += bytes.length;
      // A module is more of the program; any other file may name files, but its words call nothing.
      if (path.endsWith(".py")) text += `${bytes.toString("utf8")}\n`;
      else if (!bytes.includes(0)) named += `${bytes.toString("utf8")}\n`;
    }
  }
  return { files, omitted };
}

/** Names of so many files are told; of a folder full of them, how many more there are. */
const TOLD = 3;
const MB = 1 << 20;

/** One sentence about all that is over a limit; null where nothing is. */
export function notVisible(omitted: readonly string[], l10n: L10n): string | null {
  if (omitted.length === 0) return null;
  const { file, total, files } = FOLDER_LIMITS;
  const names = omitted.slice(0, TOLD).join(", ");
  const more = omitted.length - TOLD;
  return l10n.t(
    "The program does not see {0}: it gets copies of at most {1} files, of {2} MB each and {3} MB in all.",
    more > 0 ? l10n.t("{0} and {1} more files", names, more) : names,
    files,
    file / MB,
    total / MB,
  );
}

/** Files below the folder, the nearest first, each level by name. */
async function list(folder: string): Promise<Candidate[]> {
  const found: Candidate[] = [];
  let entries = 0;
  let level = [""];
  for (let depth = 0; depth < FOLDER_LIMITS.depth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const prefix of level) {
      const children = await readdir(join(folder, prefix), { withFileTypes: true }).catch(() => []);
      // A Python environment under any name.
      if (prefix !== "" && children.some(({ name }) => name === "pyvenv.cfg")) continue;
      children.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const child of children) {
        if (child.name.startsWith(".") || entries >= FOLDER_LIMITS.entries) continue;
        entries++;
        const path = prefix + child.name;
        if (child.isDirectory() && !SKIPPED_FOLDERS.has(child.name)) next.push(`${path}/`);
        else if (child.isFile() && path.length <= LONGEST_PATH && !path.includes("\\")) {
          const size = await stat(join(folder, path)).then(
            (of) => of.size,
            () => null,
          );
          if (size !== null) found.push({ path, size });
        }
      }
    }
    level = next;
  }
  return found;
}

/** Whether a program with this text could come to that file. */
function couldReach(text: string, path: string, there: ReadonlySet<string>): boolean {
  const parts = path.split("/");
  const name = parts.pop() as string;
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot) : "";
  if (extension !== ".py") return hasWord(text, name) || (extension !== "" && hasEnd(text, extension));
  // A module is named by its own name or, `__init__.py` above all, by a package around it.
  const packages = parts.filter(
    (word, level) => !isInstalled(word) || (level === 0 && there.has(`${word}/__init__.py`)),
  );
  return [stem, ...packages].some((word) => hasWord(text, word));
}

/** Packages of the interpreter's own: only a package at the top of the folder, with an `__init__.py`, is found before them. */
const isInstalled = (word: string): boolean =>
  /^(?:torch|functorch|matplotlib|typing_extensions)$/.test(word);

/** `.csv` in `f"{name}.csv"`, but not `.t` in `x.tanh()`. */
function hasEnd(text: string, extension: string): boolean {
  for (let at = text.indexOf(extension); at >= 0; at = text.indexOf(extension, at + 1))
    if (!/[\p{L}\p{N}_(]/u.test(text[at + extension.length] ?? " ")) return true;
  return false;
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!/[\p{L}\p{N}_]/u.test((text[at - 1] ?? " ") + (text[at + word.length] ?? " "))) return true;
  return false;
}
