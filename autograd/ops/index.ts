/** All op rows, by family. An op is added in its family's file and nowhere else. */
import { Generator } from "../random.ts";
import type { Op, OpRow } from "../row.ts";
import { parseSchema, Scalar } from "../schema.ts";
import { Tensor } from "../tensor.ts";
import { ACTIVATION } from "./activation.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { ARRANGING } from "./arranging.ts";
import { COMPARISON } from "./comparison.ts";
import { CONVOLUTION } from "./convolution.ts";
import { COPYING } from "./copying.ts";
import { CREATION } from "./creation.ts";
import { DIAGONALS } from "./diagonals.ts";
import { DIVISION } from "./division.ts";
import { DROPOUT } from "./dropout.ts";
import { EXTREMES } from "./extremes.ts";
import { FUNCTIONS } from "./functions.ts";
import { INDEXING } from "./indexing.ts";
import { JOINING } from "./joining.ts";
import { LIKELIHOOD } from "./likelihood.ts";
import { LINALG } from "./linalg.ts";
import { LOSS } from "./loss.ts";
import { NEURAL } from "./neural.ts";
import { NORMALIZATION } from "./normalization.ts";
import { POINTWISE } from "./pointwise.ts";
import { POOLING } from "./pooling.ts";
import { RANDOM } from "./random.ts";
import { RANGES } from "./ranges.ts";
import { REDUCTION } from "./reduction.ts";
import { SHAPE } from "./shape.ts";
import { SLICING } from "./slicing.ts";
import { STATISTICS } from "./statistics.ts";

const FAMILIES: readonly (readonly OpRow[])[] = [
  ARITHMETIC,
  DIVISION,
  POINTWISE,
  FUNCTIONS,
  COMPARISON,
  REDUCTION,
  EXTREMES,
  STATISTICS,
  LINALG,
  SHAPE,
  SLICING,
  ARRANGING,
  COPYING,
  JOINING,
  INDEXING,
  CREATION,
  RANDOM,
  DROPOUT,
  RANGES,
  DIAGONALS,
  NEURAL,
  ACTIVATION,
  LOSS,
  LIKELIHOOD,
  NORMALIZATION,
  CONVOLUTION,
  POOLING,
];

function table(): Op[] {
  const ops: Op[] = [];
  const add = (row: OpRow, text: string, inplace: boolean): void => {
    const schema = parseSchema(text);
    const key = schema.overload === "" ? schema.name : `${schema.name}.${schema.overload}`;
    ops.push({ index: ops.length, key, schema, row, inplace });
  };
  for (const row of FAMILIES.flat()) {
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
  const found = opsCalled(name).find((candidate) => fits(candidate, args));
  if (found === undefined)
    throw new ReferenceError(`no op "${name}" that takes ${args.length} such arguments`);
  return found;
}

function fits({ schema }: Op, args: readonly unknown[]): boolean {
  return (
    args.length <= schema.args.length &&
    schema.args.every(({ type, default: fallback }, i) => {
      const value = args[i];
      if (value === undefined) return fallback !== undefined;
      if (value === null) return type.includes("?");
      const isNumber = typeof value === "number" || typeof value === "boolean" || value instanceof Scalar;
      if (type === "Tensor" || type === "Tensor?") return value instanceof Tensor;
      if (type === "Tensor|Scalar") return value instanceof Tensor || isNumber;
      if (type === "Tensor[]" || type === "Tensor?[]") return Array.isArray(value);
      if (type.startsWith("int[")) return Array.isArray(value) || isNumber;
      if (type === "Generator?") return value instanceof Generator;
      if (type.startsWith("str")) return typeof value === "string";
      return isNumber;
    })
  );
}
