/** The built command line as a person uses it: `npm run build` comes first. */
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareTraces } from "../../trace/compare.ts";
import { readTrace } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";

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

  test("says in one line that a figure was made, and prints nothing else", () => {
    const program =
      "import numpy as np\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('loss')\nplt.quiver([1])\nplt.show()\n";
    const { stdout, stderr, status } = backstep(["run", "-"], program);
    expect({ stdout, stderr, status }).toEqual({
      stdout: "",
      stderr: 'backstep: a figure was made ("loss"); the panel draws it. Passed over: quiver.\n',
      status: 0,
    });
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

  test("gives one page with the trace and the panel in it", () => {
    const { stdout } = backstep(["trace", "square.py", "--format", "html"]);
    expect(stdout).toMatch(/^<!DOCTYPE html>/);
    const [, data = ""] = /id="backstep-data">(.*)<\/script>/.exec(stdout) ?? [];
    const { state } = JSON.parse(data) as { state: { title: string; place: unknown } };
    expect(state).toMatchObject({ title: "square.py", place: { backward: 0, step: -1, phase: 0 } });
    expect(stdout).toContain(readFileSync("dist/webview/style.css", "utf8"));
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

describe("open", () => {
  const saved = (name: string, rank: number | null): void => {
    const trace = readTrace(backstep(["trace", "square.py", "--format", "json"]).stdout);
    const process = rank === null ? {} : { process: { rank, of: 2 } };
    writeFileSync(join(folder, name), JSON.stringify({ ...trace, ...process }));
  };

  test("says what is in a trace", () => {
    saved("one.json", null);
    const { stdout, stderr, status } = backstep(["open", "one.json"]);
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toMatch(
      /^one\.json {2}embedded engine {2}square\.py\n {2}1 backward pass, of 3 steps; 3 nodes, \d+ tensors\n$/,
    );
  });

  test("of a folder of ranks shows each leaf on each of them", () => {
    mkdirSync(join(folder, "ranks"));
    saved("ranks/a.json", 0);
    saved("ranks/b.json", 1);
    const { stdout, status } = backstep(["open", "ranks"]);
    expect(status).toBe(0);
    expect(stdout).toContain("a.json  rank 0 of 2  embedded engine  square.py");
    expect(stdout).toMatch(
      /pass 1: x\.grad\n {2}rank 0 adds +\[6, 8\]\n {2}rank 1 adds +\[6, 8\]\n {2}mean +\[6, 8\]\n/,
    );
    const text = backstep(["open", "ranks", "--rank", "1", "--format", "text"]).stdout;
    expect(text).toBe(backstep(["trace", "square.py"]).stdout.replace(/^[\s\S]*?(?=backward pass)/, ""));
    expect(backstep(["open", "ranks", "--rank", "7", "--format", "dot"]).stderr).toContain(
      "--rank 7: there are the ranks 0, 1",
    );
  });

  test("of two traces of one program says whether they agree", () => {
    saved("left.json", null);
    expect(backstep(["open", "one.json", "left.json"]).stdout).toContain("The two traces agree.");
    const text = readFileSync(join(folder, "left.json"), "utf8").replaceAll("[6,8]", "[6,9]");
    writeFileSync(join(folder, "left.json"), text);
    const { stdout } = backstep(["open", "one.json", "left.json"]);
    expect(stdout).toMatch(/The two traces differ in \d+ places \(left\.json \| one\.json\):/);
    expect(stdout).toMatch(/backward 1, step 2 PowBackward0: downstream 0 \[1\]: 9 \| 8/);
  });

  test.each([
    ["{", "this is not a trace: the file is not JSON"],
    ["{}", '"format" is missing, but must be "backstep-trace"'],
    ['{"format":"backstep-trace","version":7}', "this trace has format version 7"],
    ['{"format":"backstep-trace","version":1}', "this trace is damaged"],
  ])("refuses %s with the reason, and 2", (text, words) => {
    writeFileSync(join(folder, "bad.json"), text);
    const { stdout, stderr, status } = backstep(["open", "bad.json"]);
    expect(stdout).toBe("");
    expect(stderr).toContain(`bad.json: `);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });
});

describeAgainstPyTorch("the engine pytorch on the command line", (python) => {
  test("gives the embedded engine's trace", () => {
    const [embedded, real] = [["embedded"], ["pytorch", "--python", python]].map((engine) =>
      readTrace(backstep(["trace", "square.py", "--format", "json", "--engine", ...engine]).stdout),
    );
    expect(real?.engine.name).toBe("pytorch");
    expect(compareTraces(embedded as Trace, real as Trace)).toEqual([]);
  });

  test("finds the program's modules beside it, and works where the command was given", () => {
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "inner", "beside.py"), "value = 3\n");
    writeFileSync(
      join(folder, "inner", "main.py"),
      "import os, beside\nprint(beside.value, os.path.basename(os.getcwd()), __file__)\n",
    );
    const { stdout } = backstep(["run", "--engine", "pytorch", "--python", python, "inner/main.py"]);
    expect(stdout).toBe(`3 ${basename(folder)} ${join(realpathSync(folder), "inner", "main.py")}\n`);
  });

  test("compare says that both engines agree, and exits with 0", () => {
    const { stdout, stderr, status } = backstep(["compare", "square.py", "--python", python]);
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toMatch(/^embedded engine \| PyTorch \d/);
    expect(stdout).toContain("   2 = PowBackward0  [1, 1] → [6, 8]\n");
    expect(stdout).toContain("The two engines agree");
  });

  test("compare shows where a program parts, and exits with 1", () => {
    const text =
      "import sys, torch\nx = torch.ones(2, requires_grad=True)\nf = 3 if hasattr(torch, '_C') else 2\n(x * f).sum().backward()\n";
    const { stdout, status } = backstep(["compare", "-", "--python", python], text);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^ {3}2 ≠ MulBackward0 {2}\[1, 1\] → \[2, 2\] +\| {2}MulBackward0 {2}\[1, 1\] → \[3, 3\]$/m,
    );
    expect(stdout).toContain("The two engines part at step 2 of pass 1, MulBackward0.");
  });

  test("compare of a folder gives each program a line, counts them, and exits with 1 where one parts", () => {
    mkdirSync(join(folder, "several"));
    const square = "x = torch.ones(2, requires_grad=True)\n(x ** 2).sum().backward()\n";
    const parting =
      "x = torch.ones(1, requires_grad=True)\n(x * (3 if hasattr(torch, '_C') else 2)).backward()\n";
    writeFileSync(join(folder, "several", "a.py"), `import torch\n${square}`);
    writeFileSync(
      join(folder, "several", "b.py"),
      `import torch\n\n# %% one\n${square}\n# %% other\n${parting}`,
    );
    const whole = backstep(["compare", "several", "--python", python]);
    expect([whole.stderr, whole.status]).toEqual(["", 1]);
    expect(whole.stdout).toMatch(
      /^= a\.py\n≠ b\.py\n(?: {4}.*\n)* {4}backward 2, step 1 MulBackward0: downstream 0/,
    );
    expect(whole.stdout).toMatch(/\n\n2 programs: 1 agree, 1 part \(embedded \| pytorch\)\n$/);
    const cells = backstep(["compare", "several/b.py", "--cells", "--python", python]);
    expect(cells.stdout).toMatch(/^= b\.py: one\n≠ b\.py: other\n/);
    expect(backstep(["compare", "several/a.py", "--cells", "--python", python]).stderr).toContain(
      'several/a.py has no cell: start each with a line "# %% name"',
    );
  });

  test("compare without PyTorch says what is missing, and exits with 3", () => {
    const { stderr, status } = backstep(["compare", "square.py", "--python", "/no/such/python"]);
    expect(status).toBe(3);
    expect(stderr).toContain("the interpreter /no/such/python could not be started");
  });
});

describe("wrong use says what is allowed and exits with 2", () => {
  test.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["trace"], "missing required argument 'file'"],
    [["run", "gone.py"], "cannot read gone.py: there is no such file"],
    [["trace", "note.md", "--block", "9"], "--block 9: note.md has 2 Python blocks: give 1 to 2"],
    [["trace", "note.md", "--block", "x"], "it must be a whole number, 1 or more"],
    [["trace", "square.py", "--format", "svg"], "Allowed choices are text, json, dot, html"],
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

describe("why", () => {
  test("answers about the named tensor", () => {
    const { stdout, status } = backstep(["why", "twice.py", "--tensor", "a"]);
    expect(stdout).toMatch(/^Why is the gradient of a the sum of several\?\n {2}a\.grad was not empty/);
    expect(stdout).toMatch(/What to do: Set a\.grad = None/);
    expect(status).toBe(0);
  });

  test("refuses a name that the program has not, with those that it has", () => {
    const { stderr, status } = backstep(["why", "twice.py", "--tensor", "nobody"]);
    expect(stderr).toMatch(/--tensor nobody: the program has no tensor of that name; there are a\b/);
    expect(status).toBe(2);
  });

  test("answers about the error of a program that failed", () => {
    const program = "import torch\nx = torch.ones(2, requires_grad=True)\n(x * x).backward()\n";
    const { stdout } = backstep(["why", "-"], program);
    expect(stdout).toMatch(/^Why did it end with RuntimeError\?\n {2}A pass starts from one number/);
    expect(stdout).toMatch(/line 3/);
  });
});

describe("check", () => {
  const program = (backward: string): string =>
    `import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, g):
        return g * ${backward}
x = torch.tensor([1., 2.], requires_grad=True)
Cube.apply(x).sum().backward()
`;

  test("names a wrong backward, and exits with 1", () => {
    const { stdout, status } = backstep(["check", "-"], program("2 * ctx.saved_tensors[0] ** 2"));
    expect(stdout).toMatch(
      /CubeBackward: Towards x\[1\] the rule gives 8, but finite differences give 12\. \(line 11\)/,
    );
    expect(status).toBe(1);
  });

  test("agrees with a right one", () => {
    const { stdout, status } = backstep(["check", "-"], program("3 * ctx.saved_tensors[0] ** 2"));
    expect(stdout).toContain("3 of 3 gradients agree, and none differs.");
    expect(status).toBe(0);
  });
});
