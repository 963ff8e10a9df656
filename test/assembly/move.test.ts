/** Kernels that move elements: copy and conversion, fill, where, index, read and write. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeName } from "../../autograd/dtype.ts";
import { loadCore } from "../../autograd/wasm.ts";
import { builds } from "../support/core.ts";
import { isFloat, isInt, rounded, widthOf, wrap } from "./formats.ts";
import { ALL, Bench, cases, elements, layoutOf, numel, oneOf, positions, valuesOf } from "./tensors.ts";

type Value = number | bigint;

/** PyTorch's `.to`. */
function converted(value: Value, to: DType): Value {
  switch (to) {
    case DType.f32:
      // int64 goes to float32 in one rounding.
      return typeof value === "bigint" ? nearestFloat(value) : Math.fround(value);
    case DType.f64:
      return Number(value);
    case DType.f16:
    case DType.bf16:
      return rounded(to, Number(converted(value, DType.f32)));
    case DType.bool:
      return Number(Number(value) !== 0);
    case DType.i64:
    case DType.u8:
      return wrap(to, typeof value === "bigint" ? value : whole(value, 63));
    default:
      return wrap(to, typeof value === "bigint" ? value : whole(value, 31));
  }
}

/** As the processor: what does not fit is the least integer of that many bits. */
function whole(value: number, bits: number): bigint {
  const cut = Math.trunc(value);
  return cut >= -(2 ** bits) && cut < 2 ** bits ? BigInt(cut) : -(2n ** BigInt(bits));
}

function nearestFloat(value: bigint): number {
  const size = value < 0n ? -value : value;
  const bits = size.toString(2).length;
  if (bits <= 24) return Number(value);
  const shift = BigInt(bits - 24);
  let whole = size >> shift;
  const rest = size - (whole << shift);
  const half = 1n << (shift - 1n);
  if (rest > half || (rest === half && whole & 1n)) whole++;
  return Number(value < 0n ? -(whole << shift) : whole << shift);
}

