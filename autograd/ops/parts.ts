/** Tensors with a part replaced: a slice, a row, a diagonal; and blocks along a diagonal. */
import { fail } from "../errors.ts";
import { type Kernels, normalDim, sameShape, showShape } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

/** `self` with the part that `of` names replaced. */
function withPart(k: Kernels, self: Tensor, src: Tensor, of: (t: Tensor) => Tensor, name: string): Tensor {
  const out = k.clone(self);
  const part = of(out);
  if (!sameShape(part.shape, src.shape))
    fail(
      `expected src to have a size equal to the ${name} of self. src size = ${showShape(src.shape)}, ${name} size = ${showShape(part.shape)}`,
    );
  k.copyInto(part, src);
  return out;
}

function diagonalOf(k: Kernels, self: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const n = self.shape.length;
  const [row, column] = [normalDim(dim1, n), normalDim(dim2, n)];
  if (row === column) fail(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  const [rows, columns] = [self.shape[row] as number, self.shape[column] as number];
  const [down, right] = [self.strides[row] as number, self.strides[column] as number];
  const length = Math.max(
    offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns),
    0,
  );
  const start = length === 0 ? 0 : offset >= 0 ? offset * right : -offset * down;
  const rest = (list: readonly number[]): number[] => list.filter((_, i) => i !== row && i !== column);
  return k.view(
    self,
    [...rest(self.shape), length],
    [...rest(self.strides), down + right],
    self.offset + start,
  );
}

function sliceOf(
  k: Kernels,
  self: Tensor,
  dim: number,
  start: number | null,
  end: number | null,
  step: number,
): Tensor {
  const axis = normalDim(dim, self.shape.length);
  if (step <= 0) fail("slice step must be positive");
  const size = self.shape[axis] as number;
  const place = (x: number): number => Math.min(Math.max(x < 0 ? x + size : x, 0), size);
  const [from, to] = [place(start ?? 0), place(end ?? size)];
  const length = Math.max(Math.ceil((Math.max(to, from) - from) / step), 0);
  const stride = self.strides[axis] as number;
  return k.view(
    self,
    self.shape.with(axis, length),
    self.strides.with(axis, stride * step),
    self.offset + from * stride,
  );
}

function selectOf(k: Kernels, self: Tensor, dim: number, index: number): Tensor {
  const axis = normalDim(dim, self.shape.length);
  const size = self.shape[axis] as number;
  if (index < -size || index >= size)
    fail(
      `select(): index ${index} out of range for tensor of size ${showShape(self.shape)} at dimension ${axis}`,
      "IndexError",
    );
  const at = index < 0 ? index + size : index;
  const stride = self.strides[axis] as number;
  return k.view(
    self,
    self.shape.toSpliced(axis, 1),
    self.strides.toSpliced(axis, 1),
    self.offset + at * stride,
  );
}

const HIDE_SRC = { "src.sizes()": "" };

function blockDiagonal(k: Kernels, tensors: readonly Tensor[]): Tensor {
  const dtype = k.resultType(...tensors);
  const blocks = tensors.map((t, i) => {
    if (t.shape.length > 2)
      fail(
        `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${t.shape.length} dimensions`,
      );
    const shape = t.shape.length === 2 ? t.shape : [1, t.shape[0] ?? 1];
    return k.reshaped(k.contiguous(t), shape);
  });
  const size = (dim: 0 | 1): number => blocks.reduce((n, t) => n + (t.shape[dim] as number), 0);
  const out = k.full([size(0), size(1)], 0, dtype);
  let [row, column] = [0, 0];
  for (const block of blocks) {
    const part = sliceOf(
      k,
      sliceOf(k, out, 0, row, row + (block.shape[0] as number), 1),
      1,
      column,
      column + (block.shape[1] as number),
      1,
    );
    k.copyInto(part, block);
    row += block.shape[0] as number;
    column += block.shape[1] as number;
  }
  return out;
}

