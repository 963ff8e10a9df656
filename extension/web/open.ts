/** In place of `extension/commands/open.ts` in the browser: trace files of the workspace, with the source that they hold. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { DEFAULT_LIMITS } from "../../engines/engine.ts";
import { readTrace } from "../../trace/read.ts";
import { nameOf } from "../editor.ts";
import type { Panel } from "../panel/panel.ts";
import type { Member, Session } from "../session.ts";
import { moduleOf } from "../source/pieces.ts";
import type { SourceDocuments } from "../source/recorded.ts";

export async function openTraces(
  session: Session,
  panel: Panel,
  documents: SourceDocuments,
  given?: readonly vscode.Uri[],
): Promise<readonly vscode.Uri[] | null> {
  const uris =
    given ??
    (await vscode.window.showOpenDialog({
      canSelectMany: true,
      title: l10n.t("Open trace"),
      openLabel: l10n.t("Open"),
      filters: { [l10n.t("Trace")]: ["json"] },
    }));
  if (uris === undefined || uris.length === 0) return null;
  documents.clear();
  const members: Member[] = [];
  for (const uri of uris) {
    try {
      const trace = readTrace(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
      const pieces = trace.sources.map((source) => moduleOf(documents.uriOf(source).toString(), source));
      members.push({ label: nameOf(uri), trace, pieces });
    } catch (error) {
      void vscode.window.showErrorMessage(`Backstep: ${nameOf(uri)}: ${(error as Error).message}`);
    }
  }
  if (members.length === 0) return null;
  const title =
    uris.length === 1 && uris[0] !== undefined ? nameOf(uris[0]) : l10n.t("{0} traces", members.length);
  panel.show();
  const job = {
    title,
    mode: "script",
    pieces: [],
    files: new Map(),
    uriOf: () => null,
    limits: DEFAULT_LIMITS,
  } as const;
  session.open(job, "files", members);
  return uris;
}
