/** The output channel "Backstep": what the code printed, as it was printed. */
import * as vscode from "vscode";
import type { Session } from "../session.ts";
import { failureText } from "./failure.ts";

export function outputChannel(session: Session): vscode.OutputChannel {
  const channel = vscode.window.createOutputChannel("Backstep");
  session.listen((state, change) => {
    if (change.kind === "output") return channel.append(change.text);
    if (change.kind !== "state") return;
    if (state.kind === "running") {
      channel.clear();
      channel.appendLine(`--- ${state.job.title}`);
    } else if (state.kind === "failed") channel.appendLine(failureText(state));
  });
  return channel;
}
