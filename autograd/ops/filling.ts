/** In-place ops that put other numbers into a tensor: `x[...] = v` is a view and one of these. */
import { fail } from "../errors.ts";
import { broadcastShapes } from "../kernels.ts";
import { type OpRow, op } from "../row.ts";

export const FILLING: readonly OpRow[] = [
  op({
    schema: "fill_.Scalar(Tensor self, Scalar value) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "FillBackward2",
    pattern: "route",
    forward: (k, self, value) => k.full(self.shape, value.value, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 2).fill_(3)", "i.clone().fill_(1.7)"],
  }),
  op({
    schema: "fill_.Tensor(Tensor self, Tensor value) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "FillBackward3",
    pattern: "route",
    forward: (k, self, value) => {
      if (value.shape.length > 0)
        fail(
          `fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
        );
      return k.full(self.shape, k.core.item(value), self.dtype);
    },
    backward: { self: "zeros_like(grad)", value: "grad.sum()" },
    samples: ["(a * 2).fill_(v[0])"],
  }),
  op({
    schema: "zero_(Tensor self) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "ZeroBackward0",
    pattern: "route",
    forward: (k, self) => k.full(self.shape, 0, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 2).zero_()"],
  }),
  op({
    schema: "copy_(Tensor self, Tensor other, bool non_blocking=False) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "CopyBackwards",
    pattern: "route",
    forward: (k, self, other) => {
      const out = k.empty(broadcastShapes(self.shape, other.shape), self.dtype);
      k.copyInto(out, other);
      return out;
    },
    backward: { self: "zeros_like(grad)", other: "to(grad, other.scalar_type())" },
    savedNames: { "other.scalar_type()": "" },
    samples: ["(a * 2).copy_(v)", "(a * 2).copy_(v.double())", "i.clone().copy_(i * 2)"],
  }),
];
