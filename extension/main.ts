/** The extension: makes the rooms, joins them to one session, and leaves the work to them. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { createEngine } from "../engines/index.ts";
import { exportTrace } from "./commands/export.ts";
import { registerCommands, revealNode } from "./commands/register.ts";
import { Tracer } from "./commands/tracer.ts";
import { linesOf } from "./editor.ts";
import { hovers } from "./hovers/hover.ts";
import { highlight } from "./inline/highlight.ts";
import { PANEL, Panel } from "./panel/panel.ts";
import { Session } from "./session.ts";
import { readSetting, type SettingName } from "./settings.ts";
import { contextKeys } from "./views/context.ts";
import { errorDiagnostics } from "./views/diagnostics.ts";
import { outputChannel } from "./views/output.ts";
import { statusBar } from "./views/status.ts";

export function activate(context: vscode.ExtensionContext): void {
  if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
  const log = vscode.window.createOutputChannel("Backstep Log", { log: true });
  const engine = createEngine("embedded", {
    assets: context.asAbsolutePath("dist"),
    log: (text) => log.info(text),
  });
  const session = new Session();
  const panel = new Panel(context.extensionUri, session, {
    reveal: async (node) => {
      if (session.state.kind === "ready") await revealNode(session.state, node);
    },
    rerun: () => tracer.traceAgain(),
    export: (format) => exportTrace(session, format),
  });
  const tracer = new Tracer(session, engine, panel);
  const output = outputChannel(session);
  const highlighted = highlight(session, () => setting("highlightSource"));
  context.subscriptions.push(
    { dispose: () => void engine.dispose() },
    log,
    panel,
    output,
    highlighted,
    statusBar(session),
    contextKeys(session),
    errorDiagnostics(session),
    hovers(session),
    registerCommands({ session, tracer, panel, output }),
    vscode.window.registerWebviewPanelSerializer(PANEL, {
      deserializeWebviewPanel: async (restored) => panel.adopt(restored),
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const changes = contentChanges.map(({ range, text }) => ({
        start: range.start.line,
        end: range.end.line,
        lines: text.split(/\r\n|\r|\n/).length,
      }));
      session.documentChanged(document.uri.toString(), changes, () => linesOf(document));
    }),
    // A document may come back with other text than it had when it was closed.
    vscode.workspace.onDidOpenTextDocument((document) => {
      session.documentChanged(document.uri.toString(), [], () => linesOf(document));
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("backstep.highlightSource")) highlighted.refresh();
    }),
    startEarly(engine),
  );
}

const setting = (name: Extract<SettingName, "highlightSource" | "startEarly">): boolean =>
  readSetting(vscode.workspace.getConfiguration("backstep"), name, (message) => {
    void vscode.window.showWarningMessage(message);
  });

/** Start the engine when the first document with PyTorch code is in front, so that the first trace is quick. */
function startEarly(engine: { warm(): void }): vscode.Disposable {
  const look = (editor: vscode.TextEditor | undefined): void => {
    const { languageId = "" } = editor?.document ?? {};
    if (!["python", "markdown"].includes(languageId) || !setting("startEarly")) return;
    if (!/\b(?:torch|backward|requires_grad_?)\b/.test(editor?.document.getText() ?? "")) return;
    engine.warm();
    listening.dispose();
  };
  const listening = vscode.window.onDidChangeActiveTextEditor(look);
  look(vscode.window.activeTextEditor);
  return listening;
}
