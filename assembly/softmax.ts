/**
 * Softmax, its logarithm and their gradients over the middle one of three dense dimensions, in the order of operations of
 * PyTorch's CPU kernels on 256-bit registers; columns that do not fill a register call the C library, as there.
 */
import { expC } from "./clib";
import { fma, LANES, Lanes, sumMore, sumRow, VECTOR } from "./registers";
import { Softmax } from "./shared/codes";
import { EXP_LIMIT, Exp4, exp4, log4, Off } from "./sleef";

let outer: i32, size: i32, inner: i32;
let o: usize, a: usize, b: usize;

export function shape(outerSize: i32, axisSize: i32, innerSize: i32): void {
  outer = outerSize;
  size = axisSize;
  inner = innerSize;
}

export function operands(out: usize, first: usize, second: usize): void {
  o = out;
  a = first;
  b = second;
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
class Raise {
  @inline static exp<T>(x: v128): v128 {
    if (sizeof<T>() === 4) return exp4(x);
    return f64x2.replace_lane(
      f64x2.splat(NativeMath.exp(f64x2.extract_lane(x, 0))),
      1,
      NativeMath.exp(f64x2.extract_lane(x, 1)),
    );
  }
}

/** In a register, wherever the element lies. */
function exp<T>(x: T): T {
  return sizeof<T>() === 4 ? <T>f32x4.extract_lane(exp4(f32x4.splat(<f32>x)), 0) : <T>NativeMath.exp(<f64>x);
}

/** By the C library. */
function expAlone<T>(x: T): T {
  return sizeof<T>() === 4 ? <T>expC(<f32>x) : <T>NativeMath.exp(<f64>x);
}

function log<T>(x: T): T {
  return sizeof<T>() === 4 ? <T>f32x4.extract_lane(log4(f32x4.splat(<f32>x)), 0) : <T>NativeMath.log(<f64>x);
}

/** The greatest of `size` elements, `step` bytes apart; a NaN wins. */
function greatest<T>(p: usize, step: usize): T {
  let best = load<T>(p);
  for (let i = 1; i < size; i++) best = max<T>(best, load<T>(p + <usize>i * step));
  return best;
}

/** The greatest of a row. Of NaNs it may know nothing: they come back in the sum of powers, and from there in every element. */
function greatestOfRow<T>(p: usize): T {
  const whole = p + ((<usize>size * sizeof<T>()) & -64);
  if (p === whole) return greatest<T>(p, sizeof<T>());
  const end = p + <usize>size * sizeof<T>();
  let v0 = v128.load(p);
  let v1 = v128.load(p, 16);
  let v2 = v128.load(p, 32);
  let v3 = v128.load(p, 48);
  for (p += 64; p < whole; p += 64) {
    v0 = v128.pmax<T>(v0, v128.load(p));
    v1 = v128.pmax<T>(v1, v128.load(p, 16));
    v2 = v128.pmax<T>(v2, v128.load(p, 32));
    v3 = v128.pmax<T>(v3, v128.load(p, 48));
  }
  v128.store(LANES, v128.pmax<T>(v128.pmax<T>(v0, v1), v128.pmax<T>(v2, v3)));
  let best = load<T>(LANES);
  for (let i: usize = sizeof<T>(); i < 16; i += sizeof<T>()) best = max<T>(best, load<T>(LANES + i));
  for (; p < end; p += sizeof<T>()) best = max<T>(best, load<T>(p));
  return best;
}

/** to = exp(from - level) along a row. Gives the sum, as `sumRow` has it. */
function raiseRow<T>(to: usize, from: usize, level: T): T {
  const bytes = <usize>size * sizeof<T>();
  let i: usize = sizeof<T>() === 4 ? raiseSixteens(to, from, <f32>level) : 0;
  const done = i;
  const first = v128.load(LANES);
  const second = v128.load(LANES, 16);
  const low = v128.splat<T>(level);
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, Raise.exp<T>(v128.sub<T>(v128.load(from + i), low)));
  for (; i < bytes; i += sizeof<T>()) store<T>(to + i, exp<T>(<T>(load<T>(from + i) - level)));
  if (done === 0) return sumRow<T>(to, 0, 0, size);
  return sumMore<T>(first, second, to + done, 0, 0, <i32>((bytes - done) / sizeof<T>()));
}

