/** What each function that a local rule may call does with elements. A function that is not here cannot be told by element. */
import { numel } from "../shape.ts";
import { ACTIVATIONS } from "./activations.ts";
import { ALIGNMENTS } from "./alignments.ts";
import { binary, type Cell, call, chosen, NOTHING, number, sum, UNARY } from "./cell.ts";
import { DISTANCES } from "./distances.ts";
import { GATHERINGS } from "./gatherings.ts";
import {
  axis,
  broadcast,
  elementwise,
  expand,
  filled,
  indexOf,
  type Lazy,
  lazy,
  map,
  matmul,
  permute,
  reshape,
  scalar,
  sumAll,
  sumOver,
  sumTo,
  type Thing,
  transpose,
  Untold,
} from "./lazy.ts";
import { MATRICES } from "./matrices.ts";
import { MOVES, movedBy, select } from "./moves.ts";
import { NORMS } from "./norms.ts";
import { PLACES } from "./places.ts";
import { POOLS } from "./pools.ts";
import { PRODUCTS } from "./products.ts";
import { RESAMPLING } from "./resampling.ts";
import { list, maybe, numbers, plain, type Rule, T, tensor, whole, yes } from "./things.ts";
import { WINDOWS } from "./windows.ts";

/** None means every axis. */
const axes = (thing: Thing | undefined, of: Lazy): readonly number[] => {
  const value = thing === undefined ? null : plain(thing);
  const all = [...of.shape.keys()];
  if (value === null) return all;
  const list = (Array.isArray(value) ? value : [value]) as readonly number[];
  return list.length === 0 ? all : list;
};
/** The axes that a reduction took away, put back with length 1. */
export function unsqueezed(of: Lazy, dims: readonly number[], rank: number): Lazy {
  const back = new Set(dims.map((dim) => axis(dim, rank)));
  if (of.shape.length === rank) return of;
  let next = 0;
  const shape = Array.from({ length: rank }, (_, d) => (back.has(d) ? 1 : (of.shape[next++] ?? 1)));
  return reshape(of, shape);
}

const where = (test: Lazy, a: Lazy, b: Lazy): Lazy => {
  const shape = broadcast(test.shape, broadcast(a.shape, b.shape));
  const [c, x, y] = [expand(test, shape), expand(a, shape), expand(b, shape)];
  return lazy(shape, (index) => chosen(c.at(index), x.at(index), y.at(index)));
};

const pow = (base: Lazy, exponent: Lazy): Lazy => elementwise(base, exponent, (x, y) => binary("**", x, y));

/** Whole numbers of a tensor of places. */
const placesOf = (of: Lazy) => (index: readonly number[]) => of.at(index).value;

/** `grad` spread to the places that an index along one axis names. */
function scatterAlong(grad: Lazy, shape: readonly number[], dim: number, index: Lazy): Lazy {
  const d = axis(dim, shape.length);
  const place = placesOf(index);
  return lazy(shape, (at) => {
    const found: Cell[] = [];
    const length = index.shape[d] ?? 1;
    for (let i = 0; i < length; i++) {
      const from = at.map((n, e) => (e === d ? i : n));
      if (from.some((n, e) => n >= (index.shape[e] ?? 1))) continue;
      const to = place(from);
      if ((to < 0 ? to + (shape[d] as number) : to) === at[d]) found.push(grad.at(from));
    }
    return sum(found);
  });
}

const unary =
  (name: string): Rule =>
  (a) =>
    T(map(tensor(a), (x) => call(name, x)));
const two =
  (operator: "+" | "-" | "*" | "/" | "**"): Rule =>
  (a, b, mode) => {
    const rounding = mode === undefined ? null : (plain(mode) as "floor" | "trunc" | null);
    return T(
      elementwise(tensor(a), tensor(b), (x, y) => {
        const found = binary(operator, x, y);
        return rounding === null ? found : call(rounding, found);
      }),
    );
  };

