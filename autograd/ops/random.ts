/** Random numbers: PyTorch's own stream and transforms, so that a seed gives the numbers that it gives there. */
import { DType } from "../../assembly/shared/codes.ts";
import {
  anyIntegers,
  bernoulli,
  bernoulliBy,
  cauchy,
  exponential,
  geometric,
  integers,
  logNormal,
  normal,
  normalAround,
  permutation,
  uniform,
} from "../draws.ts";
import { broadcastShapes, type Kernels } from "../kernels.ts";
import { emptyLike } from "../order.ts";
import { composite, type OpRow, op } from "../row.ts";
import { multinomial, poisson } from "../sampling.ts";
import type { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

const whole = (x: Scalar): bigint => BigInt(x.value);
const seeded = (...calls: readonly string[]): string[] =>
  calls.map((call) => `torch.manual_seed(3); ${call}`);
const like = (k: Kernels, self: Tensor, dtype: DType | null): Tensor =>
  emptyLike(k, self, dtype ?? self.dtype);

/** Overwritten numbers have no gradient, whatever overwrites them. */
const OVERWRITTEN = { self: "zeros_like(grad)" } as const;

const NO_GRADIENT = { differences: "PyTorch gives 0 as the gradient of what a draw depends on" };

/** Functions that make tensors; Python's side of them is in python/torch/_random.py. */
const NEW: readonly OpRow[] = [
  op({
    schema: "rand(int[] size, *, Generator? generator=None, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: (k, size, g, dtype) => uniform(k, k.empty(size, dtype ?? k.defaultDtype), 0, 1, g),
    samples: seeded("torch.rand(2, 3)", "torch.rand((4,), dtype=torch.float64)"),
  }),
  op({
    schema: "rand_like(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    rounds: "each",
    variants: "internal",
    forward: (k, self, dtype) => uniform(k, like(k, self, dtype), 0, 1, null),
    samples: seeded("torch.rand_like(a)", "torch.rand_like(a.t())"),
  }),
  op({
    schema: "randn(int[] size, *, Generator? generator=None, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: (k, size, g, dtype) => normal(k, k.empty(size, dtype ?? k.defaultDtype), 0, 1, g),
    samples: seeded("torch.randn(2, 3)", "torch.randn(5, 5)", "torch.randn(20, dtype=torch.float64)"),
  }),
  op({
    schema: "randn_like(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    rounds: "each",
    variants: "internal",
    forward: (k, self, dtype) => normal(k, like(k, self, dtype), 0, 1, null),
    samples: seeded("torch.randn_like(a)", "torch.randn_like(a.t())"),
  }),
  op({
    schema:
      "randint(Scalar low, Scalar high, int[] size, *, Generator? generator=None, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: (k, low, high, size, g, dtype) =>
      integers(k, k.empty(size, dtype ?? DType.i64), whole(low), whole(high), g),
    samples: seeded("torch.randint(10, (2, 3))", "torch.randint(-5, 5, (4,), dtype=torch.float32)"),
  }),
  op({
    schema: "randint_like(Tensor self, Scalar low, Scalar high, *, ScalarType? dtype=None) -> Tensor",
    rounds: "each",
    variants: "internal",
    forward: (k, self, low, high, dtype) => integers(k, like(k, self, dtype), whole(low), whole(high), null),
    samples: seeded("torch.randint_like(i, 7)", "torch.randint_like(a, 2, 9)"),
  }),
  op({
    schema: "randperm(int n, *, Generator? generator=None, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: (k, n, g, dtype) => permutation(k, n, dtype ?? DType.i64, g),
    samples: seeded("torch.randperm(8)", "torch.randperm(5, dtype=torch.float32)"),
  }),
  op({
    schema:
      "normal.float_float(float mean, float std, int[] size, *, Generator? generator=None, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: (k, mean, std, size, g, dtype) =>
      normal(k, k.empty(size, dtype ?? k.defaultDtype), mean, std, g),
    samples: seeded("torch.normal(1.5, 0.5, (2, 3))"),
  }),
  op({
    schema: "normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor",
    variants: "internal",
    node: "NormalBackward3",
    exempt: NO_GRADIENT,
    forward: (k, mean, std, g) => normalAround(k, mean, std, broadcastShapes(mean.shape, std.shape), mean, g),
    backward: { mean: "new_zeros(grad, mean.sizes())", std: "new_zeros(grad, std.sizes())" },
    savedNames: { "mean.sizes()": "_saved_mean_sizes", "std.sizes()": "_saved_std_sizes" },
    samples: seeded("torch.normal(a, p)", "torch.normal(v, p)"),
  }),
  op({
    schema: "normal.Tensor_float(Tensor mean, float std=1, *, Generator? generator=None) -> Tensor",
    variants: "internal",
    node: "NormalBackward1",
    exempt: NO_GRADIENT,
    forward: (k, mean, std, g) => normalAround(k, mean, std, mean.shape, mean, g),
    backward: { mean: "new_zeros(grad, mean.sizes())" },
    savedNames: { "mean.sizes()": "_saved_mean_sizes" },
    samples: seeded("torch.normal(a)", "torch.normal(a, 2.)"),
  }),
  op({
    schema: "normal.float_Tensor(float mean, Tensor std, *, Generator? generator=None) -> Tensor",
    variants: "internal",
    node: "NormalBackward2",
    exempt: NO_GRADIENT,
    forward: (k, mean, std, g) => normalAround(k, k.full([], mean, std.dtype), std, std.shape, std, g),
    backward: { std: "new_zeros(grad, std.sizes())" },
    savedNames: { "std.sizes()": "_saved_std_sizes" },
    samples: seeded("torch.normal(1.5, p)"),
  }),
];

/** Functions of a tensor. */
const DRAWN: readonly OpRow[] = [
  op({
    schema: "bernoulli(Tensor self, *, Generator? generator=None) -> Tensor",
    node: "BernoulliBackward0",
    forward: (k, self, g) => bernoulliBy(k, k.empty(self.shape, self.dtype), self, g),
    backward: OVERWRITTEN,
    samples: seeded("torch.bernoulli(p / 4)", "torch.sigmoid(a).bernoulli()"),
  }),
  composite({
    schema: "bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor",
    compose: (call, k, self, p, g) => call("bernoulli_.float", k.empty(self.shape, self.dtype), p, g),
    samples: seeded("torch.bernoulli(a, 0.3)", "i.bernoulli(0.3)"),
  }),
  op({
    schema:
      "multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor",
    forward: multinomial,
    samples: seeded(
      "torch.multinomial(p, 2)",
      "torch.multinomial(p, 1)",
      "torch.multinomial(p[0], 7, True)",
      "p.multinomial(3, replacement=True)",
    ),
  }),
  op({
    schema: "poisson(Tensor self, Generator? generator=None) -> Tensor",
    variants: "function",
    node: "PoissonBackward0",
    forward: poisson,
    backward: OVERWRITTEN,
    samples: seeded("torch.poisson(p)", "torch.poisson(p * 30)"),
  }),
];

const IN_PLACE = { inplace: "only", pattern: "pass", backward: OVERWRITTEN } as const;

/** Methods that overwrite their tensor. */
const OVER: readonly OpRow[] = [
  op({
    ...IN_PLACE,
    schema: "uniform_(Tensor self, float from=0, float to=1, *, Generator? generator=None) -> Tensor",
    node: "UniformBackward0",
    forward: uniform,
    samples: seeded("torch.zeros(3).uniform_()", "(a * 1).uniform_(-1, 2)", "(a * 1).t().uniform_(0, 0.5)"),
  }),
  op({
    ...IN_PLACE,
    schema: "normal_(Tensor self, float mean=0, float std=1, *, Generator? generator=None) -> Tensor",
    node: "NormalBackward0",
    forward: normal,
    samples: seeded("torch.zeros(3).normal_()", "(a * 1).normal_(1, 0.5)", "torch.zeros(4, 5).t().normal_()"),
  }),
  op({
    ...IN_PLACE,
    schema: "random_.from(Tensor self, Scalar from, Scalar? to, *, Generator? generator=None) -> Tensor",
    variants: "internal",
    node: "RandomBackward0",
    forward: (k, self, from, to, g) => integers(k, self, whole(from), to === null ? null : whole(to), g),
    samples: seeded("(a * 1).random_(2, 9)", "torch.zeros(3, dtype=torch.int64).random_(-4, None)"),
  }),
  op({
    ...IN_PLACE,
    schema: "random_.to(Tensor self, Scalar to, *, Generator? generator=None) -> Tensor",
    variants: "internal",
    node: "RandomBackward1",
    forward: (k, self, to, g) => integers(k, self, 0n, whole(to), g),
    samples: seeded("(a * 1).random_(9)"),
  }),
  op({
    ...IN_PLACE,
    schema: "random_(Tensor self, *, Generator? generator=None) -> Tensor",
    variants: "internal",
    node: "RandomBackward2",
    forward: anyIntegers,
    samples: seeded("(a * 1).random_()", "torch.zeros(3, dtype=torch.int64).random_()"),
  }),
  op({
    ...IN_PLACE,
    schema: "bernoulli_.Tensor(Tensor self, Tensor p, *, Generator? generator=None) -> Tensor",
    node: "BernoulliBackward1",
    forward: bernoulliBy,
    backward: { self: "zeros_like(grad)", p: "new_zeros(grad, p.sizes())" },
    savedNames: { "p.sizes()": "" },
    samples: seeded("(a * 1).bernoulli_(p / 4)", "torch.zeros(2, 3).bernoulli_(v.abs() / 2)"),
  }),
  op({
    ...IN_PLACE,
    schema: "bernoulli_.float(Tensor self, float p=0.5, *, Generator? generator=None) -> Tensor",
    node: "BernoulliBackward2",
    forward: bernoulli,
    samples: seeded("(a * 1).bernoulli_(0.3)", "torch.zeros(5, dtype=torch.bool).bernoulli_()"),
  }),
  op({
    ...IN_PLACE,
    schema: "exponential_(Tensor self, float lambd=1, *, Generator? generator=None) -> Tensor",
    node: "ExponentialBackward0",
    forward: exponential,
    samples: seeded("(a * 1).exponential_()", "torch.zeros(3).exponential_(2.5)"),
  }),
  op({
    ...IN_PLACE,
    schema: "geometric_(Tensor self, float p, *, Generator? generator=None) -> Tensor",
    node: "GeometricBackward0",
    forward: geometric,
    samples: seeded("(a * 1).geometric_(0.3)", "torch.zeros(3, dtype=torch.int64).geometric_(0.1)"),
  }),
  op({
    ...IN_PLACE,
    schema: "cauchy_(Tensor self, float median=0, float sigma=1, *, Generator? generator=None) -> Tensor",
    node: "CauchyBackward0",
    forward: cauchy,
    samples: seeded("(a * 1).cauchy_()", "torch.zeros(3).cauchy_(1, 2)"),
  }),
  op({
    ...IN_PLACE,
    schema: "log_normal_(Tensor self, float mean=1, float std=2, *, Generator? generator=None) -> Tensor",
    node: "LogNormalBackward0",
    forward: logNormal,
    samples: seeded("(a * 1).log_normal_()", "torch.zeros(3).log_normal_(0, 0.5)"),
  }),
];

export const RANDOM: readonly OpRow[] = [...NEW, ...DRAWN, ...OVER];
