/** Which Python the engine `pytorch` uses: the setting, else the one chosen in the Python extension, else the PATH's. */
import { PVSC_EXTENSION_ID, PythonExtension } from "@vscode/python-extension";
import * as vscode from "vscode";
import { expandedPath } from "./home.ts";
import { readSetting } from "./settings.ts";

/** Its path; null where none is named, so that the first on the PATH that has PyTorch is taken. */
export async function interpreterFor(
  resource: vscode.Uri,
  complain: (message: string) => void,
): Promise<string | null> {
  const given = readSetting(
    vscode.workspace.getConfiguration("backstep", resource),
    "pythonPath",
    complain,
  ).trim();
  if (given !== "") return expandedPath(given, vscode.workspace.getWorkspaceFolder(resource)?.uri.fsPath);
  if (vscode.extensions.getExtension(PVSC_EXTENSION_ID) === undefined) return null;
  try {
    const { environments, ready } = await PythonExtension.api();
    await ready;
    const environment = await environments.resolveEnvironment(
      environments.getActiveEnvironmentPath(resource),
    );
    return environment?.executable.uri?.fsPath ?? null;
  } catch {
    // An extension that does not start is not ours to report: the PATH may have a Python.
    return null;
  }
}
