/**
 * The local rules: a formula's text is parsed once and evaluated by calling ops of the same table, so what is
 * shown is what runs, and it can be differentiated again.
 *
 * The language is JavaScript's expressions, read as PyTorch's: `* / + - **` and comparisons on tensors call
 * ops, `x.f(a)` and `f(x, a)` call the op f, `c ? a : b` decides on plain values, `[a, b]` is a list.
 */
import { type CallExpression, type Expression, parseExpressionAt, type Node as Syntax } from "acorn";
import { fail } from "./errors.ts";
import { pythonText } from "./literal.ts";
import { Scalar } from "./schema.ts";
import { Tensor } from "./tensor.ts";

export type FormulaValue = Tensor | Scalar | number | boolean | string | null | readonly FormulaValue[];
export type CallOp = (op: string, args: readonly FormulaValue[]) => FormulaValue;

/** What a formula reads of an input without needing its numbers: saved as plain values. */
const METAS: { readonly [name: string]: (t: Tensor) => FormulaValue } = {
  sizes: (t) => [...t.shape],
  strides: (t) => [...t.strides],
  offset: (t) => t.offset,
  numel: (t) => t.numel,
  dim: (t) => t.shape.length,
  scalar_type: (t) => t.dtype,
};

/** What a formula may compute of plain values besides arithmetic; of tensors, the op of that name does. */
const PLAIN: { readonly [name: string]: (...args: readonly FormulaValue[]) => FormulaValue } = {
  /** How many elements a reduction over `dim` takes together. */
  count: (sizes, dim) => {
    const shape = sizes as readonly number[];
    const dims =
      dim === null || (dim as readonly number[]).length === 0
        ? shape.map((_, i) => i)
        : (dim as readonly number[]);
    return dims.reduce((n, d) => n * (shape.at(d) ?? 1), 1);
  },
  /** How long each of several tensors is along `dim`; -1 for an empty list of numbers, which `cat` passes over. */
  lengths: (sizes, dim) =>
    (sizes as readonly (readonly number[])[]).map((shape) =>
      shape.length === 1 && shape[0] === 0 ? -1 : (shape.at(asNumber(dim)) ?? 1),
    ),
  /** Does a matrix lie in memory column by column? */
  column_major: (sizes, strides) => {
    const [rows] = sizes as readonly number[];
    const [down, across] = strides as readonly number[];
    return down === 1 && across === rows;
  },
  not_implemented: (name) => fail(`derivative for ${name} is not implemented`),
  log: (x) => new Scalar(Math.log(asNumber(x)), "float"),
};

/** `self.sizes()` of an input: the term as written, and how to get it when the op runs. */
export interface MetaTerm {
  readonly term: string;
  readonly input: string;
  readonly read: (value: Tensor | readonly Tensor[]) => FormulaValue;
}

export interface EvaluatedTerm {
  readonly start: number;
  readonly end: number;
  readonly value: FormulaValue;
}

export interface Evaluation {
  /** The text that ran: the branch taken where the formula chooses on plain values. */
  readonly text: string;
  readonly value: FormulaValue;
  /** Sub-expressions, by offsets into `text`. */
  readonly terms: readonly EvaluatedTerm[];
}

interface Frame {
  readonly names: ReadonlyMap<string, FormulaValue>;
  readonly call: CallOp;
  readonly terms: EvaluatedTerm[];
}

const OPERATORS: { readonly [operator: string]: string } = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "**": "pow",
  ">": "gt",
  ">=": "ge",
  "<": "lt",
  "<=": "le",
  "==": "eq",
  "!=": "ne",
  "&": "logical_and",
  "|": "logical_or",
};

export class Formula {
  /** Names that are read as values: inputs, `grad`, `grads`, `result`. */
  readonly names: ReadonlySet<string>;
  readonly metas: readonly MetaTerm[];
  private readonly syntax: Expression;

  /** `inputs`: the names of the op's arguments; `doubles`: those whose ints take part as floats. */
  constructor(
    readonly text: string,
    inputs: ReadonlySet<string>,
    private readonly doubles: readonly string[] = [],
  ) {
    this.syntax = parseExpressionAt(text, 0, { ecmaVersion: 2023 });
    if (text.slice(this.syntax.end).trim() !== "")
      throw new SyntaxError(`formula "${text}" goes on after its end`);
    const names = new Set<string>();
    const metas = new Map<string, MetaTerm>();
    this.survey(this.syntax, inputs, names, metas);
    this.names = names;
    this.metas = [...metas.values()];
  }

