/**
 * What stands between the realm and whatever it lives in: it hands over assets while the sandbox wakes, carries out
 * what is printed, keeps the limits of a run, and turns a job into a report.
 */
import type { Job } from "./job.ts";
import type { OuterHost } from "./realm/host.ts";
import type { Sandbox } from "./realm/sandbox.ts";
import type { Limit, Report } from "./report.ts";

/** What a process and a worker do in ways of their own. */
export interface Surroundings {
  /** Bytes of an asset of the fixed table, -1 where there is none. */
  assetSize(name: string): number;
  assetRead(name: string, into: Uint8Array): void;
  entropy(): number;
  /** Milliseconds since some moment, with fractions. */
  now(): number;
  /** Does not wait. */
  report(message: Report): void;
  /** Report, and end. */
  end(message: Report): never;
  /** In a session: has the engine asked to stop? Looked at now and then. */
  interrupted(): boolean;
  bytesOf(base64: string): Uint8Array;
  /** Of bytes, given as a character for each. */
  base64Of(characters: string): string;
}

/** By these names the realm may ask for assets while it wakes. */
export const ASSETS: ReadonlySet<string> = new Set([
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "backstep.zip",
  "snapshot.bin",
  "core.wasm",
  "core-relaxed.wasm",
]);

const SIGINT = 2;
/** Characters of figures that a run may hand out: the stand-in for matplotlib keeps far below it. */
const FIGURES = 1 << 25;
/** Milliseconds: between signs of life, and until a run that was stopped must have ended. */
const ALIVE = 2000;
const ASKING = 50;
const GRACE = 2000;

export class Keeper {
  /** Files of the job, by the name under which the realm asks for them. */
  readonly #files = new Map<string, Uint8Array>();
  #booting = true;
  /** Which limit the run has passed, and when Python was told. */
  #passed: Limit | null = null;
  #toldAt = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #outputLeft = 0;
  #figuresLeft = 0;
  #words: Record<Limit, string> = { time: "", output: "" };
  /** No sign of life is asked for until a run starts. */
  #lastAlive = Number.POSITIVE_INFINITY;
  /** In a session: when the engine was last asked whether the cell is to stop. */
  #lastAsked = Number.POSITIVE_INFINITY;
  readonly outer: OuterHost;

  constructor(private readonly around: Surroundings) {
    this.outer = {
      assetSize: (name) => {
        const given = this.#files.get(name);
        if (given !== undefined) return given.length;
        return this.#booting && ASSETS.has(name) ? around.assetSize(name) : -1;
      },
      assetRead: (name, into) => {
        const given = this.#files.get(name);
        if (given !== undefined) into.set(given);
        else if (this.#booting && ASSETS.has(name)) around.assetRead(name, into);
      },
      now: () => around.now(),
      entropy: () => around.entropy(),
      log: (text) => {
        if (typeof text === "string") around.report({ kind: "log", text: text.slice(0, 10_000) });
      },
      emit: (stream, text, source) => this.#emit(stream, text, source),
      beat: () => this.#beat(),
      stopWords: () => (this.#passed === null ? "" : this.#words[this.#passed]),
    };
  }

  /** The sandbox is awake: no asset is handed over any more. */
  awake(): void {
    this.#booting = false;
  }

  #emit(stream: number, text: string, source: number): void {
    if (typeof text !== "string" || !Number.isSafeInteger(source) || source < 0) return;
    if (stream === 4) {
      this.#figuresLeft -= text.length;
      if (this.#figuresLeft >= 0) this.around.report({ kind: "figure", text });
      return;
    }
    const bytes = encoder.encode(text);
    if (stream === 3) {
      this.#outputLeft -= bytes.length;
      if (this.#outputLeft >= 0) this.around.report({ kind: "result", text });
      else this.#passed ??= "output";
      return;
    }
    const isTooMuch = bytes.length > this.#outputLeft;
    const fits = isTooMuch ? decoder.decode(bytes.subarray(0, this.#outputLeft)) : text;
    if (isTooMuch) this.#passed ??= "output";
    this.#outputLeft = Math.max(0, this.#outputLeft - bytes.length);
    if (fits !== "") {
      const output = { stream: stream === 2 ? "stderr" : "stdout", text: fits, source } as const;
      this.around.report({ kind: "output", output });
    }
  }

  #beat(): number {
    const now = this.around.now();
    if (now > this.#deadline) this.#passed ??= "time";
    if (this.#passed !== null && this.#toldAt === 0) {
      this.#toldAt = now;
      return SIGINT;
    }
    if (this.#passed !== null && now - this.#toldAt > GRACE)
      this.around.end({ kind: "unstoppable", limit: this.#passed });
    if (now - this.#lastAsked > ASKING) {
      this.#lastAsked = now;
      if (this.around.interrupted()) return SIGINT;
    }
    if (now - this.#lastAlive > ALIVE) {
      this.#lastAlive = now;
      // Where nobody reads this any more, it ends the process.
      this.around.report({ kind: "alive" });
    }
    return 0;
  }

  /** Run a job to its end; ends everything where the interpreter did not survive it. */
  run(sandbox: Sandbox, job: Job): Report {
    for (const { name, base64 } of job.packages) {
      this.#files.set(name, this.around.bytesOf(base64));
      const problem = sandbox.addPackage(name);
      if (problem !== "")
        this.around.end({ kind: "failed", reason: "crash", message: `${name}: ${problem}` });
      this.#files.clear();
    }
    for (const { path, base64 } of job.files) {
      this.#files.set(path, this.around.bytesOf(base64));
      sandbox.addFile(path);
    }
    this.#files.clear();
    const { time, output } = job.limits;
    this.#passed = null;
    this.#toldAt = 0;
    this.#outputLeft = output.limit;
    this.#figuresLeft = FIGURES;
    this.#words = { time: time.words, output: output.words };
    this.around.report({ kind: "started" });
    this.#lastAlive = this.around.now();
    this.#deadline = this.#lastAlive + time.limit * 1000;
    if (job.request.keep === true) this.#lastAsked = this.#lastAlive;
    const ended = sandbox.run(JSON.stringify(job.request));
    if (typeof ended === "string") {
      this.around.end(
        this.#passed === null
          ? { kind: "failed", reason: "crash", message: ended }
          : { kind: "unstoppable", limit: this.#passed },
      );
    }
    const trace = sandbox.takeTrace();
    const characters = sandbox.takeElements();
    if (!Number.isInteger(ended) || typeof trace !== "string" || typeof characters !== "string") {
      this.around.end({ kind: "failed", reason: "crash", message: "the sandbox gave no result" });
    }
    const elements = this.around.base64Of(characters);
    return { kind: "done", exitCode: ended, trace, elements, stopped: this.#passed };
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
