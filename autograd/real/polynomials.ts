/** Orthogonal polynomials by degree, for one number, by the recurrences that PyTorch takes; `r` rounds each step. */

type Round = (x: number) => number;
export type Polynomial = (x: number, n: number, r: Round) => number;

/** From degree 0 and 1 on: `next(x, q, p, k)` is the one after `q`. */
function recurred(
  n: number,
  firstTwo: readonly [number, number],
  next: (q: number, p: number, k: number) => number,
): number {
  let [p, q] = firstTwo;
  if (n === 0) return p;
  for (let k = 1; k < n; k++) [p, q] = [q, next(q, p, k)];
  return q;
}

const signed = (n: number, value: number): number => (n % 2 === 0 ? value : -value);

interface Kind {
  /** The polynomial of degree 1. */
  readonly first: (x: number) => number;
  /** At 1 and at -1. */
  readonly right: (n: number) => number;
  readonly left: (n: number) => number;
  /** By the angle whose cosine is x. */
  readonly angle: (n: number, theta: number) => number;
}

const one = (): number => 1;
const KINDS = {
  t: {
    first: (x) => x,
    right: one,
    left: (n) => signed(n, 1),
    angle: (n, theta) => Math.cos(n * theta),
  },
  u: {
    first: (x) => x + x,
    right: (n) => n + 1,
    left: (n) => signed(n, n + 1),
    angle: (n, theta) => Math.sin((n + 1) * theta) / Math.sin(theta),
  },
  v: {
    first: (x) => x + x - 1,
    right: one,
    left: (n) => signed(n, n + n + 1),
    angle: (n, theta) => Math.cos((n + 0.5) * theta) / Math.cos(theta / 2),
  },
  w: {
    first: (x) => x + x + 1,
    right: (n) => n + n + 1,
    left: (n) => signed(n, 1),
    angle: (n, theta) => Math.sin((n + 0.5) * theta) / Math.sin(theta / 2),
  },
} satisfies Record<string, Kind>;

/** Chebyshev's polynomials of the four kinds; beyond degree `by` those within -1 … 1 come from the angle. */
const chebyshev =
  ({ first, right, left, angle }: Kind, by: number): Polynomial =>
  (x, n, r) => {
    if (Math.abs(x) === 1) return x > 0 ? right(n) : left(n);
    if (n > by && Math.abs(x) < 1) return angle(n, r(Math.acos(x)));
    return recurred(n, [1, r(first(x))], (q, p) => r(r(r(x + x) * q) - p));
  };

const shifted =
  (of: Polynomial): Polynomial =>
  (x, n, r) =>
    of(r(r(x + x) - 1), n, r);

export const POLYNOMIALS = {
  chebyshev_polynomial_t: chebyshev(KINDS.t, 6),
  chebyshev_polynomial_u: chebyshev(KINDS.u, 8),
  chebyshev_polynomial_v: chebyshev(KINDS.v, 8),
  chebyshev_polynomial_w: chebyshev(KINDS.w, 8),
  shifted_chebyshev_polynomial_t: shifted(chebyshev(KINDS.t, 6)),
  shifted_chebyshev_polynomial_u: shifted(chebyshev(KINDS.u, 6)),
  shifted_chebyshev_polynomial_v: shifted(chebyshev(KINDS.v, 6)),
  shifted_chebyshev_polynomial_w: shifted(chebyshev(KINDS.w, 4)),
  hermite_polynomial_h: (x, n, r) =>
    recurred(n, [1, r(x + x)], (q, p, k) => r(r(r(x + x) * q) - r(2 * k * p))),
  hermite_polynomial_he: (x, n, r) => recurred(n, [1, x], (q, p, k) => r(r(x * q) - r(k * p))),
  laguerre_polynomial_l: (x, n, r) =>
    x === 0
      ? 1
      : recurred(n, [1, r(1 - x)], (q, p, k) => r(r(r(r(k + k + r(1 - x)) * q) - r(k * p)) / (k + 1))),
  legendre_polynomial_p: (x, n, r) => {
    if (Math.abs(x) === 1) return x > 0 ? 1 : signed(n, 1);
    return recurred(n, [1, x], (q, p, k) => r(r(r(r((k + k + 1) * x) * q) - r(k * p)) / (k + 1)));
  },
} satisfies Record<string, Polynomial>;
