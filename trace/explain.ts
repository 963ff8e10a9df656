/** A step in words and numbers, as data: the step card, the terminal and the exports only lay it out. */
import { deadEnd as reasonFor } from "./dead-ends.ts";
import { formatShape, formatValue } from "./format.ts";
import { isAtomic, withNames, withNumbers, withNumbersOf } from "./formula.ts";
import type { L10n } from "./l10n.ts";
import { isPlainNumber, operand, sourceText, tensorName } from "./names.ts";
import type { Phase, Place } from "./place.ts";
import type { Downstream, Node, Pattern, Range, Step, Trace, Value } from "./schema.ts";
import { COPY_SLICES, patternSentence, patternWord, shownPattern } from "./sentence.ts";
import { numel } from "./shape.ts";
import { phasesOf } from "./stepper.ts";
import { decided } from "./story/story.ts";
import { termName } from "./terms.ts";
import { type Typeset, typeset } from "./typeset.ts";

/** Part of a step that happens in a sub-step: whether the place is at it or past it, or exactly at it. */
export interface Timed {
  readonly done: boolean;
  readonly current: boolean;
}

export interface Expression {
  readonly text: string;
  readonly range: Range;
}

/** A contribution to the upstream gradient. */
export interface ArrivalLine extends Timed {
  readonly outputNr: number;
  readonly value: Value;
  /** The running sum after it; null for the first. */
  readonly sum: Value | null;
  /** Who sent it; null for the seed. */
  readonly from: { readonly step: number; readonly node: number } | null;
  /** `from MulBackward0: [1, 2]`, with the sum where there is one: `[3, 4] + [1, 2] = [4, 6]`. */
  readonly text: string;
}

/** The local rule towards one input. */
export interface InputLine extends Timed {
  readonly edge: number;
  /** Its name in the schema: `self`. */
  readonly input: string;
  /** Its name in the source: `x**2`; the schema's name where the source has none. */
  readonly name: string;
  readonly node: number | null;
  /** The name of that node. */
  readonly to: string | null;
  readonly shape: readonly number[] | null;
  /** The rule, the very text that ran. */
  readonly formula: string | null;
  /** Where that is one fused call: the arithmetic that it stands for. */
  readonly means: string | null;
  /** The arithmetic (`means`, else the formula) in the variables' own names. */
  readonly own: string | null;
  /** The arithmetic with numbers put in. */
  readonly numbers: string | null;
  /** The arithmetic as mathematics: in names, in numbers, in shapes; null where there is no formula. */
  readonly typeset: Typeset | null;
  /** What was sent, as the trace has it; null where this pass sent nothing. */
  readonly sent: Downstream | null;
  /** What the rule gave: before broadcasting is undone. */
  readonly value: Value | null;
  /** Whether the rule is that of a part which was written to in place, where `value` is the whole. */
  readonly ofPart: boolean;
  readonly unbroadcast:
    | (Timed & { readonly axes: readonly number[]; readonly after: Value | null; readonly text: string })
    | null;
  /** Why no gradient goes there; null where one does. */
  readonly deadEnd: string | null;
}

export interface SavedLine {
  /** `_saved_self` */
  readonly name: string;
  readonly term: string;
  readonly value: Value | null;
  readonly text: string;
  readonly shape: readonly number[] | null;
  /** The forward expression that put it there. */
  readonly expression: Expression | null;
}

/** What a leaf's `.grad` takes. */
export interface AccumulateLine extends Timed {
  readonly leaf: string;
  readonly before: Value | null;
  readonly added: Value;
  readonly after: Value;
  /** `None + [6, 8] = [6, 8]` */
  readonly text: string;
}

