/** The built command line as a person uses it: `npm run build` comes first. */
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTrace } from "../../trace/read.ts";

const CLI = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));
let folder = "";

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error("dist/ is not built: run `npm run build`");
  folder = mkdtempSync(join(tmpdir(), "backstep-cli-"));
  for (const [name, text] of Object.entries({ ...SCRIPTS, ...FILES }))
    writeFileSync(join(folder, name), text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const options = () => ({ cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 }) as const;
const backstep = (args: readonly string[], input = ""): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [CLI, ...args], { ...options(), input });
const python = (args: readonly string[], input = ""): SpawnSyncReturns<string> =>
  spawnSync("python3", args, { ...options(), input });

/** Without torch, so that any Python is a judge. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "empty.py": "",
  "args.py": "import sys\nprint(sys.argv, __name__, __file__)\n",
  "exit3.py": "import sys\nprint('a')\nsys.exit(3)\n",
  "exit_words.py": "import sys\nsys.exit('bad thing')\n",
  "exit_none.py": "raise SystemExit\n",
  "raises.py": "def f(n):\n    return 1 / n\n\nprint('before')\nf(0)\n",
  "chained.py": "try:\n    {}['k']\nexcept KeyError as e:\n    raise ValueError('second') from e\n",
  "syntax.py": "print('x')\ndef f(:\n    pass\n",
  "indent.py": "if True:\nprint(1)\n",
  "magic.py": "%matplotlib inline\nprint(1)\n",
  "no_newline.py": "print('no newline', end='')\n",
  "unicode.py": "import sys\nprint('한국어 🎈 é')\nprint('err 한', file=sys.stderr)\n",
  "big.py": "for i in range(60000): print(i, 'x' * 20)\n",
  "module.py": "import helper\nprint(helper.twice(4))\nprint(open('data.txt').read())\n",
  "beside.py":
    "import os, pathlib\nprint(open(os.path.join(os.path.dirname(__file__), 'data.txt')).read())\nprint((pathlib.Path(__file__).parent / 'data.txt').exists())\n",
  "asks.py": "try:\n    input('name? ')\nexcept EOFError as e:\n    print('EOF', e)\n",
  "main.py":
    "class A:\n    def __repr__(self): return 'A()'\nif __name__ == '__main__':\n    print([A()], {1: 2}, 0.1 + 0.2)\n    assert False, 'no'\n",
  "last_value.py": "1 + 1\n'not shown'\n",
};

const FILES = {
  "helper.py": "def twice(x): return 2 * x\n",
  "data.txt": "hello data",
  "loop.py": "print('start', flush=True)\nwhile True: pass\n",
  "square.py":
    "import torch\nx = torch.tensor([3., 4.]).requires_grad_()\ndef f(x): return (x**2).sum()\ny = f(x)\nprint(x, y)\ny.backward()\nprint(x.grad)\n",
  "twice.py":
    "import torch\na = torch.tensor(2., requires_grad=True)\n(a * 3).backward()\n(a * a).backward()\nprint(a.grad)\n",
  "no_pass.py": "import torch\na = torch.tensor(2., requires_grad=True)\nb = a * 3\n",
  "halfway.py":
    "import torch\na = torch.tensor([2.], requires_grad=True)\n(a * 3).sum().backward()\nprint(a.nothing)\n",
  "note.md":
    "# Note\n\n```python\nx = torch.tensor([3., 4.]).requires_grad_()\nx\n# ---\ndef f(x): return torch.mul(*(x**2))\ny = f(x)\ny\n```\n\n```python\ny.backward()\nx.grad\n```\n",
};

/** What must be equal whatever the version of Python: without the marks under a line, which are newer. */
const comparable = (stderr: string): string => stderr.replace(/^[ ~^]+\n/gm, "");

describe("run prints and exits as python does", () => {
  const hasPython = spawnSync("python3", ["--version"]).status === 0;
  if (!hasPython) console.log("not checked: backstep run against python3 (there is none)");

  test.each(hasPython ? Object.keys(SCRIPTS) : [])("%s", (name) => {
    const args = [name, "one", "--two"];
    const theirs = python(args);
    const ours = backstep(["run", ...args]);
    expect(ours.stdout).toBe(theirs.stdout);
    expect(comparable(ours.stderr)).toBe(comparable(theirs.stderr));
    expect(ours.status).toBe(theirs.status);
  });

  test("on standard input", () => {
    const program = "import sys\nprint(sys.argv)\n1 / 0\n";
    const ours = backstep(["run", "-", "z"], program);
    expect(ours.stdout).toBe("['-', 'z']\n");
    expect(ours.stderr).toMatch(
      /^Traceback \(most recent call last\):\n {2}File "<stdin>", line 3, in <module>\n/,
    );
    expect(ours.status).toBe(1);
  });

  test("with PyTorch's numbers", () => {
    const { stdout, stderr, status } = backstep(["run", "square.py"]);
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "tensor([3., 4.], requires_grad=True) tensor(25., grad_fn=<SumBackward0>)\ntensor([6., 8.])\n",
    );
    expect(status).toBe(0);
  });
});

