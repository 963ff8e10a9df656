/**
 * Conditions of breakpoints: a small language over the gradient that arrives at a node. It is parsed, checked name by
 * name and worked out here; nothing of it is ever run as code.
 *
 *   nan > 0 || inf > 0        zero == size        norm > 10        absmax < 1e-6 && op == "mul"
 */
import { type Expression, parseExpressionAt, type Node as Syntax } from "acorn";
import { ENGLISH, type L10n } from "./l10n.ts";
import { sourceText } from "./names.ts";
import type { Step, Trace, Value } from "./schema.ts";
import { numel } from "./shape.ts";
import { statisticsOf } from "./statistics.ts";

/** What a condition may speak of. */
export interface Facts {
  /** Euclidean norm of the gradient; the other statistics are of its finite elements. */
  readonly norm: number;
  readonly min: number;
  readonly max: number;
  readonly absmax: number;
  readonly mean: number;
  readonly std: number;
  /** How many of its elements are NaN, infinite, zero; and how many there are. */
  readonly nan: number;
  readonly inf: number;
  readonly zero: number;
  readonly size: number;
  /** The step of the pass, from 1; the line of the source, from 1, or 0. */
  readonly step: number;
  readonly line: number;
  readonly node: string;
  readonly op: string;
  readonly module: string;
  readonly code: string;
}

export const FACTS = [
  "norm",
  "min",
  "max",
  "absmax",
  "mean",
  "std",
  "nan",
  "inf",
  "zero",
  "size",
  "step",
  "line",
  "node",
  "op",
  "module",
  "code",
] as const satisfies readonly (keyof Facts)[];

type Plain = number | string | boolean;
export type Condition = (facts: Facts) => boolean;

/** A text that is no condition, in words: what was given, what is allowed. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";
}

const FUNCTIONS: Readonly<Record<string, (...args: number[]) => number>> = {
  abs: Math.abs,
  log10: Math.log10,
  min: Math.min,
  max: Math.max,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "**": (a, b) => a ** b,
};

const COMPARISONS: Readonly<Record<string, (a: Plain, b: Plain) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "===": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "!==": (a, b) => a !== b,
};

const LONGEST = 500;

/** Throws ConditionError. */
export function readCondition(text: string, l10n: L10n = ENGLISH): Condition {
  if (text.length > LONGEST)
    throw new ConditionError(
      l10n.t("a condition may have {0} characters, this has {1}", LONGEST, text.length),
    );
  let syntax: Expression;
  try {
    syntax = parseExpressionAt(text, 0, { ecmaVersion: 2023 });
  } catch (error) {
    throw new ConditionError(l10n.t('"{0}" is not an expression: {1}', text, (error as Error).message));
  }
  if (text.slice(syntax.end).trim() !== "")
    throw new ConditionError(l10n.t('"{0}" goes on after its end: {1}', text, text.slice(syntax.end).trim()));
  const compute = compile(syntax, text, l10n);
  return (facts) => Boolean(compute(facts));
}

type Compute = (facts: Facts) => Plain;

