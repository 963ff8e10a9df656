/** Merging dimensions before a kernel runs: those that lie evenly in memory for every operand become one. */
import type { Strided } from "./core.ts";
import { dtypeSize } from "./dtype.ts";

/** As many as PyTorch allows. */
const MAX_DIMS = 64;

const SHORT_ROW = 8;

/** The merged dimensions of up to four operands, innermost first; strides in bytes. Reused from call to call. */
export class Merged {
  dims = 0;
  readonly size = new Int32Array(MAX_DIMS);
  readonly strides: readonly [Int32Array, Int32Array, Int32Array, Int32Array] = [
    new Int32Array(MAX_DIMS),
    new Int32Array(MAX_DIMS),
    new Int32Array(MAX_DIMS),
    new Int32Array(MAX_DIMS),
  ];

  /** How many elements the innermost dimension has. */
  get row(): number {
    return this.size[0] as number;
  }

  /** How far apart an operand's elements are there. */
  step(operand: 0 | 1 | 2 | 3): number {
    return this.strides[operand][0] as number;
  }

  /**
   * Merge the dimensions of `shape` (without `skip`). An operand that is not there is given as one that is.
   * There is at least one dimension afterwards. False where there are no elements.
   */
  merge(shape: readonly number[], o: Strided, a: Strided, b: Strided, c: Strided, skip = -1): boolean {
    const { size } = this;
    const [s0, s1, s2, s3] = this.strides;
    const w0 = dtypeSize(o.dtype);
    const w1 = dtypeSize(a.dtype);
    const w2 = dtypeSize(b.dtype);
    const w3 = dtypeSize(c.dtype);
    if (shape.length > MAX_DIMS) {
      throw new RangeError(`a tensor of ${shape.length} dimensions: at most ${MAX_DIMS} are allowed`);
    }
    let d = -1;
    for (let i = shape.length - 1; i >= 0; i--) {
      const n = shape[i] as number;
      if (i === skip || n === 1) continue;
      if (n === 0) return false;
      const t0 = (o.strides[i] as number) * w0;
      const t1 = (a.strides[i] as number) * w1;
      const t2 = (b.strides[i] as number) * w2;
      const t3 = (c.strides[i] as number) * w3;
      if (d >= 0) {
        const m = size[d] as number;
        if (
          t0 === (s0[d] as number) * m &&
          t1 === (s1[d] as number) * m &&
          t2 === (s2[d] as number) * m &&
          t3 === (s3[d] as number) * m
        ) {
          size[d] = n * m;
          continue;
        }
      }
      d++;
      size[d] = n;
      s0[d] = t0;
      s1[d] = t1;
      s2[d] = t2;
      s3[d] = t3;
    }
    if (d < 0) {
      d = 0;
      size[0] = 1;
      s0[0] = w0;
      s1[0] = w1;
      s2[0] = w2;
      s3[0] = w3;
    }
    this.dims = d + 1;
    return true;
  }

  /**
   * Where rows are short and there are many, take the next dimension for the row: a row costs as much as some
   * eight elements. For kernels that may visit elements in any order.
   */
  preferLongRows(): void {
    if (this.dims < 2) return;
    const { size, strides } = this;
    const row = size[0] as number;
    const next = size[1] as number;
    if (row > SHORT_ROW || next <= 2 * row) return;
    for (const list of [size, ...strides]) [list[0], list[1]] = [list[1] as number, list[0] as number];
  }
}