  evaluate(names: ReadonlyMap<string, FormulaValue>, call: CallOp): Evaluation {
    const frame: Frame = { names, call, terms: [] };
    let chosen = this.syntax;
    while (chosen.type === "ConditionalExpression") {
      const test = this.value(chosen.test, frame);
      chosen = truth(test) ? chosen.consequent : chosen.alternate;
    }
    frame.terms.length = 0;
    const value = this.value(chosen, frame);
    const shift = chosen.start;
    return {
      text: this.text.slice(chosen.start, chosen.end),
      value,
      terms: frame.terms.map((t) => ({ start: t.start - shift, end: t.end - shift, value: t.value })),
    };
  }

  private metaOf(
    node: Syntax,
    inputs?: ReadonlySet<string>,
  ): { input: string; name: string; term: string } | null {
    if (node.type !== "CallExpression") return null;
    const { callee, arguments: args } = node as CallExpression;
    if (callee.type !== "MemberExpression" || callee.computed || args.length > 0) return null;
    if (callee.object.type !== "Identifier" || callee.property.type !== "Identifier") return null;
    const { name } = callee.property;
    const input = callee.object.name;
    if (!Object.hasOwn(METAS, name) || (inputs !== undefined && !inputs.has(input))) return null;
    return { input, name, term: `${input}.${name}()` };
  }

  private survey(
    node: Syntax,
    inputs: ReadonlySet<string>,
    names: Set<string>,
    metas: Map<string, MetaTerm>,
  ): void {
    const meta = this.metaOf(node, inputs);
    if (meta !== null) {
      const read = METAS[meta.name] as (t: Tensor) => FormulaValue;
      metas.set(meta.term, {
        term: meta.term,
        input: meta.input,
        read: (value) => (value instanceof Tensor ? read(value) : value.map(read)),
      });
      return;
    }
    for (const child of children(node)) this.survey(child, inputs, names, metas);
    if (node.type === "Identifier") names.add((node as Syntax & { name: string }).name);
  }

  private value(node: Syntax, frame: Frame): FormulaValue {
    const expression = node as Expression;
    switch (expression.type) {
      case "Literal": {
        const { value, raw = "" } = expression;
        if (typeof value === "number") return new Scalar(value, /[.e]/.test(raw) ? "float" : "int");
        if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
        break;
      }
      case "Identifier": {
        const value = this.noted(node, this.lookUp(expression.name, frame), frame);
        return value instanceof Scalar && this.doubles.includes(expression.name)
          ? new Scalar(value.number, "float")
          : value;
      }
      case "ArrayExpression":
        return expression.elements.map((element) => this.value(element as Syntax, frame));
      case "UnaryExpression": {
        const value = this.value(expression.argument, frame);
        if (expression.operator === "!") return !truth(value);
        if (expression.operator === "-")
          return value instanceof Tensor ? frame.call("neg", [value]) : plainScalar(0, "-", value);
        break;
      }
      case "BinaryExpression":
        return this.binary(
          expression.operator,
          this.value(expression.left, frame),
          this.value(expression.right, frame),
          frame,
        );
      case "LogicalExpression": {
        const left = this.value(expression.left, frame);
        if (expression.operator === "&&") return truth(left) ? this.value(expression.right, frame) : left;
        if (expression.operator === "||") return truth(left) ? left : this.value(expression.right, frame);
        break;
      }
      case "ConditionalExpression":
        return truth(this.value(expression.test, frame))
          ? this.value(expression.consequent, frame)
          : this.value(expression.alternate, frame);
      case "MemberExpression": {
        if (!expression.computed) break;
        const list = this.value(expression.object, frame);
        const i = asNumber(this.value(expression.property, frame));
        if (!Array.isArray(list)) break;
        return this.noted(node, (list as readonly FormulaValue[])[i] ?? null, frame);
      }
      case "CallExpression":
        return this.noted(node, this.callOf(expression, frame), frame);
      case "ParenthesizedExpression":
        return this.value(expression.expression, frame);
    }
    throw new SyntaxError(
      `formula "${this.text}": ${node.type} at ${node.start} is not part of the formula language`,
    );
  }

  private callOf(expression: CallExpression, frame: Frame): FormulaValue {
    const meta = this.metaOf(expression);
    if (meta !== null) {
      const saved = frame.names.get(meta.term);
      if (saved !== undefined) return saved;
      const live = this.lookUp(meta.input, frame);
      const read = METAS[meta.name] as (t: Tensor) => FormulaValue;
      if (live instanceof Tensor) return read(live);
    }
    const args = expression.arguments.map((argument) => this.value(argument as Syntax, frame));
    const { callee } = expression;
    if (
      callee.type === "Identifier" &&
      Object.hasOwn(PLAIN, callee.name) &&
      !args.some((arg) => arg instanceof Tensor)
    )
      return (PLAIN[callee.name] as (typeof PLAIN)[string])(...args);
    if (callee.type === "Identifier") return frame.call(callee.name, args);
    if (callee.type === "MemberExpression" && callee.property.type === "Identifier")
      return frame.call(callee.property.name, [this.value(callee.object, frame), ...args]);
    throw new SyntaxError(`formula "${this.text}": only "f(x)" and "x.f()" can be called`);
  }

