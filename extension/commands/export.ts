/** "Export trace…": the trace as a text, JSON or DOT file where the person wants it. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { type ExportFormat, exportTrace as render } from "../../trace/export.ts";
import { nameOf } from "../editor.ts";
import type { Session } from "../session.ts";

const FORMATS: Readonly<Record<ExportFormat, { extension: string; detail: () => string }>> = {
  text: { extension: "txt", detail: () => l10n.t("every step in words and numbers") },
  json: { extension: "json", detail: () => l10n.t("the whole trace, for other tools") },
  dot: { extension: "dot", detail: () => l10n.t("the graph, for Graphviz") },
};

/** Ask for the format, unless it is given, and for the file; write it. */
export async function exportTrace(session: Session, given?: ExportFormat): Promise<void> {
  const { state } = session;
  if (state.kind !== "ready") return;
  const format = given ?? (await askFormat());
  if (format === undefined) return;
  const { extension } = FORMATS[format];
  const name = `${state.job.title.replace(/[^\w.-]+/g, "-")}.trace.${extension}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { [format]: [extension] },
  });
  if (target === undefined) return;
  const text = render(state.trace, format, state.place?.backward ?? null, l10n);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const open = l10n.t("Open");
  const answer = await vscode.window.showInformationMessage(
    l10n.t("The trace is in {0}.", nameOf(target)),
    open,
  );
  if (answer === open) await vscode.window.showTextDocument(target);
}

async function askFormat(): Promise<ExportFormat | undefined> {
  const items = (Object.keys(FORMATS) as ExportFormat[]).map((format) => ({
    label: format,
    detail: FORMATS[format].detail(),
  }));
  return (await vscode.window.showQuickPick(items, { title: l10n.t("Export the trace as") }))?.label;
}
