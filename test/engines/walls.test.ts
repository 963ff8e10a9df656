/** The sandbox holds: attempts to leave it, walls that are missing, and wild calls of the core. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { loadPyodide } from "pyodide";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { permissionFlag } from "../../engines/embedded/child-process.ts";
import { Trace } from "../../trace/schema.ts";
import { runSnippet } from "../support/engine.ts";
import { ATTEMPTS, type Attempt } from "./attempts.ts";

const SECRET = "BACKSTEP_TEST_SECRET";
process.env[SECRET] = "1";
const scratch = mkdtempSync(join(tmpdir(), "backstep-walls-"));
let server: Server;
let visits = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    visits++;
    response.end("secret");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true, force: true });
});

function prepare({ code }: Attempt, marker: string): string {
  return code
    .replaceAll("$MARKER", marker)
    .replaceAll("$SECRET", SECRET)
    .replaceAll("$PORT", String((server.address() as AddressInfo).port));
}

describe("an attempt to leave the sandbox fails", () => {
  it.each(ATTEMPTS.map((attempt, i) => [attempt.name, attempt, i] as const))("%s", async (_, attempt, i) => {
    const marker = join(scratch, `marker-${i}`);
    const before = visits;
    const { result, stdout } = await runSnippet(`print("begun")\n${prepare(attempt, marker)}`, {
      record: false,
    });
    expect({ stdout, result }).toMatchObject({ stdout: expect.stringContaining("begun") });
    expect(stdout).not.toContain("ESCAPED");
    expect(existsSync(marker)).toBe(false);
    expect(visits).toBe(before);
    expect(result).not.toMatchObject({ exitCode: 77 });
    expect(({} as { kind?: unknown }).kind).toBeUndefined();
  });

  it("which the same attempts do not in Pyodide's ordinary Node mode", async () => {
    const python = await loadPyodide();
    const held: string[] = [];
    for (const attempt of ATTEMPTS.filter(({ plain }) => plain)) {
      const marker = join(scratch, "plain");
      let output = "";
      python.setStdout({ batched: (line) => (output += line) });
      try {
        python.runPython(prepare(attempt, marker), { globals: python.toPy({}) });
      } catch {}
      if (!output.includes("ESCAPED") && !existsSync(marker)) held.push(attempt.name);
      rmSync(marker, { force: true });
    }
    expect(held).toEqual([]);
  });
});

describe("the child refuses to run where a wall is missing", () => {
  const folder = fileURLToPath(new URL("../../dist/embedded/", import.meta.url));
  const whole = [
    permissionFlag(process.versions.node),
    `--allow-fs-read=${join(folder, "*")}`,
    "--disallow-code-generation-from-strings",
  ];

  /** What a child with these flags reports, first line. */
  async function firstReport(flags: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
    const child = spawn(
      process.execPath,
      [...flags, "--no-warnings", join(folder, "child.cjs"), String(1 << 30)],
      {
        env,
        stdio: ["pipe", "ignore", "ignore", "pipe"],
      },
    );
    let text = "";
    for await (const chunk of (child.stdio[3] as Readable).setEncoding("utf8")) {
      text += chunk;
      if (text.includes("\n")) break;
    }
    child.kill("SIGKILL");
    return JSON.parse(text);
  }

  it("and is ready where all stand", async () => {
    expect(await firstReport(whole)).toEqual({ kind: "ready" });
  });

  it.each([
    ["no permissions", whole.slice(2), {}, "the permission flags did not take"],
    ["files can be written", [...whole, "--allow-fs-write=*"], {}, "files can be written"],
    ["all files can be read", [...whole, "--allow-fs-read=*"], {}, "files outside the extension can be read"],
    ["processes can be started", [...whole, "--allow-child-process"], {}, "processes can be started"],
    ["threads can be started", [...whole, "--allow-worker"], {}, "threads can be started"],
    ["code from strings", whole.slice(0, 2), {}, "code can be made from strings"],
    ["an inherited environment", whole, { SECRET: "1" }, "the environment was inherited"],
  ] as const)("%s", async (_, flags, env, words) => {
    expect(await firstReport(flags, env)).toEqual({
      kind: "failed",
      reason: "sandbox",
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ["20.18.0", "--experimental-permission"],
    ["22.12.0", "--experimental-permission"],
    ["22.13.0", "--permission"],
    ["23.4.0", "--experimental-permission"],
    ["23.5.0", "--permission"],
    ["24.9.0", "--permission"],
  ])("Node %s is given %s", (version, flag) => {
    expect(permissionFlag(version)).toBe(flag);
  });
});

describe("wild calls of the core", () => {
  const wild = `
import _core, random
random.seed(1)
names = [n for n in dir(_core) if not n.startswith("_") and n not in ("finish", "init", "record", "toBuffer", "fromBuffer")]
wild = [0, 1, -1, 2**31, 2**53, 10**30, -10**30, 1.5, float("nan"), float("inf"), True, None, "", "x" * 1000, "\\ud800"]
returned = raised = 0
for _ in range(3000):
    f = getattr(_core, random.choice(names), None)
    if not callable(f):
        continue
    try:
        f(*(random.choice(wild) for _ in range(random.randrange(6))))
        returned += 1
    except Exception:
        raised += 1
print(returned + raised > 1000)
_core.gradMode(1)
_core.inference(0)
_core.savedHooks(0)
_core.anomaly(0, 0)
_core.setDefaultDtype(0)
import torch
x = torch.tensor([3., 4.], requires_grad=True)
(x ** 2).sum().backward()
print(x.grad)
`;

  it("give Python errors and leave the tensors whole", async () => {
    const { stdout, stderr } = await runSnippet(wild, { record: false });
    expect(stderr).not.toContain("Traceback");
    expect(stdout).toBe("True\ntensor([6., 8.])\n");
  });

  it("cannot make the parent take a trace that is not one", async () => {
    const { result, stdout, stderr } = await runSnippet(wild);
    expect(stderr).not.toContain("Traceback");
    expect(stdout).toBe("True\ntensor([6., 8.])\n");
    if (result.kind === "done") expect(Trace.safeParse(result.trace).success).toBe(true);
    else expect(result).toMatchObject({ kind: "failed", reason: "crash" });
    const forged =
      '{"sources":[],"sites":{},"slots":[],"output":[],"error":{"type":1},"notes":["x"],"reprs":[]}';
    const { result: second } = await runSnippet(`import _core, os\n_core.finish('${forged}')\nos._exit(0)`);
    expect(second).toMatchObject({ kind: "failed", reason: "crash" });
  });

  it("with addresses outside Python's memory are refused", async () => {
    const { stdout } = await runSnippet(`
import _core, torch
held = 0
for address in (-8, 3, 2**31, 2**32, 2**40, 10**30):
    for kind in (0, 1, 2):
        for n in (1, 10**9):
            held += _core.fromBuffer(address, kind, 0, 0, 1, n) == -1
print(held > 20)
`);
    expect(stdout).toBe("True\n");
  });
});
