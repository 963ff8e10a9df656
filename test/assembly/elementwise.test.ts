/** Every elementwise op at every dtype and layout against plain JavaScript. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import type { Core } from "../../autograd/core.ts";
import { dtypeName } from "../../autograd/dtype.ts";
import { loadCore } from "../../autograd/wasm.ts";
import { builds } from "../support/core.ts";
import { isFloat, isInt, isStored, wrap } from "./formats.ts";
import {
  BINARY_BOOL,
  BINARY_INT,
  binaryFloat,
  rounder,
  stepsRounder,
  UNARY_BOOL,
  UNARY_FLOAT,
  UNARY_INT,
  ulps,
} from "./reference.ts";
import { ALL, Bench, cases, elements } from "./tensors.ts";

const codes = (of: object): number[] => Object.values(of).filter((x) => typeof x === "number");
const UNARY_TO_BOOL = new Set<Unary>([Unary.logicalNot, Unary.isnan, Unary.isinf]);

/** Units in the last place by which a float may differ; all other ops are exact. */
const UNARY_BOUND: { readonly [op in Unary]?: number } = {
  [Unary.exp]: 1,
  [Unary.log]: 1,
  [Unary.sin]: 2,
  [Unary.cos]: 2,
  [Unary.tanh]: 2,
  [Unary.expMixed]: 1,
  [Unary.logSingle]: 1,
  [Unary.logMixed]: 1,
  [Unary.sigmoid]: 3,
  [Unary.log2]: 2,
  [Unary.log10]: 2,
  [Unary.log1p]: 2,
  [Unary.expm1]: 2,
  [Unary.tan]: 4,
  [Unary.asin]: 2,
  [Unary.acos]: 2,
  [Unary.atan]: 2,
  [Unary.sinh]: 2,
  [Unary.cosh]: 2,
  [Unary.asinh]: 2,
  [Unary.acosh]: 2,
  [Unary.atanh]: 2,
  [Unary.erf]: 12,
};
const BINARY_BOUND: { readonly [op in Binary]?: number } = {
  [Binary.pow]: 1,
  [Binary.powScalar]: 1,
  [Binary.atan2]: 2,
};

type Value = number | bigint;

/** Comparisons give numbers, which stay. */
const held = (dtype: DType, x: Value): Value => (typeof x === "bigint" ? wrap(dtype, x) : x);

/** Where a kernel's last places may differ, what is rounded from them may by one. */
const boundOf = (dtype: DType, bound = 0): number => (isStored(dtype) ? Math.min(bound, 1) : bound);

function unaryExpected(op: Unary, dtype: DType): ((a: Value) => Value) | undefined {
  const round = rounder(dtype);
  // As PyTorch's own kernel, rounded in between.
  const step = dtype === DType.bf16 && op === Unary.rsqrt ? round : stepsRounder(dtype);
  if (isFloat(dtype)) return (a) => round(UNARY_FLOAT[op](Number(a), step));
  if (!isInt(dtype)) return UNARY_BOOL[op] as ((a: Value) => Value) | undefined;
  const exact = UNARY_INT[op];
  return exact && ((a) => held(dtype, exact(a as bigint)));
}

function binaryExpected(op: Binary, dtype: DType): ((a: Value, b: Value) => Value) | undefined {
  const round = rounder(dtype);
  const step = stepsRounder(dtype);
  if (isFloat(dtype))
    return binaryFloat(op, 1, 1, step) === null
      ? undefined
      : (a, b) => round(binaryFloat(op, Number(a), Number(b), step) ?? Number.NaN);
  if (!isInt(dtype)) return BINARY_BOOL[op] as ((a: Value, b: Value) => Value) | undefined;
  const exact = BINARY_INT[op];
  return exact && ((a, b) => held(dtype, exact(a as bigint, b as bigint)));
}

