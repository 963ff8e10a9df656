/** Products of several matrices and vectors, with sums and without; Einstein's notation. */
import { Binary, DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { einsum } from "../einsum.ts";
import { fail } from "../errors.ts";
import { expandable, type Kernels, normalDim, showShape } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

/** beta · self + alpha · product, `self` spread over the product's shape; at beta 0 it is not looked at. */
function plus(k: Kernels, self: Tensor, product: Tensor, beta: Scalar, alpha: Scalar): Tensor {
  const scaled = k.scaled(product, alpha);
  if (beta.number === 0) return k.cast(scaled, product.dtype);
  const own = k.scaled(self, beta);
  return k.cast(k.binary(Binary.add, own, scaled), product.dtype);
}

const scaledBy = (factor: string, text: string): string => `${factor} == 1 ? ${text} : ${text} * ${factor}`;

function sameDtypes(...tensors: readonly Tensor[]): void {
  const [first, ...others] = tensors as [Tensor, ...Tensor[]];
  for (const t of others)
    if (t.dtype !== first.dtype)
      fail(
        `expected scalar type ${dtypeRow(first.dtype).scalarType} but found ${dtypeRow(t.dtype).scalarType}`,
      );
}

function addmv(k: Kernels, self: Tensor, mat: Tensor, vec: Tensor, beta: Scalar, alpha: Scalar): Tensor {
  if (mat.shape.length !== 2 || vec.shape.length !== 1 || self.shape.length > 1)
    fail(
      `vector + matrix @ vector expected, got ${self.shape.length}, ${mat.shape.length}, ${vec.shape.length}`,
    );
  const rows = mat.shape[0] as number;
  if (mat.shape[1] !== vec.shape[0] || (rows !== self.numel && self.numel !== 1))
    fail(`size mismatch, got ${self.numel}, ${rows}x${mat.shape[1]},${vec.shape[0]}`);
  sameDtypes(self, mat, vec);
  const column = k.view(vec, [vec.numel, 1], [vec.strides[0] as number, 0]);
  return plus(k, self, k.reshaped(k.mm(mat, column), [rows]), beta, alpha);
}

function checkBatches(name: string, batch1: Tensor, batch2: Tensor): void {
  if (name === "baddbmm") {
    normalDim(2, batch2.shape.length);
    normalDim(1, batch1.shape.length);
  }
  if (batch1.shape.length !== 3) fail("batch1 must be a 3D tensor");
  if (batch2.shape.length !== 3) fail("batch2 must be a 3D tensor");
  const [batch, , inner] = batch1.shape;
  if (name === "addbmm") {
    if (batch2.shape[0] !== batch)
      fail(`batch1 and batch2 must have same number of batches, got ${batch} and ${batch2.shape[0]}`);
    if (batch2.shape[1] !== inner)
      fail(
        `Incompatible matrix sizes for bmm (${batch1.shape[1]}x${inner} and ${batch2.shape[1]}x${batch2.shape[2]})`,
      );
  } else if (batch2.shape[0] !== batch || batch2.shape[1] !== inner)
    fail(
      `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${inner}] but got: [${batch2.shape[0]}, ${batch2.shape[1]}].`,
    );
}

function mustSpread(self: Tensor, shape: readonly number[]): void {
  if (!expandable(self.shape, shape))
    fail(
      `The expanded size of the tensor (${shape.at(-1)}) must match the existing size (${self.shape.at(-1)}) at non-singleton dimension ${shape.length - 1}.  Target sizes: ${showShape(shape)}.  Tensor sizes: ${showShape(self.shape)}`,
    );
}

/** The matrices of `tensors` multiplied in the order that takes the fewest steps. */
function multiDot(call: Call, given: readonly Tensor[]): Tensor {
  const n = given.length;
  if (n < 2) fail("multi_dot(): expected at least 2 tensors but got 1".replace("1", String(n)));
  const tensors = [...given];
  const shape: number[] = [];
  const [first, last] = [tensors[0] as Tensor, tensors[n - 1] as Tensor];
  for (const [i, end] of [first, last].entries())
    if (end.shape.length !== 1 && end.shape.length !== 2)
      fail(
        `multi_dot(): the ${i === 0 ? "first" : "last"} tensor must be 1D or 2D but got ${end.shape.length}D`,
      );
  if (first.shape.length === 1) tensors[0] = call("unsqueeze", first, 0);
  else shape.push(first.shape[0] as number);
  if (last.shape.length === 1) tensors[n - 1] = call("unsqueeze", last, -1);
  else shape.push(last.shape[1] as number);
  for (let i = 0; i < n - 1; i++) {
    const [a, b] = [tensors[i] as Tensor, tensors[i + 1] as Tensor];
    if (b.shape.length !== 2) fail(`multi_dot(): tensor ${i + 1} must be 2D but got ${b.shape.length}D`);
    if (a.shape[1] !== b.shape[0])
      fail(
        `multi_dot(): tensors ${i} and ${i + 1} with shapes ${showShape(a.shape)} and ${showShape(b.shape)} cannot be multiplied`,
      );
  }
  if (n === 2) return call("view", call("mm", tensors[0], tensors[1]), shape);
  if (n === 3) {
    const [a, b, c] = tensors as [Tensor, Tensor, Tensor];
    const [p, q] = a.shape as [number, number];
    const [r, t] = c.shape as [number, number];
    const leftFirst = p * r * (q + t) <= q * t * (p + r);
    const both = leftFirst ? call("mm", call("mm", a, b), c) : call("mm", a, call("mm", b, c));
    return call("view", both, shape);
  }
  const sizes = [...tensors.map((t) => t.shape[0] as number), (tensors[n - 1] as Tensor).shape[1] as number];
  const split = cheapest(sizes);
  const product = (i: number, j: number): Tensor => {
    if (i === j) return tensors[i] as Tensor;
    const at = (split[i] as number[])[j] as number;
    return call("mm", product(i, at), product(at + 1, j));
  };
  return call("view", product(0, n - 1), shape);
}

/** Where to split each run of matrices, by the number of multiplications; of equal ones the first. */
function cheapest(sizes: readonly number[]): number[][] {
  const n = sizes.length - 1;
  const table = (): number[][] => Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const [cost, split] = [table(), table()];
  for (let length = 1; length < n; length++)
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      let best = Number.POSITIVE_INFINITY;
      for (let at = i; at < j; at++) {
        const steps =
          ((cost[i] as number[])[at] as number) +
          ((cost[at + 1] as number[])[j] as number) +
          (sizes[i] as number) * (sizes[at + 1] as number) * (sizes[j + 1] as number);
        if (steps >= best) continue;
        best = steps;
        (split[i] as number[])[j] = at;
      }
      (cost[i] as number[])[j] = best;
    }
  return split;
}

