/** Reductions over any axes at every dtype and layout against plain JavaScript, and the accuracy of float sums. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgReduce, DType, Reduce } from "../../assembly/shared/codes.ts";
import type { Strided } from "../../autograd/core.ts";
import { dtypeName } from "../../autograd/dtype.ts";
import { loadCore } from "../../autograd/wasm.ts";
import { builds } from "../support/core.ts";
import { isInt, rounded, wrap } from "./formats.ts";
import { rounder } from "./reference.ts";
import {
  Bench,
  contiguous,
  elements,
  FLOATS,
  layoutOf,
  NUMBERS,
  numel,
  positions,
  valuesOf,
} from "./tensors.ts";

type Value = number | bigint;

const REDUCES: readonly Reduce[] = [Reduce.sum, Reduce.prod, Reduce.max, Reduce.min, Reduce.any, Reduce.all];
/** What norms add, for floats only. */
const SIZES: readonly Reduce[] = [Reduce.sizes, Reduce.squares, Reduce.inOrder];
const shapes: fc.Arbitrary<number[]> = fc.oneof(
  fc.constantFrom<number[][]>(
    [],
    [1],
    [300],
    [0],
    [2, 0, 3],
    [40, 17],
    [17, 40],
    [3, 150, 2],
    [3, 70, 20],
    [2, 1500],
    [70, 33],
    [1, 5, 1],
  ),
  fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
);

/** Exact in integers; in doubles for floats, which the caller compares within a bound. */
function expected(op: Reduce, dtype: DType, group: readonly Value[]): Value {
  if (op === Reduce.any) return Number(group.some(Boolean) || group.some((x) => Number.isNaN(x)));
  if (op === Reduce.all) return Number(group.every((x) => x || Number.isNaN(x)));
  if (isInt(dtype)) {
    const values = group as bigint[];
    if (op === Reduce.sum)
      return wrap(
        dtype,
        values.reduce((a, b) => a + b, 0n),
      );
    if (op === Reduce.prod) return values.reduce((a, b) => wrap(dtype, a * b), 1n);
    return values.reduce((a, b) => ((op === Reduce.max ? a < b : b < a) ? b : a));
  }
  const values = group as number[];
  if (op === Reduce.sum) return exactSum(values);
  if (op === Reduce.prod) return values.reduce((a, b) => a * b, 1);
  return op === Reduce.max ? Math.max(...values) : Math.min(...values);
}

/** The largest product of any choice of the values. */
function growth(group: readonly Value[]): number {
  return group.reduce((product: number, x) => product * Math.max(1, Math.abs(Number(x))), 1);
}

/** Neumaier's sum: what rounding loses is added at the end. */
function exactSum(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}

/** The values that fall into each element of the keepdim output, row-major. */
function groups(a: Strided, values: readonly Value[], axes: readonly number[]): Value[][] {
  const kept = a.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const { strides } = contiguous(kept);
  const result: Value[][] = Array.from({ length: numel(kept) }, () => []);
  let i = 0;
  for (const p of positions(a.shape)) {
    const at = p.reduce((sum, x, d) => sum + (axes.includes(d) ? 0 : x * (strides[d] as number)), 0);
    result[at]?.push(values[i++] as Value);
  }
  return result;
}

