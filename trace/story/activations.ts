/** Activations and losses that are one fused call: the local derivative of each element, written out. */
import { numel } from "../shape.ts";
import { binary, type Cell, call, chosen, NOTHING, named, number, sum } from "./cell.ts";
import {
  axis,
  elementwise,
  everyIndex,
  expand,
  flatOf,
  indexOf,
  type Lazy,
  lazy,
  map,
  sumAll,
  sumOver,
  Untold,
} from "./lazy.ts";
import { maybe, plain, type Rule, T, tensor, whole, yes } from "./things.ts";

const times = (a: Cell, b: Cell): Cell => binary("*", a, b);
const positive = (x: Cell): Cell => binary(">", x, number(0));

/** `g · f(x)`, element by element. */
const scaled = (grad: Lazy, self: Lazy, factor: (x: Cell) => Cell): Lazy =>
  elementwise(grad, self, (g, x) => times(g, factor(x)));

/** The share of a standard normal that lies below x, by the series of erf whose terms all have one sign. */
function below(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  if (z > 6) return x > 0 ? 1 : 0;
  let [term, total] = [z, z];
  for (let n = 1; n < 200 && term > 1e-18 * total; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    total += term;
  }
  const erf = (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * total;
  return 0.5 * (1 + Math.sign(x) * erf);
}

/** Φ(x) + x · φ(x) with the normal's share below and its density; the other form replaces Φ by a tanh. */
function geluSlope(x: Cell, approximate: boolean): Cell {
  if (!approximate) {
    const density = Math.exp(-(x.value ** 2) / 2) / Math.sqrt(2 * Math.PI);
    return binary("+", named("Φ(x)", below(x.value), [x]), times(x, named("φ(x)", density, [x])));
  }
  const k = Math.sqrt(2 / Math.PI);
  const t = Math.tanh(k * (x.value + 0.044715 * x.value ** 3));
  const slope = (1 - t * t) * k * (1 + 3 * 0.044715 * x.value ** 2);
  const half = binary("/", binary("+", number(1), named("t(x)", t, [x])), number(2));
  return binary("+", half, times(x, binary("/", named("t′(x)", slope, [x]), number(2))));
}

/** The mean divides by the number of elements; without a reduction and in a sum nothing does. */
const reduced = (each: Lazy, reduction: number): Lazy =>
  reduction === 1 ? map(each, (g) => binary("/", g, number(numel(each.shape)))) : each;

export const ACTIVATIONS: Readonly<Record<string, Rule>> = {
  elu_backward: (grad, alpha, scale, inputScale, isResult, self) => {
    const [a, s, i] = [whole(alpha), whole(scale), whole(inputScale)];
    const by = (factor: number, of: Cell): Cell => (factor === 1 ? of : times(number(factor), of));
    return T(
      scaled(tensor(grad), tensor(self), (x) => {
        // The result below 0 is `a · s · (exp(i · x) - 1)`.
        const bent = yes(isResult)
          ? by(i, binary("+", x, number(a * s)))
          : by(a * s * i, call("exp", by(i, x)));
        return chosen(positive(x), number(s), bent);
      }),
    );
  },
  gelu_backward: (grad, self, approximate) =>
    T(scaled(tensor(grad), tensor(self), (x) => geluSlope(x, plain(approximate) === "tanh"))),
  prelu_backward: (grad, self, weight) => {
    const [of, x, w] = [tensor(grad), tensor(self), tensor(weight)];
    // One weight for all, or one for each channel.
    const channel = (at: readonly number[]): readonly number[] =>
      numel(w.shape) === 1 ? w.shape.map(() => 0) : [at[x.shape.length > 1 ? 1 : 0] as number];
    const toSelf = lazy(x.shape, (at) => {
      const here = x.at(at);
      return times(of.at(at), chosen(positive(here), number(1), w.at(channel(at))));
    });
    const each = elementwise(of, x, (g, here) => chosen(positive(here), number(0), times(g, here)));
    const toWeight =
      numel(w.shape) === 1
        ? lazy(w.shape, () => sumAll(each).at([]))
        : sumOver(
            each,
            [...x.shape.keys()].filter((d) => d !== (x.shape.length > 1 ? 1 : 0)),
            false,
          );
    return { tensors: [toSelf, toWeight] };
  },
  /** A line above the threshold. */
  softplus_backward: (grad, self, beta, threshold) =>
    T(
      elementwise(tensor(grad), tensor(self), (g, x) => {
        const bent = whole(beta) === 1 ? x : times(x, number(whole(beta)));
        return chosen(binary(">", bent, number(whole(threshold))), g, times(g, call("sigmoid", bent)));
      }),
    ),
  mvlgamma_backward: (grad, self, p) =>
    T(
      elementwise(tensor(grad), tensor(self), (g, x) => {
        const below = (i: number): Cell => (i === 0 ? x : binary("-", x, number(i / 2)));
        return times(g, sum(Array.from({ length: whole(p) }, (_, i) => call("digamma", below(i)))));
      }),
    ),
  glu_backward: (grad, self, dim) => {
    const [of, x] = [tensor(grad), tensor(self)];
    const d = axis(whole(dim), x.shape.length);
    const half = (x.shape[d] as number) / 2;
    const moved = (at: readonly number[], by: number): number[] => at.map((n, e) => (e === d ? n + by : n));
    return T(
      lazy(x.shape, (at) => {
        if ((at[d] as number) < half) return times(of.at(at), call("sigmoid", x.at(moved(at, half))));
        const value = moved(at, -half);
        const gate = call("sigmoid", x.at(at));
        const slope = times(gate, binary("-", number(1), gate));
        return times(times(of.at(value), x.at(value)), slope);
      }),
    );
  },
  smooth_l1_loss_backward: (grad, self, target, reduction, beta) => {
    const limit = whole(beta);
    const slope = elementwise(tensor(self), tensor(target), (a, b) => {
      const off = binary("-", a, b);
      const near = binary("<", call("abs", off), number(limit));
      return chosen(near, binary("/", off, number(limit)), call("sgn", off));
    });
    return T(reduced(elementwise(expand(tensor(grad), slope.shape), slope, times), whole(reduction)));
  },
  soft_margin_loss_backward: (grad, self, target, reduction) => {
    const slope = elementwise(tensor(self), tensor(target), (x, y) =>
      times(call("neg", y), call("sigmoid", call("neg", times(y, x)))),
    );
    return T(reduced(elementwise(expand(tensor(grad), slope.shape), slope, times), whole(reduction)));
  },
  /** The p-norm: `g · x / norm` for 2, the sign for 1, `g · sgn(x) · (|x| / norm) ** (p − 1)` for others. */
  norm_backward: (grad, self, p, result, dims, keep) => {
    const order = p === undefined || plain(p) === null ? 2 : whole(p);
    const x = tensor(self);
    const listed = dims === undefined ? null : plain(dims);
    const all = listed === null || (Array.isArray(listed) && listed.length === 0);
    const over = new Set(
      all ? x.shape.keys() : [listed].flat().map((dim) => axis(Number(dim), x.shape.length)),
    );
    // Kept axes have length 1, those taken away are left out.
    const place =
      (of: Lazy) =>
      (at: readonly number[]): Cell =>
        of.at(
          of.shape.length === x.shape.length && (yes(keep) || over.size === 0)
            ? at.map((i, d) => (over.has(d) ? 0 : i))
            : of.shape.length === 0
              ? []
              : at.filter((_, d) => !over.has(d)),
        );
    const [g, norm] = [place(tensor(grad)), place(tensor(result))];
    return T(
      lazy(x.shape, (at) => {
        const here = x.at(at);
        if (order === 0) return NOTHING;
        if (!Number.isFinite(order)) {
          // Those that are the largest share it.
          const equal = (cell: Cell): Cell => {
            const [left, right] = [call("abs", cell), norm(at)];
            // The norm was rounded to its dtype.
            const near = Math.abs(left.value - right.value) <= 1e-6 * right.value;
            return { kind: "binary", operator: "==", left, right, value: Number(near) };
          };
          const row = everyIndex(x.shape).filter((to) => to.every((i, d) => over.has(d) || i === at[d]));
          const count = row.filter((to) => equal(x.at(to)).value !== 0).length;
          const own = times(g(at), call("sgn", here));
          return chosen(equal(here), count > 1 ? binary("/", own, number(count)) : own, number(0));
        }
        if (order === 1) return times(g(at), call("sgn", here));
        if (norm(at).value === 0) return number(0);
        if (order === 2) return times(g(at), binary("/", here, norm(at)));
        const share = binary("/", call("abs", here), norm(at));
        return times(times(g(at), call("sgn", here)), binary("**", share, number(order - 1)));
      }),
    );
  },
  /** Each factor's gradient is the product of all the others. */
  prod_backward: (grad, self, _result, dim, keep) => {
    const [of, x] = [tensor(grad), tensor(self)];
    const d = dim === undefined ? null : axis(whole(dim), x.shape.length);
    return T(
      lazy(x.shape, (at) => {
        const others =
          d === null
            ? Array.from({ length: numel(x.shape) }, (_, i) => i)
            : Array.from({ length: x.shape[d] as number }, (_, i) => i);
        if (others.length > MOST_FACTORS) throw new Untold("too many factors");
        const flat = flatOf(x.shape, at);
        const own = d === null ? flat : (at[d] as number);
        const g =
          d === null
            ? of.at(of.shape.map(() => 0))
            : of.at(yes(keep) ? at.map((i, e) => (e === d ? 0 : i)) : at.filter((_, e) => e !== d));
        return others
          .filter((i) => i !== own)
          .map((i) => x.at(d === null ? indexOf(x.shape, i) : at.map((n, e) => (e === d ? i : n))))
          .reduce(times, g);
      }),
    );
  },
  multi_margin_loss_backward: (grad, self, target, p, margin, weight, reduction) => {
    const [of, x, classes, by] = [tensor(grad), tensor(self), tensor(target), maybe(weight)];
    const squared = whole(p) === 2;
    const [rows, columns] = x.shape.length === 2 ? (x.shape as [number, number]) : [1, x.shape[0] as number];
    const share = columns * (whole(reduction) === 1 ? rows : 1);
    return T(
      lazy(x.shape, (at) => {
        const row = at.slice(0, -1);
        const own = classes.at(classes.shape.length === 0 ? [] : x.shape.length === 2 ? row : [0]).value;
        const g = whole(reduction) === 0 && of.shape.length > 0 ? of.at(row) : of.at(of.shape.map(() => 0));
        const weigh = (cell: Cell): Cell => (by === null ? cell : times(cell, by.at([own])));
        const short = (i: number): Cell =>
          binary("+", binary("-", number(whole(margin)), x.at([...row, own])), x.at([...row, i]));
        const close = (i: number): Cell => binary(">", short(i), number(0));
        /** Squared, a margin that is missed by more counts for more. */
        const slope = (i: number): Cell => times(number(2), short(i));
        const here = at.at(-1) as number;
        if (here !== own)
          return chosen(
            close(here),
            weigh(binary("/", squared ? times(g, slope(here)) : g, number(share))),
            number(0),
          );
        const tight = Array.from({ length: columns }, (_, i) => i).filter((i) => i !== own && close(i).value);
        const missed = squared ? sum(tight.map(slope)) : number(tight.length);
        return weigh(binary("/", times(call("neg", g), missed), number(share)));
      }),
    );
  },
  /** Each label wants to be above each class that is none, by 1. Labels end at the first -1. */
  multilabel_margin_loss_backward: (grad, self, target, reduction) => {
    const [of, x, labels] = [tensor(grad), tensor(self), tensor(target)];
    const columns = x.shape.at(-1) as number;
    const rows = x.shape.length === 2 ? (x.shape[0] as number) : 1;
    const share = columns * (whole(reduction) === 1 ? rows : 1);
    return T(
      lazy(x.shape, (at) => {
        const row = at.slice(0, -1);
        const g = whole(reduction) === 0 && of.shape.length > 0 ? of.at(row) : of.at(of.shape.map(() => 0));
        const listed = Array.from(
          { length: columns },
          (_, i) => labels.at([...row, i].slice(-labels.shape.length)).value,
        );
        const end = listed.indexOf(-1);
        const wanted = end < 0 ? listed : listed.slice(0, end);
        const tight = (label: number, other: number): boolean =>
          1 - x.at([...row, label]).value + x.at([...row, other]).value > 0;
        const here = at.at(-1) as number;
        const others = [...Array(columns).keys()].filter((i) => !wanted.includes(i));
        const count = wanted.includes(here)
          ? -others.filter((other) => tight(here, other)).length
          : wanted.filter((label) => tight(label, here)).length;
        return count === 0 ? number(0) : binary("/", times(g, number(count)), number(share));
      }),
    );
  },
  /** In training a negative element was scaled by a number that was drawn, else by the middle of the two bounds. */
  rrelu_with_noise_backward: (grad, self, noise, lower, upper, training) => {
    const [low, high] = [whole(lower), whole(upper)];
    if (yes(training) && high - low > 1e-6) return T(elementwise(tensor(grad), tensor(noise), times));
    return T(
      elementwise(tensor(grad), tensor(self), (g, x) =>
        chosen(positive(x), g, times(g, number((low + high) / 2))),
      ),
    );
  },
};

/** Factors of a product that are written out. */
const MOST_FACTORS = 12;
