/** Why did the run end with this error? What autograd's own messages leave out: who saved, who changed, what to write instead. */
import { sourceText, tensorName } from "../names.ts";
import type { Range, RunError, Saved, Trace } from "../schema.ts";
import { type Answer, type Asked, lineOf, placeOf, type Station } from "./answer.ts";
import { cutThatMade, objectOf, partsOf } from "./flow.ts";
import { causeOf } from "./none.ts";
import { OPERAND_RULES, type Rule } from "./operands.ts";
import { WALL_RULES } from "./walls.ts";

type Cause = Omit<Answer, "question">;

/** Null where the run raised nothing. An error that no rule knows is told with its place only. */
export function whyError(asked: Asked): Answer | null {
  const { trace, l10n } = asked;
  const { error } = trace;
  if (error === null) return null;
  const question = l10n.t("Why did it end with {0}?", error.type);
  for (const { message, holds, cause } of RULES) {
    const found = message.exec(error.message);
    if (found !== null && (holds?.(asked) ?? true)) return { question, ...cause(asked, error, found) };
  }
  return { question, answer: error.message, path: placeOf(asked, error), fix: null };
}

const RULES: readonly Rule[] = [
  {
    message: /modified by an inplace operation/,
    cause: changedInPlace,
  },
  { message: /backward through the graph a second time/, cause: secondTime },
  { message: /does not require grad and does not have a grad_fn/, cause: noHistory },
  {
    message: /grad can be implicitly created only for scalar outputs/,
    cause: (asked, error) => ({
      answer: asked.l10n.t(
        "A pass starts from one number. The tensor that backward() was called on has several, so PyTorch cannot know what gradient to start with.",
      ),
      path: placeOf(asked, error),
      fix: asked.l10n.t(
        "Call .sum() or .mean() first, or give the start: backward(gradient=torch.ones_like(…)).",
      ),
    }),
  },
  {
    message: /a (view of a )?leaf Variable that requires grad is being used in an in-place operation/,
    cause: (asked, error) => ({
      answer: asked.l10n.t(
        "A leaf that requires a gradient may not be changed in place while operations are recorded: its gradient would be that of a value that is gone.",
      ),
      path: placeOf(asked, error),
      fix: asked.l10n.t("Put the change into `with torch.no_grad():`, or make a new tensor: w = w - … ."),
    }),
  },
  {
    message: /Can't call numpy\(\) on Tensor that requires grad/,
    cause: (asked, error) => ({
      answer: asked.l10n.t("NumPy does not record operations, so the history would be lost without a word."),
      path: placeOf(asked, error),
      fix: asked.l10n.t("Write .detach().numpy() where the loss of history is meant."),
    }),
  },
  {
    message: /One of the differentiated Tensors appears to not have been used in the graph/,
    cause: (asked, error) => ({
      answer: asked.l10n.t(
        "autograd.grad was asked for the gradient of a tensor on which the result does not depend.",
      ),
      path: placeOf(asked, error),
      fix: asked.l10n.t("Compute the result from it, or pass allow_unused=True to get None."),
    }),
  },
  {
    message: /[Oo]nly Tensors of floating point( and complex)? dtype can require gradients/,
    cause: (asked, error) => ({
      answer: asked.l10n.t("Whole numbers have no derivative: a small change of them is no whole number."),
      path: placeOf(asked, error),
      fix: asked.l10n.t("Make it a floating-point tensor: write 3. for 3, or dtype=torch.float32."),
    }),
  },
  ...OPERAND_RULES,
  ...WALL_RULES,
];

