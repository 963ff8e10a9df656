/** Many tensors into one, and one into many. */
import { fail } from "../errors.ts";
import { type Kernels, normalDim, sameShape, showShape } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import { Tensor } from "../tensor.ts";

/** The part of `out` from `start`, `length` long, along `dim`. */
function part(k: Kernels, out: Tensor, dim: number, start: number, length: number): Tensor {
  const shape = out.shape.map((size, i) => (i === dim ? length : size));
  return k.scope.own(
    new Tensor(out.storage, out.dtype, shape, out.strides, out.offset + start * (out.strides[dim] as number)),
  );
}

function cat(k: Kernels, given: readonly Tensor[], dim: number): Tensor {
  // PyTorch lets empty one-dimensional tensors pass.
  const tensors = given.filter((t) => !(t.shape.length === 1 && t.numel === 0));
  const first = tensors[0] ?? given[0];
  if (first === undefined) fail("torch.cat(): expected a non-empty list of Tensors");
  const scalar = given.findIndex((t) => t.shape.length === 0);
  if (scalar >= 0) fail(`zero-dimensional tensor (at position ${scalar}) cannot be concatenated`);
  const axis = normalDim(dim, first.shape.length);
  const dtype = k.resultType(...given);
  let total = 0;
  for (const [n, t] of tensors.entries()) {
    if (t.shape.length !== first.shape.length)
      fail(`Tensors must have same number of dimensions: got ${first.shape.length} and ${t.shape.length}`);
    for (const [i, size] of t.shape.entries())
      if (i !== axis && size !== first.shape[i])
        fail(
          `Sizes of tensors must match except in dimension ${axis}. Expected size ${first.shape[i]} but got size ${size} for tensor number ${n} in the list.`,
        );
    total += t.shape[axis] as number;
  }
  const out = k.empty(
    first.shape.map((size, i) => (i === axis ? total : size)),
    dtype,
  );
  let start = 0;
  for (const t of tensors) {
    const length = t.shape[axis] as number;
    k.core.copy(part(k, out, axis, start, length), t);
    start += length;
  }
  return out;
}

export const JOINING: readonly OpRow[] = [
  op({
    schema: "cat(Tensor[] tensors, int dim=0) -> Tensor",
    variants: "function",
    node: "CatBackward0",
    pattern: "move",
    forward: (k, tensors, dim) => cat(k, tensors, dim),
    backward: { tensors: "narrow_each(grad, dim, lengths(tensors.sizes(), dim))" },
    savedNames: { "tensors.sizes()": "" },
    samples: ["torch.cat([a, b])", "torch.cat([a, b, a], 1)", "torch.cat([v, i.reshape(-1)])"],
  }),
  op({
    schema: "stack(Tensor[] tensors, int dim=0) -> Tensor",
    variants: "function",
    node: "StackBackward0",
    pattern: "move",
    forward: (k, tensors, dim) => {
      const first = tensors[0];
      if (first === undefined) fail("stack expects a non-empty TensorList");
      for (const [n, t] of tensors.entries())
        if (!sameShape(t.shape, first.shape))
          fail(
            `stack expects each tensor to be equal size, but got ${showShape(first.shape)} at entry 0 and ${showShape(t.shape)} at entry ${n}`,
          );
      const axis = normalDim(dim, first.shape.length + 1);
      return cat(
        k,
        tensors.map((t) => k.view(t, t.shape.toSpliced(axis, 0, 1), t.strides.toSpliced(axis, 0, 0))),
        axis,
      );
    },
    backward: { tensors: "select_each(grad, dim)" },
    samples: ["torch.stack([a, b])", "torch.stack([v, v], 1)", "torch.stack([a, b], -1)"],
  }),
  op({
    schema: "unbind(Tensor self, int dim=0) -> Tensor[]",
    node: "UnbindBackward0",
    pattern: "move",
    view: true,
    forward: (k, self, dim) => {
      if (self.shape.length === 0)
        fail("Dimension specified as 0 but tensor has no dimensions", "IndexError");
      const axis = normalDim(dim, self.shape.length);
      const step = self.strides[axis] as number;
      const shape = self.shape.toSpliced(axis, 1);
      const strides = self.strides.toSpliced(axis, 1);
      return Array.from({ length: self.shape[axis] as number }, (_, i) =>
        k.view(self, shape, strides, self.offset + i * step),
      );
    },
    backward: { self: "stack(grads, dim)" },
    samples: ["a.unbind()[0]", "torch.unbind(a, 1)[1]", "a.unbind()[0] * a.unbind()[1]"],
  }),
  composite({
    schema: "narrow_each(Tensor self, int dim, int[] lengths) -> Tensor[]",
    variants: "internal",
    compose: (call, k, self, dim, lengths) => {
      let start = 0;
      return lengths.map((length) => {
        if (length < 0) return k.full([0], 0, self.dtype);
        start += length;
        return call("narrow", self, dim, start - length, length);
      });
    },
    samples: [],
  }),
  composite({
    schema: "select_each(Tensor self, int dim) -> Tensor[]",
    variants: "internal",
    compose: (call, _k, self, dim) =>
      Array.from({ length: self.shape[normalDim(dim, self.shape.length)] as number }, (_, i) =>
        call("select", self, dim, i),
      ),
    samples: [],
  }),
];
