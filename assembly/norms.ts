/**
 * Layer and batch norm and their gradients, operation by operation as PyTorch's CPU kernels on 256-bit registers. `fma`
 * stands where their compiler fuses a product with a sum.
 */
import { rowMoments } from "./moments";
import { fma, Lanes, sumRow } from "./registers";
import { Norm } from "./shared/codes";

let rows: i32, channels: i32, size: i32;
let eps: f64;
let o: usize, x: usize, g: usize, w: usize, b: usize;
let m: usize, r: usize;

/** `first`, `second`, `third`: rows, none and the row's size for a layer; batch, channels and the area for a batch norm. */
export function shape(first: i32, second: i32, third: i32, epsilon: f64): void {
  rows = first;
  channels = second;
  size = third;
  eps = epsilon;
}

/** Out, input, upstream gradient, weight and bias (0: none), mean and 1 / √(variance + eps). */
export function operands(
  out: usize,
  input: usize,
  grad: usize,
  weight: usize,
  bias: usize,
  mean: usize,
  invstd: usize,
): void {
  o = out;
  x = input;
  g = grad;
  w = weight;
  b = bias;
  m = mean;
  r = invstd;
}

/** to = (x·scale + shift)·weight + bias along a row. */
function scaleRow<T>(to: usize, from: usize, scale: T, shift: T, weight: usize, bias: usize): void {
  const bytes = <usize>size * sizeof<T>();
  const whole = bytes & ~15;
  const scales = v128.splat<T>(scale);
  const shifts = v128.splat<T>(shift);
  let i: usize = 0;
  for (; weight && bias && i + 64 <= bytes; i += 64) {
    const x0 = Lanes.fma<T>(v128.load(from + i), scales, shifts);
    const x1 = Lanes.fma<T>(v128.load(from + i, 16), scales, shifts);
    const x2 = Lanes.fma<T>(v128.load(from + i, 32), scales, shifts);
    const x3 = Lanes.fma<T>(v128.load(from + i, 48), scales, shifts);
    const y0 = Lanes.fma<T>(x0, v128.load(weight + i), v128.load(bias + i));
    const y1 = Lanes.fma<T>(x1, v128.load(weight + i, 16), v128.load(bias + i, 16));
    const y2 = Lanes.fma<T>(x2, v128.load(weight + i, 32), v128.load(bias + i, 32));
    const y3 = Lanes.fma<T>(x3, v128.load(weight + i, 48), v128.load(bias + i, 48));
    v128.store(to + i, y0);
    v128.store(to + i, y1, 16);
    v128.store(to + i, y2, 32);
    v128.store(to + i, y3, 48);
  }
  for (; i < whole; i += 16) {
    let y = Lanes.fma<T>(v128.load(from + i), scales, shifts);
    if (weight && bias) y = Lanes.fma<T>(y, v128.load(weight + i), v128.load(bias + i));
    else if (weight) y = v128.mul<T>(y, v128.load(weight + i));
    else if (bias) y = v128.add<T>(y, v128.load(bias + i));
    v128.store(to + i, y);
  }
  for (; i < bytes; i += sizeof<T>()) {
    let y = fma<T>(load<T>(from + i), scale, shift);
    if (weight && bias) y = fma<T>(y, load<T>(weight + i), load<T>(bias + i));
    else if (weight) y = <T>(y * load<T>(weight + i));
    else if (bias) y = <T>(y + load<T>(bias + i));
    store<T>(to + i, y);
  }
}

function layer<T>(): void {
  const bytes = <usize>size * sizeof<T>();
  for (let row = 0; row < rows; row++) {
    rowMoments<T>(x, size, eps, m, r);
    const scale = load<T>(r);
    scaleRow<T>(o, x, scale, <T>(<T>-scale * load<T>(m)), w, b);
    x += bytes;
    o += bytes;
    m += sizeof<T>();
    r += sizeof<T>();
  }
}

