/** Fences of a note that tell what the Python block above them prints, and whether they tell the truth. */
import { isPython, tokensOf } from "./blocks.ts";

/** A fence that claims to be the output of a block. Lines are the note's, zero-based. */
export interface Claim {
  /** Which Python block of the note it is about, from 0. */
  readonly block: number;
  /** The lines of its opening and closing fence; without a closing one the line after its last. */
  readonly open: number;
  readonly close: number;
  readonly closed: boolean;
  readonly markup: string;
  readonly text: string;
}

/** No label, or one that says output. */
const LABEL = /^(?:text|output)?$/i;
/** A line between a block and its output that announces it: "It prints:". */
const ANNOUNCES = /^[^\n]*(?:output|print|result|show|give|출력|결과)[^\n:]*:[*_\s]*$/i;

/**
 * The fences without a label, or with `text` or `output`, that follow a Python block directly or after one line that
 * announces them; `output` also after other text. Each block has one at most.
 */
export function claimsOf(note: string): Claim[] {
  const claims: Claim[] = [];
  let block = -1;
  let level = 0;
  /** What of the last block may still follow: anything that LABEL allows, `output` only, or nothing. */
  let open: "any" | "output" | "none" = "none";
  for (const token of tokensOf(note)) {
    const { type, info, map, markup, content } = token;
    if (isPython(token)) {
      block++;
      level = token.level;
      open = "any";
    } else if (type === "fence") {
      const label = info.trim();
      const allowed = open === "any" ? LABEL.test(label) : open === "output" && /^output$/i.test(label);
      if (allowed && token.level === level && map !== null) {
        const lines = content === "" ? 0 : content.replace(/\n$/, "").split("\n").length;
        const closed = map[1] - map[0] === lines + 2;
        const close = closed ? map[1] - 1 : map[1];
        claims.push({ block, open: map[0], close, closed, markup, text: content });
      }
      open = "none";
    } else if (open === "any" && type === "inline" && !ANNOUNCES.test(content)) open = "output";
    else if (open === "any" && !/^(?:inline|paragraph_(?:open|close))$/.test(type)) open = "output";
  }
  return claims;
}

/** Without white space at the ends of lines, and without the end of the last line. */
const plain = (text: string): string =>
  text
    .replace(/(?:\r\n|\r|\n)$/, "")
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .join("\n");

/** Is one the other, but for white space at line ends? */
export const sameOutput = (claimed: string, printed: string): boolean => plain(claimed) === plain(printed);

/** A block's own output: what it printed, stream by stream, and the exception that ended it, if one did. */
export interface Printed {
  readonly chunks: readonly { readonly stream: "stdout" | "stderr"; readonly text: string }[];
  readonly error: { readonly type: string; readonly message: string } | null;
}

/**
 * What a reader may see of it, the plainest first: without what went to stderr (warnings), or with it; where the block
 * raised, with the exception's last line, or with its traceback.
 */
export function readings({ chunks, error }: Printed): readonly [string, ...string[]] {
  const all = chunks.map(({ text }) => text).join("");
  const out = chunks
    .filter(({ stream }) => stream === "stdout")
    .map(({ text }) => text)
    .join("");
  if (error === null) return [out, all];
  const last = error.message === "" ? error.type : `${error.type}: ${error.message}`;
  return [`${out === "" || out.endsWith("\n") ? out : `${out}\n`}${last}\n`, all];
}

/** The whole fence with other content: as many lines for those from `open` to `close` (inclusive). */
export function corrected(lines: readonly string[], claim: Claim, printed: string): string[] {
  const opening = lines[claim.open] ?? "";
  const at = Math.max(0, opening.indexOf(claim.markup));
  // In a list the first line has the bullet, the others stand below it; in a quote each has its mark.
  const before = opening.slice(0, at).replace(/[^>\s]/g, " ");
  const character = claim.markup[0] ?? "`";
  const inside = [...printed.matchAll(new RegExp(`^\\s*(${character}{3,})`, "gm"))].map(
    ([, run]) => run ?? "",
  );
  const length = Math.max(claim.markup.length, ...inside.map((run) => run.length + 1));
  const fence = character.repeat(length);
  const content = plain(printed);
  return [
    opening.slice(0, at) + fence + opening.slice(at + claim.markup.length),
    ...(content === "" ? [] : content.split("\n").map((line) => (before + line).trimEnd())),
    before + fence,
  ];
}
