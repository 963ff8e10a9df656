/** Tensors seen as lines along one dimension, for kernels that take a whole line at a time. */
import { type Kernels, normalDim } from "./kernels.ts";
import { contiguousStrides, type Tensor } from "./tensor.ts";

export type Numbers = ArrayLike<number | bigint>;

export interface Lines {
  readonly axis: number;
  /** Elements of a line. */
  readonly size: number;
  readonly count: number;
  /** The elements of line number `i`. */
  line(i: number): (number | bigint)[];
}

export function linesOf(k: Kernels, self: Tensor, dim: number): Lines {
  const axis = normalDim(dim, self.shape.length);
  const shape = self.shape.length === 0 ? [1] : self.shape;
  const all = k.core.read(self) as Numbers;
  const [size, step] = [shape[axis] as number, contiguousStrides(shape)[axis] as number];
  const count = shape.reduce((n, x, i) => (i === axis ? n : n * x), 1);
  return {
    axis,
    size,
    count,
    line: (i) => {
      const from = Math.floor(i / step) * size * step + (i % step);
      return Array.from({ length: size }, (_, j) => all[from + j * step] as number | bigint);
    },
  };
}

/** One number for each line, or several along the same dimension: a tensor of them, in the shape of a reduction. */
export function joined(
  k: Kernels,
  self: Tensor,
  axis: number,
  results: readonly (readonly (number | bigint)[])[],
  dtype: number,
  keepdim: boolean,
): Tensor {
  const each = results[0]?.length ?? 1;
  const whole = self.shape.length === 0 ? [1] : self.shape;
  const step = whole.slice(axis + 1).reduce((n, x) => n * x, 1);
  const values = new Array<number | bigint>(results.length * each);
  for (const [i, row] of results.entries()) {
    const from = Math.floor(i / step) * each * step + (i % step);
    for (const [j, x] of row.entries()) values[from + j * step] = x;
  }
  const kept = self.shape.length === 0 ? [] : self.shape.with(axis, each);
  const out = k.empty(keepdim ? kept : kept.filter((_, i) => i !== axis), dtype);
  k.core.write(out, values);
  return out;
}
