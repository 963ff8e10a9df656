/** The Python blocks of a Markdown note. */
import MarkdownIt from "markdown-it";

export interface NoteBlock {
  /** Its first line of code in the note, zero-based: the line below the opening fence. */
  readonly line: number;
  /** The code without its fences and without the indentation or `> ` that the note puts before each line. */
  readonly text: string;
}

// Only where blocks begin and end is asked for: a long note need not be read to the last emphasis.
const markdown = new MarkdownIt("commonmark");
markdown.core.ruler.enableOnly(["normalize", "block"]);

/** `python`, `py`, `python3`, also as Quarto, R Markdown and MyST write them: `{python}`, `{.python}`. */
const PYTHON = /^(?:\{code-cell\}\s*)?\{?\.?(?:python3?|py)(?=[\s{}:,;]|$)/i;

/** What a note is made of, block by block. */
export const tokensOf = (note: string): ReturnType<typeof markdown.parse> => markdown.parse(note, {});

/** Is it the fence of a Python block? */
export const isPython = ({ type, info }: { readonly type: string; readonly info: string }): boolean =>
  type === "fence" && PYTHON.test(info.trim());

/** The fenced Python blocks of a note in their order, those inside lists and quotes too. */
export function pythonBlocks(note: string): NoteBlock[] {
  return tokensOf(note)
    .filter(isPython)
    .map(({ map, content }) => ({ line: (map?.[0] ?? 0) + 1, text: content }));
}
