/**
 * The engine that needs no Python: each run gets a process, a realm and an interpreter of its own, and one more
 * is kept ready in the background.
 */
import { DEFAULT_LIMITS, type Engine, type RunEvents, type RunRequest, type RunResult } from "../engine.ts";
import { SandboxProcess } from "./child-process.ts";
import { failed, followRun, lastWords } from "./run.ts";
import { words } from "./words.ts";

export interface EmbeddedOptions {
  /** The folder with child.cjs and its assets. */
  readonly folder: string;
  readonly log: (text: string) => void;
}

/** The next spare is started when a run ends, or when it has gone on for so long (ms): not while a short one computes. */
const SPARE_DELAY = 300;

export class EmbeddedEngine implements Engine {
  readonly name = "embedded";
  readonly #options: EmbeddedOptions;
  readonly #children = new Set<SandboxProcess>();
  #spare: SandboxProcess | null = null;
  /** What the next spare is started with. */
  #memory = DEFAULT_LIMITS.memory;
  /** Set once someone has asked for warmth: a single run of the command line never starts a spare. */
  #keepWarm = false;
  #disposed = false;
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill();
  };

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    process.on("exit", this.#killAll);
  }

  warm(): void {
    this.#keepWarm = true;
    if (this.#disposed || (this.#spare?.alive && this.#spare.memory === this.#memory)) return;
    this.#spare?.kill();
    try {
      this.#spare = this.#start(true);
    } catch (error) {
      this.#options.log(`no interpreter could be kept ready: ${error}`);
    }
  }

  async run(request: RunRequest, events: RunEvents, signal: AbortSignal): Promise<RunResult> {
    if (this.#disposed) return failed("unavailable", words.disposed());
    if (signal.aborted) return { kind: "cancelled" };
    const refill = setTimeout(() => this.#refill(), SPARE_DELAY);
    let child: SandboxProcess | null = null;
    try {
      child = this.#take(request.limits.memory);
      let result = await followRun(child, request, events, signal, this.#options.log);
      if (result === null && !this.#disposed) {
        // A spare can die while it waits, of the machine's want of memory for one. A new one then, once.
        child = this.#start(false);
        result = await followRun(child, request, events, signal, this.#options.log);
      }
      if (this.#disposed) return { kind: "cancelled" };
      return result ?? failed("crash", words.died(lastWords(await child.gone)));
    } catch (error) {
      return failed("unavailable", words.notStartable(String(error)));
    } finally {
      clearTimeout(refill);
      child?.kill();
      this.#refill();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    process.off("exit", this.#killAll);
    this.#killAll();
    await Promise.all([...this.#children].map((child) => child.gone));
  }

  #refill(): void {
    if (this.#keepWarm) this.warm();
  }

  #start(rehearse: boolean): SandboxProcess {
    const child = new SandboxProcess(this.#options.folder, this.#memory, rehearse);
    this.#children.add(child);
    void child.gone.then(() => this.#children.delete(child));
    return child;
  }

  #take(memory: number): SandboxProcess {
    this.#memory = memory;
    const spare = this.#spare;
    this.#spare = null;
    if (spare?.alive && spare.memory === memory) return spare;
    spare?.kill();
    return this.#start(false);
  }
}
