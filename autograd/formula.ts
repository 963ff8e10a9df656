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
  rows: (t) => t.shape[0] ?? 1,
  scalar_type: (t) => t.dtype,
  argsize_0: (t) => t.shape[0] ?? 0,
  argsize_1: (t) => t.shape[1] ?? 0,
  argsize_2: (t) => t.shape[2] ?? 0,
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
  /** Of several tensors with up to two dimensions: how many, the rows and the columns of each, one after another. */
  blocks: (sizes) =>
    (sizes as readonly (readonly number[])[]).flatMap((shape) => [
      shape.length,
      shape.length === 2 ? (shape[0] as number) : 1,
      shape.at(-1) ?? 1,
    ]),
  /** Does a matrix lie in memory column by column? */
  column_major: (sizes, strides) => {
    const [rows] = sizes as readonly number[];
    const [down, across] = strides as readonly number[];
    return down === 1 && across === rows;
  },
  /** PyTorch says it in two ways: of an op without a rule, and of a rule that has no derivative. */
  not_implemented: (name) =>
    String(name).startsWith("aten::")
      ? fail(`derivative for ${name} is not implemented`)
      : fail(`the derivative for '${name}' is not implemented.`, "NotImplementedError"),
  /** The same where PyTorch says so when the pass comes to it. */
  underivable: (name) => fail(`the derivative for '${name}' is not implemented.`, "NotImplementedError"),
  /** Of one of PyTorch's own ops, which it names without their namespace. */
  no_rule: (name) => fail(`derivative for ${name} is not implemented`),
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
  /** Null where nobody asks for them. */
  readonly terms: EvaluatedTerm[] | null;
}

/** A part of a formula, made ready once. */
type Step = (frame: Frame) => FormulaValue;

