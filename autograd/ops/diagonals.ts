/** Diagonals and triangles of matrices. */
import { DType } from "../../assembly/shared/codes.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** Its numbers where `keep` says so by row and column, 0 elsewhere. */
function masked(k: Kernels, self: Tensor, keep: (row: number, column: number) => boolean): Tensor {
  const n = self.shape.length;
  if (n < 2)
    fail(
      n === 0
        ? "Dimension specified as -2 but tensor has no dimensions"
        : "Dimension out of range (expected to be in range of [-1, 0], but got -2)",
      "IndexError",
    );
  const [rows, columns] = self.shape.slice(-2) as [number, number];
  const mask = k.empty([rows, columns], DType.bool);
  const marks = new Uint8Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) marks[i++] = Number(keep(row, column));
  k.core.bytes.set(marks, mask.ptr);
  return k.where(mask, self, k.full([], 0, self.dtype));
}

/** The view of the diagonal that begins `offset` places right of (or, below 0, under) the first element. */
function diagonal(k: Kernels, self: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const n = self.shape.length;
  const [row, column] = [normalDim(dim1, n), normalDim(dim2, n)];
  if (row === column) fail(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  const sizes = [self.shape[row] as number, self.shape[column] as number] as const;
  const [a, b] = [self.strides[row] as number, self.strides[column] as number];
  const length = Math.max(
    offset >= 0 ? Math.min(sizes[0], sizes[1] - offset) : Math.min(sizes[0] + offset, sizes[1]),
    0,
  );
  const start = length === 0 ? 0 : offset >= 0 ? offset * b : -offset * a;
  const rest = (list: readonly number[]): number[] => list.filter((_, i) => i !== row && i !== column);
  return k.view(self, [...rest(self.shape), length], [...rest(self.strides), a + b], self.offset + start);
}

/** A matrix with the vector on that diagonal, or that diagonal of a matrix. */
function diag(k: Kernels, self: Tensor, offset: number): Tensor {
  if (self.shape.length === 2) {
    const [rows, columns] = self.shape as readonly [number, number];
    // What PyTorch says of a size below 0.
    if (offset > columns || -offset > rows) fail("numel: integer multiplication overflow");
    return k.clone(diagonal(k, self, offset, 0, 1));
  }
  if (self.shape.length !== 1) fail("matrix or a vector expected");
  const size = self.numel + Math.abs(offset);
  const out = k.full([size, size], 0, self.dtype);
  k.copyInto(diagonal(k, out, offset, 0, 1), self);
  return out;
}

export const DIAGONALS: readonly OpRow[] = [
  op({
    schema: "tril(Tensor self, int diagonal=0) -> Tensor",
    inplace: true,
    node: "TrilBackward0",
    pattern: "route",
    forward: (k, self, d) => masked(k, self, (row, column) => column - row <= d),
    backward: { self: "grad.tril(diagonal)" },
    samples: [
      "torch.tril(m)",
      "m.tril(1)",
      "m.t().tril(-1)",
      "torch.stack([a, b]).tril()",
      "(m * 1).tril_()",
    ],
  }),
  op({
    schema: "triu(Tensor self, int diagonal=0) -> Tensor",
    inplace: true,
    node: "TriuBackward0",
    pattern: "route",
    forward: (k, self, d) => masked(k, self, (row, column) => column - row >= d),
    backward: { self: "grad.triu(diagonal)" },
    samples: ["torch.triu(m)", "m.triu(1)", "a.triu(-1)", "(m * 1).triu_(1)"],
  }),
  op({
    schema: "diagonal(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor",
    node: "DiagonalBackward0",
    pattern: "move",
    view: true,
    forward: diagonal,
    backward: { self: "diagonal_backward(grad, self.sizes(), offset, dim1, dim2)" },
    samples: ["m.diagonal()", "torch.diagonal(a, 1)", "torch.stack([a, b]).diagonal(-1, 1, 2)"],
  }),
  op({
    schema:
      "diagonal_backward(Tensor grad_output, int[] input_sizes, int offset, int dim1, int dim2) -> Tensor",
    variants: "internal",
    node: "DiagonalBackwardBackward0",
    pattern: "move",
    forward: (k, grad, sizes, offset, dim1, dim2) => {
      const out = k.full(sizes, 0, grad.dtype);
      k.copyInto(diagonal(k, out, offset, dim1, dim2), grad);
      return out;
    },
    backward: { grad_output: "grad.diagonal(offset, dim1, dim2)" },
    samples: [],
  }),
  op({
    schema: "diag(Tensor self, int diagonal=0) -> Tensor",
    node: "DiagBackward0",
    pattern: "move",
    forward: diag,
    backward: { self: "diag_backward(grad, self.sizes(), diagonal)" },
    samples: ["torch.diag(v)", "v.diag(1)", "torch.diag(m)", "m.diag(-1)", "a.diag()", "torch.diag(v, -2)"],
  }),
  composite({
    schema: "diag_backward(Tensor grad, int[] input_sizes, int diagonal) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, sizes, offset) =>
      sizes.length === 1 || sizes[0] === sizes[1]
        ? call("diag", grad, offset)
        : call("diagonal_backward", grad, sizes, offset, 0, 1),
    samples: [],
  }),
  composite({
    schema: "diagflat(Tensor self, int offset=0) -> Tensor",
    compose: (call, _k, self, offset) => call("diag", call("view", call("contiguous", self), [-1]), offset),
    samples: ["torch.diagflat(a)", "v.diagflat(1)"],
  }),
  op({
    schema: "diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor",
    node: "DiagEmbedBackward0",
    pattern: "move",
    forward: (k, self, offset, dim1, dim2) => {
      const n = self.shape.length + 1;
      const [row, column] = [normalDim(dim1, n), normalDim(dim2, n)];
      if (row === column) fail(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
      const size = (self.shape.at(-1) ?? 0) + Math.abs(offset);
      const rest = self.shape.slice(0, -1);
      const shape = Array.from({ length: n }, (_, i) =>
        i === row || i === column ? size : (rest.shift() as number),
      );
      const out = k.full(shape, 0, self.dtype);
      k.copyInto(diagonal(k, out, offset, row, column), self);
      return out;
    },
    backward: { self: "grad.diagonal(offset, dim1, dim2)" },
    samples: ["torch.diag_embed(a, 0, 0, 1)", "a.diag_embed(1, 1, 2)"],
  }),
];
