/** Elements folded into the places that an index names. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow } from "../dtype.ts";
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { along } from "../positions.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

const ONCE = "PyTorch computes what both inputs need once";

type Fold = (x: number, y: number) => number;

const FOLDS: Readonly<Record<string, Fold>> = {
  sum: (x, y) => x + y,
  mean: (x, y) => x + y,
  prod: (x, y) => x * y,
  amax: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.max(x, y)),
  amin: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.min(x, y)),
};

/** Elements of `src` folded into those of `self` that the index names; left out, `self` does not take part where any fall. */
function scatterReduce(
  k: Kernels,
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: string,
  includeSelf: boolean,
): Tensor {
  const fold = FOLDS[reduce];
  if (fold === undefined) fail("reduce argument must be either sum, prod, mean, amax or amin.");
  if (index.dtype !== DType.i64) fail("scatter(): Expected dtype int64 for index");
  if (self.dtype !== src.dtype) fail("scatter(): Expected self.dtype to be equal to src.dtype");
  if (index.numel === 0) return k.clone(self);
  const axis = normalDim(dim, self.shape.length);
  const n = (t: Tensor): number => Math.max(t.shape.length, 1);
  if (n(index) !== n(self)) fail("Index tensor must have the same number of dimensions as self tensor");
  if (n(index) !== n(src)) fail("Index tensor must have the same number of dimensions as src tensor");
  const { positions } = along(k, self.shape, axis, index);
  const places = k.core.read(positions) as BigInt64Array;
  const values = Float64Array.from(k.core.read(self) as ArrayLike<number>, Number);
  const given = Float64Array.from(
    k.core.read(k.view(src, index.shape, src.strides)) as ArrayLike<number>,
    Number,
  );
  const counts = new Float64Array(values.length).fill(Number(includeSelf));
  for (const [i, place] of places.entries()) {
    const at = Number(place);
    const x = given[i] as number;
    values[at] = counts[at] === 0 ? x : fold(values[at] as number, x);
    counts[at] = (counts[at] as number) + 1;
  }
  const out = k.empty(self.shape, self.dtype);
  const whole = dtypeRow(self.dtype).kind !== "float";
  const result =
    reduce === "mean"
      ? values.map((x, i) => {
          const mean = (counts[i] as number) > 1 ? x / (counts[i] as number) : x;
          return whole ? Math.floor(mean) : mean;
        })
      : values;
  k.core.write(out, self.dtype === DType.i64 ? Array.from(result, BigInt) : result);
  return out;
}

/** The index of a whole slice as one of elements. */
const spreadIndex = (call: Call, self: Tensor, dim: number, index: Tensor, source: Tensor): Tensor => {
  const axis = normalDim(dim, self.shape.length);
  return call(
    "expand",
    call(
      "view",
      index,
      source.shape.map((_, i) => (i === axis ? -1 : 1)),
    ),
    source.shape,
  );
};

function scatterReduceBackward(
  call: Call,
  grad: Tensor,
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: string,
  includeSelf: boolean,
  result: Tensor,
): readonly [Tensor, Tensor] {
  const gather = (t: Tensor): Tensor => call("gather", t, dim, index);
  let own = grad;
  let theirs = grad;
  if (reduce === "sum") theirs = gather(grad);
  else if (reduce === "mean") {
    const start = includeSelf ? call("ones_like", grad) : call("zeros_like", grad);
    const counted = call("scatter_add", start, dim, index, call("ones_like", src));
    const counts = call("masked_fill", counted, call("eq", counted, 0), 1);
    own = call("div", grad, counts);
    theirs = call("div", gather(grad), gather(counts));
  } else if (reduce === "prod") {
    const masked = call("masked_fill", self, call("eq", self, 0), 1);
    const others = call("scatter_reduce", masked, dim, index, src, reduce, includeSelf);
    own = call("div", call("mul", grad, others), masked);
    const zero = call("eq", src, 0);
    const zeros = gather(
      call("scatter_add", call("zeros_like", self), dim, index, call("to", zero, self.dtype)),
    );
    const single = call("logical_and", zero, call("eq", zeros, 1));
    const filled = call("masked_fill", src, single, 1);
    const without = call("scatter_reduce", self, dim, index, filled, reduce, includeSelf);
    const plain = call("div", gather(call("mul", grad, result)), call("masked_fill", src, zero, 1));
    theirs = call("where", single, gather(call("mul", grad, without)), plain);
  } else {
    const ownIs = call("eq", self, result);
    const theirsIs = call("eq", src, gather(result));
    const counts = call(
      "scatter_add",
      call("to", ownIs, self.dtype),
      dim,
      index,
      call("to", theirsIs, self.dtype),
    );
    const shared = call("div", grad, counts);
    own = call("mul", shared, ownIs);
    theirs = call("mul", gather(shared), theirsIs);
  }
  return [includeSelf ? own : call("scatter", own, dim, index, 0), theirs];
}

