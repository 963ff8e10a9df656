/**
 * The map between what was run and where it stands: `Range.source` of a trace is the index of a piece, and a
 * piece knows its document, its first line there and how far each of its lines is moved to the right.
 */
import type { CodeBlock } from "../../engines/engine.ts";
import type { Position, Range, Source } from "../../trace/schema.ts";

/** A run of lines of a document, as it was handed to the engine. */
export interface Piece {
  /** The document, as a URI string; empty for code that stands in none. */
  readonly uri: string;
  /** What tracebacks call it. */
  readonly name: string;
  readonly text: string;
  /** The document's line on which the piece's first line stands (zero-based). */
  readonly line: number;
  /** Per line of the piece: UTF-16 columns that stand before it in the document (fence indent, dedent, `> `). */
  readonly columns: readonly number[];
  /** What follows it on its last line in the document (a selection may end within a line). */
  readonly after: string;
  /** Blank lines put before the text when it runs, so that tracebacks count lines as the reader does. */
  readonly pad: number;
}

/** A place in a document, in VS Code's zero-based lines and UTF-16 columns. */
export interface DocumentRange {
  readonly uri: string;
  readonly start: Position;
  readonly end: Position;
}

/** A change of a document's lines: those from `start` to `end` (inclusive) became `lines` lines. */
export interface LineChange {
  readonly start: number;
  readonly end: number;
  readonly lines: number;
}

/** The piece as the engine gets it. */
export const blockOf = ({ name, text, pad }: Piece): CodeBlock => ({ name, text: "\n".repeat(pad) + text });

const positionInDocument = (piece: Piece, { line, character }: Position): Position => ({
  line: piece.line + line - piece.pad,
  character: character + (piece.columns[line - piece.pad] ?? 0),
});

/** Where a range of a trace stands in a document; null for a source that stands in none. */
export function toDocument(pieces: readonly Piece[], range: Range): DocumentRange | null {
  const piece = pieces[range.source];
  if (piece === undefined || piece.uri === "") return null;
  return {
    uri: piece.uri,
    start: positionInDocument(piece, range.start),
    end: positionInDocument(piece, range.end),
  };
}

/** Which source and place of a trace a document's place is; null outside every piece. The last piece wins. */
export function toSource(
  pieces: readonly Piece[],
  uri: string,
  at: Position,
): { readonly source: number; readonly position: Position } | null {
  for (let source = pieces.length - 1; source >= 0; source--) {
    const piece = pieces[source] as Piece;
    const line = at.line - piece.line;
    const column = piece.columns[line];
    if (piece.uri !== uri || column === undefined || at.character < column) continue;
    return { source, position: { line: line + piece.pad, character: at.character - column } };
  }
  return null;
}

/** Is the piece's text still what stands there, whole lines compared? */
export function isCurrent(piece: Piece, documentLines: readonly string[]): boolean {
  const lines = piece.text.split("\n");
  return lines.every((ran, index) => {
    const line = documentLines[piece.line + index];
    const after = index === lines.length - 1 ? piece.after : "";
    return line !== undefined && line.slice(piece.columns[index]) === ran + after;
  });
}

/** The piece where it stands after a change that may have moved it; a change within it does not move it. */
export function shifted(piece: Piece, change: LineChange): Piece {
  if (change.end >= piece.line && change.start >= piece.line) return piece;
  const by = change.lines - (change.end - change.start + 1);
  return by === 0 ? piece : { ...piece, line: piece.line + by };
}

/**
 * A piece of whole lines of a document of which `text` is the content: each line of `text` is the end of the
 * document's line, and what stands before it is its column.
 */
export function pieceOf(
  uri: string,
  name: string,
  text: string,
  line: number,
  documentLines: readonly string[],
): Piece {
  const columns = text.split("\n").map((content, index) => {
    const whole = documentLines[line + index] ?? "";
    return whole.endsWith(content) ? whole.length - content.length : 0;
  });
  return { uri, name, text, line, columns, after: "", pad: 0 };
}

/** A whole file that the code imported; `uri` null where it is not known which. */
export function moduleOf(uri: string | null, { name, text }: Source): Piece {
  const plain = text.replace(/\r\n?/g, "\n");
  return pieceOf(uri ?? "", name, plain, 0, plain.split("\n"));
}
