/** Running a row's forward: where its tensors are float16 or bfloat16, on float32 copies, so that only the result is rounded. */
import type { DType } from "../assembly/shared/codes.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { TorchError } from "./errors.ts";
import type { Kernels } from "./kernels.ts";
import { refuseLacking } from "./lacking.ts";
import { laidAs } from "./order.ts";
import type { Op, Primitive } from "./row.ts";
import type { ArgValue } from "./schema.ts";
import { isContiguous, Tensor } from "./tensor.ts";

type AnyPrimitive = Primitive<string>;
type Result = Tensor | readonly (Tensor | null)[];

export function runForward(k: Kernels, op: Op, args: readonly ArgValue[]): Result {
  try {
    const result = computed(k, op, args);
    refuseLacking(k, op, args);
    return laidOut(k, op, args, result);
  } catch (error) {
    // PyTorch comes to the kernel before it sees what is wrong with numbers and dtypes; or the core has no kernel either.
    if (!(error instanceof TorchError) || OF_DTYPES.test(error.message)) refuseLacking(k, op, args);
    throw error;
  }
}

/** What is worked out element by element lies as its inputs do; in place, what is given is written into the input. */
function laidOut(k: Kernels, op: Op, args: readonly ArgValue[], result: Result): Result {
  if ((op.row as AnyPrimitive).elementwise !== true || op.inplace) return result;
  let contiguous = true;
  for (const value of args) if (value instanceof Tensor && !isContiguous(value)) contiguous = false;
  if (contiguous) return result;
  const operands = args.filter((value) => value instanceof Tensor);
  if (result instanceof Tensor) return laidAs(k, result, operands);
  return result.map((t) => (t === null ? null : laidAs(k, t, operands)));
}

function computed(k: Kernels, op: Op, args: readonly ArgValue[]): Result {
  const row = op.row as AnyPrimitive;
  const dtype = roundedDtype(op, row, args);
  return dtype === null ? (row.forward(k, ...(args as never)) as Result) : rounded(k, op, row, args, dtype);
}

function rounded(k: Kernels, op: Op, row: AnyPrimitive, args: readonly ArgValue[], dtype: DType): Result {
  const wide = dtypeRow(dtype).computes as DType;
  const originals = new Map<Tensor, Tensor>();
  const widened = (t: Tensor): Tensor => {
    if (t.dtype !== dtype) return t;
    const copy = k.cast(t, wide);
    originals.set(copy, t);
    return copy;
  };
  // A dtype that the caller asks for is kept; its own stands for the wider one while computing.
  const asked = args.find((_, i) => op.schema.args[i]?.type === "ScalarType?") ?? null;
  const narrowed = <T extends Tensor | null>(t: T): T | Tensor => {
    if (t === null || t.dtype !== wide || (asked !== null && asked !== dtype)) return t;
    return originals.get(t) ?? k.cast(t, dtype);
  };
  const widest = args.map((value, i) => {
    const { type, name } = op.schema.args[i] as Op["schema"]["args"][number];
    if (type === "ScalarType?") return value === dtype ? wide : value;
    // What a batch norm remembers is changed in place.
    if (name.startsWith("running_")) return value;
    if (value instanceof Tensor) return widened(value);
    if (!type.startsWith("Tensor")) return value;
    return Array.isArray(value) ? value.map((t) => (t instanceof Tensor ? widened(t) : t)) : value;
  });
  const result = row.forward(k, ...(widest as never)) as Result;
  return result instanceof Tensor ? narrowed(result) : result.map(narrowed);
}

const OF_DTYPES =
  /not implemented for|ZeroDivisionError|expected scalar type|should be the same|without overflow/;

/** Positions and masks have dtypes of their own. */
const APART = /^(index|indices|target|offsets|mask|condition)$/;

/** The dtype, if it is a rounded one, that the tensors among the arguments share. */
function roundedDtype(op: Op, row: AnyPrimitive, args: readonly ArgValue[]): DType | null {
  if (row.view === true || row.reshapesSelf === true || row.rounds === "each") return null;
  // The first tensor of a dtype of its own settles it, most of the time.
  const [first] = args;
  if (
    first instanceof Tensor &&
    !first.wrapped &&
    isFloat(first.dtype) &&
    dtypeRow(first.dtype).computes === undefined
  )
    return null;
  let found: DType | null = null;
  for (const [i, value] of args.entries()) {
    if (typeof value !== "object" || value === null) continue;
    for (const t of value instanceof Tensor ? [value] : Array.isArray(value) ? value : []) {
      if (!(t instanceof Tensor) || t.wrapped) continue;
      if (!isFloat(t.dtype) && APART.test(op.schema.args[i]?.name ?? "")) continue;
      if (dtypeRow(t.dtype).computes === undefined || (found !== null && found !== t.dtype)) return null;
      found = t.dtype;
    }
  }
  return op.schema.args.some(({ type }) => type === "Generator?") ? null : found;
}
