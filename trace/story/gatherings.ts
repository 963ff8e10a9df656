/** Elements gathered at the places that an index names: bags of rows, and reductions of what falls together. */
import { binary, type Cell, call, chosen, NOTHING, number, sum } from "./cell.ts";
import { axis, everyIndex, type Lazy, lazy, type Thing, Untold } from "./lazy.ts";
import { maybe, numbers, plain, type Rule, T, tensor, whole, yes } from "./things.ts";

const times = (a: Cell, b: Cell): Cell => binary("*", a, b);

/** By index, the number of its bag; and by bag, how many of its indices are counted. */
function bagsOf(indices: Lazy, offsets: Lazy, bags: number, padding: number) {
  const rows = everyIndex(indices.shape).map((at) => indices.at(at).value);
  const starts = everyIndex([bags]).map((at) => offsets.at(at).value);
  const bagOf = rows.map((_, i) => starts.filter((start) => start <= i).length - 1);
  const sizes = starts.map((_, bag) => rows.filter((row, i) => bagOf[i] === bag && row !== padding).length);
  return { rows, bagOf, sizes };
}

/** What falls on each place: the source's places, by the index along one axis. */
interface Falling {
  readonly of: Lazy;
  readonly own: Lazy;
  readonly source: Lazy;
  readonly how: string;
  readonly withOwn: boolean;
  readonly result: Lazy;
  /** Where an element of the source goes. */
  to(at: readonly number[]): readonly number[];
  /** The elements of the source that come here. */
  from(at: readonly number[]): readonly (readonly number[])[];
}

const falling = (
  [grad, self, source, reduce, withOwn, result]: readonly (Thing | undefined)[],
  indices: Lazy,
  to: Falling["to"],
): Falling => {
  const by = tensor(source);
  const places = everyIndex(indices.shape);
  const found = new Map<string, number[][]>();
  for (const at of places) {
    const key = to(at).join();
    found.set(key, [...(found.get(key) ?? []), at]);
  }
  return {
    of: tensor(grad),
    own: tensor(self),
    source: by,
    how: String(plain(reduce as Thing)),
    withOwn: yes(withOwn),
    result: tensor(result),
    to,
    from: (at) => found.get(at.join()) ?? [],
  };
};

/** What the gradient at `place` gives to one of the elements that were reduced there. */
function share(f: Falling, place: readonly number[], cell: Cell, others: readonly Cell[]): Cell {
  const g = f.of.at(place);
  switch (f.how) {
    case "sum":
      return g;
    case "mean":
      return others.length === 0 ? g : binary("/", g, number(others.length + 1));
    case "prod":
      return others.reduce(times, g);
    default: {
      const result = f.result.at(place);
      const equal = [cell, ...others].filter(({ value }) => value === result.value).length;
      const part = equal > 1 ? binary("/", g, number(equal)) : g;
      return chosen(binary("==", cell, result), part, number(0));
    }
  }
}

/** The gradients of the tensor that was written to and of the source. */
function reduced(f: Falling): Thing {
  const own = lazy(f.own.shape, (at) => {
    const others = f.from(at).map((from) => f.source.at(from));
    if (others.length > 0 && !f.withOwn) return NOTHING;
    return others.length === 0 ? f.of.at(at) : share(f, at, f.own.at(at), others);
  });
  const theirs = lazy(f.source.shape, (at) => {
    const place = f.to(at);
    const mine = f.from(place);
    const others = mine.filter((from) => from.join() !== at.join()).map((from) => f.source.at(from));
    if (others.length === mine.length) return NOTHING;
    return share(f, place, f.source.at(at), f.withOwn ? [f.own.at(place), ...others] : others);
  });
  return { tensors: [own, theirs] };
}

export const GATHERINGS: Readonly<Record<string, Rule>> = {
  scatter_reduce_backward: (grad, self, dim, index, source, reduce, withOwn, result) => {
    const places = tensor(index);
    const d = axis(whole(dim), places.shape.length);
    return reduced(
      falling([grad, self, source, reduce, withOwn, result], places, (at) =>
        at.map((i, e) => (e === d ? places.at(at).value : i)),
      ),
    );
  },
  index_reduce_backward: (grad, self, dim, index, source, reduce, withOwn, result) => {
    const [places, by] = [tensor(index), tensor(source)];
    const d = axis(whole(dim), by.shape.length);
    return reduced(
      falling([grad, self, source, reduce, withOwn, result], by, (at) =>
        at.map((i, e) => (e === d ? places.at([i]).value : i)),
      ),
    );
  },
  _embedding_bag_backward: (grad, sizes, index, offsets, winners, byCount, mode, weights, padding) => {
    const [of, shape, skip, how] = [tensor(grad), numbers(sizes), whole(padding), whole(mode)];
    if (yes(byCount)) throw new Untold("gradients scaled by frequency");
    const {
      rows,
      bagOf,
      sizes: counts,
    } = bagsOf(tensor(index), tensor(offsets), of.shape[0] as number, skip);
    const each = maybe(weights);
    return T(
      lazy(shape, ([row, column = 0]) => {
        if (how === 2)
          return sum(
            counts.flatMap((count, bag) =>
              count > 0 && tensor(winners).at([bag, column]).value === row ? [of.at([bag, column])] : [],
            ),
          );
        return sum(
          rows.flatMap((own, i): Cell[] => {
            const bag = bagOf[i] as number;
            if (own !== row || own === skip) return [];
            const g = of.at([bag, column]);
            if (how === 1) return [binary("/", g, number(counts[bag] as number))];
            return [each === null ? g : times(g, each.at([i]))];
          }),
        );
      }),
    );
  },
  _embedding_bag_per_sample_weights_backward: (grad, weight, index, offsets, padding) => {
    const [of, table] = [tensor(grad), tensor(weight)];
    const { rows, bagOf } = bagsOf(tensor(index), tensor(offsets), of.shape[0] as number, whole(padding));
    return T(
      lazy([rows.length], ([i = 0]) => {
        const row = rows[i] as number;
        if (row === whole(padding)) return NOTHING;
        return sum(
          Array.from({ length: table.shape[1] as number }, (_, c) =>
            times(of.at([bagOf[i] as number, c]), table.at([row, c])),
          ),
        );
      }),
    );
  },
  /** Of each place along an axis: what its exponential takes in each of the sums that it is part of. */
  logcumsumexp_backward: (grad, self, result, dim) => {
    const [of, x, sums] = [tensor(grad), tensor(self), tensor(result)];
    if (x.shape.length === 0) return T(of);
    const d = axis(whole(dim), x.shape.length);
    return T(
      lazy(x.shape, (at) =>
        sum(
          Array.from({ length: (x.shape[d] as number) - (at[d] as number) }, (_, more) => {
            const there = at.map((i, e) => (e === d ? i + more : i));
            return times(of.at(there), call("exp", binary("-", x.at(at), sums.at(there))));
          }),
        ),
      ),
    );
  },
};
