/** Pointwise functions about how numbers are written and compared: signs, exponents, roundings, common divisors. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { doubles, each, eachTwo, eachTwoInts, inFloats, made } from "../each.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { composite, elementwise, type OpRow, op } from "../row.ts";
import { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

type One = "one(Tensor self) -> Tensor";
type Two = "two(Tensor self, Tensor other) -> Tensor";
type Shift = "shift.Tensor(Tensor self, Tensor|Scalar other) -> Tensor";
type ShiftOf = "shift.Scalar_Tensor(Scalar self, Tensor other) -> Tensor";
type Compared = "x_.Scalar(Tensor self, Scalar other) -> Tensor";
type ComparedTo = "x_.Tensor(Tensor self, Tensor other) -> Tensor";

const floatsOnly = (k: Kernels, name: string, ...operands: readonly Tensor[]): void => {
  const dtype = k.resultType(...operands);
  if (!isFloat(dtype)) fail(`"${name}" not implemented for '${dtypeRow(dtype).scalarType}'`);
};

/** Degrees and radians. */
const degrees = (name: string, node: string, factor: number): OpRow =>
  op({
    schema: `${name}(Tensor self) -> Tensor` as One,
    node,
    pattern: "scale",
    inplace: true,
    forward: (k, self) => k.binary(Binary.mul, self, k.wrap(new Scalar(factor, "float"))),
    backward: { self: `grad * scalar_tensor(${factor})` },
    samples: [`a.${name}()`, `torch.${name}(i)`],
  });

/** log(exp(x) + exp(y)), operation by operation as PyTorch has it in registers. */
function logAddExp(k: Kernels, self: Tensor, other: Tensor): Tensor {
  const c = new Calc(k);
  return inFloats(k, [self, other], (x, y) => {
    const larger = c.max(x, y);
    const total = c.add(larger, c.logMixed(c.add(c.expMixed(c.neg(c.abs(c.sub(x, y)))), 1)));
    // Two infinities of one sign have no difference.
    const isSame = k.binary(Binary.logicalAnd, c.eq(x, y), k.unary(Unary.isinf, x, DType.bool));
    return c.where(isSame, x, total);
  });
}

function logAddExp2(k: Kernels, self: Tensor, other: Tensor): Tensor {
  return eachTwo(k, self, other, (x, y) => {
    if (x === y && !Number.isFinite(x)) return x;
    return Math.max(x, y) + Math.log1p(2 ** -Math.abs(x - y)) / Math.LN2;
  });
}

/** The logarithm of a sum of powers. */
const logSum = (name: string, node: string, value: typeof logAddExp, power: string): OpRow =>
  op({
    schema: `${name}(Tensor self, Tensor other) -> Tensor` as Two,
    node,
    pattern: "scale",
    forward: (k, self, other) => {
      floatsOnly(k, `${name}_cpu`, self, other);
      return value(k, self, other);
    },
    backward: {
      self: `grad / (1 + ${power.replace("_", "other - self")})`,
      other: `grad / (1 + ${power.replace("_", "self - other")})`,
    },
    samples: [`torch.${name}(a, b)`, `a.${name}(v)`, `torch.${name}(i, i)`],
  });

/** log(x / (1 - x)) of x held between eps and 1 - eps. */
function logit(k: Kernels, self: Tensor, eps: number | null): Tensor {
  const c = new Calc(k);
  return inFloats(k, [self], (x) => {
    const held = eps === null ? x : c.where(c.lt(x, eps), eps, c.where(c.gt(x, 1 - eps), 1 - eps, x));
    return c.logMixed(c.div(held, c.sub(1, held)));
  });
}

/** The greater or the smaller, where NaN loses to any number. */
const extremeNumber = (name: string, node: string, code: Binary, sign: string): OpRow =>
  op({
    schema: `${name}(Tensor self, Tensor other) -> Tensor` as Two,
    node,
    pattern: "route",
    forward: (k, self, other) => {
      const dtype = k.resultType(self, other);
      if (!isFloat(dtype)) return k.binary(code, self, other);
      const isNan = (t: Tensor): Tensor => k.unary(Unary.isnan, t, DType.bool);
      const [x, y] = [k.cast(self, dtype), k.cast(other, dtype)];
      return k.where(isNan(x), y, k.where(isNan(y), x, k.binary(code, x, y)));
    },
    backward: {
      self: `grad.masked_fill(logical_not((self ${sign} other) | isnan(other)), 0)`,
      other: `grad.masked_fill((self ${sign} other) | isnan(other), 0)`,
    },
    samples: [`torch.${name}(a, b)`, `a.${name}(v)`, `torch.${name}(i, i + 1)`],
  });

