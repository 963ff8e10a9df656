/** out[b,m,n] = Σ_k a[b,m,k] · b[b,k,n]. Strides count bytes. */

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

export class MatmulFamily {
  run<T>(op: i32): bool {
    if (isBoolean<T>()) return false;
    for (let z = 0; z < batch; z++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let p = a + z * aBatch + i * aRow;
          let q = b + z * bBatch + j * bColumn;
          let sum: T = 0;
          for (let k = 0; k < inner; k++) {
            sum += load<T>(p) * load<T>(q);
            p += aInner;
            q += bInner;
          }
          store<T>(o + z * oBatch + i * oRow + j * oColumn, sum);
        }
      }
    }
    return true;
  }
}