function layerInput<T>(): void {
  const bytes = <usize>size * sizeof<T>();
  const whole = bytes & ~15;
  const part = <T>(<T>1 / <T>size);
  for (let row = 0; row < rows; row++) {
    rowMoments<T>(x, size, eps, m, r);
    const mean = load<T>(m);
    const a = load<T>(r);
    const ds = sumRow<T>(g, x, w, size);
    const db = sumRow<T>(g, w, 0, size);
    const slope = <T>(<T>(<T>(<T>(fma<T>(db, mean, <T>-ds) * a) * a) * a) * part);
    const level = fma<T>(<T>-slope, mean, <T>-(<T>(<T>(db * a) * part)));
    let i: usize = 0;
    for (; i < whole; i += 16) {
      let own = v128.mul<T>(v128.splat<T>(a), v128.load(g + i));
      if (w) own = v128.mul<T>(own, v128.load(w + i));
      own = Lanes.fma<T>(v128.splat<T>(slope), v128.load(x + i), own);
      v128.store(o + i, v128.add<T>(own, v128.splat<T>(level)));
    }
    for (; i < bytes; i += sizeof<T>()) {
      let own = <T>(a * load<T>(g + i));
      if (w) own = <T>(own * load<T>(w + i));
      store<T>(o + i, <T>(fma<T>(slope, load<T>(x + i), own) + level));
    }
    x += bytes;
    g += bytes;
    o += bytes;
  }
}

/** Column by column, from the first row on; `o` holds zeros. */
function layerWeight<T>(): void {
  const bytes = <usize>size * sizeof<T>();
  for (let row = 0; row < rows; row++) {
    rowMoments<T>(x, size, eps, m, r);
    const a = load<T>(r);
    const shift = <T>(<T>-a * load<T>(m));
    for (let i: usize = 0; i < bytes; i += sizeof<T>())
      store<T>(o + i, fma<T>(load<T>(g + i), fma<T>(a, load<T>(x + i), shift), load<T>(o + i)));
    x += bytes;
    g += bytes;
  }
}

function layerBias<T>(): void {
  const bytes = <usize>size * sizeof<T>();
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < bytes; i += sizeof<T>()) store<T>(o + i, <T>(load<T>(o + i) + load<T>(g + i)));
    g += bytes;
  }
}

/** A channel's mean, and the sum of the squares of what is off it, to `m` and `r`: in float64 where a channel has an area. */
function channelStats<T>(c: i32): void {
  const step = <usize>channels * <usize>size * sizeof<T>();
  const from = x + <usize>c * <usize>size * sizeof<T>();
  const bytes = <usize>size * sizeof<T>();
  const count = rows * size;
  const at = <usize>c * sizeof<T>();
  if (size === 1 && rows > 1) {
    let sum: T = 0;
    for (let n: usize = 0; n < <usize>rows; n++) sum = <T>(load<T>(from + n * step) + sum);
    const mean = <T>(<f64>sum / <f64>count);
    let squares: T = 0;
    for (let n: usize = 0; n < <usize>rows; n++) {
      const off = <T>(load<T>(from + n * step) - mean);
      squares = fma<T>(off, off, squares);
    }
    store<T>(m + at, mean);
    store<T>(r + at, squares);
    return;
  }
  let sum: f64 = 0;
  for (let n: usize = 0; n < <usize>rows; n++)
    for (let i: usize = 0; i < bytes; i += sizeof<T>()) sum += <f64>load<T>(from + n * step + i);
  const mean = <T>(sum / <f64>count);
  let squares: f64 = 0;
  for (let n: usize = 0; n < <usize>rows; n++)
    for (let i: usize = 0; i < bytes; i += sizeof<T>()) {
      const off = <T>(load<T>(from + n * step + i) - mean);
      squares += <f64>(<T>(off * off));
    }
  store<T>(m + at, mean);
  store<T>(r + at, <T>squares);
}

