/** The kernel "Backstep" of Jupyter notebooks: cells run in the embedded engine, without Python on the machine. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { DEFAULT_LIMITS, type EngineSession } from "../../engines/engine.ts";
import { FIGURE_MIME, figureRemark, figureWords, plainFigure } from "../../trace/figure.ts";
import { OpenPass, PASS_MIME, passOutput, plainPass } from "../../trace/pass-output.ts";
import type { RunError } from "../../trace/schema.ts";
import { filesBeside, type Tracer, withModules } from "../commands/tracer.ts";
import { linesOf, nameOf, toRange } from "../editor.ts";
import type { Packages } from "../packages.ts";
import type { Panel } from "../panel/panel.ts";
import type { Session } from "../session.ts";
import { readLimits } from "../settings.ts";
import { type Piece, toDocument } from "../source/pieces.ts";
import { failureText } from "../views/failure.ts";
import { Kernel, type Ran } from "./kernel.ts";
import { CellOutput } from "./outputs.ts";

const TYPE = "jupyter-notebook";
/** Ms after which a cell that was asked to stop and goes on is told of. */
const STUBBORN = 5000;

export class Notebooks implements vscode.Disposable {
  readonly #controller = vscode.notebooks.createNotebookController("backstep", TYPE, "Backstep");
  readonly #diagnostics = vscode.languages.createDiagnosticCollection("backstep-cells");
  readonly #kernels = new Map<string, Kernel>();
  readonly #parts: vscode.Disposable;

