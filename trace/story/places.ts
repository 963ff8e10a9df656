/** Moves that are one fused call: which places of the result an element went to, so that their gradients come back. */
import { binary, chosen, NOTHING, number, sum } from "./cell.ts";
import { axis, broadcast, everyIndex, expand, type Lazy, lazy, putBack, reshape, Untold } from "./lazy.ts";
import { list, numbers, plain, type Rule, T, tensor, whole, yes } from "./things.ts";

/** The gradients of all places of the result that came from here. `from`: where a place of the result came from. */
const gathered = (
  grad: Lazy,
  shape: readonly number[],
  from: (at: readonly number[]) => readonly number[],
): Lazy => {
  const all = everyIndex(grad.shape).map((at) => ({ at, source: from(at).join() }));
  return lazy(shape, (here) => {
    const own = here.join();
    return sum(all.flatMap(({ at, source }) => (source === own ? [grad.at(at)] : [])));
  });
};

const wrapped = (i: number, size: number): number => ((i % size) + size) % size;

/** What lies on a diagonal of two axes goes back onto it. */
const diagonal = (grad: Lazy, shape: readonly number[], offset: number, a: number, b: number): Lazy =>
  putBack(shape, (at) => {
    const [row, column] = [at[a] as number, at[b] as number];
    if (column - row !== offset) return null;
    const along = Math.min(row, column);
    return grad.at([...at.filter((_, d) => d !== a && d !== b), along]);
  });

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

/** Whether an index is a mask: as many rows came out as it has ones, and as places it would give another shape. */
function isMask(index: Lazy, grad: Lazy, shape: readonly number[]): boolean {
  const rank = index.shape.length;
  if (index.shape.join() !== shape.slice(0, rank).join()) return false;
  const values = everyIndex(index.shape).map((at) => index.at(at).value);
  const ones = values.filter((value) => value === 1).length;
  if (values.some((value) => value !== 0 && value !== 1)) return false;
  const asPlaces = [...index.shape, ...shape.slice(1)].join();
  return [ones, ...shape.slice(rank)].join() === grad.shape.join() && grad.shape.join() !== asPlaces;
}

export const PLACES: Readonly<Record<string, Rule>> = {
  roll_back: (grad, shifts, dims) => {
    const of = tensor(grad);
    const [by, over] = [numbers(shifts), numbers(dims)];
    if (over.length === 0) throw new Untold("rolled as one row");
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
    return T(lazy(shape, (at) => of.at(at.map((i, d) => i + before(d)))));
  },
  trace_backward: (grad, sizes) =>
    T(putBack(numbers(sizes), ([row, column]) => (row === column ? tensor(grad).at([]) : null))),
  diagonal_backward: (grad, sizes, offset, a, b) => {
    const shape = numbers(sizes);
    const [x, y] = [axis(whole(a), shape.length), axis(whole(b), shape.length)];
    return T(diagonal(tensor(grad), shape, whole(offset), x, y));
  },
  diag_backward: (grad, sizes, offset) => {
    const [of, shape, k] = [tensor(grad), numbers(sizes), whole(offset)];
    if (shape.length === 2) return T(diagonal(of, shape, k, 0, 1));
    return T(lazy(shape, ([i = 0]) => of.at([i + Math.max(0, -k), i + Math.max(0, k)])));
  },
  /** Indices of the first axes, or one mask over them; axes that are left out are not taken apart. */
  index_backward: (grad, sizes, indices) => {
    const [of, shape, places] = [tensor(grad), numbers(sizes), list(indices)];
    const [first] = places;
    if (first !== undefined && isMask(first, of, shape)) return T(unmasked(of, first, shape));
    const together = places.map(({ shape: own }) => own).reduce(broadcast, []);
    const rest = shape.slice(places.length);
    if ([...together, ...rest].join() !== of.shape.join()) throw new Untold("axes left out");
    const spread = places.map((one) => expand(one, together));
    return T(
      gathered(of, shape, (at) => [
        ...spread.map((one, d) => wrapped(one.at(at.slice(0, together.length)).value, shape[d] as number)),
        ...at.slice(together.length),
      ]),
    );
  },
  take_backward: (grad, self, index) => {
    const [of, shape, places] = [tensor(grad), tensor(self).shape, tensor(index)];
    const count = shape.reduce((n, size) => n * size, 1);
    const flat = gathered(of, [count], (at) => [wrapped(places.at(at).value, count)]);
    return T(reshape(flat, shape));
  },
  masked_select_backward: (grad, self, mask) => {
    const [of, { shape }] = [tensor(grad), tensor(self)];
    return T(unmasked(of, expand(tensor(mask), shape), shape));
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
    return T(
      lazy(of.shape, (at) => (named(places, at[d] as number, of.shape[d] as number) ? NOTHING : of.at(at))),
    );
  },
  cummaxmin_backward: (grad, self, indices, dim) => {
    const [of, { shape }, places] = [tensor(grad), tensor(self), tensor(indices)];
    const d = axis(whole(dim), shape.length);
    return T(gathered(of, shape, (at) => at.map((i, e) => (e === d ? places.at(at).value : i))));
  },
  unfold_backward: (grad, sizes, dim, _size, step) => {
    const [of, shape] = [tensor(grad), numbers(sizes)];
    const d = axis(whole(dim), shape.length);
    // The last axis of the result is the place within the window.
    return T(
      gathered(of, shape, (at) =>
        at.slice(0, -1).map((i, e) => (e === d ? i * whole(step) + (at.at(-1) as number) : i)),
      ),
    );
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
  upsample_nearest2d_backward: (grad, _output, sizes, factors) => {
    const [of, shape] = [tensor(grad), numbers(sizes)];
    const given = factors === undefined ? null : plain(factors);
    const scale = (d: number): number =>
      Array.isArray(given) ? 1 / Number(given[d - 2]) : (shape[d] as number) / (of.shape[d] as number);
    return T(
      gathered(of, shape, (at) =>
        at.map((i, d) => (d < 2 ? i : Math.min(Math.floor(i * scale(d)), (shape[d] as number) - 1))),
      ),
    );
  },
  /** Each window shares its gradient evenly among its elements. */
  _adaptive_avg_pool2d_backward: (grad, self) => {
    const [of, { shape }] = [tensor(grad), tensor(self)];
    const window = (d: number, i: number): readonly [number, number] => {
      const ratio = (shape[d] as number) / (of.shape[d] as number);
      return [Math.floor(i * ratio), Math.ceil((i + 1) * ratio)];
    };
    const first = shape.length - 2;
    return T(
      lazy(shape, (at) => {
        const holding = (d: number): number[] =>
          [...Array(of.shape[d]).keys()].filter((i) => {
            const [from, to] = window(d, i);
            return from <= (at[d] as number) && (at[d] as number) < to;
          });
        const size = (d: number, i: number): number => window(d, i)[1] - window(d, i)[0];
        return sum(
          holding(first).flatMap((y) =>
            holding(first + 1).map((x) =>
              binary("/", of.at([...at.slice(0, -2), y, x]), number(size(first, y) * size(first + 1, x))),
            ),
          ),
        );
      }),
    );
  },
};
