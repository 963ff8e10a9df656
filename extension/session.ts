/**
 * The one run that Backstep shows and the one position in it. Panel, hover, decoration, status bar and
 * diagnostics render from here and send their intents here; nothing else remembers where the walk stands.
 */
import * as l10n from "@vscode/l10n";
import type { Engine, FailureReason, Limits, RunRequest, RunResult } from "../engines/engine.ts";

import { type Breakpoint, readCondition, stopsIn } from "../trace/condition.ts";
import type { Place } from "../trace/place.ts";
import { samePlace } from "../trace/same-place.ts";
import type { Trace } from "../trace/schema.ts";
import { type Move, move, start, wholeStep } from "../trace/stepper.ts";
import { blockOf, isCurrent, type LineChange, moduleOf, type Piece, shifted } from "./source/pieces.ts";

/** What was asked to run. */
export interface Job {
  readonly title: string;
  readonly mode: RunRequest["mode"];
  readonly pieces: readonly Piece[];
  /** Once it has run: how many of the pieces were asked for; those after them are modules that they imported. */
  readonly asked?: number;
  readonly files: RunRequest["files"];
  readonly packages?: RunRequest["packages"];
  /** Where an engine that runs on the machine's own files finds them. */
  readonly folder?: string;
  readonly cwd?: string;
  /** The document (URI) of a module that was run, so that what was made in it is found there; null where it has none. */
  readonly uriOf: (file: string) => string | null;
  readonly limits: Limits;
  /** Hold the gradients against finite differences. */
  readonly check?: true;
}

/** One of several traces that are looked at together. */
export interface Member {
  readonly label: string;
  readonly trace: Trace;
  readonly pieces: readonly Piece[];
}

/** Processes of one program, two engines on one program, or traces that only were opened together. */
export interface TraceSet {
  readonly kind: "ranks" | "engines" | "files";
  readonly members: readonly Member[];
  readonly chosen: number;
}

/** What every state but `idle` has. */
interface Begun {
  readonly job: Job;
  /** What runs, or has run, it. */
  readonly engine: Engine["name"];
  /** Documents (URIs) in which what ran is no longer what stands there. */
  readonly edited: ReadonlySet<string>;
}

export type SessionState =
  /** `cancelled`: the title of the run that a person ended, if that is why nothing is shown. */
  | { readonly kind: "idle"; readonly cancelled?: string }
  | (Begun & { readonly kind: "running"; readonly output: string })
  | (Begun & {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly message: string;
      /** What it printed before it ended. */
      readonly output: string;
      /** Where the program was when a limit ended it, if that is known. */
      readonly trace?: Trace;
    })
  | (Begun & {
      readonly kind: "ready";
      readonly trace: Trace;
      /** null: the trace has no backward pass. */
      readonly place: Place | null;
      readonly breakpoints: ReadonlySet<number>;
      /** When a node's breakpoint stops, by node; under null: what stops at any node. */
      readonly conditions: Conditions;
      /** Where there are several: `trace` is the chosen one. */
      readonly set?: TraceSet;
      /** In live mode: why the newest text is not what is shown. */
      readonly untraced?: string | undefined;
    });

export type Conditions = ReadonlyMap<number | null, string>;

/** The breakpoints as the stepper's conditions read them. */
function breakpointsOf({ breakpoints, conditions }: Pick<Ready, "breakpoints" | "conditions">): Breakpoint[] {
  const own = [...breakpoints].map((node) => ({ node, condition: conditions.get(node) ?? null }));
  const anywhere = conditions.get(null);
  return anywhere === undefined ? own : [...own, { node: null, condition: anywhere }];
}

/** The nodes of the walked pass at which a breakpoint stops. */
export const stopsOf = (state: Ready): ReadonlySet<number> =>
  state.place === null ? new Set() : stopsIn(state.trace, state.place.backward, breakpointsOf(state));

