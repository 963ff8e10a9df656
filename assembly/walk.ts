/**
 * The walk over elements that every elementwise kernel shares. The caller has merged dimensions that lie
 * evenly in memory; the innermost one is the row, given by `begin`, the others stand in the table at `DIMS`.
 * Sizes count elements, strides count bytes.
 */

/** A dimension: its size, the strides of up to four operands, and how far the walk has come in it. */
const DIM: usize = 24;
const COUNTER: usize = 20;

/** The table of outer dimensions, innermost first. Counters are zero between walks. */
export const DIMS: usize = memory.data(64 * 24, 16);

export let length: i32 = 0;
export let p0: usize = 0;
export let p1: usize = 0;
export let p2: usize = 0;
export let p3: usize = 0;
export let s0: i32 = 0;
export let s1: i32 = 0;
export let s2: i32 = 0;
export let s3: i32 = 0;
let outer: i32 = 0;

export function begin1(dims: i32, n: i32, o: usize, so: i32): void {
  outer = dims;
  length = n;
  p0 = o;
  s0 = so;
}

export function begin2(dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32): void {
  begin1(dims, n, o, so);
  p1 = a;
  s1 = sa;
}

export function begin3(dims: i32, n: i32, o: usize, so: i32, a: usize, sa: i32, b: usize, sb: i32): void {
  begin2(dims, n, o, so, a, sa);
  p2 = b;
  s2 = sb;
}

export function begin4(
  dims: i32,
  n: i32,
  o: usize,
  so: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
  c: usize,
  sc: i32,
): void {
  begin3(dims, n, o, so, a, sa, b, sb);
  p3 = c;
  s3 = sc;
}

/** Move the pointers to the next row; false when there is none. */
export function nextRow(): bool {
  let dim = DIMS;
  for (let d = 0; d < outer; d++) {
    const count = load<i32>(dim, COUNTER) + 1;
    const size = load<i32>(dim);
    if (count < size) {
      store<i32>(dim, count, COUNTER);
      move(dim, 1);
      return true;
    }
    store<i32>(dim, 0, COUNTER);
    move(dim, 1 - size);
    dim += DIM;
  }
  return false;
}

function move(dim: usize, steps: i32): void {
  p0 += load<i32>(dim, 4) * steps;
  p1 += load<i32>(dim, 8) * steps;
  p2 += load<i32>(dim, 12) * steps;
  p3 += load<i32>(dim, 16) * steps;
}
