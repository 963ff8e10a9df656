/** Distances between rows: each element moves a distance along what it differs by. */
import { binary, type Cell, call, NOTHING, number, sum } from "./cell.ts";
import { expand, type Lazy, lazy, type Thing } from "./lazy.ts";
import { type Rule, T, tensor, whole } from "./things.ts";

/** What the gradient `g` of a distance `far` gives to the element `x` of one of its ends, where the other has `y`. */
function towards(g: Cell, x: Cell, y: Cell, far: Cell, power: number): Cell {
  const apart = binary("-", x, y);
  const size = Math.abs(apart.value);
  if (power === 0 || size === 0 || far.value === 0) return NOTHING;
  if (power === 1) return binary("*", g, call("sign", apart));
  if (power === 2) return binary("/", binary("*", g, apart), far);
  if (power === Number.POSITIVE_INFINITY)
    return Math.abs(size - far.value) <= 1e-6 * far.value ? binary("*", g, call("sign", apart)) : NOTHING;
  const share = binary("**", binary("/", call("abs", apart), far), number(power - 1));
  return binary("*", binary("*", g, call("sign", apart)), share);
}

/** Each row's distances to the other rows: along what an element differs from theirs. */
const distances: Rule = (grad, one, others, p, result) => {
  const [of, a, b, between, power] = [tensor(grad), tensor(one), tensor(others), tensor(result), whole(p)];
  const batch = of.shape.slice(0, -2);
  const [from, to] = [a, b].map((x) => expand(x, [...batch, ...x.shape.slice(-2)])) as [Lazy, Lazy];
  return T(
    lazy(from.shape, (at) => {
      const [ahead, i, k] = [at.slice(0, -2), at.at(-2) as number, at.at(-1) as number];
      return sum(
        Array.from({ length: to.shape.at(-2) as number }, (_, j): Cell => {
          const [g, far] = [of.at([...ahead, i, j]), between.at([...ahead, i, j])];
          return towards(g, from.at(at), to.at([...ahead, j, k]), far, power);
        }),
      );
    }),
  );
};

const two: Rule = (grad, one, others, result) =>
  distances(grad as Thing, one as Thing, others as Thing, { plain: 2 }, result as Thing);

export const DISTANCES: Readonly<Record<string, Rule>> = {
  _cdist_backward: distances,
  euclidean_dist_backward: two,
  /** Of the pairs of rows in order, those that this row is one of. */
  _pdist_backward: (grad, self, p, result) => {
    const [of, x, far, power] = [tensor(grad), tensor(self), tensor(result), whole(p)];
    const rows = x.shape[0] as number;
    return T(
      lazy(x.shape, ([i = 0, k = 0]) =>
        sum(
          Array.from({ length: rows }, (_, j): Cell => {
            if (i === j) return NOTHING;
            const [a, b] = [Math.min(i, j), Math.max(i, j)];
            const pair = a * rows - (a * (a + 1)) / 2 + (b - a - 1);
            return towards(of.at([pair]), x.at([i, k]), x.at([j, k]), far.at([pair]), power);
          }),
        ),
      ),
    );
  },
};
