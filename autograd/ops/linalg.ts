/** Products of matrices and vectors. */

import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, type Kernels, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

function dot(k: Kernels, self: Tensor, tensor: Tensor): Tensor {
  if (self.shape.length !== 1 || tensor.shape.length !== 1)
    fail(`1D tensors expected, but got ${self.shape.length}D and ${tensor.shape.length}D tensors`);
  if (self.shape[0] !== tensor.shape[0])
    fail(
      `inconsistent tensor size, expected tensor ${showShape(self.shape)} and src ${showShape(tensor.shape)} to have the same number of elements, but got ${self.numel} and ${tensor.numel} elements respectively`,
    );
  if (self.dtype !== tensor.dtype)
    fail(
      `dot : expected both vectors to have same dtype, but found ${dtypeRow(self.dtype).scalarType} and ${dtypeRow(tensor.dtype).scalarType}`,
    );
  // As a product of matrices: the BLAS adds one product after the other.
  const [row, column] = [
    k.view(self, [1, self.numel], [0, self.strides[0] as number]),
    k.view(tensor, [tensor.numel, 1], [tensor.strides[0] as number, 0]),
  ];
  return k.reshaped(k.mm(row, column), []);
}

function mm(k: Kernels, self: Tensor, mat2: Tensor): Tensor {
  if (self.shape.length !== 2) fail("self must be a matrix");
  if (mat2.shape.length !== 2) fail("mat2 must be a matrix");
  if (self.shape[1] !== mat2.shape[0])
    fail(`mat1 and mat2 shapes cannot be multiplied (${self.shape.join("x")} and ${mat2.shape.join("x")})`);
  return k.mm(self, mat2);
}

/** `matmul` as PyTorch 1.13 folds it: into dot, mv, mm or bmm, by the number of dimensions. */
function matmul(call: Call, a: Tensor, b: Tensor): Tensor {
  const [n, m] = [a.shape.length, b.shape.length];
  if (n === 0 || m === 0)
    fail(`both arguments to matmul need to be at least 1D, but they are ${n}D and ${m}D`);
  if (n === 1 && m === 1) return call("dot", a, b);
  if (n === 2 && m === 1) return call("mv", a, b);
  if (n === 1 && m === 2) return call("squeeze_", call("mm", call("unsqueeze", a, 0), b), 0);
  if (n === 2 && m === 2) return call("mm", a, b);
  if (n >= 3 && m <= 2) return folded(call, a, b);
  if (m >= 3 && n <= 2) {
    // The mirror image: fold the transposed product.
    const bt = call("transpose", b, -1, -2);
    if (n === 1) return folded(call, bt, a);
    return call("clone.contiguous", call("transpose", folded(call, bt, call("t", a)), -1, -2));
  }
  return batched(call, a, b);
}

function folded(call: Call, a: Tensor, b: Tensor): Tensor {
  const lead = a.shape.slice(0, -1);
  const flat = call("reshape", a, [lead.reduce((x, y) => x * y, 1), a.shape.at(-1) as number]);
  const vector = b.shape.length === 1;
  const product = vector ? call("mv", flat, b) : call("mm", flat, b);
  return call("_unsafe_view", product, vector ? lead : [...lead, b.shape[1] as number]);
}

function batched(call: Call, a: Tensor, b: Tensor): Tensor {
  const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = lead.reduce((x, y) => x * y, 1);
  const [rows, inner, columns] = [
    a.shape.at(-2) as number,
    a.shape.at(-1) as number,
    b.shape.at(-1) as number,
  ];
  const stackOf = (t: Tensor): Tensor => {
    const tail = t.shape.slice(-2);
    return call("reshape", call("expand", t, [...lead, ...tail]), [count, ...tail]);
  };
  if (inner !== b.shape.at(-2))
    fail(
      `Expected size for first two dimensions of batch2 tensor to be: [${count}, ${inner}] but got: [${count}, ${b.shape.at(-2)}].`,
    );
  return call("_unsafe_view", call("bmm", stackOf(a), stackOf(b)), [...lead, rows, columns]);
}

