/** Drawing of positions and counts: multinomial and poisson, number by number as PyTorch does. */
import { DType, Random } from "../assembly/shared/codes.ts";
import { topPositions } from "./cxx.ts";
import { draw, notFor } from "./draws.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import { rounder } from "./half.ts";
import type { Kernels } from "./kernels.ts";
import { emptyLike } from "./order.ts";
import type { Generator } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/** Positions in each row of `p` [n] or [rows, n], drawn with the row's numbers as weights. */
export function multinomial(
  k: Kernels,
  p: Tensor,
  samples: number,
  replacement: boolean,
  source: Generator | null,
): Tensor {
  const n = p.shape.at(-1) ?? 0;
  if (p.shape.length !== 1 && p.shape.length !== 2) fail("prob_dist must be 1 or 2 dim");
  if (!isFloat(p.dtype))
    fail(`multinomial only supports floating-point dtypes for input, got: ${dtypeRow(p.dtype).scalarType}`);
  if (p.dtype === DType.f16) fail("multinomial is not implemented for half on CPU");
  if (samples <= 0) fail("cannot sample n_sample <= 0 samples");
  if (!replacement && samples > n)
    fail("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  if (n > 2 ** 24) fail("number of categories cannot exceed 2^24");
  const out = k.empty([...p.shape.slice(0, -1), samples], DType.i64);
  if (out.numel === 0) return out;
  const weights = k.core.read(p) as Float64Array;
  const pick = replacement ? withReplacement : byRace;
  k.core.write(out, pick(k, p, weights, n, samples, source));
  return out;
}

/** Each position runs for a time of exponential distribution, whose rate is its weight: the first ones to arrive. */
function byRace(
  k: Kernels,
  p: Tensor,
  weights: Float64Array,
  n: number,
  samples: number,
  source: Generator | null,
): number[] {
  if (!weights.every((x) => x >= 0 && x < Number.POSITIVE_INFINITY))
    fail("probability tensor contains either `inf`, `nan` or element < 0");
  const rows = weights.length / n;
  for (let row = 0; row < rows; row++)
    if (weights.subarray(row * n, (row + 1) * n).every((x) => x === 0))
      fail("invalid multinomial distribution (sum of probabilities <= 0)");
  const times = draw(k, Random.exponential, "exponential_cpu", emptyLike(k, p), source, { p: 1 });
  const round = rounder(p.dtype);
  const speeds = (k.core.read(times) as Float64Array).map((t, i) => round((weights[i] as number) / t));
  return Array.from({ length: rows }, (_, row) =>
    topPositions(speeds.subarray(row * n, (row + 1) * n), samples),
  ).flat();
}

/** By bisection of the running sum of the weights. */
function withReplacement(
  k: Kernels,
  p: Tensor,
  weights: Float64Array,
  n: number,
  samples: number,
  source: Generator | null,
): number[] {
  const g = source ?? k.generator;
  const round = rounder(p.dtype);
  const picked: number[] = [];
  for (let row = 0; row < weights.length; row += n) {
    const upTo = new Float64Array(n);
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const weight = weights[row + j] as number;
      if (!(weight >= 0)) fail("invalid multinomial distribution (encountering probability entry < 0)");
      if (!Number.isFinite(weight))
        fail("invalid multinomial distribution (encountering probability entry = infinity or NaN)");
      sum = round(sum + weight);
      upTo[j] = sum;
    }
    if (!(sum > 0)) fail("invalid multinomial distribution (sum of probabilities <= 0)");
    for (let j = 0; j < n; j++) upTo[j] = round((upTo[j] as number) / sum);
    upTo[n - 1] = 1;
    for (let i = 0; i < samples; i++) {
      const u = g.unit();
      let [low, high] = [0, n];
      while (high > low) {
        const middle = low + ((high - low) >> 1);
        if ((upTo[middle] as number) < u) low = middle + 1;
        else high = middle;
      }
      picked.push(low);
    }
  }
  return picked;
}

/** For each rate a number of events. */
export function poisson(k: Kernels, rates: Tensor, source: Generator | null): Tensor {
  if (!isFloat(rates.dtype) || rates.dtype === DType.f16) notFor("poisson_cpu", rates);
  const out = k.empty(rates.shape, rates.dtype);
  const g = source ?? k.generator;
  k.core.write(
    out,
    Array.from(k.core.read(rates) as Float64Array, (rate) => events(rate, g)),
  );
  return out;
}

function events(rate: number, g: Generator): number {
  if (!(rate >= 0)) fail("invalid Poisson rate, expected rate to be non-negative");
  if (rate === 0) return 0;
  if (rate >= 10) return manyEvents(rate, g);
  const limit = Math.exp(-rate);
  let count = 0;
  for (let product = g.unit(); product > limit; product *= g.unit()) count++;
  return count;
}

/** Hörmann's transformed rejection, "The transformed rejection method for generating Poisson random variables" (1993). */
function manyEvents(rate: number, g: Generator): number {
  const root = Math.sqrt(rate);
  const logRate = Math.log(rate);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverse = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = g.unit() - 0.5;
    const v = g.unit();
    const us = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= vr) return count;
    if (count < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + Math.log(inverse) - Math.log(a / (us * us) + b);
    if (left <= -rate + count * logRate - logFactorial(count)) return count;
  }
}

/** ln n!, by Stirling's series where n is not small. */
function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}
