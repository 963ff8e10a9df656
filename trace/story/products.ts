/** Products of vectors and of three tensors at once. */
import { binary } from "./cell.ts";
import { axis, broadcast, elementwise, expand, type Lazy, lazy, reshape, sumOver } from "./lazy.ts";
import { numbers, type Rule, T, tensor, whole } from "./things.ts";

/** With axes of length 1 at the given places of the result. */
function spread(of: Lazy, at: readonly number[]): Lazy {
  const shape = [...of.shape];
  for (const d of [...at].sort((a, b) => a - b)) shape.splice(d, 0, 1);
  return reshape(of, shape);
}

const times = (a: Lazy, b: Lazy): Lazy => elementwise(a, b, (x, y) => binary("*", x, y));

export const PRODUCTS: Readonly<Record<string, Rule>> = {
  linalg_cross: (one, other, dim) => {
    const shape = broadcast(tensor(one).shape, tensor(other).shape);
    const [a, b] = [expand(tensor(one), shape), expand(tensor(other), shape)];
    const d = axis(whole(dim), shape.length);
    return T(
      lazy(shape, (at) => {
        const on = (by: number): number[] => at.map((i, e) => (e === d ? (i + by) % 3 : i));
        return binary("-", binary("*", a.at(on(1)), b.at(on(2))), binary("*", a.at(on(2)), b.at(on(1))));
      }),
    );
  },
  _trilinear: (one, two, three, ...dims) => {
    const [a, b, c, over] = dims.map(numbers) as [number[], number[], number[], number[]];
    const all = times(times(spread(tensor(one), a), spread(tensor(two), b)), spread(tensor(three), c));
    return T(over.length === 0 ? all : sumOver(all, over, false));
  },
};
