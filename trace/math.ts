/** A formula as mathematics, before anybody draws it: what a MathML element is made from, and nothing of the DOM. */
import { formatElement, formatShape } from "./format.ts";
import { isAtomic } from "./formula.ts";
import type { MathTree, Role } from "./mathtree.ts";
import type { Value } from "./schema.ts";
import { numel } from "./shape.ts";
import { type Phrases, spelled } from "./spelled.ts";
import type { Tree } from "./tree.ts";

/** What stands for a name or a call of the formula: its words or its numbers; null lets the formula's own stand. */
export interface Written {
  readonly math: MathTree;
  /** How tightly it holds together: it goes in parentheses where what stands around it binds more tightly. */
  readonly binds: number;
}
export type Writer = (tree: Tree) => Written | null;

const ATOM = 10;
const POWER = 8;
const NEGATION = 6;
const PRODUCT = 5;
const SUM = 4;
const COMPARISON = 3;
const LOGIC = 2;
const BINDS: Readonly<Record<string, number>> = {
  "**": POWER,
  "*": PRODUCT,
  "/": PRODUCT,
  "+": SUM,
  "-": SUM,
  "&": LOGIC,
  "|": LOGIC,
};
const SIGNS: Readonly<Record<string, string>> = {
  "*": "×",
  "-": "−",
  "<=": "≤",
  ">=": "≥",
  "==": "=",
  "!=": "≠",
  "&": "and",
  "|": "or",
};
/** Calls that are written as an operator between their two arguments. */
const INFIX: Readonly<Record<string, string>> = {
  mm: "@",
  bmm: "@",
  matmul: "@",
  mv: "@",
  dot: "·",
  ger: "⊗",
  mul: "*",
  div: "/",
  sub: "-",
  add: "+",
  pow: "**",
};
const GREEK: Readonly<Record<string, string>> = { sigmoid: "σ", exp: "exp", log: "ln" };
/** Calls that change nothing that a reader of the mathematics wants to know. */
const SILENT = new Set(["to", "scalar_tensor", "unsqueeze_multiple", "unsqueeze_to"]);

export const symbol = (
  text: string,
  as: Extract<MathTree, { kind: "symbol" }>["as"] = "name",
  role: Role = null,
): MathTree => ({ kind: "symbol", as, text, role });
const operator = (text: string): MathTree => symbol(text, "operator");
const row = (...items: MathTree[]): MathTree => ({ kind: "row", items });
const fenced = (of: MathTree, open = "(", close = ")"): MathTree => ({ kind: "fenced", open, close, of });

/** The mathematics of a formula, with `write` for its names. */
export function mathOf(tree: Tree, write: Writer, words: Phrases): MathTree {
  return new Typesetter(write, words).set(tree).math;
}

class Typesetter {
  constructor(
    private readonly write: Writer,
    private readonly words: Phrases,
  ) {}

  set(tree: Tree): Written {
    const written = this.write(tree);
    if (written !== null) return written;
    switch (tree.kind) {
      case "name":
        return { math: symbol(tree.name, "code"), binds: ATOM };
      case "item":
        return { math: row(this.set(tree.of).math, symbol(`[${tree.at}]`, "code")), binds: ATOM };
      case "literal":
        return literal(tree.value);
      case "negate":
        return { math: row(operator("−"), this.within(tree.of, NEGATION)), binds: NEGATION };
      case "binary":
        return this.binary(tree.operator, tree.left, tree.right);
      case "list":
        return { math: fenced(this.listed(tree.items), "[", "]"), binds: ATOM };
      case "choice":
        return this.choice(tree.yes, tree.test, tree.no);
      case "call":
        return this.call(tree.name, tree.args);
    }
  }

  private within(tree: Tree, binds: number): MathTree {
    const set = this.set(tree);
    return set.binds < binds ? fenced(set.math) : set.math;
  }

  private binary(sign: string, left: Tree, right: Tree): Written {
    if (sign === "/")
      return {
        math: { kind: "fraction", over: this.set(left).math, under: this.set(right).math },
        binds: ATOM - 1,
      };
    if (sign === "**") return this.power(left, this.set(right).math);
    const binds = BINDS[sign] ?? (sign === "@" || sign === "·" || sign === "⊗" ? PRODUCT : COMPARISON);
    // Only sums and products may be written one after the other; what is subtracted is held together.
    const after = sign === "-" || sign === "@" || binds === COMPARISON ? binds + 1 : binds;
    return {
      math: row(this.within(left, binds), operator(SIGNS[sign] ?? sign), this.within(right, after)),
      binds,
    };
  }

  private power(base: Tree, exponent: MathTree): Written {
    return { math: { kind: "power", of: this.within(base, ATOM), exponent }, binds: POWER };
  }

  private choice(yes: Tree, test: Tree, no: Tree): Written {
    const cases = [
      { shown: this.set(yes).math, when: row(symbol(`${this.words.when} `, "word"), this.set(test).math) },
      { shown: this.set(no).math, when: symbol(this.words.otherwise, "word") },
    ];
    return { math: { kind: "cases", cases }, binds: ATOM };
  }