describe("trace", () => {
  test("writes the pass after what the program prints", () => {
    const { stdout, status } = backstep(["trace", "square.py"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^tensor\(\[3., 4.\], requires_grad=True\) .*\ntensor\(\[6., 8.\]\)\n\nbackward pass 1 of 1/,
    );
    expect(stdout).toContain(
      "SumBackward0 copies: every element that was added up gets the upstream gradient. So x**2 gets [1, 1].",
    );
    expect(stdout).toContain("So x gets [1, 1] * (2 * [3, 4]) = [6, 8].");
    expect(stdout).toMatch(/saved +_saved_exponent = 2/);
    expect(stdout).toMatch(/x\.grad +None \+ \[6, 8\] = \[6, 8\]/);
  });

  test("runs the blocks of a note in order, showing each one's last value", () => {
    const { stdout, status } = backstep(["trace", "note.md"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^tensor\(\[3., 4.\], requires_grad=True\)\ntensor\(144., grad_fn=<MulBackward0>\)\ntensor\(\[96., 72.\]\)\n/,
    );
    expect(stdout).toContain("So (x**2)[0] gets 1 * 16 = 16 and (x**2)[1] gets 1 * 9 = 9.");
    expect(stdout).toContain("So x gets [16, 9] * (2 * [3, 4]) = [96, 72].");
  });

  test("runs a note only up to the block that was asked for", () => {
    const { stdout } = backstep(["trace", "note.md", "--block", "1"]);
    expect(stdout).toContain("tensor(144., grad_fn=<MulBackward0>)\n\nNo backward pass was run");
  });

  test("shows the pass that was asked for, the last without asking", () => {
    expect(backstep(["trace", "twice.py", "--backward", "1"]).stdout).toContain("backward pass 1 of 2");
    const { stdout } = backstep(["trace", "twice.py"]);
    expect(stdout).toContain("backward pass 2 of 2");
    expect(stdout).toMatch(/a\.grad +3 \+ 4 = 7/);
  });

  test("gives JSON alone on standard output, and it is a trace", () => {
    const { stdout, stderr } = backstep(["trace", "square.py", "--format", "json"]);
    const trace = readTrace(stdout);
    expect(stderr).toBe(trace.output.map(({ text }) => text).join(""));
    expect(trace.backwards[0]?.steps.map(({ node }) => trace.nodes[node]?.name)).toEqual([
      "SumBackward0",
      "PowBackward0",
      "AccumulateGrad",
    ]);
    expect(trace.error).toBeNull();
  });

  test("gives DOT", () => {
    expect(backstep(["trace", "square.py", "--format", "dot"]).stdout).toMatch(
      /^digraph backward \{\n[\s\S]*\}\n$/,
    );
  });

  test("writes to a file and leaves standard output to the program", () => {
    const { stdout } = backstep(["trace", "square.py", "--format", "json", "--out", "t.json"]);
    expect(stdout).toMatch(/^tensor.*\ntensor.*\n$/);
    expect(readTrace(readFileSync(join(folder, "t.json"), "utf8")).backwards.length).toBe(1);
  });

  test("of a program that raises still has the pass before, and python's exit code", () => {
    const { stdout, stderr, status } = backstep(["trace", "halfway.py"]);
    expect(status).toBe(1);
    expect(stderr).toContain("AttributeError: 'Tensor' object has no attribute 'nothing'");
    expect(stdout).toContain("backward pass 1 of 1");
    expect(stdout).toContain("The program raised AttributeError: 'Tensor' object has no attribute 'nothing'");
  });

  test("of a program without a pass lists the graph", () => {
    expect(backstep(["trace", "no_pass.py"]).stdout).toContain("MulBackward0  a * 3  (a ← AccumulateGrad, ");
  });
});

describe("wrong use says what is allowed and exits with 2", () => {
  test.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["trace"], "missing required argument 'file'"],
    [["run", "gone.py"], "cannot read gone.py: there is no such file"],
    [["trace", "note.md", "--block", "9"], "--block 9: note.md has 2 Python blocks: give 1 to 2"],
    [["trace", "note.md", "--block", "x"], "it must be a whole number, 1 or more"],
    [["trace", "square.py", "--format", "svg"], "Allowed choices are text, json, dot"],
    [["trace", "square.py", "--engine", "jax"], "Allowed choices are embedded"],
    [
      ["trace", "twice.py", "--backward", "3"],
      "--backward 3: the program ran 2 backward passes; give 1 to 2",
    ],
    [
      ["trace", "no_pass.py", "--backward", "1"],
      "--backward 1: the program ran no backward pass; call .backward() in it",
    ],
    [["trace", "square.py", "--out", "no/such/place"], "cannot write no/such/place"],
  ])("%j", (args, words) => {
    const { stderr, status } = backstep(args);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
    expect(status).toBe(2);
  });

  test("help and the version are no errors", () => {
    expect(backstep(["trace", "--help"])).toMatchObject({ status: 0, stderr: "" });
    expect(backstep(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("a run that does not end by itself", () => {
  const started = (args: readonly string[]) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: folder });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const said = new Promise((resolve) => child.stdout.once("data", resolve));
    return { child, ended, said };
  };

  test("ends with 130 after Ctrl-C", async () => {
    const { child, ended, said } = started(["run", "loop.py"]);
    await said;
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  test("ends at the time limit with 3 and the reason", () => {
    const { stdout, stderr, status } = backstep(["trace", "loop.py", "--time-limit", "1"]);
    expect(stdout).toBe("start\n");
    expect(stderr).toContain('File "loop.py", line');
    expect(stderr).toMatch(/^backstep: it ran for longer than the time limit of 1 seconds/m);
    expect(status).toBe(3);
  });

  test("ends quietly where nobody reads any more", async () => {
    const { child, ended, said } = started(["run", "big.py"]);
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    await said;
    child.stdout.destroy();
    expect(await ended).toBe(141);
    expect(complaints).toBe("");
  });
});