function compile(syntax: Syntax, text: string, l10n: L10n): Compute {
  const node = syntax as Expression;
  const written = text.slice(node.start, node.end);
  const refuse = (why: string): never => {
    throw new ConditionError(why);
  };
  switch (node.type) {
    case "ParenthesizedExpression":
      return compile(node.expression, text, l10n);
    case "Literal": {
      const { value } = node;
      if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
        return () => value;
      return refuse(l10n.t('"{0}" is neither a number, a text nor true or false', written));
    }
    case "Identifier": {
      const name = FACTS.find((fact) => fact === node.name);
      if (name === undefined)
        return refuse(
          l10n.t('"{0}" is not known here: a condition may speak of {1}', written, FACTS.join(", ")),
        );
      return (facts) => facts[name];
    }
    case "UnaryExpression": {
      const of = compile(node.argument, text, l10n);
      if (node.operator === "!") return (facts) => !of(facts);
      if (node.operator === "-") return (facts) => -Number(of(facts));
      return refuse(l10n.t('"{0}" is not allowed: only - and ! may stand before a value', written));
    }
    case "BinaryExpression": {
      const [left, right] = [compile(node.left, text, l10n), compile(node.right, text, l10n)];
      const arithmetic = Object.hasOwn(ARITHMETIC, node.operator) ? ARITHMETIC[node.operator] : undefined;
      if (arithmetic !== undefined) return (facts) => arithmetic(Number(left(facts)), Number(right(facts)));
      const comparison = Object.hasOwn(COMPARISONS, node.operator) ? COMPARISONS[node.operator] : undefined;
      if (comparison !== undefined) return (facts) => comparison(left(facts), right(facts));
      return refuse(l10n.t('"{0}" is not allowed: write {1}', written, "< <= > >= == != + - * / % **"));
    }
    case "LogicalExpression": {
      const [left, right] = [compile(node.left, text, l10n), compile(node.right, text, l10n)];
      if (node.operator === "&&") return (facts) => Boolean(left(facts)) && Boolean(right(facts));
      if (node.operator === "||") return (facts) => Boolean(left(facts)) || Boolean(right(facts));
      return refuse(l10n.t('"{0}" is not allowed: write && or ||', written));
    }
    case "CallExpression": {
      const { callee } = node;
      const run =
        callee.type === "Identifier" && Object.hasOwn(FUNCTIONS, callee.name)
          ? FUNCTIONS[callee.name]
          : undefined;
      if (run === undefined)
        return refuse(
          l10n.t('"{0}" is not allowed: the functions are {1}', written, Object.keys(FUNCTIONS).join(", ")),
        );
      const args = node.arguments.map((arg) => compile(arg, text, l10n));
      return (facts) => run(...args.map((arg) => Number(arg(facts))));
    }
    default:
      return refuse(l10n.t('"{0}" is not allowed in a condition', written));
  }
}

/** What is known of a step when it begins: of the gradient that its rule received. */
export function factsOf(trace: Trace, step: Step, index: number): Facts {
  const node = trace.nodes[step.node];
  const values = step.upstream.filter((value): value is Value => value !== null);
  const each = values.map(statisticsOf);
  const number = (x: unknown): number => Number(x);
  const all = (pick: (s: (typeof each)[number]) => unknown): number[] => each.map((s) => number(pick(s)));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);
  const [min, max] = [Math.min(...all((s) => s.min)), Math.max(...all((s) => s.max))];
  const size = sum(values.map(({ shape }) => numel(shape)));
  const norms = all((s) => s.norm);
  return {
    norm: norms.length === 1 ? (norms[0] as number) : Math.hypot(...norms),
    min,
    max,
    absmax: Math.max(Math.abs(min), Math.abs(max)),
    mean: sum(all((s) => s.mean)) / each.length,
    std: Math.max(...all((s) => s.std)),
    nan: sum(all((s) => s.nans)),
    inf: sum(all((s) => s.infinities)),
    zero: sum(all((s) => s.zeros)),
    size,
    step: index + 1,
    line: node?.range == null ? 0 : node.range.start.line + 1,
    node: node?.name ?? "",
    op: node?.op ?? "",
    module: node?.module ?? "",
    code: sourceText(trace, node?.range ?? null) ?? "",
  };
}

/** A breakpoint: at one node, or wherever its condition holds. */
export interface Breakpoint {
  /** null: any node. */
  readonly node: number | null;
  /** null: always. */
  readonly condition: string | null;
}

/** The nodes of a pass at which one of the breakpoints stops. A condition that cannot be read stops nowhere. */
export function stopsIn(
  trace: Trace,
  backward: number,
  breakpoints: readonly Breakpoint[],
): ReadonlySet<number> {
  const stops = new Set<number>();
  const conditional: { node: number | null; holds: Condition }[] = [];
  for (const { node, condition } of breakpoints) {
    if (condition === null) {
      if (node !== null) stops.add(node);
      continue;
    }
    try {
      conditional.push({ node, holds: readCondition(condition) });
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
    }
  }
  if (conditional.length === 0) return stops;
  trace.backwards[backward]?.steps.forEach((step, index) => {
    if (stops.has(step.node)) return;
    const mine = conditional.filter(({ node }) => node === null || node === step.node);
    if (mine.length === 0) return;
    const facts = factsOf(trace, step, index);
    if (mine.some(({ holds }) => holds(facts))) stops.add(step.node);
  });
  return stops;
}