function changedInPlace(asked: Asked, error: RunError): Cause {
  const { trace, l10n } = asked;
  const refused = ({ content }: Saved): boolean =>
    content.kind === "unavailable" && /inplace operation/.test(content.reason);
  const saver = trace.nodes.findIndex(({ saved }) => saved.some(refused));
  const saving = trace.nodes[saver];
  const term = saving?.saved.find(refused)?.term;
  const tensor = saving?.edges.find(({ input }) => input === term)?.tensor ?? saving?.outputs[0] ?? null;
  const name = tensor === null ? null : tensorName(trace, tensor);
  const changed = tensor === null ? [] : changesOf(trace, tensor, saving?.range ?? null);
  const [change] = changed;
  const isStep = change !== undefined && /\.step\(/.test(sourceText(trace, change) ?? "");
  const path: Station[] = [];
  if (saving !== undefined)
    path.push({
      text: l10n.t("{0} saved {1} for the backward pass", saving.name, name ?? term ?? ""),
      node: saver,
      range: saving.range,
    });
  for (const range of changed)
    path.push({ text: l10n.t("{0}: changed here", sourceText(trace, range) ?? ""), node: null, range });
  const what = name ?? l10n.t("A tensor");
  const sentences = [
    saving?.range == null
      ? l10n.t(
          "{0} was saved for the backward pass and changed in place afterwards, so the numbers that the rule needs are gone.",
          what,
        )
      : l10n.t(
          "{0} was saved by {1} ({2}) for the backward pass and changed in place afterwards, so the numbers that the rule needs are gone.",
          what,
          sourceText(trace, saving.range) ?? saving.name,
          lineOf(saving.range, l10n),
        ),
  ];
  if (change !== undefined) sentences.push(l10n.t("The change is on {0}.", lineOf(change, l10n)));
  return {
    answer: sentences.join(" "),
    path: path.length > 0 ? path : placeOf(asked, error),
    fix: isStep
      ? l10n.t(
          "Run every backward pass that needs the old weights before the optimizer's step, or compute the loss anew after it.",
        )
      : name === null
        ? l10n.t("Make a new tensor instead of changing it in place, or change a clone().")
        : l10n.t(
            "Make a new tensor instead of changing it: {0} = {0} + … for {0} += …, or change a clone().",
            name,
          ),
  };
}

/** Where a tensor was changed in place after it was saved: what made a later version of it, else an optimizer's step. */
function changesOf(trace: Trace, tensor: number, savedAt: Range | null): Range[] {
  const record = trace.tensors[tensor] as Trace["tensors"][number];
  // A view and what it is a view of are changed together, and count their changes together.
  const whole = wholeOf(trace, tensor);
  const later = trace.tensors.flatMap(({ object, version }, index) =>
    version > record.version && (object === record.object || wholeOf(trace, index) === whole) ? [index] : [],
  );
  const made = later.flatMap((index) => {
    const node = trace.tensors[index]?.node;
    const range = node == null ? null : (trace.nodes[node]?.range ?? null);
    return range === null ? [] : [range];
  });
  const seen = trace.bindings.flatMap(({ tensor: bound, text, range }) =>
    later.includes(bound) && /_\(/.test(text) ? [range] : [],
  );
  const found = [...new Map([...made, ...seen].map((range) => [JSON.stringify(range), range])).values()];
  return found.length > 0 || savedAt === null ? found.slice(0, 3) : optimizerSteps(trace, savedAt);
}

/** The object that owns the storage of a tensor, through all views between. */
function wholeOf(trace: Trace, tensor: number): number | undefined {
  let at: number | null = tensor;
  for (let next = trace.tensors[at]?.viewOf ?? null; next !== null; next = trace.tensors[at]?.viewOf ?? null)
    at = next;
  return trace.tensors[at]?.object;
}

/** An optimizer changes weights in place where no expression of the source is a tensor: its call is found by its name. */
function optimizerSteps(trace: Trace, after: Range): Range[] {
  const lines = trace.sources[after.source]?.text.split(/\r\n|\r|\n/) ?? [];
  for (let line = after.end.line + 1; line < lines.length; line++) {
    const found = /[\w.]+\.step\([^)]*\)/.exec(lines[line] ?? "");
    if (found !== null)
      return [
        {
          source: after.source,
          start: { line, character: found.index },
          end: { line, character: found.index + found[0].length },
        },
      ];
  }
  return [];
}

function secondTime(asked: Asked, error: RunError): Cause {
  const { trace, l10n } = asked;
  const first = trace.backwards.find((pass) => pass.error === null && !pass.retainGraph);
  const path: Station[] = [];
  if (first?.range != null)
    path.push({ text: l10n.t("the first pass freed the graph"), node: null, range: first.range });
  return {
    answer: l10n.t(
      "A backward pass frees what the nodes saved as it goes, to save memory. An earlier pass has already gone through this part of the graph.",
    ),
    path: [...path, ...placeOf(asked, error)],
    fix:
      first?.range == null
        ? l10n.t(
            "Pass retain_graph=True to the earlier backward call, or compute the result anew before the second.",
          )
        : l10n.t(
            "Pass retain_graph=True to the backward call on {0}, or compute the result anew before the second.",
            lineOf(first.range, l10n),
          ),
  };
}

function noHistory(asked: Asked, error: RunError): Cause {
  const { trace, l10n } = asked;
  const place = error.ranges.at(-1);
  const root = trace.bindings.find(
    ({ range }) =>
      place !== undefined &&
      range.source === place.source &&
      range.start.line === place.start.line &&
      range.start.character === place.start.character,
  );
  const name = root?.text ?? l10n.t("the result");
  const cut = root === undefined ? null : earliestCut(trace, objectOf(trace, root.tensor));
  if (cut === null)
    return {
      answer: l10n.t(
        "{0} has no grad_fn: none of the tensors that it was computed from requires a gradient.",
        name,
      ),
      path: placeOf(asked, error),
      fix: l10n.t("Make the tensor whose gradient you want with requires_grad=True."),
    };
  const { why, fix } = causeOf(asked, cut);
  return {
    answer: `${l10n.t("{0} has no grad_fn.", name)} ${why}`,
    path: [
      {
        text: l10n.t("{0}: cut here", sourceText(trace, cut.to.range) ?? ""),
        node: null,
        range: cut.to.range,
      },
      ...placeOf(asked, error),
    ],
    fix,
  };
}

/** The cut from which a tensor without history descends: its own, or that of what it was computed from. */
function earliestCut(trace: Trace, object: number): ReturnType<typeof cutThatMade> {
  const seen = new Set<number>([object]);
  const queue = [object];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const cut = cutThatMade(trace, at);
    if (cut !== null) return cut;
    for (const part of partsOf(trace, at)) {
      const from = objectOf(trace, part.from.tensor);
      if (seen.has(from)) continue;
      seen.add(from);
      queue.push(from);
    }
  }
  return null;
}
