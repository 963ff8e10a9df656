/** Tensors of which only the elements that are asked for are worked out, and the moves that formulas make with them. */
import { numel } from "../shape.ts";
import { binary, type Cell, NOTHING, number, sum } from "./cell.ts";

export interface Lazy {
  readonly shape: readonly number[];
  /** Of bools: as an index it is a mask. */
  readonly mask?: boolean;
  at(index: readonly number[]): Cell;
}
export type Plain = number | string | boolean | null | readonly number[];
export type Thing =
  | { readonly tensor: Lazy }
  | { readonly plain: Plain }
  | { readonly tensors: readonly Lazy[] };

/** A formula does something that cannot be told element by element. */
export class Untold extends Error {}

export const lazy = (shape: readonly number[], at: Lazy["at"]): Lazy => ({ shape, at });

export function flatOf(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((flat, size, d) => flat * size + (index[d] ?? 0), 0);
}

export function indexOf(shape: readonly number[], flat: number): number[] {
  const index = new Array<number>(shape.length);
  let rest = flat;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d] as number;
    index[d] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}

export const axis = (dim: number, rank: number): number => (dim < 0 ? dim + rank : dim);

/** Every index of a shape; refused where a person could not read them all anyway. */
export function everyIndex(shape: readonly number[]): number[][] {
  const count = numel(shape);
  if (count > MOST) throw new Untold("too many elements take part");
  return Array.from({ length: count }, (_, i) => indexOf(shape, i));
}
const MOST = 4096;

export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const [x, y] = [a[d - rank + a.length] ?? 1, b[d - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) throw new Untold(`shapes ${a} and ${b} do not go together`);
    return x === 1 ? y : x;
  });
}

export const expand = (of: Lazy, shape: readonly number[]): Lazy =>
  lazy(
    shape.map((size, d) => (size === -1 ? (of.shape[d - shape.length + of.shape.length] ?? 1) : size)),
    (index) =>
      of.at(
        of.shape.map((size, d) => (size === 1 ? 0 : (index[index.length - of.shape.length + d] as number))),
      ),
  );

export function elementwise(a: Lazy, b: Lazy, combine: (x: Cell, y: Cell) => Cell): Lazy {
  const shape = broadcast(a.shape, b.shape);
  const [left, right] = [expand(a, shape), expand(b, shape)];
  return lazy(shape, (index) => combine(left.at(index), right.at(index)));
}

export const map = (of: Lazy, change: (x: Cell) => Cell): Lazy =>
  lazy(of.shape, (index) => change(of.at(index)));
export const scalar = (value: number): Lazy => lazy([], () => number(value));
export const filled = (shape: readonly number[], value: number): Lazy => lazy(shape, () => number(value));

export const reshape = (of: Lazy, shape: readonly number[]): Lazy =>
  lazy(shape, (index) => of.at(indexOf(of.shape, flatOf(shape, index))));

export function permute(of: Lazy, dims: readonly number[]): Lazy {
  return lazy(
    dims.map((d) => of.shape[d] as number),
    (index) => {
      const back = new Array<number>(dims.length);
      dims.forEach((d, i) => {
        back[d] = index[i] as number;
      });
      return of.at(back);
    },
  );
}

export function transpose(of: Lazy, a: number, b: number): Lazy {
  const dims = of.shape.map((_, d) => d);
  [dims[a], dims[b]] = [b, a];
  return permute(of, dims);
}

/** The sum over some axes. */
export function sumOver(of: Lazy, dims: readonly number[], keep: boolean): Lazy {
  const rank = of.shape.length;
  const over = new Set(dims.map((dim) => axis(dim, rank)));
  const kept = of.shape.map((size, d) => (over.has(d) ? 1 : size));
  const summed = lazy(kept, (index) => {
    const places = everyIndex(of.shape.filter((_, d) => over.has(d)));
    return sum(
      places.map((place) => {
        let next = 0;
        return of.at(index.map((i, d) => (over.has(d) ? (place[next++] as number) : i)));
      }),
    );
  });
  return keep
    ? summed
    : reshape(
        summed,
        of.shape.filter((_, d) => !over.has(d)),
      );
}

export const sumAll = (of: Lazy): Lazy => sumOver(of, [...of.shape.keys()], false);

/** Broadcasting undone: summed to a shape that broadcasts to it. */
export function sumTo(of: Lazy, shape: readonly number[]): Lazy {
  const ahead = of.shape.length - shape.length;
  const dims = of.shape.flatMap((size, d) =>
    d < ahead || (shape[d - ahead] === 1 && size !== 1) ? [d] : [],
  );
  return dims.length === 0 ? of : reshape(sumOver(of, dims, true), shape);
}

/** The matrix product over the last two dimensions; those before them are the same in both. */
export function matmul(a: Lazy, b: Lazy): Lazy {
  const inner = a.shape.at(-1) ?? 1;
  if (b.shape.length === 1)
    return lazy(a.shape.slice(0, -1), (index) => along(inner, (k) => [a.at([...index, k]), b.at([k])]));
  return lazy([...a.shape.slice(0, -1), b.shape.at(-1) as number], (index) => {
    const batch = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    return along(inner, (k) => [a.at([...batch, i, k]), b.at([...batch, k, j])]);
  });
}

const along = (count: number, pair: (k: number) => [Cell, Cell]): Cell =>
  sum(Array.from({ length: count }, (_, k) => binary("*", ...pair(k))));

/** What was taken from some places goes back to them; the others get nothing. */
export const putBack = (shape: readonly number[], from: (index: readonly number[]) => Cell | null): Lazy =>
  lazy(shape, (index) => from(index) ?? NOTHING);
