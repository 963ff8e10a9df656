/** Text of unknown origin made fit to be shown on one line: nothing hidden in it, nothing endless. */

/** Characters that are not seen, or that turn the order of what follows: they are shown by their code. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu;
/** Words written from right to left: code around them, and the numbers in it, still reads from left to right. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]+/gu;
const LEFT_TO_RIGHT_MARK = "\u200E";
/** Of text that was made plain before. */
const MARKED = new RegExp(`(${RIGHT_TO_LEFT.source})${LEFT_TO_RIGHT_MARK}`, "gu");
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uFF01-\uFF60]/u;

const ordered = (text: string): string => text.replace(RIGHT_TO_LEFT, `$&${LEFT_TO_RIGHT_MARK}`);

const code = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

/** Width of a character in columns of a fixed-width font. */
const columnsOf = (character: string): number =>
  character === LEFT_TO_RIGHT_MARK ? 0 : WIDE.test(character) ? 2 : 1;

export const columns = (text: string): number => {
  let sum = 0;
  for (const character of text) sum += columnsOf(character);
  return sum;
};

/** One line of at most `limit` columns; white space runs become one space, what is left out becomes `…`. */
export function plain(text: string, limit: number): string {
  // A name may be a megabyte long: look no further than could possibly be shown.
  const head = text.slice(0, limit * 8 + 64);
  const clean = head.replace(MARKED, "$1").replace(/\s+/g, " ").trim().replace(UNSEEN, code);
  let used = 0;
  let shown = "";
  for (const character of clean) {
    const width = columnsOf(character);
    if (used + width > limit) return ordered(`${cutTo(shown, limit - 1)}…`);
    shown += character;
    used += width;
  }
  return ordered(text.length > head.length ? `${cutTo(shown, limit - 1)}…` : shown);
}

/** Several lines kept as lines, with the same care; at most `limit` characters. */
export function plainLines(text: string, limit: number): string {
  const shown = text.slice(0, limit).replace(/[^\n\t]/gu, (character) => character.replace(UNSEEN, code));
  return text.length > limit ? `${shown}…` : shown;
}

function cutTo(text: string, limit: number): string {
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += columnsOf(character);
    if (used > limit) break;
    kept += character;
  }
  return kept;
}
