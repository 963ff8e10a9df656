/**
 * The one run that Backstep shows and the one position in it. Panel, hover, decoration, status bar and
 * diagnostics render from here and send their intents here; nothing else remembers where the walk stands.
 */
import * as l10n from "@vscode/l10n";
import type { Engine, FailureReason, Limits, RunRequest, RunResult } from "../engines/engine.ts";
import type { Trace } from "../trace/schema.ts";
import { type Move, move, type Place, start } from "../trace/stepper.ts";
import { blockOf, isCurrent, type LineChange, moduleOf, type Piece, shifted } from "./source/pieces.ts";

/** What was asked to run. */
export interface Job {
  readonly title: string;
  readonly mode: RunRequest["mode"];
  readonly pieces: readonly Piece[];
  readonly files: RunRequest["files"];
  /** The document (URI) of one of `files`, so that what was made in a module is found there. */
  readonly uriOf: (file: string) => string;
  readonly limits: Limits;
}

/** What every state but `idle` has. */
interface Begun {
  readonly job: Job;
  /** Documents (URIs) in which what ran is no longer what stands there. */
  readonly edited: ReadonlySet<string>;
}

export type SessionState =
  | { readonly kind: "idle" }
  | (Begun & { readonly kind: "running"; readonly output: string })
  | (Begun & {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly message: string;
      /** Where the program was when a limit ended it, if that is known. */
      readonly trace?: Trace;
    })
  | (Begun & {
      readonly kind: "ready";
      readonly trace: Trace;
      /** null: the trace has no backward pass. */
      readonly place: Place | null;
      readonly breakpoints: ReadonlySet<number>;
    });

export type Failed = Extract<SessionState, { kind: "failed" }>;
export type Ready = Extract<SessionState, { kind: "ready" }>;

/** Is what ran no longer what stands in the editor? */
export const isStale = (state: SessionState): boolean => state.kind !== "idle" && state.edited.size > 0;

/** What of the state is new: `state` means all of it, `output` comes with the text that was added. */
export type Change =
  | { readonly kind: "state" | "place" | "breakpoints" | "stale" }
  | { readonly kind: "output"; readonly text: string };

export type Listener = (state: SessionState, change: Change) => void;

export class Session {
  #state: SessionState = { kind: "idle" };
  #abort: AbortController | null = null;
  readonly #listeners = new Set<Listener>();

  get state(): SessionState {
    return this.#state;
  }

  /** Hear of each change; the result ends it. */
  listen(listener: Listener): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Run a job; a run that is under way is cancelled first. Resolves when it has ended, however it ended. */
  async run(engine: Engine, job: Job): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.#become({ kind: "running", job, edited: new Set(), output: "" });
    const result = await this.#result(engine, job, abort.signal);
    // A later run may have taken over while this one was ending.
    if (this.#abort !== abort || this.#state.kind !== "running") return;
    this.#abort = null;
    // The lines may have moved or changed while it ran.
    const begun: Begun = { job: this.#state.job, edited: this.#state.edited };
    if (result.kind === "cancelled") this.#become({ kind: "idle" });
    else if (result.kind === "failed") this.#become({ ...begun, ...result });
    else if (result.trace === null) {
      const message = l10n.t("The engine {0} recorded no trace.", engine.name);
      this.#become({ ...begun, kind: "failed", reason: "crash", message });
    } else {
      const { trace } = result;
      const place = start(trace);
      this.#become({ ...withModules(begun, trace), kind: "ready", trace, place, breakpoints: new Set() });
    }
  }

  async #result(engine: Engine, job: Job, signal: AbortSignal): Promise<RunResult> {
    const printed = gather(OUTPUT_PAUSE, (text) => {
      if (signal.aborted || this.#state.kind !== "running") return;
      this.#become({ ...this.#state, output: this.#state.output + text }, { kind: "output", text });
    });
    const request: RunRequest = {
      mode: job.mode,
      blocks: job.pieces.map(blockOf),
      files: job.files,
      argv: [job.pieces[0]?.name ?? job.title],
      record: true,
      limits: job.limits,
    };
    try {
      return await engine.run(request, { output: (chunk) => printed.add(chunk.text) }, signal);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { kind: "failed", reason: "crash", message };
    } finally {
      printed.flush();
    }
  }

  /** End the run that is under way, if any. */
  cancel(): void {
    this.#abort?.abort();
  }

  /** Walk; nothing happens where there is no pass. Throws RangeError for a place or node that the trace lacks. */
  move(intent: Move): void {
    const state = this.#state;
    if (state.kind !== "ready" || state.place === null) return;
    const place = move(state.trace, state.place, intent, state.breakpoints);
    this.#become({ ...state, place }, { kind: "place" });
  }

  /** Set or clear the breakpoint of a node. Throws RangeError for a node that the trace lacks. */
  toggleBreakpoint(node: number): void {
    const state = this.#state;
    if (state.kind !== "ready") return;
    if (node >= state.trace.nodes.length) {
      throw new RangeError(`node ${node} is not in this trace: it has ${state.trace.nodes.length} nodes`);
    }
    const breakpoints = new Set(state.breakpoints);
    if (!breakpoints.delete(node)) breakpoints.add(node);
    this.#become({ ...state, breakpoints }, { kind: "breakpoints" });
  }

  /** A document has changed: pieces move with the lines above them, and edited ones make the trace stale. */
  documentChanged(uri: string, changes: readonly LineChange[], linesNow: () => readonly string[]): void {
    const state = this.#state;
    if (state.kind === "idle" || !state.job.pieces.some((piece) => piece.uri === uri)) return;
    const pieces = state.job.pieces.map((piece) =>
      piece.uri === uri ? changes.reduce(shifted, piece) : piece,
    );
    const lines = linesNow();
    const edited = new Set(state.edited);
    if (pieces.every((piece) => piece.uri !== uri || isCurrent(piece, lines))) edited.delete(uri);
    else edited.add(uri);
    const next = { ...state, job: { ...state.job, pieces }, edited };
    if (edited.size > 0 === isStale(state)) this.#state = next;
    else this.#become(next, { kind: "stale" });
  }

  #become(state: SessionState, change: Change = { kind: "state" }): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state, change);
  }
}

/** The pieces with those that the code imported: a trace lists them after what was run. */
function withModules({ job, edited }: Begun, trace: Trace): Begun {
  const modules = trace.sources
    .slice(job.pieces.length)
    .map((source) => moduleOf(job.files.has(source.name) ? job.uriOf(source.name) : null, source));
  return { job: { ...job, pieces: [...job.pieces, ...modules] }, edited };
}

/** Ms between two changes that only tell of printed text: a program may print far quicker than anyone reads. */
const OUTPUT_PAUSE = 50;

/** Hand text on at once, then, for as long as more comes, what has gathered after each pause. */
function gather(pause: number, hand: (text: string) => void): { add(text: string): void; flush(): void } {
  let gathered = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = gathered;
    gathered = "";
    if (text !== "") hand(text);
  };
  const handAndWait = (): void => {
    const more = gathered !== "";
    flush();
    if (more) timer = setTimeout(handAndWait, pause);
  };
  return {
    add(text) {
      gathered += text;
      if (timer === undefined) handAndWait();
    },
    flush,
  };
}
