/** The extension: makes the rooms, joins them to one session, and leaves the work to them. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { debugType } from "./adapter/debug.ts";
import { inlineValues } from "./adapter/values.ts";
import { exportTrace, savePicture } from "./commands/export.ts";
import { registerCommands, revealNode, revealRange } from "./commands/register.ts";
import { Tracer } from "./commands/tracer.ts";
import { PausedTracer } from "./debugging/paused.ts";
import { linesOf } from "./editor.ts";
import { Engines } from "./engines.ts";
import { hovers } from "./hovers/hover.ts";
import { gutter } from "./inline/gutter.ts";
import { highlight } from "./inline/highlight.ts";
import { KeptRun } from "./kept.ts";
import { lenses } from "./lens/lenses.ts";
import { Live } from "./live/live.ts";
import { numberKey } from "./live/numbers.ts";
import { Turning } from "./live/turning.ts";
import { Notebooks } from "./notebooks/controller.ts";
import { NoteCheck } from "./notes/check.ts";
import { Packages } from "./packages.ts";
import { PANEL, Panel } from "./panel/panel.ts";
import { Session } from "./session.ts";
import { readSetting, type SettingName } from "./settings.ts";
import { SourceDocuments } from "./source/recorded.ts";
import { contextKeys } from "./views/context.ts";
import { errorDiagnostics } from "./views/diagnostics.ts";
import { outputChannel } from "./views/output.ts";
import { statusBar } from "./views/status.ts";

export function activate(context: vscode.ExtensionContext): void {
  if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
  const log = vscode.window.createOutputChannel("Backstep Log", { log: true });
  const engines = new Engines({
    assets: context.asAbsolutePath("dist"),
    read: async (path) =>
      vscode.workspace.fs.readFile(vscode.Uri.joinPath(context.extensionUri, "dist", path)),
    log: (text) => log.info(text),
    complain: (message) => void vscode.window.showWarningMessage(message),
  });
  const documents = new SourceDocuments();
  const session = new Session();
  const panel = new Panel(context.extensionUri, session, {
    reveal: async (node) => {
      if (session.state.kind === "ready") await revealNode(session.state, node);
    },
    revealRange: async (range) => {
      if (session.state.kind === "ready") await revealRange(session.state, range);
    },
    turn: (turn) => turning.turn(turn),
    rerun: () => tracer.traceAgain(),
    check: () => tracer.checkShown(),
    export: (format) => exportTrace(session, context.extensionUri, format),
    picture: (format, data) => savePicture(session, format, data),
  });
  const packages = new Packages(
    context.asAbsolutePath("dist"),
    vscode.Uri.joinPath(context.globalStorageUri, "packages").fsPath,
    (message) => void vscode.window.showWarningMessage(message),
  );
  const tracer = new Tracer(session, engines, panel, documents, packages);
  const paused = new PausedTracer(session, panel, context.asAbsolutePath("dist/recorder"), tracer);
  const output = outputChannel(session);
  const highlighted = highlight(session, () => setting("highlightSource"));
  const keptRun = new KeptRun(session, context.storageUri, (text) => log.info(text));
  const offered = lenses(() => setting("codeLens"));
  const notes = new NoteCheck(session);
  const notebooks = new Notebooks(session, panel, tracer, (memory) => engines.startSession(memory), packages);
  const bars = gutter(session, () => setting("gutter"));
  const live = new Live(session, tracer, () => setting("live"));
  const turning = new Turning(session, live);
  context.subscriptions.push(
    keptRun,
    numberKey(),
    bars,
    offered,
    notes,
    notebooks,
    engines,
    documents,
    log,
    panel,
    output,
    highlighted,
    statusBar(session),
    contextKeys(session),
    errorDiagnostics(session),
    hovers(session),
    debugType(session, tracer, engines),
    inlineValues(session),
    registerCommands({
      extension: context.extensionUri,
      exportTrace: () => exportTrace(session, context.extensionUri),
      session,
      tracer,
      paused,
      panel,
      notes,
      notebooks,
      live,
      output,
    }),
    vscode.window.registerWebviewPanelSerializer(PANEL, {
      deserializeWebviewPanel: async (restored) => {
        panel.adopt(restored);
        await keptRun.restore();
        tracer.resume();
      },
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
      if (event.affectsConfiguration("backstep.gutter")) bars.refresh();
      if (event.affectsConfiguration("backstep.codeLens")) offered.refresh();
    }),
    startEarly(engines.embedded),
    live,
  );
}

const setting = (
  name: Extract<SettingName, "highlightSource" | "startEarly" | "codeLens" | "live" | "gutter">,
): boolean =>
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
