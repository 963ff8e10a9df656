/** The outputs of a running cell, in the shapes that VS Code saves as Jupyter's: stream, execute_result, error, display_data. */
import * as vscode from "vscode";

type Stream = "stdout" | "stderr";

export class CellOutput {
  /** The stream output that more text of the same stream goes to. */
  #open: { readonly stream: Stream; readonly output: vscode.NotebookCellOutput } | null = null;
  /** VS Code takes them in order. */
  #last: Thenable<void> = Promise.resolve();

  constructor(private readonly execution: vscode.NotebookCellExecution) {}

  async clear(): Promise<void> {
    await this.execution.clearOutput();
  }

  print(stream: Stream, text: string): void {
    const item = vscode.NotebookCellOutputItem[stream](text);
    if (this.#open?.stream === stream) {
      this.#last = this.execution.appendOutputItems(item, this.#open.output);
      return;
    }
    const output = new vscode.NotebookCellOutput([item], { outputType: "stream" });
    this.#append(output);
    this.#open = { stream, output };
  }

  /** The cell's last value, as Python writes it. */
  result(text: string): void {
    const item = vscode.NotebookCellOutputItem.text(text, "text/plain");
    const executionCount = this.execution.executionOrder ?? null;
    this.#append(new vscode.NotebookCellOutput([item], { outputType: "execute_result", executionCount }));
  }

  error(name: string, message: string, stack: string): void {
    const item = vscode.NotebookCellOutputItem.error({
      name,
      message,
      stack: stack || `${name}: ${message}`,
    });
    this.#append(new vscode.NotebookCellOutput([item], { outputType: "error" }));
  }

  /** Data by media type, and the text for those who know none of them. */
  add(data: Readonly<Record<string, unknown>>, text: string): void {
    const items = Object.entries(data).map(([mime, value]) =>
      vscode.NotebookCellOutputItem.json(value, mime),
    );
    items.push(vscode.NotebookCellOutputItem.text(text, "text/plain"));
    this.#append(new vscode.NotebookCellOutput(items, { outputType: "display_data" }));
  }

  /** Resolves once VS Code has all of them. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #append(output: vscode.NotebookCellOutput): void {
    this.#open = null;
    this.#last = this.execution.appendOutput(output);
  }
}
