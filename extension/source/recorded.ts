/** Source text that only a trace still has, as read-only documents. */
import * as vscode from "vscode";
import type { Source } from "../../trace/schema.ts";
import { baseOf } from "../editor.ts";

const SCHEME = "backstep-source";

export class SourceDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  /** The document with that text; the same text under the same name is the same document. */
  uriOf({ name, text }: Source): vscode.Uri {
    const base = baseOf(name.replaceAll("\\", "/")) || "source.py";
    const known = [...this.#texts].find(([key, one]) => one === text && key.endsWith(`/${base}`));
    const path = known?.[0] ?? `/${this.#texts.size + 1}/${base}`;
    this.#texts.set(path, text);
    return vscode.Uri.from({ scheme: SCHEME, path });
  }

  provideTextDocumentContent({ path }: vscode.Uri): string {
    return this.#texts.get(path) ?? "";
  }

  clear(): void {
    this.#texts.clear();
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
