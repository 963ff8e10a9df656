/** Determinants, inverses and solutions of linear systems: by the cofactors of the matrix. */
import { binary, type Cell, call, NOTHING, named, number } from "./cell.ts";
import { broadcast, expand, type Lazy, lazy, matmul, reshape, transpose, Untold } from "./lazy.ts";
import { type Rule, T, tensor, yes } from "./things.ts";

type Square = readonly (readonly Cell[])[];

/** Larger matrices have more products than a person reads, and than double precision keeps apart. */
const LARGEST = 6;

function square(of: Lazy, batch: readonly number[]): Square {
  const n = of.shape.at(-1) as number;
  if (n > LARGEST) throw new Untold("a large matrix");
  const own = batch.slice(batch.length - of.shape.length + 2).map((i, d) => (of.shape[d] === 1 ? 0 : i));
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => of.at([...own, i, j])));
}

const without = (a: Square, row: number, column: number): Square =>
  a.filter((_, i) => i !== row).map((cells) => cells.filter((_, j) => j !== column));

/** The determinant: written out for two rows, else by its name. */
function determinant(a: Square, name: string): Cell {
  const [[p, q] = [], [r, s] = []] = a;
  if (p === undefined) return number(1);
  if (a.length === 1) return p;
  if (a.length === 2) return binary("-", binary("*", p, s as Cell), binary("*", q as Cell, r as Cell));
  const value = ([first = [], ...rest]: Square): number =>
    first.length === 0
      ? 1
      : first.reduce(
          (total, { value: x }, j) =>
            total + (j % 2 === 0 ? x : -x) * value(rest.map((cells) => cells.filter((_, e) => e !== j))),
          0,
        );
  return named(name, value(a), a.flat());
}

/** What the determinant gains per unit of one element: the determinant of the rest, with its sign. */
function cofactor(a: Square, row: number, column: number): Cell {
  const rest = determinant(without(a, row, column), `M[${row}, ${column}]`);
  return (row + column) % 2 === 0 ? rest : call("neg", rest);
}

const overMatrices = (
  a: Lazy,
  element: (own: Square, batch: readonly number[], row: number, column: number) => Cell,
): Lazy =>
  lazy(a.shape, (at) => {
    const batch = at.slice(0, -2);
    return element(square(a, batch), batch, at.at(-2) as number, at.at(-1) as number);
  });

/** Each element by its name `A⁻¹[i, j]`. */
const inverse = (a: Lazy): Lazy =>
  overMatrices(a, (own, _batch, row, column) => {
    const whole = determinant(own, "det").value;
    const { value } = binary("/", cofactor(own, column, row), number(whole));
    return named(`A⁻¹[${row}, ${column}]`, value, own.flat());
  });

const turned = (a: Lazy): Lazy => transpose(a, a.shape.length - 2, a.shape.length - 1);

/** The matrix product where batches broadcast. */
function product(a: Lazy, b: Lazy): Lazy {
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const over = (of: Lazy): Lazy => expand(of, [...batch, ...of.shape.slice(-2)]);
  return matmul(over(a), over(b));
}

/** `A⁻ᵀ · grad`, or `grad · A⁻ᵀ` where the matrix stood on the right. */
const solved = (grad: Lazy, a: Lazy, left: boolean): Lazy =>
  left ? product(turned(inverse(a)), grad) : product(grad, turned(inverse(a)));

/** Whether the right-hand sides are vectors: one axis less than the matrices. */
const vectors = (a: Lazy, of: Lazy): boolean =>
  of.shape.length === 1 ||
  (a.shape.length - 1 === of.shape.length && of.shape.join() === a.shape.slice(0, -1).join());
const column = (of: Lazy): Lazy => reshape(of, [...of.shape, 1]);

/** The half of a matrix that a triangular solver reads; `unit`: with ones on its diagonal, whatever stands there. */
const triangle = (a: Lazy, upper: boolean, unit: boolean): Lazy =>
  lazy(a.shape, (at) => {
    const right = (at.at(-1) as number) - (at.at(-2) as number);
    if (right === 0 && unit) return number(1);
    return right === 0 || right > 0 === upper ? a.at(at) : NOTHING;
  });

/** `-` the solution's gradient times the solution, for the half that was read. */
function towardsTriangle(found: Lazy, upper: boolean, unit: boolean): Lazy {
  const less = lazy(found.shape, (at) => call("neg", found.at(at)));
  const half = triangle(less, upper, false);
  return lazy(half.shape, (at) => (unit && at.at(-1) === at.at(-2) ? NOTHING : half.at(at)));
}

export const MATRICES: Readonly<Record<string, Rule>> = {
  linalg_det_backward: (grad, _det, self) => {
    const [of, a] = [tensor(grad), tensor(self)];
    return T(
      overMatrices(a, (own, batch, row, column) => binary("*", of.at(batch), cofactor(own, row, column))),
    );
  },
  slogdet_backward: (grad, self) => {
    const [of, a] = [tensor(grad), tensor(self)];
    return T(
      overMatrices(a, (own, batch, row, column) =>
        binary("/", binary("*", of.at(batch), cofactor(own, row, column)), determinant(own, "det")),
      ),
    );
  },
  linalg_solve_backward: (grad, self, _result, left) => {
    const [of, a] = [tensor(grad), tensor(self)];
    if (!vectors(a, of)) return T(solved(of, a, yes(left)));
    return T(reshape(solved(column(of), a, yes(left)), of.shape));
  },
  linalg_solve_triangular: (a, b, upper, left, unit) => {
    const solver = inverse(triangle(tensor(a), yes(upper), yes(unit)));
    return T(yes(left) ? product(solver, tensor(b)) : product(tensor(b), solver));
  },
  solve_triangular_backward_A: (grad, self, result, upper, left, unit) => {
    const a = triangle(tensor(self), yes(upper), yes(unit));
    const [back, solution] = [solved(tensor(grad), a, yes(left)), turned(tensor(result))];
    const found = yes(left) ? product(back, solution) : product(solution, back);
    return T(towardsTriangle(found, yes(upper), yes(unit)));
  },
  triangular_solve: (b, a, upper, transpose, unit) => {
    const solver = inverse(triangle(tensor(a), yes(upper), yes(unit)));
    return { tensors: [product(yes(transpose) ? turned(solver) : solver, tensor(b))] };
  },
  triangular_solve_backward_A: (grad, self, result, upper, transpose, unit) => {
    const [g, x, solver] = [
      tensor(grad),
      tensor(result),
      inverse(triangle(tensor(self), yes(upper), yes(unit))),
    ];
    const found = yes(transpose)
      ? product(x, turned(product(solver, g)))
      : product(product(turned(solver), g), turned(x));
    return T(towardsTriangle(found, yes(upper), yes(unit)));
  },
  /** The product of a factor and itself turned is what was solved with. */
  cholesky_solve: (b, factor, upper) => {
    const l = yes(upper) ? turned(tensor(factor)) : tensor(factor);
    return T(product(inverse(product(l, turned(l))), tensor(b)));
  },
  linalg_solve_backward_A: (grad, self, result, left) => {
    const [g, a, x] = [tensor(grad), tensor(self), tensor(result)];
    const [up, solution] = vectors(a, x) ? [column(g), column(x)] : [g, x];
    const back = solved(up, a, yes(left));
    const found = yes(left) ? product(back, turned(solution)) : product(turned(solution), back);
    return T(lazy(found.shape, (at) => call("neg", found.at(at))));
  },
};