describe.each(builds)("%s", (_, bytes) => {
  const core = loadCore(bytes);
  const bench = new Bench(core);

  for (const from of ALL) {
    for (const to of ALL) {
      test(`copy converts ${dtypeName(from)} to ${dtypeName(to)} in every layout`, () => {
        fc.assert(
          fc.property(cases([from], to), ({ shape, out, inputs: [a] }) => {
            const x = bench.tensor(from, shape, a?.layout, a?.values);
            const o = bench.tensor(to, shape, out.layout);
            core.copy(o, x);
            expect(elements(core, o)).toEqual(elements(core, x).map((value) => converted(value, to)));
            bench.done();
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  for (const dtype of ALL) {
    const name = dtypeName(dtype);

    test(`copy of ${name} transposes large matrices`, () => {
      const values = Array.from({ length: 70 * 45 }, (_, i) => (isInt(dtype) ? BigInt(i % 99) : i % 2));
      const a = bench.tensor(dtype, [70, 45], undefined, values);
      const out = bench.tensor(dtype, [45, 70]);
      core.copy(out, { ...a, shape: [45, 70], strides: [1, 45] });
      const wanted = [...positions([45, 70])].map(([i, j]) => values[(j as number) * 45 + (i as number)]);
      expect(elements(core, out)).toEqual(wanted);
      bench.done();
    });

    test(`where of ${name} chooses in every layout`, () => {
      fc.assert(
        fc.property(cases([DType.bool, dtype, dtype], dtype), ({ shape, out, inputs: [c, a, b] }) => {
          const condition = bench.tensor(DType.bool, shape, c?.layout, c?.values);
          const x = bench.tensor(dtype, shape, a?.layout, a?.values);
          const y = bench.tensor(dtype, shape, b?.layout, b?.values);
          const o = bench.tensor(dtype, shape, out.layout);
          core.where(o, condition, x, y);
          const [left, right] = [elements(core, x), elements(core, y)];
          const wanted = elements(core, condition).map((on, i) => (on ? left[i] : right[i]));
          expect(elements(core, o)).toEqual(wanted);
          bench.done();
        }),
        { numRuns: 60 },
      );
    });

    test(`fill of ${name} writes every element and no other byte`, () => {
      fc.assert(
        fc.property(cases([], dtype), oneOf(dtype), ({ shape, out }, value) => {
          const o = bench.tensor(dtype, shape, out.layout);
          const block = o.ptr - out.layout.offset * widthOf(dtype);
          const before = core.bytes.slice(block, block + out.layout.count * widthOf(dtype));
          core.fill(o, value);
          for (const element of elements(core, o)) expect(element).toBe(converted(value, dtype));
          const own = new Set<number>();
          for (const p of positions(shape)) {
            const at = out.layout.offset + p.reduce((sum, x, d) => sum + x * (o.strides[d] as number), 0);
            for (let i = 0; i < widthOf(dtype); i++) own.add(at * widthOf(dtype) + i);
          }
          before.forEach((byte, i) => {
            if (!own.has(i)) expect(core.bytes[block + i]).toBe(byte);
          });
          bench.done();
        }),
        { numRuns: 40 },
      );
    });

    test(`read gives ${name} in row-major order in every layout, item the first of them`, () => {
      fc.assert(
        fc.property(cases([dtype], dtype), ({ shape, inputs: [a] }) => {
          const x = bench.tensor(dtype, shape, a?.layout, a?.values);
          const wanted = elements(core, x);
          expect([...core.read(x)]).toEqual(wanted);
          if (wanted.length > 0) expect(core.item(x)).toBe(wanted[0]);
          bench.done();
        }),
        { numRuns: 60 },
      );
    });

    test(`write converts numbers and bigints to ${name}`, () => {
      const data = [0, 1, -1, 2.75, -2.75, Number.NaN, Infinity, 1e300, 7n, -7n, 2n ** 62n, 0n];
      const out = bench.tensor(dtype, [data.length]);
      core.write(out, data);
      expect(elements(core, out)).toEqual(data.map((value) => converted(value, dtype)));
      bench.done();
    });

    const along = fc
      .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 })
      .chain((shape) =>
        fc.record({ shape: fc.constant(shape), axis: fc.integer({ min: 0, max: shape.length - 1 }) }),
      )
      .chain(({ shape, axis }) => {
        const size = shape[axis] as number;
        return fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 7 }).chain((index) => {
          const picked = shape.map((n, i) => (i === axis ? index.length : n));
          return fc.record({
            shape: fc.constant(shape),
            picked: fc.constant(picked),
            axis: fc.constant(axis),
            index: fc.constant(index),
            indexLayout: layoutOf([index.length], false),
            whole: layoutOf(shape, false),
            part: layoutOf(picked, false),
            wholeValues: valuesOf(dtype, numel(shape)),
            partValues: valuesOf(dtype, numel(picked)),
          });
        });
      });

    const at = (shape: readonly number[], position: readonly number[]): number =>
      position.reduce((sum, p, d) => sum * (shape[d] as number) + p, 0);

    test(`indexSelect of ${name} takes the positions in every layout`, () => {
      fc.assert(
        fc.property(along, ({ shape, picked, axis, index, indexLayout, whole, part, wholeValues }) => {
          const a = bench.tensor(dtype, shape, whole, wholeValues);
          const out = bench.tensor(dtype, picked, part);
          const positionsAt = bench.tensor(DType.i64, [index.length], indexLayout, index.map(BigInt));
          core.indexSelect(out, a, axis, positionsAt);
          const wanted = [...positions(picked)].map(
            (p) =>
              wholeValues[
                at(
                  shape,
                  p.map((x, d) => (d === axis ? (index[x] as number) : x)),
                )
              ],
          );
          expect(elements(core, out)).toEqual(wanted);
          bench.done();
        }),
        { numRuns: 60 },
      );
    });

    // In the kernels' order: position by position along the axis.
    const rows = [
      ["indexAdd", "adds each row to its position, twice where it is named twice", plus],
      ["indexPut", "puts each row at its position, the last where it is named twice", last],
    ] as const;
    test.each(rows)(`%s of ${name} %s`, (kernel, _, join) => {
      fc.assert(
        fc.property(
          along,
          ({ shape, picked, axis, index, indexLayout, whole, part, wholeValues, partValues }) => {
            const out = bench.tensor(dtype, shape, whole, wholeValues);
            const a = bench.tensor(dtype, picked, part, partValues);
            const positionsAt = bench.tensor(DType.i64, [index.length], indexLayout, index.map(BigInt));
            core[kernel](out, axis, positionsAt, a);
            const wanted = [...wholeValues];
            const order = [...positions(picked)].map((p, i) => ({ p, value: partValues[i] as Value }));
            order.sort((x, y) => (x.p[axis] as number) - (y.p[axis] as number));
            for (const { p, value } of order) {
              const to = at(
                shape,
                p.map((x, d) => (d === axis ? (index[x] as number) : x)),
              );
              wanted[to] = join(dtype, wanted[to] as Value, value);
            }
            expect(elements(core, out)).toEqual(wanted);
            bench.done();
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  test.each([-1n, 3n, 2n ** 40n])(
    "a position of %s on an axis of 3 is refused before anything is written",
    (bad) => {
      const a = bench.tensor(DType.f32, [3], undefined, [1, 2, 3]);
      const out = bench.tensor(DType.f32, [2], undefined, [7, 7]);
      const index = bench.tensor(DType.i64, [2], undefined, [0n, bad]);
      expect(() => core.indexSelect(out, a, 0, index)).toThrow("index out of range");
      expect(() => core.indexAdd(a, 0, index, out)).toThrow("index out of range");
      expect(() => core.indexPut(a, 0, index, out)).toThrow("index out of range");
      expect([elements(core, out), elements(core, a)]).toEqual([
        [7, 7],
        [1, 2, 3],
      ]);
      bench.done();
    },
  );

  test("more than 64 dimensions are refused", () => {
    const shape = new Array(65).fill(1);
    const a = bench.tensor(DType.f32, shape, undefined, [1]);
    expect(() => core.copy(a, a)).toThrow("65 dimensions");
    bench.done();
  });

  test("nothing is left allocated", () => expect(core.allocated).toBe(0));
});

function plus(dtype: DType, a: Value, b: Value): Value {
  if (isFloat(dtype)) return rounded(dtype, Number(a) + Number(b));
  return isInt(dtype) ? wrap(dtype, BigInt(a) + BigInt(b)) : Number(a) | Number(b);
}

function last(_: DType, __: Value, b: Value): Value {
  return b;
}
