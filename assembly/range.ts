/**
 * Numbers at equal distances, as PyTorch's AVX2 kernels make them: whole blocks from their first number on, the rest
 * each by itself, with products and sums fused where its compiler fuses them.
 */
import { Fma } from "./fused";
import { convert } from "./number";

let out: usize = 0;
let length: i32 = 0;
let first: f64 = 0;
let last: f64 = 0;
let step: f64 = 0;

/** Where to, how many; arange takes the first and the step, linspace both ends. */
export function begin(o: usize, n: i32, from: f64, to: f64, by: f64): void {
  out = o;
  length = n;
  first = from;
  last = to;
  step = by;
}

function put<T>(i: i32, x: T): void {
  store<T>(out + <usize>i * sizeof<T>(), x);
}

/** Vectors of 32 bytes, two at a time. */
function blocks<T>(): i32 {
  const two = <i32>(64 / sizeof<T>());
  return length - (length % two);
}

function ofVector<T>(): i32 {
  return <i32>(32 / sizeof<T>());
}

/** first + i · step */
export class ArangeFamily {
  run<T>(op: i32): bool {
    const whole = blocks<T>();
    for (let i = 0; i < whole; i += ofVector<T>()) {
      const base = <T>Fma.of64(step, <f64>i, first);
      for (let j = 0; j < ofVector<T>(); j++) put<T>(i + j, <T>Fma.of64(<f64>j, step, <f64>base));
    }
    for (let i = whole; i < length; i++) put<T>(i, <T>Fma.of64(step, <f64>i, first));
    return true;
  }
}

/** From the first number up to the middle, from the last one from there on; for integers in f64. */
export class LinspaceFamily {
  run<T>(op: i32): bool {
    if (isFloat<T>() && sizeof<T>() === 4) return this.single<T>();
    const halfway = length / 2;
    const by = (last - first) / <f64>(length - 1);
    const whole = blocks<T>();
    for (let i = 0; i < whole; i += ofVector<T>()) {
      const base = i < halfway ? Fma.of64(by, <f64>i, first) : Fma.of64(-by, <f64>(length - i - 1), last);
      const held = <f64>convert<T, f64>(base);
      for (let j = 0; j < ofVector<T>(); j++) put<T>(i + j, convert<T, f64>(held + <f64>j * by));
    }
    for (let i = whole; i < length; i++) {
      const x = i < halfway ? Fma.of64(by, <f64>i, first) : Fma.of64(-by, <f64>(length - i - 1), last);
      put<T>(i, convert<T, f64>(x));
    }
    return true;
  }

  private single<T>(): bool {
    const halfway = length / 2;
    const start = <f32>first;
    const end = <f32>last;
    const by = (end - start) / <f32>(length - 1);
    const whole = blocks<T>();
    for (let i = 0; i < whole; i += ofVector<T>()) {
      const base = i < halfway ? Fma.of32(by, <f32>i, start) : Fma.of32(-by, <f32>(length - i - 1), end);
      for (let j = 0; j < ofVector<T>(); j++) put<T>(i + j, <T>(base + <f32>j * by));
    }
    for (let i = whole; i < length; i++) {
      const x = i < halfway ? Fma.of32(by, <f32>i, start) : Fma.of32(-by, <f32>(length - i - 1), end);
      put<T>(i, <T>x);
    }
    return true;
  }
}