export type Failed = Extract<SessionState, { kind: "failed" }>;
export type Ready = Extract<SessionState, { kind: "ready" }>;

/** Is what ran no longer what stands in the editor? */
export const isStale = (state: SessionState): boolean => state.kind !== "idle" && state.edited.size > 0;

/** What of the state is new: `state` means all of it, `output` comes with the text that was added. */
export type Change =
  | { readonly kind: "state" | "place" | "breakpoints" | "stale" }
  | { readonly kind: "output"; readonly text: string };

export type Listener = (state: SessionState, change: Change) => void;

/** Ms for which neither a run nor an edit is told of: most runs are over by then, in live mode the edit is traced, and nothing flickers. */
const DELAY = 150;

/**
 * A listener that hears of a run, or that the source has changed, only where that lasts; whatever else happens it hears
 * at once.
 */
export function patient(listener: Listener): Listener {
  let running: NodeJS.Timeout | undefined;
  let stale: NodeJS.Timeout | undefined;
  let latest: SessionState;
  return (state, change) => {
    latest = state;
    if (change.kind === "state") {
      clearTimeout(running);
      clearTimeout(stale);
      running = undefined;
      if (state.kind !== "running") return listener(state, change);
      running = setTimeout(() => {
        running = undefined;
        listener(latest, change);
      }, DELAY);
    } else if (running === undefined) {
      if (change.kind !== "stale") return listener(state, change);
      clearTimeout(stale);
      if (!waits(state)) return listener(state, change);
      stale = setTimeout(() => listener(latest, change), DELAY);
    }
  };
}

/** Whether a new trace may be on its way: the text has changed, and nobody knows yet that it gives none. */
const waits = (state: SessionState): boolean =>
  isStale(state) && !(state.kind === "ready" && state.untraced !== undefined);

export class Session {
  #state: SessionState = { kind: "idle" };
  #abort: AbortController | null = null;
  #anywhere: string | null = null;
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
  run(engine: Engine, job: Job): Promise<void> {
    return this.#runAll([engine], job);
  }

  /** Run a job by one engine after the other, to look at both traces together. */
  compare(engines: readonly Engine[], job: Job): Promise<void> {
    return this.#runAll(engines, job);
  }

  /** Show traces that were made before. */
  open(job: Job, kind: TraceSet["kind"], members: readonly Member[]): void {
    this.cancel();
    this.#abort = null;
    const begun = (member: Member): Begun => ({
      job: { ...job, pieces: member.pieces },
      engine: member.trace.engine.name,
      edited: new Set(),
    });
    const [first] = members;
    if (first === undefined) throw new RangeError("there is no trace to open");
    this.#ready(begun(first), first.trace, members.length > 1 ? { kind, members, chosen: 0 } : undefined);
  }

  /** Show a run as it was shown before. */
  restore(ready: Ready): void {
    this.#anywhere = ready.conditions.get(null) ?? null;
    this.#become(ready);
  }

  /** Show another trace of the set, at the same place where it has one. Throws RangeError where the set lacks it. */
  choose(index: number): void {
    const state = this.#state;
    if (state.kind !== "ready" || state.set === undefined || index === state.set.chosen) return;
    const member = state.set.members[index];
    if (member === undefined)
      throw new RangeError(`trace ${index} is not open: there are ${state.set.members.length}`);
    const { trace, pieces } = member;
    const { place } = state;
    this.#become({
      kind: "ready",
      job: { ...state.job, pieces },
      engine: trace.engine.name,
      edited: state.edited,
      trace,
      place: place !== null && hasPlace(trace, place) ? place : start(trace),
      ...(trace.nodes.length === state.trace.nodes.length
        ? { breakpoints: state.breakpoints, conditions: state.conditions }
        : { breakpoints: new Set(), conditions: this.#everywhere() }),
      set: { ...state.set, chosen: index },
    });
  }