function tensordot(
  call: Call,
  self: Tensor,
  other: Tensor,
  dimsSelf: readonly number[],
  dimsOther: readonly number[],
): Tensor {
  if (dimsSelf.length !== dimsOther.length) fail("both dimension lists should have same length");
  let [t1, t2] = [self, other];
  const d1 = dimsSelf.map((dim) => normalDim(dim, self.shape.length));
  const d2 = dimsOther.map((dim) => normalDim(dim, other.shape.length));
  let contracted = 1;
  for (const [i, dim] of d1.entries()) {
    const at = d2[i] as number;
    const [s1, s2] = [self.shape[dim] as number, other.shape[at] as number];
    if (s2 === 1) t1 = call("sum", t1, [dim], true);
    else if (s1 === 1) t2 = call("sum", t2, [at], true);
    else {
      if (s1 !== s2)
        fail(
          `contracted dimensions need to match, but first has size ${s1} in dim ${dimsSelf[i]} and second has size ${s2} in dim ${dimsOther[i]}`,
        );
      contracted *= s1;
    }
  }
  const free = (t: Tensor, dims: readonly number[]): number[] =>
    t.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const [f1, f2] = [free(t1, d1), free(t2, d2)];
  const sizes = (t: Tensor, dims: readonly number[]): number[] => dims.map((dim) => t.shape[dim] as number);
  const count = (list: readonly number[]): number => list.reduce((n, x) => n * x, 1);
  const left = call("reshape", call("permute", t1, [...f1, ...dimsSelf]), [count(sizes(t1, f1)), contracted]);
  const right = call("reshape", call("permute", t2, [...dimsOther, ...f2]), [
    contracted,
    count(sizes(t2, f2)),
  ]);
  return call("reshape", call("mm", left, right), [...sizes(t1, f1), ...sizes(t2, f2)]);
}

