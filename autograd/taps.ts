/** Linear maps along dimensions: each output position is a weighted sum of input positions. What padding and resizing share. */
import { DType } from "../assembly/shared/codes.ts";
import type { Kernels } from "./kernels.ts";
import { numbers, written } from "./pools.ts";
import type { Tensor } from "./tensor.ts";
import { product } from "./windows.ts";

/** By output position, the input positions and their weights. */
export type Taps = readonly (readonly (readonly [index: number, weight: number])[])[];

/** How weights and numbers are multiplied and added up. */
type Dot = (list: Taps[number], at: (index: number) => number) => number;

const plainly: Dot = (list, at) => {
  let sum = 0;
  for (const [index, weight] of list) sum += weight * at(index);
  return sum;
};

/** In float32, as a compiler with fused multiply-add has it: the second product alone is rounded before it is added. */
export const fused: Dot = (list, at) => {
  const [a, b, ...rest] = list.map(([index, weight]) => [weight, at(index)] as const);
  if (a === undefined || b === undefined) return plainly(list, at);
  const first = Math.fround(a[0] * a[1] + Math.fround(b[0] * b[1]));
  return rest.reduce((sum, [weight, x]) => Math.fround(weight * x + sum), first);
};

/** Along the last `maps.length` dimensions, the last one first. */
export function mapped(k: Kernels, x: Tensor, maps: readonly Taps[], dot = plainly): Tensor {
  return along(k, x, maps, (out, from, { taps, outer, size, inner }) => {
    for (let o = 0; o < outer; o++)
      for (const [j, list] of taps.entries())
        for (let i = 0; i < inner; i++)
          out[(o * taps.length + j) * inner + i] = dot(
            list,
            (index) => from[(o * size + index) * inner + i] as number,
          );
  });
}

/** The transpose: gradients of the output brought back to the input's sizes along the last dimensions. */
export function unmapped(k: Kernels, grad: Tensor, maps: readonly Taps[], sizes: readonly number[]): Tensor {
  const back = maps.map((taps, d): Taps => {
    const list: (readonly [number, number])[][] = Array.from({ length: sizes[d] as number }, () => []);
    for (const [j, from] of taps.entries())
      for (const [index, weight] of from) list[index]?.push([j, weight]);
    return list;
  });
  return mapped(k, grad, back);
}

interface Line {
  readonly taps: Taps;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

function along(
  k: Kernels,
  x: Tensor,
  maps: readonly Taps[],
  body: (out: Float64Array | Float32Array, from: Float64Array | Float32Array, line: Line) => void,
): Tensor {
  const shape = [...x.shape];
  const first = shape.length - maps.length;
  const room = (n: number): Float64Array | Float32Array =>
    x.dtype === DType.f32 ? new Float32Array(n) : new Float64Array(n);
  let data: Float64Array | Float32Array = numbers(k, x);
  for (let d = maps.length - 1; d >= 0; d--) {
    const taps = maps[d] as Taps;
    const at = first + d;
    const line = {
      taps,
      outer: product(shape.slice(0, at)),
      size: shape[at] as number,
      inner: product(shape.slice(at + 1)),
    };
    const out = room(line.outer * taps.length * line.inner);
    body(out, data, line);
    shape[at] = taps.length;
    data = out;
  }
  return written(k, shape, x.dtype, data);
}
