/**
 * The story of one element of a downstream gradient: which numbers made it, and how. It is worked out from what the
 * rule was given and held against what the engine computed; where the two part, no story is told.
 */
import type { Downstream, Step, Term, Value } from "../schema.ts";
import { numel } from "../shape.ts";
import { type Tree, treeOf } from "../tree.ts";
import { binary, type Cell, call, named, number, sum, type Taking, takingPart } from "./cell.ts";
import { FUNCTIONS } from "./functions.ts";
import {
  elementwise,
  everyIndex,
  flatOf,
  indexOf,
  type Lazy,
  lazy,
  map,
  type Plain,
  type Thing,
  Untold,
} from "./lazy.ts";
import { tensor as tensorOf } from "./things.ts";

/** Which tensor of a step the element is of. */
export type Stage = "rule" | "unbroadcast";

export type Story =
  | {
      readonly kind: "told";
      readonly cell: Cell;
      /** What the engine computed, as it stands in the trace. */
      readonly result: number;
      readonly taking: readonly Taking[];
    }
  /** `large`: the trace holds only a summary of what took part. `fused`: the rule is one call that is not taken apart here. */
  | { readonly kind: "untold"; readonly why: "large" | "fused" };

/** The term that the gradient before broadcasting is undone goes by. */
export const BEFORE = "before";

class Large extends Untold {}

/**
 * The story of the element at place `flat` (row-major) of what the rule gave for `sent`, or of what is left of it after
 * broadcasting is undone. `means`: the arithmetic of a formula that is one fused call.
 */
export function storyOf(
  sent: Downstream,
  means: string | null,
  input: string,
  flat: number,
  stage: Stage,
): Story {
  const value = stage === "unbroadcast" ? sent.value : (sent.unbroadcast?.before ?? sent.value);
  if (value === null) return { kind: "untold", why: "fused" };
  if (value.kind === "summary") return { kind: "untold", why: "large" };
  try {
    const of = stage === "unbroadcast" ? summed(sent) : ruled(sent, means, input);
    if (numel(of.shape) !== value.data.length) return { kind: "untold", why: "fused" };
    const cell = of.at(indexOf(of.shape, flat));
    const result = numberOf(value.data[flat]);
    if (!agrees(cell.value, result, cell, value.dtype)) return { kind: "untold", why: "fused" };
    return { kind: "told", cell, result, taking: takingPart(cell) };
  } catch (error) {
    if (error instanceof Large) return { kind: "untold", why: "large" };
    if (error instanceof Untold) return { kind: "untold", why: "fused" };
    throw error;
  }
}

/** Larger ones are not worked out whole: every element is a small tree. */
const WHOLE = 512;

/**
 * All numbers that the rule gives for `sent` as it stands, or that are left of `sent.unbroadcast.before`, row-major;
 * null where it cannot be told. Unlike a story they are held against nothing: `sent` may be one that never ran.
 */
export function numbersOf(
  sent: Downstream,
  means: string | null,
  input: string,
  stage: Stage,
): { readonly shape: readonly number[]; readonly data: readonly number[] } | null {
  try {
    const { shape, at } = stage === "unbroadcast" ? summed(sent) : ruled(sent, means, input);
    const size = numel(shape);
    if (size > WHOLE) return null;
    return { shape, data: Array.from({ length: size }, (_, flat) => at(indexOf(shape, flat)).value) };
  } catch (error) {
    if (error instanceof Untold) return null;
    throw error;
  }
}

/** Whether the rule can be told by element at all: asked before a person is invited to pick one. */
export function canTell(sent: Downstream, means: string | null, input: string): boolean {
  const value = sent.unbroadcast?.before ?? sent.value;
  return (
    value?.kind === "inline" &&
    value.data.length > 0 &&
    storyOf(sent, means, input, 0, "rule").kind === "told"
  );
}

/** The contributions to one element of what arrived at an output. */
export function joined(step: Step, outputNr: number, flat: number): readonly number[] {
  return step.arrivals.flatMap((arrival) =>
    arrival.outputNr === outputNr && arrival.value.kind === "inline"
      ? [numberOf(arrival.value.data[flat])]
      : [],
  );
}

/**
 * The branch that a text of the formula's language takes where it chooses on plain values, such as a reduction: as the
 * recorded terms of `formula` decide it; `kept` are the plain values that the node saved, by term.
 */
export function decided(
  text: string,
  formula: string,
  terms: readonly Term[],
  kept: ReadonlyMap<string, string>,
): string {
  const names = new Map<string, Thing>();
  for (const [term, literal] of kept) names.set(term, { plain: readLiteral(literal) });
  for (const [name, thing] of namesOf(formula, terms)) names.set(name, thing);
  const reader = new Reader(text, names);
  let tree = treeOf(text);
  try {
    while (tree?.kind === "choice") tree = reader.holds(tree.test) ? tree.yes : tree.no;
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
  }
  return tree === null ? text : text.slice(tree.start, tree.end);
}

