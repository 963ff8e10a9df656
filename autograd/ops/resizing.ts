/** Tensors that get another shape, storage or contents in place: resize_, set_, and what `out=` comes to. */
import { canCast, dtypeRow, dtypeSize } from "../dtype.ts";
import { fail } from "../errors.ts";
import { sameShape } from "../kernels.ts";
import { composite, type OpRow } from "../row.ts";
import { contiguousStrides, numelOf, type Tensor } from "../tensor.ts";

/** `self` with another shape and, where they do not fit, a larger storage; elements keep their places in it. */
function resized(self: Tensor, size: readonly number[]): Tensor {
  if (size.some((n) => n < 0)) fail("numel: integer multiplication overflow");
  if (self.requiresGrad) fail("cannot resize variables that require grad");
  if (sameShape(size, self.shape)) return self;
  self.willChange();
  self.storage.grow((self.offset + numelOf(size)) * dtypeSize(self.dtype));
  self.shape = size;
  self.strides = contiguousStrides(size);
  return self;
}

export const RESIZING: readonly OpRow[] = [
  composite({
    schema: "resize_(Tensor self, int[] size) -> Tensor",
    variants: "method",
    inplace: "only",
    compose: (_call, _k, self, size) => resized(self, size),
    samples: [
      "torch.arange(6.).resize_(2, 3)",
      "torch.arange(6.).resize_(4)",
      "x = torch.arange(6.); y = x[1:]; y.resize_(2, 2); x",
      "torch.zeros(3).resize_(0)",
      "torch.arange(6.).resize_((2, 1, 3))",
      "(a * 1).resize_(3)",
      "torch.zeros(3).resize_(2, -1)",
    ],
  }),
  composite({
    schema: "resize_as_(Tensor self, Tensor the_template) -> Tensor",
    inplace: "only",
    compose: (_call, _k, self, template) => resized(self, template.shape),
    samples: ["torch.arange(6.).resize_as_(torch.zeros(2, 2))"],
  }),
  composite({
    schema: "set_(Tensor self) -> Tensor",
    variants: "method",
    inplace: "only",
    compose: (_call, k, self) => {
      self.setData(k.empty([0], self.dtype));
      self.counter.value++;
      return self;
    },
    samples: ["torch.arange(3.).set_()"],
  }),
  composite({
    schema: "set_.source_Tensor(Tensor self, Tensor source) -> Tensor",
    variants: "method",
    inplace: "only",
    compose: (_call, _k, self, source) => {
      if (self.dtype !== source.dtype)
        fail(
          `Could not set tensor of type ${dtypeRow(source.dtype).name} to a tensor of type ${dtypeRow(self.dtype).name}`,
        );
      self.setData(source);
      self.counter.value++;
      return self;
    },
    samples: ["x = torch.arange(3.); y = torch.zeros(2); y.set_(x); x[0] = 7; y"],
  }),
  composite({
    schema: "write_out(Tensor self, Tensor result) -> Tensor",
    variants: "internal",
    compose: (call, _k, self, result) => {
      if (!canCast(result.dtype, self.dtype))
        fail(
          `result type ${dtypeRow(result.dtype).scalarType} can't be cast to the desired output type ${dtypeRow(self.dtype).scalarType}`,
        );
      return call("copy_", resized(self, result.shape), result);
    },
    samples: ["torch.exp(a.detach(), out=torch.zeros(2, 3))"],
  }),
];
