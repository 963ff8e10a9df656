/** Drawing tensors of random numbers: PyTorch's checks and messages, and the order in which elements are visited. */
import { Binary, DType, Random } from "../assembly/shared/codes.ts";
import { dtypeRow, dtypeSize, isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import { expandable, type Kernels, showShape } from "./kernels.ts";
import { streamText } from "./literal.ts";
import { emptyLike, refuseOverlap } from "./order.ts";
import type { Generator } from "./random.ts";
import { drawRounded } from "./rounded-draws.ts";
import { isContiguous, type Tensor } from "./tensor.ts";

type Source = Generator | null;

interface Draw {
  readonly p?: number;
  readonly q?: number;
  readonly range?: bigint;
  readonly base?: bigint;
  /** Probabilities that lie as `out` does. */
  readonly chances?: Tensor;
}

/** Fill `out`, which has no gaps, in the order of its memory. `kernel` is PyTorch's name for messages. */
export function draw(
  k: Kernels,
  kind: Random,
  kernel: string,
  out: Tensor,
  source: Source,
  { p = 0, q = 0, range = 1n, base = 0n, chances }: Draw = {},
): Tensor {
  const g = (source ?? k.generator).address;
  const { random } = k.core;
  if (dtypeRow(out.dtype).computes !== undefined) {
    if (!drawRounded(k, kind, out, g, { p, q, range, base, chances: chances?.ptr ?? 0 })) notFor(kernel, out);
    return out;
  }
  if (!random.random(kind, out.dtype, g, out.ptr, out.numel, p, q, range, base, chances?.ptr ?? 0))
    notFor(kernel, out);
  return out;
}

export function notFor(kernel: string, t: Tensor): never {
  fail(`"${kernel}" not implemented for '${dtypeRow(t.dtype).scalarType}'`);
}

/** Room for the new numbers of `self`, in the order in which PyTorch visits its elements. */
function room(k: Kernels, self: Tensor): Tensor {
  refuseOverlap(self);
  return emptyLike(k, self);
}

export function uniform(k: Kernels, self: Tensor, from: number, to: number, source: Source): Tensor {
  const { dtype } = self;
  if (!isFloat(dtype)) notFor("check_uniform_bounds", self);
  const largest = Number(dtypeRow(dtype).max);
  const { scalarType, cxx } = dtypeRow(dtype);
  if (!(Math.abs(from) <= largest)) fail(`from is out of bounds for ${cxx[1]}`);
  if (!(Math.abs(to) <= largest)) fail(`to is out of bounds for ${cxx[1]}`);
  if (from > to)
    fail(
      `uniform_ expects to return a [from, to) range, but found from=${streamText(from)} > to=${streamText(to)}`,
    );
  if (to - from > largest)
    fail(
      `uniform_ expects to-from <= std::numeric_limits<${scalarType}>::max(), but found to=${streamText(to)} and from=${streamText(from)} which result in to-from to exceed the limit`,
    );
  return draw(k, Random.uniform, "check_uniform_bounds", room(k, self), source, { p: from, q: to });
}

export function normal(k: Kernels, self: Tensor, mean: number, std: number, source: Source): Tensor {
  if (!(std >= 0)) fail(`normal expects std >= 0.0, but found std ${streamText(std)}`);
  const kind = isContiguous(self) ? Random.normal : Random.normalEach;
  return draw(k, kind, "normal_kernel_cpu", room(k, self), source, { p: mean, q: std });
}

/** A tensor of `shape` and the dtype of `like`: normal numbers times `std` plus `mean`. */
export function normalAround(
  k: Kernels,
  mean: Tensor,
  std: Tensor | number,
  shape: readonly number[],
  like: Tensor,
  source: Source,
): Tensor {
  if (typeof std !== "number" && ![...k.core.read(std)].every((x) => Number(x) >= 0))
    fail("normal expects all elements of std >= 0.0");
  const z = normal(k, k.empty(shape, like.dtype), 0, typeof std === "number" ? std : 1, source);
  const spread = typeof std === "number" ? z : k.cast(k.binary(Binary.mul, z, std), like.dtype);
  return k.cast(k.binary(Binary.add, spread, mean), like.dtype);
}

/** How many integers in a row from 0 on a float can hold, as a power of two; null for other dtypes. */
function floatDigits(dtype: DType): bigint | null {
  const { digits } = dtypeRow(dtype);
  return digits === undefined ? null : BigInt(digits);
}

/** Integers from ≤ x < to; up to the dtype's last one where `to` is null. */
export function integers(k: Kernels, self: Tensor, from: bigint, to: bigint | null, source: Source): Tensor {
  const { dtype } = self;
  const digits = floatDigits(dtype);
  if (to === null) {
    checkBound(dtype, "from", from);
    if (from === -(2n ** 63n)) return draw(k, Random.any64, "random_", room(k, self), source);
    const last = digits !== null ? 2n ** digits : (dtypeRow(dtype).max as bigint);
    return draw(k, Random.integers, "random_", room(k, self), source, {
      range: last - from + 1n,
      base: from,
    });
  }
  if (from >= to) fail(`random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`);
  let [first, end] = [from, to];
  if (digits !== null) {
    first = firstHeld(first, digits);
    end = endHeld(end, digits);
    if (first >= end)
      fail(
        `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${first} >= to=${end}`,
      );
  }
  checkBound(dtype, "from", first);
  checkBound(dtype, "to - 1", end - 1n);
  return draw(k, Random.integers, "random_", room(k, self), source, { range: end - first, base: first });
}

/** Integers from 0 to the last one up to which the dtype has them all. */
export function anyIntegers(k: Kernels, self: Tensor, source: Source): Tensor {
  return draw(k, Random.anyInteger, "random_", room(k, self), source);
}

/** The integer that a float of so many digits is for `x`, rounded to even. */
function held(x: bigint, digits: bigint): bigint {
  const step = gap(x, digits);
  if (step <= 1n) return x;
  const size = x < 0n ? -x : x;
  const rest = size % step;
  const down = size - rest;
  const up = rest * 2n > step || (rest * 2n === step && (down / step) % 2n === 1n);
  const rounded = up ? down + step : down;
  return x < 0n ? -rounded : rounded;
}

/** How far apart the floats are about `x`. */
function gap(x: bigint, digits: bigint): bigint {
  const bits = BigInt((x < 0n ? -x : x).toString(2).length - 1);
  return bits < digits ? 1n : 1n << (bits - digits + 1n);
}

/** `from`, or, where one more would round to less than it, the next one that the float holds. */
function firstHeld(from: bigint, digits: bigint): bigint {
  const next = held(from + 1n, digits);
  return next < from ? next + gap(from + 1n, digits) : from;
}

/** `to`, or, where one less would round to no less than it, the one before that the float holds. */
function endHeld(to: bigint, digits: bigint): bigint {
  const last = held(to - 1n, digits);
  return last >= to ? last - gap(to - 1n, digits) : to;
}

function checkBound(dtype: DType, what: string, value: bigint): void {
  const { min, max, cxx } = dtypeRow(dtype);
  if (value < min || value > max) fail(`${what} is out of bounds for ${cxx[1]}`);
}

export function bernoulli(k: Kernels, self: Tensor, p: number, source: Source): Tensor {
  if (!(p >= 0 && p <= 1)) fail(`bernoulli_ expects p to be in [0, 1], but got p=${streamText(p)}`);
  return draw(k, Random.bernoulli, "bernoulli_scalar_cpu_", room(k, self), source, { p });
}

/** A trial for each element, with the probability that stands in its place in `p`, which is broadcast. */
export function bernoulliBy(k: Kernels, self: Tensor, p: Tensor, source: Source): Tensor {
  if (!expandable(p.shape, self.shape)) {
    const at = mismatch(p.shape, self.shape);
    fail(
      `The expanded size of the tensor (${self.shape[at]}) must match the existing size (${p.shape[at - self.shape.length + p.shape.length]}) at non-singleton dimension ${at}.  Target sizes: ${showShape(self.shape)}.  Tensor sizes: ${showShape(p.shape)}`,
    );
  }
  if (!isFloat(p.dtype)) notFor("bernoulli_tensor_cpu_p_", p);
  const out = room(k, self);
  if (self.dtype === DType.f16) notFor("bernoulli_tensor_cpu_self_", self);
  if (p.dtype === DType.f16) notFor("bernoulli_tensor_cpu_p_", p);
  const chances = k.emptyStrided(out.shape, out.strides, dtypeRow(p.dtype).computes ?? p.dtype);
  k.copyInto(chances, p);
  for (const x of k.core.read(p))
    if (!(Number(x) >= 0 && Number(x) <= 1))
      fail(
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)",
      );
  const kind = dtypeSize(p.dtype) === 8 ? Random.bernoulli64 : Random.bernoulli32;
  return draw(k, kind, "bernoulli_tensor_cpu_self_", out, source, { chances });
}

