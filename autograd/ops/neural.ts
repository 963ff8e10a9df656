/** Layers that are products of matrices, softmax and its logarithm, embeddings, and the fused steps of optimizers. */
import { DType, Softmax } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { broadcastShapes, expandable, type Kernels, normalDim, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import { isContiguous, type Tensor } from "../tensor.ts";

function addmm(k: Kernels, self: Tensor, mat1: Tensor, mat2: Tensor, beta: Scalar, alpha: Scalar): Tensor {
  if (mat1.shape.length !== 2) fail(`mat1 must be a matrix, got ${mat1.shape.length}-D tensor`);
  if (mat2.shape.length !== 2) fail(`mat2 must be a matrix, got ${mat2.shape.length}-D tensor`);
  if (mat1.shape[1] !== mat2.shape[0])
    fail(`mat1 and mat2 shapes cannot be multiplied (${mat1.shape.join("x")} and ${mat2.shape.join("x")})`);
  const shape = [mat1.shape[0] as number, mat2.shape[1] as number];
  if (!expandable(self.shape, shape)) notExpandable(self.shape, shape);
  if (mat1.dtype !== mat2.dtype) fail("mat1 and mat2 must have the same dtype");
  if (self.dtype !== mat2.dtype) fail("self and mat2 must have the same dtype");
  const c = new Calc(k);
  const product = k.scaled(k.mm(mat1, mat2), alpha);
  // As the library of matrix products: what it is added to does not count where its factor is 0, NaN included.
  return beta.number === 0 ? product : c.add(k.scaled(self, beta), product);
}

function notExpandable(from: readonly number[], to: readonly number[]): never {
  const lead = to.length - from.length;
  if (lead < 0)
    fail(
      `expand(torch.FloatTensor{${showShape(from)}}, size=${showShape(to)}): the number of sizes provided (${to.length}) must be greater or equal to the number of dimensions in the tensor (${from.length})`,
    );
  const at = to.findLastIndex((n, i) => i >= lead && from[i - lead] !== 1 && from[i - lead] !== n);
  fail(
    `The expanded size of the tensor (${to[at]}) must match the existing size (${from[at - lead]}) at non-singleton dimension ${at}.  Target sizes: ${showShape(to)}.  Tensor sizes: ${showShape(from)}`,
  );
}

/** As PyTorch 1.13 takes it apart: one product with the bias added where the input is 2-D, or 3-D and dense. */
function linear(call: Call, input: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const { shape } = input;
  if (bias !== null && shape.length === 2) return call("addmm", bias, input, call("t", weight));
  if (bias !== null && shape.length === 3 && isContiguous(input)) {
    const [batch = 0, rows = 0, columns = 0] = shape;
    // C++ compilers work out the arguments of a call from the last one on.
    const turned = call("t", weight);
    const out = call("addmm", bias, call("view", input, [batch * rows, columns]), turned);
    return call("view", out, [batch, rows, out.shape[1] as number]);
  }
  const out = call("matmul", input, call("t", weight));
  return bias === null ? out : call("add_", out, bias);
}

/** Not for integers; PyTorch names its kernel, which differs for the last dimension. */
function softmaxDim(kernel: string, self: Tensor, dim: number): number {
  const axis = normalDim(dim, self.shape.length);
  const last = axis === Math.max(self.shape.length - 1, 0);
  if (!isFloat(self.dtype))
    fail(
      `"${last ? `${kernel}_lastdim` : "softmax"}_kernel_impl" not implemented for '${dtypeRow(self.dtype).scalarType}'`,
    );
  return axis;
}

const inDtype = (call: Call, self: Tensor, dtype: DType | null): Tensor =>
  dtype === null ? self : call("to", self, dtype);

/** PyTorch computes with the factor in the dtype of the operands. */
function fusedProduct(
  k: Kernels,
  self: Tensor,
  tensor1: Tensor,
  tensor2: Tensor,
  value: Scalar,
  divide: boolean,
): Tensor {
  const c = new Calc(k);
  const dtype = k.resultType(self, tensor1, tensor2);
  if (divide && !isFloat(k.resultType(tensor1, tensor2)))
    fail(
      "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.",
    );
  const [x, y, z] = [k.cast(self, dtype), k.cast(tensor1, dtype), k.cast(tensor2, dtype)];
  const factor = isFloat(dtype) ? value : new Scalar(Math.trunc(value.number), "int");
  const scaled = k.cast(k.scaled(y, factor), dtype);
  return divide ? c.add(x, c.div(scaled, z)) : k.mulAdd(scaled, z, x);
}

export const NEURAL: readonly OpRow[] = [
  op({
    schema: "addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    node: "AddmmBackward0",
    pattern: "mix",
    inplace: true,
    forward: addmm,
    backward: {
      self: "beta == 1 ? grad : grad * beta",
      mat1: "column_major(mat1.sizes(), mat1.strides()) ? alpha == 1 ? mat2.mm(grad.t()).t() : mat2.mm(grad.t()).t() * alpha : alpha == 1 ? grad.mm(mat2.t()) : grad.mm(mat2.t()) * alpha",
      mat2: "column_major(mat2.sizes(), mat2.strides()) ? alpha == 1 ? grad.t().mm(mat1).t() : grad.t().mm(mat1).t() * alpha : alpha == 1 ? mat1.t().mm(grad) : mat1.t().mm(grad) * alpha",
    },
    samples: [
      "torch.addmm(v, a, m)",
      "torch.addmm(b, a, m, beta=2, alpha=3)",
      "v.addmm(a.t().t(), m.t())",
      "torch.addmm(b, a, m, beta=0)",
    ],
  }),
  composite({
    schema: "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
    variants: "nn",
    compose: (call, _k, input, weight, bias) => linear(call, input, weight, bias),
    samples: [
      "torch.nn.functional.linear(a, m, v)",
      "torch.nn.functional.linear(a, m)",
      "torch.nn.functional.linear(v, a)",
      "torch.nn.functional.linear(v, m, v)",
      "torch.nn.functional.linear(torch.stack([a, b]), m, v)",
      "torch.nn.functional.linear(torch.stack([a, b]).transpose(0, 1), m, v)",
      "torch.nn.functional.linear(torch.stack([a, b]), m)",
    ],
  }),
  composite({
    schema: "softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
    compose: (call, _k, self, dim, dtype) => call("_softmax", inDtype(call, self, dtype), dim),
    samples: [
      "a.softmax(1)",
      "torch.softmax(m, dim=0)",
      "a.softmax(-1, dtype=torch.float64)",
      "i.softmax(0)",
    ],
  }),
  op({
    schema: "_softmax(Tensor self, int dim) -> Tensor",
    variants: "internal",
    node: "SoftmaxBackward0",
    pattern: "mix",
    forward: (k, self, dim) => k.softmax(Softmax.plain, self, softmaxDim("softmax", self, dim)),
    backward: { self: "_softmax_backward_data(grad, result, dim)" },
    samples: [],
  }),
  op({
    schema: "_softmax_backward_data(Tensor grad_output, Tensor output, int dim) -> Tensor",
    variants: "internal",
    means: "output * (grad_output - (grad_output * output).sum(dim, true))",
    node: "SoftmaxBackwardDataBackward0",
    pattern: "mix",
    forward: (k, gradOutput, output, dim) => k.softmax(Softmax.gradient, gradOutput, dim, output),
    backward: {
      grad_output: "_softmax_backward_data(grad, output, dim)",
      output:
        "grad_output * grad - (output * grad_output).sum(dim, true) * grad - grad_output * (output * grad).sum(dim, true)",
    },
    samples: [],
  }),
  composite({
    schema: "log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
    compose: (call, _k, self, dim, dtype) => call("_log_softmax", inDtype(call, self, dtype), dim),
    samples: ["a.log_softmax(1)", "torch.log_softmax(m, dim=0)", "torch.log_softmax(v, -1)"],
  }),
  op({
    schema: "_log_softmax(Tensor self, int dim) -> Tensor",
    variants: "internal",
    node: "LogSoftmaxBackward0",
    pattern: "mix",
    forward: (k, self, dim) => k.softmax(Softmax.logarithm, self, softmaxDim("log_softmax", self, dim)),
    backward: { self: "_log_softmax_backward_data(grad, result, dim)" },
    samples: [],
  }),
  op({
    schema: "_log_softmax_backward_data(Tensor grad_output, Tensor output, int dim) -> Tensor",
    variants: "internal",
    means: "grad_output - output.exp() * grad_output.sum(dim, true)",
    node: "LogSoftmaxBackwardDataBackward0",
    pattern: "mix",
    forward: (k, gradOutput, output, dim) => k.softmax(Softmax.logarithmGradient, gradOutput, dim, output),
    backward: {
      grad_output: "grad - (grad * output.exp()).sum(dim, true)",
      output: "-grad_output.sum(dim, true) * output.exp() * grad",
    },
    samples: [],
  }),
  op({
    schema: "addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
    elementwise: true,
    node: "AddcmulBackward0",
    pattern: "swap",
    inplace: true,
    forward: (k, self, tensor1, tensor2, value) => fusedProduct(k, self, tensor1, tensor2, value, false),
    backward: {
      self: "grad",
      tensor1: "grad * (tensor2 * value)",
      tensor2: "grad * (tensor1 * value)",
    },
    samples: ["torch.addcmul(a, b, p)", "a.addcmul(v, b, value=0.5)", "torch.addcmul(i, i, i, value=2)"],
  }),
  op({
    schema: "addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
    elementwise: true,
    node: "AddcdivBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, tensor1, tensor2, value) => fusedProduct(k, self, tensor1, tensor2, value, true),
    backward: {
      self: "grad",
      tensor1: "grad * (full_like(tensor2, value) / tensor2)",
      tensor2: "-grad * (value * tensor1 / (tensor2 * tensor2))",
    },
    samples: ["torch.addcdiv(a, b, p)", "a.addcdiv(v, p, value=0.5)"],
  }),
  op({
    schema: "lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor",
    elementwise: true,
    node: "LerpBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, end, weight) => lerp(k, self, end, weight.number),
    backward: { self: "grad * (1 - weight)", end: "grad * weight" },
    samples: ["torch.lerp(a, b, 0.3)", "a.lerp(b, 0.75)"],
  }),
  op({
    schema: "lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor",
    elementwise: true,
    node: "LerpBackward1",
    pattern: "scale",
    inplace: true,
    forward: (k, self, end, weight) => {
      sameAs(self, "end", end);
      sameAs(self, "weight", weight);
      const c = new Calc(k);
      const step = c.sub(end, self);
      return c.where(c.lt(weight, 0.5), c.fma(step, weight, self), c.fma(step, c.sub(weight, 1), end));
    },
    backward: {
      self: "grad * (full_like(weight, 1) - weight)",
      end: "grad * weight",
      weight: "grad * (end - self)",
    },
    samples: ["torch.lerp(a, b, p)"],
  }),
  op({
    schema:
      "embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
    variants: "function",
    node: "EmbeddingBackward0",
    pattern: "move",
    forward: embedding,
    backward: {
      weight: "embedding_backward(grad, indices, weight.sizes(), padding_idx, scale_grad_by_freq)",
    },
    savedNames: { "weight.sizes()": "" },
    alsoSaves: ["sparse", "weight"],
    exempt: { differences: "padding gets no gradient, and scaled ones are not those of the function" },
    samples: [
      "torch.nn.functional.embedding(torch.tensor([[0, 2], [1, 1]]), m)",
      "torch.nn.functional.embedding(torch.tensor([2, 0, 2]), m, padding_idx=0)",
      "torch.nn.functional.embedding(torch.tensor([2, 0, 2]), m, scale_grad_by_freq=True)",
      "torch.nn.functional.embedding(torch.tensor(1), m)",
    ],
  }),
  op({
    schema:
      "embedding_backward(Tensor grad_output, Tensor indices, int[] sizes, int padding_idx, bool scale_grad_by_freq) -> Tensor",
    variants: "internal",
    node: "EmbeddingDenseBackwardBackward0",
    pattern: "move",
    forward: embeddingBackward,
    backward: { grad_output: "embedding_double_backward(grad, indices, padding_idx)" },
    samples: [],
  }),
  composite({
    schema: "embedding_double_backward(Tensor grad, Tensor indices, int padding_idx) -> Tensor",
    variants: "internal",
    compose: (call, _k, grad, indices, paddingIdx) => {
      const rows = call("index_select", grad, 0, call("reshape", indices, [-1]));
      const given = call("reshape", rows, [...indices.shape, grad.shape[1] as number]);
      if (paddingIdx < 0) return given;
      const padded = call("unsqueeze", call("eq", indices, paddingIdx), -1);
      return call("masked_fill", given, padded, 0);
    },
    samples: [],
  }),
];

function sameAs(self: Tensor, name: string, other: Tensor): void {
  if (self.dtype !== other.dtype)
    fail(
      `expected dtype ${dtypeRow(self.dtype).cxx[1]} for \`${name}\` but got dtype ${dtypeRow(other.dtype).cxx[1]}`,
    );
}

function lerp(k: Kernels, self: Tensor, end: Tensor, weight: number): Tensor {
  sameAs(self, "end", end);
  broadcastShapes(self.shape, end.shape);
  const c = new Calc(k);
  const step = c.sub(end, self);
  // PyTorch's formula, which is exact at both ends.
  const share = (factor: number): Tensor => k.cast(k.wrap(new Scalar(factor, "float")), step.dtype);
  return weight < 0.5
    ? k.mulAdd(step, share(weight), self)
    : k.mulAdd(step, share(-(1 - Math.fround(weight))), end);
}

function embedding(k: Kernels, weight: Tensor, indices: Tensor): Tensor {
  if (indices.dtype === DType.i32) return embedding(k, weight, k.cast(indices, DType.i64));
  if (indices.dtype !== DType.i64)
    fail(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${dtypeRow(indices.dtype).tensorType} instead (while checking arguments for embedding)`,
    );
  if (weight.shape.length !== 2) fail("'weight' must be 2-D");
  const [rows = 0, width = 0] = weight.shape;
  for (const i of k.core.read(indices) as BigInt64Array)
    if (i < 0n || i >= BigInt(rows)) fail("index out of range in self", "IndexError");
  const out = k.empty([...indices.shape, width], weight.dtype);
  const flat = k.reshaped(k.contiguous(indices), [indices.numel]);
  if (out.numel > 0) k.core.indexSelect(k.reshaped(out, [indices.numel, width]), weight, 0, flat);
  return out;
}

/** The rows of `grad` added up where their index says; those of the padding index left out. */
function embeddingBackward(
  k: Kernels,
  grad: Tensor,
  indices: Tensor,
  [rows = 0]: readonly number[],
  paddingIdx: number,
  scaleGradByFreq: boolean,
): Tensor {
  const width = grad.shape.at(-1) as number;
  const out = k.full([rows, width], 0, grad.dtype);
  if (grad.numel === 0) return out;
  const flat = k.reshaped(k.contiguous(indices), [indices.numel]);
  let given = k.reshaped(k.contiguous(grad), [indices.numel, width]);
  const list = Array.from(k.core.read(flat) as BigInt64Array, Number);
  const factors = list.map((row): number => (row === paddingIdx ? 0 : 1));
  if (scaleGradByFreq) {
    const counts = new Map<number, number>();
    for (const row of list) counts.set(row, (counts.get(row) ?? 0) + 1);
    for (const [i, row] of list.entries()) factors[i] = (factors[i] as number) / (counts.get(row) as number);
  }
  if (factors.some((factor) => factor !== 1)) {
    const column = k.empty([list.length, 1], grad.dtype);
    k.core.write(column, factors);
    given = new Calc(k).mul(given, column);
  }
  k.core.indexAdd(out, 0, flat, given);
  return out;
}
