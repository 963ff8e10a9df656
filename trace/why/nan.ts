/** Why is a gradient NaN or infinite? The first step that turned finite numbers into it, and the very element. */
import { formatShape } from "../format.ts";
import { sourceText } from "../names.ts";
import type { Node, Value } from "../schema.ts";
import { numel } from "../shape.ts";
import { type Answer, type Asked, called, type Station } from "./answer.ts";
import { elementText, firstNonFinite, hasNonFinite, indexText, ruleAt } from "./numbers.ts";
import { sentTo, stepAt, stepOfTensor } from "./trail.ts";

/** Null where its value and its gradient are finite. */
export function whyNan(asked: Asked, tensor: number): Answer | null {
  const { trace, l10n } = asked;
  const record = trace.tensors[tensor];
  if (record === undefined) return null;
  const step = stepOfTensor(asked, tensor);
  const name = called(asked, tensor);
  const gradient =
    step === null ? null : (stepAt(asked, step).upstream[record.node === null ? 0 : record.outputNr] ?? null);
  const bad = hasNonFinite(gradient);
  if (!bad && !hasNonFinite(record.value)) return null;
  const question = bad
    ? l10n.t("Why is the gradient of {0} NaN or infinite?", name)
    : l10n.t("Why is {0} NaN or infinite?", name);
  const forward = forwardCause(asked, bad ? rootOf(asked) : record.node, tensor);
  if (forward !== null) return { question, ...forward };
  if (!bad || step === null)
    return { question, answer: l10n.t("{0} was given with these numbers.", name), path: [], fix: null };
  const at = firstBad(asked, step);
  if (at !== null) return { question, ...at };
  return {
    question,
    answer: l10n.t("The pass was started with a gradient that is not finite, or a hook changed it."),
    path: [],
    fix: null,
  };
}

type Cause = Omit<Answer, "question">;

function rootOf({ trace, backward }: Asked): number | null {
  return trace.backwards[backward]?.roots[0]?.node ?? null;
}

/** The first node of the forward pass, below `from`, that made a non-finite result of finite inputs. */
function forwardCause(asked: Asked, from: number | null, tensor: number): Cause | null {
  const { trace, l10n } = asked;
  const below = new Set<number>();
  const stack = from === null ? [] : [from];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (below.has(node)) continue;
    below.add(node);
    for (const edge of trace.nodes[node]?.edges ?? []) if (edge.node !== null) stack.push(edge.node);
  }
  const recorded = (index: number | null): Value | null =>
    index === null ? null : (trace.tensors[index]?.value ?? null);
  const bad = [...below]
    .filter((node) => (trace.nodes[node] as Node).outputs.some((output) => hasNonFinite(recorded(output))))
    .sort((a, b) => (trace.nodes[a] as Node).sequenceNr - (trace.nodes[b] as Node).sequenceNr);
  for (const index of bad) {
    const node = trace.nodes[index] as Node;
    const input = node.edges.find((edge) => hasNonFinite(recorded(edge.tensor)));
    if (input?.tensor != null) {
      if (trace.tensors[input.tensor]?.node !== null || input.tensor === tensor) continue;
      return {
        answer: l10n.t(
          "{0} already holds NaN or infinite numbers before the computation starts.",
          called(asked, input.tensor),
        ),
        path: [{ text: called(asked, input.tensor), node: index, range: node.range }],
        fix: l10n.t("Look at where its numbers come from."),
      };
    }
    const output = recorded(node.outputs.find((each) => hasNonFinite(recorded(each))) ?? null) as Value;
    const at = firstNonFinite(output);
    const operands = node.edges.flatMap(({ tensor: operand }) => {
      const value = recorded(operand);
      const same = value !== null && formatShape(value.shape) === formatShape(output.shape);
      const element =
        value === null || at === null || (!same && numel(value.shape) !== 1) ? null : elementText(value, at);
      return operand === null || element === null ? [] : [`${called(asked, operand)} = ${element}`];
    });
    const text = sourceText(trace, node.range) ?? node.op;
    return {
      answer:
        at === null
          ? l10n.t("It starts in the forward pass: {0} gives NaN or infinite numbers of finite ones.", text)
          : l10n.t(
              "It starts in the forward pass: {0} gives {1} for element {2} ({3}).",
              text,
              elementText(output, at) ?? "",
              indexText(output.shape, at) || "0",
              operands.join(", "),
            ),
      path: [
        {
          text: l10n.t("{0}: the first result that is not finite", node.name),
          node: index,
          range: node.range,
        },
      ],
      fix: forwardFix(asked, node.op),
    };
  }
  return null;
}

