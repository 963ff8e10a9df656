/** Blocks of a note: shown as a notebook shows them, magics left out, errors at their places. */
import { describe, expect, test } from "vitest";
import { runSnippet } from "../support/engine.ts";

const note = (...blocks: string[]) => runSnippet(blocks, { mode: "note" });

describe("a note", () => {
  test("shows the last expression of each block, and torch needs no import", async () => {
    const ran = await note(
      "x = torch.tensor([3., 4.]).requires_grad_()\nx",
      "def f(x): return (x**2).sum()\ny = f(x)\ny",
      "y.backward()\nx.grad",
    );
    expect(ran.stdout).toBe(
      "tensor([3., 4.], requires_grad=True)\ntensor(25., grad_fn=<SumBackward0>)\ntensor([6., 8.])\n",
    );
    expect(ran.trace.output.map((chunk) => chunk.source)).toEqual([0, 1, 2]);
    expect(ran.trace.error).toBeNull();
  });

  test("shows nothing for None, after a semicolon, for a statement and for an empty block", async () => {
    const ran = await note(
      "None",
      "1 + 1;",
      "1 + 1 ;  # quiet",
      "x = 3",
      "",
      "# only a comment",
      "print('p')",
    );
    expect(ran.stdout).toBe("p\n");
    expect(ran.exitCode).toBe(0);
  });

  test("shows an expression that a comment follows, and one over several lines", async () => {
    const ran = await note("'a'  # shown", "(1 +\n 2)", "for i in range(2): pass\ni");
    expect(ran.stdout).toBe("'a'\n3\n1\n");
  });

  test("leaves magics out with a note and keeps the lines' numbers", async () => {
    const ran = await note("%load_ext autoreload\n!pip install torch\nif True:\n    %time x = 1\n1 / 0");
    expect(ran.trace.notes).toEqual([
      "snippet.py:1: skipped %load_ext autoreload",
      "snippet.py:2: skipped !pip install torch",
      "snippet.py:4: skipped %time x = 1",
    ]);
    expect(ran.trace.error).toMatchObject({
      type: "ZeroDivisionError",
      ranges: [{ source: 0, start: { line: 4, character: 0 }, end: { line: 4, character: 5 } }],
    });
  });

  test("runs a timed block, skips a block of another language", async () => {
    const ran = await note("%%time\nprint('timed')", "%%bash\nls -l", "5 %\\\n 3");
    expect(ran.stdout).toBe("timed\n2\n");
    expect(ran.trace.notes).toEqual([
      "note.md#1:1: skipped %%time",
      "note.md#2: the block was skipped, because it is not Python: %%bash",
    ]);
  });

  test("stops at the block that fails, and names the place in it", async () => {
    const ran = await note("x = torch.ones(2)", "def g():\n    return x + 'a'\ng()", "print('never')");
    expect(ran.stdout).toBe("");
    expect(ran.exitCode).toBe(1);
    expect(ran.trace.error).toMatchObject({
      type: "TypeError",
      message: "unsupported operand type(s) for +: 'Tensor' and 'str'",
      ranges: [
        { source: 1, start: { line: 2, character: 0 }, end: { line: 2, character: 3 } },
        { source: 1, start: { line: 1, character: 11 }, end: { line: 1, character: 18 } },
      ],
    });
    expect(ran.stderr).not.toContain("backstep");
  });

  test("marks a syntax error where Python does", async () => {
    const ran = await note("x = 1", "größe = (🙂)\n");
    expect(ran.trace.error).toMatchObject({
      type: "SyntaxError",
      ranges: [{ source: 1, start: { line: 0, character: 9 } }],
    });
    const open = await note("def f(:\n  pass");
    expect(open.trace.error?.ranges).toEqual([
      { source: 0, start: { line: 0, character: 6 }, end: { line: 0, character: 7 } },
    ]);
  });

  test("keeps its own torch where it makes one", async () => {
    const ran = await note("torch = 3\ntorch", "torch + 1");
    expect(ran.stdout).toBe("3\n4\n");
  });

  test("names the ranges of method chains over several lines whole", async () => {
    const ran = await note(
      "x = torch.tensor([1.], requires_grad=True)\ny = (x\n  .exp()\n  .sum())\ny.backward()",
    );
    const sum = ran.trace.nodes.find(({ name }) => name === "SumBackward0");
    expect(sum?.range).toEqual({
      source: 0,
      start: { line: 1, character: 5 },
      end: { line: 3, character: 8 },
    });
  });

  test("counts columns as VS Code does, after characters of any width", async () => {
    const ran = await note("ä = '🙂'; x = torch.ones(1, requires_grad=True); y = x * 2\ny.backward()");
    const mul = ran.trace.nodes.find(({ name }) => name === "MulBackward0");
    expect(mul?.range).toEqual({
      source: 0,
      start: { line: 0, character: 53 },
      end: { line: 0, character: 58 },
    });
  });
});

