/** Why is a gradient larger than expected? It was added to an earlier one, or several contributions met. */
import { formatValue } from "../format.ts";
import type { Node, Value } from "../schema.ts";
import { leafNode } from "../stepper.ts";
import { type Answer, type Asked, called, type Station } from "./answer.ts";
import { allZero } from "./numbers.ts";
import { sentTo, stepAt, stepOfTensor } from "./trail.ts";

/** Null where only one contribution arrived and nothing stood in `.grad` before. */
export function whyDoubled(asked: Asked, tensor: number): Answer | null {
  const { trace, backward, l10n } = asked;
  const step = stepOfTensor(asked, tensor);
  if (step === null) return null;
  const name = called(asked, tensor);
  const { accumulate } = stepAt(asked, step);
  const question = l10n.t("Why is the gradient of {0} the sum of several?", name);
  const before = accumulate?.before ?? null;
  if (accumulate !== null && before !== null && !allZero(before)) {
    const earlier = lastPassBefore(asked, tensor);
    const path: Station[] = [];
    const pass = earlier === null ? undefined : trace.backwards[earlier];
    if (pass !== undefined)
      path.push({
        text: l10n.t("an earlier pass left {0}", formatValue(before)),
        node: null,
        range: pass.range,
      });
    path.push({
      text: l10n.t("this pass added {0}", formatValue(accumulate.added)),
      node: stepAt(asked, step).node,
      range: trace.backwards[backward]?.range ?? null,
    });
    return {
      question,
      answer: l10n.t(
        "{0}.grad was not empty when the pass began: PyTorch adds to .grad and never overwrites it. {1} + {2} = {3}.",
        name,
        formatValue(before),
        formatValue(accumulate.added),
        formatValue(accumulate.after),
      ),
      path,
      fix: l10n.t("Set {0}.grad = None, or call optimizer.zero_grad(), before each backward pass.", name),
    };
  }
  const senders = sentTo(asked, step);
  if (senders.length < 2) return null;
  return {
    question,
    answer: l10n.t(
      "{0} is used {1} times, so {1} contributions arrive and are added: {2}. That is right: each use has its share.",
      name,
      senders.length,
      senders.map(({ downstream }) => formatValue(downstream.value as Value)).join(" + "),
    ),
    path: senders.map(({ step: sender, downstream }) => {
      const index = stepAt(asked, sender).node;
      const { name: op, range } = trace.nodes[index] as Node;
      return {
        text: downstream.value === null ? op : l10n.t("{0} sent {1}", op, formatValue(downstream.value)),
        node: index,
        range,
      };
    }),
    fix: null,
  };
}

function lastPassBefore({ trace, backward }: Asked, tensor: number): number | null {
  for (let pass = backward - 1; pass >= 0; pass--)
    if (trace.backwards[pass]?.kind === "backward" && leafNode(trace, pass, tensor) !== null) return pass;
  return null;
}