function forwardFix({ l10n }: Asked, op: string): string | null {
  if (/^log/.test(op))
    return l10n.t(
      "Keep the argument of log above 0: clamp(min=…), or log_softmax and the …_with_logits losses.",
    );
  if (/^(div|reciprocal|rsqrt)/.test(op))
    return l10n.t("Keep the divisor away from 0, for instance by adding a small number.");
  if (/^(exp|pow|cosh|sinh)/.test(op))
    return l10n.t("Its argument is too large for the dtype: subtract the maximum first, or use logsumexp.");
  if (/^(sqrt|pow|acos|asin)/.test(op))
    return l10n.t("Keep its argument inside the range for which it is defined.");
  return null;
}

/** The step that sent a non-finite gradient although everything that it got was finite. */
function firstBad(asked: Asked, from: number): Cause | null {
  const { trace, l10n } = asked;
  const seen = new Set<number>([from]);
  const queue = [from];
  const path: Station[] = [];
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    for (const sent of sentTo(asked, step)) {
      const value = sent.downstream.unbroadcast?.before ?? sent.downstream.value;
      if (!hasNonFinite(value) && !hasNonFinite(sent.downstream.value)) continue;
      const sender = stepAt(asked, sent.step);
      const node = trace.nodes[sender.node] as Node;
      if (sender.upstream.some(hasNonFinite)) {
        path.push({ text: l10n.t("{0} hands it on", node.name), node: sender.node, range: node.range });
        if (!seen.has(sent.step)) queue.push(sent.step);
        seen.add(sent.step);
        continue;
      }
      const at = value === null ? null : firstNonFinite(value);
      const rule = at === null ? null : ruleAt(sent.downstream, at);
      const index = value === null || at === null ? "" : indexText(value.shape, at) || "0";
      const text = sourceText(trace, node.range) ?? node.op;
      const behindMask = at !== null && isMasked(asked, sent.step, at);
      path.push({
        text: l10n.t("{0}: the first gradient that is not finite", node.name),
        node: sender.node,
        range: node.range,
      });
      return {
        answer: [
          at === null || value === null
            ? l10n.t("{0} ({1}) makes it out of finite numbers.", node.name, text)
            : l10n.t(
                "{0} ({1}) makes it: for element {2} the rule gives {3} = {4}.",
                node.name,
                text,
                index,
                rule ?? sent.downstream.formula ?? "…",
                elementText(value, at) ?? "",
              ),
          behindMask
            ? l10n.t(
                "What arrives there is 0, because a where or mask did not take this element; but 0 times infinity is not 0.",
              )
            : "",
        ]
          .join(" ")
          .trim(),
        path: path.toReversed(),
        fix: behindMask
          ? l10n.t(
              "Make the argument safe before the function, not its result after: torch.where(mask, x, 1.) goes inside.",
            )
          : l10n.t(
              "Keep the argument away from the point at which the derivative is not finite, for instance by adding a small number.",
            ),
      };
    }
  }
  return null;
}

/** Does 0 arrive at the element, and was it a routing step that sent the 0? */
function isMasked(asked: Asked, step: number, at: number): boolean {
  const { trace } = asked;
  const upstream = stepAt(asked, step).upstream[0];
  if (upstream?.kind !== "inline" || upstream.data[at] !== 0) return false;
  const seen = new Set<number>();
  const queue = [step];
  for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
    if (seen.has(each)) continue;
    seen.add(each);
    if (each !== step && trace.nodes[stepAt(asked, each).node]?.pattern === "route") return true;
    queue.push(...sentTo(asked, each).map((sent) => sent.step));
  }
  return false;
}
