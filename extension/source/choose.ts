/** What "Trace backward" runs, from the text in the editor and where the cursor stands; pure. */
import * as l10n from "@vscode/l10n";
import { pythonBlocks } from "../../notes/blocks.ts";
import { cellsOf, type Lines, partsOf } from "../../notes/parts.ts";
import type { Position } from "../../trace/schema.ts";
import { type Piece, pieceOf } from "./pieces.ts";

/** A text document as it stands in the editor, saved or not. */
export interface OpenText {
  readonly uri: string;
  /** Its base name, as tracebacks call it. */
  readonly name: string;
  /** VS Code's language identifier. */
  readonly language: string;
  readonly lines: readonly string[];
}

export interface Selection {
  readonly start: Position;
  readonly end: Position;
}

/** What runs: `script` as `python FILE` would, `note` as a notebook would (last values shown, torch imported). */
export type Choice =
  | {
      readonly kind: "run";
      /** What the panel and the status bar call it. */
      readonly title: string;
      readonly mode: "script" | "note";
      readonly pieces: readonly Piece[];
    }
  | { readonly kind: "refused"; readonly message: string };

const refused = (message: string): Choice => ({ kind: "refused", message });
const isEmpty = ({ start, end }: Selection): boolean =>
  start.line === end.line && start.character === end.character;
const isBlank = (lines: readonly string[]): boolean => lines.every((line) => line.trim() === "");

/** What runs of a document that is no notebook. */
export function choose(document: OpenText, selection: Selection): Choice {
  switch (document.language) {
    case "python":
      return chooseInFile(document, selection);
    case "markdown":
      return chooseInNote(document, selection);
    default:
      return refused(
        l10n.t(
          'Backstep runs Python: open a .py file, a Markdown note with a ```python block or a notebook. "{0}" is {1}.',
          document.name,
          document.language,
        ),
      );
  }
}

/** What runs of a notebook: its Python cells up to and including cell `index`; of that cell, the selection if any. */
export function chooseInNotebook(
  name: string,
  cells: readonly OpenText[],
  index: number,
  selection: Selection,
): Choice {
  const cell = cells[index];
  if (cell === undefined || cell.language !== "python") {
    return refused(
      l10n.t("Put the cursor in a Python cell of {0}: the cell at the cursor is not one.", name),
    );
  }
  const title = `${name}#${index + 1}`;
  if (isBlank(cell.lines)) return refused(l10n.t("Cell {0} is empty: write some PyTorch code in it.", title));
  const pieces = cells.slice(0, index).flatMap((earlier, at) => {
    const all = { start: 0, end: earlier.lines.length };
    return earlier.language === "python" ? parts(earlier, all, `${name}#${at + 1}`, ".", 0) : [];
  });
  const last = isEmpty(selection)
    ? parts(cell, { start: 0, end: cell.lines.length }, title, ".", 0)
    : selected(cell, selection, title, selection.start.line);
  return { kind: "run", title, mode: "note", pieces: [...pieces, ...last] };
}

function chooseInFile(document: OpenText, selection: Selection): Choice {
  const { lines, name, uri } = document;
  if (!isEmpty(selection)) {
    const pieces = selected(document, selection, name, selection.start.line);
    return pieces.length === 0
      ? refused(
          l10n.t("The selection holds no code: select the lines to run, or nothing for the whole file."),
        )
      : { kind: "run", title: titleOf(name, selection), mode: "note", pieces };
  }
  if (isBlank(lines)) return refused(l10n.t("{0} is empty: write some PyTorch code in it.", name));
  const cells = cellsOf(lines);
  if (cells !== null) {
    const upTo = cells.filter((cell, index) => index === 0 || cell.start - 1 <= selection.start.line);
    const pieces = upTo.flatMap((cell, index) =>
      parts(document, cell, `${name}#${index + 1}`, ".", cell.start),
    );
    return { kind: "run", title: name, mode: "note", pieces };
  }
  const divided = partsOf(lines);
  if (divided.length > 1) {
    const pieces = parts(document, { start: 0, end: lines.length }, name, "#", 0);
    return { kind: "run", title: name, mode: "note", pieces };
  }
  const whole = pieceOf(uri, name, lines.join("\n"), 0, lines);
  return { kind: "run", title: name, mode: "script", pieces: [whole] };
}

/** The Python blocks of a note, where each stands in it: its code, and the lines from `start` to before `end`. */
function blocksOf({ lines }: OpenText): { text: string; start: number; end: number }[] {
  return pythonBlocks(lines.join("\n")).map((block) => {
    const text = block.text.replace(/\n$/, "");
    return { text, start: block.line, end: block.line + (text === "" ? 0 : text.split("\n").length) };
  });
}