/** Only each row's own class took part in the loss. `dim`: the axis of the classes. */
function classGradient(
  [grad, self, target, weight, reduction, ignored, total]: readonly (Thing | undefined)[],
  dim: number,
): Lazy {
  const [g, { shape }, classes] = [tensor(grad), tensor(self), tensor(target)];
  const [by, how, d] = [maybe(weight), whole(reduction), axis(dim, shape.length)];
  return lazy(shape, (at) => {
    const row = at.filter((_, e) => e !== d);
    const own = classes.at(row.length > classes.shape.length ? [] : row).value;
    if (own !== at[d] || own === whole(ignored)) return NOTHING;
    const less = call("neg", how === 0 ? g.at(row) : g.at([]));
    const scaled = by === null ? less : binary("*", less, by.at([own]));
    return how === 1 ? binary("/", scaled, tensor(total).at([])) : scaled;
  });
}

/** `x · log(y)`, which is 0 where x is, whatever y. */
const logarithmic =
  (log: (y: Cell) => Cell): Rule =>
  (a, b) =>
    T(
      elementwise(tensor(a), tensor(b), (x, y) =>
        chosen(binary("==", x, number(0)), number(0), binary("*", x, log(y))),
      ),
    );

export const FUNCTIONS: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(Object.keys(UNARY).map((name) => [name, unary(name)])),
  add: two("+"),
  sub: two("-"),
  mul: two("*"),
  div: two("/"),
  pow: (a, b) => T(pow(tensor(a), tensor(b))),
  xlogy: logarithmic((y) => call("log", y)),
  special_xlog1py: logarithmic((y) => call("log1p", y)),
  to: (a) => T(tensor(a)),
  contiguous: (a) => T(tensor(a)),
  scalar_tensor: (a) => T(tensor(a)),
  zeros_like: (a) => T(filled(tensor(a).shape, 0)),
  new_zeros: (_, sizes) => T(filled(numbers(sizes), 0)),
  ones_like: (a) => T(filled(tensor(a).shape, 1)),
  full_like: (a, value) => T(filled(tensor(a).shape, whole(value))),
  where: (test, a, b) => T(where(tensor(test), tensor(a), tensor(b))),
  masked_fill: (a, mask, value) => T(where(tensor(mask), tensor(value), tensor(a))),
  clamp: (a, least, most) =>
    T(
      map(tensor(a), (x) => {
        const [low, high] = [whole(least), whole(most)];
        const outside = (limit: number, beyond: Cell): Cell => chosen(beyond, number(limit), x);
        if (x.value < low) return outside(low, binary("<", x, number(low)));
        return x.value > high ? outside(high, binary(">", x, number(high))) : x;
      }),
    ),
  expand: (a, sizes) => T(expand(tensor(a), numbers(sizes))),
  expand_as: (a, b) => T(expand(tensor(a), tensor(b).shape)),
  reshape: (a, sizes) => T(reshape(tensor(a), numbers(sizes))),
  t: (a) => T(tensor(a).shape.length < 2 ? tensor(a) : transpose(tensor(a), 0, 1)),
  transpose: (a, x, y) => {
    const rank = tensor(a).shape.length;
    return T(transpose(tensor(a), axis(whole(x), rank), axis(whole(y), rank)));
  },
  permute_backwards: (a, dims) => {
    const rank = tensor(a).shape.length;
    const back = new Array<number>(rank);
    numbers(dims).forEach((dim, i) => {
      back[axis(dim, rank)] = i;
    });
    return T(permute(tensor(a), back));
  },
  squeeze: (a, dim) => {
    const of = tensor(a);
    const drop = dim === undefined ? null : axis(whole(dim), of.shape.length);
    return T(
      reshape(
        of,
        of.shape.filter((size, d) => !(size === 1 && (drop === null || d === drop))),
      ),
    );
  },
  unsqueeze_to: (a, ...rest) => T(reshape(tensor(a), numbers(rest.at(-1)))),
  unsqueeze_multiple: (a, dims, sizes) => T(unsqueezed(tensor(a), numbers(dims), numbers(sizes).length)),
  sum: (a, dims, keep) =>
    T(dims === undefined ? sumAll(tensor(a)) : sumOver(tensor(a), axes(dims, tensor(a)), yes(keep))),
  sum_to_size: (a, sizes) => T(sumTo(tensor(a), numbers(sizes))),
  mm: (a, b) => T(matmul(tensor(a), tensor(b))),
  bmm: (a, b) => T(matmul(tensor(a), tensor(b))),
  mv: (a, b) => T(matmul(tensor(a), tensor(b))),
  ger: (a, b) => {
    const [x, y] = [tensor(a), tensor(b)];
    return T(
      lazy([...x.shape, ...y.shape], (at) => binary("*", x.at([at[0] as number]), y.at([at[1] as number]))),
    );
  },
  flip: (a, dims) => {
    const of = tensor(a);
    const turned = new Set(numbers(dims).map((dim) => axis(dim, of.shape.length)));
    return T(
      lazy(of.shape, (at) => of.at(at.map((i, d) => (turned.has(d) ? (of.shape[d] as number) - 1 - i : i)))),
    );
  },
  tril: (a, k) =>
    T(
      map2(tensor(a), (of, at) =>
        (at.at(-1) as number) - (at.at(-2) as number) <= whole(k) ? of.at(at) : NOTHING,
      ),
    ),
  triu: (a, k) =>
    T(
      map2(tensor(a), (of, at) =>
        (at.at(-1) as number) - (at.at(-2) as number) >= whole(k) ? of.at(at) : NOTHING,
      ),
    ),
  cat: (tensors, dim) => {
    const parts = list(tensors);
    const first = parts[0];
    if (first === undefined) throw new Untold("nothing to join");
    const d = axis(whole(dim), first.shape.length);
    const shape = first.shape.map((size, e) =>
      e === d ? parts.reduce((n, p) => n + (p.shape[d] as number), 0) : size,
    );
    return T(
      lazy(shape, (at) => {
        let i = at[d] as number;
        for (const part of parts) {
          const size = part.shape[d] as number;
          if (i < size) return part.at(at.map((n, e) => (e === d ? i : n)));
          i -= size;
        }
        return NOTHING;
      }),
    );
  },
  stack: (tensors, dim) => {
    const parts = list(tensors);
    const first = parts[0];
    if (first === undefined) throw new Untold("nothing to join");
    const d = axis(whole(dim), first.shape.length + 1);
    const shape = [...first.shape.slice(0, d), parts.length, ...first.shape.slice(d)];
    return T(lazy(shape, (at) => (parts[at[d] as number] as Lazy).at(at.filter((_, e) => e !== d))));
  },
  narrow_each: (grad, dim, lengths) => {
    const of = tensor(grad);
    const d = axis(whole(dim), of.shape.length);
    let from = 0;
    return {
      tensors: numbers(lengths).map((length) => {
        const start = from;
        from += Math.max(length, 0);
        const shape = of.shape.map((size, e) => (e === d ? Math.max(length, 0) : size));
        return lazy(shape, (at) => of.at(at.map((i, e) => (e === d ? i + start : i))));
      }),
    };
  },
  select_each: (grad, dim) => {
    const of = tensor(grad);
    const d = axis(whole(dim), of.shape.length);
    return {
      tensors: Array.from({ length: of.shape[d] as number }, (_, i) =>
        movedBy(of, select(of.shape, { plain: d }, { plain: i })),
      ),
    };
  },
  index_select: (a, dim, index) => T(taken(tensor(a), whole(dim), tensor(index))),
  gather: (a, dim, index) => {
    const [of, at, d] = [tensor(a), tensor(index), axis(whole(dim), tensor(a).shape.length)];
    return T(lazy(at.shape, (to) => of.at(to.map((i, e) => (e === d ? at.at(to).value : i)))));
  },
  gather_backward: (grad, self, dim, index) =>
    T(scatterAlong(tensor(grad), tensor(self).shape, whole(dim), tensor(index))),
  index_select_backward: (grad, sizes, dim, index) => {
    const [of, shape, places] = [tensor(grad), numbers(sizes), tensor(index)];
    const d = axis(whole(dim), shape.length);
    return T(
      lazy(shape, (at) => {
        const found: Cell[] = [];
        for (let i = 0; i < numel(places.shape); i++)
          if (places.at(indexOf(places.shape, i)).value === at[d])
            found.push(of.at(at.map((n, e) => (e === d ? i : n))));
        return sum(found);
      }),
    );
  },
  embedding_backward: (grad, indices, sizes, padding, byCount) => {
    const [of, places, shape] = [tensor(grad), tensor(indices), numbers(sizes)];
    const skip = whole(padding);
    return T(
      lazy(shape, ([row = 0, column = 0]) => {
        const found: Cell[] = [];
        for (let i = 0; i < numel(places.shape); i++) {
          const at = indexOf(places.shape, i);
          if (row !== skip && places.at(at).value === row) found.push(of.at([...at, column]));
        }
        const all = sum(found);
        return yes(byCount) && found.length > 1 ? binary("/", all, number(found.length)) : all;
      }),
    );
  },
  value_selecting_reduction_backward: (grad, dim, indices, sizes, keep) => {
    const shape = numbers(sizes);
    const d = whole(dim);
    const back = (of: Lazy): Lazy => (yes(keep) ? of : unsqueezed(of, [d], shape.length));
    if (shape.length === 0) return T(tensor(grad));
    return T(scatterAlong(back(tensor(grad)), shape, d, back(tensor(indices))));
  },
  evenly_distribute_backward: (grad, input, value) => {
    const [of, all, result] = [tensor(grad), tensor(input), tensor(value)];
    const equal = elementwise(all, result, (x, y) => binary("==", x, y));
    const count = sumAll(equal).at([]).value;
    const share = count === 1 ? of : map(of, (g) => binary("/", g, number(count)));
    return T(where(equal, share, scalar(0)));
  },
  repeat_backward: (grad, repeats, sizes) => {
    const [of, shape, times] = [tensor(grad), numbers(sizes), numbers(repeats)];
    const ahead = times.length - shape.length;
    const parts = of.shape.flatMap((size, d) => [times[d] as number, size / (times[d] as number)]);
    const split = reshape(of, parts);
    const summed = sumOver(
      split,
      times.map((_, d) => 2 * d),
      false,
    );
    return T(reshape(summed, ahead > 0 ? shape : summed.shape));
  },
  cumsum_backward: (grad, dim) => {
    const of = tensor(grad);
    if (of.shape.length === 0) return T(of);
    const d = axis(whole(dim), of.shape.length);
    return T(
      lazy(of.shape, (at) =>
        sum(
          Array.from({ length: (of.shape[d] as number) - (at[d] as number) }, (_, i) =>
            of.at(at.map((n, e) => (e === d ? n + i : n))),
          ),
        ),
      ),
    );
  },
  /** Of each product that an element is a factor of: its gradient times the other factors. */
  cumprod_backward: (grad, self, dim) => {
    const [of, x] = [tensor(grad), tensor(self)];
    if (x.shape.length === 0) return T(of);
    const d = axis(whole(dim), x.shape.length);
    return T(
      lazy(x.shape, (at) => {
        const along = (i: number): number[] => at.map((n, e) => (e === d ? i : n));
        const here = at[d] as number;
        return sum(
          Array.from({ length: (x.shape[d] as number) - here }, (_, more) =>
            Array.from({ length: here + more + 1 }, (_, i) => i)
              .filter((i) => i !== here)
              .reduce<Cell>((product, i) => binary("*", product, x.at(along(i))), of.at(along(here + more))),
          ),
        );
      }),
    );
  },
  nll_loss_backward: (...given) => T(classGradient(given, -1)),
  nll_loss2d_backward: (...given) => T(classGradient(given, 1)),
  matmul: (a, b) => T(matmul(tensor(a), tensor(b))),
  ...ACTIVATIONS,
  ...MOVES,
  ...PLACES,
  ...WINDOWS,
  ...NORMS,
  ...MATRICES,
  ...ALIGNMENTS,
  ...DISTANCES,
  ...GATHERINGS,
  ...POOLS,
  ...PRODUCTS,
  ...RESAMPLING,
};

const map2 = (of: Lazy, at: (of: Lazy, index: readonly number[]) => Cell): Lazy =>
  lazy(of.shape, (index) => at(of, index));

function taken(of: Lazy, dim: number, index: Lazy): Lazy {
  const d = axis(dim, of.shape.length);
  const count = numel(index.shape);
  const shape = of.shape.map((size, e) => (e === d ? count : size));
  return lazy(shape, (at) =>
    of.at(at.map((n, e) => (e === d ? index.at(indexOf(index.shape, n)).value : n))),
  );
}
