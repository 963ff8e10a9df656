/** Inline values: what each name of a line is, and its gradient so far, at the end of the line while a session is stopped. */
import * as vscode from "vscode";
import { formatValue } from "../../trace/format.ts";
import { gradientOf, stateAt } from "../../trace/stepper.ts";
import type { Session } from "../session.ts";
import { toDocument } from "../source/pieces.ts";

const LANGUAGES = ["python", "markdown"];
/** Characters of a value. */
const SHOWN = 60;

export function inlineValues(session: Session): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.InlineValuesProvider = {
    onDidChangeInlineValues: changed.event,
    provideInlineValues: (document, visible) => valuesIn(session, document, visible),
  };
  return vscode.Disposable.from(
    changed,
    session.listen((_, change) => {
      if (change.kind !== "output") changed.fire();
    }),
    vscode.languages.registerInlineValuesProvider(LANGUAGES, provider),
  );
}

function valuesIn(
  session: Session,
  document: vscode.TextDocument,
  visible: vscode.Range,
): vscode.InlineValue[] {
  const { state } = session;
  const uri = document.uri.toString();
  if (state.kind !== "ready" || state.edited.has(uri) || vscode.debug.activeDebugSession?.type !== "backstep")
    return [];
  const { trace, place, job } = state;
  const walked = place === null ? null : stateAt(trace, place);
  const byLine = new Map<string, vscode.InlineValueText>();
  for (const { range, text, tensor } of trace.bindings) {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text)) continue;
    const at = toDocument(job.pieces, range);
    if (at === null || at.uri !== uri || !visible.contains(new vscode.Position(at.start.line, 0))) continue;
    const record = trace.tensors[tensor];
    if (record === undefined) continue;
    const gradient = walked === null ? null : gradientOf(trace, walked, tensor);
    const words = [`${text} = ${cut(formatValue(record.value))}`];
    if (gradient !== null) words.push(`∂ ${cut(formatValue(gradient))}`);
    const where = new vscode.Range(at.start.line, at.start.character, at.end.line, at.end.character);
    byLine.set(`${at.start.line} ${text}`, new vscode.InlineValueText(where, words.join("  ")));
  }
  return [...byLine.values()];
}

const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
