/** What is worked out from a row's formulas once: the formulas parsed, and what a node must keep for them. */
import { Formula, type FormulaValue } from "./formula.ts";
import type { Op, OpRow, Primitive } from "./row.ts";
import type { Tensor } from "./tensor.ts";

export interface Rule {
  /** By argument position; null where the argument takes no gradient. */
  readonly formulas: readonly (Formula | null)[];
  /** By argument position; where inputs share a rule, the place of this one's gradient in what it gives, else null. */
  readonly items: readonly (number | null)[];
  /** The places of a node's edges, in the order of their inputs' names; null where an input is a list, of any length. */
  readonly order: readonly number[] | null;
  /**
   * Terms to keep, with PyTorch's attribute name; plain terms and inputs alike. In the order in which PyTorch's generated
   * code packs and unpacks them: rule by rule as its derivatives.yaml is sorted, in each as the arguments come, outputs
   * last. Packing hooks see it, and it decides which of several that were changed is complained of.
   */
  readonly saves: readonly Save[];
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
  let rule = RULES.get(op.row);
  if (rule === undefined) {
    rule = workedOut(op);
    RULES.set(op.row, rule);
  }
  return rule;
}

function workedOut(op: Op): Rule {
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
  const rank = new Map<string, number>();
  const sorted = Object.keys(rules).sort();
  for (const [i, formula] of formulas.entries()) {
    if (formula === null) continue;
    const name = args[i]?.name as string;
    const place = sorted.findIndex((names) => names.split(", ").includes(name));
    const keep = (term: string, read: Save["read"], of: string): void => {
      add(term, i, read, of);
      rank.set(term, Math.min(rank.get(term) ?? place, place));
    };
    for (const meta of formula.metas) keep(meta.term, meta.read, meta.input);
    for (const used of formula.names) if (inputs.has(used) || outputs.includes(used)) keep(used, null, used);
  }
  for (const term of row.alsoSaves ?? []) {
    const meta = new Formula(term, inputs).metas[0];
    add(term, null, meta?.read ?? null, meta?.input ?? term);
    // Kept whoever needs it.
    (saves.get(term) as { neededBy: number[] }).neededBy.length = 0;
    rank.set(term, 0);
  }
  const order = ({ term, arg, outputNr }: Save): number =>
    arg < 0 ? (sorted.length + 1) * args.length + outputNr : (rank.get(term) as number) * args.length + arg;
  const edges = args.filter((_, i) => formulas[i] !== null);
  return {
    formulas,
    items,
    order: edges.some(({ type }) => type.endsWith("[]")) ? null : inOrder(edges.map(({ name }) => name)),
    saves: [...saves.values()].sort((a, b) => order(a) - order(b)),
  };
}

/** The places of names, by the names. */
export function inOrder(names: readonly string[]): readonly number[] {
  return names.map((_, i) => i).sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : 1));
}

/** What formulas call the outputs: `result`, or the names in `(Tensor values, Tensor indices)`. */
function outputNames(returns: string): readonly string[] {
  return returns === "Tensor"
    ? ["result"]
    : [...returns.matchAll(/Tensor\?? (\w+)/g)].map((m) => m[1] as string);
}