/** The power of a square matrix, by squaring. */
function matrixPower(call: Call, k: Kernels, self: Tensor, exponent: number): Tensor {
  const n = self.shape.length;
  if (n < 2) fail("linalg.matrix_power: The input tensor A must have at least 2 dimensions.");
  if (self.shape[n - 1] !== self.shape[n - 2])
    fail(
      `linalg.matrix_power: A must be batches of square matrices, but they are ${self.shape[n - 2]} by ${self.shape[n - 1]} matrices`,
    );
  if (exponent === 0) {
    const size = self.shape[n - 1] as number;
    const eye = k.full([size, size], 0, self.dtype);
    k.fill({ ...k.view(eye, [size], [size + 1]), ptr: eye.ptr }, 1);
    return call("copy_", call("clone", self), eye);
  }
  if (exponent === 1) return call("clone", self);
  const base = exponent < 0 ? call("linalg_inv", self) : self;
  const power = Math.abs(exponent);
  if (power === 1) return base;
  if (power === 2) return call("matmul", base, base);
  if (power === 3) return call("matmul", call("matmul", base, base), base);
  let [square, result]: [Tensor | null, Tensor | null] = [null, null];
  for (let left = power; left > 0; left = Math.floor(left / 2)) {
    square = square === null ? base : call("matmul", square, square);
    if (left % 2 === 1) result = result === null ? square : call("matmul", result, square);
  }
  return result as Tensor;
}

function cross(k: Kernels, self: Tensor, other: Tensor, dim: number): Tensor {
  if (self.shape.length !== other.shape.length)
    fail("linalg.cross: inputs must have the same number of dimensions.");
  const axis = normalDim(dim, self.shape.length);
  if (self.shape[axis] !== 3 || other.shape[axis] !== 3)
    fail(
      `linalg.cross: inputs dimension ${dim} must have length 3. Got ${self.shape[axis]} and ${other.shape[axis]}`,
    );
  const part = (t: Tensor, i: number): Tensor =>
    k.view(
      t,
      t.shape.toSpliced(axis, 1),
      t.strides.toSpliced(axis, 1),
      t.offset + i * (t.strides[axis] as number),
    );
  const term = (i: number, j: number): Tensor => k.binary(Binary.mul, part(self, i), part(other, j));
  const parts = [0, 1, 2].map((i) => {
    const [j, l] = [(i + 1) % 3, (i + 2) % 3];
    return k.binary(Binary.sub, term(j, l), term(l, j));
  });
  const shape = (parts[0] as Tensor).shape.toSpliced(axis, 0, 3);
  const out = k.empty(shape, (parts[0] as Tensor).dtype);
  for (const [i, value] of parts.entries()) k.copyInto(part(out, i), value);
  return out;
}