export type Explanation =
  | {
      readonly kind: "start";
      readonly sentence: string;
      readonly roots: readonly { readonly name: string; readonly node: number; readonly seed: Value }[];
    }
  | {
      readonly kind: "step";
      readonly node: number;
      readonly name: string;
      readonly op: string;
      readonly pattern: Pattern;
      readonly word: string;
      readonly sentence: string;
      /** The expression that made the node. */
      readonly expression: Expression | null;
      readonly module: string | null;
      readonly arrivals: readonly ArrivalLine[];
      /** What the rule received, by output number; null where nothing arrived. */
      readonly upstream: readonly (Value | null)[];
      readonly inputs: readonly InputLine[];
      readonly saved: readonly SavedLine[];
      readonly accumulate: AccumulateLine | null;
    };
export type StepExplanation = Extract<Explanation, { kind: "step" }>;

/** What happens at a place. Throws RangeError for a place that the trace lacks. */
export function explain(trace: Trace, place: Place, l10n: L10n): Explanation {
  const phases = phasesOf(trace, place);
  const pass = trace.backwards[place.backward] as Trace["backwards"][number];
  const step = pass.steps[place.step];
  if (step === undefined) return explainStart(trace, pass, l10n);
  const node = trace.nodes[step.node] as Node;
  const timed = (is: (phase: Phase) => boolean): Timed => {
    const at = phases.findIndex(is) + 1;
    return { done: at > 0 && at <= place.phase, current: at === place.phase };
  };
  const leaf = (node.variable === null ? null : tensorName(trace, node.variable)) ?? l10n.t("the leaf");
  const inputs = node.edges.map((_, edge) => explainInput(trace, node, step, edge, timed, l10n));
  const rule = patternSentence(trace, node, step, leaf, l10n);
  const accumulate = explainAccumulate(step, leaf, timed);
  return {
    kind: "step",
    node: step.node,
    name: node.name,
    op: node.op,
    pattern: shownPattern(node),
    word: patternWord(shownPattern(node), l10n),
    sentence: [rule, inNumbers(inputs, accumulate, l10n)].join(" ").trim(),
    expression: expressionAt(trace, node.range),
    module: node.module,
    arrivals: explainArrivals(trace, pass.steps, step, timed, l10n),
    upstream: step.upstream,
    inputs,
    saved: explainSaved(trace, node),
    accumulate,
  };
}

function explainStart(trace: Trace, pass: Trace["backwards"][number], l10n: L10n): Explanation {
  const roots = pass.roots.map(({ tensor, node, outputNr, seed }) => {
    const root = tensor ?? trace.nodes[node]?.outputs[outputNr] ?? null;
    const name = root === null ? null : tensorName(trace, root);
    return { name: name ?? trace.nodes[node]?.name ?? "", node, seed };
  });
  const sentences = roots.map(({ name, seed }) => {
    const isOne = seed.kind === "inline" && seed.shape.length === 0 && seed.data[0] === 1;
    return isOne
      ? l10n.t("The pass starts at {0}: the gradient of {0} with respect to itself is 1.", name)
      : l10n.t("The pass starts at {0} with the gradient that was given for it: {1}.", name, short(seed));
  });
  return { kind: "start", sentence: sentences.join(" "), roots };
}

function explainArrivals(
  trace: Trace,
  steps: readonly Step[],
  step: Step,
  timed: (is: (phase: Phase) => boolean) => Timed,
  l10n: L10n,
): ArrivalLine[] {
  const sums = new Map<number, Value>();
  return step.arrivals.map((arrival, nth) => {
    const { from, outputNr, value, sum } = arrival;
    const sender = from === null ? undefined : steps[from.step]?.node;
    const before = sums.get(outputNr);
    sums.set(outputNr, sum ?? value);
    const senderName = sender === undefined ? undefined : trace.nodes[sender]?.name;
    const what =
      senderName === undefined
        ? l10n.t("seed: {0}", short(value))
        : l10n.t("from {0}: {1}", senderName, short(value));
    return {
      ...timed((phase) => phase.kind === "arrive" && phase.arrival === nth),
      outputNr,
      value,
      sum,
      from: from === null || sender === undefined ? null : { step: from.step, node: sender },
      text:
        sum === null || before === undefined
          ? what
          : l10n.t("{0}; adds up: {1}", what, `${short(before)} + ${short(value)} = ${short(sum)}`),
    };
  });
}

