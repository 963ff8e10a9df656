/** Batched matrix products at every layout and many sizes against plain JavaScript. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DType } from "../../assembly/shared/codes.ts";
import { dtypeName } from "../../autograd/dtype.ts";
import { loadCore } from "../../autograd/wasm.ts";
import { builds } from "../support/core.ts";
import { isInt, wrap } from "./formats.ts";
import { Bench, elements, layoutOf, NUMBERS, numel } from "./tensors.ts";

/** Small sizes, and those just around the edges of a tile. */
const size = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(7, 8, 9, 12, 15, 16, 17, 33));
const batch = fc.integer({ min: 0, max: 3 });

const sizes = fc.tuple(batch, size, size, size);

function small(dtype: DType, count: number): fc.Arbitrary<(number | bigint)[]> {
  const few = fc.bigInt({ min: dtype === DType.u8 ? 0n : -99n, max: 99n });
  const one = isInt(dtype) ? few : fc.integer({ min: -64, max: 64 });
  return fc.array(one as fc.Arbitrary<number | bigint>, { minLength: count, maxLength: count });
}

describe.each(builds)("%s", (_, bytes) => {
  const core = loadCore(bytes);
  const bench = new Bench(core);

  for (const dtype of NUMBERS) {
    const property = sizes.chain(([b, m, n, k]) =>
      fc.record({
        sizes: fc.constant([b, m, n, k] as const),
        out: layoutOf([b, m, n], false),
        left: layoutOf([b, m, k], true),
        right: layoutOf([b, k, n], true),
        x: small(dtype, b * m * k),
        y: small(dtype, b * k * n),
      }),
    );
    // Small whole numbers, so that every order of summation gives the same float.
    test(`bmm of ${dtypeName(dtype)} is right in every layout`, () => {
      fc.assert(
        fc.property(property, ({ sizes: [b, m, n, k], out, left, right, x, y }) => {
          const p = bench.tensor(dtype, [b, m, k], left, x);
          const q = bench.tensor(dtype, [b, k, n], right, y);
          const o = bench.tensor(dtype, [b, m, n], out);
          core.bmm(o, p, q);
          const got = elements(core, o);
          const [u, v] = [elements(core, p).map(Number), elements(core, q).map(Number)];
          for (let at = 0; at < numel(o.shape); at++) {
            const z = Math.floor(at / (m * n));
            const i = Math.floor(at / n) % m;
            const j = at % n;
            let sum = 0;
            for (let s = 0; s < k; s++) {
              sum += (u[(z * m + i) * k + s] as number) * (v[(z * k + s) * n + j] as number);
            }
            expect(Number(got[at]), `[${z}, ${i}, ${j}] of ${b}x${m}x${k} @ ${k}x${n}`).toBe(
              isInt(dtype) ? Number(wrap(dtype, BigInt(sum))) : sum,
            );
          }
          bench.done();
        }),
        { numRuns: 150 },
      );
    });
  }

  test("bmm adds one product after the other, over all blocks", () => {
    const [m, n, k] = [5, 530, 1100];
    const some = (count: number): number[] =>
      Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i * 1.7)));
    const [x, y] = [some(m * k), some(k * n)];
    const p = bench.tensor(DType.f32, [1, m, k], undefined, x);
    const q = bench.tensor(DType.f32, [1, k, n], undefined, y);
    const o = bench.tensor(DType.f32, [1, m, n], undefined);
    core.bmm(o, p, q);
    elements(core, o).forEach((value, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let s = 0; s < k; s++) {
        const product = Math.fround((x[i * k + s] as number) * (y[s * n + j] as number));
        sum = Math.fround(sum + product);
      }
      expect(value, `[${i}, ${j}]`).toBe(sum);
    });
    bench.done();
  });

  test("bmm wraps int64 around", () => {
    const a = bench.tensor(DType.i64, [1, 1, 2], undefined, [2n ** 62n, 2n ** 62n]);
    const b = bench.tensor(DType.i64, [1, 2, 1], undefined, [1n, 1n]);
    const out = bench.tensor(DType.i64, [1, 1, 1]);
    core.bmm(out, a, b);
    expect(elements(core, out)).toEqual([-(2n ** 63n)]);
    bench.done();
  });

  test("bmm carries NaN and infinity into their own row and column only", () => {
    const n = 11;
    const values = Array.from({ length: n * n }, (_, i) =>
      i === 5 * n + 7 ? Number.NaN : i === 2 * n ? Infinity : 1,
    );
    const a = bench.tensor(DType.f32, [1, n, n], undefined, values);
    const ones = bench.tensor(DType.f32, [1, n, n]);
    core.fill(ones, 1);
    const out = bench.tensor(DType.f32, [1, n, n]);
    core.bmm(out, a, ones);
    elements(core, out).forEach((value, i) => {
      const row = Math.floor(i / n);
      expect(value).toBe(row === 5 ? Number.NaN : row === 2 ? Infinity : n);
    });
    bench.done();
  });

  test("bmm of bool is refused by name", () => {
    const a = bench.tensor(DType.bool, [1, 1, 1], undefined, [1]);
    expect(() => core.bmm(a, a, a)).toThrow("no bmm for bool");
    bench.done();
  });

  test("nothing is left allocated", () => expect(core.allocated).toBe(0));
});
