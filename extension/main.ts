import * as vscode from "vscode";
import { fork } from "node:child_process";
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(vscode.commands.registerCommand("backstep.traceBackward", () => {
    const child = fork(context.asAbsolutePath("dist/probe.cjs"), [], { env: {}, stdio: ["ignore","pipe","pipe","ipc"], execArgv: ["--experimental-permission", `--allow-fs-read=${context.extensionPath}/dist/*`, "--disallow-code-generation-from-strings"] });
    let err = ""; child.stderr?.on("data", d => { err += d; });
    child.on("message", m => void vscode.window.showInformationMessage("probe " + process.version + " " + process.execPath + " " + JSON.stringify(m)));
    child.on("exit", c => { if (c) void vscode.window.showErrorMessage("exit " + c + err); });
  }));
}
