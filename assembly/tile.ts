/**
 * The float product of large matrices: a block of the right one is packed so that the inner loop reads it in order, four rows
 * of the left one are spread to whole vectors, and a tile of 4 rows by two vectors of the output is kept in registers.
 * Each element is summed step after step, from one block to the next as well. Strides count bytes.
 */
import { mulAdd } from "./lanes";

/** Rows of a tile; its columns fill two vectors, 32 bytes. */
const ROWS = 4;
const TILE: i32 = 32;
/** Bytes of one step of the four spread rows. */
const SPREAD: i32 = ROWS * 16;

/** So many steps of the spread rows fit the first-level cache beside a group of columns, the block of columns the second-level one. */
const BLOCK_INNER = 256;
const BLOCK_COLUMNS = 512;

/** One tile of the output, for those at the edge or with other strides. */
const EDGE: usize = memory.data(ROWS * TILE, 16);

/** A full group whose columns lie side by side: those of each step, as they are. */
function packNear(to: usize, from: usize, step: i32, depth: i32): void {
  let o = to;
  let p = from;
  for (let k = depth; k > 0; k--) {
    v128.store(o, v128.load(p));
    v128.store(o, v128.load(p, 16), 16);
    o += TILE;
    p += step;
  }
}

/** Four columns of f32 whose steps lie side by side, four steps at a time: as many as are done. */
function packAcross(to: usize, from: usize, column: i32, depth: i32): i32 {
  let o = to;
  let p = from;
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const r0 = v128.load(p);
    const r1 = v128.load(p + column);
    const r2 = v128.load(p + 2 * column);
    const r3 = v128.load(p + 3 * column);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(o, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(o, v128.shuffle<f64>(low01, low23, 1, 3), TILE);
    v128.store(o, v128.shuffle<f64>(high01, high23, 0, 2), 2 * TILE);
    v128.store(o, v128.shuffle<f64>(high01, high23, 1, 3), 3 * TILE);
    o += 4 * TILE;
    p += 16;
  }
  return k;
}

/** `count` columns of `depth` steps, interleaved in groups that fill a tile's row and filled up with zeros. */
function pack<T>(to: usize, from: usize, column: i32, step: i32, count: i32, depth: i32): void {
  const size = <i32>sizeof<T>();
  const width = TILE / size;
  let o = to;
  for (let j = 0; j < count; j += width) {
    const group = min<i32>(width, count - j);
    const start = from + j * column;
    let done = 0;
    if (group === width && column === size) {
      packNear(o, start, step, depth);
      done = depth;
    } else if (group === width && step === size && size === 4) {
      done = packAcross(o, start, column, depth);
      packAcross(o + 16, start + 4 * column, column, depth);
    }
    o += <usize>(done * TILE);
    for (let k = done; k < depth; k++) {
      let p = start + k * step;
      let i = 0;
      for (; i < group; i++) {
        store<T>(o, load<T>(p));
        o += sizeof<T>();
        p += column;
      }
      for (; i < width; i++) {
        store<T>(o, 0);
        o += sizeof<T>();
      }
    }
  }
}

/** Up to four rows of `depth` steps, each number as a whole vector; a row that is not there repeats the last. */
function spread<T>(to: usize, from: usize, row: i32, step: i32, rows: i32, depth: i32): void {
  let p0 = from;
  let p1 = from + min<i32>(1, rows - 1) * row;
  let p2 = from + min<i32>(2, rows - 1) * row;
  let p3 = from + min<i32>(3, rows - 1) * row;
  let o = to;
  for (let k = depth; k > 0; k--) {
    v128.store(o, v128.load_splat<T>(p0));
    v128.store(o, v128.load_splat<T>(p1), 16);
    v128.store(o, v128.load_splat<T>(p2), 32);
    v128.store(o, v128.load_splat<T>(p3), 48);
    p0 += step;
    p1 += step;
    p2 += step;
    p3 += step;
    o += SPREAD;
  }
}

/**
 * o[4, tile] = Σ_k a[k, 4] · b[k, tile], added one after the other to what is there where `add`; `row` is the byte stride
 * of o's rows, `depth` at least 1. The way out between two steps keeps V8 from loading what both need before it computes.
 */