  async #runAll(engines: readonly Engine[], job: Job): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    const members: Member[] = [];
    for (const [i, engine] of engines.entries()) {
      const before = this.#state;
      if (i === 0) this.#become({ kind: "running", job, engine: engine.name, edited: new Set(), output: "" });
      else if (before.kind === "running") this.#become({ ...before, engine: engine.name });
      const result = await this.#result(engine, job, abort.signal);
      // A later run may have taken over while this one was ending.
      if (this.#abort !== abort || this.#state.kind !== "running") return;
      // The lines may have moved or changed while it ran.
      const { output, edited } = this.#state;
      const begun: Begun = { job: this.#state.job, engine: engine.name, edited };
      if (result.kind === "done" && result.trace !== null) {
        const { trace } = result;
        const { pieces } = withModules(begun, trace).job;
        members.push({ label: labelOf(trace), trace, pieces });
        if (i < engines.length - 1) continue;
        this.#abort = null;
        const [first] = members as [Member];
        const all = {
          ...begun,
          engine: first.trace.engine.name,
          job: { ...begun.job, pieces: first.pieces, asked: begun.job.pieces.length },
        };
        const set: TraceSet | undefined =
          members.length > 1 ? { kind: "engines", members, chosen: 0 } : undefined;
        return this.#ready(all, first.trace, set);
      }
      this.#abort = null;
      if (result.kind === "cancelled") return this.#become({ kind: "idle", cancelled: job.title });
      if (result.kind === "failed") return this.#become({ ...begun, ...result, output });
      const message = l10n.t("The engine {0} recorded no trace.", engine.name);
      return this.#become({ ...begun, kind: "failed", reason: "crash", message, output });
    }
  }

  /**
   * Run a job while what is shown stays; then show its trace at the same node. Where there is none, or it raised,
   * what is shown stays, and the state says why. Only the last counts, and only if it is `wanted` when it comes.
   */
  async refresh(engine: Engine, job: Job, wanted: () => boolean): Promise<void> {
    const before = this.#state;
    if (before.kind !== "ready") return this.run(engine, job);
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    const result = await this.#result(engine, job, abort.signal);
    const state = this.#state;
    if (this.#abort !== abort || state.kind !== "ready" || state.trace !== before.trace) return;
    this.#abort = null;
    if (result.kind === "cancelled" || !wanted()) return;
    const trace = result.kind === "done" ? result.trace : null;
    if (trace === null || trace.error !== null) return this.keepShown(whyNot(result, trace));
    const begun = withModules({ job, engine: engine.name, edited: new Set() }, trace);
    this.#become({
      ...begun,
      kind: "ready",
      trace,
      place: samePlace(state.trace, state.place, trace),
      ...(trace.nodes.length === state.trace.nodes.length
        ? { breakpoints: state.breakpoints, conditions: state.conditions }
        : { breakpoints: new Set(), conditions: this.#everywhere() }),
    });
  }

  /** What is shown stays although the text has changed: why. */
  keepShown(untraced: string): void {
    if (this.#state.kind === "ready") this.#become({ ...this.#state, untraced }, { kind: "stale" });
  }

  #ready(begun: Begun, trace: Trace, set: TraceSet | undefined): void {
    const breakpoints = new Set<number>();
    this.#become({
      ...begun,
      kind: "ready",
      trace,
      place: start(trace),
      breakpoints,
      conditions: this.#everywhere(),
      ...(set === undefined ? {} : { set }),
    });
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
      ...(job.packages === undefined ? {} : { packages: job.packages }),
      ...(job.folder === undefined ? {} : { folder: job.folder }),
      ...(job.cwd === undefined ? {} : { cwd: job.cwd }),
      argv: [job.pieces[0]?.name ?? job.title],
      record: true,
      ...(job.check === undefined ? {} : { check: job.check }),
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
    const stops = intent.kind === "toBreakpoint" ? stopsOf(state) : state.breakpoints;
    const place = move(state.trace, state.place, intent, stops);
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
    const conditions = new Map(state.conditions);
    if (breakpoints.delete(node)) conditions.delete(node);
    else breakpoints.add(node);
    this.#become({ ...state, breakpoints, conditions }, { kind: "breakpoints" });
  }

