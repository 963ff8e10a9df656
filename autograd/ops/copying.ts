/** Copies: into new memory, into another dtype, over what a tensor held. */
import { fail } from "../errors.ts";
import { broadcastShapes, expandable, type Kernels, showShape } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import { contiguousStrides, isContiguous, type Tensor } from "../tensor.ts";

function filled(k: Kernels, self: Tensor, value: Tensor): Tensor {
  if (value.shape.length > 0)
    fail(
      `fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
    );
  return k.full(self.shape, k.core.item(value), self.dtype);
}

/** A copy whose channels, dimension 1, lie next to each other in memory: `torch.channels_last`. */
function withChannelsLast(k: Kernels, self: Tensor, dtype = self.dtype): Tensor {
  const [batch, channels, ...space] = self.shape as [number, number, ...number[]];
  const [b, ...rest] = contiguousStrides([batch, ...space, channels]) as [number, ...number[]];
  const out = k.emptyStrided(self.shape, [b, 1, ...rest.slice(0, -1)], dtype);
  k.copyInto(out, self);
  return out;
}

export const COPYING: readonly OpRow[] = [
  op({
    schema: "clone(Tensor self) -> Tensor",
    elementwise: true,
    node: "CloneBackward0",
    pattern: "pass",
    forward: (k, self) => k.clone(self),
    backward: { self: "grad" },
    samples: ["a.clone()", "torch.clone(i)"],
  }),
  op({
    schema: "clone.contiguous(Tensor self) -> Tensor",
    variants: "internal",
    node: "CloneBackward0",
    pattern: "pass",
    forward: (k, self) => k.clone(self),
    backward: { self: "grad" },
    samples: [],
  }),
  op({
    schema: "_clone_channels_last(Tensor self) -> Tensor",
    rounds: "each",
    variants: "internal",
    node: "CloneBackward0",
    pattern: "pass",
    forward: (k, self) => withChannelsLast(k, self),
    backward: { self: "grad" },
    samples: ["a.view(1, 3, 1, 2).clone(memory_format=torch.channels_last)"],
  }),
  op({
    schema: "_to_copy_channels_last(Tensor self, ScalarType? dtype) -> Tensor",
    rounds: "each",
    variants: "internal",
    node: "ToCopyBackward0",
    pattern: "pass",
    forward: (k, self, dtype) => withChannelsLast(k, self, dtype ?? self.dtype),
    backward: { self: "to(grad, self.scalar_type())" },
    savedNames: { "self.scalar_type()": "" },
    samples: ["a.view(1, 3, 1, 2).to(memory_format=torch.channels_last)"],
  }),
  composite({
    schema: "contiguous(Tensor self) -> Tensor",
    variants: "method",
    compose: (call, _k, self) => (isContiguous(self) ? self : call("clone.contiguous", self)),
    samples: ["a.t().contiguous()", "a.contiguous()"],
  }),
  op({
    schema: "_to_copy(Tensor self, ScalarType? dtype) -> Tensor",
    elementwise: true,
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
          `output with shape ${showShape(self.shape)} doesn't match the broadcast shape ${showShape(broadcastShapes(self.shape, src.shape))}`,
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
    overlaps: true,
    variants: "method",
    inplace: "only",
    node: "FillBackward2",
    pattern: "pass",
    rounds: "each",
    forward: (k, self, value) => k.full(self.shape, value.value, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 1).fill_(2)", "torch.zeros(2).fill_(1.5)", "x = a * 1; x[0].fill_(3.); x"],
  }),
  op({
    schema: "fill_.Tensor(Tensor self, Tensor value) -> Tensor",
    overlaps: true,
    variants: "method",
    inplace: "only",
    node: "FillBackward3",
    pattern: "pass",
    forward: filled,
    rounds: "each",
    backward: { self: "zeros_like(grad)", value: "grad.sum()" },
    samples: ["(a * 1).fill_(v[0])", "v.new_zeros(2).fill_(v.sum())"],
  }),
  op({
    schema: "fill.Scalar(Tensor self, Scalar value) -> Tensor",
    variants: "function",
    node: "FillBackward0",
    pattern: "pass",
    rounds: "each",
    forward: (k, self, value) => k.full(self.shape, value.value, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["torch.fill(a, 2)"],
  }),
  op({
    schema: "fill.Tensor(Tensor self, Tensor value) -> Tensor",
    variants: "function",
    node: "FillBackward1",
    pattern: "pass",
    forward: filled,
    rounds: "each",
    backward: { self: "zeros_like(grad)", value: "grad.sum()" },
    samples: ["torch.fill(a, v[0])"],
  }),
  op({
    schema: "zero_(Tensor self) -> Tensor",
    overlaps: true,
    variants: "method",
    inplace: "only",
    node: "ZeroBackward0",
    pattern: "pass",
    forward: (k, self) => k.full(self.shape, 0, self.dtype),
    backward: { self: "zeros_like(grad)" },
    samples: ["(a * 1).zero_()", "torch.ones(2).zero_()"],
  }),
];
