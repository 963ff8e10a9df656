/** Cells within plain text: a `# ---` line parts a block (each part shows its last value), `# %%` starts a cell. */

/** Lines of a text, `start` (zero-based) included, `end` not. */
export interface Lines {
  readonly start: number;
  readonly end: number;
}

const DIVIDER = /^# ?-{3,}\s*$/;
const CELL = /^# ?%%/;

/** The parts between `# ---` lines; one part where there is none. Dividers inside strings or bodies do not count. */
export const partsOf = (lines: readonly string[]): Lines[] => split(lines, DIVIDER);

/** The `# %%` cells of a Python file; null where it has none. What stands before the first is a cell too. */
export function cellsOf(lines: readonly string[]): Lines[] | null {
  const cells = split(lines, CELL);
  return cells.length > 1 || CELL.test(lines[0] ?? "") ? cells : null;
}

export interface CellProgram {
  /** What stands behind `# %%`. */
  readonly name: string;
  readonly text: string;
}

/** The cells of a Python file as programs of their own, each with what stands above the first cell before it. */
export function cellPrograms(text: string): CellProgram[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => CELL.test(line));
  if (first < 0) return [];
  const head = lines.slice(0, first).join("\n").trim();
  return split(lines, CELL)
    .filter(({ start }) => start > first)
    .map(({ start, end }) => ({
      name: (lines[start - 1] ?? "").replace(CELL, "").trim(),
      text: `${head}\n${lines.slice(start, end).join("\n").trimEnd()}\n`,
    }));
}

function split(lines: readonly string[], marker: RegExp): Lines[] {
  const parts: Lines[] = [];
  let start = 0;
  let quote: string | null = null;
  lines.forEach((line, index) => {
    if (quote === null && marker.test(line) && startsStatement(lines, index + 1)) {
      if (hasCode(lines, start, index)) parts.push({ start, end: index });
      start = index + 1;
    }
    quote = quoteAfter(line, quote);
  });
  if (hasCode(lines, start, lines.length) || parts.length === 0) parts.push({ start, end: lines.length });
  return parts;
}

/** Does the next line of code stand at the margin and begin a statement of its own? */
function startsStatement(lines: readonly string[], from: number): boolean {
  const next = lines.slice(from).find((line) => line.trim() !== "" && !/^\s*#/.test(line));
  return next === undefined || !/^(?:[\s)\]}.,]|(?:elif|else|except|finally)\b)/.test(next);
}

const hasCode = (lines: readonly string[], start: number, end: number): boolean =>
  lines.slice(start, end).some((line) => line.trim() !== "" && !/^\s*#/.test(line));

/** The triple quote that is open after this line, given the one that is open before it. */
function quoteAfter(line: string, before: string | null): string | null {
  let rest = line;
  let open = before;
  for (;;) {
    const token = (
      open === null ? /"""|'''|#|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/ : new RegExp(`\\\\.|${open}`)
    ).exec(rest);
    if (token === null || token[0] === "#") return open;
    if (token[0] === open) open = null;
    else if (open === null && /^(?:"""|''')$/.test(token[0])) open = token[0];
    rest = rest.slice(token.index + token[0].length);
  }
}
