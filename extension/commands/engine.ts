/** "Choose engine…": the setting backstep.engine from a list, with what each choice means. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { readSetting, type SettingValue } from "../settings.ts";

export async function chooseEngine(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(
    "backstep",
    vscode.window.activeTextEditor?.document,
  );
  const now = readSetting(configuration, "engine", () => {});
  const details: Readonly<Record<SettingValue<"engine">, string>> = {
    embedded: l10n.t("Backstep's own, in a sandbox: needs no Python and starts at once"),
    pytorch: l10n.t("PyTorch of your Python, with everything that is installed there; not sandboxed"),
    auto: l10n.t("PyTorch in a trusted workspace where it is found, else the embedded engine"),
  };
  const items = Object.entries(details).map(([label, detail]) => ({
    label,
    detail,
    description: label === now ? l10n.t("current") : "",
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: l10n.t("Run PyTorch code with") });
  if (chosen === undefined) return;
  const { workspaceValue, workspaceFolderValue } = configuration.inspect("engine") ?? {};
  // Where the workspace decides, a change of the person's own setting would change nothing.
  const target =
    workspaceFolderValue !== undefined
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : workspaceValue !== undefined
        ? vscode.ConfigurationTarget.Workspace
        : vscode.ConfigurationTarget.Global;
  await configuration.update("engine", chosen.label, target);
}
