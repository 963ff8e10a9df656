/** The outputs that a Markdown note claims, compared with what its blocks printed: diagnostics, and the fix of each. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { openText } from "../editor.ts";
import { patient, type Session } from "../session.ts";
import { type Mismatch, type Verdict, verdictOn } from "./claims.ts";

const CODE = "output";
/** Characters of an output that a message shows. */
const SHOWN = 2000;
/** Ms without a change of the note before it is compared anew. */
const PAUSE = 120;

export class NoteCheck implements vscode.Disposable {
  readonly #diagnostics = vscode.languages.createDiagnosticCollection("backstep-outputs");
  #shown: { readonly uri: string; readonly verdict: Verdict } | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #parts: vscode.Disposable;

  constructor(private readonly session: Session) {
    const later = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.compare(), PAUSE);
    };
    this.#parts = vscode.Disposable.from(
      this.#diagnostics,
      session.listen(
        patient((_, change) => {
          if (change.kind === "state" || change.kind === "stale") this.compare();
        }),
      ),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId === "markdown") later();
      }),
      vscode.languages.registerCodeActionsProvider(
        "markdown",
        { provideCodeActions: (document, range) => this.#fixes(document, range) },
        { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
      ),
    );
  }

  /** Compare the note that was run, as it reads now; null where none was run or its code has changed. */
  compare(): Verdict | null {
    this.#diagnostics.clear();
    this.#shown = null;
    const { state } = this.session;
    if (state.kind === "idle") return null;
    const ran = new Set(state.job.pieces.map(({ uri }) => uri));
    const document = vscode.workspace.textDocuments.find(
      ({ uri, languageId }) => languageId === "markdown" && ran.has(uri.toString()),
    );
    const verdict = document === undefined ? null : verdictOn(state, openText(document));
    if (document === undefined || verdict === null) return null;
    this.#shown = { uri: document.uri.toString(), verdict };
    this.#diagnostics.set(
      document.uri,
      verdict.mismatches.map((mismatch) => diagnosticOf(document, mismatch)),
    );
    return verdict;
  }

  #fixes(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    const shown = this.#shown;
    if (shown === null || shown.uri !== document.uri.toString()) return [];
    const { mismatches } = shown.verdict;
    const here = mismatches.filter((each) => fenceOf(document, each).intersection(range) !== undefined);
    const fix = (title: string, all: readonly Mismatch[]): vscode.CodeAction => {
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      const newline = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
      for (const each of all)
        action.edit.replace(document.uri, fenceOf(document, each), each.lines.join(newline));
      return action;
    };
    const own = here.map((each) =>
      Object.assign(fix(l10n.t("Put in what the block prints"), [each]), {
        isPreferred: true,
        diagnostics: [diagnosticOf(document, each)],
      }),
    );
    return here.length > 0 && mismatches.length > 1
      ? [...own, fix(l10n.t("Put in what each block of the note prints"), mismatches)]
      : own;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#parts.dispose();
  }
}

/** Its fences and all between. */
function fenceOf(document: vscode.TextDocument, { claim }: Mismatch): vscode.Range {
  const last = document.lineAt(
    Math.min(claim.closed ? claim.close : claim.close - 1, document.lineCount - 1),
  );
  return new vscode.Range(claim.open, 0, last.lineNumber, last.text.length);
}

function diagnosticOf(document: vscode.TextDocument, mismatch: Mismatch): vscode.Diagnostic {
  const { claim, printed } = mismatch;
  const isEmpty = claim.text.trim() === "";
  const range = isEmpty
    ? document.lineAt(claim.open).range
    : new vscode.Range(claim.open + 1, 0, claim.close - 1, document.lineAt(claim.close - 1).text.length);
  const shown = printed.length > SHOWN ? `${printed.slice(0, SHOWN)}…` : printed.replace(/\n$/, "");
  const message =
    printed === ""
      ? l10n.t("The block above prints nothing.")
      : l10n.t("The block above prints:\n{0}", shown);
  const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Warning);
  return Object.assign(diagnostic, { source: "Backstep", code: CODE });
}

/** Say how a note's outputs compare. */
export function tell(verdict: Verdict | null): void {
  if (verdict === null) return;
  const { compared, mismatches } = verdict;
  if (compared === 0)
    void vscode.window.showInformationMessage(
      l10n.t(
        "This note has no outputs to compare: put what a block prints into a fence without a label, right below it.",
      ),
    );
  else if (mismatches.length === 0)
    void vscode.window.showInformationMessage(
      l10n.t("All {0} outputs in this note are what its blocks print.", compared),
    );
  else
    void vscode.window.showWarningMessage(
      l10n.t("{0} of {1} outputs in this note are not what its blocks print.", mismatches.length, compared),
    );
}
