/** The debug adapter inside VS Code: it walks the extension's own session, so panel, hover and debugger never disagree. */

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { cancelled, notRunnable, shownBy } from "../../adapter/run.ts";
import type {
  Edit,
  Events,
  FilePlace,
  Host,
  LaunchArguments,
  OpenArguments,
  Walk,
} from "../../adapter/walk.ts";
import { edited } from "../../adapter/whatif.ts";
import { pythonBlocks } from "../../notes/blocks.ts";
import type { Place } from "../../trace/place.ts";
import type { Trace } from "../../trace/schema.ts";
import type { Tracer } from "../commands/tracer.ts";
import { linesOf } from "../editor.ts";
import type { Engines } from "../engines.ts";
import { type Job, type Ready, type Session, stopsOf } from "../session.ts";
import { blockOf, type Piece, toDocument, toSource } from "../source/pieces.ts";
import { failureText } from "../views/failure.ts";

/** The session's own walk; it is over when another trace is shown. */
class SessionWalk implements Walk {
  readonly trace: Trace;

  constructor(
    private readonly session: Session,
    state: Ready,
  ) {
    this.trace = state.trace;
  }

  get #state(): Ready | null {
    const { state } = this.session;
    return state.kind === "ready" && state.trace === this.trace ? state : null;
  }

  get place(): Place | null {
    return this.#state?.place ?? null;
  }

  get stops(): ReadonlySet<number> {
    return this.#state === null ? new Set() : stopsOf(this.#state);
  }

  go(place: Place): void {
    if (this.#state !== null) this.session.move({ kind: "toPlace", place });
  }

  onMoved(listener: () => void): { dispose(): void } {
    return this.session.listen((_, change) => {
      if (change.kind === "place" && this.#state !== null) listener();
    });
  }

  readonly toFile = (source: number, line: number, character: number): FilePlace | null => {
    const at = { line, character };
    const place = toDocument(this.#state?.job.pieces ?? [], { source, start: at, end: at });
    if (place === null) return null;
    // Cells and notes that are on no disk are known to VS Code by their URI.
    const uri = vscode.Uri.parse(place.uri);
    return { path: uri.scheme === "file" ? uri.fsPath : place.uri, ...place.start };
  };

  readonly toSource = (path: string, line: number): { source: number; line: number } | null => {
    const uri = uriOf(path).toString();
    // A place far to the right lies behind whatever the note puts before a line.
    const found = toSource(this.#state?.job.pieces ?? [], uri, { line, character: Number.MAX_SAFE_INTEGER });
    return found === null ? null : { source: found.source, line: found.position.line };
  };
}

export class SessionHost implements Host {
  /** The extension speaks the editor's language already. */
  speak(): void {}

  constructor(
    private readonly session: Session,
    private readonly tracer: Tracer,
    private readonly engines: Engines,
  ) {}

  async launch(given: LaunchArguments, events: Events, signal: AbortSignal): Promise<Walk> {
    const document = await vscode.workspace.openTextDocument(uriOf(given.program));
    const line = given.block === undefined ? 0 : blockLine(document, given.block);
    const start = { line, character: 0 };
    return this.#following(events, signal, () =>
      this.tracer.trace(document, { start, end: start }, given.engine),
    );
  }

  async open({ trace }: OpenArguments, signal: AbortSignal): Promise<Walk> {
    return this.#following({ output: () => {} }, signal, () => this.tracer.openTrace([uriOf(trace)]));
  }

  attach(): Walk | null {
    const { state } = this.session;
    return state.kind === "ready" ? new SessionWalk(this.session, state) : null;
  }

  async rerun(_walk: Walk, edits: readonly Edit[], events: Events, signal: AbortSignal): Promise<Walk> {
    const state = this.#runnable();
    const asked = askedOf(state.job);
    if (edits.some(({ range }) => range.source >= asked.length))
      throw new Error(
        l10n.t("it stands in a module that the program imported: change it there and run again"),
      );
    const pieces = asked.map((piece, i) => {
      const own = edits.filter(({ range }) => range.source === i);
      return own.length === 0 ? piece : { ...piece, text: edited(blockOf(piece).text, own).slice(piece.pad) };
    });
    const uri = pieces[0]?.uri ?? "";
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    const pick = await this.engines.pick(document, state.job.cwd, state.engine);
    if (pick.kind === "refused") throw new Error(pick.message);
    const walk = await this.#following(events, signal, () =>
      this.session.run(pick.engine, { ...state.job, pieces }),
    );
    // The text in the editor is another than what ran.
    this.session.documentChanged(uri, [], () => linesOf(document));
    return walk;
  }

  #runnable(): Ready {
    const { state } = this.session;
    if (state.kind !== "ready" || state.job.pieces.length === 0) throw notRunnable();
    return state;
  }

  async check(_walk: Walk, events: Events, signal: AbortSignal): Promise<Walk> {
    const { job, engine } = this.#runnable();
    // What PyTorch ran found its modules on the disk: the sandbox must be given them.
    const act = (): Promise<void> =>
      engine === "embedded"
        ? this.session.run(this.engines.embedded, { ...job, pieces: askedOf(job), check: true })
        : this.tracer.checkShown();
    return this.#following(events, signal, act);
  }

  evaluate(code: string, signal: AbortSignal): Promise<string> {
    return shownBy(this.engines.embedded, code, signal);
  }

  /** The engines are the extension's, not the debug session's. */
  async dispose(): Promise<void> {}

  /** Do what makes a trace, hand on what it prints, and give the walk through it. */
  async #following(events: Events, signal: AbortSignal, act: () => Promise<void>): Promise<Walk> {
    const cancel = (): void => this.session.cancel();
    signal.addEventListener("abort", cancel);
    const listening = this.session.listen((_, change) => {
      if (change.kind === "output") events.output({ stream: "stdout", text: change.text, source: 0 });
    });
    try {
      await act();
    } finally {
      listening.dispose();
      signal.removeEventListener("abort", cancel);
    }
    const { state } = this.session;
    if (state.kind === "ready") return new SessionWalk(this.session, state);
    if (state.kind === "failed") throw new Error(failureText(state));
    throw cancelled();
  }
}

/** A path of the machine, or the URI of what is on no disk. */
const uriOf = (path: string): vscode.Uri =>
  /^[\w+-]{2,}:/.test(path) ? vscode.Uri.parse(path) : vscode.Uri.file(path);

/** What was asked to run, without the modules that it imported. */
const askedOf = ({ pieces, asked = pieces.length }: Job): readonly Piece[] => pieces.slice(0, asked);

/** The line on which the n-th Python block of a note begins. */
function blockLine(document: vscode.TextDocument, block: number): number {
  const blocks = pythonBlocks(document.getText());
  const found = blocks[block - 1];
  if (found === undefined)
    throw new Error(
      blocks.length === 0
        ? l10n.t("it has no Python block: write code between ```python and ```")
        : l10n.t("block {0}: give 1 to {1}, as many Python blocks as it has", block, blocks.length),
    );
  return found.line;
}
