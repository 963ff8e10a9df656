/** Normalisation and spread: each element's gradient depends on the mean and the spread of those it was normalised with. */
import { numel } from "../shape.ts";
import { binary, type Cell, named, number } from "./cell.ts";
import { everyIndex, type Lazy, lazy, reshape } from "./lazy.ts";
import { maybe, numbers, plain, type Rule, tensor } from "./things.ts";

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** `(g − mean(g) − x̂ · mean(g · x̂)) / σ`: the gradient through a normalisation by the row's own mean and spread. */
function normalised(
  g: (at: readonly number[]) => Cell,
  input: Lazy,
  row: readonly (readonly number[])[],
  here: readonly number[],
  eps: number,
): Cell {
  const values = row.map((at) => input.at(at).value);
  const centre = mean(values);
  const spread = Math.sqrt(mean(values.map((x) => (x - centre) ** 2)) + eps);
  const gradients = row.map(g);
  const hats = values.map((x) => (x - centre) / spread);
  const hat = named("x̂", (input.at(here).value - centre) / spread, [input.at(here)]);
  const meanOfG = named("mean(g)", mean(gradients.map(({ value }) => value)), gradients);
  const meanOfBoth = named(
    "mean(g·x̂)",
    mean(gradients.map(({ value }, i) => value * (hats[i] as number))),
    row.map((at) => input.at(at)),
  );
  const inside = binary("-", binary("-", g(here), meanOfG), binary("*", hat, meanOfBoth));
  return binary("/", inside, named("σ", spread));
}

const rowsOf = (
  shape: readonly number[],
  over: (d: number) => boolean,
  here: readonly number[],
): number[][] =>
  everyIndex(shape.map((size, d) => (over(d) ? size : 1))).map((at) =>
    at.map((i, d) => (over(d) ? i : (here[d] as number))),
  );

/** All places of one sample that are normalised together with `here`: its group of channels. */
function groupOf(shape: readonly number[], here: readonly number[], groups: unknown): number[][] {
  const size = (shape[1] as number) / Number(groups);
  const first = Math.floor((here[1] as number) / size) * size;
  return everyIndex(shape.map((n, d) => (d === 0 ? 1 : d === 1 ? size : n))).map((to) =>
    to.map((i, d) => (d === 0 ? (here[0] as number) : d === 1 ? first + i : i)),
  );
}

const hatOf = (input: Lazy, row: readonly (readonly number[])[], eps: number) => {
  const values = row.map((at) => input.at(at).value);
  const centre = mean(values);
  const spread = Math.sqrt(mean(values.map((x) => (x - centre) ** 2)) + eps);
  return (at: readonly number[]): Cell => named("x̂", (input.at(at).value - centre) / spread, [input.at(at)]);
};