function gcd(x: bigint, y: bigint): bigint {
  let [a, b] = [x < 0n ? -x : x, y < 0n ? -y : y];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

const lcm = (x: bigint, y: bigint): bigint => {
  const g = gcd(x, y);
  if (g === 0n) return 0n;
  const product = (x / g) * y;
  return product < 0n ? -product : product;
};

/** Functions of whole numbers. */
const whole = (name: string, f: (x: bigint, y: bigint) => bigint): OpRow =>
  op({
    schema: `${name}(Tensor self, Tensor other) -> Tensor` as Two,
    inplace: true,
    forward: (k, self, other) => {
      const dtype = k.resultType(self, other);
      if (isFloat(dtype) || dtype === DType.bool)
        fail(`"${name}_cpu" not implemented for '${dtypeRow(dtype).scalarType}'`);
      return eachTwoInts(k, self, other, f);
    },
    samples: [`torch.${name}(i, i + 2)`, `i.${name}(torch.tensor(-4))`, `torch.${name}(i, a)`],
  });

function shifted(k: Kernels, name: string, self: Tensor, other: Tensor): Tensor {
  const dtype = k.resultType(self, other);
  const left = name.endsWith("left_shift");
  if (isFloat(dtype) || dtype === DType.bool)
    fail(`"${left ? "lshift" : "rshift"}_cpu" not implemented for '${dtypeRow(dtype).scalarType}'`);
  // Of a distance beyond 64 the processor takes the last bits; so do kernels for int64.
  const bits = dtype === DType.i64 ? 63n : -1n;
  return eachTwoInts(k, self, other, left ? (x, y) => x << (y & bits) : (x, y) => x >> (y & bits));
}

const shifts = (name: string): readonly OpRow[] => [
  op({
    schema: `${name}.Tensor(Tensor self, Tensor|Scalar other) -> Tensor` as Shift,
    inplace: true,
    forward: (k, self, other) => shifted(k, name, self, other),
    samples: [`torch.${name}(i, 1)`, `i.${name}(i % 3)`, `i.clone().${name}_(1)`],
  }),
  op({
    schema: `${name}.Scalar_Tensor(Scalar self, Tensor other) -> Tensor` as ShiftOf,
    variants: "function",
    forward: (k, self, other) => shifted(k, name, k.wrap(self), other),
    samples: [`torch.${name}(8, i % 3)`],
  }),
];

/** Comparisons in place: 0 and 1 in the tensor's own dtype. */
const comparedInPlace = (name: string, code: Binary): readonly OpRow[] => {
  const node = name[0]?.toUpperCase() + name.slice(1);
  return [
    op({
      schema: `${name}_.Scalar(Tensor self, Scalar other) -> Tensor` as Compared,
      variants: "method",
      inplace: "only",
      node: `${node}Backward0`,
      pattern: "scale",
      forward: (k, self, other) => k.compare(code, self, k.wrap(other)),
      backward: { self: "zeros_like(grad)" },
      samples: [`(a * 1).${name}_(1)`, `i.clone().${name}_(2)`],
    }),
    op({
      schema: `${name}_.Tensor(Tensor self, Tensor other) -> Tensor` as ComparedTo,
      variants: "method",
      inplace: "only",
      node: `${node}Backward1`,
      pattern: "scale",
      forward: (k, self, other) => k.compare(code, self, other),
      backward: { self: "zeros_like(grad)", other: "zeros_like(other)" },
      savedNames: { other: "" },
      samples: [`(a * 1).${name}_(b)`, `i.clone().${name}_(i)`],
    }),
  ];
};

/** x = mantissa * 2^exponent, the mantissa's size in [0.5, 1); what is 0 or not finite is its own mantissa. */
function frexp(k: Kernels, self: Tensor): readonly Tensor[] {
  if (!isFloat(self.dtype)) fail("torch.frexp() only supports floating-point dtypes");
  const x = doubles(k, self);
  const exponents = x.map((v) => {
    if (v === 0 || !Number.isFinite(v)) return 0;
    // The logarithm may be one too many or too few beside a power of 2, and below the smallest normal number.
    let e = Math.floor(Math.log2(Math.abs(v))) + 1;
    while (Math.abs(v) / 2 ** e >= 1) e += 1;
    while (Math.abs(v) / 2 ** e < 0.5) e -= 1;
    return e;
  });
  const mantissas = x.map((v, i) => v / 2 ** (exponents[i] as number));
  return [made(k, self.shape, self.dtype, mantissas), made(k, self.shape, DType.i32, exponents)];
}

export const NUMERIC: readonly OpRow[] = elementwise([
  degrees("deg2rad", "Deg2RadBackward0", Math.PI / 180),
  degrees("rad2deg", "Rad2DegBackward0", 180 / Math.PI),
  op({
    schema: "signbit(Tensor self) -> Tensor",
    forward: (k, self) => {
      if (!isFloat(self.dtype)) return k.compare(Binary.lt, self, k.full([], 0, self.dtype));
      const signs = k.core.read(self) as Float64Array;
      const out = k.empty(self.shape, DType.bool);
      k.core.write(
        out,
        signs.map((x) => Number(x < 0 || Object.is(x, -0))),
      );
      return out;
    },
    samples: ["torch.signbit(a)", "i.signbit()", "torch.signbit(torch.tensor([-0., 0., float('-inf')]))"],
  }),
  composite({
    schema: "positive(Tensor self) -> Tensor",
    compose: (_call, _k, self) => {
      if (self.dtype === DType.bool) fail("The `+` operator, on a bool tensor is not supported.");
      return self;
    },
    samples: ["torch.positive(a)", "(a * 2).positive()", "torch.positive(c)"],
  }),
  op({
    schema: "heaviside(Tensor self, Tensor values) -> Tensor",
    inplace: true,
    node: "NotImplemented",
    forward: (k, self, values) => {
      if (self.dtype !== values.dtype)
        fail("heaviside is not yet implemented for tensors with different dtypes.");
      const zero = k.full([], 0, self.dtype);
      const step = k.cast(k.compare(Binary.gt, self, zero), self.dtype);
      return k.where(k.compare(Binary.eq, self, zero), values, step);
    },
    backward: {
      self: 'not_implemented("aten::heaviside")',
      values: 'not_implemented("aten::heaviside")',
    },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: [
      "torch.heaviside(a, v)",
      "torch.heaviside(a.detach() * c, v.detach())",
      "torch.heaviside(i, torch.tensor(7))",
      "torch.heaviside(i, v)",
    ],
  }),
  op({
    schema: "hypot(Tensor self, Tensor other) -> Tensor",
    node: "HypotBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, other) => {
      floatsOnly(k, "hypot_cpu", self, other);
      return eachTwo(k, self, other, (x, y) => Math.hypot(x, y));
    },
    backward: { self: "grad * self / result", other: "grad * other / result" },
    samples: ["torch.hypot(a, b)", "a.hypot(v)", "torch.hypot(i, i)"],
  }),
  logSum("logaddexp", "LogaddexpBackward0", logAddExp, "exp(_)"),
  logSum("logaddexp2", "Logaddexp2Backward0", logAddExp2, "pow(2, _)"),
  op({
    schema: "nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor",
    node: "NanToNumBackward0",
    pattern: "route",
    inplace: true,
    forward: (k, self, nan, posinf, neginf) => {
      if (!isFloat(self.dtype)) return k.clone(self);
      const most = Number(dtypeRow(self.dtype).max);
      return each(k, self, (x) => {
        if (Number.isNaN(x)) return nan ?? 0;
        return Number.isFinite(x) ? x : x > 0 ? (posinf ?? most) : (neginf ?? -most);
      });
    },
    backward: { self: "grad * isfinite(self)" },
    exempt: { differences: "infinity has no neighbours" },
    samples: [
      "a.nan_to_num()",
      "torch.nan_to_num(a / 0, 1., 2., 3.)",
      "torch.nan_to_num(torch.tensor([float('nan'), float('inf'), -float('inf'), 1.]))",
      "torch.nan_to_num(i)",
    ],
  }),
  op({
    schema: "copysign.Tensor(Tensor self, Tensor other) -> Tensor",
    node: "CopysignBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self, other) => eachTwo(k, self, other, copysign),
    backward: {
      self: "grad * (result / self).masked_fill(self == 0, 0)",
      other: "zeros_like(result)",
    },
    samples: ["torch.copysign(a, b)", "a.copysign(v)", "torch.copysign(i, i)"],
  }),
  op({
    schema: "copysign.Scalar(Tensor self, Scalar other) -> Tensor",
    node: "CopysignBackward1",
    pattern: "scale",
    inplace: true,
    forward: (k, self, other) => eachTwo(k, self, k.wrap(other), copysign),
    backward: { self: "grad * (result / self).masked_fill(self == 0, 0)" },
    samples: ["torch.copysign(a, -1.)", "i.copysign(-2)"],
  }),
  op({
    schema: "nextafter(Tensor self, Tensor other) -> Tensor",
    node: "NextafterBackward0",
    inplace: true,
    forward: (k, self, other) => {
      floatsOnly(k, "nextafter_cpu", self, other);
      return eachTwo(k, self, other, nextAfter(k.resultType(self, other)));
    },
    backward: { self: 'underivable("nextafter")', other: 'underivable("nextafter")' },
    exempt: { differences: "PyTorch has no derivative for it" },
    samples: [
      "torch.nextafter(a, b)",
      "torch.nextafter(torch.tensor([0., 1., -1.]), torch.tensor([1., 2., 0.]))",
      "torch.nextafter(torch.tensor([0., 1.]).double(), torch.tensor([-1., 1.]).double())",
    ],
  }),
  op({
    schema: "frexp.Tensor(Tensor self) -> (Tensor mantissa, Tensor exponent)",
    node: "FrexpBackward0",
    pattern: "scale",
    nonDifferentiable: [1],
    forward: frexp,
    backward: { self: "grad / exponent.exp2()" },
    samples: ["torch.frexp(a)[0]", "p.frexp()[0]", "torch.frexp(a.detach())[1]"],
  }),
  composite({
    schema: "ldexp.Tensor(Tensor self, Tensor other) -> Tensor",
    compose: (call, _k, self, other) => call("mul", self, call("pow", new Scalar(2, "float"), other)),
    samples: ["torch.ldexp(a, i)", "torch.ldexp(i, i)", "a.ldexp(torch.tensor(3))"],
  }),
  composite({
    schema: "ldexp_(Tensor self, Tensor other) -> Tensor",
    inplace: "only",
    compose: (call, _k, self, other) => call("mul_", self, call("pow", new Scalar(2, "float"), other)),
    samples: ["(a.detach() * 1).ldexp_(i)"],
  }),
  composite({
    schema: "float_power.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    compose: (call, _k, self, exponent) => {
      // The second argument first, as PyTorch's compiler has it.
      const power = call("to", exponent, DType.f64);
      return call("pow", call("to", self, DType.f64), power);
    },
    samples: ["torch.float_power(p, b)", "p.float_power(i)"],
  }),
  composite({
    schema: "float_power.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    compose: (call, _k, self, exponent) =>
      call("pow", call("to", self, DType.f64), new Scalar(exponent.number, "float")),
    samples: ["torch.float_power(p, 2)", "i.float_power(2)"],
  }),
  composite({
    schema: "float_power.Scalar(Scalar self, Tensor exponent) -> Tensor",
    variants: "function",
    compose: (call, _k, self, exponent) =>
      call("pow", new Scalar(self.number, "float"), call("to", exponent, DType.f64)),
    samples: ["torch.float_power(2, a)"],
  }),
  composite({
    schema: "float_power_(Tensor self, Tensor|Scalar exponent) -> Tensor",
    variants: "method",
    inplace: "only",
    compose: (call, k, self, exponent) => {
      if (self.dtype !== DType.f64)
        fail(
          `the base given to float_power_ has dtype ${dtypeRow(self.dtype).scalarType} but the operation's result requires dtype Double`,
        );
      return call(
        "pow_",
        self,
        exponent.wrapped ? new Scalar(k.core.item(exponent), "float") : call("to", exponent, DType.f64),
      );
    },
    samples: ["(a * 1).float_power_(2)", "(p.double() * 1).float_power_(b)"],
  }),
  composite({
    schema: "square_(Tensor self) -> Tensor",
    inplace: "only",
    compose: (call, _k, self) => call("pow_", self, 2),
    samples: ["(a * 1).square_()"],
  }),
  extremeNumber("fmax", "FmaxBackward0", Binary.maximum, ">="),
  extremeNumber("fmin", "FminBackward0", Binary.minimum, "<="),
  op({
    schema: "round.decimals(Tensor self, *, int decimals) -> Tensor",
    node: "RoundBackward1",
    pattern: "scale",
    inplace: true,
    forward: (k, self, decimals) => {
      const calc = new Calc(k);
      const ten = 10 ** Math.abs(decimals);
      const [up, down] = decimals < 0 ? [calc.div(self, ten), calc.mul] : [calc.mul(self, ten), calc.div];
      return down.call(calc, k.unary(Unary.round, up), ten);
    },
    backward: { self: "zeros_like(grad)" },
    samples: ["torch.round(a, decimals=1)", "(a * 100).round(decimals=-1)"],
  }),
  composite({
    schema: "special_round(Tensor self, *, int decimals=0) -> Tensor",
    variants: "special",
    compose: (call, _k, self, decimals) => call("round.decimals", self, decimals),
    samples: ["torch.special.round(a)", "torch.special.round(a, decimals=1)", "torch.special.round(i)"],
  }),
  op({
    schema: "logit(Tensor self, float? eps=None) -> Tensor",
    node: "LogitBackward0",
    pattern: "scale",
    inplace: true,
    forward: logit,
    backward: {
      self: "eps == null ? where((self >= 0) & (self <= 1), grad / (self * (1 - self)), nan_like(grad)) : where((self >= eps) & (self <= 1 - eps), grad / (self * (1 - self)), 0)",
    },
    samples: ["torch.logit(p / 4)", "(p / 4).logit(1e-6)", "torch.logit(p / 2, 0.1)"],
  }),
  composite({
    schema: "nan_like(Tensor self) -> Tensor",
    variants: "internal",
    compose: (_call, k, self) => k.full([], Number.NaN, self.dtype),
    samples: [],
  }),
  op({
    schema: "sinc(Tensor self) -> Tensor",
    node: "SincBackward0",
    pattern: "scale",
    inplace: true,
    forward: (k, self) => each(k, self, sincOf(isFloat(self.dtype) ? self.dtype : k.defaultDtype)),
    backward: { self: "sinc_backward(grad, self)" },
    samples: ["a.sinc()", "torch.sinc(torch.tensor([0., 0.5]))"],
  }),
  composite({
    schema: "sinc_backward(Tensor grad, Tensor self) -> Tensor",
    variants: "internal",
    means:
      "grad * (3.141592653589793 * self * cos(3.141592653589793 * self) - sin(3.141592653589793 * self)) / (3.141592653589793 * self * self)",
    compose: (call, k, grad, self) => {
      const pi = new Scalar(Math.PI, "float");
      const angle = call("mul.Scalar", self, pi);
      const below = call("mul.Scalar", call("mul", self, self), pi);
      const sine = call("sin", angle);
      const above = call("sub", call("mul", angle, call("cos", angle)), sine);
      const slope = call("mul", grad, call("div", above, below));
      return call("where", call("eq", below, 0), k.full([], 0, grad.dtype), slope);
    },
    samples: [],
  }),
  op({
    schema: "angle(Tensor self) -> Tensor",
    node: "AngleBackward0",
    pattern: "scale",
    forward: (k, self) => each(k, self, (x) => (x < 0 ? Math.PI : Number.isNaN(x) ? x : 0)),
    backward: { self: "zeros_like(grad)" },
    alsoSaves: ["self"],
    samples: ["torch.angle(a)", "i.angle()"],
  }),
  whole("gcd", gcd),
  whole("lcm", lcm),
  ...shifts("bitwise_left_shift"),
  ...shifts("bitwise_right_shift"),
  ...comparedInPlace("eq", Binary.eq),
  ...comparedInPlace("ne", Binary.ne),
  ...comparedInPlace("lt", Binary.lt),
  ...comparedInPlace("le", Binary.le),
  ...comparedInPlace("gt", Binary.gt),
  ...comparedInPlace("ge", Binary.ge),
]);

