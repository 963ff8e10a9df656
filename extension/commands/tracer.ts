/** "Trace backward": from the cursor to a run of the session, and the same again. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Engine } from "../../engines/engine.ts";
import { type Folder, readFolder } from "../../engines/folder.ts";
import { linesOf, nameOf, notebookOf, openText } from "../editor.ts";
import type { Panel } from "../panel/panel.ts";
import type { Failed, Session } from "../session.ts";
import { readLimits } from "../settings.ts";
import { type Choice, choose, chooseInNotebook, type Selection } from "../source/choose.ts";
import { failureText, settingOf } from "../views/failure.ts";

/** Ms that a run may take before a progress notification asks for attention. */
const PATIENCE = 600;

/** Where the cursor stood when a trace was asked for, and the line of the last piece then. */
interface Origin {
  readonly uri: string;
  readonly selection: Selection;
  readonly line: number;
}

export class Tracer {
  #last: Origin | null = null;

  constructor(
    private readonly session: Session,
    private readonly engine: Engine,
    private readonly panel: Panel,
  ) {}

  /** Trace what the active editor's cursor or selection means; without an editor, the last trace again. */
  async traceBackward(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor !== undefined) return this.#trace(editor.document, editor.selection);
    // A notebook whose cell is chosen but not being edited has no text editor.
    const notebook = vscode.window.activeNotebookEditor;
    if (notebook !== undefined) {
      const cell = notebook.notebook.cellAt(notebook.selection.start);
      const start = { line: 0, character: 0 };
      return this.#trace(cell.document, { start, end: start });
    }
    if (this.#last !== null) return this.traceAgain();
    complain(l10n.t("Open a .py file, a Markdown note or a notebook, and put the cursor in its code."));
  }

  /** Run the last traced piece of code again, as it reads now. */
  async traceAgain(): Promise<void> {
    const origin = this.#last;
    if (origin === null)
      return complain(l10n.t("Nothing has been traced yet: run Trace backward in an editor."));
    const state = this.session.state;
    const pieces = state.kind === "idle" ? [] : state.job.pieces;
    const line = pieces.findLast((piece) => piece.uri === origin.uri)?.line ?? origin.line;
    const moved = ({ line: at, character }: Selection["start"]): Selection["start"] => ({
      line: Math.max(0, at + line - origin.line),
      character,
    });
    const selection = { start: moved(origin.selection.start), end: moved(origin.selection.end) };
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(origin.uri));
    return this.#trace(document, selection);
  }

  async #trace(document: vscode.TextDocument, selection: Selection): Promise<void> {
    const choice = choiceFor(document, selection);
    if (choice.kind === "refused") return complain(choice.message);
    const line = choice.pieces.at(-1)?.line ?? 0;
    const { start, end } = selection;
    this.#last = { uri: document.uri.toString(), selection: { start, end }, line };
    const limits = readLimits(vscode.workspace.getConfiguration("backstep", document), complain);
    this.panel.show();
    const { title, mode, pieces } = choice;
    const files = await filesBeside(document, pieces.map(({ text }) => text).join("\n"));
    const uriOf = (file: string): string => vscode.Uri.joinPath(folderOf(document), file).toString();
    const run = this.session.run(this.engine, { title, mode, pieces, files, uriOf, limits });
    // It may have been edited while its folder was read.
    this.session.documentChanged(document.uri.toString(), [], () => linesOf(document));
    await showProgress(run, title, () => this.session.cancel());
    // A module may be open with other text than that on disk, which is what ran.
    for (const open of vscode.workspace.textDocuments) {
      this.session.documentChanged(open.uri.toString(), [], () => linesOf(open));
    }
    const { state } = this.session;
    if (state.kind === "failed") void tell(state);
  }
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
async function filesBeside(document: vscode.TextDocument, code: string): Promise<Folder["files"]> {
  const folder = folderOf(document);
  if (!vscode.workspace.isTrusted || folder.scheme !== "file") return new Map();
  const { files, omitted } = await readFolder(folder.fsPath, code);
  for (const reason of omitted) complain(reason);
  return files;
}

/** A notification with a Cancel button, for a run that takes its time. */
async function showProgress(run: Promise<void>, title: string, cancel: () => void): Promise<void> {
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
