/** Numbers as Python writes them, and the next one up or down. */

export interface Literal {
  /** UTF-16 offsets in its text, `end` not included. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const NUMBER = /(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.])/gi;
/** A minus here is the number's own: nothing stands before it that could be subtracted from. */
const OWN_MINUS = /(?:^|[([{,=:+*/%<>&|^~-]|\b(?:return|in|and|or|not|if|else|lambda|yield|print))\s*-$/;

/** Texts and comments of Python: what looks like a number in them is none. */
const QUOTED = /("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g;

/** The decimal numbers of a piece of Python, in order. */
export function numbersIn(text: string): Literal[] {
  const bare = text.replace(QUOTED, (quoted) => quoted.replace(/[^\n]/g, "\u00b7"));
  return [...bare.matchAll(NUMBER)].map(({ 0: found, index }) => {
    const hasMinus = OWN_MINUS.test(bare.slice(0, index));
    const start = hasMinus ? index - 1 : index;
    const end = index + found.length;
    return { start, end, text: text.slice(start, end) };
  });
}

/** The decimal number that a column of a line touches; null where there is none. */
export const numberAt = (line: string, character: number): Literal | null =>
  numbersIn(line).find(({ start, end }) => start <= character && character <= end) ?? null;

/** The number `by` units of its last digit on: 0.10 by 1 is 0.11, 3e-4 by -1 is 2e-4, 1. by 10 is 11. */
export function stepped(text: string, by: number): string {
  const [, minus = "", whole = "", dot = "", fraction = "", exponent = ""] =
    /^(-?)(\d*)(\.?)(\d*)(e.*)?$/i.exec(text) ?? [];
  const value = BigInt(`${whole}${fraction}` || "0") * (minus === "" ? 1n : -1n) + BigInt(by);
  const digits = (value < 0n ? -value : value)
    .toString()
    .padStart(fraction.length + (whole === "" ? 0 : 1), "0");
  const at = digits.length - fraction.length;
  return `${value < 0n ? "-" : ""}${digits.slice(0, at)}${dot}${digits.slice(at)}${exponent}`;
}
