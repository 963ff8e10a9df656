/** "Trace backward": from the cursor to a run of the session, and the same again. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Engine } from "../../engines/engine.ts";
import { type Folder, notVisible, readFolder } from "../../engines/folder.ts";
import { pythonBlocks } from "../../notes/blocks.ts";
import { samePlace } from "../../trace/same-place.ts";
import { linesOf, nameOf, notebookOf, openText } from "../editor.ts";
import type { EngineName, Engines } from "../engines.ts";
import type { Spot } from "../lens/lenses.ts";
import type { Packages } from "../packages.ts";
import type { Panel } from "../panel/panel.ts";
import type { Failed, Job, Session } from "../session.ts";
import { readLimits } from "../settings.ts";
import { type Choice, choose, chooseInNotebook, type Selection } from "../source/choose.ts";
import { toDocument } from "../source/pieces.ts";
import type { SourceDocuments } from "../source/recorded.ts";
import { failureText, isLacking, settingOf } from "../views/failure.ts";
import { openTraces } from "./open.ts";

/** Ms that a run may take before a progress notification asks for attention. */
const PATIENCE = 600;

/** Where the cursor stood when a trace was asked for, and the line of the last piece then. */
interface Origin {
  readonly uri: string;
  readonly selection: Selection;
  readonly line: number;
}

/** By which engine: as the settings say, by that one, by both to compare them; or by the embedded one to check gradients. */
type How = EngineName | "both" | "check" | undefined;

export class Tracer {
  #last: Origin | null = null;
  /** Makes what is shown anew. */
  #again: (() => Promise<void>) | null = null;

  constructor(
    private readonly session: Session,
    private readonly engines: Engines,
    private readonly panel: Panel,
    private readonly documents: SourceDocuments,
    private readonly packages: Packages,
  ) {}

