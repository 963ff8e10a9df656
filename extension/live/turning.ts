/** A number of the traced code that is turned in the panel: the text changes under it, and the trace follows. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sameNumber } from "../../trace/literals.ts";
import { stepped } from "../../trace/number.ts";
import type { Range } from "../../trace/schema.ts";
import type { Session } from "../session.ts";
import { toDocument } from "../source/pieces.ts";
import type { Live } from "./live.ts";

export interface Turn {
  /** Where the number stands in the trace. */
  readonly range: Range;
  /** Units of its last digit. */
  readonly by: number;
  /** The first of a drag: all of it is undone as one. */
  readonly begins: boolean;
}

export class Turning {
  /** Turns that came while another one was being made, those of one number as one. */
  #waiting: Turn[] = [];
  #making: Promise<void> | null = null;

  constructor(
    private readonly session: Session,
    private readonly live: Pick<Live, "follow">,
  ) {}

  /** Throws in words where the number is not in an editor's reach. */
  turn(turn: Turn): Promise<void> {
    const last = this.#waiting.at(-1);
    if (last !== undefined && JSON.stringify(last.range) === JSON.stringify(turn.range) && !turn.begins)
      this.#waiting.splice(-1, 1, { ...last, by: last.by + turn.by });
    else this.#waiting.push(turn);
    this.#making ??= this.#makeAll().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #makeAll(): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        await this.#make(next);
    } finally {
      this.#waiting = [];
    }
  }

  async #make({ range, by, begins }: Turn): Promise<void> {
    const { state } = this.session;
    if (state.kind !== "ready" || by === 0) return;
    const place =
      range.source < (state.job.asked ?? 0)
        ? toDocument(state.job.pieces, { ...range, end: range.start })
        : null;
    if (place === null)
      throw new Error(l10n.t("This number stands in no editor: change it where it stands."));
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri));
    const { line, character } = place.start;
    const traced = state.trace.sources[range.source]?.text.split("\n")[range.start.line] ?? "";
    const now = line < document.lineCount ? document.lineAt(line).text : "";
    const found = sameNumber(traced, range.start.character, now, character);
    if (found === null)
      throw new Error(l10n.t("The text has changed since this trace was made: run Trace backward again."));
    const at = new vscode.Range(line, found.start, line, found.end);
    await replace(document, at, stepped(found.text, by), begins);
    this.live.follow();
  }
}

/** Where the document is in sight, a whole drag is one step for Undo. */
async function replace(
  document: vscode.TextDocument,
  at: vscode.Range,
  text: string,
  begins: boolean,
): Promise<void> {
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  const options = { undoStopBefore: begins, undoStopAfter: false };
  if (editor !== undefined && (await editor.edit((edit) => edit.replace(at, text), options))) return;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, at, text);
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new Error(l10n.t("{0} cannot be changed.", vscode.workspace.asRelativePath(document.uri)));
}
