/** VS Code's documents and ranges as the pure rooms see them, and back. */
import * as vscode from "vscode";
import type { OpenText } from "./source/choose.ts";
import type { DocumentRange } from "./source/pieces.ts";

/** The last part of a path with slashes. */
export const baseOf = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//s, "");

export const linesOf = (document: vscode.TextDocument): string[] => document.getText().split(/\r\n|\r|\n/);

export const nameOf = (uri: vscode.Uri): string => baseOf(uri.path);

export const openText = (document: vscode.TextDocument): OpenText => ({
  uri: document.uri.toString(),
  name: nameOf(document.uri),
  language: document.languageId,
  lines: linesOf(document),
});

export const toRange = ({ start, end }: DocumentRange): vscode.Range =>
  new vscode.Range(start.line, start.character, end.line, end.character);

/** Every editor that shows the document, notebook cells too. */
export const editorsOf = (uri: string): vscode.TextEditor[] =>
  vscode.window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === uri);

/** Show a range where its document is open already, else beside; the focus stays where it is. */
export async function reveal(range: DocumentRange): Promise<void> {
  const shown = editorsOf(range.uri)[0];
  const selection = toRange(range);
  const cell = notebookOf(range.uri);
  if (cell !== null) {
    await vscode.window.showNotebookDocument(cell.notebook, {
      preserveFocus: true,
      selections: [new vscode.NotebookRange(cell.index, cell.index + 1)],
    });
    for (const editor of editorsOf(range.uri)) {
      editor.selection = new vscode.Selection(selection.start, selection.end);
      editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
    return;
  }
  await vscode.window.showTextDocument(vscode.Uri.parse(range.uri), {
    viewColumn: shown?.viewColumn ?? sourceColumn(),
    preserveFocus: true,
    selection,
  });
}

/** Where sources are shown: first, unless the panel stands there, which they must not cover. */
export function sourceColumn(): vscode.ViewColumn {
  const first = vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === vscode.ViewColumn.One);
  const input = first?.activeTab?.input;
  const isPanel = input instanceof vscode.TabInputWebview && input.viewType.endsWith("backstep.panel");
  return isPanel ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
}

/** The notebook cell whose document has that URI; null for other documents. */
export function notebookOf(uri: string): vscode.NotebookCell | null {
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find((candidate) => candidate.document.uri.toString() === uri);
    if (cell !== undefined) return cell;
  }
  return null;
}
