/** "Open the two first snippets": the note that the walkthrough begins with, as a new document of the person's own. */
import * as vscode from "vscode";

const NOTE = "two-first-snippets.md";

export async function openExample(extension: vscode.Uri): Promise<void> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extension, "examples", NOTE));
  const document = await vscode.workspace.openTextDocument({
    language: "markdown",
    content: new TextDecoder().decode(bytes),
  });
  const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
  // In the last block of the first snippet, where a trace shows the whole of it.
  const line = document.getText().split("\n").indexOf("y.backward()");
  const cursor = new vscode.Position(Math.max(line, 0), 0);
  editor.selection = new vscode.Selection(cursor, cursor);
  editor.revealRange(new vscode.Range(cursor, cursor), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