/** The whole sixteens of a row of float32: gives how many bytes are done, and leaves their sum in both halves of `LANES`. */
function raiseSixteens(to: usize, from: usize, level: f32): usize {
  const whole = ((<usize>size) << 2) & -64;
  const low = f32x4.splat(level);
  // What is added first is never -0.
  let first = f32x4.splat(-0.0);
  let second = first;
  for (let i: usize = 0; i < whole; i += 64) {
    const a = from + i;
    const o = to + i;
    const x0 = f32x4.sub(v128.load(a), low);
    const x1 = f32x4.sub(v128.load(a, 16), low);
    const x2 = f32x4.sub(v128.load(a, 32), low);
    const x3 = f32x4.sub(v128.load(a, 48), low);
    if (!Off.some(Off.worst(Exp4.off(x0), Exp4.off(x1), Exp4.off(x2), Exp4.off(x3)), EXP_LIMIT)) {
      const y0 = Exp4.quick(x0);
      const y1 = Exp4.quick(x1);
      const y2 = Exp4.quick(x2);
      const y3 = Exp4.quick(x3);
      v128.store(o, y0);
      v128.store(o, y1, 16);
      v128.store(o, y2, 32);
      v128.store(o, y3, 48);
      first = f32x4.add(f32x4.add(first, y0), y2);
      second = f32x4.add(f32x4.add(second, y1), y3);
    } else {
      const y0 = exp4(x0);
      const y1 = exp4(x1);
      const y2 = exp4(x2);
      const y3 = exp4(x3);
      v128.store(o, y0);
      v128.store(o, y1, 16);
      v128.store(o, y2, 32);
      v128.store(o, y3, 48);
      first = f32x4.add(f32x4.add(first, y0), y2);
      second = f32x4.add(f32x4.add(second, y1), y3);
    }
  }
  v128.store(LANES, first);
  v128.store(LANES, second, 16);
  return whole;
}

/** to *= factor along a row. */
function scaleRow<T>(to: usize, factor: T): void {
  const end = to + <usize>size * sizeof<T>();
  const factors = v128.splat<T>(factor);
  for (; to + 64 <= end; to += 64) {
    v128.store(to, v128.mul<T>(v128.load(to), factors));
    v128.store(to, v128.mul<T>(v128.load(to, 16), factors), 16);
    v128.store(to, v128.mul<T>(v128.load(to, 32), factors), 32);
    v128.store(to, v128.mul<T>(v128.load(to, 48), factors), 48);
  }
  for (; to < end; to += sizeof<T>()) store<T>(to, <T>(load<T>(to) * factor));
}

/** to = from - level - rest along a row. */
function lowerRow<T>(to: usize, from: usize, level: T, rest: T): void {
  const end = to + <usize>size * sizeof<T>();
  const levels = v128.splat<T>(level);
  const rests = v128.splat<T>(rest);
  for (; to + 16 <= end; to += 16) {
    v128.store(to, v128.sub<T>(v128.sub<T>(v128.load(from), levels), rests));
    from += 16;
  }
  for (; to < end; to += sizeof<T>()) {
    store<T>(to, <T>(<T>(load<T>(from) - level) - rest));
    from += sizeof<T>();
  }
}

function softmaxRows<T>(logarithm: bool): void {
  const bytes = <usize>size * sizeof<T>();
  for (let row = 0; row < outer; row++) {
    const level = greatestOfRow<T>(a);
    const sum = raiseRow<T>(o, a, level);
    const factor = logarithm ? log<T>(sum) : <T>(1 / sum);
    if (logarithm) lowerRow<T>(o, a, level, factor);
    else scaleRow<T>(o, factor);
    o += bytes;
    a += bytes;
  }
}