describe("a script", () => {
  test("shows nothing but what it prints, and torch is its own affair", async () => {
    const ran = await runSnippet("1 + 1\nprint(__name__)\ntorch");
    expect(ran.stdout).toBe("__main__\n");
    expect(ran.trace.error).toMatchObject({ type: "NameError", message: "name 'torch' is not defined" });
    expect(ran.stderr).toBe(
      "Traceback (most recent call last):\n  File \"snippet.py\", line 3, in <module>\n    torch\nNameError: name 'torch' is not defined\n",
    );
  });

  test("imports modules of its folder, whose expressions are reported too", async () => {
    const ran = await runSnippet(
      "import torch\nimport model\nfrom sub.deep import g\ny = g(model.f(torch.ones(2, requires_grad=True)))\nprint(y)",
      {
        files: {
          "model.py": "def f(x):\n    return (x * 2).sum()\n",
          "sub/__init__.py": "",
          "sub/deep.py": "def g(x):\n    return x + 1\n",
        },
      },
    );
    expect(ran.stdout).toBe("tensor(5., grad_fn=<AddBackward0>)\n");
    expect(ran.trace.sources.map(({ name }) => name)).toEqual([
      "snippet.py",
      "model.py",
      "sub/__init__.py",
      "sub/deep.py",
    ]);
    const add = ran.trace.nodes.find(({ name }) => name === "AddBackward0");
    expect(add?.range).toEqual({
      source: 3,
      start: { line: 1, character: 11 },
      end: { line: 1, character: 16 },
    });
  });

  test("says what is not in the embedded engine", async () => {
    const pandas = await runSnippet("import pandas as pd");
    expect(pandas.trace.error).toMatchObject({
      type: "ModuleNotFoundError",
      message:
        "No module named 'pandas': it is not in the embedded engine, which has torch and Python's standard library. The setting backstep.packages adds packages that Pyodide has; the PyTorch engine has what is installed beside PyTorch",
      ranges: [{ source: 0, start: { line: 0, character: 0 } }],
    });
    const name = await runSnippet("import torch\ntorch.fft_that_nobody_has\n");
    expect(name.trace.error?.message).toBe("module 'torch' has no attribute 'fft_that_nobody_has'");
    const lacking = await runSnippet("from torch import fft");
    expect(lacking.trace.error).toMatchObject({
      type: "ImportError",
      message:
        "cannot import name 'fft' from 'torch': it is not in the embedded engine (yet); the PyTorch engine has it",
    });
  });

  test("runs the same without a record", async () => {
    const text =
      "import torch\nx = torch.tensor([1., 2.], requires_grad=True)\n(x * x).sum().backward()\nprint(x.grad)\n1 / 0";
    const [bare, recorded] = [await runSnippet(text, { record: false }), await runSnippet(text)];
    expect(bare.result).toMatchObject({ kind: "done", trace: null, exitCode: 1 });
    expect([bare.stdout, bare.stderr]).toEqual([recorded.stdout, recorded.stderr]);
  });
});