/** out = x·alpha + beta, where `w` holds a channel's alpha and `b` its beta. */
function batchScale<T>(): void {
  const bytes = <usize>size * sizeof<T>();
  const whole = bytes & ~15;
  for (let n = 0; n < rows; n++) {
    for (let c: usize = 0; c < <usize>channels; c++) {
      const alpha = load<T>(w + c * sizeof<T>());
      const beta = load<T>(b + c * sizeof<T>());
      let i: usize = 0;
      for (; i < whole; i += 16)
        v128.store(o + i, Lanes.fma<T>(v128.load(x + i), v128.splat<T>(alpha), v128.splat<T>(beta)));
      for (; i < bytes; i += sizeof<T>()) store<T>(o + i, fma<T>(load<T>(x + i), alpha, beta));
      x += bytes;
      o += bytes;
    }
  }
}

/** A channel's gradient, and its product with what is off the mean. */
let gradSum: f64 = 0;
let gradProduct: f64 = 0;

function channelGradients<T>(c: usize): void {
  const step = <usize>channels * <usize>size * sizeof<T>();
  const at = c * <usize>size * sizeof<T>();
  const mean = load<T>(m + c * sizeof<T>());
  gradSum = 0;
  gradProduct = 0;
  if (size === 1) {
    let sum: T = 0;
    let product: T = 0;
    for (let n: usize = 0; n < <usize>rows; n++) {
      const dy = load<T>(g + at + n * step);
      sum = <T>(sum + dy);
      product = fma<T>(<T>(load<T>(x + at + n * step) - mean), dy, product);
    }
    gradSum = <f64>sum;
    gradProduct = <f64>product;
    return;
  }
  // What is off the mean goes to the output first: it is overwritten afterwards.
  const off = o;
  for (let n: usize = 0; n < <usize>rows; n++) {
    const dy = g + at + n * step;
    gradSum += <f64>sumRow<T>(dy, 0, 0, size);
    for (let i: usize = 0; i < <usize>size * sizeof<T>(); i += sizeof<T>())
      store<T>(off + i, <T>(load<T>(x + at + n * step + i) - mean));
    gradProduct += <f64>sumRow<T>(off, dy, 0, size);
  }
}

/** `o` has room for one channel's area beyond what it gives: the gradient of the input, or of a channel's weight or bias. */
function batchGradient<T>(op: i32): void {
  const count = <T>(rows * size);
  const area = <usize>size * sizeof<T>();
  const step = <usize>channels * area;
  const out = o;
  const input = op === Norm.batchInput;
  o = out + (input ? <usize>rows * step : <usize>channels * sizeof<T>());
  for (let c: usize = 0; c < <usize>channels; c++) {
    channelGradients<T>(c);
    const at = c * sizeof<T>();
    const invstd = load<T>(r + at);
    if (op === Norm.batchWeight) store<T>(out + at, <T>(gradProduct * <f64>invstd));
    else if (op === Norm.batchBias) store<T>(out + at, <T>gradSum);
    else {
      const mean = load<T>(m + at);
      const weight = w ? load<T>(w + at) : <T>1;
      const k = <T>(<T>(<T>(<T>gradProduct * invstd) * invstd) / count);
      const level = <T>(gradSum / <f64>count);
      for (let n: usize = 0; n < <usize>rows; n++) {
        for (let i: usize = 0; i < area; i += sizeof<T>()) {
          const p = n * step + c * area + i;
          const off = <T>(load<T>(x + p) - mean);
          const own = fma<T>(<T>-off, k, <T>(load<T>(g + p) - level));
          store<T>(out + p, <T>(<T>(own * invstd) * weight));
        }
      }
    }
  }
}

export class NormFamily {
  run<T>(op: i32): bool {
    if (!isFloat<T>()) return false;
    switch (op) {
      case Norm.layer:
        layer<T>();
        return true;
      case Norm.layerInput:
        layerInput<T>();
        return true;
      case Norm.layerWeight:
        layerWeight<T>();
        return true;
      case Norm.layerBias:
        layerBias<T>();
        return true;
      case Norm.batchStats:
        for (let c = 0; c < channels; c++) channelStats<T>(c);
        return true;
      case Norm.batch:
        batchScale<T>();
        return true;
      case Norm.batchInput:
      case Norm.batchWeight:
      case Norm.batchBias:
        batchGradient<T>(op);
        return true;
    }
    return false;
  }
}