/** The pieces that each Python block of a note runs as, block by block. */
export const piecesOfNote = (document: OpenText): Piece[][] =>
  blocksOf(document).map((block, index) => note(document, block, `${document.name}#${index + 1}`));

function chooseInNote(document: OpenText, selection: Selection): Choice {
  const { name } = document;
  const blocks = blocksOf(document);
  const { start, end } = selection;
  // The fences themselves belong to their block: a cursor on one means the block; below it, what was read last.
  const touched = blocks.findLastIndex((block) => start.line <= block.end && end.line >= block.start - 1);
  const isCursor = isEmpty(selection);
  if (touched < 0 && !isCursor) {
    const pieces = selected(document, selection, name, start.line);
    if (pieces.length > 0) return { kind: "run", title: titleOf(name, selection), mode: "note", pieces };
  }
  // Above all blocks a cursor means the one that comes next.
  const above = Math.max(
    0,
    blocks.findLastIndex((block) => block.end < start.line),
  );
  const last = touched >= 0 ? touched : Math.min(above, blocks.length - 1);
  if (last < 0)
    return refused(l10n.t("{0} has no Python block: write code between ```python and ```.", name));
  const title = `${name}#${last + 1}`;
  const block = blocks[last] as (typeof blocks)[number];
  if (block.text.trim() === "") {
    return refused(l10n.t("Block {0} is empty: write some PyTorch code between its fences.", title));
  }
  const pieces = blocks
    .slice(0, last)
    .flatMap((earlier, index) => note(document, earlier, `${name}#${index + 1}`));
  const within = !isCursor && start.line >= block.start && end.line < block.end;
  const own = within ? selected(document, selection, title, start.line - block.start) : [];
  return {
    kind: "run",
    title,
    mode: "note",
    pieces: [...pieces, ...(own.length > 0 ? own : note(document, block, title))],
  };
}

const titleOf = (name: string, { start, end }: Selection): string =>
  `${name}:${start.line + 1}${end.line > start.line ? `-${end.line + 1}` : ""}`;

/** The parts of a block of a note; nothing for one without code. */
function note(document: OpenText, block: { start: number; text: string }, name: string): Piece[] {
  if (block.text.trim() === "") return [];
  return divide(pieceOf(document.uri, name, block.text, block.start, document.lines), ".");
}

/** The parts of lines of a document, called `name`; tracebacks count their lines from line `pad` of it. */
function parts(
  document: OpenText,
  { start, end }: Lines,
  name: string,
  separator: "." | "#",
  pad: number,
): Piece[] {
  const text = document.lines.slice(start, end).join("\n");
  if (text.trim() === "") return [];
  return divide({ ...pieceOf(document.uri, name, text, start, document.lines), pad }, separator);
}

/** A piece cut at its `# ---` lines; several parts are numbered, for each is a source of its own. */
function divide(piece: Piece, separator: "." | "#"): Piece[] {
  const lines = piece.text.split("\n");
  const divided = partsOf(lines);
  return divided.map(({ start, end }, index) => ({
    ...piece,
    name: divided.length === 1 ? piece.name : `${piece.name}${separator}${index + 1}`,
    text: lines.slice(start, end).join("\n"),
    line: piece.line + start,
    columns: piece.columns.slice(start, end),
    after: end === lines.length ? piece.after : "",
    pad: piece.pad + start,
  }));
}

/** The selected text, moved to the left by the indentation that its lines share; nothing where it has no code. */
function selected(document: OpenText, { start, end }: Selection, name: string, pad: number): Piece[] {
  const first = document.lines[start.line] ?? "";
  // A selection that starts after the indentation of its first line means the whole line.
  const from = first.slice(0, start.character).trim() === "" ? 0 : start.character;
  const rows = document.lines
    .slice(start.line, end.line + 1)
    .map((line, index, all) =>
      line.slice(index === 0 ? from : 0, index === all.length - 1 ? end.character : undefined),
    );
  if (rows.length > 1 && rows.at(-1) === "") rows.pop();
  if (isBlank(rows)) return [];
  const indents = rows.filter((row) => row.trim() !== "").map((row) => row.length - row.trimStart().length);
  const indent = Math.min(...indents);
  const lastLine = document.lines[start.line + rows.length - 1] ?? "";
  const piece: Piece = {
    uri: document.uri,
    name,
    text: rows.map((row) => row.slice(indent)).join("\n"),
    line: start.line,
    columns: rows.map((row, index) => (index === 0 ? from : 0) + Math.min(indent, row.length)),
    after: lastLine.slice((rows.length === 1 ? from : 0) + (rows.at(-1) as string).length),
    pad,
  };
  return divide(piece, ".");
}
