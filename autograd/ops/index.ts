/** All op rows, by family. An op is added in its family's file and nowhere else. */
import { Generator } from "../random.ts";
import type { Op, OpRow } from "../row.ts";
import { type ArgType, parseSchema, Scalar } from "../schema.ts";
import { Tensor } from "../tensor.ts";
import { ACTIVATION } from "./activation.ts";
import { ADAPTIVE } from "./adaptive.ts";
import { aliasRows } from "./aliases.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { ARRANGING } from "./arranging.ts";
import { BAGS } from "./bags.ts";
import { BILINEAR } from "./bilinear.ts";
import { COMPARISON } from "./comparison.ts";
import { CONVOLUTION } from "./convolution.ts";
import { COPYING } from "./copying.ts";
import { COUNTING } from "./counting.ts";
import { CREATION } from "./creation.ts";
import { CTC } from "./ctc.ts";
import { DECOMPOSITIONS } from "./decompositions.ts";
import { DETERMINANTS } from "./determinants.ts";
import { DIAGONALS } from "./diagonals.ts";
import { DISTANCES } from "./distances.ts";
import { DIVISION } from "./division.ts";
import { DROPOUT } from "./dropout.ts";
import { EXTREMES } from "./extremes.ts";
import { FACTORS } from "./factors.ts";
import { FOLDING } from "./folding.ts";
import { FUNCTIONS } from "./functions.ts";
import { GAMMAS } from "./gammas.ts";
import { GRIDS } from "./grids.ts";
import { INDEXING } from "./indexing.ts";
import { JOINING } from "./joining.ts";
import { LIKELIHOOD } from "./likelihood.ts";
import { LINALG } from "./linalg.ts";
import { LOSS } from "./loss.ts";
import { MARGINS } from "./margins.ts";
import { NEURAL } from "./neural.ts";
import { NORMALIZATION } from "./normalization.ts";
import { NORMS } from "./norms.ts";
import { NUMERIC } from "./numeric.ts";
import { ORTHOGONAL } from "./orthogonal.ts";
import { PACKING } from "./packing.ts";
import { PADDING } from "./padding.ts";
import { PAIRS } from "./pairs.ts";
import { PARTS } from "./parts.ts";
import { PLACING } from "./placing.ts";
import { POINTWISE } from "./pointwise.ts";
import { POOLING } from "./pooling.ts";
import { PRODUCTS } from "./products.ts";
import { RANDOM } from "./random.ts";
import { RANGES } from "./ranges.ts";
import { RANKS } from "./ranks.ts";
import { RECURRENT } from "./recurrent.ts";
import { REDUCTION } from "./reduction.ts";
import { RESAMPLING } from "./resampling.ts";
import { RESIZING } from "./resizing.ts";
import { SCATTERING } from "./scattering.ts";
import { SHAPE } from "./shape.ts";
import { SHRINKING } from "./shrinking.ts";
import { SLICING } from "./slicing.ts";
import { SOLVING } from "./solving.ts";
import { SPECIAL } from "./special.ts";
import { SPECTRA } from "./spectra.ts";
import { STATISTICS } from "./statistics.ts";
import { SUMS } from "./sums.ts";
import { DETACHED_COPY, viewCopyRows } from "./viewcopies.ts";
import { VIEWING } from "./viewing.ts";
import { WEIGHT_NORM } from "./weightnorm.ts";

const FAMILIES: readonly (readonly OpRow[])[] = [
  ARITHMETIC,
  DIVISION,
  POINTWISE,
  FUNCTIONS,
  NUMERIC,
  SPECIAL,
  ORTHOGONAL,
  COMPARISON,
  REDUCTION,
  EXTREMES,
  STATISTICS,
  RANKS,
  SUMS,
  COUNTING,
  LINALG,
  PRODUCTS,
  NORMS,
  PAIRS,
  SOLVING,
  FACTORS,
  DETERMINANTS,
  DECOMPOSITIONS,
  SPECTRA,
  SHAPE,
  SLICING,
  VIEWING,
  ARRANGING,
  COPYING,
  RESIZING,
  JOINING,
  INDEXING,
  PLACING,
  PARTS,
  SCATTERING,
  CREATION,
  RANDOM,
  GAMMAS,
  DROPOUT,
  RANGES,
  DIAGONALS,
  NEURAL,
  RECURRENT,
  PACKING,
  ACTIVATION,
  SHRINKING,
  LOSS,
  LIKELIHOOD,
  MARGINS,
  DISTANCES,
  CTC,
  NORMALIZATION,
  CONVOLUTION,
  POOLING,
  ADAPTIVE,
  PADDING,
  RESAMPLING,
  GRIDS,
  FOLDING,
  BAGS,
  BILINEAR,
  WEIGHT_NORM,
];

function table(): Op[] {
  const ops: Op[] = [];
  const add = (row: OpRow, text: string, inplace: boolean): void => {
    const schema = parseSchema(text);
    const key = schema.overload === "" ? schema.name : `${schema.name}.${schema.overload}`;
    ops.push({ index: ops.length, key, schema, row, inplace });
  };
  const families = FAMILIES.flat();
  const rows = [...families, ...viewCopyRows(families), DETACHED_COPY];
  for (const row of [...rows, ...aliasRows(rows)]) {
    add(row, row.schema, row.inplace === "only");
    if (row.inplace === true)
      add(
        row,
        row.schema.replace(/^\w+/, (name: string) => `${name}_`),
        true,
      );
  }
  return ops;
}

/** Every op, in the order of its index. */
export const OPS: readonly Op[] = table();

const BY_NAME = new Map<string, Op[]>();
for (const entry of OPS) {
  for (const name of new Set([entry.key, entry.schema.name]))
    BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), entry]);
}

/** Every overload of a name. */
export const opsCalled = (name: string): readonly Op[] => BY_NAME.get(name) ?? [];

/** The op of that name whose schema the values fit; overloads are tried in the order of the table. */
export function opNamed(name: string, args: readonly unknown[]): Op {
  for (const candidate of opsCalled(name)) if (fits(candidate, args)) return candidate;
  throw new ReferenceError(`no op "${name}" that takes ${args.length} such arguments`);
}

const isNumber = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "boolean" || value instanceof Scalar;

function fits({ schema: { args: expected } }: Op, args: readonly unknown[]): boolean {
  if (args.length > expected.length) return false;
  for (let i = 0; i < expected.length; i++) {
    const { type, default: fallback } = expected[i] as (typeof expected)[number];
    const value = args[i];
    if (value === undefined ? fallback === undefined : !isOf(type, value)) return false;
  }
  return true;
}

function isOf(type: ArgType, value: unknown): boolean {
  if (value === null) return type.includes("?");
  switch (type) {
    case "Tensor":
    case "Tensor?":
      return value instanceof Tensor;
    case "Tensor|Scalar":
      return value instanceof Tensor || isNumber(value);
    case "Tensor[]":
    case "Tensor?[]":
    case "bool[]":
    case "float[]?":
      return Array.isArray(value);
    case "int[]":
    case "int[1]":
    case "int[2]":
    case "int[3]":
    case "int[]?":
      return Array.isArray(value) || isNumber(value);
    case "Generator?":
      return value instanceof Generator;
    case "str":
    case "str?":
      return typeof value === "string";
    default:
      return isNumber(value);
  }
}
