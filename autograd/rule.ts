/** What is worked out from a row's formulas once: the formulas parsed, and what a node must keep for them. */
import { Formula, type FormulaValue } from "./formula.ts";
import type { Op, OpRow, Primitive } from "./row.ts";
import type { Tensor } from "./tensor.ts";

export interface Rule {
  /** By argument position; null where the argument takes no gradient. */
  readonly formulas: readonly (Formula | null)[];
  /** By argument position; where inputs share a rule, the place of this one's gradient in what it gives, else null. */
  readonly items: readonly (number | null)[];
  /** Terms to keep, with PyTorch's attribute name; plain terms and inputs alike. */
  readonly saves: readonly Save[];
  /**
   * Places in `saves`, in the order of the arguments, outputs last: as PyTorch's generated code unpacks them. It decides
   * which of several that were changed is complained of.
   */
  readonly unpacking: readonly number[];
}

export interface Save {
  readonly attribute: string;
  readonly term: string;
  /** Position of the argument that it is, or -1 for an output. */
  readonly arg: number;
  /** For an output: its number. */
  readonly outputNr: number;
  /** For a plain term such as `self.sizes()`. */
  readonly read: ((value: Tensor | readonly Tensor[]) => FormulaValue) | null;
  /** Positions of the arguments whose gradients need it. */
  readonly neededBy: readonly number[];
}

/** PyTorch's attribute for a term: the reference's names, in this one place (see `TORCH_VERSION`). */
export function savedName(term: string): string {
  const meta = /^(\w+)\.(\w+)\(\)$/.exec(term);
  if (meta === null) return `_saved_${term}`;
  const what = meta[2] === "sizes" || meta[2] === "strides" ? `sym_${meta[2]}` : meta[2];
  return `_saved_${meta[1]}_${what}`;
}

const RULES = new Map<OpRow, Rule>();

/** The rule of an op that has a kernel of its own. */
export function ruleOf(op: Op): Rule {
  const known = RULES.get(op.row);
  if (known !== undefined) return known;
  const row = op.row as Primitive<string>;
  const { args, returns } = op.schema;
  const inputs = new Set(args.map((a) => a.name));
  const rules = row.backward as { readonly [name: string]: string | undefined };
  const shared = new Map<string, { formula: Formula; item: number }>();
  for (const [names, text] of Object.entries(rules)) {
    const list = names.split(", ");
    if (list.length === 1 || text === undefined) continue;
    const formula = new Formula(text, inputs, row.doubles);
    for (const [item, name] of list.entries()) shared.set(name, { formula, item });
  }
  const formulas = args.map((a) => {
    const text = a.type.startsWith("Tensor") ? rules[a.name] : undefined;
    if (text === undefined) return shared.get(a.name)?.formula ?? null;
    return new Formula(text, inputs, row.doubles);
  });
  const items = args.map((a) => shared.get(a.name)?.item ?? null);
  const saves = new Map<string, Save & { neededBy: number[] }>();
  const outputs = outputNames(returns);
  const add = (term: string, neededBy: number | null, read: Save["read"], of: string): void => {
    const entry = saves.get(term) ?? {
      attribute: row.savedNames?.[term] ?? savedName(term),
      term,
      arg: args.findIndex((a) => a.name === of),
      outputNr: outputs.indexOf(of),
      read,
      neededBy: [],
    };
    if (neededBy !== null) entry.neededBy.push(neededBy);
    saves.set(term, entry);
  };
  for (const [i, formula] of formulas.entries()) {
    if (formula === null) continue;
    for (const meta of formula.metas) add(meta.term, i, meta.read, meta.input);
    for (const name of formula.names)
      if (inputs.has(name) || outputs.includes(name)) add(name, i, null, name);
  }
  for (const term of row.alsoSaves ?? []) {
    const meta = new Formula(term, inputs).metas[0];
    add(term, null, meta?.read ?? null, meta?.input ?? term);
    // Kept whoever needs it.
    (saves.get(term) as { neededBy: number[] }).neededBy.length = 0;
  }
  const sorted = [...saves.values()].sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
  const place = (i: number): number => {
    const arg = sorted[i]?.arg ?? -1;
    return arg < 0 ? args.length : arg;
  };
  const rule: Rule = {
    formulas,
    items,
    saves: sorted,
    unpacking: [...sorted.keys()].sort((a, b) => place(a) - place(b)),
  };
  RULES.set(op.row, rule);
  return rule;
}

/** What formulas call the outputs: `result`, or the names in `(Tensor values, Tensor indices)`. */
function outputNames(returns: string): readonly string[] {
  return returns === "Tensor"
    ? ["result"]
    : [...returns.matchAll(/Tensor\?? (\w+)/g)].map((m) => m[1] as string);
}
