/** `python -m backstep_recorder` in front of a file or a module: the program's own arguments, output, exit code, and a trace. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { readTrace } from "../../trace/read.ts";
import { anyPython, describeAgainstPyTorch } from "../support/pytorch.ts";

const RECORDER = fileURLToPath(new URL("../../dist/recorder", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "backstep-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `import sys, torch
x = torch.tensor(3., requires_grad=True)
(x * float(sys.argv[1])).backward()
print(__name__, sys.argv[1:], x.grad, sys.argv[0].endswith(".py"))
sys.exit(5)
`;
mkdirSync(join(folder, "tool"));
writeFileSync(join(folder, "tool", "__init__.py"), "");
writeFileSync(join(folder, "tool", "factor.py"), "two = 2\n");
writeFileSync(
  join(folder, "tool", "__main__.py"),
  `${PROGRAM.replace("sys.exit(5)", "from .factor import two\nprint(two, __package__)\nsys.exit(5)")}`,
);
writeFileSync(join(folder, "script.py"), PROGRAM);

describeAgainstPyTorch("the recorder's command", (python) => {
  const run = (...args: string[]) => {
    const env = { ...process.env, PYTHONPATH: RECORDER };
    const { stdout, status } = spawnSync(python, args, { cwd: folder, encoding: "utf8", env });
    return { stdout, status };
  };

  test.each([
    ["a file", ["script.py", "2", "--out"]],
    ["a module", ["-m", "tool", "2", "--out"]],
  ])("runs %s with its arguments as Python does", { timeout: 120_000 }, (_, program) => {
    const plain = run(...program);
    expect(plain.status).toBe(5);
    expect(run("-m", "backstep_recorder", "--out", "trace.json", ...program)).toEqual(plain);
    const trace = readTrace(readFileSync(join(folder, "trace.json"), "utf8"));
    expect(trace.backwards[0]?.steps.map(({ node }) => trace.nodes[node]?.name)).toEqual([
      "MulBackward0",
      "AccumulateGrad",
    ]);
  });
});

test("a Python whose code objects have no co_positions gives the line", () => {
  if (anyPython === null) return console.log("not checked: a Python without co_positions (no Python)");
  const program = `
import types
from backstep_run.sources import Sources
sources = Sources()
sources.add("old.py", "a = 1\\nb = a + 1\\n", "a = 1\\nb = a + 1\\n")
code = types.SimpleNamespace(co_filename="old.py")
place = sources.place(code, 4, 2)
print(place["start"]["line"], place["end"]["line"], place["start"]["character"], place["end"]["character"])
`;
  const env = { ...process.env, PYTHONPATH: RECORDER };
  expect(execFileSync(anyPython, ["-c", program], { encoding: "utf8", env })).toBe("1 1 0 9\n");
});
