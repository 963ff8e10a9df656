/** Each pattern in one plain sentence. */
import type { Node, Pattern, Step, Trace } from "./schema.ts";
import { numel } from "./value.ts";

/** `vscode.l10n`, `@vscode/l10n`, or `ENGLISH`: the English text is the key. */
export interface L10n {
  t(message: string, ...args: (string | number)[]): string;
}

export const ENGLISH: L10n = {
  t: (message, ...args) => message.replace(/\{(\d+)\}/g, (whole, i) => String(args[Number(i)] ?? whole)),
};

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

/** What the node of a step does to the gradient, in words. `leaf`: what the leaf of an AccumulateGrad is called. */
export function patternSentence(trace: Trace, node: Node, step: Step, leaf: string, l10n: L10n): string {
  const { name } = node;
  switch (node.pattern) {
    case "pass":
      return passSentence(name, step, l10n);
    case "swap":
      return l10n.t("{0} swaps: each input's gradient is the upstream gradient times the other input.", name);
    case "scale":
      return l10n.t("{0} scales: the upstream gradient is multiplied by the local derivative.", name);
    case "route":
      return l10n.t(
        "{0} routes: the upstream gradient goes on only to the elements that made the result; the others get 0.",
        name,
      );
    case "copy":
      return step.downstream.some(({ formula }) => formula?.includes("/"))
        ? l10n.t(
            "{0} copies: every element that was averaged gets the upstream gradient, divided by their number.",
            name,
          )
        : l10n.t("{0} copies: every element that was added up gets the upstream gradient.", name);
    case "sum":
      return l10n.t(
        "{0} adds up: each element was used several times in the result, so the gradients of all its copies are added.",
        name,
      );
    case "mix":
      return l10n.t(
        "{0} mixes: each input's gradient is the matrix product of the upstream gradient and the other input, transposed.",
        name,
      );
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
  if (node.outputs.length > 1)
    return l10n.t("{0} moves: the upstream gradients of its outputs are put back together.", name);
  if (node.edges.length > 1)
    return l10n.t("{0} moves: each input gets its own part of the upstream gradient.", name);
  const arrived = step.upstream[0];
  const input = trace.tensors[node.edges[0]?.tensor ?? -1];
  if (arrived && input && numel(arrived.shape) < numel(input.shape))
    return l10n.t(
      "{0} moves: the upstream gradient goes back to the places that were taken; the others get 0.",
      name,
    );
  return l10n.t("{0} moves: the upstream gradient goes back to where its elements came from.", name);
}
