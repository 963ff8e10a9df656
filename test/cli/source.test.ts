import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readScript, readTraced, UsageError } from "../../cli/source.ts";

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "backstep-cli-"));
  writeFileSync(at("a.py"), "print(1)\n");
  writeFileSync(at("latin.py"), Buffer.from([0x22, 0xe9, 0x22]));
  writeFileSync(at("bom.py"), "\ufeffprint(2)\n");
  writeFileSync(
    at("note.md"),
    "# Note\n```python\na = 1\na\n# ---\na + 1\n```\n```js\nno\n```\n- x\n  ```py\n  b = 2\n  ```\n",
  );
  writeFileSync(at("words.md"), "no code\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("a Python file", () => {
  test("runs as a script, called by its whole path as python calls it", async () => {
    expect(await readScript(at("a.py"))).toEqual({
      mode: "script",
      blocks: [{ name: at("a.py"), text: "print(1)\n" }],
      folder,
    });
  });

  test("is traced as a script", async () => {
    expect(await readTraced(at("a.py"), undefined)).toMatchObject({
      mode: "script",
      blocks: [{ name: "a.py" }],
    });
  });

  test("loses its byte order mark", async () => {
    expect((await readScript(at("bom.py"))).blocks[0]?.text).toBe("print(2)\n");
  });
});

describe("a note", () => {
  test("runs its blocks in order, each cut at its dividers and counting its own lines", async () => {
    const { mode, blocks } = await readTraced(at("note.md"), undefined);
    expect(mode).toBe("note");
    expect(blocks).toEqual([
      { name: "note.md#1.1", text: "a = 1\na" },
      { name: "note.md#1.2", text: "\n\n\na + 1" },
      { name: "note.md#2", text: "b = 2" },
    ]);
  });

  test("runs up to the block that was asked for", async () => {
    expect((await readTraced(at("note.md"), 1)).blocks.map(({ name }) => name)).toEqual([
      "note.md#1.1",
      "note.md#1.2",
    ]);
  });
});

describe("wrong use is refused in words", () => {
  const refusal = async (read: Promise<unknown>) => {
    const error = await read.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message.replaceAll(`${folder}/`, "");
  };

  test("a file that is not there", async () => {
    expect(await refusal(readScript(at("gone.py")))).toBe(
      "cannot read gone.py: there is no such file; give the path of a Python file, or - for standard input",
    );
  });

  test("a folder", async () => {
    expect(await refusal(readTraced(folder, undefined))).toMatch(/: it is a folder; /);
  });

  test("a file that is not text", async () => {
    expect(await refusal(readScript(at("latin.py")))).toBe(
      "cannot read latin.py: it is not UTF-8 text; save it as UTF-8",
    );
  });

  test("a note for run", async () => {
    expect(await refusal(readScript(at("note.md")))).toBe(
      'note.md is a Markdown note, and "run" takes a Python file: use "backstep trace note.md --block N" for its blocks',
    );
  });

  test("a block that the note lacks", async () => {
    expect(await refusal(readTraced(at("note.md"), 3))).toBe(
      "--block 3: note.md has 2 Python blocks: give 1 to 2",
    );
  });

  test("a block of a Python file", async () => {
    expect(await refusal(readTraced(at("a.py"), 1))).toBe(
      "--block is for Markdown notes (.md), and a.py is none: leave it out",
    );
  });

  test("a note without code", async () => {
    expect(await refusal(readTraced(at("words.md"), undefined))).toBe(
      "words.md has no Python block: write code between ```python and ```",
    );
  });
});
