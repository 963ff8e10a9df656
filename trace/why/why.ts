/** "Why?": the questions that a tensor, a node or a run raises, each answered from the trace alone. */

import type { L10n } from "../l10n.ts";
import { tensorName } from "../names.ts";
import type { Trace } from "../schema.ts";
import { type Answer, type Asked, called, Subject } from "./answer.ts";
import { whyChecked } from "./checked.ts";
import { whyDoubled } from "./doubled.ts";
import { whyError } from "./error.ts";
import { whyNan } from "./nan.ts";
import { whyNone } from "./none.ts";
import { whyZero } from "./zero.ts";

export type { Answer, Station } from "./answer.ts";

export { Subject };

/**
 * Every question that is worth an answer about the subject, the most pressing first. `backward`: the pass that is
 * asked about; null for the last one. Where nothing is out of the ordinary, one answer says so.
 */
export function why(trace: Trace, subject: Subject, backward: number | null, l10n: L10n): readonly Answer[] {
  const asked: Asked = { trace, backward: backward ?? trace.backwards.length - 1, l10n };
  if (subject.kind === "run") {
    const error = whyError(asked);
    return error === null ? [ordinary(l10n.t("the run"), l10n)] : [error];
  }
  if (subject.kind === "check") return [whyChecked(asked)];
  const tensor = subject.kind === "tensor" ? subject.tensor : tensorOf(trace, subject.node);
  if (tensor === null || trace.tensors[tensor] === undefined) return [ordinary(l10n.t("this node"), l10n)];
  const nan = whyNan(asked, tensor);
  // What is not finite makes zeros and sums of no interest.
  const questions = nan === null ? [whyNone, whyZero, whyDoubled] : [whyNone];
  const answers = [
    ...(nan === null ? [] : [nan]),
    ...questions.flatMap((question) => question(asked, tensor) ?? []),
  ];
  return answers.length > 0 ? answers : [ordinary(called(asked, tensor), l10n)];
}

/** The tensors that a person would ask about: the leaves that have names, by their last moment. */
export function askable(trace: Trace): readonly { readonly tensor: number; readonly name: string }[] {
  const byObject = new Map<number, { tensor: number; name: string }>();
  trace.tensors.forEach(({ object, names, isLeaf }, tensor) => {
    const name = names[0] ?? (isLeaf ? tensorName(trace, tensor) : null);
    if (name !== null && name !== undefined) byObject.set(object, { tensor, name });
  });
  return [...byObject.values()];
}

/** The tensor whose gradient a node receives. */
function tensorOf(trace: Trace, node: number): number | null {
  const found = trace.nodes[node];
  return found === undefined
    ? null
    : (found.variable ?? found.outputs.find((output) => output !== null) ?? null);
}

const ordinary = (name: string, l10n: L10n): Answer => ({
  question: l10n.t("Why this gradient of {0}?", name),
  answer: l10n.t(
    "Nothing is out of the ordinary: it is finite, not zero, and came by one way. Step through the pass to see how.",
  ),
  path: [],
  fix: null,
});