function gradientRows<T>(logarithm: bool): void {
  const bytes = <usize>size * sizeof<T>();
  const whole = bytes & -16;
  for (let row = 0; row < outer; row++) {
    const sum = sumRow<T>(a, logarithm ? 0 : b, 0, size);
    const sums = v128.splat<T>(sum);
    const minus = v128.splat<T>(<T>-sum);
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const grad = v128.load(a + i);
      const y = v128.load(b + i);
      if (logarithm) v128.store(o + i, Lanes.fma<T>(Raise.exp<T>(y), minus, grad));
      else v128.store(o + i, v128.mul<T>(v128.sub<T>(grad, sums), y));
    }
    for (; i < bytes; i += sizeof<T>()) {
      const grad = load<T>(a + i);
      const y = load<T>(b + i);
      if (logarithm) store<T>(o + i, fma<T>(exp<T>(y), <T>-sum, grad));
      else store<T>(o + i, <T>(<T>(grad - sum) * y));
    }
    o += bytes;
    a += bytes;
    b += bytes;
  }
}

/** One column; `alone` where it does not lie in a register. */
function softmaxColumn<T>(to: usize, from: usize, step: usize, alone: bool, logarithm: bool): void {
  const level = greatest<T>(from, step);
  let sum: T = 0;
  for (let d: usize = 0; d < <usize>size; d++) {
    const x = <T>(load<T>(from + d * step) - level);
    const raised = alone ? expAlone<T>(x) : exp<T>(x);
    store<T>(to + d * step, raised);
    sum = <T>(sum + raised);
  }
  if (logarithm) sum = log<T>(sum);
  for (let d: usize = 0; d < <usize>size; d++) {
    const at = to + d * step;
    if (logarithm) store<T>(at, <T>(<T>(load<T>(from + d * step) - level) - sum));
    else store<T>(at, <T>(load<T>(at) / sum));
  }
}

function gradientColumn<T>(
  to: usize,
  grad: usize,
  y: usize,
  step: usize,
  alone: bool,
  logarithm: bool,
): void {
  let sum: T = 0;
  for (let d: usize = 0; d < <usize>size; d++) {
    const g = load<T>(grad + d * step);
    sum = logarithm ? <T>(sum + g) : fma<T>(g, load<T>(y + d * step), sum);
  }
  for (let d: usize = 0; d < <usize>size; d++) {
    const g = load<T>(grad + d * step);
    const value = load<T>(y + d * step);
    if (logarithm) {
      store<T>(to + d * step, fma<T>(alone ? expAlone<T>(value) : exp<T>(value), <T>-sum, g));
    } else store<T>(to + d * step, <T>(value * <T>(g - sum)));
  }
}

function columns<T>(backward: bool, logarithm: bool): void {
  const step = <usize>inner * sizeof<T>();
  const inRegisters = inner & -(VECTOR / <i32>sizeof<T>());
  for (let row = 0; row < outer; row++) {
    for (let i = 0; i < inner; i++) {
      const at = <usize>i * sizeof<T>();
      const alone = i >= inRegisters;
      if (backward) gradientColumn<T>(o + at, a + at, b + at, step, alone, logarithm);
      else softmaxColumn<T>(o + at, a + at, step, alone, logarithm);
    }
    o += step * <usize>size;
    a += step * <usize>size;
    b += step * <usize>size;
  }
}

export class SoftmaxFamily {
  run<T>(op: i32): bool {
    if (!isFloat<T>()) return false;
    const logarithm = op === Softmax.logarithm || op === Softmax.logarithmGradient;
    const backward = op === Softmax.gradient || op === Softmax.logarithmGradient;
    if (inner > 1) columns<T>(backward, logarithm);
    else if (backward) gradientRows<T>(logarithm);
    else softmaxRows<T>(logarithm);
    return true;
  }
}
