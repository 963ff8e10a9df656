/** What the debug console understands besides Python: `why`, `why x` and `check`. No Python program reads so. */
import * as l10n from "@vscode/l10n";
import type { Place } from "../trace/place.ts";
import type { Trace } from "../trace/schema.ts";
import { stateAt } from "../trace/stepper.ts";
import { answersText, subjectsOf } from "../trace/why/text.ts";

export type Question =
  | { readonly kind: "check" }
  /** `name`: the tensor that is asked about; undefined: what the walk stands at. */
  | { readonly kind: "why"; readonly name: string | undefined };

export function questionOf(text: string): Question | null {
  if (/^\s*check\s*$/.test(text)) return { kind: "check" };
  const found = /^\s*why(?:\s+(\S+?)(?:\.grad)?)?\s*\??\s*$/.exec(text);
  return found === null ? null : { kind: "why", name: found[1] };
}

/** Without a name: about the current node; before the first step about the run's error, else every leaf. Throws in words. */
export function whyText(trace: Trace, place: Place | null, name: string | undefined): string {
  const node = place === null ? null : stateAt(trace, place).node;
  const subjects =
    name === undefined && node !== null ? [{ kind: "node", node } as const] : subjectsOf(trace, name, l10n);
  return answersText(trace, subjects, place?.backward ?? null, l10n).trimEnd();
}
