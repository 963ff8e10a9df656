/** The arithmetic of a rule as mathematics, three times: in the source's names, with the numbers put in, and as shapes. */
import { formatShape } from "./format.ts";
import type { L10n } from "./l10n.ts";
import { fromSource, fromValue, isWrittenOut, mathOf, symbol, type Writer } from "./math.ts";
import type { MathTree, Role } from "./mathtree.ts";
import type { Downstream, Node, Term, Trace, Value } from "./schema.ts";
import type { Phrases } from "./spelled.ts";
import { termName } from "./terms.ts";
import { type Tree, treeOf } from "./tree.ts";

export interface Typeset {
  readonly names: MathTree;
  /** null where a tensor that takes part is too large to be written out, or where nothing was recorded. */
  readonly numbers: MathTree | null;
  /** null where everything is a single number. */
  readonly shapes: MathTree | null;
}

/** `arithmetic`: a text in the names of the formula that ran for `sent`. null where it cannot be read. */
export function typeset(
  trace: Trace,
  node: Node,
  arithmetic: string,
  sent: Downstream | null,
  l10n: L10n,
): Typeset | null {
  const tree = treeOf(arithmetic);
  if (tree === null) return null;
  const words = phrases(l10n);
  const text = (part: Tree): string => arithmetic.slice(part.start, part.end);
  const role = (part: Tree): Role => roleOf(node, text(part));
  const names: Writer = (part) => {
    const piece = pieceOf(trace, node, part, sent, names);
    if (piece !== null) return piece;
    if (isGradient(part)) return { math: symbol(text(part), "code", { kind: "gradient" }), binds: 10 };
    if (part.kind === "name" || part.kind === "item") {
      const name = termName(trace, node, text(part));
      return name === null ? null : fromSource(name, role(part));
    }
    return plainOf(node, text(part));
  };
  const values =
    sent === null || sent.formula === null
      ? new Map<string, Term["content"]>()
      : valuesOf(sent.formula, sent.terms);
  const put = (written: (value: Value, role: Role) => ReturnType<typeof fromValue>): Writer => {
    const write: Writer = (part) => {
      const piece = pieceOf(trace, node, part, sent, write);
      if (piece !== null) return piece;
      const content = values.get(text(part));
      const isName = part.kind === "name" || part.kind === "item";
      if (content === undefined) return isName ? null : plainOf(node, text(part));
      if (content.kind === "literal") return fromSource(literal(content.text), null);
      if (!isName) return null;
      return content.kind === "value"
        ? written(content.value, isGradient(part) ? { kind: "gradient" } : role(part))
        : null;
    };
    return write;
  };
  const used = [...namesIn(tree)].map((part) => values.get(text(part)));
  const tensors = used.flatMap((content) => (content?.kind === "value" ? [content.value] : []));
  const complete = used.every((content) => content !== undefined && content.kind !== "values");
  const shaped = tensors.length > 0 && [...tensors, sent?.value].some((value) => value?.shape.length);
  return {
    names: mathOf(tree, names, words),
    numbers:
      complete && tensors.length > 0 && tensors.every(isWrittenOut)
        ? mathOf(tree, put(fromValue), words)
        : null,
    shapes: !(complete && shaped)
      ? null
      : !isProduct(tree)
        ? listed(tree, text, (term) => termName(trace, node, term) ?? term, values, role)
        : mathOf(
            tree,
            put((value, of) => ({ math: symbol(formatShape(value.shape), "code", of), binds: 10 })),
            words,
          ),
  };
}

/** Whether shapes in the place of names say something: in sums and products of tensors they do. */
function isProduct(tree: Tree): boolean {
  switch (tree.kind) {
    case "name":
    case "literal":
      return true;
    case "negate":
      return isProduct(tree.of);
    case "binary":
      return "*+-".includes(tree.operator) && isProduct(tree.left) && isProduct(tree.right);
    case "call":
      return ["mm", "bmm", "mv", "t", "ger", "transpose"].includes(tree.name) && tree.args.every(isProduct);
    default:
      return false;
  }
}