  /**
   * When the breakpoint of a node stops, or (null) when the walk stops at any node; `text` null: always, or nowhere.
   * Throws ConditionError for a text that is no condition, RangeError for a node that the trace lacks.
   */
  setCondition(node: number | null, text: string | null): void {
    const state = this.#state;
    if (state.kind !== "ready") return;
    if (node !== null && node >= state.trace.nodes.length)
      throw new RangeError(`node ${node} is not in this trace: it has ${state.trace.nodes.length} nodes`);
    if (text !== null) readCondition(text);
    const conditions = new Map(state.conditions);
    if (text === null) conditions.delete(node);
    else conditions.set(node, text);
    if (node === null) this.#anywhere = text;
    const breakpoints = new Set(state.breakpoints);
    if (node !== null) breakpoints.add(node);
    this.#become({ ...state, breakpoints, conditions }, { kind: "breakpoints" });
  }

  /** What stops at any node stays through the next run; nodes are others then. */
  #everywhere(): Conditions {
    return new Map(this.#anywhere === null ? [] : [[null, this.#anywhere]]);
  }

  /** A document has changed: pieces move with the lines above them, and edited ones make the trace stale. */
  documentChanged(uri: string, changes: readonly LineChange[], linesNow: () => readonly string[]): void {
    const state = this.#state;
    if (state.kind === "idle" || !state.job.pieces.some((piece) => piece.uri === uri)) return;
    const moved = (pieces: readonly Piece[]): Piece[] =>
      pieces.map((piece) => (piece.uri === uri ? changes.reduce(shifted, piece) : piece));
    const pieces = moved(state.job.pieces);
    const lines = linesNow();
    const edited = new Set(state.edited);
    if (pieces.every((piece) => piece.uri !== uri || isCurrent(piece, lines))) edited.delete(uri);
    else edited.add(uri);
    const next = { ...state, job: { ...state.job, pieces }, edited };
    if (next.kind === "ready" && next.set !== undefined) {
      const members = next.set.members.map((member) => ({ ...member, pieces: moved(member.pieces) }));
      Object.assign(next, { set: { ...next.set, members } });
    }
    // The text that is shown stands there again.
    const mended = edited.size === 0 && next.kind === "ready" && next.untraced !== undefined;
    if (mended) Object.assign(next, { untraced: undefined });
    if (edited.size > 0 === isStale(state) && !mended) this.#state = next;
    else this.#become(next, { kind: "stale" });
  }

  #become(state: SessionState, change: Change = { kind: "state" }): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state, change);
  }
}

/** The pieces with those that the code imported: a trace lists them after what was run. */
function withModules(begun: Begun, trace: Trace): Begun {
  const { job } = begun;
  const modules = trace.sources
    .slice(job.pieces.length)
    .map((source) => moduleOf(job.uriOf(source.name), source));
  return { ...begun, job: { ...job, pieces: [...job.pieces, ...modules], asked: job.pieces.length } };
}

function whyNot(result: RunResult, trace: Trace | null): string {
  if (trace?.error != null) return `${trace.error.type}: ${trace.error.message}`;
  return result.kind === "failed" ? result.message : l10n.t("It recorded no trace.");
}

/** What a person calls an engine. */
export const engineLabel = (name: Engine["name"]): string =>
  name === "embedded" ? l10n.t("embedded engine") : "PyTorch";

const labelOf = ({ engine: { name, torch } }: Trace): string =>
  name === "embedded" ? engineLabel(name) : `${engineLabel(name)} ${torch}`;

const hasPlace = (trace: Trace, { backward, step, phase }: Place): boolean => {
  const steps = trace.backwards[backward]?.steps;
  if (steps === undefined || step >= steps.length) return false;
  return phase <= wholeStep(trace, backward, step).phase;
};

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
