/** Each pattern in one plain sentence. */
import { isFloating } from "./format.ts";
import type { L10n } from "./l10n.ts";
import { tensorName } from "./names.ts";
import type { Node, Pattern, Step, Trace } from "./schema.ts";
import { numel } from "./shape.ts";

/** The word by which a pattern is learnt once and known again. */
export function patternWord(pattern: Pattern, l10n: L10n): string {
  switch (pattern) {
    case "pass":
      return l10n.t("passes through");
    case "swap":
      return l10n.t("swaps");
    case "scale":
      return l10n.t("scales");
    case "route":
      return l10n.t("routes");
    case "copy":
      return l10n.t("copies");
    case "sum":
      return l10n.t("adds up");
    case "mix":
      return l10n.t("mixes");
    case "move":
      return l10n.t("moves");
    case "accumulate":
      return l10n.t("accumulates");
    case "custom":
      return l10n.t("custom");
  }
}

/** The inputs of a node that a gradient can go to. */
const wanting = (node: Node): Node["edges"] => node.edges.filter((edge) => edge.node !== null);

/** Whether a normalisation took the statistics that were kept before, not those of its input. */
const isFixed = ({ op, saved }: Node): boolean =>
  op.includes("batch_norm") &&
  saved.some(
    ({ term, content }) => term === "training" && content.kind === "literal" && content.text === "False",
  );

/**
 * The pattern that a node shows: a product swaps where both sides want a gradient; where only one does, the other is a
 * factor, and the gradient is scaled by it. A normalisation by numbers that are fixed scales too.
 */
export const shownPattern = (node: Node): Pattern =>
  (node.pattern === "swap" && wanting(node).length < 2) || isFixed(node) ? "scale" : node.pattern;

/** What PyTorch calls a write through a view, said of the tensor that is viewed. */
export const COPY_SLICES = "CopySlices";