function tile<T>(o: usize, row: i32, a: usize, b: usize, depth: i32, add: bool): void {
  let c00 = v128.splat<T>(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (add) {
    c00 = v128.load(o);
    c01 = v128.load(o, 16);
    c10 = v128.load(o + row);
    c11 = v128.load(o + row, 16);
    c20 = v128.load(o + 2 * row);
    c21 = v128.load(o + 2 * row, 16);
    c30 = v128.load(o + 3 * row);
    c31 = v128.load(o + 3 * row, 16);
  }
  let left = depth;
  while (true) {
    const y0 = v128.load(b);
    const y1 = v128.load(b, 16);
    const x0 = v128.load(a);
    c00 = mulAdd<T>(x0, y0, c00);
    c01 = mulAdd<T>(x0, y1, c01);
    const x1 = v128.load(a, 16);
    c10 = mulAdd<T>(x1, y0, c10);
    c11 = mulAdd<T>(x1, y1, c11);
    const x2 = v128.load(a, 32);
    c20 = mulAdd<T>(x2, y0, c20);
    c21 = mulAdd<T>(x2, y1, c21);
    const x3 = v128.load(a, 48);
    c30 = mulAdd<T>(x3, y0, c30);
    c31 = mulAdd<T>(x3, y1, c31);
    if (--left === 0) break;
    const y2 = v128.load(b, TILE);
    const y3 = v128.load(b, TILE + 16);
    const x4 = v128.load(a, SPREAD);
    c00 = mulAdd<T>(x4, y2, c00);
    c01 = mulAdd<T>(x4, y3, c01);
    const x5 = v128.load(a, SPREAD + 16);
    c10 = mulAdd<T>(x5, y2, c10);
    c11 = mulAdd<T>(x5, y3, c11);
    const x6 = v128.load(a, SPREAD + 32);
    c20 = mulAdd<T>(x6, y2, c20);
    c21 = mulAdd<T>(x6, y3, c21);
    const x7 = v128.load(a, SPREAD + 48);
    c30 = mulAdd<T>(x7, y2, c30);
    c31 = mulAdd<T>(x7, y3, c31);
    if (--left === 0) break;
    a += 2 * SPREAD;
    b += 2 * TILE;
  }
  v128.store(o, c00);
  v128.store(o, c01, 16);
  v128.store(o + row, c10);
  v128.store(o + row, c11, 16);
  v128.store(o + 2 * row, c20);
  v128.store(o + 2 * row, c21, 16);
  v128.store(o + 3 * row, c30);
  v128.store(o + 3 * row, c31, 16);
}

/** The first `m` rows and `n` columns of the tile in EDGE: to their places, or from there. */
function moveEdge<T>(o: usize, row: i32, column: i32, m: i32, n: i32, into: bool): void {
  for (let i = 0; i < m; i++) {
    let p = EDGE + i * TILE;
    let q = o + i * row;
    for (let j = 0; j < n; j++) {
      if (into) store<T>(p, load<T>(q));
      else store<T>(q, load<T>(p));
      p += sizeof<T>();
      q += column;
    }
  }
}

/** Bytes of scratch memory that `product` needs. */
export function scratch<T>(n: i32, k: i32): usize {
  const width = TILE / <i32>sizeof<T>();
  const groups = (min<i32>(n, BLOCK_COLUMNS) + width - 1) / width;
  return <usize>(min<i32>(k, BLOCK_INNER) * (SPREAD + groups * TILE));
}

export function product<T>(
  buffer: usize,
  m: i32,
  n: i32,
  k: i32,
  o: usize,
  oRow: i32,
  oColumn: i32,
  a: usize,
  aRow: i32,
  aInner: i32,
  b: usize,
  bInner: i32,
  bColumn: i32,
): void {
  const size = <i32>sizeof<T>();
  const width = TILE / size;
  const near = oColumn === size;
  for (let n0 = 0; n0 < n; n0 += BLOCK_COLUMNS) {
    const columns = min<i32>(BLOCK_COLUMNS, n - n0);
    for (let k0 = 0; k0 < k; k0 += BLOCK_INNER) {
      const depth = min<i32>(BLOCK_INNER, k - k0);
      const goesOn = k0 > 0;
      const block = buffer + depth * SPREAD;
      pack<T>(block, b + k0 * bInner + n0 * bColumn, bColumn, bInner, columns, depth);
      for (let i = 0; i < m; i += ROWS) {
        const rows = min<i32>(ROWS, m - i);
        spread<T>(buffer, a + i * aRow + k0 * aInner, aRow, aInner, rows, depth);
        let group = block;
        for (let j = 0; j < columns; j += width) {
          const to = o + i * oRow + (n0 + j) * oColumn;
          const across = min<i32>(width, columns - j);
          if (near && rows === ROWS && across === width) {
            tile<T>(to, oRow, buffer, group, depth, goesOn);
          } else {
            if (goesOn) moveEdge<T>(to, oRow, oColumn, rows, across, true);
            tile<T>(EDGE, TILE, buffer, group, depth, goesOn);
            moveEdge<T>(to, oRow, oColumn, rows, across, false);
          }
          group += depth * TILE;
        }
      }
    }
  }
}