function copysign(x: number, y: number): number {
  const negative = y < 0 || Object.is(y, -0);
  return negative ? -Math.abs(x) : Math.abs(x);
}

/** The next number of the dtype after x in the direction of y. */
const nextAfter = (dtype: DType) => {
  const wide = dtypeRow(dtype).name === "float64";
  const value = wide ? new Float64Array(1) : new Float32Array(1);
  const bits = wide ? new BigInt64Array(value.buffer) : new Int32Array(value.buffer);
  const step = (up: boolean): void => {
    if (bits instanceof BigInt64Array) bits[0] = (bits[0] as bigint) + (up ? 1n : -1n);
    else bits[0] = (bits[0] as number) + (up ? 1 : -1);
  };
  return (x: number, y: number): number => {
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
    if (x === y) return y;
    value[0] = Math.abs(x);
    if (x === 0) {
      step(true);
      return y > 0 ? (value[0] as number) : -(value[0] as number);
    }
    step(y > x === x > 0);
    return x > 0 ? (value[0] as number) : -(value[0] as number);
  };
};

/** sin(πx)/(πx), the product rounded to the dtype as PyTorch has it. */
const sincOf =
  (dtype: DType) =>
  (x: number): number => {
    if (x === 0) return 1;
    const round = dtypeRow(dtype).name === "float64" ? Number : Math.fround;
    const angle = round(round(Math.PI) * x);
    return Math.sin(angle) / angle;
  };
