/** A run that goes too far is ended with a reason, and the next one works. */
import { afterEach, describe, expect, it } from "vitest";
import { childProcesses } from "../support/children.ts";
import { embeddedEngine, request, runSnippet } from "../support/engine.ts";

async function nextRunWorks(): Promise<void> {
  const { stdout, result } = await runSnippet("print(1 + 1)");
  expect({ stdout, result }).toMatchObject({ stdout: "2\n", result: { kind: "done" } });
}

describe("a limit ends the run, with its reason", () => {
  afterEach(nextRunWorks);

  it("after the time limit, with the graph up to there and the place where it was", async () => {
    const { result, stdout, stderr } = await runSnippet(
      "import torch\nprint('begun')\ny = torch.ones(2, requires_grad=True) * 2\nwhile True:\n    pass",
      { limits: { seconds: 1 } },
    );
    expect(stdout).toBe("begun\n");
    expect(stderr).toMatch(/^Traceback.*line [45], in <module>.*LimitReached: .*1 seconds/s);
    expect(result).toMatchObject({
      kind: "failed",
      reason: "time",
      message: expect.stringContaining("1 second"),
    });
    const trace = result.kind === "failed" ? result.trace : undefined;
    expect(trace?.nodes.map(({ name }) => name)).toContain("MulBackward0");
    expect(trace?.error?.ranges.at(-1)?.start.line).toBeOneOf([3, 4]);
  });

  it.each([
    ["catches everything", "while True:\n    try:\n        while True: pass\n    except BaseException: pass"],
    ["is busy in C", "max(range(10**13))"],
    ["ignores signals", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"],
  ])("after the time limit, also where the program %s", async (_, code) => {
    const { result } = await runSnippet(code, { limits: { seconds: 1 } });
    expect(result).toEqual({ kind: "failed", reason: "time", message: expect.stringContaining("1 second") });
  });

  it.each([
    ["in many lines", "while True: print('a' * 99)"],
    ["in one line", "print('a' * 50_000_000)"],
    ["on stderr", "import sys\nwhile True: print('a' * 99, file=sys.stderr)"],
    ["past sys.stdout", "import os\nwhile True: os.write(1, b'a' * 100)"],
    ["through the host", "import _host\nwhile True: _host.emit(1, 'a' * 100, 0)"],
  ])("after the output limit, printed %s; what fits is kept", async (_, code) => {
    const { result, stdout, stderr } = await runSnippet(code, { limits: { output: 10_000 } });
    expect(result).toMatchObject({
      kind: "failed",
      reason: "output",
      message: expect.stringContaining("10000 bytes"),
    });
    expect(stdout.length + stderr.length).toBe(10_000);
  });

  it.each([
    ["a list that cannot be", "[0] * 10**8 * 100"],
    ["a list that doubles", "a = [0]\nwhile True: a += a"],
    ["a string that doubles", "a = 'x'\nwhile True: a += a"],
    ["many small objects", "a = []\nwhile True: a.append(bytearray(100_000))"],
    ["a tensor that cannot be", "import torch\ntorch.zeros(10**5, 10**5)"],
    ["tensors that stay", "import torch\na = []\nwhile True: a.append(torch.zeros(1000, 1000))"],
  ])("gives Python its error when memory is out: %s", async (_, code) => {
    const { result, stderr, trace } = await runSnippet(code, { limits: { memory: 1 << 27 } });
    expect(result.kind).toBe("done");
    expect(trace.error?.type).toMatch(/^(MemoryError|RuntimeError)$/);
    expect(stderr).toMatch(/(Memory|Runtime)Error/);
  });

  it("counts files in memory as memory", async () => {
    const { trace } = await runSnippet(
      "with open('big', 'wb') as f:\n    while True: f.write(b'x' * 10**6)",
      {
        limits: { memory: 1 << 26 },
      },
    );
    expect(trace.error?.type).toBe("OSError");
  });

  it("lets a program that catches MemoryError go on", async () => {
    const { stdout, exitCode } = await runSnippet(
      "try:\n    a = [0]\n    while True: a += a\nexcept MemoryError:\n    a = None\n    print('caught')",
      { limits: { memory: 1 << 27 } },
    );
    expect({ stdout, exitCode }).toEqual({ stdout: "caught\n", exitCode: 0 });
  });
});

describe("what kills the interpreter is told as such", () => {
  afterEach(nextRunWorks);

  it.each([
    ["unbounded recursion", "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()"],
    ["the repr of a deep list", "a = []\nfor _ in range(10**6): a = [a]\nrepr(a)"],
    ["os.abort", "import os\nos.abort()"],
    ["a read of memory that is not there", "import ctypes\nctypes.string_at(2**32 - 16, 100)"],
  ])("%s", async (_, code) => {
    const { result } = await runSnippet(code);
    // CPython itself catches some of these; then it is an ordinary error of the program.
    if (result.kind === "done") expect(result.trace?.error).not.toBeNull();
    else
      expect(result).toMatchObject({
        kind: "failed",
        reason: "crash",
        message: expect.stringContaining("died"),
      });
  });

  it("a RecursionError within the usual limit is the program's own", async () => {
    const { trace, exitCode } = await runSnippet("def f(): f()\nf()");
    expect({ type: trace.error?.type, exitCode }).toEqual({ type: "RecursionError", exitCode: 1 });
  });
});

describe("exit codes are Python's", () => {
  it.each([
    ["import sys; sys.exit()", 0],
    ["import sys; sys.exit(3)", 3],
    ["import sys; sys.exit('words')", 1],
    ["raise SystemExit(256 + 7)", 7],
    ["raise ValueError('x')", 1],
    ["raise KeyboardInterrupt", 130],
    ["syntax error here", 1],
    ["import os; os._exit(4)", 4],
    ["pass", 0],
  ])("%s gives %i", async (code, expected) => {
    expect((await runSnippet(code, { record: false })).exitCode).toBe(expected);
  });

  it("os._exit leaves no trace, and says so", async () => {
    const { result } = await runSnippet("import os; os._exit(4)");
    expect(result).toEqual({ kind: "failed", reason: "crash", message: expect.stringContaining("os._exit") });
  });
});

describe("the run and the world around it", () => {
  it("output comes while Python is still busy", async () => {
    const cancel = new AbortController();
    const printed: string[] = [];
    const result = await embeddedEngine().run(
      request("print('first')\nwhile True: pass"),
      {
        output: ({ text }) => {
          printed.push(text);
          cancel.abort();
        },
      },
      cancel.signal,
    );
    expect(result).toEqual({ kind: "cancelled" });
    expect(printed[0]).toContain("first");
  });

  it("a run that is cancelled before it starts never starts", async () => {
    const result = await embeddedEngine().run(
      request("print(1)"),
      {
        output: () => {
          throw new Error("it ran");
        },
      },
      AbortSignal.abort(),
    );
    expect(result).toEqual({ kind: "cancelled" });
  });

  it("stdin is empty", async () => {
    const { trace } = await runSnippet("input('name? ')");
    expect(trace.error?.type).toBe("EOFError");
  });

  it("files lie in the working directory, can be imported and opened, and the host's are not changed", async () => {
    const { stdout } = await runSnippet(
      "import helper, pkg.deep, os\nprint(helper.x, pkg.deep.y, open('data.txt').read(), sorted(os.listdir('.')))",
      { files: { "helper.py": "x = 1", "pkg/deep.py": "y = 2", "data.txt": "héllo" } },
    );
    expect(stdout).toBe("1 2 héllo ['data.txt', 'helper.py', 'pkg']\n");
  });

  it("sys.path starts with the folder, once", async () => {
    const { stdout } = await runSnippet(
      "import sys\nprint(sys.path.count('') + sys.path.count('/home/user'), sys.path[0])",
    );
    expect(stdout).toMatch(/^1 (\/home\/user)?\n$/);
  });

  it("nothing of one run is seen by the next", async () => {
    await runSnippet(
      "import builtins, random\nbuiltins.left = 1\nopen('left', 'w').write('x')\nimport torch\ntorch.left = 1",
    );
    const { stdout } = await runSnippet(
      "import builtins, os, torch\nprint(hasattr(builtins, 'left'), os.path.exists('left'), hasattr(torch, 'left'))",
    );
    expect(stdout).toBe("False False False\n");
  });

  it("random numbers differ from run to run unless seeded", async () => {
    for (const draw of [
      "random.random()",
      "os.urandom(8)",
      "uuid.uuid4()",
      "random.sample(range(10**9), 3)",
    ]) {
      const unseeded = `import os, random, uuid\nprint(${draw})`;
      const [a, b] = [await runSnippet(unseeded), await runSnippet(unseeded)];
      expect(a.stdout).not.toBe(b.stdout);
    }
    const seeded = "import random\nrandom.seed(0)\nprint(random.random())";
    expect((await runSnippet(seeded)).stdout).toBe("0.8444218515250481\n");
  });

  it("several runs at once do not mix", async () => {
    const runs = await Promise.all([1, 2, 3].map((n) => runSnippet(`print(${n} * 11)`)));
    expect(runs.map(({ stdout }) => stdout)).toEqual(["11\n", "22\n", "33\n"]);
  });
});

describe.runIf(process.platform === "linux")("processes", () => {
  it("killed in the middle, a run fails with words", async () => {
    const result = await embeddedEngine().run(
      request("print('begun')\nwhile True: pass"),
      {
        output: () => {
          for (const pid of childProcesses()) process.kill(pid, "SIGKILL");
        },
      },
      new AbortController().signal,
    );
    expect(result).toEqual({ kind: "failed", reason: "crash", message: expect.stringContaining("SIGKILL") });
    await nextRunWorks();
  });
});
