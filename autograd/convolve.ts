/** Convolutions in any number of dimensions, as products of matrices over sliding windows, and their gradients. */
import { Calc } from "./calc.ts";
import type { Kernels } from "./kernels.ts";
import { Tensor } from "./tensor.ts";
import { columns, fromColumns, product, type Windows, windowCount } from "./windows.ts";

export interface Setting {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

const windowsFor = (kernel: readonly number[], s: Setting): Windows => ({ kernel, ...s });

/** [N, O, …count]: for each group, weights [O/g, C/g · kernel] times columns [N, C/g · kernel, count]. */
export function convolve(k: Kernels, x: Tensor, weight: Tensor, s: Setting, groups: number): Tensor {
  const w = windowsFor(weight.shape.slice(2), s);
  const [n = 0, channels = 0, ...size] = x.shape;
  const out = weight.shape[0] as number;
  const count = size.map((length, i) => windowCount(length, w, i));
  const shape = [n, out, ...count];
  if (product(shape) === 0 || channels === 0) return k.full(shape, 0, x.dtype);
  const rows = (channels / groups) * product(w.kernel);
  const area = product(count);
  const convolved = (images: Tensor): Tensor => {
    const batch = images.shape[0] as number;
    const flat = k.reshaped(columns(k, images, w, count), [batch * groups, rows, area]);
    const weights = repeated(k, weight, batch, groups, out / groups, rows);
    return k.reshaped(k.bmm(weights, flat), [batch, ...shape.slice(1)]);
  };
  // As many images at a time as leave their columns in the processor's cache for the product.
  const step = Math.max(1, Math.floor(COLUMNS / (rows * groups * area)));
  if (n <= step) return convolved(x);
  const result = k.empty(shape, x.dtype);
  for (let from = 0; from < n; from += step) {
    const images = Math.min(step, n - from);
    k.scope.within(() => k.copyInto(part(k, result, from, images), convolved(part(k, x, from, images))));
  }
  return result;
}

/** Elements of columns that are made at a time. */
const COLUMNS = 1 << 20;

/** So many images from one on, over the same memory. */
function part(k: Kernels, x: Tensor, from: number, images: number): Tensor {
  const at = x.offset + from * (x.strides[0] as number);
  return k.scope.own(new Tensor(x.storage, x.dtype, [images, ...x.shape.slice(1)], x.strides, at));
}

/** Weights as [N · g, O/g, rows], the groups over and over. */
function repeated(k: Kernels, f: Tensor, n: number, groups: number, out: number, rows: number): Tensor {
  const dense = k.reshaped(k.contiguous(f), [1, groups, out, rows]);
  if (groups === 1) return k.view(k.reshaped(dense, [1, out, rows]), [n, out, rows], [0, rows, 1]);
  const all = k.empty([n, groups, out, rows], f.dtype);
  k.copyInto(all, dense);
  return k.reshaped(all, [n * groups, out, rows]);
}

/** The gradient of an input of that shape: the weights' transpose times the gradient, put together from columns. */
export function inputGradient(
  k: Kernels,
  grad: Tensor,
  weight: Tensor,
  shape: readonly number[],
  s: Setting,
  groups: number,
): Tensor {
  if (product(shape) === 0 || grad.numel === 0) return k.full(shape, 0, grad.dtype);
  const w = windowsFor(weight.shape.slice(2), s);
  const [n = 0, out = 0, ...count] = grad.shape;
  const channels = shape[1] as number;
  const rows = (channels / groups) * product(w.kernel);
  const weights = repeated(k, weight, n, groups, out / groups, rows);
  const turned = k.view(weights, [n * groups, rows, out / groups], [weights.strides[0] as number, 1, rows]);
  const flat = k.reshaped(k.contiguous(grad), [n * groups, out / groups, product(count)]);
  const col = k.reshaped(k.bmm(turned, flat), [n, channels, ...w.kernel, ...count]);
  return fromColumns(k, col, shape, w);
}

/** The gradient of weights of that shape: the gradient times the columns' transpose, summed over the batch. */
export function weightGradient(
  k: Kernels,
  grad: Tensor,
  x: Tensor,
  shape: readonly number[],
  s: Setting,
  groups: number,
): Tensor {
  if (product(shape) === 0 || grad.numel === 0) return k.full(shape, 0, grad.dtype);
  const w = windowsFor(shape.slice(2), s);
  const [n = 0, out = 0, ...count] = grad.shape;
  const rows = ((x.shape[1] as number) / groups) * product(w.kernel);
  const area = product(count);
  const col = k.reshaped(columns(k, x, w, count), [n * groups, rows, area]);
  const turned = k.view(col, [n * groups, area, rows], [rows * area, 1, area]);
  const flat = k.reshaped(k.contiguous(grad), [n * groups, out / groups, area]);
  const summed = new Calc(k).sum(k.reshaped(k.bmm(flat, turned), [n, out, rows]), [0]);
  return k.reshaped(summed, shape);
}