export const PARTS: readonly OpRow[] = [
  op({
    schema: "diagonal_scatter(Tensor self, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor",
    node: "DiagonalScatterBackward0",
    pattern: "move",
    forward: (k, self, src, offset, dim1, dim2) =>
      withPart(k, self, src, (t) => diagonalOf(k, t, offset, dim1, dim2), "slice"),
    backward: {
      self: "grad.diagonal_scatter(grad.new_zeros(src.sizes()), offset, dim1, dim2)",
      src: "grad.diagonal(offset, dim1, dim2)",
    },
    savedNames: HIDE_SRC,
    samples: ["torch.diagonal_scatter(m, v)", "a.diagonal_scatter(v[:2], 1)"],
  }),
  op({
    schema: "select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor",
    node: "SelectScatterBackward0",
    pattern: "move",
    forward: (k, self, src, dim, index) => withPart(k, self, src, (t) => selectOf(k, t, dim, index), "slice"),
    backward: {
      self: "grad.select_scatter(grad.new_zeros(src.sizes()), dim, index)",
      src: "grad.select(dim, index)",
    },
    savedNames: HIDE_SRC,
    samples: ["torch.select_scatter(a, v, 0, 1)", "m.select_scatter(v, 1, -1)"],
  }),
  op({
    schema:
      "slice_scatter(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
    node: "SliceScatterBackward0",
    pattern: "move",
    forward: (k, self, src, dim, start, end, step) =>
      withPart(k, self, src, (t) => sliceOf(k, t, dim, start, end, step), "slice"),
    backward: {
      self: "grad.slice_scatter(grad.new_zeros(src.sizes()), dim, start, end, step)",
      src: "grad.slice(dim, start, end, step)",
    },
    savedNames: HIDE_SRC,
    samples: ["a.slice_scatter(b[:, :2], dim=1, start=0, end=3, step=2)"],
  }),
  op({
    schema:
      "as_strided_scatter(Tensor self, Tensor src, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    node: "AsStridedScatterBackward0",
    pattern: "move",
    forward: (k, self, src, size, stride, offset) =>
      withPart(k, self, src, (t) => k.view(t, size, stride, offset ?? t.offset), "slice"),
    backward: {
      self: "grad.contiguous().as_strided_scatter(grad.new_zeros(src.sizes()), size, stride, storage_offset)",
      src: "grad.contiguous().as_strided(size, stride, storage_offset)",
    },
    savedNames: HIDE_SRC,
    samples: [
      "torch.as_strided_scatter(m.detach(), a[:, :2], (2, 2), (1, 2))",
      "a.detach().as_strided_scatter(v[:2], (2,), (3,), 1)",
    ],
  }),
  composite({
    schema: "fill_diagonal_(Tensor self, Scalar fill_value, bool wrap=False) -> Tensor",
    variants: "method",
    inplace: "only",
    compose: (call, _k, self, value, wrap) => {
      const n = self.shape.length;
      if (n < 2) fail("dimensions must larger than 1");
      const [rows, columns] = [self.shape[0] as number, self.shape[1] as number];
      if (n > 2 && self.shape.some((size) => size !== rows))
        fail("all dimensions of input must be of equal length");
      const size = Math.min(...self.shape);
      const stride = self.strides.reduce((x, y) => x + y, 0);
      call("fill_", call("as_strided", self, [size], [stride], self.offset), value);
      if (wrap && n === 2 && rows > columns + 1) {
        const step = columns + 1;
        const wrapSize = Math.floor((self.numel + step - 1) / step) - size;
        const offset = (self.strides[0] as number) * step;
        call("fill_", call("as_strided", self, [wrapSize], [stride], self.offset + offset), value);
      }
      return self;
    },
    samples: [
      "x = m * 1; x.fill_diagonal_(2.); x",
      "torch.zeros(7, 3).fill_diagonal_(1, wrap=True)",
      "torch.zeros(2, 3).fill_diagonal_(5)",
    ],
  }),
  op({
    schema: "block_diag(Tensor[] tensors) -> Tensor",
    variants: "function",
    node: "BlockDiagBackward0",
    pattern: "move",
    forward: (k, tensors) => blockDiagonal(k, tensors),
    backward: { tensors: "block_diag_backward(grad, blocks(tensors.sizes()))" },
    savedNames: { "tensors.sizes()": "" },
    samples: ["torch.block_diag(a, m)", "torch.block_diag(m)"],
  }),
  composite({
    schema: "block_diag_backward(Tensor grad, int[] blocks) -> Tensor[]",
    variants: "internal",
    compose: (call, _k, grad, blocks) => {
      const parts: Tensor[] = [];
      let [row, column] = [0, 0];
      for (let i = 0; i < blocks.length; i += 3) {
        const [dims, rows, columns] = blocks.slice(i, i + 3) as [number, number, number];
        let part = call("slice", call("slice", grad, 0, row, row + rows), 1, column, column + columns);
        if (dims < 2) part = call("squeeze", part, dims === 1 ? 0 : -1);
        if (dims === 0) part = call("squeeze", part, -1);
        row += rows;
        column += columns;
        parts.push(part);
      }
      return parts;
    },
    samples: [],
  }),
];
