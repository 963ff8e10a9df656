/** Live mode: what is shown is traced anew as the person types; the old picture stays until the new one is there. */
import * as vscode from "vscode";
import type { Tracer } from "../commands/tracer.ts";
import type { Session } from "../session.ts";

/** Ms without a change before the text is traced: two keys of one stroke are one change, and nobody waits. */
const PAUSE = 20;

/** Ms after which a run whose text has changed is not waited for. */
const QUICK = 300;

export class Live implements vscode.Disposable {
  #timer: NodeJS.Timeout | undefined;
  /** While the trace follows a text that moves, and whether it has moved since. */
  #following: Promise<void> | null = null;
  #again = false;
  #began = 0;
  #text: "still" | "moving" = "still";
  readonly #listening: vscode.Disposable;
  /** What the person has chosen by the command, until the setting says otherwise. */
  #chosen: boolean | null = null;

  /** `enabled`: what the setting says; it is asked at each change. */
  constructor(
    private readonly session: Session,
    private readonly tracer: Tracer,
    private readonly enabled: () => boolean,
  ) {
    this.#listening = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.#on) this.soon(document);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("backstep.live")) this.#chosen = null;
      }),
    );
  }

  get #on(): boolean {
    return this.#chosen ?? this.enabled();
  }

  /** Switch it on or off at once, and in the person's settings. */
  async toggle(): Promise<void> {
    const on = !this.#on;
    this.#chosen = on;
    const configuration = vscode.workspace.getConfiguration("backstep");
    await configuration.update("live", on, vscode.ConfigurationTarget.Global);
  }

  /** Trace anew once the typing pauses, if that document is what is shown. */
  soon(document: vscode.TextDocument): void {
    const { state } = this.session;
    const uri = document.uri.toString();
    if (state.kind === "idle" || !state.job.pieces.some((piece) => piece.uri === uri)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run("still"), PAUSE);
  }

  /** Trace at once, and again for as long as the text goes on to change: what is shown moves with it. */
  follow(): void {
    this.#run("moving");
  }

  /**
   * One trace at a time, and once more where the text has changed meanwhile: typing starts no run that it then ends,
   * unless that takes its time.
   */
  #run(text: "still" | "moving"): void {
    clearTimeout(this.#timer);
    this.#again = true;
    if (text === "moving" || this.#following === null) this.#text = text;
    if (this.#following !== null && Date.now() - this.#began > QUICK) this.session.cancel();
    this.#following ??= this.#followed().finally(() => {
      this.#following = null;
    });
  }

  async #followed(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      this.#began = Date.now();
      await this.#trace();
    }
  }

  /** Trace now; nothing where the shown text is the one in the editor. */
  async #trace(): Promise<void> {
    const { state } = this.session;
    if (state.kind !== "idle" && state.edited.size > 0) await this.tracer.refresh(this.#text);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
  }
}
