/** "Open trace…": trace files, or a folder with the traces of several processes, shown with their own source text. */
import { dirname, isAbsolute, join } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { DEFAULT_LIMITS } from "../../engines/engine.ts";
import { areRanks, readTraces, type TraceFile } from "../../engines/traces.ts";
import type { Source } from "../../trace/schema.ts";
import { nameOf, sourceColumn } from "../editor.ts";
import type { Panel } from "../panel/panel.ts";
import type { Job, Member, Session } from "../session.ts";
import { moduleOf, type Piece } from "../source/pieces.ts";
import type { SourceDocuments } from "../source/recorded.ts";

/** Ask for files or a folder, unless they are given, and show the traces there. */
export async function openTraces(
  session: Session,
  panel: Panel,
  documents: SourceDocuments,
  given?: readonly vscode.Uri[],
): Promise<readonly vscode.Uri[] | null> {
  const uris = given ?? (await ask());
  if (uris === undefined || uris.length === 0) return null;
  const reading = { location: vscode.ProgressLocation.Window, title: l10n.t("Backstep: reading traces") };
  const { files, problems, notes } = await vscode.window.withProgress(reading, () =>
    readTraces(uris.map(({ fsPath }) => fsPath)),
  );
  for (const problem of problems) void vscode.window.showErrorMessage(`Backstep: ${problem}`);
  for (const note of notes) void vscode.window.showWarningMessage(`Backstep: ${note}`);
  if (files.length === 0) return null;
  documents.clear();
  const members = await Promise.all(files.map((file) => memberOf(file, documents)));
  const title =
    uris.length === 1 && uris[0] !== undefined ? nameOf(uris[0]) : l10n.t("{0} traces", files.length);
  await showSource(members[0]?.pieces[0]);
  panel.show();
  session.open(jobOf(title), areRanks(files) ? "ranks" : "files", members);
  return uris;
}

/** The program beside the panel, where no editor stands that the panel could be put beside. */
async function showSource(main: Piece | undefined): Promise<void> {
  if (
    main === undefined ||
    vscode.window.visibleTextEditors.some(({ viewColumn }) => viewColumn !== undefined)
  )
    return;
  await vscode.window.showTextDocument(vscode.Uri.parse(main.uri), {
    viewColumn: sourceColumn(),
    preview: true,
  });
}

const jobOf = (title: string): Job => ({
  title,
  mode: "script",
  pieces: [],
  files: new Map(),
  uriOf: () => null,
  limits: DEFAULT_LIMITS,
});

async function ask(): Promise<readonly vscode.Uri[] | undefined> {
  const files = l10n.t("Trace files…");
  const folder = l10n.t("A folder of traces…");
  const items = [
    { label: files, detail: l10n.t("one trace, or several to choose from") },
    {
      label: folder,
      detail: l10n.t("one trace for each rank, as torchrun with backstep_recorder writes them"),
    },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: l10n.t("Open trace") });
  if (chosen === undefined) return undefined;
  const isFolder = chosen.label === folder;
  const start = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showOpenDialog({
    canSelectFiles: !isFolder,
    canSelectFolders: isFolder,
    canSelectMany: !isFolder,
    title: l10n.t("Open trace"),
    openLabel: l10n.t("Open"),
    ...(isFolder ? {} : { filters: { [l10n.t("Trace")]: ["json"] } }),
    ...(start === undefined ? {} : { defaultUri: start }),
  });
}

async function memberOf({ path, label, trace }: TraceFile, documents: SourceDocuments): Promise<Member> {
  const pieces: Piece[] = [];
  const [main] = trace.sources;
  for (const source of trace.sources) {
    const file = await fileWith(source, [dirname(path), ...(main === undefined ? [] : [dirname(main.name)])]);
    pieces.push(moduleOf((file ?? documents.uriOf(source)).toString(), source));
  }
  return { label, trace, pieces };
}

/** The file of that name that still has that text: where it was, beside the trace, or in the workspace. */
async function fileWith({ name, text }: Source, folders: readonly string[]): Promise<vscode.Uri | null> {
  const workspace = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const places = isAbsolute(name)
    ? [name]
    : [...folders, ...workspace].filter(isAbsolute).map((folder) => join(folder, name));
  const plain = text.replace(/\r\n?/g, "\n");
  for (const place of places) {
    try {
      const uri = vscode.Uri.file(place);
      const now = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      if (now.replace(/\r\n?/g, "\n") === plain) return uri;
    } catch {
      // There is no such file: the trace's own text is shown.
    }
  }
  return null;
}
