/** Answers as a terminal and a debug console show them, and whom a question without a name is about. */
import { ENGLISH, type L10n } from "../l10n.ts";
import type { Trace } from "../schema.ts";
import { differing } from "./checked.ts";
import { type Answer, askable, type Subject, why } from "./why.ts";

/** A question about nothing that the program has, in words. */
export class NoSubject extends Error {}

/** The tensor of that name; without a name the run's error, else every leaf. Throws NoSubject. */
export function subjectsOf(trace: Trace, name: string | undefined, l10n: L10n = ENGLISH): readonly Subject[] {
  const known = askable(trace);
  if (name === undefined) {
    if (trace.error !== null) return [{ kind: "run" }];
    const leaves = known.filter(
      ({ tensor }) => trace.tensors[tensor]?.isLeaf && trace.tensors[tensor]?.requiresGrad,
    );
    if (leaves.length > 0) return leaves.map(({ tensor }) => ({ kind: "tensor", tensor }));
    throw new NoSubject(l10n.t("no tensor of the program requires a gradient: name the one you mean"));
  }
  const found =
    known.findLast((each) => each.name === name) ??
    known.findLast(({ tensor }) => trace.tensors[tensor]?.names.includes(name));
  if (found !== undefined) return [{ kind: "tensor", tensor: found.tensor }];
  const names = [...new Set(known.map((each) => each.name))];
  throw new NoSubject(
    names.length === 0
      ? l10n.t("the program has no tensor of that name; it has none with a name")
      : l10n.t("the program has no tensor of that name; there are {0}", names.join(", ")),
  );
}

export const answersText = (
  trace: Trace,
  subjects: readonly Subject[],
  backward: number | null,
  l10n: L10n = ENGLISH,
): string =>
  subjects
    .flatMap((subject) => why(trace, subject, backward, l10n))
    .map((answer) => answerText(answer, l10n))
    .join("\n");

/** What checking the gradients found, and whether none differs. */
export function checkedText(
  trace: Trace,
  l10n: L10n = ENGLISH,
): { readonly text: string; readonly agrees: boolean } {
  const agrees = trace.backwards.every((_, backward) => differing(trace, backward).length === 0);
  return { text: answersText(trace, [{ kind: "check" }], null, l10n), agrees };
}

function answerText({ question, answer, path, fix }: Answer, l10n: L10n): string {
  const lines = [question, `  ${answer}`];
  for (const { text, range } of path)
    lines.push(`  - ${text}${range === null ? "" : ` ${l10n.t("(line {0})", range.start.line + 1)}`}`);
  if (fix !== null) lines.push(`  ${l10n.t("What to do: {0}", fix)}`);
  return `${lines.join("\n")}\n`;
}