function outer(call: Call, self: Tensor, vec2: Tensor): Tensor {
  for (const [name, t] of [
    ["self", self],
    ["vec2", vec2],
  ] as const)
    if (t.shape.length !== 1) fail(`outer: Expected 1-D argument ${name}, but got ${t.shape.length}-D`);
  return call("mul", call("reshape", self, [self.numel, 1]), vec2);
}

export const LINALG: readonly OpRow[] = [
  op({
    schema: "mm(Tensor self, Tensor mat2) -> Tensor",
    rounds: "each",
    node: "MmBackward0",
    pattern: "mix",
    forward: mm,
    backward: {
      self: "column_major(self.sizes(), self.strides()) ? mat2.mm(grad.t()).t() : grad.mm(mat2.t())",
      mat2: "column_major(mat2.sizes(), mat2.strides()) ? grad.t().mm(self).t() : self.t().mm(grad)",
    },
    samples: ["a @ m", "torch.mm(m, m)", "a.t().mm(b)"],
  }),
  op({
    schema: "bmm(Tensor self, Tensor mat2) -> Tensor",
    rounds: "each",
    node: "BmmBackward0",
    pattern: "mix",
    forward: (k, self, mat2) => {
      if (self.shape.length !== 3) fail("batch1 must be a 3D tensor");
      if (mat2.shape.length !== 3) fail("batch2 must be a 3D tensor");
      const [batch, , inner] = self.shape;
      if (mat2.shape[0] !== batch || mat2.shape[1] !== inner)
        fail(
          `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${inner}] but got: [${mat2.shape[0]}, ${mat2.shape[1]}].`,
        );
      return k.bmm(self, mat2);
    },
    backward: { self: "grad.bmm(mat2.transpose(1, 2))", mat2: "self.transpose(1, 2).bmm(grad)" },
    samples: ["torch.stack([m, m]).bmm(torch.stack([m, m]))", "torch.stack([m, m]) @ torch.stack([m, m])"],
  }),
  op({
    schema: "mv(Tensor self, Tensor vec) -> Tensor",
    rounds: "each",
    node: "MvBackward0",
    pattern: "mix",
    forward: (k, self, vec) => {
      if (self.shape.length !== 2 || vec.shape.length !== 1)
        fail(`vector + matrix @ vector expected, got 1, ${self.shape.length}, ${vec.shape.length}`);
      if (self.shape[1] !== vec.shape[0])
        fail(`size mismatch, got ${self.shape[0]}, ${self.shape.join("x")},${vec.shape[0]}`);
      const column = k.view(vec, [vec.numel, 1], [vec.strides[0] as number, 0]);
      return k.reshaped(k.mm(self, column), [self.shape[0] as number]);
    },
    backward: { self: "grad.ger(vec)", vec: "self.t().mv(grad)" },
    samples: ["m @ v", "torch.mv(m, v)", "m.mv(v)"],
  }),
  op({
    schema: "dot(Tensor self, Tensor tensor) -> Tensor",
    node: "DotBackward0",
    pattern: "swap",
    forward: dot,
    backward: { self: "grad * tensor", tensor: "grad * self" },
    samples: ["v @ v", "torch.dot(v, v)", "v.dot(a[0])"],
  }),
  composite({
    schema: "ger(Tensor self, Tensor vec2) -> Tensor",
    compose: (call, _k, self, vec2) => outer(call, self, vec2),
    samples: ["torch.ger(v, v)", "v.ger(a[0])"],
  }),
  composite({
    schema: "outer(Tensor self, Tensor vec2) -> Tensor",
    compose: (call, _k, self, vec2) => outer(call, self, vec2),
    samples: ["torch.outer(v, v)"],
  }),
  composite({
    schema: "matmul(Tensor self, Tensor other) -> Tensor",
    compose: (call, _k, self, other) => matmul(call, self, other),
    samples: [
      "a @ m",
      "m @ v",
      "v @ m",
      "v @ v",
      "torch.stack([a, b]) @ m",
      "torch.stack([a, b]) @ v",
      "m @ torch.stack([m, m])",
    ],
  }),
];