/** `grad (3,), result (3,)`: what takes part, with its shape. */
function listed(
  tree: Tree,
  text: (part: Tree) => string,
  called: (term: string) => string,
  values: ReadonlyMap<string, Term["content"]>,
  role: (part: Tree) => Role,
): MathTree {
  const shapes = new Map<string, MathTree>();
  for (const part of namesIn(tree)) {
    const content = values.get(text(part));
    // A plain number has no shape that is worth telling.
    const isNumber = /^-?\d/.test(called(text(part)));
    if (content?.kind !== "value" || shapes.has(text(part)) || isNumber) continue;
    const of = isGradient(part) ? ({ kind: "gradient" } as const) : role(part);
    shapes.set(text(part), symbol(`${called(text(part))} ${formatShape(content.value.shape)}`, "code", of));
  }
  const items = [...shapes.values()].flatMap((shape, i) =>
    i > 0 ? [symbol(",", "operator"), shape] : [shape],
  );
  return { kind: "row", items };
}

const phrases = (l10n: L10n): Phrases => ({
  when: l10n.t("if"),
  otherwise: l10n.t("otherwise"),
  windows: l10n.t("windows"),
  sameRow: l10n.t("where it was taken"),
  taken: l10n.t("it was taken"),
  largest: l10n.t("it was the largest of its window"),
  target: l10n.t("it is the score of the target class"),
});

/** Names whose values the arithmetic uses; those whose sizes alone it asks for do not count. */
function* namesIn(tree: Tree): Generator<Tree> {
  switch (tree.kind) {
    case "name":
      yield tree;
      return;
    case "item":
      yield tree;
      return;
    case "negate":
      yield* namesIn(tree.of);
      return;
    case "binary":
      yield* namesIn(tree.left);
      yield* namesIn(tree.right);
      return;
    case "choice":
      yield* namesIn(tree.test);
      yield* namesIn(tree.yes);
      yield* namesIn(tree.no);
      return;
    case "list":
      for (const item of tree.items) yield* namesIn(item);
      return;
    case "call":
      if (isMeta(tree)) return;
      for (const arg of tree.args) yield* namesIn(arg);
  }
}

const METAS = new Set(["sizes", "strides", "offset", "numel", "dim", "scalar_type"]);
const isMeta = (tree: Tree): boolean =>
  tree.kind === "call" && tree.method && tree.args.length === 1 && METAS.has(tree.name);

function isGradient(tree: Tree): boolean {
  if (tree.kind === "item") return isGradient(tree.of);
  return tree.kind === "name" && (tree.name === "grad" || tree.name === "grads");
}

/** The operand that a term is; null for what is no operand. An only operand needs no colour to be told apart. */
function roleOf(node: Node, term: string): Role {
  const edge = node.edges.findIndex(({ input }) => input === term);
  return edge < 0 ? null : { kind: "operand", edge };
}

/** Of tensors put side by side each one's own part of the gradient: `grad[2:5]`, `grad[:, 1]`; null for another call. */
function pieceOf(
  trace: Trace,
  node: Node,
  part: Tree,
  sent: Downstream | null,
  write: Writer,
): ReturnType<Writer> {
  if (part.kind !== "call" || sent === null) return null;
  if (part.name !== "narrow_each" && part.name !== "select_each") return null;
  const whole = part.args[0] === undefined ? null : write(part.args[0]);
  const kept = node.saved.find(({ term }) => term === "dim")?.content;
  const rank = sent.value === null ? 0 : sent.value.shape.length + (part.name === "select_each" ? 1 : 0);
  const dim = kept?.kind === "literal" ? Number(kept.text) : Number.NaN;
  const axis = dim < 0 ? dim + rank : dim;
  if (whole === null || !(axis >= 0 && axis < rank)) return null;
  let at = `${sent.edge}`;
  if (part.name === "narrow_each") {
    const shapes = node.edges.map(({ tensor }) => trace.tensors[tensor ?? -1]?.shape);
    const known = shapes.slice(0, sent.edge + 1).map((shape) => shape?.[axis] ?? Number.NaN);
    const end = known.reduce((sum, length) => sum + length, 0);
    if (Number.isNaN(end)) return null;
    at = `${end - (known.at(-1) ?? 0)}:${end}`;
  }
  const index = symbol(`[${":, ".repeat(axis)}${at}]`, "code");
  return { math: { kind: "row", items: [whole.math, index] }, binds: 10 };
}

/** `self.sizes()` and its like, as the node kept them. */
function plainOf(node: Node, term: string): ReturnType<Writer> {
  const kept = node.saved.find((saved) => saved.term === term);
  return kept?.content.kind === "literal" ? fromSource(kept.content.text, null) : null;
}

function valuesOf(formula: string, terms: readonly Term[]): Map<string, Term["content"]> {
  return new Map(terms.map(({ start, end, content }) => [formula.slice(start, end), content]));
}

/** A whole number without its `.0`, as tensors are written. */
const literal = (text: string): string => text.replace(/^(-?\d+)\.0$/, "$1");
