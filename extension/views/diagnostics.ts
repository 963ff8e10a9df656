/** The error of a run as a diagnostic at the failing expression; an edit of its document or a new run clears it. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { RunError } from "../../trace/schema.ts";
import { toRange } from "../editor.ts";
import { patient, type Session, type SessionState } from "../session.ts";
import { type DocumentRange, toDocument } from "../source/pieces.ts";

/** Where the run's error is in the documents, innermost frame first; empty where there is none to show. */
export function placesOfError(state: SessionState): DocumentRange[] {
  const error = errorOf(state);
  if (error === null || state.kind === "idle") return [];
  return error.ranges
    .toReversed()
    .map((range) => toDocument(state.job.pieces, range))
    .filter((place) => place !== null);
}

/** What the program raised, or where a limit ended it. */
function errorOf(state: SessionState): RunError | null {
  if (state.kind !== "ready" && state.kind !== "failed") return null;
  return state.trace?.error ?? null;
}

export function errorDiagnostics(session: Session): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection("backstep");
  const listening = session.listen(
    patient((state, change) => {
      if (change.kind === "state") {
        collection.clear();
        show(collection, state);
      } else if (change.kind === "stale" && state.kind !== "idle") {
        for (const uri of state.edited) collection.delete(vscode.Uri.parse(uri));
      }
    }),
  );
  return vscode.Disposable.from(collection, listening);
}

function show(collection: vscode.DiagnosticCollection, state: SessionState): void {
  const [innermost, ...callers] = placesOfError(state);
  const error = errorOf(state);
  if (innermost === undefined || error === null) return;
  const { type, message } = error;
  const diagnostic = new vscode.Diagnostic(
    toRange(innermost),
    message === "" ? type : `${type}: ${message}`,
    vscode.DiagnosticSeverity.Error,
  );
  diagnostic.source = "Backstep";
  diagnostic.relatedInformation = callers.map(
    (place) =>
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(vscode.Uri.parse(place.uri), toRange(place)),
        l10n.t("called from here"),
      ),
  );
  collection.set(vscode.Uri.parse(innermost.uri), [diagnostic]);
}
