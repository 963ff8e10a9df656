/** Matrices taken apart: QR, singular values, eigenvalues. */
import { doubles } from "../each.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { product as multiplied } from "../lapack/blas.ts";
import { Matrix } from "../lapack/matrix.ts";
import { householder, orthogonal } from "../lapack/reflections.ts";
import { svd } from "../lapack/singular.ts";
import { eigenvalues, eigh } from "../lapack/symmetric.ts";
import { batched, floatCheck, matrices, matrixCheck, mT, squareCheck, vectors } from "../matrices.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

export const FILLED = "PyTorch fills the diagonal in place";

export const product = (call: Call, ...factors: readonly Tensor[]): Tensor =>
  factors.reduce((a, b) => call("matmul", a, b));

function qr(k: Kernels, a: Tensor, mode: string): readonly Tensor[] {
  if (mode !== "reduced" && mode !== "complete" && mode !== "r")
    fail(
      `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
    );
  matrixCheck("linalg.qr", a);
  floatCheck("linalg.qr", a);
  const batch = a.shape.slice(0, -2);
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const all = matrices(k, a).map(householder);
  const width = mode === "complete" ? rows : Math.min(rows, columns);
  const rs = all.map(({ qr: m }) => {
    const r = new Matrix(width, columns, m.precision);
    for (let i = 0; i < Math.min(width, rows); i++)
      for (let j = i; j < columns; j++) r.set(i, j, m.get(i, j));
    return r;
  });
  const r = batched(k, batch, rs, [width, columns], a.dtype);
  if (mode === "r") return [k.empty([0], a.dtype), r];
  const qs = all.map(({ qr: m, tau }) => orthogonal(m, tau, width));
  return [batched(k, batch, qs, [rows, width], a.dtype), r];
}

const NO_REFLECTED =
  "the derivative of a product with Householder's reflections is not in the embedded engine (yet); the PyTorch engine has it";

/** Reflections' factors, as many lists as there are matrices. */
function tausOf(k: Kernels, tau: Tensor): number[][] {
  const all = doubles(k, tau);
  const n = tau.shape.at(-1) ?? 1;
  return Array.from({ length: n === 0 ? 0 : all.length / n }, (_, i) => [...all.slice(i * n, (i + 1) * n)]);
}

/** The columns of Q from the reflections that `geqrf` gives. */
function reflected(k: Kernels, input: Tensor, tau: Tensor): Tensor {
  matrixCheck("torch.linalg.householder_product", input, "input");
  const [rows, columns] = input.shape.slice(-2) as [number, number];
  if (rows < columns)
    fail(
      "torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]",
    );
  const taus = tausOf(k, tau);
  const all = matrices(k, input).map((m, i) => orthogonal(m, taus[i] ?? [], columns));
  return batched(k, input.shape.slice(0, -2), all, [rows, columns], input.dtype);
}

function qrBackward(
  call: Call,
  gradQ: Tensor | null,
  gradR: Tensor | null,
  q: Tensor,
  r: Tensor,
  mode: string,
): Tensor {
  if (mode === "r")
    fail(
      "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
    );
  const [m, n] = [q.shape.at(-2) as number, r.shape.at(-1) as number];
  if (mode === "complete" && m > n)
    fail(
      `The QR decomposition is not differentiable when mode='complete' and nrows > ncols. Got ${m} and ${n}.`,
    );
  const ofR = gradR === null ? null : product(call, gradR, mT(call, r));
  const ofQ = gradQ === null ? null : product(call, mT(call, q), gradQ);
  const inner = ofQ === null ? (ofR as Tensor) : ofR === null ? call("neg", ofQ) : call("sub", ofR, ofQ);
  if (m >= n) {
    const low = call("triu", inner);
    const both = call("add", low, mT(call, low));
    const symmetric = call("sub", both, call("diag_embed", call("diagonal", low, 0, -2, -1)));
    const turned = product(call, q, symmetric);
    const whole = gradQ === null ? turned : call("add", turned, gradQ);
    return call("linalg_solve_triangular", mT(call, r), whole, false, false);
  }
  const away = call("neg", inner);
  const skew = call("tril", call("sub", away, mT(call, away)));
  const turned = product(call, q, skew);
  const solved = call("linalg_solve_triangular", mT(call, call("narrow", r, -1, 0, m)), turned, false, false);
  const shape = [...r.shape.slice(0, -1), n - m];
  const wide = call("cat", [solved, call("new_zeros", solved, shape)], -1);
  return gradR === null ? wide : call("add", wide, product(call, q, gradR));
}

export function singular(k: Kernels, name: string, a: Tensor, full: boolean): readonly Tensor[] {
  matrixCheck(name, a);
  floatCheck(name, a);
  const batch = a.shape.slice(0, -2);
  const [m, n] = a.shape.slice(-2) as [number, number];
  const size = Math.min(m, n);
  if (a.numel === 0) {
    const eye = (count: number, width: number): Tensor =>
      batched(
        k,
        batch,
        matrices(k, k.empty([...batch, count, width], a.dtype)).map((x) =>
          Matrix.identity(x.precision, count, width),
        ),
        [count, width],
        a.dtype,
      );
    return [eye(m, full ? m : size), k.empty([...batch, size], a.dtype), eye(full ? n : size, n)];
  }
  const all = matrices(k, a).map((x) => svd(x, full));
  return [
    batched(
      k,
      batch,
      all.map((f) => f.u),
      [m, full ? m : size],
      a.dtype,
    ),
    vectors(
      k,
      batch,
      all.map((f) => f.s),
      size,
      a.dtype,
    ),
    batched(
      k,
      batch,
      all.map((f) => f.vt),
      [full ? n : size, n],
      a.dtype,
    ),
  ];
}

function svdBackward(
  call: Call,
  gradU: Tensor | null,
  gradS: Tensor | null,
  gradVh: Tensor | null,
  u: Tensor,
  s: Tensor,
  vh: Tensor,
): Tensor {
  const open = (t: Tensor, dim: number): Tensor => call("unsqueeze", t, dim);
  const [m, n, size] = [u.shape.at(-2) as number, vh.shape.at(-1) as number, s.shape.at(-1) as number];
  if (gradU === null && gradVh === null) {
    const g = gradS as Tensor;
    return m >= n
      ? product(call, u, call("mul", open(g, -1), vh))
      : product(call, call("mul", u, open(g, -2)), vh);
  }
  const skew = (t: Tensor): Tensor => call("sub", t, mT(call, t));
  const squares = call("mul", s, s);
  const gaps = call(
    "add",
    call("sub", open(squares, -2), open(squares, -1)),
    call("diag_embed", call("ones_like", s)),
  );
  const ofU =
    gradU === null
      ? null
      : call("mul", call("div", skew(product(call, mT(call, u), gradU)), gaps), open(s, -2));
  const ofV =
    gradVh === null
      ? null
      : call("mul", open(s, -1), call("div", skew(product(call, vh, mT(call, gradVh))), gaps));
  let inner = ofU === null ? (ofV as Tensor) : ofV === null ? ofU : call("add", ofU, ofV);
  if (gradS !== null) inner = call("add", inner, call("diag_embed", gradS));
  if (m > size && gradU !== null) {
    const scaled = call("div", gradU, open(s, -2));
    const outside = call("sub", scaled, product(call, u, product(call, mT(call, u), scaled)));
    return product(call, call("add", product(call, u, inner), outside), vh);
  }
  if (n > size && gradVh !== null) {
    const scaled = call("div", gradVh, open(s, -1));
    const outside = call("sub", scaled, product(call, product(call, scaled, mT(call, vh)), vh));
    return product(call, u, call("add", product(call, inner, vh), outside));
  }
  return m >= n ? product(call, u, product(call, inner, vh)) : product(call, product(call, u, inner), vh);
}

function checkTriangle(uplo: string): void {
  if (uplo.toUpperCase() !== "U" && uplo.toUpperCase() !== "L")
    fail(`Expected UPLO argument to be 'L' or 'U', but got ${uplo}`);
}

function eigen(
  k: Kernels,
  name: string,
  a: Tensor,
  upper: boolean,
  withVectors: boolean,
): readonly [Tensor, Tensor] {
  floatCheck(name, a);
  squareCheck(name, a);
  const batch = a.shape.slice(0, -2);
  const n = a.shape.at(-1) as number;
  const list = matrices(k, a);
  if (!withVectors) {
    const values = list.map((m) => eigenvalues(m, upper));
    return [vectors(k, batch, values, n, a.dtype), k.empty([0], a.dtype)];
  }
  const all = list.map((m) => eigh(m, upper));
  return [
    vectors(
      k,
      batch,
      all.map((e) => e.values),
      n,
      a.dtype,
    ),
    batched(
      k,
      batch,
      all.map((e) => e.vectors),
      [n, n],
      a.dtype,
    ),
  ];
}

function eighBackward(call: Call, gradL: Tensor | null, gradV: Tensor | null, l: Tensor, v: Tensor): Tensor {
  const vt = mT(call, v);
  if (gradV === null) return product(call, call("mul", v, call("unsqueeze", gradL, -2)), vt);
  const whole = product(call, vt, gradV);
  // Along the unitary matrices, which is to say the skew part of it.
  const inside = call("mul", call("sub", whole, mT(call, whole)), 0.5);
  const gaps = call(
    "add",
    call("sub", call("unsqueeze", l, -2), call("unsqueeze", l, -1)),
    call("diag_embed", call("ones_like", l)),
  );
  const ratio = call("div", inside, gaps);
  const off = call("sub", ratio, call("diag_embed", call("diagonal", ratio, 0, -2, -1)));
  const inner = gradL === null ? off : call("add", off, call("diag_embed", gradL));
  return product(call, v, product(call, inner, vt));
}

export const DECOMPOSITIONS: readonly OpRow[] = [
  op({
    schema: "linalg_qr(Tensor A, str mode='reduced') -> (Tensor Q, Tensor R)",
    variants: "linalg",
    node: "LinalgQrBackward0",
    pattern: "mix",
    forward: qr,
    backward: { A: "linalg_qr_backward(arrived[0], arrived[1], Q, R, mode)" },
    exempt: { second: FILLED },
    samples: [
      "torch.linalg.qr(m.double())",
      "torch.linalg.qr(a.double())",
      "torch.linalg.qr(a.double().t())",
      "torch.linalg.qr(a.double().t())[1]",
      "torch.linalg.qr(a.double().t())[0]",
      "torch.linalg.qr(torch.stack([m.double(), m.double().t()]))",
    ],
  }),
  composite({
    schema: "linalg_qr_backward(Tensor? Q_grad, Tensor? R_grad, Tensor Q, Tensor R, str mode) -> Tensor",
    variants: "internal",
    compose: (call, _k, gradQ, gradR, q, r, mode) => qrBackward(call, gradQ, gradR, q, r, mode),
    samples: [],
  }),
  op({
    schema: "geqrf(Tensor self) -> (Tensor a, Tensor tau)",
    node: "GeqrfBackward0",
    pattern: "mix",
    forward: (k, self) => {
      matrixCheck("geqrf", self);
      const all = matrices(k, self).map(householder);
      const [rows, columns] = self.shape.slice(-2) as [number, number];
      const batch = self.shape.slice(0, -2);
      const qrs = all.map(({ qr: m }) => m);
      const taus = all.map(({ tau }) => tau);
      return [
        batched(k, batch, qrs, [rows, columns], self.dtype),
        vectors(k, batch, taus, Math.min(rows, columns), self.dtype),
      ];
    },
    backward: { self: 'underivable("geqrf")' },
    exempt: { differences: "PyTorch has no derivative of it", graph: "it takes no gradient" },
    samples: ["torch.geqrf(m.detach().double())", "a.detach().double().geqrf()"],
  }),
  op({
    schema: "linalg_householder_product(Tensor input, Tensor tau) -> Tensor",
    variants: "linalg",
    node: "LinalgHouseholderProductBackward0",
    pattern: "mix",
    forward: reflected,
    backward: { "input, tau": "householder_product_backward(grad)" },
    exempt: { differences: NO_REFLECTED, graph: NO_REFLECTED },
    samples: ["torch.linalg.householder_product(*torch.geqrf(a.detach().double().t()))"],
  }),
  composite({
    schema: "householder_product_backward(Tensor grad) -> Tensor[]",
    variants: "internal",
    compose: () => fail(NO_REFLECTED, "NotImplementedError"),
    samples: [],
  }),
  composite({
    schema: "orgqr(Tensor self, Tensor input2) -> Tensor",
    compose: (call, _k, self, tau) => call("linalg_householder_product", self, tau),
    exempt: { differences: NO_REFLECTED, graph: NO_REFLECTED },
    samples: ["torch.orgqr(*torch.geqrf(m.detach().double()))"],
  }),
  op({
    schema:
      "ormqr(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor",
    node: "OrmqrBackward0",
    pattern: "mix",
    backward: { "self, input2, input3": "householder_product_backward(grad)" },
    exempt: { differences: NO_REFLECTED, graph: NO_REFLECTED },
    forward: (k, self, tau, other, left, transpose) => {
      matrixCheck("ormqr", self);
      const q = matrices(k, self).map((m, i) => orthogonal(m, tausOf(k, tau)[i] ?? [], m.rows));
      const batch = other.shape.slice(0, -2);
      const all = matrices(k, other).map((c, i) => {
        const square = q[i] as Matrix;
        const turned = transpose ? square.transposed() : square;
        return left ? multiplied(turned, c) : multiplied(c, turned);
      });
      return batched(k, batch, all, other.shape.slice(-2) as [number, number], other.dtype);
    },
    samples: [
      "x = torch.geqrf(m.detach().double()); torch.ormqr(*x, m.detach().double())",
      "x = torch.geqrf(m.detach().double()); torch.ormqr(*x, m.detach().double(), left=False, transpose=True)",
    ],
  }),
  composite({
    schema: "qr(Tensor self, bool some=True) -> (Tensor Q, Tensor R)",
    compose: (call, _k, self, some) => call("linalg_qr", self, some ? "reduced" : "complete"),
    exempt: { second: FILLED },
    samples: ["torch.qr(m.double())", "a.double().qr()"],
  }),
  op({
    schema: "_linalg_svd(Tensor A, bool full_matrices=False) -> (Tensor U, Tensor S, Tensor Vh)",
    variants: "internal",
    node: "LinalgSvdBackward0",
    pattern: "mix",
    forward: (k, a, full) => singular(k, "linalg.svd", a, full),
    backward: { A: "svd_backward(arrived[0], arrived[1], arrived[2], U, S, Vh)" },
    alsoSaves: ["full_matrices"],
    exempt: { second: FILLED },
    samples: [],
  }),
  composite({
    schema:
      "svd_backward(Tensor? U_grad, Tensor? S_grad, Tensor? Vh_grad, Tensor U, Tensor S, Tensor Vh) -> Tensor",
    variants: "internal",
    compose: (call, _k, gradU, gradS, gradVh, u, s, vh) => {
      const n = s.shape.at(-1) as number;
      const thin = (t: Tensor, dim: number): Tensor =>
        t.shape.at(dim) === n ? t : call("narrow", t, dim, 0, n);
      const maybe = (t: Tensor | null, dim: number): Tensor | null => (t === null ? null : thin(t, dim));
      return svdBackward(call, maybe(gradU, -1), gradS, maybe(gradVh, -2), thin(u, -1), s, thin(vh, -2));
    },
    samples: [],
  }),
  composite({
    schema:
      "linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)",
    variants: "linalg",
    compose: (call, _k, a, full, driver) => {
      if (driver !== null)
        fail(
          "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.",
        );
      return call("_linalg_svd", a, full);
    },
    exempt: { second: FILLED },
    samples: [
      "torch.linalg.svd(m.double())",
      "torch.linalg.svd(a.double(), full_matrices=False)",
      "torch.linalg.svd(a.double().t(), full_matrices=False)",
      "torch.linalg.svd(a.double(), full_matrices=False)[1]",
      "torch.linalg.svd(torch.stack([m.double(), m.double().t()]))",
    ],
  }),
  composite({
    schema: "linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor",
    variants: "linalg",
    compose: (call, _k, a) => call("_linalg_svd", a, false)[1] as Tensor,
    exempt: { second: FILLED },
    samples: ["torch.linalg.svdvals(a.double())", "torch.linalg.svdvals(m.double())"],
  }),
  composite({
    schema: "svd(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)",
    compose: (call, k, self, some, withVectors) => {
      if (self.shape.length < 2)
        fail(
          `linalg.svd: input should have at least 2 dimensions, but has ${self.shape.length} dimensions instead`,
        );
      const [u, s, vh] = call("_linalg_svd", self, withVectors && !some) as readonly Tensor[] as [
        Tensor,
        Tensor,
        Tensor,
      ];
      if (withVectors) return [u, s, mT(call, vh)];
      const [m, n] = self.shape.slice(-2) as [number, number];
      const zeros = (size: number): Tensor => {
        const out = k.full([...self.shape.slice(0, -2), size, size], 0, self.dtype);
        out.counter.value = 1;
        return out;
      };
      return [zeros(m), s, mT(call, zeros(n))];
    },
    exempt: { second: FILLED },
    samples: ["torch.svd(a.double())", "m.double().svd()", "torch.svd(a.double(), compute_uv=False)"],
  }),
  op({
    schema:
      "_linalg_eigh(Tensor A, str UPLO='L', bool compute_v=True) -> (Tensor eigenvalues, Tensor eigenvectors)",
    variants: "internal",
    node: "LinalgEighBackward0",
    pattern: "mix",
    forward: (k, a, uplo, withVectors) => {
      checkTriangle(uplo);
      return eigen(k, "linalg.eigh", a, uplo.toUpperCase() === "U", withVectors);
    },
    backward: { A: "eigh_backward(arrived[0], arrived[1], eigenvalues, eigenvectors)" },
    exempt: { second: FILLED },
    samples: [],
  }),
  composite({
    schema: "eigh_backward(Tensor? L_grad, Tensor? V_grad, Tensor L, Tensor V) -> Tensor",
    variants: "internal",
    compose: (call, _k, gradL, gradV, l, v) => eighBackward(call, gradL, gradV, l, v),
    samples: [],
  }),
  composite({
    schema: "linalg_eigh(Tensor self, str UPLO='L') -> (Tensor eigenvalues, Tensor eigenvectors)",
    variants: "linalg",
    compose: (call, _k, self, uplo) => call("_linalg_eigh", self, uplo),
    exempt: { second: FILLED },
    samples: [
      "torch.linalg.eigh(m.double() + m.double().t())",
      "torch.linalg.eigh(m.double() @ m.double().t())[1]",
      "torch.linalg.eigh(m.double() + m.double().t(), UPLO='U')[0]",
      "torch.linalg.eigh(torch.stack([m.double() + m.double().t(), m.double() @ m.double().t()]))",
    ],
  }),
  composite({
    schema: "linalg_eigvalsh(Tensor self, str UPLO='L') -> Tensor",
    variants: "linalg",
    compose: (call, _k, self, uplo) => call("_linalg_eigh", self, uplo, self.requiresGrad)[0] as Tensor,
    exempt: { second: FILLED },
    samples: ["torch.linalg.eigvalsh(m.double() + m.double().t())"],
  }),
  op({
    schema:
      "symeig(Tensor self, bool eigenvectors=False, bool upper=True) -> (Tensor eigenvalues, Tensor vectors)",
    node: "SymeigBackward0",
    pattern: "mix",
    forward: (k, self, eigenvectors, upper) => eigen(k, "linalg.symeig", self, upper, eigenvectors),
    backward: { self: "symeig_backward(arrived[0], arrived[1], eigenvectors, eigenvalues, vectors)" },
    savedNames: { vectors: "_saved_eigenvectors_return" },
    exempt: { second: FILLED },
    samples: ["torch.symeig(m.double() + m.double().t(), eigenvectors=True)"],
  }),
  composite({
    schema:
      "symeig_backward(Tensor? L_grad, Tensor? V_grad, bool eigenvectors, Tensor L, Tensor V) -> Tensor",
    variants: "internal",
    compose: (call, _k, gradL, gradV, eigenvectors, l, v) => {
      if (!eigenvectors)
        fail(
          "symeig: Setting eigenvectors to false in torch.symeig doesn't compute eigenvectors, consider torch.linalg.eigvalsh instead",
        );
      return eighBackward(call, gradL, gradV, l, v);
    },
    samples: [],
  }),
];
