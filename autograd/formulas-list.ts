/** The local rules as other engines read them (`formulas.json`): by node name, with the limits of what a trace holds inline. */
import { type Expression, parseExpressionAt } from "acorn";
import { Formula } from "./formula.ts";
import { meaningOf } from "./meaning.ts";
import { OPS } from "./ops/index.ts";
import type { Op, Primitive } from "./row.ts";
import { savedName } from "./rule.ts";
import { HISTOGRAM_BINS, INLINE_LIMIT, THUMBNAIL_SIDE } from "./value.ts";

interface Condition {
  readonly text: string;
  readonly not: boolean;
}

/** What runs where the conditions on plain values hold. */
interface Branch {
  readonly when: readonly Condition[];
  readonly text: string;
}

function branches(text: string, node: Expression, when: readonly Condition[] = []): Branch[] {
  if (node.type !== "ConditionalExpression") return [{ when, text: text.slice(node.start, node.end) }];
  const test = text.slice(node.test.start, node.test.end);
  return [
    ...branches(text, node.consequent, [...when, { text: test, not: false }]),
    ...branches(text, node.alternate, [...when, { text: test, not: true }]),
  ];
}

function described({ schema }: Op, row: Primitive<string>) {
  const known = new Set(schema.args.map((arg) => arg.name));
  // A rule that several inputs share gives a list of their gradients.
  const rules = new Map(
    Object.entries(row.backward as Readonly<Record<string, string | undefined>>).flatMap(([names, text]) =>
      names.split(", ").map((name) => [name, text] as const),
    ),
  );
  const terms: Record<string, string> = {};
  const keep = (term: string): void => {
    terms[row.savedNames?.[term] ?? savedName(term)] = term;
  };
  const inputs = schema.args.flatMap(({ name, type }) => {
    const text = rules.get(name);
    if (text === undefined) return [];
    const formula = new Formula(text, known, row.doubles);
    for (const { term } of formula.metas) keep(term);
    for (const used of formula.names) if (known.has(used) || used.startsWith("result")) keep(used);
    return [
      {
        input: name,
        list: type.endsWith("[]"),
        formula: text,
        means: meaningOf(formula),
        branches: branches(text, parseExpressionAt(text, 0, { ecmaVersion: 2023 })),
      },
    ];
  });
  for (const term of row.alsoSaves ?? []) keep(term);
  return { op: schema.name, pattern: row.pattern ?? "custom", inputs, terms };
}

export function formulasList(): string {
  const rows: Record<string, ReturnType<typeof described>[]> = {};
  for (const op of OPS) {
    if ("compose" in op.row || op.row.node === undefined || op.row.backward === undefined) continue;
    const list = rows[op.row.node] ?? [];
    rows[op.row.node] = list;
    if (!op.inplace || op.row.inplace === "only") list.push(described(op, op.row as Primitive<string>));
  }
  return JSON.stringify({
    limits: { inline: INLINE_LIMIT, bins: HISTOGRAM_BINS, thumbnail: THUMBNAIL_SIDE },
    rows,
  });
}
