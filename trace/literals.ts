/** The numbers that a person may turn: those written in the expression of a node, or in the one that made a leaf. */
import { sourceText } from "./names.ts";
import { type Literal, numberAt, numbersIn } from "./number.ts";
import type { Binding, Range, Trace } from "./schema.ts";
import { recordsOf } from "./timeline.ts";

export interface SourceNumber {
  readonly range: Range;
  readonly text: string;
}

/** Numbers of one expression that are offered. */
const OFFERED = 24;

/** In the order of the source; none where the trace does not know the expression. */
export function numbersOf(trace: Trace, node: number): readonly SourceNumber[] {
  const { range = null, variable = null } = trace.nodes[node] ?? {};
  const whole = variable === null ? range : (makerOf(trace, variable)?.range ?? null);
  const text = sourceText(trace, whole);
  return whole === null || text === null
    ? []
    : numbersIn(text)
        .slice(0, OFFERED)
        .map(({ start, end, text: written }) => ({
          range: { source: whole.source, start: placed(whole, text, start), end: placed(whole, text, end) },
          text: written,
        }));
}

function placed({ start }: Range, text: string, offset: number): Range["start"] {
  const before = text.slice(0, offset).split("\n");
  const character = (before.at(-1) ?? "").length;
  return {
    line: start.line + before.length - 1,
    character: before.length === 1 ? start.character + character : character,
  };
}

/** The smallest expression, not a mere name, that gave the object first; null where the source has none. */
export function makerOf(trace: Trace, tensor: number): Binding | null {
  const records = recordsOf(trace, tensor);
  const length = ({ start, end }: Range): number =>
    (end.line - start.line) * 1e6 + end.character - start.character;
  const found = trace.bindings.filter(
    ({ tensor: bound, text }) => records.includes(bound) && /[([]/.test(text) && !/\.grad$/.test(text),
  );
  return found.sort((a, b) => length(a.range) - length(b.range))[0] ?? null;
}

/**
 * Where in a line as it reads now a number of the traced line stands; null where anything but that number differs.
 * `traced`: the line as it ran, which may have lost what a note or a notebook puts before each of its lines.
 */
export function sameNumber(traced: string, character: number, now: string, at: number): Literal | null {
  const [was, is] = [numberAt(traced, character), numberAt(now, at)];
  if (was === null || is === null || was.start !== character || is.start !== at) return null;
  const same =
    now.slice(0, at).endsWith(traced.slice(0, character)) && now.slice(is.end) === traced.slice(was.end);
  return same ? is : null;
}
