/** Numbers at equal distances; Python's side of them is in python/torch/_ranges.py. */
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import { rounder } from "../half.ts";
import type { Kernels } from "../kernels.ts";
import { streamText } from "../literal.ts";
import { type OpRow, op } from "../row.ts";
import type { Scalar } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

/** What is behind the point goes. */
function whole(x: Scalar): bigint {
  if (typeof x.value === "bigint") return x.value;
  if (!(Math.abs(x.value) < 2 ** 63)) fail("value cannot be converted to type int64_t without overflow");
  return BigInt(Math.trunc(x.value));
}

/** A number as the dtype's kind of number. */
const held = (x: Scalar, dtype: DType): number => (isFloat(dtype) ? x.number : Number(whole(x)));

const isRounded = (dtype: DType): boolean => dtypeRow(dtype).computes !== undefined;

/** Sixteen at a time from their first number on, which is rounded, in twos of them; the rest each by itself. */
function roundedArange(dtype: DType, count: number, from: number, by: number): number[] {
  const round = rounder(dtype);
  const whole = count - (count % 32);
  return Array.from({ length: count }, (_, i) => {
    const first = i < whole ? i - (i % 16) : i;
    return round(round(from + by * first) + by * (i - first));
  });
}

/** From both ends towards the middle, with every step rounded. */
function roundedLinspace(dtype: DType, count: number, from: number, to: number): number[] {
  const round = rounder(dtype);
  const [start, end] = [round(from), round(to)];
  const step = round(round(end - start) / round(count - 1));
  return Array.from({ length: count }, (_, i) =>
    i < Math.trunc(count / 2) ? round(start + round(step * i)) : round(end - round(step * (count - i - 1))),
  );
}

function refuseBool(kernel: string, dtype: DType): void {
  if (dtype === DType.bool) fail(`"${kernel}" not implemented for '${dtypeRow(dtype).scalarType}'`);
}

/** PyTorch's checks of start, end and step; `sign`: how its message calls the two bounds. */
function checkSteps(start: number, end: number, step: number, sign: string): void {
  if (!(step > 0 || step < 0)) fail("step must be nonzero");
  if (!Number.isFinite(start) || !Number.isFinite(end))
    fail(`unsupported range: ${streamText(start)} -> ${streamText(end)}`);
  if (step > 0 ? end < start : end > start) fail(`upper bound and ${sign} bound inconsistent with step sign`);
}

function arange(k: Kernels, start: Scalar, end: Scalar, step: Scalar, given: DType | null): Tensor {
  const ints = [start, end, step].every((x) => x.kind !== "float");
  const dtype = given ?? (ints ? DType.i64 : k.defaultDtype);
  refuseBool("arange_cpu", dtype);
  const [from, to, by] = [held(start, dtype), held(end, dtype), held(step, dtype)];
  checkSteps(from, to, by, "larger");
  if (!isFloat(dtype)) return k.cast(integers(k, whole(start), whole(end), whole(step)), dtype);
  const out = k.empty([Math.ceil((end.number - start.number) / step.number)], dtype);
  if (isRounded(dtype)) k.core.write(out, roundedArange(dtype, out.numel, from, by));
  else k.core.series.arange(dtype, out.ptr, out.numel, from, by);
  return out;
}

function integers(k: Kernels, start: bigint, end: bigint, step: bigint): Tensor {
  const out = k.empty([Number((end - start + step - (step > 0n ? 1n : -1n)) / step)], DType.i64);
  const { ptr, numel } = out;
  // Those of f64 as long as it has them all.
  if (Number.isSafeInteger(Number(start)) && Number.isSafeInteger(Number(end)))
    k.core.series.arange(DType.i64, ptr, numel, Number(start), Number(step));
  else
    k.core.write(
      out,
      Array.from({ length: numel }, (_, i) => start + step * BigInt(i)),
    );
  return out;
}

function checkCount(steps: number): void {
  if (steps < 0) fail("number of steps must be non-negative");
}