function summed({ unbroadcast }: Downstream): Lazy {
  if (unbroadcast === null) throw new Untold("nothing was broadcast");
  const { before, axes, shape } = unbroadcast;
  const of = fromValue(BEFORE, before);
  const over = new Set(axes);
  const kept = before.shape.flatMap((size, d) => (over.has(d) ? [] : [size]));
  const places = everyIndex(before.shape.filter((_, d) => over.has(d)));
  return lazy(shape, (index) => {
    const rest = indexOf(kept, flatOf(shape, index));
    return sum(
      places.map((place) => {
        let [a, b] = [0, 0];
        return of.at(
          before.shape.map((_, d) => (over.has(d) ? (place[a++] as number) : (rest[b++] as number))),
        );
      }),
    );
  });
}

function ruled(sent: Downstream, means: string | null, input: string): Lazy {
  const { formula, terms } = sent;
  if (formula === null) throw new Untold("there is no formula");
  const call = treeOf(formula);
  // What is told of the call itself says more than the arithmetic that it means: where it chooses, and why.
  const text = call?.kind === "call" && Object.hasOwn(FUNCTIONS, call.name) ? formula : (means ?? formula);
  const tree = treeOf(text);
  if (tree === null) throw new Untold("the formula cannot be read");
  const thing = new Reader(text, namesOf(formula, terms)).read(tree);
  if (!("tensors" in thing)) return tensorOf(thing);
  // One rule for several inputs gives their gradients in the order in which it was given them, after the upstream one.
  const nth = /\[(\d+)\]$/.exec(input)?.[1];
  const given = tree.kind === "call" ? tree.args : [];
  const place = given.findIndex((arg) => arg.kind === "name" && arg.name === input) - 1;
  const one = thing.tensors[nth === undefined ? place : Number(nth)];
  if (one === undefined) throw new Untold("the list has no such part");
  return one;
}

function namesOf(formula: string, terms: readonly Term[]): ReadonlyMap<string, Thing> {
  const names = new Map<string, Thing>();
  for (const { start, end, content } of terms) {
    const name = formula.slice(start, end);
    if (content.kind === "value") names.set(name, { tensor: fromValue(name, content.value) });
    else if (content.kind === "values")
      names.set(name, { tensors: content.values.map((value, i) => fromValue(`${name}[${i}]`, value)) });
    else names.set(name, { plain: readLiteral(content.text) });
  }
  return names;
}

function fromValue(term: string, value: Value): Lazy {
  const of = lazy(value.shape, (at) => {
    if (value.kind === "summary") throw new Large("only a summary is here");
    const flat = flatOf(value.shape, at);
    const element = value.data[flat];
    if (element === undefined) throw new Untold("a place outside the tensor");
    return { kind: "element", term, at: [...at], flat, value: numberOf(element) };
  });
  return value.dtype === "bool" ? { ...of, mask: true } : of;
}

const numberOf = (element: unknown): number => Number(element);