/** What the node of a step does to the gradient, in words. `leaf`: what the leaf of an AccumulateGrad is called. */
export function patternSentence(trace: Trace, node: Node, step: Step, leaf: string, l10n: L10n): string {
  const { name } = node;
  // Its rules are those of the view that was written to; the rest of the tensor's gradient passes.
  if (name === COPY_SLICES)
    return l10n.t(
      "{0}: part of the tensor was written to in place. That part's gradient goes by the rule of what was written; the rest goes on unchanged.",
      name,
    );
  const sent = step.downstream.filter(({ value }) => value !== null);
  const stops =
    sent.length > 0 && sent.every(({ formula }) => /^(zeros_like|new_zeros)\(/.test(formula ?? ""));
  if (stops)
    return l10n.t(
      "{0} stops the gradient: a small change of its input does not change the result, so 0 goes on.",
      name,
    );
  switch (shownPattern(node)) {
    case "pass":
      return passSentence(name, step, l10n);
    case "swap":
      return swapSentence(node, l10n);
    case "scale":
      return scaleSentence(trace, node, l10n);
    case "route":
      return routeSentence(node, l10n);
    case "copy":
      return step.downstream.some(({ formula }) => formula?.includes("/"))
        ? l10n.t(
            "{0} copies: every element that was averaged gets the upstream gradient, divided by their number.",
            name,
          )
        : node.op === "repeat"
          ? l10n.t("{0} repeated its input, so the gradients of all the copies are added.", name)
          : l10n.t("{0} copies: every element that was added up gets the upstream gradient.", name);
    case "sum":
      return l10n.t(
        "{0} adds up: each element was used several times in the result, so the gradients of all its copies are added.",
        name,
      );
    case "mix":
      return mixSentence(node, l10n);
    case "move":
      return moveSentence(trace, node, step, l10n);
    case "accumulate":
      return step.accumulate === null
        ? l10n.t("{0} is reached: {1} is a leaf, and its .grad is left as it is.", name, leaf)
        : l10n.t("{0} accumulates: {1} is a leaf, so what arrives is added to {1}.grad.", name, leaf);
    case "custom":
      return l10n.t("{0} is a custom function: its own backward gives the gradient of each input.", name);
  }
}

function swapSentence({ name, op }: Node, l10n: L10n): string {
  if (op === "addcmul")
    return l10n.t(
      "{0} swaps: of the two that are multiplied, each one's gradient is the upstream gradient times the other; what they are added to gets the upstream gradient itself.",
      name,
    );
  if (op === "linalg_cross")
    return l10n.t(
      "{0} swaps: each input's gradient is the cross product of the upstream gradient and the other input.",
      name,
    );
  return l10n.t("{0} swaps: each input's gradient is the upstream gradient times the other input.", name);
}

function scaleSentence(trace: Trace, node: Node, l10n: L10n): string {
  const { name, op } = node;
  const [one] = wanting(node);
  const other = node.edges.find((edge) => edge !== one);
  if (op === "mul" && one !== undefined && other !== undefined) {
    const named = ({ tensor }: Node["edges"][number]): string | null =>
      tensor === null ? null : tensorName(trace, tensor, node.range);
    const [wants, factor] = [named(one) ?? one.input, named(other)];
    return factor === null
      ? l10n.t(
          "{0} scales: only {1} wants a gradient, so the upstream gradient is multiplied by the other factor.",
          name,
          wants,
        )
      : l10n.t(
          "{0} scales: only {1} wants a gradient, so the upstream gradient is multiplied by the other factor, {2}.",
          name,
          wants,
          factor,
        );
  }
  if (op === "div" && wanting(node).length === 1 && one === node.edges[0])
    return l10n.t("{0} scales: the upstream gradient is divided by what the input was divided by.", name);
  if (isFixed(node))
    return l10n.t(
      "{0} scales: the mean and the spread were kept from training and are plain numbers here, so each element's gradient is only multiplied.",
      name,
    );
  if (op === "mse_loss")
    return l10n.t(
      "{0} scales: the further an element is from its target, the more of the upstream gradient it gets.",
      name,
    );
  if (op === "var" || op === "std")
    return l10n.t(
      "{0} scales: the further an element is from the mean, the more of the upstream gradient it gets.",
      name,
    );
  if (op === "logsumexp")
    return l10n.t("{0} scales: each element gets its share, the softmax, of the upstream gradient.", name);
  return l10n.t("{0} scales: the upstream gradient is multiplied by the local derivative.", name);
}

function routeSentence({ name, op }: Node, l10n: L10n): string {
  if (op.startsWith("nll_loss"))
    return l10n.t(
      "{0} routes: the loss took only the score of each row's own class, so only those get a gradient, with the sign turned; the others get 0.",
      name,
    );
  if (
    op.startsWith("relu") ||
    op.startsWith("threshold") ||
    op.startsWith("clamp") ||
    op.startsWith("hardtanh")
  )
    return l10n.t(
      "{0} routes: where an element went through unchanged, the upstream gradient goes through; where it was cut off, 0 goes on.",
      name,
    );
  if (op.startsWith("max_pool"))
    return l10n.t(
      "{0} routes: the upstream gradient goes to the largest element of each window; the others get 0.",
      name,
    );
  return l10n.t(
    "{0} routes: the upstream gradient goes on only to the elements that made the result; the others get 0.",
    name,
  );
}

function mixSentence(node: Node, l10n: L10n): string {
  const { name, op } = node;
  if (op === "_softmax" || op === "_log_softmax")
    return l10n.t(
      "{0} mixes: all results of a row depend on all its elements, so each element's gradient takes from the whole row.",
      name,
    );
  if (op.includes("norm"))
    return l10n.t(
      "{0} mixes: the mean and the spread depend on every element that is normalised together, so each gradient takes from all of them.",
      name,
    );
  if (op.startsWith("convolution"))
    return l10n.t(
      "{0} mixes: an element gets the gradients of all windows that it was in, times the weights that met it there; a weight gets the gradients of all windows, times the elements that it met.",
      name,
    );
  if (op.startsWith("avg_pool"))
    return l10n.t(
      "{0} mixes: each element gets an equal share of the upstream gradient of each window that it was in.",
      name,
    );
  if (op === "glu")
    return l10n.t(
      "{0} mixes: one half of the input was a gate for the other, so each half's gradient is the upstream gradient times what the other half made of it.",
      name,
    );
  if (op.startsWith("_ctc_loss"))
    return l10n.t(
      "{0} mixes: the loss adds up every way to read the target, so each score's gradient is how much more likely it is than those ways need it to be.",
      name,
    );
  if (/^(addmm|addmv|baddbmm|addbmm)$/.test(op))
    return l10n.t(
      "{0} mixes: each factor's gradient is the matrix product of the upstream gradient and the other factor, transposed; what the product was added to gets the upstream gradient.",
      name,
    );
  if (!/^(mm|bmm|mv|matmul|linear)$/.test(op))
    return l10n.t(
      "{0} mixes: each element's gradient takes from many elements of the upstream gradient.",
      name,
    );
  return wanting(node).length < 2
    ? l10n.t(
        "{0} mixes: the gradient is the matrix product of the upstream gradient and the other factor, transposed.",
        name,
      )
    : l10n.t(
        "{0} mixes: each input's gradient is the matrix product of the upstream gradient and the other input, transposed.",
        name,
      );
}

function passSentence(name: string, { downstream }: Step, l10n: L10n): string {
  const all = (rule: RegExp): boolean => downstream.every(({ formula }) => rule.test(formula ?? "grad"));
  if (all(/^grad$/))
    return l10n.t("{0} passes through: the upstream gradient goes on unchanged to each input.", name);
  if (all(/^-?grad( \* alpha)?$/))
    return l10n.t(
      "{0} passes through: the upstream gradient goes on to each input, times the factor that the input has in the result.",
      name,
    );
  return l10n.t("{0} passes through: the upstream gradient goes on to where the result came from.", name);
}

function moveSentence(trace: Trace, node: Node, step: Step, l10n: L10n): string {
  const { name } = node;
  if (/^(scatter|index)_add/.test(node.op))
    return l10n.t(
      "{0} moves: what was added to gets the upstream gradient; what was added gets it from the places that it went to.",
      name,
    );
  // Places that come beside the values, as those of a sorting do, take no gradient.
  const values = node.outputs.flatMap((output) => {
    const tensor = trace.tensors[output ?? -1];
    return tensor !== undefined && isFloating(tensor.dtype) ? [tensor] : [];
  });
  if (node.outputs.length > 1 && values.length !== 1)
    return l10n.t("{0} moves: the upstream gradients of its outputs are put back together.", name);
  if (node.edges.length > 1)
    return l10n.t("{0} moves: each input gets its own part of the upstream gradient.", name);
  if (/^(index|index_select|gather|take)$/.test(node.op))
    return l10n.t(
      "{0} moves: the upstream gradient goes back to the places that were taken; a place that was taken several times gets the sum, the others get 0.",
      name,
    );
  const arrived = step.upstream[0];
  const input = trace.tensors[node.edges[0]?.tensor ?? -1];
  if (arrived && input && numel(arrived.shape) < numel(input.shape))
    return l10n.t(
      "{0} moves: the upstream gradient goes back to the places that were taken; the others get 0.",
      name,
    );
  return l10n.t("{0} moves: the upstream gradient goes back to where its elements came from.", name);
}
