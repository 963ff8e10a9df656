/**
 * The float product of large matrices: blocks of both operands are packed so that the inner loop reads them in
 * order, and a tile of 4 rows by two vectors of the output is kept in registers. Strides count bytes.
 */
import { mulAdd } from "./lanes";

/** Rows of a tile; its columns fill two vectors, 32 bytes. */
const ROWS = 4;
const TILE: i32 = 32;

/** Blocks: so many rows of `a` by so many steps fit the second-level cache, with as many columns of `b` beside. */
const BLOCK_ROWS = 128;
const BLOCK_INNER = 512;
const BLOCK_COLUMNS = 1024;

/** One tile of the output, for those at the edge or with other strides. */
const EDGE: usize = memory.data(ROWS * TILE, 16);

/** A full group whose lines lie side by side: `bytes` of each step, as they are. */
function packNear(to: usize, from: usize, step: i32, depth: i32, bytes: i32): void {
  let o = to;
  let p = from;
  for (let k = depth; k > 0; k--) {
    for (let j = 0; j < bytes; j += 16) v128.store(o + j, v128.load(p + j));
    o += bytes;
    p += step;
  }
}

/** Four lines of f32 whose steps lie side by side, four steps at a time: as many as are done. */
function packAcross(to: usize, from: usize, line: i32, depth: i32): i32 {
  let o = to;
  let p = from;
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const r0 = v128.load(p);
    const r1 = v128.load(p + line);
    const r2 = v128.load(p + 2 * line);
    const r3 = v128.load(p + 3 * line);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(o, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(o, v128.shuffle<f64>(low01, low23, 1, 3), 16);
    v128.store(o, v128.shuffle<f64>(high01, high23, 0, 2), 32);
    v128.store(o, v128.shuffle<f64>(high01, high23, 1, 3), 48);
    o += 64;
    p += 16;
  }
  return k;
}

/** `count` lines of `depth` steps, interleaved in groups of `width` and filled up with zeros. */
function pack<T>(to: usize, from: usize, line: i32, step: i32, count: i32, depth: i32, width: i32): void {
  const size = <i32>sizeof<T>();
  let o = to;
  for (let i = 0; i < count; i += width) {
    const group = min<i32>(width, count - i);
    const start = from + i * line;
    let done = 0;
    if (group === width && line === size) {
      packNear(o, start, step, depth, width * size);
      done = depth;
    } else if (group === width && step === size && size === 4 && width === 4) {
      done = packAcross(o, start, line, depth);
    }
    o += <usize>(done * width * size);
    for (let k = done; k < depth; k++) {
      let p = start + k * step;
      let j = 0;
      for (; j < group; j++) {
        store<T>(o, load<T>(p));
        o += sizeof<T>();
        p += line;
      }
      for (; j < width; j++) {
        store<T>(o, 0);
        o += sizeof<T>();
      }
    }
  }
}

/** o[4, tile] = or += Σ_k a[k, 4] · b[k, tile]; `row` is the byte stride of o's rows. */
function tile<T>(o: usize, row: i32, a: usize, b: usize, depth: i32, add: bool): void {
  let c00 = v128.splat<T>(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<T>(a);
    c00 = mulAdd<T>(a0, b0, c00);
    c01 = mulAdd<T>(a0, b1, c01);
    const a1 = v128.load_splat<T>(a, sizeof<T>());
    c10 = mulAdd<T>(a1, b0, c10);
    c11 = mulAdd<T>(a1, b1, c11);
    const a2 = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = mulAdd<T>(a2, b0, c20);
    c21 = mulAdd<T>(a2, b1, c21);
    const a3 = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = mulAdd<T>(a3, b0, c30);
    c31 = mulAdd<T>(a3, b1, c31);
    a += ROWS * sizeof<T>();
    b += TILE;
  }
  put<T>(o, c00, c01, add);
  put<T>(o + row, c10, c11, add);
  put<T>(o + 2 * row, c20, c21, add);
  put<T>(o + 3 * row, c30, c31, add);
}

function put<T>(o: usize, low: v128, high: v128, add: bool): void {
  v128.store(o, add ? v128.add<T>(v128.load(o), low) : low);
  v128.store(o, add ? v128.add<T>(v128.load(o, 16), high) : high, 16);
}

/** The first `m` rows and `n` columns of the tile in EDGE, to their places. */
function putEdge<T>(o: usize, row: i32, column: i32, m: i32, n: i32, add: bool): void {
  for (let i = 0; i < m; i++) {
    let p = EDGE + i * TILE;
    let q = o + i * row;
    for (let j = 0; j < n; j++) {
      store<T>(q, add ? <T>(load<T>(q) + load<T>(p)) : load<T>(p));
      p += sizeof<T>();
      q += column;
    }
  }
}

/** Bytes of scratch memory that `product` needs. */
export function scratch<T>(m: i32, n: i32, k: i32): usize {
  const width = TILE / <i32>sizeof<T>();
  const depth = min<i32>(k, BLOCK_INNER);
  const rows = (min<i32>(m, BLOCK_ROWS) + ROWS - 1) & -ROWS;
  const columns = (min<i32>(n, BLOCK_COLUMNS) + width - 1) & -width;
  return <usize>(depth * (rows + columns)) * sizeof<T>();
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
      const bBlock = buffer;
      pack<T>(bBlock, b + k0 * bInner + n0 * bColumn, bColumn, bInner, columns, depth, width);
      const aBlock = bBlock + ((columns + width - 1) & -width) * depth * size;
      for (let m0 = 0; m0 < m; m0 += BLOCK_ROWS) {
        const rows = min<i32>(BLOCK_ROWS, m - m0);
        pack<T>(aBlock, a + m0 * aRow + k0 * aInner, aRow, aInner, rows, depth, ROWS);
        for (let j = 0; j < columns; j += width) {
          const bTile = bBlock + j * depth * size;
          for (let i = 0; i < rows; i += ROWS) {
            const aTile = aBlock + i * depth * size;
            const to = o + (m0 + i) * oRow + (n0 + j) * oColumn;
            if (near && i + ROWS <= rows && j + width <= columns) {
              tile<T>(to, oRow, aTile, bTile, depth, k0 > 0);
            } else {
              tile<T>(EDGE, TILE, aTile, bTile, depth, false);
              putEdge<T>(to, oRow, oColumn, min<i32>(ROWS, rows - i), min<i32>(width, columns - j), k0 > 0);
            }
          }
        }
      }
    }
  }
}
