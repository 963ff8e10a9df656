/** "Export trace…": the trace as a text, JSON or DOT file, or a page that still steps, where the person wants it; and its picture. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { saveSideFile } from "../../engines/side-file.ts";
import { base64Of } from "../../trace/base64.ts";
import { type ExportFormat, exportTrace as render } from "../../trace/export.ts";
import { PAGE_FILES, pageData, pageFiles, standalonePage } from "../../trace/page.ts";
import { nameOf } from "../editor.ts";
import { panelState } from "../panel/panel.ts";
import type { Ready, Session } from "../session.ts";

type Format = ExportFormat | "html";

const FORMATS: Readonly<Record<Format, { extension: string; detail: () => string }>> = {
  text: { extension: "txt", detail: () => l10n.t("every step in words and numbers") },
  json: { extension: "json", detail: () => l10n.t("the whole trace, for other tools") },
  dot: { extension: "dot", detail: () => l10n.t("the graph, for Graphviz") },
  html: { extension: "html", detail: () => l10n.t("one page that steps through the pass, without VS Code") },
};

/** Ask for the format, unless it is given, and for the file; write it. */
export async function exportTrace(session: Session, extension: vscode.Uri, given?: Format): Promise<void> {
  const { state } = session;
  if (state.kind !== "ready") return;
  const format = given ?? (await askFormat());
  if (format === undefined) return;
  const text =
    format === "html"
      ? await pageOf(state, extension)
      : render(state.trace, format, state.place?.backward ?? null, l10n);
  const { trace } = state;
  await save(
    state.job.title,
    "trace",
    FORMATS[format].extension,
    new TextEncoder().encode(text),
    (target) => {
      if (format === "json" && target.scheme === "file") saveSideFile(trace, target.fsPath);
    },
  );
}

/** `data`: SVG as text, PNG in base64. */
export async function savePicture(session: Session, format: "svg" | "png", data: string): Promise<void> {
  const { state } = session;
  if (state.kind !== "ready") return;
  await save(
    state.job.title,
    "graph",
    format,
    format === "png" ? Uint8Array.from(atob(data), (c) => c.charCodeAt(0)) : new TextEncoder().encode(data),
  );
}

async function save(
  title: string,
  what: string,
  extension: string,
  content: Uint8Array,
  written: (target: vscode.Uri) => void = () => {},
): Promise<void> {
  const name = `${title.replace(/[^\w.-]+/g, "-")}.${what}.${extension}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { [extension]: [extension] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, content);
  written(target);
  const open = l10n.t("Open");
  const answer = await vscode.window.showInformationMessage(
    what === "trace"
      ? l10n.t("The trace is in {0}.", nameOf(target))
      : l10n.t("The picture is in {0}.", nameOf(target)),
    open,
  );
  if (answer !== open) return;
  if (extension === "html" || extension === "png") await vscode.env.openExternal(target);
  else await vscode.window.showTextDocument(target);
}

/** The page of what is shown: the panel's own files with the trace as data. */
async function pageOf(state: Ready, extension: vscode.Uri): Promise<string> {
  const read = async (name: string): Promise<string> => {
    const file = vscode.Uri.joinPath(extension, "dist", "webview", name);
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  };
  const files = pageFiles(await Promise.all(PAGE_FILES.map(read)));
  const { set: _, ...shown } = panelState(state) as Extract<ReturnType<typeof panelState>, { kind: "ready" }>;
  return standalonePage({
    title: `${state.job.title} – Backstep`,
    language: vscode.env.language,
    data: pageData({ state: { ...shown, stale: false }, catalogue: { ...vscode.l10n.bundle } }),
    ...files,
    hash: async (text) =>
      base64Of(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))),
    nonce: crypto.randomUUID(),
  });
}

async function askFormat(): Promise<Format | undefined> {
  const items = (Object.keys(FORMATS) as Format[]).map((format) => ({
    label: format,
    detail: FORMATS[format].detail(),
  }));
  return (await vscode.window.showQuickPick(items, { title: l10n.t("Export the trace as") }))?.label;
}