function expectEqual(dtype: DType, got: Value, wanted: Value, bound: number, of: string): void {
  if (!isFloat(dtype)) expect(got, of).toBe(wanted);
  else
    expect(ulps(dtype, Number(got), Number(wanted)), `${of}: ${got} for ${wanted}`).toBeLessThanOrEqual(
      bound,
    );
}

describe.each(builds)("%s", (_, bytes) => {
  const core: Core = loadCore(bytes);
  const bench = new Bench(core);

  for (const dtype of ALL) {
    for (const op of codes(Unary) as Unary[]) {
      const expected = unaryExpected(op, dtype);
      const result = UNARY_TO_BOOL.has(op) ? DType.bool : dtype;
      if (expected === undefined) {
        test(`${Unary[op]} of ${dtypeName(dtype)} is refused by name`, () => {
          const a = bench.tensor(dtype, [2], undefined, isInt(dtype) ? [1n, 2n] : [1, 0]);
          const out = bench.tensor(result, [2]);
          expect(() => core.unary(op, out, a)).toThrow(
            `the core has no ${Unary[op]} for ${dtypeName(isStored(dtype) ? DType.f32 : dtype)}`,
          );
          bench.done();
        });
        continue;
      }
      test(`${Unary[op]} of ${dtypeName(dtype)} is right in every layout`, () => {
        fc.assert(
          fc.property(cases([dtype], result), ({ shape, out, inputs: [a] }) => {
            const x = bench.tensor(dtype, shape, a?.layout, a?.values);
            const o = bench.tensor(result, shape, out.layout);
            core.unary(op, o, x);
            const got = elements(core, o);
            elements(core, x).forEach((value, i) => {
              const wanted = expected(value);
              expectEqual(
                result,
                got[i] as Value,
                wanted,
                boundOf(dtype, UNARY_BOUND[op]),
                `${Unary[op]}(${value})`,
              );
            });
            bench.done();
          }),
          { numRuns: 60 },
        );
      });
    }

    for (const op of codes(Binary) as Binary[]) {
      const expected = binaryExpected(op, dtype);
      const result = op >= Binary.eq ? DType.bool : dtype;
      if (expected === undefined) {
        test(`${Binary[op]} of ${dtypeName(dtype)} is refused by name`, () => {
          const a = bench.tensor(dtype, [2], undefined, isInt(dtype) ? [1n, 2n] : [1, 0]);
          const out = bench.tensor(result, [2]);
          expect(() => core.binary(op, out, a, a)).toThrow(
            `the core has no ${Binary[op]} for ${dtypeName(isStored(dtype) ? DType.f32 : dtype)}`,
          );
          bench.done();
        });
        continue;
      }
      test(`${Binary[op]} of ${dtypeName(dtype)} is right in every layout`, () => {
        fc.assert(
          fc.property(cases([dtype, dtype], result), ({ shape, out, inputs: [a, b] }) => {
            const x = bench.tensor(dtype, shape, a?.layout, a?.values);
            const y = bench.tensor(dtype, shape, b?.layout, b?.values);
            const o = bench.tensor(result, shape, out.layout);
            core.binary(op, o, x, y);
            const got = elements(core, o);
            const right = elements(core, y);
            elements(core, x).forEach((left, i) => {
              const wanted = expected(left, right[i] as Value);
              const of = `${Binary[op]}(${left}, ${right[i]})`;
              expectEqual(result, got[i] as Value, wanted, boundOf(dtype, BINARY_BOUND[op]), of);
            });
            bench.done();
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  test("an output may be its own input", () => {
    const a = bench.tensor(
      DType.f32,
      [3, 7],
      undefined,
      Array.from({ length: 21 }, (_, i) => i - 10),
    );
    core.binary(Binary.mul, a, a, a);
    core.unary(Unary.neg, a, a);
    expect(elements(core, a)).toEqual(Array.from({ length: 21 }, (_, i) => -((i - 10) ** 2)));
    bench.done();
  });

  test("nothing is left allocated", () => expect(core.allocated).toBe(0));
});
