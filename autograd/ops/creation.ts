/** New tensors that need no input's history. */
import { DType } from "../../assembly/shared/codes.ts";
import type { Kernels } from "../kernels.ts";
import { emptyLike } from "../order.ts";
import { type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** In the sizes of `like`, its dimensions in the order in which they lie in memory. */
function filledLike(k: Kernels, like: Tensor, value: number | bigint, dtype: DType | null): Tensor {
  const out = emptyLike(k, like, dtype ?? like.dtype);
  k.fill(out, value);
  return out;
}

export const CREATION: readonly OpRow[] = [
  op({
    schema: "full(int[] size, Scalar fill_value, *, ScalarType? dtype=None) -> Tensor",
    variants: "function",
    forward: (k, size, fill, dtype) =>
      k.full(
        size,
        fill.value,
        dtype ?? { bool: DType.bool, int: DType.i64, float: k.defaultDtype }[fill.kind],
      ),
    samples: ["torch.full((2, 3), 1.5)", "torch.full((2,), 7)", "torch.full((2,), True)"],
  }),
  op({
    schema: "zeros_like(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    variants: "function",
    forward: (k, self, dtype) => filledLike(k, self, 0, dtype),
    samples: ["torch.zeros_like(a)", "torch.zeros_like(a, dtype=torch.int64)"],
  }),
  op({
    schema: "new_zeros(Tensor self, int[] size, *, ScalarType? dtype=None) -> Tensor",
    variants: "method",
    forward: (k, self, size, dtype) => k.full(size, 0, dtype ?? self.dtype),
    samples: ["a.new_zeros(2, 1)", "a.new_zeros((3,), dtype=torch.int64)"],
  }),
  op({
    schema: "ones_like(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    variants: "function",
    forward: (k, self, dtype) => filledLike(k, self, 1, dtype),
    samples: ["torch.ones_like(a)", "torch.ones_like(i)"],
  }),
  op({
    schema: "full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None) -> Tensor",
    variants: "function",
    rounds: "each",
    forward: (k, self, fill, dtype) => filledLike(k, self, fill.value, dtype),
    samples: ["torch.full_like(a, 2.5)"],
  }),
];
