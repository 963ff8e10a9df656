/** The story of an element as mathematics: with the names of what took part, and with its numbers. */
import { formatElement } from "../format.ts";
import { elementText } from "../formula.ts";
import { mathOf, minus, symbol, type Writer } from "../math.ts";
import type { MathTree, Role } from "../mathtree.ts";
import type { Phrases } from "../spelled.ts";
import type { Tree } from "../tree.ts";
import type { Cell } from "./cell.ts";

export interface WrittenStory {
  readonly names: MathTree;
  readonly numbers: MathTree;
  /** Why one way was taken and not another: `0 > 0`, and whether it holds. */
  readonly because: readonly {
    readonly names: MathTree;
    readonly numbers: MathTree;
    readonly holds: boolean;
  }[];
}

/** What an element is called and how it is coloured. */
export interface Called {
  name(term: string): string;
  role(term: string): Role;
}

/** Terms of a sum that are written out. */
const TERMS = 6;

export function writeStory(cell: Cell, called: Called): WrittenStory {
  const reasons: Extract<Cell, { kind: "chosen" }>[] = [];
  const collect = (one: Cell): void => {
    if (one.kind === "chosen") {
      reasons.push(one);
      collect(one.of);
    } else if (one.kind === "binary") {
      collect(one.left);
      collect(one.right);
    } else if (one.kind === "sum") for (const term of one.terms.slice(0, TERMS)) collect(term);
  };
  collect(cell);
  return {
    names: written(cell, called, "names"),
    numbers: written(cell, called, "numbers"),
    because: reasons.slice(0, 2).map(({ test, holds }) => ({
      names: written(test, called, "names"),
      numbers: written(test, called, "numbers"),
      holds,
    })),
  };
}

function written(cell: Cell, called: Called, as: "names" | "numbers"): MathTree {
  const leaves: Cell[] = [];
  const leaf = (one: Cell): Tree => ({ kind: "name", name: `#${leaves.push(one) - 1}`, start: 0, end: 0 });
  const write: Writer = (tree) => {
    if (tree.kind !== "name") return null;
    if (tree.name === MORE) return { math: symbol("⋯", "operator"), binds: 10 };
    const one = leaves[Number(tree.name.slice(1))];
    return one === undefined ? null : leafMath(one, called, as);
  };
  return mathOf(treeOf(cell, leaf), write, NO_PHRASES);
}

/** An element's story calls nothing that is spelled out. */
const NO_PHRASES: Phrases = {
  when: "",
  otherwise: "",
  windows: "",
  sameRow: "",
  taken: "",
  largest: "",
  target: "",
};
const MORE = "#more";

function treeOf(cell: Cell, leaf: (cell: Cell) => Tree): Tree {
  const here = { start: 0, end: 0 };
  switch (cell.kind) {
    case "binary":
      return {
        kind: "binary",
        operator: cell.operator,
        left: treeOf(cell.left, leaf),
        right: treeOf(cell.right, leaf),
        ...here,
      };
    case "call":
      return cell.name === "neg"
        ? { kind: "negate", of: treeOf(cell.of, leaf), ...here }
        : { kind: "call", name: cell.name, args: [treeOf(cell.of, leaf)], method: false, ...here };
    case "chosen":
      return treeOf(cell.of, leaf);
    case "sum": {
      const shown = cell.terms.length > TERMS ? cell.terms.slice(0, TERMS - 1) : cell.terms;
      const terms = shown.map((term) => treeOf(term, leaf));
      if (shown.length < cell.terms.length) terms.push({ kind: "name", name: MORE, ...here });
      return terms.reduce((left, right) => ({ kind: "binary", operator: "+", left, right, ...here }));
    }
    default:
      return leaf(cell);
  }
}

function leafMath(cell: Cell, called: Called, as: "names" | "numbers"): ReturnType<Writer> {
  const number = minus(formatElement(elementOf(cell.value), "float64"));
  const binds = number.startsWith("−") ? 6 : 10;
  switch (cell.kind) {
    case "element": {
      const role = called.role(cell.term);
      if (as === "numbers") return { math: symbol(number, "number", role), binds };
      const name = called.name(cell.term);
      return { math: symbol(elementText(name, cell.at), "code", role), binds: 10 };
    }
    case "named":
      return as === "numbers"
        ? { math: symbol(number, "number"), binds }
        : { math: symbol(cell.name, "name"), binds: 10 };
    default:
      return { math: symbol(number, "number"), binds };
  }
}

const elementOf = (x: number): number | "NaN" | "Infinity" | "-Infinity" =>
  Number.isFinite(x) ? x : (String(x) as "NaN" | "Infinity" | "-Infinity");
