/** The setting backstep.packages: asks before anything is fetched, keeps what was, and gives a run what its code names. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { RunRequest } from "../engines/engine.ts";
import {
  fetchWheel,
  indexOf,
  isMentioned,
  keptWheel,
  type Lock,
  PackageError,
  packageOf,
  readLock,
  type Wheel,
  wheelsOf,
} from "../engines/packages.ts";
import { readSetting } from "./settings.ts";

type Wheels = NonNullable<RunRequest["packages"]>;
const NONE: Wheels = new Map();

export class Packages {
  #lock: Promise<Lock> | null = null;
  /** What the person would not have fetched; asked again in the next window. */
  readonly #declined = new Set<string>();

  /** `folder`: where wheels are kept. */
  constructor(
    private readonly assets: string,
    private readonly folder: string,
    private readonly complain: (message: string) => void,
  ) {}

  /** The wheels for a run of that code; none in Restricted Mode, or where something of them cannot be had. */
  async for(document: vscode.TextDocument, code: string): Promise<Wheels> {
    if (!vscode.workspace.isTrusted) return NONE;
    const configuration = vscode.workspace.getConfiguration("backstep", document);
    const names = readSetting(configuration, "packages", this.complain);
    if (names.length === 0) return NONE;
    try {
      this.#lock ??= readLock(this.assets);
      const wheels = wheelsOf(await this.#lock, names);
      if (!isMentioned(wheels, code)) return NONE;
      const found = new Map<string, Uint8Array>();
      for (const wheel of wheels) {
        const bytes = await keptWheel(this.folder, wheel);
        if (bytes !== null) found.set(wheel.file, bytes);
      }
      const missing = wheels.filter(({ file }) => !found.has(file));
      if (missing.length === 0) return found;
      const index = indexOf(readSetting(configuration, "packageIndex", this.complain));
      if (!(await this.#agreed(missing, index))) return NONE;
      for (const [file, bytes] of await this.#fetch(missing, index)) found.set(file, bytes);
      return found;
    } catch (error) {
      if (error instanceof PackageError) this.complain(error.message);
      else if ((error as Error).name !== "AbortError") throw error;
      return NONE;
    }
  }

  /** The package that would bring a module which a run has missed; null where none can be had, or may not be. */
  async bringing(module: string): Promise<string | null> {
    if (!vscode.workspace.isTrusted) return null;
    this.#lock ??= readLock(this.assets);
    return packageOf(await this.#lock, module);
  }

  /** Let code import a package from now on; the next run that names it asks before it is fetched. */
  async allow(name: string): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("backstep");
    const names = readSetting(configuration, "packages", this.complain);
    this.#declined.clear();
    if (names.includes(name)) return;
    const { Global, Workspace } = vscode.ConfigurationTarget;
    const target = vscode.workspace.workspaceFolders === undefined ? Global : Workspace;
    await configuration.update("packages", [...names, name], target);
  }

  async #agreed(missing: readonly Wheel[], index: URL): Promise<boolean> {
    const key = `${index} ${missing.map(({ file }) => file).join(" ")}`;
    if (this.#declined.has(key)) return false;
    const fetch = l10n.t("Fetch");
    const answer = await vscode.window.showInformationMessage(
      l10n.t(
        "The code uses {0}. Fetch it from {1}? It is checked against Pyodide's lock file, kept for later runs, and runs in the sandbox only.",
        missing.map(({ name, version }) => `${name} ${version}`).join(", "),
        index.host,
      ),
      fetch,
    );
    if (answer !== fetch) this.#declined.add(key);
    return answer === fetch;
  }

  async #fetch(missing: readonly Wheel[], index: URL): Promise<Map<string, Uint8Array>> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: l10n.t("Backstep: fetching packages"),
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const fetched = new Map<string, Uint8Array>();
      for (const wheel of missing) {
        progress.report({ message: wheel.name });
        const { signal } = abort;
        fetched.set(wheel.file, await fetchWheel(wheel, { index, folder: this.folder, signal }));
      }
      return fetched;
    });
  }
}
