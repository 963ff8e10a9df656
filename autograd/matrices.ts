/** Batches of matrices between tensors and LAPACK's algorithms, with PyTorch's checks on their shapes and dtypes. */

import { DType } from "../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { relaid } from "./each.ts";
import { fail } from "./errors.ts";
import { broadcastShapes, type Kernels } from "./kernels.ts";
import { DOUBLE, type Floats, Matrix, type Precision, SINGLE } from "./lapack/matrix.ts";
import type { Call } from "./row.ts";
import { contiguousStrides, numelOf, type Tensor } from "./tensor.ts";

/** The dtype of pivots and of LAPACK's answers. */
export const INDEX = DType.i32;

export const precisionOf = (t: Tensor): Precision => (dtypeRow(t.dtype).name === "float64" ? DOUBLE : SINGLE);

export function matrixCheck(name: string, t: Tensor, which = "A"): void {
  if (t.shape.length < 2) fail(`${name}: The input tensor ${which} must have at least 2 dimensions.`);
}

export function squareCheck(name: string, t: Tensor, which = "A"): void {
  matrixCheck(name, t, which);
  const [rows, columns] = t.shape.slice(-2);
  if (rows !== columns)
    fail(`${name}: ${which} must be batches of square matrices, but they are ${rows} by ${columns} matrices`);
}

export function floatCheck(name: string, t: Tensor): void {
  if (!isFloat(t.dtype))
    fail(
      `${name}: Expected a floating point or complex tensor as input. Got ${dtypeRow(t.dtype).scalarType}`,
    );
}

/** A prefix for errors in one of several matrices. */
export const batchElement = (name: string, t: Tensor, i: number): string =>
  t.shape.length > 2 ? `${name}: (Batch element ${i}):` : `${name}:`;

/** The matrices of a batch, in order; `batch`: the sizes that it is spread over. */
export function matrices(k: Kernels, t: Tensor, batch: readonly number[] = t.shape.slice(0, -2)): Matrix[] {
  const [rows, columns] = t.shape.slice(-2) as [number, number];
  const all = k.core.read(k.broadcast(t, [...batch, rows, columns])) as Float64Array;
  const precision = precisionOf(t);
  return Array.from({ length: numelOf(batch) }, (_, i) => {
    const m = new Matrix(rows, columns, precision);
    for (let j = 0; j < columns; j++)
      for (let r = 0; r < rows; r++) m.set(r, j, all[(i * rows + r) * columns + j] as number);
    return m;
  });
}

/** A tensor of these matrices; as LAPACK gives them, each lies column by column. */
export function batched(
  k: Kernels,
  batch: readonly number[],
  list: readonly Matrix[],
  sizes: readonly [number, number],
  dtype: DType,
  byColumns = true,
): Tensor {
  const [rows, columns] = sizes;
  const shape = [...batch, rows, columns];
  const values = new Float64Array(numelOf(shape));
  for (const [i, m] of list.entries()) values.set((byColumns ? m : m.transposed()).data, i * rows * columns);
  const flat = k.empty([values.length], dtype);
  k.core.write(flat, values);
  if (!byColumns) return k.reshaped(flat, shape);
  const strides = contiguousStrides(shape);
  strides[shape.length - 2] = 1;
  strides[shape.length - 1] = Math.max(rows, 1);
  return relaid(k, flat, shape, strides);
}

/** A tensor of one row of numbers for each matrix. */
export function vectors(
  k: Kernels,
  batch: readonly number[],
  list: readonly (Floats | readonly number[])[],
  size: number,
  dtype: DType,
): Tensor {
  const out = k.empty([...batch, size], dtype);
  const values: (number | bigint)[] = [];
  for (const row of list) for (const x of row) values.push(dtype === DType.i64 ? BigInt(x) : x);
  k.core.write(out, values);
  return out;
}

/** A tensor of one number for each matrix. */
export const scalars = (
  k: Kernels,
  batch: readonly number[],
  list: readonly number[],
  dtype: DType,
): Tensor =>
  k.reshaped(
    vectors(
      k,
      batch,
      list.map((x) => [x]),
      1,
      dtype,
    ),
    batch,
  );

/** Sizes of the batch that both are spread over. */
export const commonBatch = (a: Tensor, b: Tensor): readonly number[] =>
  broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));

/** The numbers of pivots, matrix after matrix. */
export function pivotRows(k: Kernels, pivots: Tensor, batch: readonly number[], n: number): number[][] {
  const all = k.core.read(k.broadcast(pivots, [...batch, n]));
  return Array.from({ length: numelOf(batch) }, (_, i) =>
    Array.from({ length: n }, (_, j) => Number(all[i * n + j])),
  );
}

/** The transposed matrices of a batch, as an op of a rule. */
export const mT = (call: Call, t: Tensor): Tensor => call("transpose", t, -2, -1);