export const PRODUCTS: readonly OpRow[] = [
  op({
    schema: "addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    node: "AddmvBackward0",
    pattern: "mix",
    inplace: true,
    forward: addmv,
    backward: {
      self: scaledBy("beta", "grad"),
      mat: scaledBy("alpha", "grad.ger(vec)"),
      vec: scaledBy("alpha", "mat.t().mv(grad)"),
    },
    samples: [
      "torch.addmv(v, m, v)",
      "v.addmv(m, v, beta=2, alpha=3)",
      "torch.addmv(v[0], a, v, alpha=0.5)",
      "torch.addmv(v, m, v, beta=0)",
    ],
  }),
  op({
    schema: "addr(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    node: "AddrBackward0",
    pattern: "mix",
    inplace: true,
    forward: (k, self, vec1, vec2, beta, alpha) => {
      if (vec1.shape.length !== 1 || vec2.shape.length !== 1)
        fail(
          `addr: Expected 1-D argument vec${vec1.shape.length !== 1 ? 1 : 2}, but got ${(vec1.shape.length !== 1 ? vec1 : vec2).shape.length}-D`,
        );
      mustSpread(self, [vec1.numel, vec2.numel]);
      const column = k.view(vec1, [vec1.numel, 1], [vec1.strides[0] as number, 0]);
      return plus(k, self, k.binary(Binary.mul, column, vec2), beta, alpha);
    },
    backward: {
      self: scaledBy("beta", "grad"),
      vec1: scaledBy("alpha", "grad.mv(vec2)"),
      vec2: scaledBy("alpha", "grad.t().mv(vec1)"),
    },
    samples: ["torch.addr(m, v, v)", "m.addr(v, v, beta=2, alpha=3)", "torch.addr(v, a[:, 0], v)"],
  }),
  op({
    schema: "addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    node: "AddbmmBackward0",
    pattern: "mix",
    inplace: true,
    forward: (k, self, batch1, batch2, beta, alpha) => {
      checkBatches("addbmm", batch1, batch2);
      const [batch, rows, inner] = batch1.shape as [number, number, number];
      const columns = batch2.shape[2] as number;
      mustSpread(self, [rows, columns]);
      sameDtypes(batch1, batch2, self);
      // All batches side by side are one product.
      const wide = k.reshaped(
        k.clone(
          k.view(
            batch1,
            [rows, batch, inner],
            [1, 0, 2].map((i) => batch1.strides[i] as number),
          ),
        ),
        [rows, batch * inner],
      );
      const tall = k.reshaped(k.contiguous(batch2), [batch * inner, columns]);
      return plus(k, self, k.mm(wide, tall), beta, alpha);
    },
    backward: {
      self: scaledBy("beta", "grad"),
      batch1: scaledBy(
        "alpha",
        "grad.unsqueeze(0).expand([batch1.argsize_0(), batch1.argsize_1(), batch2.argsize_2()]).bmm(batch2.transpose(1, 2))",
      ),
      batch2: scaledBy(
        "alpha",
        "batch1.transpose(1, 2).bmm(grad.unsqueeze(0).expand([batch1.argsize_0(), batch1.argsize_1(), batch2.argsize_2()]))",
      ),
    },
    samples: [
      "torch.addbmm(m, torch.stack([m, m]), torch.stack([m, m]))",
      "v.addbmm(torch.stack([a, b]), torch.stack([m, m]), beta=2, alpha=3)",
    ],
  }),
  op({
    schema: "baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    node: "BaddbmmBackward0",
    pattern: "mix",
    inplace: true,
    forward: (k, self, batch1, batch2, beta, alpha) => {
      checkBatches("baddbmm", batch1, batch2);
      mustSpread(self, [batch1.shape[0] as number, batch1.shape[1] as number, batch2.shape[2] as number]);
      sameDtypes(self, batch1, batch2);
      return plus(k, self, k.bmm(batch1, batch2), beta, alpha);
    },
    backward: {
      self: scaledBy("beta", "grad"),
      batch1: scaledBy("alpha", "grad.bmm(batch2.transpose(1, 2))"),
      batch2: scaledBy("alpha", "batch1.transpose(1, 2).bmm(grad)"),
    },
    samples: [
      "torch.baddbmm(torch.stack([m, m]), torch.stack([m, m]), torch.stack([m, m]))",
      "m.baddbmm(torch.stack([m, m]), torch.stack([m, m]), beta=2, alpha=3)",
      "torch.baddbmm(torch.zeros(1, 1, 1), torch.stack([a, b]), torch.stack([m, m]), beta=0, alpha=0.5)",
    ],
  }),
  op({
    schema: "vdot(Tensor self, Tensor other) -> Tensor",
    node: "VdotBackward0",
    pattern: "swap",
    forward: (k, self, other) => {
      if (self.shape.length !== 1 || other.shape.length !== 1)
        fail(`1D tensors expected, but got ${self.shape.length}D and ${other.shape.length}D tensors`);
      if (self.numel !== other.numel)
        fail(
          `inconsistent tensor size, expected tensor ${showShape(self.shape)} and src ${showShape(other.shape)} to have the same number of elements, but got ${self.numel} and ${other.numel} elements respectively`,
        );
      if (self.dtype !== other.dtype)
        fail(
          `dot : expected both vectors to have same dtype, but found ${dtypeRow(self.dtype).scalarType} and ${dtypeRow(other.dtype).scalarType}`,
        );
      return k.sum(k.binary(Binary.mul, self, other), null, false, self.dtype);
    },
    backward: { self: "grad * other", other: "grad * self" },
    samples: ["torch.vdot(v, v)", "v.vdot(a[0])", "torch.vdot(i[0], i[1])"],
  }),
  composite({
    schema: "inner(Tensor self, Tensor other) -> Tensor",
    compose: (call, _k, self, other) => {
      if (self.shape.length === 0 || other.shape.length === 0) return call("mul", self, other);
      if (self.shape.at(-1) !== other.shape.at(-1))
        fail(
          `inner() the last dimension must match on both input tensors but got shapes ${showShape(self.shape)} and ${showShape(other.shape)}`,
        );
      return tensordot(call, self, other, [-1], [-1]);
    },
    samples: ["torch.inner(a, b)", "v.inner(v)", "torch.inner(v[0], v)", "torch.inner(a, m[0])"],
  }),
  composite({
    schema: "tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor",
    variants: "function",
    compose: (call, _k, self, other, dimsSelf, dimsOther) =>
      tensordot(call, self, other, dimsSelf, dimsOther),
    samples: [
      "torch.tensordot(a, b, 2)",
      "torch.tensordot(a, b, dims=([1], [1]))",
      "torch.tensordot(a, m, 1)",
      "torch.tensordot(torch.stack([m, m]), a, dims=([0, 2], [0, 1]))",
      "torch.tensordot(v, v, 0)",
      "torch.tensordot(a, b, dims=1)",
    ],
  }),
  composite({
    schema: "kron(Tensor self, Tensor other) -> Tensor",
    compose: (call, _k, self, other) => {
      const n = Math.max(self.shape.length, other.shape.length);
      const sizes = (t: Tensor): number[] => [...new Array<number>(n - t.shape.length).fill(1), ...t.shape];
      const [x, y] = [sizes(self), sizes(other)];
      const left = call(
        "_unsafe_view",
        self,
        x.flatMap((size) => [size, 1]),
      );
      const right = call(
        "_unsafe_view",
        other,
        y.flatMap((size) => [1, size]),
      );
      return call(
        "_unsafe_view",
        call("mul", left, right),
        x.map((size, i) => size * (y[i] as number)),
      );
    },
    samples: ["torch.kron(a, b)", "v.kron(m)", "torch.kron(v[0], v)"],
  }),
  op({
    schema: "linalg_cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor",
    variants: "linalg",
    node: "LinalgCrossBackward0",
    pattern: "swap",
    forward: cross,
    backward: { self: "linalg_cross(other, grad, dim)", other: "linalg_cross(grad, self, dim)" },
    samples: [
      "torch.linalg.cross(a, b)",
      "torch.linalg.cross(m, m.t(), dim=0)",
      "torch.linalg.cross(a, v.unsqueeze(0))",
    ],
  }),
  composite({
    schema: "cross(Tensor self, Tensor other, int? dim=None) -> Tensor",
    compose: (call, _k, self, other, dim) => {
      if (dim !== null) return call("linalg_cross", self, other, dim);
      const axis = self.shape.indexOf(3);
      if (axis < 0) fail("no dimension of size 3 in input");
      return call("linalg_cross", self, other, axis);
    },
    samples: ["torch.cross(a, b)", "a.cross(b, 1)", "torch.cross(v, v)", "torch.cross(m, m.t(), dim=0)"],
  }),
  composite({
    schema: "linalg_vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor",
    variants: "linalg",
    compose: (call, _k, x, y, dim) => call("sum", call("mul", x, y), [dim], false),
    samples: ["torch.linalg.vecdot(a, b)", "torch.linalg.vecdot(a, v, dim=0)"],
  }),
  composite({
    schema: "linalg_multi_dot(Tensor[] tensors) -> Tensor",
    variants: "linalg",
    compose: (call, _k, tensors) => multiDot(call, tensors),
    samples: [
      "torch.linalg.multi_dot([a, m])",
      "torch.linalg.multi_dot([m, m, m])",
      "torch.linalg.multi_dot([v, m, m, v])",
      "torch.linalg.multi_dot([a, m, v])",
    ],
  }),
  composite({
    schema: "chain_matmul(Tensor[] matrices) -> Tensor",
    variants: "function",
    compose: (call, _k, matrices) => {
      const [only] = matrices;
      if (only === undefined) fail("chain_matmul(): Expected one or more matrices");
      for (const [i, t] of matrices.entries())
        if (t.shape.length !== 2)
          fail(
            `Expected 2-dimensional tensor, but got ${t.shape.length}-dimensional tensor for argument #${i + 1} 'matrices' (while checking arguments for chain_matmul)`,
          );
      return matrices.length === 1 ? call("clone", only) : multiDot(call, matrices);
    },
    samples: ["torch.chain_matmul(a, m, m)", "torch.chain_matmul(m)"],
  }),
  composite({
    schema: "linalg_matrix_power(Tensor self, int n) -> Tensor",
    variants: "linalg",
    compose: (call, k, self, n) => matrixPower(call, k, self, n),
    exempt: { second: "a transposed product lies in memory another way" },
    samples: [
      "torch.linalg.matrix_power(m, 0)",
      "torch.linalg.matrix_power(m, 1)",
      "torch.linalg.matrix_power(m, 2)",
      "torch.linalg.matrix_power(m, -2)",
      "torch.linalg.matrix_power(m, -1)",
    ],
  }),
  composite({
    schema: "matrix_power(Tensor self, int n) -> Tensor",
    compose: (call, k, self, n) => matrixPower(call, k, self, n),
    samples: ["torch.matrix_power(m, 3)", "m.matrix_power(5)"],
  }),
  op({
    schema: "trace(Tensor self) -> Tensor",
    node: "TraceBackward0",
    pattern: "copy",
    forward: (k, self) => {
      if (self.shape.length !== 2)
        fail(`trace: expected a matrix, but got tensor with dim ${self.shape.length}`);
      const n = Math.min(...self.shape);
      const step = (self.strides[0] as number) + (self.strides[1] as number);
      return k.sum(k.view(self, [n], [step]), null, false, null);
    },
    backward: { self: "trace_backward(grad, self.sizes())" },
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["torch.trace(m)", "a.trace()", "i.trace()"],
  }),
  composite({
    schema: "trace_backward(Tensor grad, int[] sizes) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, sizes) => {
      const [rows, columns] = sizes as readonly [number, number];
      const places = Array.from({ length: Math.min(rows, columns) }, (_, i) => i * (columns + 1));
      const index = k.empty([places.length], DType.i64);
      k.core.write(index, places.map(BigInt));
      return call("view", call("index_fill", k.full([rows * columns], 0, grad.dtype), 0, index, grad), sizes);
    },
    samples: [],
  }),
  composite({
    schema: "einsum(str equation, Tensor[] tensors) -> Tensor",
    variants: "function",
    compose: (call, _k, equation, tensors) => einsum(call, equation, tensors),
    samples: [
      "torch.einsum('ij,jk->ik', a, m)",
      "torch.einsum('ij,ij->', a, b)",
      "torch.einsum('bij,bjk->bik', torch.stack([m, m]), torch.stack([m, m]))",
      "torch.einsum('i,j->ij', v, v)",
      "torch.einsum('ii->i', m)",
      "torch.einsum('ii', m)",
      "torch.einsum('ij->ji', a)",
      "torch.einsum('ij->j', a)",
      "torch.einsum('i,i', v, v)",
      "torch.einsum('ij,j->i', m, v)",
      "torch.einsum('ij,jk,kl->il', a, m, m)",
      "torch.einsum('...ij,...jk->...ik', torch.stack([m, m]), m)",
      "torch.einsum('bhid,bhjd->bhij', torch.stack([m, m]).unsqueeze(0), torch.stack([m, m]).unsqueeze(0))",
      "torch.einsum('ij, kl -> ', a, b)",
      "torch.einsum('i...->...', a)",
      "torch.einsum('bn,anm,bm->ba', a, torch.stack([m, m]), b)",
      "torch.einsum(a, [0, 1], m, [1, 2], [0, 2])",
      "torch.einsum('ij,jk', [a, m])",
    ],
  }),
];