/** What a formula comes to: a value, or a choice on plain values between two of them. */
type Branch =
  | { readonly test: Step; readonly yes: Branch; readonly no: Branch }
  | { readonly test: null; readonly value: Step; readonly text: string };

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
  private branch: Branch | null = null;

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

  /** `wantsTerms`: the values of the sub-expressions as well. */
  evaluate(names: ReadonlyMap<string, FormulaValue>, call: CallOp, wantsTerms = true): Evaluation {
    this.branch ??= this.branchOf(this.syntax);
    let chosen = this.branch;
    if (chosen.test !== null) {
      const asking: Frame = { names, call, terms: null };
      while (chosen.test !== null) chosen = truth(chosen.test(asking)) ? chosen.yes : chosen.no;
    }
    const terms: EvaluatedTerm[] = [];
    const value = chosen.value({ names, call, terms: wantsTerms ? terms : null });
    return { text: chosen.text, value, terms };
  }

  private branchOf(node: Expression): Branch {
    const { start, end } = node;
    if (node.type !== "ConditionalExpression")
      return { test: null, value: this.step(node, start), text: this.text.slice(start, end) };
    return {
      test: this.step(node.test, start),
      yes: this.branchOf(node.consequent),
      no: this.branchOf(node.alternate),
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

  /** `shift`: where the text begins that terms are placed in. */
  private step(node: Syntax, shift: number): Step {
    const expression = node as Expression;
    const of = (part: Syntax): Step => this.step(part, shift);
    const noted = (step: Step): Step => {
      const [start, end] = [node.start - shift, node.end - shift];
      return (frame) => {
        const value = step(frame);
        frame.terms?.push({ start, end, value });
        return value;
      };
    };
    switch (expression.type) {
      case "Literal": {
        const { value, raw = "" } = expression;
        if (typeof value === "number") {
          const scalar = new Scalar(value, /[.e]/.test(raw) ? "float" : "int");
          return () => scalar;
        }
        if (typeof value === "string" || typeof value === "boolean" || value === null) return () => value;
        break;
      }
      case "Identifier": {
        const { name } = expression;
        const found = noted((frame) => this.lookUp(name, frame));
        if (!this.doubles.includes(name)) return found;
        return (frame) => {
          const value = found(frame);
          return value instanceof Scalar ? new Scalar(value.number, "float") : value;
        };
      }
      case "ArrayExpression": {
        const elements = expression.elements.map((element) => of(element as Syntax));
        return (frame) => elements.map((element) => element(frame));
      }
      case "UnaryExpression": {
        const argument = of(expression.argument);
        if (expression.operator === "!") return (frame) => !truth(argument(frame));
        if (expression.operator === "-")
          return (frame) => {
            const value = argument(frame);
            return value instanceof Tensor ? frame.call("neg", [value]) : plainScalar(0, "-", value);
          };
        break;
      }
      case "BinaryExpression": {
        const [left, right] = [of(expression.left), of(expression.right)];
        const { operator } = expression;
        return (frame) => {
          // The right side first, as the compiler of PyTorch's own rules has it: a second pass runs in that order.
          const second = right(frame);
          return this.binary(operator, left(frame), second, frame);
        };
      }
      case "LogicalExpression": {
        const [left, right] = [of(expression.left), of(expression.right)];
        const wanted = expression.operator === "&&";
        if (!wanted && expression.operator !== "||") break;
        return (frame) => {
          const value = left(frame);
          return truth(value) === wanted ? right(frame) : value;
        };
      }
      case "ConditionalExpression": {
        const [test, yes, no] = [of(expression.test), of(expression.consequent), of(expression.alternate)];
        return (frame) => (truth(test(frame)) ? yes(frame) : no(frame));
      }
      case "MemberExpression": {
        if (!expression.computed) break;
        const [object, property] = [of(expression.object), of(expression.property)];
        return noted((frame) => {
          const list = object(frame);
          const i = asNumber(property(frame));
          if (!Array.isArray(list)) throw this.unknown(node);
          return (list as readonly FormulaValue[])[i] ?? null;
        });
      }
      case "CallExpression":
        return noted(this.stepOfCall(expression, shift));
      case "ParenthesizedExpression":
        return of(expression.expression);
    }
    throw this.unknown(node);
  }

  private unknown(node: Syntax): SyntaxError {
    return new SyntaxError(
      `formula "${this.text}": ${node.type} at ${node.start} is not part of the formula language`,
    );
  }

  private stepOfCall(expression: CallExpression, shift: number): Step {
    const called = this.stepOfOp(expression, shift);
    const meta = this.metaOf(expression);
    if (meta === null) return called;
    const read = METAS[meta.name] as (t: Tensor) => FormulaValue;
    return (frame) => {
      const saved = frame.names.get(meta.term);
      if (saved !== undefined) return saved;
      const live = this.lookUp(meta.input, frame);
      return live instanceof Tensor ? read(live) : called(frame);
    };
  }

  private stepOfOp({ callee, arguments: given }: CallExpression, shift: number): Step {
    const steps = given.map((argument) => this.step(argument as Syntax, shift));
    const args = (frame: Frame): FormulaValue[] => steps.map((step) => step(frame));
    if (callee.type === "Identifier") {
      const { name } = callee;
      const plain = Object.hasOwn(PLAIN, name) ? (PLAIN[name] as (typeof PLAIN)[string]) : null;
      return (frame) => {
        const values = args(frame);
        if (plain !== null && !values.some((value) => value instanceof Tensor)) return plain(...values);
        return frame.call(name, values);
      };
    }
    if (callee.type === "MemberExpression" && callee.property.type === "Identifier") {
      const { name } = callee.property;
      const object = this.step(callee.object, shift);
      return (frame) => {
        const values = args(frame);
        return frame.call(name, [object(frame), ...values]);
      };
    }
    throw new SyntaxError(`formula "${this.text}": only "f(x)" and "x.f()" can be called`);
  }

  private lookUp(name: string, frame: Frame): FormulaValue {
    const value = frame.names.get(name);
    if (value === undefined) throw new ReferenceError(`formula "${this.text}" has no "${name}"`);
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
