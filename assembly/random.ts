/** Random numbers in the order in which they are drawn, into elements side by side: PyTorch's transforms of the stream. */
import { exp, log } from "./clib";
import { Fma } from "./fused";
import { draw32, draw64, unit32, unit64, units32, units64 } from "./mersenne";
import { fill32, fill64, normal64 } from "./normal";
import { convert } from "./number";
import { Random } from "./shared/codes";

let g: usize = 0;
let out: usize = 0;
let length: i32 = 0;
let p: f64 = 0;
let q: f64 = 0;
let range: u64 = 0;
let base: i64 = 0;
let chances: usize = 0;

/** What is drawn from, and where the numbers go; then what the kinds of numbers want to know. */
export function begin(
  generator: usize,
  o: usize,
  n: i32,
  a: f64,
  b: f64,
  size: u64,
  first: i64,
  probabilities: usize,
): void {
  g = generator;
  out = o;
  length = n;
  p = a;
  q = b;
  range = size;
  base = first;
  chances = probabilities;
}

/** `op` is a code of `Random`; its two numbers are `p` and `q`. */
export class RandomFamily {
  run<T>(op: i32): bool {
    switch (op) {
      case Random.uniform:
        return isFloat<T>() && uniform<T>();
      case Random.normal:
        return isFloat<T>() && normal<T>();
      case Random.normalEach:
        return isFloat<T>() && normalEach<T>();
      case Random.integers:
        return fromRange<T>();
      case Random.anyInteger:
        return anyInteger<T>();
      case Random.any64:
        return any64<T>();
      case Random.bernoulli:
        return bernoulli<T>();
      case Random.bernoulli32:
        return bernoulliOf<T, f32>();
      case Random.bernoulli64:
        return bernoulliOf<T, f64>();
      case Random.exponential:
        return exponential<T>();
      case Random.geometric:
        return geometric<T>();
      case Random.logNormal:
        return logNormal<T>();
      case Random.cauchy:
        return cauchy<T>();
      case Random.permutation:
        return permutation<T>();
    }
    return false;
  }
}

function at<T>(i: i32): usize {
  return out + <usize>i * sizeof<T>();
}

function put<T>(i: i32, x: T): void {
  store<T>(at<T>(i), x);
}

/** From p to q: what is rounded where differs between the two widths. */
function uniform<T>(): bool {
  if (sizeof<T>() === 8) {
    const size = q - p;
    units64(g, out, length);
    if (p === 0 && size === 1) return true;
    for (let i = 0; i < length; i++) put<T>(i, <T>Fma.of64(<f64>load<T>(at<T>(i)), size, p));
  } else {
    const from = <f32>p;
    const size = <f32>q - from;
    units32(g, out, length);
    if (from === 0 && size === 1) return true;
    for (let i = 0; i < length; i++) put<T>(i, <T>Fma.of32(<f32>load<T>(at<T>(i)), size, from));
  }
  return true;
}

/** Mean p, standard deviation q. */
function normal<T>(): bool {
  if (length < 16) return normalEach<T>();
  if (sizeof<T>() === 8) fill64(g, out, length, p, q);
  else fill32(g, out, length, <f32>p, <f32>q);
  return true;
}

function normalEach<T>(): bool {
  for (let i = 0; i < length; i++) put<T>(i, <T>normal64(g, p, q));
  return true;
}

/** base ≤ x < base + range */
function fromRange<T>(): bool {
  const wide = range >= 0x100000000;
  for (let i = 0; i < length; i++) {
    const bits = wide ? draw64(g) : <u64>draw32(g);
    put<T>(i, convert<T, i64>(<i64>(bits % range) + base));
  }
  return true;
}

/** 0 ≤ x ≤ the largest integer up to which the type has them all. */
function anyInteger<T>(): bool {
  for (let i = 0; i < length; i++) {
    if (isBoolean<T>()) put<T>(i, <T>(draw32(g) & 1));
    else if (isFloat<T>() && sizeof<T>() === 8) put<T>(i, <T>(draw64(g) % 9007199254740993));
    else if (isFloat<T>()) put<T>(i, <T>(draw32(g) % 16777217));
    else if (sizeof<T>() === 8) put<T>(i, <T>(draw64(g) & 0x7fffffffffffffff));
    else put<T>(i, <T>(draw32(g) & ((1 << (8 * <u32>sizeof<T>() - <u32>isSigned<T>())) - 1)));
  }
  return true;
}

/** Every int64. */
function any64<T>(): bool {
  for (let i = 0; i < length; i++) put<T>(i, convert<T, i64>(<i64>draw64(g)));
  return true;
}

/** 1 with probability p. */
function bernoulli<T>(): bool {
  for (let i = 0; i < length; i++) put<T>(i, <T>(unit64(g) < p));
  return true;
}

/** 1 with the probability that stands in the same place of `chances`, drawn in its precision. */
function bernoulliOf<T, P>(): bool {
  for (let i = 0; i < length; i++) {
    const chance = load<P>(chances + <usize>i * sizeof<P>());
    const u = sizeof<P>() === 8 ? <P>unit64(g) : <P>unit32(g);
    put<T>(i, <T>(u < chance));
  }
  return true;
}

/** Rate p. */
function exponential<T>(): bool {
  const scale = -1.0 / p;
  for (let i = 0; i < length; i++) put<T>(i, convert<T, f64>(scale * log(1 - unit64(g))));
  return true;
}

/** Trials up to the first success, which has probability p. */
function geometric<T>(): bool {
  const miss = log(1 - p);
  for (let i = 0; i < length; i++) {
    const u = unit64(g);
    put<T>(i, convert<T, f64>(ceil((u === 0 ? -Infinity : log(u)) / miss)));
  }
  return true;
}

/** e to the power of normal numbers of mean p and standard deviation q. */
function logNormal<T>(): bool {
  for (let i = 0; i < length; i++) put<T>(i, convert<T, f64>(exp(normal64(g, p, q))));
  return true;
}

/** Median p, scale q. The C library's tan is not followed to the last place. */
function cauchy<T>(): bool {
  for (let i = 0; i < length; i++)
    put<T>(i, convert<T, f64>(Fma.of64(NativeMath.tan(3.141592653589793 * (unit64(g) - 0.5)), q, p)));
  return true;
}

/** 0 … n - 1 in some order. */
function permutation<T>(): bool {
  for (let i = 0; i < length; i++) put<T>(i, <T>i);
  for (let i = 0; i < length - 1; i++) {
    const other = out + <usize>(i + <i32>(draw32(g) % <u32>(length - i))) * sizeof<T>();
    const kept = load<T>(out + <usize>i * sizeof<T>());
    put<T>(i, load<T>(other));
    store<T>(other, kept);
  }
  return true;
}
