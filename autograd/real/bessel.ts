/** Modified Bessel functions of the first kind, of orders 0 and 1, for one double. */

/** Beyond this the asymptotic series is exact to the last digit. */
const FAR = 30;

/** exp(-x) · I(order, x) for x ≥ 0. */
function scaled(order: 0 | 1, x: number): number {
  if (x > FAR) {
    let [term, sum] = [1, 1];
    for (let k = 1; k < 60; k++) {
      const next = (-term * (4 * order * order - (2 * k - 1) ** 2)) / (8 * k * x);
      if (Math.abs(next) >= Math.abs(term) || Math.abs(next) < 1e-18) break;
      term = next;
      sum += term;
    }
    return sum / Math.sqrt(2 * Math.PI * x);
  }
  const quarter = (x * x) / 4;
  let [term, sum] = [order === 0 ? 1 : x / 2, order === 0 ? 1 : x / 2];
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= quarter / (k * (k + order));
    sum += term;
  }
  return sum * Math.exp(-x);
}

export const i0e = (x: number): number => scaled(0, Math.abs(x));
export const i1e = (x: number): number => Math.sign(x) * scaled(1, Math.abs(x));
export const i0 = (x: number): number => Math.exp(Math.abs(x)) * i0e(x);
export const i1 = (x: number): number => Math.exp(Math.abs(x)) * i1e(x);
