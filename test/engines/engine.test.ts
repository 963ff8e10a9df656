/** The embedded engine's life: what it keeps ready, what it leaves behind, what it refuses. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SandboxProcess } from "../../engines/embedded/child-process.ts";
import { Job } from "../../engines/embedded/job.ts";
import type { Engine } from "../../engines/engine.ts";
import { createEngine } from "../../engines/index.ts";
import { childProcesses } from "../support/children.ts";
import { request } from "../support/engine.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const onLinux = describe.runIf(process.platform === "linux");
const quiet = { output: () => {} };
const never = new AbortController().signal;

const PROGRAM = `
x = torch.tensor([[3., 4.], [1., 2.]], requires_grad=True)
y = (torch.relu(x @ x.t()) / 2).sum() + x.mean()
y.backward()
x.grad
`;

function start(): Engine {
  return createEngine("embedded", { assets: DIST, log: () => {} });
}

describe("a run", () => {
  it("gives the same trace from an interpreter that was kept ready as from a new one", async () => {
    const [cold, warm] = [start(), start()];
    warm.warm();
    const run = (engine: Engine) => engine.run(request(PROGRAM, { mode: "note" }), quiet, never);
    const first = await run(cold);
    expect(first).toMatchObject({ kind: "done", exitCode: 0 });
    expect(await run(warm)).toEqual(first);
    expect(await run(warm)).toEqual(first);
    await Promise.all([cold.dispose(), warm.dispose()]);
  });

  it("fails with words where the build is missing", async () => {
    const empty = mkdtempSync(join(tmpdir(), "backstep-empty-"));
    const engine = createEngine("embedded", { assets: empty, log: () => {} });
    engine.warm();
    expect(await engine.run(request("print(1)"), quiet, never)).toMatchObject({
      kind: "failed",
      reason: "unavailable",
    });
    await engine.dispose();
    rmSync(empty, { recursive: true });
  });

  it("after the engine has been disposed of is refused", async () => {
    const engine = start();
    await engine.dispose();
    engine.warm();
    expect(await engine.run(request("print(1)"), quiet, never)).toMatchObject({
      kind: "failed",
      reason: "unavailable",
    });
  });
});

onLinux("processes", () => {
  it("a single run starts one and leaves none", async () => {
    const before = childProcesses();
    const engine = start();
    const running = engine.run(request("print(1)"), quiet, never);
    const during = childProcesses().filter((pid) => !before.includes(pid));
    expect(during).toHaveLength(1);
    await running;
    await engine.dispose();
    expect(childProcesses()).toEqual(before);
  });

  it("disposing in the middle of a run ends everything", async () => {
    const before = childProcesses();
    const engine = start();
    engine.warm();
    const running = engine.run(request("while True: pass"), quiet, never);
    engine.warm();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await engine.dispose();
    expect(await running).toEqual({ kind: "cancelled" });
    expect(childProcesses()).toEqual(before);
  });

  it("an endless loop does not outlive an engine that was killed", async () => {
    const scratch = mkdtempSync(join(tmpdir(), "backstep-loop-"));
    writeFileSync(join(scratch, "loop.py"), "print('begun', flush=True)\nwhile True: pass\n");
    const parent = spawn(process.execPath, [join(DIST, "cli.mjs"), "run", join(scratch, "loop.py")]);
    await once(parent.stdout, "data");
    const [child] = childProcesses(parent.pid);
    expect(child).toBeDefined();
    parent.kill("SIGKILL");
    await expect.poll(() => existsSync(`/proc/${child}`), { timeout: 20_000 }).toBe(false);
    rmSync(scratch, { recursive: true });
  });

  it("a spare that died is replaced", async () => {
    const before = childProcesses();
    const engine = start();
    engine.warm();
    for (const pid of childProcesses().filter((pid) => !before.includes(pid))) process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await engine.run(request("print(1)"), quiet, never)).toMatchObject({ kind: "done" });
    await engine.dispose();
  });
});

describe("the child", () => {
  const folder = join(DIST, "embedded");

  /** What a child that is sent this line says last. */
  async function answer(line: string): Promise<unknown> {
    const child = new SandboxProcess(folder, 1 << 30, false);
    const last = await new Promise((resolve) => {
      child.listen((event) => event.kind !== "ready" && resolve(event));
      child.send(line as unknown as Job);
    });
    child.kill();
    await child.gone;
    return last;
  }

  it.each([
    ["a string for a job", '"x"'],
    ["a path out of the folder", { files: [{ path: "../x", base64: "" }] }],
    ["an absolute path", { files: [{ path: "/etc/passwd", base64: "" }] }],
    ["bytes that are not base64", { files: [{ path: "x", base64: "???" }] }],
    ["a mode that is none", { request: { mode: "shell", blocks: [], argv: [], record: true } }],
  ])("refuses %s", async (_, wrong) => {
    const right: Job = {
      request: { mode: "script", blocks: [], argv: [], record: false },
      packages: [],
      files: [],
      limits: { time: { limit: 1, words: "" }, output: { limit: 1, words: "" } },
    };
    expect(Job.safeParse(right).success).toBe(true);
    const job = typeof wrong === "string" ? wrong : { ...right, ...wrong };
    expect(await answer(job as string)).toMatchObject({ kind: "failed", reason: "crash" });
  });
});
