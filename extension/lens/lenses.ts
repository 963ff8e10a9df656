/** "Trace backward" above calls that start a pass, above the Python blocks of notes, and below notebook cells. Nothing runs until it is clicked. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import * as z from "zod";
import { pythonBlocks } from "../../notes/blocks.ts";
import { backwardCalls } from "../../notes/calls.ts";

/** What the command is told: the document, and the zero-based line to trace at. */
export const Spot = z.object({ uri: z.string(), line: z.int().nonnegative() });
export type Spot = z.infer<typeof Spot>;

/** The lines of a document at which a trace is offered, with the line that the command is told. */
export function offers(language: string, text: string): { line: number; at: number }[] {
  if (language === "python") return backwardCalls(text).map((line) => ({ line, at: line }));
  return pythonBlocks(text)
    .filter((block) => block.text.trim() !== "")
    .map(({ line }) => ({ line: line - 1, at: line }));
}

/** `enabled` is asked at each look. */
export function lenses(enabled: () => boolean): vscode.Disposable & { refresh(): void } {
  const changed = new vscode.EventEmitter<void>();
  const command = (document: vscode.TextDocument, line: number): vscode.Command => ({
    title: `$(debug-step-back) ${l10n.t("Trace backward")}`,
    tooltip: l10n.t("Run this and walk through its backward pass"),
    command: "backstep.traceAt",
    arguments: [{ uri: document.uri.toString(), line } satisfies Spot],
  });
  // The cells of a notebook have a bar of their own.
  const schemes = ["file", "untitled", "vscode-vfs", "vscode-remote", "memfs"];
  const selector = ["python", "markdown"].flatMap((language) =>
    schemes.map((scheme) => ({ language, scheme })),
  );
  const lens = vscode.languages.registerCodeLensProvider(selector, {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) =>
      !enabled()
        ? []
        : offers(document.languageId, document.getText()).map(
            ({ line, at }) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command(document, at)),
          ),
  });
  const bar = vscode.notebooks.registerNotebookCellStatusBarItemProvider("jupyter-notebook", {
    onDidChangeCellStatusBarItems: changed.event,
    provideCellStatusBarItems({ kind, document }) {
      if (!enabled() || kind !== vscode.NotebookCellKind.Code || document.languageId !== "python") return [];
      if (document.getText().trim() === "") return [];
      const { title, tooltip, ...run } = command(document, 0);
      const item = new vscode.NotebookCellStatusBarItem(title, vscode.NotebookCellStatusBarAlignment.Right);
      return Object.assign(item, { tooltip, command: { ...run, title } });
    },
  });
  return Object.assign(vscode.Disposable.from(changed, lens, bar), { refresh: () => changed.fire() });
}
