/** Which types PyTorch's CPU kernels do not exist for, as scripts/pytorch-lacking.py found it, and the error that says so. */
import { DType } from "../assembly/shared/codes.ts";
import { dtypeRow } from "./dtype.ts";
import { fail } from "./errors.ts";
import { type Kernels, normalDim } from "./kernels.ts";
import LACKING from "./lacking.json" with { type: "json" };
import type { Op } from "./row.ts";
import type { ArgValue } from "./schema.ts";
import { Tensor } from "./tensor.ts";

type ByKernel = Readonly<Record<string, readonly string[]>>;
const BY_OP: Readonly<Record<string, ByKernel>> = LACKING;

const lastDim =
  (kernel: string) =>
  ([self, dim]: readonly ArgValue[]): string => {
    const ndim = (self as Tensor).shape.length;
    const last = normalDim(dim as number, ndim) === Math.max(ndim - 1, 0);
    return last ? `${kernel}_lastdim_kernel_impl` : "softmax_kernel_impl";
  };

/** Where an op has several kernels: which one a call takes. */
const CHOICE: Readonly<Record<string, (args: readonly ArgValue[]) => string>> = {
  clamp: ([, min, max]) =>
    max === null ? "clamp_min_cpu" : min === null ? "clamp_max_scalar_cpu" : "clamp_scalar_cpu",
  aminmax: ([self, dim]) => (dim === null && (self as Tensor).dtype === DType.bf16 ? "" : "aminmax_cpu"),
  _softmax: lastDim("softmax"),
  _log_softmax: lastDim("log_softmax"),
  "clamp.Tensor": ([, min, max]) => (min === null || max === null ? "" : "clamp_cpu"),
  "histogram.bin_ct": ([self, , range]) =>
    range === null ? "histogramdd" : (self as Tensor).dtype === DType.bool ? "linspace_cpu" : "histogram_cpu",
  "round.decimals": ([, decimals]) => (decimals === 0 ? "round_vml_cpu" : "round_cpu"),
  "div.Tensor_mode": ([, , mode]) => (mode === "floor" ? "div_floor_cpu" : ""),
  convolution: ([, , , stride, , dilation, transposed]) => {
    const deep = (stride as readonly number[]).length === 3;
    if (transposed) return `slow_conv_transpose${deep ? 3 : 2}d_out_cpu`;
    if ((dilation as readonly number[]).some((n) => n !== 1)) return "slow_conv_dilated<>";
    return deep ? "compute_columns3d" : "slow_conv2d_cpu";
  },
  polygamma: ([n]) => (n === 0 ? "digamma" : n === 1 ? "trigamma" : "polygamma"),
};

/** Kernels for operands of several dtypes, which are promoted first; others go by their first tensor's. */
const PROMOTES = /^(addcmul|addcdiv|clamp\.Tensor|lerp|pow|huber|mse_|smooth_l1|special_.*polynomial)/;

interface Lacking {
  readonly key: string;
  readonly kernels: ByKernel;
  /** None of its kernels lacks float32 or float64, and no other dtype is asked for. */
  readonly hasFloats: boolean;
  /** Whether operands of several dtypes are promoted first. */
  readonly promotes: boolean;
}
const known = new Map<Op, Lacking | null>();

function lackingOf(op: Op): Lacking | null {
  let found = known.get(op);
  if (found === undefined) {
    const plain = op.key in BY_OP ? op.key : op.key.replace(/^(\w+?)_(?=$|\.)/, "$1");
    // `arcsinh_` is a row of its own, with the kernel of `asinh`.
    const key = plain in BY_OP ? plain : plain.replace(/^arc/, "a");
    const kernels = op.schema.args.some(({ type }) => type === "Generator?") ? undefined : BY_OP[key];
    const hasFloats =
      kernels !== undefined &&
      !Object.values(kernels).some((types) => types.includes("Float") || types.includes("Double")) &&
      !op.schema.args.some(({ type }) => type === "ScalarType?");
    const promotes = PROMOTES.test(op.key) || op.schema.args.some(({ name }) => name === "other");
    found = kernels === undefined ? null : { key, kernels, hasFloats, promotes };
    known.set(op, found);
  }
  return found;
}

const isFloatOrPlain = (value: ArgValue): boolean =>
  value instanceof Tensor ? value.dtype === DType.f32 || value.dtype === DType.f64 : !Array.isArray(value);

/** PyTorch's error where its kernel for the op does not exist for the tensors' dtype; it has checked their shapes before. */
export function refuseLacking(k: Kernels, op: Op, args: readonly ArgValue[]): void {
  const lacking = lackingOf(op);
  if (lacking === null || (lacking.hasFloats && args.every(isFloatOrPlain))) return;
  const { key, kernels, promotes } = lacking;
  const tensors = args.filter((value) => value instanceof Tensor);
  // PyTorch returns before it comes to the kernel.
  if (key !== "dot" && tensors.some((t) => t.numel === 0)) return;
  const asked = args.find((value, i) => value !== null && op.schema.args[i]?.type === "ScalarType?");
  const own = promotes ? k.resultType(...tensors) : (tensors[0] as Tensor).dtype;
  const { scalarType } = dtypeRow((asked as DType | undefined) ?? own);
  const kernel = CHOICE[key]?.(args) ?? (Object.keys(kernels)[0] as string);
  if (kernels[kernel]?.includes(scalarType)) fail(`"${kernel}" not implemented for '${scalarType}'`);
}
