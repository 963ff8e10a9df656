/** A formula's text as a tree. The language is that of the local rules: JavaScript's expressions, read as PyTorch's. */
import { type Expression as JsExpression, parseExpressionAt, type Node as Syntax } from "acorn";

interface Placed {
  /** Offsets into the formula's text. */
  readonly start: number;
  readonly end: number;
}

export type Binary = "+" | "-" | "*" | "/" | "**" | "<" | "<=" | ">" | ">=" | "==" | "!=" | "&" | "|";

export type Tree = Placed &
  (
    | { readonly kind: "name"; readonly name: string }
    /** A number, a text or `true`, `false`, `null`. */
    | { readonly kind: "literal"; readonly value: number | string | boolean | null }
    | { readonly kind: "negate"; readonly of: Tree }
    | { readonly kind: "binary"; readonly operator: Binary; readonly left: Tree; readonly right: Tree }
    /** `x.f(a)` and `f(x, a)` are the same call; `method` says how it was written. */
    | {
        readonly kind: "call";
        readonly name: string;
        readonly args: readonly Tree[];
        readonly method: boolean;
      }
    | { readonly kind: "choice"; readonly test: Tree; readonly yes: Tree; readonly no: Tree }
    | { readonly kind: "list"; readonly items: readonly Tree[] }
    /** `tensors[0]` */
    | { readonly kind: "item"; readonly of: Tree; readonly at: number }
  );

const OPERATORS: ReadonlySet<string> = new Set<Binary>([
  "+",
  "-",
  "*",
  "/",
  "**",
  "<",
  "<=",
  ">",
  ">=",
  "==",
  "!=",
  "&",
  "|",
]);

const trees = new Map<string, Tree | null>();

/** The tree of a formula; null where it is not of the language. Each text is parsed once. */
export function treeOf(formula: string): Tree | null {
  let tree = trees.get(formula);
  if (tree === undefined) {
    try {
      const syntax = parseExpressionAt(formula, 0, { ecmaVersion: 2023 });
      tree = formula.slice(syntax.end).trim() === "" ? read(syntax) : null;
    } catch {
      tree = null;
    }
    trees.set(formula, tree);
  }
  return tree;
}

class Unreadable extends Error {}

function read(syntax: Syntax): Tree {
  const { start, end } = syntax;
  const node = syntax as JsExpression;
  switch (node.type) {
    case "ParenthesizedExpression":
      return read(node.expression);
    case "Identifier":
      return { kind: "name", name: node.name, start, end };
    case "Literal": {
      const { value } = node;
      if (value === null || ["number", "string", "boolean"].includes(typeof value))
        return { kind: "literal", value: value as number | string | boolean | null, start, end };
      break;
    }
    case "UnaryExpression":
      if (node.operator === "-") return { kind: "negate", of: read(node.argument), start, end };
      // Only of flags.
      if (node.operator === "!") {
        const no: Tree = { kind: "literal", value: false, start: end, end };
        return { kind: "binary", operator: "==", left: read(node.argument), right: no, start, end };
      }
      break;
    case "BinaryExpression": {
      const operator = node.operator as Binary;
      if (OPERATORS.has(operator))
        return { kind: "binary", operator, left: read(node.left), right: read(node.right), start, end };
      break;
    }
    case "LogicalExpression":
      if (node.operator !== "??")
        return {
          kind: "binary",
          operator: node.operator === "&&" ? "&" : "|",
          left: read(node.left),
          right: read(node.right),
          start,
          end,
        };
      break;
    case "ConditionalExpression":
      return {
        kind: "choice",
        test: read(node.test),
        yes: read(node.consequent),
        no: read(node.alternate),
        start,
        end,
      };
    case "ArrayExpression":
      return {
        kind: "list",
        items: node.elements.map((item) => (item === null ? fail() : read(item))),
        start,
        end,
      };
    case "MemberExpression": {
      const { property } = node;
      if (node.computed && property.type === "Literal" && typeof property.value === "number")
        return { kind: "item", of: read(node.object), at: property.value, start, end };
      break;
    }
    case "CallExpression": {
      const { callee } = node;
      const args = node.arguments.map(read);
      if (callee.type === "Identifier")
        return { kind: "call", name: callee.name, args, method: false, start, end };
      if (callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier")
        return {
          kind: "call",
          name: callee.property.name,
          args: [read(callee.object), ...args],
          method: true,
          start,
          end,
        };
    }
  }
  return fail();
}

function fail(): never {
  throw new Unreadable();
}