  /** Trace what the active editor's cursor or selection means; without an editor, the last trace again. */
  async traceBackward(how?: How): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor !== undefined) return this.trace(editor.document, editor.selection, how);
    // A notebook whose cell is chosen but not being edited has no text editor.
    const notebook = vscode.window.activeNotebookEditor;
    if (notebook !== undefined) {
      const cell = notebook.notebook.cellAt(notebook.selection.start);
      const start = { line: 0, character: 0 };
      return this.trace(cell.document, { start, end: start }, how);
    }
    if (this.#last !== null) return this.#lastAgain(how);
    complain(l10n.t("Open a .py file, a Markdown note or a notebook, and put the cursor in its code."));
  }

  /** Trace what a cursor on that line would mean, and stand at the pass that the line starts, if it starts one. */
  async traceAt({ uri, line }: Spot): Promise<void> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    const start = { line: Math.min(line, document.lineCount - 1), character: 0 };
    await this.trace(document, { start, end: start }, undefined);
    const { state } = this.session;
    if (state.kind !== "ready") return;
    const backward = state.trace.backwards.findLastIndex(({ range }) => {
      const there = range === null ? null : toDocument(state.job.pieces, range);
      return there?.uri === uri && there.start.line <= start.line && start.line <= there.end.line;
    });
    if (backward >= 0 && backward !== state.place?.backward)
      this.session.move({ kind: "toBackward", backward });
  }

  /** Run all Python blocks of a note; false where there is none. */
  async traceNote(document: vscode.TextDocument): Promise<boolean> {
    const line = pythonBlocks(document.getText()).at(-1)?.line;
    if (line === undefined || document.languageId !== "markdown") return false;
    await this.traceAt({ uri: document.uri.toString(), line });
    return true;
  }

  /** Run the code at the cursor by both engines, and show their traces side by side. */
  compareEngines(): Promise<void> {
    return this.traceBackward("both");
  }

  /** Trace the code at the cursor, and hold its gradients against finite differences. */
  async checkGradients(): Promise<void> {
    await this.traceBackward("check");
  }

  /** The same for what is shown; the walk stays at its node. */
  async checkShown(): Promise<void> {
    if (this.#last === null)
      return complain(
        l10n.t(
          "To be checked, the code is run again by the embedded engine: put the cursor in it, and run Check gradients.",
        ),
      );
    await this.#lastAgain("check");
  }

  /** Show traces that were made before. */
  async openTrace(given?: readonly vscode.Uri[]): Promise<void> {
    const opened = await openTraces(this.session, this.panel, this.documents, given);
    if (opened !== null) this.#again = () => this.openTrace(opened);
  }

  /** What the session shows was traced before the window was reloaded: it can be traced again. */
  resume(): void {
    const { state } = this.session;
    const piece = state.kind === "ready" ? state.job.pieces.findLast(({ uri }) => uri !== "") : undefined;
    if (piece === undefined || this.#again !== null) return;
    const start = { line: piece.line, character: 0 };
    this.#last = { uri: piece.uri, selection: { start, end: start }, line: piece.line };
    this.#again = () => this.#lastAgain(undefined);
  }

  /** Run the last traced piece of code again, as it reads now; of opened traces, read them again. */
  async traceAgain(): Promise<void> {
    if (this.#again === null)
      return complain(l10n.t("Nothing has been traced yet: run Trace backward in an editor."));
    return this.#again();
  }

  /**
   * Trace what was traced last, as it reads now, and show it once it is there; what is shown stays until then. A trace
   * of a text that has changed meanwhile is shown only where the text is `moving`.
   */
  async refresh(text: "still" | "moving"): Promise<void> {
    const { state } = this.session;
    const uri = this.#last?.uri;
    if (uri === undefined || state.kind === "idle" || !state.job.pieces.some((piece) => piece.uri === uri))
      return;
    const { document, selection } = await this.#lastPlace();
    // Of the text that is run: the person may go on while its folder is read.
    const { version } = document;
    const prepared = await this.#prepare(document, selection, undefined);
    if (prepared.kind === "refused") return this.session.keepShown(prepared.message);
    const wanted = (): boolean => text === "moving" || document.version === version;
    await this.session.refresh(prepared.engine, prepared.job, wanted);
    if (document.version !== version)
      this.session.documentChanged(document.uri.toString(), [], () => linesOf(document));
  }

  /** Somebody else has made what is shown, and knows how to make it anew. */
  remember(again: () => Promise<void>): void {
    this.#again = again;
  }

  async #lastAgain(how: How): Promise<void> {
    const { document, selection } = await this.#lastPlace();
    return this.trace(document, selection, how);
  }

  /** Where the last trace was asked for, as far as it has moved since. */
  async #lastPlace(): Promise<{ document: vscode.TextDocument; selection: Selection }> {
    const origin = this.#last as Origin;
    const state = this.session.state;
    const pieces = state.kind === "idle" ? [] : state.job.pieces;
    const line = pieces.findLast((piece) => piece.uri === origin.uri)?.line ?? origin.line;
    const moved = ({ line: at, character }: Selection["start"]): Selection["start"] => ({
      line: Math.max(0, at + line - origin.line),
      character,
    });
    const selection = { start: moved(origin.selection.start), end: moved(origin.selection.end) };
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(origin.uri));
    return { document, selection };
  }

  /** What a trace at that place runs, and by which engine. */
  async #prepare(document: vscode.TextDocument, selection: Selection, how: How): Promise<Prepared> {
    const choice = choiceFor(document, selection);
    if (choice.kind === "refused") return { ...choice, byEngine: false };
    const places = placesOf(document);
    const asked = how === "both" ? "pytorch" : how === "check" ? "embedded" : how;
    const pick = await this.engines.pick(document, places.cwd, asked);
    if (pick.kind === "refused") return { ...pick, byEngine: true };
    const limits = readLimits(vscode.workspace.getConfiguration("backstep", document), complain);
    const { title, mode, pieces } = choice;
    const { engine } = pick;
    // PyTorch on the machine's own disk sees every file there as it is.
    const needsCopies = engine.name === "embedded" || how === "both" || places.folder === undefined;
    const code = pieces.map(({ text }) => text).join("\n");
    const files = needsCopies ? await filesBeside(document, code) : new Map<string, Uint8Array>();
    const isEmbedded = engine.name === "embedded" || how === "both";
    const packages = isEmbedded ? await this.packages.for(document, withModules(code, files)) : undefined;
    const uriOf = (file: string): string | null =>
      files.has(file) || (places.folder !== undefined && engine.name === "pytorch" && file.endsWith(".py"))
        ? vscode.Uri.joinPath(folderOf(document), file).toString()
        : null;
    const check = how === "check" ? ({ check: true } as const) : {};
    return {
      kind: "prepared",
      engine,
      job: { title, mode, pieces, files, packages, ...places, uriOf, limits, ...check },
    };
  }

  /** Trace what a place of a document means. */
  async trace(document: vscode.TextDocument, selection: Selection, how?: How): Promise<void> {
    const prepared = await this.#prepare(document, selection, how);
    if (prepared.kind === "refused") {
      if (!prepared.byEngine) return complain(prepared.message);
      // To compare with nothing is no use; a trace by the other engine may be.
      if (await refused(prepared.message, how !== "both")) return this.trace(document, selection, "embedded");
      return;
    }
    const { engine, job } = prepared;
    const line = job.pieces.at(-1)?.line ?? 0;
    const { start, end } = selection;
    this.#last = { uri: document.uri.toString(), selection: { start, end }, line };
    this.#again = () => this.#lastAgain(how === "check" ? undefined : how);
    this.panel.show();
    const before = this.session.state;
    const run =
      how === "both"
        ? this.session.compare([this.engines.embedded, engine], job)
        : this.session.run(engine, job);
    // It may have been edited while its folder was read.
    this.session.documentChanged(document.uri.toString(), [], () => linesOf(document));
    await showProgress(run, job.title, () => this.session.cancel());
    // A module may be open with other text than that on disk, which is what ran.
    for (const open of vscode.workspace.textDocuments) {
      this.session.documentChanged(open.uri.toString(), [], () => linesOf(open));
    }
    const { state } = this.session;
    if (state.kind === "failed") void tell(state);
    if (how === "check" && state.kind === "ready") {
      const place = before.kind === "ready" ? samePlace(before.trace, before.place, state.trace) : null;
      if (place !== null) this.session.move({ kind: "toPlace", place });
      this.panel.ask({ kind: "check" });
    }
    if (
      how !== "both" &&
      engine.name === "embedded" &&
      state.kind === "ready" &&
      isLacking(state.trace.error)
    )
      void this.#offer(state.trace.error?.message ?? "");
  }

  /** The embedded engine lacks what the code asks for: a package may bring it, or PyTorch run it, in a trusted workspace. */
  async #offer(message: string): Promise<void> {
    const module = /^No module named '(\w+)/.exec(message)?.[1];
    const name = module === undefined ? null : await this.packages.bringing(module);
    const bring = name === null ? null : l10n.t("Add {0} to backstep.packages", name);
    const run = l10n.t("Run with PyTorch");
    const trust = l10n.t("Manage Workspace Trust");
    const choices = vscode.workspace.isTrusted ? [...(bring === null ? [] : [bring]), run] : [trust];
    const answer = await vscode.window.showWarningMessage(message, ...choices);
    if (name !== null && answer === bring) {
      await this.packages.allow(name);
      await this.#lastAgain(undefined);
    }
    if (answer === run) await this.#lastAgain("pytorch");
    if (answer === trust) await vscode.commands.executeCommand("workbench.trust.manage");
  }
}

