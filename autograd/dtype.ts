/** What the core's dtypes are called, how wide they are, what they hold, and how PyTorch promotes them: a dtype is a row here. */
import { DType } from "../assembly/shared/codes.ts";
import type { Dtype } from "../trace/schema.ts";

/** In the order of promotion. */
const KINDS = ["bool", "int", "float"] as const;
type Kind = (typeof KINDS)[number];

interface DtypeRow {
  readonly name: Dtype;
  /** Bytes an element. */
  readonly size: number;
  readonly kind: Kind;
  /** As in messages: `Float`, `torch.FloatTensor`, and in C++, as its source and as its compiler call it. */
  readonly scalarType: string;
  readonly tensorType: string;
  readonly cxx: readonly [source: string, compiled: string];
  /** The other names in Python. */
  readonly aliases: readonly string[];
  /** For one that the kernels do not compute with: the one that they take instead; results are rounded to it. */
  readonly computes?: DType;
  /** The largest number, and the least; of an integer exactly. */
  readonly max: number | bigint;
  readonly min: number | bigint;
  /** For floats: bits of the fraction, the leading one counted. */
  readonly digits?: number;
}

const called = (scalarType: string, tensorType = `torch.${scalarType}Tensor`) => ({ scalarType, tensorType });

const integer = (bits: bigint, signed = true): Pick<DtypeRow, "kind" | "size" | "max" | "min"> => ({
  kind: "int",
  size: Number(bits) / 8,
  max: signed ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n,
  min: signed ? -(2n ** (bits - 1n)) : 0n,
});

const float = (size: number, max: number, digits: number) =>
  ({ kind: "float", size, max, min: -max, digits }) as const;

const ROWS: { readonly [D in DType]: DtypeRow } = {
  [DType.f32]: {
    ...float(4, 3.4028234663852886e38, 24),
    name: "float32",
    ...called("Float"),
    cxx: ["float", "float"],
    aliases: ["float"],
  },
  [DType.f64]: {
    ...float(8, Number.MAX_VALUE, 53),
    name: "float64",
    ...called("Double"),
    cxx: ["double", "double"],
    aliases: ["double"],
  },
  [DType.i64]: {
    ...integer(64n),
    name: "int64",
    ...called("Long"),
    cxx: ["int64_t", "long int"],
    aliases: ["long"],
  },
  [DType.bool]: {
    name: "bool",
    size: 1,
    kind: "bool",
    max: 1n,
    min: 0n,
    ...called("Bool", "CPUBoolType"),
    cxx: ["bool", "bool"],
    aliases: [],
  },
  [DType.f16]: {
    ...float(2, 65504, 11),
    name: "float16",
    ...called("Half"),
    cxx: ["at::Half", "c10::Half"],
    aliases: ["half"],
    computes: DType.f32,
  },
  [DType.bf16]: {
    ...float(2, 3.3895313892515355e38, 8),
    name: "bfloat16",
    ...called("BFloat16", "CPUBFloat16Type"),
    cxx: ["at::BFloat16", "c10::BFloat16"],
    aliases: [],
    computes: DType.f32,
  },
  [DType.i32]: { ...integer(32n), name: "int32", ...called("Int"), cxx: ["int", "int"], aliases: ["int"] },
  [DType.i16]: {
    ...integer(16n),
    name: "int16",
    ...called("Short"),
    cxx: ["int16_t", "short int"],
    aliases: ["short"],
  },
  [DType.i8]: {
    ...integer(8n),
    name: "int8",
    ...called("Char"),
    cxx: ["int8_t", "signed char"],
    aliases: [],
  },
  [DType.u8]: {
    ...integer(8n, false),
    name: "uint8",
    ...called("Byte"),
    cxx: ["uint8_t", "unsigned char"],
    aliases: [],
  },
};

export const DTYPES: readonly DType[] = Object.keys(ROWS).map(Number) as DType[];
export const dtypeRow = (dtype: DType): DtypeRow => ROWS[dtype];
export const dtypeName = (dtype: DType): Dtype => ROWS[dtype].name;
export const dtypeSize = (dtype: DType): number => ROWS[dtype].size;
export const isFloat = (dtype: DType): boolean => ROWS[dtype].kind === "float";
export const isIntegral = (dtype: DType): boolean => ROWS[dtype].kind === "int";
/** The distance from 1 to the next number of a float dtype. */
export const epsilonOf = (dtype: DType): number => 2 ** (1 - (ROWS[dtype].digits ?? 24));
const rank = (dtype: DType): number => KINDS.indexOf(ROWS[dtype].kind);

/** Whether numbers of one dtype may be written into another in place: not from a higher kind to a lower. */
export const canCast = (from: DType, to: DType): boolean => rank(from) <= rank(to);

/** Whether a number is beyond what the dtype holds; a negative integer wraps around in one without a sign. */
export function overflows(value: number | bigint, dtype: DType): boolean {
  const { kind, min, max } = ROWS[dtype];
  if (kind === "bool" || (value >= min && value <= max)) return false;
  // A number without a fraction came as an int.
  if (min === 0n && value < 0 && -value <= max) return typeof value === "number" && !Number.isInteger(value);
  return kind === "int" || typeof value === "bigint" || Number.isFinite(value);
}

/** The smallest dtype that both fit in, by PyTorch's table. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  if (rank(a) !== rank(b)) return rank(a) > rank(b) ? a : b;
  if (dtypeSize(a) !== dtypeSize(b)) return dtypeSize(a) > dtypeSize(b) ? a : b;
  // Two of one size: float16 with bfloat16, int8 with uint8.
  return isFloat(a) ? DType.f32 : DType.i16;
}

/** What counts first in promotion: tensors with dimensions, zero-dimensional ones, Python numbers. */
export type Priority = 0 | 1 | 2;

/** PyTorch's result_type: operands of a lower priority count only where their kind is higher. */
export function promoted(
  operands: Iterable<readonly [dtype: DType, priority: Priority]>,
  defaultDtype: DType,
): DType {
  const groups: (DType | null)[] = [null, null, null];
  for (const [given, priority] of operands) {
    const dtype = priority === 2 && isFloat(given) ? defaultDtype : given;
    const before = groups[priority] ?? null;
    groups[priority] = before === null ? dtype : promoteTypes(before, dtype);
  }
  const [dimensioned = null, single = null, numbers = null] = groups;
  return combine(dimensioned, combine(single, numbers)) ?? defaultDtype;
}

function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null || lower === null) return higher ?? lower;
  return rank(lower) > rank(higher) ? promoteTypes(higher, lower) : higher;
}

interface Promotable {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly wrapped: boolean;
}

export const priorityOf = (t: Promotable): Priority => (t.wrapped ? 2 : t.shape.length === 0 ? 1 : 0);

export function resultType(operands: readonly Promotable[], defaultDtype: DType): DType {
  // Most are alike.
  const dtype = operands[0]?.dtype ?? defaultDtype;
  let alike = true;
  for (let i = 0; i < operands.length; i++) {
    const t = operands[i] as Promotable;
    if (t.dtype !== dtype || t.wrapped) alike = false;
  }
  if (alike) return dtype;
  return promoted(
    operands.map((t) => [t.dtype, priorityOf(t)]),
    defaultDtype,
  );
}
