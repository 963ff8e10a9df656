/** Arithmetic on whole tensors in few words, for forwards that take several kernels; a number has the lowest priority in promotion. */
import { Binary, Reduce, Unary } from "../assembly/shared/codes.ts";
import type { Kernels } from "./kernels.ts";
import { Scalar } from "./schema.ts";
import type { Tensor } from "./tensor.ts";

export type Operand = Tensor | number;

export class Calc {
  constructor(readonly k: Kernels) {}

  private of(x: Operand): Tensor {
    return typeof x === "number" ? this.k.wrap(new Scalar(x, "float")) : x;
  }

  private two(op: Binary, a: Operand, b: Operand): Tensor {
    return this.k.binary(op, this.of(a), this.of(b));
  }

  add(a: Operand, b: Operand): Tensor {
    return this.two(Binary.add, a, b);
  }
  sub(a: Operand, b: Operand): Tensor {
    return this.two(Binary.sub, a, b);
  }
  mul(a: Operand, b: Operand): Tensor {
    return this.two(Binary.mul, a, b);
  }
  div(a: Operand, b: Operand): Tensor {
    return this.two(Binary.div, a, b);
  }
  max(a: Operand, b: Operand): Tensor {
    return this.two(Binary.maximum, a, b);
  }
  min(a: Operand, b: Operand): Tensor {
    return this.two(Binary.minimum, a, b);
  }

  lt(a: Operand, b: Operand): Tensor {
    return this.k.compare(Binary.lt, this.of(a), this.of(b));
  }
  le(a: Operand, b: Operand): Tensor {
    return this.k.compare(Binary.le, this.of(a), this.of(b));
  }
  gt(a: Operand, b: Operand): Tensor {
    return this.k.compare(Binary.gt, this.of(a), this.of(b));
  }
  ge(a: Operand, b: Operand): Tensor {
    return this.k.compare(Binary.ge, this.of(a), this.of(b));
  }
  eq(a: Operand, b: Operand): Tensor {
    return this.k.compare(Binary.eq, this.of(a), this.of(b));
  }
  where(condition: Tensor, a: Operand, b: Operand): Tensor {
    return this.k.where(condition, this.of(a), this.of(b));
  }

  neg(a: Tensor): Tensor {
    return this.k.unary(Unary.neg, a);
  }
  abs(a: Tensor): Tensor {
    return this.k.unary(Unary.abs, a);
  }
  sign(a: Tensor): Tensor {
    return this.k.unary(Unary.sign, a);
  }
  exp(a: Tensor): Tensor {
    return this.k.unary(Unary.exp, a);
  }
  /** exp, and below log, as PyTorch's loops have them that are part vector, part number. */
  expMixed(a: Tensor): Tensor {
    return this.k.unary(Unary.expMixed, a);
  }
  /** a·b + c, in float32 rounded once, as PyTorch's compiler fuses it. */
  fma(a: Tensor, b: Operand, c: Operand): Tensor {
    const own = (x: Operand): Tensor => this.k.cast(this.of(x), a.dtype);
    return this.k.mulAdd(a, own(b), own(c));
  }
  expm1(a: Tensor): Tensor {
    return this.k.unary(Unary.expm1, a);
  }
  log1p(a: Tensor): Tensor {
    return this.k.unary(Unary.log1p, a);
  }
  erf(a: Tensor): Tensor {
    return this.k.unary(Unary.erf, a);
  }
  log(a: Tensor): Tensor {
    return this.k.unary(Unary.log, a);
  }
  logMixed(a: Tensor): Tensor {
    return this.k.unary(Unary.logMixed, a);
  }
  /** log as PyTorch's loops over single numbers have it. */
  logSingle(a: Tensor): Tensor {
    return this.k.unary(Unary.logSingle, a);
  }
  sqrt(a: Tensor): Tensor {
    return this.k.unary(Unary.sqrt, a);
  }
  rsqrt(a: Tensor): Tensor {
    return this.k.unary(Unary.rsqrt, a);
  }
  sigmoid(a: Tensor): Tensor {
    return this.k.unary(Unary.sigmoid, a);
  }
  tanh(a: Tensor): Tensor {
    return this.k.unary(Unary.tanh, a);
  }

  /** `dims` null: over all elements, to zero dimensions. */
  sum(a: Tensor, dims: readonly number[] | null = null, keepdim = false): Tensor {
    return this.k.reduce(Reduce.sum, a, dims, keepdim);
  }
  greatest(a: Tensor, dim: number): Tensor {
    return this.k.reduce(Reduce.max, a, [dim], true);
  }

  /** A loss per element, reduced as `reduction` says: 1 to the mean, 2 to the sum, by another number not at all. */
  reduced(loss: Tensor, reduction: number): Tensor {
    if (reduction !== 1 && reduction !== 2) return loss;
    const total = this.sum(loss);
    return reduction === 1 ? this.div(total, loss.numel) : total;
  }
}
