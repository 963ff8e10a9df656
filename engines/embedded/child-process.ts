/** One sandboxed child process as the engine sees it: started with its walls, given a job, listened to, ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Job } from "./job.ts";
import { INTERRUPT } from "./job.ts";
import { Report } from "./report.ts";
import type { ChildEvent, Death, Sandboxed } from "./sandboxed.ts";

/** A trace is one line; longer than this is no trace of ours. */
const LONGEST_LINE = 1 << 28;
const LONGEST_WORDS = 10_000;

/** The flag that turns permissions on was renamed in Node 22.13 and 23.5; the old name has gone since. */
export function permissionFlag(version: string): string {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13)
    ? "--permission"
    : "--experimental-permission";
}

/** Nothing is inherited; Electron needs to be told to be Node, Windows cannot start a process without its root. */
function environment(): Record<string, string> {
  return {
    ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" }),
    ...(process.platform === "win32" ? { SystemRoot: process.env.SystemRoot ?? "C:\\Windows" } : {}),
  };
}

/** Those that live; they end with this process. */
const living = new Set<SandboxProcess>();
process.on("exit", () => {
  for (const child of living) child.kill();
});

export class SandboxProcess implements Sandboxed {
  #listener: ((event: ChildEvent) => void) | null = null;
  #waiting: ChildEvent[] = [];
  readonly #child: ChildProcess;
  #unread: string[] = [];
  #unreadLength = 0;
  #words = "";
  readonly gone: Promise<Death>;
  alive = true;

  /**
   * `folder` holds child.cjs and its assets; it is all that the child may read. `memory`: bytes by which Python,
   * the tensors and the record of the run may each grow. `rehearse`: there is time until the job comes.
   */
  constructor(
    folder: string,
    readonly memory: number,
    rehearse: boolean,
  ) {
    const readable = realpathSync(folder);
    this.#child = spawn(
      process.execPath,
      [
        permissionFlag(process.versions.node),
        `--allow-fs-read=${join(readable, "*")}`,
        "--disallow-code-generation-from-strings",
        `--max-old-space-size=${Math.ceil(memory / 2 ** 20)}`,
        "--no-warnings",
        join(readable, "child.cjs"),
        String(memory),
        ...(rehearse ? ["rehearse"] : []),
      ],
      { cwd: readable, env: environment(), stdio: ["pipe", "ignore", "pipe", "pipe"], windowsHide: true },
    );
    living.add(this);
    const { stdin, stderr, stdio } = this.#child;
    // A child that died takes its pipe with it: its death is told by `exit`.
    stdin?.on("error", () => {});
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#words = (this.#words + text).slice(-LONGEST_WORDS);
    });
    (stdio[3] as Readable).setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.gone = new Promise((resolve) => {
      const die = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.alive = false;
        living.delete(this);
        const how = signal ?? `exit code ${code}`;
        const death: Death = { kind: "death", words: this.#words.trim(), how };
        this.#emit(death);
        resolve(death);
      };
      this.#child.once("error", (error) => {
        this.#words += error.message;
        if (this.#child.pid === undefined) die(null, null);
      });
      // `close` comes after the last line has been read.
      this.#child.once("close", die);
    });
  }

  listen(listener: (event: ChildEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#waiting.splice(0)) listener(event);
  }

  send(job: Job, keep = false): void {
    const line = `${JSON.stringify(job)}\n`;
    if (keep) this.#child.stdin?.write(line);
    else this.#child.stdin?.end(line);
  }

  interrupt(): void {
    this.#child.stdin?.write(`${INTERRUPT}\n`);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #emit(event: ChildEvent): void {
    if (this.#listener === null) this.#waiting.push(event);
    else this.#listener(event);
  }

  #read(text: string): void {
    const lines = text.split("\n");
    const last = lines.pop() as string;
    for (const line of lines) {
      this.#line([...this.#unread, line].join(""));
      this.#unread = [];
      this.#unreadLength = 0;
    }
    this.#unread.push(last);
    this.#unreadLength += last.length;
    if (this.#unreadLength > LONGEST_LINE) this.#forged();
  }

  #line(line: string): void {
    const report = Report.safeParse(parseJson(line));
    if (report.success) this.#emit(report.data);
    else this.#forged();
  }

  #forged(): void {
    this.kill();
    this.#emit({ kind: "forgery" });
  }
}

/** Undefined, which is no report, where it is not JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
