/** Kernels written in TypeScript, for functions that are asked rarely: over elements as doubles, rounded once to the dtype. */
import { DType } from "../assembly/shared/codes.ts";
import { isFloat } from "./dtype.ts";
import { broadcastShapes, type Kernels } from "./kernels.ts";
import { Tensor } from "./tensor.ts";

/** The elements in row-major order, as doubles. */
export function doubles(k: Kernels, t: Tensor): Float64Array {
  const data = k.core.read(t);
  return data instanceof Float64Array ? data : Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A tensor of these numbers. */
export function made(
  k: Kernels,
  shape: readonly number[],
  dtype: DType,
  values: ArrayLike<number | bigint>,
): Tensor {
  const out = k.empty(shape, dtype);
  k.core.write(out, values);
  return out;
}

/** The same numbers under another shape and strides; not a view. */
export const relaid = (k: Kernels, t: Tensor, shape: readonly number[], strides: readonly number[]): Tensor =>
  k.scope.own(new Tensor(t.storage, t.dtype, shape, strides, t.offset));

/**
 * A function of real numbers, element by element; integers become the default float. `single`: another one for what
 * is narrower than float64.
 */
export function each(k: Kernels, self: Tensor, f: (x: number) => number, single = f): Tensor {
  const dtype = isFloat(self.dtype) ? self.dtype : k.defaultDtype;
  return made(k, self.shape, dtype, doubles(k, self).map(dtype === DType.f64 ? f : single));
}

/** A function of whole tensors after promotion, half types by way of single ones; integers become the default float. */
export function inFloats(
  k: Kernels,
  operands: readonly Tensor[],
  f: (...operands: Tensor[]) => Tensor,
): Tensor {
  const common = k.resultType(...operands);
  const dtype = isFloat(common) ? common : k.defaultDtype;
  return k.cast(f(...operands.map((t) => k.cast(t, dtype === DType.f64 ? dtype : DType.f32))), dtype);
}

/** The same of two, after promotion and broadcasting. */
export function eachTwo(k: Kernels, a: Tensor, b: Tensor, f: (x: number, y: number) => number): Tensor {
  const common = k.resultType(a, b);
  const dtype = isFloat(common) ? common : k.defaultDtype;
  const shape = broadcastShapes(a.shape, b.shape);
  const read = (t: Tensor): Float64Array => {
    const cast = k.cast(t, dtype);
    return k.core.read(k.broadcast(cast, shape)) as Float64Array;
  };
  const [x, y] = [read(a), read(b)];
  return made(
    k,
    shape,
    dtype,
    x.map((value, i) => f(value, y[i] as number)),
  );
}

/** The same of two integers, which stay what they are. */
export function eachTwoInts(k: Kernels, a: Tensor, b: Tensor, f: (x: bigint, y: bigint) => bigint): Tensor {
  const dtype = k.resultType(a, b);
  const shape = broadcastShapes(a.shape, b.shape);
  const read = (t: Tensor): bigint[] => {
    const wide = k.cast(k.cast(t, dtype), DType.i64);
    return Array.from(k.core.read(k.broadcast(wide, shape)) as BigInt64Array);
  };
  const [x, y] = [read(a), read(b)];
  const values = x.map((value, i) => BigInt.asIntN(64, f(value, y[i] as bigint)));
  return k.cast(made(k, shape, DType.i64, values), dtype);
}
