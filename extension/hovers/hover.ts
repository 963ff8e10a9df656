/** The hover over tensor-valued expressions, in Python files, Markdown notes and notebook cells. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { toRange } from "../editor.ts";
import type { Session } from "../session.ts";
import { toDocument, toSource } from "../source/pieces.ts";
import { type HoverPart, hoverText } from "./text.ts";

const LANGUAGES = ["python", "markdown"];

export function hovers(session: Session): vscode.Disposable {
  return vscode.languages.registerHoverProvider(LANGUAGES, {
    provideHover: (document, position) => hoverAt(session, document, position),
  });
}

function hoverAt(
  session: Session,
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Hover | null {
  const { state } = session;
  if (state.kind !== "ready") return null;
  const uri = document.uri.toString();
  const at = toSource(state.job.pieces, uri, position);
  if (at === null) return null;
  if (state.edited.has(uri)) {
    const word = document.getWordRangeAtPosition(position);
    const older = l10n.t("The trace is older than the text: run Trace backward again to see values here.");
    return word === undefined ? null : new vscode.Hover(markdown([{ kind: "line", text: older }]), word);
  }
  const text = hoverText(state.trace, state.place, at.source, at.position);
  if (text === null) return null;
  const range = toDocument(state.job.pieces, text.range);
  return new vscode.Hover(markdown(text.parts), range === null ? undefined : toRange(range));
}

/** Words are escaped and code is fenced, so nothing that the code printed becomes Markdown. */
function markdown(parts: readonly HoverPart[]): vscode.MarkdownString {
  const result = new vscode.MarkdownString();
  for (const part of parts) {
    if (part.kind === "code") result.appendCodeblock(part.text, "python");
    else {
      result.appendText(part.text);
      result.appendMarkdown("\n\n");
    }
  }
  return result;
}