/** `2`, `(2, 3)`, `[0]`, `True`, `None`, `'mean'` as Python writes them. */
export function readLiteral(text: string): Plain {
  if (text === "None") return null;
  if (text === "True" || text === "False") return text === "True";
  if (text === "inf" || text === "-inf")
    return text === "inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const list = /^[([](.*)[)\]]$/s.exec(text)?.[1];
  if (list !== undefined) {
    const parts = list.split(",").map((part) => part.trim());
    return parts.filter((part) => part !== "").map(Number);
  }
  const quoted = /^(['"])([^'"\\]*)\1$/.exec(text)?.[2];
  if (quoted !== undefined) return quoted;
  const value = Number(text);
  return text.trim() !== "" && !Number.isNaN(value) ? value : text;
}

class Reader {
  constructor(
    private readonly text: string,
    private readonly names: ReadonlyMap<string, Thing>,
  ) {}

  read(tree: Tree): Thing {
    switch (tree.kind) {
      case "name": {
        const thing = this.names.get(tree.name);
        if (thing === undefined) throw new Untold(`nobody knows what ${tree.name} was`);
        return thing;
      }
      case "literal":
        return { plain: tree.value };
      case "list":
        return { plain: tree.items.map((item) => Number(this.plain(item))) };
      case "item": {
        // Of a list that has gaps each part was recorded by itself.
        const known = this.names.get(this.text.slice(tree.start, tree.end));
        if (known !== undefined) return known;
        const thing = this.read(tree.of);
        const one = "tensors" in thing ? thing.tensors[tree.at] : undefined;
        if (one === undefined) throw new Untold("no such part");
        return { tensor: one };
      }
      case "choice":
        return this.read(this.plain(tree.test) ? tree.yes : tree.no);
      case "negate": {
        const thing = this.read(tree.of);
        if ("plain" in thing && typeof thing.plain === "number") return { plain: -thing.plain };
        return { tensor: map(tensorOf(thing), (x) => call("neg", x)) };
      }
      case "binary":
        return this.binary(tree.operator, this.read(tree.left), this.read(tree.right));
      case "call":
        return this.recorded(tree) ?? this.call(tree);
    }
  }

  /** A plain value that the engine recorded for the very words: sizes, lengths. */
  private recorded({ start, end }: Tree): Thing | null {
    const thing = this.names.get(this.text.slice(start, end));
    return thing !== undefined && "plain" in thing ? thing : null;
  }

  /** What a call within the formula gave, each number under the call's own words: it is not taken apart any further. */
  private asRecorded({ start, end, name }: Tree & { readonly name: string }): Thing {
    const words = this.text.slice(start, end);
    const thing = this.names.get(words);
    if (thing === undefined || !("tensor" in thing) || words === this.text)
      throw new Untold(`${name} is not taken apart`);
    const of = thing.tensor;
    return {
      tensor: lazy(of.shape, (at) => {
        const { value } = of.at(at);
        return named(at.length === 0 ? words : `${words}[${at.join(", ")}]`, value);
      }),
    };
  }

  private plain(tree: Tree): Plain {
    const thing = this.read(tree);
    if (!("plain" in thing)) throw new Untold("a plain value was expected");
    return thing.plain;
  }

  /** Whether the test of a choice on plain values holds. */
  holds(test: Tree): boolean {
    return Boolean(this.plain(test));
  }

  private binary(operator: Extract<Tree, { kind: "binary" }>["operator"], left: Thing, right: Thing): Thing {
    if ("plain" in left && "plain" in right) {
      const [a, b] = [left.plain, right.plain];
      if (operator === "==" || operator === "!=") return { plain: (a === b) === (operator === "==") };
      const { value } = binary(operator, number(Number(a)), number(Number(b)));
      return { plain: "<=>=|&".includes(operator) ? value !== 0 : value };
    }
    const isNone = (thing: Thing): boolean => "plain" in thing && thing.plain === null;
    if (isNone(left) || isNone(right)) return { plain: operator === "!=" };
    return { tensor: elementwise(tensorOf(left), tensorOf(right), (x, y) => binary(operator, x, y)) };
  }

  private call(tree: Extract<Tree, { kind: "call" }>): Thing {
    const { name, args } = tree;
    const [first] = args;
    const meta = first === undefined ? undefined : this.meta(name, first);
    if (meta !== undefined) return { plain: meta };
    const given = args.map((arg) => this.read(arg));
    if (name === "count") {
      const shape = (given[0] as { plain: readonly number[] }).plain;
      const dims = (given[1] as { plain: readonly number[] | null }).plain;
      const over = dims === null || dims.length === 0 ? shape.map((_, d) => d) : dims;
      return { plain: over.reduce((count, d) => count * (shape.at(d) ?? 1), 1) };
    }
    if (name === "log" && given[0] !== undefined && "plain" in given[0])
      return { plain: Math.log(Number(given[0].plain)) };
    const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    return run === undefined ? this.asRecorded(tree) : run(...given);
  }

  /** `self.sizes()` and its like: recorded where the rule asked for it, else read off the tensor. */
  private meta(name: string, of: Tree): Plain | undefined {
    if (!["sizes", "strides", "offset", "numel", "dim", "scalar_type"].includes(name) || of.kind !== "name")
      return undefined;
    const thing = this.names.get(of.name);
    if (thing === undefined || !("tensor" in thing)) return name === "scalar_type" ? null : undefined;
    const { shape } = thing.tensor;
    return name === "sizes"
      ? shape
      : name === "numel"
        ? numel(shape)
        : name === "dim"
          ? shape.length
          : undefined;
  }
}

/** How far the story's own arithmetic, in double precision, may lie from the engine's, as a share of what was added up. */
const ROUNDING: Readonly<Record<string, number>> = { float64: 1e-9, float16: 2e-2, bfloat16: 6e-2 };

function agrees(told: number, computed: number, cell: Cell, dtype: string): boolean {
  if (Object.is(told, computed) || told === computed) return true;
  if (Number.isNaN(told) || Number.isNaN(computed)) return Number.isNaN(told) && Number.isNaN(computed);
  return (
    Math.abs(told - computed) <=
    (ROUNDING[dtype] ?? 2e-4) * (weight(cell) + Math.abs(computed)) + Number.MIN_VALUE
  );
}

/** The size of what was added up: where it cancels, what is left carries the rounding of all of it. */
function weight(cell: Cell): number {
  switch (cell.kind) {
    case "binary":
      if (cell.operator === "*" || cell.operator === "/") {
        const scale = cell.operator === "*" ? Math.abs(cell.right.value) : 1 / Math.abs(cell.right.value);
        return Math.max(
          Math.abs(cell.value),
          weight(cell.left) * scale,
          cell.operator === "*" ? weight(cell.right) * Math.abs(cell.left.value) : 0,
        );
      }
      if (cell.operator === "+" || cell.operator === "-") return weight(cell.left) + weight(cell.right);
      return Math.abs(cell.value);
    case "sum":
      return cell.terms.reduce((total, term) => total + weight(term), 0);
    case "chosen":
      return weight(cell.of);
    case "call":
      return cell.name === "neg" ? weight(cell.of) : Math.abs(cell.value);
    case "named":
      return Math.max(Math.abs(cell.value), ...cell.from.slice(0, 64).map(({ value }) => Math.abs(value)));
    default:
      return Math.abs(cell.value);
  }
}
