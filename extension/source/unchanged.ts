/** Which places of a program still mean what they meant when it ran, although its text has been edited since; pure. */
import { isCurrent, type Piece } from "./pieces.ts";

/** A function or class runs when it is called, which may be after the edit. */
const LATER = /^(?:async\s+def|def|class|@)|\blambda\b/;

/**
 * May the values that a line of a piece had still be told? Only where the line ran before any changed one could:
 * above the first changed line of its piece, outside of functions and of the statement that was changed, with all
 * earlier pieces unchanged. `linesOf` gives a document's text now, null where it is not open (and so not edited).
 * `asked`: how many pieces the program had; those after them are modules, on which everything hangs.
 */
export function stillMeans(
  pieces: readonly Piece[],
  asked: number,
  linesOf: (uri: string) => readonly string[] | null,
  source: number,
  line: number,
): boolean {
  const isChanged = (piece: Piece): boolean => {
    const lines = piece.uri === "" ? null : linesOf(piece.uri);
    return lines !== null && !isCurrent(piece, lines);
  };
  if (pieces.slice(asked).some(isChanged)) return false;
  const first = pieces.slice(0, asked).findIndex(isChanged);
  if (first < 0) return true;
  const piece = pieces[source];
  if (piece === undefined || source > first || source >= asked) return false;
  const text = piece.text.split("\n");
  const at = line - piece.pad;
  const begin = statementOf(text, at);
  if (LATER.test(text[begin] ?? "") || LATER.test(text[at] ?? "")) return false;
  if (source < first) return true;
  const now = linesOf(piece.uri) ?? [];
  const edited = text.findIndex((old, index) => {
    const after = index === text.length - 1 ? piece.after : "";
    return now[piece.line + index]?.slice(piece.columns[index]) !== old + after;
  });
  return edited < 0 || begin < statementOf(text, edited);
}

/** The first line of the statement at the margin that a line belongs to. */
function statementOf(lines: readonly string[], at: number): number {
  for (let index = at; index > 0; index--) if (/^[^\s#)\]}]/.test(lines[index] ?? "")) return index;
  return 0;
}
