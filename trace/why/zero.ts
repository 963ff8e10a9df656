/** Why is a gradient zero? The steps at which something came in and nothing went on. */

import { explain, type InputLine } from "../explain.ts";
import { formatValue } from "../format.ts";
import { ENGLISH } from "../l10n.ts";
import type { Node, Value } from "../schema.ts";
import { numel } from "../shape.ts";
import { wholeStep } from "../stepper.ts";
import { type Answer, type Asked, called, type Station } from "./answer.ts";
import { allZero, zeros } from "./numbers.ts";
import { type Sent, sentTo, stepAt, stepOfTensor } from "./trail.ts";

/** Null where no element of its gradient is 0, or no gradient arrives. */
export function whyZero(asked: Asked, tensor: number): Answer | null {
  const { trace, l10n } = asked;
  const step = stepOfTensor(asked, tensor);
  if (step === null) return null;
  const arrived = arrivedAt(asked, step, tensor);
  if (arrived === null || zeros(arrived) === 0) return null;
  const name = called(asked, tensor);
  const whole = allZero(arrived);
  const question = whole
    ? l10n.t("Why is the gradient of {0} zero?", name)
    : l10n.t(
        "Why are {0} of {1} elements of the gradient of {2} zero?",
        zeros(arrived),
        numel(arrived.shape),
        name,
      );
  const senders = sentTo(asked, step);
  if (
    whole &&
    senders.length > 1 &&
    senders.every(({ downstream }) => downstream.value !== null && !allZero(downstream.value))
  )
    return {
      question,
      answer: l10n.t(
        "{0} contributions arrive, and they cancel: {1}.",
        senders.length,
        senders.map(({ downstream }) => formatValue(downstream.value as Value)).join(" + "),
      ),
      path: senders.map((sent) =>
        station(asked, sent, l10n.t("sent {0}", formatValue(sent.downstream.value as Value))),
      ),
      fix: null,
    };
  const causes = culprits(asked, step, zeros(arrived) / Math.max(1, numel(arrived.shape)));
  if (causes.length === 0 && !whole) return null;
  if (causes.length === 0) {
    const hooked = hookedOn(asked, step);
    if (hooked !== null) {
      const { node, arrivals } = stepAt(asked, hooked);
      const { name, range } = trace.nodes[node] as Node;
      const text = l10n.t(
        "{0} arrived at {1}, and a hook made it 0.",
        formatValue(arrivals[0]?.value as Value),
        name,
      );
      return {
        question,
        answer: text,
        path: [{ text, node, range }],
        fix: l10n.t("Look at what the hook returns."),
      };
    }
    const seeded = trace.backwards[asked.backward]?.roots.every(({ seed }) => allZero(seed)) ?? false;
    return {
      question,
      answer: seeded
        ? l10n.t("The pass was started with a gradient of 0.")
        : l10n.t("The zeros come from several places on the way; step through the pass to see each."),
      path: [],
      fix: seeded
        ? l10n.t("Start it with ones: backward() on a scalar, or gradient=torch.ones_like(…).")
        : null,
    };
  }
  const said = causes.map((sent) => causeOf(asked, sent));
  return {
    question,
    answer: [...new Set(said.map(({ text }) => text))].join(" "),
    path: causes.map((sent, i) => station(asked, sent, said[i]?.text ?? "")),
    fix: said.find(({ fix }) => fix !== null)?.fix ?? null,
  };
}

function arrivedAt(asked: Asked, step: number, tensor: number): Value | null {
  const { trace } = asked;
  const record = trace.tensors[tensor];
  const at = stepAt(asked, step);
  return at.upstream[record?.node === null ? 0 : (record?.outputNr ?? 0)] ?? at.arrivals[0]?.value ?? null;
}

/** The step on the way to which something came that was not zero, and whose rule yet received zeros. */
function hookedOn(asked: Asked, from: number): number | null {
  const seen = new Set<number>();
  const queue = [from];
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    if (seen.has(step)) continue;
    seen.add(step);
    const { arrivals, upstream } = stepAt(asked, step);
    const [only] = arrivals;
    const isZero = upstream.every((value) => value === null || allZero(value));
    if (isZero && arrivals.length === 1 && only?.value != null && !allZero(only.value)) return step;
    queue.push(...sentTo(asked, step).map((sent) => sent.step));
  }
  return null;
}

