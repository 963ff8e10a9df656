/**
 * The engine that needs no Python: each run gets a process, a realm and an interpreter of its own, and one more
 * is kept ready in the background.
 */
import { DEFAULT_LIMITS, type Engine, type RunEvents, type RunRequest, type RunResult } from "../engine.ts";
import { words } from "../words.ts";
import { failed, followRun, lastWords } from "./run.ts";
import type { Sandboxed, Start } from "./sandboxed.ts";

export interface EmbeddedOptions {
  readonly start: Start;
  readonly log: (text: string) => void;
}

/** The next spare is started when a run has gone on for so long (ms): not while a short one computes. */
const SPARE_DELAY = 300;
/** Or so long (ms) after it has ended: what it gave is to be on the screen first. */
const SPARE_PAUSE = 100;

export class EmbeddedEngine implements Engine {
  readonly name = "embedded";
  readonly #options: EmbeddedOptions;
  readonly #children = new Set<Sandboxed>();
  #spare: Sandboxed | null = null;
  /** What the next spare is started with. */
  #memory = DEFAULT_LIMITS.memory;
  /** Set once someone has asked for warmth: a single run of the command line never starts a spare. */
  #keepWarm = false;
  #disposed = false;
  #refilling: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
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
    clearTimeout(this.#refilling);
    this.#refilling = setTimeout(() => this.#refill(), SPARE_DELAY);
    let child: Sandboxed | null = null;
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
      child?.kill();
      clearTimeout(this.#refilling);
      this.#refilling = setTimeout(() => this.#refill(), SPARE_PAUSE);
      // In Node it keeps nobody waiting; a browser's timers are numbers.
      if (typeof this.#refilling === "object") this.#refilling.unref();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#refilling);
    for (const child of this.#children) child.kill();
    await Promise.all([...this.#children].map((child) => child.gone));
  }

  #refill(): void {
    if (this.#keepWarm) this.warm();
  }

  #start(rehearse: boolean): Sandboxed {
    const child = this.#options.start(this.#memory, rehearse);
    this.#children.add(child);
    void child.gone.then(() => this.#children.delete(child));
    return child;
  }

  #take(memory: number): Sandboxed {
    this.#memory = memory;
    const spare = this.#spare;
    this.#spare = null;
    if (spare?.alive && spare.memory === memory) return spare;
    spare?.kill();
    return this.#start(false);
  }
}
