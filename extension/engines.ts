/** Which engine runs a document's code: what the settings want, what the workspace's trust allows, what is installed. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Engine, EngineSession } from "../engines/engine.ts";
import { createEngine, findPython, startSession } from "../engines/index.ts";
import { interpreterFor } from "./interpreter.ts";
import { readSetting } from "./settings.ts";

export type EngineName = Engine["name"];

export type Picked =
  | { readonly kind: "picked"; readonly engine: Engine }
  | { readonly kind: "refused"; readonly message: string };

export interface EngineOptions {
  readonly assets: string;
  /** The bytes of an asset, by its path in `assets`. */
  readonly read: (path: string) => Promise<Uint8Array>;
  readonly log: (text: string) => void;
  readonly complain: (message: string) => void;
}

export class Engines implements vscode.Disposable {
  readonly embedded: Engine;
  /** Engines of PyTorch by interpreter; null is the first on the PATH. */
  readonly #pytorch = new Map<string | null, Engine>();
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.embedded = createEngine("embedded", options);
  }

  /** An interpreter of the embedded engine for the cells of a notebook; `memory` in bytes. */
  startSession(memory: number): EngineSession {
    return startSession(this.#options, memory);
  }

  /** The engine for a document; `wanted` overrules the setting. `cwd`: where its code would run on this machine. */
  async pick(document: vscode.TextDocument, cwd: string | undefined, wanted?: EngineName): Promise<Picked> {
    const { complain, log } = this.#options;
    const configuration = vscode.workspace.getConfiguration("backstep", document);
    const name = wanted ?? readSetting(configuration, "engine", complain);
    if (name === "embedded") return picked(this.embedded);
    if (!vscode.workspace.isTrusted) {
      if (name === "auto") return picked(this.embedded);
      return {
        kind: "refused",
        message: l10n.t(
          "In Restricted Mode code runs in the embedded engine only, for PyTorch runs it outside of the sandbox. Trust this workspace, or run it in the embedded engine.",
        ),
      };
    }
    const interpreter = await interpreterFor(document.uri, complain);
    if (name === "pytorch") return picked(this.#engineOf(interpreter));
    const looking = {
      location: vscode.ProgressLocation.Window,
      title: l10n.t("Backstep: looking for PyTorch"),
    };
    const found = await vscode.window.withProgress(looking, () =>
      findPython(interpreter, cwd ?? ".", new AbortController().signal),
    );
    if (found.kind === "found") return picked(this.#engineOf(found.path));
    log(`engine auto: embedded, for ${found.message}`);
    return picked(this.embedded);
  }

  #engineOf(interpreter: string | null): Engine {
    let engine = this.#pytorch.get(interpreter);
    if (engine === undefined) {
      engine = createEngine("pytorch", { ...this.#options, python: interpreter ?? undefined });
      this.#pytorch.set(interpreter, engine);
    }
    return engine;
  }

  dispose(): void {
    for (const engine of [this.embedded, ...this.#pytorch.values()]) void engine.dispose();
  }
}

const picked = (engine: Engine): Picked => ({ kind: "picked", engine });
