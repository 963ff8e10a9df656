import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FOLDER_LIMITS, notVisible, readFolder } from "../../engines/folder.ts";
import { ENGLISH } from "../../trace/l10n.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backstep-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const put = (path: string, text = "") => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const reached = async (code: string) => [...(await readFolder(folder, code)).files.keys()];

test("a module is there for the code that names it, and so is what it names in turn", async () => {
  put("model.py", "from layers import linear");
  put("layers/__init__.py");
  put("layers/linear.py", "import helpers");
  put("helpers.py");
  put("other.py");
  expect(await reached("import model")).toEqual([
    "model.py",
    "layers/__init__.py",
    "layers/linear.py",
    "helpers.py",
  ]);
  expect(await reached("remodel = 1")).toEqual([]);
});

test("the interpreter's own torch is not named by a folder of that name, but a package at the top goes before it", async () => {
  put("torch/train.py");
  put("old/torch/__init__.py");
  put("matplotlib/plot.py");
  expect(await reached("import torch, matplotlib")).toEqual([]);
  expect(await reached("import torch, train")).toEqual(["torch/train.py"]);
  put("torch/__init__.py");
  expect(await reached("import torch")).toEqual(["torch/__init__.py", "torch/train.py"]);
});

test("data is there for the code that spells its name or its extension", async () => {
  put("input.txt", "hello");
  put("data/a.csv");
  put("data/b.csv");
  put("weights");
  expect(await reached("open('input.txt')")).toEqual(["input.txt"]);
  expect(await reached("open(f'data/{i}.csv')")).toEqual(["data/a.csv", "data/b.csv"]);
  expect(await reached("open('weights')")).toEqual(["weights"]);
});

test("code that lists folders gets everything but what is hidden, a link or a package folder", async () => {
  for (const path of [
    "a.bin",
    "b/c.txt",
    ".env",
    ".git/config",
    "node_modules/x/y.py",
    "__pycache__/a.pyc",
    "envs/pyvenv.cfg",
    "envs/lib/z.py",
  ])
    put(path);
  symlinkSync("/etc/hostname", join(folder, "link.txt"));
  expect(await reached("import os; os.listdir('.')")).toEqual(["a.bin", "b/c.txt"]);
});

test("what is over a limit is left out and said", async () => {
  put("big.bin");
  truncateSync(join(folder, "big.bin"), FOLDER_LIMITS.file + 1);
  put("small.bin", "x");
  const { files, omitted } = await readFolder(folder, "open('big.bin'); open('small.bin')");
  expect([...files.keys()]).toEqual(["small.bin"]);
  expect(omitted).toEqual(["big.bin"]);
  expect(notVisible(omitted, ENGLISH)).toBe(
    "The program does not see big.bin: it gets copies of at most 1000 files, of 8 MB each and 32 MB in all.",
  );
});

test("of many that are left out a few are named and the rest counted", () => {
  expect(notVisible(["a", "b", "c", "d", "e"], ENGLISH)).toContain("does not see a, b, c and 2 more files:");
  expect(notVisible([], ENGLISH)).toBeNull();
});

test("a call is no file's extension, and a letter of the code no file's name", async () => {
  for (const path of ["sw.t", "sw.e", "x", "page.s"]) put(path, "listdir");
  expect(await reached("y = x0.t() * a.exp() + b.e_1")).toEqual([]);
});

test("words of a data file call nothing, but may name files", async () => {
  put("index.csv", "image0.png,walk\nimage1.png,glob");
  put("image0.png");
  put("notes.md");
  put("other.py");
  expect(await reached("open('index.csv')")).toEqual(["index.csv", "image0.png"]);
});

test("bytes are handed over as they are", async () => {
  writeFileSync(join(folder, "x.bin"), Buffer.from([0, 255, 10]));
  const { files } = await readFolder(folder, "open('x.bin', 'rb')");
  expect(Buffer.from(files.get("x.bin") as Uint8Array)).toEqual(Buffer.from([0, 255, 10]));
});

test("a folder that is not there has no files", async () => {
  expect(await reached("")).toEqual([]);
  expect((await readFolder(join(folder, "gone"), "listdir")).files.size).toBe(0);
});