  constructor(
    private readonly session: Session,
    private readonly panel: Panel,
    private readonly tracer: Tracer,
    private readonly start: (memory: number) => EngineSession,
    private readonly packages: Packages,
  ) {
    this.#controller.supportedLanguages = ["python"];
    this.#controller.supportsExecutionOrder = true;
    this.#controller.description = l10n.t("embedded engine");
    this.#controller.detail = l10n.t("PyTorch code without Python on this machine");
    this.#controller.executeHandler = (cells, notebook) => this.#execute(cells, notebook);
    this.#controller.interruptHandler = (notebook) => this.#interrupt(notebook);
    const messages = vscode.notebooks.createRendererMessaging("backstep.pass");
    this.#parts = vscode.Disposable.from(
      this.#controller,
      this.#diagnostics,
      messages.onDidReceiveMessage(({ editor, message }) => {
        const asked = OpenPass.safeParse(message);
        if (asked.success) return this.#open(editor.notebook, asked.data);
      }),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        const key = notebook.uri.toString();
        this.#kernels.get(key)?.restart();
        this.#kernels.delete(key);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#diagnostics.delete(document.uri)),
    );
  }

  /** End the interpreter of the notebook in front. */
  restart(): void {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (notebook !== undefined) this.#kernelOf(notebook).restart();
  }

  dispose(): void {
    for (const kernel of this.#kernels.values()) kernel.restart();
    this.#parts.dispose();
  }

  #kernelOf({ uri }: vscode.NotebookDocument): Kernel {
    const key = uri.toString();
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      kernel = new Kernel(nameOf(uri), this.start);
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }

  async #execute(cells: readonly vscode.NotebookCell[], notebook: vscode.NotebookDocument): Promise<void> {
    const kernel = this.#kernelOf(notebook);
    const { generation } = kernel;
    const waiting = cells.map((cell) => this.#controller.createNotebookCellExecution(cell));
    const all = async (): Promise<boolean> => {
      let goOn = true;
      for (const execution of waiting) {
        goOn &&= kernel.generation === generation;
        if (goOn) goOn = await this.#run(kernel, execution);
        else {
          execution.start();
          execution.end(undefined);
        }
      }
      return goOn;
    };
    kernel.queue = kernel.queue.then(all, all);
    await kernel.queue;
  }

  /** Run one cell; whether those after it are to run. */
  async #run(kernel: Kernel, execution: vscode.NotebookCellExecution): Promise<boolean> {
    const { document } = execution.cell;
    execution.executionOrder = kernel.nextOrder();
    execution.start(Date.now());
    const output = new CellOutput(execution);
    this.#diagnostics.delete(document.uri);
    try {
      await output.clear();
      if (document.getText().trim() === "") {
        execution.executionOrder = undefined;
        execution.end(undefined, Date.now());
        return true;
      }
      const limits = readLimits(vscode.workspace.getConfiguration("backstep", document), complain);
      const files = await filesBeside(document, document.getText());
      const packages = await this.packages.for(document, withModules(document.getText(), files));
      const cell = { uri: document.uri.toString(), lines: linesOf(document) };
      const before = kernel.passes;
      const { result, ran, lost } = await kernel.run(cell, { files, packages }, limits, {
        output: ({ stream, text }) => output.print(stream, text),
        result: (text) => output.result(text),
        figure: (figure) => {
          const said = { remark: figureRemark(figure, l10n), words: figureWords(figure, l10n) };
          output.add({ [FIGURE_MIME]: { figure, ...said } }, plainFigure(figure));
        },
      });
      const pass =
        ran === null
          ? null
          : passOutput(ran.trace, before, ran.key, l10n.t("Walk through this pass in Backstep"));
      if (pass !== null) output.add({ [PASS_MIME]: pass }, plainPass(pass));
      const error = ran?.trace.error ?? null;
      if (error !== null && result.kind === "done") {
        output.error(error.type, error.message, error.traceback);
        this.#mark(error, ran?.pieces ?? []);
      }
      if (result.kind === "failed")
        output.error("Backstep", failureText({ ...result, job: { limits } }), lost ? lostText() : "");
      const ok = result.kind === "done" && error === null;
      await output.settled();
      execution.end(ok, Date.now());
      return ok;
    } catch (error) {
      output.error("Backstep", (error as Error).message, "");
      execution.end(false, Date.now());
      return false;
    }
  }

  /** Mark the innermost expression that failed, in whichever cell it stands. */
  #mark({ type, message, ranges }: RunError, pieces: readonly Piece[]): void {
    const place = ranges
      .toReversed()
      .map((range) => toDocument(pieces, range))
      .find((found) => found !== null);
    if (place == null) return;
    const text = message === "" ? type : `${type}: ${message}`;
    const diagnostic = new vscode.Diagnostic(toRange(place), text, vscode.DiagnosticSeverity.Error);
    diagnostic.source = "Backstep";
    this.#diagnostics.set(vscode.Uri.parse(place.uri), [diagnostic]);
  }

  async #interrupt(notebook: vscode.NotebookDocument): Promise<void> {
    const kernel = this.#kernelOf(notebook);
    const running = kernel.queue.then(() => "ended" as const);
    kernel.interrupt();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), STUBBORN);
    });
    const first = await Promise.race([running, late]);
    clearTimeout(timer);
    if (first === "ended") return;
    const restart = l10n.t("Restart");
    const answer = await vscode.window.showWarningMessage(
      l10n.t("The cell does not stop. Restart the kernel? What the cells have made is lost then."),
      restart,
    );
    if (answer === restart) kernel.restart();
  }

  async #open(notebook: vscode.NotebookDocument, { key, backward }: OpenPass): Promise<void> {
    const ran = this.#kernelOf(notebook).of(key);
    const cell = notebook.getCells().find(({ outputs }) => outputs.some((output) => isOf(output, key)));
    const again = (): Promise<void> =>
      cell === undefined
        ? Promise.resolve()
        : this.tracer.traceAt({ uri: cell.document.uri.toString(), line: 0 });
    if (ran === undefined) return again();
    this.#show(ran, backward);
    this.tracer.remember(again);
  }

  #show({ title, trace, pieces }: Ran, backward: number): void {
    this.panel.show();
    const job = {
      title,
      mode: "note",
      pieces,
      files: new Map(),
      uriOf: () => null,
      limits: DEFAULT_LIMITS,
    } as const;
    this.session.open(job, "files", [{ label: title, trace, pieces }]);
    this.session.move({ kind: "toBackward", backward });
    // Cells may have been edited since they ran.
    for (const document of vscode.workspace.textDocuments)
      this.session.documentChanged(document.uri.toString(), [], () => linesOf(document));
  }
}

const lostText = (): string =>
  l10n.t("The interpreter is gone, and with it what the cells had made: run them again.");

const complain = (message: string): void => void vscode.window.showWarningMessage(message);

function isOf({ items }: vscode.NotebookCellOutput, key: string): boolean {
  const item = items.find(({ mime }) => mime === PASS_MIME);
  return item !== undefined && new TextDecoder().decode(item.data).includes(JSON.stringify(key));
}
