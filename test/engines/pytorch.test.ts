/** The engine that is PyTorch itself: its traces, its output, its ends, and its words where there is no PyTorch. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { RunResult } from "../../engines/engine.ts";
import { createEngine } from "../../engines/index.ts";
import { request, type SnippetOptions } from "../support/engine.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "backstep-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  python: string | undefined,
  text: string,
  options: SnippetOptions = {},
  signal = new AbortController().signal,
): Promise<{ result: RunResult; stdout: string; stderr: string }> {
  const engine = createEngine("pytorch", { assets: DIST, log: () => {}, python });
  const printed = { stdout: "", stderr: "" };
  try {
    const asked = { ...request(text, options), folder };
    const result = await engine.run(
      asked,
      {
        output: (chunk) => {
          printed[chunk.stream] += chunk.text;
        },
      },
      signal,
    );
    return { result, ...printed };
  } finally {
    await engine.dispose();
  }
}

describeAgainstPyTorch("the engine pytorch", (python) => {
  test("gives PyTorch's trace, with output, arguments and exit code", async () => {
    const { result, stdout, stderr } = await run(
      python,
      "import sys, torch\nx = torch.tensor(3.0, requires_grad=True)\n(x * x).backward()\nprint(x.grad, sys.argv[1:])\nprint('aside', file=sys.stderr)\nsys.exit(4)",
      { argv: ["snippet.py", "--fast"] },
    );
    expect(stdout).toBe("tensor(6.) ['--fast']\n");
    expect(stderr).toBe("aside\n");
    expect(result).toMatchObject({ kind: "done", exitCode: 4, trace: { engine: { name: "pytorch" } } });
  });

  test("runs in the program's folder, among its own modules", async () => {
    mkdirSync(join(folder, "parts"), { recursive: true });
    writeFileSync(join(folder, "parts", "model.py"), "def double(x):\n    return x * 2\n");
    const { result } = await run(
      python,
      "import torch\nfrom parts.model import double\nx = torch.ones((), requires_grad=True)\ndouble(x).backward()",
    );
    if (result.kind !== "done" || result.trace === null) throw new Error(JSON.stringify(result));
    const { nodes, sources } = result.trace;
    const made = nodes.find((node) => node.name === "MulBackward0")?.range;
    expect(sources[made?.source ?? -1]?.name).toBe("parts/model.py");
    expect(made?.start).toEqual({ line: 1, character: 11 });
  });

  test("ends at the time limit, with what the program started", async () => {
    const { result } = await run(
      python,
      "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])",
      { limits: { seconds: 1 } },
    );
    expect(result).toMatchObject({ kind: "failed", reason: "time" });
  });

  test("ends what the program left running behind it", async () => {
    const { result, stdout } = await run(
      python,
      "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\nprint(child.pid)",
    );
    expect(result).toMatchObject({ kind: "done", exitCode: 0 });
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("can be cancelled", async () => {
    const abort = new AbortController();
    const waiting = run(python, "print('on', flush=True)\nwhile True: pass", {}, abort.signal);
    setTimeout(() => abort.abort(), 3000);
    expect((await waiting).result).toEqual({ kind: "cancelled" });
  });

  test("says so where the interpreter dies", async () => {
    const { result } = await run(python, "import os\nos.kill(os.getpid(), 9)");
    expect(result).toMatchObject({ kind: "failed", reason: "crash" });
  });
});

test("an interpreter that is not there is named, with what to do", async () => {
  const { result } = await run("/no/such/python", "print(1)");
  expect(result).toMatchObject({ kind: "failed", reason: "unavailable" });
  if (result.kind === "failed") {
    expect(result.message).toContain("/no/such/python");
    expect(result.message).toContain("backstep.pythonPath");
  }
});

test("a Python without PyTorch is named with its version", async () => {
  const python = join(folder, "python-without");
  writeFileSync(python, `#!/bin/sh\nexec python3 -S -I "$@"\n`, { mode: 0o755 });
  const { result } = await run(python, "print(1)");
  expect(result).toMatchObject({ kind: "failed", reason: "unavailable" });
  if (result.kind === "failed") expect(result.message).toMatch(/Python 3\.\d+\.\d+\) has no PyTorch/);
});

test("a PyTorch whose nodes take no hooks is told to be too old", async () => {
  const python = join(folder, "python-old");
  const answer = JSON.stringify({ python: "3.8.1", torch: "1.4.0", why: "", able: false });
  writeFileSync(python, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  const { result } = await run(python, "print(1)");
  expect(result).toMatchObject({ kind: "failed", reason: "unavailable" });
  if (result.kind === "failed")
    expect(result.message).toMatch(/PyTorch 1\.4\.0 of .* too old.* 1\.13 or newer/);
});

/** A process that has ended may stay in the table until its parent asks after it. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z\s]/.test(stdout);
}
