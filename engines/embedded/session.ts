/** A session: one sandboxed interpreter that takes one cell after another. */
import type { EngineSession, RunEvents, RunRequest, RunResult } from "../engine.ts";
import { words } from "../words.ts";
import { failed, followRun, lastWords } from "./run.ts";
import type { Sandboxed } from "./sandboxed.ts";

export class EmbeddedSession implements EngineSession {
  #ended = false;
  /** Wheels that its interpreter has. */
  readonly #packages = new Set<string>();

  constructor(
    private readonly child: Sandboxed,
    private readonly log: (text: string) => void,
  ) {}

  get alive(): boolean {
    return !this.#ended && this.child.alive;
  }

  async run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult> {
    if (signal.aborted) return { kind: "cancelled" };
    if (!this.alive) return failed("crash", words.died(lastWords(await this.child.gone)));
    const packages = new Map([...(request.packages ?? [])].filter(([name]) => !this.#packages.has(name)));
    for (const name of packages.keys()) this.#packages.add(name);
    const result = await followRun(this.child, { ...request, packages }, events, signal, this.log, true);
    if (result?.kind === "done") return result;
    // A limit that Python was told of leaves the interpreter whole; every other end does not.
    if (result?.kind !== "failed" || result.trace === undefined) this.dispose();
    return result ?? failed("crash", words.died(lastWords(await this.child.gone)));
  }

  interrupt(): void {
    this.child.interrupt();
  }

  dispose(): void {
    this.#ended = true;
    this.child.kill();
  }
}
