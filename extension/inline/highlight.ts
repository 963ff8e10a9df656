/** The current node's expression and those that feed it, marked in the editor in two colours. */
import * as vscode from "vscode";
import { editorsOf, toRange } from "../editor.ts";
import { patient, type Session, type SessionState } from "../session.ts";
import { type DocumentRange, toDocument } from "../source/pieces.ts";
import { feedingExpressions } from "./shades.ts";

/** Where the expression of the walk's current node stands; null where there is none or the text has changed. */
export function currentExpression(state: SessionState): DocumentRange | null {
  if (state.kind !== "ready" || state.place === null) return null;
  const { trace, place, job, edited } = state;
  const step = trace.backwards[place.backward]?.steps[place.step];
  const range = step === undefined ? null : trace.nodes[step.node]?.range;
  const shown = range ? toDocument(job.pieces, range) : null;
  return shown === null || edited.has(shown.uri) ? null : shown;
}

/** Keep the mark at the session's place; `enabled` is asked at each change. */
export function highlight(session: Session, enabled: () => boolean): vscode.Disposable & { refresh(): void } {
  const mark = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("backstep.currentExpressionBackground"),
    borderColor: new vscode.ThemeColor("backstep.currentExpressionBorder"),
    borderStyle: "solid",
    borderWidth: "1px",
    overviewRulerColor: new vscode.ThemeColor("backstep.currentExpressionBorder"),
  });
  const feeding = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("backstep.feedingExpressionBackground"),
    borderColor: new vscode.ThemeColor("backstep.feedingExpressionBorder"),
    borderStyle: "dotted",
    borderWidth: "0 0 2px 0",
  });
  const refresh = (): void => {
    const feeds = enabled() ? feedingExpressions(session.state) : [];
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      editor.setDecorations(feeding, feeds.filter((one) => one.uri === uri).map(toRange));
    }
    const shown = enabled() ? currentExpression(session.state) : null;
    for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(mark, []);
    if (shown === null) return;
    for (const editor of editorsOf(shown.uri)) editor.setDecorations(mark, [toRange(shown)]);
  };
  const listening = [session.listen(patient(refresh)), vscode.window.onDidChangeVisibleTextEditors(refresh)];
  return Object.assign(vscode.Disposable.from(mark, feeding, ...listening), { refresh });
}
