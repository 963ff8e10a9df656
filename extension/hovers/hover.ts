/** The hover over tensor-valued expressions, in Python files, Markdown notes and notebook cells. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { base64Of } from "../../trace/base64.ts";
import { linesOf, toRange } from "../editor.ts";
import type { Session } from "../session.ts";
import { toDocument, toSource } from "../source/pieces.ts";
import { stillMeans } from "../source/unchanged.ts";
import { type HoverPart, hoverText, type Link } from "./text.ts";

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
  const { pieces, asked = pieces.length } = state.job;
  const older = state.edited.size > 0;
  if (older && !stillMeans(pieces, asked, openLines, at.source, at.position.line)) {
    const word = document.getWordRangeAtPosition(position);
    const older = l10n.t("The trace is older than the text: run Trace backward again to see values here.");
    return word === undefined ? null : new vscode.Hover(markdown([{ kind: "line", text: older }]), word);
  }
  const text = hoverText(state.trace, state.place, at.source, at.position, older);
  if (text === null) return null;
  const range = toDocument(state.job.pieces, text.range);
  return new vscode.Hover(markdown(text.parts), range === null ? undefined : toRange(range));
}

/** The lines of a document that is open; of another one nothing is known to have changed. */
function openLines(uri: string): readonly string[] | null {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
  return document === undefined ? null : linesOf(document);
}

const linkOf = ({ text, command, argument }: Link): string =>
  `[${text}](command:${command}?${encodeURIComponent(JSON.stringify([argument]))})`;

/** Words are escaped and code is fenced, so nothing that the code printed becomes Markdown. */
function markdown(parts: readonly HoverPart[]): vscode.MarkdownString {
  const result = new vscode.MarkdownString();
  for (const part of parts) {
    if (part.kind === "code") result.appendCodeblock(part.text, "python");
    else if (part.kind === "picture") {
      const { svg, width, height } = part.picture;
      const data = base64Of(svg);
      // The words are numbers and Backstep's own.
      const alt = part.alt.replace(/[[\]\\]/g, "");
      result.appendMarkdown(
        `![${alt}](data:image/svg+xml;base64,${data}|width=${width},height=${height})\n\n`,
      );
    } else if (part.kind === "links") {
      // Only these commands may be run from a hover, and their words are Backstep's own.
      result.isTrusted = { enabledCommands: part.links.map(({ command }) => command) };
      result.appendMarkdown(part.links.map(linkOf).join(" · "));
    } else {
      result.appendText(part.text);
      result.appendMarkdown("\n\n");
    }
  }
  return result;
}