type Prepared =
  | { readonly kind: "prepared"; readonly engine: Engine; readonly job: Job }
  /** `byEngine`: the engine may not run it, another one may. */
  | { readonly kind: "refused"; readonly message: string; readonly byEngine: boolean };

/** Say why an engine may not run this; true where the embedded one shall do it. */
async function refused(message: string, offer: boolean): Promise<boolean> {
  const [trust, embedded] = [l10n.t("Manage Workspace Trust"), l10n.t("Run in the embedded engine")];
  const answer = await vscode.window.showWarningMessage(message, trust, ...(offer ? [embedded] : []));
  if (answer === trust) await vscode.commands.executeCommand("workbench.trust.manage");
  return answer === embedded;
}

/**
 * Where the code runs on this machine's own files: its modules are beside it; a Python file works in the workspace's
 * folder, as VS Code runs it, a note or notebook in its own. Nothing where it stands on no disk.
 */
function placesOf(document: vscode.TextDocument): { readonly folder?: string; readonly cwd?: string } {
  const { uri } = notebookOf(document.uri.toString())?.notebook ?? document;
  const workspace = (vscode.workspace.getWorkspaceFolder(uri) ?? vscode.workspace.workspaceFolders?.[0])?.uri;
  if (uri.scheme !== "file") {
    const isThere = document.isUntitled && workspace?.scheme === "file";
    return isThere ? { folder: workspace.fsPath, cwd: workspace.fsPath } : {};
  }
  const folder = vscode.Uri.joinPath(uri, "..").fsPath;
  const isScript = document.languageId === "python" && uri === document.uri;
  return { folder, cwd: isScript && workspace?.scheme === "file" ? workspace.fsPath : folder };
}