  private call(name: string, args: readonly Tree[]): Written {
    const [first, second, third] = args;
    const sign = INFIX[name];
    if (sign !== undefined && args.length === 2 && first !== undefined && second !== undefined)
      return this.binary(sign, first, second);
    if (first === undefined) return { math: row(symbol(name), operator("()")), binds: ATOM };
    if (SILENT.has(name)) return this.set(first);
    if (name === "where" && second !== undefined && third !== undefined)
      return this.choice(second, first, third);
    if (name === "masked_fill" && second !== undefined && third !== undefined)
      return this.choice(third, second, first);
    switch (name) {
      case "t":
        return this.power(first, symbol("T"));
      case "sqrt":
        return { math: { kind: "root", of: this.set(first).math }, binds: ATOM };
      case "rsqrt":
        return {
          math: {
            kind: "fraction",
            over: symbol("1", "number"),
            under: { kind: "root", of: this.set(first).math },
          },
          binds: ATOM - 1,
        };
      case "reciprocal":
        return {
          math: { kind: "fraction", over: symbol("1", "number"), under: this.set(first).math },
          binds: ATOM - 1,
        };
      case "exp":
        return { math: { kind: "power", of: symbol("e"), exponent: this.set(first).math }, binds: POWER };
      case "neg":
        return { math: row(operator("−"), this.within(first, NEGATION)), binds: NEGATION };
      case "abs":
        return { math: fenced(this.set(first).math, "|", "|"), binds: ATOM };
      case "zeros_like":
      case "new_zeros":
        return { math: symbol("0", "number"), binds: ATOM };
      case "ones_like":
        return { math: symbol("1", "number"), binds: ATOM };
      case "sum": {
        const over: MathTree =
          second === undefined
            ? operator("∑")
            : { kind: "below", of: operator("∑"), under: row(symbol("dim ", "word"), this.set(second).math) };
        return { math: row(over, this.within(first, PRODUCT)), binds: SUM };
      }
    }
    const spelling = spelled(
      name,
      args.map((arg) => this.within(arg, PRODUCT + 1)),
      this.words,
    );
    if (spelling !== null) return { math: spelling, binds: SUM };
    const shown = GREEK[name] ?? name;
    return {
      math: row(symbol(shown, shown === name && name !== "ln" ? "code" : "name"), fenced(this.listed(args))),
      binds: ATOM,
    };
  }

  private listed(trees: readonly Tree[]): MathTree {
    const items = trees.flatMap((tree, i) => [...(i > 0 ? [operator(",")] : []), this.set(tree).math]);
    return row(...items);
  }
}

function literal(value: number | string | boolean | null): Written {
  if (typeof value === "number")
    return {
      math: symbol(minus(formatElement(value, "float64")), "number"),
      binds: value < 0 ? NEGATION : ATOM,
    };
  const text = value === null ? "None" : value === true ? "True" : value === false ? "False" : `"${value}"`;
  return { math: symbol(text, "code"), binds: ATOM };
}

/** A word or an expression of the source. */
export function fromSource(text: string, role: Role): Written {
  const number = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(text);
  return {
    math: symbol(number ? minus(text) : text, number ? "number" : "code", role),
    binds: isAtomic(text) ? ATOM : text.startsWith("-") && isAtomic(text.slice(1)) ? NEGATION : SUM,
  };
}

/** Larger tensors are not written out among the signs of a formula. */
const MOST_ELEMENTS = 12;
const MOST_ROWS = 4;

/** Whether a tensor is written out with its numbers. */
export const isWrittenOut = (value: Value): value is Extract<Value, { kind: "inline" }> =>
  value.kind === "inline" &&
  numel(value.shape) <= MOST_ELEMENTS &&
  value.shape.length <= 2 &&
  (value.shape.length < 2 || (value.shape[0] as number) <= MOST_ROWS);

/** A tensor as a number, a row or a matrix; of what is larger, its shape. */
export function fromValue(value: Value, role: Role): Written {
  const { shape } = value;
  if (!isWrittenOut(value)) return { math: symbol(formatShape(shape), "code", role), binds: ATOM };
  const text = (i: number): string => minus(formatElement(value.data[i] as never, value.dtype));
  if (shape.length === 0) {
    const number = text(0);
    return { math: symbol(number, "number", role), binds: number.startsWith("−") ? NEGATION : ATOM };
  }
  const across = shape.at(-1) ?? 1;
  const down = shape.length === 2 ? (shape[0] as number) : 1;
  if (across === 0 || down === 0) return { math: symbol("[]", "code", role), binds: ATOM };
  const rows = Array.from({ length: down }, (_, i) =>
    Array.from({ length: across }, (_, j) => symbol(text(i * across + j), "number", role)),
  );
  return { math: { kind: "matrix", rows, role }, binds: ATOM };
}

/** The sign that typesetters use. */
export const minus = (text: string): string => text.replace(/^-/, "−");

/** The same as a line of text: for a screen reader, and to copy. */
export function textOf(math: MathTree): string {
  switch (math.kind) {
    case "row":
      return math.items.map(textOf).join("").replace(/ +/g, " ");
    case "symbol":
      return math.as === "operator" && !"(),".includes(math.text)
        ? ` ${math.text} `
        : math.text === ","
          ? ", "
          : math.text;
    case "fraction":
      return `${held(math.over)} / ${held(math.under)}`;
    case "power":
      return textOf(math.exponent) === "T"
        ? `${textOf(math.of)}ᵀ`
        : `${textOf(math.of)}^${held(math.exponent)}`;
    case "root":
      return `√(${textOf(math.of)})`;
    case "below":
      return `${textOf(math.of).trim()}[${textOf(math.under)}] `;
    case "fenced":
      return `${math.open}${textOf(math.of)}${math.close}`;
    case "matrix": {
      const rows = math.rows.map((cells) => `[${cells.map(textOf).join(", ")}]`);
      return rows.length === 1 ? (rows[0] as string) : `[${rows.join(", ")}]`;
    }
    case "cases":
      return `{ ${math.cases.map(({ shown, when }) => `${textOf(shown)} ${textOf(when)}`).join("; ")} }`;
  }
}

const held = (math: MathTree): string => {
  const text = textOf(math).trim();
  return isAtomic(text) ? text : `(${text})`;
};