/** The last dimension in which `from` cannot be broadcast to `to`. */
function mismatch(from: readonly number[], to: readonly number[]): number {
  for (let i = to.length - 1; i >= 0; i--) {
    const size = from[i - to.length + from.length] ?? 1;
    if (size !== 1 && size !== to[i]) return i;
  }
  return 0;
}

export function exponential(k: Kernels, self: Tensor, rate: number, source: Source): Tensor {
  if (!(rate >= 0)) fail(`exponential_ expects lambda >= 0.0, but found lambda=${streamText(rate)}`);
  if (!isFloat(self.dtype)) notFor("exponential_cpu", self);
  return draw(k, Random.exponential, "exponential_cpu", room(k, self), source, { p: rate });
}

export function geometric(k: Kernels, self: Tensor, p: number, source: Source): Tensor {
  if (!(p > 0 && p < 1)) fail(`geometric_ expects p to be in (0, 1), but got p=${streamText(p)}`);
  if (self.dtype === DType.bool) notFor("geometric_cpu", self);
  return draw(k, Random.geometric, "geometric_cpu", room(k, self), source, { p });
}

export function cauchy(k: Kernels, self: Tensor, median: number, sigma: number, source: Source): Tensor {
  if (!isFloat(self.dtype)) notFor("cauchy_cpu", self);
  return draw(k, Random.cauchy, "cauchy_cpu", room(k, self), source, { p: median, q: sigma });
}

export function logNormal(k: Kernels, self: Tensor, mean: number, std: number, source: Source): Tensor {
  if (!(std > 0)) fail(`log_normal_ expects std > 0.0, but found std=${streamText(std)}`);
  if (!isFloat(self.dtype)) notFor("log_normal_cpu", self);
  return draw(k, Random.logNormal, "log_normal_cpu", room(k, self), source, { p: mean, q: std });
}

/** 0 … n - 1 in some order. */
export function permutation(k: Kernels, n: number, dtype: DType, source: Source): Tensor {
  if (n < 0) fail(`Trying to create tensor with negative dimension ${n}: [${n}]`);
  const out = k.empty([n], dtype);
  if (dtype === DType.bool) notFor("randperm", out);
  return draw(k, Random.permutation, "randperm", out, source);
}
