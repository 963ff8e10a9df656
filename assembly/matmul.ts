/** out[b,m,n] = Σ_k a[b,m,k] · b[b,k,n]. Strides count bytes. */
import { mulAdd } from "./lanes";
import { product, scratch } from "./tile";

let batch: i32, rows: i32, columns: i32, inner: i32;
let o: usize, oBatch: i32, oRow: i32, oColumn: i32;
let a: usize, aBatch: i32, aRow: i32, aInner: i32;
let b: usize, bBatch: i32, bInner: i32, bColumn: i32;

export function shape(nBatch: i32, m: i32, n: i32, k: i32): void {
  batch = nBatch;
  rows = m;
  columns = n;
  inner = k;
}

export function output(at: usize, strideBatch: i32, strideRow: i32, strideColumn: i32): void {
  o = at;
  oBatch = strideBatch;
  oRow = strideRow;
  oColumn = strideColumn;
}

export function left(at: usize, strideBatch: i32, strideRow: i32, strideInner: i32): void {
  a = at;
  aBatch = strideBatch;
  aRow = strideRow;
  aInner = strideInner;
}

export function right(at: usize, strideBatch: i32, strideInner: i32, strideColumn: i32): void {
  b = at;
  bBatch = strideBatch;
  bInner = strideInner;
  bColumn = strideColumn;
}

/** Products with fewer multiplications than this are not worth packing. */
const SMALL = 1024;

/** Σ p[i] · q[i], one after the other as the reference BLAS adds: in lanes the last digit would be another. */
function dot<T>(p: usize, sp: i32, q: usize, sq: i32, count: i32): T {
  let sum: T = 0;
  for (let left = count; left > 0; left--) {
    sum += load<T>(p) * load<T>(q);
    p += sp;
    q += sq;
  }
  return sum;
}

/** out[j] = Σ_k p[k] · q[k, j] for rows of q and an out that lie side by side. */
function combine<T>(to: usize, n: i32, p: usize, sp: i32, q: usize, sq: i32, k: i32): void {
  const lanes = <i32>(16 / sizeof<T>());
  let j = 0;
  for (; j + 4 * lanes <= n; j += 4 * lanes) {
    let s0 = v128.splat<T>(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let x = p;
    let y = q + j * sizeof<T>();
    for (let left = k; left > 0; left--) {
      const factor = v128.load_splat<T>(x);
      s0 = mulAdd<T>(factor, v128.load(y), s0);
      s1 = mulAdd<T>(factor, v128.load(y, 16), s1);
      s2 = mulAdd<T>(factor, v128.load(y, 32), s2);
      s3 = mulAdd<T>(factor, v128.load(y, 48), s3);
      x += sp;
      y += sq;
    }
    const at = to + j * sizeof<T>();
    v128.store(at, s0);
    v128.store(at, s1, 16);
    v128.store(at, s2, 32);
    v128.store(at, s3, 48);
  }
  for (; j < n; j++) {
    store<T>(to + j * sizeof<T>(), dot<T>(p, sp, q + j * sizeof<T>(), sq, k));
  }
}

/** One product without packing: each element is a sum of its own, or each row a combination of rows. */
function plain<T>(
  m: i32,
  n: i32,
  k: i32,
  to: usize,
  toRow: i32,
  toColumn: i32,
  x: usize,
  xRow: i32,
  xInner: i32,
  y: usize,
  yInner: i32,
  yColumn: i32,
): void {
  const size = <i32>sizeof<T>();
  for (let i = 0; i < m; i++) {
    if (isFloat<T>() && toColumn === size && yColumn === size) {
      combine<T>(to, n, x, xInner, y, yInner, k);
    } else {
      for (let j = 0; j < n; j++) {
        store<T>(to + j * toColumn, dot<T>(x, xInner, y + j * yColumn, yInner, k));
      }
    }
    to += toRow;
    x += xRow;
  }
}

export class MatmulFamily {
  run<T>(op: i32): bool {
    if (isBoolean<T>()) return false;
    // One right matrix for the whole batch, whose rows follow one another: a single tall product.
    if (bBatch === 0 && aBatch === rows * aRow && oBatch === rows * oRow) {
      rows *= batch;
      batch = 1;
    }
    const single = min<i32>(rows, columns) === 1;
    const packed = isFloat<T>() && !single && <i64>rows * columns * inner > SMALL;
    const buffer = packed ? heap.alloc(scratch<T>(columns, inner)) : 0;
    for (let z = 0; z < batch; z++) {
      const to = o + z * oBatch;
      const x = a + z * aBatch;
      const y = b + z * bBatch;
      if (packed) {
        product<T>(buffer, rows, columns, inner, to, oRow, oColumn, x, aRow, aInner, y, bInner, bColumn);
      } else if (columns === 1) {
        // The product of the transposes: one row.
        plain<T>(1, rows, inner, to, oColumn, oRow, y, bColumn, bInner, x, aInner, aRow);
      } else {
        plain<T>(rows, columns, inner, to, oRow, oColumn, x, aRow, aInner, y, bInner, bColumn);
      }
    }
    if (packed) heap.free(buffer);
    return true;
  }
}