function expectClose(dtype: DType, op: Reduce, got: Value, group: readonly Value[]): void {
  const wanted = expected(op, dtype, group);
  if (typeof wanted === "bigint" || op > Reduce.prod || dtype === DType.bool) {
    expect(got === 0 ? 0 : got, `${Reduce[op]} of ${group.slice(0, 9)}`).toBe(wanted === 0 ? 0 : wanted);
    return;
  }
  const rounded = rounder(dtype)(wanted);
  if (!Number.isFinite(rounded) || !Number.isFinite(Number(got))) {
    // Where partial results overflow, infinities of both signs may meet in another order.
    const size =
      op === Reduce.sum ? group.reduce((sum: number, x) => sum + Math.abs(Number(x)), 0) : growth(group);
    const tame = size < (dtype === DType.f32 ? 1e38 : 1e308);
    if (tame || group.some((x) => Number.isNaN(x)))
      expect(got, `${Reduce[op]} of ${group.slice(0, 9)}`).toBe(rounded);
    return;
  }
  const epsilon = dtype === DType.f32 ? 2 ** -24 : 2 ** -53;
  const scale =
    op === Reduce.sum ? group.reduce((sum: number, x) => sum + Math.abs(Number(x)), 0) : Math.abs(wanted);
  const tiny = dtype === DType.f32 ? 1e-37 : 1e-300;
  if (op === Reduce.prod && group.some((x) => Math.abs(Number(x)) < 1e-3)) return;
  // A sum goes through four levels of 16 additions, four sums side by side and the 8 parts of a vector.
  const bound = op === Reduce.sum ? 4 * 16 + 4 + 8 : group.length + 2;
  expect(
    Math.abs(Number(got) - wanted),
    `${Reduce[op]} of ${group.slice(0, 9)}: ${got} for ${wanted}`,
  ).toBeLessThanOrEqual(bound * epsilon * scale + tiny);
}