function foldScattered(
  k: Kernels,
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: string,
): Tensor {
  if (reduce !== "add" && reduce !== "multiply") fail("reduce argument must be either add or multiply.");
  return scatterReduce(k, self, dim, index, src, reduce === "add" ? "sum" : "prod", true);
}

const inBeta = (name: string, line: number): string =>
  `${name}() is in beta and the API may change at any time. (Triggered internally at  ./aten/src/ATen/native/TensorAdvancedIndexing.cpp:${line}.)`;

export const SCATTERING: readonly OpRow[] = [
  op({
    schema:
      "scatter_reduce.two(Tensor self, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) -> Tensor",
    inplace: true,
    node: "ScatterReduceBackward0",
    pattern: "mix",
    forward: (k, ...args) => {
      k.warnOnce(inBeta("scatter_reduce", 1615));
      return scatterReduce(k, ...args);
    },
    backward: {
      self: "scatter_reduce_backward(grad, self, dim, index, src, reduce, include_self, result)[0]",
      src: "scatter_reduce_backward(grad, self, dim, index, src, reduce, include_self, result)[1]",
    },
    exempt: { second: ONCE },
    samples: ["sum", "prod", "mean", "amax", "amin"].flatMap((how) => [
      `torch.scatter_reduce(a, 1, i % 3, b, '${how}')`,
      `a.scatter_reduce(1, i % 3, b, reduce='${how}', include_self=False)`,
    ]),
  }),
  composite({
    schema:
      "scatter_reduce_backward(Tensor grad, Tensor self, int dim, Tensor index, Tensor src, str reduce, bool include_self, Tensor result) -> Tensor[]",
    variants: "internal",
    compose: (call, _k, grad, self, dim, index, src, reduce, includeSelf, result) =>
      scatterReduceBackward(call, grad, self, dim, index, src, reduce, includeSelf, result),
    samples: [],
  }),
  op({
    schema:
      "index_reduce(Tensor self, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True) -> Tensor",
    inplace: true,
    node: "IndexReduceBackward0",
    pattern: "mix",
    forward: (k, self, dim, index, source, reduce, includeSelf) => {
      if (!["prod", "mean", "amax", "amin"].includes(reduce))
        fail(`index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`);
      k.warnOnce(inBeta("index_reduce", 1008));
      const axis = normalDim(dim, self.shape.length);
      const strides = source.shape.map((_, i) => (i === axis ? 1 : 0));
      const each = k.clone(k.view(k.contiguous(index), source.shape, strides));
      return scatterReduce(k, self, dim, each, source, reduce, includeSelf);
    },
    backward: {
      self: "index_reduce_backward(grad, self, dim, index, source, reduce, include_self, result)[0]",
      source: "index_reduce_backward(grad, self, dim, index, source, reduce, include_self, result)[1]",
    },
    exempt: { second: ONCE },
    samples: [
      "torch.index_reduce(a, 1, torch.tensor([0, 2]), b[:, :2], 'prod')",
      "a.index_reduce(0, torch.tensor([1, 1]), b, 'amax', include_self=False)",
      "m.index_reduce(0, torch.tensor([1, 2]), a, 'mean')",
    ],
  }),
  composite({
    schema:
      "index_reduce_backward(Tensor grad, Tensor self, int dim, Tensor index, Tensor source, str reduce, bool include_self, Tensor result) -> Tensor[]",
    variants: "internal",
    compose: (call, _k, grad, self, dim, index, source, reduce, includeSelf, result) =>
      scatterReduceBackward(
        call,
        grad,
        self,
        dim,
        spreadIndex(call, self, dim, index, source),
        source,
        reduce,
        includeSelf,
        result,
      ),
    samples: [],
  }),
  op({
    schema: "scatter.reduce(Tensor self, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor",
    inplace: true,
    node: "NotImplemented",
    forward: (k, self, dim, index, src, reduce) => foldScattered(k, self, dim, index, src, reduce),
    backward: { self: 'not_implemented("aten::scatter")', src: 'not_implemented("aten::scatter")' },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: [
      "a.scatter(1, i % 3, b, reduce='add')",
      "a.detach().scatter(1, i % 3, b.detach(), reduce='multiply')",
    ],
  }),
  op({
    schema: "scatter.value_reduce(Tensor self, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor",
    inplace: true,
    node: "NotImplemented",
    forward: (k, self, dim, index, value, reduce) =>
      foldScattered(k, self, dim, index, k.full(index.shape, value.value, self.dtype), reduce),
    backward: { self: 'not_implemented("aten::scatter")' },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: ["a.detach().scatter(1, i % 3, 2., reduce='multiply')"],
  }),
];
