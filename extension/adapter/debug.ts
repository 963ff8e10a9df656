/** The debug type `backstep` in VS Code: its adapter, its configurations, and the command that begins it. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { BackstepSession } from "../../adapter/session.ts";
import { pythonBlocks } from "../../notes/blocks.ts";
import type { Tracer } from "../commands/tracer.ts";
import type { Engines } from "../engines.ts";
import type { Session } from "../session.ts";
import { SessionHost } from "./host.ts";

const TYPE = "backstep";
const LANGUAGES = ["python", "markdown"];

export function debugType(session: Session, tracer: Tracer, engines: Engines): vscode.Disposable {
  const adapters = {
    createDebugAdapterDescriptor: () =>
      new vscode.DebugAdapterInlineImplementation(
        new BackstepSession(new SessionHost(session, tracer, engines)),
      ),
  };
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterDescriptorFactory(TYPE, adapters),
    vscode.debug.registerDebugConfigurationProvider(TYPE, { resolveDebugConfiguration }),
    goneWith(session),
  );
}

/** Trace what the cursor means, and step through it with the debugger's own controls. */
export async function debugBackward(session: Session, tracer: Tracer): Promise<void> {
  await tracer.traceBackward();
  if (session.state.kind !== "ready") return;
  await vscode.debug.startDebugging(undefined, {
    type: TYPE,
    request: "attach",
    name: l10n.t("Backward pass of {0}", session.state.job.title),
  });
}

/** A configuration without a program means the file in front; in a note, the block at the cursor. */
function resolveDebugConfiguration(
  _folder: vscode.WorkspaceFolder | undefined,
  given: vscode.DebugConfiguration,
): vscode.DebugConfiguration | undefined {
  const type = given.type || TYPE;
  const request = given.request || "launch";
  const name = given.name || l10n.t("Backward pass");
  if (request !== "launch" || given.program || given.trace) return { ...given, type, request, name };
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !LANGUAGES.includes(editor.document.languageId)) {
    void vscode.window.showErrorMessage(
      l10n.t(
        'Nothing to debug: open a .py file or a Markdown note, or name one as "program" in launch.json.',
      ),
    );
    return undefined;
  }
  const { document, selection } = editor;
  // What is on no disk (a virtual workspace, an untitled file, a cell) is named by its URI.
  const program = document.uri.scheme === "file" ? document.uri.fsPath : document.uri.toString();
  if (document.languageId !== "markdown") return { ...given, type, request, name, program };
  const before = pythonBlocks(document.getText()).filter(({ line }) => line <= selection.active.line + 1);
  return { ...given, type, request, name, program, ...(before.length === 0 ? {} : { block: before.length }) };
}

/** A debug session whose trace has been replaced by another run has nothing to show any more. */
function goneWith(session: Session): vscode.Disposable {
  return session.listen((state, change) => {
    const active = vscode.debug.activeDebugSession;
    if (change.kind !== "state" || state.kind !== "idle" || active?.type !== TYPE) return;
    void vscode.debug.stopDebugging(active);
  });
}