describe.each(builds)("%s", (_, bytes) => {
  const core = loadCore(bytes);
  const bench = new Bench(core);

  for (const dtype of [...NUMBERS, DType.bool]) {
    for (const op of REDUCES) {
      const result = op >= Reduce.any ? DType.bool : dtype;
      if (dtype === DType.bool && op <= Reduce.prod) {
        test(`${Reduce[op]} of bool is refused by name`, () => {
          const a = bench.tensor(dtype, [2], undefined, [1, 0]);
          expect(() => core.reduce(op, bench.tensor(dtype, [1]), a, [0])).toThrow(
            `no ${Reduce[op]} for bool`,
          );
          bench.done();
        });
        continue;
      }
      const property = shapes.chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          values: valuesOf(dtype, numel(shape)),
          layout: layoutOf(shape, true),
          axes: fc.subarray(shape.map((_, i) => i)),
        }),
      );
      test(`${Reduce[op]} of ${dtypeName(dtype)} over any axes is right in every layout`, () => {
        fc.assert(
          fc.property(property, ({ shape, values, layout, axes }) => {
            const a = bench.tensor(dtype, shape, layout, values);
            const out = bench.tensor(
              result,
              shape.map((size, i) => (axes.includes(i) ? 1 : size)),
            );
            const empty = shape.includes(0) && !out.shape.includes(0);
            if (empty && (op === Reduce.max || op === Reduce.min)) {
              expect(() => core.reduce(op, out, a, axes)).toThrow(`${Reduce[op]} over no elements`);
            } else {
              core.reduce(op, out, a, axes);
              const got = elements(core, out);
              groups(a, elements(core, a), axes).forEach((group, i) => {
                expectClose(dtype, op, got[i] as Value, group);
              });
            }
            bench.done();
          }),
          { numRuns: 80 },
        );
      });
    }
  }

  for (const dtype of FLOATS) {
    test.each(SIZES)(`%s of ${dtypeName(dtype)} over any axes is a sum of sizes in every layout`, (op) => {
      const values = [3, -4, 0.5, -2, 1, 7, -0.25, 6, -5, 0, 9, -8, 2];
      const shape = [2, 3, 13];
      const all = Array.from({ length: numel(shape) }, (_, i) => values[(i * 5) % 13] as number);
      for (const axes of [[0], [1], [2], [0, 2], [0, 1, 2]]) {
        const a = bench.tensor(dtype, shape, undefined, all);
        const out = bench.tensor(
          dtype,
          shape.map((size, i) => (axes.includes(i) ? 1 : size)),
        );
        core.reduce(op, out, a, axes);
        const size =
          { [Reduce.sizes]: Math.abs, [Reduce.squares]: (x: number) => x * x }[op as number] ?? Number;
        const wanted = groups(a, all, axes).map((group) =>
          group.reduce((sum: number, x) => sum + size(Number(x)), 0),
        );
        expect(elements(core, out).map(Number)).toEqual(wanted);
        bench.done();
      }
    });
  }

  for (const dtype of NUMBERS) {
    for (const op of [ArgReduce.max, ArgReduce.min]) {
      const property = shapes
        .filter((shape) => shape.length > 0)
        .chain((shape) =>
          fc.record({
            shape: fc.constant(shape),
            values: valuesOf(dtype, numel(shape)),
            layout: layoutOf(shape, true),
            axis: fc.integer({ min: 0, max: shape.length - 1 }),
          }),
        );
      test(`arg${ArgReduce[op]} of ${dtypeName(dtype)} is the first extreme, or the first NaN`, () => {
        fc.assert(
          fc.property(property, ({ shape, values, layout, axis }) => {
            const a = bench.tensor(dtype, shape, layout, values);
            const out = bench.tensor(
              DType.i64,
              shape.map((size, i) => (i === axis ? 1 : size)),
            );
            if (shape[axis] === 0 && !out.shape.includes(0)) {
              expect(() => core.argReduce(op, out, a, axis)).toThrow("size 0");
            } else {
              core.argReduce(op, out, a, axis);
              const got = elements(core, out);
              groups(a, elements(core, a), [axis]).forEach((group, i) => {
                const nan = group.findIndex((x) => Number.isNaN(x));
                const best = group.reduce((x, y) => ((op === ArgReduce.max ? x < y : y < x) ? y : x));
                const wanted = nan >= 0 ? nan : group.indexOf(best);
                expect(got[i], `${group}`).toBe(BigInt(wanted));
              });
            }
            bench.done();
          }),
          { numRuns: 80 },
        );
      });
    }
  }

  // A plain loop over a million float32 tenths is off by 1 in 1000; by halves the error is in the last places.
  for (const dtype of FLOATS) {
    test.each([
      ["the last axis", [1, 1_000_000], 1],
      ["the first axis", [1_000_000, 1], 0],
      ["the outer of two axes", [250_000, 4], 0],
      ["the inner of two axes", [4, 250_000], 1],
    ] as const)(`a long ${dtypeName(dtype)} sum over %s keeps its digits`, (_, shape, axis) => {
      const count = numel(shape);
      const a = bench.tensor(dtype, shape);
      core.fill(a, 0.1);
      const out = bench.tensor(
        dtype,
        shape.map((size, i) => (i === axis ? 1 : size)),
      );
      core.reduce(Reduce.sum, out, a, [axis]);
      const each = (rounder(dtype)(0.1) * count) / numel(out.shape);
      for (const value of elements(core, out)) {
        expect(Math.abs(Number(value) / each - 1)).toBeLessThan(dtype === DType.f32 ? 1e-6 : 1e-14);
      }
      bench.done();
    });
  }

  for (const dtype of [DType.f16, DType.bf16])
    test.each([
      ["sum", Reduce.sum],
      ["prod", Reduce.prod],
      ["max", Reduce.max],
    ] as const)(`a %s over ${dtypeName(dtype)} is that over float32, rounded once`, (_, op) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 200 }), valuesOf(dtype, 200), (count, values) => {
          const a = bench.tensor(dtype, [count], undefined, values.slice(0, count));
          const single = bench.tensor(DType.f32, [count], undefined, values.slice(0, count));
          const [out, wanted] = [bench.tensor(dtype, [1]), bench.tensor(DType.f32, [1])];
          core.reduce(op, out, a, [0]);
          core.reduce(op, wanted, single, [0]);
          expect(elements(core, out)).toEqual(elements(core, wanted).map((x) => rounded(dtype, Number(x))));
          bench.done();
        }),
        { numRuns: 60 },
      );
    });

  test("nothing is left allocated", () => expect(core.allocated).toBe(0));
});
