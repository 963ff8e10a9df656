/** Small programs, one cell each, run by the embedded engine and by PyTorch: what they print must be the same. */
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
  return readFileSync(file, "utf8")
    .split(/^# %% /m)
    .slice(1)
    .map((cell) => {
      const [name = "", ...lines] = cell.split("\n");
      return { name, text: `import torch\n${lines.join("\n").trimEnd()}\n` };
    });
}

/** What an uncaught exception says: from the line that names it on. */
function lastWords(stderr: string): string {
  const at = stderr.search(/^\w*(Error|Exception|Warning|Exit)\b.*(?![\s\S]*^\w*(Error|Exception)\b)/m);
  return at < 0 ? stderr : stderr.slice(at);
}

/** One program that runs each text by itself and prints, line by line as JSON, what it raised. */
function together(texts: readonly string[]): string {
  return `import json
for text in json.loads(${JSON.stringify(JSON.stringify(texts))}):
    try:
        exec(compile(text, "snippet.py", "exec"), {"__name__": "__main__"})
        print("null")
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"))
`;
}

for (const name of readdirSync(`${HERE}programs`).sort()) {
  describeAgainstPyTorch(`programs/${name}`, (python) => {
    const all = programs(`${HERE}programs/${name}`);
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

describeAgainstPyTorch("wrong calls", (python) => {
  const all = programs(`${HERE}errors.py`);
  test("raise what PyTorch raises, type and message", async () => {
    const texts = all.map(({ text }) => text);
    const judged = runPython(python, `${HERE}judge.py`, texts) as readonly Judged[];
    const { stdout } = await runSnippet(together(texts));
    const raised = stdout.trimEnd().split("\n");
    expect(raised).toHaveLength(all.length);
    const named = (said: readonly string[]) => all.map((program, i) => [program.name, said[i]]);
    expect(named(raised.map((line) => JSON.parse(line).trimEnd()))).toEqual(
      named(judged.map(({ stderr }) => lastWords(stderr).trimEnd())),
    );
  });
});
