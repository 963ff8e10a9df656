/** In place of `extension/debugging/paused.ts` in the browser, where no Python program stands at a breakpoint. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Tracer } from "../commands/tracer.ts";

const absent = (): void => {
  void vscode.window.showWarningMessage(
    l10n.t(
      "In the browser no Python program can stand at a breakpoint: open the folder in VS Code on a machine.",
    ),
  );
};

export class PausedTracer {
  constructor(
    _session: unknown,
    _panel: unknown,
    _recorder: unknown,
    private readonly tracer: Tracer,
  ) {}

  traceBackward(): Promise<void> {
    return this.tracer.traceBackward();
  }

  async tracePaused(): Promise<void> {
    absent();
  }

  async traceVariable(_menu: unknown): Promise<void> {
    absent();
  }
}