function explainAccumulate(
  { accumulate }: Step,
  leaf: string,
  timed: (is: (phase: Phase) => boolean) => Timed,
): AccumulateLine | null {
  if (accumulate === null) return null;
  const { before, added, after } = accumulate;
  const text = `${short(before)} + ${short(added)} = ${short(after)}`;
  return { ...timed(({ kind }) => kind === "accumulate"), ...accumulate, leaf, text };
}

function explainInput(
  trace: Trace,
  node: Node,
  step: Step,
  index: number,
  timed: (is: (phase: Phase) => boolean) => Timed,
  l10n: L10n,
): InputLine {
  const edge = node.edges[index] as Node["edges"][number];
  const nth = step.downstream.findIndex((each) => each.edge === index);
  const sent = step.downstream[nth];
  const given = termName(trace, node, edge.input);
  const name = given === null || given === NOT_GIVEN ? edge.input : given;
  const formula = sent?.formula ?? edge.formula;
  const means = edge.means === null ? null : meansOf(edge.means, node, formula ?? "", sent);
  const arithmetic = means ?? formula;
  const input = edge.tensor === null ? undefined : trace.tensors[edge.tensor];
  return {
    ...timed((phase) => phase.kind === "apply" && phase.downstream === nth),
    edge: index,
    input: edge.input,
    name,
    node: edge.node,
    to: edge.node === null ? null : (trace.nodes[edge.node]?.name ?? null),
    shape: input?.shape ?? null,
    formula,
    means,
    own: arithmetic === null ? null : withNames(arithmetic, (term) => termName(trace, node, term)),
    numbers: sent === undefined ? null : numbersOf(sent, means),
    typeset: arithmetic === null ? null : typeset(trace, node, arithmetic, sent ?? null, l10n),
    sent: sent ?? null,
    value: sent?.unbroadcast?.before ?? sent?.value ?? null,
    ofPart: node.name === COPY_SLICES,
    unbroadcast: explainUnbroadcast(sent, nth, name, timed, l10n),
    deadEnd: deadEnd(trace, node, edge, sent, name, l10n),
  };
}

/** What a fused call means, the choices between plain values made. */
function meansOf(means: string, node: Node, formula: string, sent: Downstream | undefined): string {
  const kept = node.saved.flatMap(({ term, content }) =>
    content.kind === "literal" ? [[term, content.text] as const] : [],
  );
  return decided(means, formula, sent?.terms ?? [], new Map(kept));
}

function numbersOf({ formula, terms }: Downstream, means: string | null): string | null {
  if (formula === null) return null;
  return means === null ? withNumbers(formula, terms) : withNumbersOf(means, formula, terms);
}

function explainUnbroadcast(
  sent: Downstream | undefined,
  nth: number,
  name: string,
  timed: (is: (phase: Phase) => boolean) => Timed,
  l10n: L10n,
): InputLine["unbroadcast"] {
  if (sent === undefined || sent.unbroadcast === null) return null;
  const { before, axes, shape } = sent.unbroadcast;
  const [from, to] = [formatShape(shape), formatShape(before.shape)];
  return {
    ...timed((phase) => phase.kind === "unbroadcast" && phase.downstream === nth),
    axes,
    after: sent.value,
    text:
      axes.length === 1
        ? l10n.t(
            "{0} was broadcast from {1} to {2}, so its gradient is summed over axis {3}.",
            name,
            from,
            to,
            axes[0] as number,
          )
        : l10n.t(
            "{0} was broadcast from {1} to {2}, so its gradient is summed over axes {3}.",
            name,
            from,
            to,
            axes.join(", "),
          ),
  };
}

/** What stands where an operand may be left out. */
const NOT_GIVEN = "None";