function linspace(k: Kernels, start: Scalar, end: Scalar, steps: number, given: DType | null): Tensor {
  checkCount(steps);
  const dtype = given ?? k.defaultDtype;
  const out = k.empty([steps], dtype);
  const [from, to] = [held(start, dtype), held(end, dtype)];
  if (steps === 1) k.fill(out, from);
  if (steps > 1) {
    refuseBool("linspace_cpu", dtype);
    if (isRounded(dtype)) k.core.write(out, roundedLinspace(dtype, steps, from, to));
    else k.core.series.linspace(dtype, out.ptr, steps, from, to);
  }
  return out;
}

/** Powers of `base`, from both ends towards the middle. */
function logspace(
  k: Kernels,
  start: Scalar,
  end: Scalar,
  steps: number,
  base: number,
  given: DType | null,
): Tensor {
  checkCount(steps);
  const dtype = given ?? k.defaultDtype;
  const out = k.empty([steps], dtype);
  if (steps === 1) k.fill(out, base ** start.number);
  if (steps < 2) return out;
  refuseBool("logspace_cpu", dtype);
  if (dtype === DType.f16) fail(`"logspace_cpu" not implemented for 'Half'`);
  const round = dtype === DType.f32 ? Math.fround : Number;
  const [from, to] = [round(held(start, dtype)), round(held(end, dtype))];
  const step = round(to - from) / (steps - 1);
  const halfway = Math.trunc(steps / 2);
  const values = Array.from({ length: steps }, (_, i) => {
    const power = base ** (i < halfway ? from + step * i : to - step * (steps - i - 1));
    return isFloat(dtype) ? power : toInt64(power);
  });
  k.core.write(out, values as number[] | bigint[]);
  return out;
}

/** As C on x86: what does not fit is the least int64. */
const toInt64 = (x: number): bigint => (Math.abs(x) < 2 ** 63 ? BigInt(Math.trunc(x)) : -(2n ** 63n));

/** As arange, with the end. */
function range(k: Kernels, start: Scalar, end: Scalar, step: Scalar, given: DType | null): Tensor {
  const dtype = given ?? k.defaultDtype;
  refuseBool("range_cpu", dtype);
  if (dtype === DType.f16) fail(`"range_cpu" not implemented for 'Half'`);
  const [from, to, by] = [held(start, dtype), held(end, dtype), held(step, dtype)];
  checkSteps(from, to, by, "lower");
  const count = Math.floor((end.number - start.number) / step.number) + 1;
  const out = k.empty([count], dtype);
  const values = Array.from({ length: count }, (_, i) => from + i * by);
  k.core.write(out, isFloat(dtype) ? values : values.map(BigInt));
  return out;
}

export const RANGES: readonly OpRow[] = [
  op({
    schema: "arange(Scalar start, Scalar end, Scalar step, *, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: arange,
    samples: [
      "torch.arange(5)",
      "torch.arange(0.3, 7.7, 0.37)",
      "torch.arange(1, 0, -0.1, dtype=torch.float64)",
    ],
  }),
  op({
    schema: "linspace(Scalar start, Scalar end, int steps, *, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: linspace,
    samples: [
      "torch.linspace(0, 1, 11)",
      "torch.linspace(-3, 7.7, 40)",
      "torch.linspace(0, 9, 4, dtype=torch.int64)",
    ],
  }),
  op({
    schema:
      "logspace(Scalar start, Scalar end, int steps, float base=10.0, *, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: logspace,
    samples: ["torch.logspace(0, 2, 5)", "torch.logspace(-1, 1, 4, base=2)"],
  }),
  op({
    schema: "range(Scalar start, Scalar end, Scalar step, *, ScalarType? dtype=None) -> Tensor",
    variants: "internal",
    forward: range,
    samples: ["torch.range(0, 3)", "torch.range(0.5, 9.3, 0.7)"],
  }),
];
