/** What the core's dtypes are called, how wide they are, and how PyTorch promotes them. */
import { DType } from "../assembly/shared/codes.ts";
import type { Dtype } from "../trace/schema.ts";

interface DtypeRow {
  readonly name: Dtype;
  /** Bytes an element. */
  readonly size: number;
  /** Order of promotion: bool 0, integers 1, floats 2. */
  readonly category: number;
  /** As in messages: `torch.FloatTensor`, `Float`. */
  readonly tensorType: string;
  readonly scalarType: string;
}

const ROWS: { readonly [D in DType]: DtypeRow } = {
  [DType.f32]: {
    name: "float32",
    size: 4,
    category: 2,
    tensorType: "torch.FloatTensor",
    scalarType: "Float",
  },
  [DType.f64]: {
    name: "float64",
    size: 8,
    category: 2,
    tensorType: "torch.DoubleTensor",
    scalarType: "Double",
  },
  [DType.i64]: { name: "int64", size: 8, category: 1, tensorType: "torch.LongTensor", scalarType: "Long" },
  [DType.bool]: { name: "bool", size: 1, category: 0, tensorType: "torch.BoolTensor", scalarType: "Bool" },
};

export const dtypeRow = (dtype: DType): DtypeRow => ROWS[dtype];
export const dtypeName = (dtype: DType): Dtype => ROWS[dtype].name;
export const dtypeSize = (dtype: DType): number => ROWS[dtype].size;
export const isFloat = (dtype: DType): boolean => ROWS[dtype].category === 2;

/** The smallest dtype that both fit in, by PyTorch's table for equal priority. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const [low, high] = ROWS[a].category <= ROWS[b].category ? [a, b] : [b, a];
  if (ROWS[low].category < ROWS[high].category) return high;
  return ROWS[low].size >= ROWS[high].size ? low : high;
}

interface Promotable {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly wrapped: boolean;
}

/**
 * PyTorch's result_type: tensors with dimensions decide, then zero-dimensional ones, then Python numbers; a
 * lower group counts only where its category is higher.
 */
export function resultType(operands: readonly Promotable[], defaultDtype: DType): DType {
  const groups: (DType | null)[] = [null, null, null];
  for (const t of operands) {
    const group = t.wrapped ? 2 : t.shape.length === 0 ? 1 : 0;
    const dtype = t.wrapped && isFloat(t.dtype) ? defaultDtype : t.dtype;
    const before = groups[group] ?? null;
    groups[group] = before === null ? dtype : promoteTypes(before, dtype);
  }
  let result: DType | null = null;
  for (const dtype of groups) {
    if (dtype === null) continue;
    if (result === null) result = dtype;
    else if (ROWS[dtype].category > ROWS[result].category) result = promoteTypes(result, dtype);
  }
  return result ?? defaultDtype;
}
