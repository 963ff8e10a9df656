/** The command "Why this gradient?": what is asked about, and the panel that answers. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { bindingAt } from "../../trace/hover.ts";
import { askable, Subject } from "../../trace/why/why.ts";
import type { Panel } from "../panel/panel.ts";
import type { Ready, Session } from "../session.ts";
import { toSource } from "../source/pieces.ts";

/**
 * `given`: what a link names. Else the expression at the cursor is meant, else what a person picks of the named
 * tensors and the run's error.
 */
export async function askWhy(session: Session, panel: Panel, given: unknown): Promise<void> {
  const { state } = session;
  if (state.kind !== "ready") {
    void vscode.window.showWarningMessage(
      l10n.t("There is no trace to ask about: run Trace backward first."),
    );
    return;
  }
  const named = Subject.safeParse(given);
  const subject = named.success ? named.data : (atCursor(state) ?? (await pick(state)));
  if (subject !== null) panel.ask(subject);
}

function atCursor({ trace, job, edited }: Ready): Subject | null {
  const editor = vscode.window.activeTextEditor;
  const uri = editor?.document.uri.toString();
  if (editor === undefined || uri === undefined || edited.has(uri)) return null;
  const at = toSource(job.pieces, uri, editor.selection.active);
  const binding = at === null ? null : bindingAt(trace, at.source, at.position);
  return binding === null ? null : { kind: "tensor", tensor: binding.tensor };
}

async function pick({ trace }: Ready): Promise<Subject | null> {
  const items: (vscode.QuickPickItem & { subject: Subject })[] = askable(trace).map(({ tensor, name }) => ({
    label: name,
    description: `torch.${trace.tensors[tensor]?.dtype} (${trace.tensors[tensor]?.shape.join(", ")})`,
    subject: { kind: "tensor", tensor },
  }));
  if (trace.error !== null)
    items.unshift({ label: trace.error.type, description: trace.error.message, subject: { kind: "run" } });
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: l10n.t("What do you want to ask about?"),
    matchOnDescription: true,
  });
  return chosen?.subject ?? null;
}
