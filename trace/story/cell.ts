/** One number of a gradient and how it came about: a small tree over elements of the tensors that took part. */
import type { Binary } from "../tree.ts";

export type Cell =
  /** An element of a tensor that the formula names. */
  | {
      readonly kind: "element";
      readonly term: string;
      readonly at: readonly number[];
      readonly flat: number;
      readonly value: number;
    }
  /** A number of the rule itself. */
  | { readonly kind: "number"; readonly value: number }
  /** A number that was worked out on the way and has a name of its own: a mean, a standard deviation. */
  | { readonly kind: "named"; readonly name: string; readonly from: readonly Cell[]; readonly value: number }
  | {
      readonly kind: "binary";
      readonly operator: Binary;
      readonly left: Cell;
      readonly right: Cell;
      readonly value: number;
    }
  | { readonly kind: "call"; readonly name: string; readonly of: Cell; readonly value: number }
  | { readonly kind: "sum"; readonly terms: readonly Cell[]; readonly value: number }
  /** One of two was chosen, because the test holds or does not. */
  | {
      readonly kind: "chosen";
      readonly test: Cell;
      readonly holds: boolean;
      readonly of: Cell;
      readonly value: number;
    }
  /** Nothing came from anywhere: a place that the forward op did not take. */
  | { readonly kind: "nothing"; readonly value: 0 };

export const NOTHING: Cell = { kind: "nothing", value: 0 };
export const number = (value: number): Cell => ({ kind: "number", value });

export function binary(operator: Binary, left: Cell, right: Cell): Cell {
  return { kind: "binary", operator, left, right, value: BINARY[operator](left.value, right.value) };
}

export const BINARY: Readonly<Record<Binary, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "&": (a, b) => Number(a !== 0 && b !== 0),
  "|": (a, b) => Number(a !== 0 || b !== 0),
};

/** A sum of what is there; one term is that term, none is nothing. */
export function sum(terms: readonly Cell[]): Cell {
  const some = terms.filter((term) => term.kind !== "nothing");
  if (some.length === 0) return NOTHING;
  if (some.length === 1) return some[0] as Cell;
  return { kind: "sum", terms: some, value: some.reduce((total, { value }) => total + value, 0) };
}

export function chosen(test: Cell, yes: Cell, no: Cell): Cell {
  const holds = test.value !== 0;
  const of = holds ? yes : no;
  return { kind: "chosen", test, holds, of, value: of.value };
}

export const named = (name: string, value: number, from: readonly Cell[] = []): Cell => ({
  kind: "named",
  name,
  from,
  value,
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The slope of the logarithm of the gamma function: raised until the asymptotic series holds. */
function digamma(x: number): number {
  if (x <= 0) return Number.isInteger(x) ? Number.NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
  if (x < 8) return digamma(x + 1) - 1 / x;
  const y = 1 / (x * x);
  return Math.log(x) - 1 / (2 * x) - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240))));
}

/** What a formula may call on one number. */
export const UNARY: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid,
  abs: Math.abs,
  sgn: Math.sign,
  sign: Math.sign,
  square: (x) => x * x,
  expm1: Math.expm1,
  log1p: Math.log1p,
  isnan: (x) => Number(Number.isNaN(x)),
  isfinite: (x) => Number(Number.isFinite(x)),
  floor: Math.floor,
  trunc: Math.trunc,
  digamma,
  logical_not: (x) => Number(x === 0),
};

export function call(name: string, of: Cell): Cell {
  const compute = UNARY[name];
  if (compute === undefined) throw new RangeError(`no function ${name} of one number`);
  return { kind: "call", name, of, value: compute(of.value) };
}

export interface Taking {
  /** The name that the formula uses. */
  readonly term: string;
  /** Places in it, row-major. */
  readonly flat: readonly number[];
}

/** The elements that take part, by the tensor that they are of. */
export function takingPart(cell: Cell): Taking[] {
  const found = new Map<string, Set<number>>();
  const visit = (one: Cell): void => {
    switch (one.kind) {
      case "element": {
        const flats = found.get(one.term) ?? new Set();
        found.set(one.term, flats.add(one.flat));
        return;
      }
      case "binary":
        visit(one.left);
        visit(one.right);
        return;
      case "call":
        visit(one.of);
        return;
      case "sum":
        one.terms.forEach(visit);
        return;
      case "named":
        one.from.forEach(visit);
        return;
      case "chosen":
        visit(one.test);
        visit(one.of);
    }
  };
  visit(cell);
  return [...found].map(([term, flats]) => ({ term, flat: [...flats].sort((a, b) => a - b) }));
}