  private lookUp(name: string, frame: Frame): FormulaValue {
    const value = frame.names.get(name);
    if (value === undefined) throw new ReferenceError(`formula "${this.text}" has no "${name}"`);
    return value;
  }

  private noted(node: Syntax, value: FormulaValue, frame: Frame): FormulaValue {
    frame.terms.push({ start: node.start, end: node.end, value });
    return value;
  }

  private binary(operator: string, left: FormulaValue, right: FormulaValue, frame: Frame): FormulaValue {
    const op = OPERATORS[operator];
    if (op === undefined) throw new SyntaxError(`formula "${this.text}": no operator ${operator}`);
    // An optional input may be asked whether it was given.
    if ((left === null || right === null) && (operator === "==" || operator === "!="))
      return (left === right) === (operator === "==");
    if (left instanceof Tensor)
      return frame.call(op, [left, right instanceof Tensor ? right : asScalar(right)]);
    if (!(right instanceof Tensor)) return plainScalar(left, operator, right);
    // As PyTorch's C++ operators do for a number on the left.
    if (operator === "+" || operator === "*") return frame.call(op, [right, left]);
    if (operator === "-") return frame.call("sub", [left, right]);
    if (operator === "/") return frame.call("mul", [frame.call("reciprocal", [right]), left]);
    if (operator === "**") return frame.call("pow", [left, right]);
    throw new SyntaxError(`formula "${this.text}": put the tensor on the left of ${operator}`);
  }
}

function children(node: Syntax): readonly Syntax[] {
  const n = node as Expression;
  switch (n.type) {
    case "ArrayExpression":
      return n.elements as readonly Syntax[];
    case "UnaryExpression":
      return [n.argument];
    case "BinaryExpression":
    case "LogicalExpression":
      return [n.left, n.right];
    case "ConditionalExpression":
      return [n.test, n.consequent, n.alternate];
    case "MemberExpression":
      return n.computed ? [n.object, n.property] : [n.object];
    case "CallExpression":
      return [...(n.callee.type === "Identifier" ? [] : [n.callee]), ...n.arguments];
    case "ParenthesizedExpression":
      return [n.expression];
    default:
      return [];
  }
}

function truth(value: FormulaValue): boolean {
  if (value instanceof Tensor)
    throw new TypeError("a formula can only decide on plain values, not on a tensor");
  if (value instanceof Scalar) return value.number !== 0;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

export function asNumber(value: FormulaValue): number {
  if (value instanceof Scalar) return value.number;
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  throw new TypeError(`expected a plain number in a formula, but got ${formulaText(value)}`);
}

export function asScalar(value: FormulaValue): Scalar {
  if (value instanceof Scalar) return value;
  if (typeof value === "boolean") return new Scalar(value ? 1 : 0, "bool");
  const n = asNumber(value);
  return new Scalar(n, Number.isInteger(n) ? "int" : "float");
}

/** Arithmetic of two plain values, with Python's kinds. */
function plainScalar(left: FormulaValue, operator: string, right: FormulaValue): FormulaValue {
  if (operator === "==" && (typeof left === "string" || left === null || right === null))
    return left === right;
  if (operator === "!=" && (typeof left === "string" || left === null || right === null))
    return left !== right;
  const [a, b] = [asScalar(left), asScalar(right)];
  const [x, y] = [a.number, b.number];
  const kind = a.kind === "float" || b.kind === "float" || operator === "/" ? "float" : "int";
  switch (operator) {
    case "+":
      return new Scalar(x + y, kind);
    case "-":
      return new Scalar(x - y, kind);
    case "*":
      return new Scalar(x * y, kind);
    case "/":
      return new Scalar(x / y, kind);
    case "**":
      return new Scalar(x ** y, kind);
    case ">":
      return x > y;
    case ">=":
      return x >= y;
    case "<":
      return x < y;
    case "<=":
      return x <= y;
    case "==":
      return x === y;
    case "!=":
      return x !== y;
    default:
      throw new SyntaxError(`no operator ${operator} on plain values`);
  }
}

/** A plain value as Python writes it. */
export function formulaText(value: FormulaValue): string {
  if (value instanceof Tensor) return `tensor of shape ${pythonText(value.shape)}`;
  return pythonText(value);
}
