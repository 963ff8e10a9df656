/** Answers as a terminal and a debug console show them, and whom a question without a name is about. */
import { ENGLISH } from "../l10n.ts";
import type { Trace } from "../schema.ts";
import { differing } from "./checked.ts";
import { type Answer, askable, type Subject, why } from "./why.ts";

/** A question about nothing that the program has, in words. */
export class NoSubject extends Error {}

/** The tensor of that name; without a name the run's error, else every leaf. Throws NoSubject. */
export function subjectsOf(trace: Trace, name: string | undefined): readonly Subject[] {
  const known = askable(trace);
  if (name === undefined) {
    if (trace.error !== null) return [{ kind: "run" }];
    const leaves = known.filter(
      ({ tensor }) => trace.tensors[tensor]?.isLeaf && trace.tensors[tensor]?.requiresGrad,
    );
    if (leaves.length > 0) return leaves.map(({ tensor }) => ({ kind: "tensor", tensor }));
    throw new NoSubject("no tensor of the program requires a gradient: name the one you mean");
  }
  const found = known.findLast((each) => each.name === name);
  if (found !== undefined) return [{ kind: "tensor", tensor: found.tensor }];
  const names = [...new Set(known.map((each) => each.name))];
  throw new NoSubject(
    `the program has no tensor of that name; ${names.length === 0 ? "it has none with a name" : `there are ${names.join(", ")}`}`,
  );
}

export const answersText = (trace: Trace, subjects: readonly Subject[], backward: number | null): string =>
  subjects
    .flatMap((subject) => why(trace, subject, backward, ENGLISH))
    .map(answerText)
    .join("\n");

/** What checking the gradients found, and whether none differs. */
export function checkedText(trace: Trace): { readonly text: string; readonly agrees: boolean } {
  const agrees = trace.backwards.every((_, backward) => differing(trace, backward).length === 0);
  return { text: answersText(trace, [{ kind: "check" }], null), agrees };
}

function answerText({ question, answer, path, fix }: Answer): string {
  const lines = [question, `  ${answer}`];
  for (const { text, range } of path)
    lines.push(`  - ${text}${range === null ? "" : ` (line ${range.start.line + 1})`}`);
  if (fix !== null) lines.push(`  What to do: ${fix}`);
  return `${lines.join("\n")}\n`;
}
