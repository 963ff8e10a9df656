/** A formula's text with something else put in for its terms: numbers, or the names that the source uses. */
import { formatValue } from "./format.ts";
import type { Term } from "./schema.ts";

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Names and calls replaced by what they came to, the arithmetic kept: `grad * (exponent * self.pow(exponent - 1))`
 * becomes `[1, 1] * (2 * [3, 4])`. A formula that is one call keeps it, and its arguments are replaced.
 * null where no term was recorded.
 */
export function withNumbers(formula: string, terms: readonly Term[]): string | null {
  const pieces: Piece[] = [];
  let reached = 0;
  const outermostFirst = [...terms].sort((a, b) => a.start - b.start || b.end - a.end);
  for (const { start, end, content } of outermostFirst) {
    const part = formula.slice(start, end);
    const isWholeCall = part.endsWith(")") && part === formula.trim();
    if (start < reached || isWholeCall || !isAtomic(part)) continue;
    pieces.push({ start, end, text: termText(content) });
    reached = end;
  }
  return pieces.length === 0 ? null : replaced(formula, pieces);
}

/** Plain numbers are written as tensors' are: a whole one without its `.0`. */
function termText(content: Term["content"]): string {
  switch (content.kind) {
    case "value":
      return formatValue(content.value);
    case "values":
      return `[${content.values.map((value) => formatValue(value)).join(", ")}]`;
    case "literal":
      return content.text.replace(/^(-?\d+)\.0$/, "$1");
  }
}

/** The numbers of a formula's names put into another text that uses the same names; null where none is known. */
export function withNumbersOf(text: string, formula: string, terms: readonly Term[]): string | null {
  const values = new Map<string, string>();
  for (const { start, end, content } of terms) values.set(formula.slice(start, end), termText(content));
  const put = withNames(text, (term) => values.get(term) ?? null);
  return put === text ? null : put;
}

/** The formula with its names replaced where `nameOf` knows better: `grad * other` becomes `grad * b`. */
export function withNames(formula: string, nameOf: (term: string) => string | null): string {
  const pieces: Piece[] = [];
  for (const found of formula.matchAll(/(?<![\w.])[A-Za-z_]\w*(?!\w|\s*\()/g)) {
    const start = found.index;
    const element = /^\w+\[\d+\]/.exec(formula.slice(start))?.[0];
    const term = element !== undefined && nameOf(element) !== null ? element : found[0];
    const text = nameOf(term);
    if (text !== null) pieces.push({ start, end: start + term.length, text });
  }
  return replaced(formula, pieces);
}

/** Each piece goes in with parentheses where what stands around it would otherwise read wrongly. */
function replaced(formula: string, pieces: readonly Piece[]): string {
  let text = "";
  let from = 0;
  for (const piece of pieces) {
    const before = formula.slice(0, piece.start).trimEnd().at(-1) ?? "";
    const after = formula.slice(piece.end).trimStart();
    const isAlone = "(,[".includes(before) && (after === "" || ")],".includes(after.charAt(0)));
    const isCalledNumber = after.startsWith(".") && /^[\d.]+$/.test(piece.text);
    const wraps = isCalledNumber || (!isAlone && !isAtomic(piece.text));
    text += formula.slice(from, piece.start) + (wraps ? `(${piece.text})` : piece.text);
    from = piece.end;
  }
  return text + formula.slice(from);
}

/** An element of what an expression gives, as Python writes it: `x[0, 1]`, `(x**2)[0]`; the expression where `at` is empty. */
export function elementText(expression: string, at: readonly number[]): string {
  if (at.length === 0) return expression;
  return `${isAtomic(expression) ? expression : `(${expression})`}[${at.join(", ")}]`;
}

/** Whether an expression holds together by itself: a name, a number, a call, an index, a bracket; no operator outside. */
export function isAtomic(expression: string): boolean {
  let depth = 0;
  for (const character of expression.trim()) {
    if ("([{⟨".includes(character)) depth++;
    else if (")]}⟩".includes(character)) depth--;
    else if (depth === 0 && !/[\p{L}\p{N}_.'"]/u.test(character)) return false;
  }
  return true;
}
