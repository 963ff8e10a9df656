/**
 * Codes that both compilers read: AssemblyScript builds the kernels from them, TypeScript calls the kernels
 * with them. This file must stay portable: plain `const enum`s, no imports.
 */

export enum DType {
  f32 = 0,
  f64 = 1,
  i64 = 2,
  bool = 3,
  f16 = 4,
  bf16 = 5,
  i32 = 6,
  i16 = 7,
  i8 = 8,
  u8 = 9,
}

/** out = op(a); `out` has the dtype of `a` except where said. */
export enum Unary {
  neg = 0,
  abs = 1,
  sign = 2,
  exp = 3,
  log = 4,
  sqrt = 5,
  rsqrt = 6,
  sin = 7,
  cos = 8,
  tanh = 9,
  sigmoid = 10,
  relu = 11,
  reciprocal = 12,
  floor = 13,
  ceil = 14,
  /** Half to even, as PyTorch. */
  round = 15,
  trunc = 16,
  /** bool out */
  logicalNot = 17,
  /** bool out */
  isnan = 18,
  /** bool out */
  isinf = 19,
  log2 = 20,
  log10 = 21,
  log1p = 22,
  expm1 = 23,
  tan = 24,
  asin = 25,
  acos = 26,
  atan = 27,
  sinh = 28,
  cosh = 29,
  asinh = 30,
  acosh = 31,
  atanh = 32,
  erf = 33,
  /** exp as PyTorch's mixed loops have it: in registers as far as sixteen fill them, the rest by the C library. */
  expMixed = 34,
  /** log by the C library alone, as PyTorch's loops over single numbers have it. */
  logSingle = 35,
  /** log as `expMixed` is exp. */
  logMixed = 36,
}

/** out = op(a, b), `a` and `b` of one dtype; the comparisons and logical ops give bool. */
export enum Binary {
  add = 0,
  sub = 1,
  mul = 2,
  /** True division; floats only. */
  div = 3,
  floorDiv = 4,
  /** Python's modulo: the sign of the divisor. */
  remainder = 5,
  pow = 6,
  /** NaN wins, as PyTorch. */
  maximum = 7,
  minimum = 8,
  atan2 = 9,
  /** pow whose exponent is one number: PyTorch takes sqrt for 0.5, x·x·x for 3 and so on. */
  powScalar = 10,
  /** C's fmod: the sign of the dividend. */
  fmod = 11,
  /** Bit by bit; integers only. */
  bitAnd = 12,
  bitOr = 13,
  bitXor = 14,
  eq = 16,
  ne = 17,
  lt = 18,
  le = 19,
  gt = 20,
  ge = 21,
  logicalAnd = 22,
  logicalOr = 23,
  logicalXor = 24,
}

/** Over the given axes; `out` has the dtype of `a` except where said. */
export enum Reduce {
  sum = 0,
  prod = 1,
  max = 2,
  min = 3,
  /** bool out */
  any = 4,
  /** bool out */
  all = 5,
  /** Σ |x|; like the two below for floats only, in the order of PyTorch's norms: see assembly/sizes.ts */
  sizes = 6,
  /** Σ x² */
  squares = 7,
  /** Σ x */
  inOrder = 8,
}

/** Over one axis; gives the int64 position of the first extreme (NaN wins). */
export enum ArgReduce {
  max = 0,
  min = 1,
}

/** Over one of three dense dimensions; the gradients take the upstream gradient and the result. */
export enum Softmax {
  plain = 0,
  logarithm = 1,
  gradient = 2,
  logarithmGradient = 3,
}

/** Layer norm and batch norm; what the operands are is said in assembly/norms.ts. */
export enum Norm {
  layer = 0,
  layerInput = 1,
  layerWeight = 2,
  layerBias = 3,
  batchStats = 4,
  batch = 5,
  batchInput = 6,
  batchWeight = 7,
  batchBias = 8,
}

/** Which random numbers; what p and q are is said in assembly/random.ts. */
export enum Random {
  uniform = 0,
  normal = 1,
  /** As `normal`, but however many there are, one by one. */
  normalEach = 2,
  integers = 3,
  anyInteger = 4,
  any64 = 5,
  bernoulli = 6,
  /** The probabilities are float32 tensors. */
  bernoulli32 = 7,
  bernoulli64 = 8,
  exponential = 9,
  geometric = 10,
  logNormal = 11,
  permutation = 12,
  cauchy = 13,
}
