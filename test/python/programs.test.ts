/**
 * Small programs, one cell each, run by the embedded engine and by PyTorch: what they print must be the same. The
 * files of `programs/` run each cell in an interpreter of its own, those of `cells/` one after the other in one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { runSnippet } from "../support/engine.ts";
import { describeAgainstPyTorch, runPython } from "../support/pytorch.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

interface Program {
  readonly name: string;
  readonly text: string;
}
interface Judged {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** A file's cells: `# %% name`, then the program; `import torch` stands before each. */
function programs(file: string): Program[] {
  return readFileSync(`${HERE}${file}`, "utf8")
    .split(/^# %% /m)
    .slice(1)
    .map((cell) => {
      const [name = "", ...lines] = cell.split("\n");
      return { name, text: `import torch\n${lines.join("\n").trimEnd()}\n` };
    });
}

const files = (folder: string): string[] => readdirSync(`${HERE}${folder}`).sort();

/** What an uncaught exception says: from the line that names it on. */
function lastWords(stderr: string): string {
  const at = stderr.search(/^\w*(Error|Exception|Warning|Exit)\b.*(?![\s\S]*^\w*(Error|Exception)\b)/m);
  return at < 0 ? stderr : stderr.slice(at).trimEnd();
}

/** A cell's result, as both sides give it. */
interface Ran {
  readonly stdout: string;
  readonly error: string;
}

/** One program that runs each text by itself, as if it were new, and prints a line of JSON for each. */
function together(texts: readonly string[]): string {
  return `import contextlib, io, json, torch
for text in json.loads(${JSON.stringify(JSON.stringify(texts))}):
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile="default")
    torch.set_grad_enabled(True)
    said = io.StringIO()
    error = ""
    with contextlib.redirect_stdout(said):
        try:
            exec(compile(text, "snippet.py", "exec"), {"__name__": "__main__"})
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}".rstrip()
    print(json.dumps({"stdout": said.getvalue(), "error": error}))
`;
}

/** The cells of a file in one interpreter, beside what PyTorch says to each in a process of its own. */
async function runTogether(python: string, all: readonly Program[]): Promise<[Ran[], Ran[]]> {
  const texts = all.map(({ text }) => text);
  const judged = runPython(python, `${HERE}judge.py`, texts) as readonly Judged[];
  const { stdout } = await runSnippet(together(texts));
  const ours = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Ran);
  return [
    ours,
    judged.map((one) => ({ stdout: one.stdout, error: one.code === 0 ? "" : lastWords(one.stderr) })),
  ];
}

for (const name of files("programs")) {
  describeAgainstPyTorch(`programs/${name}`, (python) => {
    const all = programs(`programs/${name}`);
    let judged: readonly Judged[] = [];
    beforeAll(() => {
      judged = runPython(
        python,
        `${HERE}judge.py`,
        all.map(({ text }) => text),
      ) as readonly Judged[];
    });
    test.each(all.map((program, i) => [program.name, program.text, i] as const))(
      "prints what PyTorch prints: %s",
      async (_, text, i) => {
        const { stdout, stderr, exitCode } = await runSnippet(text);
        const expected = judged[i] as Judged;
        expect({ stdout, exitCode, error: exitCode === 0 ? "" : lastWords(stderr) }).toEqual({
          stdout: expected.stdout,
          exitCode: expected.code,
          error: expected.code === 0 ? "" : lastWords(expected.stderr),
        });
      },
    );
  });
}

for (const name of files("cells")) {
  describeAgainstPyTorch(`cells/${name}`, (python) => {
    const all = programs(`cells/${name}`);
    let ours: Ran[] = [];
    let theirs: Ran[] = [];
    beforeAll(async () => {
      [ours, theirs] = await runTogether(python, all);
    });
    test.each(all.map((program, i) => [program.name, i] as const))("as in PyTorch: %s", (_, i) => {
      expect(ours[i]).toEqual(theirs[i]);
    });
  });
}
