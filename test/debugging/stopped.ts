/** A real debugpy, driven over the Debug Adapter Protocol: a program of a test, stopped at a line. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import type { Frame, Link } from "../../extension/debugging/ask.ts";
import { pytorch } from "../support/pytorch.ts";

/** A Python that has both PyTorch and debugpy; null where there is none. */
export const debuggable: string | null =
  pytorch !== null && spawnSync(pytorch, ["-c", "import debugpy"], { stdio: "ignore" }).status === 0
    ? pytorch
    : null;

const WAIT = 60_000;

export class Stopped {
  private constructor(
    private readonly client: DebugClient,
    private readonly folder: string,
    readonly file: string,
    private readonly printed: { text: string },
    private threadId: number,
  ) {}

  /** Run a program until it comes to the first line that has `# stop` in it. */
  static async at(python: string, text: string): Promise<Stopped> {
    const folder = mkdtempSync(join(tmpdir(), "backstep-debug-"));
    const file = join(folder, "program.py");
    writeFileSync(file, text);
    const adapter = execFileSync(python, ["-c", "import debugpy.adapter as a; print(a.__path__[0])"], {
      encoding: "utf8",
    }).trim();
    const client = new DebugClient(python, adapter, "debugpy", undefined, true);
    client.defaultTimeout = WAIT;
    const printed = { text: "" };
    client.on("output", ({ body }: { body: { category?: string; output: string } }) => {
      if (body.category === "stdout") printed.text += body.output;
    });
    await client.start();
    const line = text.split("\n").findIndex((row) => row.includes("# stop")) + 1;
    const launched = {
      program: file,
      python: [python],
      cwd: folder,
      console: "internalConsole",
      redirectOutput: true,
      justMyCode: true,
    };
    const [, stopped] = await Promise.all([
      client.hitBreakpoint(launched, { path: file, line }),
      client.waitForEvent("stopped", WAIT),
    ]);
    const { threadId } = (stopped as { body: { threadId: number } }).body;
    return new Stopped(client, folder, file, printed, threadId);
  }

  get link(): Link {
    return {
      customRequest: (command, body) => this.client.send(command, body).then((answer) => answer.body),
    };
  }

  /** The frame at the stop, or one that called it. */
  async frame(depth = 0): Promise<Frame> {
    const { body } = await this.client.stackTraceRequest({ threadId: this.threadId });
    const found = body.stackFrames[depth];
    if (found === undefined) throw new Error(`there are ${body.stackFrames.length} frames, not ${depth + 1}`);
    return { id: found.id, file: found.source?.path ?? "", name: "program.py", line: found.line };
  }

  /** Let the program run to its end; everything that it printed. */
  async end(): Promise<string> {
    const ended = this.client.waitForEvent("terminated", WAIT);
    await this.client.continueRequest({ threadId: this.threadId });
    await ended;
    return this.printed.text;
  }

  async close(): Promise<void> {
    await this.client.stop().catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a program prints without a debugger. */
export function plainly(python: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "backstep-plain-"));
  try {
    const file = join(folder, "program.py");
    writeFileSync(file, text);
    return execFileSync(python, [file], { encoding: "utf8", cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
