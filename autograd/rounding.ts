/**
 * Computing with dtypes that are only stored: on copies in a wider one, whose results are rounded back, kernel by kernel;
 * and where PyTorch's kernels for bfloat16 round in between, so here.
 */
import { type ArgReduce, Binary, DType, type Reduce, type Softmax, Unary } from "../assembly/shared/codes.ts";
import type { Core, Strided } from "./core.ts";
import { dtypeRow, dtypeSize } from "./dtype.ts";
import { contiguousStrides } from "./tensor.ts";

const isRounded = ({ dtype }: Strided): boolean => dtypeRow(dtype).computes !== undefined;

/** The core `Base` with kernels for those dtypes too. */
// biome-ignore lint/suspicious/noExplicitAny: what TypeScript asks of a class that is extended so
export function rounding<B extends new (...args: any[]) => Core>(Base: B): B {
  return class extends Base implements Core {
    override unary(op: Unary, out: Strided, a: Strided): void {
      if (a.dtype === DType.bf16 && op === Unary.rsqrt) {
        this.unary(Unary.sqrt, out, a);
        this.unary(Unary.reciprocal, out, out);
      } else if (isRounded(a) || isRounded(out)) wider(this, out, [a], (o, x) => this.unary(op, o, x));
      else super.unary(op, out, a);
    }

    override binary(op: Binary, out: Strided, a: Strided, b: Strided): void {
      if (a.dtype === DType.bf16 && op === Binary.powScalar && isCube(this, b) && out.ptr !== a.ptr) {
        this.binary(Binary.mul, out, a, a);
        this.binary(Binary.mul, out, out, a);
      } else if (isRounded(a) || isRounded(b) || isRounded(out))
        wider(this, out, [a, b], (o, x, y) => this.binary(op, o, x, y as Strided));
      else super.binary(op, out, a, b);
    }

    override reduce(op: Reduce, out: Strided, a: Strided, axes: readonly number[]): void {
      if (isRounded(a) || isRounded(out)) wider(this, out, [a], (o, x) => this.reduce(op, o, x, axes));
      else super.reduce(op, out, a, axes);
    }

    override argReduce(op: ArgReduce, out: Strided, a: Strided, axis: number): void {
      if (isRounded(a)) wider(this, out, [a], (o, x) => this.argReduce(op, o, x, axis));
      else super.argReduce(op, out, a, axis);
    }

    override bmm(out: Strided, a: Strided, b: Strided): void {
      if (!isRounded(a)) super.bmm(out, a, b);
      else if (sumsOnce(out, a, b)) wider(this, out, [a, b], (o, x, y) => this.bmm(o, x, y as Strided));
      else stepwise(this, out, a, b);
    }

    override softmax(op: Softmax, out: Strided, a: Strided, b: Strided, axis: number): void {
      if (isRounded(out)) wider(this, out, [a, b], (o, x, y) => this.softmax(op, o, x, y as Strided, axis));
      else super.softmax(op, out, a, b, axis);
    }

    override indexAdd(out: Strided, axis: number, index: Strided, a: Strided): void {
      if (!isRounded(a) && !isRounded(out)) {
        super.indexAdd(out, axis, index, a);
        return;
      }
      // One by one, for each sum is rounded.
      for (const [i, at] of (this.read(index) as BigInt64Array).entries()) {
        if (at < 0n || at >= BigInt(out.shape[axis] as number)) throw outOfRange(out.shape[axis] as number);
        const to = slice(out, axis, Number(at));
        this.binary(Binary.add, to, to, slice(a, axis, i));
      }
    }
  };
}

export const outOfRange = (size: number): RangeError =>
  new RangeError(`index out of range: positions on an axis of size ${size} are 0 to ${size - 1}`);

/**
 * PyTorch's product of bfloat16 rounds after every step, but for rows times columns that both lie side by side, unless
 * it is a small batch.
 */
function sumsOnce(out: Strided, a: Strided, b: Strided): boolean {
  const [, m = 0, n = 0] = out.shape;
  const inner = a.shape[2] as number;
  const alone = a.strides[0] === 0 && b.strides[0] === 0;
  return n > 1 && a.strides[2] === 1 && b.strides[1] === 1 && (alone || m * n * inner >= 400);
}

/** out = Σ a·b, each product and each sum rounded. */
function stepwise(core: Core, out: Strided, a: Strided, b: Strided): void {
  const { dtype, shape } = out;
  const size = dtypeSize(dtype);
  const product = {
    dtype,
    shape,
    strides: contiguousStrides(shape),
    ptr: core.alloc(shape.reduce((n, x) => n * x, size)),
  };
  const [aBatch = 0, aRow = 0, aInner = 0] = a.strides;
  const [bBatch = 0, bInner = 0, bColumn = 0] = b.strides;
  try {
    core.fill(out, 0);
    for (let i = 0; i < (a.shape[2] as number); i++) {
      const left = { dtype, shape, strides: [aBatch, aRow, 0], ptr: a.ptr + i * aInner * size };
      const right = { dtype, shape, strides: [bBatch, 0, bColumn], ptr: b.ptr + i * bInner * size };
      core.binary(Binary.mul, product, left, right);
      core.binary(Binary.add, out, out, product);
    }
  } finally {
    core.free(product.ptr);
  }
}

/** The elements at one position along `axis`, which stays with size 1. */
function slice(t: Strided, axis: number, at: number): Strided {
  const ptr = t.ptr + at * (t.strides[axis] as number) * dtypeSize(t.dtype);
  return {
    dtype: t.dtype,
    shape: t.shape.map((size, i) => (i === axis ? 1 : size)),
    strides: t.strides,
    ptr,
  };
}

const isCube = (core: Core, exponent: Strided): boolean =>
  exponent.strides.every((step) => step === 0) && !exponent.shape.includes(0) && core.item(exponent) === 3;

/** Run a kernel on wider copies of the operands that need it, and round what it gives into `out`. */
function wider(
  core: Core,
  out: Strided,
  inputs: readonly Strided[],
  run: (out: Strided, first: Strided, second?: Strided) => void,
): void {
  const made: number[] = [];
  const room = (t: Strided): Strided => {
    const dtype = dtypeRow(t.dtype).computes;
    if (dtype === undefined) return t;
    const ptr = core.alloc(t.shape.reduce((n, size) => n * size, dtypeSize(dtype)));
    made.push(ptr);
    return { dtype, shape: t.shape, strides: contiguousStrides(t.shape), ptr };
  };
  try {
    const [first, second] = inputs.map((t) => {
      const copy = room(t);
      if (copy !== t) core.copy(copy, t);
      return copy;
    });
    const result = room(out);
    run(result, first as Strided, second);
    if (result !== out) core.copy(out, result);
  } finally {
    for (const ptr of made) core.free(ptr);
  }
}
