/** What if a leaf or a literal had another value? The edit of the source that says so. */
import * as l10n from "@vscode/l10n";
import { makerOf, numbersOf } from "../trace/literals.ts";
import { sourceText } from "../trace/names.ts";
import type { Range, Trace } from "../trace/schema.ts";

import type { Target } from "./tensors.ts";
import type { Edit } from "./walk.ts";

/** The edit that gives the target the value `text`, as Python writes it. Throws in words where there is none. */
export function editOf(trace: Trace, target: Target, text: string): Edit {
  if (text.trim() === "")
    throw new Error(l10n.t("the new value is empty: give it as Python writes it, such as [3., 4.]"));
  return target.kind === "leaf"
    ? leafEdit(trace, target.tensor, text.trim())
    : literalEdit(trace, target, text.trim());
}

function leafEdit(trace: Trace, tensor: number, text: string): Edit {
  const made = makerOf(trace, tensor);
  const record = trace.tensors[tensor];
  if (made === null || record === undefined)
    throw new Error(
      l10n.t("the expression that made this tensor is not in the source: change the source and run again"),
    );
  const was = trace.tensors[made.tensor];
  const isPlain = /^[-+\d.[(]/.test(text);
  const value = isPlain ? `torch.tensor(${text}, dtype=torch.${record.dtype})` : `(${text})`;
  const whole = sourceText(trace, made.range) ?? "";
  const parameter = /\bParameter\(/.test(whole);
  const marked = was?.requiresGrad && !parameter ? `${value}.requires_grad_()` : value;
  return { range: made.range, text: parameter ? `torch.nn.Parameter(${value})` : marked };
}

function literalEdit(
  trace: Trace,
  { node, text: old }: Extract<Target, { kind: "literal" }>,
  text: string,
): Edit {
  if (!/^-?\d+(\.\d*)?(e[-+]?\d+)?$/i.test(text))
    throw new Error(l10n.t('"{0}" is not a number: a saved number can be replaced by a number', text));
  const same = numbersOf(trace, node).filter((number) => Number(number.text) === Number(old));
  const [only] = same;
  if (only === undefined || same.length > 1)
    throw new Error(
      l10n.t(
        "the number {0} does not stand once in {1}: change the source and run again",
        old,
        sourceText(trace, trace.nodes[node]?.range ?? null) ?? l10n.t("the source"),
      ),
    );
  return { range: only.range, text };
}

/** The text of a source with edits of it made, last first so that none moves another. */
export function edited(text: string, edits: readonly Edit[]): string {
  const lines = text.split("\n");
  const offset = ({ line, character }: Range["start"]): number =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (now, { range, text: put }) => now.slice(0, offset(range.start)) + put + now.slice(offset(range.end)),
      text,
    );
}
