/** Moves that are one fused call: which places of the result an element went to, so that their gradients come back. */
import { numel } from "../shape.ts";
import { binary, chosen, NOTHING, number } from "./cell.ts";
import {
  axis,
  broadcast,
  everyIndex,
  expand,
  flatOf,
  indexOf,
  type Lazy,
  lazy,
  map,
  putBack,
  reshape,
  type Thing,
  Untold,
} from "./lazy.ts";
import { broughtBack, MOVES, wrapped } from "./moves.ts";
import { numbers, plain, type Rule, T, tensor, whole, yes } from "./things.ts";

/** Of an index along one axis, whether it names this place. */
const named = (index: Lazy, place: number, size: number): boolean =>
  everyIndex(index.shape).some((at) => wrapped(index.at(at).value, size) === place);

/** Where a mask holds, the next of the gradients in order. */
function unmasked(grad: Lazy, mask: Lazy, shape: readonly number[]): Lazy {
  const rank = mask.shape.length;
  const order = everyIndex(mask.shape).filter((at) => mask.at(at).value !== 0);
  const places = new Map(order.map((at, i) => [at.join(), i]));
  return lazy(shape, (at) => {
    const ahead = at.slice(0, rank);
    const place = places.get(ahead.join());
    const came = place === undefined ? number(0) : grad.at([place, ...at.slice(rank)]);
    return chosen(mask.at(ahead), came, number(0));
  });
}

export const PLACES: Readonly<Record<string, Rule>> = {
  roll_back: (grad, shifts, dims) => {
    const of = tensor(grad);
    const [by, over] = [numbers(shifts), numbers(dims)];
    const count = numel(of.shape);
    // Without dims all elements roll as one row.
    if (over.length === 0)
      return T(
        lazy(of.shape, (at) =>
          of.at(indexOf(of.shape, wrapped(flatOf(of.shape, at) + (by[0] as number), count))),
        ),
      );
    return T(
      lazy(of.shape, (at) => {
        const to = [...at];
        over.forEach((dim, i) => {
          const d = axis(dim, of.shape.length);
          to[d] = wrapped((to[d] as number) + (by[i] as number), of.shape[d] as number);
        });
        return of.at(to);
      }),
    );
  },
  constant_pad_nd_backward: (grad, pad) => {
    const [of, by] = [tensor(grad), numbers(pad)];
    const rank = of.shape.length;
    const before = (d: number): number => by[2 * (rank - 1 - d)] ?? 0;
    const after = (d: number): number => by[2 * (rank - 1 - d) + 1] ?? 0;
    const shape = of.shape.map((size, d) => size - before(d) - after(d));
    // Padding by less than nothing cut off what lies beyond.
    return T(
      lazy(shape, (at) => {
        const to = at.map((i, d) => i + before(d));
        return to.every((i, d) => i >= 0 && i < (of.shape[d] as number)) ? of.at(to) : NOTHING;
      }),
    );
  },
  trace_backward: (grad, sizes) =>
    T(putBack(numbers(sizes), ([row, column]) => (row === column ? tensor(grad).at([]) : null))),
  diag_backward: (grad, sizes, offset) => {
    const [of, shape, k] = [tensor(grad), numbers(sizes), whole(offset)];
    if (shape.length === 2)
      return MOVES.diagonal_backward?.(grad as Thing, sizes as Thing, offset as Thing) as Thing;
    return T(lazy(shape, ([i = 0]) => of.at([i + Math.max(0, -k), i + Math.max(0, k)])));
  },
  masked_select_backward: (grad, self, mask) => {
    const [of, { shape }, test] = [tensor(grad), tensor(self), tensor(mask)];
    const both = broadcast(shape, test.shape);
    return T(unmasked(of, expand(test, both), both));
  },
  scatter: (a, dim, index, value) => {
    const [of, places] = [tensor(a), tensor(index)];
    const d = axis(whole(dim), of.shape.length);
    if (plain(value) !== 0) throw new Untold("what is written");
    const over = new Set(
      everyIndex(places.shape).map((at) => at.map((i, e) => (e === d ? places.at(at).value : i)).join()),
    );
    return T(lazy(of.shape, (at) => (over.has(at.join()) ? NOTHING : of.at(at))));
  },
  index_fill: (a, dim, index, value) => {
    const [of, places] = [tensor(a), tensor(index)];
    const d = axis(whole(dim), of.shape.length);
    if (plain(value) !== 0) throw new Untold("what is written");
    return T(lazy(of.shape, (at) => (named(places, at[d] ?? 0, of.shape[d] ?? 1) ? NOTHING : of.at(at))));
  },
  cummaxmin_backward: (grad, self, indices, dim) => {
    const [of, { shape }, places] = [tensor(grad), tensor(self), tensor(indices)];
    const d = axis(whole(dim), shape.length);
    return T(broughtBack(of, shape, (at) => at.map((i, e) => (e === d ? places.at(at).value : i))));
  },
  /** Reductions that take the equal largest elements together share their gradient evenly. */
  scale_grad_by_count: (grad, mask, dims) => {
    const [of, test] = [tensor(grad), tensor(mask)];
    const { shape } = test;
    const listed = numbers(dims);
    const over = new Set(
      (listed.length === 0 ? [...shape.keys()] : listed).map((dim) => axis(dim, shape.length)),
    );
    const spread = expand(of, shape);
    return T(
      lazy(shape, (at) => {
        const row = everyIndex(shape.map((size, d) => (over.has(d) ? size : 1))).map((to) =>
          to.map((i, d) => (over.has(d) ? i : (at[d] as number))),
        );
        const count = row.filter((to) => test.at(to).value !== 0).length;
        const g = spread.at(at);
        const share = count === 1 ? g : binary("/", g, number(count));
        return chosen(test.at(at), share, number(0));
      }),
    );
  },
  mean_backward: (grad, sizes, dims, keep) => {
    const spread = tensor(PLACES.sum_backward?.(grad as Thing, sizes as Thing, dims as Thing, keep as Thing));
    const count = numel(spread.shape) / numel(tensor(grad).shape);
    return T(count === 1 ? spread : map(spread, (g) => binary("/", g, number(count))));
  },
  restore_reduced_dims: (a, dims, keep) => {
    const of = tensor(a);
    const listed = numbers(dims);
    if (yes(keep) || listed.length === 0) return T(of);
    const rank = of.shape.length + listed.length;
    const over = new Set(listed.map((dim) => axis(dim, rank)));
    let next = 0;
    return T(
      reshape(
        of,
        Array.from({ length: rank }, (_, d) => (over.has(d) ? 1 : (of.shape[next++] as number))),
      ),
    );
  },
  sum_backward: (grad, sizes, dims, keep) => {
    const [of, shape] = [tensor(grad), numbers(sizes)];
    const listed = dims === undefined ? null : plain(dims);
    const over = new Set(
      (listed === null ? [...shape.keys()] : [listed].flat().map(Number)).map((dim) =>
        axis(dim, shape.length),
      ),
    );
    const kept = yes(keep) || of.shape.length === shape.length;
    const all = over.size === 0 || of.shape.length === 0;
    const place = (at: readonly number[]): readonly number[] =>
      all
        ? of.shape.map(() => 0)
        : kept
          ? at.map((i, d) => (over.has(d) ? 0 : i))
          : at.filter((_, d) => !over.has(d));
    return T(lazy(shape, (at) => of.at(place(at))));
  },
};