function deadEnd(
  trace: Trace,
  node: Node,
  edge: Node["edges"][number],
  sent: Downstream | undefined,
  name: string,
  l10n: L10n,
): string | null {
  if (edge.node !== null) {
    if (sent === undefined) return l10n.t("This pass does not need the gradient of {0}.", name);
    return sent.value === null ? l10n.t("The rule gives no gradient for {0}: it counts as 0.", name) : null;
  }
  const tensor = edge.tensor === null ? undefined : trace.tensors[edge.tensor];
  if (termName(trace, node, edge.input) === NOT_GIVEN) return l10n.t("{0} was not given.", name);
  if (edge.tensor === null || tensor === undefined || isPlainNumber(trace, edge.tensor))
    return l10n.t("{0} is a constant: no gradient goes there.", name);
  if (!/^(b?float|complex)/.test(tensor.dtype))
    return l10n.t("{0} has dtype {1}: only floating-point tensors have gradients.", name, tensor.dtype);
  const end = reasonFor(trace, edge.tensor);
  const from = end.kind === "detached" ? tensorName(trace, end.from, node.range) : null;
  return from === null
    ? l10n.t("{0} does not require a gradient.", name)
    : l10n.t("{0} was detached from {1}: no gradient goes back there.", name, from);
}

/** What a node kept in the forward pass. */
export function explainSaved(trace: Trace, node: Node): SavedLine[] {
  return node.saved.map(({ name, term, content, range }) => {
    const tensor = content.kind === "tensor" ? trace.tensors[content.tensor] : undefined;
    const text =
      content.kind === "literal" ? content.text : content.kind === "unavailable" ? content.reason : "";
    return {
      name,
      term,
      value: tensor?.value ?? null,
      text: tensor === undefined ? text : formatValue(tensor.value),
      shape: tensor?.shape ?? null,
      // A leaf was made by no op: the operand itself is what put it there.
      expression: expressionAt(
        trace,
        range ??
          (content.kind === "tensor" ? (operand(trace, content.tensor, node.range)?.range ?? null) : null),
      ),
    };
  });
}

/** Tensors of more elements than this make a sentence hard to read. */
const TINY = 4;

/** `So x gets [1, 1] * (2 * [3, 4]) = [6, 8].`; empty unless every number is tiny. */
function inNumbers(inputs: readonly InputLine[], accumulate: AccumulateLine | null, l10n: L10n): string {
  if (accumulate !== null) {
    const { leaf, before, after, text } = accumulate;
    if (!isTiny(after)) return "";
    return before === null
      ? l10n.t("{0}.grad was None; now it is {1}.", leaf, short(after))
      : l10n.t("So {0}.grad is {1}.", leaf, text);
  }
  const live = inputs.filter(({ deadEnd }) => deadEnd === null);
  if (live.length === 0 || !live.every(({ value }) => isTiny(value))) return "";
  const clauses = live.map(({ name: called, input, numbers, value, ofPart, unbroadcast }) => {
    const result = short(value);
    // PyTorch calls the only input `self`: that is a name for those who read its source.
    const name = live.length === 1 && called === input ? l10n.t("its input") : called;
    // A call says little to somebody who does not know it, and sizes say nothing; arithmetic speaks for itself.
    const gets =
      numbers === null || ofPart || isAtomic(numbers) || numbers.includes(".sizes()")
        ? l10n.t("{0} gets {1}", name, result)
        : l10n.t("{0} gets {1} = {2}", name, numbers, result);
    return unbroadcast === null ? gets : l10n.t("{0}, summed to {1}", gets, short(unbroadcast.after));
  });
  return l10n.t("So {0}.", clauses.join(l10n.t(" and ")));
}

const isTiny = (value: Value | null): boolean => value?.kind === "inline" && numel(value.shape) <= TINY;

function expressionAt(trace: Trace, range: Range | null): Expression | null {
  const text = sourceText(trace, range);
  return text === null || range === null ? null : { text, range };
}

const short = (value: Value | null): string => (value === null ? "None" : formatValue(value));
