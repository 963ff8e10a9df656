/** The number at the cursor, counted up and down by its last digit, with the trace following. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { numberAt, stepped } from "../../trace/number.ts";
import type { Live } from "./live.ts";

const LANGUAGES = ["python", "markdown"];

/** `by`: units of the last digit; `times` is what a key may add, such as 10. */
export async function changeNumber(live: Live, by: 1 | -1, times: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return;
  const { document, selections } = editor;
  const factor = typeof times === "number" && Number.isSafeInteger(times) && times > 0 ? times : 1;
  const found = new Map<string, { range: vscode.Range; text: string }>();
  for (const { active } of selections) {
    const number = numberAt(document.lineAt(active.line).text, active.character);
    if (number === null) continue;
    const range = new vscode.Range(active.line, number.start, active.line, number.end);
    found.set(`${active.line}:${number.start}`, { range, text: stepped(number.text, by * factor) });
  }
  if (found.size === 0) {
    void vscode.window.showWarningMessage(l10n.t("Put the cursor on a number, such as the 2 of x**2."));
    return;
  }
  await editor.edit((edit) => {
    for (const { range, text } of found.values()) edit.replace(range, text);
  });
  live.follow();
}

/** The context key `backstep.onNumber`, so that keys mean numbers only on numbers. */
export function numberKey(): vscode.Disposable {
  let known: boolean | null = null;
  const look = (editor: vscode.TextEditor | undefined): void => {
    const { document, selection } = editor ?? {};
    const isOn =
      document !== undefined &&
      selection !== undefined &&
      LANGUAGES.includes(document.languageId) &&
      selection.isEmpty &&
      numberAt(document.lineAt(selection.active.line).text, selection.active.character) !== null;
    if (isOn === known) return;
    known = isOn;
    void vscode.commands.executeCommand("setContext", "backstep.onNumber", isOn);
  };
  look(vscode.window.activeTextEditor);
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(look),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === vscode.window.activeTextEditor) look(textEditor);
    }),
  );
}
