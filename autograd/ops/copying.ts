/** Copies: into new memory, into another dtype, over what a tensor held. */
import { fail } from "../errors.ts";
import { expandable } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import { isContiguous } from "../tensor.ts";

export const COPYING: readonly OpRow[] = [
  op({
    schema: "clone(Tensor self) -> Tensor",
    node: "CloneBackward0",
    pattern: "pass",
    forward: (k, self) => k.clone(self),
    backward: { self: "grad" },
    samples: ["a.clone()", "torch.clone(i)"],
  }),
  composite({
    schema: "contiguous(Tensor self) -> Tensor",
    variants: "method",
    compose: (call, _k, self) => (isContiguous(self) ? self : call("clone", self)),
    samples: ["a.t().contiguous()", "a.contiguous()"],
  }),
  op({
    schema: "_to_copy(Tensor self, ScalarType? dtype) -> Tensor",
    variants: "internal",
    node: "ToCopyBackward0",
    pattern: "pass",
    forward: (k, self, dtype) => k.clone(self, dtype ?? self.dtype),
    backward: { self: "to(grad, self.scalar_type())" },
    savedNames: { "self.scalar_type()": "" },
    samples: ["a.double()", "a.to(torch.float64)", "a.long()", "i.float()", "a.bool()"],
  }),
  composite({
    schema: "to(Tensor self, ScalarType? dtype) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, dtype) => (self.dtype === dtype ? self : call("_to_copy", self, dtype)),
    samples: [],
  }),
  op({
    schema: "copy_(Tensor self, Tensor src, bool non_blocking=False) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "CopyBackwards",
    pattern: "pass",
    forward: (k, self, src) => {
      if (!expandable(src.shape, self.shape))
        fail(
          `The size of tensor a (${self.shape.at(-1)}) must match the size of tensor b (${src.shape.at(-1)}) at non-singleton dimension ${self.shape.length - 1}`,
        );
      const out = k.empty(self.shape, self.dtype);
      k.copyInto(out, src);
      return out;
    },
    backward: { self: "zeros_like(grad)", src: "grad" },
    samples: [
      "(a * 1).copy_(b)",
      "(a * 1).copy_(v)",
      "a.new_zeros(2, 3).copy_(a)",
      "x = a * 1; x[0] = v; x",
      "x = a * 1; x[:, 1] = 5.; x",
      "x = v.new_zeros(2, 3); x[1, 1:] = v[:2]; x * b",
      "x = a * 1; x[0] = x[1]; x",
    ],
  }),
  op({
    schema: "fill_.Scalar(Tensor self, Scalar value) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "FillBackward2",
    pattern: "pass",
    forward: (k, self, value) => k.full(self.shape, value.value, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 1).fill_(2)", "torch.zeros(2).fill_(1.5)", "x = a * 1; x[0].fill_(3.); x"],
  }),
  op({
    schema: "fill_.Tensor(Tensor self, Tensor value) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "FillBackward3",
    pattern: "pass",
    forward: (k, self, value) => {
      if (value.shape.length > 0)
        fail(
          `fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
        );
      const out = k.empty(self.shape, self.dtype);
      k.copyInto(out, value);
      return out;
    },
    backward: { self: "zeros_like(grad)", value: "grad.sum()" },
    samples: ["(a * 1).fill_(v[0])", "v.new_zeros(2).fill_(v.sum())"],
  }),
  op({
    schema: "zero_(Tensor self) -> Tensor",
    variants: "method",
    inplace: "only",
    node: "ZeroBackward0",
    pattern: "pass",
    forward: (k, self) => k.full(self.shape, 0, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 1).zero_()", "torch.ones(2).zero_()"],
  }),
];
