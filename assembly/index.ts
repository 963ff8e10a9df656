/**
 * What `core.wasm` exports. The caller gives merged dimensions: the innermost row as arguments (n elements, address and byte
 * stride of each operand) and `dims` further ones in the table at `dimsTable()`. Each kernel returns false, and
 * writes nothing, where it does not exist for the dtype.
 */
import { BinaryFamily } from "./binary";
import { convertAll, MoveFamily, WhereFamily } from "./copy";
import { bySize, byType } from "./dtype";
import { REDUCED, reduceOver } from "./fold";
import { geluAll } from "./gelu";
import * as matmul from "./matmul";
import * as norms from "./norms";
import { begin as beginRandom, RandomFamily } from "./random";
import { ArangeFamily, begin as beginRange, LinspaceFamily } from "./range";
import { ArgReduceFamily, ReduceFamily } from "./reduce";
import { along, IndexAddFamily, inRange, PutFamily, SelectFamily } from "./select";
import { mulAddAll } from "./single";
import * as softmaxes from "./softmax";
import { UnaryFamily } from "./unary";
import { begin2, begin3, begin4, DIMS } from "./walk";

export { alloc, allocated, free } from "./memory";
export { draw32, draw64, seed } from "./mersenne";

const CELL: usize = memory.data(16, 16);

/** Where outer dimensions are written: size, then four byte strides, then a zero, all int32; innermost first. */
export function dimsTable(): usize {
  return DIMS;
}

/** Where reduced dimensions are written: size, byte stride, both int32; innermost first. */
export function reducedTable(): usize {
  return REDUCED;
}

/** Room for one element, for values that the caller hands over by address. */
export function cell(): usize {
  return CELL;
}

export function unary(op: i32, dtype: i32, dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): bool {
  begin2(dims, n, o, so, a, sa);
  return byType<UnaryFamily>(dtype, op);
}

export function binary(
  op: i32,
  dtype: i32,
  dims: i32,
  n: i32,
  o: usize,
  so: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
): bool {
  begin3(dims, n, o, so, a, sa, b, sb);
  return byType<BinaryFamily>(dtype, op);
}

export function convert(to: i32, from: i32, dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): bool {
  begin2(dims, n, o, so, a, sa);
  return convertAll(from, to);
}

/** Copy without conversion: `size` is that of an element in bytes. */
export function move(size: i32, dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): bool {
  begin2(dims, n, o, so, a, sa);
  return bySize<MoveFamily>(size, 0);
}

export function where(
  size: i32,
  dims: i32,
  n: i32,
  o: usize,
  so: i32,
  condition: usize,
  sc: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
): bool {
  begin4(dims, n, o, so, condition, sc, a, sa, b, sb);
  return bySize<WhereFamily>(size, 0);
}

/** The row and `dims` are the kept dimensions, `reduced` those in the other table, at least one. */
export function reduce(
  op: i32,
  dtype: i32,
  reduced: i32,
  dims: i32,
  n: i32,
  o: usize,
  so: i32,
  a: usize,
  sa: i32,
): bool {
  reduceOver(reduced);
  begin2(dims, n, o, so, a, sa);
  return byType<ReduceFamily>(dtype, op);
}

/** As `reduce`, over one dimension; out is int64. */
export function argReduce(
  op: i32,
  dtype: i32,
  dims: i32,
  n: i32,
  o: usize,
  so: i32,
  a: usize,
  sa: i32,
): bool {
  begin2(dims, n, o, so, a, sa);
  return byType<ArgReduceFamily>(dtype, op);
}

/** Where positions are and how the axis lies in out and in a; then `select`, `put` or `indexAdd`. */
export function axis(strideOut: i32, strideIn: i32, index: usize, stride: i32, n: i32): void {
  along(strideOut, strideIn, index, stride, n);
}

export function indexInRange(index: usize, stride: i32, n: i32, size: i32): bool {
  return inRange(index, stride, n, size);
}

export function select(size: i32, dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): bool {
  begin2(dims, n, o, so, a, sa);
  return bySize<SelectFamily>(size, 0);
}

export function put(size: i32, dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): bool {
  begin2(dims, n, o, so, a, sa);
  return bySize<PutFamily>(size, 0);
}

export function indexAdd(dtype: i32, dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): bool {
  begin2(dims, n, o, so, a, sa);
  return byType<IndexAddFamily>(dtype, 0);
}

/** out[b,m,n] = a[b,m,k] @ b[b,k,n]; each operand by address and three byte strides. */
export function bmm(
  dtype: i32,
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  o: usize,
  oBatch: i32,
  oRow: i32,
  oColumn: i32,
  a: usize,
  aBatch: i32,
  aRow: i32,
  aInner: i32,
  b: usize,
  bBatch: i32,
  bInner: i32,
  bColumn: i32,
): bool {
  matmul.shape(batch, m, n, k);
  matmul.output(o, oBatch, oRow, oColumn);
  matmul.left(a, aBatch, aRow, aInner);
  matmul.right(b, bBatch, bInner, bColumn);
  return byType<matmul.MatmulFamily>(dtype, 0);
}

/** Over the middle of three dense dimensions; `b` is for gradients: then `a` is the upstream gradient and `b` the result. */
export function softmax(
  op: i32,
  dtype: i32,
  outer: i32,
  size: i32,
  inner: i32,
  o: usize,
  a: usize,
  b: usize,
): bool {
  softmaxes.shape(outer, size, inner);
  softmaxes.operands(o, a, b);
  return byType<softmaxes.SoftmaxFamily>(dtype, op);
}

/** See norms.ts: sizes, then out, input, gradient, weight, bias, mean and 1 / √(variance + eps); 0 for what is not there. */
export function norm(
  op: i32,
  dtype: i32,
  first: i32,
  second: i32,
  third: i32,
  eps: f64,
  o: usize,
  x: usize,
  g: usize,
  w: usize,
  b: usize,
  mean: usize,
  invstd: usize,
): bool {
  norms.shape(first, second, third, eps);
  norms.operands(o, x, g, w, b, mean, invstd);
  return byType<norms.NormFamily>(dtype, op);
}

/** c + a·b of `n` float32 side by side; see `mulAddAll`. */
export function mulAdd(n: i32, o: usize, a: usize, b: usize, step: usize, c: usize): void {
  mulAddAll(n, o, a, b, step, c);
}

/** GELU of `n` float32 side by side, or its slope. */
export function gelu(n: i32, o: usize, a: usize, slope: bool): void {
  geluAll(n, o, a, slope);
}

/** `n` random numbers of kind `op` from the generator at `g`, side by side from `o` on; see random.ts. */
export function random(
  op: i32,
  dtype: i32,
  g: usize,
  o: usize,
  n: i32,
  p: f64,
  q: f64,
  range: u64,
  base: i64,
  chances: usize,
): bool {
  beginRandom(g, o, n, p, q, range, base, chances);
  return byType<RandomFamily>(dtype, op);
}

/** `n` numbers from `first` on, `step` apart, side by side from `o` on; for floats. */
export function arange(dtype: i32, o: usize, n: i32, first: f64, step: f64): bool {
  beginRange(o, n, first, 0, step);
  return byType<ArangeFamily>(dtype, 0);
}

/** `n` ≥ 2 numbers from `first` to `last`, side by side from `o` on. */
export function linspace(dtype: i32, o: usize, n: i32, first: f64, last: f64): bool {
  beginRange(o, n, first, last, 0);
  return byType<LinspaceFamily>(dtype, 0);
}