export const NORMS: Readonly<Record<string, Rule>> = {
  layer_norm_backward: (grad, input, dims, weight, eps) => {
    const [of, x, by] = [tensor(grad), tensor(input), maybe(weight)];
    const count = numbers(dims).length;
    const first = x.shape.length - count;
    const g = (at: readonly number[]): Cell =>
      by === null ? of.at(at) : binary("*", of.at(at), by.at(at.slice(first)));
    return {
      tensor: lazy(x.shape, (at) =>
        normalised(
          g,
          x,
          rowsOf(x.shape, (d) => d >= first, at),
          at,
          Number(plain(eps)),
        ),
      ),
    };
  },
  layer_norm_weight_backward: (grad, input, dims, eps) => {
    const [of, x] = [tensor(grad), tensor(input)];
    const shape = numbers(dims);
    const first = x.shape.length - shape.length;
    return {
      tensor: lazy(shape, (at) => {
        const rows = everyIndex(x.shape.slice(0, first));
        return added(
          rows.map((ahead) => {
            const here = [...ahead, ...at];
            const hat = hatOf(
              x,
              rowsOf(x.shape, (d) => d >= first, here),
              Number(plain(eps)),
            );
            return binary("*", of.at(here), hat(here));
          }),
        );
      }),
    };
  },
  group_norm_weight_backward: (grad, input, groups, eps) => {
    const [of, x] = [tensor(grad), tensor(input)];
    const channels = x.shape[1] as number;
    return {
      tensor: lazy([channels], ([channel = 0]) => {
        const places = rowsOf(
          x.shape,
          (d) => d !== 1,
          x.shape.map((_, d) => (d === 1 ? channel : 0)),
        );
        const hats = new Map<number, (at: readonly number[]) => Cell>();
        return added(
          places.map((at) => {
            const sample = at[0] as number;
            const hat = hats.get(sample) ?? hatOf(x, groupOf(x.shape, at, plain(groups)), Number(plain(eps)));
            hats.set(sample, hat);
            return binary("*", of.at(at), hat(at));
          }),
        );
      }),
    };
  },
  group_norm_backward: (grad, input, weight, groups, eps) => {
    const [of, x, by] = [tensor(grad), tensor(input), maybe(weight)];
    const g = (at: readonly number[]): Cell =>
      by === null ? of.at(at) : binary("*", of.at(at), by.at([at[1] as number]));
    return {
      tensor: lazy(x.shape, (at) =>
        normalised(g, x, groupOf(x.shape, at, plain(groups)), at, Number(plain(eps))),
      ),
    };
  },
  batch_norm_backward: (grad, input, _mean, variance, weight, training, eps) => {
    const [of, x, by] = [tensor(grad), tensor(input), maybe(weight)];
    const g = (at: readonly number[]): Cell =>
      by === null ? of.at(at) : binary("*", of.at(at), by.at([at[1] as number]));
    if (plain(training) !== true) {
      const spread = tensor(variance);
      return {
        tensor: lazy(x.shape, (at) =>
          binary("/", g(at), named("σ", Math.sqrt(spread.at([at[1] as number]).value + Number(plain(eps))))),
        ),
      };
    }
    return {
      tensor: lazy(x.shape, (at) =>
        normalised(
          g,
          x,
          rowsOf(x.shape, (d) => d !== 1, at),
          at,
          Number(plain(eps)),
        ),
      ),
    };
  },
  batch_norm_weight_backward: (grad, input, centre, variance, training, eps) => {
    const [of, x] = [tensor(grad), tensor(input)];
    return {
      tensor: lazy([x.shape[1] as number], ([channel = 0]) => {
        const here = x.shape.map((_, d) => (d === 1 ? channel : 0));
        const row = rowsOf(x.shape, (d) => d !== 1, here);
        const own = hatOf(x, row, Number(plain(eps)));
        const hat =
          plain(training) === true
            ? own
            : (at: readonly number[]): Cell =>
                named(
                  "x̂",
                  (x.at(at).value - tensor(centre).at([channel]).value) /
                    Math.sqrt(tensor(variance).at([channel]).value + Number(plain(eps))),
                  [x.at(at)],
                );
        return added(row.map((at) => binary("*", of.at(at), hat(at))));
      }),
    };
  },
  var_backward: (grad, self, dims, correction, keep) => ({
    tensor: spreadGradient(
      tensor(grad),
      tensor(self),
      plain(dims),
      plain(correction),
      plain(keep) === true,
      null,
    ),
  }),
  std_backward: (result, grad, self, dims, correction, keep) => ({
    tensor: spreadGradient(
      tensor(grad),
      tensor(self),
      plain(dims),
      plain(correction),
      plain(keep) === true,
      tensor(result),
    ),
  }),
};

const added = (terms: readonly Cell[]): Cell =>
  terms.length === 1
    ? (terms[0] as Cell)
    : { kind: "sum", terms, value: terms.reduce((total, { value }) => total + value, 0) };

/** `g · 2 / (n − correction) · (x − mean)`; for a standard deviation divided by twice itself. */
function spreadGradient(
  grad: Lazy,
  self: Lazy,
  dims: unknown,
  correction: unknown,
  keep: boolean,
  result: Lazy | null,
): Lazy {
  const rank = self.shape.length;
  const listed = (dims ?? null) as readonly number[] | null;
  const over = new Set(
    listed === null || listed.length === 0
      ? self.shape.keys()
      : listed.map((dim) => (dim < 0 ? dim + rank : dim)),
  );
  const shape = self.shape.map((size, d) => (over.has(d) ? 1 : size));
  const spread = (of: Lazy): Lazy => (keep && of.shape.length === rank ? of : reshape(of, shape));
  const count = numel(self.shape.filter((_, d) => over.has(d))) - Number(correction ?? 1);
  return lazy(self.shape, (at) => {
    const row = rowsOf(self.shape, (d) => over.has(d), at);
    const cells = row.map((each) => self.at(each));
    const centre = named("mean(x)", mean(cells.map(({ value }) => value)), cells);
    const place = at.map((i, d) => (over.has(d) ? 0 : i));
    const g = spread(grad).at(place);
    const off = binary("-", self.at(at), centre);
    if (result === null) return binary("*", binary("*", g, number(2 / count)), off);
    const both = binary("/", binary("*", g, off), number(count));
    return binary("/", both, spread(result).at(place));
  });
}