const complain = (message: string): void => {
  void vscode.window.showWarningMessage(message);
};

/** Say that there is no trace and why; where a limit was passed, its setting is one click away. */
async function tell(state: Failed): Promise<void> {
  const setting = settingOf(state);
  const open = l10n.t("Open settings");
  const text = `${state.job.title}: ${failureText(state)}`;
  const answer = await vscode.window.showErrorMessage(text, ...(setting === null ? [] : [open]));
  if (answer === open)
    await vscode.commands.executeCommand("workbench.action.openSettings", `backstep.${setting}`);
}

function choiceFor(document: vscode.TextDocument, selection: Selection): Choice {
  const cell = notebookOf(document.uri.toString());
  if (cell === null) return choose(openText(document), selection);
  const cells = cell.notebook.getCells().map(({ document: text }) => openText(text));
  return chooseInNotebook(nameOf(cell.notebook.uri), cells, cell.index, selection);
}

/** The folder of the code's file, of a cell the notebook's. */
function folderOf(document: vscode.TextDocument): vscode.Uri {
  const uri = notebookOf(document.uri.toString())?.notebook.uri ?? document.uri;
  return vscode.Uri.joinPath(uri, "..");
}

/** The modules and data beside the code, where the person trusts the folder and it is on this machine. */
export async function filesBeside(document: vscode.TextDocument, code: string): Promise<Folder["files"]> {
  const folder = folderOf(document);
  if (!vscode.workspace.isTrusted || folder.scheme !== "file") return new Map();
  const { files, omitted } = await readFolder(folder.fsPath, code);
  const unseen = notVisible(omitted, l10n);
  if (unseen !== null) complain(unseen);
  return files;
}

/** The code and the text of its modules: what could name a package. */
export const withModules = (code: string, files: Folder["files"]): string =>
  [code, ...[...files].filter(([path]) => path.endsWith(".py")).map(([, bytes]) => Buffer.from(bytes))].join(
    "\n",
  );

/** A notification with a Cancel button, for a run that takes its time. */
export async function showProgress(run: Promise<void>, title: string, cancel: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<"slow">((resolve) => {
    timer = setTimeout(() => resolve("slow"), PATIENCE);
  });
  const first = await Promise.race([run, slow]);
  clearTimeout(timer);
  if (first !== "slow") return;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: l10n.t("Backstep: {0} is running", title),
    cancellable: true,
  };
  await vscode.window.withProgress(options, (_progress, token) => {
    token.onCancellationRequested(cancel);
    return run;
  });
}