/** The senders, followed back, whose share of zeros is greater than that of what they got. */
function culprits(asked: Asked, step: number, share: number): Sent[] {
  const found: Sent[] = [];
  const seen = new Set<string>();
  const queue = [...sentTo(asked, step)];
  for (let sent = queue.shift(); sent !== undefined; sent = queue.shift()) {
    const { downstream } = sent;
    const key = `${sent.step}:${downstream.edge}`;
    const value = downstream.unbroadcast?.before ?? downstream.value;
    if (seen.has(key) || value === null || zeros(value) === 0) continue;
    if (share === 1 && !allZero(value)) continue;
    seen.add(key);
    const upstream = stepAt(asked, sent.step).upstream.filter((each) => each !== null);
    const share0 = (each: Value): number => zeros(each) / Math.max(1, numel(each.shape));
    if (upstream.every((each) => share0(each) < share0(value))) found.push(sent);
    else queue.push(...sentTo(asked, sent.step));
  }
  return found;
}

function station({ trace, backward }: Asked, { step }: Sent, text: string): Station {
  const node = trace.backwards[backward]?.steps[step]?.node ?? null;
  const { name, range } = node === null ? { name: "", range: null } : (trace.nodes[node] as Node);
  return { text: `${name}: ${text}`, node, range };
}

const isUniform = (value: Value | null): boolean =>
  value?.kind === "inline" && value.data.every((element) => element === value.data[0]);

function inputOf(asked: Asked, { step, downstream }: Sent): InputLine | null {
  const place = wholeStep(asked.trace, asked.backward, step);
  const explained = explain(asked.trace, place, ENGLISH);
  return explained.kind === "step" ? (explained.inputs[downstream.edge] ?? null) : null;
}

function causeOf(asked: Asked, sent: Sent): { text: string; fix: string | null } {
  const { trace, l10n } = asked;
  const node = trace.nodes[stepAt(asked, sent.step).node] as Node;
  const line = inputOf(asked, sent);
  const name = line?.name ?? "";
  const value = (sent.downstream.unbroadcast?.before ?? sent.downstream.value) as Value;
  const share = l10n.t("{0} of {1}", zeros(value), numel(value.shape));
  const formula = sent.downstream.formula ?? "";
  if (/^zeros_like\(grad\)$/.test(formula))
    return {
      text: l10n.t("The derivative of {0} is 0 everywhere: its result is flat between the jumps.", node.op),
      fix: l10n.t(
        "Use a smooth function instead, or pass the gradient straight through in a custom Function.",
      ),
    };
  if (/clamp|hardtanh|hardsigmoid/.test(node.op))
    return {
      text: l10n.t(
        "{0} cuts off {1} elements of {2}: they lie beyond its bounds, where its result does not change.",
        node.op,
        share,
        name,
      ),
      fix: l10n.t("Move the bounds, or keep what feeds it inside them."),
    };
  if (/relu|threshold/.test(node.op))
    return {
      text: l10n.t(
        "{0} is closed for {1} elements of {2}: they lie where its result does not change.",
        node.op,
        share,
        name,
      ),
      fix: l10n.t(
        "Look at what feeds it: a smaller learning rate, another initialisation or leaky_relu keeps it open.",
      ),
    };
  if (node.pattern === "route")
    return {
      text: l10n.t(
        "{0} lets the gradient through only where {1} made the result; for {2} elements it did not.",
        node.op,
        name,
        share,
      ),
      fix: null,
    };
  if (node.pattern === "swap") {
    const other = node.edges.find(({ input }) => input !== line?.input);
    const zero = other?.tensor == null ? null : called(asked, other.tensor);
    return {
      text:
        zero === null
          ? l10n.t("{0} is multiplied by 0 in {1} elements.", name, share)
          : l10n.t("{0} is multiplied by {1}, which is 0 in {2} elements.", name, zero, share),
      fix: null,
    };
  }
  if (node.pattern === "move")
    return {
      text: l10n.t(
        "{0} did not take {1} elements of {2}: they have no part in the result.",
        node.op,
        share,
        name,
      ),
      fix: null,
    };
  if (/softmax/.test(node.op) && isUniform(stepAt(asked, sent.step).upstream[0] ?? null))
    return {
      text: l10n.t(
        "The results of softmax always add up to 1: an upstream gradient that is the same for each of them changes nothing.",
      ),
      fix: l10n.t("Give the elements different weights in the loss, as cross entropy does."),
    };
  if (/sigmoid|tanh|softmax|erf|gelu|silu/.test(node.op))
    return {
      text: l10n.t(
        "{0} is saturated for {1} elements of {2}: so far out its slope rounds to 0.",
        node.op,
        share,
        name,
      ),
      fix: l10n.t(
        "Keep its input small: normalise it, or use the loss that works on logits (…_with_logits).",
      ),
    };
  return {
    text: l10n.t(
      "The local derivative of {0} is 0 for {1} elements of {2}: {3}.",
      node.op,
      share,
      name,
      line?.numbers ?? formula,
    ),
    fix: null,
  };
}
